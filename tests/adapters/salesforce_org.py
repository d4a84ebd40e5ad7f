"""A small org, told once by Salesforce's own names and types, and written as each pipeline writes it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl

from crmusage.adapters._core import snake

Tables = dict[str, list[dict[str, Any]]]

ANNA, BEN, ROBOT = "0050X0000000001AAA", "0050X0000000002AAA", "0050X0000000009AAA"
QUEUE = "00G0X0000000001AAA"
OPP, OPEN, CASE = "0060X0000000001AAA", "0060X0000000002AAA", "5000X0000000001AAA"
OLD_ACCOUNT, ACCOUNT = "0010X0000000001AAA", "0010X0000000002AAA"
SALES, SERVICE = "00E0X0000000001AAA", "00E0X0000000002AAA"


def at(text: str) -> dt.datetime:
    """`2026-03-02 09:00` in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def opportunity(id_: str = OPP, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "IsDeleted": False,
        "Name": "Compressors",
        "AccountId": ACCOUNT,
        "OwnerId": ANNA,
        "StageName": "Qualification",
        "Amount": 1000.0,
        "CloseDate": day("2026-06-30"),
        "IsClosed": False,
        "IsWon": False,
        "CreatedDate": at("2026-03-02 09:00"),
        "CreatedById": ANNA,
        "LastModifiedDate": at("2026-03-02 09:00"),
        "LastModifiedById": ANNA,
        "SystemModstamp": at("2026-03-02 09:00"),
        **fields,
    }


def history(id_: str, when: str, stage: str, amount: float, close: str, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "OpportunityId": OPP,
        "CreatedDate": at(when),
        "CreatedById": ANNA,
        "StageName": stage,
        "Amount": amount,
        "CloseDate": day(close),
        "IsDeleted": False,
        **fields,
    }


def changed(id_: str, when: str, field: str, old: Any, new: Any, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "Field": field,
        "DataType": "Text",
        "OldValue": old,
        "NewValue": new,
        "CreatedDate": at(when),
        "CreatedById": ANNA,
        "IsDeleted": False,
        **fields,
    }


def case(id_: str = CASE, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "IsDeleted": False,
        "CaseNumber": "00001000",
        "Status": "New",
        "Priority": "High",
        "IsClosed": False,
        "ClosedDate": None,
        "OwnerId": QUEUE,
        "ParentId": None,
        "CreatedDate": at("2026-03-03 08:00"),
        "CreatedById": BEN,
        "LastModifiedDate": at("2026-03-03 08:00"),
        "LastModifiedById": BEN,
        "SystemModstamp": at("2026-03-03 08:00"),
        **fields,
    }


def user(id_: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "Name": name,
        "Username": f"{name.split(maxsplit=1)[0].lower()}@example.com",
        "Email": f"{name.split(maxsplit=1)[0].lower()}@example.com",
        "IsActive": True,
        "UserRoleId": SALES,
        "ManagerId": None,
        "UserType": "Standard",
        "TimeZoneSidKey": "Europe/Paris",
        "LastLoginDate": at("2026-03-20 07:00"),
        "CreatedDate": at("2025-01-06 08:00"),
        "SystemModstamp": at("2025-01-06 08:00"),
        **fields,
    }


