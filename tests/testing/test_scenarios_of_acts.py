"""What the scenarios of logging and of workarounds leave in the tables: seen without any detector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest

from crmusage.testing import SCENARIOS, simulate
from crmusage.testing._scenarios_logging import SCENARIOS_OF_LOGGING
from crmusage.testing._scenarios_workarounds import SCENARIOS_OF_WORKAROUNDS

Figure = Callable[[pl.DataFrame], float]


def _mean(frame: pl.DataFrame, what: pl.Expr) -> float:
    return float(frame.select(what.cast(pl.Float64).mean()).item() or 0.0)


def _of(*activities: str) -> pl.Expr:
    return pl.col("activity").is_in(activities)


def _monday_morning(instant: str) -> pl.Expr:
    return (pl.col(instant).dt.weekday() == 1) & pl.col(instant).dt.hour().is_between(8, 11)


def _share(which: pl.Expr, what: pl.Expr) -> Figure:
    return lambda events: _mean(events.filter(which), what)


def _per_case(which: pl.Expr, what: pl.Expr, *, more: float) -> Figure:
    def figure(events: pl.DataFrame) -> float:
        return _mean(events.filter(which).group_by("case_id").agg(value=what), pl.col("value") > more)

    return figure


def _after_the_same(least: int, most: int) -> Figure:
    """Calls after another one of the same deal, by so many seconds."""

    def figure(events: pl.DataFrame) -> float:
        gap = pl.col("at").diff().over("case_id").dt.total_seconds()
        return _mean(events.filter(_of("call")).sort("case_id", "at"), gap.is_between(least, most))

    return figure


def _clicked(events: pl.DataFrame) -> float:
    gap = pl.col("at").diff().over("case_id").dt.total_seconds()
    return _mean(events.filter(_of("stage_changed")).sort("case_id", "at"), gap.is_between(60, 240))


def _on_one_day(events: pl.DataFrame) -> float:
    days = events.filter(_of("call"))["recorded_at"].dt.date()
    return float(days.value_counts()["count"].max()) / len(days)  # type: ignore[arg-type]


def _by_one(events: pl.DataFrame) -> float:
    others = events.filter(_of("stage_changed") & (pl.col("actor") != pl.col("owner")))
    of_one = others.group_by("unit", "actor").len().group_by("unit").agg(pl.col("len").max())["len"].sum()
    return of_one / events.filter(_of("stage_changed")).height


_LAG = pl.col("recorded_at") - pl.col("at")
_TAKES = pl.col("closed_at") - pl.col("created_at")
FIGURES: dict[str, tuple[Figure, float]] = {
    "meeting-eve-logging": (_share(_of("stage_changed"), _monday_morning("at")), 2.0),
    "monday-calls": (
        _share(_of("call"), _monday_morning("at") & (pl.lit(dt.timedelta(hours=2)) > _LAG)),
        3.0,
    ),
    "batch-logging": (_share(_of("call"), pl.lit(dt.timedelta(days=3)) < _LAG), 5.0),
    "imported-calls": (_on_one_day, 5.0),
    "proxy-entry": (_by_one, 3.0),
    "shared-customers": (_share(_of("stage_changed"), pl.col("actor") != pl.col("owner")), 3.0),
    "frequent-activity": (_per_case(_of("amount_changed"), pl.len(), more=6), 5.0),
    "large-customers": (_per_case(_of("call", "email", "meeting"), pl.len(), more=8), 3.0),
    "repeated-activity": (_after_the_same(60, 1200), 5.0),
    "saved-twice": (_after_the_same(0, 0), 5.0),
    "rare-role": (_share(_of("amount_changed"), pl.col("profile") == "manager"), 3.0),
    "many-hands": (_per_case(pl.lit(True), pl.col("actor").n_unique(), more=3), 3.0),
    "odd-hours": (_share(_of("updated"), ~pl.col("at").dt.hour().is_between(4, 19)), 5.0),
    "late-shift": (_share(_of("updated"), pl.col("at").dt.hour().is_between(11, 22)), 5.0),
    "early-step": (
        _share(_of("quote_sent"), (pl.col("at") - pl.col("created_at")) < pl.lit(dt.timedelta(minutes=30))),
        5.0,
    ),
    "rushed-step": (_clicked, 5.0),
    "rushed-case": (_share(_of("won", "lost"), pl.lit(dt.timedelta(hours=2)) > _TAKES), 5.0),
}
"""What is measured of the department in which it is planted, and how many times that of the others it is at least."""


def test_every_scenario_is_measured() -> None:
    assert set(FIGURES) == {one.name for one in (*SCENARIOS_OF_LOGGING, *SCENARIOS_OF_WORKAROUNDS)}
    assert set(FIGURES) <= set(SCENARIOS)


@pytest.mark.parametrize("scenario", FIGURES)
def test_it_leaves_its_trace_in_the_department_and_nowhere_else(scenario: str) -> None:
    simulation = simulate(scenario, seed=3, departments=8, months=15, opportunities=2_000)
    (one,) = (*simulation.truth.planted, *simulation.truth.look_alikes)
    since = getattr(one, "since", dt.date(2000, 1, 1))
    cases = simulation.tables["cases"].select("case_id", "owner", "created_at", "closed_at", of="unit")
    people = simulation.tables["people"].select(actor="person_id", profile="profile")
    events = (
        simulation.tables["events"]
        .join(cases.filter(pl.col("created_at").dt.date() >= since), on="case_id")
        .join(people, on="actor", how="left")
        .filter(pl.col("unit").is_not_null())
    )
    figure, times = FIGURES[scenario]
    there, elsewhere = (
        figure(events.filter(is_there)) for is_there in (pl.col("of") == one.unit, pl.col("of") != one.unit)
    )
    assert there > max(times * elsewhere, 0.02)
