"""A company as Odoo holds it, by its models and fields."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from crmusage.testing._dialects_cells import Tables
from crmusage.testing._dialects_company import NOTE, QUOTES, Carried, Company, Deal, Row, renamed

MODELS = {"case": "crm.lead", "person": "res.users", "account": "res.partner"}
FIELDS = {
    "stage": "stage_id",
    "amount": "expected_revenue",
    "close_date": "date_deadline",
    "owner": "user_id",
    NOTE: "x_note",
}
TYPES = ("Email", "Call", "Meeting")
CALL = 2
AUTHOR, SUBTYPE = 100_000, [3, "Activities"]
"""The contact of a user has its number plus this one: authors are contacts, and no users."""

MESSAGE: Row = {
    "id": None,
    "model": None,
    "res_id": None,
    "date": None,
    "author_id": None,
    "message_type": "notification",
    "subtype_id": None,
    "mail_activity_type_id": None,
    "is_internal": False,
    "body": "",
    "create_date": None,
    "create_uid": None,
    "write_date": None,
    "write_uid": None,
}


class Ids:
    """Numbers for the ids of the simulation, beginning anew in each model, as Odoo counts."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, dict[str, int]] = {}

    def number(self, sort: str, one: str | None) -> int | None:
        """The number of something; None for none."""
        return None if one is None else self.of(sort, one)

    def __call__(self, sort: str, one: str | None) -> str | None:
        """The same as a reference, as `crm.lead,7`."""
        number = self.number(sort, one)
        return None if number is None else f"{MODELS.get(sort, sort)},{number}"

    def of(self, sort: str, one: str) -> int:
        """The number of something that there is."""
        known = self._known.setdefault(sort, {})
        return known.setdefault(one, len(known) + 1)

    def pair(self, sort: str, one: str | None) -> list[Any] | None:
        """The same as the API gives a lookup: the number and a name."""
        number = self.number(sort, one)
        return None if number is None else [number, one]


def told(company: Company) -> tuple[Tables, Carried]:
    """The tables by their models, and what of the company they carry: all but quotes, which are sale orders."""
    ids = Ids()
    messages: list[Row] = []
    values: list[Row] = []
    tables: Tables = {
        "res.users": [_user(row, ids) for row in company.people],
        "crm.team": [{"id": ids.number("team", unit), "name": unit} for unit in company.units],
        "crm.stage": [
            {
                "id": ids.number("stage", stage),
                "name": stage,
                "sequence": place,
                "is_won": stage == "closed won",
            }
            for place, stage in enumerate(company.stages)
        ],
        "ir.model.fields": [
            {"id": ids.number("field", name), "name": name, "model": "crm.lead"}
            for name in (*FIELDS.values(), "active")
        ],
        "mail.activity.type": [{"id": place, "name": name} for place, name in enumerate(TYPES, 1)],
        "res.currency": [{"id": 1, "name": "EUR"}],
        "crm.lead": [_lead(deal, ids) for deal in company.deals],
        "calendar.event": [
            _meeting(row, place, ids)
            for place, row in enumerate(company.touches, 1)
            if row["activity"] == "meeting"
        ],
    }
    for row in company.touches:
        if row["activity"] != "meeting":
            kind = [CALL, "Call"] if row["activity"] == "call" else None
            more = {"mail_activity_type_id": kind, "message_type": "notification" if kind else "comment"}
            messages.append(
                _message(row["case_id"], row["at"], row["actor"], row["recorded_at"], len(messages) + 1, ids)
                | more
            )
    for deal in company.deals:
        for save in deal.saves:
            messages.append(
                _message(deal.now["case_id"], save.at, save.actor, save.at, len(messages) + 1, ids)
            )
            changed = dict(save.fields)
            if changed.get("stage", (None, None))[1] == "closed lost":
                changed["active"] = (1, 0)
            for field, (old, new) in changed.items():
                values.append(_tracking(field, old, new, messages[-1]["id"], len(values) + 1, ids))
    tables |= {"mail.message": messages, "mail.tracking.value": values}
    carried = dict(renamed(company.carried, ids))
    carried["events"] = carried["events"].filter(~pl.col("activity").is_in(QUOTES))
    return tables, carried


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _user(row: Row, ids: Ids) -> Row:
    number = ids.of("person", row["person_id"])
    return {
        "id": number,
        "name": f"colleague {number}",
        "login": f"colleague{number}@example.com" if row["is_human"] else "__system__",
        "active": row["ends_on"] is None,
        "share": False,
        "partner_id": [AUTHOR + number, f"colleague {number}"],
        "sale_team_id": ids.pair("team", row["unit"]),
        "tz": row["time_zone"],
        "create_date": _midnight(row["starts_on"]),
        "login_date": _midnight(row["ends_on"]),
    }


