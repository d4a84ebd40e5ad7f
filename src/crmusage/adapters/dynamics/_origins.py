"""Where a change came from: what a cascade, a merge or a program did is nobody's work."""

from __future__ import annotations

import polars as pl

from crmusage.adapters.dynamics._directory import Directory
from crmusage.adapters.dynamics._entities import ACTIVITIES, CASES
from crmusage.adapters.dynamics._options import Action

TOGETHER = pl.duration(seconds=2)
"""Changes of one user that follow each other so closely are one act, where the transaction does not tell. Guessed."""

_OURS = (*CASES, *ACTIVITIES, "activitypointer", "quote", "opportunitysalesprocess")


def origins(rows: pl.DataFrame, people: Directory) -> pl.DataFrame:
    """Columns ` row` and origin, for each row of the audit log.

    Who gives an account to somebody else gives its cases along: Dataverse logs those as cascades, or as assignments
    in the same transaction as the account's or another case's cascade. The transaction is often nothing but zeros;
    then who did it and when tell what belongs together.
    """
    handed = rows.filter(pl.col("action").is_in([Action.CASCADE, Action.ASSIGN]))
    moved = _cascaded(handed)
    machine = people.is_machine(rows["actor"]) | people.is_machine(rows["caller"])
    return rows.select(
        " row",
        pl.when(pl.col("action") == Action.MERGE)
        .then(pl.lit("merge"))
        .when(pl.col(" row").is_in(moved.implode()))
        .then(pl.lit("cascade"))
        .when(machine)
        .then(pl.lit("api"))
        .otherwise(pl.lit("unknown"))
        .alias("origin"),
    )


def _cascaded(handed: pl.DataFrame) -> pl.Series:
    """Which cascades and assignments somebody did not do by hand."""
    frame = handed.select(" row", "at", "actor", "action", "entity", "record", "transaction")
    frame = frame.sort("actor", "at", " row").with_columns(
        begins=((pl.col("at") - pl.col("at").shift(1).over("actor")) > TOGETHER).fill_null(True)
    )
    one_act = pl.format("{} {}", pl.col("actor").fill_null("?"), pl.col("begins").cum_sum().over("actor"))
    frame = frame.with_columns(act=pl.coalesce("transaction", one_act))
    of_case = (pl.col("action") == Action.CASCADE) & pl.col("entity").is_in(list(CASES))
    acts = frame.group_by("act").agg(
        (~pl.col("entity").is_in(_OURS)).any().alias("parent"),
        pl.col("record").filter(of_case).n_unique().alias("cascaded"),
        pl.col("record").filter(of_case).first().alias("only"),
    )
    frame = frame.join(acts, on="act", how="left")
    other = (pl.col("cascaded") > 1) | (
        (pl.col("cascaded") == 1) & pl.col("only").ne_missing(pl.col("record"))
    )
    return frame.filter((pl.col("action") == Action.CASCADE) | pl.col("parent") | other)[" row"]
