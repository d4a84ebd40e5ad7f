"""Tables and columns of other systems, read as the door reads them, for who translates them first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import polars as pl

from crmusage.errors import ContractError
from crmusage.history._attribute import attribute
from crmusage.history._cells import convert
from crmusage.history._column import Cells, Unusable, missing
from crmusage.history._contract import Column, Sort
from crmusage.history._frames import frame_of, frame_of_records
from crmusage.history._headers import all_named
from crmusage.history._read import read_table

Kind = Literal["id", "text", "time", "date", "number", "whole number", "true or false"]
"""What the cells of a column are, in the contract's words."""


def as_it_came(source: Any, where: str) -> pl.DataFrame:
    """A table of whatever names and types: the path of a file, a frame that exports Arrow, or records.

    Raises:
        SourceError: when a file cannot be read as what it claims to be.
        ContractError: when `source` is no table.
    """
    if isinstance(source, str | Path):
        frame = read_table(Path(source), where).frame
    elif isinstance(source, pl.LazyFrame) or hasattr(source, "__arrow_c_stream__"):
        frame = frame_of(source, where)
    elif hasattr(source, "__iter__") and not isinstance(source, bytes | bytearray):
        frame = frame_of_records(source, where)
    else:
        raise ContractError(
            f"{where}: {type(source).__name__} is no table; give a path, a frame that exports Arrow, or dicts"
        )
    names = all_named(name.strip().removeprefix("\ufeff") for name in frame.columns)
    if list(names) == frame.columns:
        return frame
    if len(set(names)) < len(names):
        raise ContractError(f"{where}: two of its columns have one name but for blanks; keep one of them")
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def typed(series: pl.Series, kind: Kind, *, zone: str | None = None, where: str = "") -> Cells:
    """A column in the contract's type, with masks of the cells that could not be used, by what is wrong.

    Where not one cell can be used they all are told; only a clock without its zone is the caller's to settle.

    Raises:
        ContractError: for times without a zone, when `zone` names none.
    """
    sort = Sort(kind)
    if series.dtype in _NEVER[sort] or (sort is not Sort.TEXT and series.dtype.is_nested()):
        return Cells(missing(series.name, sort.dtype, len(series)), {"unreadable": series.is_not_null()})
    column = Column(series.name, sort)
    try:
        return convert(series, column, zone=zone)
    except Unusable as unusable:
        nothing = Cells(missing(series.name, sort.dtype, len(series)), {"unreadable": series.is_not_null()})
        if sort is not Sort.INSTANT or zone is not None:
            return nothing
        try:
            convert(series, column, zone="UTC")
        except Unusable:
            return nothing
        raise ContractError(f"{where or series.name}: {unusable}") from None


def as_attribute(series: pl.Series, *, zone: str | None = None) -> pl.Series:
    """A column in one of the types that rules know; texts that all look like one of them become it."""
    return attribute(series, typed=False, zone=zone).values.alias(series.name)


_NEVER: dict[Sort, tuple[Any, ...]] = {
    Sort.ID: (pl.Object, pl.Binary),
    Sort.TEXT: (pl.Object, pl.Binary),
    Sort.INSTANT: (pl.Object, pl.Binary, pl.Boolean, pl.Duration, pl.Time),
    Sort.DAY: (pl.Object, pl.Binary, pl.Boolean, pl.Duration, pl.Time),
    Sort.NUMBER: (pl.Object, pl.Binary),
    Sort.WHOLE: (pl.Object, pl.Binary),
    Sort.FLAG: (pl.Object, pl.Binary),
}
"""Types in which no cell of a column can be what it should be."""
