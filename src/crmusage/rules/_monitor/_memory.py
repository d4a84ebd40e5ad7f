"""What was before: the events that could be a target, as few of them as those who look back need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crmusage.rules._condition import Condition
from crmusage.rules._monitor._layout import FIRST, Case, Row, Run, Stack, newest_first, oldest_first
from crmusage.rules._monitor._part import Deed, Handler, Part, Refs
from crmusage.rules._monitor._side import Side

_PRUNED_EVERY = 64
"""How many targets come to stand before those out of reach are looked for (guessed; any number keeps memory in
proportion to what is in reach)."""


def last_is_enough(side: Side) -> bool:
    """Whether the last target will always do: any of a case counts, and none comes too soon."""
    return side.link is None and side.reach.is_elapsed and not side.reach.delays


class Seen:
    """The targets of a case so far, in one slot: the last one where it is enough, else a stack of (row, size)."""

    def __init__(self, side: Side, slot: int) -> None:
        """Remember the targets of `side` in `slot`."""
        self.side, self.slot, self.is_single = side, slot, last_is_enough(side)

    def keeper(self) -> Handler:
        """Remember an event if it is a target."""
        slot, aim, is_single = self.slot, self.side.aim, self.is_single

        def keep(case: Case, row: Row) -> None:
            if aim is None or aim(row, case):
                if is_single:
                    case[slot] = row
                else:
                    self.add(case, row)

        return keep

    def add(self, case: Case, row: Row) -> None:
        """Remember a target."""
        if self.is_single:
            case[self.slot] = row
            return
        stack: Stack = case[self.slot]
        if stack is not None and stack[1] % _PRUNED_EVERY == 0:
            stack = self._pruned(stack, row[2])
        case[self.slot] = (row, 1 if stack is None else stack[1] + 1, stack)

    def _pruned(self, stack: Stack, at: int) -> Stack:
        reach = self.side.reach
        kept = oldest_first(stack)
        if reach.is_elapsed and reach.has_end:
            kept = [entry for entry in kept if entry[0][2] >= at - reach.within]
        elif reach.is_elapsed and self.side.link is None:
            # Of those far enough back, the nearest will do for ever.
            near = [entry for entry in kept if entry[0][2] > at - reach.after]
            kept = [*kept[: len(kept) - len(near)][-1:], *near]
        return _numbered([entry[0] for entry in kept])

    def search(self, side: Side, case: Case, row: Row) -> Row | None:
        """The nearest target for an activation of `side`; all that are remembered come before it."""
        first, last = side.reach.back(row, case)
        link = side.link
        for target in self.all(case):
            if target[2] < first:
                return None
            if target[2] <= last and (link is None or link(row, target, case)):
                return target
        return None

    def all(self, case: Case) -> Iterable[Row]:
        """Those that are remembered, the newest first."""
        stood = case[self.slot]
        if self.is_single:
            return () if stood is None else (stood,)
        return (entry[0] for entry in newest_first(stood))

    def freeze(self, case: Case, ref: Refs) -> list[int]:
        """As plain values, the oldest first."""
        return [ref(row) for row in self.all(case)][::-1]

    def thaw(self, places: Sequence[int], rows: Sequence[Row], case: Case) -> None:
        """Fill the slot with what `freeze` made."""
        found = [rows[place] for place in places]
        case[self.slot] = (found[-1] if found else None) if self.is_single else _numbered(found)


def _numbered(rows: Iterable[Row]) -> Stack:
    stack: Stack = None
    for size, row in enumerate(rows, 1):
        stack = (row, size, stack)
    return stack


class Memory(Part):
    """The targets of one side, or of all sides for which the last event of an activity and a condition is enough."""

    def __init__(self, side: Side, slot: int) -> None:
        """Remember in `slot`."""
        self.side, self.slot, self.seen = side, slot, Seen(side, slot)
        self.touched = side.targets

    def deed(self, activity: str) -> Deed | None:
        if activity not in self.side.targets:
            return None
        if self.seen.is_single and self.side.aim is None:
            return Deed(keeps=self.slot)
        return Deed(handler=self.seen.keeper())

    def step(self, case: Case, run: Run) -> None:
        for row in run:
            if self.side.is_target(row, case):
                self.seen.add(case, row)

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [self.seen.freeze(case, ref)]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        self.seen.thaw(values[0], rows, case)


class Shelf:
    """Hands out slots, and memories: one for all that can share it."""

    def __init__(self) -> None:
        self.size = FIRST
        self.memories: list[Memory] = []
        self._shared: dict[tuple[frozenset[str], Condition | None], Memory] = {}

    def slots(self, width: int) -> int:
        """The first of so many slots side by side."""
        slot = self.size
        self.size += width
        return slot

    def memory(self, side: Side) -> Memory:
        """What remembers the targets of a side."""
        constraint = side.constraint
        key = (side.targets, constraint.where if side.mirrored else constraint.target_where)
        found = self._shared.get(key) if last_is_enough(side) else None
        if found is None:
            found = Memory(side, self.slots(1))
            self.memories.append(found)
            if last_is_enough(side):
                self._shared[key] = found
        return found
