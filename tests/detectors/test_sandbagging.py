"""CU113 and CU114: what a stage said of a deal, and how the deal ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crmusage.detectors.pipeline._happy_ears import HappyEars
from crmusage.detectors.pipeline._sandbagging import Sandbagging
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, move, told

CU113, CU114 = Sandbagging(), HappyEars()
EXPECTED_STEPS = (10, 25, 40)


def on_the_way(
    case: Record, *, last: int = 3, at: tuple[float, ...] = EXPECTED_STEPS, **more: Any
) -> list[Record]:
    """Stage after stage up to the last one told, at these days."""
    return [move(case, after, place, place + 1, **more) for place, after in enumerate(at[:last])]


def as_it_is(case: Record) -> list[Record]:
    """What will be won comes far, what will be lost stays low; one in eight the other way."""
    odd = int(case["case_id"][-3:]) % 8 == 5
    return on_the_way(case, last=3 if (case["outcome"] == "won") != odd else 1)


def held_low(case: Record) -> list[Record]:
    """What is won is moved on only at the last."""
    if case["outcome"] != "won":
        return as_it_is(case)
    return on_the_way(case, at=(10, 95, 97))


def hoped_for(case: Record) -> list[Record]:
    """Whatever is lost came far, too."""
    return on_the_way(case)


def company(
    far: Callable[[Record], list[Record]],
    *,
    outcome: Callable[[int], str] | None = None,
    n: int = 100,
    days: int = 100,
) -> History:
    """Ten teams as they are, and one as told; deals of 100 days, a third of them won."""
    others = [case for team in TEAMS for case in deals(team, 60, every=8)]
    cases = deals(FAR, n, days=days, every=6)
    if outcome is not None:
        cases = [case | {"outcome": case["outcome"] and outcome(place)} for place, case in enumerate(cases)]
    events = [one for case in others for one in as_it_is(case)] + [one for case in cases for one in far(case)]
    return told([*others, *cases], events)


def shown() -> History:
    """A history in which deals held low are found."""
    return company(held_low)


def test_it_names_the_unit_that_wins_from_stages_in_which_others_lose() -> None:
    found = only(judged(CU113, shown()))
    assert (found.scope.unit, found.measure.value) == (FAR, 1.0)
    assert found.norm is not None
    assert found.norm.value == pytest.approx(0.1, abs=0.06)
    assert "in a stage from which others win clearly less often than usual" in found.text.en
    assert "gagnent nettement moins souvent que d’ordinaire" in found.text.fr
    assert len(found.cases) == 20
    assert not judged(CU114, shown()).findings


def test_it_says_when_amounts_are_raised_at_the_last() -> None:
    def raised(case: Record) -> list[Record]:
        late = event(case, "amount_changed", 96, old="1000", new="1500")
        return [*held_low(case), late] if case["outcome"] == "won" else held_low(case)

    found = only(judged(CU113, company(raised)))
    assert "are mostly raised (34 of 34)" in found.text.en
    assert "surtout relevés" in found.text.fr
    assert "raised" not in only(judged(CU113, shown())).text.en


def test_it_names_the_unit_that_loses_from_stages_in_which_others_win() -> None:
    history = company(hoped_for)
    found = only(judged(CU114, history))
    assert (found.scope.unit, found.measure.value) == (FAR, 1.0)
    assert "in a stage from which others win clearly more often than usual" in found.text.en
    assert "gagnent nettement plus souvent que d’ordinaire" in found.text.fr
    assert not judged(CU113, history).findings


def by_a_tool(case: Record) -> list[Record]:
    return [one | {"origin": "automation"} for one in held_low(case)]


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(lambda: company(as_it_is), id="as the others"),
        pytest.param(
            lambda: company(as_it_is, outcome=lambda i: "won" if i % 3 else "lost"), id="strong sellers"
        ),
        pytest.param(
            lambda: company(as_it_is, outcome=lambda i: "won" if i % 9 == 0 else "lost"), id="weak sellers"
        ),
        pytest.param(lambda: company(by_a_tool), id="a tool moves the stages"),
        pytest.param(lambda: company(held_low, days=12), id="deals of some days"),
        pytest.param(lambda: company(held_low, n=50), id="too few to say"),
    ],
)
def test_neither_speaks_of(history: Callable[[], History]) -> None:
    for detector in (CU113, CU114):
        assert silent(judged(detector, history()))


def test_a_unit_without_stages_is_not_clear() -> None:
    assert of_unit(judged(CU113, company(lambda _: [])), FAR).outcome is Outcome.NOT_ASSESSABLE
