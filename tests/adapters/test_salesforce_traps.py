"""What Salesforce and its pipelines do that fools who reads their tables for what they seem."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from crmusage.adapters import salesforce
from crmusage.adapters.salesforce import Mapping
from crmusage.errors import ContractError
from crmusage.history import History

from .salesforce_org import (
    ACCOUNT,
    ANNA,
    BEN,
    CASE,
    OLD_ACCOUNT,
    OPEN,
    OPP,
    QUEUE,
    ROBOT,
    as_export,
    as_fivetran,
    as_rest,
    at,
    case,
    changed,
    day,
    history,
    opportunity,
    org,
    user,
)


def read(mapping: Mapping | None = None, **tables: list[dict[str, Any]]) -> History:
    return salesforce.read(as_rest(tables), mapping=mapping).history()


def events(of: History, *activities: str) -> list[tuple[Any, ...]]:
    rows = of.events.sort("at", "seq", nulls_last=True)
    found = rows.filter(rows["activity"].is_in(list(activities))) if activities else rows
    return [(f"{row['at']:%m-%d %H:%M}", row["activity"], row["old"], row["new"]) for row in found.to_dicts()]


def notes(of: History) -> str:
    return "\n".join(note.en for note in of.notes)


def seen(of: History, entity: str, field: str | None = None) -> dict[str, Any]:
    rows = [row for row in of.coverage.to_dicts() if (row["entity"], row["field"]) == (entity, field)]
    assert len(rows) == 1, rows
    return rows[0]


WON = {"StageName": "Closed Won", "IsClosed": True, "IsWon": True}


# ------------------------------------------------------------------ opportunities and their history


def test_the_close_date_is_a_forecast_and_the_closing_is_the_first_closing_row_of_the_history() -> None:
    made = read(**org())
    row = made.cases.filter(made.cases["case_id"] == OPP).to_dicts()[0]
    assert (row["close_date"], row["closed_at"]) == (day("2026-07-31"), at("2026-03-10 16:00"))
    assert events(made, "won") == [("03-10 16:00", "won", None, None)]


def test_edits_after_the_closing_are_not_further_closings_and_a_reopened_deal_closes_when_it_closes_again() -> (
    None
):
    rows = [
        history("0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 1.0, "2026-06-30"),
        history("0080X0000000002AAA", "2026-03-05 09:00", "Closed Lost", 1.0, "2026-06-30"),
        history("0080X0000000003AAA", "2026-03-06 09:00", "Qualification", 1.0, "2026-06-30"),
        history("0080X0000000004AAA", "2026-03-09 09:00", "Closed Won", 1.0, "2026-06-30"),
        history("0080X0000000005AAA", "2026-03-11 09:00", "Closed Won", 2.0, "2026-06-30"),
    ]
    made = read(Opportunity=[opportunity(**WON)], OpportunityHistory=rows)
    assert made.cases["closed_at"].to_list() == [at("2026-03-09 09:00")]
    assert [(when, what) for when, what, *_ in events(made, "won", "lost", "reopened", "amount_changed")] == [
        ("03-05 09:00", "lost"),
        ("03-06 09:00", "reopened"),
        ("03-09 09:00", "won"),
        ("03-11 09:00", "amount_changed"),
    ]


def test_without_a_history_a_closed_deal_has_no_closing_time_rather_than_its_forecast() -> None:
    made = read(Opportunity=[opportunity(**WON)])
    assert made.cases.select("outcome", "closed_at").rows() == [("won", None)]
    assert seen(made, "events", "stage")["complete"] is False
    with_change = read(Opportunity=[opportunity(**WON, LastStageChangeDate=at("2026-04-01 10:00"))])
    assert with_change.cases["closed_at"].to_list() == [at("2026-04-01 10:00")]


def test_a_deal_that_was_closed_when_its_history_begins_was_closed_nobody_knows_when() -> None:
    rows = [history("0080X0000000009AAA", "2026-05-05 09:00", "Closed Won", 1.0, "2026-06-30")]
    made = read(Opportunity=[opportunity(**WON)], OpportunityHistory=rows)
    assert made.cases["closed_at"].to_list() == [None]
    assert events(made, "won") == []


def test_a_deal_that_is_entered_as_won_is_won_at_that_moment() -> None:
    rows = [history("0080X0000000001AAA", "2026-03-02 09:00", "Closed Won", 1.0, "2026-06-30")]
    made = read(Opportunity=[opportunity(**WON)], OpportunityHistory=rows)
    assert made.cases["closed_at"].to_list() == [at("2026-03-02 09:00")]
    assert [what for _, what, *_ in events(made)] == ["created", "won"]


def test_previous_amounts_are_empty_before_winter_21_and_never_make_a_change_by_themselves() -> None:
    rows = [
        history(
            "0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 5.0, "2026-06-30", PrevAmount=None
        ),
        history(
            "0080X0000000002AAA", "2026-03-03 09:00", "Qualification", 7.0, "2026-06-30", PrevAmount=None
        ),
        history("0080X0000000003AAA", "2026-03-04 09:00", "Qualification", 8.0, "2026-06-30", PrevAmount=7.0),
    ]
    made = read(Opportunity=[opportunity()], OpportunityHistory=rows)
    assert events(made, "amount_changed") == [
        ("03-03 09:00", "amount_changed", "5", "7"),
        ("03-04 09:00", "amount_changed", "7", "8"),
    ]


def test_a_slice_that_begins_in_the_middle_takes_the_values_before_from_the_row_itself() -> None:
    before = {"PrevCloseDate": day("2026-06-30"), "PrevAmount": 8.0}
    row = history("0080X0000000007AAA", "2026-04-02 09:00", "Proposal", 9.0, "2026-08-31", **before)
    made = read(Opportunity=[opportunity()], OpportunityHistory=[row])
    assert events(made, "close_date_changed", "amount_changed") == [
        ("04-02 09:00", "amount_changed", "8", "9"),
        ("04-02 09:00", "close_date_changed", "2026-06-30", "2026-08-31"),
    ]
    assert made.index.tie_start is None


def test_rows_of_one_second_stand_in_the_order_of_their_ids() -> None:
    rows = [
        history("0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 1.0, "2026-06-30"),
        history("0080X00000000AAAAA", "2026-03-05 09:00", "Proposal", 1.0, "2026-06-30"),
        history("0080X00000000aAAAA", "2026-03-05 09:00", "Closed Won", 1.0, "2026-06-30"),
    ]
    for order in (rows, rows[::-1]):
        made = read(Opportunity=[opportunity(**WON)], OpportunityHistory=order)
        assert [new for *_, new in events(made, "stage_changed")] == ["Proposal", "Closed Won"]


def test_a_change_of_owner_in_two_rows_by_id_and_by_name_is_one_event() -> None:
    made = read(**org())
    assert events(made, "owner_changed")[1:] == [("03-08 11:00", "owner_changed", ANNA, BEN)]
    assert "came twice, by id and by name" in notes(made)


def test_an_owner_who_is_told_by_name_only_is_found_among_the_users() -> None:
    rows = [
        changed("0170X0000000002AAA", "2026-03-08 11:00", "Owner", "Anna Ash", "Ben Birch", OpportunityId=OPP)
    ]
    people = [user(ANNA, "Anna Ash"), user(BEN, "Ben Birch")]
    made = read(Opportunity=[opportunity()], OpportunityFieldHistory=rows, User=people)
    assert events(made, "owner_changed") == [("03-08 11:00", "owner_changed", ANNA, BEN)]


def test_an_owner_whose_id_is_told_in_fifteen_signs_is_the_user_of_eighteen() -> None:
    long = "0050X000007AbcDQAS"
    rows = [changed("0170X0000000002AAA", "2026-03-08 11:00", "Owner", long[:15], BEN, OpportunityId=OPP)]
    made = read(
        Opportunity=[opportunity()], OpportunityFieldHistory=rows, User=[user(long, "Ash"), user(BEN, "Ben")]
    )
    assert events(made, "owner_changed") == [("03-08 11:00", "owner_changed", long, BEN)]


def test_the_row_that_says_created_is_no_change_of_a_field() -> None:
    rows = [
        changed("0170X0000000001AAA", "2026-03-02 09:00", "created", None, None, OpportunityId=OPP),
        changed(
            "0170X0000000002AAA",
            "2026-03-02 09:00",
            "opportunityCreatedFromLead",
            None,
            None,
            OpportunityId=OPP,
        ),
        changed("0170X0000000003AAA", "2026-03-04 09:00", "NextStep", "call", "visit", OpportunityId=OPP),
    ]
    made = read(Opportunity=[opportunity()], OpportunityFieldHistory=rows)
    assert [(what, old, new) for _, what, old, new in events(made)] == [
        ("created", None, None),
        ("updated", "call", "visit"),
    ]
    assert made.events["field"].drop_nulls().to_list() == ["next_step"]


def test_long_texts_change_without_values_and_are_changes_all_the_same() -> None:
    rows = [changed("0170X0000000003AAA", "2026-03-04 09:00", "Description", None, None, OpportunityId=OPP)]
    made = read(Opportunity=[opportunity()], OpportunityFieldHistory=rows)
    assert events(made, "updated") == [("03-04 09:00", "updated", None, None)]


def test_the_field_history_tells_stages_only_where_the_opportunity_history_did_not_come() -> None:
    rows = [
        changed(
            "0170X0000000003AAA",
            "2026-03-05 10:00",
            "StageName",
            "Qualification",
            "Proposal",
            OpportunityId=OPP,
        )
    ]
    alone = read(Opportunity=[opportunity()], OpportunityFieldHistory=rows)
    assert events(alone, "stage_changed") == [("03-05 10:00", "stage_changed", "Qualification", "Proposal")]
    both = read(**{**org(), "OpportunityFieldHistory": rows})
    assert len([one for one in events(both, "stage_changed") if one[0] == "03-05 10:00"]) == 1


def test_the_archive_of_the_field_history_joins_it_without_counting_twice() -> None:
    row = changed("0170X0000000003AAA", "2026-03-04 09:00", "NextStep", "call", "visit")
    archived = {
        **row,
        "ParentId": OPP,
        "FieldHistoryType": "Opportunity",
        "FieldNameAfterArchival": "NextStep",
    }
    older = {**archived, "Id": "0170X0000000001AAA", "CreatedDate": at("2026-03-03 09:00")}
    made = read(
        Opportunity=[opportunity()],
        OpportunityFieldHistory=[{**row, "OpportunityId": OPP}],
        FieldHistoryArchive=[archived, older],
    )
    assert [when for when, *_ in events(made, "updated")] == ["03-03 09:00", "03-04 09:00"]


def test_field_history_that_only_goes_back_so_far_says_since_when_it_sees() -> None:
    rows = [changed("0170X0000000003AAA", "2026-03-08 09:00", "Owner", ANNA, BEN, OpportunityId=OPP)]
    made = read(Opportunity=[opportunity()], OpportunityFieldHistory=rows)
    assert seen(made, "events", "owner_changed")["seen_from"] == at("2026-03-08 09:00")


# ------------------------------------------------------------------ dates that are not what they seem


@pytest.mark.parametrize("field", ["LastActivityDate", "LastViewedDate", "LastReferencedDate"])
def test_a_date_that_is_a_due_date_or_the_readers_own_view_is_told_and_not_used(field: str) -> None:
    value = at("2026-05-01 09:00") if field != "LastActivityDate" else day("2026-05-01")
    delivery = salesforce.read(as_rest({"Opportunity": [opportunity(**{field: value})]}))
    (use,) = [use for use in delivery.columns if use.column == field]
    assert use.use == "ignored"
    assert use.reason is not None
    assert all(when < "05" for when, *_ in events(delivery.history()))


def test_a_task_counts_when_it_was_completed_and_not_on_its_due_date() -> None:
    made = read(**org())
    assert events(made, "call", "task_due") == [
        ("03-03 14:00", "task_due", None, "2026-03-31"),
        ("03-04 14:00", "call", None, None),
    ]


# ------------------------------------------------------------------ activities


def meeting(id_: str, **fields: Any) -> dict[str, Any]:
    return {**org()["Event"][0], "Id": id_, **fields}


def test_invitations_to_one_meeting_are_one_meeting_and_a_series_is_its_parts() -> None:
    rows = [
        meeting("00U0X0000000001AAA"),
        meeting("00U0X0000000002AAA", IsChild=True, OwnerId=BEN),
        meeting("00U0X0000000003AAA", IsRecurrence=True),
        meeting("00U0X0000000004AAA", IsDeleted=True),
    ]
    made = read(Opportunity=[opportunity(SystemModstamp=at("2026-03-20 09:00"))], Event=rows)
    assert len(events(made, "meeting")) == 1
    for part in ("copies for those who were invited", "stand for a series", "1 activities were deleted"):
        assert part in notes(made)


def test_a_meeting_that_lies_ahead_has_not_happened_and_does_not_move_the_end_of_the_history() -> None:
    made = read(
        Opportunity=[opportunity()],
        Event=[meeting("00U0X0000000001AAA", StartDateTime=at("2027-01-01 09:00"))],
    )
    assert events(made, "meeting") == []
    assert made.as_of.year == 2026
    assert [(aside.reason, aside.count) for aside in made.set_aside] == [("events: planned for later", 1)]


def test_without_archived_rows_activities_of_more_than_a_year_are_not_seen() -> None:
    task = org()["Task"][0]
    plain = read(Opportunity=[opportunity()], Task=[task])
    assert seen(plain, "events", "call")["seen_from"] == at("2026-03-04 14:00") - dt.timedelta(days=365)
    assert "no archived row came" in notes(plain)
    whole = read(
        Opportunity=[opportunity()], Task=[task, {**task, "Id": "00T0X0000000002AAA", "IsArchived": True}]
    )
    assert seen(whole, "events", "call")["seen_from"] is None


def test_an_activity_on_an_account_is_counted_and_is_no_event_of_a_case() -> None:
    made = read(Opportunity=[opportunity()], Task=[{**org()["Task"][0], "WhatId": ACCOUNT}])
    assert events(made, "call") == []
    assert "1 activities stand on no opportunity or case" in notes(made)


# ------------------------------------------------------------------ owners, persons, logins


def test_a_queue_owns_a_case_as_a_queue_and_a_user_as_a_user() -> None:
    groups = [{"Id": QUEUE, "Name": "First line", "Type": "Queue"}]
    made = read(
        Case=[case(), case("5000X0000000002AAA", OwnerId=BEN)], Group=groups, User=[user(BEN, "Ben Birch")]
    )
    assert made.cases.select("owner", "owner_kind", "unit").rows()[0] == (QUEUE, "queue", "First line")
    assert made.cases.select("owner", "owner_kind").rows()[1] == (BEN, "user")


def test_a_login_that_passed_on_is_two_persons_each_with_their_own_deeds() -> None:
    left = user(BEN, "Ben Birch", SystemModstamp=at("2025-01-06 08:00"))
    came = user(BEN, "Cleo Clay", Email="cleo@example.com", SystemModstamp=at("2026-03-10 08:00"))
    tables = {
        "Opportunity": [
            opportunity(CreatedById=BEN, OwnerId=BEN),
            opportunity(OPEN, CreatedById=BEN, OwnerId=BEN, CreatedDate=at("2026-03-12 09:00")),
        ]
    }
    before = salesforce.read(as_rest({**tables, "User": [left]}))
    made = before.plus(salesforce.read(as_rest({**tables, "User": [came]}))).history()
    assert made.cases.select("created_by", "owner").rows() == [(BEN, f"{BEN}/2"), (f"{BEN}/2", f"{BEN}/2")]
    assert made.people.select("person_id", "ends_on").rows() == [(BEN, day("2026-03-10")), (f"{BEN}/2", None)]
    assert "had more than one owner" in notes(made)


def test_somebody_who_only_changed_name_or_mail_stays_one_person() -> None:
    slices = [
        user(BEN, "Ben Birch"),
        user(BEN, "Ben Birch-Ash", SystemModstamp=at("2026-01-01 08:00"), Email="ben@example.com"),
        user(BEN, "Ben Birch-Ash", SystemModstamp=at("2026-02-01 08:00"), Email="ben@example.org"),
    ]
    made = read(Opportunity=[opportunity()], User=slices)
    assert made.people["person_id"].to_list() == [BEN]


def test_two_logins_of_one_employee_are_one_person() -> None:
    people = [user(ANNA, "Anna Ash", EmployeeNumber="17"), user(BEN, "Anna Ash (admin)", EmployeeNumber="17")]
    made = read(Opportunity=[opportunity(CreatedById=BEN)], User=people)
    assert made.people["person_id"].to_list() == [ANNA]
    assert made.cases["created_by"].to_list() == [ANNA]


def test_the_logins_of_integrations_are_not_human_by_kind_by_name_or_by_mapping() -> None:
    people = [
        user(ANNA, "Anna Ash"),
        user(ROBOT, "Platform Integration User"),
        user(BEN, "ERP", Username="erp@example.com"),
        user("0050X0000000005AAA", "Some Process", UserType="AutomatedProcess"),
    ]
    made = read(Mapping(machines=("erp@example.com",)), Opportunity=[opportunity()], User=people)
    human = dict(made.people.select("person_id", "is_human").iter_rows())
    assert [one for one, is_human in human.items() if is_human] == [ANNA]


def test_what_programs_and_processes_did_is_told_apart_from_what_people_did() -> None:
    process = "0050X0000000005AAA"
    rows = [
        changed(
            "0170X0000000001AAA",
            "2026-03-04 09:00",
            "NextStep",
            "a",
            "b",
            OpportunityId=OPP,
            CreatedById=process,
        ),
        changed(
            "0170X0000000002AAA",
            "2026-03-05 09:00",
            "NextStep",
            "b",
            "c",
            OpportunityId=OPP,
            CreatedById=ROBOT,
        ),
        changed("0170X0000000003AAA", "2026-03-06 09:00", "NextStep", "c", "d", OpportunityId=OPP),
        changed("0170X0000000004AAA", "2026-03-07 09:00", "Account", OLD_ACCOUNT, ACCOUNT, OpportunityId=OPP),
    ]
    made = read(
        Opportunity=[opportunity()],
        OpportunityFieldHistory=rows,
        User=[
            user(ANNA, "Anna Ash"),
            user(ROBOT, "Loader", UserType="CloudIntegrationUser"),
            user(process, "Automated Process", UserType="AutomatedProcess"),
        ],
        Account=[{"Id": OLD_ACCOUNT, "MasterRecordId": ACCOUNT, "IsDeleted": True}],
    )
    assert made.events.sort("at")["origin"].to_list() == [None, "automation", "api", None, "merge"]


def test_logins_of_programs_and_failed_ones_are_no_sessions() -> None:
    def login(number: int, way: str, status: str = "Success") -> dict[str, Any]:
        return {
            "Id": f"0Ya0X000000000{number}AAA",
            "UserId": ANNA,
            "LoginTime": at("2026-03-02 08:00"),
            "LoginType": way,
            "Status": status,
            "SourceIp": "192.0.2.1",
        }

    rows = [login(1, "Application"), login(2, "Other Apex API"), login(3, "Application", "Invalid Password")]
    made = read(Opportunity=[opportunity()], LoginHistory=rows, User=[user(ANNA, "Anna Ash")])
    assert made.sessions.height == 1
    assert "2 logins of programs, or that failed" in notes(made)
    assert "192.0.2.1" not in str(made.sessions.to_dicts())


# ------------------------------------------------------------------ merged, deleted, hidden


def test_a_merged_account_stands_for_the_one_that_it_was_merged_into() -> None:
    third = "0010X0000000003AAA"
    chain = [
        {"Id": OLD_ACCOUNT, "MasterRecordId": third, "IsDeleted": True},
        {"Id": third, "MasterRecordId": ACCOUNT, "IsDeleted": True},
    ]
    made = read(Opportunity=[opportunity(AccountId=OLD_ACCOUNT)], Account=chain)
    assert made.cases["account_id"].to_list() == [ACCOUNT]


def test_a_deleted_record_is_marked_whoever_says_so() -> None:
    rows = [opportunity(), opportunity(OPEN, IsDeleted=True), opportunity("0060X0000000003AAA")]
    frame = as_fivetran({"Opportunity": rows})["sf_opportunity_data"]
    gone = frame.with_columns((frame["id"] == "0060X0000000003AAA").alias("_fivetran_deleted"))
    made = salesforce.read({"opportunity": gone}).history()
    assert made.cases["is_deleted"].to_list() == [False, True, True]
    assert seen(made, "cases")["includes_deleted"] is True


def test_a_merged_case_ends_as_cancelled_and_not_as_work_that_was_done() -> None:
    rows = [
        case(
            Status="Closed",
            IsClosed=True,
            ClosedDate=at("2026-03-05 09:00"),
            MasterRecordId="5000X0000000002AAA",
        )
    ]
    assert read(Case=rows).cases.select("outcome", "merged_into").rows() == [
        ("cancelled", "5000X0000000002AAA")
    ]


# ------------------------------------------------------------------ cases


def test_high_priority_is_the_first_rank_and_an_unknown_one_has_none_until_it_is_mapped() -> None:
    rows = [
        case(f"5000X000000000{n}AAA", Priority=word) for n, word in enumerate(("High", "Low", "Urgent"), 1)
    ]
    made = read(Case=rows)
    assert made.cases["priority_rank"].to_list() == [1, 3, None]
    assert "Priorities of cases that have no rank: Urgent" in notes(made)
    mapped = read(Mapping(ranks={"Case": {"Priority": {"Urgent": 1, "High": 2, "Low": 4}}}), Case=rows)
    assert mapped.cases["priority_rank"].to_list() == [2, 4, 1]


def test_a_case_goes_through_the_meanings_of_its_statuses() -> None:
    made = read(**org())
    of_case = made.events.filter(made.events["case_id"] == CASE).sort("at", "seq", nulls_last=True)
    assert of_case["activity"].to_list() == [
        "submitted",
        "started",
        "owner_changed",
        "waiting",
        "started",
        "closed",
    ]
    assert made.cases.filter(made.cases["case_id"] == CASE)["closed_at"].to_list() == [at("2026-03-09 17:00")]


def test_a_reopened_case_and_work_taken_up_after_a_wait_are_told() -> None:
    rows = [
        changed("0170X0000000011AAA", "2026-03-04 09:00", "Status", "New", "On Hold", CaseId=CASE),
        changed("0170X0000000012AAA", "2026-03-05 09:00", "Status", "On Hold", "Escalated", CaseId=CASE),
        changed("0170X0000000013AAA", "2026-03-06 09:00", "Status", "Escalated", "Closed", CaseId=CASE),
        changed("0170X0000000014AAA", "2026-03-07 09:00", "Status", "Closed", "Working", CaseId=CASE),
    ]
    made = read(Case=[case(Status="Working")], CaseHistory=rows)
    assert [what for _, what, *_ in events(made)] == ["submitted", "waiting", "resumed", "closed", "reopened"]


def test_the_owner_of_an_org_says_what_its_statuses_mean() -> None:
    rows = [changed("0170X0000000011AAA", "2026-03-04 09:00", "Status", "New", "Beim Kunden", CaseId=CASE)]
    mapping = Mapping.read('[meanings.Case.Status]\n"Beim Kunden" = "clarification_asked"')
    made = read(mapping, Case=[case(Status="Beim Kunden")], CaseHistory=rows)
    assert [what for _, what, *_ in events(made)] == ["submitted", "clarification_asked"]


# ------------------------------------------------------------------ money, calendars


def rate(code: str, value: float, start: str) -> dict[str, Any]:
    return {"Id": f"04w{code}{start}", "IsoCode": code, "ConversionRate": value, "StartDate": day(start)}


RATES = [rate("USD", 1.25, "2026-01-01"), rate("USD", 1.6, "2026-07-01"), rate("EUR", 1.0, "2026-01-01")]
DOLLARS = [
    opportunity(Amount=1000.0, CurrencyIsoCode="USD", CloseDate=day("2026-06-30")),
    opportunity(OPEN, Amount=1000.0, CurrencyIsoCode="EUR"),
]


def test_amounts_of_several_currencies_are_told_in_one_at_the_rate_of_their_own_day() -> None:
    rows = [
        history("0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 500.0, "2026-06-30"),
        history("0080X0000000002AAA", "2026-08-02 09:00", "Qualification", 1000.0, "2026-06-30"),
    ]
    made = read(Opportunity=DOLLARS, OpportunityHistory=rows, DatedConversionRate=RATES)
    assert made.cases.select("amount", "currency", "amount_entered", "currency_entered").rows() == [
        (800.0, "EUR", 1000.0, "USD"),
        (1000.0, "EUR", 1000.0, "EUR"),
    ]
    assert [(float(old), float(new)) for *_, old, new in events(made, "amount_changed")] == [(400.0, 800.0)]


def test_without_rates_several_currencies_give_no_amounts_rather_than_mixed_ones() -> None:
    made = read(Opportunity=DOLLARS)
    assert made.cases["amount"].to_list() == [None, None]
    assert "no rates to bring them together: no amount is told" in notes(made)


def test_an_amount_whose_currency_has_no_rate_is_left_out_and_counted() -> None:
    strange = opportunity("0060X0000000003AAA", Amount=5.0, CurrencyIsoCode="XTS")
    made = read(Opportunity=[*DOLLARS, strange], DatedConversionRate=RATES)
    assert made.cases["amount"].to_list() == [800.0, 1000.0, None]
    assert ("cases: currency without a rate", 1) in [(one.reason, one.count) for one in made.set_aside]


def test_a_fiscal_year_that_is_not_the_calendars_comes_from_the_table_of_periods() -> None:
    period = {
        "Id": "0260X0000000001AAA",
        "Type": "Quarter",
        "StartDate": day("2026-02-01"),
        "EndDate": day("2026-04-30"),
        "FullyQualifiedLabel": "FY26 Q1",
    }
    made = read(Opportunity=[opportunity()], Period=[period])
    assert made.calendar.select("kind", "starts_at", "ends_at", "label").rows() == [
        ("fiscal_quarter", at("2026-02-01 00:00"), at("2026-05-01 00:00"), "FY26 Q1")
    ]


def test_a_holiday_that_recurs_is_told_in_each_year_that_is_seen() -> None:
    fixed = {
        "Id": "0C00X0000000001AAA",
        "Name": "Bastille Day",
        "IsRecurrence": True,
        "RecurrenceType": "RecursYearly",
        "RecurrenceMonthOfYear": "July",
        "RecurrenceDayOfMonth": 14,
        "RecurrenceStartDate": day("2020-07-14"),
        "IsAllDay": True,
    }
    moving = {**fixed, "Id": "0C00X0000000002AAA", "RecurrenceType": "RecursYearlyNth"}
    made = read(Opportunity=[opportunity()], Holiday=[fixed, moving])
    assert [start.date() for start in made.calendar["starts_at"]] == [day("2026-07-14"), day("2027-07-14")]
    assert "1 holidays recur in a way that is not read" in notes(made)


# ------------------------------------------------------------------ dialects


def test_airbyte_turns_texts_such_as_na_into_nothing_and_the_reader_is_told() -> None:
    row = {"_airbyte_raw_id": "1", **as_rest({"Opportunity": [opportunity()]})["Opportunity"][0]}
    row.pop("attributes")
    made = salesforce.read({"Opportunity": [row]}).history()
    assert "preserve_na_values" in notes(made)


def test_dlt_brings_no_histories_and_detectors_that_need_them_stay_silent() -> None:
    from crmusage.detectors import Needs

    rows = [{"_dlt_id": "1", "id": OPP, "stage_name": "Proposal", "created_date": "2026-03-02T09:00:00Z"}]
    made = salesforce.read({"opportunity": rows}).history()
    for name in ("OpportunityHistory", "Case", "LoginHistory", "Quote"):
        assert seen(made, name)["complete"] is False
    missing = Needs({"cases": ("stage",)}, complete=("events.stage",)).missing(made)
    assert missing is not None
    assert "events.stage is not seen as a whole" in missing.en


def test_the_data_export_service_writes_no_zone_and_the_reader_has_to_name_it(tmp_path: Path) -> None:
    folder = as_export(tmp_path, org())
    with pytest.raises(ContractError, match="without a zone"):
        salesforce.read(folder).history()
    made = salesforce.read(folder, zone="America/New_York").history()
    assert made.cases.filter(made.cases["case_id"] == OPP)["created_at"].to_list() == [at("2026-03-02 14:00")]


def test_an_id_of_zeros_is_no_id(tmp_path: Path) -> None:
    made = salesforce.read(as_export(tmp_path, org()), zone="UTC").history()
    assert "000000000000000AAA" not in str([made.cases.to_dicts(), made.people.to_dicts()])


def test_an_answer_with_further_pages_is_not_the_whole_table() -> None:
    page = {
        "totalSize": 2,
        "done": False,
        "nextRecordsUrl": "/next",
        "records": as_rest({"O": [opportunity()]})["O"],
    }
    made = salesforce.read({"Opportunity": page}).history()
    assert seen(made, "cases")["complete"] is False
    assert "there is more of it than came" in notes(made)


def test_a_connector_that_calls_the_states_of_opportunities_their_history_is_not_taken_for_salesforces_own() -> (
    None
):
    def state(start: str, **fields: Any) -> dict[str, Any]:
        end = "9999-12-31 23:59:59"
        return {"_fivetran_start": start, "_fivetran_end": end, "_fivetran_active": True, **fields}

    plain = {
        "id": OPP,
        "name": "x",
        "created_date": "2026-03-02 09:00:00",
        "is_won": False,
        "is_closed": False,
    }
    rows = [
        state(
            "2026-03-02 09:00:00", **plain, stage_name="Qualification", owner_id=ANNA, close_date="2026-06-30"
        ),
        state("2026-03-06 10:00:00", **plain, stage_name="Proposal", owner_id=BEN, close_date="2026-06-30"),
        state(
            "2026-03-09 10:00:00",
            **{**plain, "is_won": True, "is_closed": True},
            stage_name="Closed Won",
            owner_id=BEN,
            close_date="2026-03-09",
        ),
    ]
    delivery = salesforce.read({"opportunity_history": rows})
    assert list(delivery.tables) == ["Opportunity"]
    made = delivery.history()
    assert [(when, what) for when, what, *_ in events(made)] == [
        ("03-02 09:00", "created"),
        ("03-06 10:00", "stage_changed"),
        ("03-06 10:00", "owner_changed"),
        ("03-09 10:00", "stage_changed"),
        ("03-09 10:00", "close_date_changed"),
        ("03-09 10:00", "won"),
    ]
    assert made.cases.select("stage", "owner", "outcome", "closed_at").rows() == [
        ("Closed Won", BEN, "won", at("2026-03-09 10:00"))
    ]
    assert made.set_aside == ()


def test_a_connector_that_changed_its_spelling_on_the_way_fills_both_columns() -> None:
    rows = [
        {
            "_fivetran_synced": "2026-03-21 00:00:00",
            "id": OPP,
            "createdDate": "2026-03-02 09:00:00",
            "created_date": None,
        },
        {
            "_fivetran_synced": "2026-03-21 00:00:00",
            "id": OPEN,
            "createdDate": None,
            "created_date": "2026-03-03 09:00:00",
        },
    ]
    made = salesforce.read({"opportunity": rows}).history()
    assert made.cases["created_at"].to_list() == [at("2026-03-02 09:00"), at("2026-03-03 09:00")]


def test_daily_rows_that_a_warehouse_made_are_not_taken_for_states() -> None:
    rows = [
        {
            "_fivetran_synced": "2026-03-21",
            "opportunity_id": OPP,
            "date_day": "2026-03-02",
            "stage_name": "Proposal",
        }
    ]
    delivery = salesforce.read(
        {**as_fivetran({"Opportunity": [opportunity()]}), "opportunity_daily_history": rows}
    )
    assert {use.use for use in delivery.columns if use.table == "opportunity_daily_history"} == {"ignored"}
    assert [what for _, what, *_ in events(delivery.history())] == ["created"]


def test_a_table_that_did_not_come_is_not_an_empty_one() -> None:
    empty = read(Opportunity=[opportunity()], Task=[], Event=[])
    assert seen(empty, "events", "call")["complete"] is None
    without = read(Opportunity=[opportunity()])
    assert seen(without, "events", "call")["complete"] is False
    assert seen(without, "people")["complete"] is False
