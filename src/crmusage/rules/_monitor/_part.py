from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from crmusage.rules._monitor._layout import ID, MARKS, NEVER, Case, Row, Run, Several
from crmusage.rules._monitor._side import Side
from crmusage.rules._template import Verdict

F, V, P, T = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING, Verdict.TIED

MAY_HIT, MAY_MISS = 1, 2
"""What some order of a tie has shown so far of an activation that is still waiting."""

Handler = Callable[[Case, Row], None]
Finish = Callable[[Case, int], None]
Tell = Callable[[Case, Row | None, Verdict, Row | None, int], None]
Waiting = tuple[Row | None, Verdict, Verdict, int]
"""An activation that is not settled: its event (None: the case), its verdict now, its verdict if the case ended
now, and the instant that will settle it by passing."""
Told = tuple[Side, str, Row | None, Verdict, Row | None, int, Verdict | None]
"""A verdict: of which side and case, its activation, the event that decided it or the instant that did by
passing, and what was said of the activation before."""
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
        """Say these verdicts. `arm` takes an instant before a case's alarm, `cut` parts an instant into runs."""
        self.arm, self.cut, self._said = arm, cut, said
        self._verdicts = frozenset(verdicts)
        self.tells_fulfilled = F in self._verdicts

    def teller(self, side: Side, number: int) -> Tell:
        """What a part says its verdicts with."""
        say = self._said.append
        fulfilled, violated, tied = (verdict in self._verdicts for verdict in (F, V, T))
        broken_bit, tied_bit = 1 << 2 * number, 2 << 2 * number

        def tell(case: Case, row: Row | None, verdict: Verdict, by: Row | None, deadline: int) -> None:
            if verdict is V:
                case[MARKS] |= broken_bit
                if not violated:
                    return
            elif verdict is T:
                case[MARKS] |= tied_bit
                if not tied:
                    return
            elif not fulfilled:
                return
            say((side, case[ID], row, verdict, by, deadline, None))

        return tell

    def last_run(self, stood: Any) -> Run:
        """The last run of what a case keeps of an instant: nothing, a row, or several."""
        if stood is None:
            return ()
        return self.cut(stood)[-1] if stood.__class__ is Several else (stood,)


@attrs.frozen(eq=False)
class Deed:
    """What a part does when an event of one activity comes that stands alone at its place.

    What needs no question is not a function but said, as the engine does it without a call.
    """

    handler: Handler | None = None
    gate: int | None = None
    """The handler has nothing to do while nothing is in this slot."""
    clears: int | None = None
    """The slot that becomes empty."""
    keeps: int | None = None
    """The slot that the event itself goes into, when all handlers are done."""


class Part(ABC):
    """What is remembered of a case, in slots of its own. The first holds something false when it waits for nothing."""

    number = -1
    """Its place among the parts."""
    slot = 0
    """Its first slot."""
    width = 1
    """How many slots it has."""
    changing = 1
    """How many of them, from the first, events can change."""
    touched: frozenset[str] = frozenset()
    """The activities that it looks at."""

    @abstractmethod
    def deed(self, activity: str) -> Deed | None:
        """What it does with an event of an activity; None: nothing."""

    @abstractmethod
    def step(self, case: Case, run: Run) -> None:
        """Take in a run of events whose order is not known."""

    @abstractmethod
    def freeze(self, case: Case, ref: Refs) -> list[Any]:
        """What its slots hold, as plain values."""

    @abstractmethod
    def thaw(self, values: Sequence[Any], rows: Sequence[Row], case: Case) -> None:
        """Fill the slots with what `freeze` made."""


class Judge(Part):
    """One side of an expectation at work."""

    waits = True
    """Whether activations may have to wait."""

    def __init__(self, side: Side, number: int, slot: int, voice: Voice) -> None:
        """Take the slots from `slot` on."""
        self.side, self.number, self.slot, self.touched = side, number, slot, side.touched
        self.tell, self.arm, self.last_run = voice.teller(side, number), voice.arm, voice.last_run
        self.tell_fulfilled = self.tell if voice.tells_fulfilled else None

    def cares(self, one: str, other: str) -> bool:
        """Whether it matters to it in which order events of two activities at one instant stand."""
        side = self.side
        return (one in side.activities and other in side.targets) or (
            other in side.activities and one in side.targets
        )

    def expire(self, case: Case, at: int) -> int:  # noqa: ARG002
        """Settle what only an instant before `at` could have settled otherwise; the next such instant."""
        return NEVER

    def waiting(self, case: Case) -> Iterable[Waiting]:  # noqa: ARG002
        """What is not settled yet."""
        return ()

    def finisher(self) -> Finish:
        """What settles all that waits in a case that ends at an instant; not called where nothing waits."""

        def finish(case: Case, at: int) -> None:
            for row, _, ended, deadline in self.waiting(case):
                self.tell(case, row, ended, None, min(deadline, at))

        return finish

    def is_safe(self, case: Case) -> bool:  # noqa: ARG002
        """Whether nothing that may still come can break it."""
        return False

    def can_ever(self, row: Row, case: Case, first: int, last: int) -> bool:
        """Whether an activation can have a target: its window is not empty, and no value is missing."""
        return first <= last and (self.side.able is None or self.side.able(row, case))


def after(one: Handler, two: Handler) -> Handler:
    """One, then two."""

    def handle(case: Case, row: Row) -> None:
        one(case, row)
        two(case, row)

    return handle
