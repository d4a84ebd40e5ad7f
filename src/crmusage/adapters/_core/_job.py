"""One translation: tables by the CRM's names go in, tables of the contract come out, and an account of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import polars as pl

from crmusage.adapters._core._crm import Dialect, Entity
from crmusage.adapters._core._mapping import Mapping as CrmMapping
from crmusage.adapters._core._table import Table
from crmusage.adapters._core._union import stacked
from crmusage.model import SetAside, Text


@attrs.frozen
class Seen:
    """A row of the table `coverage`."""

    entity: str
    field: str | None = None
    seen_from: dt.datetime | None = None
    seen_to: dt.datetime | None = None
    complete: bool | None = None
    includes_deleted: bool | None = None


class Job:
    """What a translation works on: it asks for tables, and puts rows into those of the contract."""

    def __init__(
        self,
        entities: Iterable[Entity],
        frames: Mapping[str, pl.DataFrame],
        *,
        dialect: Dialect,
        mapping: CrmMapping,
        zone: str | None,
        currency: str | None,
        partial: frozenset[str] = frozenset(),
    ) -> None:
        """Take what came."""
        self.dialect = dialect
        self.mapping = mapping
        self.zone = zone
        """Of times that do not tell theirs."""
        self.currency = currency
        """In which all amounts are wanted; None: as they come."""
        self.partial = partial
        """Entities of which not all rows came."""
        self.notes: list[Text] = []
        self.asides: list[SetAside] = []
        self.tables = {entity.name: Table(entity, frames.get(entity.name), zone=zone) for entity in entities}
        self._put: dict[str, list[pl.DataFrame]] = {}
        self._seen: list[Seen] = []

    def table(self, entity: str) -> Table:
        """A table of the CRM, an empty one if it did not come."""
        return self.tables[entity]

    def put(self, table: str, columns: Mapping[str, pl.Series] | pl.DataFrame) -> None:
        """Add rows to a table of the contract."""
        frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(dict(columns))
        if frame.width:
            self._put.setdefault(table, []).append(frame)

    def rows(self, table: str) -> pl.DataFrame | None:
        """What was put into a table of the contract so far; None: nothing."""
        put = self._put.get(table)
        return None if put is None else stacked(put)

    def replace(self, table: str, frame: pl.DataFrame) -> None:
        """Put a frame in the place of all that was put into a table."""
        self._put[table] = [frame]

    def note(self, en: str, fr: str) -> None:
        """Tell the reader something, once."""
        text = Text(en=en, fr=fr)
        if text not in self.notes:
            self.notes.append(text)

    def aside(
        self, table: str, what: str, count: int, examples: Iterable[str] = (), *, kept: bool = False
    ) -> None:
        """Count rows (kept: values) that are set aside, under the reason `<table>: <what>`."""
        if count:
            shown = tuple(sorted(examples)[:5])
            self.asides.append(SetAside(table, f"{table}: {what}", count, shown, kept))

    def cover(
        self,
        entity: str,
        field: str | None = None,
        *,
        seen_from: dt.datetime | None = None,
        seen_to: dt.datetime | None = None,
        complete: bool | None = None,
        includes_deleted: bool | None = None,
    ) -> None:
        """Say what the source could see of a table, or of one field or activity of it."""
        self._seen.append(Seen(entity, field, seen_from, seen_to, complete, includes_deleted))

    def made(self) -> dict[str, pl.DataFrame]:
        """The tables of the contract, coverage among them."""
        tables = {name: stacked(frames) for name, frames in self._put.items()}
        if self._seen:
            schema: dict[str, Any] = {
                "entity": pl.String,
                "field": pl.String,
                "seen_from": pl.Datetime("us", "UTC"),
                "seen_to": pl.Datetime("us", "UTC"),
                "complete": pl.Boolean,
                "includes_deleted": pl.Boolean,
            }
            tables["coverage"] = pl.DataFrame(
                [attrs.asdict(one) for one in self._seen], schema=schema
            ).unique(maintain_order=True)
        return tables
