"""What became of each activation, template by template: NumPy arrays in, NumPy arrays out.

The meaning of each is its formula on finite traces (docs/reference/templates). Three things go beyond the formula:

- An open case has not ended: what can still change is pending, until its window has passed.
- Events at one instant in no known order are a tie. For each activation the outcomes of all orders are collected;
  where they differ, it is tied. Which ones are possible follows from the run of events at one instant that the
  activation stands in and the runs that decide, so no order has to be tried.
- A target is another event than its activation.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.conformance._search import Bool, Int32, Int64, Ints, Search
from crmusage.history import NEVER, Index
from crmusage.rules import Template, Verdict

Int8 = npt.NDArray[np.int8]
F, V, P = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING
FAR_PAST = -NEVER


@attrs.frozen(eq=False)
class Judged:
    """Parallel arrays, one entry an activation."""

    case: Int32
    at: Int32
    """The position of the activation; -1: the case as a whole is it."""
    verdict: Int8
    decided_by: Int32
    """The position of the event that decided it; -1: none did."""
    deadline: Int64
    """The instant that decided it by passing, or will (pending); NEVER: no instant does."""

    def __len__(self) -> int:
        return len(self.case)

    def take(self, which: Any) -> Judged:
        """Some of the activations."""
        return Judged(*(getattr(self, f.name)[which] for f in attrs.fields(Judged)))


def join(parts: list[Judged]) -> Judged:
    """Several lists of activations as one."""
    return Judged(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in attrs.fields(Judged)))


@attrs.frozen(eq=False)
class Window:
    """From `after` to `within` microseconds away from the activation, both included; None: no such bound."""

    after: int | None = None
    within: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any bound."""
        return self.after is not None or self.within is not None

    def forward(self, instant: Int64) -> tuple[Int64, Int64]:
        """The first and the last instant that count, looking ahead."""
        return instant + (self.after or 0), _plus(instant, self.within)

    def backward(self, instant: Int64) -> tuple[Int64, Int64]:
        """The first and the last instant that count, looking back."""
        first = np.full_like(instant, FAR_PAST) if self.within is None else instant - self.within
        return first, instant - (self.after or 0)

    @property
    def takes_same_instant(self) -> bool:
        """Whether an event at the activation's own instant counts."""
        return not self.after


def _plus(instant: Int64, length: int | None) -> Int64:
    return np.full_like(instant, NEVER) if length is None else instant + length


class Side:
    """Activations with all that the templates ask of them, and the search for their targets."""

    def __init__(self, index: Index, search: Search, window: Window) -> None:
        """Gather, for each activation, its case's bounds, its tie and its window."""
        p = search.activations
        self.index, self.search, self.window, self.p = index, search, window, p
        self.case = index.case[p]
        self.start: Ints = index.offsets[self.case]
        self.end: Ints = index.offsets[self.case + 1]
        self.at = index.at[p]
        self.closed = index.closed[self.case] != NEVER
        self.ts: Ints = p if index.tie_start is None else index.tie_start[p]
        self.te: Ints = p + 1 if index.tie_end is None else index.tie_end[p]
        tied = self.te - self.ts > 1
        self.tied: Ints | None = np.flatnonzero(tied) if tied.any() else None
        """The activations that share their instant with other events in no known order."""
        self.first_ahead, self.last_ahead = window.forward(self.at)
        self.first_back, self.last_back = window.backward(self.at)
        self.over: Bool = self.closed | (self.last_ahead < index.as_of) | ~search.able
        """No later event of the case can count."""

    @property
    def none(self) -> int:
        return self.search.none

    def ahead(self) -> Int32:
        """The nearest target strictly later than the activation's instant, in the window; else `none`."""
        begin = self.te
        if self.window.after:
            begin = np.maximum(begin, self.index.position_at(self.case, self.first_ahead))
        found = self.search.next(begin)
        late = self._instant(found) > self.last_ahead
        return np.where(late, self.none, found).astype(np.int32)

    def back(self) -> Int32:
        """The nearest target strictly earlier, in the window; else -1."""
        stop = self.ts
        if self.window.after:
            stop = np.minimum(stop, self.index.position_at(self.case, self.last_back + 1))
        found = self.search.previous(stop)
        early = self._instant(found) < self.first_back
        return np.where(early, -1, found).astype(np.int32)

    def beside(self) -> Bool:
        """Whether another event at the activation's instant, in no known order with it, is a target."""
        hit = np.zeros(len(self.p), dtype=bool)
        if self.tied is not None and self.window.takes_same_instant:
            rows = self.tied
            hit[rows] = self.search.other_next(self.ts[rows], rows) < self.te[rows]
        return hit

    def _instant(self, position: Int32) -> Int64:
        n = self.index.n_events
        inside = (position >= 0) & (position < n)
        instants = self.index.at[np.clip(position, 0, max(n - 1, 0))] if n else np.zeros(len(position), np.int64)
        return np.where(inside, instants, 0)

    def fits(self, rows: Ints, position: Ints) -> Bool:
        """Whether the events at `position` qualify for the activations `rows`, window included."""
        apart = np.abs(self.index.at[position] - self.at[rows])
        ok = self.search.matches(rows, position)
        if self.window.after:
            ok &= apart >= self.window.after
        if self.window.within is not None:
            ok &= apart <= self.window.within
        return ok

    def judged(self, may: tuple[Bool, Bool, Bool], decided_by: Ints) -> Judged:
        """Settle which outcomes the orders allow: one, or tied."""
        fulfilled, violated, pending = may
        verdict = np.select([fulfilled, violated], [F, V], P).astype(np.int8)
        many = fulfilled.astype(np.int8) + violated + pending > 1
        verdict[many] = Verdict.TIED
        undecided = (decided_by < 0) | (decided_by >= self.none)
        # Without an event, the end of the case or of the window decides, whichever comes first.
        end = np.minimum(self.index.closed[self.case], self.last_ahead)
        return Judged(
            case=self.case,
            at=self.p,
            verdict=verdict,
            decided_by=np.where(undecided | many, -1, decided_by).astype(np.int32),
            deadline=np.where(undecided & ~many, end, NEVER),
        )


