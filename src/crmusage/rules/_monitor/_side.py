"""One side of an expectation, ready to be held against events: whom it starts from, what it asks for, how far."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from crmusage.rules._monitor._layout import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._tests import Link, Test
from crmusage.rules._rule import Constraint, UsageRule

Bounds = Callable[[Row, Case], tuple[int, int]]
"""The first and the last instant that count for an activation."""


@attrs.frozen(eq=False)
class Reach:
    """How far from an activation a target may be."""

    after: int | None
    """In elapsed time, microseconds; None: from the activation's own instant on."""
    within: int | None
    is_elapsed: bool
    """Whether `after` and `within` say all: else the calendar is asked each time."""
    ahead: Bounds
    """Looking forward; for what is asked of the case as a whole, from its creation (the row's instant)."""
    back: Bounds

    @property
    def is_boundless(self) -> bool:
        """Whether any distance will do."""
        return self.is_elapsed and not self.after and self.within is None

    @property
    def has_end(self) -> bool:
        """Whether there is a last instant."""
        return not self.is_elapsed or self.within is not None

    @classmethod
    def elapsed(cls, after: int | None, within: int | None) -> Reach:
        """A window in elapsed time."""
        first = after or 0

        def ahead(row: Row, _: Case) -> tuple[int, int]:
            at = row[2]
            return at + first, NEVER if within is None else at + within

        def back(row: Row, _: Case) -> tuple[int, int]:
            at = row[2]
            return FAR_PAST if within is None else at - within, at - first

        return cls(after, within, True, ahead, back)


@attrs.frozen(eq=False)
class Side:
    """What a part of an expectation looks at. A two-sided template has two, each other's mirror."""

    rule: UsageRule
    place: int
    """Of the rule among the rules."""
    position: int
    """Of the expectation in the rule."""
    constraint: Constraint
    mirrored: bool
    """Whether it starts from the constraint's target."""
    activity: str
    target: str | None
    act: Test | None
    """Whether an event of `activity` is an activation; None: each is."""
    aim: Test | None
    """Whether an event of `target` is one that is asked for."""
    link: Link | None
    able: Test | None
    """Whether an activation has every value that is compared with its target's."""
    reach: Reach

    def is_activation(self, row: Row, case: Case) -> bool:
        """Whether an event is an activation."""
        return row[1] == self.activity and (self.act is None or self.act(row, case))

    def is_target(self, row: Row, case: Case) -> bool:
        """Whether an event could be a target of some activation."""
        return row[1] == self.target and (self.aim is None or self.aim(row, case))

    def follows(self, activation: Row, row: Row, case: Case) -> bool:
        """Whether an event, not before the activation and another one, is what the activation asks for."""
        if not self.is_target(row, case):
            return False
        first, last = self.reach.ahead(activation, case)
        return first <= row[2] <= last and (self.link is None or self.link(activation, row, case))

    def precedes(self, row: Row, activation: Row, case: Case) -> bool:
        """Whether an event, not after the activation and another one, is what the activation asks for."""
        if not self.is_target(row, case):
            return False
        first, last = self.reach.back(activation, case)
        return first <= row[2] <= last and (self.link is None or self.link(activation, row, case))

    @property
    def touched(self) -> frozenset[str]:
        """The activities that it names."""
        return frozenset(name for name in (self.activity, self.target) if name is not None)
