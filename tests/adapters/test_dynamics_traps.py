from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from crmusage.adapters import dynamics
from crmusage.history import History

from .dynamics_company import (
    ACCOUNT,
    ANN,
    APP,
    ASK,
    BOB,
    DEAL,
    DOLLAR,
    EURO,
    NORTH,
    SOUTH,
    UNITS,
    ZEROS,
    Row,
    ask,
    change,
    deal,
    packed,
    users,
    web_api,
)

OTHER = "a0000000-0000-4000-8000-000000000002"


def history(
    zone: str | None = None, mapping: Any = None, currency: str | None = None, **tables: list[Row]
) -> History:
    return delivery(zone, mapping, currency, **tables).history()


def delivery(
    zone: str | None = None, mapping: Any = None, currency: str | None = None, **tables: list[Row]
) -> dynamics.Delivery:
    return dynamics.read(tables, dialect="webapi", zone=zone, mapping=mapping, currency=currency)


def the_case(made: History) -> dict[str, Any]:
    (row,) = made.cases.to_dicts()
    return row


def told(made: History, *activities: str) -> list[dict[str, Any]]:
    return made.events.filter(pl.col("activity").is_in(list(activities))).to_dicts()


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def covered(made: History) -> dict[tuple[str, str | None], bool | None]:
    return {(row["entity"], row["field"]): row["complete"] for row in made.coverage.to_dicts()}


@pytest.mark.parametrize(("code", "rank"), [(1, 1), (2, 2), (3, 3)])
def test_a_request_of_priority_code_1_is_high_and_ranks_first(code: int, rank: int) -> None:
    assert the_case(history(incident=[ask(prioritycode=code)]))["priority_rank"] == rank


def test_a_raised_priority_is_a_change_to_a_smaller_rank() -> None:
    made = history(
        incident=[ask()],
        audit=[
            change(
                "2026-03-03T09:00:00Z", {"prioritycode": ("3", "1")}, objecttypecode="incident", objectid=ASK
            )
        ],
    )
    (event,) = told(made, "priority_changed")
    assert (event["old"], event["new"]) == ("3", "1")


def test_inverted_booleans_say_yes_for_a_stored_zero_under_another_name() -> None:
    made = history(opportunity=[deal(pursuitdecision=0, evaluatefit=1, resolvefeedback="0")])
    case = the_case(made)
    assert case["pursuit_decided"] is True
    assert case["fit_evaluated"] is False
    assert case["feedback_resolved"] is True
    assert "pursuitdecision" not in case
    assert any("pursuitdecision" in note.en for note in made.notes)


def test_a_cascade_from_an_account_that_was_given_away_is_no_work_of_people() -> None:
    owner = {"ownerid": (f"systemuser,{ANN}", f"systemuser,{BOB}")}
    made = history(
        opportunity=[deal(), deal(opportunityid=OTHER)],
        audit=[
            change("2026-03-10T09:00:00Z", owner, action=13, objecttypecode="account", objectid=ACCOUNT),
            change("2026-03-10T09:00:01Z", owner, action=11),
            change("2026-03-10T09:00:01Z", owner, action=13, objectid=OTHER),
            change("2026-03-12T09:00:00Z", owner, action=13),
        ],
    )
    origins = {(row["case_id"], row["at"].day): row["origin"] for row in told(made, "owner_changed")}
    assert origins == {(DEAL, 10): "cascade", (OTHER, 10): "cascade", (DEAL, 12): "unknown"}


def test_a_deal_that_is_given_away_by_hand_is_no_cascade_though_its_tasks_follow() -> None:
    owner = {"ownerid": (f"systemuser,{ANN}", f"systemuser,{BOB}")}
    made = history(
        opportunity=[deal()],
        audit=[
            change("2026-03-10T09:00:00Z", owner, action=13),
            change("2026-03-10T09:00:00Z", owner, action=11, objecttypecode="task", objectid=OTHER),
        ],
    )
    assert [row["origin"] for row in told(made, "owner_changed")] == ["unknown"]


def test_a_transaction_of_zeros_does_not_put_strangers_into_one_act() -> None:
    owner = {"ownerid": (f"systemuser,{ANN}", f"systemuser,{BOB}")}
    rows = [
        change(
            "2026-03-10T09:00:00Z", owner, action=13, objecttypecode="account", objectid=ACCOUNT, userid=BOB
        ),
        change("2026-03-10T09:00:00Z", owner, action=13),
    ]
    assert {row["transactionid"] for row in rows} == {ZEROS}
    made = history(opportunity=[deal()], audit=rows)
    assert [row["origin"] for row in told(made, "owner_changed")] == ["unknown"]


