from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._repeated_activity import RepeatedActivity
from crmusage.history import History

from .acts import act, company, week_of
from .company import judged, only, silent
from .life import FAR, Record

CU702 = RepeatedActivity()
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


def calls(_: str, case: Record, number: int) -> list[Record]:
    return [act(case, "call", week_of(number) + day * DAY) for day in range(3)]


def again(case: Record, number: int, after: dt.timedelta, **more: object) -> list[Record]:
    """The third of the calls entered once more."""
    usual = calls("", case, number)
    return [*usual, usual[2] | {"at": usual[2]["at"] + after, **more}]


def ten_minutes_later(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 10 * MINUTE)


def shown() -> History:
    """A history in which it finds something."""
    return company(calls, ten_minutes_later)


def test_it_names_the_unit_that_enters_things_twice() -> None:
    found = only(judged(CU702, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(1 / 4)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "25% of the entries of call" in found.text.en
    assert "dans l’heure" in found.text.fr


def at_the_same_instant(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 0 * MINUTE)


def two_hours_later(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 120 * MINUTE)


def by_a_colleague(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 10 * MINUTE, actor=f"{FAR}.{(number + 1) % 6}")


def by_program(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 10 * MINUTE, origin="api")


def something_else(_: str, case: Record, number: int) -> Iterable[Record]:
    return again(case, number, 10 * MINUTE, activity="updated")


@pytest.mark.parametrize(
    "far", [calls, at_the_same_instant, two_hours_later, by_a_colleague, by_program, something_else]
)
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU702, company(calls, far)))  # type: ignore[arg-type]
