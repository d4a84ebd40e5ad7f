"""What is asked once a case: counts, the first and the last event, and choices."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from crmusage.rules._monitor._layout import CREATED, ID, NEVER, NOT_ASKED, Case, Row, Run, last_instant
from crmusage.rules._monitor._part import F, Finish, Handler, P, Part, Refs, T, V, Voice, Waiting
from crmusage.rules._monitor._side import Side
from crmusage.rules._template import Template, Verdict

CASE_ITSELF = ""
"""The activity of the row that stands for a case as a whole where a window is asked for."""


class OfCase(Part):
    """Its slot holds what has been so far, or None once that is settled or nothing is asked of the case."""

    def begin(self, case: Case) -> int:
        if self.side.place not in case[NOT_ASKED]:
            case[self.slot] = 0
        return NEVER

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
        super().begin(case)
        if case[self.slot] is None or self.side.reach.is_boundless:
            return NEVER
        first, last = self.side.reach.ahead((case[ID], CASE_ITSELF, case[CREATED], {}), case)
        case[self.slot + 1] = [first, last]
        if first <= last:
            return last
        self._over(case)
        return NEVER

    def inside(self, case: Case, row: Row) -> bool:
        """Whether an event counts."""
        bounds = case[self.slot + 1]
        return bounds is None or bounds[0] <= row[2] <= bounds[1]

    def last(self, case: Case) -> int:
        """The last instant that counts."""
        bounds = case[self.slot + 1]
        return NEVER if bounds is None else int(bounds[1])

    def handler(self, activity: str) -> Handler | None:
        slot = self.slot
        if activity not in self.side.touched:
            return None

        def handle(case: Case, row: Row) -> None:
            if case[slot] is not None:
                self.take(case, row)

        return handle

    @abstractmethod
    def take(self, case: Case, row: Row) -> None:
        """Take in one event of an activity that it names."""

    @abstractmethod
    def at_end(self, state: Any) -> Verdict:
        """The verdict if nothing more happens."""

    def step(self, case: Case, run: Run) -> None:
        for row in run:
            if case[self.slot] is not None and row[1] in self.side.touched:
                self.take(case, row)

    def settle(self, case: Case, verdict: Verdict, by: Row) -> None:
        """An event decides."""
        case[self.slot] = None
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
    """existence, absence and exactly."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        super().__init__(side, number, slot, voice)
        self.template, self.n = side.constraint.template, side.constraint.n or 1
        self._enough = self.n + 1 if self.template is Template.EXACTLY else self.n
        self._then = F if self.template is Template.EXISTENCE else V
        self.taker = self._taker()

    def handler(self, activity: str) -> Handler | None:
        return self.taker if activity == self.side.activity else None

    def _taker(self) -> Handler:
        slot, bounded, act = self.slot, self.slot + 1, self.side.act
        enough, then = self._enough, self._then

        def take(case: Case, row: Row) -> None:
            often = case[slot]
            if often is None:
                return
            bounds = case[bounded]
            if (bounds is None or bounds[0] <= row[2] <= bounds[1]) and (act is None or act(row, case)):
                often += 1
                case[slot] = often
                if often == enough:
                    self.settle(case, then, row)

        return take

    def take(self, case: Case, row: Row) -> None:
        self.taker(case, row)

    def at_end(self, state: Any) -> Verdict:
        # Else it would have been settled.
        kept = state < self.n if self.template is Template.ABSENCE else state == self.n
        return F if kept else V


class Choice(Windowed):
    """choice and exclusive_choice. Its slot has a bit for each of the two."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice, *, exclusive: bool) -> None:
        """`exclusive`: not both."""
        super().__init__(side, number, slot, voice)
        self.exclusive = exclusive

    def take(self, case: Case, row: Row) -> None:
        if not self.inside(case, row):
            return
        either = self.side.is_activation(row, case) | self.side.is_target(row, case) << 1
        case[self.slot] |= either
        if self.exclusive:
            if case[self.slot] == 3:
                self.settle(case, V, row)
        elif either:
            self.settle(case, F, row)

    def at_end(self, state: Any) -> Verdict:
        return F if state else V


class First(OfCase):
    """init: what a case begins with. The engine shows it the first run of each case, and nothing else."""

    def handler(self, activity: str) -> Handler | None:  # noqa: ARG002
        return None

    def step(self, case: Case, run: Run) -> None:
        if case[self.slot] is not None:
            verdict, by = edge(self.side, case, run)
            case[self.slot] = None
            self.tell(case, None, verdict, by, NEVER)

    def waiting(self, case: Case) -> Iterator[Waiting]:
        if case[self.slot] is not None:
            yield None, P, V, NEVER


class Last(OfCase):
    """end: what a case ends with. It looks at nothing before the end."""

    def handler(self, activity: str) -> Handler | None:  # noqa: ARG002
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
    hits = sum(side.is_activation(row, case) for row in run)
    if hits and hits < len(run):
        return T, None
    return (F, run[0]) if hits else (V, run[0] if run else None)
