from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from crmusage.rules._monitor._cadences import CadenceSide
from crmusage.rules._monitor._case import NEVER, Row
from crmusage.rules._monitor._side import Side
from crmusage.rules._monitor._tests import instant
from crmusage.rules._template import Verdict

Told = tuple[Side | CadenceSide, str, Row | None, Verdict, Row | None, int, Verdict | None]
"""A verdict: of which side and case, its activation, the event that decided it or the instant that did by
passing, and what was said of the activation before."""


class State(enum.StrEnum):
    """How an expectation stands in a case that may go on: the four values of RV-LTL, and one for ties.

    Permanent is what no later event of the case can change; possible is what holds if the case ended now.
    """

    PERMANENTLY_VIOLATED = "permanently_violated"
    TIED = "tied"
    """Not broken for sure, but one order of events at one instant would break it."""
    POSSIBLY_VIOLATED = "possibly_violated"
    POSSIBLY_FULFILLED = "possibly_fulfilled"
    PERMANENTLY_FULFILLED = "permanently_fulfilled"


def _comparable(told: Told) -> object:
    return told[0].key, told[1:]


@attrs.frozen(repr=False)
class LiveVerdict:
    """What became of one activation of one expectation of one rule, as soon as it is known."""

    # One field: making these is the dearest part of a monitor that has much to say.
    _told: Told = attrs.field(eq=_comparable)

    @property
    def case_id(self) -> str:
        """The case."""
        return self._told[1]

    @property
    def verdict(self) -> Verdict:
        """What became of it."""
        return self._told[3]

    @property
    def was(self) -> Verdict | None:
        """What was said of it before, and is corrected by this; `verdict` is PENDING where it is taken back."""
        return self._told[6]

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self._told[0].rule.id

    @property
    def version(self) -> int:
        """The rule's version."""
        return self._told[0].rule.version

    @property
    def expect(self) -> int:
        """The position of the expectation in the rule, from 0."""
        return self._told[0].position

    @property
    def mirrored(self) -> bool:
        """Whether the activation is an event of the expectation's target, as in two-sided templates."""
        return self._told[0].mirrored

    @property
    def activity(self) -> str | None:
        """The activation's activity; None: the case as a whole is the activation."""
        row = self._told[2]
        return None if row is None else row[1]

    @property
    def at(self) -> dt.datetime | None:
        """The activation's instant, in UTC."""
        row = self._told[2]
        return None if row is None else instant(row[2])

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What else is known of the activation: what rules name, and what the monitor was told to carry."""
        row = self._told[2]
        return {} if row is None else row[3]

    @property
    def decided_by(self) -> str | None:
        """The activity of the event that decided it; None: no single event did."""
        row = self._decider
        return None if row is None else row[1]

    @property
    def _decider(self) -> Row | None:
        return None if self.verdict is Verdict.TIED else self._told[4]

    @property
    def decided_at(self) -> dt.datetime | None:
        """The instant of the event that decided it."""
        row = self._decider
        return None if row is None else instant(row[2])

    @property
    def deadline(self) -> dt.datetime | None:
        """The instant that decided it by passing (of a pending one: that will); None: no instant does."""
        deadline = self._told[5]
        return None if deadline == NEVER else instant(deadline)

    def __str__(self) -> str:
        """`c1: follow-up violated: response(quote_sent, call) within 2 days (quote_sent at 2026-…)`."""
        text = f"{self.case_id}: {self.rule} {self.verdict.name.lower()}: {self._told[0].constraint}"
        return text if self.activity is None else f"{text} ({self.activity} at {self.at})"

    def __repr__(self) -> str:
        """`<LiveVerdict c1: …>`."""
        return f"<LiveVerdict {self}>"


class Verdicts(Sequence[LiveVerdict]):
    """Verdicts, each made when it is looked at: whoever only counts them, or wants the first, need not pay for all."""

    __slots__ = ("_told",)
    # Equal to any sequence of equal verdicts, as a list is, and like a list without a hash.
    __hash__ = None  # type: ignore[assignment]  # mypy knows no other way to say so

    def __init__(self, told: Sequence[Told]) -> None:
        """What was said, in order."""
        self._told = told

    def __len__(self) -> int:
        """How many."""
        return len(self._told)

    @overload
    def __getitem__(self, place: int) -> LiveVerdict: ...

    @overload
    def __getitem__(self, place: slice) -> Verdicts: ...

    def __getitem__(self, place: int | slice) -> LiveVerdict | Verdicts:
        """One of them; of a slice, those in it."""
        if isinstance(place, slice):
            return Verdicts(self._told[place])
        return LiveVerdict(self._told[place])

    def __iter__(self) -> Iterator[LiveVerdict]:
        """One after the other."""
        return map(LiveVerdict, self._told)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a list, a tuple or verdicts like these, with the same verdicts in the same order."""
        if not isinstance(other, (Verdicts, list, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __repr__(self) -> str:
        """As of a list."""
        return repr(list(self))
