"""What is asked once a case: counts, the first and the last event, and choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import (
    CREATED,
    ID,
    NEVER,
    NOT_ASKED,
    RUN,
    Case,
    Row,
    Run,
)
from crmusage.rules._monitor._part import F, Handler, P, Part, Refs, T, V, Voice, Waiting
from crmusage.rules._monitor._side import Side
from crmusage.rules._template import Template, Verdict


class OfCase(Part):
    """Its slot holds what has been so far, or None once that is settled (or nothing was asked of this case)."""

    def begin(self, case: Case) -> int:
        if self.side.place in case[NOT_ASKED]:
            return NEVER
        case[self.slot] = 0
        return NEVER

    def is_safe(self, case: Case) -> bool:
        return case[self.slot] is None

    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        return list(case[self.slot : self.slot + self.width])

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        case[self.slot : self.slot + self.width] = [tuple(v) if isinstance(v, list) else v for v in values]


class Windowed(OfCase):
    """Its second slot holds the first and the last instant that count; None: all do."""

    width = 2

    def begin(self, case: Case) -> int:
        super().begin(case)
        if case[self.slot] is None or self.side.reach.is_boundless:
            return NEVER
        case[self.slot + 1] = bounds = self.side.reach.ahead((case[ID], "", case[CREATED], {}), case)
        return bounds[1]

    def inside(self, case: Case, row: Row) -> bool:
        """Whether an event counts."""
        bounds = case[self.slot + 1]
        return bounds is None or bounds[0] <= row[2] <= bounds[1]

    def last(self, case: Case) -> int:
        """The last instant that counts."""
        bounds = case[self.slot + 1]
        return NEVER if bounds is None else int(bounds[1])

    def handler(self, activity: str) -> Handler | None:
        slot, side = self.slot, self.side
        if activity not in side.touched:
            return None

        def handle(case: Case, row: Row) -> None:
            if case[slot] is not None:
                self.take(case, row)

        return handle

    def take(self, case: Case, row: Row) -> None:
        """Take in one event of an activity that it names."""
        raise NotImplementedError

    def step(self, case: Case, run: Run, previous: Run) -> None:
        for row in run:
            if case[self.slot] is not None:
                self.take(case, row)

    def expire(self, case: Case, at: int) -> int:
        last = self.last(case)
        if last >= at:
            return last
        verdict = self.at_end(case[self.slot])
        case[self.slot] = None
        self.tell(self, case, None, verdict, None, last)
        return NEVER

    def at_end(self, state: Any) -> Verdict:
        """The verdict if nothing more happens."""
        raise NotImplementedError

    def settle(self, case: Case, verdict: Verdict, by: Row) -> None:
        """An event decides."""
        case[self.slot] = None
        self.tell(self, case, None, verdict, by, NEVER)

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, self.at_end(case[self.slot]), self.last(case)


class Count(Windowed):
    """existence, absence and exactly."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.n = side.constraint.n or 1
        self.template = side.constraint.template

    def take(self, case: Case, row: Row) -> None:
        side = self.side
        if (
            row[1] != side.activity
            or not self.inside(case, row)
            or not (side.act is None or side.act(row, case))
        ):
            return
        case[self.slot] = often = case[self.slot] + 1
        if self.template is Template.EXACTLY:
            if often > self.n:
                self.settle(case, V, row)
        elif often >= self.n:
            self.settle(case, F if self.template is Template.EXISTENCE else V, row)

    def at_end(self, state: Any) -> Verdict:
        kept = {Template.EXISTENCE: state >= self.n, Template.ABSENCE: state < self.n}
        return F if kept.get(self.template, state == self.n) else V


class Choice(Windowed):
    """choice and exclusive_choice. Its slot has a bit for each of the two."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, exclusive: bool) -> None:
        super().__init__(side, number, slot, voice)
        self.exclusive = exclusive

    def take(self, case: Case, row: Row) -> None:
        side = self.side
        if not self.inside(case, row):
            return
        case[self.slot] |= (1 if side.is_activation(row, case) else 0) | (
            2 if side.is_target(row, case) else 0
        )
        if self.exclusive:
            if case[self.slot] == 3:
                self.settle(case, V, row)
        elif case[self.slot]:
            self.settle(case, F, row)

    def at_end(self, state: Any) -> Verdict:
        return F if state else V


class First(OfCase):
    """init: what a case begins with."""

    def handler(self, activity: str) -> Handler | None:
        return None

    def step(self, case: Case, run: Run, previous: Run) -> None:
        """Look at the first run of a case, once."""
        if case[self.slot] is None:
            return
        verdict, by = edge(self.side, case, run)
        case[self.slot] = None
        self.tell(self, case, None, verdict, by, NEVER)

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, V, NEVER


class Last(OfCase):
    """end: what a case ends with. It looks at nothing before the end."""

    def handler(self, activity: str) -> Handler | None:
        return None

    def step(self, case: Case, run: Run, previous: Run) -> None:
        pass

    def finish(self, case: Case, at: int) -> None:
        verdict, by = edge(self.side, case, self.last_run(case[RUN]))
        self.tell(self, case, None, verdict, by, NEVER if by is not None else at)

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            verdict, _ = edge(self.side, case, self.last_run(case[RUN]))
            yield None, P, verdict, NEVER


def edge(side: Side, case: Case, run: Run) -> tuple[Verdict, Row | None]:
    """What the first or last run of a case says, and by which event."""
    hits = sum(side.is_activation(row, case) for row in run)
    if hits and hits < len(run):
        return T, None
    return (F, run[0]) if hits else (V, run[0] if run else None)
