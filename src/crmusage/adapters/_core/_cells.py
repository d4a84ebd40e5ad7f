"""Cells as CRMs write them, besides what the door of a history reads: times as numbers of milliseconds."""

from __future__ import annotations

import polars as pl

from crmusage.history import Cells, typed

_EPOCH = r"^\s*-?\d{9,14}\s*$"
"""Milliseconds since 1970: fewer digits are a year or a day number, more are micro- or nanoseconds."""

INSTANT = pl.Datetime("us", "UTC")
_MOST = 2**63 // 1000 - 1


def instants(series: pl.Series, *, zone: str | None, where: str = "") -> pl.Series:
    """A column as instants in UTC; cells that are none are missing."""
    return read_instants(series, zone=zone, where=where).values


def read_instants(series: pl.Series, *, zone: str | None, where: str = "") -> Cells:
    """A column as instants in UTC, with the cells that are none; whole numbers are milliseconds since 1970.

    Raises:
        ContractError: for times without a zone, when `zone` names none.
    """
    dtype = series.dtype
    if dtype.is_float():
        series = series.fill_nan(None).cast(pl.Int64, strict=False)
        dtype = series.dtype
    if dtype.is_integer():
        millis = series.cast(pl.Int64, strict=False).clip(-_MOST, _MOST)
        return typed(millis.cast(pl.Datetime("ms")).cast(INSTANT_MS), "time", where=where)
    if dtype == pl.String and _is_epoch(series):
        numbers = series.str.contains(_EPOCH).fill_null(False)
        millis = series.str.strip_chars().cast(pl.Int64, strict=False).cast(pl.Datetime("ms")).cast(INSTANT)
        rest = typed(series.zip_with(~numbers, _nothing(series)), "time", zone=zone, where=where)
        read = typed(millis.zip_with(numbers, _nothing(millis)), "time")
        bad = dict(rest.bad) | dict(read.bad)
        return Cells(read.values.zip_with(numbers, rest.values), bad)
    return typed(series, "time", zone=zone, where=where)


INSTANT_MS = pl.Datetime("ms", "UTC")


def _nothing(series: pl.Series) -> pl.Series:
    return pl.Series(series.name, [None], dtype=series.dtype).new_from_index(0, len(series))


def _is_epoch(series: pl.Series) -> bool:
    """Whether any cell is such a number; the first ones tell, as a pipeline writes a column in one way."""
    return bool(series.drop_nulls().head(100).str.contains(_EPOCH).any())


def read_days(series: pl.Series, *, where: str = "") -> Cells:
    """A column as days, with the cells that are none; numbers are milliseconds since 1970, at midnight UTC."""
    if series.dtype.is_numeric() or (series.dtype == pl.String and _is_epoch(series)):
        read = read_instants(series, zone="UTC", where=where)
        return Cells(read.values.dt.date(), read.bad)
    return typed(series, "date", where=where)
