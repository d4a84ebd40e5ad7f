"""A small company by hand: teams that sell much alike, and what tests plant in one of them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from crmusage.history import History

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 720
Row = dict[str, Any]
Way = Callable[[random.Random, Row], list[tuple[str, float]]]
"""What happens to a case: activities with the days after its entry. It may change the case's row."""


def usual(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Entered, called in a third of the cases, a quote, and decided after weeks."""
    steps = [("created", 0.0)]
    if draw.random() < 0.35:
        steps.append(("call", draw.uniform(2, 12)))
    steps.append(("quote_sent", draw.uniform(14, 20)))
    steps.append(("won" if draw.random() < 0.35 else "lost", draw.uniform(25, 60)))
    return steps


def company(
    planted: Way | None = None,
    *,
    units: int = 9,
    persons: int = 6,
    cases: int = 150,
    who: Callable[[random.Random], int] | None = None,
    origin: str = "ui",
    seed: int = 1,
    shuffle: int | None = None,
    everywhere: bool = False,
) -> History:
    """Teams `team 0` … of some persons; `planted` is how `team 0` works (of it, those whom `who` picks).

    `everywhere`: all teams work so.
    """
    draw = random.Random(seed)
    rows: list[Row] = []
    events: list[Row] = []
    for unit in range(units):
        for k in range(cases):
            person = draw.randrange(persons)
            created = START + dt.timedelta(days=DAYS * k / cases, minutes=draw.randrange(600))
            case: Row = {
                "case_id": f"{unit}-{k:04}",
                "kind": "opportunity",
                "created_at": created,
                "unit": f"team {unit}",
                "owner": f"p{unit}.{person}",
                "amount": draw.lognormvariate(9, 1),
                "is_deleted": False,
                "priority_rank": draw.choice([1, 2, 2, 3, 3, 3]),
                "currency": "EUR",
                "branch": f"B{unit}",
            }
            theirs = (
                (unit == 0 or everywhere) and planted is not None and (who is None or person == who(draw))
            )
            steps = planted(draw, case) if theirs and planted is not None else usual(draw, case)
            last = created + dt.timedelta(days=max(day for _, day in steps))
            outcome = next((name for name, _ in steps if name in {"won", "lost"}), None)
            rows.append({**case, "closed_at": last if outcome else None, "outcome": outcome})
            events.extend(
                {
                    "case_id": case["case_id"],
                    "activity": name,
                    "at": created + dt.timedelta(days=day),
                    "actor": case["owner"],
                    "origin": origin if theirs else "ui",
                }
                for name, day in steps
            )
    people = [
        {
            "person_id": f"p{unit}.{person}",
            "unit": f"team {unit}",
            "profile": "seller" if person else "manager",
            "region": "north" if unit % 2 else "south",
            "starts_on": START.date() - dt.timedelta(days=2000 if person < 3 else 10),
        }
        for unit in range(units)
        for person in range(persons)
    ]
    if shuffle is not None:
        for table in (rows, events, people):
            random.Random(shuffle).shuffle(table)
    return History.from_records(
        cases=rows, events=events, people=people, as_of=START + dt.timedelta(days=DAYS + 90)
    )


def calls_first(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Called within a day in most cases, and those are won more often."""
    calls = draw.random() < 0.7
    steps = [("created", 0.0)]
    if calls:
        steps.append(("call", draw.uniform(0.1, 0.9)))
    steps.append(("quote_sent", draw.uniform(14, 20)))
    steps.append(("won" if draw.random() < (0.6 if calls else 0.2) else "lost", draw.uniform(25, 60)))
    return steps


def calls_never(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """As the others, but nobody calls."""
    return [step for step in usual(draw, case) if step[0] != "call"]


def quotes_at_once(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """As the others, but the quote goes out on the first day."""
    return [
        (name, draw.uniform(0.1, 0.9) if name == "quote_sent" else day) for name, day in usual(draw, case)
    ]


def urgent(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """As the others, but everything is urgent."""
    case["priority_rank"] = 1
    return usual(draw, case)
