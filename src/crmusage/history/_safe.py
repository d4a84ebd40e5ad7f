from __future__ import annotations

from pathlib import Path

import polars as pl

from crmusage.errors import SourceError

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or drops to get at one (OWASP, CSV injection)."""


def write_safe(frame: pl.DataFrame, path: str | Path) -> None:
    """Write a frame as `.parquet`, or as `.csv` that a spreadsheet can open without running anything.

    Texts come from the CRM, where anybody can type `=HYPERLINK(…)`: in CSV, a text (or a column's name) that
    could begin a formula gets an apostrophe before it. Numbers keep their minus. Instants are written in UTC;
    lists with a semicolon between their items.

    Raises:
        SourceError: for another ending, or when the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in {".csv", ".parquet"}:
        raise SourceError(
            f"{path}: a table is written as .csv or .parquet: give the file one of these endings"
        )
    try:
        if ending == ".parquet":
            frame.write_parquet(path)
        else:
            _harmless(frame).write_csv(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror or error}") from error


def _harmless(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        _cell(name, dtype).alias(_harmless_name(name)) for name, dtype in frame.schema.items()
    )


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match dtype:
        case pl.Datetime(time_zone=None):
            return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
        case pl.Datetime():
            return column.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")
        case pl.String() | pl.Categorical() | pl.Enum():
            return _escaped(column.cast(pl.String))
        case pl.List():
            return _escaped(column.cast(pl.List(pl.String)).list.join("; "))
        case pl.Struct():
            return column.struct.json_encode()
        case _:
            return column


def _escaped(text: pl.Expr) -> pl.Expr:
    dangerous = pl.any_horizontal(text.str.starts_with(sign) for sign in _DANGEROUS)
    return pl.when(dangerous).then(pl.lit("'") + text).otherwise(text)


def _harmless_name(name: str) -> str:
    return f"'{name}" if name.startswith(_DANGEROUS) else name
