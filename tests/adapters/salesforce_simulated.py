"""A company that the simulator made, as Salesforce would hold it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmusage.history import History

from .salesforce_org import Tables, day

QUOTES = {"quote_sent": "Presented", "quote_accepted": "Accepted", "quote_declined": "Denied"}
FIELDS = ("stage", "amount", "close_date")


class Ids:
    """Salesforce's ids for the simulator's, and back."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._last = 0

    def __call__(self, prefix: str, name: str | None) -> str | None:
        return None if name is None else self._given.setdefault((prefix, name), self.next(prefix))

    def next(self, prefix: str) -> str:
        self._last += 1
        return f"{prefix}{self._last:012d}AAA"

    @property
    def back(self) -> dict[str, str]:
        return {id_: name for (_, name), id_ in self._given.items()}


def tables(history: History, ids: Ids) -> Tables:
    """Opportunities with their history, activities, quotes, users, stages and periods."""
    found: Tables = {
        name: []
        for name in ("Opportunity", "OpportunityHistory", "OpportunityFieldHistory", "Task", "Event", "Quote")
    }
    events: dict[str, list[dict[str, Any]]] = {}
    for row in history.events.sort("case_id", "at", "seq", nulls_last=True).to_dicts():
        events.setdefault(row["case_id"], []).append(row)
    for case in history.cases.to_dicts():
        _case(case, events.get(case["case_id"], []), found, ids)
    found["User"] = [
        {
            "Id": ids("005", person["person_id"]),
            "Name": person["person_id"],
            "Email": f"{person['person_id']}@example.com",
            "Department": person["unit"],
            "ManagerId": ids("005", person["manager"]),
            "UserType": "Standard" if person["is_human"] else "CloudIntegrationUser",
            "IsActive": True,
            "SystemModstamp": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        }
        for person in history.people.to_dicts()
    ]
    found["OpportunityStage"] = [
        {
            "Id": ids.next("01J"),
            "MasterLabel": row["raw"],
            "SortOrder": row["order"],
            "IsClosed": row["raw"].startswith("closed"),
            "IsWon": row["raw"] == "closed won",
        }
        for row in history.vocabulary.to_dicts()
    ]
    return found


def _case(case: dict[str, Any], events: list[dict[str, Any]], found: Tables, ids: Ids) -> None:
    id_ = ids("006", case["case_id"])
    first = {field: next((e["old"] for e in events if e["field"] == field), case[field]) for field in FIELDS}
    state = dict(first)
    for event in events:
        login = ids("005", event["actor"])
        made = {"CreatedDate": event["at"], "CreatedById": login, "IsDeleted": False}
        if event["activity"] == "created" or event["field"] in FIELDS:
            state[event["field"]] = event["new"]
            found["OpportunityHistory"].append(
                {
                    "Id": ids.next("008"),
                    "OpportunityId": id_,
                    "StageName": state["stage"],
                    "Amount": float(state["amount"]),
                    "CloseDate": day(str(state["close_date"])),
                    **made,
                }
            )
        elif event["activity"] in {"owner_changed", "updated"}:
            owner = event["activity"] == "owner_changed"
            found["OpportunityFieldHistory"].append(
                {
                    "Id": ids.next("017"),
                    "OpportunityId": id_,
                    "Field": "Owner" if owner else "NextStep",
                    "OldValue": ids("005", event["old"]) if owner else None,
                    "NewValue": ids("005", event["new"]) if owner else None,
                    **made,
                }
            )
        elif event["activity"] in {"call", "email", "meeting"}:
            _activity(event, id_, login, found, ids)
        elif event["activity"] in QUOTES:
            found["Quote"].append(
                {
                    "Id": ids.next("0Q0"),
                    "OpportunityId": id_,
                    "Status": QUOTES[event["activity"]],
                    "LastModifiedDate": event["at"],
                    "LastModifiedById": login,
                    **made,
                }
            )
    found["Opportunity"].append(
        {
            "Id": id_,
            "IsDeleted": False,
            "OwnerId": ids("005", case["owner"]),
            "AccountId": case["account_id"],
            "StageName": case["stage"],
            "Amount": case["amount"],
            "CloseDate": case["close_date"],
            "IsClosed": case["outcome"] is not None,
            "IsWon": case["outcome"] == "won",
            "CreatedDate": case["created_at"],
            "CreatedById": ids("005", case["created_by"]),
            "SystemModstamp": max([e["recorded_at"] or e["at"] for e in events], default=case["created_at"]),
        }
    )


def _activity(event: dict[str, Any], case: str | None, login: str | None, found: Tables, ids: Ids) -> None:
    meeting = event["activity"] == "meeting"
    row = {
        "Id": ids.next("00U" if meeting else "00T"),
        "WhatId": case,
        "OwnerId": login,
        "CreatedById": login,
        "CreatedDate": event["recorded_at"] or event["at"],
        "IsDeleted": False,
    }
    if meeting:
        found["Event"].append({**row, "StartDateTime": event["at"], "IsChild": False})
    else:
        kind = event["activity"].title()
        found["Task"].append({**row, "TaskSubtype": kind, "IsClosed": True, "CompletedDateTime": event["at"]})
