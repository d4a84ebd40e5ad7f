"""Cells as Odoo writes them: False for nothing, a lookup as a pair of id and name, a name in all languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import polars as pl

from crmusage.adapters._core import Job, Table

_ID = r"^\s*\[?\s*(\d+)(?:\.0)?\s*(?:,|\]|$)"
_PAIR = r"^\s*\[\s*\d+\s*,"
_LANGUAGES = r'^\s*\{\s*"[a-z]{2}'
_FALSE = ("False", "false")
NAMED = " named "
"""What stands before a field where the name beside its id is kept; no attribute begins with a blank."""
BY_NAME = frozenset(
    {
        "campaign_id",
        "company_id",
        "country_id",
        "lost_reason_id",
        "medium_id",
        "source_id",
        "state_id",
        "ticket_type_id",
    }
)
"""Lookups of which the name is the value. The names of others may be those of persons."""


def opened(job: Job) -> None:
    """Take the pairs apart, and False for what it stands for: nothing, but in fields that are true or false."""
    for table in job.tables.values():
        frame = table.frame
        found = []
        for name in frame.columns:
            kind = table.entity.fields.get(name)
            series = frame[name]
            if kind == "true or false" or name.startswith(" "):
                continue
            if series.dtype == pl.Boolean and kind is not None:
                found.append(pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(series)))
            elif series.dtype == pl.String:
                cells = pl.Series(name, series).set(series.is_in(list(_FALSE)).fill_null(False), None)
                pairs = cells.str.contains(_PAIR).fill_null(False)
                if kind == "id" or pairs.any():
                    spoken = _picked(cells, pairs, _second)
                    found.append(spoken.alias(f"{NAMED}{name}"))
                    plain = spoken if name in BY_NAME else cells.str.extract(_ID)
                    # What is no id stays to be told.
                    found.append(plain.zip_with(plain.is_not_null() | pairs, cells).alias(name))
                else:
                    found.append(_untranslated(cells))
        if found:
            table.frame = frame.with_columns(found)


def _untranslated(cells: pl.Series) -> pl.Series:
    """A name that the database keeps in all languages, as {"en_US": "New", "fr_FR": "Nouveau"}, in one of them."""
    many = cells.str.contains(_LANGUAGES).fill_null(False)
    if not many.any():
        return cells
    one = _picked(cells, many, _english)
    return one.zip_with(one.is_not_null(), cells)


def _picked(cells: pl.Series, where: pl.Series, pick: Callable[[Any], Any]) -> pl.Series:
    """One part of each cell that is JSON; there are as many different ones as records that are pointed to."""
    known = {text: _part(text, pick) for text in cells.filter(where).unique().to_list()}
    return cells.replace_strict(known, default=None, return_dtype=pl.String)


def _part(text: str, pick: Callable[[Any], Any]) -> str | None:
    try:
        found = pick(json.loads(text))
    except (ValueError, RecursionError):
        return None
    # Half a pair of surrogates is a letter to JSON and to nobody else.
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else None


def _second(pair: Any) -> Any:
    return pair[1] if isinstance(pair, list) and len(pair) > 1 else None


def _english(names: Any) -> Any:
    held = names if isinstance(names, dict) else {}
    return held.get("en_US") or next(iter(held.values()), None)


def names(table: Table, field: str) -> pl.Series:
    """The names that came beside the ids of a lookup."""
    return table.text(f"{NAMED}{field}")


def ids(model: str, series: pl.Series) -> pl.Series:
    """Ids as Odoo writes references, `crm.lead,7`: a number alone is a lead, a ticket and a user at once."""
    # Polars' format fails on columns in several pieces, as slices put together are.
    return pl.select(pl.concat_str(pl.lit(f"{model},"), series).alias(series.name)).to_series()
