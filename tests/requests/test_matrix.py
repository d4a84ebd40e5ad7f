from __future__ import annotations

import pytest

from crmusage.errors import ContractError
from crmusage.requests import Interaction, Sameness, Whereabouts, interactions_of, matrix, place

from .life import DAY, HOUR, MONDAY, accepted, closed

PEOPLE = {
    "ann": Whereabouts("Sales", "Lyon", "East"),
    "bob": Whereabouts("Pricing", "Lyon", "East"),
    "eve": Whereabouts("Pricing", "Nantes", "West"),
    "far": Whereabouts("Pricing", None, "West"),
    "mid": Whereabouts("Pricing", None, "East"),
    "lost": Whereabouts("Pricing"),
}
S, D, U = Sameness.SAME, Sameness.DIFFERENT, Sameness.UNKNOWN


def sent(to: str = "bob", after: float | None = 2, **more: object) -> Interaction:
    answered = None if after is None else MONDAY + after * HOUR
    return Interaction("i", "ann", to, MONDAY, answered, **more)


@pytest.mark.parametrize(
    ("interaction", "time", "where"),
    [
        (sent(after=0.1), S, S),
        (sent("eve", 0.1), S, D),
        (sent(), D, S),
        (sent("eve"), D, D),
        (sent("eve", None, session="call-7"), S, D),
        (sent(after=None), U, S),
        (sent("far"), D, D),
        (sent("mid"), D, U),
        (sent("lost"), D, U),
        (sent("stranger"), D, U),
    ],
)
def test_an_interaction_has_its_cell_and_what_is_not_known_is_unknown(interaction, time, where):
    placed = place(interaction, PEOPLE)
    assert (placed.time, placed.place) == (time, where)
    assert placed.text.en != placed.text.fr
    assert ("not known" in placed.text.en) == (U in {time, where})


def test_a_region_can_be_one_place():
    assert place(sent("mid"), PEOPLE, by_region=True).place is S
    assert place(sent("far"), PEOPLE, by_region=True).place is D


def test_what_has_long_had_no_answer_was_not_at_one_time():
    assert place(sent(after=None), PEOPLE, as_of=MONDAY + HOUR).time is D
    assert place(sent(after=None), PEOPLE, as_of=MONDAY + HOUR / 10).time is U


def test_the_window_is_the_callers():
    assert place(sent(after=2), PEOPLE, window=3 * HOUR).time is S


def test_the_matrix_counts_by_unit_and_channel_and_tells_the_lag():
    waits = [sent(to, hours, channel="crm") for to in ("bob", "eve") for hours in (1, 2, 3, 4, 10)]
    found = matrix(
        [*waits, sent(after=None, channel="crm"), sent(after=0.1, channel="chat")], PEOPLE, as_of=MONDAY + DAY
    )
    chat, crm = found.rows
    assert (chat.channel, dict(chat.cells), chat.median_lag) == ("chat", {(S, S): 1}, None)
    assert dict(crm.cells) == {(D, S): 6, (D, D): 5}
    assert (crm.total, crm.unanswered) == (11, 1)
    assert (crm.median_lag, crm.long_lag) == (3 * HOUR, 10 * HOUR)
    assert "11 of 11 interactions at different times" in crm.text.en
    assert found.withheld == 0


def test_units_that_are_too_small_are_withheld_and_counted():
    few = {name: PEOPLE[name] for name in ("ann", "bob", "eve")}
    found = matrix([sent(), sent("stranger")], few)
    assert (found.rows, found.withheld) == ((), 2)
    assert [row.unit for row in matrix([sent()], few, min_group=2).rows] == ["Pricing"]


def test_a_request_is_a_few_interactions():
    asked = accepted().ask_clarification(MONDAY + 2 * HOUR, "?").clarify(MONDAY + 3 * HOUR, "!")
    assert [(i.sender, i.receiver, i.answered_at) for i in interactions_of(asked)] == [
        ("ann", "bob", MONDAY + HOUR),
        ("bob", "ann", MONDAY + 3 * HOUR),
    ]
    told = interactions_of(closed(), "crm")[-1]
    assert (told.sender, told.receiver, told.channel) == ("bob", "ann", "crm")
    assert told.answered_at == MONDAY + 5 * HOUR


def test_an_answer_before_the_question_and_a_time_without_zone_are_refused():
    with pytest.raises(ContractError, match="answered before it was sent"):
        sent(after=-1)
    with pytest.raises(ContractError, match="sent_at is a datetime with a zone"):
        Interaction("i", "ann", "bob", MONDAY.replace(tzinfo=None))
