"""How a case stands in memory: one flat list, because that is what Python reads and writes fastest.

The values behind the slots never change; a new value takes the place of an old one. So what stood before an
instant can be kept at the cost of a few references, and put back when another event of that instant turns up.
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

(
    AT, RUN, PREVIOUS, BEFORE, ALARM, QUEUED, KEPT, HEAD, ID, CREATED, OPENED, CLOSED, IN_SCOPE, NOT_ASKED, WATCH, MARKS,
    FIRST,
) = range(17)  # fmt: skip
# AT        the instant of the last event (FAR_PAST: there is none yet)
# RUN       the events at that instant: one row, or Several
# PREVIOUS  the same for the instant before it
# BEFORE    what stood in the slots when that instant began: values along those of the activity, or by slot
# ALARM     the first instant after which something has to be looked at (FAR_PAST until the first event)
# QUEUED    the earliest instant for which the case stands in the queue of alarms
# KEPT      every row so far (None: late events are refused, so they are not needed)
# HEAD      the attributes of the case
# OPENED    whether the caller opened it (else it began with its first event)
# CLOSED    the instant of its end (None: it is open)
# IN_SCOPE  rules that are about this kind of case (of those that are not about every case)
# NOT_ASKED rules that ask nothing of the case as a whole: it is not theirs, or its owner is not
# WATCH     activations that wait for whatever comes next (the chain templates)
# MARKS     how often each expectation was broken or tied for good, by part
# FIRST     where the slots of the parts begin


class Several(list[Row]):
    """The rows of an instant that has more than one."""


def by_run(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant, cut into runs of unknown order: known where every row has a `seq` of its own."""
    if len(rows) == 1:
        return [rows]
    places = [row[3].get("seq") for row in rows]
    if None in places:
        return [rows]
    runs: dict[Any, list[Row]] = {}
    for place, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0]):
        runs.setdefault(place, []).append(row)
    return list(runs.values())


def one_by_one(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant where the order of arrival is the order in which they happened."""
    return [(row,) for row in rows]


def newest_first(stack: Stack) -> Iterator[tuple[Any, ...]]:
    """The entries of a stack."""
    while stack is not None:
        yield stack
        stack = stack[-1]


def oldest_first(stack: Stack) -> list[tuple[Any, ...]]:
    """The entries of a stack in the order in which they came."""
    entries = list(newest_first(stack))
    entries.reverse()
    return entries


def stacked(entries: Sequence[tuple[Any, ...]]) -> Stack:
    """A stack of entries given in the order in which they came, each with or without what was below it."""
    stack: Stack = None
    for entry in entries:
        stack = (*entry[:-1], stack)
    return stack
