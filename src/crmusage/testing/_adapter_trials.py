"""Checks of what an adapter does with what is broken, private, or to be written back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from crmusage.history import History
from crmusage.model import Finding, Kind, Measure, Scope, Severity, Text
from crmusage.testing._adapter_bench import TABLES, AdapterBench, Rows
from crmusage.testing._contract_kit import ask

JUNK: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "texts": (
            "", " ", "NaN", "half \ud83d of a pair", "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", "<b>=1+1</b>",
            "x" * 100_000,
        ),
        "numbers": (-1, 10**30, float("nan"), float("inf")),
        "truths": (True, False),
        "bytes": (b"\xff\x00",),
        "nested cells": ([1, "a"], {"a": None}),
        "times": (dt.date(9999, 12, 31), dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
    }
)  # fmt: skip
"""Cells as no CRM should write them."""

NONSENSE = "neither a time nor a number"
TYPED = frozenset({"time", "date", "number", "whole number", "true or false"})
LONG_ENOUGH = 6
"""Ids of fewer signs are looked for as whole cells only: they stand in other texts by chance."""


def fuzzed(bench: AdapterBench) -> None:
    """Broken rows are no crash, and they take no sound row with them."""
    for group in JUNK.values():
        fault = _fault(bench, group)
        if fault is None:
            continue
        # Which of them it is, where one alone is enough.
        alone = (one for one in (_fault(bench, (junk,)) for junk in group) if one is not None)
        raise AssertionError(next(alone, fault))


def _fault(bench: AdapterBench, junk: tuple[Any, ...]) -> str | None:
    def with_junk(_: str, rows: Rows) -> Rows:
        return [*rows, *(dict.fromkeys(rows[0], one) for one in junk)] if rows else rows

    shown = " and ".join(f"{type(one).__name__} {str(one)[:30]!r}" for one in junk[:3])
    try:
        made = bench.read(bench.changed(with_junk)).history()
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 — whatever it raises is the fault to tell
        return f"a row of {shown} makes it raise {type(error).__name__}: {error}"
    lost = sorted(set(bench.history.cases["case_id"].to_list()) - set(made.cases["case_id"].to_list()))
    return f"beside a row of {shown} it loses the case {', '.join(lost[:3])}" if lost else None


def aside(bench: AdapterBench) -> None:
    """What cannot be read is set aside, or noted, by words that name the field."""
    fields = {name: _typed(bench, name) for name in bench.sample}
    # All tables at once, as each should tell of its own; one by one to say which does not.
    if not any(_silent(bench, fields).values()):
        return
    for name, some in fields.items():
        silent = _silent(bench, {name: some})[name]
        ask(not silent, f"{name}: cells of {', '.join(silent)} that cannot be read vanish without a word")


def _typed(bench: AdapterBench, name: str) -> Mapping[str, str]:
    """The columns of a table that are read as times, numbers or truths, with the fields that they are."""
    delivery, rows = bench.accounts[name], bench.sample[name]
    used = {use.column for use in delivery.columns if use.use == "mapped"}
    kinds = {entity.name: entity.fields for entity in delivery.crm.entities}
    return {
        column: field
        for entity, written in delivery.written.items()
        for column, field in written.items()
        if column in used and kinds.get(entity, {}).get(field) in TYPED and rows and column in rows[-1]
    }


def _silent(bench: AdapterBench, fields: Mapping[str, Mapping[str, str]]) -> Mapping[str, list[str]]:
    """Of each table the columns of which nobody says that a cell in the last row cannot be read."""
    broken = {
        name: [*bench.sample[name][:-1], {**bench.sample[name][-1], **dict.fromkeys(some, NONSENSE)}]
        for name, some in fields.items()
        if some
    }
    history = bench.read({**bench.sample, **broken}).history()
    told = [*(entry.reason for entry in history.set_aside), *(note.en for note in history.notes)]
    entities = {name: next(iter(bench.accounts[name].written), name) for name in fields}
    return {
        name: sorted(
            column
            for column, field in some.items()
            if not any(
                field in one for one in told if len(broken) == 1 or one.startswith(f"{entities[name]}: ")
            )
        )
        for name, some in fields.items()
    }


def persons(bench: AdapterBench) -> None:
    """With ids hidden, no id of a person is left anywhere in the history, its notes or its reasons."""
    ids = {one for one in _persons(bench.history) if one}
    hidden = bench.delivery.history(pseudonymise="the contract of adapters")
    for where, cell in _cells(hidden):
        for person in ids:
            found = cell == person or (len(person) >= LONG_ENOUGH and person in cell)
            ask(not found, f"with ids hidden, {where} still tells {person}: {cell[:80]!r}")
    ask(
        len(_persons(hidden)) == len(_persons(bench.history)),
        "with ids hidden there are more or fewer persons",
    )


def _persons(history: History) -> set[str]:
    user = history.cases.filter(history.cases["owner_kind"].fill_null("user") == "user")
    found = [user["owner"], history.cases["created_by"], history.events["actor"]]
    found += [history.people["person_id"], history.people["manager"]]
    found += [getattr(history, table)["person_id"] for table in ("absences", "sessions", "acknowledgements")]
    return {one for column in found for one in column.drop_nulls().to_list()}


def _cells(history: History) -> Iterator[tuple[str, str]]:
    for table in TABLES:
        frame = getattr(history, table)
        for name in frame.columns:
            for value in frame[name].drop_nulls().unique().to_list():
                yield f"{table}.{name}", str(value)
    for note in history.notes:
        yield "a note", f"{note.en} {note.fr}"
    for entry in history.set_aside:
        yield "a reason", " ".join((entry.reason, *entry.examples))


def write_back(bench: AdapterBench) -> None:
    """Records for what was found are the same ones in every run, one for each finding, and plain."""
    tasks = getattr(bench.adapter, "tasks", None)
    if tasks is None:
        return
    before, after = _finding("North", 0.4), _finding("North", 0.5)
    other = _finding("South", 0.4)
    first, again = tasks([before, other]), tasks([after, other])
    ids = [record.external_id for record in first]
    ask(len(set(ids)) == len(first) == len(("North", "South")), "two findings are not two records")
    ask(ids == [record.external_id for record in again], "in the next run a finding has another external id")
    french = [record.external_id for record in tasks([before, other], lang="fr")]
    ask(ids == french, "in another language a finding has another external id")
    for record in first:
        try:
            json.dumps(dict(record.fields))
        except TypeError as error:
            raise AssertionError(f"the fields of a record are no JSON: {error}") from error
        for name, value in record.fields.items():
            tagged = isinstance(value, str) and ("<" in value or value.startswith(("=", "+", "@")))
            ask(not tagged, f"{name} of a record has a tag or a formula in it: {value!r}")


def _finding(unit: str, value: float) -> Finding:
    text = Text(en="=1+1 <b>too many</b> closings", fr="=1+1 <b>trop</b> de clôtures")
    return Finding(
        code="ACME101",
        name="planted",
        kind=next(iter(Kind)),
        severity=next(iter(Severity)),
        scope=Scope(unit),
        measure=Measure("share_of_closings", value, unit="count"),
        text=text,
        title=text,
    )
