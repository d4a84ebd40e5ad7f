from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.workarounds._early_step import EarlyStep
from crmusage.history import History

from .acts import company
from .company import START, judged, only, silent
from .life import FAR, Record, event

CU706 = EarlyStep()
HOUR = 1 / 24


def offer(case: Record, number: int, days: float, **more: object) -> list[Record]:
    return [
        event(case, "call", 3 + number % 5),
        event(case, "quote_sent", days + number % 7 * days / 10, **more),
    ]


def after_weeks(_: str, case: Record, number: int) -> Iterable[Record]:
    return offer(case, number, 20)


def a_quarter_at_once(_: str, case: Record, number: int) -> Iterable[Record]:
    return offer(case, number, HOUR / 4 if number % 4 == 0 else 20)


def shown() -> History:
    """A history in which it finds something."""
    return company(after_weeks, a_quarter_at_once)


def test_it_names_the_unit_in_which_part_of_the_offers_come_with_the_opportunity() -> None:
    found = only(judged(CU706, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(1 / 4)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "cases with quote_sent" in found.text.en
    assert "bien plus tôt après la création" in found.text.fr
    assert all(int(case[-3:]) % 4 == 0 for case in found.cases)


def five_times_as_fast(_: str, case: Record, number: int) -> Iterable[Record]:
    return offer(case, number, 4)


def by_program(_: str, case: Record, number: int) -> Iterable[Record]:
    quick = offer(case, number, HOUR / 4, origin="automation")[1:] if number % 4 == 0 else []
    return [*offer(case, number, 20), *quick]


def before_the_creation(_: str, case: Record, number: int) -> Iterable[Record]:
    usual = offer(case, number, 20)
    return [usual[0], usual[1] | {"at": case["created_at"]}] if number % 4 == 0 else usual


@pytest.mark.parametrize("far", [after_weeks, five_times_as_fast, by_program, before_the_creation])
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU706, company(after_weeks, far)))  # type: ignore[arg-type]


def test_cases_that_were_loaded_in_a_burst_do_not_count() -> None:
    def entered(created: dt.timedelta) -> History:
        whole = shown()
        load = START + dt.timedelta(days=300)
        cases = whole.cases.to_dicts()
        shift = {}
        for case in cases:
            if case["unit"] == FAR and int(case["case_id"][-3:]) % 4 == 0:
                number = int(case["case_id"][-3:])
                new = load + number * created
                shift[case["case_id"]] = new - case["created_at"]
                case |= {"created_at": new, "created_by": f"{FAR}.0"}
        events = [
            one | {"at": one["at"] + shift.get(one["case_id"], dt.timedelta())}
            for one in whole.events.to_dicts()
        ]
        return History.from_records(as_of=whole.as_of, cases=cases, events=events)

    assert only(judged(CU706, entered(dt.timedelta(hours=7)))).scope.unit == FAR
    assert silent(judged(CU706, entered(dt.timedelta(seconds=2))))
