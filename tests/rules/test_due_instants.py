from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

import pytest

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.rules import Cadence, Duration, UsageRule, cadence_zone, due_instants, present, window_before
from crmusage.rules._schedule import hangs_on_start

from .clock_oracle import EPOCH, micros

HOUR = 3_600_000_000


def at(text: str, zone: str = "UTC") -> int:
    return micros(dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)))


def dues(rrule: str, began: str, until: str, zone: str = "Europe/Paris") -> list[str]:
    """As the clocks of the zone show them."""
    # Where nothing says otherwise, the day in which things began is also the first one of the recurrence.
    first = (EPOCH + dt.timedelta(microseconds=at(began))).astimezone(zoneinfo.ZoneInfo(zone)).date()
    cadence = Cadence(rrule, "updated", starts_on=first if hangs_on_start(rrule) else None)
    found = due_instants(cadence, at(began), until=at(until), zone=zone)
    return [
        (EPOCH + dt.timedelta(microseconds=due))
        .astimezone(zoneinfo.ZoneInfo(zone))
        .strftime("%a %d %H:%M %z")
        for due in found
    ]


def test_monday_noon_is_by_the_clock_before_and_after_it_is_changed() -> None:
    found = dues("FREQ=WEEKLY;BYDAY=MO;BYHOUR=12", "2026-03-18T15:00", "2026-04-01T00:00")
    assert found == ["Mon 23 12:00 +0100", "Mon 30 12:00 +0200"]


def test_the_count_begins_with_the_midnight_of_the_first_day() -> None:
    # In Paris it was Thursday already.
    assert dues("FREQ=DAILY;COUNT=2", "2026-03-18T23:30", "2026-04-01T00:00") == [
        "Thu 19 00:00 +0100",
        "Fri 20 00:00 +0100",
    ]


@pytest.mark.parametrize(
    ("rrule", "part"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "INTERVAL=2"),
        ("FREQ=DAILY;COUNT=3", "COUNT=3"),
        ("FREQ=WEEKLY;BYHOUR=12", "FREQ=WEEKLY"),
        ("FREQ=MONTHLY", "FREQ=MONTHLY"),
        ("FREQ=YEARLY;BYMONTH=5", "FREQ=YEARLY"),
    ],
)
def test_what_is_counted_from_a_first_day_must_name_it(rrule: str, part: str) -> None:
    with pytest.raises(RuleError, match=f"{part} is counted from a first day"):
        Cadence(rrule, "updated")
    assert Cadence(rrule, "updated", starts_on=dt.date(2026, 1, 5)).starts_on == dt.date(2026, 1, 5)


SIMPLE = [
    "FREQ=WEEKLY;BYDAY=MO;BYHOUR=12", "FREQ=DAILY;BYHOUR=9,17", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=18",
    "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", "FREQ=YEARLY;BYDAY=1MO", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=100", "FREQ=HOURLY;BYMONTHDAY=3",
]  # fmt: skip


@pytest.mark.parametrize("rrule", SIMPLE)
def test_what_names_its_days_is_due_at_the_same_instants_wherever_one_begins(rrule: str) -> None:
    until = at("2028-06-01T00:00")
    later = at("2027-01-01T00:00")

    def since(began: str) -> list[int]:
        return [
            due for due in due_instants(Cadence(rrule, "updated"), at(began), until=until) if due >= later
        ]

    whole = since("2026-03-18T15:00")
    assert whole
    for day in ("2026-03-19", "2026-03-31", "2026-05-02", "2026-12-30"):
        assert since(f"{day}T08:00") == whole


def test_every_second_week_is_counted_from_the_day_that_is_named_whenever_things_began() -> None:
    cadence = Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "updated", starts_on=dt.date(2026, 1, 5))
    until = at("2026-03-31T00:00")
    found = [list(due_instants(cadence, at(f"2026-02-{day:02}T08:00"), until=until)) for day in (1, 9, 15)]
    assert found[0] == found[1] == found[2]
    assert found[0][:2] == [at("2026-01-05"), at("2026-01-19")]


def test_a_first_day_with_a_time_is_refused() -> None:
    with pytest.raises(RuleError, match="without a time"):
        Cadence("FREQ=DAILY", "updated", starts_on=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))


