"""Change events of both CRMs, in the shapes that their makers document, held against rules as they come."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

import crmusage as cu
from crmusage.adapters import dynamics
from crmusage.adapters import salesforce as sf_adapter
from tests.adapters import dynamics_company, salesforce_org

from .loopback import example

keeping = example("live/keeping.py")
salesforce = example("live/salesforce_events.py")
dataverse = example("live/dataverse_events.py")

DEAL, OTHER = salesforce_org.OPP, salesforce_org.OPEN
ANNA, BEN = salesforce_org.ANNA, salesforce_org.BEN
SCHEMA = ("ChangeEventHeader", "Name", "StageName", "Amount", "CloseDate", "OwnerId", "Address", "NextStep",
          "LastModifiedDate", "LastModifiedById")  # fmt: skip


def bits(*names: str) -> str:
    return f"0x{sum(1 << SCHEMA.index(name) for name in names):08X}"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def change(kind: str, when: str, changed: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A change event by the Pub/Sub API: all fields of the schema are there, those that did not change are null."""
    header = {
        "entityName": fields.pop("entity", "Opportunity"),
        "recordIds": fields.pop("ids", [DEAL]),
        "changeType": kind,
        "changeOrigin": "com/salesforce/api/rest/60.0;client=SfdcInternalAPI/",
        "transactionKey": "00065380-d1a9-a64a-9341-14f6f12f674c",
        "sequenceNumber": 1,
        "commitTimestamp": int(at(when).timestamp() * 1000),
        "commitNumber": 1100823480049,
        "commitUser": ANNA,
        "nulledFields": fields.pop("nulled", []),
        "diffFields": [],
        "changedFields": [bits(*changed, "LastModifiedDate")] if changed else [],
    }
    return {"ChangeEventHeader": header, **dict.fromkeys(SCHEMA[1:]), **fields}


def told(events: Any, *names: str) -> list[Any]:
    return [tuple(event.get(name) for name in names) for event in events]


def test_a_changed_stage_is_an_event_and_so_is_what_it_means():
    message = change("UPDATE", "2026-03-10 16:00", ("StageName",), StageName="Closed Won")

    events = list(salesforce.events_of(message, SCHEMA))

    assert told(events, "activity", "new") == [("stage_changed", "Closed Won"), ("won", None)]
    assert {(event["case_id"], event["at"], event["actor"]) for event in events} == {
        (DEAL, at("2026-03-10 16:00"), ANNA)
    }


def test_one_change_of_many_records_is_an_event_of_each():
    message = change("UPDATE", "2026-03-10 16:00", ("OwnerId",), OwnerId=ANNA, ids=[DEAL, OTHER])

    found = told(salesforce.events_of(message, SCHEMA), "case_id", "activity", "field", "new")

    assert found == [(DEAL, "owner_changed", "owner", ANNA), (OTHER, "owner_changed", "owner", ANNA)]


def test_a_value_that_was_emptied_was_changed():
    message = change("UPDATE", "2026-03-10 16:00", ("NextStep",), nulled=[bits("Amount")])

    assert told(salesforce.events_of(message, SCHEMA), "activity", "new") == [("amount_changed", None)]


def test_days_in_milliseconds_are_days():
    millis = int(at("2026-06-30").timestamp() * 1000)
    message = change("UPDATE", "2026-03-10 16:00", ("CloseDate",), CloseDate=millis)

    assert told(salesforce.events_of(message, SCHEMA), "new") == [("2026-06-30",)]


def test_another_field_is_an_update_and_stamps_alone_are_nothing():
    assert told(salesforce.events_of(change("UPDATE", "2026-03-10", ("NextStep",)), SCHEMA), "activity") == [
        ("updated",)
    ]
    assert list(salesforce.events_of(change("UPDATE", "2026-03-10", ("LastModifiedById",)), SCHEMA)) == []


