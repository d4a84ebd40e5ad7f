from __future__ import annotations

from collections.abc import Mapping

import attrs
import polars as pl

SHOWN = 3
"""Distinct values that a message shows."""
LONGEST = 40
"""Characters of each."""
LOOKED_AT = 1000
"""Rows in which they are looked for."""


class Unusable(Exception):  # noqa: N818 - never seen outside: the door makes it part of one ContractError
    """A whole column cannot be what the contract asks; the text says what it holds and what would fix it."""


@attrs.frozen
class Cells:
    """A column in its contract's type."""

    values: pl.Series
    bad: Mapping[str, pl.Series] = attrs.field(factory=dict)
    """What is wrong with cells that could not be used, and which they are. Their value is missing."""


def missing(name: str, dtype: pl.DataType, length: int) -> pl.Series:
    """A column without a value."""
    return pl.Series(name, [None], dtype=dtype).new_from_index(0, length)


def none_of(series: pl.Series) -> pl.Series:
    """A mask that picks nothing."""
    return pl.Series(series.name, [False], dtype=pl.Boolean).new_from_index(0, len(series))


def emptied(series: pl.Series, where: pl.Series) -> pl.Series:
    """The column with the cells that a mask picks missing."""
    return series.zip_with(~where, missing(series.name, series.dtype, len(series)))


def described(series: pl.Series) -> str:
    """What stands in a column, for a message: its type and its first distinct values."""
    if series.dtype == pl.Object:
        return "Python objects"
    kind = "text" if series.dtype == pl.String else str(series.dtype)
    given = series.drop_nulls().head(LOOKED_AT)
    if series.dtype.is_temporal():
        given = as_texts(given)
    first = given.head(SHOWN).to_list() if series.dtype.is_nested() else _distinct(given)
    quoted = series.dtype in (pl.String, pl.Binary, pl.Categorical, pl.Enum)
    return f"{kind} ({', '.join(_short(value, quoted=quoted) for value in first) or 'no values'})"


def _distinct(given: pl.Series) -> list[object]:
    return given.unique(maintain_order=True).head(SHOWN).to_list()


def _short(value: object, *, quoted: bool) -> str:
    text = repr(value) if quoted else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_DAYS = 2**63 // _PER_DAY["ns"]
"""Days around 1970 that any unit of time can hold: more than 290 years on either side."""


def as_texts(series: pl.Series) -> pl.Series:
    """Any column as texts, for messages."""
    dtype = series.dtype
    if dtype == pl.Object:
        return pl.Series(
            series.name,
            [None if value is None else str(value) for value in series.to_list()],
            dtype=pl.String,
        )
    if dtype == pl.Duration:
        return series.dt.to_string("iso")
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.Series(series.name, [str(dtype)], dtype=pl.String).new_from_index(0, len(series))
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        # Beyond the calendar a tick has no date, and asking for it is a panic: the tick itself is shown.
        ticks = series.to_physical()
        limit = _DAYS * (_PER_DAY[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1)
        beyond = ~ticks.is_between(-limit, limit).fill_null(True)
        written = emptied(series, beyond).cast(pl.String)
        return written.zip_with(~beyond, ticks.cast(pl.String)) if beyond.any() else written
    return series.cast(pl.String)
