from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from crmusage.history import History
from crmusage.testing.strategies import ACTIVITIES, FIRST, STEP, UNITS, histories, logs, tables

Rows = list[dict[str, Any]]


@given(log=logs())
def test_logs_are_small_and_on_the_grid(log: Rows) -> None:
    cases = [event["case_id"] for event in log]
    assert len(set(cases)) <= 6
    assert all(cases.count(case) <= 8 for case in cases)
    grid = {FIRST + place * STEP for place in range(6)}
    for event in log:
        assert event["activity"] in ACTIVITIES
        assert event["at"] in grid
        assert event["unit"] in {None, *UNITS}


@given(log=logs())
def test_the_numbers_of_one_case_are_all_different(log: Rows) -> None:
    numbers = [(event["case_id"], event["seq"]) for event in log if event["seq"] is not None]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "what",
    [
        lambda log: len({(e["case_id"], e["at"]) for e in log}) < len(log),  # a tie
        lambda log: log and all(e["seq"] is not None for e in log),
        lambda log: {e["seq"] is None for e in log} == {True, False},
        lambda log: {e["amount"] for e in log} >= {None, 5.0},
        lambda log: {e["unit"] for e in log} >= {None, "north"},
    ],
)
def test_what_makes_reading_logs_hard_does_occur(what: Any) -> None:
    find(logs(), what, settings=settings(max_examples=500, database=None, phases=[Phase.generate]))


@given(log=logs(seq=False, attributes=False, activities=("x",), cases=1, events=2, instants=1, units=("u",)))
def test_logs_are_as_narrow_as_they_are_asked_for(log: Rows) -> None:
    assert len(log) <= 2
    for event in log:
        assert event.keys() == {"case_id", "activity", "at", "unit", "seq"}
        assert event["seq"] is None
        assert (event["activity"], event["at"]) == ("x", FIRST)


@given(rows=tables())
def test_tables_have_one_row_for_each_case_that_has_events(rows: dict[str, Rows]) -> None:
    cases = [case["case_id"] for case in rows["cases"]]
    assert len(cases) == len(set(cases)) <= 6
    assert {event["case_id"] for event in rows["events"]} <= set(cases)
    for case in rows["cases"]:
        assert (case["closed_at"] is None) == (case["outcome"] is None)
        assert case["closed_at"] is None or case["closed_at"] >= case["created_at"]


@settings(max_examples=10)
@given(history=histories(), few=histories(attributes=False, seq=False))
def test_nothing_is_set_aside_from_histories(history: History, few: History) -> None:
    for one in (history, few):
        assert one.set_aside == ()
        assert one.events.is_empty() or one.as_of > one.events["at"].max()


@settings(max_examples=10)
@given(data=st.data())
def test_rows_of_tables_go_through_the_door_of_records(data: st.DataObject) -> None:
    rows = data.draw(tables().filter(lambda rows: rows["events"]))
    history = History.from_records(as_of=FIRST + 100 * STEP, **rows)
    assert history.set_aside == ()
    assert history.events.height == len(rows["events"])
