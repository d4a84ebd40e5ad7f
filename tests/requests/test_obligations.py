from __future__ import annotations

import datetime as dt

import pytest

from crmusage.errors import ContractError
from crmusage.requests import PACE, Clock, Duty, Obligation, Request, Side, obligations, review
from crmusage.rules import Duration

from .life import DAY, HOUR, MONDAY, accepted, closed, fulfilled, sent

NOW = MONDAY + 2 * HOUR


def owed(request: Request, at: dt.datetime = NOW, **more: object) -> list[tuple[Duty, str | None]]:
    return [(o.duty, o.who) for o in obligations(request, at, **more)]


@pytest.mark.parametrize(
    ("request_", "who_owes_what"),
    [
        (Request("R-1"), []),
        (sent(), [(Duty.DELIVER, None)]),
        (sent().deliver(MONDAY), [(Duty.VALIDATE, "bob")]),
        (sent().deliver(MONDAY).refuse(NOW, "role"), [(Duty.REROUTE, "ann")]),
        (accepted(), [(Duty.DECIDE, "bob")]),
        (accepted().decide_now(NOW), [(Duty.START, "bob")]),
        (accepted().defer(NOW, NOW + DAY), [(Duty.FOLLOW_UP, "bob")]),
        (accepted().decide_now(NOW).start(NOW), [(Duty.FULFIL, "bob")]),
        (accepted().decide_now(NOW).start(NOW).wait(NOW, NOW + DAY), [(Duty.RESUME, "bob")]),
        (fulfilled(), [(Duty.DOCUMENT, "bob")]),
        (fulfilled().document(NOW + HOUR, "Sent."), [(Duty.RETURN, "bob")]),
        (accepted().decline(NOW, "Too dear."), [(Duty.RETURN, "bob")]),
        (accepted().decline(NOW, "Too dear.").return_(NOW), [(Duty.CONFIRM, "ann")]),
        (closed(), []),
    ],
)
def test_in_every_state_it_is_said_who_owes_what(request_, who_owes_what):
    at = request_.events[-1].at if request_.events else NOW
    assert owed(request_, at) == who_owes_what


def test_a_question_is_owed_by_the_trigger_and_holds_what_the_doer_owes():
    request = accepted().defer(NOW, NOW + DAY).ask_clarification(NOW + HOUR, "Which?")
    question, held = obligations(request, NOW + HOUR)
    assert (question.duty, question.side, question.who) == (Duty.CLARIFY, Side.TRIGGER, "ann")
    assert (held.duty, held.waits_for, held.by) == (Duty.FOLLOW_UP, Duty.CLARIFY, NOW + DAY)


def test_a_promised_date_is_owed_from_the_moment_somebody_has_taken_it_on():
    due = MONDAY + 3 * DAY
    assert owed(sent(due_at=due)) == [(Duty.DELIVER, None)]
    assert owed(accepted(due_at=due)) == [(Duty.DECIDE, "bob"), (Duty.FULFIL, "bob")]
    late = obligations(accepted(due_at=due), due + HOUR)[1]
    assert (late.by, late.overdue) == (due, True)
    assert obligations(accepted(due_at=due), due)[1].overdue is False


def test_working_time_is_that_of_the_clock_given():
    friday = dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    request = Request("R-1").submit(friday, by="ann", to="bob", text="Chairs").deliver(friday)
    (utc,) = obligations(request, friday)
    (paris,) = obligations(request, friday, clock=Clock(zone="Europe/Paris"))
    monday = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
    assert PACE[Duty.VALIDATE] == Duration(working_hours=4)
    # One hour is left on Friday in UTC, none in Paris. Where the four hours end, the working day goes on.
    assert utc.by == monday.replace(hour=12)
    assert paris.by == monday.replace(hour=12)
    assert (utc.overdue, obligations(request, monday.replace(hour=13))[0].overdue) == (False, True)


def test_a_pace_of_ones_own_goes_first():
    request = sent().deliver(MONDAY)
    (soon,) = obligations(request, NOW, pace={Duty.VALIDATE: Duration(minutes=5)})
    assert (soon.by, soon.overdue) == (MONDAY + dt.timedelta(minutes=5), True)


def test_it_is_seen_as_it_stood_at_the_instant():
    request = closed()
    assert owed(request, MONDAY - HOUR) == []
    assert owed(request, MONDAY + HOUR) == [(Duty.DECIDE, "bob")]
    assert owed(request, MONDAY + 9 * HOUR) == []


def test_it_is_told_in_both_languages():
    (one,) = obligations(accepted(), MONDAY + 3 * DAY)
    assert one.text.en.replace("\N{NO-BREAK SPACE}", " ") == (
        "The doer (bob) must decide: now, later with a date, or not at all by 3 March 2026, 23:59 UTC: overdue."
    )
    assert one.text.fr.startswith("Le faiseur (bob) doit décider : maintenant, plus tard à une date fixée")
    assert one.text.fr.endswith("\N{NO-BREAK SPACE}: en retard.")
    assert isinstance(one, Obligation)
    asked = accepted().ask_clarification(NOW, "Which?")
    question, held = obligations(asked, NOW)
    assert question.text.fr.startswith(
        "Le déclencheur (ann) doit répondre à la question du faiseur avant le 3"
    )
    assert held.text.en.endswith("or not at all, once the question is answered.")
    assert held.by is None
    (transit,) = obligations(sent(), MONDAY)
    assert transit.text.en.startswith("The transmitter must bring the request to the doer by 2")


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ContractError, match="with its zone"):
        review(accepted(), at=MONDAY.replace(tzinfo=None))
    with pytest.raises(ContractError, match="with its zone"):
        obligations(accepted(), MONDAY.replace(tzinfo=None))
