"""What each planted habit, and each look-alike, leaves in the tables: seen without any detector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

import polars as pl
import pytest

from crmusage.testing import SCENARIOS, Simulation, simulate

Figure = Callable[[pl.DataFrame, pl.DataFrame], float]


@lru_cache(maxsize=32)
def small(scenario: str) -> Simulation:
    return simulate(scenario, seed=5, departments=8, months=15, opportunities=2_400)


def of_unit(scenario: str, figure: Figure) -> tuple[float, float]:
    """A figure of the unit in question since the habit began, and of all others over the same time."""
    simulation = small(scenario)
    (one,) = (*simulation.truth.planted, *simulation.truth.look_alikes)
    since = getattr(one, "since", dt.date(2000, 1, 1))
    cases = simulation.tables["cases"].filter(pl.col("created_at").dt.date() >= since)
    events = simulation.tables["events"].join(
        cases.select("case_id", "closed_at", "created_at"), on="case_id"
    )
    mine = cases["unit"] == one.unit
    ids = cases.filter(mine)["case_id"].implode()
    return (
        figure(cases.filter(mine), events.filter(pl.col("case_id").is_in(ids))),
        figure(cases.filter(~mine), events.filter(~pl.col("case_id").is_in(ids))),
    )


def pushes(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    """Changes of close dates a day that a deal is open."""
    end = small("none").as_of
    days = (cases["closed_at"].fill_null(end) - cases["created_at"]).dt.total_days().sum()
    return events.filter(pl.col("activity") == "close_date_changed").height / days


def at_quarter_ends(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    """Of the changes of close dates, those in the last week of a quarter."""
    changed = events.filter(pl.col("activity") == "close_date_changed")["at"].dt.date()
    left = (changed.dt.offset_by("7d").dt.quarter() != changed.dt.quarter()).mean()
    assert isinstance(left, float)
    return left


def at_month_ends(days: pl.Series) -> float:
    return float((days.dt.offset_by("3d").dt.month() != days.dt.month()).mean() or 0.0)


def planned_for_month_end(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    return at_month_ends(cases.filter(pl.col("closed_at").is_null())["close_date"])


def closed_at_month_end(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    return at_month_ends(cases["closed_at"].drop_nulls().dt.date())


def overdue(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    open_ = cases.filter(pl.col("closed_at").is_null())
    return float((open_["close_date"] < small("none").as_of.date()).mean() or 0.0)


def edited(origin: str) -> Figure:
    def figure(cases: pl.DataFrame, events: pl.DataFrame) -> float:
        late = events.filter(
            (pl.col("activity") == "amount_changed")
            & (pl.col("origin") == origin)
            & (pl.col("at") > pl.col("closed_at").dt.offset_by("1d"))
        )
        return late["case_id"].n_unique() / cases["closed_at"].drop_nulls().len()

    return figure


STAGES = ("qualification", "discovery", "proposal", "negotiation")


def skipped(origin: str) -> Figure:
    def figure(cases: pl.DataFrame, events: pl.DataFrame) -> float:
        places = {stage: place for place, stage in enumerate(STAGES)}
        moves = events.filter((pl.col("activity") == "stage_changed") & (pl.col("origin") == origin))
        step = moves.select(
            "case_id",
            by=pl.col("new").replace_strict(places, default=None)
            - pl.col("old").replace_strict(places, default=None),
        ).drop_nulls()
        return step.filter(pl.col("by") > 1)["case_id"].n_unique() / max(step["case_id"].n_unique(), 1)

    return figure


def silent(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    """Of the open deals, those in which nothing has happened for a quarter of a year."""
    open_ = cases.filter(pl.col("closed_at").is_null())
    last = events.group_by("case_id").agg(pl.col("at").max())
    ages = open_.join(last, on="case_id").select((pl.lit(small("none").as_of) - pl.col("at")).dt.total_days())
    return float((ages.to_series() > 90).mean() or 0.0)


def stood(outcome: str, stage: str) -> Figure:
    """Of the deals that ended so, those that stood in a stage after three quarters of their life."""

    def figure(cases: pl.DataFrame, events: pl.DataFrame) -> float:
        ended = cases.filter(
            (pl.col("outcome") == outcome)
            & (pl.col("closed_at") - pl.col("created_at") > pl.duration(days=14))
        )
        look = pl.col("created_at") + (pl.col("closed_at") - pl.col("created_at")) * 0.75
        before = events.filter((pl.col("activity") == "stage_changed") & (pl.col("at") <= look)).sort("at")
        last = ended.select("case_id").join(
            before.group_by("case_id").agg(pl.col("new").last()), on="case_id", how="left"
        )
        return float((last["new"].fill_null(STAGES[0]) == stage).mean() or 0.0)

    return figure


def won(cases: pl.DataFrame, events: pl.DataFrame) -> float:
    return float((cases["outcome"].drop_nulls() == "won").mean() or 0.0)


MORE = [
    ("close-date-push", pushes, 2.0),
    ("period-end-redating", at_quarter_ends, 2.0),
    ("date-heaping", planned_for_month_end, 3.0),
    ("month-end-contracts", closed_at_month_end, 3.0),
    ("overdue-open", overdue, 1.2),
    ("legacy-import", overdue, 1.2),
    ("post-close-edit", edited("ui"), 10.0),
    ("invoice-sync", edited("automation"), 10.0),
    ("stage-skipping", skipped("ui"), 4.0),
    ("quote-tool", skipped("automation"), 10.0),
    ("stale-pipeline", silent, 1.5),
    ("sandbagging", stood("won", STAGES[0]), 5.0),
    ("happy-ears", stood("lost", STAGES[3]), 2.0),
    ("strong-sellers", won, 1.5),
]


@pytest.mark.parametrize(("scenario", "figure", "times"), MORE, ids=[name for name, _, _ in MORE])
def test_the_unit_shows_it_so_many_times_more_than_the_others(
    scenario: str, figure: Figure, times: float
) -> None:
    mine, others = of_unit(scenario, figure)
    assert mine >= times * others
    assert mine > 0.005


@pytest.mark.parametrize(
    ("scenario", "figure"),
    [
        ("invoice-sync", edited("ui")),
        ("quote-tool", skipped("ui")),
        ("strong-sellers", stood("won", STAGES[0])),
    ],
)
def test_a_look_alike_does_not_do_by_hand_what_it_looks_like(scenario: str, figure: Figure) -> None:
    mine, others = of_unit(scenario, figure)
    assert mine <= others + 0.1


def test_sales_three_times_as_long_are_put_off_as_often_a_month() -> None:
    def days(cases: pl.DataFrame, events: pl.DataFrame) -> float:
        return float((cases["closed_at"] - cases["created_at"]).dt.total_days().median() or 0.0)

    mine, others = of_unit("long-projects", days)
    assert mine > 1.7 * others
    mine, others = of_unit("long-projects", pushes)
    assert mine < 1.3 * others


def test_a_monthly_review_falls_on_every_end_of_a_month() -> None:
    def at_ends(cases: pl.DataFrame, events: pl.DataFrame) -> float:
        return at_month_ends(events.filter(pl.col("activity") == "close_date_changed")["at"].dt.date())

    mine, others = of_unit("monthly-review", at_ends)
    assert mine > 2 * others


def test_every_scenario_that_a_detector_is_to_find_names_one_that_there_is() -> None:
    from crmusage.detectors import BUILT_IN

    assert {one.code for one in SCENARIOS.values() if one.code} <= {one.code for one in BUILT_IN}


def test_what_is_planted_in_one_department_leaves_the_others_as_they_are() -> None:
    honest = small("none").tables["cases"]
    for scenario in ("stage-skipping", "date-heaping", "post-close-edit"):
        simulation = small(scenario)
        (planted,) = simulation.truth.planted
        columns = ["created_at", "closed_at", "outcome", "unit", "amount", "close_date", "stage"]
        left, right = (
            cases.filter(pl.col("unit") != planted.unit).select(columns)
            for cases in (honest, simulation.tables["cases"])
        )
        assert left.equals(right)