def response(side: Side, *, negative: bool = False) -> Judged:
    """Some target follows; negative (not_succession): none does."""
    later = side.ahead()
    found = later < side.none
    beside = side.beside()
    hit, rest = found | beside, ~found
    if negative:
        return side.judged((rest & side.over, hit, rest & ~side.over), later)
    return side.judged((hit, rest & side.over, rest & ~side.over), later)


def precedence(side: Side) -> Judged:
    """Some target comes before."""
    earlier = side.back()
    found = earlier >= 0
    beside = side.beside()
    return _backward(side, found | beside, ~found, earlier)


def _backward(side: Side, fulfilled: Bool, violated: Bool, decided_by: Ints) -> Judged:
    """What looks back is settled at once: where no event decides, the activation itself does."""
    by = np.where(decided_by >= 0, decided_by, side.p)
    return side.judged((fulfilled, violated, np.zeros(len(side.p), bool)), by)


def existence_beside(side: Side, *, negative: bool = False) -> Judged:
    """Some target anywhere in the case, before or after (negative: none). No order matters."""
    earlier = side.back()
    if side.window.takes_same_instant and side.tied is not None:
        rows = side.tied
        beside = side.search.other_next(side.ts[rows], rows)
        earlier[rows] = np.where((earlier[rows] < 0) & (beside < side.te[rows]), beside, earlier[rows])
    later = side.ahead()
    by = np.where(earlier >= 0, earlier, later)
    found = (by >= 0) & (by < side.none)
    none_yet, none_ever = ~found & ~side.over, ~found & side.over
    if negative:
        return side.judged((none_ever, found, none_yet), by)
    return side.judged((found, none_ever, none_yet), by)


def chain_response(side: Side, *, negative: bool = False) -> Judged:
    """The very next event is a target; negative (not_chain_succession): it is not."""
    nothing: Bool = side.te >= side.end
    hit, miss = _neighbours(side, side.te, side.end)
    by = np.where(nothing, side.none, side.te)
    if negative:
        return side.judged((miss | (nothing & side.over), hit, nothing & ~side.over), by)
    return side.judged((hit, miss | (nothing & side.over), nothing & ~side.over), by)


def chain_precedence(side: Side) -> Judged:
    """The event just before is a target."""
    nothing: Bool = side.ts <= side.start
    hit, miss = _neighbours(side, side.ts - 1, side.end)
    return _backward(side, hit, miss | nothing, np.where(nothing, -1, side.ts - 1))


