from __future__ import annotations

import datetime as dt

import pytest

from crmusage.errors import CrmUsageError
from crmusage.model import MEANINGS, Text
from crmusage.requests import Clock, Command, CommandRefusedError, Misfit, Request, RequestEvent, State
from crmusage.requests._state import MAY, OWED
from crmusage.rules import Constraint, DayOff, Duration, Rulebook, UsageRule, WorkCalendar
from crmusage.rules._monitor import Monitor

from .life import DAY, HOUR, MONDAY, accepted, closed, fulfilled, sent


def test_a_request_goes_from_asking_to_closing():
    request = closed()
    assert request.state is State.CLOSED
    assert request.outcome == "fulfilled"
    assert [event.activity for event in request.events] == [
        "submitted", "delivered", "accepted", "decided", "started", "fulfilled", "documented", "returned", "closed",
    ]  # fmt: skip


def test_every_event_is_called_as_the_data_contract_calls_it():
    assert {command.activity for command in Command} <= MEANINGS


def test_every_open_state_has_a_duty_and_a_way_on():
    assert set(OWED) == set(State) - {State.DRAFT, State.CLOSED}
    assert set(MAY) == set(State)
    assert all(MAY.values())


def test_the_feedback_loop_goes_round_as_often_as_it_takes():
    request = accepted()
    for turn in range(7):
        now = MONDAY + (turn + 2) * HOUR
        request = request.ask_clarification(now, f"Question {turn}?").clarify(
            now, "Answer", facts={"turn": turn}
        )
    assert request.state is State.ACCEPTED
    assert request.facts == {"turn": 6}


@pytest.mark.parametrize("state", [State.DELIVERED, State.ACCEPTED, State.DEFERRED, State.STARTED])
def test_a_clarified_request_is_again_where_the_question_was_asked(state):
    now = MONDAY + 2 * HOUR
    request = {
        State.DELIVERED: sent().deliver(now),
        State.ACCEPTED: accepted(),
        State.DEFERRED: accepted().defer(now, now + DAY),
        State.STARTED: accepted().decide_now(now).start(now),
    }[state]
    assert request.ask_clarification(now, "?").clarify(now, "!") == _with_events_of(request, now)


def _with_events_of(request: Request, now: dt.datetime) -> Request:
    import attrs

    asked = RequestEvent("R-1", "clarification_asked", now, text="?")
    return attrs.evolve(
        request, events=(*request.events, asked, RequestEvent("R-1", "clarified", now, text="!"))
    )


def test_a_refusal_says_where_the_request_stands_and_what_may_be_done():
    with pytest.raises(CommandRefusedError) as refused:
        accepted().start(MONDAY + 2 * HOUR)
    said = str(refused.value)
    assert "start is refused" in said
    assert "decided nothing (accepted)" in said
    assert "decide_now, defer, decline" in said
    assert isinstance(refused.value, CrmUsageError)


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (None, "until is a datetime with a zone, not None"),
        ("tomorrow", "until is a datetime with a zone, not 'tomorrow'"),
        (MONDAY.replace(tzinfo=None), "until is a datetime with a zone"),
        (MONDAY, "is not after"),
    ],
)
@pytest.mark.parametrize("command", ["defer", "wait"])
def test_without_a_date_to_come_nothing_is_put_off(command, until, why):
    request = accepted()
    if command == "wait":
        request = request.decide_now(MONDAY + HOUR).start(MONDAY + HOUR)
    with pytest.raises(CommandRefusedError, match=why):
        getattr(request, command)(MONDAY + 2 * HOUR, until)


def test_a_deferral_can_be_held_against_a_working_calendar():
    spring = WorkCalendar(days_off=[DayOff(dt.date(2026, 3, 10), "FR", "fermé")])
    now, tuesday = MONDAY + 2 * HOUR, MONDAY + 8 * DAY
    french = Clock(spring, "Europe/Paris", "FR")
    with pytest.raises(CommandRefusedError, match="nobody works on the day of 2026-03-10"):
        accepted().defer(now, tuesday, clock=french)
    with pytest.raises(CommandRefusedError, match="nobody works"):
        accepted().defer(now, MONDAY + 5 * DAY, clock=Clock())
    assert accepted().defer(now, tuesday, clock=Clock(spring, "Europe/Berlin", "DE")).until == tuesday


