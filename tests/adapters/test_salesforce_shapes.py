"""The less usual shapes in which tables come: states instead of changes, only a history, frames with nested columns."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from crmusage.adapters import salesforce
from crmusage.errors import SourceError

from .salesforce_org import (
    ANNA,
    BEN,
    CASE,
    OPEN,
    OPP,
    as_answers,
    as_fivetran,
    as_rest,
    at,
    case,
    day,
    history,
    opportunity,
    org,
)
from .test_salesforce_dialects import told
from .test_salesforce_traps import DOLLARS, events, notes, read, seen


def test_opportunities_of_which_only_the_history_came_begin_and_stand_as_it_says() -> None:
    made = read(OpportunityHistory=org()["OpportunityHistory"])
    row = made.cases.to_dicts()[0]
    assert (row["case_id"], row["kind"], row["created_at"]) == (OPP, "opportunity", at("2026-03-02 09:00"))
    assert (row["outcome"], row["closed_at"], row["stage"]) == ("won", at("2026-03-10 16:00"), "Closed Won")
    assert (row["owner"], row["amount"], row["close_date"]) == (None, 1500.0, day("2026-07-31"))
    assert "The table Opportunity did not come" in notes(made)


def test_the_export_tells_states_of_cases_and_their_changes_are_read_off() -> None:
    def state(number: int, when: str, status: str, owner: str) -> dict[str, object]:
        return {
            "Id": f"02D0X000000000{number}AAA",
            "CaseId": CASE,
            "OwnerId": owner,
            "Status": status,
            "LastModifiedDate": at(when),
            "LastModifiedById": BEN,
            "IsDeleted": False,
        }

    rows = [
        state(1, "2026-03-03 08:00", "New", BEN),
        state(2, "2026-03-04 09:00", "Working", ANNA),
        state(3, "2026-03-05 09:00", "Closed", ANNA),
    ]
    made = read(Case=[case(Status="Closed", IsClosed=True)], CaseHistory=rows)
    assert [(when, what) for when, what, *_ in events(made)] == [
        ("03-03 08:00", "submitted"),
        ("03-04 09:00", "started"),
        ("03-04 09:00", "owner_changed"),
        ("03-05 09:00", "closed"),
    ]
    assert made.cases["closed_at"].to_list() == [at("2026-03-05 09:00")]


def test_the_states_of_cases_that_a_connector_kept_tell_their_changes() -> None:
    base = {"id": CASE, "case_number": "1", "created_date": "2026-03-03 08:00:00", "_fivetran_active": True}
    rows = [
        {
            **base,
            "_fivetran_start": "2026-03-03 08:00:00",
            "status": "New",
            "is_closed": False,
            "owner_id": BEN,
        },
        {
            **base,
            "_fivetran_start": "2026-03-04 08:00:00",
            "status": "On Hold",
            "is_closed": False,
            "owner_id": ANNA,
        },
        {
            **base,
            "_fivetran_start": "2026-03-05 08:00:00",
            "status": "Closed",
            "is_closed": True,
            "owner_id": ANNA,
        },
    ]
    made = salesforce.read({"case_history": rows}).history()
    assert [what for _, what, *_ in events(made)] == ["submitted", "waiting", "owner_changed", "closed"]
    assert made.cases.select("stage", "owner", "closed_at").rows() == [
        ("Closed", ANNA, at("2026-03-05 08:00"))
    ]


def test_the_one_table_of_histories_of_the_export_is_read_for_each_object() -> None:
    def row(number: int, kind: str, parent: str, **values: object) -> dict[str, object]:
        return {
            "Id": f"0170X000000000{number}AAA",
            "ParentId": parent,
            "ParentSobjectType": kind,
            "CreatedDate": at("2026-03-04 09:00"),
            "CreatedById": ANNA,
            "IsDeleted": False,
            **values,
        }

    rows = [
        row(1, "Opportunity", OPP, FieldName="Score__c", OldvalString="", OldvalNumber=1.0, NewvalNumber=2.0),
        row(2, "Case", CASE, FieldName="Priority", OldvalString="Low", NewvalString="High"),
        row(3, "ContentVersion", "0680X0000000001AAA", FieldName="createText"),
    ]
    made = read(Opportunity=[opportunity()], Case=[case()], EntityHistory=rows)
    found = made.events.filter(made.events["field"].is_not_null()).sort("case_id")
    assert found.select("case_id", "activity", "field", "old", "new").rows() == [
        (OPP, "updated", "score_c", "1", "2"),
        (CASE, "priority_changed", "priority", "Low", "High"),
    ]


def test_nested_columns_of_a_frame_are_opened_as_those_of_records_are() -> None:
    nested = [
        {**row, "Owner": {"Name": "Anna Ash", "Tags": ["a", "b"]}}
        for row in as_rest({"O": [opportunity()]})["O"]
    ]
    by_records = salesforce.read({"Opportunity": nested})
    by_frame = salesforce.read({"Opportunity": pl.DataFrame(nested)})
    assert {use.column for use in by_frame.columns} == {use.column for use in by_records.columns}
    assert by_frame.history().cases["owner_name"].to_list() == ["Anna Ash"]
    assert by_records.history().cases["owner_tags"].to_list() == ['["a", "b"]']


def test_saved_answers_of_the_api_are_read_from_their_files(tmp_path: Path) -> None:
    for name, pages in as_answers(org()).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(pages))
    assert told(salesforce.read(tmp_path).history()) == told(salesforce.read(as_rest(org())).history())
    with pytest.raises(SourceError, match="cannot be read"):
        salesforce.read({"Opportunity": tmp_path / "none.json"})


def test_columns_of_odd_types_are_read_as_texts() -> None:
    frame = as_fivetran({"Opportunity": [opportunity()]})["sf_opportunity_data"].with_columns(
        pl.col("stage_name").cast(pl.Categorical),
        raw=pl.lit(b"\xff\x00"),
        took=pl.lit(90).cast(pl.Duration("ms")),
        hour=pl.lit("09:30").str.to_time("%H:%M"),
    )
    row = salesforce.read({"opportunity": frame}).history().cases.to_dicts()[0]
    assert row["stage"] == "Qualification"
    assert row["hour"].startswith("09:30")


def test_a_stage_that_is_closed_in_some_records_only_is_told() -> None:
    rows = [opportunity(StageName="Done", IsClosed=True, IsWon=True), opportunity(OPEN, StageName="Done")]
    made = read(Opportunity=rows)
    assert "closed and open at once (Done)" in notes(made)
    assert made.cases["outcome"].to_list() == ["won", None]


def test_rates_without_a_date_bring_amounts_into_the_companys_currency() -> None:
    rates = [
        {"Id": "01L0X0000000001AAA", "IsoCode": "EUR", "ConversionRate": 1.0, "IsCorporate": True},
        {"Id": "01L0X0000000002AAA", "IsoCode": "USD", "ConversionRate": 2.0, "IsCorporate": False},
    ]
    made = read(Opportunity=DOLLARS, CurrencyType=rates)
    assert made.cases.select("amount", "currency").rows() == [(500.0, "EUR"), (1000.0, "EUR")]
    asked = salesforce.read(
        as_rest({"Opportunity": DOLLARS, "CurrencyType": rates}), currency="usd"
    ).history()
    assert asked.cases.select("amount", "currency").rows() == [(1000.0, "USD"), (2000.0, "USD")]


def test_changes_of_amounts_are_hidden_with_the_amounts() -> None:
    rows = [
        history("0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 500.0, "2026-06-30"),
        history("0080X0000000002AAA", "2026-03-03 09:00", "Qualification", 900.0, "2026-06-30"),
    ]
    made = read(Opportunity=DOLLARS, OpportunityHistory=rows)
    assert events(made, "amount_changed") == [("03-03 09:00", "amount_changed", None, None)]


def test_what_is_tracked_is_told_where_the_export_says_so() -> None:
    rows = [
        {
            "Id": "7370X0000000001AAA",
            "TableEnumOrId": "Case",
            "FieldEnumOrId": "Owner",
            "CreatedDate": at("2026-03-02 09:00"),
        }
    ]
    made = read(Opportunity=[opportunity()], FieldHistory=rows)
    assert seen(made, "CaseHistory", "Owner")["complete"] is True


def test_quotes_tell_what_the_customer_said_and_not_what_the_approver_said() -> None:
    def quote(number: int, status: str) -> dict[str, object]:
        return {
            "Id": f"0Q00X000000000{number}AAA",
            "OpportunityId": OPP,
            "Status": status,
            "CreatedDate": at("2026-03-03 09:00"),
            "LastModifiedDate": at("2026-03-05 09:00"),
            "LastModifiedById": ANNA,
            "IsDeleted": False,
        }

    rows = [
        quote(n, status)
        for n, status in enumerate(("Presented", "Accepted", "Denied", "Rejected", "Draft"), 1)
    ]
    made = read(Opportunity=[opportunity()], Quote=rows)
    found = made.events.filter(made.events["activity"].str.starts_with("quote")).sort("quote_id")
    assert found["activity"].to_list() == ["quote_sent", "quote_accepted", "quote_declined"]
    assert "A quote tells its present status" in notes(made)


def test_a_day_that_does_not_exist_in_a_year_is_no_holiday_there() -> None:
    leap = {
        "Id": "0C00X0000000001AAA",
        "Name": "Leap day",
        "IsRecurrence": True,
        "RecurrenceType": "RecursYearly",
        "RecurrenceMonthOfYear": "February",
        "RecurrenceDayOfMonth": 29,
    }
    old = opportunity(CreatedDate=at("2023-01-02 09:00"))
    made = read(Opportunity=[old], Holiday=[leap])
    assert [start.date() for start in made.calendar["starts_at"]] == [day("2024-02-29")]
