"""What others would look for in the same history, so that a benchmark can set it beside what crmusage finds.

    from baselines import BASELINES
    named = BASELINES["isolation forest on unit aggregates"](history)      # units, each with the reasons

Every baseline takes a history and names units. They are written as plainly as their authors describe them, with none of
crmusage's statistics:

- SWORD (van der Waal et al. 2024, Putting the SWORD to the Test): ten of its patterns, each a value of every case or event; what lies
  more than three standard deviations from the mean is flagged. The framework flags cases and leaves the rest to an expert; to have units, one
  is named when it has more flagged ones than the others by Fisher's exact test, at 5 % for each pattern, as it stands or divided by the
  number of tests (Bonferroni).
- |z| > 3: figures of each unit (as a controller would put them into a sheet), and whoever is more than three standard deviations of the units
  from their mean in one of them.
- An isolation forest (Liu, Ting and Zhou 2008, scikit-learn) on the same sheet, with its usual settings.

    python benchmarks/baselines.py                # what they name in a company in which nothing is planted
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs
import numpy as np
import polars as pl
from scipy import stats

from crmusage.history import History

DEVIATIONS = 3.0
"""The usual screen."""
LEVEL = 0.05
RARE = 3.0
"""Residuals of a table of activities and profiles below minus this: that profile seldom does that."""

Named = Mapping[str, tuple[str, ...]]
"""Units, and what each is named for."""


@attrs.frozen(eq=False)
class Flagged:
    """One pattern, and for each case or event that it looks at its unit and whether it is flagged."""

    pattern: str
    units: np.ndarray
    flagged: np.ndarray


def sword(history: History, *, corrected: bool = False, deviations: float = DEVIATIONS) -> Named:
    """Units with more cases or events beyond the mean by so many standard deviations than the others have.

    Args:
        history: cases and events; patterns whose columns it lacks are passed over.
        corrected: whether the level is divided by the number of tests.
        deviations: how far from the mean is flagged.
    """
    tests: list[tuple[str, str, float]] = []
    for one in _patterns(history, deviations):
        units, place = np.unique(one.units, return_inverse=True)
        n, hits = np.bincount(place), np.bincount(place, weights=one.flagged)
        # One-sided Fisher: so many flagged ones or more in the unit, were they dealt out by chance.
        p = stats.hypergeom.sf(hits - 1, n.sum(), hits.sum(), n)
        tests += [(str(unit), one.pattern, float(value)) for unit, value in zip(units, p, strict=True)]
    level = LEVEL / max(len(tests), 1) if corrected else LEVEL
    return _by_unit((unit, pattern) for unit, pattern, p in tests if p < level)


def z_screen(history: History, *, limit: float = DEVIATIONS) -> Named:
    """Units that are more than so many standard deviations of the units from their mean, in any figure."""
    units, names, table = unit_sheet(history)
    z = _standardised(table)
    return _by_unit(
        (units[row], names[column]) for row, column in zip(*np.nonzero(np.abs(z) > limit), strict=True)
    )


def isolation_forest(history: History, *, seed: int = 0) -> Named:
    """Units that an isolation forest calls outliers on the sheet of the units' figures.

    Raises:
        SystemExit: when scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError as error:
        raise SystemExit("the isolation forest needs scikit-learn: pip install scikit-learn") from error
    units, _, table = unit_sheet(history)
    if len(units) < 2:
        return {}
    told = IsolationForest(random_state=seed).fit_predict(_standardised(table))
    return _by_unit((unit, "all figures") for unit, one in zip(units, told, strict=True) if one == -1)


BASELINES: Mapping[str, Callable[[History], Named]] = MappingProxyType(
    {
        "SWORD, 3 standard deviations, Fisher": sword,
        "SWORD, the same with Bonferroni": lambda history: sword(history, corrected=True),
        "|z| > 3 on unit aggregates": z_screen,
        "isolation forest on unit aggregates": isolation_forest,
    }
)
"""All of them by what they are called in a table."""


# --- the sheet of units


