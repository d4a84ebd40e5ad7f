from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._clock import Clock
from crmusage.requests._request import Request
from crmusage.requests._state import OWED, Duty, Side, State
from crmusage.requests._steps import as_of, stretches
from crmusage.rules import Duration

Pace = Mapping[Duty, Duration]
"""How long each duty may take. What is not in it has no time of its own."""

PACE: Pace = {
    Duty.DELIVER: Duration(minutes=15),
    Duty.VALIDATE: Duration(working_hours=4),
    Duty.CLARIFY: Duration(working_days=1),
    Duty.REROUTE: Duration(working_hours=4),
    Duty.DECIDE: Duration(working_days=1),
    Duty.START: Duration(working_days=1),
    Duty.FOLLOW_UP: Duration(working_days=0),
    Duty.RESUME: Duration(working_days=0),
    Duty.DOCUMENT: Duration(working_days=1),
    Duty.RETURN: Duration(working_days=1),
    Duty.CONFIRM: Duration(working_days=5),
}
"""Where a kind of request says nothing: guessed, as "at once" among people who are in meetings half the day. For
follow-ups, which have a date, it is what is granted beyond it: the rest of that day."""

_PROMISED = frozenset({State.ACCEPTED, State.DECIDED, State.DEFERRED, State.WAITING})
"""States in which the doer has it and the work is still ahead."""


@attrs.frozen
class Obligation:
    """What somebody owes now."""

    duty: Duty
    who: str | None
    """Who owes it; None: the tool, or nobody known."""
    since: dt.datetime
    by: dt.datetime | None
    """None: nothing says when."""
    overdue: bool
    waits_for: Duty | None = None
    """It cannot be done before this has been."""

    @property
    def side(self) -> Side:
        """Trigger, transmitter or doer."""
        return self.duty.side

    @property
    def text(self) -> Text:
        """Who must do what by when."""
        return Text(self._told("en"), self._told("fr"))

    def _told(self, lang: str) -> str:
        words = Wording(lang)
        side = _SIDES[self.side].into(lang)
        name = f" ({self.who})" if self.who else ""
        told = f"{side}{name} {words.pick('must', 'doit')} {self.duty.text.into(lang)}"
        if self.by is not None:
            told += f" {words.pick('by', 'avant le')} {words.instant(self.by)}"
        if self.waits_for is not None:
            waits = words.pick("once the question is answered", "une fois la question éclaircie")
            told += f", {waits}"
        if self.overdue:
            told += words.pick(": overdue", " : en retard")
        return f"{told}."


_SIDES = {
    Side.TRIGGER: Text("The trigger", "Le déclencheur"),
    Side.TRANSMITTER: Text("The transmitter", "Le transmetteur"),
    Side.DOER: Text("The doer", "Le faiseur"),
}


def obligations(
    request: Request, at: dt.datetime, *, pace: Pace | None = None, clock: Clock | None = None
) -> tuple[Obligation, ...]:
    """Who owes what by when, as of an instant: what has to be done next comes first.

    Nobody owes anything on a draft or a closed request; on any other, somebody does.

    Args:
        request: events after `at` do not count.
        at: an instant with its zone.
        pace: how long each duty may take, instead of `PACE`; `kind.pace_for(request)` is that of its kind.
        clock: whose working time; None: Monday to Friday, nine to five, UTC.

    Raises:
        ContractError: when `at` has no zone.
    """
    if at.tzinfo is None:
        raise ContractError(f"at is an instant with its zone, not {at!r}")
    request = as_of(request, at)
    if not request.is_open:
        return ()
    clock, allowed = clock or Clock(), {**PACE, **(pace or {})}
    began = {stretch.state: stretch.start for stretch in stretches(request)}

    def owed(state: State, waits_for: Duty | None = None) -> Obligation:
        duty, since = OWED[state], began.get(state, request.events[-1].at)
        by = due(duty, since, request, allowed, clock) if waits_for is None else request.until
        return Obligation(duty, _who(request, duty), since, by, by is not None and by < at, waits_for)

    found = [owed(request.state)]
    behind = request.state
    if request.state is State.UNCLEAR and request.asked_in in OWED:
        behind = request.asked_in
        found.append(owed(behind, Duty.CLARIFY))
    if request.due_at is not None and behind in _PROMISED:
        late = request.due_at < at
        since = min(began.values())
        found.append(Obligation(Duty.FULFIL, request.doer, since, request.due_at, late))
    return tuple(found)


def due(duty: Duty, since: dt.datetime, request: Request, pace: Pace, clock: Clock) -> dt.datetime | None:
    """By when a duty that began at an instant is to be done."""
    if duty in {Duty.FOLLOW_UP, Duty.RESUME}:
        return request.until
    if duty is Duty.FULFIL and request.due_at is not None:
        return request.due_at
    return clock.deadline(since, pace[duty]) if duty in pace else None


def _who(request: Request, duty: Duty) -> str | None:
    if duty.side is Side.TRANSMITTER:
        return None
    return request.trigger if duty.side is Side.TRIGGER else request.doer
