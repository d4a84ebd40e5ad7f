"""The two ways in which Odoo's tables come."""

from __future__ import annotations

import polars as pl

from crmusage.adapters._core import Dialect
from crmusage.adapters._core._crm import Tables
from crmusage.model import Text

PAIR = r"^\s*\[\s*\d+\s*,"
_AUDIT = frozenset({"create_uid", "write_uid", "create_date", "write_date"})


def _of_odoo(tables: Tables) -> bool:
    return any(_AUDIT & set(frame.columns) for frame in tables.values())


def _rpc(tables: Tables) -> bool:
    """Lookups as pairs of an id and a name, or as False where they point nowhere."""
    if not _of_odoo(tables):
        return False
    for frame in tables.values():
        for name in frame.columns:
            if name.endswith(("_id", "_uid")):
                texts = frame.schema[name] == pl.String
                pairs = texts and frame[name].drop_nulls().head(100).str.contains(PAIR).any()
                if frame.schema[name] == pl.Boolean or pairs:
                    return True
    return False


DIALECTS = (
    Dialect(
        "rpc",
        Text(en="Odoo's API (search_read)", fr="API d'Odoo (search_read)"),
        fits=_rpc,
        zone="UTC",
        includes_deleted=False,
    ),
    Dialect(
        "database",
        Text(en="tables of Odoo's database", fr="tables de la base de données d'Odoo"),
        fits=_of_odoo,
        own=(r"_airbyte_\w+", r"_ab_\w+", r"_fivetran_\w+", r"_dlt_\w+", r"_sdc_\w+"),
        zone="UTC",
        synced=("_airbyte_extracted_at", "_fivetran_synced", "_sdc_batched_at"),
        deleted=("_fivetran_deleted", "_ab_cdc_deleted_at", "_sdc_deleted_at"),
    ),
)
