"""The models of Odoo that are read, by the names of their fields."""

from __future__ import annotations

from crmusage.adapters._core import Entity
from crmusage.history import Kind

_AUDIT: dict[Kind, str] = {"id": "id create_uid write_uid", "time": "create_date write_date"}


def _model(name: str, fields: dict[Kind, str], *, unlike: tuple[str, ...] = ()) -> Entity:
    every = {
        field: kind for some in (_AUDIT, fields) for kind, names in some.items() for field in names.split()
    }
    # The API calls a table by its model, the database with underscores.
    return Entity(
        name,
        every,
        id="id",
        stamps=("write_date", "create_date"),
        also=(name.replace(".", "_"),),
        unlike=unlike,
    )


ENTITIES = (
    _model(
        "crm.lead",
        {
            "id": "user_id team_id company_id partner_id stage_id lost_reason_id company_currency campaign_id "
            "medium_id source_id country_id state_id",
            "text": "name type priority won_status contact_name partner_name email_from phone mobile function street "
            "street2 zip city website description referred",
            "time": "date_closed date_open date_last_stage_update date_conversion",
            "date": "date_deadline",
            "number": "expected_revenue prorated_revenue recurring_revenue probability automated_probability day_open "
            "day_close",
            "true or false": "active",
        },
    ),
    _model(
        "crm.stage",
        {
            "text": "name requirements",
            "id": "team_id",
            "whole number": "sequence",
            "true or false": "is_won fold",
        },
    ),
    _model("crm.team", {"text": "name", "id": "user_id company_id", "true or false": "active"}),
    _model(
        "helpdesk.ticket",
        {
            "id": "user_id team_id partner_id stage_id ticket_type_id company_id",
            "text": "name priority ticket_ref kanban_state partner_name partner_email partner_phone description",
            "time": "close_date assign_date sla_deadline date_last_stage_update",
            "true or false": "active",
        },
    ),
    _model("helpdesk.stage", {"text": "name", "whole number": "sequence", "true or false": "fold active"}),
    _model("helpdesk.team", {"text": "name", "true or false": "active"}),
    _model(
        "mail.message",
        {
            "id": "res_id author_id subtype_id mail_activity_type_id parent_id",
            "text": "model message_type subject body email_from record_name",
            "time": "date",
            "true or false": "is_internal",
        },
    ),
    _model(
        "mail.tracking.value",
        {
            "id": "mail_message_id field_id currency_id",
            "text": "field old_value_char new_value_char old_value_text new_value_text",
            "whole number": "old_value_integer new_value_integer",
            "number": "old_value_float new_value_float old_value_monetary new_value_monetary",
            "time": "old_value_datetime new_value_datetime",
        },
    ),
    _model("mail.activity.type", {"text": "name category"}),
    _model("res.currency", {"text": "name symbol"}),
    _model("ir.model.fields", {"text": "name model field_description ttype"}),
    _model(
        "calendar.event",
        {
            "id": "user_id opportunity_id res_id",
            "text": "name res_model description location",
            "time": "start stop",
            "true or false": "active allday",
        },
    ),
    _model(
        "res.users",
        {
            "id": "partner_id company_id sale_team_id",
            "text": "name login email tz lang",
            "time": "login_date",
            "true or false": "active share",
        },
    ),
)