def unit_sheet(history: History) -> tuple[list[str], list[str], np.ndarray]:
    """Units, the names of their figures, and the figures (units by figures; a missing one is the units' mean)."""
    cases, events = _cases(history), _events(history)
    closed = pl.col("closed_at").is_not_null()
    age = (pl.coalesce("closed_at", pl.lit(history.as_of)) - pl.col("created_at")).dt.total_seconds() / 86_400
    of_cases = cases.group_by("unit").agg(
        cases=pl.len(),
        win_rate=(pl.col("outcome") == "won").sum() / pl.col("outcome").is_in(["won", "lost"]).sum().clip(1),
        open_share=(~closed).mean(),
        mean_cycle=age.filter(closed).mean(),
        mean_age_open=age.filter(~closed).mean(),
        within_three_days=(closed & (age <= 3)).mean(),
        mean_amount=pl.col("amount").mean(),
        overdue=(~closed & (pl.col("close_date") < history.as_of.date())).mean(),
        month_end=(pl.col("close_date") == pl.col("close_date").dt.month_end()).mean(),
        created_by_others=(pl.col("created_by") != pl.col("owner")).mean(),
    )
    per_case = events.group_by("unit").agg(
        events_per_case=pl.len() / pl.col("case_id").n_unique(),
        mean_lag_hours=_hours(pl.col("recorded_at") - pl.col("at")).mean(),
        mean_hour=pl.col("at").dt.hour().mean(),
        on_mondays=(pl.col("at").dt.weekday() == 1).mean(),
        persons_per_case=pl.struct("case_id", "actor").n_unique() / pl.col("case_id").n_unique(),
        not_the_owner=(pl.col("actor") != pl.col("owner")).mean(),
        repeated=pl.col("repeated").mean(),
        after_closing=(pl.col("at") > pl.col("closed_at")).mean(),
        by_machine=(~pl.col("origin").fill_null("ui").is_in(["ui", "unknown"])).mean(),
    )
    counts = (
        events.group_by("unit", "activity")
        .len()
        .pivot(on="activity", index="unit", values="len", sort_columns=True)
        .fill_null(0)
    )
    kinds = [name for name in counts.columns if name != "unit"]
    sheet = (
        of_cases.join(per_case, on="unit", how="left")
        .join(counts, on="unit", how="left")
        .with_columns([(pl.col(name).fill_null(0) / pl.col("cases")).alias(name) for name in kinds])
        .drop("cases")
        .sort("unit")
    )
    names = [name for name in sheet.columns if name != "unit"]
    table = sheet.select(names).cast(pl.Float64).fill_nan(None)
    known = [name for name in names if table[name].null_count() < table.height]
    table = table.select(pl.col(name).fill_null(pl.col(name).mean()) for name in known)
    return sheet["unit"].to_list(), known, table.to_numpy()