def test_a_shared_transaction_tells_a_cascade_whatever_the_time_between() -> None:
    owner = {"ownerid": (f"systemuser,{ANN}", f"systemuser,{BOB}")}
    one = "d0000000-0000-4000-8000-000000000001"
    made = history(
        opportunity=[deal()],
        audit=[
            change(
                "2026-03-10T09:00:00Z",
                owner,
                action=13,
                objecttypecode="account",
                objectid=ACCOUNT,
                transactionid=one,
            ),
            change("2026-03-10T09:05:00Z", owner, action=13, transactionid=one),
        ],
    )
    assert [row["origin"] for row in told(made, "owner_changed")] == ["cascade"]


def test_an_application_user_is_not_human_and_what_it_does_came_through_an_interface() -> None:
    made = history(
        opportunity=[deal(createdby=APP)],
        systemuser=users(),
        audit=[change("2026-03-10T09:00:00Z", {"closeprobability": ("10", "20")}, userid=APP)],
    )
    human = dict(made.people.select("person_id", "is_human").iter_rows())
    assert human == {ANN: True, BOB: True, APP: False}
    assert {row["origin"] for row in told(made, "created", "updated")} == {"api"}


def test_details_without_who_and_when_are_set_aside_and_not_dated() -> None:
    details = [{"OldValue": {"stepname": "1-Qualify"}, "NewValue": {"stepname": "2-Develop"}}]
    made = history(opportunity=[deal()], audit=details)
    assert not told(made, "stage_changed")
    assert any(
        entry.table == "audit" and "no time" in entry.reason and entry.count == 1 for entry in made.set_aside
    )


def test_details_with_their_audit_record_are_read_from_nested_values() -> None:
    record = change("2026-03-10T09:00:00Z")
    detail = {
        "AuditRecord": {**{k: v for k, v in record.items() if k not in {"objectid", "userid"}}, "_objectid_value": DEAL, "_userid_value": ANN},
        "OldValue": {"@odata.type": "#Microsoft.Dynamics.CRM.opportunity"},
        "NewValue": {
            "@odata.type": "#Microsoft.Dynamics.CRM.opportunity",
            "_ownerid_value": BOB,
            "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "systemuser",
            "_ownerid_value@OData.Community.Display.V1.FormattedValue": "Bob",
        },
    }  # fmt: skip
    (event,) = told(history(opportunity=[deal()], audit=[detail]), "owner_changed")
    # A column that is missing in OldValue was empty.
    assert (event["old"], event["new"], event["actor"]) == (None, BOB, ANN)


def test_actions_105_to_110_tell_since_when_auditing_was_on() -> None:
    nobody = {"objectid": ZEROS, "operation": 4}
    made = history(
        opportunity=[deal()],
        audit=[
            change("2026-03-01T08:00:00Z", action=105, **nobody),
            change("2026-03-05T09:00:00Z", {"stepname": ("1-Qualify", "2-Develop")}),
            change("2026-03-08T08:00:00Z", action=108, **nobody),
            change("2026-03-09T08:00:00Z", action=105, **nobody),
            change("2026-03-10T09:00:00Z", {"stepname": ("2-Develop", "3-Propose")}),
        ],
    )
    row = made.coverage.filter(
        (pl.col("entity") == "events") & (pl.col("field") == "owner_changed")
    ).to_dicts()[0]
    assert row["seen_from"] == utc("2026-03-09T08:00:00+00:00")
    assert row["complete"] is True
    assert any("auditing was stopped: 1" in note.en for note in made.notes)
    assert len(told(made, "stage_changed")) == 2


def test_formatted_values_are_never_parsed() -> None:
    rows = web_api([deal(statecode=0)], annotated=True)
    rows[0]["statecode@OData.Community.Display.V1.FormattedValue"] = "Gagnée"
    rows[0]["createdon@OData.Community.Display.V1.FormattedValue"] = "31/12/1999 23:59"
    read = delivery(opportunity=rows)
    case = the_case(read.history())
    assert case["outcome"] is None
    assert case["created_at"] == utc("2026-03-02T09:00:00+00:00")
    shown = [one for one in read.columns if one.column.endswith("FormattedValue")]
    assert shown
    assert {one.use for one in shown} == {"ignored"}


def test_a_lookup_with_its_logical_name_tells_a_team_from_a_user() -> None:
    rows = web_api([deal(ownerid=SOUTH)], annotated=True, kinds={"ownerid": "team"})
    assert the_case(history(opportunity=rows))["owner_kind"] == "team"


def test_without_annotations_the_tables_of_owners_tell_what_an_owner_is() -> None:
    rows = web_api([deal(ownerid=SOUTH), deal(opportunityid=OTHER)])
    made = history(
        opportunity=rows,
        systemuser=users(),
        team=[{"teamid": SOUTH, "name": "Key accounts", "businessunitid": SOUTH}],
    )
    assert dict(made.cases.select("case_id", "owner_kind").iter_rows()) == {DEAL: "team", OTHER: "user"}


def test_an_id_of_zeros_names_nobody() -> None:
    assert the_case(history(opportunity=[deal(ownerid=ZEROS)]))["owner"] is None


