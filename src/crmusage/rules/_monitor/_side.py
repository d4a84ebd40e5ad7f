"""One side of an expectation, ready to be held against events: what it starts from, what it asks for, how far."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from crmusage.rules._monitor._layout import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._tests import Link, Test
from crmusage.rules._rule import Constraint, UsageRule

Bounds = Callable[[Row, Case], tuple[int, int]]
"""The first and the last instant that count for an activation (first after last: none does)."""


@attrs.frozen(eq=False)
class Reach:
    """How far from an activation a target may be."""

    ahead: Bounds
    """Looking forward."""
    back: Bounds
    """Looking back."""
    is_elapsed: bool
    """Whether `after` and `within` say all: else a clock or the calendar is asked each time."""
    delays: bool
    """Whether what comes too soon does not count."""
    has_end: bool
    """Whether there is a last instant."""
    after: int = 0
    """Microseconds."""
    within: int = NEVER
    """Microseconds."""

    @property
    def is_boundless(self) -> bool:
        """Whether any distance will do."""
        return not self.delays and not self.has_end

    @classmethod
    def elapsed(cls, after: int, within: int | None) -> Reach:
        """A window in elapsed time."""

        def ahead(row: Row, _: Case) -> tuple[int, int]:
            at = row[2]
            return at + after, NEVER if within is None else at + within

        def back(row: Row, _: Case) -> tuple[int, int]:
            at = row[2]
            return FAR_PAST if within is None else at - within, at - after

        return cls(
            ahead=ahead,
            back=back,
            is_elapsed=True,
            delays=after > 0,
            has_end=within is not None,
            after=after,
            within=NEVER if within is None else within,
        )


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
    activities: frozenset[str]
    targets: frozenset[str]
    act: Test | None
    """Whether an event of one of `activities` is an activation; None: each is."""
    aim: Test | None
    """Whether an event of one of `targets` is one that is asked for; None: each is."""
    link: Link | None
    """Whether activation and target belong together; None: all of a case do."""
    able: Test | None
    """Whether an activation has every value that is compared with its target's."""
    reach: Reach

    def is_activation(self, row: Row, case: Case) -> bool:
        """Whether an event is an activation."""
        return row[1] in self.activities and (self.act is None or self.act(row, case))

    def is_target(self, row: Row, case: Case) -> bool:
        """Whether an event could be a target of some activation."""
        return row[1] in self.targets and (self.aim is None or self.aim(row, case))

    def follows(self, activation: Row, row: Row, case: Case) -> bool:
        """Whether an event, another one and not before the activation, is what the activation asks for."""
        if not self.is_target(row, case):
            return False
        first, last = self.reach.ahead(activation, case)
        return first <= row[2] <= last and (self.link is None or self.link(activation, row, case))

    def precedes(self, row: Row, activation: Row, case: Case) -> bool:
        """Whether an event, another one and not after the activation, is what the activation asks for."""
        if not self.is_target(row, case):
            return False
        first, last = self.reach.back(activation, case)
        return first <= row[2] <= last and (self.link is None or self.link(activation, row, case))

    @property
    def any_will_do(self) -> bool:
        """Whether every target of the case counts, whenever it is."""
        return self.link is None and self.reach.is_boundless

    @property
    def touched(self) -> frozenset[str]:
        """The activities that it names."""
        return self.activities | self.targets

    @property
    def key(self) -> tuple[str, int, bool]:
        """What tells it apart from other sides."""
        return self.rule.id, self.position, self.mirrored
