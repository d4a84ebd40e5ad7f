"""CRM dialects, translated into a history. An adapter never judges and never fetches: others wire it in."""

try:
    import polars  # noqa: F401, ICN001 - is it installed?
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.adapters", "analysis") from error

from crmusage.adapters._core import (
    ColumnUse,
    Crm,
    CustomObject,
    Delivery,
    Dialect,
    Entity,
    Job,
    Logins,
    Mapping,
    Query,
    Rates,
    Record,
    Table,
    Watch,
    changes,
    finding_id,
    in_turn,
    notice_id,
    plain,
    put_objects,
    read,
    stable_id,
    told_finding,
    told_notice,
)

__all__ = [
    "ColumnUse",
    "Crm",
    "CustomObject",
    "Delivery",
    "Dialect",
    "Entity",
    "Job",
    "Logins",
    "Mapping",
    "Query",
    "Rates",
    "Record",
    "Table",
    "Watch",
    "changes",
    "finding_id",
    "in_turn",
    "notice_id",
    "plain",
    "put_objects",
    "read",
    "stable_id",
    "told_finding",
    "told_notice",
]
