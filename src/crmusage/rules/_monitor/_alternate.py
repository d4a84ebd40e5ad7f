"""Between two activations: alternate_response and alternate_precedence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._forward import thawed
from crmusage.rules._monitor._layout import ALARM, NEVER, Case, Row, Run, oldest_first, stacked
from crmusage.rules._monitor._memory import Seen
from crmusage.rules._monitor._part import (
    MAY_HIT,
    MAY_MISS,
    Deed,
    F,
    Handler,
    Judge,
    P,
    Refs,
    T,
    V,
    Voice,
    Waiting,
)
from crmusage.rules._monitor._side import Side


def settled(may: int) -> Any:
    """The verdict of an activation, from what some order of a tie shows."""
    return T if may == MAY_HIT | MAY_MISS else F if may == MAY_HIT else V


class AlternateResponse(Judge):
    """A target follows before the next activation does. Its slot is a stack of (row, first, last, may): the
    activations of the last run that had any, with what the order inside that run may decide.
    """

    def cares(self, one: str, other: str) -> bool:
        # Two activations that are no targets of each other stand in each other's way.
        return super().cares(one, other) or {one, other} <= self.side.activities

    def deed(self, activity: str) -> Deed | None:
        side = self.side
        if activity in side.activities & side.targets:
            # Whether it is the target, the next activation or both is one question.
            return Deed(handler=lambda case, row: self.step(case, (row,)))
        if activity in side.activities:
            return Deed(handler=self._again())
        return Deed(handler=self._met(), gate=self.slot) if activity in side.targets else None

    def _again(self) -> Handler:
        slot, act, arm, reach = self.slot, self.side.act, self.arm, self.side.reach
        plain = self.side.able is None and reach.is_elapsed and reach.after <= reach.within
        after, within, has_end = reach.after, reach.within, reach.has_end

        def again(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                stack = case[slot]
                if stack is not None:
                    case[slot] = None
                    for entry in oldest_first(stack):
                        self._decide(case, entry, MAY_MISS, row)
                if not plain:
                    self._wait(case, row, 0)
                    return
                at = row[2]
                last = at + within if has_end else NEVER
                case[slot] = (row, at + after, last, 0, None)
                if last < case[ALARM]:
                    arm(case, last)

        return again

    def _met(self) -> Handler:
        slot, aim, link, tell_fulfilled = self.slot, self.side.aim, self.side.link, self.tell_fulfilled

        def meet(case: Case, row: Row) -> None:
            stack = case[slot]
            if stack is None or not (aim is None or aim(row, case)):
                return
            if stack[4] is None and stack[3] == 0 and tell_fulfilled is None and link is None:
                if stack[1] <= row[2] <= stack[2]:
                    case[slot] = None
                return
            kept = []
            for entry in oldest_first(stack):
                if entry[1] <= row[2] <= entry[2] and (link is None or link(entry[0], row, case)):
                    self._decide(case, entry, MAY_HIT, row)
                else:
                    kept.append(entry)
            case[slot] = stacked(kept)

        return meet

    def _decide(self, case: Case, entry: tuple[Any, ...], may: int, by: Row | None) -> None:
        verdict = settled(entry[3] | may)
        if verdict is not F or self.tell_fulfilled is not None:
            self.tell(case, entry[0], verdict, by, NEVER)

    def _wait(self, case: Case, row: Row, may: int) -> None:
        side = self.side
        first, last = side.reach.ahead(row, case)
        if not self.can_ever(row, case, first, last):
            self.tell(case, row, V, None, last)
            return
        case[self.slot] = (row, first, last, may, case[self.slot])
        if last < case[ALARM]:
            self.arm(case, last)

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        acts = [row for row in run if side.is_activation(row, case)]
        kept = []
        for entry in oldest_first(case[self.slot]):
            row = entry[0]
            hit = next((one for one in run if side.follows(row, one, case)), None)
            if hit is not None:
                blocked = any(not side.follows(row, act, case) for act in acts)
                self._decide(case, entry, MAY_HIT | (MAY_MISS if blocked else 0), hit)
            elif acts:
                self._decide(case, entry, MAY_MISS, acts[0])
            else:
                kept.append(entry)
        case[self.slot] = stacked(kept)
        for row in acts:
            others = [other for other in run if other is not row]
            may = MAY_HIT if any(side.follows(row, other, case) for other in others) else 0
            if any(act is not row and not side.follows(row, act, case) for act in acts):
                may |= MAY_MISS
            self._wait(case, row, may)

    def expire(self, case: Case, at: int) -> int:
        kept, soonest = [], NEVER
        for entry in oldest_first(case[self.slot]):
            if entry[2] < at:
                self.tell(case, entry[0], settled(entry[3] | MAY_MISS), None, entry[2])
            else:
                kept.append(entry)
                soonest = min(soonest, entry[2])
        case[self.slot] = stacked(kept)
        return soonest

    def waiting(self, case: Case) -> Iterator[Waiting]:
        for row, _, last, may, _ in oldest_first(case[self.slot]):
            yield row, T if may else P, settled(may | MAY_MISS), last

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [[[ref(entry[0]), *entry[1:-1]] for entry in oldest_first(case[self.slot])]]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        case[self.slot] = thawed(values[0], rows)


class AlternatePrecedence(Judge):
    """A target came after the activation before this one.

    Its slots: the last run that had activations, as (activations, targets of that run); the targets since.
    """

    width = 2
    waits = False

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.since = Seen(side, slot + 1)

    def cares(self, one: str, other: str) -> bool:
        # Two activations that are no targets of each other stand in each other's way.
        return super().cares(one, other) or {one, other} <= self.side.activities

    def deed(self, activity: str) -> Deed | None:
        side = self.side
        if activity in side.activities & side.targets:
            return Deed(handler=lambda case, row: self.step(case, (row,)))
        if activity in side.activities:
            return Deed(handler=self._checked())
        if activity not in side.targets:
            return None
        if side.aim is None and self.since.is_single:
            return Deed(keeps=self.since.slot)
        return Deed(handler=self.since.keeper())

    def _checked(self) -> Handler:
        slot, act = self.slot, self.side.act

        def check(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                may, by = self._outcome(case, row)
                if may != MAY_HIT or self.tell_fulfilled is not None:
                    verdict = settled(may)
                    self.tell(case, row, verdict, None if verdict is T else by, NEVER)
                case[slot] = ((row,), ())
                case[slot + 1] = None

        return check

    def _outcome(self, case: Case, row: Row) -> tuple[int, Row]:
        """What the events before the activation's run may show, and the event that does."""
        side = self.side
        found = self.since.search(side, case, row)
        if found is not None:
            return MAY_HIT, found
        if case[self.slot] is None:
            return MAY_MISS, row
        acts, targets = case[self.slot]
        found = next((target for target in reversed(targets) if side.precedes(target, row, case)), None)
        if found is None:
            return MAY_MISS, acts[-1]
        blocked = any(not side.precedes(act, row, case) for act in acts)
        return MAY_HIT | (MAY_MISS if blocked else 0), found

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        acts = [row for row in run if side.is_activation(row, case)]
        targets = [row for row in run if side.is_target(row, case)]
        for row in acts:
            may, by = self._outcome(case, row)
            if any(other is not row and side.precedes(other, row, case) for other in targets):
                may |= MAY_HIT
            if any(act is not row and not side.precedes(act, row, case) for act in acts):
                may |= MAY_MISS
            verdict = settled(may)
            if verdict is not F or self.tell_fulfilled is not None:
                self.tell(case, row, verdict, None if verdict is T else by, NEVER)
        if acts:
            case[self.slot] = (tuple(acts), tuple(targets))
            case[self.slot + 1] = None
        else:
            for row in targets:
                self.since.add(case, row)

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        last = case[self.slot]
        return [
            None if last is None else [[ref(row) for row in rows] for rows in last],
            self.since.freeze(case, ref),
        ]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        case[self.slot] = (
            None if values[0] is None else tuple(tuple(rows[k] for k in part) for part in values[0])
        )
        self.since.thaw(values[1], rows, case)