def test_a_merged_request_ends_by_a_merge_and_says_where_it_goes_on() -> None:
    made = history(
        incident=[ask(statecode=2, statuscode=2000, masterid=OTHER)],
        audit=[
            change(
                "2026-03-05T09:00:00Z", {"statecode": ("0", "2"), "statuscode": ("1", "2000")}, action=12,
                objecttypecode="incident", objectid=ASK,
            )
        ],
    )  # fmt: skip
    case = the_case(made)
    assert (case["outcome"], case["merged_into"]) == ("cancelled", OTHER)
    assert [row["origin"] for row in told(made, "closed")] == ["merge"]


def test_what_was_migrated_was_entered_when_it_came_over_and_by_no_one() -> None:
    made = history(
        opportunity=[deal(createdon="2019-01-01T00:00:00Z", overriddencreatedon="2026-01-15T08:00:00Z")],
        incident=[ask(createdon="2019-01-01T00:00:00Z", overriddencreatedon="2026-01-15T08:00:00Z")],
    )
    assert not told(made, "submitted")
    for event in told(made, "created"):
        assert event["origin"] == "import"
        assert event["recorded_at"] == utc("2026-01-15T08:00:00+00:00")
    assert len(told(made, "created")) == 2


def test_a_date_only_column_stays_its_day_though_midnight_in_utc_is_the_evening_before() -> None:
    made = history(zone="America/Montreal", opportunity=[deal(estimatedclosedate="2026-06-30T00:00:00Z")])
    assert the_case(made)["close_date"] == dt.date(2026, 6, 30)


def test_a_time_zone_independent_column_is_a_wall_clock_though_it_ends_in_z() -> None:
    mapping = dynamics.Mapping.read(
        'zone = "Europe/Paris"\nwall_clocks = ["incident.new_promisedat"]\n[fields.incident]\ndue_at = "new_promisedat"\n'
    )
    made = history(mapping=mapping, incident=[ask(new_promisedat="2026-07-01T17:00:00Z")])
    assert the_case(made)["due_at"] == utc("2026-07-01T15:00:00+00:00")


def test_the_closing_is_when_the_closing_activity_was_made_not_the_day_that_was_entered() -> None:
    made = history(
        opportunity=[deal(statecode=1, statuscode=3, actualclosedate="2026-03-01")],
        opportunityclose=[
            {"activityid": "x", "opportunityid": DEAL, "createdon": "2026-03-20T10:00:00Z", "createdby": ANN,
             "actualend": "2026-03-01T00:00:00Z", "opportunitystatuscode": 3}
        ],
    )  # fmt: skip
    assert the_case(made)["closed_at"] == utc("2026-03-20T10:00:00+00:00")
    assert [row["actor"] for row in told(made, "won")] == [ANN]


def test_a_closing_that_three_sources_tell_is_one_closing() -> None:
    made = history(
        opportunity=[deal(statecode=2, statuscode=5)],
        opportunityclose=[{"activityid": "x", "opportunityid": DEAL, "createdon": "2026-03-20T10:00:01Z", "createdby": ANN, "opportunitystatuscode": 5}],
        audit=[
            change("2026-03-20T10:00:00Z", {"statecode": ("0", "2"), "statuscode": ("1", "5")}),
            change("2026-03-20T10:00:02Z", action=45),
        ],
    )  # fmt: skip
    assert len(told(made, "lost")) == 1


def test_a_closing_day_alone_ends_the_case_on_that_day_and_not_before_its_creation() -> None:
    made = history(
        zone="Europe/Paris",
        opportunity=[
            deal(statecode=1, statuscode=3, createdon="2026-03-20T09:00:00Z", actualclosedate="2026-03-20", modifiedon="2026-03-20T10:00:00Z")
        ],
    )  # fmt: skip
    assert the_case(made)["closed_at"] == utc("2026-03-20T10:00:00+00:00")
    assert not [entry for entry in made.set_aside if "closed before created" in entry.reason]
    assert any("only the day is known" in note.en for note in made.notes)


def test_a_deal_that_is_open_again_is_not_closed_by_its_old_closing() -> None:
    made = history(
        opportunity=[deal(modifiedon="2026-04-01T10:00:00Z")],
        opportunityclose=[
            {
                "activityid": "x",
                "opportunityid": DEAL,
                "createdon": "2026-03-20T10:00:00Z",
                "opportunitystatuscode": 5,
            }
        ],
    )
    case = the_case(made)
    assert (case["closed_at"], case["outcome"]) == (None, None)
    assert [row["activity"] for row in told(made, "lost", "reopened")] == ["lost", "reopened"]