def org() -> Tables:
    """Two opportunities, a case, three logins, and what was done."""
    return {
        "Opportunity": [
            opportunity(
                AccountId=OLD_ACCOUNT,
                StageName="Closed Won",
                Amount=1500.0,
                CloseDate=day("2026-07-31"),
                IsClosed=True,
                IsWon=True,
                OwnerId=BEN,
                LastModifiedDate=at("2026-03-12 15:00"),
                SystemModstamp=at("2026-03-12 15:00"),
                Region__c="North",
            ),
            opportunity(OPEN, Name="Spare parts", Region__c="South", IsDeleted=True),
        ],
        "OpportunityHistory": [
            history("0080X0000000001AAA", "2026-03-02 09:00", "Qualification", 1000.0, "2026-06-30"),
            history("0080X0000000002AAA", "2026-03-05 10:00", "Proposal", 1500.0, "2026-06-30"),
            history("0080X0000000003AAA", "2026-03-06 10:00", "Proposal", 1500.0, "2026-07-31"),
            history("0080X0000000004AAA", "2026-03-10 16:00", "Closed Won", 1500.0, "2026-07-31"),
            history(
                "0080X0000000005AAA", "2026-03-12 15:00", "Closed Won", 1500.0, "2026-07-31", Probability=90.0
            ),
        ],
        "OpportunityFieldHistory": [
            changed("0170X0000000001AAA", "2026-03-02 09:00", "created", None, None, OpportunityId=OPP),
            changed(
                "0170X0000000002AAA", "2026-03-08 11:00", "Owner", "Anna Ash", "Ben Birch", OpportunityId=OPP
            ),
            changed(
                "0170X0000000003AAA",
                "2026-03-08 11:00",
                "Owner",
                ANNA,
                BEN,
                OpportunityId=OPP,
                DataType="EntityId",
            ),
        ],
        "Case": [
            case(
                Status="Closed",
                IsClosed=True,
                ClosedDate=at("2026-03-09 17:00"),
                LastModifiedDate=at("2026-03-09 17:00"),
                SystemModstamp=at("2026-03-09 17:00"),
                OwnerId=BEN,
            )
        ],
        "CaseHistory": [
            changed("0170X0000000011AAA", "2026-03-04 09:00", "Status", "New", "Working", CaseId=CASE),
            changed("0170X0000000012AAA", "2026-03-05 09:00", "Status", "Working", "On Hold", CaseId=CASE),
            changed("0170X0000000013AAA", "2026-03-06 09:00", "Status", "On Hold", "Working", CaseId=CASE),
            changed("0170X0000000014AAA", "2026-03-09 17:00", "Status", "Working", "Closed", CaseId=CASE),
            changed(
                "0170X0000000015AAA",
                "2026-03-04 09:00",
                "Owner",
                QUEUE,
                BEN,
                CaseId=CASE,
                DataType="EntityId",
            ),
        ],
        "Task": [
            {
                "Id": "00T0X0000000001AAA",
                "WhatId": OPP,
                "OwnerId": ANNA,
                "Status": "Completed",
                "TaskSubtype": "Call",
                "ActivityDate": day("2026-03-31"),
                "CompletedDateTime": at("2026-03-04 14:00"),
                "IsClosed": True,
                "IsArchived": False,
                "IsDeleted": False,
                "CreatedDate": at("2026-03-03 14:00"),
                "CreatedById": ANNA,
                "SystemModstamp": at("2026-03-04 14:00"),
            }
        ],
        "Event": [
            {
                "Id": "00U0X0000000001AAA",
                "WhatId": OPP,
                "OwnerId": ANNA,
                "StartDateTime": at("2026-03-05 08:00"),
                "ActivityDate": day("2026-03-05"),
                "IsChild": False,
                "IsDeleted": False,
                "CreatedDate": at("2026-03-03 15:00"),
                "CreatedById": ANNA,
                "SystemModstamp": at("2026-03-03 15:00"),
            }
        ],
        "User": [
            user(ANNA, "Anna Ash", ManagerId=BEN),
            user(BEN, "Ben Birch", UserRoleId=SERVICE),
            user(ROBOT, "Integration User", UserType="CloudIntegrationUser", UserRoleId=None),
        ],
        "UserRole": [{"Id": SALES, "Name": "Sales North"}, {"Id": SERVICE, "Name": "Service"}],
        "Account": [
            {"Id": OLD_ACCOUNT, "MasterRecordId": ACCOUNT, "IsDeleted": True},
            {"Id": ACCOUNT, "MasterRecordId": None, "IsDeleted": False},
        ],
        "OpportunityStage": [
            {
                "Id": f"01J0X000000000{place}AAA",
                "MasterLabel": label,
                "SortOrder": place,
                "IsClosed": label.startswith("Closed"),
                "IsWon": label == "Closed Won",
            }
            for place, label in enumerate(("Qualification", "Proposal", "Closed Won", "Closed Lost"), 1)
        ],
    }


