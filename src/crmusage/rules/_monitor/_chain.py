"""Neighbours: chain_response and not_chain_succession (the next event), chain_precedence (the one before)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import ALARM, NEVER, WATCH, Case, Row, Run, Several, last_instant
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


class ChainResponse(Judge):
    """The very next event is a target; negative: it is not.

    It has no slot: its activations wait in WATCH, as (number of the part, row, last, may), for any event at all.
    """

    width = 0

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, negative: bool = False) -> None:
        super().__init__(side, number, slot, voice)
        self.hit, self.miss = (V, F) if negative else (F, V)

    def deed(self, activity: str) -> Deed | None:
        if activity not in self.side.activities:
            return None
        act = self.side.act

        def start(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                self._wait(case, row, 0)

        return Deed(handler=start)

    def _wait(self, case: Case, row: Row, may: int) -> None:
        side = self.side
        first, last = side.reach.ahead(row, case)
        if not self.can_ever(row, case, first, last):
            self.tell(case, row, self.miss, None, last)
            return
        case[WATCH] = (*case[WATCH], (self.number, row, last, may))
        if last < case[ALARM]:
            self.arm(case, last)

    def _settled(self, may: int) -> Any:
        return T if may == MAY_HIT | MAY_MISS else self.hit if may == MAY_HIT else self.miss

    def follow(self, case: Case, entry: tuple[Any, ...], run: Run) -> None:
        """What comes next has come."""
        _, row, _, may = entry
        for other in run:
            may |= MAY_HIT if self.side.follows(row, other, case) else MAY_MISS
        verdict = self._settled(may)
        if verdict is not F or self.tell_fulfilled is not None:
            self.tell(case, row, verdict, run[0], NEVER)

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        for row in run:
            if side.is_activation(row, case):
                may = 0
                for other in run:
                    if other is not row:
                        may |= MAY_HIT if side.follows(row, other, case) else MAY_MISS
                self._wait(case, row, may)

    def expire(self, case: Case, at: int) -> int:
        soonest = NEVER
        kept = []
        for entry in case[WATCH]:
            number, row, last, may = entry
            if number == self.number and last < at:
                self.tell(case, row, self._settled(may | MAY_MISS), None, last)
                continue
            kept.append(entry)
            if number == self.number:
                soonest = min(soonest, last)
        case[WATCH] = tuple(kept)
        return soonest

    def waiting(self, case: Case) -> Iterator[Waiting]:
        for number, row, last, may in case[WATCH]:
            if number == self.number:
                yield row, T if may else P, self._settled(may | MAY_MISS), last

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return [[[ref(row), last, may] for number, row, last, may in case[WATCH] if number == self.number]]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        entries = tuple((self.number, rows[place], last, may) for place, last, may in values[0])
        case[WATCH] = (*case[WATCH], *entries)


class ChainPrecedence(Judge):
    """The event just before is a target. It needs no slot: the case knows its last event."""

    width = 0
    waits = False

    def deed(self, activity: str) -> Deed | None:
        return Deed(handler=self._checked()) if activity in self.side.activities else None

    def _checked(self) -> Handler:
        side = self.side
        act, aim, targets = side.act, side.aim, side.targets
        tell, tell_fulfilled = self.tell, self.tell_fulfilled
        any_will_do = side.link is None and side.reach.is_boundless

        def check(case: Case, row: Row) -> None:
            if act is None or act(row, case):
                before = last_instant(case)
                if before.__class__ is Several:
                    self.step(case, (row,))
                elif (
                    before is None
                    or before[1] not in targets
                    or not (aim is None or aim(before, case))
                    or not (any_will_do or side.precedes(before, row, case))
                ):
                    tell(case, row, V, row if before is None else before, NEVER)
                elif tell_fulfilled is not None:
                    tell_fulfilled(case, row, F, before, NEVER)

        return check

    def step(self, case: Case, run: Run) -> None:
        side = self.side
        previous = self.last_run(last_instant(case))
        for row in run:
            if not side.is_activation(row, case):
                continue
            may = 0 if previous else MAY_MISS
            for other in (*previous, *(other for other in run if other is not row)):
                may |= MAY_HIT if side.precedes(other, row, case) else MAY_MISS
            verdict = T if may == MAY_HIT | MAY_MISS else F if may == MAY_HIT else V
            if verdict is not F or self.tell_fulfilled is not None:
                by = None if verdict is T else previous[-1] if previous else row
                self.tell(case, row, verdict, by, NEVER)

    def freeze(self, case: Case, ref: Refs) -> list[Any]:  # noqa: ARG002
        return []

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        pass
