"""Opportunities by hand with what happened to them: ten teams and one more, over two years."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmusage.history import History

from .company import END, START

Record = dict[str, Any]
TEAMS = tuple(f"team {i:02}" for i in range(10))
FAR = "Grand Ouest"

STAGES = ("first contact", "needs", "offer", "talks", "won", "lost")
VOCABULARY = [
    {"entity": "opportunity", "field": "stage", "raw": stage, "order": 10 * place}
    for place, stage in enumerate(STAGES)
]
QUARTERS = [
    {"kind": "fiscal_quarter", "starts_at": dt.datetime(year, month, 1, tzinfo=dt.UTC),
     "ends_at": dt.datetime(year, month, 28, tzinfo=dt.UTC)}
    for year in (2024, 2025)
    for month in (1, 4, 7, 10)
]  # fmt: skip


def deals(
    unit: str, n: int = 40, *, days: int | None = 100, first: int = 0, every: int = 15, **more: Any
) -> list[Record]:
    """So many deals, entered one after the other and closed (every third won) after so many days; None: still open."""
    made = []
    for i in range(n):
        created = START + dt.timedelta(days=first + i * every, hours=9, minutes=7 * i)
        closed = (
            None
            if days is None or created + dt.timedelta(days=days) >= END
            else created + dt.timedelta(days=days)
        )
        made.append(
            {
                "case_id": f"{unit}-{first:03}-{i:03}",
                "kind": "opportunity",
                "created_at": created,
                "created_by": f"{unit}.{i % 6}",
                "owner": f"{unit}.{i % 6}",
                "closed_at": closed,
                "outcome": None if closed is None else "won" if i % 3 == 0 else "lost",
                "unit": unit,
                "amount": 1000.0,
                **more,
            }
        )
    return made


def event(case: Record, activity: str, after: float, **more: Any) -> Record:
    """Something that the owner did so many days after the deal was entered."""
    return {
        "case_id": case["case_id"],
        "activity": activity,
        "at": case["created_at"] + dt.timedelta(days=after),
        "actor": case["owner"],
        "origin": "ui",
        **more,
    }


def push(case: Record, after: float, *, by: int = 30, **more: Any) -> Record:
    """Its close date put off by so many days."""
    old = (case["created_at"] + dt.timedelta(days=60)).date()
    new = old + dt.timedelta(days=by)
    return event(case, "close_date_changed", after, old=old.isoformat(), new=new.isoformat(), **more)


def move(case: Record, after: float, old: int, new: int, **more: Any) -> Record:
    """Its stage changed."""
    return event(case, "stage_changed", after, field="stage", old=STAGES[old], new=STAGES[new], **more)


def told(cases: list[Record], events: list[Record]) -> History:
    """The history of these, as of the end of the second year."""
    return History.from_records(
        as_of=END,
        cases=cases,
        events=[one for one in events if one["at"] <= END],
        vocabulary=VOCABULARY,
        calendar=QUARTERS,
    )
