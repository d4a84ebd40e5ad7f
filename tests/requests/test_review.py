from __future__ import annotations

import attrs
import pytest

from crmusage.errors import ContractError
from crmusage.model import Text
from crmusage.requests import (
    Clock,
    Doer,
    Duty,
    Emergency,
    Fact,
    Reason,
    Request,
    RequestKind,
    Score,
    Side,
    not_assessable,
    review,
)
from crmusage.rules import Compare, Duration, Op

from .life import CLEAR, DAY, DONE, HOUR, MONDAY, accepted, closed, fulfilled, sent

NOW = MONDAY + 2 * HOUR
DISCOUNT = RequestKind(
    "discount",
    Text("Discount", "Remise"),
    roles=("pricing",),
    skills=("margins",),
    fact=(
        Fact("customer", Text("the customer", "le client"), r"\bC-\d+"),
        Fact("discount", Text("the discount asked for", "la remise demandée"), r"\d+ ?%"),
    ),
    documentation=(Fact("granted", Text("the discount granted", "la remise accordée"), r"\d+ ?%"),),
    emergency=Emergency(
        Text("A signature planned for today depends on it.", "Une signature prévue ce jour en dépend."),
        Compare("signature_today", Op.EQ, value=True),
        {Duty.DECIDE: Duration(minutes=30)},
    ),
)


def codes(request: Request, **more: object) -> list[str]:
    return [lapse.code for lapse in review(request, **more)]


def test_a_request_that_went_as_it_should_has_no_lapses():
    assert review(closed(kind="discount"), kind=DISCOUNT) == ()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Remise pour C-12 svp, merci d'avance", {}),
        ("", {"customer": "C-12", "discount": "n/a"}),
        (None, {"customer": "C-12"}),
        ("12 % for the customer that we spoke of last week at lunch", {"customer": "x"}),
    ],
)
def test_a_request_without_its_facts_is_unclear(text, facts):
    request = sent(text=text, facts=facts, kind="discount").deliver(MONDAY)
    (lapse,) = review(request, kind=DISCOUNT)
    assert (lapse.side, lapse.code) == (Side.TRIGGER, "unclear")
    assert lapse.score is not None
    assert lapse.score.missing
    assert lapse.events == request.events[:1]


def test_facts_may_stand_in_the_text_or_in_their_fields():
    assert codes(sent(text=CLEAR).deliver(MONDAY), kind=DISCOUNT) == []
    fields = {"customer": "C-1042", "discount": "12 %"}
    assert codes(sent(text="Discount for the renewal", facts=fields).deliver(MONDAY), kind=DISCOUNT) == []


def test_without_a_standard_length_and_set_phrases_tell():
    assert codes(sent(text="Bonjour, voir PJ. Merci d'avance, cordialement").deliver(MONDAY)) == ["unclear"]
    assert codes(sent(text="Hello, please see attached, thanks").deliver(MONDAY)) == ["unclear"]
    assert codes(sent().deliver(MONDAY)) == []


def test_what_was_asked_back_was_not_clear():
    request = accepted().ask_clarification(NOW, "Which contract?").clarify(NOW, "The yearly one.")
    (lapse,) = review(request, kind=DISCOUNT)
    assert lapse.code == "unclear"
    assert "asked back once" in lapse.text.en
    assert [event.activity for event in lapse.events] == ["submitted", "clarification_asked"]


def test_a_refusal_is_a_request_to_the_wrong_doer():
    request = sent().deliver(MONDAY).refuse(NOW, "skill", skill="margins")
    (lapse,) = review(request)
    assert (lapse.side, lapse.code) == (Side.TRIGGER, "wrong-doer")
    assert "(margins)" in lapse.text.en


def test_handing_on_without_a_reason_is_no_wrong_doer():
    assert codes(accepted().reroute(NOW, "eve").deliver(NOW)) == []


def test_who_was_asked_is_held_against_role_and_skill():
    bob = Doer("bob", roles=("pricing",), skills=())
    (lapse,) = review(sent().deliver(MONDAY), kind=DISCOUNT, doers=[bob])
    assert (lapse.code, "the skill margins" in lapse.text.en) == ("wrong-doer", True)
    assert codes(sent().deliver(MONDAY), kind=DISCOUNT, doers=[attrs.evolve(bob, skills=("margins",))]) == []


