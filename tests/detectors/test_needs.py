"""What a detector needs, and what is told of a history that lacks it."""

from __future__ import annotations

import datetime as dt

import pytest

import crmusage as cu
from crmusage.detectors import BUILT_IN, Context, Needs, examine
from crmusage.history import History
from crmusage.model import Lack, Outcome

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def of_kind(*kinds: str, **more: str) -> History:
    cases = [
        {"case_id": f"{n}", "kind": kind, "created_at": AT, "unit": "Nord", **more}
        for n, kind in enumerate(kinds)
    ]
    return History.from_records(cases=cases, as_of=AT)


def test_what_is_lacking_is_a_table_a_column_or_an_activity() -> None:
    needs = Needs({"cases": ("unit", "amount"), "people": ("profile",)}, activities=("call",))
    assert needs.lacks(of_kind("opportunity")) == (
        Lack("cases", "amount"),
        Lack("people"),
        Lack("events", "activity", "call"),
    )


@pytest.mark.parametrize(
    ("kind", "there", "lacks"),
    [
        ("opportunity", ("request",), (Lack("cases", "kind", "opportunity"),)),
        ("opportunity", ("request", "opportunity"), (Lack("people"),)),
        ("opportunity", ("quote",), (Lack("people"),)),
        ("request", ("opportunity",), (Lack("cases", "kind", "request"),)),
        ("request", ("quote",), (Lack("people"), Lack("cases", "kind", "request"))),
        (None, ("request",), (Lack("people"),)),
    ],
)
def test_a_kind_of_cases_is_lacking_where_others_are_known_and_then_nothing_else_is_asked_for(
    kind: str | None, there: tuple[str, ...], lacks: tuple[Lack, ...]
) -> None:
    assert Needs({"people": ()}, kind=kind).lacks(of_kind(*there)) == lacks


def test_a_missing_kind_is_told_in_both_languages() -> None:
    missing = Needs(kind="request").missing(of_kind("quote"))
    assert missing is not None
    assert missing.en == "the data cannot show it: no case of kind request"
    assert missing.fr.endswith("aucun dossier de type request")


def test_open_requests_are_not_judged_as_opportunities() -> None:
    """A help desk with forty old tickets that nobody touches has no sleeping opportunities."""
    rows = [
        {"case_id": f"{n}", "kind": "request", "created_at": AT, "unit": "Nord", "close_date": AT.date()}
        for n in range(40)
    ]
    history = History.from_records(cases=rows, as_of=AT + dt.timedelta(days=300))
    about = {
        "CU101",
        "CU102",
        "CU103",
        "CU104",
        "CU105",
        "CU111",
        "CU112",
        "CU113",
        "CU114",
        "CU121",
        "CU501",
    }
    context = Context(as_of=history.as_of, min_group=1, units=("Nord",))
    for detector in BUILT_IN:
        if detector.code in about:
            (only,) = examine(detector, history, context).assessments
            assert only.lacks == (Lack("cases", "kind", "opportunity"),), detector.code
            about.remove(detector.code)
    assert not about


def test_without_any_unit_it_is_the_unit_that_is_missing() -> None:
    events = [
        {"case_id": "1", "activity": activity, "at": AT, "actor": "ann", "recorded_at": AT}
        for activity in ("call", "won")
    ]
    history = History.from_records(events=events, as_of=AT)
    context = Context(as_of=AT)
    for code in ("CU202", "CU502", "CU503", "CU702", "CU706"):
        detector = next(one for one in BUILT_IN if one.code == code)
        (only,) = examine(detector, history, context).assessments
        assert only.outcome is Outcome.NOT_ASSESSABLE
        assert Lack("cases", "unit") in only.lacks, code


def test_a_report_tells_columns_of_unknown_names_where_columns_are_missing() -> None:
    rows = [{"case_id": "1", "kind": "opportunity", "created_at": AT, "team": "Nord"}]
    report = cu.verify(History.from_records(cases=rows, as_of=AT))
    assert any("cases.team" in note.en and "cases.team" in note.fr for note in report.notes)
    nothing_missing = cu.verify(History.from_records(cases=rows, as_of=AT), only=["CU001"])
    assert not any("cases.team" in note.en for note in nothing_missing.notes)
