"""What became of each activation, template by template: NumPy arrays in, NumPy arrays out.

The meaning of each is its formula on finite traces (docs/reference/templates). Three things go beyond the formula:

- An open case has not ended: what can still change is pending, until its window has passed.
- Events at one instant in no known order are a tie. For each activation the outcomes of all orders are collected;
  where they differ, it is tied. Which ones are possible follows from the run of events at one instant that the
  activation stands in and the runs that decide, so no order has to be tried.
- A target is another event than its activation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.conformance._search import Bool, Int32, Int64, Ints, Occurrences, Search
from crmusage.conformance._window import Window
from crmusage.history import NEVER, Index
from crmusage.rules import Verdict

Int8 = npt.NDArray[np.int8]
F, V, P = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING


@attrs.frozen(eq=False)
class Judged:
    """Parallel arrays, one entry an activation."""

    case: Int32
    at: Int32
    """The position of the activation; -1: the case as a whole is it."""
    cell: Int32
    """The unit and month that it counts for (`Index.cell_names`)."""
    verdict: Int8
    decided_by: Int32 | None
    """The position of the event that decided it; -1: none did. None as a whole: not asked for."""
    deadline: Int64 | None
    """The instant that decided it by passing, or will (pending); NEVER: no instant does. Of a cadence: the instant by
    which it was due, whatever decided."""

    def __len__(self) -> int:
        return len(self.case)

    def take(self, which: Any) -> Judged:
        """Some of the activations."""
        return self._each(lambda array: array[which])

    def _each(self, change: Callable[[Any], Any]) -> Judged:
        columns: list[Any] = [getattr(self, field.name) for field in attrs.fields(Judged)]
        changed: list[Any] = [None if column is None else change(column) for column in columns]
        return Judged(*changed)


def join(parts: list[Judged]) -> Judged:
    """Several lists of activations as one."""
    first, *others = parts
    columns: list[Any] = []
    for field in attrs.fields(Judged):
        arrays = [getattr(part, field.name) for part in (first, *others)]
        columns.append(None if arrays[0] is None else np.concatenate(arrays))
    return Judged(*columns)


class Side:
    """Activations with all that the templates ask of them, and the search for their targets.

    What a template does not ask for is not computed. `reasons` says whether the events and instants that decided
    are wanted too; without them much less has to be looked up.
    """

    def __init__(
        self,
        index: Index,
        activating: Occurrences,
        targeted: Occurrences,
        *,
        same: Sequence[Int32] = (),
        different: Sequence[Int32] = (),
        window: Window | None = None,
        reasons: bool = True,
    ) -> None:
        """Say what is searched from where."""
        self.index, self.activating, self.targeted = index, activating, targeted
        self._correlated = (same, different)
        self.window = window or Window()
        self.reasons = reasons
        self.p = activating.at
        self.none = index.n_events
        """The position of no later event (-1: of no earlier one)."""

    @cached_property
    def search(self) -> Search:
        return Search(self.index, self.activating, self.targeted, *self._correlated)

    @property
    def any_will_do(self) -> bool:
        """Whether every target of the case counts, whenever it is."""
        return not self.window.is_set and not any(self._correlated)

    @property
    def are_apart(self) -> bool:
        """Whether no event can be both an activation and a target."""
        return set(self.activating.activities).isdisjoint(self.targeted.activities)

    @property
    def case(self) -> Int32:
        return self.activating.case

    @property
    def at(self) -> Int64:
        return self.activating.instant

    @cached_property
    def start(self) -> Ints:
        return self.index.offsets[self.case]

    @cached_property
    def end(self) -> Ints:
        return self.index.offsets[self.case + 1]

    @cached_property
    def ts(self) -> Ints:
        """The first position that stands at the activation's instant in no known order with it."""
        return self.p if self.index.tie_start is None else self.index.tie_start[self.p]

    @cached_property
    def te(self) -> Ints:
        """The position after the last such one."""
        return self.p + np.int32(1) if self.index.tie_end is None else self.index.tie_end[self.p]

    @cached_property
    def tied(self) -> Ints | None:
        """The activations that share their instant with other events in no known order."""
        if self.index.tie_start is None:
            return None
        rows = np.flatnonzero(self.te - self.ts > 1)
        return rows if len(rows) else None

    @cached_property
    def ahead_bounds(self) -> tuple[Int64, Int64]:
        return self.window.forward(self.at, self.p)

    @cached_property
    def back_bounds(self) -> tuple[Int64, Int64]:
        return self.window.backward(self.at, self.p)

    def over(self, rows: Any) -> Bool:
        """Whether no later event of the case can count any more, for some of the activations."""
        if self.index.all_closed:
            every: Bool = np.ones(len(self.p), dtype=bool)[rows]
            return every
        over: Bool = self.index.closed[self.case[rows]] != NEVER
        if self.window.is_set:
            first, last = self.ahead_bounds
            # A window can be empty from the start, too.
            over |= (last[rows] < self.index.as_of) | (last[rows] < first[rows])
        if any(self._correlated) and self.search.able is not None:
            over |= ~self.search.able[rows]
        return over

    def ahead(self) -> Int32:
        """The nearest target strictly later than the activation's instant, in the window; else `none`."""
        begin = self.te
        if self.window.delays:
            begin = np.maximum(begin, self.index.position_at(self.case, self.ahead_bounds[0]))
        found = self.search.next(begin)
        if not self.window.is_set:
            return found
        late = self._instant(found) > self.ahead_bounds[1]
        return np.where(late, self.none, found).astype(np.int32)

    def back(self) -> Int32:
        """The nearest target strictly earlier, in the window; else -1."""
        stop = self.ts
        if self.window.delays:
            stop = np.minimum(stop, self.index.position_at(self.case, self.back_bounds[1] + 1))
        found = self.search.previous(stop)
        if not self.window.is_set:
            return found
        early = self._instant(found) < self.back_bounds[0]
        return np.where(early, -1, found).astype(np.int32)

    def some_ahead(self) -> tuple[Bool, Int32 | None]:
        """Whether there is such a later target; and which, where reasons are wanted."""
        if self.any_will_do and not self.reasons:
            return self.targeted.edge(last=True)[self.case] >= self.te, None
        found = self.ahead()
        return found < self.none, found

    def some_back(self) -> tuple[Bool, Int32 | None]:
        """Whether there is such an earlier target; and which, where reasons are wanted."""
        if self.any_will_do and not self.reasons:
            return self.targeted.edge(last=False)[self.case] < self.ts, None
        found = self.back()
        return found >= 0, found

    def beside(self) -> Bool | None:
        """Whether another event at the activation's instant, in no known order with it, is a target; None: never."""
        if self.tied is None or not self.window.takes_same_instant:
            return None
        hit = np.zeros(len(self.p), dtype=bool)
        rows = self.tied
        hit[rows] = self.search.other_next(self.ts[rows], rows) < self.te[rows]
        return hit

    def _instant(self, position: Int32) -> Int64:
        n = self.index.n_events
        if not n:
            return np.zeros(len(position), np.int64)
        # Positions outside stand for no event; what their instant is does not matter to any comparison.
        return self.index.at[np.clip(position, 0, n - 1)]

    def fits(self, rows: Ints, position: Ints) -> Bool:
        """Whether the events at `position` qualify for the activations `rows`, window included."""
        if self.any_will_do:
            inside: Bool = self.targeted.mask[position] & (self.index.case[position] == self.case[rows])
            return inside
        ok = self.search.matches(rows, position)
        if self.window.is_set:
            instant = self.index.at[position]
            earlier = position < self.p[rows]
            first = np.where(earlier, self.back_bounds[0][rows], self.ahead_bounds[0][rows])
            last = np.where(earlier, self.back_bounds[1][rows], self.ahead_bounds[1][rows])
            ok &= (instant >= first) & (instant <= last)
        return ok

    def judged(
        self, fulfilled: Bool, violated: Bool, pending: Bool | None, decided_by: Ints | None
    ) -> Judged:
        """Settle which outcomes the orders allow: one, or tied."""
        # False and True are 0 and 1, fulfilled and violated too.
        verdict = (~fulfilled).astype(np.int8)
        if pending is not None:
            verdict[pending & ~fulfilled & ~violated] = P
        if self.index.tie_start is not None:
            many = fulfilled.astype(np.int8) + violated
            if pending is not None:
                many += pending
            verdict[many > 1] = Verdict.TIED
        if decided_by is None or not self.reasons:
            return Judged(self.case, self.p, self.activating.cell, verdict, None, None)
        decided = (decided_by >= 0) & (decided_by < self.none)
        unsettled = verdict == Verdict.TIED
        # Without an event, the end of the case or of the window decides, whichever comes first. What is settled
        # before either never had a chance (a value to compare is missing, the window is empty): from the start.
        end = np.minimum(self.index.closed[self.case], self.ahead_bounds[1])
        at_once = ~decided & (verdict != P) & (end > self.index.as_of)
        by = np.where(at_once, self.p, np.where(decided, decided_by, -1))
        return Judged(
            case=self.case,
            at=self.p,
            cell=self.activating.cell,
            verdict=verdict,
            decided_by=np.where(unsettled, -1, by).astype(np.int32),
            deadline=np.where(decided | unsettled | at_once, NEVER, end),
        )

    def open_or_over(self, rest: Bool) -> tuple[Bool, Bool]:
        """Of some activations, those that can still change, and those for which it is too late."""
        if self.index.all_closed:
            return np.zeros(len(rest), dtype=bool), rest
        rows = np.flatnonzero(rest)
        over = np.zeros(len(rest), dtype=bool)
        over[rows] = self.over(rows)
        return rest & ~over, over