def test_waiting_and_asking_are_told_by_the_status_reason_and_end_when_it_is_left() -> None:
    def status(at: str, old: str, new: str) -> Row:
        return change(at, {"statuscode": (old, new)}, objecttypecode="incident", objectid=ASK)

    made = history(
        incident=[ask()],
        audit=[
            status("2026-03-03T01:00:00Z", "1", "2"), status("2026-03-03T02:00:00Z", "2", "1"),
            status("2026-03-03T03:00:00Z", "1", "3"), status("2026-03-03T04:00:00Z", "3", "1"),
            status("2026-03-03T05:00:00Z", "1", "4"), status("2026-03-03T06:00:00Z", "4", "1"),
        ],
    )  # fmt: skip
    assert made.events["activity"].to_list() == [
        "submitted", "waiting", "resumed", "clarification_asked", "clarified", "started", "updated",
    ]  # fmt: skip


def test_a_status_reason_of_ones_own_means_what_the_mapping_says() -> None:
    mapping = dynamics.Mapping.read('[meanings.incident.statuscode]\n100000001 = "waiting"\n')
    audit = [
        change(
            "2026-03-03T01:00:00Z",
            {"statuscode": ("1", "100000001")},
            objecttypecode="incident",
            objectid=ASK,
        ),
        change(
            "2026-03-03T02:00:00Z",
            {"statuscode": ("100000001", "1")},
            objecttypecode="incident",
            objectid=ASK,
        ),
    ]
    made = history(mapping=mapping, incident=[ask()], audit=audit)
    assert made.events["activity"].to_list() == ["submitted", "waiting", "resumed"]


def test_the_stage_comes_from_the_flow_and_not_from_the_deprecated_stageid() -> None:
    first, second = (f"f0000000-0000-4000-8000-00000000000{n}" for n in "12")
    made = history(
        opportunity=[deal(stageid=first)],
        opportunitysalesprocess=[
            {"businessprocessflowinstanceid": "f1", "opportunityid": DEAL, "activestageid": second, "statecode": 0,
             "activestagestartedon": "2026-03-10T09:00:00Z", "traversedpath": f"{first},{second}"}
        ],
        processstage=[{"processstageid": first, "stagename": "Qualify"}, {"processstageid": second, "stagename": "Develop"}],
    )  # fmt: skip
    assert the_case(made)["stage"] == "Develop"
    (event,) = told(made, "stage_changed")
    assert (event["old"], event["new"], event["at"]) == (
        "Qualify",
        "Develop",
        utc("2026-03-10T09:00:00+00:00"),
    )
    assert covered(made)["events", "stage"] is False
    order = made.vocabulary.filter(pl.col("field") == "stage").sort("order")["raw"].to_list()
    assert order == ["Qualify", "Develop"]


def test_a_log_of_the_flow_tells_every_step() -> None:
    first, second = (f"f0000000-0000-4000-8000-00000000000{n}" for n in "12")
    flow = "f1000000-0000-4000-8000-000000000001"
    made = history(
        opportunity=[deal()],
        opportunitysalesprocess=[
            {"businessprocessflowinstanceid": flow, "opportunityid": DEAL, "activestageid": first, "statecode": 0,
             "activestagestartedon": "2026-03-12T09:00:00Z", "traversedpath": f"{first},{second},{first}"}
        ],
        audit=[
            change("2026-03-10T09:00:00Z", {"activestageid": (f"processstage,{first}", f"processstage,{second}")},
                   objecttypecode="opportunitysalesprocess", objectid=flow),
            change("2026-03-12T09:00:00Z", {"activestageid": (f"processstage,{second}", f"processstage,{first}")},
                   objecttypecode="opportunitysalesprocess", objectid=flow),
        ],
    )  # fmt: skip
    assert [(row["old"], row["new"]) for row in told(made, "stage_changed")] == [
        (first, second),
        (second, first),
    ]
    assert covered(made)["events", "stage"] is True


def test_amounts_of_several_currencies_are_in_the_base_currency() -> None:
    money = [
        {"transactioncurrencyid": EURO, "isocurrencycode": "EUR", "exchangerate": 1.0},
        {"transactioncurrencyid": DOLLAR, "isocurrencycode": "USD", "exchangerate": 1.25},
    ]
    made = history(
        opportunity=[
            deal(transactioncurrencyid=EURO, estimatedvalue=1000.0, estimatedvalue_base=1000.0, exchangerate=1.0),
            deal(opportunityid=OTHER, transactioncurrencyid=DOLLAR, estimatedvalue=1000.0, estimatedvalue_base=900.0, exchangerate=1.1),
        ],
        transactioncurrency=money,
        audit=[change("2026-03-10T09:00:00Z", {"estimatedvalue": ("500", "1000"), "estimatedvalue_base": ("450", "900")}, objectid=OTHER)],
    )  # fmt: skip
    assert made.cases.select("case_id", "amount", "currency").rows() == [
        (DEAL, 1000.0, "EUR"),
        (OTHER, 900.0, "EUR"),
    ]
    (event,) = told(made, "amount_changed")
    assert (event["old"], event["new"]) == ("450", "900")


