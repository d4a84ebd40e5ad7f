from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from crmusage.detectors.requests._priority_inflation import PriorityInflation, _tau
from crmusage.history import History

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU401 = PriorityInflation()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("priority-inflation").history()


def test_it_names_the_desk_for_which_everything_is_urgent() -> None:
    simulation = simulated("priority-inflation")
    found = only(judged(CU401, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.measure.value == pytest.approx(0.75, abs=0.1)
    assert found.norm is not None
    assert found.norm.value < 0.25
    assert "have the highest priority" in found.text.en
    assert "ont la plus haute priorité" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "real-emergencies"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU401, simulated(scenario).history()))


def asked(unit: str, urgent: Callable[[int], bool]) -> list[Record]:
    cases = deals(unit, n=48, kind="request")
    return [case | {"priority_rank": 1 if urgent(i) else 3, "unit": "doers"} for i, case in enumerate(cases)]


def company(answered: Callable[[int, Record], float], **more: str) -> History:
    """Ten teams that ask for a fifth as urgent, and one for three quarters, answered after so many days; all by one unit."""
    others = [case for team in TEAMS for case in asked(team, lambda i: i % 5 == 0)]
    cases = asked(FAR, lambda i: i % 4 > 0)
    events = [event(c, "submitted", 0, unit=c["case_id"].rsplit("-", 2)[0]) for c in [*others, *cases]]
    events += [event(c, "accepted", 1 if c["priority_rank"] == 1 else 4, unit="doers") for c in others]
    events += [event(c, "accepted", answered(i, c), unit="doers", **more) for i, c in enumerate(cases)]
    return told([*others, *cases], events)


def test_the_unit_that_asks_is_named_and_not_the_one_that_answers() -> None:
    found = only(judged(CU401, company(lambda i, _: 1 + i % 7)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 36, 48)


def test_urgent_requests_that_are_answered_first_are_emergencies() -> None:
    assert silent(judged(CU401, company(lambda i, case: case["priority_rank"] + i % 2)))


def test_where_no_answer_is_recorded_nothing_is_told() -> None:
    assert silent(judged(CU401, company(lambda i, _: 1 + i % 7, origin="automation")))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 47)), min_size=2, max_size=40))
def test_kendalls_tau_of_a_table_is_that_of_its_pairs(pairs: list[tuple[int, int]]) -> None:
    table = np.zeros((10, 48), dtype=np.int64)
    np.add.at(table, tuple(np.array(pairs).T), 1)
    rank, wait = zip(*pairs, strict=True)
    wanted = float(kendalltau(rank, wait).statistic) if len(set(rank)) > 1 and len(set(wait)) > 1 else 0.0
    assert _tau(table) == pytest.approx(wanted, abs=1e-9)
