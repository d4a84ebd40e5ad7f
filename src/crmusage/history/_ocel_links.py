"""Which objects are cases, and what rows have to do with objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from crmusage.errors import ContractError
from crmusage.history._contract import nearest
from crmusage.history._log import FREED

Chosen = str | Iterable[str] | Mapping[str, str] | None
"""Types of objects that are cases, or the kind of each; None: there is but one."""

OF_TYPE = "object:"
"""Begins the attribute in which the related objects of one type stand."""
BETWEEN = "; "


def with_related(frame: pl.DataFrame, key: str, links: pl.DataFrame, told: tuple[str, ...]) -> pl.DataFrame:
    """Columns for the objects that rows have to do with.

    A qualifier that is called like one of the columns `told` is that column, if it names one object; all
    others stand by type, several in one text.
    """
    links = links.join(frame.select(key), on=key, how="semi")
    exact = links.filter(pl.col("qualifier").is_in(told))
    for (name,), part in sorted(exact.partition_by("qualifier", as_dict=True).items()):
        one = part.group_by(key).agg(only("object").alias(" one"))
        frame = frame.join(one, on=key, how="left", maintain_order="left")
        own = pl.col(str(name)) if str(name) in frame.columns else pl.lit(None, pl.String)
        frame = frame.with_columns(pl.coalesce(" one", own.cast(pl.String)).alias(str(name))).drop(" one")
    rest = links.filter(~pl.col("qualifier").is_in(told).fill_null(False))
    # What was told exactly is not told again from the other side.
    rest = rest.join(exact.select(key, "object"), on=[key, "object"], how="anti", maintain_order="left")
    for (name,), part in sorted(rest.partition_by("type", as_dict=True).items()):
        several = part.group_by(key, maintain_order=True).agg(joined("object").alias(f"{OF_TYPE}{name}"))
        frame = frame.join(several, on=key, how="left", maintain_order="left", suffix=FREED)
    return frame


def kinds_of(types: pl.DataFrame, objects: Chosen, where: str) -> dict[str, str]:
    """The kind of case that each chosen type of object is."""
    counts = dict(types["type"].value_counts().sort("type").iter_rows())
    listed = ", ".join(f"{name} ({count:,})" for name, count in counts.items())
    if not counts:
        raise ContractError(f"{where}: there is no object in it, so no case; export it again")
    if objects is None:
        if len(counts) > 1:
            raise ContractError(
                f"{where}: say which objects are cases, as objects={next(iter(counts))!r} (on the command line "
                f"--objects). The types of objects in it are: {listed}"
            )
        return {name: name for name in counts}
    if isinstance(objects, str):
        objects = (objects,)
    kinds = dict(objects) if isinstance(objects, Mapping) else {name: name for name in objects}
    for name in kinds:
        if name not in counts:
            near = nearest(name, counts)
            hint = f" (do you mean {near!r}?)" if near else ""
            raise ContractError(
                f"{where}: it has no objects of the type {name!r}{hint}. The types are: {listed}"
            )
    if not kinds:
        raise ContractError(f"{where}: objects= names no type at all. The types are: {listed}")
    return kinds


def joined(column: str) -> pl.Expr:
    """The values of a group in one text."""
    return pl.col(column).drop_nulls().unique(maintain_order=True).str.join(BETWEEN)


def only(column: str) -> pl.Expr:
    """The one value of a group; none if there are several."""
    return pl.when(pl.col(column).n_unique() == 1).then(pl.col(column).first())
