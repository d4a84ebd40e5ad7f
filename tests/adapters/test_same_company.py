"""One simulated company, written in every dialect of every CRM, comes to the history that the simulation tells."""

from __future__ import annotations

import functools
import importlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmusage.adapters import Delivery
from crmusage.history import History
from crmusage.testing import CRM_DIALECTS, SimulationError, Simulation, as_crm, simulate

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "salesforce": ("person_id", "unit", "profile", "region", "manager", "starts_on", "ends_on", "is_human", "time_zone"),
    # Dataverse has no standard columns for where and since when somebody works.
    "dynamics": ("person_id", "unit", "profile", "manager", "ends_on", "is_human"),
    "odoo": ("person_id", "unit", "is_human"),
}  # fmt: skip

CASES = (
    "case_id", "kind", "created_at", "created_by", "closed_at", "outcome", "owner", "owner_kind", "unit", "amount",
    "currency", "close_date", "stage", "account_id",
)  # fmt: skip

TOUCHES = ("call", "email", "meeting")
CHANGES = ("stage_changed", "amount_changed", "close_date_changed", "owner_changed")


@functools.cache
def the_company() -> Simulation:
    return simulate("none", seed=5, departments=3, months=9, opportunities=90)


def rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> Counter[Any]:
    return Counter(frame.select(columns).rows())


def events(frame: pl.DataFrame) -> pl.DataFrame:
    """What dialects tell alike: when changes of fields were recorded, and the texts of updates, they do not."""
    of_touch, of_change = pl.col("activity").is_in(TOUCHES), pl.col("activity").is_in(CHANGES)
    return frame.select(
        "case_id",
        "activity",
        "at",
        "actor",
        "unit",
        pl.when(of_touch).then("recorded_at").alias("recorded_at"),
        pl.when(of_change).then("old").alias("old"),
        pl.when(of_change).then("new").alias("new"),
        pl.when(pl.col("activity").str.starts_with("quote")).then("quote_id").alias("quote_id"),
    )


def read(name: str, source: Any, dialect: str | None = None) -> Delivery:
    adapter: Any = importlib.import_module(f"crmusage.adapters.{name.partition('-')[0]}")
    made: Delivery = adapter.read(source, zone="UTC", dialect=dialect)
    return made


def differences(made: History, carried: Mapping[str, pl.DataFrame], crm: str) -> str:
    wanted = {
        "cases": (rows(made.cases, CASES), rows(carried["cases"], CASES)),
        "people": (rows(made.people, PEOPLE[crm]), rows(carried["people"], PEOPLE[crm])),
        "events": (Counter(events(made.events).rows()), Counter(events(carried["events"]).rows())),
    }
    told = []
    for table, (one, other) in wanted.items():
        for what, rest in (("more", one - other), ("missing", other - one)):
            told += [f"{table}, {what}: {row}" for row in list(rest)[:3]]
    return "\n".join(told)


@pytest.mark.parametrize("name", CRM_DIALECTS)
def test_the_same_company_in_each_dialect_is_the_same_history(name: str) -> None:
    written = as_crm(the_company(), name)
    delivery = read(name, written.tables)
    assert delivery.dialect.name == written.dialect
    made = delivery.history()
    assert differences(made, written.carried, written.crm) == ""
    assert made.set_aside == ()
