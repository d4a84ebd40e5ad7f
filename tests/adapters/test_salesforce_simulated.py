"""A simulated company in Salesforce's tables: the way through every dialect leads back to it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from crmusage.adapters import salesforce
from crmusage.history import History
from crmusage.testing import simulate

from . import salesforce_simulated as simulated
from .salesforce_org import Tables
from .test_salesforce_dialects import WRITERS

COLUMNS = [
    "case_id",
    "kind",
    "created_at",
    "created_by",
    "outcome",
    "owner",
    "unit",
    "amount",
    "close_date",
    "stage",
]


@pytest.fixture(scope="module")
def company() -> tuple[History, Tables, dict[str, str]]:
    history = simulate("late-creation", seed=5, departments=3, months=6, opportunities=60).history
    history = history() if callable(history) else history
    ids = simulated.Ids()
    return history, simulated.tables(history, ids), ids.back


@pytest.mark.parametrize("name", WRITERS)
def test_a_simulated_company_comes_back_from_every_dialect(
    name: str, tmp_path: Path, company: tuple[History, Tables, dict[str, str]]
) -> None:
    history, tables, names = company
    made = salesforce.read(WRITERS[name](tmp_path, tables), zone="UTC").history(as_of=history.as_of)
    assert [aside for aside in made.set_aside if not aside.kept] == []

    def told(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
        texts = [column for column in columns if frame.schema[column] == pl.String]
        return sorted(frame.select(columns).with_columns(pl.col(texts).replace(names)).rows(), key=str)

    assert told(made.cases, *COLUMNS) == told(history.cases, *COLUMNS)
    # When a deal was won the simulator tells by itself; Salesforce tells it by the change of its stage.
    ends = ["won", "lost"]
    wanted = history.events.filter(~pl.col("activity").is_in(ends))
    found = made.events.filter(~pl.col("activity").is_in(ends))
    columns = ("case_id", "activity", "at", "actor", "unit")
    assert told(found, *columns) == told(wanted, *columns)
    kinds = ("case_id", "activity")
    assert told(made.events, *kinds) == told(history.events, *kinds)
    changed = pl.col("field").is_in(["stage", "amount", "close_date", "owner"])
    values = ("case_id", "at", "field", "old", "new")
    assert told(found.filter(changed), *values) == told(wanted.filter(changed), *values)
