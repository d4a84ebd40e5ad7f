"""Dynamics 365 (Dataverse): its tables, as pipelines deliver them, translated into a history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crmusage.adapters import _core
from crmusage.adapters._core import ColumnUse, Delivery, Dialect, Mapping, Record
from crmusage.adapters.dynamics._dialects import DIALECTS, NAMES
from crmusage.adapters.dynamics._folders import tables_of
from crmusage.adapters.dynamics._queries import Query, queries
from crmusage.adapters.dynamics._records import Upsert, records, tasks, upserts
from crmusage.adapters.dynamics._translate import DYNAMICS

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


def read(
    source: Any,
    *,
    dialect: str | None = None,
    mapping: Mapping | str | Path | None = None,
    zone: str | None = None,
    currency: str | None = None,
) -> Delivery:
    """Take what a pipeline delivered of Dynamics 365.

    Args:
        source: a folder (also one of Synapse Link, with its model.json), or tables by their logical names: paths,
            frames that export Arrow, records, answers of the Web API (`{"value": [...]}`), or lists of these.
        dialect: how it is written (the names of `DIALECTS`, or "sdk"); None: its columns tell.
        mapping: what only the owner of the CRM can tell of it, or the TOML file that does.
        zone: the IANA zone of days, and of times that do not tell theirs. Dataverse itself writes UTC.
        currency: the currency in which all amounts are wanted; None: the organisation's base currency, where there
            are several.

    Raises:
        SourceError: when something cannot be read.
        ContractError: when it is in no dialect that is known.
    """
    if isinstance(source, str | Path) and Path(source).is_dir():
        found = tables_of(Path(source))
        source = source if found is None else found
    named = None if dialect is None else NAMES.get(dialect.lower(), dialect)
    return _core.read(DYNAMICS, source, dialect=named, mapping=mapping, zone=zone, currency=currency)
