"""A company as Salesforce holds it, and as each pipeline writes that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import polars as pl

from crmusage.testing._dialects_company import NOTE, QUOTES, Carried, Company, Deal, Row, renamed

Tables = dict[str, list[Row]]

PREFIX = {"case": "006", "person": "005", "account": "001", "quote": "0Q0"}
STATUS = {"quote_sent": "Presented", "quote_accepted": "Accepted", "quote_declined": "Denied"}


class Ids:
    """Ids of 18 signs for those of the simulation, in the order in which they are asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, sort: str, one: str | None) -> str | None:
        """The id of something; None for none."""
        if one is None:
            return None
        prefix = PREFIX.get(sort, sort)
        return self._known.setdefault((sort, one), f"{prefix}{len(self._known) + 1:012d}AAA")


def told(company: Company, *, versions: bool = False) -> tuple[Tables, Carried]:
    """The tables by Salesforce's own names and types, and what of the company they carry.

    `versions`: opportunities and quotes as the states that a connector kept, without Salesforce's own histories.
    """
    ids = Ids()
    tables: Tables = {
        "User": [_user(row, ids) | {"SystemModstamp": company.as_of} for row in company.people],
        "UserRole": [{"Id": ids("00E", unit), "Name": unit} for unit in company.units],
        "Profile": [{"Id": ids("00e", one), "Name": one} for one in _profiles(company)],
        "OpportunityStage": [_stage(place, stage, ids) for place, stage in enumerate(company.stages, 1)],
        "Task": [_task(row, ids, n) for n, row in enumerate(company.touches) if row["activity"] != "meeting"],
        "Event": [_meeting(row, ids, n) for n, row in enumerate(company.touches) if row["activity"] == "meeting"],
        "Quote": [
            _quote(quote, row, rows, ids)
            for quote, rows in company.quotes.items()
            for row in (rows if versions else rows[-1:])
        ],
    }  # fmt: skip
    if versions:
        tables["Opportunity"] = [row for deal in company.deals for row in _versions(deal, ids)]
    else:
        tables["Opportunity"] = [_opportunity(deal, ids) for deal in company.deals]
        tables["OpportunityHistory"] = [row for deal in company.deals for row in _states(deal, ids)]
        tables["OpportunityFieldHistory"] = [row for deal in company.deals for row in _fields(deal, ids)]
    carried = dict(renamed(company.carried, ids))
    if not versions:
        events = carried["events"]
        of_quote = pl.col("activity").is_in(QUOTES)
        last = events.filter(of_quote).sort("at").unique("quote_id", keep="last")
        carried["events"] = pl.concat([events.filter(~of_quote), last])
    return tables, carried


def _profiles(company: Company) -> list[str]:
    return sorted({row["profile"] for row in company.people if row["profile"]})


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _user(row: Row, ids: Ids) -> Row:
    name = f"colleague {row['person_id']}"
    return {
        "Id": ids("person", row["person_id"]),
        "Name": name,
        "Username": f"{name.replace(' ', '.')}@example.com",
        "Email": f"{name.replace(' ', '.')}@example.com",
        "IsActive": row["ends_on"] is None,
        "UserRoleId": ids("00E", row["unit"]),
        "ProfileId": ids("00e", row["profile"]),
        "ManagerId": ids("person", row["manager"]),
        "Country": row["region"],
        "TimeZoneSidKey": row["time_zone"],
        "UserType": "Standard" if row["is_human"] else "CloudIntegrationUser",
        "LastLoginDate": _midnight(row["ends_on"]),
        "CreatedDate": _midnight(row["starts_on"]),
    }


def _stage(place: int, stage: str, ids: Ids) -> Row:
    closed = stage.startswith("closed")
    won = stage == "closed won"
    return {
        "Id": ids("01J", stage),
        "MasterLabel": stage,
        "ApiName": stage,
        "SortOrder": place,
        "IsClosed": closed,
        "IsWon": won,
    }


def _stamped(at: dt.datetime, by: str | None) -> Row:
    return {"LastModifiedDate": at, "LastModifiedById": by, "SystemModstamp": at}


def _opportunity(deal: Deal, ids: Ids) -> Row:
    now = deal.now
    at, by = (
        (deal.saves[-1].at, deal.saves[-1].actor) if deal.saves else (now["created_at"], now["created_by"])
    )
    return {
        "Id": ids("case", now["case_id"]),
        "IsDeleted": False,
        "Name": f"Deal {now['case_id']}",
        "AccountId": ids("account", now["account_id"]),
        "OwnerId": ids("person", now["owner"]),
        "StageName": now["stage"],
        "Amount": now["amount"],
        "CurrencyIsoCode": now["currency"],
        "CloseDate": now["close_date"],
        "IsClosed": now["outcome"] is not None,
        "IsWon": now["outcome"] == "won",
        "CreatedDate": now["created_at"],
        "CreatedById": ids("person", now["created_by"]),
        **_stamped(at, ids("person", by)),
    }


