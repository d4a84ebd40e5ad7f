"""Frames and records of other libraries, as Polars frames."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import polars as pl

from crmusage.errors import ContractError

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def frame_of(source: Any, where: str) -> pl.DataFrame:
    """Any frame that speaks the Arrow PyCapsule protocol, as a Polars frame.

    Raises:
        ContractError: when `source` is no such frame, or cannot be exported.
    """
    if isinstance(source, pl.DataFrame):
        return source
    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if not hasattr(source, "__arrow_c_stream__"):
        hint = "; lists of records go to History.from_records" if isinstance(source, list | tuple) else ""
        raise ContractError(
            f"{where}: {type(source).__name__} is no frame that exports Arrow (Polars, pandas 2.2 or later, "
            f"PyArrow, DuckDB do){hint}"
        )
    try:
        frame = pl.DataFrame(_Stream(source))
    except Exception as error:
        # Whatever the other library raises: pandas, for one, cannot export a column of mixed objects.
        raise ContractError(
            f"{where}: this {type(source).__module__.partition('.')[0]} frame cannot be exported as Arrow "
            f"({error}); give each column one type (texts as texts, times as times)"
        ) from error
    return frame.drop([name for name in frame.columns if _PANDAS_INDEX.fullmatch(name)])


@attrs.frozen
class _Stream:
    """Only the protocol of a frame: Polars knows pandas itself, and would leave a named index behind."""

    source: Any

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.source.__arrow_c_stream__(requested_schema)


def frame_of_records(records: Iterable[Any], where: str) -> pl.DataFrame:
    """Mappings or attrs values, one a row, as a Polars frame; keys may differ from row to row.

    Raises:
        ContractError: when a record is neither.
    """
    columns: dict[str, list[Any]] = {}
    count = 0
    for record in records:
        if attrs.has(type(record)):
            record = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}  # noqa: PLW2901
        if not isinstance(record, Mapping):
            raise ContractError(
                f"{where}: record {count} is a {type(record).__name__}; records are dicts or attrs values, "
                "one a row"
            )
        for name, value in record.items():
            column = columns.setdefault(str(name), [])
            column.extend([None] * (count - len(column)))
            column.append(value)
        count += 1
    return pl.DataFrame(
        [_series(name, values + [None] * (count - len(values))) for name, values in columns.items()]
    )


_PLAIN: dict[type, pl.DataType] = {
    str: pl.String(),
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    dt.date: pl.Date(),
}


def _series(name: str, values: list[Any]) -> pl.Series:
    """One type if all values have it; else what they look like as texts, for the door to read one by one."""
    values = [_scalar(value) for value in values]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        kinds, values = {float}, [None if value is None else float(value) for value in values]
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is str:
            values = [None if value is None else encodable(value) for value in values]
        if kind is int and any(value is not None and not -(2**63) <= value < 2**63 for value in values):
            return pl.Series(
                name, [None if value is None else str(value) for value in values], dtype=pl.String
            )
        if kind in _PLAIN:
            return pl.Series(name, values, dtype=_PLAIN[kind])
    if not kinds and not any(value is not None for value in values):
        return pl.Series(name, values, dtype=pl.Null)
    return pl.Series(
        name, [None if value is None else encodable(_text(value)) for value in values], dtype=pl.String
    )


def _scalar(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, decimal.Decimal):
        return None if value.is_nan() else float(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, str):
        return str(value)
    return value


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else str(value)


def encodable(text: str) -> str:
    """Half a surrogate pair is no character, and no file or frame can hold it: U+FFFD stands for it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
