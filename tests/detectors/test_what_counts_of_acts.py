"""Which acts the detectors of logging count, and whose doing they are, one doubt at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from crmusage.detectors._acts import of_several, reasons_of_acts
from crmusage.detectors._deals import REASONS
from crmusage.detectors.logging._batch_logging import BatchLogging, _in_sittings
from crmusage.detectors.logging._meeting_eve_logging import MeetingEveLogging
from crmusage.detectors.logging._proxy_entry import ProxyEntry
from crmusage.detectors.logging._working import working
from crmusage.history import History

from .acts import FIRST_MONDAY, MEETINGS
from .company import END
from .life import FAR, Record, deals, event

CU201, CU202, CU203 = MeetingEveLogging(), BatchLogging(), ProxyEntry()
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def micros(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def numbers(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


def counted(detector: Any, rows: list[Record], *sums: str, **tables: Any) -> tuple[int, ...]:
    """What a detector counts in one unit."""
    cases = tables.pop("cases", deals(FAR, 6, days=None, every=1))
    grid = detector.lay(detector.tally(History.from_records(as_of=END, cases=cases, events=rows, **tables)))
    return tuple(int(grid.sums[name].sum()) for name in sums)


# --- whose doing


@pytest.mark.parametrize(
    ("by", "several"),
    [
        ({1: 4, 2: 4, 3: 4}, True),
        ({1: 6, 2: 6}, False),  # two are no unit
        ({1: 8, 2: 2, 3: 2}, True),
        ({1: 9, 2: 2, 3: 2}, False),  # more than two thirds are one's
        ({0: 12, 1: 12}, True),  # of half of them nobody knows
        ({0: 11, 1: 12}, False),
        ({0: 1, 1: 4, 2: 4, 3: 4}, True),
    ],
)
def test_a_usage_is_of_several_people_and_no_one_of_them_has_most_of_it(
    by: dict[int, int], several: bool
) -> None:
    assert of_several(numbers(*by), numbers(*by.values())) is several


def test_what_was_done_to_a_deleted_record_is_left_out() -> None:
    kept, gone = deals(FAR, 2)
    whole = History.from_records(
        as_of=END,
        cases=[kept, gone | {"is_deleted": True}],
        events=[event(kept, "call", 1), event(gone, "call", 1)],
    )
    assert reasons_of_acts(whole, np.arange(2)).tolist() == [-1, REASONS.index("deleted")]


# --- working days and meetings


def test_the_clock_of_working_days_stands_still_at_the_weekend() -> None:
    friday = FIRST_MONDAY + 4 * DAY
    at = [friday + 11 * HOUR, friday + 13 * HOUR, friday + DAY + 5 * HOUR, FIRST_MONDAY + 6 * DAY + 12 * HOUR]
    clock = working(numbers(*map(micros, at)))
    assert (np.diff(clock) // micros(EPOCH + HOUR)).tolist() == [1, 0, 0]


def eves(rows: list[Record], calendar: list[dict[str, Any]] = MEETINGS) -> tuple[int, ...]:
    return counted(CU201, rows, "hits", "n", calendar=calendar)


CASE = deals(FAR, 1)[0]


def done(activity: str, at: dt.datetime, recorded: dt.datetime | None = None, **more: Any) -> Record:
    return event(CASE, activity, 0, at=at, recorded_at=recorded, **more)


def test_entries_of_the_working_day_before_a_meeting_are_of_the_eve() -> None:
    monday = FIRST_MONDAY + 7 * DAY
    # The weekend stands still: from Friday noon on it is the eve of Monday noon.
    friday = FIRST_MONDAY + 4 * DAY
    at = [friday - MINUTE, friday, friday + 2 * DAY, monday - MINUTE, monday]
    assert [eves([done("updated", one)]) for one in at] == [(0, 1), (1, 1), (1, 1), (1, 1), (0, 1)]


def test_a_call_that_is_entered_on_its_own_day_is_not_late() -> None:
    eve = FIRST_MONDAY + 7 * DAY - 3 * HOUR
    assert eves([done("call", eve, eve + HOUR)]) == (0, 1)
    assert eves([done("call", eve - 4 * DAY, eve + HOUR)]) == (1, 1)


def test_what_happens_in_the_crm_is_entered_when_it_happens_whatever_was_recorded() -> None:
    eve = FIRST_MONDAY + 7 * DAY - 3 * HOUR
    assert eves([done("updated", FIRST_MONDAY + DAY, eve)]) == (0, 1)


def meeting(label: str, at: dt.datetime) -> dict[str, Any]:
    return {"kind": "meeting", "label": label, "starts_at": at, "ends_at": at + HOUR}


def test_only_meetings_that_are_some_days_apart_have_an_eve() -> None:
    eve = FIRST_MONDAY + 6 * DAY + 20 * HOUR
    rows = [done("updated", eve)]
    assert eves(rows) == (1, 1)
    assert eves(rows, [row | {"kind": "training"} for row in MEETINGS]) == (0, 0)
    # Two are a week apart, but most of that name are not.
    often = [meeting("stand-up", FIRST_MONDAY + k * DAY) for k in (0, 7, 8, 9, 10, 11, 14)]
    assert eves(rows, often) == (0, 0)
    # Of meetings of several names, those that follow too closely on one another leave no round between them.
    wednesdays = [meeting("other", row["starts_at"] + 2 * DAY) for row in MEETINGS]
    assert eves([done("updated", FIRST_MONDAY + DAY)], [*MEETINGS, *wednesdays]) == (0, 0)
    assert eves([done("updated", FIRST_MONDAY + 3 * DAY)], [*MEETINGS, *wednesdays]) == (0, 1)


def test_only_what_is_done_by_hand_tells_who_enters_on_the_eve() -> None:
    eve = FIRST_MONDAY + 7 * DAY - 3 * HOUR
    rows = [done("updated", eve), done("updated", eve, origin="automation")]
    whole = History.from_records(as_of=END, cases=[CASE], events=rows, calendar=MEETINGS)
    assert CU201.tally(whole).hands.column("n").tolist() == [1]


def turned(detector: MeetingEveLogging, eve: int, others: int) -> bool:
    """Whether a unit stands out that enters so much on each eve, and so much on each of the other four days."""
    rows = [
        done("updated", FIRST_MONDAY + (7 * week + day) * DAY + (1 + k) * MINUTE, actor=f"{FAR}.{k % 6}")
        for week in range(30)
        for day in range(5)
        for k in range(eve if day == 4 else others)
    ]
    whole = History.from_records(as_of=END, cases=[CASE], events=rows, calendar=MEETINGS)
    grid = detector.lay(detector.tally(whole))
    from crmusage.detectors import Context

    return detector.also(grid, 0, None, Context(as_of=END))


def test_an_eve_with_less_than_twice_as_much_as_another_day_is_none() -> None:
    # Turned by whole days the eve would have what all days have on average.
    assert turned(CU201, 12, 2)
    assert not turned(CU201, 5, 3)


# --- late entries


def test_late_is_more_than_a_working_day_after() -> None:
    friday = FIRST_MONDAY + 4 * DAY
    late = [
        counted(CU202, [done("call", at, at + after)], "hits", "n")
        for at, after in ((friday, 3 * DAY), (friday, 3 * DAY + MINUTE), (FIRST_MONDAY, DAY + MINUTE))
    ]
    assert late == [(0, 1), (1, 1), (1, 1)]


def test_a_sitting_is_of_one_person_several_entries_several_days_and_no_long_break() -> None:
    def sat(who: list[int], minutes: list[int], days: list[int]) -> list[bool]:
        found = _in_sittings(numbers(*who), numbers(*minutes), numbers(*days), np.ones(len(who), np.int64))
        return found.tolist()

    assert sat([1, 1, 1], [0, 15, 30], [1, 2, 3]) == [True] * 3
    assert sat([1, 1, 1], [0, 15, 31], [1, 2, 3]) == [False] * 3  # a break
    assert sat([1, 1, 1], [0, 5, 10], [1, 1, 1]) == [False] * 3  # of one day
    assert sat([1, 1], [0, 5], [1, 2]) == [False] * 2  # too few
    assert sat([1, 1, 2], [0, 5, 10], [1, 2, 3]) == [False] * 3  # of two persons
    assert sat([0, 0, 0], [0, 5, 10], [1, 2, 3]) == [False] * 3  # of nobody known


def test_what_a_program_enters_late_is_no_sitting() -> None:
    friday = FIRST_MONDAY + 4 * DAY
    rows = [
        done("call", FIRST_MONDAY + day * DAY, friday + day * MINUTE, origin=("ui", "api")[day == 2])
        for day in range(3)
    ]
    assert counted(CU202, rows, "hits", "sat") == (2, 0)
    whole = History.from_records(as_of=END, cases=[CASE], events=rows)
    # Nor is it anybody's whom nobody knows.
    assert CU202.tally(whole).entries.column("n").tolist() == [1, 1]
    by_hand = [row | {"origin": "ui"} for row in rows]
    assert counted(CU202, by_hand, "hits", "sat") == (3, 3)


# --- entries for others


def people(**dates: Any) -> list[dict[str, Any]]:
    return [{"person_id": f"{FAR}.{k}", "unit": FAR, **(dates if k == 0 else {})} for k in range(6)]


def proxied(rows: list[Record], **tables: Any) -> tuple[int, ...]:
    return counted(CU203, rows, "hits", "n", **tables)


def test_of_a_change_whose_author_or_owner_nobody_knows_nothing_can_be_told() -> None:
    other = f"{FAR}.3"
    assert proxied([done("updated", FIRST_MONDAY, actor=other)]) == (1, 1)
    assert proxied([done("updated", FIRST_MONDAY, actor=None)]) == (0, 0)
    assert proxied([done("updated", FIRST_MONDAY, actor=other)], cases=[CASE | {"owner": None}]) == (0, 0)


def test_on_the_last_day_the_owner_is_still_there_to_enter_it() -> None:
    rows = [done("updated", FIRST_MONDAY, actor=f"{FAR}.3")]
    today = FIRST_MONDAY.date()
    assert proxied(rows, people=people(ends_on=today)) == (1, 1)
    assert proxied(rows, people=people(ends_on=today - DAY)) == (0, 0)


def test_what_an_assistant_enters_tells_of_no_hand() -> None:
    rows = [done("updated", FIRST_MONDAY, actor=f"{FAR}.3")]
    crew = [
        row | {"profile": "assistant" if row["person_id"] == f"{FAR}.3" else "seller"} for row in people()
    ]
    whole = History.from_records(as_of=END, cases=[CASE], events=rows, people=crew)
    assert CU203.tally(whole).pairs.rows() == []


@pytest.mark.parametrize(
    ("hands", "told"),
    [
        ([(3, 0), (3, 1), (3, 2)], True),
        ([(3, 0), (3, 0), (3, 1)], False),  # for two others only
        ([(3, 0), (3, 1), (3, 2), (4, 0), (5, 1), (0, 2)], True),
        ([(3, 0), (3, 1), (3, 2), (4, 0), (5, 1), (0, 2), (1, 4)], False),  # less than half is one's
    ],
)
def test_one_hand_enters_half_of_it_for_three_others(hands: list[tuple[int, int]], told: bool) -> None:
    own = dict(enumerate(deals(FAR, 6, days=None, every=1)))
    rows = [
        event(own[owner], "updated", 0, at=FIRST_MONDAY + DAY + k * HOUR, actor=f"{FAR}.{hand}")
        for k, (hand, owner) in enumerate(hands)
    ]
    whole = History.from_records(as_of=END, cases=list(own.values()), events=rows, people=people())
    grid = CU203.lay(CU203.tally(whole))
    assert CU203.also(grid, 0, None, None) == told