def test_amounts_of_several_currencies_without_rates_are_left_out_and_not_mixed() -> None:
    made = history(
        opportunity=[
            deal(transactioncurrencyid=EURO, estimatedvalue=1000.0),
            deal(opportunityid=OTHER, transactioncurrencyid=DOLLAR, estimatedvalue=1000.0),
        ]
    )
    assert made.cases["amount"].null_count() == 2
    assert any("several currencies" in note.en for note in made.notes)


def test_a_rate_that_drifts_is_no_change_of_an_amount() -> None:
    audit = [
        change("2026-03-09T09:00:00Z", {"estimatedvalue": ("500", "1000")}),
        change(
            "2026-03-10T09:00:00Z", {"estimatedvalue_base": ("900", "880"), "exchangerate": ("1.1", "1.2")}
        ),
    ]
    assert len(told(history(opportunity=[deal()], audit=audit), "amount_changed")) == 1


def test_logins_are_sessions_and_only_where_access_is_audited() -> None:
    access = {"objecttypecode": "systemuser", "objectid": ANN, "operation": 4}
    made = history(
        opportunity=[deal()],
        audit=[
            change("2026-03-10T09:00:00Z", action=64, **access),
            change("2026-03-10T11:00:00Z", action=65, **access),
        ],
    )
    assert made.sessions.select("person_id", "client").rows() == [(ANN, "web"), (ANN, "web services")]
    assert covered(made)["sessions", None] is True
    assert covered(history(opportunity=[deal()]))["sessions", None] is False


def test_an_account_that_was_handed_on_is_two_persons() -> None:
    made = history(
        opportunity=[deal(createdby=BOB), deal(opportunityid=OTHER, createdby=BOB, createdon="2026-03-18T09:00:00Z")],
        systemuser=users(azureactivedirectoryobjectid="second", createdon="2020-01-01T00:00:00Z", modifiedon="2026-03-15T08:00:00Z"),
        audit=[
            change("2026-03-15T08:00:00Z", {"azureactivedirectoryobjectid": ("first", "second")}, objecttypecode="systemuser", objectid=BOB)
        ],
    )  # fmt: skip
    first, second = made.cases.sort("created_at")["created_by"].to_list()
    assert first == BOB
    assert second not in {BOB, None}
    assert {first, second} <= set(made.people["person_id"].to_list())


def test_what_was_not_delivered_is_told_apart_from_what_is_empty() -> None:
    without = covered(history(opportunity=[deal()]))
    assert without["events", None] is False
    assert without["events", "call"] is False
    empty = pl.DataFrame(
        {"activityid": [], "regardingobjectid": [], "statecode": []}, schema_overrides={"statecode": pl.Int64}
    )
    read = dynamics.read({"opportunity": [deal()], "phonecall": empty}, dialect="webapi")
    assert covered(read.history())["events", "call"] is True


def test_a_page_with_more_behind_it_is_not_called_complete() -> None:
    read = dynamics.read(
        {"opportunities": {"value": [deal()], "@odata.nextLink": "https://example.test/next"}}
    )
    assert covered(read.history())["cases", None] is False


def test_calls_that_were_only_planned_did_not_take_place() -> None:
    def call(number: int, state: int) -> Row:
        return {"activityid": f"c{number}", "regardingobjectid": DEAL, "statecode": state, "statuscode": 2, "createdon": "2026-03-04T09:00:00Z",
                "actualend": "2026-03-04T09:30:00Z", "ownerid": ANN}  # fmt: skip

    made = history(opportunity=[deal()], phonecall=[call(1, 1), call(2, 0), call(3, 2)])
    assert len(told(made, "call")) == 1
    assert [entry.count for entry in made.set_aside if entry.table == "phonecall"] == [2]


def test_a_draft_is_no_message_and_a_task_gives_the_day_it_is_due() -> None:
    def about(number: int, **more: Any) -> Row:
        return {
            "activityid": f"m{number}",
            "regardingobjectid": DEAL,
            "createdon": "2026-03-04T09:00:00Z",
            "createdby": ANN,
        } | more

    made = history(
        opportunity=[deal()],
        email=[about(1, statecode=1, statuscode=3), about(2, statecode=0, statuscode=1)],
        task=[about(3, statecode=0, statuscode=2, scheduledend="2026-05-01T12:00:00Z")],
    )
    assert len(told(made, "email")) == 1
    (due,) = told(made, "task_due")
    assert due["at"] == utc("2026-03-04T09:00:00+00:00")
    assert due["new"].startswith("2026-05-01")


def test_the_quote_that_was_lost_is_declined_and_the_revised_one_is_not() -> None:
    def quote(number: int, state: int, status: int) -> Row:
        return {"quoteid": f"q{number}", "opportunityid": DEAL, "statecode": state, "statuscode": status,
                "createdon": "2026-03-04T09:00:00Z", "modifiedon": "2026-03-08T09:00:00Z", "closedon": "2026-03-07"}  # fmt: skip

    made = history(
        opportunity=[deal()], quote=[quote(1, 2, 4), quote(2, 3, 5), quote(3, 3, 7), quote(4, 1, 3)]
    )
    found = {
        row["quote_id"]: row["activity"]
        for row in told(made, "quote_accepted", "quote_declined", "quote_sent", "quote_revised")
    }
    assert found == {
        "q1": "quote_accepted",
        "q2": "quote_declined",
        "q3": "quote_revised",
        "q4": "quote_sent",
    }


