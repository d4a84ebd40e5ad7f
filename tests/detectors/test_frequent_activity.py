from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._frequent_activity import FrequentActivity
from crmusage.history import History
from crmusage.model import Kind, Outcome, Severity

from .acts import act, company, week_of
from .company import judged, of_unit, only, silent
from .life import FAR, Record

CU701 = FrequentActivity()
DAY = dt.timedelta(days=1)


def changes(case: Record, times: int) -> list[Record]:
    number = int(case["case_id"][-3:])
    return [act(case, "amount_changed", week_of(number) + turn * DAY / 4) for turn in range(times)]


def once_or_twice(_: str, case: Record, number: int) -> Iterable[Record]:
    return changes(case, 1 + number % 2)


def now_and_then_a_dozen(_: str, case: Record, number: int) -> Iterable[Record]:
    return changes(case, 14 if number % 4 == 0 else 1 + number % 2)


def shown() -> History:
    """A history in which it finds something."""
    return company(once_or_twice, now_and_then_a_dozen)


def test_it_names_the_unit_in_which_a_part_of_the_cases_needs_it_over_and_over() -> None:
    found = only(judged(CU701, shown()))
    assert (found.scope.unit, found.kind, found.severity) == (FAR, Kind.RISK, Severity.MEDIUM)
    assert found.measure.value == pytest.approx(1 / 4)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "in 25% of the cases with amount_changed" in found.text.en
    assert "dossiers avec amount_changed" in found.text.fr
    assert all(int(case[-3:]) % 4 == 0 for case in found.cases)


def three_times_as_often(_: str, case: Record, number: int) -> Iterable[Record]:
    return changes(case, 3 + 3 * (number % 2))


def by_program(team: str, case: Record, number: int) -> Iterable[Record]:
    usual = changes(case, 1 + number % 2)
    synced = [one | {"origin": "automation"} for one in now_and_then_a_dozen(team, case, number)]
    return usual + synced


def in_two_cases(_: str, case: Record, number: int) -> Iterable[Record]:
    return changes(case, 14 if number < 2 else 1 + number % 2)


@pytest.mark.parametrize("far", [once_or_twice, three_times_as_often, by_program, in_two_cases])
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU701, company(once_or_twice, far)))  # type: ignore[arg-type]


def test_of_a_few_cases_nothing_is_said() -> None:
    def few(team: str, case: Record, number: int) -> Iterable[Record]:
        return now_and_then_a_dozen(team, case, number) if number < 20 else ()

    ended = of_unit(judged(CU701, company(once_or_twice, few)), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "fewer than 30" in ended.reason.en


def test_without_peers_there_is_no_norm() -> None:
    whole = shown()
    cases = [case for case in whole.cases.to_dicts() if case["unit"] in {FAR, "team 01", "team 02"}]
    kept = {case["case_id"] for case in cases}
    events = [one for one in whole.events.to_dicts() if one["case_id"] in kept]
    few = History.from_records(as_of=whole.as_of, cases=cases, events=events)
    ended = of_unit(judged(CU701, few), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "no norm" in ended.reason.en
