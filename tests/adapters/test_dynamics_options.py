from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmusage.adapters import dynamics
from crmusage.adapters.dynamics._options import (
    INCIDENT_HOLDS,
    INCIDENT_OUTCOMES,
    INCIDENT_PRIORITY,
    INVERTED,
    MERGED,
    OPPORTUNITY_OUTCOMES,
    OPTIONS,
    TASK_PRIORITY,
)


def attributes(node: Any) -> Iterator[dict[str, Any]]:
    """The attributes of one of Microsoft's entity documents, however deep they stand in groups."""
    if isinstance(node, list):
        for one in node:
            yield from attributes(one)
    elif isinstance(node, dict):
        if "sourceName" in node and "dataType" in node:
            yield node
        for value in node.values():
            yield from attributes(value)


def options(node: Any) -> Iterator[dict[int, str]]:
    """The option codes of an attribute: rows of language, label, code and place."""
    if isinstance(node, dict):
        rows = node.get("constantValues")
        if isinstance(rows, list) and rows and all(len(row) >= 4 for row in rows):
            yield {int(row[2]): row[1] for row in rows}
        for value in node.values():
            yield from options(value)
    elif isinstance(node, list):
        for one in node:
            yield from options(one)


@pytest.fixture(scope="module")
def documents(real_logs: Path) -> dict[tuple[str, str], dict[int, str]]:
    """Option codes by table and column, as Microsoft's documents have them."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for path in sorted((real_logs / "cdm_dynamics365").glob("*/*.cdm.json")):
        for definition in json.loads(path.read_text("utf-8"))["definitions"]:
            table = definition.get("sourceName", "").lower()
            for attribute in attributes(definition.get("hasAttributes")):
                for told in options(attribute):
                    found.setdefault((table, attribute["sourceName"].lower()), told)
    return found


def test_every_option_code_that_is_interpreted_agrees_with_microsofts_entity_documents(
    documents: dict[tuple[str, str], dict[int, str]],
) -> None:
    checked = 0
    for table, fields in OPTIONS.items():
        for field, labels in fields.items():
            assert (table, field) in documents, f"no document tells {table}.{field}"
            assert dict(labels) == documents[table, field], f"{table}.{field}"
            checked += len(labels)
    assert checked > 80


def test_every_state_and_status_that_means_something_is_one_of_the_documented_codes(
    documents: dict[tuple[str, str], dict[int, str]],
) -> None:
    assert set(OPPORTUNITY_OUTCOMES) == set(documents["opportunity", "statecode"])
    assert set(INCIDENT_OUTCOMES) == set(documents["incident", "statecode"])
    assert set(INCIDENT_PRIORITY) == set(documents["incident", "prioritycode"])
    assert set(INCIDENT_HOLDS) < set(documents["incident", "statuscode"])
    assert documents["incident", "statuscode"][MERGED] == "Merged"


def test_a_high_priority_has_rank_one_though_requests_and_tasks_count_in_opposite_directions() -> None:
    labels = OPTIONS["incident"]["prioritycode"]
    assert labels[min(INCIDENT_PRIORITY, key=INCIDENT_PRIORITY.__getitem__)] == "High"
    assert TASK_PRIORITY[2] == 1
    assert TASK_PRIORITY[0] == 3


def test_the_inverted_booleans_are_booleans_of_the_opportunity(real_logs: Path) -> None:
    path = real_logs / "cdm_dynamics365" / "sales" / "Opportunity.cdm.json"
    kinds = {one["sourceName"]: one["dataType"] for one in attributes(json.loads(path.read_text("utf-8")))}
    assert {kinds[name] for name in INVERTED} == {"boolean"}


SAMPLES = {
    "boolean": True, "dateTime": "2026-03-02T09:00:00Z", "date": "2026-03-02", "integer": 1, "decimal": 1.5, "double": 1.5,
    "currency": 10.0, "baseCurrency": 10.0, "listLookup": 1, "listLookupCorrelated": 1,
}  # fmt: skip


def sample(attribute: dict[str, Any]) -> Any:
    kind = attribute["dataType"]
    name = kind if isinstance(kind, str) else kind.get("dataTypeReference", "string")
    return SAMPLES.get(name if isinstance(name, str) else "string", "a0000000-0000-4000-8000-000000000001")


def test_every_column_of_microsofts_entity_documents_is_accounted_for(real_logs: Path) -> None:
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted((real_logs / "cdm_dynamics365").glob("*/*.cdm.json")):
        for definition in json.loads(path.read_text("utf-8"))["definitions"]:
            row = {one["sourceName"]: sample(one) for one in attributes(definition.get("hasAttributes"))}
            if row:
                tables.setdefault(definition.get("sourceName", definition["entityName"]).lower(), {}).update(
                    row
                )
    # The documents leave out what all tables have.
    shared = {"createdon": "2026-03-02T09:00:00Z", "modifiedon": "2026-03-02T09:00:00Z"}
    for name in ("opportunity", "incident"):
        tables[name] |= shared | {f"{name}id": f"{name}-1"}
    read = dynamics.read({name: [row] for name, row in tables.items()}, dialect="webapi")
    told = {(one.table, one.column): one for one in read.columns}
    assert set(told) == {(name, column) for name, row in tables.items() for column in row}
    assert len(told) > 500
    for one in told.values():
        assert one.to if one.use in {"mapped", "kept"} else one.reason, one
    made = read.history()
    assert made.cases["kind"].sort().to_list() == ["opportunity", "request"]
    assert not [entry for entry in made.set_aside if "unreadable" in entry.reason]
