from __future__ import annotations

import enum

import attrs

from crmusage.rules import Compare, Constraint, Duration, Not, Op, Template

T = Template
WINDOWS = (Duration(hours=1), Duration(days=1), Duration(weeks=1), Duration(days=30))
"""The delays that are tried: those in which people speak. Guessed; each one counts as tried."""


class Reach(enum.Enum):
    """Where from an activation its target is looked for."""

    AHEAD = "ahead"
    BACK = "back"
    ANYWHERE = "anywhere"
    NEXT = "next"
    PREVIOUS = "previous"
    BEFORE_NEXT = "before the next activation"
    AFTER_PREVIOUS = "after the previous activation"


REACHES = {
    T.RESPONSE: (Reach.AHEAD, False),
    T.NOT_SUCCESSION: (Reach.AHEAD, True),
    T.PRECEDENCE: (Reach.BACK, False),
    T.RESPONDED_EXISTENCE: (Reach.ANYWHERE, False),
    T.NOT_CO_EXISTENCE: (Reach.ANYWHERE, True),
    T.CHAIN_RESPONSE: (Reach.NEXT, False),
    T.NOT_CHAIN_SUCCESSION: (Reach.NEXT, True),
    T.CHAIN_PRECEDENCE: (Reach.PREVIOUS, False),
    T.ALTERNATE_RESPONSE: (Reach.BEFORE_NEXT, False),
    T.ALTERNATE_PRECEDENCE: (Reach.AFTER_PREVIOUS, False),
}
"""Where each template between two activities looks, and whether it wants nothing there."""
_TIMED = frozenset({T.RESPONSE, T.PRECEDENCE, T.NOT_SUCCESSION})


@attrs.frozen
class Pattern:
    """A template with its window or number, between whichever activities: a column of what is tried."""

    template: Template
    within: Duration | None = None
    n: int | None = None
    attribute: str | None = None
    """Between two activities: only activations of which the attribute is `value` count. Of one activity: each such
    event has that value."""
    value: str | int | bool | None = None

    def constraint(self, activity: str, target: str | None) -> Constraint:
        """It, between these."""
        where: Compare | Not | None = None
        if self.attribute is not None and self.value is not None:
            where = Compare(self.attribute, Op.EQ, self.value)
            if self.is_of_value:
                where = Not(where)
        return Constraint(self.template, activity, target, n=self.n, where=where, within=self.within)

    @property
    def is_of_value(self) -> bool:
        """Whether it is about a value that events have: none is without it."""
        return self.attribute is not None and self.template not in REACHES

    @property
    def is_conditional(self) -> bool:
        """Whether only activations with a value count."""
        return self.attribute is not None and self.template in REACHES

    @property
    def reach(self) -> Reach:
        """Where it looks."""
        return REACHES[self.template][0]

    @property
    def is_negative(self) -> bool:
        """Whether it wants no target there."""
        return REACHES[self.template][1]

    @property
    def window(self) -> int | None:
        """In microseconds; None: to the end of the case."""
        return None if self.within is None else self.within.microseconds

    @property
    def waits(self) -> bool:
        """Whether time has to pass until it is kept or broken: a case that ends early is not put to the same test."""
        if self.template in REACHES:
            return self.reach in {Reach.AHEAD, Reach.ANYWHERE, Reach.BEFORE_NEXT}
        return self.template in {T.EXISTENCE, T.ABSENCE} and not self.is_of_value


PAIRS = tuple(
    Pattern(template, within)
    for template in REACHES
    for within in ((None, *WINDOWS) if template in _TIMED else (None,))
)
"""What is tried between every two activities."""
CONDITIONAL = tuple(
    pattern
    for pattern in PAIRS
    if pattern.reach not in {Reach.BEFORE_NEXT, Reach.AFTER_PREVIOUS}
    and not (pattern.is_negative and pattern.within is not None)
)
"""What is tried between every two activities for each value of an attribute, too. Not the alternate templates, in which
the condition would also change which activation is the next; nor what must not come in time, which few would say."""
UNTRIED = {
    T.EXACTLY: "existence and absence of the same number say it together",
    T.CO_EXISTENCE: "it is responded_existence in both directions, and each is tried",
    T.SUCCESSION: "it is response and precedence, and each is tried",
    T.ALTERNATE_SUCCESSION: "it is alternate_response and alternate_precedence, and each is tried",
    T.CHAIN_SUCCESSION: "it is chain_response and chain_precedence, and each is tried",
    T.CHOICE: "one of two activities that have nothing else in common is no way to work",
    T.EXCLUSIVE_CHOICE: "it is choice and not_co_existence, and the second is tried",
}
"""Templates of rules that are not tried, and why not."""
OF_CASES = (
    Pattern(T.EXISTENCE, n=1),
    Pattern(T.EXISTENCE, n=2),
    Pattern(T.ABSENCE, n=1),
    Pattern(T.ABSENCE, n=2),
    Pattern(T.INIT),
    Pattern(T.END),
)
"""What is tried of every activity."""
