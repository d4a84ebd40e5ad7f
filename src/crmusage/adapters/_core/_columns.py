"""Columns as pipelines name and type them, as fields by the CRM's own names."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from crmusage.adapters._core._crm import Dialect, Entity
from crmusage.adapters._core._names import folded, snake
from crmusage.adapters._core._reading import Came
from crmusage.adapters._core._union import GONE, SYNCED, VALID_FROM, VALID_TO
from crmusage.history import typed

OWN = " own"
"""The field of columns that are the connector's."""


def plain_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of types that have no use here, as texts."""
    odd = [
        name
        for name, dtype in frame.schema.items()
        if dtype in (pl.Binary, pl.Categorical, pl.Enum, pl.Time, pl.Duration, pl.Object)
    ]
    if not odd:
        return frame
    return frame.with_columns(_as_texts(frame[name]) for name in odd)


def _as_texts(series: pl.Series) -> pl.Series:
    if series.dtype in (pl.Object, pl.Binary):
        return pl.Series(
            series.name, [None if one is None else str(one) for one in series.to_list()], dtype=pl.String
        )
    if series.dtype == pl.Duration:
        return series.dt.to_string("iso")
    return series.cast(pl.String)


def named(
    entity: Entity, parts: Iterable[Came], dialect: Dialect
) -> tuple[list[pl.DataFrame], dict[str, str]]:
    """Frames with the CRM's own names of fields, and which column became which field."""
    frames, written = [], {}
    for part in parts:
        of_field: dict[str, list[str]] = {}
        for column in part.frame.columns:
            of_field.setdefault(_field(entity, column, dialect), []).append(column)
        series = []
        for field, columns in of_field.items():
            written.update(dict.fromkeys(columns, field))
            if field == OWN:
                continue
            found = [part.frame[column] for column in columns]
            if len(found) > 1 and len({one.dtype for one in found}) > 1:
                found = [one.cast(pl.String) for one in found]
            # A connector that changed its spelling on the way has some rows in the one column, some in the other.
            value = found[0] if len(found) == 1 else pl.select(pl.coalesce(*found)).to_series()
            series.append(_cleared(value, field, dialect).alias(field))
        frames.append(pl.DataFrame(series))
    return frames, written


def _field(entity: Entity, column: str, dialect: Dialect) -> str:
    if column in dialect.synced:
        return SYNCED
    if column in dialect.deleted:
        return GONE
    if dialect.valid is not None and column in dialect.valid:
        return VALID_FROM if column == dialect.valid[0] else VALID_TO
    if dialect.owns(column):
        return OWN
    return entity.by_fold.get(folded(column)) or snake(column)


def _cleared(series: pl.Series, field: str, dialect: Dialect) -> pl.Series:
    if field == GONE:
        if series.dtype in (pl.Boolean, pl.Null) or series.dtype == pl.String or series.dtype.is_numeric():
            read = typed(series, "true or false").values
            # A time of deletion says that it is deleted, none that it is not.
            told = series.is_not_null() & read.is_null() & (series.cast(pl.String) != "")
            return read.fill_null(False) | told
        return series.is_not_null()
    if series.dtype == pl.String and dialect.nulls:
        none = series.is_in(list(dialect.nulls)).fill_null(False)
        if none.any():
            return series.zip_with(
                ~none, pl.Series(field, [None], dtype=pl.String).new_from_index(0, len(series))
            )
    return series
