"""A small company in Dynamics 365, by its logical names; the tests write it in the ways of connectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ANN, BOB, APP, LEFT = (f"{n}0000000-0000-4000-8000-000000000001" for n in "1234")
NORTH, SOUTH = (f"{n}0000000-0000-4000-8000-000000000001" for n in "56")
EURO, DOLLAR = (f"{n}0000000-0000-4000-8000-000000000001" for n in "78")
DEAL, ASK = "a0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"
ACCOUNT = "c0000000-0000-4000-8000-000000000001"
ZEROS = "00000000-0000-0000-0000-000000000000"

Row = dict[str, Any]

LOOKUPS = frozenset(
    {
        "ownerid", "createdby", "modifiedby", "owningbusinessunit", "transactioncurrencyid", "customerid", "incidentid",
        "regardingobjectid", "parentcaseid", "masterid", "businessunitid", "parentsystemuserid", "objectid", "userid",
        "callinguserid", "activestageid", "queueid", "basecurrencyid", "opportunityid", "quoteid",
    }
)  # fmt: skip


def deal(**more: Any) -> Row:
    row = {
        "opportunityid": DEAL, "statecode": 0, "statuscode": 1, "stepname": "1-Qualify", "estimatedvalue": 1000.0,
        "estimatedclosedate": "2026-06-30", "ownerid": ANN, "owningbusinessunit": NORTH, "customerid": ACCOUNT,
        "createdon": "2026-03-02T09:00:00Z", "createdby": ANN, "modifiedon": "2026-03-20T10:00:00Z", "modifiedby": ANN,
    }  # fmt: skip
    return row | more


def ask(**more: Any) -> Row:
    row = {
        "incidentid": ASK, "statecode": 0, "statuscode": 1, "prioritycode": 2, "ownerid": BOB, "owningbusinessunit": SOUTH,
        "createdon": "2026-03-02T09:00:00Z", "createdby": ANN, "modifiedon": "2026-03-05T10:00:00Z", "modifiedby": BOB,
    }  # fmt: skip
    return row | more


def users(**of_bob: Any) -> list[Row]:
    bob = {"systemuserid": BOB, "businessunitid": SOUTH, "accessmode": 0, "isdisabled": False} | of_bob
    return [
        {"systemuserid": ANN, "businessunitid": NORTH, "accessmode": 0, "isdisabled": False, "title": "rep"},
        bob,
        {
            "systemuserid": APP,
            "businessunitid": NORTH,
            "accessmode": 4,
            "applicationid": APP,
            "isdisabled": False,
        },
    ]


UNITS = [{"businessunitid": NORTH, "name": "North"}, {"businessunitid": SOUTH, "name": "South"}]


def change(at: str, changes: Mapping[str, tuple[Any, Any]] | None = None, **more: Any) -> Row:
    """A row of the audit log with its changes packed as `changedata`."""
    row = {
        "auditid": f"e-{at}-{more.get('objectid', DEAL)}-{sorted(changes or {})}-{more.get('action', 2)}", "createdon": at, "action": 2,
        "operation": 2, "objecttypecode": "opportunity", "objectid": DEAL, "userid": ANN, "transactionid": ZEROS,
    } | more  # fmt: skip
    if changes is not None:
        row["changedata"] = packed(changes)
    return row


def packed(changes: Mapping[str, tuple[Any, Any]]) -> str:
    attributes = [
        {"logicalName": name, "oldValue": old, "newValue": new} for name, (old, new) in changes.items()
    ]
    return json.dumps({"changedAttributes": attributes})


def web_api(rows: list[Row], *, annotated: bool = False, kinds: Mapping[str, str] | None = None) -> list[Row]:
    """Rows as the Web API answers: lookups as `_x_value`, with annotations if they were asked for."""
    told = []
    for place, row in enumerate(rows):
        new: Row = {"@odata.etag": f'W/"{place}"'}
        for name, value in row.items():
            if name not in LOOKUPS or f"{name}" == own_key(row):
                new[name] = value
                if annotated and isinstance(value, int | float):
                    new[f"{name}@OData.Community.Display.V1.FormattedValue"] = "1 000,00 €"
                continue
            new[f"_{name}_value"] = value
            if annotated and value is not None:
                kind = (kinds or {}).get(name, "systemuser")
                new[f"_{name}_value@Microsoft.Dynamics.CRM.lookuplogicalname"] = kind
                new[f"_{name}_value@OData.Community.Display.V1.FormattedValue"] = "Quelqu'un"
        told.append(new)
    return told


def own_key(row: Row) -> str:
    """The column that is a row's own key, though it is a lookup elsewhere."""
    return next(iter(row))


def company() -> dict[str, list[Row]]:
    """A deal that moved and was won, a request that waited and was solved, and who did it."""
    return {
        "opportunity": [
            deal(statecode=1, statuscode=3, stepname="3-Propose", actualvalue=900.0, actualclosedate="2026-03-20")
        ],
        "incident": [ask(statecode=1, statuscode=5, prioritycode=1)],
        "audit": [
            change("2026-03-05T09:00:00Z", {"stepname": ("1-Qualify", "3-Propose")}),
            change("2026-03-06T09:00:00Z", {"estimatedclosedate": ("2026-05-31", "2026-06-30")}),
            change("2026-03-07T09:00:00Z", {"ownerid": (f"systemuser,{BOB}", f"systemuser,{ANN}")}, action=13),
            change("2026-03-20T10:00:00Z", {"statecode": ("0", "1"), "statuscode": ("1", "3")}, action=44),
            change("2026-03-03T09:00:00Z", {"statuscode": ("1", "2")}, objecttypecode="incident", objectid=ASK, userid=BOB),
            change("2026-03-04T09:00:00Z", {"statuscode": ("2", "1")}, objecttypecode="incident", objectid=ASK, userid=BOB),
            change("2026-03-05T10:00:00Z", {"statecode": ("0", "1"), "statuscode": ("1", "5")}, objecttypecode="incident", objectid=ASK,
                   userid=BOB),
        ],
        "systemuser": users(),
        "businessunit": [dict(one) for one in UNITS],
    }  # fmt: skip
