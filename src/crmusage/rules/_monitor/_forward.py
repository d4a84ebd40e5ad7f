"""What looks ahead: response (some target follows) and not_succession (none does)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import ALARM, NEVER, Case, Row, Run, Stack, oldest_first, stacked
from crmusage.rules._monitor._part import (
    Deed,
    F,
    Finish,
    Handler,
    Judge,
    P,
    Refs,
    T,
    V,
    Voice,
    Waiting,
    after,
)
from crmusage.rules._monitor._side import Side


class Forward(Judge):
    """Waits for a target of each activation. Its slot is a stack of (row, first, last, beside)."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, negative: bool = False) -> None:
        """`negative`: a target is what must not come."""
        super().__init__(side, number, slot, voice)
        self.hit, self.miss = (V, F) if negative else (F, V)
        self.tell_hit = self.tell if negative else self.tell_fulfilled

    def deed(self, activity: str) -> Deed | None:
        side = self.side
        if activity in side.activities & side.targets:
            return Deed(handler=after(self.met(), self.started()))
        if activity in side.activities:
            return Deed(handler=self.started())
        if activity not in side.targets:
            return None
        if side.aim is None and self.tell_hit is None and self.meets_all:
            return Deed(clears=self.slot)
        return Deed(handler=self.met(), gate=self.slot)

    @property
    def meets_all(self) -> bool:
        """Whether a target is one for all that wait: those whose window has passed wait no more."""
        reach = self.side.reach
        return self.side.link is None and reach.is_elapsed and not reach.delays

    def started(self) -> Handler:
        """An activation begins to wait."""
        slot, act, arm, reach = self.slot, self.side.act, self.arm, self.side.reach
        delay, within = reach.after, reach.within
        if self.side.link is not None or not reach.is_elapsed or delay > within:

            def start_somehow(case: Case, row: Row) -> None:
                if act is None or act(row, case):
                    self.wait(case, row, 0)

            return start_somehow

        def start(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                case[slot] = (row, row[2] + delay, NEVER, 0, case[slot])

        def start_within(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                at = row[2]
                last = at + within
                case[slot] = (row, at + delay, last, 0, case[slot])
                if last < case[ALARM]:
                    arm(case, last)

        return start_within if reach.has_end else start

    def wait(self, case: Case, row: Row, beside: int) -> None:
        """An activation begins to wait; `beside`: a target stands at its instant, in no known order with it."""
        first, last = self.side.reach.ahead(row, case)
        if not self.can_ever(row, case, first, last):
            self.tell(case, row, self.miss, None, last)
            return
        case[self.slot] = (row, first, last, beside, case[self.slot])
        if last < case[ALARM]:
            self.arm(case, last)

    def met(self) -> Handler:
        """A target comes."""
        slot, aim, tell, hit = self.slot, self.side.aim, self.tell_hit, self.hit

        def meet_some(case: Case, row: Row) -> None:
            if case[slot] is not None and (aim is None or aim(row, case)):
                self.meet(case, (row,))

        def meet_all(case: Case, row: Row) -> None:
            stack = case[slot]
            if stack is not None and (aim is None or aim(row, case)):
                case[slot] = None
                if tell is not None:
                    for entry in (stack,) if stack[4] is None else oldest_first(stack):
                        tell(case, entry[0], hit, row, NEVER)

        return meet_all if self.meets_all else meet_some

    def meet(self, case: Case, targets: Sequence[Row]) -> None:
        """Settle the activations that one of these targets, all later than they, is for."""
        link = self.side.link
        waiting = oldest_first(case[self.slot])
        kept = []
        for entry in waiting:
            row, first, last, _, _ = entry
            for target in targets:
                if first <= target[2] <= last and (link is None or link(row, target, case)):
                    self.tell(case, row, self.hit, target, NEVER)
                    break
            else:
                kept.append(entry)
        if len(kept) < len(waiting):
            case[self.slot] = stacked(kept)

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        targets = [row for row in run if side.is_target(row, case)]
        if targets and case[self.slot] is not None:
            self.meet(case, targets)
        for row in run:
            if side.is_activation(row, case):
                beside = any(other is not row and side.follows(row, other, case) for other in targets)
                self.wait(case, row, int(beside))

    def expire(self, case: Case, at: int) -> int:
        soonest, overdue = NEVER, False
        entry: Stack = case[self.slot]
        while entry is not None:
            last = entry[2]
            if last < at:
                overdue = True
            elif last < soonest:
                soonest = last
            entry = entry[4]
        if overdue:
            waiting = oldest_first(case[self.slot])
            case[self.slot] = stacked([entry for entry in waiting if entry[2] >= at])
            for row, _, last, beside, _ in waiting:
                if last < at:
                    self.tell(case, row, T if beside else self.miss, None, last)
        return soonest

    def waiting(self, case: Case) -> Iterator[Waiting]:
        for row, _, last, beside, _ in oldest_first(case[self.slot]):
            yield row, T if beside else P, T if beside else self.miss, last

    def finisher(self) -> Finish:
        slot, tell, miss, quiet = (
            self.slot,
            self.tell,
            self.miss,
            self.miss is F and self.tell_fulfilled is None,
        )

        def finish(case: Case, at: int) -> None:
            entry: Any = case[slot]
            if entry[4] is not None:
                for row, _, last, beside, _ in oldest_first(entry):
                    tell(case, row, T if beside else miss, None, last if last < at else at)
            elif entry[3] or not quiet:
                tell(case, entry[0], T if entry[3] else miss, None, entry[2] if entry[2] < at else at)

        return finish

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [frozen(case[self.slot], ref)]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        case[self.slot] = thawed(values[0], rows)


def frozen(stack: Stack, ref: Refs) -> list[list[int]]:
    """A stack of entries that begin with a row, as plain values, the oldest first."""
    return [[ref(entry[0]), *entry[1:-1]] for entry in oldest_first(stack)]


def thawed(entries: Sequence[Sequence[Any]], rows: Sequence[Row]) -> Stack:
    """The stack that `frozen` made plain."""
    return stacked([(rows[place], *rest, None) for place, *rest in entries])