def either(one: Bool, other: Bool | None) -> Bool:
    """Both together, where there is another."""
    return one if other is None else one | other


def response(side: Side, *, negative: bool = False) -> Judged:
    """Some target follows; negative (not_succession): none does."""
    found, later = side.some_ahead()
    hit = either(found, side.beside())
    pending, over = side.open_or_over(~found)
    if negative:
        return side.judged(over, hit, pending, later)
    return side.judged(hit, over, pending, later)


def precedence(side: Side) -> Judged:
    """Some target comes before."""
    found, earlier = side.some_back()
    return _backward(side, either(found, side.beside()), ~found, earlier)


def _backward(side: Side, fulfilled: Bool, violated: Bool, decided_by: Ints | None) -> Judged:
    """What looks back is settled at once: where no event decides, the activation itself does."""
    by = None if decided_by is None else np.where(decided_by >= 0, decided_by, side.p)
    return side.judged(fulfilled, violated, None, by)


def existence_beside(side: Side, *, negative: bool = False) -> Judged:
    """Some target anywhere in the case, before or after (negative: none). No order matters."""
    found, by = _somewhere(side)
    pending, over = side.open_or_over(~found)
    if negative:
        return side.judged(over, found, pending, by)
    return side.judged(found, over, pending, by)


def _somewhere(side: Side) -> tuple[Bool, Ints | None]:
    if side.any_will_do and not side.reasons and side.are_apart:
        return side.targeted.edge(last=True)[side.case] >= 0, None
    earlier = side.back()
    if side.window.takes_same_instant and side.tied is not None:
        rows = side.tied
        beside = side.search.other_next(side.ts[rows], rows)
        earlier[rows] = np.where((earlier[rows] < 0) & (beside < side.te[rows]), beside, earlier[rows])
    later = side.ahead()
    by = np.where(earlier >= 0, earlier, later)
    return (by >= 0) & (by < side.none), by


