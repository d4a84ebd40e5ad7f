from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs

from crmusage.rules._monitor._layout import NEVER, Row
from crmusage.rules._monitor._side import Side
from crmusage.rules._monitor._tests import instant
from crmusage.rules._template import Verdict


class State(enum.StrEnum):
    """How an expectation stands in a case that may go on (the four values of RV-LTL, and a fifth for ties).

    Permanent is what no later event of the case can change; possible is what holds if the case ended now.
    """

    PERMANENTLY_VIOLATED = "permanently_violated"
    TIED = "tied"
    """Not broken for sure, but one order of events at one instant would break it."""
    POSSIBLY_VIOLATED = "possibly_violated"
    POSSIBLY_FULFILLED = "possibly_fulfilled"
    PERMANENTLY_FULFILLED = "permanently_fulfilled"


@attrs.frozen
class LiveVerdict:
    """What became of one activation of one expectation of one rule, as soon as it is known."""

    case_id: str
    verdict: Verdict
    was: Verdict | None
    """What had been said of it before: this corrects it. `verdict` is PENDING where it is merely taken back."""
    _side: Side = attrs.field(eq=False, repr=False)
    _row: Row | None
    _by: Row | None
    _deadline: int

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self._side.rule.id

    @property
    def version(self) -> int:
        """The rule's version."""
        return self._side.rule.version

    @property
    def expect(self) -> int:
        """The position of the expectation in the rule, from 0."""
        return self._side.position

    @property
    def mirrored(self) -> bool:
        """Whether the activation is an event of the expectation's target, as two-sided templates have them too."""
        return self._side.mirrored

    @property
    def activity(self) -> str | None:
        """The activation's activity; None: the case as a whole is the activation."""
        return None if self._row is None else self._row[1]

    @property
    def at(self) -> dt.datetime | None:
        """The activation's instant, in UTC."""
        return None if self._row is None else instant(self._row[2])

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What else is known of the activation: what rules name, and what the monitor was told to carry."""
        return {} if self._row is None else self._row[3]

    @property
    def decided_by(self) -> str | None:
        """The activity of the event that decided it; None: no single event did."""
        return None if self._by is None else self._by[1]

    @property
    def decided_at(self) -> dt.datetime | None:
        """The instant of the event that decided it."""
        return None if self._by is None else instant(self._by[2])

    @property
    def deadline(self) -> dt.datetime | None:
        """The instant that decided it by passing (of a pending one: that will); None: no instant does."""
        return None if self._deadline == NEVER else instant(self._deadline)

    def __str__(self) -> str:
        """`case c1: follow-up violated: response(quote_sent, call) within 2 days, quote_sent at …`."""
        of = "" if self._row is None else f", {self.activity} at {self.at}"
        return f"case {self.case_id}: {self.rule} {self.verdict.name.lower()}: {self._side.constraint}{of}"
