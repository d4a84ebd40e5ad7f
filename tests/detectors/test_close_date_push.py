from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from crmusage.detectors.close_dates._close_date_push import CloseDatePush
from crmusage.history import History
from crmusage.model import Kind, Outcome

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, push, told

CU101 = CloseDatePush()
Events = list[Record]


def usual() -> tuple[list[Record], Events]:
    """Ten teams: each deal is put off once or not at all in its hundred days."""
    cases = [case for team in TEAMS for case in deals(team)]
    pushes = [push(case, 20 + i % 50) for i, case in enumerate(cases) if i % 5 < 3]
    return cases, pushes


def company(cases: list[Record], far: Callable[[Record], Events]) -> History:
    """The ten teams, and one whose deals were put off as told."""
    others, pushes = usual()
    return told([*others, *cases], [*pushes, *(one for case in cases for one in far(case))])


def often(case: Record, **more: Any) -> Events:
    return [push(case, after, **more) for after in (10, 25, 40, 60, 80)]


def shown() -> History:
    """A history in which it finds something."""
    return company(deals(FAR), often)


def test_it_names_the_unit_that_puts_its_dates_off() -> None:
    found = only(judged(CU101, shown()))
    assert (found.scope.unit, found.kind) == (FAR, Kind.PARASITIC)
    # Five times in 100 days; 3 in 500 among the others.
    assert found.measure.value == pytest.approx(5 / 100 * 365.25 / 12, rel=0.1)
    assert found.norm is not None
    assert found.norm.value == pytest.approx(3 / 500 * 365.25 / 12, rel=0.1)
    assert "1.5 times for each month that it is open" in found.text.en
    assert "1,5 fois par mois d’ouverture" in found.text.fr
    assert found.distortions[0].with_unit > found.distortions[0].without_unit


def test_it_tells_since_when() -> None:
    def later(case: Record) -> Events:
        return often(case) if case["created_at"].year == 2025 else [push(case, 30)]

    found = only(judged(CU101, company(deals(FAR, n=96, every=7), later)))
    assert found.onset is not None
    assert found.onset.low is not None
    assert found.onset.high is not None
    assert found.onset.low <= dt.date(2025, 1, 1) <= found.onset.high
    assert "Since about" in found.explain("en")


def by_program(case: Record) -> Events:
    return often(case, origin="automation")


def forward(case: Record) -> Events:
    return often(case, by=-10)


def first_filled_in(case: Record) -> Events:
    return [one | {"old": None} for one in often(case)]


def corrected(case: Record) -> Events:
    return [push(case, 30 + hour / 24) for hour in range(6)]


@pytest.mark.parametrize("far", [by_program, forward, first_filled_in, corrected])
def test_what_is_no_putting_off_by_hand_does_not_count(far: Callable[[Record], Events]) -> None:
    assert silent(judged(CU101, company(deals(FAR), far)))


def test_a_mass_update_of_other_peoples_records_does_not_count() -> None:
    at = dt.datetime(2024, 7, 1, 9, tzinfo=dt.UTC)
    cases = deals(FAR, every=0, days=400)

    def by_the_administrator(case: Record) -> Events:
        sittings = (at + dt.timedelta(days=30 * turn, seconds=int(case["case_id"][-3:])) for turn in range(9))
        return [push(case, 0, at=sitting, actor="administrator") for sitting in sittings]

    def by_their_owner(case: Record) -> Events:
        return [one | {"actor": case["owner"]} for one in by_the_administrator(case)]

    assert silent(judged(CU101, company(cases, by_the_administrator)))
    assert only(judged(CU101, company(cases, by_their_owner)))


def test_long_sales_with_as_many_changes_a_month_are_no_finding() -> None:
    def now_and_then(case: Record) -> Events:
        return [push(case, after) for after in range(60, 390, 120)]

    assert silent(judged(CU101, company(deals(FAR, n=25, days=400), now_and_then)))


def test_a_unit_of_which_no_change_is_recorded_is_not_clear() -> None:
    ended = of_unit(judged(CU101, company(deals(FAR), lambda _: [])), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "no change of a close date is recorded" in ended.reason.en
