"""Rows as they came: ids in one spelling, and of all versions of a row the one that holds."""

from __future__ import annotations

import polars as pl

from crmusage.adapters._core import Table
from crmusage.adapters.dynamics._options import NO_ID

INSTANT = pl.Datetime("us", "UTC")


def ids(series: pl.Series) -> pl.Series:
    """GUIDs in one spelling: small letters, no braces; the one of zeros names nothing."""
    if series.null_count() == len(series):
        return series
    plain = pl.col(series.name).str.strip_chars(" {}").str.to_lowercase()
    named = pl.when((plain != NO_ID) & (plain != "")).then(plain).alias(series.name)
    return series.to_frame().select(named).to_series()


def latest(table: Table) -> Table:
    """The rows as they stand last, where every version of a row came; what was deleted as it stood before."""
    if not table.has_versions:
        return table
    frame = pl.DataFrame(
        {
            "id": ids(table.id(table.entity.id)),
            "number": table.whole("versionnumber", to="events.at"),
            "since": table.valid_from(),
            "gone": table.gone(),
            # Two states of one version: which of them is taken does not hang on the order of rows.
            "tie": table.frame.select(sorted(table.frame.columns)).hash_rows(),
        }
    ).with_row_index(" row")
    order = frame.filter(pl.col("id").is_not_null()).sort("number", "since", "gone", "tie", nulls_last=False)
    last = order.unique("id", keep="last", maintain_order=True)
    # A deletion of which nothing reliable tells when it was is the end all the same.
    gone = pl.concat([last.filter("gone"), order.filter(pl.col("gone") & pl.col("since").is_null())])[
        "id"
    ].unique()
    # The row of a deletion has nothing but its id.
    whole = order.sort(~pl.col("gone"), maintain_order=True).unique("id", keep="last", maintain_order=True)
    part = table.only(frame[" row"].is_in(whole[" row"].implode()) | frame["id"].is_null())
    now = ids(part.id(table.entity.id)).is_in(gone.implode()).fill_null(False)
    part.frame = part.frame.with_columns(now.alias(" gone"))
    return part
