from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.history import History
from tests.history.rows import case, day, event


@given(st.lists(st.sampled_from("abcdefgh"), max_size=30), st.integers(1, 12))
def test_parts_are_whole_cases_and_together_the_whole(ids, n):
    cases = [case(one) for one in "abcdefgh"]
    history = History.from_records(
        cases=cases, events=[event(one, at=day(1 + k)) for k, one in enumerate(ids)]
    )
    parts = history.parts(n)
    assert 1 <= len(parts) <= n
    assert pl.concat([part.cases for part in parts]).equals(history.cases)
    assert pl.concat([part.events for part in parts]).equals(history.events)
    for part in parts:
        assert part.cases.height > 0
        assert set(part.events["case_id"]) <= set(part.cases["case_id"])
        assert part.as_of == history.as_of
        assert part.index.n_events == part.events.height


def test_what_was_set_aside_is_told_by_one_part_only():
    history = History.from_records(cases=[case("a"), case("b"), case(None)])
    parts = history.parts(2)
    assert [len(part.set_aside) for part in parts] == [1, 0]


def test_a_long_case_does_not_leave_parts_empty():
    rows = [event("m", at=day(1 + n)) for n in range(100)] + [event("a"), event("z")]
    parts = History.from_records(events=rows).parts(4)
    assert all(part.cases.height for part in parts)


@pytest.mark.parametrize("n", [0, -1])
def test_there_is_at_least_one_part(n):
    with pytest.raises(ValueError, match="at least one part"):
        History.from_records(cases=[case()]).parts(n)


def test_units_count_their_people_and_those_who_act_in_them():
    history = History.from_records(
        people=[
            {"person_id": "ann", "unit": "north"},
            {"person_id": "bot", "unit": None, "is_human": False},
            {"person_id": "arm", "unit": "north", "is_human": False},
            {"person_id": "gus", "unit": None},
        ],
        cases=[
            case("a", unit="south", owner="cho", created_by="bot"),
            case("b", unit="south", owner="team1", owner_kind="team", created_by="cho"),
            case("d", owner="eve"),
        ],
        events=[
            event("a", actor="ann"),
            event("a", actor="dan"),
            event("a", actor="gus", unit="east"),
            event("b", actor="bot"),
            event("d", actor="fay"),
        ],
    )
    assert history.unit_sizes() == {"east": 1, "north": 1, "south": 2}


def test_the_index_is_made_once_and_knows_the_cases():
    history = History.from_records(cases=[case("a", unit="n"), case("b")], events=[event("b"), event("a")])
    assert history.index is history.index
    assert history.index.offsets.tolist() == [0, 1, 2]
    assert history.index.as_of == int(history.as_of.timestamp() * 1_000_000)


def test_a_history_says_what_it_holds():
    told = repr(History.from_records(cases=[case("a"), case(None)], events=[event("a")]))
    assert told == "<History of 1 cases and 1 events, as of 2026-01-02 09:00 UTC, 1 rows set aside>"


def test_a_history_cannot_be_changed():
    history = History.from_records(cases=[case()])
    with pytest.raises(AttributeError):
        history.as_of = day(3)
