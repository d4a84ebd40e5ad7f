from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.history._index import NEVER


@attrs.frozen(eq=False)
class Labels:
    """A column of texts: `labels[code]`; missing where the code is negative."""

    codes: npt.NDArray[np.integer[Any]]
    labels: Sequence[str] | pl.Series


@attrs.frozen(eq=False)
class Instants:
    """A column of instants in microseconds UTC; missing where NEVER (or its opposite)."""

    values: npt.NDArray[np.int64]


def table(columns: Mapping[str, Labels | Instants | npt.NDArray[Any] | Sequence[Any]]) -> pl.DataFrame:
    """A frame of columns of one length; integer arrays have -1 for what is missing."""
    return pl.DataFrame({name: _series(name, column) for name, column in columns.items()})


def _series(name: str, column: Any) -> pl.Series:
    if isinstance(column, Labels):
        labels = (
            column.labels
            if isinstance(column.labels, pl.Series)
            else pl.Series(column.labels, dtype=pl.String)
        )
        if not len(labels):
            return pl.Series(name, [None] * len(column.codes), dtype=pl.String)
        known = pl.Series(column.codes >= 0)
        found = labels.gather(np.maximum(column.codes, 0))
        return found.zip_with(
            known, pl.Series([None], dtype=labels.dtype).new_from_index(0, len(found))
        ).alias(name)
    if isinstance(column, Instants):
        known = np.abs(column.values) != NEVER
        return _known(name, np.where(known, column.values, 0), known, pl.Datetime("us", "UTC"))
    if isinstance(column, np.ndarray) and np.issubdtype(column.dtype, np.integer):
        return _known(name, column, column >= 0, pl.Int64())
    return pl.Series(name, column)


def _known(name: str, values: Any, known: Any, dtype: pl.DataType) -> pl.Series:
    frame = pl.DataFrame({name: values, "known": known})
    return frame.select(pl.when("known").then(pl.col(name).cast(dtype)))[name]
