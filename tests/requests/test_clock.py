from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from crmusage.requests import Clock
from crmusage.rules import Duration, WorkCalendar

from .life import DAY, HOUR, MONDAY

INSTANTS = st.integers(0, 14 * 24 * 60).map(lambda minutes: MONDAY + dt.timedelta(minutes=minutes))
PARIS = Clock(zone="Europe/Paris")


def test_working_time_is_counted_by_the_clock_of_the_zone():
    assert Clock().worked(MONDAY, MONDAY + DAY) == 8 * HOUR
    # In Paris it is ten already: seven hours are left of Monday, and one of Tuesday has gone.
    assert PARIS.worked(MONDAY, MONDAY + DAY) == 8 * HOUR
    assert PARIS.worked(MONDAY, MONDAY + 10 * HOUR) == 7 * HOUR
    assert Clock().worked(MONDAY + DAY, MONDAY) == -8 * HOUR


def test_a_deadline_is_where_the_rules_put_it():
    assert Clock().deadline(MONDAY, Duration(hours=3)) == MONDAY + 3 * HOUR
    end = Clock().deadline(MONDAY, Duration(working_days=1))
    assert end == MONDAY.replace(day=4, hour=0) - dt.timedelta(microseconds=1)
    assert Clock().deadline(MONDAY, Duration(weeks=52 * 990)) == MONDAY + 52 * 990 * 7 * DAY


def test_where_nobody_works_any_more_there_is_no_deadline_and_no_day():
    day = {"kind": "working_hours", "starts_at": MONDAY, "ends_at": MONDAY + HOUR}
    clock = Clock(WorkCalendar.from_rows([day]))
    assert clock.deadline(MONDAY, Duration(working_days=3)) is None
    assert clock.after(MONDAY, 2 * HOUR) is None
    assert [clock.is_working_day(MONDAY + k * DAY) for k in (-1, 0, 1)] == [False, True, False]


@given(INSTANTS, st.integers(0, 60 * 60))
def test_after_so_much_work_so_much_was_worked(since, minutes):
    work = dt.timedelta(minutes=minutes)
    for clock in (Clock(), PARIS):
        end = clock.after(since, work)
        assert end is not None
        assert clock.worked(since, end) == work


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_times_add_up(first, second, third):
    assert PARIS.worked(first, second) + PARIS.worked(second, third) == PARIS.worked(first, third)
