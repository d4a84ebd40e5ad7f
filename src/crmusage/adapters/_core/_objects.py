from __future__ import annotations

import polars as pl

from crmusage.adapters._core._job import Job
from crmusage.adapters._core._table import Table
from crmusage.history import columns_of


def put_objects(job: Job) -> None:
    """Put the rows of the mapping's custom objects into the tables of cases and events."""
    for name, custom in job.mapping.objects.items():
        table = job.table(name)
        into = "events" if custom.kind is None else "cases"
        if not table.came:
            job.cover(name, complete=False)
            continue
        columns = {
            column: read_as(table, field, into, column).alias(column)
            for column, field in custom.columns.items()
        }
        if custom.kind is not None:
            columns["kind"] = pl.Series("kind", [custom.kind]).new_from_index(0, table.height)
        if custom.activity is not None:
            columns["activity"] = pl.Series("activity", [custom.activity]).new_from_index(0, table.height)
        job.put(into, {**columns, **table.kept(into)})


def read_as(table: Table, field: str, into: str, column: str) -> pl.Series:
    """A field as a column of the contract wants it, claimed for it; unknown words there are the door's to tell."""
    read = {
        "id": table.id,
        "text": table.text,
        "time": table.time,
        "date": table.day,
        "number": table.number,
        "whole number": table.whole,
        "true or false": table.flag,
    }
    return read[columns_of(into)[column].sort.value](field, f"{into}.{column}")
