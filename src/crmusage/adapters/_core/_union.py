"""Slices of one table put together: each record once, as it was last seen, whatever the order of the slices."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from crmusage.adapters._core._cells import instants
from crmusage.adapters._core._crm import Entity

SYNCED, GONE, VALID_FROM, VALID_TO = " synced", " gone", " from", " to"
"""Columns that a dialect's own ones became; no column of a CRM begins with a blank."""


def united(entity: Entity, frames: Iterable[pl.DataFrame], *, zone: str | None) -> tuple[pl.DataFrame, int]:
    """The rows of all frames, each record once; and how many records had two states of the same instant.

    The last state counts, by when the record was changed and then by when the pipeline wrote it. Of states that
    are equal in both, the one that is gone does, else the last in the order of their cells: so the result does
    not depend on the order of the frames. Without an id only equal rows are one.
    """
    frame = stacked(list(frames))
    if entity.id not in frame.columns:
        return frame.unique(maintain_order=True), 0
    key = [entity.id, *([VALID_FROM] if VALID_FROM in frame.columns else [])]
    stamp = next((one for one in entity.stamps if one in frame.columns), None)
    if entity.versions and stamp is not None and VALID_FROM not in key:
        key.append(stamp)
    again = frame[entity.id].is_duplicated() if len(key) == 1 else frame.select(key).is_duplicated()
    again &= frame[entity.id].is_not_null()
    unnamed = frame[entity.id].is_null()
    if not again.any() and not unnamed.any():
        return frame, 0
    few = frame.filter(again).unique()
    order = [" stamp"]
    few = few.with_columns(
        instants(few[stamp], zone=zone or "UTC").alias(" stamp") if stamp else pl.lit(0).alias(" stamp")
    )
    order += [one for one in (SYNCED, GONE) if one in few.columns]
    texts = few.select(pl.col(sorted(frame.columns)).cast(pl.String)).rename(lambda name: f" text {name}")
    few = few.hstack(texts).sort([*key, *order, *texts.columns], nulls_last=False)
    torn = few.group_by([*key, *order[: 1 + (SYNCED in few.columns)]]).len().filter(pl.col("len") > 1)
    last = few.unique(key, keep="last", maintain_order=True).select(frame.columns)
    # Of a torn instant that a later state outdid nobody needs to hear.
    told = torn.join(
        few.unique(key, keep="last").select(*key, *order[:1]), on=[*key, *order[:1]], nulls_equal=True
    )
    whole = pl.concat(
        [frame.filter(~again & ~unnamed), last, frame.filter(unnamed).unique(maintain_order=True)]
    )
    return whole, told.height


def stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames one under the other; columns of different types become texts, those that lack are empty."""
    if len(frames) == 1:
        return frames[0]
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            if dtype != pl.Null:
                types.setdefault(name, set()).add(dtype)
    torn = {name for name, found in types.items() if len(found) > 1}
    return pl.concat(
        [
            frame.with_columns(pl.col(name).cast(pl.String) for name in frame.columns if name in torn)
            for frame in frames
        ],
        how="diagonal_relaxed",
        # Polars' format fails on columns in several pieces.
        rechunk=True,
    )
