"""When cases begin and end, and how."""

from __future__ import annotations

import pytest

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import aside, case, day, event, examples, kept


def one(history):
    assert history.cases.height == 1
    return history.cases.row(0, named=True)


def said(history, words):
    return any(words in note.en for note in history.notes) and all(
        note.fr and note.fr != note.en for note in history.notes
    )


def test_a_case_is_put_together_from_its_events():
    history = History.from_records(
        events=[
            event(activity="won", at=day(5), actor="cho", unit="south"),
            event(activity="created", at=day(1), actor="ann"),
            event(activity="updated", at=day(3), unit="north"),
        ]
    )
    found = one(history)
    assert found["created_at"] == day(1)
    assert found["created_by"] == "ann"
    assert found["unit"] == "north"
    assert found["owner"] == "cho"
    assert (found["closed_at"], found["outcome"]) == (day(5), "won")
    assert found["kind"] == "case"
    assert history.given == {"events"}
    assert said(history, "no table of cases")


def test_the_first_event_without_an_actor_leaves_nobody_as_creator():
    assert one(History.from_records(events=[event(), event(at=day(3), actor="ann")]))["created_by"] is None


@pytest.mark.parametrize(
    ("activities", "closed", "outcome"),
    [
        (["created", "won"], 2, "won"),
        (["created", "lost"], 2, "lost"),
        (["submitted", "fulfilled"], 2, "fulfilled"),
        (["submitted", "closed"], 2, None),
        (["won", "updated"], 1, "won"),
        (["won", "reopened", "lost"], 3, "lost"),
        (["won", "reopened"], None, None),
        (["won", "reopened", "updated"], None, None),
        (["reopened", "won"], 2, "won"),
        (["won", "closed"], 2, None),
    ],
)
def test_the_last_closing_event_ends_a_case_unless_it_was_reopened(activities, closed, outcome):
    other = event("other", "won", day(1))
    history = History.from_records(
        events=[other, *(event(activity=name, at=day(n)) for n, name in enumerate(activities, 1))]
    )
    found = history.cases.row(0, named=True)
    assert found["closed_at"] == (None if closed is None else day(closed))
    assert found["outcome"] == outcome
    assert not said(history, "Nothing says how a case ends")


def test_if_nothing_tells_how_cases_end_each_ends_with_its_last_event_and_a_note_says_so():
    history = History.from_records(events=[event(at=day(2)), event(at=day(4)), event("c2", at=day(3))])
    assert history.cases["closed_at"].to_list() == [day(4), day(3)]
    assert history.cases["outcome"].to_list() == [None, None]
    assert said(history, "Nothing says how a case ends")


def test_a_given_case_takes_its_closing_time_from_the_event_that_closed_it():
    history = History.from_records(
        cases=[case("a", outcome="won"), case("b"), case("d", outcome="lost", closed_at=day(3)), case("e")],
        events=[
            event("a", "won", day(7)),
            event("b", "lost", day(8)),
            event("d", "lost", day(9)),
            event("e", "updated", day(9)),
        ],
    )
    assert history.cases["closed_at"].to_list() == [day(7), day(8), day(3), None]
    assert history.cases["outcome"].to_list() == ["won", "lost", "lost", None]
    assert said(history, "2\u00a0cases have no closing time of their own")
    assert aside(history) == {}


def test_a_case_entered_after_its_customers_yes_is_closed_when_it_was_entered():
    history = History.from_records(cases=[case(created_at=day(9))], events=[event(activity="won", at=day(2))])
    assert one(history)["closed_at"] == day(9)


def test_the_outcome_that_a_case_tells_goes_before_that_of_its_event():
    history = History.from_records(
        cases=[case(outcome="cancelled")], events=[event(activity="lost", at=day(2))]
    )
    assert (one(history)["outcome"], one(history)["closed_at"]) == ("cancelled", day(2))


def test_an_outcome_without_a_closing_time_is_kept_and_counted():
    history = History.from_records(cases=[case("a", outcome="won"), case("b")])
    assert history.cases["outcome"].to_list() == ["won", None]
    assert history.cases["closed_at"].null_count() == 2
    assert aside(history) == {"cases: outcome without a closing time": 1}
    assert kept(history) == {"cases: outcome without a closing time": True}
    assert examples(history, "cases: outcome without a closing time") == ("a: won",)


def test_a_closing_time_without_an_outcome_is_an_end_of_unknown_outcome():
    found = one(History.from_records(cases=[case(closed_at=day(3))]))
    assert (found["closed_at"], found["outcome"]) == (day(3), None)


def test_given_cases_without_any_event_are_cases():
    history = History.from_records(cases=[case("a"), case("b")])
    assert history.cases.height == 2
    assert history.events.height == 0
    assert not any("ends" in note.en for note in history.notes)


def test_attributes_of_given_cases_may_bear_any_name():
    history = History.from_records(
        cases=[case(closing="x", ending="y", told="z", copy=1, row=2)], events=[event(activity="won")]
    )
    assert history.cases.select("closing", "ending", "told", "copy", "row").row(0) == ("x", "y", "z", 1, 2)


def test_the_vocabulary_tells_what_activities_mean():
    words = [
        {"entity": "event", "field": "activity", "raw": "Sale!", "meaning": "won"},
        {"entity": "event", "field": "activity", "raw": "Visit", "meaning": "meting"},
        {"entity": "case", "field": "stage", "raw": "Sale!", "meaning": None},
    ]
    history = History.from_records(
        events=[event(activity="Sale!", at=day(3)), event(activity="Visit")], vocabulary=words
    )
    assert history.events["activity"].to_list() == ["Visit", "won"]
    assert history.events["activity_raw"].to_list() == ["Visit", "Sale!"]
    assert one(history)["outcome"] == "won"
    assert aside(history) == {"vocabulary: unknown meaning": 1}
    assert examples(history, "vocabulary: unknown meaning") == ("Visit: meting",)


def test_without_new_meanings_no_column_of_raw_activities_is_added():
    assert "activity_raw" not in History.from_records(events=[event(activity="won")]).events.columns


def test_people_alone_are_a_history():
    history = History.from_records(people=[{"person_id": "p", "unit": "north"}])
    assert history.given == {"people"}
    assert history.unit_sizes() == {"north": 1}


def test_a_case_that_ended_before_the_creation_that_its_log_tells_is_set_aside():
    history = History.from_log(
        _frame(
            [
                event(activity="won", at=day(2), born=day(1)),
                event("c2", activity="won", at=day(2), born=day(9)),
            ]
        ),
        case="case_id",
        activity="activity",
        at="at",
        cases={"created_at": "born", "closed_at": "at"},
    )
    assert history.cases["case_id"].to_list() == ["c1"]
    assert aside(history) == {"cases: closed before created": 1, "events: of a case set aside": 1}


def test_a_column_that_cannot_tell_a_column_of_cases_is_one_error():
    with pytest.raises(ContractError, match=r"column activity \(as the cases' amount\)"):
        History.from_log(
            _frame([event("a", "x"), event("b", "y"), event("d", "z")]),
            case="case_id",
            activity="activity",
            at="at",
            cases={"amount": "activity"},
        )


def _frame(rows):
    import polars as pl

    return pl.DataFrame(rows)
