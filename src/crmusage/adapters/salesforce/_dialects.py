"""How pipelines write Salesforce's tables, and how each is told from the others."""

from __future__ import annotations

import re

import polars as pl

from crmusage.adapters._core import Dialect
from crmusage.adapters._core._crm import Tables
from crmusage.model import Text

NO_ID = "000000000000000AAA"
"""What stands in a lookup that points nowhere, in files of the Data Export service."""

_PASCAL = re.compile(r"Id|[A-Z][A-Za-z0-9]*(Id|Name|Date|Date[tT]ime|Modstamp|Order|Label)|Is[A-Z]\w+|Field")
_NAIVE = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
ATTRIBUTES = r"(.+\.)?attributes(\.(type|url))?"
"""What records of the API say of themselves: a mapping as it came, and its two parts where it was opened."""
_MANY = 100
"""Cells that are looked at."""


def _pascal(tables: Tables) -> bool:
    return any(_PASCAL.fullmatch(name) for frame in tables.values() for name in frame.columns)


def _texts(tables: Tables) -> list[pl.Series]:
    return [
        frame[name]
        for frame in tables.values()
        for name in frame.columns
        if frame.schema[name] == pl.String and _PASCAL.fullmatch(name)
    ]


def _of_records(tables: Tables) -> bool:
    return any(re.fullmatch(ATTRIBUTES, name) for frame in tables.values() for name in frame.columns)


def _exported(tables: Tables) -> bool:
    """Truths as 0 and 1, times without a zone, ids of zeros: what the Data Export service writes."""
    if not _pascal(tables) or _of_records(tables):
        return False
    for column in _texts(tables):
        cells = column.drop_nulls().head(_MANY)
        if not len(cells):
            continue
        if (cells == NO_ID).any():
            return True
        if column.name.endswith(("Date", "Modstamp")) and cells.str.contains(_NAIVE).all():
            return True
    return False


def _bulk(tables: Tables) -> bool:
    """Texts all over, or times as numbers: what the Bulk API writes, as CSV or (its first version) as JSON."""
    if not _pascal(tables):
        return False
    frames = [frame for frame in tables.values() if frame.width]
    numbers = any(
        frame.schema[name].is_integer() and name.endswith(("Date", "Modstamp", "Time"))
        for frame in frames
        for name in frame.columns
    )
    texts = all(dtype in (pl.String, pl.Null) for frame in frames for dtype in frame.dtypes)
    offset = any(column.drop_nulls().head(_MANY).str.contains(r"\+0000$").any() for column in _texts(tables))
    return numbers or (texts and not offset and not _of_records(tables))


def _rest(tables: Tables) -> bool:
    return _of_records(tables) or _pascal(tables)


DIALECTS = (
    Dialect(
        "fivetran",
        Text("Fivetran", "Fivetran"),
        marks=(r"_fivetran_\w+",),
        zone="UTC",
        synced=("_fivetran_synced",),
        deleted=("_fivetran_deleted",),
        valid=("_fivetran_start", "_fivetran_end"),
        includes_deleted=True,
    ),
    Dialect(
        "airbyte",
        Text("Airbyte", "Airbyte"),
        marks=(r"_airbyte_\w+", r"_ab_\w+"),
        zone="UTC",
        synced=("_airbyte_extracted_at", "_airbyte_emitted_at"),
        includes_deleted=True,
        notes=(
            Text(
                en="Airbyte reads Salesforce's Bulk API through a reader that takes texts such as NA and None for "
                "missing values unless preserve_na_values is set: fields may look empty that are not.",
                fr="Airbyte lit l'API Bulk de Salesforce avec un lecteur qui prend des textes comme NA ou None pour "
                "des valeurs absentes, sauf si preserve_na_values est activé : des champs peuvent sembler vides "
                "sans l'être.",
            ),
        ),
    ),
    Dialect(
        "dlt",
        Text("dlt", "dlt"),
        marks=(r"_dlt_\w+",),
        zone="UTC",
        includes_deleted=False,
        notes=(
            Text(
                en="dlt does not read deleted records: what was deleted stays as it was last loaded.",
                fr="dlt ne lit pas les enregistrements supprimés : ils restent tels qu'au dernier chargement.",
            ),
        ),
    ),
    Dialect(
        "singer",
        Text("Singer tap-salesforce", "tap-salesforce (Singer)"),
        marks=(r"_sdc_\w+",),
        zone="UTC",
        synced=("_sdc_extracted_at", "_sdc_batched_at"),
        deleted=("_sdc_deleted_at",),
        includes_deleted=True,
    ),
    Dialect(
        "export",
        Text("Data Export service", "service d'exportation de données"),
        fits=_exported,
        nulls=frozenset({NO_ID}),
        includes_deleted=None,
    ),
    Dialect("bulk", Text("Bulk API", "API Bulk"), own=(ATTRIBUTES,), fits=_bulk, nulls=frozenset({NO_ID})),
    Dialect(
        "rest",
        Text("REST API (simple-salesforce)", "API REST (simple-salesforce)"),
        own=(ATTRIBUTES,),
        fits=_rest,
    ),
)