def test_a_time_that_is_skipped_is_due_later_and_one_that_is_there_twice_the_first_time() -> None:
    daily = "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"
    assert dues(daily, "2026-03-28T12:00", "2026-03-29T22:00") == ["Sat 28 02:30 +0100", "Sun 29 03:30 +0200"]
    assert dues(daily, "2026-10-25T12:00", "2026-10-25T20:00") == ["Sun 25 02:30 +0200"]


def test_what_is_due_at_skipped_times_is_due_in_order_and_once() -> None:
    found = dues("FREQ=MINUTELY;INTERVAL=30;BYHOUR=2,3;BYMONTHDAY=29", "2026-03-28T12:00", "2026-03-30T00:00")
    assert found == ["Sun 29 03:00 +0200", "Sun 29 03:30 +0200"]


@pytest.mark.parametrize("until", ["20260320T110000Z", "20260320T120000"])
def test_the_last_due_instant_of_a_recurrence_is_within_it(until: str) -> None:
    found = dues(f"FREQ=DAILY;BYHOUR=12;UNTIL={until}", "2026-03-18T15:00", "2026-04-01T00:00")
    assert [due[4:6] for due in found] == ["18", "19", "20"]


def test_without_an_end_it_goes_on_for_ever() -> None:
    endless = due_instants(Cadence("FREQ=WEEKLY;BYDAY=MO", "updated"), at("2026-03-18T15:00"))
    steps = [b - a for a, b in itertools.pairwise(itertools.islice(endless, 600))]
    assert set(steps) == {7 * 24 * HOUR}


def test_a_day_that_never_comes_is_never_due() -> None:
    assert dues("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-03-18T15:00", "2030-01-01T00:00") == []


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(RuleError, match="'Paris' is not the name"):
        list(due_instants(Cadence("FREQ=DAILY", "updated"), 0, until=1, zone="Paris"))


def test_the_window_begins_as_long_before_as_the_cadence_says() -> None:
    noon = at("2026-03-30T12:00", "Europe/Paris")
    assert window_before(Cadence("FREQ=DAILY", "a", Duration(hours=12)), noon, None) == noon - 12 * HOUR
    day = Cadence("FREQ=DAILY", "a", Duration(days=1))
    assert window_before(day, noon, None, zone="Europe/Paris") == noon - 24 * HOUR
    sunday = at("2026-03-29T12:00", "Europe/Paris")
    assert window_before(day, sunday, None, zone="Europe/Paris") == sunday - 23 * HOUR
    working = Cadence("FREQ=DAILY", "a", Duration(working_days=1))
    assert window_before(working, noon, None, zone="Europe/Paris") == at("2026-03-27", "Europe/Paris")


def test_without_a_length_the_window_begins_after_the_due_instant_before() -> None:
    assert window_before(Cadence("FREQ=DAILY", "a"), 100, 40) == 41
    assert window_before(Cadence("FREQ=DAILY", "a"), 100, None) is None


def test_somebody_is_there_when_not_away() -> None:
    assert present(10, 20, []) == 10
    assert present(10, 20, [(0, 12), (15, 16), (19, 40)]) == 6
    assert present(10, 20, [(0, 40)]) == 0
    assert present(10, 10, []) == 0


@pytest.mark.parametrize(
    ("of_cadence", "of_rule", "zone"),
    [(None, None, "person"), (None, "unit", "unit"), ("UTC", "unit", "UTC"), ("person", "UTC", "person")],
)
def test_a_cadence_is_by_its_own_clock_or_the_rules_or_the_owners(
    of_cadence: str | None, of_rule: str | None, zone: str
) -> None:
    cadence = Cadence("FREQ=DAILY", "updated", zone=of_cadence)
    assert cadence_zone(UsageRule("r", Text("a", "b"), zone=of_rule, cadence=cadence)) == zone


@pytest.mark.parametrize("since", [Duration(), Duration(hours=0), Duration(working_hours=0)])
def test_a_window_without_length_is_refused(since: Duration) -> None:
    with pytest.raises(RuleError, match="since has no length"):
        Cadence("FREQ=DAILY", "updated", since)


def test_a_rule_whose_zone_does_not_exist_is_refused() -> None:
    with pytest.raises(RuleError, match="'Paris' is not the name of a time zone"):
        UsageRule("r", Text("a", "b"), zone="Paris")
