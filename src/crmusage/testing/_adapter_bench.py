"""An adapter with the tables to check it by, and the ways in which the checks change them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol

import attrs
import polars as pl

from crmusage.adapters import Delivery
from crmusage.history import History, as_it_came

Row = dict[str, Any]
Rows = list[Row]
Tables = Mapping[str, Rows]
Told = dict[str, list[tuple[tuple[str, str], ...]]]

TABLES = (
    "cases", "events", "people", "absences", "sessions", "acknowledgements", "vocabulary", "calendar", "coverage",
)  # fmt: skip


class Adapter(Protocol):
    """What an adapter is to those who use it: a module, or anything else that reads tables of its CRM."""

    def read(self, source: Any, **wishes: Any) -> Delivery:
        """Read what a pipeline delivered; wishes are dialect, mapping, zone and currency."""
        ...


def records(source: Any, name: str) -> Rows:
    """A table as one dict a row, each with all columns; nested records stay nested."""
    if not isinstance(source, str) and not hasattr(source, "__arrow_c_stream__"):
        rows = list(source) if isinstance(source, Iterable) else []
        if rows and all(isinstance(row, Mapping) for row in rows):
            names = dict.fromkeys(column for row in rows for column in row)
            return [{column: row.get(column) for column in names} for row in rows]
    return as_it_came(source, name).to_dicts()


def told(history: History) -> Told:
    """A history as it can be compared: rows of texts, in its own order, without what is missing."""
    return {name: _rows(getattr(history, name)) for name in TABLES}


def _rows(frame: pl.DataFrame) -> list[tuple[tuple[str, str], ...]]:
    names = sorted(frame.columns)
    return [
        tuple((name, str(value)) for name, value in zip(names, row, strict=True) if value is not None)
        for row in frame.select(names).iter_rows()
    ]


@attrs.frozen(eq=False, slots=False)
class AdapterBench:
    """An adapter, a sample of its CRM's tables, and how they are read."""

    adapter: Adapter
    sample: Tables
    settings: Mapping[str, Any] = attrs.field(factory=dict)

    @cached_property
    def delivery(self) -> Delivery:
        """The sample as it is."""
        return self.adapter.read(_copied(self.sample), **self.settings)

    @cached_property
    def history(self) -> History:
        """What it comes to."""
        return self.delivery.history()

    @cached_property
    def told(self) -> Told:
        """The same, to be compared."""
        return told(self.history)

    def read(self, tables: Mapping[str, Any]) -> Delivery:
        """Other tables, in the dialect of the sample: what is left of them need not tell it."""
        wishes = {"dialect": self.delivery.dialect.name, **self.settings}
        return self.adapter.read(tables, **wishes)

    def told_of(self, tables: Mapping[str, Any]) -> Told:
        """The history of other tables, to be compared."""
        return told(self.read(tables).history())

    def changed(self, change: Callable[[str, Rows], Rows]) -> dict[str, Rows]:
        """The sample with every table changed; one without rows left does not come at all."""
        tables = {name: change(name, _copied_rows(rows)) for name, rows in self.sample.items()}
        return {name: rows for name, rows in tables.items() if rows}

    def without(self, table: str) -> dict[str, Rows]:
        """The sample without one table."""
        return {name: _copied_rows(rows) for name, rows in self.sample.items() if name != table}

    @cached_property
    def accounts(self) -> Mapping[str, Delivery]:
        """Each table of the sample read by itself: only so is it clear whose columns are accounted for."""
        return {name: self.read({name: _copied_rows(rows)}) for name, rows in self.sample.items()}


def _copied_rows(rows: Rows) -> Rows:
    return [dict(row) for row in rows]


def _copied(tables: Tables) -> dict[str, Rows]:
    return {name: _copied_rows(rows) for name, rows in tables.items()}