def test_events_do_not_go_back_in_time():
    with pytest.raises(CommandRefusedError, match="is before the last event"):
        accepted().decide_now(MONDAY)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda _: Request("R").submit(MONDAY, by="ann", to="bob"), "it says nothing"),
        (lambda _: Request("R").submit(MONDAY, by="ann", to="", text="x"), "who is asked"),
        (
            lambda _: Request("R").submit(MONDAY, by="ann", to="bob", text="x", due_at=MONDAY),
            "due_at .* is not after",
        ),
        (lambda _: Request("R").submit("now", by="ann", to="bob", text="x"), "at is a datetime with a zone"),
        (lambda r: r.refuse(MONDAY, "mood"), "the reason is one of role, skill, responsibility"),
        (lambda r: r.refuse(MONDAY, Misfit.SKILL), "name the skill that is missing"),
        (lambda r: r.reroute(MONDAY, ""), "the doer that it goes to"),
        (lambda r: r.ask_clarification(MONDAY, "  "), "a text that says the question"),
        (lambda r: r.close(MONDAY, by="bob"), "only who asked can close"),
        (lambda r: r.close(MONDAY), "only who asked can close"),
    ],
)
def test_a_command_that_says_too_little_is_refused(call, why):
    with pytest.raises(CommandRefusedError, match=why):
        call(sent().deliver(MONDAY))


def test_what_was_done_has_to_be_written_down_before_it_is_told():
    with pytest.raises(CommandRefusedError, match="What may be done: document"):
        fulfilled().return_(MONDAY + 4 * HOUR)


def test_what_was_written_down_on_the_way_need_not_be_written_again():
    now = MONDAY + 2 * HOUR
    started = accepted().decide_now(now).start(now).document(now, "8 % granted until May.")
    assert started.state is State.STARTED
    assert started.fulfil(now).state is State.DOCUMENTED
    handed_on = started.reroute(now, "eve").deliver(now).accept(now).decide_now(now).start(now)
    assert handed_on.fulfil(now).state is State.FULFILLED


def test_another_doer_validates_and_decides_anew():
    now = MONDAY + 2 * HOUR
    request = accepted().defer(now, now + DAY).reroute(now, "eve", reason="role")
    assert (request.state, request.doer, request.validated, request.until) == (
        State.SUBMITTED,
        "eve",
        False,
        None,
    )


@pytest.mark.parametrize(
    ("request_", "back"),
    [
        (sent().close(MONDAY, by="ann"), State.SUBMITTED),
        (sent().deliver(MONDAY).close(MONDAY, by="ann"), State.DELIVERED),
        (closed(), State.ACCEPTED),
    ],
)
def test_what_is_reopened_has_to_be_decided_on_again(request_, back):
    again = request_.reopen(MONDAY + 9 * HOUR)
    assert (again.state, again.outcome, again.answer) == (back, None, None)


def test_a_withdrawn_request_is_cancelled_and_a_declined_one_declined():
    assert sent().close(MONDAY, by="ann").outcome == "cancelled"
    now = MONDAY + 2 * HOUR
    declined = accepted().decline(now, "The price list forbids it.").return_(now).close(now, by="ann")
    assert (declined.outcome, declined.answer) == ("declined", "The price list forbids it.")


def test_its_events_go_into_a_monitor_as_they_are():
    rule = UsageRule(
        "started-at-once",
        Text("Something is decided", "Une décision est prise"),
        kind="request",
        expect=(Constraint("response", "decided", target="started", within=Duration(minutes=5)),),
    )
    monitor = Monitor(Rulebook((rule,)), kind="request")
    late = accepted().decide_now(MONDAY + 2 * HOUR).start(MONDAY + 3 * HOUR)
    verdicts = [verdict for event in late.events for verdict in monitor.observe(event)]
    verdicts += monitor.advance(MONDAY + DAY)
    said = [(verdict.rule, verdict.verdict.name) for verdict in verdicts]
    assert said == [("started-at-once", "VIOLATED")]
