"""Files that others published: the Data Export service's, recorded describes, and a connector's seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crmusage.adapters import salesforce
from crmusage.adapters._core import Delivery
from crmusage.adapters.salesforce._fields import ENTITIES


def accounted(delivery: Delivery, written: dict[str, set[str]]) -> None:
    """Every column that was written is mapped, kept, or ignored for a reason in both languages."""
    found: dict[str, set[str]] = {}
    for use in delivery.columns:
        found.setdefault(use.table, set()).add(use.column)
        if use.use == "ignored":
            assert use.reason is not None, use
            assert use.reason.en
            assert use.reason.fr
        else:
            assert use.to, use
    assert set().union(*found.values()) == set().union(*written.values())


def headers(folder: Path) -> dict[str, set[str]]:
    return {
        file.stem: {name.strip('"') for name in file.read_text("utf-8-sig").splitlines()[0].split(",")}
        for file in folder.glob("*.csv")
    }


def test_the_data_export_folder_goes_through(real_logs: Path) -> None:
    folder = real_logs / "salesforce_data_export_devorg"
    delivery = salesforce.read(folder, zone="UTC")
    assert delivery.dialect.name == "export"
    accounted(delivery, headers(folder))
    made = delivery.history()
    assert made.set_aside == ()
    assert dict(made.cases["kind"].value_counts().iter_rows()) == {"opportunity": 31, "request": 26}
    deals = made.cases.filter(made.cases["kind"] == "opportunity")
    # 18 of them were entered as won; the sample was loaded in one second, years after the close dates of its history.
    assert dict(deals["outcome"].value_counts().iter_rows()) == {None: 13, "won": 18}
    won = deals.filter(deals["outcome"] == "won")
    assert (won["closed_at"] == won["created_at"]).all()
    assert made.events.filter(made.events["activity"] == "won").height == 18
    # Each deal has two rows of history: the close date as it was loaded, and as it was moved into the year of the load.
    moved = made.events.filter(made.events["activity"] == "close_date_changed")
    assert moved.height == 31
    assert (moved["old"] < moved["new"]).all()
    assert made.cases["parent_id"].null_count() == made.cases.height
    assert made.vocabulary.filter(made.vocabulary["raw"] == "Closed Won")["order"].to_list() == [9]


def test_every_field_of_the_recorded_describes_goes_through(real_logs: Path) -> None:
    samples: dict[str, Any] = {
        "boolean": True,
        "datetime": "2026-01-01T00:00:00.000+0000",
        "date": "2026-01-01",
        "double": 1.5,
        "currency": 1.5,
        "percent": 1.5,
        "int": 1,
    }
    kinds = {
        "boolean": "true or false",
        "datetime": "time",
        "date": "date",
        "currency": "number",
        "int": "whole number",
    }
    entities = {entity.name: entity for entity in ENTITIES}
    tables, written = {}, {}
    for file in sorted((real_logs / "salesforce_describe").rglob("*_describe.json")):
        held = json.loads(file.read_text())
        held = held["response"]["body"]["string"] if "response" in held else held
        described = json.loads(held) if isinstance(held, str) else held
        name, fields = described["name"], described["fields"]
        row = {
            field["name"]: samples.get(field["type"], "text")
            for field in fields
            if field["type"] != "address"
        }
        row["Id"] = f"006{name[:12]:x<12}AAA"
        tables[name] = [{"attributes": {"type": name}, **row}]
        written[name] = {*row, "attributes.type"}
        known = entities.get(name)
        for field in fields if known else ():
            kind = known.fields.get(field["name"]) if known else None
            if kind is not None and field["type"] in kinds and not field["name"].endswith("__c"):
                assert kind == kinds[field["type"]], (name, field["name"])
    assert len(tables) == 7
    delivery = salesforce.read(tables)
    accounted(delivery, written)
    made = delivery.history()
    assert [aside for aside in made.set_aside if not aside.kept] == []
    assert made.cases["kind"].to_list() == ["request", "opportunity"]


@pytest.mark.parametrize("states", [True, False])
def test_the_seeds_of_a_connector_go_through(real_logs: Path, tmp_path: Path, states: bool) -> None:
    folder = real_logs / "fivetran" / "dbt_salesforce"
    for file in folder.glob("*.csv"):
        if states or "history" not in file.name:
            (tmp_path / file.name).symlink_to(file)
    delivery = salesforce.read(tmp_path)
    assert delivery.dialect.name == "fivetran"
    accounted(delivery, headers(tmp_path))
    made = delivery.history()
    assert made.cases.height == 10
    assert made.cases["is_deleted"].all()
    # One state of each deal, seen first long after the deal was closed: nobody knows when that was, and the years
    # between the close date and the first look are no cycle.
    assert made.cases["outcome"].null_count() == 1
    assert made.cases["closed_at"].null_count() == 10
    assert made.events["activity"].unique().to_list() == ["created"]
    assert {aside.reason: aside.count for aside in made.set_aside} == {
        "cases: outcome without a closing time": 9
    }
    # Ids of people are scrambled in the seeds: no owner is taken for a user or a queue.
    assert made.cases["owner_kind"].null_count() == 10
    notes = " ".join(note.en for note in made.notes)
    assert "Task: 10 activities stand on no opportunity or case that came." in notes
    assert ("states that the connector kept" in notes) is states
