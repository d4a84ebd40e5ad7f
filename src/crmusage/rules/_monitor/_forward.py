"""What looks ahead: response (some target follows) and not_succession (none does)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import (
    ALARM,
    NEVER,
    Case,
    Row,
    Run,
    Stack,
    oldest_first,
    stacked,
)
from crmusage.rules._monitor._part import F, Handler, P, Part, Refs, T, V, Voice, Waiting, both
from crmusage.rules._monitor._side import Side


class Forward(Part):
    """Waits for a target of each activation. Its slot is a stack of (row, first, last, beside)."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, negative: bool = False) -> None:
        """`negative`: a target is what must not come."""
        super().__init__(side, number, slot, voice)
        self.hit, self.miss = (V, F) if negative else (F, V)
        self.tell_hit = self.tell if negative else self.tell_fulfilled

    def handler(self, activity: str) -> Handler | None:
        side = self.side
        if activity == side.activity == side.target:
            return both(self.met(), self.started())
        return (
            self.started() if activity == side.activity else self.met() if activity == side.target else None
        )

    def started(self) -> Handler:
        """An activation begins to wait."""
        slot, act, arm, reach = self.slot, self.side.act, self.arm, self.side.reach
        if self.side.link is not None or not reach.is_elapsed:
            return lambda case, row: self.wait(case, row, 0) if act is None or act(row, case) else None
        after, within = reach.after or 0, reach.within

        def start(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                at = row[2]
                case[slot] = (row, at + after, NEVER, 0, case[slot])

        def start_within(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                at = row[2]
                last = at + within  # type: ignore[operator]
                case[slot] = (row, at + after, last, 0, case[slot])
                if last < case[ALARM]:
                    arm(case, last)

        return start if within is None else start_within

    def wait(self, case: Case, row: Row, beside: int) -> None:
        """An activation begins to wait; `beside`: a target stands at its instant, in no known order with it."""
        side = self.side
        if side.able is not None and not side.able(row, case):
            # Nothing can ever be its target.
            self.tell(self, case, row, self.miss, None, side.reach.ahead(row, case)[1])
            return
        first, last = side.reach.ahead(row, case)
        case[self.slot] = (row, first, last, beside, case[self.slot])
        if last < case[ALARM]:
            self.arm(case, last)

    def met(self) -> Handler:
        """A target comes."""
        slot, aim, tell, hit = self.slot, self.side.aim, self.tell_hit, self.hit
        if self.side.link is not None or not self.side.reach.is_elapsed or self.side.reach.after:

            def meet_some(case: Case, row: Row) -> None:
                if case[slot] is not None and (aim is None or aim(row, case)):
                    self.meet(case, (row,))

            return meet_some

        # Those whose window has passed are gone already: the alarm rang before this event was taken in.
        def meet(case: Case, row: Row) -> None:
            entry = case[slot]
            if entry is not None and (aim is None or aim(row, case)):
                case[slot] = None
                if tell is not None:
                    for entry in oldest_first(entry):
                        tell(self, case, entry[0], hit, row, NEVER)

        return meet

    def meet(self, case: Case, targets: Sequence[Row]) -> None:
        """Settle the activations that one of these targets, all later than they, is for."""
        link = self.side.link
        waiting = oldest_first(case[self.slot])
        kept = []
        for entry in waiting:
            row, first, last, _, _ = entry
            for target in targets:
                if first <= target[2] <= last and (link is None or link(row, target, case)):
                    self.tell(self, case, row, self.hit, target, NEVER)
                    break
            else:
                kept.append(entry)
        if len(kept) < len(waiting):
            case[self.slot] = stacked(kept)

    def step(self, case: Case, run: Run, previous: Run) -> None:
        side = self.side
        targets = [row for row in run if side.is_target(row, case)]
        if targets and case[self.slot] is not None:
            self.meet(case, targets)
        for row in run:
            if side.is_activation(row, case):
                beside = any(other is not row and side.follows(row, other, case) for other in targets)
                self.wait(case, row, int(beside))

    def expire(self, case: Case, at: int) -> int:
        kept, soonest = [], NEVER
        waiting = oldest_first(case[self.slot])
        for entry in waiting:
            row, _, last, beside, _ = entry
            if last < at:
                self.tell(self, case, row, T if beside else self.miss, None, last)
            else:
                kept.append(entry)
                soonest = min(soonest, last)
        if len(kept) < len(waiting):
            case[self.slot] = stacked(kept)
        return soonest

    def waiting(self, case: Case) -> Iterator[Waiting]:
        for row, _, last, beside, _ in oldest_first(case[self.slot]):
            yield row, T if beside else P, T if beside else self.miss, last

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [[[ref(entry[0]), *entry[1:-1]] for entry in oldest_first(case[self.slot])]]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        case[self.slot] = thawed(values[0], rows)


def thawed(entries: Sequence[Sequence[Any]], rows: Sequence[Row]) -> Stack:
    """A stack of entries that begin with a row, from plain values."""
    return stacked([(rows[place], *rest, None) for place, *rest in entries])