@pytest.mark.parametrize(
    ("rank", "facts", "code"),
    [
        (None, {}, ["imprecise-priority"]),
        (7, {}, ["imprecise-priority"]),
        (1, {}, ["imprecise-priority"]),
        (1, {"signature_today": "yes"}, ["imprecise-priority"]),
        (1, {"signature_today": False}, ["inflated-priority"]),
        (1, {"signature_today": True}, []),
        (2, {"signature_today": False}, []),
    ],
)
def test_an_urgent_request_is_held_against_what_an_emergency_is(rank, facts, code):
    request = sent(priority_rank=rank, facts=facts).deliver(MONDAY)
    assert codes(request, kind=DISCOUNT) == code


def test_an_emergency_that_is_one_goes_by_its_own_pace():
    request = accepted(priority_rank=1, facts={"signature_today": True})
    assert codes(request, kind=DISCOUNT, at=MONDAY + 2 * HOUR) == ["undecided"]
    assert codes(accepted(), kind=DISCOUNT, at=MONDAY + 2 * HOUR) == []


def test_the_transmitter_is_late_or_loses_a_request():
    late = sent().deliver(MONDAY + HOUR)
    (lapse,) = review(late)
    assert (lapse.side, lapse.code) == (Side.TRANSMITTER, "late")
    assert [event.activity for event in lapse.events] == ["submitted", "delivered"]
    assert codes(sent(), at=MONDAY + HOUR) == ["lost"]
    assert codes(sent(), at=MONDAY + HOUR / 6) == []
    assert codes(sent().reroute(MONDAY + HOUR, "eve").deliver(MONDAY + HOUR)) == ["lost"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("submitted", {"actor": "ann", "doer": "bob"}), ("delivered", {"doer": "zoe"})], "came to zoe"),
        ([("delivered", {"doer": "bob"})], "without having been sent"),
        ([("submitted", {"actor": "ann", "doer": "bob"}), ("delivered", {}), ("delivered", {})], "again"),
    ],
)
def test_a_transmitter_that_delivers_wrongly_is_unreliable(rows, said):
    told = [
        {"case_id": "R-1", "activity": a, "at": MONDAY, "text": CLEAR, "priority_rank": 2} | m
        for a, m in rows
    ]
    (lapse,) = review(Request.fold(told))
    assert (lapse.side, lapse.code) == (Side.TRANSMITTER, "unreliable")
    assert said in lapse.text.en


def test_nobody_saying_whether_it_is_theirs_is_a_lapse_of_the_doer():
    request = sent().deliver(MONDAY)
    assert codes(request, at=MONDAY + 4 * HOUR) == []
    (lapse,) = review(request, at=MONDAY + 5 * HOUR)
    assert (lapse.side, lapse.code) == (Side.DOER, "not-validated")


def test_work_before_anybody_took_it_on_is_not_validated():
    rows = [("submitted", {"actor": "ann", "doer": "bob"}), ("delivered", {}), ("started", {})]
    told = [
        {"case_id": "R-1", "activity": a, "at": MONDAY, "text": CLEAR, "priority_rank": 2} | m
        for a, m in rows
    ]
    assert codes(Request.fold(told)) == ["not-validated"]


def test_what_is_taken_on_and_not_decided_is_undecided():
    assert codes(accepted(), at=MONDAY + DAY) == []
    (lapse,) = review(accepted(), at=MONDAY + 2 * DAY)
    assert (lapse.side, lapse.code) == (Side.DOER, "undecided")
    late = accepted().defer(MONDAY + 3 * DAY, MONDAY + 4 * DAY)
    assert codes(late) == ["undecided"]


def test_a_deferral_without_a_date_is_a_lapse_and_no_decision():
    rows = [
        ("submitted", {"actor": "ann", "doer": "bob"}),
        ("delivered", {}),
        ("accepted", {}),
        ("deferred", {}),
    ]
    told = [
        {"case_id": "R-1", "activity": a, "at": MONDAY, "text": CLEAR, "priority_rank": 2} | m
        for a, m in rows
    ]
    assert codes(Request.fold(told)) == ["deferred-without-date"]
    assert codes(Request.fold(told), at=MONDAY + 3 * DAY) == ["undecided", "deferred-without-date"]


def test_a_date_in_the_calendar_that_goes_by_is_missed():
    request = accepted().defer(NOW, NOW + DAY)
    assert codes(request, at=NOW + DAY + HOUR) == []
    assert codes(request, at=NOW + 2 * DAY) == ["follow-up-missed"]
    assert codes(request.decide_now(NOW + DAY)) == []


def test_what_was_done_and_not_written_down_is_undocumented():
    assert codes(fulfilled(), at=MONDAY + HOUR * 5) == []
    assert codes(fulfilled(), at=MONDAY + 3 * DAY) == ["undocumented"]


