from __future__ import annotations

import datetime as dt

import pytest

from crmusage.detectors.close_dates._overdue_open import GRACE, OverdueOpen
from crmusage.history import History
from crmusage.model import Kind, Outcome

from .company import END, Record, history, judged, of_unit, only, silent

CU104 = OverdueOpen()


def deals(unit: str, *, late: int, n: int = 40, days_late: int = 40, entered: int = 200) -> list[Record]:
    """Open opportunities, so many of them past their close date."""
    return [
        {
            "case_id": f"{unit}-{i:03}",
            "kind": "opportunity",
            "created_at": END - dt.timedelta(days=entered, minutes=37 * i),
            "created_by": f"{unit}.{i % 6}",
            "unit": unit,
            "close_date": (END + dt.timedelta(days=-days_late if i < late else 30)).date(),
        }
        for i in range(n)
    ]


def others() -> list[Record]:
    return [case for i in range(10) for case in deals(f"team {i:02}", late=6 + i % 4)]


def shown() -> History:
    """A history in which it finds something."""
    return history([*others(), *deals("Grand Ouest", late=34)])


def test_it_names_the_unit_that_lets_its_dates_pass() -> None:
    judgement = judged(CU104, shown())
    found = only(judgement)
    assert (found.scope.unit, found.kind) == ("Grand Ouest", Kind.PARASITIC)
    assert (found.measure.numerator, found.measure.denominator) == (34, 40)
    assert found.norm is not None
    assert found.norm.value == pytest.approx(0.19, abs=0.03)
    assert {one.outcome for one in judgement.assessments if one.scope.unit != "Grand Ouest"} == {
        Outcome.CLEAR
    }
    assert found.distortions[0].with_unit == pytest.approx((34 + 73) / 440)
    assert found.distortions[0].without_unit == pytest.approx(73 / 400)
    assert len(found.cases) == 20


def test_it_tells_it_in_both_languages() -> None:
    found = only(judged(CU104, shown()))
    assert "85% of the open opportunities (34 of 40)" in found.text.en
    assert "85 % des opportunités ouvertes (34 sur 40)" in found.text.fr.replace("\N{NO-BREAK SPACE}", " ")
    assert "dates de clôture laissées dépassées" in found.explain("fr")


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(
            deals("Grand Ouest", late=34, days_late=GRACE.days - 1), id="a date that has just passed"
        ),
        pytest.param(deals("Grand Ouest", late=34, n=400), id="no more often than the others"),
        pytest.param(deals("Grand Ouest", late=12), id="a little more often than the others"),
        pytest.param(
            [case | {"closed_at": END, "outcome": "lost"} for case in deals("Grand Ouest", late=34)],
            id="closed",
        ),
        pytest.param(
            [case | {"is_deleted": True} for case in deals("Grand Ouest", late=34)], id="deleted records"
        ),
        pytest.param(deals("Grand Ouest", late=17, n=19), id="too few to say"),
        pytest.param(
            [case | {"created_by": "one"} for case in deals("Grand Ouest", late=34)], id="one person's unit"
        ),
    ],
)
def test_it_stays_silent(quiet: list[Record]) -> None:
    assert silent(judged(CU104, history([*others(), *quiet])))


@pytest.mark.parametrize("origin", ["import", None])
def test_records_loaded_at_one_go_are_nobodys_habit(origin: str | None) -> None:
    at = END - dt.timedelta(days=90)
    loaded = [
        case | {"created_at": at + dt.timedelta(seconds=4 * i), "created_by": "Grand Ouest.0"}
        for i, case in enumerate(deals("Grand Ouest", late=34))
    ]
    own = [case | {"case_id": f"own {case['case_id']}"} for case in deals("Grand Ouest", late=8)]
    created = [
        {"case_id": case["case_id"], "activity": "created", "at": case["created_at"], "origin": origin}
        for case in loaded
    ]
    assert silent(judged(CU104, history([*others(), *own, *loaded], created)))


def test_who_took_them_over_lately_did_not_let_them_pass() -> None:
    inherited = deals("Grand Ouest", late=34)

    def handed(days: int) -> list[Record]:
        return [
            {"case_id": case["case_id"], "activity": "owner_changed", "at": END - dt.timedelta(days=days)}
            for case in inherited
        ]

    assert of_unit(judged(CU104, history([*others(), *inherited], handed(12))), "Grand Ouest").outcome is (
        Outcome.NOT_ASSESSABLE
    )
    assert only(judged(CU104, history([*others(), *inherited], handed(60))))


def test_where_everybody_is_late_it_is_no_units_usage() -> None:
    assert silent(
        judged(CU104, history([case for i in range(12) for case in deals(f"t{i}", late=30 + i % 5)]))
    )


def test_without_close_dates_it_cannot_tell() -> None:
    dateless = history([case | {"close_date": None} for case in others()])
    (one,) = judged(CU104, dateless).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "cases.close_date" in one.reason.en
