from __future__ import annotations

from collections.abc import Callable

import pytest

from crmusage.detectors.requests._undecided import Undecided
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU404 = Undecided()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("undecided").history()


def test_it_names_the_desk_that_decides_nothing() -> None:
    simulation = simulated("undecided")
    found = only(judged(CU404, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.measure.value == pytest.approx(0.35, abs=0.1)
    assert "were not decided within 10 working days" in found.text.en
    assert "sous 10 jours ouvrés" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "askers-who-never-answer"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU404, simulated(scenario).history()))


def company(far: Callable[[Record], list[Record]], *, days: int | None = 100) -> History:
    """Ten teams that decide within a week, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request", days=days)
    events = [event(c, "decided", 5) for c in others]
    return told([*others, *cases], [*events, *(e for c in cases for e in far(c))])


def late(case: Record) -> list[Record]:
    return [event(case, "decided", 30)]


def test_a_decision_after_three_weeks_is_too_late() -> None:
    found = only(judged(CU404, company(late)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)
    assert "Undecided to this day: 0" in found.text.en


def put_off(case: Record) -> list[Record]:
    return [event(case, "deferred", 5), *late(case)]


def declined(case: Record) -> list[Record]:
    return [event(case, "refused", 5), *late(case)]


def asked(case: Record) -> list[Record]:
    return [event(case, "clarification_asked", 2), event(case, "clarified", 25), *late(case)]


def given_back(case: Record) -> list[Record]:
    return [event(case, "returned", 2), *late(case)]


def delivered_late(case: Record) -> list[Record]:
    return [event(case, "delivered", 22), *late(case)]


@pytest.mark.parametrize("far", [put_off, declined, asked, given_back, delivered_late])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU404, company(far)))


def test_what_was_withdrawn_in_time_is_not_undecided() -> None:
    def once_in_time(case: Record) -> list[Record]:
        return [event(case, "decided", 1)] if case["case_id"].endswith("000") else []

    assert silent(judged(CU404, company(once_in_time, days=6)))
    assert only(judged(CU404, company(once_in_time))).measure.numerator == 39


def test_a_unit_that_records_no_decision_is_not_clear() -> None:
    ended = of_unit(judged(CU404, company(lambda _: [])), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "no decision" in ended.reason.en