def _lead(deal: Deal, ids: Ids) -> Row:
    now = deal.now
    at, by = (
        (deal.saves[-1].at, deal.saves[-1].actor) if deal.saves else (now["created_at"], now["created_by"])
    )
    return {
        "id": ids.number("case", now["case_id"]),
        "name": f"Deal {now['case_id']}",
        "type": "opportunity",
        "active": now["outcome"] != "lost",
        "stage_id": ids.pair("stage", now["stage"]),
        "user_id": ids.pair("person", now["owner"]),
        "team_id": ids.pair("team", now["unit"]),
        "partner_id": ids.pair("account", now["account_id"]),
        "company_currency": [1, now["currency"]],
        "expected_revenue": now["amount"],
        "probability": {"won": 100.0, "lost": 0.0}.get(now["outcome"], 40.0),
        "date_deadline": now["close_date"],
        "date_closed": now["closed_at"],
        "create_date": now["created_at"],
        "create_uid": ids.pair("person", now["created_by"]),
        "write_date": at,
        "write_uid": ids.pair("person", by),
    }


def _message(case: str, at: dt.datetime, actor: str, recorded: dt.datetime, number: int, ids: Ids) -> Row:
    person = ids.of("person", actor)
    return MESSAGE | {
        "id": number,
        "model": "crm.lead",
        "res_id": ids.number("case", case),
        "date": at,
        "author_id": [AUTHOR + person, f"colleague {person}"],
        "subtype_id": SUBTYPE,
        "create_date": recorded,
    }


def _tracking(field: str, old: Any, new: Any, message: int, number: int, ids: Ids) -> Row:
    name = FIELDS.get(field, field)
    row: Row = {
        "id": number,
        "mail_message_id": [message, "message"],
        "field_id": [ids.number("field", name), f"{field} (crm.lead)"],
        **{
            f"{side}_value_{kind}": None
            for side in ("old", "new")
            for kind in ("integer", "float", "char", "datetime")
        },
    }
    for side, value in (("old", old), ("new", new)):
        if value is None:
            continue
        if field in {"stage", "owner"}:
            row[f"{side}_value_integer"] = ids.number("stage" if field == "stage" else "person", value)
            row[f"{side}_value_char"] = value
        elif field == "active":
            row[f"{side}_value_integer"] = value
        elif field == "amount":
            row[f"{side}_value_float"] = value
        elif field == "close_date":
            row[f"{side}_value_datetime"] = _midnight(value)
        else:
            row[f"{side}_value_char"] = value
    return row


def _meeting(row: Row, number: int, ids: Ids) -> Row:
    return {
        "id": number,
        "name": "meeting",
        "active": True,
        "opportunity_id": ids.pair("case", row["case_id"]),
        "res_model": "crm.lead",
        "res_id": ids.number("case", row["case_id"]),
        "user_id": ids.pair("person", row["actor"]),
        "start": row["at"],
        "stop": row["at"] + dt.timedelta(hours=1),
        "create_date": row["recorded_at"],
    }


TRANSLATED = ("crm.stage", "crm.team", "mail.activity.type")
"""Models whose names the database keeps in every language."""


def flat(tables: Tables) -> Mapping[str, Any]:
    """The tables as the database has them: a number for a pair, nothing for nothing, names with underscores."""
    spoken = {
        name: [
            row | {"name": json.dumps({"fr_FR": f"{row['name']} (fr)", "en_US": row["name"]})}
            for row in tables[name]
        ]
        for name in TRANSLATED
    }
    tables = tables | spoken
    return {
        name.replace(".", "_"): pl.DataFrame(
            [
                {
                    field: value[0] if isinstance(value, list) else _naive(value)
                    for field, value in row.items()
                }
                for row in rows
            ],
            infer_schema_length=None,
        )
        for name, rows in tables.items()
    }


def _naive(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
