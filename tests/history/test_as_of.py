# ruff: noqa: DTZ001 - times without a zone are a matter here
from __future__ import annotations

import datetime as dt

import pytest

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import UTC, aside, case, day, event, kept


def test_by_default_a_history_ends_at_the_latest_instant_in_its_data():
    assert History.from_records(events=[event(at=day(5)), event(at=day(3))]).as_of == day(5)
    assert History.from_records(cases=[case(created_at=day(6))]).as_of == day(6)
    assert History.from_records(cases=[case(closed_at=day(7))], events=[event()]).as_of == day(7)
    assert History.from_records(events=[event(recorded_at=day(8))]).as_of == day(8)
    assert History.from_records(events=[event()]).as_of.tzinfo is UTC


def test_what_came_after_as_of_is_taken_away_and_counted():
    history = History.from_records(
        as_of=day(10),
        cases=[
            case("a", closed_at=day(12), outcome="won"),
            case("b", created_at=day(11)),
            case("d", closed_at=day(9), outcome="lost"),
        ],
        events=[
            event("a", at=day(10)),
            event("a", "won", day(12)),
            event("b", at=day(9)),
            event("d", at=day(8)),
        ],
        sessions=[{"person_id": "p", "at": day(9)}, {"person_id": "p", "at": day(11)}],
        acknowledgements=[{"rule_id": "r", "version": 1, "person_id": "p", "at": day(11)}],
        absences=[{"person_id": "p", "starts_at": day(20), "ends_at": day(30)}],
    )
    assert history.as_of == day(10)
    assert history.cases.select("case_id", "closed_at", "outcome").rows() == [
        ("a", None, None),
        ("d", day(9), "lost"),
    ]
    assert history.events["at"].to_list() == [day(10), day(8)]
    assert (history.sessions.height, history.acknowledgements.height, history.absences.height) == (1, 0, 1)
    assert aside(history) == {
        "acknowledgements: after as_of": 1,
        "cases: closed after as_of": 1,
        "cases: created after as_of": 1,
        "events: after as_of": 1,
        "events: of a case set aside": 1,
        "sessions: after as_of": 1,
    }
    assert [reason for reason, stays in kept(history).items() if stays] == ["cases: closed after as_of"]
    assert any("stage, amount and owner" in note.en for note in history.notes)


def test_a_case_whose_own_closing_came_later_is_not_closed_by_an_earlier_event():
    history = History.from_records(
        as_of=day(10),
        cases=[case(closed_at=day(12), outcome="won")],
        events=[event(activity="won", at=day(9))],
    )
    assert history.cases["closed_at"].to_list() == [None]


def test_a_case_made_from_events_is_as_it_was_then():
    rows = [
        event(activity="created", at=day(1)),
        event(activity="won", at=day(9)),
        event("c2", "won", day(2)),
    ]
    history = History.from_records(as_of=day(5), events=rows)
    assert history.cases.select("case_id", "outcome").rows() == [("c1", None), ("c2", "won")]


def test_an_as_of_after_all_data_changes_nothing_but_itself():
    history = History.from_records(as_of=day(99), events=[event()])
    assert history.as_of == day(99)
    assert aside(history) == {}


def test_an_as_of_before_all_data_leaves_an_empty_history():
    history = History.from_records(as_of=day(-99), cases=[case()], events=[event()])
    assert (history.cases.height, history.events.height) == (0, 0)


@pytest.mark.parametrize("value", [dt.datetime(2026, 1, 1), dt.date(2026, 1, 1), "2026-01-01"])
def test_an_as_of_that_is_no_instant_is_one_clear_error(value):
    with pytest.raises(ContractError, match="as_of is a datetime with a zone"):
        History.from_records(as_of=value, events=[event()])


def test_an_as_of_in_another_zone_is_the_same_instant():
    paris = dt.timezone(dt.timedelta(hours=1))
    history = History.from_records(as_of=dt.datetime(2026, 1, 5, 10, tzinfo=paris), events=[event()])
    assert history.as_of == day(5)
    assert history.as_of.tzinfo is UTC


def test_a_last_event_years_after_all_others_is_told():
    rows = [event(at=day(n)) for n in range(1, 20)]
    lonely = History.from_records(events=[*rows, event(at=day(900))])
    assert any("give as_of" in note.en for note in lonely.notes)
    assert not any("give as_of" in note.en for note in History.from_records(events=rows).notes)
    assert not any(
        "give as_of" in note.en
        for note in History.from_records(events=[*rows, event(at=day(900))], as_of=day(30)).notes
    )
