"""Rows in the one order that a history has, whatever order they came in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

EVENT_KEY = ("case_id", "at", "seq")

STRETCH = 100_000
"""Rows that are looked at together: what compares rows makes copies of them."""

_ROW = " row"


def positions(events: pl.DataFrame) -> pl.Series:
    """The place of each event among those of its case, from 0, in the order of the rows."""
    return events.select(pl.int_range(pl.len(), dtype=pl.Int64).over("case_id").alias("seq"))["seq"]


def runs(keys: pl.Series) -> npt.NDArray[np.int64]:
    """Where each run of equal keys begins, and after the last one where that ends."""
    lengths = keys.rle().struct.field("len").to_numpy()
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def in_order(table: pl.DataFrame) -> pl.DataFrame:
    """Events by (case, at, seq), other tables by all their columns; equal keys by all other columns."""
    if table.height < 2:
        return table
    rest = [name for name, dtype in table.schema.items() if name not in EVENT_KEY and sortable(dtype)]
    if "activity" not in table.columns:
        return table.sort([name for name, dtype in table.schema.items() if sortable(dtype)], nulls_last=True)
    key = [name for name in EVENT_KEY if table[name].null_count() < table.height]
    if not _is_sorted(table):
        table = table.sort(key, nulls_last=True)
    return _settled(table, key, rest)


def _settled(events: pl.DataFrame, key: list[str], rest: list[str]) -> pl.DataFrame:
    """Sorted events, those with equal keys in the order of their other columns."""
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in key)
    # Each stretch begins with the last row of the one before, which was compared there.
    stretches = (events.slice(row, STRETCH + 1).select(same) for row in range(0, events.height - 1, STRETCH))
    alike = pl.concat([pl.Series([False]), *(stretch.to_series()[1:] for stretch in stretches)])
    if not alike.any():
        return events
    tied = alike | alike.shift(-1).fill_null(False)
    before = events.filter(tied)
    after = before.sort([*key, *rest], nulls_last=True)
    if after.equals(before):
        return events
    row = pl.int_range(events.height, eager=True, dtype=pl.UInt32).alias(_ROW)
    calm = events.filter(~tied).with_columns(row.filter(~tied))
    return pl.concat([calm, after.with_columns(row.filter(tied))]).sort(_ROW).drop(_ROW)


def sortable(dtype: pl.DataType) -> bool:
    """Whether values of this type have an order."""
    return not (dtype.is_nested() or dtype == pl.Object)


def _is_sorted(events: pl.DataFrame) -> bool:
    return all(_rises(events.slice(row, STRETCH + 1)) for row in range(0, events.height, STRETCH))


def _rises(events: pl.DataFrame) -> bool:
    case, at, seq = (pl.col(name) for name in EVENT_KEY)
    # Missing seq stands last.
    rises = (seq >= seq.shift(1)) | seq.is_null()
    falls = (at < at.shift(1)) | ((at == at.shift(1)) & ~rises.fill_null(False))
    wrong = (case < case.shift(1)) | ((case == case.shift(1)) & falls)
    return not bool(events.select(wrong.fill_null(False).any()).item())
