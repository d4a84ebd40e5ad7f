from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from crmusage.detectors.requests._deferred_without_date import DeferredWithoutDate
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU405 = DeferredWithoutDate()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("deferred-without-date").history()


def test_it_names_the_desk_that_puts_off_without_a_date() -> None:
    simulation = simulated("deferred-without-date")
    found = only(judged(CU405, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.norm is not None
    assert found.measure.value > 0.4 > 2 * found.norm.value
    assert "have no date or one that went by" in found.text.en
    assert "n’ont pas de date" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "follow-up-as-task"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU405, simulated(scenario).history()))


def put_off(case: Record, *, until: int | None = 20, taken_up: int | None = 20, **more: str) -> list[Record]:
    day = None if until is None else (case["created_at"] + timedelta(days=until)).date().isoformat()
    steps = [event(case, "deferred", 5, new=day, **more)]
    return steps if taken_up is None else [*steps, event(case, "started", taken_up)]


def company(far: Callable[[Record], list[Record]], *, days: int | None = 100) -> History:
    """Ten teams that take up what they put off, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request", days=days)
    return told(
        [*others, *cases], [*(e for c in others for e in put_off(c)), *(e for c in cases for e in far(c))]
    )


def without_a_date(case: Record) -> list[Record]:
    return put_off(case, until=None)


def gone_by(case: Record) -> list[Record]:
    return put_off(case, taken_up=26)


@pytest.mark.parametrize(
    ("far", "text"), [(without_a_date, "40 without a date"), (gone_by, "40 not taken up")]
)
def test_no_date_and_a_date_that_went_by_count(far: Callable[[Record], list[Record]], text: str) -> None:
    found = only(judged(CU405, company(far)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)
    assert text in found.text.en


def after_the_weekend(case: Record) -> list[Record]:
    return put_off(case, taken_up=22)


def as_a_task(case: Record) -> list[Record]:
    day = (case["created_at"] + timedelta(days=20)).date().isoformat()
    return [*without_a_date(case), event(case, "task_due", 5.5, new=day)]


def by_program(case: Record) -> list[Record]:
    return put_off(case, until=None, origin="automation")


@pytest.mark.parametrize("far", [put_off, after_the_weekend, as_a_task, by_program])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU405, company(far)))


def test_what_was_closed_by_its_date_needs_no_more() -> None:
    def never_taken_up(case: Record) -> list[Record]:
        return put_off(case, taken_up=None)

    assert silent(judged(CU405, company(never_taken_up, days=15)))
    assert only(judged(CU405, company(never_taken_up))).scope.unit == FAR


def test_where_no_date_of_anybody_is_shown_it_cannot_tell() -> None:
    cases = [case for team in (*TEAMS, FAR) for case in deals(team, kind="request")]
    (one,) = judged(CU405, told(cases, [e for c in cases for e in without_a_date(c)])).assessments
    assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)