def written(tables: Tables, time: Any, date: Any, truth: Any, *, none: Any = None) -> Tables:
    """The rows with times, days, truths and missing values as one pipeline writes them."""

    def cell(value: Any) -> Any:
        if value is None:
            return none
        if isinstance(value, bool):
            return truth(value)
        if isinstance(value, dt.datetime):
            return time(value)
        return date(value) if isinstance(value, dt.date) else value

    return {
        name: [{field: cell(value) for field, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }


def as_rest(tables: Tables) -> Any:
    """simple-salesforce: nested attributes, no colon in the offset."""
    plain = written(tables, lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), dt.date.isoformat, bool)
    return {
        name: [{"attributes": {"type": name, "url": f"/services/{row['Id']}"}, **row} for row in rows]
        for name, rows in plain.items()
    }


def as_bulk_json(tables: Tables) -> Any:
    """The first version of the Bulk API: times, and days, in milliseconds since 1970."""

    def millis(value: dt.date) -> int:
        midnight = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        return int((value if isinstance(value, dt.datetime) else midnight).timestamp() * 1000)

    return written(tables, millis, millis, bool)


def as_csv(
    folder: Path, tables: Tables, time: str, date: str, truths: tuple[str, str], *, none: str = ""
) -> Path:
    plain = written(
        tables,
        lambda t: t.strftime(time),
        lambda d: d.strftime(date),
        lambda truth: truths[int(truth)],
        none=none,
    )
    for name, rows in plain.items():
        names = dict.fromkeys(field for row in rows for field in row)
        frame = pl.DataFrame(
            {field: [none if row.get(field) is None else str(row[field]) for row in rows] for field in names}
        )
        frame.write_csv(folder / f"{name}.csv")
    return folder


def as_bulk_csv(folder: Path, tables: Tables) -> Path:
    return as_csv(folder, tables, "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%d", ("false", "true"))


def as_export(folder: Path, tables: Tables) -> Path:
    """The Data Export service: no zones, 0 and 1, zeros for no id, numbered files."""
    zeros = {
        name: [
            {
                field: "000000000000000AAA" if value is None and field.endswith("Id") else value
                for field, value in row.items()
            }
            for row in rows
        ]
        for name, rows in tables.items()
    }
    as_csv(folder, zeros, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d 00:00:00", ("0", "1"))
    for name in ("OpportunityHistory", "User"):
        whole = (folder / f"{name}.csv").read_text().splitlines(keepends=True)
        (folder / f"{name}.csv").write_text("".join(whole[:2]))
        (folder / f"{name}2.csv").write_text("".join([whole[0], *whole[2:]]))
    return folder


def _frames(
    tables: Tables, name_of: Any, own: dict[str, Any], *, typed: bool = True
) -> dict[str, pl.DataFrame]:
    found = {}
    for name, rows in tables.items():
        fields = dict.fromkeys(field for row in rows for field in row)
        frame = pl.DataFrame(
            {name_of(field): [row.get(field) for row in rows] for field in fields}, strict=False
        )
        frame = frame.with_columns(pl.lit(value).alias(column) for column, value in own.items())
        found[name] = frame
    return found


def as_airbyte(tables: Tables) -> Any:
    plain = written(tables, lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"), dt.date.isoformat, bool)
    own = {"_airbyte_raw_id": "a", "_airbyte_extracted_at": at("2026-03-21 00:00")}
    return _frames(plain, lambda field: field, own)


def as_fivetran(tables: Tables) -> Any:
    found = _frames(tables, snake, {"_fivetran_synced": at("2026-03-21 00:00"), "_fivetran_deleted": False})
    return {f"sf_{snake(name)}_data": frame for name, frame in found.items()}


def as_fivetran_camel(tables: Tables) -> Any:
    """As a connector of some age writes names."""
    own = {"_fivetran_synced": dt.datetime(2026, 3, 21)}  # noqa: DTZ001 - so it writes it
    return _frames(tables, lambda field: field[0].lower() + field[1:], own)


def as_dlt(tables: Tables) -> Any:
    found = _frames(tables, snake, {"_dlt_load_id": "1742.5", "_dlt_id": "x"})
    return {f"sf_{snake(name)}": frame for name, frame in found.items()}


def as_singer(tables: Tables) -> Any:
    plain = written(tables, lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000Z"), dt.date.isoformat, bool)
    return _frames(
        plain, lambda field: field, {"_sdc_extracted_at": "2026-03-21T00:00:00Z", "_sdc_table_version": 1}
    )


def as_answers(tables: Tables) -> Any:
    """Answers of the API as they come, in two pages."""
    found = {}
    for name, rows in as_rest(tables).items():
        pages = [rows[:1], rows[1:]]
        found[name] = [
            {"totalSize": len(rows), "done": page is pages[1], "records": page}
            | ({} if page is pages[1] else {"nextRecordsUrl": "/services/data/next"})
            for page in pages
        ]
    return json.loads(json.dumps(found))
