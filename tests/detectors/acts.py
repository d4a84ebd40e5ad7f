"""Acts by hand in ten teams and one more: what is done with their deals, and when it is entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from crmusage.history import History

from .company import END
from .life import FAR, TEAMS, Record, deals, event

FIRST_MONDAY = dt.datetime(2024, 1, 8, 12, tzinfo=dt.UTC)
MEETINGS = [
    {"kind": "meeting", "label": "weekly", "starts_at": FIRST_MONDAY + dt.timedelta(weeks=week),
     "ends_at": FIRST_MONDAY + dt.timedelta(weeks=week, hours=1)}
    for week in range(103)
]  # fmt: skip

Acts = Callable[[str, Record, int], Iterable[Record]]
"""What is done with a deal of a team: the team, the deal, its number."""


def act(case: Record, activity: str, at: dt.datetime, **more: Any) -> Record:
    """Something that the owner did at an instant."""
    return event(case, activity, 0, at=at, **more)


def week_of(number: int) -> dt.datetime:
    """The Monday noon with which a deal's week begins, from the first of the meetings on."""
    return FIRST_MONDAY + dt.timedelta(weeks=2 * number)


def company(usual: Acts, far: Acts, *, n: int = 40, tables: dict[str, list[Record]] | None = None) -> History:
    """Ten teams that do as usual, and one that does otherwise."""
    cases, events = [], []
    for team in (*TEAMS, FAR):
        own = deals(team, n, days=None, every=1)
        cases += own
        for number, case in enumerate(own):
            events += (far if team == FAR else usual)(team, case, number)
    return History.from_records(
        as_of=END,
        cases=cases,
        events=[one for one in events if one["at"] <= END],
        **{"calendar": MEETINGS, **(tables or {})},
    )


def people(profile: Callable[[str, int], str] = lambda _team, _number: "account-manager") -> list[Record]:
    """Six persons a team, at work from the first day on."""
    return [
        {
            "person_id": f"{team}.{number}",
            "unit": team,
            "profile": profile(team, number),
            "is_human": True,
            "time_zone": "Europe/Paris",
        }
        for team in (*TEAMS, FAR)
        for number in range(6)
    ]