def test_units_are_called_by_name_and_two_of_one_name_by_their_ids() -> None:
    made = history(opportunity=[deal()], businessunit=[dict(one) for one in UNITS])
    assert the_case(made)["unit"] == "North"
    twice = [{"businessunitid": NORTH, "name": "Sales"}, {"businessunitid": SOUTH, "name": "Sales"}]
    assert the_case(history(opportunity=[deal()], businessunit=twice))["unit"] == NORTH


def test_changedata_that_is_no_json_is_counted_and_the_rest_is_read() -> None:
    good = change("2026-03-10T09:00:00Z", {"stepname": ("1-Qualify", "2-Develop")})
    bad = [
        change(f"2026-03-11T09:0{place}:00Z") | {"changedata": text}
        for place, text in enumerate(("{broken", "[1]", "null", '{"changedAttributes": 3}'))
    ]
    number = change("2026-03-12T09:00:00Z") | {"changedata": packed({"closeprobability": (10, 20)})}
    made = history(opportunity=[deal()], audit=[good, *bad, number])
    assert len(told(made, "stage_changed")) == 1
    assert [(row["old"], row["new"]) for row in told(made, "updated")] == [("10", "20")]
    assert [entry.count for entry in made.set_aside if "changedata" in entry.reason] == [4]


def test_a_deleted_deal_that_only_the_log_knows_is_there_and_marked() -> None:
    made = history(
        opportunity=[deal()],
        audit=[
            change("2026-03-01T09:00:00Z", action=1, operation=1, objectid=OTHER),
            change("2026-03-04T09:00:00Z", action=3, operation=3, objectid=OTHER),
        ],
    )
    assert dict(made.cases.select("case_id", "is_deleted").iter_rows()) == {DEAL: False, OTHER: True}


def test_fiscal_quarters_begin_where_the_organisation_says() -> None:
    made = history(
        opportunity=[deal()],
        organization=[{"organizationid": "o", "fiscalcalendarstart": "2020-02-01T00:00:00Z", "fiscalperiodtype": 2002}],
        calendarrule=[
            {"calendarruleid": "1", "name": "Labour Day", "effectiveintervalstart": "2026-05-01T00:00:00Z", "effectiveintervalend": "2026-05-02T00:00:00Z"},
            {"calendarruleid": "2", "name": None, "effectiveintervalstart": "2026-05-01T00:00:00Z"},
        ],
    )  # fmt: skip
    kinds = made.calendar.sort("starts_at").select("kind", pl.col("starts_at").dt.date()).rows()
    assert kinds == [("fiscal_quarter", dt.date(2026, 2, 1)), ("holiday", dt.date(2026, 5, 1))]


def test_a_custom_table_is_cases_by_the_mapping() -> None:
    mapping = dynamics.Mapping.read(
        '[objects.new_project]\nkind = "project"\n[objects.new_project.columns]\ncase_id = "new_projectid"\n'
        'created_at = "createdon"\nstage = "new_phase"\n'
    )
    rows = [
        {"new_projectid": "p1", "createdon": "2026-03-01T09:00:00Z", "new_phase": "design", "new_size": 3}
    ]
    made = history(mapping=mapping, opportunity=[deal()], new_project=rows)
    case = made.cases.filter(pl.col("kind") == "project").to_dicts()[0]
    assert (case["case_id"], case["stage"]) == ("p1", "design")


def test_a_request_that_was_put_into_a_queue_was_rerouted() -> None:
    made = history(
        incident=[ask()],
        queue=[{"queueid": SOUTH, "name": "Second line"}],
        queueitem=[
            {"queueitemid": "1", "objectid": ASK, "objectid_type": "incident", "queueid": SOUTH, "enteredon": "2026-03-03T09:00:00Z"},
            {"queueitemid": "2", "objectid": DEAL, "objectid_type": "email", "queueid": SOUTH, "enteredon": "2026-03-03T09:00:00Z"},
        ],
    )  # fmt: skip
    assert [(row["case_id"], row["new"]) for row in told(made, "rerouted")] == [(ASK, SOUTH)]
    assert [entry.count for entry in made.set_aside if entry.table == "queueitem"] == [1]