def _neighbours(side: Side, beyond: Ints, end: Ints) -> tuple[Bool, Bool]:
    """Whether the neighbour can be a target, and can be none: among the events beside, and those just beyond."""
    index = side.index
    hit = np.zeros(len(side.p), dtype=bool)
    miss = np.zeros(len(side.p), dtype=bool)
    there = np.flatnonzero((beyond >= side.start) & (beyond < end))
    if index.tie_start is None or index.tie_end is None:
        fits = side.fits(there, beyond[there])
        hit[there], miss[there] = fits, ~fits
        return hit, miss
    groups = [(there, index.tie_start[beyond[there]], index.tie_end[beyond[there]])]
    if side.tied is not None:
        groups.append((side.tied, side.ts[side.tied], side.te[side.tied]))
    for rows, first, stop in groups:
        which, position = _spread(rows, first, stop)
        other = position != side.p[which]
        which, position = which[other], position[other]
        fits = side.fits(which, position)
        hit[which[fits]] = True
        miss[which[~fits]] = True
    return hit, miss


def _spread(rows: Ints, first: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Every position of every range, with the row that it belongs to."""
    length = stop - first
    which = np.repeat(rows, length)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(length) - length, length)
    return which, np.repeat(first, length) + offset


def alternate_response(side: Side) -> Judged:
    """A target follows before the next activation does."""
    later = side.ahead()
    again = _next_activation(side)
    first_target, first_again = _run(side, later), _run(side, again)
    fulfilled = (later < side.none) & (first_target < first_again)
    violated = (again < side.none) & (first_again < first_target)
    same = np.flatnonzero((later < side.none) & (first_target == first_again))
    _mixed_run(side, same, later, fulfilled, violated)
    nothing = (later >= side.none) & (again >= side.none)
    _beside(side, fulfilled, violated)
    by = np.where(later <= again, later, again)
    missed = side.last_ahead < side._instant(again)  # noqa: SLF001 — one room
    by = np.where((again < later) & missed, side.none, by)
    # A window that has passed settles it, whether or not the activation came again afterwards.
    return side.judged((fulfilled, violated | (nothing & side.over), nothing & ~side.over), by)


def alternate_precedence(side: Side) -> Judged:
    """A target came after the activation before this one."""
    earlier = side.back()
    before = _previous_activation(side)
    last_target, last_before = _run(side, earlier), _run(side, before)
    fulfilled = (earlier >= 0) & (last_target > last_before)
    violated = (before >= 0) & (last_before > last_target)
    same = np.flatnonzero((earlier >= 0) & (last_target == last_before))
    _mixed_run(side, same, earlier, fulfilled, violated)
    nothing = (earlier < 0) & (before < 0)
    _beside(side, fulfilled, violated)
    return _backward(side, fulfilled, violated | nothing, np.maximum(earlier, before))


def _next_activation(side: Side) -> Int32:
    k = np.searchsorted(side.p, side.te)
    found = np.append(side.p, side.none)[k]
    return np.where(found < side.end, found, side.none).astype(np.int32)


def _previous_activation(side: Side) -> Int32:
    k = np.searchsorted(side.p, side.ts) - 1
    found = np.where(k >= 0, side.p[np.maximum(k, 0)], -1)
    return np.where(found >= side.start, found, -1).astype(np.int32)


def _run(side: Side, position: Int32) -> Ints:
    """The run of events at one instant that a position stands in, by its first event."""
    if side.index.tie_start is None:
        return position
    n = side.index.n_events
    inside = (position >= 0) & (position < n)
    return np.where(inside, side.index.tie_start[np.clip(position, 0, max(n - 1, 0))], position)


def _mixed_run(side: Side, rows: Ints, position: Int32, fulfilled: Bool, violated: Bool) -> None:
    """Target and next activation in one run: an activation that is no target there could come first."""
    if not len(rows):
        return
    fulfilled[rows] = True
    if side.index.tie_start is None or side.index.tie_end is None:
        return
    first, stop = side.index.tie_start[position[rows]], side.index.tie_end[position[rows]]
    _blockers(side, rows, first, stop, violated)


def _beside(side: Side, fulfilled: Bool, violated: Bool) -> None:
    """Another activation, or a target, at the activation's own instant may come first."""
    if side.tied is None:
        return
    fulfilled |= side.beside()
    _blockers(side, side.tied, side.ts[side.tied], side.te[side.tied], violated)


def _blockers(side: Side, rows: Ints, first: Ints, stop: Ints, violated: Bool) -> None:
    is_activation = np.zeros(side.index.n_events, dtype=bool)
    is_activation[side.p] = True
    which, position = _spread(rows, first, stop)
    other = (position != side.p[which]) & is_activation[position]
    which, position = which[other], position[other]
    violated[which[~side.fits(which, position)]] = True


def count(index: Index, events: Int32, window: Window, template: Template, n: int) -> Judged:
    """existence, absence and exactly: how often it happened, once a case; a window runs from the case's creation."""
    case = np.arange(index.n_cases, dtype=np.int32)
    first, last = window.forward(index.created)
    if window.is_set:
        of = index.case[events]
        events = events[(index.at[events] >= first[of]) & (index.at[events] <= last[of])]
    often = np.bincount(index.case[events], minlength=index.n_cases)
    before = np.cumsum(often) - often
    over = (index.closed != NEVER) | (last < index.as_of)
    enough, too_many = often >= n, often > n
    if template is Template.EXISTENCE:
        may, nth = (enough, ~enough & over), n
    elif template is Template.ABSENCE:
        may, nth = (~enough & over, enough), n
    else:
        may, nth = ((often == n) & over, too_many | (~enough & over)), n + 1
    verdict = np.select(may, [F, V], P).astype(np.int8)
    by = np.full(index.n_cases, -1, dtype=np.int32)
    reached = often >= nth
    by[reached] = events[before[reached] + nth - 1]
    return _of_cases(index, case, verdict, by, last)


def _of_cases(index: Index, case: Int32, verdict: Int8, by: Int32, last: Int64) -> Judged:
    return Judged(
        case=case,
        at=np.full(len(case), -1, dtype=np.int32),
        verdict=verdict,
        decided_by=by,
        deadline=np.where(by >= 0, NEVER, np.minimum(index.closed, last)),
    )


def edge(index: Index, events: Int32, template: Template) -> Judged:
    """init and end: what a case begins or ends with. A case without events keeps neither."""
    case = np.arange(index.n_cases, dtype=np.int32)
    length = np.diff(index.offsets)
    some = length > 0
    position = np.where(template is Template.INIT, index.offsets[:-1], index.offsets[1:] - 1).astype(np.int32)
    fits = np.zeros(index.n_events + 1, dtype=np.int64)
    fits[events + 1] = 1
    upto = np.cumsum(fits)
    place = np.clip(position, 0, max(index.n_events - 1, 0))
    first = place if index.tie_start is None else index.tie_start[place]
    stop = place + 1 if index.tie_end is None else index.tie_end[place]
    hits = np.where(some, upto[np.minimum(stop, index.n_events)] - upto[np.minimum(first, index.n_events)], 0)
    size = np.where(some, stop - first, 0)
    closed = index.closed != NEVER
    may_hit, may_miss = some & (hits > 0), hits < size
    if template is Template.INIT:
        pending = ~some & ~closed
        may_miss = may_miss | (~some & closed)
    else:
        pending = ~closed
        may_hit, may_miss = may_hit & closed, (may_miss | ~some) & closed
    verdict = np.select([may_hit & may_miss, may_hit, pending], [Verdict.TIED, F, P], V).astype(np.int8)
    by = np.where(some & ~pending & (verdict != Verdict.TIED), position, -1).astype(np.int32)
    return _of_cases(index, case, verdict, by, np.full(index.n_cases, NEVER))


def choice(index: Index, one: Int32, other: Int32, window: Window, *, exclusive: bool) -> Judged:
    """At least one of two happened; exclusive: and not both."""
    case = np.arange(index.n_cases, dtype=np.int32)
    begin, last = window.forward(index.created)
    firsts = []
    for events in (one, other):
        of = index.case[events]
        inside = (index.at[events] >= begin[of]) & (index.at[events] <= last[of]) | (not window.is_set)
        first = np.full(index.n_cases, index.n_events, dtype=np.int32)
        # Written from the last to the first, so the first stays.
        first[of[inside][::-1]] = events[inside][::-1]
        firsts.append(first)
    has = [first < index.n_events for first in firsts]
    over = (index.closed != NEVER) | (last < index.as_of)
    either, both = has[0] | has[1], has[0] & has[1]
    earliest = np.minimum(*firsts)
    if exclusive:
        verdict = np.select([both, either & over, ~either & over], [V, F, V], P)
        by = np.where(both, np.maximum(*firsts), -1)
    else:
        verdict = np.select([either, over], [F, V], P)
        by = np.where(either, earliest, -1)
    return _of_cases(index, case, verdict.astype(np.int8), by.astype(np.int32), last)
