from __future__ import annotations

import datetime as dt

import pytest

from crmusage.conformance import assumed, unseen
from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import Cadence, Constraint, Duration, UsageRule

SITUATION = Text("a situation", "une situation")
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
HOLIDAY = {"kind": "holiday", "starts_at": NOON, "ends_at": NOON + dt.timedelta(days=1)}
HOURS = {"kind": "working_hours", "starts_at": NOON, "ends_at": NOON + dt.timedelta(hours=4)}
PARIS = [{"person_id": "p", "time_zone": "Europe/Paris"}]
NOBODY = [{"person_id": "p"}]
WRONG = [{"person_id": "p", "time_zone": "Paris"}]
MONDAYS = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=12"


def history(**tables) -> History:
    return History.from_records(
        cases=[{"case_id": "c", "kind": "k", "created_at": NOON, "owner": "p"}],
        events=[{"case_id": "c", "activity": "a", "at": NOON, "actor": "p"}],
        as_of=NOON + dt.timedelta(days=30),
        **tables,
    )


def rule(
    within: Duration | None = None, zone: str | None = None, cadence: Cadence | None = None
) -> UsageRule:
    return UsageRule(
        "r",
        SITUATION,
        expect=(Constraint("response", "a", target="a", within=within),),
        zone=zone,
        cadence=cadence,
    )


DAYS, WORK = Duration(days=2), Duration(working_days=1)


@pytest.mark.parametrize(
    ("people", "made", "words"),
    [
        (NOBODY, rule(DAYS, "person"), "people.time_zone is empty"),
        (None, rule(WORK, "unit"), "people.time_zone is empty"),
        (NOBODY, rule(cadence=Cadence(MONDAYS, "a", zone="unit")), "people.time_zone is empty"),
        (NOBODY, rule(zone="person", cadence=Cadence(MONDAYS, "a")), "people.time_zone is empty"),
        (WRONG, rule(DAYS, "person"), "no time zone: 'Paris'"),
        (WRONG, rule(cadence=Cadence(MONDAYS, "a")), "no time zone: 'Paris'"),
    ],
)
def test_a_rule_by_clocks_that_nobody_knows_is_not_judged(people, made: UsageRule, words: str) -> None:
    (reason,) = unseen(history(people=people), made)
    assert words in reason.en


@pytest.mark.parametrize(
    ("people", "made"),
    [
        (PARIS, rule(DAYS, "person")),
        (NOBODY, rule(Duration(hours=30), "person")),  # hours need no clock
        (WRONG, rule(DAYS, "Europe/Paris")),
        (WRONG, rule(DAYS)),
        (NOBODY, rule(cadence=Cadence(MONDAYS, "a"))),
        (WRONG, rule(cadence=Cadence(MONDAYS, "a", zone="UTC"))),
    ],
)
def test_a_rule_whose_clocks_are_known_is_judged(people, made: UsageRule) -> None:
    assert unseen(history(people=people), made) == ()


@pytest.mark.parametrize(
    ("calendar", "people", "made", "words"),
    [
        (None, PARIS, rule(WORK, "person"), ["from Monday to Friday, nine to five"]),
        (
            [{**HOLIDAY, "kind": "meeting"}],
            PARIS,
            rule(WORK, "person"),
            ["from Monday to Friday, nine to five"],
        ),
        ([HOLIDAY], PARIS, rule(WORK, "person"), []),
        ([HOLIDAY], PARIS, rule(WORK), ["read in UTC"]),
        ([HOLIDAY], PARIS, rule(DAYS), []),
        ([HOURS], PARIS, rule(WORK, "Europe/Paris"), ["end before the history does"]),
        ([HOLIDAY], NOBODY, rule(cadence=Cadence(MONDAYS, "a")), ["taken to be UTC"]),
        ([HOLIDAY], [*PARIS, {"person_id": "q"}], rule(DAYS, "person"), ["taken to be UTC"]),
        (None, PARIS, rule(cadence=Cadence(MONDAYS, "a", WORK)), ["from Monday to Friday, nine to five"]),
    ],
)
def test_what_is_taken_for_granted_is_told(calendar, people, made: UsageRule, words: list[str]) -> None:
    told = assumed(history(calendar=calendar, people=people), made)
    assert len(told) == len(words)
    for note, word in zip(told, words, strict=True):
        assert word in note.en


def test_a_stretch_of_time_that_ends_before_it_starts_is_set_aside() -> None:
    backwards = {"kind": "holiday", "starts_at": NOON, "ends_at": NOON - dt.timedelta(days=1)}
    absence = {"person_id": "p", "starts_at": NOON, "ends_at": NOON - dt.timedelta(days=1)}
    found = history(calendar=[HOLIDAY, backwards], absences=[absence])
    assert {entry.reason: entry.count for entry in found.set_aside} == {
        "absences: end before start": 1,
        "calendar: end before start": 1,
    }
    assert len(found.work_calendar.holidays) == 1
