from __future__ import annotations

import datetime as dt

import pytest

from crmusage.detectors.close_dates._date_heaping import DateHeaping, _ends_a_month
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, only, silent
from .life import FAR, TEAMS, Record, deals, push, told

CU103 = DateHeaping()
MONTH_END, SOME_DAY = dt.date(2026, 3, 31), dt.date(2026, 3, 12)


def planned(unit: str, heaped: int, n: int = 40) -> list[Record]:
    """Open deals, so many of them expected on the last day of a month."""
    cases = deals(unit, n, days=None, first=100, every=3)
    return [case | {"close_date": MONTH_END if i < heaped else SOME_DAY} for i, case in enumerate(cases)]


def closed(unit: str, on_month_end: int, n: int = 30) -> list[Record]:
    """Closed deals, so many of them on the last day of a month; their close date is the day of the closing."""
    cases = deals(unit, n, first=3, every=1, case_id="")
    for i, case in enumerate(cases):
        day = 31 if i < on_month_end else 14
        at = dt.datetime(2025, 1 + 2 * (i % 4), day, 12, tzinfo=dt.UTC)
        case.update(case_id=f"{unit} closed {i}", closed_at=at, outcome="lost", close_date=at.date())
    return cases


def company(*far: list[Record], events: tuple[Record, ...] = ()) -> History:
    others = [
        case for i, team in enumerate(TEAMS) for case in (*planned(team, 3 + i % 4), *closed(team, 1 + i % 2))
    ]
    return told([*others, *(case for cases in far for case in cases)], list(events))


def shown() -> History:
    """A history in which it finds something."""
    return company(planned(FAR, 30), closed(FAR, 2))


def test_it_names_the_unit_that_expects_everything_at_the_end_of_a_month() -> None:
    found = only(judged(CU103, shown()))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 30, 40)
    assert "Of its own closings, 6.7% fell on such a day" in found.text.en
    assert "6,7\N{NO-BREAK SPACE}% sont tombées un tel jour" in found.text.fr


def test_what_a_closed_deal_was_last_expected_for_counts_and_not_the_day_of_its_closing() -> None:
    past = closed(FAR, 1, n=60)
    for case in past:
        case["created_at"] = case["closed_at"] - dt.timedelta(days=90)
    plans = tuple(push(case, 50) | {"new": "2025-06-30"} for case in past)
    found = only(judged(CU103, company(past, events=plans)))
    assert (found.measure.numerator, found.measure.denominator) == (60, 60)
    on_the_day = tuple(push(case, 90) | {"new": "2025-06-30"} for case in past)
    assert silent(judged(CU103, company(past, planned(FAR, 3), events=on_the_day)))


@pytest.mark.parametrize(
    "far",
    [
        pytest.param((planned(FAR, 30), closed(FAR, 24)), id="contracts that do end with the month"),
        pytest.param((planned(FAR, 6), closed(FAR, 2)), id="as the others"),
        pytest.param((planned(FAR, 25, n=29), closed(FAR, 2)), id="too few to say"),
        pytest.param(
            ([case | {"is_deleted": True} for case in planned(FAR, 30)], closed(FAR, 2)), id="deleted records"
        ),
        pytest.param(
            (
                [
                    case | {"created_at": END - dt.timedelta(days=9, seconds=i), "created_by": "one"}
                    for i, case in enumerate(planned(FAR, 30))
                ],
                closed(FAR, 2),
            ),
            id="loaded at one go",
        ),
    ],
)
def test_it_stays_silent(far: tuple[list[Record], ...]) -> None:
    assert silent(judged(CU103, company(*far)))


def test_without_any_closing_nobody_knows_when_its_deals_really_close() -> None:
    assert silent(judged(CU103, company(planned(FAR, 30))))


def test_without_close_dates_it_cannot_tell() -> None:
    whole = shown()
    dateless = told([row | {"close_date": None} for row in whole.cases.to_dicts()], [])
    (one,) = judged(CU103, dateless).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        ("2026-03-31", True),
        ("2026-03-30", False),
        ("2026-05-31", True),
        ("2026-05-29", True),
        ("2026-05-28", False),
    ],
)
def test_the_last_day_and_the_last_weekday_end_a_month(day: str, ends: bool) -> None:
    import numpy as np

    assert _ends_a_month(np.array([day], dtype="datetime64[D]").astype(np.int64)).tolist() == [ends]
