"""A small company by hand: a dozen teams that differ a little, and what tests add to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np

from crmusage.detectors import Context, Detector, Judgement, examine
from crmusage.history import History
from crmusage.model import Assessment, Finding, Outcome

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 730
END = START + dt.timedelta(days=DAYS)
"""In the last month of the second year."""

Record = dict[str, Any]


def team(
    unit: str,
    *,
    n: int = 120,
    win_rate: float = 0.3,
    pace: float = 40.0,
    spread: float = 0.7,
    seed: int = 0,
    since: int = 0,
    until: int = DAYS,
    persons: int = 6,
    amount: float | None = 1000.0,
) -> list[Record]:
    """Opportunities entered evenly between two days by some persons; those not decided before the end are open."""
    rng = np.random.default_rng([seed, *unit.encode(), since])
    cases = []
    for i in range(n):
        created = START + dt.timedelta(
            minutes=round((since + (until - since) * (i + rng.random()) / n) * 1440)
        )
        closed = created + dt.timedelta(minutes=round(pace * float(rng.lognormal(0, spread)) * 1440))
        open_ = closed > END
        cases.append(
            {
                "case_id": f"{unit}-{since:03}-{i:04}",
                "kind": "opportunity",
                "created_at": created,
                "created_by": f"{unit}.{i % persons}",
                "closed_at": None if open_ else closed,
                "outcome": None if open_ else "won" if rng.random() < win_rate else "lost",
                "unit": unit,
                "amount": amount,
                "currency": "EUR",
                "is_deleted": False,
            }
        )
    return cases


def peers(count: int = 12, **how: Any) -> list[Record]:
    """Teams that differ in win rate and pace as teams do."""
    rng = np.random.default_rng(7)
    return [
        record
        for place in range(count)
        for record in team(
            f"team {place:02}",
            win_rate=float(rng.uniform(0.25, 0.35)),
            pace=float(40 * rng.lognormal(0, 0.15)),
            seed=place,
            **how,
        )
    ]


def late(unit: str = "Grand Ouest", *, n: int = 60, since: int = 300, **how: Any) -> list[Record]:
    """A team that enters deals once they are agreed, and before `since` as others do."""
    before = team(unit, n=since // 6, until=since, **how) if since else []
    return before + team(unit, n=n, since=since, win_rate=0.98, pace=1.0, spread=0.3, **how)


def history(cases: Iterable[Record], events: Iterable[Record] = (), people: Iterable[Record] = ()) -> History:
    tables = {"cases": list(cases), "events": list(events), "people": list(people)}
    return History.from_records(as_of=END, **{name: rows for name, rows in tables.items() if rows})


def judged(detector: Detector, of: History, *, parts: int = 1, **wishes: Any) -> Judgement:
    context = Context(as_of=of.as_of, unit_sizes=of.unit_sizes(), units=of.index.units, **wishes)
    return examine(detector, of, context, parts=parts)


def only(judgement: Judgement) -> Finding:
    """The one finding there is."""
    (one,) = judgement.findings
    return one


def of_unit(judgement: Judgement, unit: str | None) -> Assessment:
    """The one assessment of a unit."""
    (one,) = (assessment for assessment in judgement.assessments if assessment.scope.unit == unit)
    return one


def silent(judgement: Judgement) -> bool:
    """Whether nothing was found, in words and in assessments."""
    return not judgement.findings and all(one.outcome is not Outcome.FOUND for one in judgement.assessments)
