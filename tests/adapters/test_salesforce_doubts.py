"""What Salesforce's tables say twice, or not at all, and which word counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crmusage.adapters import salesforce
from crmusage.history import History

from .salesforce_org import ANNA, as_rest, at, case, history, opportunity, user


def read(**tables: list[dict[str, Any]]) -> History:
    return salesforce.read(as_rest(tables)).history()


def only(made: History) -> dict[str, Any]:
    (row,) = made.cases.to_dicts()
    return row


@pytest.mark.parametrize(
    ("stage", "closed", "won", "outcome"),
    [
        ("Closed Won", True, True, "won"),
        # The flags count: somebody renamed the stage, or changed what it means.
        ("Closed Won", True, False, "lost"),
        ("Closed Lost", True, True, "won"),
        ("Closed Won", False, False, None),
        ("Anything", True, False, "lost"),
        ("Closed Won", None, None, "won"),
    ],
)
def test_how_an_opportunity_ended_its_flags_say_before_its_stage(
    stage: str, closed: bool | None, won: bool | None, outcome: str | None
) -> None:
    made = read(Opportunity=[opportunity(StageName=stage, IsClosed=closed, IsWon=won)])
    assert only(made)["outcome"] == outcome


def test_nothing_is_closed_before_it_was_entered() -> None:
    rows = [
        history("0080X0000000001AAA", "2026-02-01 09:00", "Qualification", 1000.0, "2026-06-30"),
        history("0080X0000000002AAA", "2026-02-05 10:00", "Closed Won", 1000.0, "2026-06-30"),
    ]
    deal = opportunity(StageName="Closed Won", IsClosed=True, IsWon=True)
    made = read(Opportunity=[deal], OpportunityHistory=rows)
    assert only(made)["closed_at"] == at("2026-03-02 09:00") == only(made)["created_at"]
    asked = case(Status="Closed", IsClosed=True, ClosedDate=at("2026-03-01 08:00"))
    assert only(read(Case=[asked]))["closed_at"] == at("2026-03-03 08:00")


def test_a_case_that_is_open_again_has_no_closing_time_and_no_outcome() -> None:
    row = only(read(Case=[case(Status="Closed", IsClosed=False, ClosedDate=at("2026-03-05 08:00"))]))
    assert (row["closed_at"], row["outcome"]) == (None, None)


def test_a_case_that_was_merged_was_cancelled_there() -> None:
    merged = case(
        Status="Resolved",
        IsClosed=True,
        ClosedDate=at("2026-03-05 08:00"),
        MasterRecordId="500000000000009AAA",
    )
    assert only(read(Case=[merged]))["outcome"] == "cancelled"


def login(**more: Any) -> dict[str, Any]:
    when = at("2026-03-02 09:00")
    return {"Id": "0Ya1", "UserId": ANNA, "LoginTime": when, "LoginType": "Application", **more}


@pytest.mark.parametrize(
    ("status", "kept"), [("Success", True), (None, True), ("Invalid Password", False), ("Failed", False)]
)
def test_only_logins_that_succeeded_are_sessions(status: str | None, kept: bool) -> None:
    rows = {"LoginHistory": [login(Status=status)], "User": [user(ANNA, "Anna Roux")]}
    assert read(Opportunity=[opportunity()], **rows).sessions.height == kept


def test_sessions_are_told_of_logins_whose_users_did_not_come() -> None:
    made = read(Opportunity=[opportunity()], LoginHistory=[login(Status="Success")])
    assert made.sessions["person_id"].to_list() == [ANNA]


def test_a_holiday_that_recurs_is_told_up_to_its_last_day() -> None:
    row = {
        "Id": "0C1", "Name": "Founders' day", "IsAllDay": True, "IsRecurrence": True, "RecurrenceType": "RecursYearly",
        "RecurrenceMonthOfYear": "March", "RecurrenceDayOfMonth": 10, "RecurrenceStartDate": dt.date(2020, 1, 1),
        "RecurrenceEndDateOnly": dt.date(2027, 3, 9),
    }  # fmt: skip
    made = read(Opportunity=[opportunity()], Holiday=[row])
    days = made.calendar.filter(made.calendar["kind"] == "holiday")["starts_at"].to_list()
    assert [one.date() for one in days] == [dt.date(2026, 3, 10)]
