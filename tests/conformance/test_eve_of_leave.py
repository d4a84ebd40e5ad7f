from __future__ import annotations

import datetime as dt
from pathlib import Path
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import assumed, unseen, witnesses
from crmusage.history import BEFORE_LEAVE, History
from crmusage.rules import AppliesTo, Compare, Op, Rulebook, Status

from ..rules.clock_oracle import Place, micros

USAGES = Path(__file__).parents[2] / "examples" / "usages"
RULE = attrs.evolve(Rulebook.load(USAGES)["eve-of-leave"], status=Status.ACTIVE)
HOUR = dt.timedelta(hours=1)
PEOPLE = [
    {"person_id": "ann", "time_zone": "Europe/Paris", "region": "FR"},
    {"person_id": "bob", "time_zone": "Europe/Paris", "region": "FR"},
    {"person_id": "dispatch", "time_zone": "Europe/Paris", "region": "FR"},
]
# Ann is on leave from Monday the 13th of July for two weeks, and at the dentist's on the 2nd in the afternoon.
# The 14th is a holiday in France.
ABSENCES = [
    {"person_id": "ann", "starts_at": "2026-07-13T00:00:00+02:00", "ends_at": "2026-07-27T00:00:00+02:00"},
    {"person_id": "ann", "starts_at": "2026-07-02T14:00:00+02:00", "ends_at": "2026-07-02T18:00:00+02:00"},
    {"person_id": "bob", "starts_at": "2026-07-15T00:00:00+02:00", "ends_at": "2026-07-18T00:00:00+02:00"},
]
CALENDAR = [
    {
        "kind": "holiday",
        "region": "FR",
        "starts_at": "2026-07-14T00:00:00+02:00",
        "ends_at": "2026-07-15T00:00:00+02:00",
    },
]


def requests(
    *changes: tuple[str, str, str], owner: str = "queue", closed: str | None = None, **tables
) -> History:
    """One request, submitted on the first of July; `changes` are (when, from, to), at Paris time."""
    events = [
        {
            "case_id": "r",
            "activity": "owner_changed",
            "at": f"2026-07-{at}:00+02:00",
            "old": old,
            "new": new,
            "actor": "dispatch",
        }
        for at, old, new in changes
    ]
    first = {
        "case_id": "r",
        "activity": "submitted",
        "at": "2026-07-01T08:00:00+02:00",
        "old": None,
        "new": None,
        "actor": "dispatch",
    }
    return History.from_records(
        cases=[
            {
                "case_id": "r", "kind": "request", "created_at": "2026-07-01T08:00:00+02:00",
                "closed_at": None if closed is None else f"2026-07-{closed}:00+02:00",
                "owner": changes[-1][2] if changes else owner,
            }
        ],
        events=[first, *events],
        **{"people": PEOPLE, "absences": ABSENCES, "calendar": CALENDAR, **tables},
        as_of=dt.datetime(2026, 8, 1, tzinfo=dt.UTC),
    )  # fmt: skip


def verdicts(history: History) -> list[tuple[str, str]]:
    """Day and verdict of what had to be handed on."""
    table = witnesses(history, [RULE], verdicts=("fulfilled", "violated", "pending", "tied"))
    return [(f"{row['at']:%d}", row["verdict"]) for row in table.iter_rows(named=True)]


def test_a_request_given_on_the_eve_and_handed_on_the_next_working_day_keeps_the_rule() -> None:
    assert verdicts(requests(("10T16:30", "queue", "ann"), ("13T17:00", "ann", "dispatch"))) == [
        ("10", "fulfilled")
    ]


def test_one_that_stays_with_who_leaves_breaks_it_when_the_next_working_day_is_over() -> None:
    history = requests(("10T16:30", "queue", "ann"))
    assert verdicts(history) == [("10", "violated")]
    deadline = witnesses(history, [RULE])["deadline"][0]
    assert deadline == dt.datetime(2026, 7, 13, 22, tzinfo=dt.UTC) - dt.timedelta(microseconds=1)


def test_putting_it_back_into_the_queue_keeps_it() -> None:
    assert verdicts(requests(("10T16:30", "queue", "ann"), ("11T09:00", "ann", "queue"))) == [
        ("10", "fulfilled")
    ]


def test_a_day_earlier_is_not_the_eve() -> None:
    assert verdicts(requests(("09T16:30", "queue", "ann"))) == []


def test_a_holiday_before_the_leave_makes_the_day_before_it_the_eve() -> None:
    assert verdicts(requests(("13T10:00", "queue", "bob"))) == [("13", "violated")]


def test_who_is_away_already_is_given_nothing_either() -> None:
    assert verdicts(requests(("20T10:00", "queue", "ann"), ("21T10:00", "ann", "queue"))) == [
        ("20", "fulfilled")
    ]


def test_an_afternoon_away_is_no_leave() -> None:
    assert verdicts(requests(("02T13:00", "queue", "ann"), ("03T13:00", "ann", "dispatch"))) == []


def test_one_whole_working_day_away_is_a_leave() -> None:
    away = [
        {"person_id": "ann", "starts_at": "2026-07-03T09:00:00+02:00", "ends_at": "2026-07-03T17:00:00+02:00"}
    ]
    assert verdicts(requests(("02T13:00", "queue", "ann"), absences=away)) == [("02", "violated")]


def test_handing_it_to_somebody_who_leaves_too_passes_the_duty_on() -> None:
    changes = ("10T16:30", "queue", "ann"), ("13T10:00", "ann", "bob")
    assert verdicts(requests(*changes)) == [("10", "fulfilled"), ("13", "violated")]