def _versions(deal: Deal, ids: Ids) -> Iterator[Row]:
    states = deal.versions()
    for place, (values, save) in enumerate(states):
        last = place == len(states) - 1
        yield {
            **_opportunity(deal, ids),
            "OwnerId": ids("person", values["owner"]),
            "StageName": values["stage"],
            "Amount": values["amount"],
            "CloseDate": values["close_date"],
            "IsClosed": values["stage"].startswith("closed"),
            "IsWon": values["stage"] == "closed won",
            "NextStep": values.get(NOTE),
            **_stamped(save.at, ids("person", save.actor)),
            "_fivetran_start": save.at,
            "_fivetran_end": dt.datetime(9999, 12, 31, tzinfo=dt.UTC) if last else states[place + 1][1].at,
            "_fivetran_active": last,
        }


def _states(deal: Deal, ids: Ids) -> Iterator[Row]:
    for place, (values, save) in enumerate(deal.versions()):
        if place and not set(save.fields) & {"stage", "amount", "close_date"}:
            continue
        yield {
            "Id": ids("008", f"{deal.now['case_id']} {place}"),
            "OpportunityId": ids("case", deal.now["case_id"]),
            "CreatedDate": save.at,
            "CreatedById": ids("person", save.actor),
            "StageName": values["stage"],
            "Amount": values["amount"],
            "CloseDate": values["close_date"],
            "IsDeleted": False,
            "SystemModstamp": save.at,
        }


def _fields(deal: Deal, ids: Ids) -> Iterator[Row]:
    """Changes of owner, each told twice, by id and by name, and those of the field for notes."""
    for place, save in enumerate(deal.saves):
        rows: list[tuple[str, str, Any, Any]] = []
        if "owner" in save.fields:
            old, new = save.fields["owner"]
            rows.append(("Owner", "EntityId", ids("person", old), ids("person", new)))
            rows.append(("Owner", "Text", f"colleague {old}", f"colleague {new}"))
        if NOTE in save.fields:
            rows.append(("NextStep", "Text", *save.fields[NOTE]))
        for field, kind, old, new in rows:
            yield {
                "Id": ids("017", f"{deal.now['case_id']} {place} {field} {kind}"),
                "OpportunityId": ids("case", deal.now["case_id"]),
                "Field": field,
                "DataType": kind,
                "OldValue": old,
                "NewValue": new,
                "CreatedDate": save.at,
                "CreatedById": ids("person", save.actor),
                "IsDeleted": False,
            }


def _activity(row: Row, ids: Ids, prefix: str, place: int) -> Row:
    return {
        "Id": ids(prefix, str(place)),
        "WhatId": ids("case", row["case_id"]),
        "OwnerId": ids("person", row["actor"]),
        "IsArchived": False,
        "IsDeleted": False,
        "CreatedDate": row["recorded_at"],
        "CreatedById": ids("person", row["actor"]),
        "SystemModstamp": row["recorded_at"],
    }


def _task(row: Row, ids: Ids, place: int) -> Row:
    subtype = {"call": "Call", "email": "Email"}[row["activity"]]
    done = {"Status": "Completed", "IsClosed": True, "TaskSubtype": subtype, "CompletedDateTime": row["at"]}
    return _activity(row, ids, "00T", place) | done


def _meeting(row: Row, ids: Ids, place: int) -> Row:
    return _activity(row, ids, "00U", place) | {"StartDateTime": row["at"], "IsChild": False}


def _quote(quote: str, row: Row, rows: tuple[Row, ...], ids: Ids) -> Row:
    place = rows.index(row)
    last = place == len(rows) - 1
    return {
        "Id": ids("quote", quote),
        "OpportunityId": ids("case", row["case_id"]),
        "Status": STATUS[row["activity"]],
        "IsDeleted": False,
        "CreatedDate": rows[0]["at"],
        "CreatedById": ids("person", rows[0]["actor"]),
        **_stamped(row["at"], ids("person", row["actor"])),
        "_fivetran_start": row["at"],
        "_fivetran_end": dt.datetime(9999, 12, 31, tzinfo=dt.UTC) if last else rows[place + 1]["at"],
        "_fivetran_active": last,
    }
