from __future__ import annotations

from collections.abc import Callable

import pytest

from crmusage.detectors.requests._undocumented_fulfilment import UndocumentedFulfilment
from crmusage.history import History

from .company import judged, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU406 = UndocumentedFulfilment()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("undocumented-fulfilment").history()


def test_it_names_the_desk_that_writes_nothing() -> None:
    simulation = simulated("undocumented-fulfilment")
    found = only(judged(CU406, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.norm is not None
    assert found.measure.value > 3 * found.norm.value
    assert "tell nothing of what was done" in found.text.en
    assert "ne disent rien de ce qui a été fait" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "noted-at-closing"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU406, simulated(scenario).history()))


def done(case: Record, words: str | None, **more: str) -> list[Record]:
    return [event(case, "fulfilled", 5, **more), event(case, "documented", 6, text=words)]


def company(far: Callable[[Record], list[Record]]) -> History:
    """Ten teams that tell what they did, each time in other words, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request")
    events = [e for c in others for e in done(c, f"valve of {c['case_id']} replaced")]
    return told([*others, *cases], [*events, *(e for c in cases for e in far(c))])


def without(case: Record) -> list[Record]:
    return done(case, None)[:1]


def empty(case: Record) -> list[Record]:
    return done(case, " ")


def bare(case: Record) -> list[Record]:
    return done(case, "Done.")


def formula(case: Record) -> list[Record]:
    return done(case, "treated as per request")


@pytest.mark.parametrize(
    ("far", "text"),
    [
        (without, "40 without a word"),
        (empty, "40 with one or two"),
        (bare, "40 with one or two"),
        (formula, "40 with a formula"),
    ],
)
def test_what_tells_nothing_counts(far: Callable[[Record], list[Record]], text: str) -> None:
    found = only(judged(CU406, company(far)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)
    assert text in found.text.en


def procedure(case: Record) -> list[Record]:
    return done(case, "meter reset by procedure 12, customer told by telephone")


def few_alike(case: Record) -> list[Record]:
    return done(case, f"cable {int(case['case_id'][-3:]) % 10} plugged in again")


def by_program(case: Record) -> list[Record]:
    return done(case, None, origin="automation")[:1]


@pytest.mark.parametrize("far", [procedure, few_alike, by_program])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU406, company(far)))
