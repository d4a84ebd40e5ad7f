from __future__ import annotations

import attrs

from crmusage.model._text import Text
from crmusage.model._time import Period


@attrs.frozen
class RuleTally:
    """How often one expectation of one rule was kept and broken, somewhere and some time.

    A report has one for the whole company and all time (`unit` and `period` None) and as many finer ones as
    were counted. Every activation is in exactly one of `fulfilled`, `violated`, `pending` and `tied`.
    """

    rule: str
    version: int
    expect: int
    """The position of the expectation in the rule, from 0."""
    expect_text: str
    """The expectation in DECLARE's words: `response(quote_sent, call) within 2 working days`."""
    situation: Text | None = None
    unit: str | None = None
    """None: the whole company, also what belongs to no unit."""
    period: Period | None = None
    """None: all time."""
    activations: int = 0
    fulfilled: int = 0
    violated: int = 0
    pending: int = 0
    tied: int = 0
    vacuous_cases: int = 0
    """Cases in which the expectation was never activated."""
    expected: Text | None = None
    """The expectation as people say it; None: nobody put it in words."""

    @property
    def asks(self) -> Text:
        """What is expected, in words if there are any, else in DECLARE's."""
        return self.expected if self.expected is not None else Text(self.expect_text, self.expect_text)

    @property
    def judged(self) -> int:
        """Activations that were kept or broken for good: what a share of kept ones is out of."""
        return self.fulfilled + self.violated
