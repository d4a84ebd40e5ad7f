from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._odd_hours import OddHours
from crmusage.history import History
from crmusage.model import Outcome

from .acts import act, company, people, week_of
from .company import judged, of_unit, only, silent
from .life import FAR, Record

CU705 = OddHours()
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def by_day(_: str, case: Record, number: int) -> list[Record]:
    """From nine in the morning to five in the afternoon in Paris."""
    return [act(case, "updated", week_of(number) + day * DAY + (2 * day - 4) * HOUR) for day in range(5)]


def some_at_night(team: str, case: Record, number: int) -> Iterable[Record]:
    """Every fifth at one o'clock in the night."""
    usual = by_day(team, case, number)
    return [usual[0] | {"at": usual[0]["at"] - 8 * HOUR}, *usual[1:]]


def shown() -> History:
    """A history in which it finds something."""
    return company(by_day, some_at_night, tables={"people": people()})


def test_it_names_the_unit_whose_entries_are_made_at_night() -> None:
    found = only(judged(CU705, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(1 / 5)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "more than 7 hours from the middle of the unit’s own day" in found.text.en
    assert "à plus de 7 heures du milieu de la journée" in found.text.fr
    assert found.cases


def in_the_evening_shift(team: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"at": one["at"] + 9 * HOUR} for one in by_day(team, case, number)]


def a_program_at_night(team: str, case: Record, number: int) -> Iterable[Record]:
    first, *others = some_at_night(team, case, number)
    return [*by_day(team, case, number), first | {"origin": "automation"}, *others]


def called_at_night_entered_by_day(team: str, case: Record, number: int) -> Iterable[Record]:
    return [
        one | {"activity": "call", "recorded_at": usual["at"]}
        for one, usual in zip(some_at_night(team, case, number), by_day(team, case, number), strict=True)
    ]


@pytest.mark.parametrize(
    "far", [by_day, in_the_evening_shift, a_program_at_night, called_at_night_entered_by_day]
)
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU705, company(by_day, far, tables={"people": people()})))  # type: ignore[arg-type]


def test_the_hour_is_that_of_the_actors_zone() -> None:
    # Three of six live in the Pacific; every fourth deal is theirs, and they work on it by day.
    there = [
        one
        | {
            "time_zone": "Pacific/Noumea"
            if one["person_id"][-1] in "024" and one["unit"] == FAR
            else "Europe/Paris"
        }
        for one in people()
    ]

    def some_overseas(team: str, case: Record, number: int) -> Iterable[Record]:
        usual = by_day(team, case, number)
        if number % 4 == 0:
            return [one | {"at": one["at"] - 10 * HOUR} for one in usual]
        return [one | {"actor": f"{team}.{2 * (number % 3) + 1}"} for one in usual]

    assert silent(judged(CU705, company(by_day, some_overseas, tables={"people": there})))
    assert only(judged(CU705, company(by_day, some_overseas, tables={"people": people()}))).scope.unit == FAR


def test_a_unit_at_work_round_the_clock_has_no_odd_hours() -> None:
    def always(_: str, case: Record, number: int) -> Iterable[Record]:
        return [act(case, "updated", week_of(number) + 5 * turn * HOUR) for turn in range(24)]

    ended = of_unit(judged(CU705, company(by_day, always, tables={"people": people()})), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "round the clock" in ended.reason.en
