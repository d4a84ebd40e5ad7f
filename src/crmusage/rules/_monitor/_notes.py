"""What is noted of an open case: by side, what waits. Most events need nothing else, and no look at what was before.

What a case waits for follows from its events and the clock; `waiting` finds it there, whenever something has come late.
Sides whose activations may wait have these rows, the oldest first (where instants are shared, perhaps some that have
had their answer: who goes by them asks `_judge` then). Those that count have how many events are still missing. The
others that are asked of the case as a whole have True until all is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._monitor._judge import F, Found, V, activations, counted, judge
from crmusage.rules._monitor._side import WAITING, Kind, Side
from crmusage.rules._template import Template, Verdict


def counts(side: Side) -> bool:
    """Whether it is enough to count what is missing."""
    return side.kind is Kind.COUNT and side.reach.is_elapsed


def at_first(side: Side) -> Any:
    """What waits in a case without events."""
    if counts(side):
        return side.enough
    return True if side.is_of_case else None


def waiting(side: Side, case: Case, clock: int) -> list[tuple[Row | None, int]]:
    """What waits in a case, by its events, the oldest first; and until when."""
    found = []
    if side.is_of_case or side.kind in WAITING:
        for row in activations(side, case):
            _, _, deadline, is_final = judge(side, case, row, clock)
            if not is_final:
                found.append((row, deadline))
    return found[::-1]


def note(side: Side, case: Case, rows: Iterable[Row | None]) -> None:
    """Note what waits."""
    if side.is_of_case:
        left = side.enough - len(counted(side, case)) if counts(side) else True
        case.waits[side.number] = left if list(rows) else None
    else:
        case.waits[side.number] = list(rows)


def note_newest(side: Side, case: Case, since: int, rows: Iterable[Row | None], row: Row) -> None:
    """The same after a row has come at the last instant; what waits since before `since` still does."""
    if counts(side):
        count(side, case, row)
    elif side.kind in WAITING:
        waits = case.waits[side.number] or []
        while waits and waits[-1][2] >= since:
            waits.pop()
        waits.extend(rows)
        case.waits[side.number] = waits


def count(side: Side, case: Case, row: Row) -> bool:
    """Count an event, if it is one of those that are counted; whether it was the last one missing."""
    left = case.waits[side.number]
    reach = side.reach
    if (
        not left
        or not side.starts.takes(row, case)
        or not (reach.is_boundless or reach.after <= row[2] - case.created <= reach.within)
    ):
        return False
    case.waits[side.number] = left - 1
    return bool(left == 1)


def too_few(side: Side, left: int) -> Verdict:
    """The verdict where so many events were missing when the time was over."""
    if side.constraint.template is Template.EXISTENCE:
        return V
    return F if side.constraint.template is Template.ABSENCE or left == 1 else V


def expired(side: Side, case: Case, row: Row | None, at: int, clock: int) -> Found | None:
    """What becomes of an activation whose deadline has passed; it waits no longer. None: it did not wait for that."""
    waits = case.waits[side.number]
    if not waits:
        return None
    if row is None:
        found = judge(side, case, None, clock)
        if found[3]:
            case.waits[side.number] = None
        return found if found[3] and found[1] is None else None
    k = 0
    while waits[k] is not row:
        k += 1
        if k == len(waits) or waits[k][2] > row[2]:
            return None
    if row[2] not in case.ties and side.reach.is_elapsed:
        found = side.miss, None, at, True
    else:
        found = judge(side, case, row, clock)
    if not found[3]:
        return None
    del waits[k]
    return found if found[1] is None else None
