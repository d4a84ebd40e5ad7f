from __future__ import annotations

from collections.abc import Callable

import pytest

from crmusage.detectors.requests._unclear_request import UnclearRequest
from crmusage.history import History

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU408 = UnclearRequest()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("unclear-request").history()


def test_it_names_the_desk_that_asks_vaguely() -> None:
    simulation = simulated("unclear-request")
    found = only(judged(CU408, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.measure.value == pytest.approx(0.52, abs=0.12)
    assert found.norm is not None
    assert found.norm.value < 0.2
    assert "had to ask for details" in found.text.en
    assert "demander des précisions" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "careful-desk"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU408, simulated(scenario).history()))


def company(asks: Callable[[str, str, int], bool], doers: Callable[[str, int], str], **more: str) -> History:
    """Eleven teams that ask two desks; `asks` tells when these ask back."""
    cases: list[Record] = []
    events: list[Record] = []
    for team in (*TEAMS, FAR):
        for i, made in enumerate(deals(team, kind="request")):
            case = made | {"unit": doers(team, i)}
            cases.append(case)
            events.append(event(case, "submitted", 0, unit=team))
            if asks(team, case["unit"], i):
                events.append(event(case, "clarification_asked", 1, unit=case["unit"], **more))
    return told(cases, events)


def evenly(_: str, i: int) -> str:
    return ("desk one", "desk two")[i % 2]


def of_the_far_team(team: str, _: str, i: int) -> bool:
    return i % 10 == 0 or (team == FAR and i % 2 == 0)


def test_the_unit_that_asks_is_named_and_not_the_one_that_answers() -> None:
    found = only(judged(CU408, company(of_the_far_team, evenly)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 20, 40)
    assert "about 4 times" in found.text.en


def test_a_desk_that_asks_everybody_says_nothing_of_who_turns_to_it() -> None:
    def strict(_: str, doer: str, i: int) -> bool:
        return i % 10 == 0 or (doer == "desk two" and i % 10 < 6)

    def mostly_the_far_team(team: str, i: int) -> str:
        return "desk two" if team == FAR or i % 10 == 3 else "desk one"

    assert silent(judged(CU408, company(strict, mostly_the_far_team)))


def test_questions_by_a_program_do_not_count() -> None:
    assert silent(judged(CU408, company(of_the_far_team, evenly, origin="automation")))
