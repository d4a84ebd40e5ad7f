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
    """Of every such event the value is `value`: no event without it."""
    value: str | int | bool | None = None

    def constraint(self, activity: str, target: str | None) -> Constraint:
        """It, between these."""
        where = None
        if self.attribute is not None and self.value is not None:
            where = Not(Compare(self.attribute, Op.EQ, self.value))
        return Constraint(self.template, activity, target, n=self.n, where=where, within=self.within)

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


PAIRS = tuple(
    Pattern(template, within)
    for template in REACHES
    for within in ((None, *WINDOWS) if template in _TIMED else (None,))
)
"""What is tried between every two activities."""
OF_CASES = (
    Pattern(T.EXISTENCE, n=1),
    Pattern(T.EXISTENCE, n=2),
    Pattern(T.ABSENCE, n=1),
    Pattern(T.ABSENCE, n=2),
    Pattern(T.INIT),
    Pattern(T.END),
)
"""What is tried of every activity."""