def test_a_map_of_bits_is_read_by_the_schema():
    # 0x650004E0 is the documentation's own example.
    names = [f"field{place}" for place in range(32)]

    found = salesforce.names_of(["0x650004E0", "4-0x10"], names)

    assert found == [f"field{place}" for place in (5, 6, 7, 10, 24, 26, 29, 30)]
    assert salesforce.names_of(["StageName"], ()) == ["StageName"]
    with pytest.raises(ValueError, match="give the names of the schema"):
        salesforce.names_of(["0x01"], ())


def test_a_created_record_is_a_case_with_what_is_known_of_it():
    message = change("CREATE", "2026-03-02 09:00", StageName="Qualification", Amount=1000.0, OwnerId=ANNA)

    (event,) = salesforce.events_of(message, SCHEMA)

    assert event["activity"] == "created"
    assert event["case"] == {
        "kind": "opportunity", "created_by": ANNA, "stage": "Qualification", "amount": 1000.0, "owner": ANNA,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "UNDELETE"])
def test_a_gap_says_of_which_record_something_was_not_seen(kind: str):
    assert told(salesforce.events_of(change(kind, "2026-03-10"), SCHEMA), "case_id", "activity") == [
        (DEAL, "not seen")
    ]


def test_an_overflow_says_that_something_was_not_seen_and_not_where():
    message = change("GAP_OVERFLOW", "2026-03-10", ids=["000000000000000AAA"])

    assert told(salesforce.events_of(message, SCHEMA), "case_id", "activity") == [(None, "not seen")]


def test_changes_of_other_objects_are_nothing():
    assert (
        list(salesforce.events_of(change("UPDATE", "2026-03-10", ("Name",), entity="Account"), SCHEMA)) == []
    )


BOOK = cu.Rulebook(
    [
        cu.UsageRule(
            "own-before-winning",
            cu.Text("An opportunity is won", "Une opportunité est gagnée"),
            expect=[cu.Constraint("precedence", "won", target="amount_changed")],
        ),
        cu.UsageRule(
            "date-moves-on",
            cu.Text("The amount has changed", "Le montant a changé"),
            expect=[
                cu.Constraint(
                    "response", "amount_changed", target="stage_changed", within=cu.Duration(days=2)
                )
            ],
        ),
    ]
)


def live(folder: Path) -> Any:
    return keeping.Live(BOOK, folder / "live.json")


def take(one: Any, name: str, message: dict[str, Any]) -> list[tuple[str, str, str]]:
    said = one.take(name, salesforce.events_of(message, SCHEMA))
    return [(verdict.case_id, verdict.rule, verdict.verdict.name) for verdict in said]


def test_a_verdict_comes_with_the_event_that_settles_it(tmp_path: Path):
    one = live(tmp_path)
    assert take(one, "1", change("CREATE", "2026-03-02 09:00", OwnerId=ANNA)) == []

    said = take(one, "2", change("UPDATE", "2026-03-02 10:00", ("StageName",), StageName="Closed Won"))

    assert said == [(DEAL, "own-before-winning", "VIOLATED")]
    assert not one.monitor.open_cases


def test_what_is_known_and_what_was_read_outlive_the_process(tmp_path: Path):
    one = live(tmp_path)
    amount = change("UPDATE", "2026-03-02 09:00", ("Amount",), Amount=2000.0)
    take(one, "1", amount)
    one.keep()
    take(one, "2", change("UPDATE", "2026-03-03 09:00", ("StageName",), StageName="Proposal"))  # and dies

    again = live(tmp_path)
    assert again.position == "1"
    assert take(again, "1", amount) == []
    (late,) = again.advance(at("2026-03-05"))

    assert (late.rule, late.deadline) == ("date-moves-on", at("2026-03-04 09:00"))
    assert list(tmp_path.iterdir()) == [tmp_path / "live.json"]


