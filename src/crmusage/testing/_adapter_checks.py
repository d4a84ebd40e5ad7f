"""One check a function: it passes, or fails with what was seen and what would be right."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from crmusage.adapters import Delivery
from crmusage.errors import ContractError
from crmusage.history import History, columns_of
from crmusage.testing._adapter_bench import TABLES, AdapterBench, Rows, Told, told
from crmusage.testing._contract_kit import ask

NO_DIALECT = "no dialect of anybody"
SLICES = 3
PROBE, PROBED = "Crmusage probe", "of no use to anybody"
"""A column, and its value, that no CRM has."""


def protocol(bench: AdapterBench) -> None:
    """It reads into a delivery whose dialect its columns tell; of one that there is not it says which there are."""
    delivery = bench.delivery
    ask(isinstance(delivery, Delivery), f"read gives a {type(delivery).__name__}, not a Delivery")
    same(told(bench.read(bench.sample).history()), bench.told, "the dialect named, it")
    try:
        bench.adapter.read(bench.sample, **{**bench.settings, "dialect": NO_DIALECT})
    except ContractError as error:
        known = delivery.dialect.name in str(error)
        ask(known, f"of a dialect that there is not it says {error}, and not which there are")
    else:
        ask(False, f"it takes {NO_DIALECT!r} for the name of a dialect")


def tells(bench: AdapterBench) -> None:
    """The sample is one to check with: it has cases, events and people, and no table or cell that is strange."""
    for table in ("cases", "events", "people"):
        held = getattr(bench.history, table).height
        ask(held > 1, f"the sample gives {held} {table}: with less than two there is little to check")
    foreign = ", ".join(bench.delivery.foreign)
    ask(not foreign, f"it has no use for {foreign}: take them out of the sample")
    aside = "; ".join(entry.reason for entry in bench.history.set_aside)
    ask(not aside, f"of the sample it sets aside: {aside}")


def languages(bench: AdapterBench) -> None:
    """All that people read is there in English and in French: notes, reasons, the name of the dialect."""
    delivery = bench.delivery
    texts = [("a dialect's title", delivery.dialect.title)]
    texts += [("a note", note) for note in delivery.notes]
    texts += [(f"the reason for {one.column}", one.reason) for one in delivery.columns if one.reason]
    for what, text in texts:
        ask(bool(text.en.strip()), f"{what} is empty in English")
        ask(bool(text.fr.strip()), f"{what} is empty in French")
        same_text = text.en == text.fr and what != "a dialect's title"
        ask(not same_text, f"{what} is the same in both languages: {text.en!r}")


def empty(bench: AdapterBench) -> None:
    """Tables of which only the header came give a history without rows, and every column is accounted for."""
    headers = {name: _frame(rows).head(0) for name, rows in bench.sample.items()}
    delivery = bench.read(headers)
    history = delivery.history()
    for table in ("cases", "events", "people"):
        held = getattr(history, table).height
        ask(not held, f"of tables without rows it makes {held} {table}")
    lost = _columns(bench.delivery) - _columns(delivery)
    ask(not lost, f"of tables without rows it does not account for {_listed(lost)}")


def tiny(bench: AdapterBench) -> None:
    """The first row of each table, or the first two, give a history as well."""
    for n in (1, 2):
        bench.told_of(bench.changed(lambda _, rows, n=n: rows[:n]))  # type: ignore[misc]


def row_order(bench: AdapterBench) -> None:
    """What it makes does not depend on the order of rows, columns or tables."""
    whole = bench.delivery
    ways: Mapping[str, Any] = {
        "rows and columns from the last to the first": lambda rows: [
            dict(reversed(row.items())) for row in reversed(rows)
        ],
        "rows in some order": lambda rows: random.Random(3).sample(rows, len(rows)),  # noqa: S311 - no secret
    }
    for what, way in ways.items():
        tables = bench.changed(lambda _, rows, way=way: way(rows))  # type: ignore[misc]
        delivery = bench.read(dict(reversed(tables.items())))
        same(told(delivery.history()), bench.told, f"with tables, {what}, in another order it")
        ask(set(delivery.notes) == set(whole.notes), f"with {what} it has other notes")
        ask(set(delivery.columns) == set(whole.columns), f"with {what} it accounts otherwise for columns")


def slices(bench: AdapterBench) -> None:
    """Slices put together are the whole, in whatever order and however often each is added."""
    whole = bench.delivery
    same(told(whole.plus(whole).history()), bench.told, "the sample added to itself")
    parts = [
        bench.read(bench.changed(lambda _, rows, k=k: rows[k::SLICES]))  # type: ignore[misc]
        for k in range(SLICES)
    ]
    for what, ordered in (("", parts), (" from the last to the first", parts[::-1])):
        union = ordered[0]
        for part in (*ordered[1:], ordered[0]):
            union = union.plus(part)
        same(told(union.history()), bench.told, f"{SLICES} slices put together{what}")
        lost = _columns(whole) - _columns(union)
        ask(not lost, f"{SLICES} slices put together do not account for {_listed(lost)}")
    same(told(whole.plus(parts[0]).history()), bench.told, "the sample with a part of it added again")


def missing(bench: AdapterBench) -> None:
    """A table that did not come is no crash, and what it would have told is said to be unseen."""
    seen = set(bench.told["coverage"])
    for name in bench.sample:
        used = any(use.use == "mapped" for use in bench.accounts[name].columns)
        history = _history_or_none(bench.read(bench.without(name)))
        if history is None or not used:
            continue
        unseen = [row for row in set(told(history)["coverage"]) - seen if ("complete", "False") in row]
        ask(
            bool(unseen),
            f"without {name} it says of nothing that it is not seen: a missing table is no empty one",
        )
    for delivery in bench.accounts.values():
        _history_or_none(delivery)


def _history_or_none(delivery: Delivery) -> History | None:
    """The history; None: what is left tells no case and no event, and the adapter says so."""
    try:
        return delivery.history()
    except ContractError:
        return None


def columns(bench: AdapterBench) -> None:
    """Every column of every table is accounted for once, and the account is true."""
    for name, rows in bench.sample.items():
        uses = bench.accounts[name].columns
        told_of = Counter(use.column for use in uses)
        for column in rows[0] if rows else ():
            inner = [one for one in told_of if one == column or one.startswith(f"{column}.")]
            ask(bool(inner), f"{name}.{column} is not accounted for")
            twice = [one for one in inner if told_of[one] > 1]
            ask(not twice, f"{name}: {_listed(twice)} is accounted for more than once")
    for use in bench.delivery.columns:
        where = f"{use.table}.{use.column}"
        ask(use.use in {"mapped", "kept", "ignored"}, f"{where} is {use.use!r}: mapped, kept or ignored")
        ask((use.use == "ignored") == (use.reason is not None), f"{where} is {use.use}: ignored has a reason")
        ask((use.use == "ignored") == (not use.to), f"{where} is {use.use} and goes to {use.to or 'nothing'}")
        for place in use.to:
            table, _, column = place.partition(".")
            ask(table in TABLES, f"{where} goes to {place}, and a history has no table {table!r}")
            known = not column or column in columns_of(table) or column.isidentifier()
            ask(known, f"{where} goes to {place}, and no rule can name {column!r}")
    _is_true(bench)


def _is_true(bench: AdapterBench) -> None:
    """What is ignored makes no difference; what is kept makes its attribute and nothing else."""
    dialect = bench.delivery.dialect
    own = {*dialect.synced, *dialect.deleted, *(dialect.valid or ())}
    idle, kept, places = [], [], set()
    for name, rows in bench.sample.items():
        entity = next(use.table for use in bench.accounts[name].columns)
        of_table = [use for use in bench.delivery.columns if use.table == entity]
        for column in rows[0]:
            found = [one for one in of_table if one.column == column or one.column.startswith(f"{column}.")]
            uses = {use.use for use in found}
            if uses == {"ignored"} and column not in own:
                idle.append((name, column))
            elif uses == {"kept"}:
                kept.append((name, column))
                places |= {place for use in found for place in use.to}
    # All at once, as they should make no difference; one by one to say which does.
    wanted = _but(bench.told, "coverage")
    if idle and _but(bench.told_of(_dropped(bench, idle)), "coverage") != wanted:
        for one in idle:
            made = _but(bench.told_of(_dropped(bench, [one])), "coverage")
            ask(made == wanted, f"{'.'.join(one)} is said to be ignored, and without it the history differs")
        ask(not idle, f"without {_listed(idle)}, which are said to be ignored, the history differs")
    if kept:
        made = bench.told_of(_dropped(bench, kept))
        what = "without the columns that are kept as attributes it"
        same(_plain(made, places), _plain(bench.told, places), what)


def _plain(made: Told, places: set[str]) -> Told:
    """A history without some of its columns."""
    return {
        table: [tuple(pair for pair in row if f"{table}.{pair[0]}" not in places) for row in rows]
        for table, rows in made.items()
    }


def unknown(bench: AdapterBench) -> None:
    """Columns and tables that nobody knows pass: accounted for, and all else stays as it was."""
    more = bench.changed(lambda _, rows: [{**row, PROBE: PROBED} for row in rows])
    delivery = bench.read({**more, PROBE: [{"a": 1}]})
    probes = [use for use in delivery.columns if use.column == PROBE]
    wanted = {use.table for use in bench.delivery.columns}
    missed = wanted - {use.table for use in probes}
    ask(not missed, f"a column that nobody knows is not accounted for in {_listed(missed)}")
    ask(
        any(use.table == PROBE for use in delivery.columns),
        "the columns of a table that nobody knows are not accounted for",
    )
    made = told(delivery.history())
    plain = {
        table: [tuple(pair for pair in row if pair[1] != PROBED) for row in rows]
        for table, rows in made.items()
    }
    same(plain, bench.told, "with a column that nobody knows it")


def deterministic(bench: AdapterBench) -> None:
    """Asked again it makes the same, and it changes nothing that it is given."""
    given = bench.changed(lambda _, rows: rows)
    before = copy.deepcopy(given)
    first = bench.read(given)
    ask(given == before, "it changes the rows that it is given")
    same(told(first.history()), bench.told, "read a second time it")
    same(told(first.history()), bench.told, "asked a second time it")
    ask(first.columns == bench.delivery.columns, "read a second time it accounts otherwise for columns")
    ask(first.notes == bench.delivery.notes, "read a second time it has other notes")


def same(made: Told, wanted: Told, what: str) -> None:
    """Fail where two histories differ, with the first row that does."""
    for table in TABLES:
        one, other = Counter(made[table]), Counter(wanted[table])
        for row in (*(one - other), *(other - one)):
            side = "has" if one[row] > other[row] else "lacks"
            raise AssertionError(f"{what} {side} another row of {table}: {dict(row)}")
        ask(made[table] == wanted[table], f"{what} has the rows of {table} in another order")


def _but(made: Told, table: str) -> Told:
    return {name: rows for name, rows in made.items() if name != table}


def _dropped(bench: AdapterBench, columns: list[tuple[str, str]]) -> dict[str, Rows]:
    """The sample without some columns, each told with its table."""
    gone = set(columns)
    return {
        name: [{one: value for one, value in row.items() if (name, one) not in gone} for row in rows]
        for name, rows in bench.sample.items()
    }


def _frame(rows: Rows) -> pl.DataFrame:
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    return pl.DataFrame([_series(name, values) for name, values in columns.items()])


def _series(name: str, values: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, values, strict=False)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series(name, [None] * len(values), dtype=pl.String)


def _columns(delivery: Delivery) -> set[tuple[str, str]]:
    return {(use.table, use.column) for use in delivery.columns}


def _listed(names: Any) -> str:
    return ", ".join(_named(names))


def _named(names: Any) -> Iterator[str]:
    for name in sorted(names):
        yield ".".join(name) if isinstance(name, tuple) else str(name)