def test_a_request_that_was_theirs_from_the_start_counts_too() -> None:
    away = [
        {"person_id": "ann", "starts_at": "2026-07-02T00:00:00+02:00", "ends_at": "2026-07-09T00:00:00+02:00"}
    ]
    history = requests(("15T12:00", "ann", "dispatch"), absences=away)
    assert verdicts(history) == [("01", "violated")]


def test_without_absences_the_rule_is_not_judged() -> None:
    reasons = unseen(requests(("10T16:30", "queue", "ann"), absences=None), RULE)
    assert [reason.en for reason in reasons] == [
        f"{BEFORE_LEAVE} is counted from absences, and this history has none"
    ]


def test_without_a_calendar_the_reader_is_told_which_week_is_taken() -> None:
    told = [note.en for note in assumed(requests(("10T16:30", "queue", "ann"), calendar=None), RULE)]
    assert any("Monday to Friday, nine to five" in note for note in told)
    assert assumed(requests(("10T16:30", "queue", "ann")), RULE) == ()


def test_the_attribute_is_one_of_events_and_not_of_cases() -> None:
    rule = attrs.evolve(RULE, applies_to=AppliesTo(where=Compare(BEFORE_LEAVE, Op.LE, 0)))
    assert any(
        "told of events only" in reason.en for reason in unseen(requests(("10T16:30", "queue", "ann")), rule)
    )


def naive(at: int, absences: list[tuple[int, int]], place: Place) -> int | None:
    """Day by day: the working days left before the next absence that takes a whole one."""
    days: dict[dt.date, list[int]] = {}
    today = None
    for hour, day, worked in place.minutes(at):
        if hour <= at < hour + place.step:
            today = day
        if worked:
            days.setdefault(day, []).append(hour)
    merged: list[list[int]] = []
    for start, end in sorted(absences):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    for start, end in merged:
        takes_a_day = any(all(start <= hour < end for hour in hours) for hours in days.values())
        if end > at and takes_a_day:
            return sum(day > today and hours[0] < start for day, hours in days.items())
    return None


@given(seed=st.integers(0, 2**32))
def test_the_days_left_are_those_that_a_walk_by_the_hour_counts(seed: int) -> None:
    random = Random(seed)
    start = dt.datetime(2026, 3, 24, tzinfo=dt.UTC)

    def later(most: int) -> dt.datetime:
        return start + random.randint(0, most) * HOUR

    zones = {"p": "Europe/Paris", "n": "America/New_York", "x": None}
    holidays = [(later(200), random.choice([None, "FR"])) for _ in range(random.randint(0, 2))]
    absences = [
        (random.choice("pnx"), first, first + random.randint(1, 120) * HOUR)
        for first in (later(240) for _ in range(random.randint(1, 5)))
    ]
    owners = [random.choice([*zones, "queue"]) for _ in range(12)]
    given_at = [later(240) for _ in owners]
    history = History.from_records(
        cases=[
            {"case_id": f"c{k:02}", "kind": "request", "created_at": start, "owner": owner}
            for k, owner in enumerate(owners)
        ],
        events=[
            {"case_id": f"c{k:02}", "activity": "owner_changed", "at": at, "new": owner}
            for k, (at, owner) in enumerate(zip(given_at, owners, strict=True))
        ],
        people=[{"person_id": who, "time_zone": zone, "region": "FR" if who == "p" else None} for who, zone in zones.items()],
        absences=[{"person_id": who, "starts_at": first, "ends_at": end} for who, first, end in absences],
        calendar=[
            {"kind": "holiday", "starts_at": at, "ends_at": at + 24 * HOUR, "region": region} for at, region in holidays
        ] or None,
    )  # fmt: skip
    found = history.attributes.of_events(BEFORE_LEAVE, history.index.positions("owner_changed")).to_list()
    for at, owner, days in zip(given_at, owners, found, strict=True):
        region = "FR" if owner == "p" else None
        place = Place(
            zones.get(owner),
            tuple((micros(h), micros(h + 24 * HOUR)) for h, where in holidays if where in {None, region}),
            step=3_600_000_000,
        )
        theirs = [(micros(first), micros(end)) for who, first, end in absences if who == owner]
        assert days == naive(micros(at), theirs, place), (at, owner)


@pytest.mark.parametrize(
    ("declined", "alternative", "verdict"),
    [("B", True, "fulfilled"), ("A", True, "violated"), ("B", False, "violated"), (None, True, "violated")],
)
def test_of_two_alternative_offers_the_other_one_is_declined(
    declined: str | None, alternative: bool, verdict: str
) -> None:
    rule = Rulebook.load(USAGES)["alternative-offers"]
    events = [
        {"activity": "quote_accepted", "at": "2026-07-06T09:00:00Z", "quote_id": "A", "alternative": True}
    ]
    if declined is not None:
        events.append(
            {
                "activity": "quote_declined",
                "at": "2026-07-07T09:00:00Z",
                "quote_id": declined,
                "alternative": alternative,
            }
        )
    history = History.from_records(
        cases=[{"case_id": "o", "kind": "opportunity", "created_at": "2026-07-01T09:00:00Z"}],
        events=[{"case_id": "o", **event} for event in events],
        as_of=dt.datetime(2026, 8, 1, tzinfo=dt.UTC),
    )
    assert witnesses(history, [rule], verdicts=("fulfilled", "violated"))["verdict"].to_list() == [verdict]
