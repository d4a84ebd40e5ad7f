"""Changes read off states: what a record was in one row, and what it is in the next one."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import polars as pl

CASE, AT = "case_id", "at"
ROW, FIRST = " row", " first"


@attrs.frozen
class Watch:
    """A column of states whose changes are events."""

    column: str
    activity: str
    field: str | None = None
    """What the event calls the field; None: as the column is called."""


def in_turn(states: pl.DataFrame, order: Iterable[str] = ()) -> pl.DataFrame:
    """States by case and time, and at one instant by `order` and then by their cells, however they came.

    Columns are added: ` row`, the place of a state among those of its case, and ` first`. States without a case or
    a time have no place: they come last, each on its own.
    """
    keys = [CASE, AT, *order]
    rest = [name for name in sorted(states.columns) if name not in keys]
    ordered = states.sort(keys, nulls_last=True)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in keys)
    if ordered.select(same.any()).item():
        ordered = states.sort([*keys, *rest], nulls_last=True)
    first = (pl.col(CASE) != pl.col(CASE).shift(1)).fill_null(True) | pl.col(AT).is_null()
    ordered = ordered.with_columns(first.alias(FIRST))
    start = pl.when(FIRST).then(pl.int_range(pl.len())).forward_fill()
    return ordered.with_columns((pl.int_range(pl.len()) - start).alias(ROW))


def changes(
    ordered: pl.DataFrame, watches: Iterable[Watch], *, carry: Iterable[str] = (), first: int = 0
) -> pl.DataFrame:
    """Events for all that is other than in the state before, of what `in_turn` ordered.

    Columns: case_id, activity, at, seq, field, old, new as texts, and those of `carry`. `first` is the place of the
    first watch's events among those of one state.
    """
    watches = tuple(watches)
    found = []
    for place, watch in enumerate(watches, first):
        value = pl.col(watch.column)
        before = value.shift(1)
        changed = ~pl.col(FIRST) & value.ne_missing(before)
        rows = ordered.select(
            *(pl.col(name) for name in (CASE, AT, ROW, *carry)), new=value, old=before, changed=changed
        ).filter("changed")
        found.append(
            rows.select(
                CASE,
                AT,
                pl.lit(watch.activity).alias("activity"),
                seq(pl.col(ROW), place).alias("seq"),
                pl.lit(watch.field or watch.column).alias("field"),
                as_text(rows["old"]).alias("old"),
                as_text(rows["new"]).alias("new"),
                *carry,
            )
        )
    return pl.concat(found)


STEPS = 10
"""Events of one state stand at most so many places apart."""


def seq(row: pl.Expr, place: int) -> pl.Expr:
    """The place among the events of its case of what a state tells: `place` 0 to 9 within the state."""
    return (row * STEPS + place + 1).cast(pl.Int64)


def as_text(series: pl.Series) -> pl.Series:
    """Values as histories keep old and new ones: whole amounts without a fraction, days as 2026-03-31."""
    if series.dtype.is_float():
        whole = (series == series.round(0)) & (series.abs() < 2**53)
        return (
            series.cast(pl.Int64, strict=False)
            .cast(pl.String)
            .zip_with(whole.fill_null(False), series.cast(pl.String))
        )
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return series.cast(pl.String)
