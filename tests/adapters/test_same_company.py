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
from crmusage.testing import CRM_DIALECTS, Simulation, SimulationError, as_crm, simulate

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "salesforce": ("person_id", "unit", "profile", "region", "manager", "starts_on", "ends_on", "is_human", "time_zone"),
    # Dataverse has no standard columns for where and since when somebody works.
    "dynamics": ("person_id", "unit", "profile", "manager", "ends_on", "is_human"),
    # Odoo keeps managers and jobs with its employees, who are not its users.
    "odoo": ("person_id", "unit", "starts_on", "ends_on", "is_human", "time_zone"),
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
    if "quote_id" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("quote_id"))
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


@pytest.mark.parametrize("name", ["salesforce-bulk-csv", "salesforce-export", "dynamics-sdk", "odoo-rpc"])
def test_what_is_written_into_a_folder_is_read_as_the_same(name: str, tmp_path: Path) -> None:
    written = as_crm(simulate("none", seed=6, departments=1, months=6, opportunities=25), name)
    delivery = read(name, written.write(tmp_path / "delivered"), written.dialect)
    assert differences(delivery.history(), written.carried, written.crm) == ""


def test_each_dialect_carries_all_cases_and_people_and_all_that_happened_but_quotes() -> None:
    simulation = the_company()
    happened = Counter(simulation.tables["events"]["activity"].to_list())
    for name in CRM_DIALECTS:
        carried = as_crm(simulation, name).carried
        assert carried["cases"].height == simulation.tables["cases"].height
        assert carried["people"].height == simulation.tables["people"].height
        told = Counter(carried["events"]["activity"].to_list())
        # Whoever closes a deal also sets its date, which the simulation does not tell as an event.
        assert {one for one in happened if told[one] < happened[one]} <= {
            "quote_sent",
            "quote_accepted",
            "quote_declined",
        }
        assert {one for one in told if told[one] > happened[one]} <= {"close_date_changed"}


def test_an_unknown_dialect_lists_those_there_are() -> None:
    with pytest.raises(SimulationError, match="no dialect 'salesforce-excel'; there are: salesforce-rest"):
        as_crm(the_company(), "salesforce-excel")
