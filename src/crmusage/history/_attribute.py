"""Columns that the contract does not name: they pass through, typed so that rules can compare them."""

from __future__ import annotations

import polars as pl

from crmusage.history._column import Cells, Unusable, as_texts
from crmusage.history._instants import instants

# An id with zeros in front (007) is a text: as a number it would be another one.
_WHOLE = r"^[+-]?(?:0|[1-9]\d{0,17})$"
_NUMBER = r"^[+-]?(?:0|[1-9]\d{0,17})(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$"

SAMPLE = 100
"""Values that decide what a column of texts may be, before all are tried."""


def attribute(series: pl.Series, *, typed: bool, zone: str | None) -> Cells:
    """An attribute with one of the types that rules know: number, text, truth, time in UTC, date."""
    if isinstance(series.dtype, pl.Datetime):
        try:
            return instants(series, zone)
        except Unusable:
            # A clock without a zone cannot be compared with an instant: it stays as it was written.
            return Cells(as_texts(series))
    return Cells(_plain(series, typed=typed))


def _plain(series: pl.Series, *, typed: bool) -> pl.Series:
    dtype = series.dtype
    if dtype in (pl.Null, pl.Categorical, pl.Enum, pl.Object, pl.Duration, pl.Time):
        return as_texts(series)
    if dtype.is_decimal():
        return series.cast(pl.Float64)
    if dtype.is_float():
        return series.cast(pl.Float64).fill_nan(None)
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        return series.cast(pl.Int64)
    if dtype == pl.String and not typed:
        return _guessed(series)
    return series


def _guessed(text: pl.Series) -> pl.Series:
    sample = text.head(10 * SAMPLE).drop_nulls().head(SAMPLE)
    if not len(sample):
        sample = text.drop_nulls().head(SAMPLE)
    if not len(sample):
        return text
    if sample.str.to_lowercase().is_in(["true", "false"]).all():
        lower = text.str.to_lowercase()
        if lower.drop_nulls().is_in(["true", "false"]).all():
            return lower == "true"
        return text
    for shape, dtype in ((_WHOLE, pl.Int64), (_NUMBER, pl.Float64)):
        if sample.str.contains(shape).all():
            if text.str.contains(shape).all():
                return text.cast(dtype)
            if dtype is pl.Float64:
                return text
    if sample.str.contains(_DAY).all():
        days = text.str.to_date("%Y-%m-%d", strict=False)
        return days if days.null_count() == text.null_count() else text
    if sample.str.contains(_TIME).all() and text.str.contains(_TIME).all():
        try:
            times = instants(text, None).values
        except Unusable:
            return text
        return times if times.null_count() == text.null_count() else text
    return text
