from __future__ import annotations

from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._rushed_step import RushedStep
from crmusage.history import History

from .acts import company
from .company import judged, only, silent
from .life import FAR, Record, event

CU707 = RushedStep()
MINUTE = 1 / 1440


def steps(case: Record, number: int, between: float, **more: object) -> list[Record]:
    """A call, and an offer so many days later."""
    first = 2 + number % 5
    return [
        event(case, "call", first),
        event(case, "quote_sent", first + between * (1 + number % 7 / 10), **more),
    ]


def in_a_week(_: str, case: Record, number: int) -> Iterable[Record]:
    return steps(case, number, 7)


def a_quarter_at_once(_: str, case: Record, number: int) -> Iterable[Record]:
    return steps(case, number, 2 * MINUTE if number % 4 == 0 else 7)


def shown() -> History:
    """A history in which it finds something."""
    return company(in_a_week, a_quarter_at_once)


def test_it_names_the_unit_that_clicks_through() -> None:
    found = only(judged(CU707, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(1 / 4)
    assert "of the times that quote_sent follows upon call" in found.text.en
    assert "quand quote_sent suit call" in found.text.fr
    assert all(int(case[-3:]) % 4 == 0 for case in found.cases)


def test_where_clicking_through_is_the_rule_the_unit_is_named_too() -> None:
    def always(_: str, case: Record, number: int) -> Iterable[Record]:
        return steps(case, number, 2 * MINUTE)

    assert only(judged(CU707, company(in_a_week, always))).measure.value == pytest.approx(1)


def in_a_day(_: str, case: Record, number: int) -> Iterable[Record]:
    return steps(case, number, 1)


def saved_together(_: str, case: Record, number: int) -> Iterable[Record]:
    return steps(case, number, 0 if number % 4 == 0 else 7)


def by_program(_: str, case: Record, number: int) -> Iterable[Record]:
    automatic = {"origin": "automation"} if number % 4 == 0 else {}
    return steps(case, number, 2 * MINUTE if automatic else 7, **automatic)


@pytest.mark.parametrize("far", [in_a_week, in_a_day, saved_together, by_program])
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU707, company(in_a_week, far, n=60)))  # type: ignore[arg-type]


def test_what_one_person_does_is_no_usage_of_the_unit() -> None:
    def by_one_owner(_: str, case: Record, number: int) -> Iterable[Record]:
        return steps(case, number, 2 * MINUTE if number % 6 == 0 else 7)

    whole = company(in_a_week, by_one_owner, n=60)
    assert silent(judged(CU707, whole))
    assert only(judged(CU707, whole, min_group=1)).scope.unit == FAR


def test_what_mostly_one_person_does_is_none_either() -> None:
    def by_one_above_all(_: str, case: Record, number: int) -> Iterable[Record]:
        return steps(case, number, 2 * MINUTE if number % 6 == 0 or number in {1, 2, 3, 4} else 7)

    assert silent(judged(CU707, company(in_a_week, by_one_above_all, n=60)))
