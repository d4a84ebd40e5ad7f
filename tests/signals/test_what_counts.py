"""What counts in the figures that a history shows of a programme, and what does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest

import crmusage as cu
from crmusage.adoptability import Indicator
from crmusage.metrics import wilson
from crmusage.model import Kind, Measure, Period, Scope, Severity, Undefined
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule
from crmusage.signals import Use, acts, around_controls, share_of_persons, use, users_against_others
from tests.signals.company import DAY, END, MONDAYS, case, entry, history, login, meetings, people, person

OWNED = UsageRule(
    "owned",
    situation=cu.Text("A call was made", "Un appel a été passé"),
    expect=(Constraint(Template.RESPONSE, activity="call", target="email"),),
    status=Status.ACTIVE,
)


def test_what_does_not_say_where_it_came_from_counts_as_entered_by_hand():
    rows = [entry(0, 0, END - 200 * DAY), {**entry(0, 1, END - DAY), "origin": None}]
    done = acts(history(people=people(2, managers=()), events=rows))
    assert done.person.tolist() == [0, 1]


def test_a_week_away_does_not_count_as_used_either():
    one = history(
        people=people(2, managers=()),
        events=[entry(0, 0, END - 200 * DAY), entry(0, 1, END - DAY)],
        absences=[{"person_id": person(1), "starts_at": END - 7 * DAY, "ends_at": END - 2 * DAY}],
    )
    weeks = use(one, acts(one), 13)
    assert (weeks.weeks_used.tolist(), weeks.weeks_here.tolist()) == ([0, 0], [13, 12])


def test_whoever_is_away_for_four_days_of_a_week_is_not_expected_in_it_and_for_three_is():
    ends = {"three": END - 3 * DAY, "four": END - 2 * DAY}
    one = history(
        people=[{"person_id": name} for name in ends],
        absences=[{"person_id": name, "starts_at": END - 6 * DAY, "ends_at": ends[name]} for name in ends],
    )
    weeks = use(one, acts(one), 13)
    assert dict(zip(weeks.persons, weeks.weeks_here.tolist(), strict=True)) == {"three": 13, "four": 12}


def test_on_the_last_day_somebody_is_still_here():
    one = history(people=[{"person_id": "leaves today", "ends_on": END.date()}])
    assert use(one, acts(one), 13).weeks_here.tolist() == [13]


@pytest.mark.parametrize(
    ("of_hundred", "parts"),
    [
        # The spread between five people says that their 500 entries tell as much as 40 independent ones.
        ([25, 75, 50, 50, 50], 40),
        # Alike, or more alike than by chance: never more parts than there are.
        ([50, 50, 50, 50, 50], 500),
        ([50, 51, 50, 49, 50], 500),
    ],
)
def test_the_interval_is_of_as_many_parts_as_the_spread_between_people_leaves(
    of_hundred: list[int], parts: int
):
    measure = share_of_persons("use", of_hundred, [100] * 5, 5)
    assert isinstance(measure, Measure)
    assert (measure.low, measure.high) == pytest.approx(wilson(parts / 2, parts))


# --- users against others


def share_won(who: range, unit: str, won: int, n: int) -> list[dict[str, Any]]:
    """Cases of some persons in turn, in one unit: so many won of so many."""
    return [case(0, who[k % len(who)], won=k < won, unit=unit) for k in range(n)]


def compared(cases: list[dict[str, Any]], weeks: Use | None = None) -> Measure | Undefined:
    """Forty persons, of whom the first twenty use the tool in half of the weeks, unless it is said otherwise."""
    given = [{**row, "case_id": f"c{k:04}"} for k, row in enumerate(cases)]
    one = history(people=people(40, managers=()), cases=given, events=[entry(0, 0, END - 400 * DAY)])
    if weeks is None:
        used = np.zeros((40, 52), dtype=bool)
        used[:20, :26] = True
        weeks = Use(tuple(person(k) for k in range(40)), used, np.ones((40, 52), dtype=bool))
    return users_against_others(one, weeks, 5)


TWO_UNITS = [
    *share_won(range(10), "East", 6, 10),
    *share_won(range(20, 30), "East", 3, 10),
    *share_won(range(10, 20), "West", 1, 4),
    *share_won(range(30, 40), "West", 8, 16),
]


def test_differences_within_units_are_weighted_as_mantel_and_haenszel_do():
    found = compared(TWO_UNITS)
    assert isinstance(found, Measure)
    # 10 * 10 / 20 cases speak for +0.3 in East, 4 * 16 / 20 for -0.25 in West.
    assert found.value == pytest.approx(100 * (5 * 0.3 - 3.2 * 0.25) / 8.2)
    assert found.denominator == 40


@pytest.mark.parametrize(
    "more",
    [
        {"unit": None},
        {"is_deleted": True},
        {"created_at": END - 500 * DAY, "closed_at": END - 365 * DAY},
        # A unit in which all use it has nobody to be held against.
        {"unit": "North"},
        {"owner": "somebody else"},
    ],
    ids=str,
)
def test_cases_that_cannot_be_compared_do_not_count(more: dict[str, Any]):
    odd = [{**row, **more} for row in share_won(range(20), "East", 50, 50)]
    assert compared([*TWO_UNITS, *odd]) == compared(TWO_UNITS)


def test_whoever_was_not_here_is_neither_a_user_nor_another():
    used, here = np.zeros((40, 52), dtype=bool), np.ones((40, 52), dtype=bool)
    used[:20] = True
    here[39] = False
    weeks = Use(tuple(person(k) for k in range(40)), used, here)
    absent = share_won(range(39, 40), "East", 50, 50)
    rest = [row for row in TWO_UNITS if row["owner"] != person(39)]
    assert compared([*rest, *absent], weeks) == compared(rest, weeks)


def test_whoever_works_in_two_units_is_one_person_all_the_same():
    pairs = [
        row
        for who in (range(3), range(20, 23))
        for unit in ("East", "West")
        for row in share_won(who, unit, 5, 9)
    ]
    assert isinstance(compared(pairs), Undefined)


@pytest.mark.parametrize("others", [range(20, 24), range(20, 25)])
def test_both_sides_need_as_many_people_as_the_minimum(others: range):
    found = compared([*share_won(range(10), "East", 6, 20), *share_won(others, "East", 6, 20)])
    assert isinstance(found, Measure) is (len(others) == 5)


# --- around controls

BEFORE = [at - dt.timedelta(hours=2) for at in MONDAYS]
FIRST = entry(0, 0, END - 299 * DAY)


def near(rows: list[dict[str, Any]], calendar: list[dict[str, Any]], n: int = 10, **more: Any) -> Any:
    crew = [{**row, **more} for row in people(n)]
    one = history(people=crew, events=[FIRST, *rows], calendar=calendar)
    return around_controls(one, acts(one), 5)


def by_all(times: list[dt.datetime], n: int = 10) -> list[dict[str, Any]]:
    return [entry(0, who, at) for who in range(n) for at in times]


def test_eight_controls_of_the_last_half_year_are_enough_and_seven_are_not():
    rows = by_all(BEFORE)
    assert isinstance(near(rows, meetings(MONDAYS[:8])), Measure)
    assert isinstance(near(rows, meetings(MONDAYS[:7])), Undefined)


def test_controls_of_long_ago_and_those_to_come_are_none_of_the_half_year():
    others = [END + DAY, END - 300 * DAY]
    assert isinstance(near(by_all(BEFORE), meetings([*MONDAYS[:7], *others])), Undefined)


def test_a_control_without_a_region_is_one_of_every_region():
    assert near(by_all(BEFORE), meetings(), region="North").value == 1.0


def test_use_before_the_first_control_is_around_none():
    early = by_all([END - 170 * DAY - k * dt.timedelta(hours=1) for k in range(8)])
    assert near([*early, *by_all(BEFORE[:8])], meetings(MONDAYS[:8])).value == 0.5


def test_a_short_control_within_a_long_one_does_not_end_it():
    long = [{**row, "ends_at": row["starts_at"] + dt.timedelta(hours=5)} for row in meetings(MONDAYS[:8])]
    short = meetings([at + dt.timedelta(hours=1) for at in MONDAYS[:8]])
    rows = by_all([at + dt.timedelta(hours=4) for at in MONDAYS[:8]])
    assert near(rows, [*long, *short]).value == 1.0


def test_two_controls_a_week_leave_too_little_time_away_from_them():
    thursdays = [at + 3 * DAY for at in MONDAYS]
    assert isinstance(near(by_all(BEFORE), meetings([*MONDAYS, *thursdays])), Undefined)


def test_of_fewer_people_than_the_minimum_no_use_around_controls_is_told():
    assert isinstance(near(by_all(BEFORE, 5), meetings(), 5), Measure)
    assert isinstance(near(by_all(BEFORE, 4), meetings(), 4), Undefined)


# --- indicators


def shown(name: str, **tables: Any) -> Indicator:
    found = [one for one in cu.observe(history(**tables)).indicators if one.measure.name == name]
    assert len(found) == 1
    return found[0]


def parts(one: Indicator) -> tuple[float | None, float | None]:
    assert isinstance(one.measure, Measure)
    return one.measure.numerator, one.measure.denominator


def test_what_was_caught_more_than_a_year_ago_says_nothing_of_today():
    cases = [case(k, k % 20) for k in range(40)]
    rows = [entry(k, k % 20, END - DAY, "api" if k < 10 else "ui") for k in range(40)]
    old = [entry(k, k % 20, END - 365 * DAY, "api") for k in range(40)]
    assert parts(shown("by_product", cases=cases, events=[*rows, *old])) == (10, 40)


def test_a_telephone_is_one_however_it_is_written():
    rows = [{**login(k, END - DAY), "client": "ANDROID" if k < 4 else "Chrome"} for k in range(10)]
    assert parts(shown("mobile", people=people(), sessions=rows)) == (4, 10)


def test_sessions_of_an_earlier_quarter_are_not_held_against_this_one():
    rows = [{**login(k, END - DAY), "client": "iOS"} for k in range(10)]
    old = [{**row, "at": END - 92 * DAY, "client": "Chrome"} for row in rows]
    assert parts(shown("mobile", people=people(), sessions=[*rows, *old])) == (10, 10)


def test_three_seconds_are_fast_and_sessions_without_a_figure_do_not_count():
    rows = [{**login(k, END - DAY), "latency": seconds} for k in range(10) for seconds in (3.0, 3.1, None)]
    assert parts(shown("fast", people=people(), sessions=rows)) == (10, 20)


def test_of_the_sessions_of_fewer_people_than_the_minimum_nothing_is_told():
    rows = [{**login(k, END - DAY), "client": "iOS", "latency": 1.0} for k in range(4)]
    for name in ("mobile", "fast"):
        assert isinstance(shown(name, people=people(), sessions=rows).measure, Undefined)


def test_an_outage_counts_from_where_the_history_begins():
    began = dt.datetime(2026, 6, 15, 11, 0, tzinfo=dt.UTC)
    outage = {"kind": "outage", "starts_at": began - 30 * DAY, "ends_at": began + dt.timedelta(hours=2)}
    cases = [{**case(0, 0), "created_at": began}]
    seen = shown("uptime", cases=cases, events=[entry(0, 0, began)], calendar=[outage])
    assert isinstance(seen.measure, Measure)
    up, whole = parts(seen)
    assert up is not None
    assert whole is not None
    assert (whole - up) / 3_600_000_000 == 2
    assert seen.measure.value == pytest.approx(up / whole)


# --- what is looked at


def test_only_the_detector_of_the_eve_names_units_under_pressure():
    def found(code: str, unit: str) -> cu.Finding:
        return cu.Finding(
            code, "x", Kind.PARASITIC, Severity.MEDIUM, Scope(unit), Measure("m", 0.4), cu.Text("a", "b")
        )

    report = cu.Report(END, findings=[found("CU201", "East"), found("CU112", "West")])
    seen = cu.observe(history(people=people()), report=report).coercion
    assert seen is not None
    assert seen.units == ("East",)


def test_without_people_no_rule_is_said_to_have_lost_its_owner():
    book = Rulebook((attrs.evolve(OWNED, owner="somebody"),))
    assert cu.observe(history(), book).orphans == ()
    assert [one.about for one in cu.observe(history(people=people()), book).orphans] == [("owned",)]


def test_a_row_at_midnight_belongs_to_the_month_that_begins():
    june = Period.month(2026, 6)
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    one = history(events=[entry(0, 0, at), entry(0, 0, at - dt.timedelta(microseconds=1))])
    assert cu.rows_in(one, june)["events"] == 1
    assert cu.rows_in(one, Period.month(2026, 5))["events"] == 1
