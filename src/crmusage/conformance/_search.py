from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.history import Index, edge

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer[Any]]


class Occurrences:
    """The events of one activity or several, or those of them that satisfy a condition, in order."""

    def __init__(self, index: Index, activities: tuple[str, ...], at: Int32 | None = None) -> None:
        """Take the events at positions `at`; None: every event of any of the activities (there may be none)."""
        self.index, self.activities = index, activities
        there = [activity for activity in activities if activity in index.activities]
        self._activity = there[0] if at is None and len(there) == 1 else None
        """Of all events of one activity, the index keeps arrays at hand."""
        if at is None:
            parts = [index.positions(activity) for activity in there]
            at = parts[0] if len(parts) == 1 else np.sort(np.concatenate([np.zeros(0, np.int32), *parts]))
        self.at: Int32 = at

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def case(self) -> Int32:
        return self.index.case[self.at] if self._activity is None else self.index.case_of(self._activity)

    @cached_property
    def instant(self) -> Int64:
        return self.index.at[self.at] if self._activity is None else self.index.at_of(self._activity)

    @cached_property
    def cell(self) -> Int32:
        return self.index.cell[self.at] if self._activity is None else self.index.cell_of(self._activity)

    def edge(self, *, last: bool) -> Int32:
        """Where the last (or first) of them stands in each case; -1 (N) where there is none."""
        if self._activity is None:
            return edge(self.index, self.at, self.case, last=last)
        return self.index.edge_of(self._activity, last=last)

    @cached_property
    def mask(self) -> Bool:
        """Which events of the index are among them."""
        found = np.zeros(self.index.n_events, dtype=bool)
        found[self.at] = True
        return found


class Search:
    """Finds, for each activation, its nearest qualifying target: of its case, and correlated with it.

    Everything is one vector operation over all activations: a binary search among the sorted positions of the
    targets. "Same" attributes split a case into groups, which go into the key that is searched; "different"
    ones jump from run to run of equal values.
    """

    def __init__(
        self,
        index: Index,
        activating: Occurrences,
        targeted: Occurrences,
        same: Sequence[Int32] = (),
        different: Sequence[Int32] = (),
    ) -> None:
        """Prepare to search targets from activations.

        `same` and `different` give a code for each event of the index, negative where it has no value.
        """
        activations, targets = activating.at, targeted.at
        self.index = index
        self.activations = activations
        self.targeted = targeted
        self.is_plain = not same and not different
        """Whether any target in the case will do."""
        self.none = index.n_events
        """What `next` gives where there is no target (`previous` gives -1)."""
        group_a: Ints = activating.case
        group_t: Ints
        if self.is_plain:
            group_t = targeted.case
        else:
            compared = [codes[targets] >= 0 for codes in (*same, *different)]
            targets = targets[np.logical_and.reduce(compared)]
            group_a, group_t = _groups(index, activations, targets, same)
        order = np.argsort(group_t, kind="stable") if same else slice(None)
        self.targets: Int32 = targets[order]
        self._group_t: Ints = group_t[order]
        self._group_a: Ints = group_a
        self.able: Bool | None = None
        """Whether an activation can have targets at all: it has every value that is compared. None: all can."""
        if not self.is_plain:
            self.able = np.logical_and.reduce([codes[activations] >= 0 for codes in (*same, *different)])
        self._same, self._different = tuple(same), tuple(different)
        # Positions ascend with cases, so without groups they are their own key.
        self._stride = index.n_events + 2
        self._key: Ints = (
            self._group_t.astype(np.int64) * self._stride + self.targets if same else self.targets
        )
        self._forward = [_next_change(c[self.targets], self._group_t) for c in different]
        self._backward = [_previous_change(c[self.targets], self._group_t) for c in different]

    def _find(self, position: Ints, rows: Ints | slice) -> npt.NDArray[np.intp]:
        wanted: Ints = position
        if self._same:
            wanted = self._group_a[rows].astype(np.int64) * self._stride + position
        return np.searchsorted(self._key, wanted)

    def next(self, start: Ints, rows: Ints | slice = slice(None)) -> Int32:
        """The first target at or after `start`, for each of the activations `rows`; `none` where there is none."""
        return self._settle(self._find(start, rows), rows, self._forward, self.none)

    def previous(self, stop: Ints, rows: Ints | slice = slice(None)) -> Int32:
        """The last target before `stop`; -1 where there is none."""
        return self._settle(self._find(stop, rows) - 1, rows, self._backward, -1)

    def _settle(self, k: npt.NDArray[np.intp], rows: Ints | slice, jumps: list[Ints], none: int) -> Int32:
        activation = self.activations[rows]
        m = len(self.targets)
        if m == 0:
            return np.full(len(activation), none, dtype=np.int32)

        def good() -> Bool:
            inside = (k >= 0) & (k < m)
            ok: Bool = inside if self.able is None else inside & self.able[rows]
            ok &= self._group_t[np.clip(k, 0, m - 1)] == self._group_a[rows]
            return ok

        valid = good()
        if jumps:
            k = k.copy()
            while True:
                again = np.zeros(len(k), dtype=bool)
                for codes, jump in zip(self._different, jumps, strict=True):
                    equal = valid & (codes[self.targets[np.clip(k, 0, m - 1)]] == codes[activation])
                    k[equal] = jump[k[equal]]
                    valid = good()
                    again |= equal
                if not again.any():
                    break
        found = self.targets[np.clip(k, 0, m - 1)]
        return np.where(valid, found, none).astype(np.int32)

    def other_next(self, start: Ints, rows: Ints | slice = slice(None)) -> Int32:
        """The first target at or after `start` that is not the activation itself."""
        first = self.next(start, rows)
        itself = first == self.activations[rows]
        if itself.any():
            which = np.arange(len(self.activations))[rows][itself]
            first[itself] = self.next(self.activations[which] + 1, which)
        return first

    def matches(self, rows: Ints, position: Ints) -> Bool:
        """Whether the event at `position` (inside the index) qualifies as a target of the activation `rows`."""
        activation = self.activations[rows]
        fits: Bool = self.targeted.mask[position] & (self.index.case[position] == self.index.case[activation])
        if self.able is not None:
            fits &= self.able[rows]
        for codes in self._same:
            fits &= codes[position] == codes[activation]
        for codes in self._different:
            fits &= (codes[position] >= 0) & (codes[position] != codes[activation])
        return fits


def _groups(index: Index, activations: Int32, targets: Int32, same: Sequence[Int32]) -> tuple[Ints, Ints]:
    n = len(activations)
    if not same:
        return index.case[activations], index.case[targets]
    both = np.concatenate([activations, targets])
    group: Ints = index.case[both].astype(np.int64)
    for codes in same:
        size = int(codes.max(initial=0)) + 2
        _, group = np.unique(group * size + codes[both] + 1, return_inverse=True)
    return group[:n], group[n:]


def _next_change(value: Ints, group: Ints) -> Ints:
    """For each place of a list, the next one whose value or group is another (the list's length: none)."""
    m = len(value)
    if m == 0:
        return np.zeros(0, dtype=np.intp)
    last = np.flatnonzero(np.append((value[1:] != value[:-1]) | (group[1:] != group[:-1]), True))
    return np.repeat(last + 1, np.diff(np.concatenate([[-1], last])))


def _previous_change(value: Ints, group: Ints) -> Ints:
    m = len(value)
    if m == 0:
        return np.zeros(0, dtype=np.intp)
    first = np.flatnonzero(np.concatenate([[True], (value[1:] != value[:-1]) | (group[1:] != group[:-1])]))
    return np.repeat(first - 1, np.diff(np.append(first, m)))
