from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.history import frame
from crmusage.model import RuleTally
from crmusage.report import Report
from tests.report import sample


def test_the_findings_are_a_frame_of_one_row_each_in_the_order_of_the_report():
    findings = sample.full().to_frame()
    assert findings["code"].to_list() == ["CU112", "CU201", "CU502"]
    first = findings.row(0, named=True)
    assert first["unit"] == sample.UNIT
    assert first["numerator"] == 302
    assert first["norm"] == 0.043
    assert first["onset"] == dt.date(2025, 9, 14)
    assert (first["company_with"], first["company_without"], first["hidden"]) == (0.273, 0.258, True)
    assert first["cases"][0] == "006-18214"
    assert first["period"] == "2025-10-01/2026-11-01"


def test_texts_of_a_frame_are_in_the_language_asked_for():
    assert "opportunités" in sample.full().to_frame(lang="fr")["text"][0]
    assert "opportunities" in sample.full().to_frame()["text"][0]


@pytest.mark.parametrize("table", ["findings", "assessments", "rules"])
def test_an_empty_report_gives_a_typed_frame(table):
    empty, full = Report(sample.AS_OF).to_frame(table), sample.full().to_frame(table)
    assert empty.height == 0
    assert full.height > 0
    assert empty.schema == full.schema
    assert pl.Null not in empty.schema.values()


def test_the_assessments_are_a_frame():
    assessments = sample.full().to_frame("assessments", "fr")
    assert assessments.filter(outcome="not_assessable")["reason"].unique().len() == 3
    assert assessments.filter(outcome="clear")["reason"].null_count() == 42


def test_the_rules_are_a_frame_with_the_share_kept():
    rules = sample.full().to_frame("rules")
    assert rules["kept"][0] == 11_932 / 12_702
    assert rules.filter(pl.col("period").is_not_null())["period"].to_list() == ["2026-03"]


def test_nothing_judged_is_no_share_rather_than_none_kept():
    report = Report(sample.AS_OF, rules=[RuleTally("a", 1, 0, "existence(x, 1)", pending=3, activations=3)])
    assert report.to_frame("rules")["kept"].to_list() == [None]


def test_another_table_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="findings, assessments and rules"):
        sample.full().to_frame("people")


def test_a_column_of_another_type_is_refused():
    with pytest.raises(TypeError, match="bytes"):
        frame([], {"a": bytes})


def test_what_a_row_lacks_is_null():
    assert frame([{"a": 1}, {}], {"a": int, "b": str}).rows() == [(1, None), (None, None)]
