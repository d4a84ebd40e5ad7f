from __future__ import annotations

from collections.abc import Callable

import pytest

from crmusage.detectors.stages._stage_skipping import StageSkipping
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, move, told

CU111 = StageSkipping()


def step_by_step(case: Record) -> list[Record]:
    return [move(case, 20, 0, 1), move(case, 40, 1, 2), move(case, 60, 2, 3), move(case, 100, 3, 4)]


def jump(case: Record) -> list[Record]:
    return [move(case, 30, 0, 3), move(case, 100, 3, 4)]


def back(case: Record) -> list[Record]:
    return [move(case, 20, 0, 1), move(case, 40, 1, 2), move(case, 60, 2, 0)]


def company(far: Callable[[Record], list[Record]], cases: list[Record] | None = None) -> History:
    others = [case for team in TEAMS for case in deals(team)]
    moves = [one for i, case in enumerate(others) for one in (jump if i % 20 == 0 else step_by_step)(case)]
    cases = deals(FAR) if cases is None else cases
    return told([*others, *cases], [*moves, *(one for case in cases for one in far(case))])


def half(case: Record) -> list[Record]:
    turn = int(case["case_id"][-3:]) % 4
    return jump(case) if turn == 0 else back(case) if turn == 1 else step_by_step(case)


def shown() -> History:
    """A history in which it finds something."""
    return company(half)


def test_it_names_the_unit_that_skips_stages_and_goes_back() -> None:
    found = only(judged(CU111, shown()))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 20, 40)
    assert "10 skipped a stage, 10 went back" in found.text.en
    assert "10 avec une étape sautée, 10 avec un retour en arrière" in found.text.fr
    assert found.norm is not None
    assert found.norm.value == pytest.approx(0.05, abs=0.02)


def by_a_tool(case: Record) -> list[Record]:
    return [move(case, 30, 0, 3, origin="automation"), *step_by_step(case)[3:]]


def won_at_once(case: Record) -> list[Record]:
    return [move(case, 10, 0, 1), move(case, 99.9, 1, 4)]


def entered_late(case: Record) -> list[Record]:
    return [move(case, 10, 2, 3), move(case, 100, 3, 4)]


@pytest.mark.parametrize("far", [step_by_step, by_a_tool, won_at_once, entered_late])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU111, company(far)))


def test_a_mass_update_of_other_peoples_records_does_not_count() -> None:
    cases = deals(FAR, every=0)

    def at_one_go(actor: str | None) -> Callable[[Record], list[Record]]:
        def far(case: Record) -> list[Record]:
            seconds = int(case["case_id"][-3:]) * (4 - 7 * 60) / 86_400
            return [move(case, 30 + seconds, 0, 3, actor=actor or case["owner"])]

        return far

    assert silent(judged(CU111, company(at_one_go("administrator"), cases)))
    assert only(judged(CU111, company(at_one_go(None), cases)))


def test_without_an_order_of_the_stages_it_cannot_tell() -> None:
    whole = shown()
    unordered = History.from_frames(as_of=whole.as_of, cases=whole.cases, events=whole.events)
    (one,) = judged(CU111, unordered).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "vocabulary" in one.reason.en


def test_stages_that_the_vocabulary_does_not_know_are_not_judged() -> None:
    def elsewhere(case: Record) -> list[Record]:
        return [one | {"old": f"x{one['old']}", "new": f"x{one['new']}"} for one in jump(case)]

    assert silent(judged(CU111, company(elsewhere)))