def test_of_a_case_with_a_gap_nothing_is_said(tmp_path: Path):
    one = live(tmp_path)
    take(one, "1", change("UPDATE", "2026-03-02 09:00", ("Amount",), Amount=2000.0, ids=[DEAL, OTHER]))
    take(one, "2", change("GAP_UPDATE", "2026-03-03 09:00"))
    one.keep()

    said = live(tmp_path).advance(at("2026-03-05"))

    assert [verdict.case_id for verdict in said] == [OTHER]


def test_after_an_overflow_nothing_is_said_of_any_open_case(tmp_path: Path):
    one = live(tmp_path)
    take(one, "1", change("UPDATE", "2026-03-02 09:00", ("Amount",), Amount=2000.0, ids=[DEAL, OTHER]))
    take(one, "2", change("GAP_OVERFLOW", "2026-03-03 09:00", ids=["000000000000000AAA"]))

    assert one.unsure == {DEAL, OTHER}
    assert one.advance(at("2026-03-05")) == []


def test_a_deleted_record_owes_nothing(tmp_path: Path):
    one = live(tmp_path)
    take(one, "1", change("UPDATE", "2026-03-02 09:00", ("Amount",), Amount=2000.0))

    assert take(one, "2", change("DELETE", "2026-03-03 09:00")) == []
    assert one.advance(at("2026-03-05")) == []


def test_a_beginning_that_comes_after_the_end_makes_the_case_unsure(tmp_path: Path):
    one = live(tmp_path)
    take(one, "2", change("UPDATE", "2026-03-02 10:00", ("StageName",), StageName="Closed Lost"))

    take(one, "1", change("CREATE", "2026-03-02 09:00", OwnerId=ANNA))

    assert one.unsure == {DEAL}


def kept(events: Any, names: tuple[str, ...]) -> set[tuple[Any, ...]]:
    return {tuple(event.get(name) for name in names) for event in events}


def test_salesforce_tells_live_what_it_tells_at_night():
    stream = [
        change("CREATE", "2026-03-02 09:00", StageName="Qualification", Amount=1000.0),
        change("UPDATE", "2026-03-05 10:00", ("StageName", "Amount"), StageName="Proposal", Amount=1500.0),
        change("UPDATE", "2026-03-06 10:00", ("CloseDate",), CloseDate="2026-07-31"),
        change("UPDATE", "2026-03-08 11:00", ("OwnerId",), OwnerId=BEN),
        change("UPDATE", "2026-03-10 16:00", ("StageName",), StageName="Closed Won"),
        change("UPDATE", "2026-03-12 15:00", ("NextStep",)),
    ]
    names = ("activity", "at", "field", "new", "actor")

    live_ones = kept((event for one in stream for event in salesforce.events_of(one, SCHEMA)), names)

    rows = sf_adapter.read(salesforce_org.as_rest(salesforce_org.org())).history().events.to_dicts()
    done_by_people = {"task_due", "call", "meeting"}  # of tables that this stream is not of
    of_the_deal = [row for row in rows if row["case_id"] == DEAL and row["activity"] not in done_by_people]
    assert live_ones == kept(of_the_deal, names)


# --- Dataverse

GUID, BOB = "a0000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000001"
XRM = "http://schemas.microsoft.com/xrm/2011/Contracts"


