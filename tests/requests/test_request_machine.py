"""Any sequence of commands, legal or not, held against a ledger that is kept apart from the state machine."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crmusage.requests import (
    Command,
    CommandRefusedError,
    Duty,
    Request,
    Side,
    State,
    obligations,
)

from .life import MONDAY

TRIGGER, OTHER = "ann", "zoe"
SETTLES = {
    Duty.DELIVER: {"deliver", "reroute", "close"},
    Duty.VALIDATE: {"accept", "refuse", "reroute", "ask_clarification", "decline", "close"},
    Duty.CLARIFY: {"clarify", "decline", "close"},
    Duty.REROUTE: {"reroute", "close"},
    Duty.DECIDE: {"decide_now", "defer", "decline", "reroute", "ask_clarification", "close"},
    Duty.START: {"start", "defer", "decline", "reroute", "ask_clarification", "close"},
    Duty.FOLLOW_UP: {"start", "decide_now", "defer", "decline", "reroute", "close"},
    Duty.RESUME: {"resume", "decline", "reroute", "close"},
    Duty.FULFIL: {"fulfil", "wait", "defer", "decline", "reroute", "close"},
    Duty.DOCUMENT: {"document"},
    Duty.RETURN: {"return_"},
    Duty.CONFIRM: {"close", "reopen"},
}
"""Written from the words of the duties: which commands may make each of them go away."""


def call(request: Request, command: str, at: dt.datetime, by: str) -> Request:
    method = getattr(request, command)
    if command == "submit":
        return method(at, by=by, to="bob", text="A quote for 40 chairs")
    if command in {"defer", "wait"}:
        return method(at, at + dt.timedelta(days=1), by=by)
    if command in {"ask_clarification", "clarify", "decline", "document"}:
        return method(at, "Which of the two?", by=by)
    if command == "refuse":
        return method(at, "skill", skill="pricing", by=by)
    if command == "reroute":
        return method(at, "eve", by=by)
    return method(at, by=by)


class AnyLife(RuleBasedStateMachine):
    """The ledger: what was asked and not yet answered, and the question that was asked and not answered."""

    @initialize()
    def begin(self) -> None:
        self.request = Request("R-1")
        self.now = MONDAY
        self.asked = False
        self.question = False
        self.done = self.written = self.declined = self.told = False

    @rule(
        command=st.sampled_from([c.value for c in Command]),
        minutes=st.integers(0, 600),
        by=st.sampled_from([TRIGGER, OTHER]),
    )
    def any_command(self, command: str, minutes: int, by: str) -> None:
        self.act(command, minutes, by)

    @precondition(lambda self: len(self.request.may) > 0)
    @rule(data=st.data(), minutes=st.integers(0, 600))
    def a_legal_command(self, data: st.DataObject, minutes: int) -> None:
        command = data.draw(st.sampled_from([c.value for c in self.request.may]))
        before = self.request
        self.act(command, minutes, before.trigger or TRIGGER)
        assert self.request is not before, f"{command} may be done in {before.state} and was refused"

    def act(self, command: str, minutes: int, by: str) -> None:
        before, self.now = self.request, self.now + dt.timedelta(minutes=minutes)
        snapshot = attrs.asdict(before)
        owed = {o.duty for o in obligations(before, self.now)}
        withdrawal = command == "close" and before.state is not State.RETURNED
        legal = command in before.may and not (withdrawal and by != before.trigger)
        if not legal:
            with pytest.raises(CommandRefusedError) as refused:
                call(before, command, self.now, by)
            assert attrs.asdict(before) == snapshot
            assert refused.value.state is before.state
            assert refused.value.may == before.may
            assert before.state.value in str(refused.value)
            assert all(name in str(refused.value) for name in before.may)
            return
        after = call(before, command, self.now, by)
        assert attrs.asdict(before) == snapshot
        assert after.events[:-1] == before.events
        for duty in owed - {o.duty for o in obligations(after, self.now)}:
            assert command in SETTLES[duty], f"{command} let {duty} disappear"
        self.note(command, withdrawal)
        self.request = after

    def note(self, command: str, withdrawal: bool) -> None:
        if command in {"submit", "reopen"}:
            self.asked, self.done, self.written, self.declined, self.told = True, False, False, False, False
        elif command == "ask_clarification":
            self.question = True
        elif command == "clarify":
            self.question = False
        elif command == "fulfil":
            self.done = True
        elif command == "document":
            self.written = True
        elif command == "reroute":
            self.written = False
        elif command == "decline":
            self.declined, self.question = True, False
        elif command == "return_":
            self.told = True
        elif command == "close":
            settled = self.told and (self.declined or (self.done and self.written))
            assert settled or withdrawal, "closed with something still owed"
            self.asked = self.question = False

    @invariant()
    def whoever_asked_is_owed_something_until_it_is_settled(self) -> None:
        owed = obligations(self.request, self.now)
        assert bool(owed) == self.asked == self.request.is_open
        assert all(o.who is not None for o in owed if o.side is not Side.TRANSMITTER)
        assert (Duty.CLARIFY in {o.duty for o in owed}) == self.question

    @invariant()
    def what_is_put_off_has_a_date_to_come_back_on(self) -> None:
        if self.request.state in {State.DEFERRED, State.WAITING}:
            owed = obligations(self.request, self.now)
            assert owed[0].by == self.request.until is not None

    @invariant()
    def deciding_is_not_fulfilling(self) -> None:
        fulfilled = self.request.outcome == "fulfilled"
        assert fulfilled == self.done
        if self.request.state is State.DECIDED:
            assert not fulfilled

    @invariant()
    def its_events_tell_the_same_request(self) -> None:
        if self.request.events:
            assert Request.fold(self.request.events) == self.request


TestAnyLife = AnyLife.TestCase
# test_request_paths tries everything; here it is whole lives, in time and by whomever.
TestAnyLife.settings = settings(stateful_step_count=30, max_examples=25)
