"""What is asked once a case: counts, the first and the last event, and choices."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import CREATED, ID, NEVER, Case, Row, Run, last_instant
from crmusage.rules._monitor._part import Deed, F, Finish, Handler, Judge, P, Refs, T, V, Voice, Waiting
from crmusage.rules._monitor._side import Side
from crmusage.rules._template import Template, Verdict

CASE_ITSELF = ""
"""The activity of the row that stands for a case as a whole where a window is asked for."""


class OfCase(Judge):
    """Its slot holds something true as long as it waits: what is still asked, or what has been so far."""

    start = 1
    """What the slot of a case holds at the beginning."""

    def cares(self, one: str, other: str) -> bool:  # noqa: ARG002
        return False

    def is_safe(self, case: Case) -> bool:
        return case[self.slot] is None

    def freeze(self, case: Case, ref: Refs) -> list[Any]:  # noqa: ARG002
        return case[self.slot : self.slot + self.width]

    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:  # noqa: ARG002
        case[self.slot : self.slot + self.width] = values


class Windowed(OfCase):
    """Its second slot holds the first and the last instant that count; None: all do."""

    width = 2

    def begin(self, case: Case) -> int:
        """Set the window of a new case; the instant that settles it by passing."""
        first, last = self.side.reach.ahead((case[ID], CASE_ITSELF, case[CREATED], {}), case)
        case[self.slot + 1] = [first, last]
        if first <= last:
            return last
        self._over(case)
        return NEVER

    def last(self, case: Case) -> int:
        """The last instant that counts."""
        bounds = case[self.slot + 1]
        return NEVER if bounds is None else int(bounds[1])

    @abstractmethod
    def taker(self) -> Handler:
        """Take in one event of an activity that it names; not called where nothing waits."""

    @abstractmethod
    def at_end(self, state: int) -> Verdict:
        """The verdict if nothing more happens."""

    def deed(self, activity: str) -> Deed | None:
        return Deed(handler=self.taker(), gate=self.slot) if activity in self.touched else None

    def step(self, case: Case, run: Run) -> None:
        take = self.taker()
        for row in run:
            if case[self.slot] is not None and row[1] in self.touched:
                take(case, row)

    def settle(self, case: Case, verdict: Verdict, by: Row) -> None:
        """An event decides."""
        case[self.slot] = None
        if verdict is not F or self.tell_fulfilled is not None:
            self.tell(case, None, verdict, by, NEVER)

    def expire(self, case: Case, at: int) -> int:
        last = self.last(case)
        if last >= at:
            return last
        self._over(case)
        return NEVER

    def _over(self, case: Case) -> None:
        verdict = self.at_end(case[self.slot])
        case[self.slot] = None
        self.tell(case, None, verdict, None, self.last(case))

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, self.at_end(case[self.slot]), self.last(case)

    def finisher(self) -> Finish:
        slot, at_end, tell, tells_fulfilled = (
            self.slot,
            self.at_end,
            self.tell,
            self.tell_fulfilled is not None,
        )

        def finish(case: Case, at: int) -> None:
            verdict = at_end(case[slot])
            if verdict is not F or tells_fulfilled:
                tell(case, None, verdict, None, min(self.last(case), at))

        return finish


class Count(Windowed):
    """existence, absence and exactly. Its slot counts down to what settles it."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.template, n = side.constraint.template, side.constraint.n or 1
        self.start = n + 1 if self.template is Template.EXACTLY else n

    def taker(self) -> Handler:
        slot, act = self.slot, self.side.act
        then = F if self.template is Template.EXISTENCE else V

        def take(case: Case, row: Row) -> None:
            bounds = case[slot + 1]
            if (bounds is None or bounds[0] <= row[2] <= bounds[1]) and (act is None or act(row, case)):
                left = case[slot] - 1
                if left:
                    case[slot] = left
                else:
                    self.settle(case, then, row)

        return take

    def at_end(self, state: int) -> Verdict:
        if self.template is Template.EXACTLY:
            return F if state == 1 else V
        return V if self.template is Template.EXISTENCE else F


class Choice(Windowed):
    """choice and exclusive_choice. Besides a first bit, its slot has one for each of the two."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, exclusive: bool) -> None:
        """`exclusive`: not both."""
        super().__init__(side, number, slot, voice)
        self.exclusive = exclusive

    def taker(self) -> Handler:
        slot, side, exclusive = self.slot, self.side, self.exclusive

        def take(case: Case, row: Row) -> None:
            bounds = case[slot + 1]
            if bounds is not None and not bounds[0] <= row[2] <= bounds[1]:
                return
            found = case[slot] | side.is_activation(row, case) << 1 | side.is_target(row, case) << 2
            case[slot] = found
            if found == 7:
                self.settle(case, V if exclusive else F, row)
            elif found > 1 and not exclusive:
                self.settle(case, F, row)

        return take

    def at_end(self, state: int) -> Verdict:
        return F if state > 1 else V


class First(OfCase):
    """init: what a case begins with. The engine shows it the first run of each case, and nothing else."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.touched = frozenset()

    def deed(self, activity: str) -> Deed | None:  # noqa: ARG002
        return None

    def step(self, case: Case, run: Run) -> None:
        if case[self.slot] is not None:
            verdict, by = edge(self.side, case, run)
            case[self.slot] = None
            if verdict is not F or self.tell_fulfilled is not None:
                self.tell(case, None, verdict, by, NEVER)

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, V, NEVER


class Last(OfCase):
    """end: what a case ends with. It looks at nothing before the end."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.touched = frozenset()

    def deed(self, activity: str) -> Deed | None:  # noqa: ARG002
        return None

    def step(self, case: Case, run: Run) -> None:
        pass

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, edge(self.side, case, self.last_run(last_instant(case)))[0], NEVER

    def finisher(self) -> Finish:
        def finish(case: Case, at: int) -> None:
            verdict, by = edge(self.side, case, self.last_run(last_instant(case)))
            self.tell(case, None, verdict, by, at if by is None else NEVER)

        return finish

    def is_safe(self, case: Case) -> bool:  # noqa: ARG002
        return False


def edge(side: Side, case: Case, run: Run) -> tuple[Verdict, Row | None]:
    """What the first or last run of a case says, and by which event."""
    hits = 0
    for row in run:
        if side.is_activation(row, case):
            hits += 1
    if hits and hits < len(run):
        return T, None
    return (F, run[0]) if hits else (V, run[0] if run else None)
