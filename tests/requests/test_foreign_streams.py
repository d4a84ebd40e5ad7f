from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import MEANINGS
from crmusage.requests import Duty, Request, RequestEvent, State, obligations, review

from .life import HOUR, MONDAY, closed


def row(activity: str, hours: float = 0, **more: object) -> dict[str, object]:
    return {"case_id": "R-1", "activity": activity, "at": MONDAY + hours * HOUR, **more}


def codes(request: Request) -> list[str]:
    return [fault.code for fault in request.faults]


def _apart() -> list[RequestEvent]:
    return [attrs.evolve(event, at=MONDAY + k * HOUR) for k, event in enumerate(closed().events)]


def test_a_request_that_kept_to_the_commands_has_no_faults():
    folded = Request.fold(closed().events)
    assert folded == closed()
    assert folded.faults == ()


def test_rows_of_a_table_do_as_well_as_events():
    request = Request.fold(
        [row("submitted", actor="ann", doer="bob", text="Chairs", colour="red"), row("delivered", 1)]
    )
    assert (request.state, request.trigger, request.doer) == (State.DELIVERED, "ann", "bob")
    assert request.facts == {"colour": "red"}
    assert request.faults == ()


def test_times_may_be_text_with_their_offset():
    told = Request.fold(
        [
            row("submitted", actor="ann", doer="bob") | {"at": "2026-03-02T10:00:00+01:00"},
            row("delivered") | {"at": "2026-03-02T09:00:00Z"},
        ]
    )
    assert [event.at for event in told.events] == [MONDAY, MONDAY]
    assert codes(Request.fold([row("submitted") | {"at": "2026-03-02T10:00:00"}])) == ["unreadable", "empty"]


def test_stored_as_json_and_read_again_it_is_the_same():
    request = closed(facts={"customer": "C-1"}, due_at=MONDAY + 99 * HOUR)
    stored = json.dumps([attrs.asdict(event) for event in request.events], default=lambda at: at.isoformat())
    assert Request.fold(json.loads(stored)) == request


def test_what_could_not_have_come_is_told_and_taken_for_what_it_says():
    request = Request.fold([row("submitted", actor="ann", doer="bob"), row("fulfilled", 1)])
    assert (request.state, codes(request)) == (State.FULFILLED, ["out-of-turn"])
    assert "fulfilled came while it is on its way to the doer" in request.faults[0].text.en
    assert "delivered, rerouted, closed" in request.faults[0].text.en
    assert request.faults[0].position == 1


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"activity": "accepted", "at": MONDAY}, "case_id"),
        (row(""), "activity"),
        ({"case_id": "R-1", "activity": "accepted"}, "at is missing"),
        (row("accepted") | {"at": MONDAY.replace(tzinfo=None)}, "with a zone"),
        (row("accepted", actor=7), "actor is a text"),
        (row("submitted", priority_rank="high"), "priority_rank is a whole number"),
        (row("submitted", facts="red"), "facts are a mapping"),
        (row("refused", reason="mood"), "mood"),
        ("accepted", "not str"),
    ],
)
def test_an_event_that_cannot_be_read_is_a_fault_and_the_rest_is_read(bad, said):
    request = Request.fold([row("submitted", actor="ann", doer="bob"), bad, row("delivered", 1)])
    assert codes(request) == ["unreadable"]
    assert said in request.faults[0].text.en
    assert request.state is State.DELIVERED


def test_a_deferral_without_a_date_leaves_the_request_undecided():
    rows = [
        row("submitted", actor="ann", doer="bob"),
        row("delivered"),
        row("accepted", 1),
        row("deferred", 2),
    ]
    request = Request.fold(rows)
    assert (request.state, codes(request)) == (State.ACCEPTED, ["without-date"])
    assert [o.duty for o in obligations(request, MONDAY + 3 * HOUR)] == [Duty.DECIDE]


def test_a_deferral_to_the_past_is_one_without_a_date():
    rows = [row("submitted", actor="ann", doer="bob"), row("delivered"), row("accepted", 1)]
    request = Request.fold([*rows, row("deferred", 2, until=MONDAY)])
    assert (request.state, codes(request)) == (State.ACCEPTED, ["without-date"])


def test_events_are_put_in_the_order_of_their_times_and_numbers():
    rows = [row("delivered", 1, seq=2), row("submitted", 1, seq=1, actor="ann", doer="bob")]
    request = Request.fold(rows)
    assert [event.activity for event in request.events] == ["submitted", "delivered"]
    assert codes(request) == ["out-of-order"]


def test_events_of_other_requests_are_left_out_and_told():
    request = Request.fold(
        [row("submitted", actor="ann", doer="bob"), row("delivered", 1) | {"case_id": "R-2"}]
    )
    assert (request.state, codes(request)) == (State.SUBMITTED, ["other-request"])


def test_what_happens_besides_is_kept_and_changes_nothing():
    request = Request.fold([row("submitted", actor="ann", doer="bob"), row("email", 1), row("frobbed", 2)])
    assert (request.state, len(request.events), codes(request)) == (State.SUBMITTED, 3, ["unknown-activity"])


def test_closing_an_open_request_of_somebody_else_is_told():
    request = Request.fold([row("submitted", actor="ann", doer="bob"), row("closed", 1, actor="bob")])
    assert (request.state, codes(request)) == (State.CLOSED, ["out-of-turn"])
    assert "not by who had asked" in request.faults[0].text.en


@pytest.mark.parametrize("events", [[], ["nonsense", None]])
def test_no_event_at_all_is_a_draft_that_says_so(events):
    request = Request.fold(events)
    assert (request.state, request.id, request.faults[-1].code) == (State.DRAFT, "", "empty")


@given(st.permutations(_apart()))
def test_rows_with_times_of_their_own_may_come_in_any_order(events):
    assert attrs.evolve(Request.fold(events), faults=()) == Request.fold(_apart())


ROWS = st.fixed_dictionaries(
    {
        "case_id": st.sampled_from(["R-1", "R-1", "R-1", "R-2", None]),
        "activity": st.sampled_from([*sorted(MEANINGS), "frobbed", 3]),
        "at": st.sampled_from(
            [MONDAY + n * HOUR for n in range(30)] + [None, "soon", MONDAY.replace(tzinfo=None)]
        ),
    },
    optional={
        "until": st.sampled_from([MONDAY + n * HOUR for n in range(40)] + [None, "soon"]),
        "actor": st.sampled_from(["ann", "bob", None, 3]),
        "doer": st.sampled_from(["bob", "eve", None]),
        "decision": st.sampled_from(["now", "declined", None]),
        "text": st.none() | st.text(max_size=10),
        "priority_rank": st.sampled_from([1, 9, None, "x"]),
    },
)


@given(st.lists(ROWS, max_size=12))
def test_no_stream_of_events_makes_it_fall_over(rows):
    request = Request.fold(rows)
    read = len(rows) - sum(fault.code in {"unreadable", "other-request"} for fault in request.faults)
    assert len(request.events) == read
    lapses = review(request, at=MONDAY + 99 * HOUR)
    assert all(lapse.events and lapse.text.en != lapse.text.fr for lapse in lapses)
    owed = obligations(request, MONDAY + 99 * HOUR)
    assert bool(owed) == request.is_open
    assert all(o.text.en != o.text.fr for o in owed)