def test_activities_are_read_from_the_table_of_all_of_them_where_theirs_did_not_come() -> None:
    pointers = [
        {"activityid": f"p{n}", "activitytypecode": kind, "regardingobjectid": DEAL, "statecode": 1, "statuscode": 2, "createdon": f"2026-03-0{n}T09:00:00Z"}
        for n, kind in enumerate(("phonecall", "4210", "letter"), 3)
    ]  # fmt: skip
    made = history(opportunity=[deal()], activitypointer=pointers)
    assert [row["at"].day for row in told(made, "call")] == [3, 4]
    own = [
        {
            "activityid": "p3",
            "regardingobjectid": DEAL,
            "statecode": 1,
            "statuscode": 2,
            "createdon": "2026-03-03T09:00:00Z",
        }
    ]
    both = history(opportunity=[deal()], activitypointer=pointers, phonecall=own)
    assert [row["at"].day for row in told(both, "call")] == [3]


def test_what_is_about_an_account_is_of_no_case_and_is_told() -> None:
    call = {
        "activityid": "c",
        "regardingobjectid": ACCOUNT,
        "regardingobjectid_type": "account",
        "statecode": 1,
        "createdon": "2026-03-04T09:00:00Z",
    }
    made = history(
        opportunity=[deal()], phonecall=[call, call | {"activityid": "d", "regardingobjectid": None}]
    )
    assert not told(made, "call")
    assert {entry.reason: entry.count for entry in made.set_aside if entry.table == "phonecall"} == {
        "phonecall: about nothing, so of no case": 1,
        "phonecall: about something that is no case": 1,
    }


def test_a_unit_may_be_the_team_of_a_person() -> None:
    made = history(
        mapping=dynamics.Mapping(unit="team"),
        opportunity=[deal(ownerid=BOB)],
        systemuser=users(),
        team=[{"teamid": SOUTH, "name": "Key accounts", "teamtype": 0}, {"teamid": NORTH, "name": "A share", "teamtype": 1}],
        teammembership=[{"teammembershipid": "1", "teamid": SOUTH, "systemuserid": BOB}, {"teammembershipid": "2", "teamid": NORTH, "systemuserid": BOB}],
    )  # fmt: skip
    assert the_case(made)["unit"] == "Key accounts"


def test_an_account_that_the_mapping_calls_a_machine_is_not_human() -> None:
    made = history(
        mapping=dynamics.Mapping(machines=(BOB.upper(),)),
        opportunity=[deal(createdby=BOB)],
        systemuser=users(),
    )
    assert dict(made.people.select("person_id", "is_human").iter_rows())[BOB] is False
    assert [row["origin"] for row in told(made, "created")] == ["api"]


def test_what_a_free_text_said_is_not_kept() -> None:
    made = history(
        opportunity=[deal()],
        audit=[change("2026-03-05T09:00:00Z", {"description": ("Mr Smith is ill", "Mr Smith is back")})],
    )
    (event,) = told(made, "updated")
    assert (event["field"], event["old"], event["new"]) == ("description", None, None)


def test_whom_a_column_of_ones_own_named_is_not_kept() -> None:
    made = history(
        opportunity=[deal()], systemuser=users(),
        audit=[change("2026-03-05T09:00:00Z", {"new_coachid": (f"systemuser,{ANN}", f"systemuser,{BOB}")})],
    )  # fmt: skip
    (event,) = told(made, "updated")
    assert (event["field"], event["old"], event["new"]) == ("new_coachid", None, None)


def test_a_stage_may_be_a_column_of_ones_own() -> None:
    mapping = dynamics.Mapping.read('[fields.opportunity]\nstage = "new_phase"\namount = "new_yearly"\n')
    made = history(
        mapping=mapping,
        opportunity=[deal(new_phase="B", new_yearly=50.0)],
        audit=[change("2026-03-05T09:00:00Z", {"new_phase": ("A", "B"), "new_yearly": ("40", "50")})],
    )
    assert (the_case(made)["stage"], the_case(made)["amount"]) == ("B", 50.0)
    changed = {
        row["activity"]: (row["old"], row["new"]) for row in told(made, "stage_changed", "amount_changed")
    }
    assert changed == {"stage_changed": ("A", "B"), "amount_changed": ("40", "50")}


def test_a_disabled_user_left_on_the_day_that_the_log_tells() -> None:
    audit = [
        change(
            "2026-03-09T08:00:00Z",
            {"isdisabled": ("False", "True")},
            objecttypecode="systemuser",
            objectid=BOB,
        )
    ]
    made = history(opportunity=[deal()], systemuser=users(isdisabled=True), audit=audit)
    assert dict(made.people.select("person_id", "ends_on").iter_rows())[BOB] == dt.date(2026, 3, 9)


def test_names_of_people_do_not_come_along() -> None:
    rows = [row | {"fullname": "Ann Example", "internalemailaddress": "ann@example.test"} for row in users()]
    made = history(opportunity=[deal()], systemuser=rows)
    assert "Ann" not in str(made.people.rows())
    assert not {"fullname", "internalemailaddress"} & set(made.people.columns)