def chain_response(side: Side, *, negative: bool = False) -> Judged:
    """The very next event is a target; negative (not_chain_succession): it is not."""
    nothing: Bool = side.te >= side.end
    hit, miss = _neighbours(side, side.te, ~nothing)
    pending, over = side.open_or_over(nothing)
    by = np.where(nothing, side.none, side.te) if side.reasons else None
    if negative:
        return side.judged(miss | over, hit, pending, by)
    return side.judged(hit, miss | over, pending, by)


def chain_precedence(side: Side) -> Judged:
    """The event just before is a target."""
    nothing: Bool = side.ts <= side.start
    hit, miss = _neighbours(side, side.ts - np.int32(1), ~nothing)
    return _backward(side, hit, miss | nothing, np.where(nothing, -1, side.ts - 1) if side.reasons else None)


def _neighbours(side: Side, beyond: Ints, there: Bool) -> tuple[Bool, Bool]:
    """Whether the neighbour can be a target, and can be none: among the events beside, and those just beyond."""
    index = side.index
    rows = np.flatnonzero(there)
    hit = np.zeros(len(side.p), dtype=bool)
    miss = np.zeros(len(side.p), dtype=bool)
    if index.tie_start is None or index.tie_end is None:
        fits = side.fits(rows, beyond[rows])
        hit[rows], miss[rows] = fits, ~fits
        return hit, miss
    groups: list[tuple[Ints, Ints, Ints]] = [
        (rows, index.tie_start[beyond[rows]], index.tie_end[beyond[rows]])
    ]
    if side.tied is not None:
        groups.append((side.tied, side.ts[side.tied], side.te[side.tied]))
    for some, first, stop in groups:
        which, position = spread(some, first, stop)
        other = position != side.p[which]
        which, position = which[other], position[other]
        fits = side.fits(which, position)
        hit[which[fits]] = True
        miss[which[~fits]] = True
    return hit, miss


