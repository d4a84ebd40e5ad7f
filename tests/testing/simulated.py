"""Simulations that several tests look at, made once."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from crmusage.testing import Simulation, simulate

SEEDS = (0, 1, 2, 3)


@lru_cache(maxsize=64)
def simulated(scenario: str | tuple[str, ...], seed: int) -> Simulation:
    return simulate(scenario, seed=seed)


def deals_of(simulation: Simulation, unit: str) -> pl.DataFrame:
    """The cases of a unit, with `days` from creation to closing."""
    days = (pl.col("closed_at") - pl.col("created_at")).dt.total_seconds() / 86_400
    return simulation.tables["cases"].filter(pl.col("unit") == unit).with_columns(days=days)


def win_rate(deals: pl.DataFrame) -> float:
    decided = deals.filter(pl.col("outcome").is_not_null())
    return (decided["outcome"] == "won").sum() / decided.height
