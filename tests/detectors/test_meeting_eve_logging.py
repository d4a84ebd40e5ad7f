from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.logging._meeting_eve_logging import MeetingEveLogging
from crmusage.history import History
from crmusage.model import Kind, Outcome

from .acts import FIRST_MONDAY, MEETINGS, act, company, week_of
from .company import judged, of_unit, only, silent
from .life import FAR, Record

CU201 = MeetingEveLogging()
DAY = dt.timedelta(days=1)


def spread(_: str, case: Record, number: int) -> Iterable[Record]:
    """An update on each working day of a week."""
    return [act(case, "updated", week_of(number) + (day + 0.1 * (day < 4)) * DAY) for day in range(5)]


def on_the_eve(_: str, case: Record, number: int) -> Iterable[Record]:
    """Five updates on the morning of the next meeting."""
    return [
        act(case, "updated", week_of(number) + 7 * DAY - dt.timedelta(minutes=30 * i)) for i in range(1, 6)
    ]


def shown() -> History:
    """A history in which it finds something."""
    return company(spread, on_the_eve)


def test_it_names_the_unit_that_fills_the_crm_in_for_the_meeting() -> None:
    found = only(judged(CU201, shown()))
    assert (found.scope.unit, found.kind) == (FAR, Kind.PARASITIC)
    assert found.measure.value == pytest.approx(1)
    assert found.norm is not None
    # The fifth day, a Saturday, counts for the Monday after: one of five.
    assert found.norm.value == pytest.approx(0.2, abs=0.02)
    assert "is entered within a working day before a meeting" in found.text.en
    assert "précède une réunion" in found.text.fr


def test_it_tells_since_when() -> None:
    def later(team: str, case: Record, number: int) -> Iterable[Record]:
        return on_the_eve(team, case, number) if number >= 24 else spread(team, case, number)

    found = only(judged(CU201, company(spread, later)))
    assert found.onset is not None
    assert found.onset.low is not None
    assert found.onset.high is not None
    assert found.onset.low <= week_of(24).date() <= found.onset.high


def by_program(team: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"origin": "automation"} for one in on_the_eve(team, case, number)]


def just_after_the_meeting(team: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"at": one["at"] + dt.timedelta(hours=3)} for one in on_the_eve(team, case, number)]


def called_and_entered_that_morning(team: str, case: Record, number: int) -> Iterable[Record]:
    return [
        one | {"activity": "call", "recorded_at": one["at"] + dt.timedelta(minutes=5)}
        for one in on_the_eve(team, case, number)
    ]


def works_on_mondays_only(team: str, case: Record, number: int) -> Iterable[Record]:
    return [*on_the_eve(team, case, number), *called_and_entered_that_morning(team, case, number)]


def on_one_eve(team: str, case: Record, number: int) -> Iterable[Record]:
    usual = list(spread(team, case, number))
    once = [act(case, "updated", FIRST_MONDAY + 7 * DAY - dt.timedelta(minutes=number)) for _ in range(5)]
    return usual + once


@pytest.mark.parametrize(
    "far",
    [
        spread,
        by_program,
        just_after_the_meeting,
        called_and_entered_that_morning,
        works_on_mondays_only,
        on_one_eve,
    ],
)
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU201, company(spread, far)))  # type: ignore[arg-type]


def test_calls_of_the_week_that_are_entered_on_the_eve_count() -> None:
    def calls(team: str, case: Record, number: int) -> Iterable[Record]:
        return [
            one | {"activity": "call", "recorded_at": one["at"] + dt.timedelta(minutes=5)}
            for one in spread(team, case, number)
        ]

    def kept_for_the_eve(team: str, case: Record, number: int) -> Iterable[Record]:
        eve = week_of(number) + 7 * DAY - dt.timedelta(hours=2)
        return [one | {"recorded_at": eve} for one in calls(team, case, number)]

    assert only(judged(CU201, company(calls, kept_for_the_eve))).scope.unit == FAR


def test_calls_of_which_nobody_knows_when_they_were_entered_do_not_count() -> None:
    def calls(team: str, case: Record, number: int) -> Iterable[Record]:
        return [one | {"activity": "call"} for one in on_the_eve(team, case, number)]

    ended = of_unit(judged(CU201, company(spread, calls)), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE


def test_the_caller_can_tell_the_rhythm_himself() -> None:
    whole = company(spread, on_the_eve, tables={"calendar": []})
    (one,) = judged(CU201, whole).assessments
    assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)
    mondays = MeetingEveLogging(
        meetings="FREQ=WEEKLY;BYDAY=MO;BYHOUR=13;BYMINUTE=0;BYSECOND=0", zone="Europe/Paris"
    )
    assert only(judged(mondays, whole)).scope.unit == FAR
    thursdays = MeetingEveLogging(meetings="FREQ=WEEKLY;BYDAY=TH;BYHOUR=12;BYMINUTE=0;BYSECOND=0")
    assert silent(judged(thursdays, whole))


def test_of_a_meeting_every_day_every_day_is_the_eve() -> None:
    daily = [
        row | {name: row[name] + day * DAY for name in ("starts_at", "ends_at")}
        for row in MEETINGS
        for day in range(5)
    ]
    (one,) = judged(CU201, company(spread, on_the_eve, tables={"calendar": daily})).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "3 working days apart" in one.reason.en


def test_what_one_person_does_is_no_usage_of_the_unit() -> None:
    def by_one(team: str, case: Record, number: int) -> Iterable[Record]:
        return [one | {"actor": f"{team}.0"} for one in on_the_eve(team, case, number)]

    whole = company(spread, by_one)
    assert silent(judged(CU201, whole))
    assert only(judged(CU201, whole, min_group=1)).scope.unit == FAR