@pytest.mark.parametrize("text", ["Done.", "Fait, merci", "Demande traitée", "OK, voir mail"])
def test_set_phrases_document_nothing(text):
    (lapse,) = review(fulfilled().document(MONDAY + 4 * HOUR, text))
    assert lapse.code == "undocumented"
    assert lapse.score is not None
    assert lapse.score.value < 0.6


def test_the_facts_of_a_documentation_are_those_of_the_kind():
    request = fulfilled().document(
        MONDAY + 4 * HOUR, "The head of sales agreed with what the customer had asked for."
    )
    assert codes(request) == []
    assert codes(request, kind=DISCOUNT) == ["undocumented"]
    assert codes(fulfilled().document(MONDAY + 4 * HOUR, DONE), kind=DISCOUNT) == []


def test_what_is_closed_without_a_word_is_undocumented():
    rows = [
        ("submitted", {"actor": "ann", "doer": "bob"}),
        ("delivered", {}),
        ("accepted", {}),
        ("fulfilled", {}),
    ]
    told = [
        {"case_id": "R-1", "activity": a, "at": MONDAY, "text": CLEAR, "priority_rank": 2} | m
        for a, m in rows
    ]
    end = {"case_id": "R-1", "activity": "closed", "at": MONDAY}
    assert "undocumented" in codes(Request.fold([*told, end]))


def test_notes_on_the_way_lead_up_to_the_last_one():
    now = MONDAY + 2 * HOUR
    request = accepted().decide_now(now).start(now).document(now, "Called.").document(now, DONE).fulfil(now)
    assert codes(request) == []


def test_what_the_source_does_not_record_is_not_judged():
    rows = [
        ("submitted", {"actor": "ann", "doer": "bob"}),
        ("waiting", {}),
        ("fulfilled", {}),
        ("closed", {}),
    ]
    poor = Request.fold([{"case_id": "R-1", "activity": a, "at": MONDAY} | m for a, m in rows])
    assert set(codes(poor)) == {
        *("unclear", "imprecise-priority", "not-validated", "deferred-without-date", "undocumented"),
    }  # fmt: skip
    recorded = {"submitted", "waiting", "fulfilled", "closed", "until"}
    assert codes(poor, recorded=recorded) == ["deferred-without-date"]
    blind = not_assessable(recorded)
    assert blind["undecided"] == ("accepted", "decided")
    assert blind["late"] == ("delivered",)
    assert "deferred-without-date" not in blind


def test_a_source_without_texts_still_shows_questions_and_documentation():
    asked = accepted(text="x").ask_clarification(NOW, "?").clarify(NOW, "!").decide_now(NOW).start(NOW)
    done = asked.document(NOW, "x").fulfil(NOW)
    everything = {event.activity for event in done.events} | {"text", "until", "priority_rank"}
    assert codes(done, recorded=everything) == ["unclear", "undocumented"]
    (lapse,) = review(done, recorded=everything - {"text"})
    assert (lapse.code, lapse.score) == ("unclear", None)


def test_a_scorer_of_ones_own_takes_the_place_of_the_usual_one():
    def shouts(text: str | None, facts: object, needed: object) -> Score:
        calm = not (text or "").isupper()
        return Score((Reason("calm", float(calm), 1.0, Text("It shouts.", "Le ton est vif.")),))

    assert codes(sent(text="NOW").deliver(MONDAY), scorer=shouts) == ["unclear"]
    assert codes(sent(text="Now").deliver(MONDAY), scorer=shouts) == []


def test_events_after_the_instant_do_not_count():
    request = sent().deliver(MONDAY).refuse(NOW, "role")
    assert codes(request, at=MONDAY) == []
    assert codes(request) == ["wrong-doer"]


def test_weekends_are_not_held_against_anybody():
    friday = MONDAY + 4 * DAY + 6 * HOUR
    request = Request("R-1").submit(friday, by="ann", to="bob", text=CLEAR, priority_rank=3).deliver(friday)
    assert codes(request, at=friday + 2 * DAY, clock=Clock(zone="Europe/Paris")) == []


def test_a_request_of_another_kind_is_not_held_against_this_one():
    with pytest.raises(ContractError, match="cannot be held against 'discount'"):
        review(sent(kind="quote"), kind=DISCOUNT)


def test_every_reason_of_a_score_adds_up_and_is_told_in_both_languages():
    (lapse,) = review(sent(text="svp 5 chaises").deliver(MONDAY), kind=DISCOUNT)
    score = lapse.score
    assert score is not None
    assert sum(reason.out_of for reason in score.reasons) == pytest.approx(1)
    assert score.value == pytest.approx(sum(reason.points for reason in score.reasons))
    assert all(reason.text.en != reason.text.fr for reason in score.reasons)
