"""One side of an expectation, ready to be held against events: what it starts from, what it asks for, how far."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import attrs

from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._tests import Link, Test
from crmusage.rules._rule import Constraint, UsageRule
from crmusage.rules._template import Template, Verdict

Bounds = Callable[[Row, Case], tuple[int, int]]
"""The first and the last instant that count for an activation (first after last: none does)."""


@attrs.frozen(eq=False)
class Stream:
    """Events that are looked for together: of some activities, under a condition."""

    number: int
    activities: frozenset[str]
    test: Test | None
    """None: every event of the activities."""

    def takes(self, row: Row, case: Case) -> bool:
        """Whether an event is one of them."""
        return row[1] in self.activities and (self.test is None or self.test(row, case))


NO_STREAM = Stream(-1, frozenset(), None)
"""Where nothing is looked for."""


class Kind(enum.Enum):
    """Where a side looks from its activation."""

    COUNT = enum.auto()
    INIT = enum.auto()
    END = enum.auto()
    CHOICE = enum.auto()
    AHEAD = enum.auto()
    BACK = enum.auto()
    BOTH_WAYS = enum.auto()
    AHEAD_ALTERNATE = enum.auto()
    BACK_ALTERNATE = enum.auto()
    NEXT = enum.auto()
    PREVIOUS = enum.auto()


OF_CASE = {Kind.COUNT, Kind.INIT, Kind.END, Kind.CHOICE}
WAITING = {Kind.AHEAD, Kind.BOTH_WAYS, Kind.AHEAD_ALTERNATE, Kind.NEXT}
"""Those whose activations may wait for what comes."""
_ANY_TWO = {Kind.COUNT, Kind.CHOICE, Kind.AHEAD_ALTERNATE, Kind.BACK_ALTERNATE}
_FAR_TARGET = {Kind.AHEAD, Kind.BACK, Kind.BOTH_WAYS}
_BACK = {Kind.BACK, Kind.BACK_ALTERNATE, Kind.PREVIOUS}


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
    is_set: bool = True
    """Whether anything is said of time. No delay at all is something: what was before the case does not count."""

    @property
    def is_boundless(self) -> bool:
        """Whether any distance will do."""
        return not self.is_set

    @classmethod
    def elapsed(cls, after: int | None, within: int | None) -> Reach:
        """A window in elapsed time."""
        is_set = after is not None or within is not None
        after = after or 0

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
            is_set=is_set,
        )


@attrs.frozen(eq=False, slots=False)
class Side:
    """What is asked of one kind of activation. A two-sided template has two sides, each other's mirror."""

    number: int
    """Its place among all sides."""
    rule: UsageRule
    place: int
    """Of the rule among the rules."""
    position: int
    """Of the expectation in the rule."""
    constraint: Constraint
    mirrored: bool
    """Whether it starts from the constraint's target."""
    kind: Kind
    hit: Verdict
    """The verdict where there is what it looks for (for a template that forbids it: violated)."""
    miss: Verdict
    """The verdict where there is none."""
    activities: frozenset[str]
    targets: frozenset[str]
    starts: Stream
    """Its activations."""
    aims: Stream
    """What it looks for."""
    aim: Test | None
    """Whether an event of `targets` is one that is asked for; None: each is."""
    link: Link | None
    """Whether activation and target belong together; None: all of a case do."""
    able: Test | None
    """Whether an activation has every value that is compared with its target's."""
    reach: Reach
    ask: Callable[[Side, Case, Any, int, int], Any]
    """What finds the verdict of an activation (see `_judge`)."""

    @cached_property
    def is_near(self) -> bool:
        """Whether a target counts up to some time after an activation: none comes too soon, no clock is asked, and
        no event is activation and target at once.
        """
        reach = self.reach
        return reach.is_elapsed and not reach.delays and self.activities.isdisjoint(self.targets)

    @cached_property
    def is_plain(self) -> bool:
        """Whether, besides, any target of the case counts, so that the nearest one tells all."""
        return self.link is None and self.is_near

    @cached_property
    def enough(self) -> int:
        """So many events of a side that counts tell all."""
        n = self.constraint.n or 1
        return n + 1 if self.constraint.template is Template.EXACTLY else n

    @cached_property
    def is_of_case(self) -> bool:
        """Whether the case as a whole is the activation."""
        return self.kind in OF_CASE

    @cached_property
    def looks_back(self) -> bool:
        """Whether an activation is settled when it comes."""
        return self.kind in _BACK

    @cached_property
    def may_expire(self) -> bool:
        """Whether time may settle what waits."""
        return self.kind not in _BACK and (self.reach.has_end or not self.reach.is_elapsed)

    @property
    def any_will_do(self) -> bool:
        """Whether every target of the case counts, whenever it is."""
        return self.link is None and self.reach.is_boundless

    def fits(self, activation: Row, row: Row, case: Case) -> bool:
        """Whether an event is what an activation next to it asks for."""
        if row[1] not in self.targets or not (self.aim is None or self.aim(row, case)):
            return False
        bounds = self.reach.back if row[2] < activation[2] else self.reach.ahead
        first, last = bounds(activation, case)
        return first <= row[2] <= last and (self.link is None or self.link(activation, row, case))

    def cares(self, one: str, other: str) -> bool:
        """Whether it may matter to it in which order events of two activities at one instant stand."""
        acts, aims, kind = self.activities, self.targets, self.kind
        if kind is Kind.BOTH_WAYS and self.is_plain:
            return False
        if kind in {Kind.NEXT, Kind.PREVIOUS}:
            return one in acts or other in acts
        if kind in _ANY_TWO:
            return one in acts | aims and other in acts | aims
        # Of two that are looked for, `seq` may say that the one that came later is the nearer one.
        same = kind is not Kind.BACK and one in aims and other in aims
        return same or (one in acts and other in aims) or (other in acts and one in aims)

    def may_mix(self, one: Row, fed: Sequence[Stream], case: Case) -> bool:
        """Whether it may matter how an event that goes into some streams stands to the only other of its instant."""
        starts, aims = self.starts in fed, self.aims in fed
        if self.kind in _FAR_TARGET:
            return (starts and self.aims.takes(one, case)) or (aims and self.starts.takes(one, case))
        return starts or aims or self.kind in {Kind.NEXT, Kind.PREVIOUS}

    @property
    def key(self) -> tuple[str, int, bool]:
        """What tells it apart from other sides."""
        return self.rule.id, self.position, self.mirrored
