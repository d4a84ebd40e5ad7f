from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

_DTYPES: Mapping[type, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    dt.date: pl.Date(),
    dt.datetime: pl.Datetime("us", "UTC"),
    list: pl.List(pl.String()),
}


def frame(rows: Iterable[Mapping[str, object]], columns: Mapping[str, type]) -> pl.DataFrame:
    """Rows as a frame of typed columns, for those who may not name the engine; no rows give an empty frame.

    Args:
        rows: one mapping a row; a column that it does not have is null.
        columns: name to str, int, float, bool, date, datetime (UTC aware), or list (of texts), in order.

    Raises:
        TypeError: for a column of another type.
    """
    unknown = {name: kind for name, kind in columns.items() if kind not in _DTYPES}
    if unknown:
        raise TypeError(
            f"no column type for {unknown}: there are {', '.join(kind.__name__ for kind in _DTYPES)}"
        )
    return pl.DataFrame(
        [{name: row.get(name) for name in columns} for row in rows],
        schema={name: _DTYPES[kind] for name, kind in columns.items()},
        orient="row",
    )
