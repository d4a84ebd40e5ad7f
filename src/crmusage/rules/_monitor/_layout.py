"""How a case stands in memory: one flat list, because that is what Python reads and writes fastest.

The values in the slots never change; a new value takes the place of an old one. So a copy of the list is a copy of
the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = tuple[str, str, int, Mapping[str, Any]]
"""An event: case id, activity, microseconds since 1970 in UTC, and whatever else it tells."""
Case = list[Any]
Run = Sequence[Row]
"""Events of one case at one instant in no known order; mostly a single one."""
Stack = tuple[Any, ...] | None
"""Entries, the newest first: each is a tuple whose last item is the stack below it."""

NEVER = 2**63 - 1
"""The instant of what has not happened, in microseconds."""
FAR_PAST = -NEVER

AT = 0
"""The instant of the last event (FAR_PAST: there is none yet)."""
ALARM = 1
"""The first instant after which something has to be looked at before an event is taken in."""
WATCH = 2
"""Activations that wait for whatever comes next (the chain templates)."""
PAST = 3
"""Its events, by instant, the newest on top: a stack of (one row or Several, what is below)."""
MARKS = 4
"""Which parts were broken (bit 2 k of part k) or tied for good (bit 2 k + 1)."""
BASE = 5
"""A copy of the case as it stood before one of its last instants (None: before its first event)."""
HEAD = 6
"""The attributes of the case."""
ID = 7
CREATED = 8
OPENED = 9
"""Whether the caller opened it (else it began with its first event)."""
CLOSED = 10
"""The instant of its end (None: it is open)."""
QUEUED = 11
"""The earliest instant for which the case stands in the queue of alarms."""
IN_SCOPE = 12
"""Rules that are about this case, of those that are not about every one."""
NOT_ASKED = 13
"""Rules that ask nothing of the case as a whole: it is not theirs, or its owner is not."""
COUNT = 14
"""Events since the base; counted only where late events are refused."""
FIRST = 15
"""Where the slots of the parts begin."""


class Several(list[Row]):
    """The rows of an instant that has more than one."""


def last_instant(case: Case) -> Any:
    """One row, Several, or None: there was no event yet."""
    past = case[PAST]
    return None if past is None else past[0]


def rows_at(instant: Any) -> list[Row]:
    """The rows of an instant."""
    return list(instant) if instant.__class__ is Several else [instant]


def instants_between(base: Stack, upto: Stack) -> list[Any]:
    """The instants of a stack that lie above a lower part of it, in order."""
    found = []
    while upto is not None and upto is not base:
        found.append(upto[0])
        upto = upto[1]
    found.reverse()
    return found


def all_rows(case: Case) -> list[Row]:
    """The rows of a case in order, as far as they are kept."""
    return [row for instant in instants_between(None, case[PAST]) for row in rows_at(instant)]


def by_run(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant, cut into runs of unknown order: known where every row has a `seq`."""
    if len(rows) == 1:
        return [rows]
    places: list[Any] = [row[3].get("seq") for row in rows]
    if None in places:
        return [rows]
    runs: dict[Any, list[Row]] = {}
    for place, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0]):
        runs.setdefault(place, []).append(row)
    return list(runs.values())


def one_by_one(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant where the order of arrival is the order in which they happened."""
    return [(row,) for row in rows]


def oldest_first(stack: Stack) -> list[tuple[Any, ...]]:
    """The entries of a stack in the order in which they came."""
    entries = list(newest_first(stack))
    entries.reverse()
    return entries


def newest_first(stack: Stack) -> Iterator[tuple[Any, ...]]:
    """The entries of a stack."""
    while stack is not None:
        yield stack
        stack = stack[-1]


def stacked(entries: Sequence[tuple[Any, ...]]) -> Stack:
    """A stack of entries given in the order in which they came, whatever was below each."""
    stack: Stack = None
    for entry in entries:
        stack = (*entry[:-1], stack)
    return stack
