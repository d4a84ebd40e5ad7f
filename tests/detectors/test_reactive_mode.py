from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.detectors.requests._choices import choices
from crmusage.detectors.requests._reactive_mode import ReactiveMode
from crmusage.history import History
from crmusage.testing._planted import PlantedCompany
from crmusage.testing._scenarios_requests import simulate_requests

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told

CU409 = ReactiveMode()


@cache
def busy(scenario: str) -> PlantedCompany:
    """Nine desks with some 270 requests each, so that one is often waiting when the next comes in."""
    return simulate_requests(scenario, seed=2, desks=9, requests=2_400)


def shown() -> History:
    """A history in which it finds something."""
    return busy("reactive-mode").history()


def test_it_names_the_desk_that_does_what_came_first() -> None:
    simulation = busy("reactive-mode")
    found = only(judged(CU409, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "had to wait until the older one was begun" in found.text.en
    assert "ont dû laisser passer la plus ancienne" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "nothing-put-off"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU409, busy(scenario).history()))


def pairs(unit: str, first: float, second: float) -> tuple[list[Record], list[Record]]:
    """Each time a request of low priority and, a day later, one of high priority, begun after so many days each."""
    low = deals(unit, kind="request", priority_rank=3)
    high = deals(unit, kind="request", priority_rank=1, first=1)
    begun = [event(case, "started", first) for case in low] + [
        event(case, "started", second) for case in high
    ]
    return [*low, *high], begun


def company(far: Callable[[], tuple[list[Record], list[Record]]]) -> History:
    """Ten teams that begin what matters more first and put some off, and one that does as told."""
    cases, events = far()
    for team in TEAMS:
        some, begun = pairs(team, 5, 1)
        off = deals(team, 20, kind="request", priority_rank=2, first=3)
        cases += [*some, *off]
        events += [*begun, *(event(case, "deferred", 1, new="2026-01-01") for case in off)]
    return told(cases, [one | {"unit": one["case_id"].rsplit("-", 2)[0]} for one in events])


def test_an_older_request_that_is_begun_before_a_more_important_one_counts() -> None:
    found = only(judged(CU409, company(lambda: pairs(FAR, 2, 2))))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 40, 40)


def with_deferrals() -> tuple[list[Record], list[Record]]:
    cases, events = pairs(FAR, 2, 2)
    off = deals(FAR, 20, kind="request", priority_rank=2, first=3)
    return [*cases, *off], [*events, *(event(case, "deferred", 1, new="2026-01-01") for case in off)]


@pytest.mark.parametrize(
    "far",
    [
        lambda: pairs(FAR, 5, 1),  # the important one first
        lambda: pairs(FAR, 1.01, 2),  # the older one was being begun when the other came
        with_deferrals,
    ],
)
def test_it_stays_silent(far: Callable[[], tuple[list[Record], list[Record]]]) -> None:
    assert silent(judged(CU409, company(far)))


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200), st.integers(1, 3)), max_size=25),
    st.integers(0, 30),
)
def test_choices_are_those_that_a_look_at_all_pairs_finds(
    drawn: list[tuple[int, int, int]], notice: int
) -> None:
    requests = sorted((came, rank, came + lasts) for came, lasts, rank in drawn)
    expected = []
    for place, (came, rank, begun) in enumerate(requests):
        lower = [one for one in requests[:place] if one[1] > rank and one[2] > came + notice]
        if lower:
            expected.append((came, lower[0][2] < begun))
    columns = ([one[k] for one in requests] for k in (0, 2, 1))
    found = choices(*columns, notice=notice)
    assert list(zip(found.came.tolist(), found.passed_over.tolist(), strict=True)) == expected
