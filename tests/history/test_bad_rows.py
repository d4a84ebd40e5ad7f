from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import aside, case, day, event, examples, kept


def test_a_row_without_what_it_needs_is_set_aside_and_counted_once():
    history = History.from_records(
        cases=[case("a"), case(None), case("b", kind=None), case("d", created_at=None), case("", kind=None)],
        events=[event("a"), event(None), event("a", activity=""), event("a", activity=None, at="garbage")],
    )
    assert history.cases["case_id"].to_list() == ["a"]
    assert history.events.height == 1
    assert aside(history) == {
        "cases: no case": 2,
        "cases: no kind": 1,
        "cases: no creation time": 1,
        "events: no case": 1,
        "events: no activity": 2,
    }
    assert not any(kept(history).values())


def test_every_table_sets_its_bad_rows_aside():
    history = History.from_records(
        people=[{"person_id": "p"}, {"person_id": None}],
        absences=[{"person_id": "p", "starts_at": day(1), "ends_at": None}],
        sessions=[{"person_id": "p", "at": day(1)}, {"person_id": "p", "at": None}],
        acknowledgements=[
            {"rule_id": "r", "version": "two", "person_id": "p", "at": day(1)},
            {"rule_id": "r", "version": "2", "person_id": "p", "at": day(1)},
        ],
        vocabulary=[{"entity": "event", "field": "activity", "raw": None, "meaning": "won"}],
        calendar=[{"kind": None, "starts_at": day(1), "ends_at": day(2)}],
        coverage=[{"entity": None}],
    )
    assert aside(history) == {
        "people: no person": 1,
        "absences: no end": 1,
        "sessions: no time": 1,
        "acknowledgements: unreadable version": 1,
        "vocabulary: no raw": 1,
        "calendar: no kind": 1,
        "coverage: no entity": 1,
    }
    assert history.acknowledgements["version"].to_list() == [2]


def test_examples_are_five_at_most_and_the_first_in_text_order():
    rows = [event("a"), *(event(f"x{n}", at=f"soon{n}") for n in range(9, -1, -1))]
    history = History.from_records(events=rows)
    assert aside(history) == {"events: unreadable time": 10}
    assert examples(history, "events: unreadable time") == tuple(f"x{n}: soon{n}" for n in range(5))


def test_an_example_of_a_row_without_an_id_shows_what_else_it_has():
    history = History.from_records(events=[event("a"), event(None, "won")])
    assert examples(history, "events: no case") == ("(none): 2026-01-02T09:00:00+00:00",)


def test_identical_rows_of_a_case_become_one_and_are_counted():
    history = History.from_records(cases=[case("a", amount=1)] * 3 + [case("b")])
    assert history.cases["case_id"].to_list() == ["a", "b"]
    assert aside(history) == {"cases: same row more than once": 2}
    assert kept(history) == {"cases: same row more than once": True}
    assert examples(history, "cases: same row more than once") == ("a", "a")


def test_rows_of_one_case_that_contradict_each_other_all_go_and_take_their_events_with_them():
    history = History.from_records(
        cases=[case("a", amount=1), case("a", amount=2), case("a", amount=2), case("b")],
        events=[event("a"), event("b"), event("zz")],
    )
    assert history.cases["case_id"].to_list() == ["b"]
    assert history.events["case_id"].to_list() == ["b"]
    assert aside(history) == {
        "cases: same id, different rows": 2,
        "cases: same row more than once": 1,
        "events: of a case set aside": 1,
        "events: of an unknown case": 1,
    }


def test_copies_are_found_among_rows_with_nested_attributes():
    frame = pl.DataFrame({"case_id": ["a", "a"], "kind": "x", "created_at": day(1), "tags": [["p"], ["q"]]})
    assert aside(History.from_frames(cases=frame)) == {"cases: same row more than once": 1}


def test_a_case_closed_before_it_was_created_is_set_aside_with_its_events():
    history = History.from_records(
        cases=[case("a", closed_at=day(0)), case("b", closed_at=day(1))], events=[event("a"), event("b")]
    )
    assert history.cases["case_id"].to_list() == ["b"]
    assert aside(history) == {"cases: closed before created": 1, "events: of a case set aside": 1}


