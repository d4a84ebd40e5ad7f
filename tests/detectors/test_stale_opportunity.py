from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crmusage.detectors.pipeline._stale_opportunity import StaleOpportunity
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, told

CU121 = StaleOpportunity()


def worked(
    unit: str, *, step: int = 7, closed: int = 20, quiet: int = 3, alive: int = 27
) -> tuple[list[Record], list[Record]]:
    """Deals called about every few days: some closed, some open, and some in which nothing happens any more."""
    past = deals(unit, closed, days=120, every=9)
    still = [
        case | {"case_id": f"{unit} open {i}"}
        for i, case in enumerate(deals(unit, alive + quiet, days=None, first=500, every=2))
    ]
    calls = [event(case, "call", after) for case in past for after in range(step, 120, step)]
    for i, case in enumerate(still):
        age = (END - case["created_at"]).days if i >= quiet else 30
        calls += [event(case, "call", after) for after in range(step, age, step)]
    return [*past, *still], calls


def company(far: tuple[list[Record], list[Record]]) -> History:
    parts = [*(worked(team, quiet=2 + place % 3) for place, team in enumerate(TEAMS)), far]
    return told(
        [case for cases, _ in parts for case in cases], [one for _, events in parts for one in events]
    )


def shown() -> History:
    """A history in which it finds something."""
    return company(worked(FAR, quiet=18, alive=12))


def test_it_names_the_unit_whose_opportunities_have_fallen_asleep() -> None:
    found = only(judged(CU121, shown()))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 18, 30)
    assert found.norm is not None
    assert found.norm.value == pytest.approx(0.1, abs=0.04)
    assert set(found.cases) == {f"{FAR} open {i}" for i in range(18)}
    assert "nothing is planned" in found.text.en
    assert "rien n’est prévu" in found.text.fr


def with_plans(**more: Any) -> tuple[list[Record], list[Record]]:
    cases, events = worked(FAR, quiet=18, alive=12)
    return [case | more for case in cases], events


def test_something_planned_is_life() -> None:
    later = END + dt.timedelta(days=30)
    assert silent(judged(CU121, company(with_plans(due_at=later))))
    assert only(judged(CU121, company(with_plans(due_at=END - dt.timedelta(days=30)))))
    cases, events = with_plans()
    tasks = [event(case, "task_due", 20, new=later.date().isoformat()) for case in cases]
    assert silent(judged(CU121, company((cases, [*events, *tasks]))))


def test_a_unit_whose_sales_have_long_silences_that_end_is_not_named() -> None:
    slow = worked(FAR, step=100, closed=40, quiet=0, alive=30)
    long = deals(FAR, 30, days=330, every=2, first=1)
    calls = [event(case, "call", after) for case in long for after in (110, 220)]
    assert silent(
        judged(
            CU121,
            company(
                (
                    [*slow[0], *[c | {"case_id": f"long {i}"} for i, c in enumerate(long)]],
                    [*slow[1], *[one | {"case_id": f"long {i // 2}"} for i, one in enumerate(calls)]],
                )
            ),
        )
    )


def test_what_a_program_does_is_no_life() -> None:
    cases, events = worked(FAR, quiet=18, alive=12)
    nightly = [
        event(case, "updated", after, origin="automation") for case in cases for after in range(40, 200, 20)
    ]
    assert only(judged(CU121, company((cases, [*events, *nightly]))))


def test_records_loaded_at_one_go_are_nobodys_habit() -> None:
    cases, events = worked(FAR, quiet=0, alive=30)
    loaded = [
        case
        | {
            "case_id": f"{FAR} loaded {i}",
            "created_at": END - dt.timedelta(days=300, seconds=4 * i),
            "created_by": f"{FAR}.0",
        }
        for i, case in enumerate(deals(FAR, 40, days=None))
    ]
    assert silent(judged(CU121, company(([*cases, *loaded], events))))


def test_few_open_opportunities_are_too_few() -> None:
    ended = of_unit(judged(CU121, company(worked(FAR, quiet=15, alive=4))), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE


def test_without_events_it_cannot_tell() -> None:
    (one,) = judged(CU121, told(shown().cases.to_dicts(), [])).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
