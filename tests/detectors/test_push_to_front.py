from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from crmusage.detectors.requests._push_to_front import PushToFront
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event
from .requests_company import simulated

CU410 = PushToFront()
SECOND = "second line"
LINES = [
    {"entity": "unit", "field": "line", "raw": unit, "order": 2 if unit == SECOND else 1}
    for unit in (*TEAMS, FAR, SECOND)
]


def shown() -> History:
    """A history in which it finds something."""
    return simulated("push-to-front").history()


def test_it_names_the_desk_that_hands_up_what_others_answer() -> None:
    simulation = simulated("push-to-front")
    found = only(judged(CU410, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.norm is not None
    assert found.measure.value > 1.5 * found.norm.value
    assert "handed up to a higher line" in found.text.en
    assert "niveau supérieur" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "router"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU410, simulated(scenario).history()))


def answered(case: Record) -> list[Record]:
    return [event(case, "accepted", 1, unit=case["unit"]), event(case, "fulfilled", 5, unit=case["unit"])]


def handed_up(case: Record) -> list[Record]:
    return [
        event(case, "rerouted", 2, old=case["unit"], new=SECOND, unit=case["unit"]),
        event(case, "fulfilled", 5, unit=SECOND),
    ]


def by_a_person(case: Record) -> list[Record]:
    return [event(case, "rerouted", 2, old=case["owner"], new=f"{SECOND}.0", unit=case["unit"])]


def sideways(case: Record) -> list[Record]:
    return [event(case, "rerouted", 2, old=case["unit"], new=TEAMS[3], unit=case["unit"])]


def company(far: Callable[[Record], list[Record]]) -> History:
    """Ten teams that hand up every fifth request, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request")
    events = [e for i, c in enumerate(others) for e in (handed_up(c) if i % 5 == 0 else answered(c))]
    events += [e for c in cases for e in far(c)]
    people = [{"person_id": f"{unit}.{k}", "unit": unit} for unit in (*TEAMS, FAR, SECOND) for k in range(6)]
    return History.from_records(
        as_of=END, cases=[*others, *cases], events=events, vocabulary=LINES, people=people
    )


@pytest.mark.parametrize("far", [handed_up, by_a_person])
def test_units_and_persons_are_known_by_their_line(far: Callable[[Record], list[Record]]) -> None:
    found = only(judged(CU410, company(far)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 40, 40)
    assert found.norm is not None
    assert found.norm.value == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("far", [answered, sideways])
def test_what_stays_in_the_first_line_does_not_count(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU410, company(far)))


def test_the_second_line_itself_is_not_judged() -> None:
    assert of_unit(judged(CU410, company(handed_up)), SECOND).outcome is Outcome.NOT_ASSESSABLE


def test_where_nobody_tells_the_lines_it_cannot_tell() -> None:
    whole = company(handed_up)
    unordered = History.from_frames(
        as_of=END, cases=whole.cases, events=whole.events, vocabulary=whole.vocabulary.with_columns(
            order=pl.lit(None, dtype=pl.Int64)
        ),
    )  # fmt: skip
    (one,) = judged(CU410, unordered).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "vocabulary.order" in one.reason.en
