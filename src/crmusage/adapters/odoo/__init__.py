"""Odoo's CRM and helpdesk, as its API or a copy of its database gives them, as a history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crmusage.adapters import _core
from crmusage.adapters._core import ColumnUse, Delivery, Dialect, Mapping
from crmusage.adapters.odoo._dialects import DIALECTS
from crmusage.adapters.odoo._entities import ENTITIES
from crmusage.adapters.odoo._translate import translate

ODOO = _core.Crm(
    "Odoo",
    ENTITIES,
    DIALECTS,
    translate,
    strip=("odoo_", "public_", "public."),
    rows_of=("result", "records"),
)


def read(
    source: Any,
    *,
    dialect: str | None = None,
    mapping: Mapping | str | Path | None = None,
    zone: str | None = None,
    currency: str | None = None,
) -> Delivery:
    """Read tables of Odoo.

    Ask with `active_test` off: else Odoo leaves out what is archived, and lost opportunities are.

    Args:
        source: a folder of files, or tables by the names of their models: {"crm.lead": rows, frame or path}.
        dialect: `rpc` (records of search_read) or `database`; by default the cells tell.
        mapping: what only the owner of the database can tell (a value, or a TOML file).
        zone: the zone of times; Odoo keeps them in UTC.
        currency: the currency in which all amounts are wanted.

    Raises:
        SourceError: when a file cannot be read as what it claims to be.
        ContractError: when nothing fits, or what was named is contradicted by the columns.
        BookError: when the mapping has faults.
    """
    return _core.read(ODOO, source, dialect=dialect, mapping=mapping, zone=zone, currency=currency)


__all__ = ["DIALECTS", "ColumnUse", "Delivery", "Dialect", "Mapping", "read"]
