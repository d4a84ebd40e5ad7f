"""A small Odoo database as its API gives it: pairs for lookups, False for nothing, UTC without saying so."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

ANN, BOB, BOT = [2, "Ann Ash"], [3, "Bob Birch"], [1, "OdooBot"]
ANN_WRITES, BOB_WRITES, A_CUSTOMER = [52, "Ann Ash"], [53, "Bob Birch"], [90, "Carla Client"]
NEW, OFFER, WON = [1, "New"], [2, "Offer"], [4, "Won"]
NORTH = [5, "North"]
DEAL, ASK = 7, 7
"""A lead and a ticket of one number: ids are unique in a model only."""


def lead(**more: Any) -> Row:
    row = {
        "id": DEAL, "name": "Compressors", "type": "opportunity", "active": True, "stage_id": NEW, "user_id": ANN,
        "team_id": NORTH, "partner_id": [90, "Carla Client"], "lost_reason_id": False, "priority": "1",
        "expected_revenue": 1500.0, "company_currency": [1, "EUR"], "probability": 40.0, "date_deadline": "2026-06-30",
        "date_closed": False, "email_from": "carla@example.com", "x_region": "North", "create_date": "2026-03-02 09:00:00",
        "create_uid": ANN, "write_date": "2026-03-10 16:00:00", "write_uid": BOT,
    }  # fmt: skip
    return row | more


def message(number: int, at: str, **more: Any) -> Row:
    row = {
        "id": number, "model": "crm.lead", "res_id": DEAL, "date": at, "author_id": ANN_WRITES,
        "message_type": "notification", "subtype_id": [3, "Activities"], "mail_activity_type_id": False,
        "is_internal": False, "body": "", "create_date": at, "create_uid": ANN, "write_date": at, "write_uid": ANN,
    }  # fmt: skip
    return row | more


def tracked(number: int, message_: int, field: tuple[int, str], **more: Any) -> Row:
    empty = {
        f"{side}_value_{kind}": False if kind in {"char", "datetime"} else 0
        for side in ("old", "new")
        for kind in ("integer", "float", "char", "datetime")
    }
    return {"id": number, "mail_message_id": [message_, "x"], "field_id": list(field)} | empty | more


STAGE, SELLER, DATE, ACTIVE = (11, "Stage (crm.lead)"), (12, "Salesperson (crm.lead)"), (13, "Expected Closing (crm.lead)"), (14, "Active (crm.lead)")  # fmt: skip


def database() -> dict[str, list[Row]]:
    """A deal that moved, changed hands and was won, another that was lost, a ticket, and who did it."""
    return {
        "crm.lead": [
            lead(stage_id=WON, user_id=BOB, date_closed="2026-03-10 16:00:00", probability=100.0),
            lead(id=8, active=False, probability=0.0, lost_reason_id=[1, "Too expensive"], date_closed="2026-03-09 10:00:00"),
        ],
        "crm.stage": [
            {"id": number, "name": name, "sequence": number, "is_won": name == "Won", "fold": name == "Won"}
            for number, name in (NEW, OFFER, WON)
        ],
        "crm.team": [{"id": 5, "name": "North", "active": True}],
        "helpdesk.ticket": [
            {
                "id": ASK, "name": "Noise", "active": True, "stage_id": [3, "Solved"], "user_id": False, "team_id": [1, "Support"],
                "partner_id": False, "priority": "3", "close_date": "2026-03-05 12:00:00", "sla_deadline": "2026-03-06 12:00:00",
                "create_date": "2026-03-03 08:00:00", "create_uid": BOB, "write_date": "2026-03-05 12:00:00", "write_uid": BOB,
            }
        ],
        "helpdesk.stage": [
            {"id": 1, "name": "Open", "sequence": 1, "fold": False},
            {"id": 3, "name": "Solved", "sequence": 3, "fold": True},
        ],
        "mail.message": [
            message(1, "2026-03-03 10:00:00", mail_activity_type_id=[2, "Call"], create_date="2026-03-03 18:00:00"),
            message(2, "2026-03-04 10:00:00", message_type="comment"),
            message(3, "2026-03-04 11:00:00", message_type="comment", is_internal=True),
            message(4, "2026-03-04 12:00:00", message_type="email", author_id=A_CUSTOMER, create_uid=BOT),
            message(5, "2026-03-05 10:00:00"),
            message(6, "2026-03-06 10:00:00"),
            message(7, "2026-03-10 16:00:00", author_id=BOB_WRITES),
            message(8, "2026-03-09 10:00:00", res_id=8),
            message(9, "2026-03-05 12:00:00", model="helpdesk.ticket", res_id=ASK, author_id=BOB_WRITES),
        ],
        "mail.tracking.value": [
            tracked(1, 5, STAGE, old_value_integer=1, new_value_integer=2, old_value_char="New", new_value_char="Offer"),
            tracked(2, 5, DATE, old_value_datetime="2026-05-31 00:00:00", new_value_datetime="2026-06-30 00:00:00"),
            tracked(3, 6, SELLER, old_value_integer=2, new_value_integer=3, old_value_char="Ann Ash", new_value_char="Bob Birch"),
            tracked(4, 7, STAGE, old_value_integer=2, new_value_integer=4, old_value_char="Offer", new_value_char="Won"),
            tracked(5, 8, ACTIVE, old_value_integer=1, new_value_integer=0),
            tracked(6, 9, (21, "Stage (helpdesk.ticket)"), old_value_integer=1, new_value_integer=3, old_value_char="Open", new_value_char="Solved"),
        ],
        "ir.model.fields": [
            {"id": number, "name": name, "model": model}
            for number, name, model in (
                (11, "stage_id", "crm.lead"), (12, "user_id", "crm.lead"), (13, "date_deadline", "crm.lead"),
                (14, "active", "crm.lead"), (21, "stage_id", "helpdesk.ticket"),
            )
        ],
        "calendar.event": [
            {"id": 1, "name": "Visit", "active": True, "opportunity_id": [DEAL, "Compressors"], "res_model": "crm.lead", "res_id": DEAL,
             "user_id": ANN, "start": "2026-03-06 08:00:00", "stop": "2026-03-06 09:00:00", "create_date": "2026-03-04 08:00:00"},
        ],
        "res.users": [
            {"id": 2, "name": "Ann Ash", "login": "ann@example.com", "active": True, "share": False, "partner_id": ANN_WRITES,
             "sale_team_id": NORTH, "tz": "Europe/Paris", "create_date": "2025-01-06 08:00:00", "login_date": "2026-03-20 07:00:00"},
            {"id": 3, "name": "Bob Birch", "login": "bob@example.com", "active": False, "share": False, "partner_id": BOB_WRITES,
             "sale_team_id": False, "tz": False, "create_date": "2025-01-06 08:00:00", "login_date": "2026-03-20 07:00:00"},
            {"id": 1, "name": "OdooBot", "login": "__system__", "active": True, "share": False, "partner_id": [51, "OdooBot"],
             "sale_team_id": False, "tz": False, "create_date": "2025-01-06 08:00:00", "login_date": False},
        ],
    }  # fmt: skip
