from __future__ import annotations

import datetime as dt
import sys
import zoneinfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmusage.errors import MissingExtraError, RuleError
from crmusage.rules import Constraint, Duration
from crmusage.rules._calendar import DayOff, Span, WorkCalendar
from crmusage.rules._window import LONG_AGO, NEVER, bounds
from crmusage.rules._zone import DAY, zone_of

from . import clock_oracle
from .clock_oracle import MINUTE, Place, micros

HOUR = 60 * MINUTE
TURNS = {
    "Europe/Paris": ["2026-03-29", "2026-10-25", "2026-12-31", "2028-02-29"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "Pacific/Apia": ["2011-12-30"],  # a day that never was
    "Africa/Cairo": ["2026-04-24", "2026-10-30"],  # at midnight
    "America/St_Johns": ["2010-11-07"],  # back over midnight, at a minute past
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "Asia/Kathmandu": ["2027-01-01"],
}
"""Days on which the clocks of a zone do something, or the year does."""


def at(text: str, zone: str = "UTC") -> int:
    return micros(dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)))


def window(within: Duration | None = None, after: Duration | None = None) -> Constraint:
    return Constraint("response", "a", target="b", within=within, after=after)


@st.composite
def instants(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and an instant near a turn of its clocks."""
    zone = draw(st.sampled_from(sorted(TURNS)))
    turn = at(draw(st.sampled_from(TURNS[zone])), zone)
    near = draw(st.sampled_from([6 * 60, 6 * 24 * 60]))
    found = turn + draw(st.integers(-near, near)) * MINUTE
    return zone, found + draw(st.sampled_from([0, 0, 1, 30_000_001]))


DURATIONS = st.one_of(
    st.builds(Duration, days=st.integers(0, 4), hours=st.sampled_from([0, 1, 30]), seconds=st.integers(0, 3)),
    st.builds(Duration, weeks=st.just(1)),
    st.builds(Duration, working_days=st.integers(0, 4)),
    st.builds(Duration, working_hours=st.sampled_from([0, 0.25, 1, 8, 12, 24.5])),
)


@st.composite
def calendars(draw: st.DrawFn, zone: str, near: int) -> tuple[WorkCalendar, Place]:
    """A calendar and the same for the oracle, as it is for the region "r"."""
    start = near // HOUR * HOUR

    def spans(most: int) -> list[tuple[int, int]]:
        begins = draw(st.lists(st.integers(-8 * 24, 8 * 24), max_size=most, unique=True))
        return [(start + b * HOUR, start + (b + draw(st.integers(1, 30))) * HOUR) for b in begins]

    holidays, elsewhere, general, own = (
        spans(2),
        spans(1),
        spans(draw(st.sampled_from([0, 3]))),
        spans(draw(st.sampled_from([0, 0, 4]))),
    )
    today = dt.datetime.fromtimestamp(near / 1e6, zoneinfo.ZoneInfo(zone)).date()
    off = draw(st.lists(st.integers(-3, 3), max_size=2, unique=True))
    days_off = tuple(today + dt.timedelta(days=days) for days in off)
    calendar = WorkCalendar(
        holidays=[
            *(Span(a, b, draw(st.sampled_from([None, "r"]))) for a, b in holidays),
            *(Span(a, b, "x") for a, b in elsewhere),
        ],
        working_hours=[*(Span(a, b) for a, b in general), *(Span(a, b, "r") for a, b in own)],
        days_off=[
            *(DayOff(day) for day in days_off),
            *(DayOff(today + dt.timedelta(days=4), "x") for _ in elsewhere),
        ],
    )
    return calendar, Place(zone, tuple(holidays), days_off, tuple(own or general) or None)


@given(data=st.data())
def test_bounds_are_where_a_walk_by_the_minute_ends(data) -> None:
    zone, near = data.draw(instants())
    calendar, place = data.draw(calendars(zone, near))
    within, after = data.draw(st.none() | DURATIONS), data.draw(st.none() | DURATIONS)
    back = data.draw(st.booleans())
    found = bounds(window(within, after), near, back=back, zone=zone, region="r", calendar=calendar)
    wanted = clock_oracle.bounds(within, after, near, place, back=back)
    assert found == wanted


@given(
    name=st.sampled_from(
        [*sorted(TURNS), "Asia/Tokyo", "America/Sao_Paulo", "Africa/Casablanca", "America/Recife"]
    ),
    second=st.integers(0, int(at("2100-01-01") / 1e6) - 1),
    fraction=st.integers(0, 999_999),
)
def test_a_zone_reads_the_clocks_as_the_tz_database_does(name: str, second: int, fraction: int) -> None:
    zone, info = zone_of(name), zoneinfo.ZoneInfo(name)
    instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second, microseconds=fraction)
    now = second * 1_000_000 + fraction
    shown = instant.astimezone(info)
    wall = micros(shown.replace(tzinfo=dt.UTC))
    assert zone.wall(now) == wall
    assert zone.instant(now) == micros(instant.replace(tzinfo=info))
    assert zone.start_of(zone.day(now)) <= now < zone.start_of(zone.day(now) + 1)


@pytest.mark.parametrize(("name", "turns"), TURNS.items())
def test_a_zone_turns_its_clocks_to_the_microsecond(name: str, turns: list[str]) -> None:
    zone, info = zone_of(name), zoneinfo.ZoneInfo(name)
    for turn in turns:
        middle = at(turn, name)
        for change in (c for c in zone.changes if abs(c - middle) < 2 * DAY):
            for now in (change - 1, change):
                shown = (clock_oracle.EPOCH + dt.timedelta(microseconds=now)).astimezone(info)
                assert zone.wall(now) == micros(shown.replace(tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("start", "within", "last"),
    [
        ("2026-03-28T12:00", Duration(days=1), "2026-03-29T12:00"),  # 23 hours later
        ("2026-03-28T12:00", Duration(hours=24), "2026-03-29T13:00"),
        ("2026-03-28T02:30", Duration(days=1), "2026-03-29T03:30"),  # half past two is skipped
        ("2026-10-24T02:30", Duration(days=1), "2026-10-25T02:30"),  # and there twice: the first one
        ("2026-03-27T12:00", Duration(days=2, hours=2), "2026-03-29T14:00"),
        ("2024-02-28T10:00", Duration(days=1), "2024-02-29T10:00"),
        ("2026-12-31T10:00", Duration(weeks=1), "2027-01-07T10:00"),
        ("2026-03-27T16:00", Duration(working_hours=2), "2026-03-30T10:00"),  # Friday to Monday
        ("2026-03-27T18:00", Duration(working_hours=0), "2026-03-30T09:00"),
        ("2026-03-27T16:00", Duration(working_hours=1), "2026-03-30T09:00"),
    ],
)
def test_a_deadline_by_the_clock_of_paris(start: str, within: Duration, last: str) -> None:
    found = bounds(window(within), at(start, "Europe/Paris"), zone="Europe/Paris")
    assert found == (at(start, "Europe/Paris"), at(last, "Europe/Paris"))


def test_without_a_zone_a_day_is_24_hours() -> None:
    start = at("2026-03-28T12:00", "Europe/Paris")
    assert bounds(window(Duration(days=1)), start)[1] == start + DAY


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        ("2026-07-13T15:00", 0, "2026-07-14"),  # the rest of Monday
        ("2026-07-13T15:00", 1, "2026-07-16"),  # Tuesday is a holiday: all of Wednesday
        ("2026-07-10T15:00", 1, "2026-07-14"),  # from Friday: all of Monday
        ("2026-07-11T15:00", 1, "2026-07-14"),  # from Saturday too
    ],
)
def test_working_days_are_counted_from_the_next_and_end_at_midnight(start: str, n: int, last: str) -> None:
    calendar = WorkCalendar(days_off=[DayOff(dt.date(2026, 7, 14), "FR")])
    found = bounds(
        window(Duration(working_days=n)),
        at(start, "Europe/Paris"),
        zone="Europe/Paris",
        region="FR",
        calendar=calendar,
    )
    assert found == (at(start, "Europe/Paris"), at(last, "Europe/Paris") - 1)


def test_after_working_days_begins_with_the_first_midnight_of_the_last_of_them() -> None:
    found = bounds(window(after=Duration(working_days=2)), at("2026-07-10T15:00"))
    assert found == (at("2026-07-14"), NEVER)


def test_looking_back_is_the_same_in_a_mirror() -> None:
    start = at("2026-07-13T15:00")
    assert bounds(window(Duration(working_days=1)), start, back=True) == (at("2026-07-10"), start)
    after = window(after=Duration(working_hours=8))
    assert bounds(after, start, back=True) == (LONG_AGO, at("2026-07-10T15:00"))


def test_some_time_away_is_never_the_same_instant() -> None:
    # The 30th never was in Apia: a day before the 31st by the clock is the 31st again.
    start = at("2011-12-31T10:00", "Pacific/Apia")
    found = bounds(window(after=Duration(days=1)), start, back=True, zone="Pacific/Apia")
    assert found == (LONG_AGO, start - 1)


def test_where_working_hours_are_listed_nothing_else_is_worked() -> None:
    monday = Span(at("2026-07-13T09:00"), at("2026-07-13T12:00"))
    calendar = WorkCalendar(working_hours=[monday])
    friday = at("2026-07-10T10:00")
    assert bounds(window(Duration(working_hours=2)), friday, calendar=calendar)[1] == at("2026-07-13T11:00")
    assert bounds(window(Duration(working_hours=3)), friday, calendar=calendar)[1] == NEVER
    assert bounds(window(Duration(working_days=2)), friday, calendar=calendar)[1] == NEVER
    assert bounds(window(Duration(working_days=1)), friday, back=True, calendar=calendar)[0] == LONG_AGO


def test_a_regions_hours_take_the_place_of_those_for_everywhere() -> None:
    long, short = (
        Span(at("2026-07-13T08:00"), at("2026-07-13T20:00")),
        Span(at("2026-07-13T10:00"), at("2026-07-13T11:00"), "QC"),
    )
    calendar = WorkCalendar(working_hours=[long, short])
    start, limit = at("2026-07-13T00:00"), window(Duration(working_hours=0.5))
    assert bounds(limit, start, calendar=calendar)[1] == at("2026-07-13T08:30")
    assert bounds(limit, start, region="QC", calendar=calendar)[1] == at("2026-07-13T10:30")


def test_a_year_without_any_work_ends_the_search() -> None:
    calendar = WorkCalendar(week=((), (), (), (), (), (), ()))
    assert bounds(window(Duration(working_days=1)), 0, calendar=calendar) == (0, NEVER)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=8), st.integers(1, 300))
@example([900, 0, 450], 1)
def test_what_is_asked_first_changes_no_answer(days: list[int], n: int) -> None:
    one = WorkCalendar()
    limits = window(Duration(working_days=n), Duration(working_hours=n))
    for day in days:
        for back in (False, True):
            start = at("2026-01-01") + day * DAY + 11 * HOUR
            wanted = bounds(limits, start, back=back, zone="Europe/Paris", calendar=WorkCalendar())
            assert bounds(limits, start, back=back, zone="Europe/Paris", calendar=one) == wanted


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"working_days": 1.5}, "whole number"),
        ({"working_days": -1}, "from 0"),
        ({"working_days": 1, "working_hours": 1}, "not in both"),
        ({"working_hours": 1, "days": 1}, "not in both"),
        ({"working_days": 400_000}, "thousand years"),
    ],
)
def test_a_duration_that_means_nothing_is_refused(amounts: dict[str, float], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        Duration(**amounts)


def test_no_working_days_are_another_length_than_none() -> None:
    assert Duration(working_days=0) != Duration()
    assert str(Duration(working_days=0)) == "0 working days"


ROWS = [
    {"kind": "holiday", "starts_at": dt.datetime(2026, 7, 14, tzinfo=dt.UTC), "ends_at": dt.datetime(2026, 7, 15, tzinfo=dt.UTC), "region": "FR", "label": "Fête nationale"},
    {"kind": "working_hours", "starts_at": dt.datetime(2026, 7, 13, 9, tzinfo=dt.UTC), "ends_at": dt.datetime(2026, 7, 13, 17, tzinfo=dt.UTC)},
    {"kind": "fiscal_quarter", "starts_at": dt.datetime(2026, 7, 1, tzinfo=dt.UTC), "ends_at": dt.datetime(2026, 10, 1, tzinfo=dt.UTC)},
]  # fmt: skip


def test_a_calendar_is_made_of_holidays_and_working_hours_and_gives_them_back() -> None:
    calendar = WorkCalendar.from_rows(ROWS)
    assert calendar.regions == {"FR"}
    assert [span.label for span in calendar.holidays] == ["Fête nationale"]
    assert WorkCalendar.from_rows(calendar.rows()) == calendar


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {**ROWS[0], "ends_at": dt.datetime(2026, 7, 13, tzinfo=dt.UTC)},
            "Fête nationale ends before it begins",
        ),
        ({**ROWS[0], "starts_at": dt.datetime(2026, 7, 13)}, "needs its zone"),  # noqa: DTZ001
    ],
)
def test_a_calendar_row_that_makes_no_sense_is_refused(row: dict[str, object], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        WorkCalendar.from_rows([row])


@pytest.mark.parametrize("week", [((),), (((540, 500),), (), (), (), (), (), ())])
def test_a_week_that_makes_no_sense_is_refused(week) -> None:
    with pytest.raises(RuleError, match=r"week has 7 days|ascending"):
        WorkCalendar(week=week)


def test_public_holidays_of_a_country_come_from_the_holidays_package() -> None:
    pytest.importorskip("holidays", reason="the holidays package is an optional part")
    calendar = WorkCalendar().with_holidays("FR", [2026], region="FR")
    assert DayOff(dt.date(2026, 7, 14), "FR") in [DayOff(off.day, off.region) for off in calendar.days_off]
    rows = calendar.rows("Europe/Paris")
    assert at("2026-07-14", "Europe/Paris") in [micros(row["starts_at"]) for row in rows]
    with pytest.raises(RuleError, match="'XX'"):
        WorkCalendar().with_holidays("XX", [2026])


def test_a_missing_holidays_package_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'crmusage\[holidays\]'"):
        WorkCalendar().with_holidays("FR", [2026])


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(RuleError, match="'Europe/Pari' is not the name of a time zone"):
        bounds(window(Duration(days=1)), 0, zone="Europe/Pari")
