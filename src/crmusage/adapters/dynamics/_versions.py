"""What was changed between the versions of a row, where a pipeline keeps them all."""

from __future__ import annotations

import polars as pl

from crmusage.adapters._core import Table
from crmusage.adapters.dynamics._entities import LOOKUPS
from crmusage.adapters.dynamics._rows import INSTANT, ids

_KEPT_BY_DATAVERSE = frozenset(
    {
        "versionnumber",
        "modifiedon",
        "modifiedby",
        "modifiedonbehalfby",
        "createdon",
        "createdby",
        " from",
        " to",
        " gone",
    }
)
"""Columns that tell of a version and not of what was changed in it."""


def between(table: Table) -> pl.DataFrame:
    """What differs between one version of a row and the next; who wrote the version made the change, then."""
    left_out = {*_KEPT_BY_DATAVERSE, table.entity.id}
    fields = [
        one
        for one in table.frame.columns
        if one not in left_out and not one.endswith(("_type", "_entitytype"))
    ]
    told = {f"value {field}": _value(table, field) for field in fields}
    frame = pl.DataFrame(
        {
            "record": ids(table.id(table.entity.id, to="events.case_id")),
            "at": table.time("modifiedon", to="events.at"),
            "sunk": table.valid_from(),
            "number": table.whole("versionnumber", to="events.at"),
            "actor": ids(table.id("modifiedby", to="events.actor")),
            "gone": table.gone(),
            **told,
        }
    )
    frame = frame.filter(pl.col("record").is_not_null() & ~pl.col("gone"))
    frame = frame.with_columns(pl.coalesce("at", "sunk").alias("at"))
    frame = frame.sort("record", "number", "sunk", *told, nulls_last=False)
    follows = pl.col("record") == pl.col("record").shift(1)
    frames = [
        frame.select(
            "record",
            "at",
            "actor",
            pl.lit(column.removeprefix("value ")).alias("field"),
            pl.col(column).shift(1).alias("old"),
            pl.col(column).alias("new"),
            follows.alias("follows"),
        ).filter(pl.col("follows") & pl.col("old").ne_missing(pl.col("new")))
        for column in told
    ]
    return pl.concat([pl.DataFrame(schema=_FOUND), *(one.drop("follows") for one in frames)]).drop_nulls("at")


_FOUND = {
    "record": pl.String(),
    "at": INSTANT,
    "actor": pl.String(),
    "field": pl.String(),
    "old": pl.String(),
    "new": pl.String(),
}


def _value(table: Table, field: str) -> pl.Series:
    series = table.text(field, to=("events.old", "events.new"))
    return ids(series) if field in LOOKUPS else series
