"""Cells, names and columns as pipelines write them, whatever the CRM."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from crmusage.testing._dialects_company import Row

Tables = dict[str, list[Row]]


def without_versions(tables: Tables) -> Tables:
    """The tables without the columns of a connector that keeps states."""
    return {
        name: [{field: value for field, value in row.items() if not field.startswith("_")} for row in rows]
        for name, rows in tables.items()
    }


def cells(
    tables: Tables,
    time: Callable[[dt.datetime], Any],
    day: Callable[[dt.date], Any],
    truth: Callable[[bool], Any] = bool,
    other: Callable[[Any], Any] = lambda value: value,
    none: Callable[[str], Any] = lambda _: None,
) -> Tables:
    """The tables with times, days, truths, other values and what is missing as one pipeline writes them."""

    def cell(field: str, value: Any) -> Any:
        if value is None:
            return none(field)
        if isinstance(value, bool):
            return truth(value)
        if isinstance(value, dt.datetime):
            return time(value)
        return day(value) if isinstance(value, dt.date) else other(value)

    return {
        name: [{field: cell(field, value) for field, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }


def framed(tables: Tables, field: Callable[[str], str], own: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Frames with the names of fields, and the columns of its own, that a connector writes."""
    found = {}
    for name, rows in tables.items():
        frame = pl.DataFrame(rows, infer_schema_length=None)
        frame = frame.rename(lambda one: one if one.startswith("_") else field(one))
        found[name] = frame.with_columns(pl.lit(value).alias(column) for column, value in own.items())
    return found


def csv_texts(tables: Tables) -> dict[str, pl.DataFrame]:
    """Frames of texts only, as a reader of CSV gives them."""
    return {
        name: pl.DataFrame(
            {
                field: [None if row[field] in (None, "") else str(row[field]) for row in rows]
                for field in (rows[0] if rows else ())
            },
            schema_overrides=dict.fromkeys(rows[0] if rows else (), pl.String),
        )
        for name, rows in tables.items()
    }


def written(source: Mapping[str, Any], folder: Path, kind: str) -> Path:
    """One file a table, as CSV, Parquet or JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in source.items():
        if kind == "json":
            (folder / f"{name}.json").write_text(json.dumps(table), encoding="utf-8")
            continue
        frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(table, infer_schema_length=None)
        file = folder / f"{name}.{kind}"
        if kind == "csv":
            frame.write_csv(file)
        else:
            frame.write_parquet(file)
    return folder
