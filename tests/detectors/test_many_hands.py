from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._many_hands import ManyHands
from crmusage.history import History

from .acts import act, company, week_of
from .company import judged, only, silent
from .life import FAR, Record

CU704 = ManyHands()
DAY = dt.timedelta(days=1)
KINDS = ("call", "email", "meeting", "updated", "stage_changed", "amount_changed")


def by_the_owner(_: str, case: Record, number: int) -> list[Record]:
    return [act(case, kind, week_of(number) + day * DAY) for day, kind in enumerate(KINDS)]


def passed_round(team: str, case: Record, number: int) -> list[Record]:
    return [one | {"actor": f"{team}.{turn}"} for turn, one in enumerate(by_the_owner(team, case, number))]


def a_third_passed_round(team: str, case: Record, number: int) -> Iterable[Record]:
    return (passed_round if number % 3 == 0 else by_the_owner)(team, case, number)


def shown() -> History:
    """A history in which it finds something."""
    return company(by_the_owner, a_third_passed_round)


def test_it_names_the_unit_in_which_some_cases_go_from_hand_to_hand() -> None:
    found = only(judged(CU704, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(14 / 40)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "far more hands than the middle case of the unit;" in found.text.en
    assert "entre bien plus de mains" in found.text.fr


def test_it_tells_what_the_hands_have_in_common() -> None:
    def calls(team: str, case: Record, number: int) -> list[Record]:
        at = week_of(number)
        return [
            act(case, "call", at + day * DAY, actor=f"{team}.{(number + day % 2) % 6}") for day in range(6)
        ]

    def one_after_the_other(team: str, case: Record, number: int) -> Iterable[Record]:
        usual = calls(team, case, number)
        if number % 3:
            return usual
        return [one | {"actor": f"{team}.{turn}"} for turn, one in enumerate(usual)]

    found = only(judged(CU704, company(calls, one_after_the_other)))
    assert found.measure.value == pytest.approx(14 / 40)


def two_together(team: str, case: Record, number: int) -> Iterable[Record]:
    return [
        one | {"actor": f"{team}.{(number + turn % 3) % 6}"}
        for turn, one in enumerate(by_the_owner(team, case, number))
    ]


def by_programs(team: str, case: Record, number: int) -> Iterable[Record]:
    robots = [one | {"origin": "automation"} for one in a_third_passed_round(team, case, number)]
    return [*by_the_owner(team, case, number), *robots]


@pytest.mark.parametrize("far", [by_the_owner, two_together, passed_round, by_programs])
def test_it_stays_silent(far: object) -> None:
    # All cases passed round: that is how the unit works, and its own middle. Two units' ways are another question.
    assert silent(judged(CU704, company(by_the_owner, far)))  # type: ignore[arg-type]
