"""What looks back: precedence; and what looks both ways: responded_existence and (not_)co_existence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crmusage.rules._monitor._forward import Forward
from crmusage.rules._monitor._layout import Case, Row, Run, Stack, newest_first, oldest_first
from crmusage.rules._monitor._part import NEVER, F, Handler, Part, Refs, T, V, Voice, both
from crmusage.rules._monitor._side import Side

_PRUNED_EVERY = 64
"""How many targets come to stand before those out of reach are looked for (guessed; any number keeps memory in
proportion to what is in reach)."""


class Seen:
    """The targets of a case so far, in one slot, as few of them as the search needs.

    Without correlation and `after` the last one is enough; else they are a stack of (row, size).
    """

    def __init__(self, side: Side, slot: int) -> None:
        """Remember the targets of `side` in `slot`."""
        self.side, self.slot = side, slot
        self.is_single = side.link is None and side.reach.is_elapsed and not side.reach.delays

    def keeper(self) -> Handler:
        """Remember an event if it is a target."""
        slot, aim = self.slot, self.side.aim
        if not self.is_single:
            return lambda case, row: self.add(case, row) if aim is None or aim(row, case) else None

        def keep(case: Case, row: Row) -> None:
            if aim is None or aim(row, case):
                case[slot] = row

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

    def search(self, case: Case, row: Row) -> Row | None:
        """The nearest target for an activation; all that are remembered come before it."""
        first, last = self.side.reach.back(row, case)
        link = self.side.link
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


class Backward(Part):
    """precedence: some target comes before. Its slot holds the targets so far."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.seen = Seen(side, slot)

    def handler(self, activity: str) -> Handler | None:
        side = self.side
        if activity == side.activity == side.target:
            return both(self._checked(), self.seen.keeper())
        return (
            self._checked()
            if activity == side.activity
            else self.seen.keeper()
            if activity == side.target
            else None
        )

    def _checked(self) -> Handler:
        slot, act, tell, tell_fulfilled = self.slot, self.side.act, self.tell, self.tell_fulfilled
        find, within, is_single = self.seen.search, self.side.reach.within, self.seen.is_single

        def check(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                found = find(case, row)
                if found is None:
                    tell(case, row, V, row, NEVER)
                elif tell_fulfilled is not None:
                    tell_fulfilled(case, row, F, found, NEVER)

        def check_last(case: Case, row: Row) -> None:
            found = case[slot]
            if found is not None and row[2] - found[2] <= within:
                if tell_fulfilled is not None and (act is None or act(row, case)):
                    tell_fulfilled(case, row, F, found, NEVER)
            elif act is None or act(row, case):
                tell(case, row, V, row, NEVER)

        return check_last if is_single else check

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        targets = [row for row in run if side.is_target(row, case)]
        for row in run:
            if side.is_activation(row, case):
                found = self.seen.search(case, row)
                if found is not None:
                    self.tell(case, row, F, found, NEVER)
                elif any(other is not row and side.precedes(other, row, case) for other in targets):
                    self.tell(case, row, T, None, NEVER)
                else:
                    self.tell(case, row, V, row, NEVER)
        for row in targets:
            self.seen.add(case, row)

    def is_safe(self, case: Case) -> bool:
        return self.side.link is None and self.side.reach.is_boundless and case[self.slot] is not None

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [self.seen.freeze(case, ref)]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        self.seen.thaw(values[0], rows, case)


class Beside(Forward):
    """Some target anywhere in the case (negative: none), so no order matters.

    Its slots: the activations that wait, as in Forward, and the targets so far.
    """

    width = changing = 2

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, negative: bool = False) -> None:
        super().__init__(side, number, slot, voice, negative=negative)
        self.seen = Seen(side, slot + 1)

    def handler(self, activity: str) -> Handler | None:
        side = self.side
        if activity == side.activity == side.target:
            return both(both(self.met(), self.started()), self.seen.keeper())
        if activity == side.activity:
            return self.started()
        return self._came() if activity == side.target else None

    def _came(self) -> Handler:
        slot, aim, keep = self.slot, self.side.aim, self.seen.slot
        meet = self.met()
        if not self.seen.is_single:
            return both(meet, self.seen.keeper())

        def come(case: Case, row: Row) -> None:
            if aim is None or aim(row, case):
                if case[slot] is not None:
                    meet(case, row)
                case[keep] = row

        return come

    def started(self) -> Handler:
        act, tell_hit, hit = self.side.act, self.tell_hit, self.hit
        find, within, is_single = self.seen.search, self.side.reach.within, self.seen.is_single
        seen, wait = self.seen.slot, super().started()

        def start(case: Case, row: Row) -> None:
            found = find(case, row)
            if found is None:
                wait(case, row)
            elif tell_hit is not None and (act is None or act(row, case)):
                tell_hit(case, row, hit, found, NEVER)

        def start_after_last(case: Case, row: Row) -> None:
            found = case[seen]
            if found is None or row[2] - found[2] > within:
                wait(case, row)
            elif tell_hit is not None and (act is None or act(row, case)):
                tell_hit(case, row, hit, found, NEVER)

        return start_after_last if is_single else start

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        targets = [row for row in run if side.is_target(row, case)]
        if targets and case[self.slot] is not None:
            self.meet(case, targets)
        for row in run:
            if side.is_activation(row, case):
                found = self.seen.search(case, row)
                if found is None:
                    others = (other for other in targets if other is not row)
                    found = next((other for other in others if side.follows(row, other, case)), None)
                if found is None:
                    self.wait(case, row, 0)
                else:
                    self.tell(case, row, self.hit, found, NEVER)
        for row in targets:
            self.seen.add(case, row)

    def is_safe(self, case: Case) -> bool:
        unbroken = self.hit is F and self.side.link is None and self.side.reach.is_boundless
        return unbroken and case[self.seen.slot] is not None

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [*super().freeze(case, ref), self.seen.freeze(case, ref)]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        super().thaw(values[:1], rows, case)
        self.seen.thaw(values[1], rows, case)
