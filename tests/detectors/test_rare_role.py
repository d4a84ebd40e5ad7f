from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._rare_role import RareRole
from crmusage.history import History

from .acts import act, company, people, week_of
from .company import judged, only, silent
from .life import FAR, Record

CU703 = RareRole()
DAY = dt.timedelta(days=1)


def roles(_: str, number: int) -> str:
    return "manager" if number == 0 else "seller"


def by_sellers(team: str, case: Record, number: int) -> list[Record]:
    """Sellers move the stages; the manager goes to a meeting."""
    seller = f"{team}.{1 + number % 5}"
    at = week_of(number)
    return [
        act(case, "stage_changed", at, actor=seller),
        act(case, "stage_changed", at + DAY, actor=seller),
        act(case, "meeting", at + 2 * DAY, actor=f"{team}.0"),
    ]


def by_the_manager(team: str, case: Record, number: int) -> Iterable[Record]:
    usual = by_sellers(team, case, number)
    return [usual[0] | {"actor": f"{team}.0"}, *usual[1:]]


def shown() -> History:
    """A history in which it finds something."""
    return company(by_sellers, by_the_manager, tables={"people": people(roles)})


def test_it_names_the_unit_in_which_managers_do_what_elsewhere_they_do_not() -> None:
    found = only(judged(CU703, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(1 / 2)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "50% of stage_changed" in found.text.en
    assert "par des profils qui, ailleurs, ne les font presque jamais" in found.text.fr
    assert found.cases


def test_what_managers_do_everywhere_is_none() -> None:
    assert silent(judged(CU703, company(by_the_manager, by_the_manager, tables={"people": people(roles)})))


def test_a_profile_that_only_one_unit_has_cannot_be_compared() -> None:
    def of_its_own(team: str, number: int) -> str:
        return "key account manager" if team == FAR else roles(team, number)

    assert silent(judged(CU703, company(by_sellers, by_the_manager, tables={"people": people(of_its_own)})))


def test_programs_do_not_count() -> None:
    def by_program(team: str, case: Record, number: int) -> Iterable[Record]:
        first, *others = by_the_manager(team, case, number)
        return [first | {"origin": "automation"}, *others]

    assert silent(judged(CU703, company(by_sellers, by_program, tables={"people": people(roles)})))