def test_nearly_equal_instants_of_one_person_are_one_act_and_the_next_hour_is_not() -> None:
    owner = {"ownerid": (f"systemuser,{ANN}", f"systemuser,{BOB}")}
    rows = [
        change("2026-03-10T09:00:00Z", owner, action=13, objecttypecode="account", objectid=ACCOUNT),
        change("2026-03-10T10:00:00Z", owner, action=13),
    ]
    assert [row["origin"] for row in told(history(opportunity=[deal()], audit=rows), "owner_changed")] == [
        "unknown"
    ]


def test_dates_of_the_log_are_read_in_both_its_spellings() -> None:
    made = history(
        opportunity=[deal()],
        audit=[
            change(
                "2026-03-05T09:00:00Z",
                {"estimatedclosedate": ("5/31/2026 12:00:00 AM", "2026-06-30T00:00:00Z")},
            )
        ],
    )
    assert [(row["old"], row["new"]) for row in told(made, "close_date_changed")] == [
        ("2026-05-31", "2026-06-30")
    ]


def test_auditing_that_was_stopped_and_not_started_again_leaves_the_rest_unseen() -> None:
    made = history(
        opportunity=[deal()],
        audit=[
            change("2026-03-05T09:00:00Z", {"stepname": ("1-Qualify", "2-Develop")}),
            change("2026-03-08T08:00:00Z", action=110, objectid=ZEROS, operation=4),
        ],
    )
    row = made.coverage.filter(
        (pl.col("entity") == "events") & (pl.col("field") == "owner_changed")
    ).to_dicts()[0]
    assert (row["complete"], row["seen_to"]) == (False, utc("2026-03-08T08:00:00+00:00"))
    assert covered(made)["events", "stage"] is False


def test_a_resolution_that_was_taken_back_is_a_resolution_and_a_reopening() -> None:
    solved = {"incidentid": ASK, "createdby": BOB, "modifiedby": ANN}
    made = history(
        incident=[ask(statecode=1, statuscode=5)],
        incidentresolution=[
            solved | {"activityid": "1", "statecode": 2, "createdon": "2026-03-03T09:00:00Z", "modifiedon": "2026-03-04T09:00:00Z"},
            solved | {"activityid": "2", "statecode": 1, "createdon": "2026-03-05T09:00:00Z", "modifiedon": "2026-03-05T09:00:00Z"},
        ],
    )  # fmt: skip
    assert [(row["activity"], row["actor"]) for row in told(made, "fulfilled", "reopened")] == [
        ("fulfilled", BOB), ("reopened", ANN), ("fulfilled", BOB),
    ]  # fmt: skip
    assert the_case(made)["closed_at"] == utc("2026-03-05T09:00:00+00:00")


def test_a_message_that_came_in_is_nobodys_work() -> None:
    def mail(number: int, outgoing: bool) -> Row:
        return {"activityid": f"m{number}", "regardingobjectid": DEAL, "statecode": 1, "statuscode": 3, "ownerid": ANN,
                "directioncode": outgoing, "createdon": f"2026-03-0{number}T09:00:00Z"}  # fmt: skip

    made = history(opportunity=[deal()], email=[mail(3, outgoing=True), mail(4, outgoing=False)])
    assert [row["actor"] for row in told(made, "email")] == [ANN, None]


def test_when_a_quote_was_sent_is_only_known_from_the_log() -> None:
    quote = {
        "quoteid": "q0000000-0000-4000-8000-000000000001",
        "opportunityid": DEAL,
        "statecode": 2,
        "statuscode": 4,
        "modifiedon": "2026-03-09T09:00:00Z",
    }
    without = history(opportunity=[deal()], quote=[quote])
    assert covered(without)["events", "quote_sent"] is False
    log = [
        change("2026-03-04T09:00:00Z", {"statecode": ("0", "1"), "statuscode": ("1", "2")}, objecttypecode="quote", objectid=quote["quoteid"]),
        change("2026-03-08T09:00:00Z", {"statecode": ("1", "2"), "statuscode": ("3", "4")}, objecttypecode="quote", objectid=quote["quoteid"]),
    ]  # fmt: skip
    made = history(opportunity=[deal()], quote=[quote], audit=log)
    assert [(row["activity"], row["at"].day) for row in told(made, "quote_sent", "quote_accepted")] == [
        ("quote_sent", 4),
        ("quote_accepted", 8),
    ]
    assert covered(made)["events", "quote_sent"] is True


def test_what_dataverse_does_not_know_of_people_comes_by_the_mapping() -> None:
    mapping = dynamics.Mapping.read(
        '[fields.systemuser]\nstarts_on = "new_hiredon"\ntime_zone = "new_zone"\nregion = "new_area"\n'
    )
    rows = [
        row | {"new_hiredon": "2024-05-01", "new_zone": "Europe/Paris", "new_area": "West"} for row in users()
    ]
    made = history(mapping=mapping, opportunity=[deal()], systemuser=rows)
    row = (
        made.people.filter(pl.col("person_id") == ANN)
        .select("starts_on", "time_zone", "region", "profile")
        .rows()
    )
    assert row == [(dt.date(2024, 5, 1), "Europe/Paris", "West", "rep")]