def _standardised(table: np.ndarray) -> np.ndarray:
    spread = table.std(axis=0, ddof=1) if len(table) > 1 else np.ones(table.shape[1])
    return (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


# --- the patterns of SWORD


def _patterns(history: History, deviations: float) -> Iterator[Flagged]:
    cases, events = _cases(history), _events(history)
    numeric: list[tuple[str, pl.DataFrame]] = [
        ("frequent activity", events.group_by("unit", "case_id", group="activity").agg(value=pl.len())),
        ("direct repetition", events.group_by("unit", "case_id").agg(value=pl.col("repeated").sum())),
        ("resources per case", events.group_by("unit", "case_id").agg(value=pl.col("actor").n_unique())),
        (
            "resources per event",
            events.group_by("unit", "case_id", group="activity").agg(value=pl.col("actor").n_unique()),
        ),
        ("time of day", events.select("unit", group="activity", value=_hour_of_day(events))),
        (
            "delay from start",
            events.select("unit", group="activity", value=_hours(pl.col("at") - pl.col("begins"))),
        ),
        (
            "event-to-log delay",
            events.select("unit", group="activity", value=_hours(pl.col("recorded_at") - pl.col("at"))),
        ),
        (
            "time between activities",
            events.select(
                "unit",
                group=pl.concat_str("before", pl.lit(" > "), "activity"),
                value=_hours(pl.col("at") - pl.col("at_before")),
            ),
        ),
        (
            "case duration",
            cases.select("unit", value=_hours(pl.col("closed_at") - pl.col("created_at"))),
        ),
    ]
    for pattern, frame in numeric:
        if "group" not in frame.columns:
            frame = frame.with_columns(group=pl.lit(""))  # noqa: PLW2901 - the same table, with one column more
        known = frame.filter(pl.col("value").is_not_null() & pl.col("group").is_not_null())
        if not known.height:
            continue
        value = pl.col("value").cast(pl.Float64)
        far = (value - value.mean().over("group")).abs() > deviations * value.std().over("group").fill_null(0)
        told = known.select("unit", flagged=far)
        yield Flagged(pattern, told["unit"].to_numpy(), told["flagged"].to_numpy())
    rare = _rare_resource_type(history, events)
    if rare is not None:
        yield rare


def _rare_resource_type(history: History, events: pl.DataFrame) -> Flagged | None:
    """Events of activities that their actor's profile does much less often than its share of all events."""
    profiles = history.people.select("person_id", "profile").drop_nulls()
    told = events.join(profiles, left_on="actor", right_on="person_id", how="inner")
    if not told.height:
        return None
    n = pl.len()
    cell, row, column = (n.over(*by) for by in (("activity", "profile"), ("activity",), ("profile",)))
    expected = row * column / n
    told = told.select("unit", flagged=(cell - expected) / expected.sqrt() < -RARE)
    return Flagged("rare resource type", told["unit"].to_numpy(), told["flagged"].to_numpy())


# --- the tables, as all of them take them


def _cases(history: History) -> pl.DataFrame:
    return history.cases.filter(pl.col("unit").is_not_null())


def _events(history: History) -> pl.DataFrame:
    """Events with their unit, else their case's, with the event before them and what is known of their case."""
    of_case = history.cases.select("case_id", "closed_at", "created_at", "owner", of_case="unit")
    zones = history.people.select("person_id", "time_zone").drop_nulls().unique("person_id")
    last = pl.col("activity").shift().over("case_id")
    return (
        history.events.join(of_case, on="case_id", how="left", maintain_order="left")
        .join(zones, left_on="actor", right_on="person_id", how="left", maintain_order="left")
        .with_columns(
            unit=pl.coalesce("unit", "of_case"),
            before=last,
            at_before=pl.col("at").shift().over("case_id"),
            begins=pl.col("at").min().over("case_id"),
            repeated=(pl.col("activity") == last).fill_null(False),
        )
        .filter(pl.col("unit").is_not_null())
    )


def _hour_of_day(events: pl.DataFrame) -> pl.Expr:
    """By the clocks of who acted; by UTC where nobody knows them."""
    zones = events["time_zone"].drop_nulls().unique().sort().to_list()
    walls = [(pl.col("at").dt.convert_time_zone(zone), pl.col("time_zone") == zone) for zone in zones]
    found = pl.col("at").dt.hour() + pl.col("at").dt.minute() / 60
    for wall, here in walls:
        found = pl.when(here).then(wall.dt.hour() + wall.dt.minute() / 60).otherwise(found)
    return found


def _hours(span: pl.Expr) -> pl.Expr:
    return span.dt.total_seconds() / 3600


def _by_unit(pairs: Any) -> Named:
    found: dict[str, list[str]] = {}
    for unit, reason in pairs:
        found.setdefault(unit, []).append(reason)
    return {unit: tuple(sorted(set(reasons))) for unit, reasons in sorted(found.items())}


def main() -> None:
    from crmusage.testing import SCENARIOS, simulate

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", default="none", choices=sorted(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--opportunities", type=int, default=20_000)
    wishes = parser.parse_args()
    warnings.simplefilter("ignore")
    simulation = simulate(wishes.scenario, seed=wishes.seed, opportunities=wishes.opportunities)
    history = simulation.history()
    planted = {one.unit for one in simulation.truth.planted}
    print("| baseline | units named | planted among them |")
    print("| --- | --- | --- |")
    for name, names in BASELINES.items():
        named = names(history)
        print(
            f"| {name} | {len(named)} of {len(history.index.units)} | {len(planted & set(named))} of {len(planted)} |"
        )


if __name__ == "__main__":
    main()
