"""In whose hands a request was, one after the other: what the detectors of hand-overs have in common."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._deals import Bool, Int64, numbers
from crmusage.history import NEVER, History

HELD = ("delivered", "accepted", "started", "waiting", "resumed", "fulfilled")
"""Steps that a doer takes, or that come to pass with him: their unit has the request in hand. Who submits,
answers a question or closes has not."""

WORK = (
    "decided", "deferred", "started", "waiting", "resumed", "fulfilled", "documented", "clarification_asked",
    "call", "email", "meeting",
)  # fmt: skip
"""Whoever does one of these while he has a request does not merely hand it on."""


def is_request(part: History) -> Bool:
    """Which cases are said to be requests."""
    found: Bool = (part.cases["kind"] == "request").fill_null(False).to_numpy().astype(bool, copy=False)
    return found


@attrs.frozen(eq=False)
class Visits:
    """Stretches in which a request was in one pair of hands, by case and in their order. Parallel arrays."""

    case: Int64
    holder: Int64
    """A number for a person, a team, a queue or a unit."""
    start: Int64
    """The position of the event with which it began; that of the first event of the case for its first holder."""
    end: Int64
    """The position behind its last event."""
    since: Int64
    until: Int64
    """Instants; NEVER while it lasts."""
    by: Int64
    """The position of the event that recorded the hand-over; -1: it follows from who took the steps."""
    worked: Bool
    """The holder did something for it."""

    def follows(self, by: int = 1) -> Bool:
        """Which stretches have another one of the same case so many places before them."""
        found = np.zeros(len(self.case), dtype=bool)
        found[by:] = self.case[by:] == self.case[:-by] if by < len(self.case) else found[by:]
        return found


def visits(part: History) -> Visits:
    """The stretches of all requests of which it is known in whose hands they were.

    A request's own hand-overs tell it (`rerouted`, else `owner_changed`, both with `old` and `new`); one that has none
    recorded is told by the units of the steps that doers took. A request with a gap in what it tells is left out.
    """
    index = part.index
    request = is_request(part)
    told = np.zeros(index.n_cases, dtype=bool)
    rows: list[tuple[Int64, Int64, Int64]] = []
    for activity in ("rerouted", "owner_changed"):
        at = guard.positions(part, activity).astype(np.int64)
        at = at[(request & ~told)[index.case[at]]]
        case = index.case[at].astype(np.int64)
        old, new = (numbers(part.events[name].gather(at)) for name in ("old", "new"))
        gap = np.zeros(index.n_cases, dtype=bool)
        gap[case[(old == 0) | (new == 0)]] = True
        told[case] = True
        keep = ~gap[case]
        at, case, old, new = at[keep], case[keep], old[keep], new[keep]
        first = np.concatenate([[True], case[1:] != case[:-1]])[: len(case)]
        begins = index.offsets[:-1].astype(np.int64)[case[first]]
        rows += [(case[first], np.where(first, old, 0)[first], -1 - begins), (case, new, at)]
    at = guard.positions(part, *HELD).astype(np.int64)
    at = at[(request & ~told)[index.case[at]]]
    unit = numbers(part.events["unit"].gather(at))
    by_hand = (unit != 0) & (guard.of_events(part, at) == guard.KEPT)
    at, unit = at[by_hand], unit[by_hand]
    rows.append((index.case[at].astype(np.int64), unit, at))
    return _laid(part, rows, recorded=told)


def _laid(part: History, rows: list[tuple[Int64, Int64, Int64]], *, recorded: Bool) -> Visits:
    index = part.index
    case, holder, place = (np.concatenate([row[k] for row in rows]) for k in range(3))
    # The first holder is known by no event: it stands before all, marked as -1 - position.
    opening = place < 0
    start = np.where(opening, -1 - place, place)
    order = np.lexsort((~opening, start, case))
    case, holder, start, opening = case[order], holder[order], start[order], opening[order]
    if len(case):
        new = np.concatenate([[True], (case[1:] != case[:-1]) | (holder[1:] != holder[:-1])])
        case, holder, start, opening = case[new], holder[new], start[new], opening[new]
    last = np.concatenate([case[1:] != case[:-1], [True]])[: len(case)]
    after = np.concatenate([start[1:], [0]])[: len(case)]
    end = np.where(last, index.offsets[1:].astype(np.int64)[case], after)
    instant = np.append(index.at, 0)
    done = guard.positions(part, *WORK).astype(np.int64)
    done = done[guard.of_events(part, done) == guard.KEPT]
    return Visits(
        case=case,
        holder=holder,
        start=start,
        end=end,
        since=np.where(opening, index.created[case], instant[start]) if len(case) else start,
        until=np.where(last, NEVER, instant[end]) if len(case) else end,
        by=np.where(opening | ~recorded[case], -1, start) if len(case) else start,
        worked=np.searchsorted(done, end) > np.searchsorted(done, start),
    )


def by_machine(part: History, at: Int64) -> Bool:
    """Which hand-overs a program made (-1: none is recorded)."""
    found = np.zeros(len(at), dtype=bool)
    known = at >= 0
    found[known] = guard.of_events(part, at[known]) != guard.KEPT
    return found


def counted_for(part: History, unit: npt.NDArray[np.integer[Any]]) -> Any:
    """The part, with its cases counted for other units (codes in `index.units`, -1: none) than those they belong to."""
    return _Counted(attrs.evolve(part.index, case_unit=unit.astype(np.int32)), part.cases)


@attrs.frozen(eq=False)
class _Counted:
    index: Any
    cases: Any