def test_events_of_a_case_whose_row_was_bad_are_told_from_those_of_an_unknown_case():
    history = History.from_records(
        cases=[case("a"), case("b", created_at="garbage")], events=[event("a"), event("b"), event("c")]
    )
    assert aside(history) == {
        "cases: unreadable creation time": 1,
        "events: of a case set aside": 1,
        "events: of an unknown case": 1,
    }


def test_an_event_before_its_case_was_created_stays():
    history = History.from_records(
        cases=[case("a", created_at=day(9))], events=[event("a", "quote_accepted", day(2))]
    )
    assert history.events.height == 1
    assert aside(history) == {}


def test_the_same_event_twice_stays_twice():
    assert History.from_records(events=[event("a")] * 2).events.height == 2


def test_a_bad_optional_cell_in_a_row_that_goes_is_not_counted_too():
    history = History.from_records(cases=[case("a"), case(None, amount="much"), case("b", amount="much")])
    assert aside(history) == {"cases: no case": 1, "cases: unreadable amount": 1}


def test_all_that_is_wrong_with_all_tables_is_one_error():
    with pytest.raises(ContractError) as caught:
        History.from_frames(
            cases=pl.DataFrame({"Case ID": ["a"], "kind": ["x"], "created_at": [True]}),
            events=pl.DataFrame({"case_id": ["a"], "activity": ["x"]}),
        )
    lines = str(caught.value).splitlines()
    assert lines[0] == "3 things keep the data from being read:"
    assert lines[1].strip().startswith("cases: column case_id is needed and missing; rename 'Case ID'")
    assert (
        lines[2].strip().startswith("cases: column created_at: it should hold times and holds Boolean (True)")
    )
    assert lines[3].strip().startswith("events: column at is needed and missing")
    assert "The columns there are: case_id, activity" in lines[3]


def test_a_table_that_does_not_exist_is_an_error_with_the_one_that_was_meant():
    with pytest.raises(ContractError, match="no table 'event'; do you mean events"):
        History.from_records(event=[])
    with pytest.raises(ContractError, match="no table 'zzz'; the tables are cases, events"):
        History.from_frames(zzz=pl.DataFrame())


def test_headers_with_blanks_around_them_are_read_without():
    frame = pl.DataFrame({" case_id": ["a"], "activity ": ["x"], "\ufeffat": [day(1)]})
    assert History.from_frames(events=frame).events.height == 1


def test_two_headers_that_are_one_without_their_blanks_are_an_error():
    frame = pl.DataFrame({"case_id": ["a"], "case_id ": ["b"], "activity": ["x"], "at": [day(1)]})
    with pytest.raises(
        ContractError, match="events: column case_id: there is more than one column of this name"
    ):
        History.from_frames(events=frame)


def test_a_cell_of_ten_megabytes_is_kept_and_shown_short():
    huge = "x" * 10_000_000
    history = History.from_records(
        events=[event("a", note=huge), event(huge, at="garbage"), event("b", old=huge)]
    )
    assert history.events["note"].str.len_bytes().max() == 10_000_000
    assert len(examples(history, "events: unreadable time")[0]) < 200


def test_half_a_character_does_not_stop_the_door():
    history = History.from_records(events=[event("caf\udce9", note="\ud83d"), event("😀")])
    assert history.events.height == 2
    assert history.events["case_id"].to_list() == ["caf\ufffd", "😀"]


cells = st.sampled_from(
    [
        None,
        "",
        "a",
        "b",
        "c",
        "won",
        1,
        2.5,
        float("nan"),
        True,
        day(1),
        day(3),
        "2026-01-02T09:00:00Z",
        "2026-01-02",
        "x" * 300,
    ]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(("case_id", "kind", "created_at", "closed_at", "outcome"), cells)
        ),
        max_size=6,
    ),
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(("case_id", "activity", "at", "seq", "origin", "actor"), cells)),
        max_size=6,
    ),
    st.booleans(),
)
def test_no_row_is_lost_between_the_door_and_the_ledger(cases, events, ordered):
    try:
        history = History.from_records(cases=cases, events=events, ordered=ordered, zone="UTC")
    except ContractError as error:
        assert "column" in str(error)  # noqa: PT017
        return
    for name, rows in (("cases", cases), ("events", events)):
        gone = sum(
            e.count
            for e in history.set_aside
            if e.table == name and (not e.kept or e.reason == "cases: same row more than once")
        )
        assert getattr(history, name).height + gone == len(rows)
    assert history.index.n_cases == history.cases.height
    assert set(history.events["case_id"]) <= set(history.cases["case_id"])
