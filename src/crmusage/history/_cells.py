"""One column of whatever came, turned into the contract's type; cells that could not be used are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from crmusage.history._column import Cells, Unusable, as_texts, described, emptied, missing
from crmusage.history._contract import Column, Sort
from crmusage.history._instants import FIRST_YEAR, ISO, LAST_YEAR, instants

A_FEW = 3
"""So many unreadable cells and not a readable one: the column is another one. Fewer are slips. Guessed."""

EXACT = 2**53
"""Up to here every whole number is itself as a float; beyond, different ids become one."""

TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "oui", "o", "vrai"})
FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "non", "faux"})

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def convert(series: pl.Series, column: Column, *, zone: str | None = None, comma: bool = False) -> Cells:
    """`series` as the contract wants `column`. `comma`: numbers in texts may have a decimal comma.

    Raises:
        Unusable: when the column as a whole cannot be that.
    """
    if column.sort is Sort.INSTANT:
        cells = instants(series, zone)
    elif series.dtype == pl.Null or series.null_count() == len(series):
        return Cells(missing(series.name, column.sort.dtype, len(series)))
    elif column.sort is Sort.NUMBER:
        cells = _numbers(series, comma=comma)
    else:
        cells = _PLAIN[column.sort](series)
        if column.words:
            cells = _within(cells, column)
        elif column.sort in {Sort.ID, Sort.TEXT} and not column.verbatim:
            cells = Cells(_blanks_missing(cells.values), cells.bad)
    unreadable = cells.bad.get("unreadable")
    if unreadable is not None and cells.values.null_count() == len(series):
        count = int(unreadable.sum())
        if count == len(series) - series.null_count() and (column.needed or count >= A_FEW):
            fix = ISO if column.sort is Sort.INSTANT else _FIX[column.sort]
            raise Unusable(f"none of its cells is a {column.sort.value}: it holds {described(series)}; {fix}")
    return cells


_FIX = {
    Sort.DAY: "write dates as 2026-03-01",
    Sort.NUMBER: "write numbers with a decimal point and nothing else, as 1234.50",
    Sort.WHOLE: "write whole numbers, as 3",
    Sort.FLAG: "write true or false",
    Sort.ID: "give ids as texts or whole numbers",
    Sort.TEXT: "give texts",
}


def _refused(series: pl.Series, sort: Sort) -> Unusable:
    plural = {Sort.FLAG: "true or false", Sort.WHOLE: "whole numbers"}.get(sort, f"{sort.value}s")
    return Unusable(f"it should hold {plural} and holds {described(series)}; {_FIX[sort]}")


def _blanks_missing(values: pl.Series) -> pl.Series:
    blank = (values == "").fill_null(False)
    return emptied(values, blank) if blank.any() else values


def _texts(series: pl.Series) -> Cells:
    return _written(series, Sort.TEXT)


def _ids(series: pl.Series) -> Cells:
    dtype = series.dtype
    if dtype == pl.Boolean or dtype.is_temporal():
        raise _refused(series, Sort.ID)
    return _written(series, Sort.ID)


def _written(series: pl.Series, sort: Sort) -> Cells:
    dtype = series.dtype
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary):
        raise _refused(series, sort)
    if dtype.is_float():
        return _floats_written(series, sort)
    if dtype.is_decimal():
        plain = series.cast(pl.String)
        return Cells(plain.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix("."))
    if dtype == pl.Boolean:
        return Cells(series.cast(pl.String))
    return Cells(series if dtype == pl.String else as_texts(series))


def _floats_written(series: pl.Series, sort: Sort) -> Cells:
    """Whole numbers that became floats on the way (pandas, when one is missing) are whole again."""
    given = series.fill_nan(None)
    whole = (given.is_finite() & (given.floor() == given) & (given.abs() <= EXACT)).fill_null(False)
    plain = emptied(given, ~whole).cast(pl.Int64).cast(pl.String)
    rest = given.is_not_null() & ~whole
    if not rest.any():
        return Cells(plain)
    if sort is Sort.ID:
        return Cells(plain, {"unreadable": rest})
    return Cells(plain.zip_with(whole, given.cast(pl.String)))


def _numbers(series: pl.Series, *, comma: bool) -> Cells:
    dtype = series.dtype
    if dtype == pl.Boolean or not (dtype.is_numeric() or dtype in _TEXTS):
        raise _refused(series, Sort.NUMBER)
    bad: dict[str, pl.Series] = {}
    if dtype in _TEXTS:
        text = series.cast(pl.String)
        values = text.cast(pl.Float64, strict=False)
        if values.null_count() > text.null_count():
            left = text.is_not_null() & values.is_null()
            # Spaces, the narrow ones too, part the thousands in French.
            tidy = text.str.replace_all(r"[\s\u{a0}\u{202f}]", "")
            if comma:
                tidy = tidy.str.replace(",", ".", literal=True)
            values = values.zip_with(~left, tidy.cast(pl.Float64, strict=False))
            unreadable = left & values.is_null() & (tidy != "")
            if unreadable.any():
                bad["unreadable"] = unreadable
    else:
        values = series.cast(pl.Float64)
    values = values.fill_nan(None)
    endless = values.is_infinite().fill_null(False)
    if endless.any():
        bad["that is not finite"] = endless
        values = emptied(values, endless)
    return Cells(values, bad)


def _wholes(series: pl.Series) -> Cells:
    dtype = series.dtype
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        return Cells(series.cast(pl.Int64))
    if dtype == pl.Boolean or not (dtype.is_numeric() or dtype in _TEXTS):
        raise _refused(series, Sort.WHOLE)
    values = series.cast(pl.String if dtype in _TEXTS else dtype).cast(pl.Int64, strict=False)
    if dtype in _TEXTS:
        if values.null_count() == series.null_count():
            return Cells(values)
        series = series.cast(pl.String).str.strip_chars()
        series = emptied(series, (series == "").fill_null(False))
        values = series.cast(pl.Int64, strict=False)
    floats = series.cast(pl.Float64, strict=False).fill_nan(None)
    if dtype.is_float() or dtype.is_decimal():
        values = emptied(values, ((floats.floor() != floats) | (floats.abs() > EXACT)).fill_null(False))
        blank = floats.is_null()
    else:
        # "3.0" is 3.
        whole = ((floats.floor() == floats) & (floats.abs() <= EXACT)).fill_null(False)
        values = values.zip_with(values.is_not_null(), emptied(floats, ~whole).cast(pl.Int64))
        blank = series.is_null()
    unreadable = values.is_null() & ~blank
    return Cells(values, {"unreadable": unreadable} if unreadable.any() else {})


def _flags(series: pl.Series) -> Cells:
    dtype = series.dtype
    if dtype == pl.Boolean:
        return Cells(series)
    if not (dtype.is_numeric() or dtype in _TEXTS):
        raise _refused(series, Sort.FLAG)
    if dtype.is_float():
        series = series.fill_nan(None)
    text = series.cast(pl.String).str.strip_chars().str.to_lowercase()
    true, false = text.is_in(list(TRUE)), text.is_in(list(FALSE))
    values = emptied(true, (~true & ~false).fill_null(False))
    unreadable = (values.is_null() & text.is_not_null() & (text != "")).fill_null(False)
    return Cells(values, {"unreadable": unreadable} if unreadable.any() else {})


def _days(series: pl.Series) -> Cells:
    dtype = series.dtype
    bad: dict[str, pl.Series] = {}
    if dtype == pl.Date:
        values = series
    elif isinstance(dtype, pl.Datetime):
        values = series.dt.date()
    elif dtype in _TEXTS:
        text = series.cast(pl.String).str.strip_chars()
        # A time is a date with more; the date that was written is meant.
        written = text.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$")
        values = written.str.to_date("%Y-%m-%d", strict=False)
        unreadable = (values.is_null() & text.is_not_null() & (text != "")).fill_null(False)
        if unreadable.any():
            bad["unreadable"] = unreadable
    else:
        raise _refused(series, Sort.DAY)
    # Compared as ticks: beyond the calendar a date has no year.
    first, last = (
        (dt.date(*bound) - dt.date(1970, 1, 1)).days for bound in ((FIRST_YEAR, 1, 1), (LAST_YEAR, 12, 31))
    )
    absurd = ~values.to_physical().is_between(first, last).fill_null(True)
    if absurd.any():
        bad[f"outside the years {FIRST_YEAR} to {LAST_YEAR}"] = absurd
        values = emptied(values, absurd)
    return Cells(values, bad)


def _within(cells: Cells, column: Column) -> Cells:
    """Only the contract's words, however they are capitalised."""
    seen = cells.values.drop_nulls().unique().to_list()
    if all(word in column.words for word in seen):
        return cells
    known: dict[str, str | None] = {}
    foreign = []
    for raw in seen:
        word = raw.strip().casefold()
        if word in column.words or not word:
            known[raw] = word or None
        else:
            known[raw] = column.otherwise
            foreign.append(raw)
    values = cells.values.replace_strict(list(known), list(known.values()), return_dtype=pl.String)
    bad = dict(cells.bad)
    if foreign:
        bad["unknown"] = cells.values.is_in(foreign).fill_null(False)
    return Cells(values, bad)


_PLAIN: dict[Sort, Callable[[pl.Series], Cells]] = {
    Sort.ID: _ids,
    Sort.TEXT: _texts,
    Sort.WHOLE: _wholes,
    Sort.FLAG: _flags,
    Sort.DAY: _days,
}
