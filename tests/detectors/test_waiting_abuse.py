from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from crmusage.detectors.requests._waiting_abuse import WaitingAbuse
from crmusage.history import History

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU407 = WaitingAbuse()
DUE = 50
"""Days from creation."""


def shown() -> History:
    """A history in which it finds something."""
    return simulated("waiting-abuse").history()


def test_it_names_the_desk_that_stops_the_clock_at_the_limit() -> None:
    simulation = simulated("waiting-abuse")
    found = only(judged(CU407, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.norm is not None
    assert found.measure.value > 3 * found.norm.value
    assert "in the last tenth of their time" in found.text.en
    assert "dans le dernier dixième du délai" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "last-minute"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU407, simulated(scenario).history()))


def requests(unit: str) -> list[Record]:
    cases = deals(unit, kind="request")
    return [case | {"due_at": case["created_at"] + dt.timedelta(days=DUE)} for case in cases]


def wait(case: Record, after: float, **more: str) -> list[Record]:
    return [event(case, "started", 3), event(case, "waiting", after, **more), event(case, "resumed", 55)]


def company(far: Callable[[Record], list[Record]]) -> History:
    """Ten teams whose customers make them wait at any time, and one that does as told."""
    others = [case for team in TEAMS for case in requests(team)]
    cases = requests(FAR)
    events = [e for i, c in enumerate(others) for e in wait(c, 5 + i % 40)]
    return told([*others, *cases], [*events, *(e for c in cases for e in far(c))])


def at_the_limit(case: Record) -> list[Record]:
    return wait(case, 48)


def test_waits_at_the_limit_count() -> None:
    found = only(judged(CU407, company(at_the_limit)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 40, 40)


def by_program(case: Record) -> list[Record]:
    return wait(case, 48, origin="automation")


def after_a_question(case: Record) -> list[Record]:
    return [event(case, "clarification_asked", 46), *at_the_limit(case)]


def overdue(case: Record) -> list[Record]:
    return wait(case, 51)


def in_good_time(case: Record) -> list[Record]:
    return wait(case, 44)


def busy_at_the_limit(case: Record) -> list[Record]:
    return [*(event(case, "decided", 46 + k) for k in range(3)), *wait(case, 48)[1:]]


@pytest.mark.parametrize("far", [by_program, after_a_question, overdue, in_good_time, busy_at_the_limit])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU407, company(far)))


def test_a_question_that_was_answered_excuses_no_later_wait() -> None:
    def answered(case: Record) -> list[Record]:
        return [event(case, "clarification_asked", 20), event(case, "clarified", 25), *at_the_limit(case)]

    assert only(judged(CU407, company(answered))).measure.numerator == 40