def spread(rows: Ints, first: Ints, stop: Ints) -> tuple[Ints, Ints]:
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
    has, blocked = later < side.none, again < side.none
    fulfilled = has & (first_target < first_again)
    violated = blocked & (first_again < first_target)
    _mixed_run(side, np.flatnonzero(has & (first_target == first_again)), later, fulfilled, violated)
    pending, over = side.open_or_over(~has & ~blocked)
    _beside(side, fulfilled, violated)
    by = None
    if side.reasons:
        # A window that has passed settles it, whether or not the activation came again afterwards.
        missed = side.ahead_bounds[1] < side._instant(again)  # noqa: SLF001 — one room
        by = np.where(later <= again, later, np.where(missed, side.none, again))
    return side.judged(fulfilled, violated | over, pending, by)


def alternate_precedence(side: Side) -> Judged:
    """A target came after the activation before this one."""
    earlier = side.back()
    before = _previous_activation(side)
    last_target, last_before = _run(side, earlier), _run(side, before)
    has, blocked = earlier >= 0, before >= 0
    fulfilled = has & (last_target > last_before)
    violated = blocked & (last_before > last_target)
    _mixed_run(side, np.flatnonzero(has & (last_target == last_before)), earlier, fulfilled, violated)
    _beside(side, fulfilled, violated)
    return _backward(side, fulfilled, violated | (~has & ~blocked), np.maximum(earlier, before))


def _next_activation(side: Side) -> Int32:
    if side.index.tie_start is None:
        found = np.append(side.p[1:], np.int32(side.none))
    else:
        found = np.append(side.p, np.int32(side.none))[np.searchsorted(side.p, side.te)]
    return np.where(found < side.end, found, np.int32(side.none))


def _previous_activation(side: Side) -> Int32:
    if side.index.tie_start is None:
        found = np.insert(side.p[:-1], 0, np.int32(-1)) if len(side.p) else side.p
    else:
        k = np.searchsorted(side.p, side.ts) - 1
        found = np.where(k >= 0, side.p[np.maximum(k, 0)], np.int32(-1))
    return np.where(found >= side.start, found, np.int32(-1))


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
    beside = side.beside()
    if beside is not None:
        fulfilled |= beside
    _blockers(side, side.tied, side.ts[side.tied], side.te[side.tied], violated)


def _blockers(side: Side, rows: Ints, first: Ints, stop: Ints, violated: Bool) -> None:
    which, position = spread(rows, first, stop)
    other = (position != side.p[which]) & side.activating.mask[position]
    which, position = which[other], position[other]
    violated[which[~side.fits(which, position)]] = True
