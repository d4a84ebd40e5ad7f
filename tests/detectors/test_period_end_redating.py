from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.close_dates._period_end_redating import PeriodEndRedating
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, of_unit, only, silent
from .life import FAR, QUARTERS, TEAMS, Record, deals, push, told

CU102 = PeriodEndRedating()


def on(unit: str, days: Iterable[dt.date]) -> tuple[list[Record], list[Record]]:
    """Deals that were put off on these days, one each."""
    days = list(days)
    cases = deals(unit, len(days), days=None, every=0)
    pushes = [
        push(case, 0) | {"at": dt.datetime.combine(day, dt.time(9, place % 60), dt.UTC)}
        for place, (case, day) in enumerate(zip(cases, days, strict=True))
    ]
    return cases, pushes


def spread(n: int = 60, *, shift: int = 0) -> list[dt.date]:
    """Evenly over the two years."""
    return [dt.date(2024, 1, 8) + dt.timedelta(days=shift + 11 * i) for i in range(n)]


def ends_of_quarters() -> list[dt.date]:
    ends = [row["starts_at"].date() - dt.timedelta(days=2) for row in QUARTERS[1:]]
    return [end - dt.timedelta(days=back) for end in ends for back in range(4)]


def ends_of_months() -> list[dt.date]:
    firsts = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(1, 24)]
    return [first - dt.timedelta(days=back) for first in firsts for back in (2, 4)]


def company(days: list[dt.date]) -> History:
    parts = [on(team, spread(shift=place)) for place, team in enumerate(TEAMS)]
    parts.append(on(FAR, days))
    return told(
        [case for cases, _ in parts for case in cases], [one for _, pushes in parts for one in pushes]
    )


def shown() -> History:
    """A history in which it finds something."""
    return company([*ends_of_quarters(), *spread(20)])


def test_it_names_the_unit_that_waits_for_the_end_of_the_quarter() -> None:
    found = only(judged(CU102, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value > 0.55
    assert found.norm is not None
    assert found.norm.value < 0.2
    assert "in the 7 days before or the 3 days after the end of a fiscal period" in found.text.en
    assert "autour d’une fin de période" in found.explain("fr")
    assert found.scope.period is None


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(spread(), id="at any time"),
        pytest.param([*ends_of_months(), *spread(10)], id="at the end of every month"),
        pytest.param(
            [day + dt.timedelta(days=45) for day in ends_of_quarters()] + spread(20), id="between the ends"
        ),
        pytest.param(ends_of_quarters(), id="too few to say"),
        pytest.param([dt.date(2024, 6, 27)] * 30 + spread(30), id="one quarter alone"),
    ],
)
def test_it_stays_silent(days: list[dt.date]) -> None:
    assert silent(judged(CU102, company(days)))


def test_without_fiscal_periods_it_cannot_tell() -> None:
    whole = shown()
    holidays = [{"kind": "holiday", "starts_at": END, "ends_at": END + dt.timedelta(days=1)}]
    for calendar in ([], holidays):
        history = History.from_records(
            as_of=END, cases=whole.cases.to_dicts(), events=whole.events.to_dicts(), calendar=calendar
        )
        (one,) = judged(CU102, history).assessments
        assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)


def test_a_unit_with_few_changes_is_not_clear() -> None:
    assert of_unit(judged(CU102, company(spread(5))), FAR).outcome is Outcome.NOT_ASSESSABLE