def wrapped(value: Any) -> Any:
    """A value as the serializer of .NET writes it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return f"/Date({int(value.timestamp() * 1000)})/"
    if isinstance(value, int):
        return {"__type": f"OptionSetValue:{XRM}", "Value": value}
    if isinstance(value, float):
        return {"__type": f"Money:{XRM}", "Value": value}
    assert isinstance(value, tuple)
    kind, id_ = value
    return {
        "__type": f"EntityReference:{XRM}", "Id": id_, "KeyAttributes": [], "LogicalName": kind, "Name": None,
        "RowVersion": None,
    }  # fmt: skip


def entity(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "__type": f"Entity:{XRM}",
        "Attributes": [{"key": name, "value": wrapped(value)} for name, value in values.items()],
        "EntityState": None, "FormattedValues": [], "Id": GUID, "KeyAttributes": [], "LogicalName": "opportunity",
        "RelatedEntities": [], "RowVersion": None,
    }  # fmt: skip


def posted(
    message: str, now: dict[str, Any], before: dict[str, Any] | None = None, name: str = "opportunity"
) -> dict[str, Any]:
    """The body of a request, as JSON has it."""
    context = {
        "BusinessUnitId": "5", "CorrelationId": "b374239d-4233-41a9-8b17-a86cb4f737b5", "Depth": 1,
        "InitiatingUserId": BOB, "InputParameters": [{"key": "Target", "value": entity(now)}],
        "MessageName": message, "Mode": 1, "OperationCreatedOn": "/Date(1773136800000+0000)/",
        "OperationId": "4af10637-4ea2-e711-8122-000d3aa2331c", "OutputParameters": [], "ParentContext": None,
        "PostEntityImages": [], "PreEntityImages": [{"key": "before", "value": entity(before)}] if before else [],
        "PrimaryEntityId": GUID, "PrimaryEntityName": name, "SecondaryEntityName": "none", "SharedVariables": [],
        "Stage": 40, "UserId": BOB,
    }  # fmt: skip
    if message == "Delete":
        reference = {"__type": f"EntityReference:{XRM}", "Id": GUID, "LogicalName": name}
        context["InputParameters"] = [{"key": "Target", "value": reference}]
    return json.loads(json.dumps(context))


WHEN = at("2026-03-10 10:00")


def test_a_change_is_told_with_the_value_before():
    context = posted(
        "Update",
        {"stepname": "3-Propose", "estimatedvalue": 2000.0, "modifiedon": WHEN},
        {"stepname": "1-Qualify", "estimatedvalue": 1000.0},
    )

    events = list(dataverse.events_of(context))

    assert told(events, "activity", "old", "new", "seq") == [
        ("stage_changed", "1-Qualify", "3-Propose", 0),
        ("amount_changed", "1000", "2000", 1),
    ]
    assert {(event["case_id"], event["at"], event["actor"]) for event in events} == {(GUID, WHEN, BOB)}


def test_a_value_that_was_written_again_is_no_change():
    same = {"stepname": "3-Propose", "ownerid": ("systemuser", BOB)}

    assert list(dataverse.events_of(posted("Update", {**same, "modifiedon": WHEN}, same))) == []


def test_what_was_empty_and_is_written_empty_is_no_change():
    context = posted("Update", {"estimatedvalue": None, "modifiedon": WHEN}, {"stepname": "1-Qualify"})

    assert list(dataverse.events_of(context)) == []


@pytest.mark.parametrize(
    ("name", "now", "means"),
    [
        ("opportunity", {"statecode": 1, "statuscode": 3}, ["won"]),
        ("opportunity", {"statecode": 2, "statuscode": 5}, ["lost"]),
        ("incident", {"statuscode": 3}, ["clarification_asked"]),
        ("incident", {"statuscode": 100000001}, ["updated"]),
        ("incident", {"statecode": 1, "statuscode": 5}, ["fulfilled"]),
    ],
)
def test_states_are_told_by_what_they_mean(name: str, now: dict[str, Any], means: list[str]):
    context = posted("Update", {**now, "modifiedon": WHEN}, {"statecode": 0, "statuscode": 1}, name)

    assert [event["activity"] for event in dataverse.events_of(context)] == means


def test_leaving_a_waiting_is_told_by_the_value_before():
    context = posted(
        "Update", {"statuscode": 1, "modifiedon": WHEN}, {"statecode": 0, "statuscode": 2}, "incident"
    )

    assert told(dataverse.events_of(context), "activity") == [("resumed",)]


def test_without_a_value_before_an_open_record_was_not_reopened():
    context = posted("Update", {"statecode": 0, "stepname": "3-Propose", "modifiedon": WHEN})

    assert told(dataverse.events_of(context), "activity") == [("stage_changed",)]


def test_a_new_record_is_a_case_with_its_owner():
    context = posted("Create", {"ownerid": ("systemuser", BOB), "stepname": "1-Qualify", "createdon": WHEN})

    (event,) = dataverse.events_of(context)

    assert event["case"] == {"kind": "opportunity", "owner": BOB, "stage": "1-Qualify", "created_by": BOB}


def test_a_request_whose_values_were_taken_out_says_that_something_was_not_seen():
    context = posted("Update", {}) | {"InputParameters": None, "PreEntityImages": None}

    assert told(dataverse.events_of(context), "case_id", "activity", "at") == [(GUID, "not seen", WHEN)]


def test_a_deleted_record_is_told():
    assert told(dataverse.events_of(posted("Delete", {})), "case_id", "activity") == [(GUID, "deleted")]


def test_the_instant_of_an_operation_is_read_as_in_the_documented_example():
    # There the record was modified at 00:04:07 UTC, and the operation is of a second later.
    assert dataverse.value_of("/Date(1506384247000)/") == at("2017-09-26 00:04:07")
    assert dataverse.value_of("/Date(1506409448000-0700)/") == at("2017-09-26 00:04:08")


def test_a_request_that_comes_twice_counts_once(tmp_path: Path):
    one = live(tmp_path)
    context = posted("Update", {"estimatedvalue": 2000.0, "modifiedon": WHEN}, {"estimatedvalue": 1000.0})
    for _ in range(2):
        one.take(context["OperationId"], dataverse.events_of(context))

    said = one.advance(at("2026-03-20"))

    assert [(verdict.rule, verdict.verdict.name) for verdict in said] == [("date-moves-on", "VIOLATED")]


def test_only_requests_with_the_secret_are_ours():
    assert dataverse.is_ours({"x-crmusage-key": "s3cret"}, "s3cret")
    assert not dataverse.is_ours({"x-crmusage-key": "guess"}, "s3cret")
    assert not dataverse.is_ours({}, "s3cret")


def test_dataverse_tells_live_what_it_tells_at_night():
    def when(text: str) -> dict[str, Any]:
        return {"modifiedon": at(text)}

    asked = [
        posted("Update", {"statuscode": 2, **when("2026-03-03 09:00")}, {"statuscode": 1}, "incident"),
        posted("Update", {"statuscode": 1, **when("2026-03-04 09:00")}, {"statuscode": 2}, "incident"),
        posted(
            "Update",
            {"statecode": 1, "statuscode": 5, **when("2026-03-05 10:00")},
            {"statecode": 0},
            "incident",
        ),
    ]
    deal = [
        posted("Update", {"stepname": "3-Propose", **when("2026-03-05 09:00")}, {"stepname": "1-Qualify"}),
        posted("Update", {"estimatedclosedate": "2026-06-30", **when("2026-03-06 09:00")}),
        posted("Update", {"ownerid": ("systemuser", dynamics_company.ANN), **when("2026-03-07 09:00")}),
        posted("Update", {"statecode": 1, "statuscode": 3, **when("2026-03-20 10:00")}, {"statecode": 0}),
    ]
    tables = {name: dynamics_company.web_api(rows) for name, rows in dynamics_company.company().items()}
    rows = dynamics.read(tables, zone="Europe/Paris").history().events.to_dicts()
    for contexts, case in ((asked, dynamics_company.ASK), (deal, dynamics_company.DEAL)):
        live_ones = kept(
            (event for one in contexts for event in dataverse.events_of(one)), ("activity", "at")
        )
        begins = {"created", "submitted"}
        at_night = [row for row in rows if row["case_id"] == case and row["activity"] not in begins]
        assert live_ones == kept(at_night, ("activity", "at"))
