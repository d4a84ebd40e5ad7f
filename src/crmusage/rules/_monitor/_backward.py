"""What looks back: precedence; and what looks both ways: responded_existence and (not_)co_existence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmusage.rules._monitor._forward import Forward
from crmusage.rules._monitor._layout import NEVER, Case, Row, Run
from crmusage.rules._monitor._memory import Memory
from crmusage.rules._monitor._part import Deed, F, Handler, Judge, Refs, T, V, Voice
from crmusage.rules._monitor._side import Side


class Backward(Judge):
    """precedence: some target comes before. It has no slot of its own, only a memory."""

    width = 0
    waits = False

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, memory: Memory) -> None:
        """`memory` is that of the targets."""
        super().__init__(side, number, slot, voice)
        self.memory = memory

    def deed(self, activity: str) -> Deed | None:
        return Deed(handler=self._checked()) if activity in self.side.activities else None

    def _checked(self) -> Handler:
        side, seen, act, tell, tell_fulfilled = (
            self.side,
            self.memory.seen,
            self.side.act,
            self.tell,
            self.tell_fulfilled,
        )
        slot, within = seen.slot, side.reach.within

        def check(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                found = seen.search(side, case, row)
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

        return check_last if seen.is_single else check

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        for row in run:
            if side.is_activation(row, case):
                found = self.memory.seen.search(side, case, row)
                if found is not None:
                    self.tell(case, row, F, found, NEVER)
                elif any(other is not row and side.precedes(other, row, case) for other in run):
                    self.tell(case, row, T, None, NEVER)
                else:
                    self.tell(case, row, V, row, NEVER)

    def is_safe(self, case: Case) -> bool:
        return self.side.any_will_do and case[self.memory.slot] is not None

    def freeze(self, case: Case, ref: Refs) -> list[Any]:  # noqa: ARG002
        return []

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        pass


class Beside(Forward):
    """Some target anywhere in the case (negative: none), so no order matters."""

    memory: Memory

    def cares(self, one: str, other: str) -> bool:  # noqa: ARG002
        return False

    def __init__(
        self, side: Side, number: int, slot: int, voice: Voice, memory: Memory, *, negative: bool = False
    ) -> None:
        """`memory` is that of the targets, `negative`: a target is what must not be."""
        super().__init__(side, number, slot, voice, negative=negative)
        self.memory = memory

    def started(self) -> Handler:
        side, seen, act, tell_hit, hit = self.side, self.memory.seen, self.side.act, self.tell_hit, self.hit
        slot, within, wait = seen.slot, side.reach.within, super().started()

        def start(case: Case, row: Row) -> None:
            found = seen.search(side, case, row)
            if found is None:
                wait(case, row)
            elif tell_hit is not None and (act is None or act(row, case)):
                tell_hit(case, row, hit, found, NEVER)

        def start_after_last(case: Case, row: Row) -> None:
            found = case[slot]
            if found is None or row[2] - found[2] > within:
                wait(case, row)
            elif tell_hit is not None and (act is None or act(row, case)):
                tell_hit(case, row, hit, found, NEVER)

        return start_after_last if seen.is_single else start

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        targets = [row for row in run if side.is_target(row, case)]
        if targets and case[self.slot] is not None:
            self.meet(case, targets)
        for row in run:
            if side.is_activation(row, case):
                found = self.memory.seen.search(side, case, row)
                if found is None:
                    others = (other for other in targets if other is not row)
                    found = next((other for other in others if side.follows(row, other, case)), None)
                if found is None:
                    self.wait(case, row, 0)
                else:
                    self.tell(case, row, self.hit, found, NEVER)

    def is_safe(self, case: Case) -> bool:
        return self.hit is F and self.side.any_will_do and case[self.memory.slot] is not None
