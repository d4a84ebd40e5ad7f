"""Salesforce, as pipelines deliver it, as a history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crmusage.adapters import _core
from crmusage.adapters._core import ColumnUse, Delivery, Dialect, Mapping, Query, Record
from crmusage.adapters.salesforce._dialects import DIALECTS
from crmusage.adapters.salesforce._fields import ENTITIES, history_of
from crmusage.adapters.salesforce._queries import queries
from crmusage.adapters.salesforce._translate import translate
from crmusage.adapters.salesforce._writing import Upsert, records, tasks, upserts

SALESFORCE = _core.Crm(
    "Salesforce",
    ENTITIES,
    DIALECTS,
    translate,
    beside=history_of,
    strip=("sf_", "salesforce_", "stg_", "raw_", "_data", "_export"),
)


def read(
    source: Any,
    *,
    dialect: str | None = None,
    mapping: Mapping | str | Path | None = None,
    zone: str | None = None,
    currency: str | None = None,
) -> Delivery:
    """Read tables of Salesforce, in whatever way a pipeline wrote them.

    Args:
        source: a folder of files, or tables by name: {"Opportunity": rows, frame, path, or answer of the API}.
        dialect: who wrote them (`rest`, `bulk`, `export`, `fivetran`, `airbyte`, `dlt`, `singer`); by default
            their columns tell.
        mapping: what only the owner of the org can tell (a value, or a TOML file).
        zone: the IANA zone of times that do not tell theirs, as those of the Data Export service.
        currency: the currency, as a code of three letters, in which all amounts are wanted.

    Raises:
        SourceError: when a file cannot be read as what it claims to be.
        ContractError: when nothing fits, or what was named is contradicted by the columns.
        BookError: when the mapping has faults.
    """
    return _core.read(SALESFORCE, source, dialect=dialect, mapping=mapping, zone=zone, currency=currency)


__all__ = [
    "DIALECTS",
    "ColumnUse",
    "Delivery",
    "Dialect",
    "Mapping",
    "Query",
    "Record",
    "Upsert",
    "queries",
    "read",
    "records",
    "tasks",
    "upserts",
]
