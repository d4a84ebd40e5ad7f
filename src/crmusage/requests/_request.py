from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from crmusage.errors import CrmUsageError
from crmusage.model import Text
from crmusage.requests._event import Misfit, RequestEvent
from crmusage.requests._life import changed
from crmusage.requests._state import DECLINED, MAY, Command, State

if TYPE_CHECKING:
    from crmusage.requests._clock import Clock


class CommandRefusedError(CrmUsageError):
    """A command that is not possible now. The request is a value: it is what it was before."""

    def __init__(self, request: Request, command: Command, why: str) -> None:
        """Say what was refused and why, where the request stands, and what may be done."""
        self.command = command
        self.state = request.state
        self.may = request.may
        super().__init__(
            f"request {request.id!r}: {command} is refused: {why}. Now {self.state.text.en} ({self.state}). "
            f"What may be done: {', '.join(self.may)}"
        )


@attrs.frozen
class StreamFault:
    """Something in a foreign stream of events that a request cannot have lived through."""

    position: int
    """Of the event, among those that were given."""
    code: str
    """unreadable, unknown-activity, other-request, out-of-order, out-of-turn, without-date or empty."""
    text: Text


@attrs.frozen
class Request:
    """A request, as its events made it: who asks what of whom, where it stands, what is promised.

    A command (`accept`, `defer` …) gives the request after it, whose last event is new and is what the host
    stores; or it is refused and nothing has changed. `Request.fold(events)` makes the same request from stored
    events.
    """

    id: str
    state: State = State.DRAFT
    events: tuple[RequestEvent, ...] = ()
    kind: str | None = None
    trigger: str | None = None
    doer: str | None = None
    """Who has it, or to whom it is on its way."""
    text: str | None = None
    facts: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    """What was filled in besides the text, clarifications included."""
    priority_rank: int | None = None
    due_at: dt.datetime | None = None
    until: dt.datetime | None = None
    """The date that stands in the calendar: of the deferral, or of the next reminder while it waits."""
    asked_in: State | None = None
    """Where the request was when the open question was asked."""
    delivered: bool = False
    """Whether it has reached the doer whom it is for."""
    validated: bool = False
    """Whether that doer has said to be the right one."""
    outcome: str | None = None
    """fulfilled, declined or cancelled (withdrawn by the trigger); None: not settled."""
    answer: str | None = None
    """What was written down of what was done, or of why it will not be."""
    answer_facts: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    faults: tuple[StreamFault, ...] = ()
    """What was wrong with the events it was folded from; commands never add any."""

    @property
    def may(self) -> tuple[Command, ...]:
        """What may be done now."""
        return MAY[self.state]

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes something."""
        return self.state not in {State.DRAFT, State.CLOSED}

    @classmethod
    def fold(cls, events: Iterable[RequestEvent | Mapping[str, Any]]) -> Request:
        """The request that its events tell, in the order of (at, seq).

        Events of a CRM do not keep to any order of commands: what could not have happened so is told in
        `faults`, and the event is taken for what it says. Events that cannot be read, or that belong to another
        request, are left out, with a fault each. A deferral without a date leaves the request undecided.

        Args:
            events: of one request: `RequestEvent`s, or mappings with case_id, activity, at (a datetime with its zone,
                or ISO 8601 with its offset) and what else there is (other keys are taken as facts). Events of one
                instant without `seq` stay in the order in which they come.
        """
        from crmusage.requests._fold import fold

        return fold(events)

    # --- the trigger

    def submit(
        self,
        at: dt.datetime,
        *,
        by: str,
        to: str,
        kind: str | None = None,
        text: str | None = None,
        facts: Mapping[str, object] | None = None,
        priority_rank: int | None = None,
        due_at: dt.datetime | None = None,
    ) -> Request:
        """Ask: `by` is who asks, `to` the person, team or queue that is asked."""
        said = {"kind": kind, "text": text, "facts": facts or {}}
        if not ((text or "").strip() or facts):
            self._refuse(Command.SUBMIT, "it says nothing: give a text, facts, or both")
        if not (by and to):
            self._refuse(Command.SUBMIT, "it takes who asks (by) and who is asked (to)")
        if due_at is not None:
            self._later(Command.SUBMIT, at, "due_at", due_at)
        return self._do(Command.SUBMIT, at, by, doer=to, priority_rank=priority_rank, due_at=due_at, **said)

    def clarify(
        self, at: dt.datetime, text: str, *, by: str | None = None, facts: Mapping[str, object] | None = None
    ) -> Request:
        """Answer the open question; the request is again where it was when the question was asked."""
        self._words(Command.CLARIFY, text, "the answer")
        return self._do(Command.CLARIFY, at, by, text=text, facts=facts or {})

    def close(self, at: dt.datetime, *, by: str | None = None, text: str | None = None) -> Request:
        """Close what has been answered; or, for the trigger alone, withdraw what is still open."""
        if (
            Command.CLOSE in self.may
            and self.state is not State.RETURNED
            and (by is None or by != self.trigger)
        ):
            self._refuse(
                Command.CLOSE,
                "before the answer is back only who asked can close a request, to withdraw it (by=the trigger)",
            )
        return self._do(Command.CLOSE, at, by, text=text)

    def reopen(self, at: dt.datetime, *, by: str | None = None, text: str | None = None) -> Request:
        """The answer will not do: it is to be decided on again."""
        return self._do(Command.REOPEN, at, by, text=text)

    # --- the transmitter

    def deliver(self, at: dt.datetime, *, by: str | None = None) -> Request:
        """The doer has it."""
        return self._do(Command.DELIVER, at, by, doer=self.doer)

    def reroute(
        self,
        at: dt.datetime,
        to: str,
        *,
        by: str | None = None,
        reason: Misfit | str | None = None,
        skill: str | None = None,
        text: str | None = None,
    ) -> Request:
        """Send it to another doer, who validates and decides anew; so does who only hands it on."""
        if not to:
            self._refuse(Command.REROUTE, "it takes the doer that it goes to")
        fit = self._misfit(Command.REROUTE, reason, skill)
        return self._do(Command.REROUTE, at, by, doer=to, reason=fit, skill=skill, text=text)

    # --- the doer

    def ask_clarification(self, at: dt.datetime, text: str, *, by: str | None = None) -> Request:
        """Ask the trigger what is unclear. This may go round as often as it takes."""
        self._words(Command.ASK_CLARIFICATION, text, "the question")
        return self._do(Command.ASK_CLARIFICATION, at, by, text=text)

    def accept(self, at: dt.datetime, *, by: str | None = None) -> Request:
        """Say to be the right one for it, by role, skill and responsibility. Nothing is decided by that."""
        return self._do(Command.ACCEPT, at, by)

    def refuse(
        self,
        at: dt.datetime,
        reason: Misfit | str,
        *,
        by: str | None = None,
        skill: str | None = None,
        text: str | None = None,
    ) -> Request:
        """Say to be the wrong one for it: by role, by responsibility, or for want of a `skill`, which is named."""
        fit = self._misfit(Command.REFUSE, reason, skill)
        return self._do(Command.REFUSE, at, by, reason=fit, skill=skill, text=text)

    def decide_now(self, at: dt.datetime, *, by: str | None = None) -> Request:
        """Decide that it is done now. It is not fulfilled by that."""
        return self._do(Command.DECIDE_NOW, at, by, decision="now")

    def defer(
        self,
        at: dt.datetime,
        until: dt.datetime,
        *,
        by: str | None = None,
        text: str | None = None,
        clock: Clock | None = None,
    ) -> Request:
        """Decide that it is done later, on a date in the calendar; without one nothing is decided.

        Args:
            at: when it is decided.
            until: the instant at which it is taken up again, with its zone, after `at`.
            by: who decides.
            text: why.
            clock: whose working time; if given, `until` has to be on one of its working days.

        Raises:
            CommandRefusedError: when there is no such date, it is past, or nobody works that day.
        """
        self._date(Command.DEFER, at, until)
        if clock is not None and not clock.is_working_day(until):
            self._refuse(Command.DEFER, f"nobody works on the day of {until}: take a working day")
        return self._do(Command.DEFER, at, by, until=until, text=text)

    def decline(self, at: dt.datetime, text: str, *, by: str | None = None) -> Request:
        """Decide that it is not done, and say why. The trigger has to be told."""
        self._words(Command.DECLINE, text, "why")
        return self._do(Command.DECLINE, at, by, text=text, decision=DECLINED)

    def start(self, at: dt.datetime, *, by: str | None = None) -> Request:
        """Begin the work."""
        return self._do(Command.START, at, by)

    def wait(
        self, at: dt.datetime, until: dt.datetime, *, by: str | None = None, text: str | None = None
    ) -> Request:
        """Wait for somebody else, to be reminded at `until`: what waits without a date is forgotten."""
        self._date(Command.WAIT, at, until)
        return self._do(Command.WAIT, at, by, until=until, text=text)

    def resume(self, at: dt.datetime, *, by: str | None = None) -> Request:
        """Go on with the work."""
        return self._do(Command.RESUME, at, by)

    def fulfil(self, at: dt.datetime, *, by: str | None = None, text: str | None = None) -> Request:
        """The work is done. It has still to be told, and written down if it was not."""
        return self._do(Command.FULFIL, at, by, text=text)

    def document(
        self, at: dt.datetime, text: str, *, by: str | None = None, facts: Mapping[str, object] | None = None
    ) -> Request:
        """Write down what was done: while the work goes on, or at the latest once it is done."""
        self._words(Command.DOCUMENT, text, "what was done")
        return self._do(Command.DOCUMENT, at, by, text=text, facts=facts or {})

    def return_(self, at: dt.datetime, *, by: str | None = None, text: str | None = None) -> Request:
        """Tell the trigger the outcome."""
        return self._do(Command.RETURN, at, by, text=text)

    # --- how

    def _do(self, command: Command, at: dt.datetime, by: str | None, **said: Any) -> Request:
        if command not in self.may:
            self._refuse(command, "it is not its turn")
        self._instant(command, "at", at)
        if self.events and at < self.events[-1].at:
            self._refuse(command, f"{at} is before the last event ({self.events[-1].at})")
        event = RequestEvent(self.id, command.activity, at, by, **said)
        changes = changed(self, command, event)
        return attrs.evolve(self, **changes, events=(*self.events, event))

    def _refuse(self, command: Command, why: str) -> NoReturn:
        raise CommandRefusedError(self, command, why)

    def _words(self, command: Command, text: Any, what: str) -> None:
        if not isinstance(text, str) or not text.strip():
            self._refuse(command, f"it takes a text that says {what}")

    def _instant(self, command: Command, name: str, value: Any) -> None:
        if not isinstance(value, dt.datetime) or value.tzinfo is None:
            self._refuse(command, f"{name} is a datetime with a zone, not {value!r}")

    def _date(self, command: Command, at: dt.datetime, until: dt.datetime) -> None:
        self._later(command, at, "until", until)

    def _later(self, command: Command, at: dt.datetime, name: str, value: dt.datetime) -> None:
        self._instant(command, "at", at)
        self._instant(command, name, value)
        if value <= at:
            self._refuse(command, f"{name} ({value}) is not after {at}")

    def _misfit(self, command: Command, reason: Misfit | str | None, skill: str | None) -> Misfit | None:
        if reason is None:
            return None
        if reason not in set(Misfit):
            self._refuse(command, f"the reason is one of {', '.join(Misfit)}, not {reason!r}")
        if reason == Misfit.SKILL and not skill:
            self._refuse(command, "name the skill that is missing (skill=…), so that it can be taught")
        return Misfit(reason)
