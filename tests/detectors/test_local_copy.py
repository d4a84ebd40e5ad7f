from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from crmusage.detectors.data_entry._local_copy import LocalCopy
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event
from .records_company import simulated

CU312 = LocalCopy()
QUARTERS = tuple(dt.datetime(2024, month, 25, 17, tzinfo=dt.UTC) for month in (3, 6, 9, 12))


def shown() -> History:
    """A history in which it finds something."""
    return company(lambda case, k: [*imported(case, k), *copied(case, k)])


def test_it_names_the_unit_that_works_in_a_file() -> None:
    simulation = simulated("local-copy")
    found = only(judged(CU312, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "came in by bulk" in found.text.en
    assert "sont arrivées en masse" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-entries-planted", "migration", "nightly-sync", "evening-entries"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU312, simulated(scenario).history()))


def company(far: Callable[[Record, int], list[Record]]) -> History:
    """Ten teams that enter their calls, and one of which as many changes came in as told; two dozen a quarter."""
    others = [case for team in TEAMS for case in deals(team, 120, every=4)]
    cases = deals(FAR, 120, every=1)
    events = [
        event(case, "call", 1, recorded_at=case["created_at"] + dt.timedelta(days=1)) for case in others
    ]
    for place, case in enumerate(cases):
        events += [event(case, "created", 0, recorded_at=case["created_at"]), *far(case, place)]
    people = [{"person_id": f"{team}.{k}", "unit": team} for team in (*TEAMS, FAR) for k in range(6)]
    people.append({"person_id": "svc-sync", "is_human": False})
    return History.from_records(as_of=END, cases=[*others, *cases], events=events, people=people)


def at(case: Record, when: dt.datetime, **more: object) -> Record:
    return event(case, "updated", 0) | {"at": when, "recorded_at": when, **more}


def imported(case: Record, k: int) -> list[Record]:
    return [at(case, QUARTERS[k % 4], origin="import")]


def copied(case: Record, k: int) -> list[Record]:
    when = QUARTERS[k % 4]
    return [at(case, when - dt.timedelta(days=20 + k % 9), recorded_at=when + dt.timedelta(minutes=k % 50))]


@pytest.mark.parametrize("far", [imported, copied])
def test_each_way_of_bringing_a_file_in_counts(far: Callable[[Record, int], list[Record]]) -> None:
    found = only(judged(CU312, company(far)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 120, 240)


def by_program(case: Record, k: int) -> list[Record]:
    return [at(case, QUARTERS[k % 4], origin="import", actor="svc-sync")]


def once(case: Record, k: int) -> list[Record]:
    del k
    return [at(case, QUARTERS[0], origin="import")]


def few(case: Record, k: int) -> list[Record]:
    return [at(case, QUARTERS[k % 4] + dt.timedelta(days=k % 15), origin="import")]


def soon(case: Record, k: int) -> list[Record]:
    when = QUARTERS[k % 4]
    return [at(case, when - dt.timedelta(hours=8), recorded_at=when + dt.timedelta(minutes=k % 50))]


@pytest.mark.parametrize("far", [by_program, once, few, soon])
def test_it_stays_silent(far: Callable[[Record, int], list[Record]]) -> None:
    assert silent(judged(CU312, company(far)))


def test_exports_are_told_beside_and_prove_nothing() -> None:
    def exporting(case: Record, k: int) -> list[Record]:
        return [event(case, "exported", 3) for _ in range(k % 2)]

    assert silent(judged(CU312, company(exporting)))
    both = company(lambda case, k: [*imported(case, k), *exporting(case, k)])
    assert "It exported 60\N{NO-BREAK SPACE}times." in only(judged(CU312, both)).text.en


def test_a_source_that_tells_neither_origin_nor_recording_shows_nothing() -> None:
    known = company(imported)
    events = known.events.drop("origin", "recorded_at")
    ended = of_unit(judged(CU312, History.from_frames(cases=known.cases, events=events, as_of=END)), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
