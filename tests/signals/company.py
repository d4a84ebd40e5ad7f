"""A small company of two units, told row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import crmusage as cu
from crmusage.history import History
from crmusage.maturity import Observation
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule

END = dt.datetime(2026, 6, 26, 18, 0, tzinfo=dt.UTC)
"""A Friday."""
MONDAYS = [dt.datetime(2026, 6, 22, 12, 0, tzinfo=dt.UTC) - dt.timedelta(weeks=k) for k in range(26)]
DAY = dt.timedelta(days=1)


def person(number: int) -> str:
    return f"p{number:02}"


def people(n: int = 20, *, managers: Iterable[int] = (0, 1, 2, 3, 4), **more: Any) -> list[dict[str, Any]]:
    """Persons of the units East and West in turns; the managers manage the others in turns."""
    bosses = list(managers)
    return [
        {
            "person_id": person(k),
            "unit": ("East", "West")[k % 2],
            "manager": person(bosses[k % len(bosses)]) if bosses and k not in bosses else None,
            **more,
        }
        for k in range(n)
    ]


def case(number: int, owner: int, *, won: bool | None = None, unit: str | None = None) -> dict[str, Any]:
    closed = None if won is None else END - 20 * DAY
    return {
        "case_id": f"c{number:04}",
        "kind": "opportunity",
        "created_at": END - 300 * DAY,
        "closed_at": closed,
        "outcome": None if won is None else "won" if won else "lost",
        "owner": person(owner),
        "unit": unit or ("East", "West")[owner % 2],
    }


def entry(case_: int, who: int, at: dt.datetime, origin: str = "ui") -> dict[str, Any]:
    return {
        "case_id": f"c{case_:04}",
        "activity": "updated",
        "at": at,
        "actor": person(who),
        "origin": origin,
    }


def login(who: int, at: dt.datetime) -> dict[str, Any]:
    return {"person_id": person(who), "at": at, "client": None}


def meetings(times: Iterable[dt.datetime] = MONDAYS, kind: str = "meeting") -> list[dict[str, Any]]:
    return [{"kind": kind, "starts_at": at, "ends_at": at + dt.timedelta(hours=1)} for at in times]


def history(**tables: list[Mapping[str, Any]]) -> History:
    given: dict[str, Any] = {"cases": [case(0, 0)], "events": [entry(0, 0, END - 200 * DAY)], **tables}
    return History.from_records(as_of=END, **given)


RULE = UsageRule(
    "logged-then-told",
    situation=cu.Text("Something was noted", "Quelque chose est noté"),
    expect=(Constraint(Template.RESPONSE, activity="call", target="email", within=cu.Duration(days=2)),),
    owner="East",
    status=Status.ACTIVE,
)


def of(practice: str, one: cu.History, book: Rulebook | None = None, report: Any = None) -> Observation:
    return next(seen for seen in cu.observe(one, book, report).observations if seen.practice == practice)
