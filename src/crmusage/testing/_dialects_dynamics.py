"""A company as Dataverse holds it, by its logical names."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from crmusage.testing._dialects_cells import Tables
from crmusage.testing._dialects_company import NOTE, Carried, Company, Deal, Row, Save, renamed

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:crmusage:simulated")
ZEROS = str(uuid.UUID(int=0))
UPDATE, ASSIGN, WIN, LOSE = 2, 13, 44, 45

LOOKUPS = frozenset(
    {
        "ownerid", "createdby", "modifiedby", "owningbusinessunit", "customerid", "regardingobjectid", "opportunityid",
        "businessunitid", "parentsystemuserid", "objectid", "userid", "transactioncurrencyid",
    }
)  # fmt: skip
KINDS = {
    "owningbusinessunit": "businessunit", "businessunitid": "businessunit", "customerid": "account",
    "regardingobjectid": "opportunity", "opportunityid": "opportunity", "objectid": "opportunity",
    "transactioncurrencyid": "transactioncurrency",
}  # fmt: skip
"""What lookups point to that do not point to users."""

FIELDS = {
    "stage": "stepname",
    "amount": "estimatedvalue",
    "close_date": "estimatedclosedate",
    "owner": "ownerid",
    NOTE: "description",
}
STATES = {"won": (1, 3), "lost": (2, 4), None: (0, 1)}
QUOTE_STATES = {"quote_sent": (1, 3), "quote_accepted": (2, 4), "quote_declined": (3, 5)}


def ids(sort: str, one: str | None) -> str | None:
    """The id of something; None for none."""
    return None if one is None else str(uuid.uuid5(_SPACE, f"{sort} {one}"))


def told(company: Company, *, versions: bool = False) -> tuple[Tables, Carried]:
    """The tables by their logical names, and what of the company they carry.

    `versions`: every state of opportunities, quotes and users, and no log of what was changed.
    """
    kinds = {"call": "phonecall", "email": "email", "meeting": "appointment"}
    quotes = [(quote, rows) for quote, rows in company.quotes.items()]
    tables: Tables = {
        "businessunit": [{"businessunitid": ids("unit", one), "name": one} for one in company.units],
        "transactioncurrency": [
            {"transactioncurrencyid": ids("currency", "EUR"), "isocurrencycode": "EUR", "exchangerate": 1.0}
        ],
        **{
            kind: [_activity(row, place) for place, row in enumerate(company.touches) if row["activity"] == what]
            for what, kind in kinds.items()
        },
        "quote": [
            _quote(quote, rows, place)
            for quote, rows in quotes
            for place in (range(-1, len(rows)) if versions else (len(rows) - 1,))
        ],
    }  # fmt: skip
    if versions:
        tables["systemuser"] = [row for one in company.people for row in _user_states(one, company)]
        tables["opportunity"] = [row for deal in company.deals for row in _versions(deal)]
        for rows in tables.values():
            for number, row in enumerate(rows):
                row["versionnumber"] = number
    else:
        tables["systemuser"] = [_user(one, company.as_of) for one in company.people]
        tables["opportunity"] = [_opportunity(deal) for deal in company.deals]
        tables["audit"] = [
            *(row for deal in company.deals for row in _log(deal)),
            *(row for quote, rows in quotes for row in _quote_log(quote, rows)),
            *(_left(one) for one in company.people if one["ends_on"] is not None),
        ]
    return tables, renamed(company.carried, ids)


def _user(row: Row, modified: dt.datetime, *, disabled: bool | None = None) -> Row:
    machine = not row["is_human"]
    return {
        "systemuserid": ids("person", row["person_id"]),
        "businessunitid": ids("unit", row["unit"]),
        "title": row["profile"],
        "parentsystemuserid": ids("person", row["manager"]),
        "accessmode": 4 if machine else 0,
        "applicationid": ids("application", row["person_id"]) if machine else None,
        "isdisabled": row["ends_on"] is not None if disabled is None else disabled,
        "createdon": modified,
        "modifiedon": modified,
    }


def _midday(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def _user_states(row: Row, company: Company) -> Iterator[Row]:
    began = company.as_of - dt.timedelta(days=36_500)
    yield _user(row, began, disabled=False)
    if row["ends_on"] is not None:
        yield _user(row, _midday(row["ends_on"]), disabled=True)


def _opportunity(deal: Deal) -> Row:
    now = deal.now
    at, by = (
        (deal.saves[-1].at, deal.saves[-1].actor) if deal.saves else (now["created_at"], now["created_by"])
    )
    state, status = STATES[now["outcome"]]
    return {
        "opportunityid": ids("case", now["case_id"]),
        "statecode": state,
        "statuscode": status,
        "stepname": now["stage"],
        "estimatedvalue": now["amount"],
        "estimatedclosedate": now["close_date"],
        "transactioncurrencyid": ids("currency", now["currency"]),
        "ownerid": ids("person", now["owner"]),
        "owningbusinessunit": ids("unit", now["unit"]),
        "customerid": ids("account", now["account_id"]),
        "createdon": now["created_at"],
        "createdby": ids("person", now["created_by"]),
        "modifiedon": at,
        "modifiedby": ids("person", by),
    }


def _versions(deal: Deal) -> Iterator[Row]:
    for values, save in deal.versions():
        ended = {"closed won": "won", "closed lost": "lost"}.get(values["stage"])
        state, status = STATES[ended]
        yield {
            **_opportunity(deal),
            "statecode": state,
            "statuscode": status,
            "stepname": values["stage"],
            "estimatedvalue": values["amount"],
            "estimatedclosedate": values["close_date"],
            "ownerid": ids("person", values["owner"]),
            "description": values.get(NOTE),
            "modifiedon": save.at,
            "modifiedby": ids("person", save.actor),
        }


def _entry(
    at: dt.datetime,
    by: str | None,
    entity: str,
    record: str | None,
    action: int,
    changed: Mapping[str, tuple[Any, Any]],
) -> Row:
    return {
        "auditid": ids("audit", f"{entity} {record} {at} {by} {sorted(changed)}"),
        "createdon": at,
        "action": action,
        "operation": UPDATE,
        "objecttypecode": entity,
        "objectid": record,
        "userid": ids("person", by),
        "transactionid": ZEROS,
        "changedata": packed(changed),
    }


def packed(changed: Mapping[str, tuple[Any, Any]]) -> str:
    """Changes as the column `changedata` holds them."""
    return json.dumps(
        {
            "changedAttributes": [
                {"logicalName": name, "oldValue": _text(name, old), "newValue": _text(name, new)}
                for name, (old, new) in changed.items()
            ]
        }
    )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else str(value)
    return f"systemuser,{value}" if name == "ownerid" else str(value)


def _log(deal: Deal) -> Iterator[Row]:
    for save in deal.saves:
        changed = {
            FIELDS[field]: (ids("person", old), ids("person", new)) if field == "owner" else (old, new)
            for field, (old, new) in save.fields.items()
        }
        action = ASSIGN if "owner" in save.fields else UPDATE
        ended = _ended(save)
        if ended is not None:
            state, status = STATES[ended]
            changed |= {"statecode": (0, state), "statuscode": (1, status)}
            action = WIN if ended == "won" else LOSE
        yield _entry(save.at, save.actor, "opportunity", ids("case", deal.now["case_id"]), action, changed)


def _ended(save: Save) -> str | None:
    stage = save.fields.get("stage", (None, None))[1]
    return {"closed won": "won", "closed lost": "lost"}.get(stage or "")


def _quote_log(quote: str, rows: tuple[Row, ...]) -> Iterator[Row]:
    before = (0, 1)
    for row in rows:
        state, status = QUOTE_STATES[row["activity"]]
        changed = {"statecode": (before[0], state), "statuscode": (before[1], status)}
        before = (state, status)
        yield _entry(row["at"], row["actor"], "quote", ids("quote", quote), UPDATE, changed)


def _left(row: Row) -> Row:
    changed = {"isdisabled": ("False", "True")}
    return _entry(
        _midday(row["ends_on"]), None, "systemuser", ids("person", row["person_id"]), UPDATE, changed
    )


def _quote(quote: str, rows: tuple[Row, ...], place: int) -> Row:
    row = rows[max(place, 0)]
    state, status = (0, 1) if place < 0 else QUOTE_STATES[row["activity"]]
    drafted = row["at"] - dt.timedelta(minutes=1)
    return {
        "quoteid": ids("quote", quote),
        "opportunityid": ids("case", row["case_id"]),
        "statecode": state,
        "statuscode": status,
        "createdon": rows[0]["at"] - dt.timedelta(minutes=1),
        "createdby": ids("person", rows[0]["actor"]),
        "modifiedon": drafted if place < 0 else row["at"],
        "modifiedby": ids("person", row["actor"]),
    }


def _activity(row: Row, place: int) -> Row:
    at, shared = row["at"], {
        "activityid": ids("activity", str(place)),
        "regardingobjectid": ids("case", row["case_id"]),
        "statecode": 1,
        "ownerid": ids("person", row["actor"]),
        "createdon": row["recorded_at"],
        "createdby": ids("person", row["actor"]),
        "modifiedon": row["recorded_at"],
        "modifiedby": ids("person", row["actor"]),
    }  # fmt: skip
    own: Mapping[str, Row] = {
        "call": {"statuscode": 2, "actualend": at, "directioncode": True},
        "email": {"statuscode": 3, "senton": at, "directioncode": True},
        "meeting": {"statuscode": 3, "scheduledstart": at, "scheduledend": at + dt.timedelta(hours=1)},
    }
    return shared | own[row["activity"]]


def web_api(rows: list[Row], *, annotated: bool = False) -> list[Row]:
    """Rows as the Web API answers: lookups as `_x_value`, and beside values what was asked to be shown with them."""
    found = []
    for place, row in enumerate(rows):
        key = next(iter(row))
        told_row: Row = {"@odata.etag": f'W/"{place}"'}
        for name, value in row.items():
            if name not in LOOKUPS or name == key:
                told_row[name] = value
                if annotated and isinstance(value, int) and value is not None:
                    told_row[f"{name}@OData.Community.Display.V1.FormattedValue"] = "Intitulé"
                continue
            told_row[f"_{name}_value"] = value
            if annotated:
                kind = None if value is None else KINDS.get(name, "systemuser")
                told_row[f"_{name}_value@Microsoft.Dynamics.CRM.lookuplogicalname"] = kind
        found.append(told_row)
    return found


def lake(rows: list[Row], own: Mapping[str, Any], *, appended: bool = False) -> pl.DataFrame:
    """Rows as Synapse Link lays them into a data lake: texts only, the key once more as Id.

    `appended`: each row is a version, and tells when it was laid there.
    """
    found = []
    for row in rows:
        key = next(iter(row))
        pointed = {
            f"{name}_entitytype": KINDS.get(name, "systemuser")
            for name in row
            if name in LOOKUPS and name != key
        }
        found.append(
            {
                "Id": row[key],
                **own,
                **({"SinkModifiedOn": row["modifiedon"]} if appended and "modifiedon" in row else {}),
                **{name: None if value is None else str(value) for name, value in row.items()},
                **pointed,
            }
        )
    return pl.DataFrame(found, infer_schema_length=None)
