from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from crmusage.rules._monitor._layout import MARKS, NEVER, Case, Row, Run, Several
from crmusage.rules._monitor._side import Side
from crmusage.rules._template import Verdict

F, V, P, T = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING, Verdict.TIED

MAY_HIT, MAY_MISS = 1, 2
"""What some order of a tie has shown so far of an activation that is still waiting."""

Handler = Callable[[Case, Row], None]
Waiting = tuple[Row | None, Verdict, Verdict, int]
"""An activation that is not settled: its event (None: the case), its verdict now and if the case ended now, and
the instant that will settle it by passing."""
Told = tuple["Part", Case, Row | None, Verdict, Row | None, int]
"""A verdict: of which part and case, its activation, the event that decided it or the instant that did."""
Refs = Callable[[Row], int]
"""The place of a row in a snapshot."""


class Voice:
    """Where the parts say what they found: verdicts into a list, alarms to whoever keeps the clock."""

    def __init__(
        self,
        verdicts: Iterable[Verdict],
        said: list[Told],
        arm: Callable[[Case, int], None],
        cut: Callable[[Sequence[Row]], list[Run]],
    ) -> None:
        """Say these verdicts; `arm` is called with an instant before the case's alarm, `cut` parts an instant into runs."""
        self.arm = arm
        self.cut = cut
        self.said = said
        wanted = frozenset(verdicts)
        self.tells_fulfilled = F in wanted

        def tell(
            part: Part, case: Case, row: Row | None, verdict: Verdict, by: Row | None, deadline: int
        ) -> None:
            if verdict is not F:
                # A new dict each time: the old one may have to be put back.
                marks = case[MARKS] or {}
                broken, tied = marks.get(part.number, (0, 0))
                case[MARKS] = {**marks, part.number: (broken + (verdict is V), tied + (verdict is T))}
            if verdict in wanted:
                said.append((part, case, row, verdict, by, deadline))

        self.tell = tell

    def last_run(self, stood: Any) -> Run:
        """The last run of what a case keeps of an instant: nothing, a row, or several."""
        if stood is None:
            return ()
        return self.cut(stood)[-1] if stood.__class__ is Several else (stood,)


class Part(ABC):
    """What one side of an expectation remembers of a case, in slots of its own, and what it makes of events.

    A slot that holds None has nothing to wait for.
    """

    width = 1
    """How many slots it has."""
    is_of_any_event = False
    """Whether it looks at events of activities that it does not name."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        """Take the slots from `slot` on; `number` is its place among the parts."""
        self.side, self.number, self.slot = side, number, slot
        self.tell, self.arm, self.last_run = voice.tell, voice.arm, voice.last_run
        self.tell_fulfilled = voice.tell if voice.tells_fulfilled else None

    def begin(self, case: Case) -> int:  # noqa: ARG002
        """Prepare the slots of a new case; the instant that its alarm is needed for."""
        return NEVER

    @abstractmethod
    def handler(self, activity: str) -> Handler | None:
        """What to do with an event of an activity that stands alone at its place; None: nothing."""

    @abstractmethod
    def step(self, case: Case, run: Run, previous: Run) -> None:
        """Take in a run of events whose order is not known; `previous` is the run before it."""

    def expire(self, case: Case, at: int) -> int:  # noqa: ARG002
        """Settle what only an instant before `at` could have settled otherwise; the next such instant."""
        return NEVER

    def waiting(self, case: Case) -> Iterable[Waiting]:  # noqa: ARG002
        """What is not settled yet."""
        return ()

    def is_safe(self, case: Case) -> bool:  # noqa: ARG002
        """Whether nothing that may still come could break it."""
        return False

    @abstractmethod
    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        """The values of its slots as plain values, one a slot."""

    @abstractmethod
    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        """Fill the slots with what `freeze` made."""

    def finish(self, case: Case, at: int) -> None:
        """The case ends: settle all that waits."""
        for row, _, ended, deadline in self.waiting(case):
            self.tell(self, case, row, ended, None, min(deadline, at))


def both(one: Handler, two: Handler) -> Handler:
    """One after the other."""

    def handle(case: Case, row: Row) -> None:
        one(case, row)
        two(case, row)

    return handle
