from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from crmusage.errors import SourceError
from crmusage.history._ocel import ID, TIME, TYPE, Ocel, no_ocel, tag_of, with_columns
from crmusage.history._xes import TRACE, Sheet, common

BATCH = 50_000
"""Rows that are fetched at a time."""

_NEEDED = ("event", "object", "event_object", "event_map_type", "object_map_type")


def read_sqlite(path: Path, zone: str | None) -> Ocel:
    """OCEL 2.0 as an SQLite database, opened for reading only, fetched a batch of rows at a time.

    Raises:
        SourceError: when it is no such file, or is damaged.
    """
    try:
        with contextlib.closing(_opened(path)) as base:
            return _Reader(path, base).read(zone)
    except sqlite3.Error as error:
        raise SourceError(
            f"{path}: cannot be read as an SQLite database ({error}); export it again"
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None


def _opened(path: Path) -> sqlite3.Connection:
    with path.open("rb"):
        # SQLite says of whatever goes wrong that it cannot open the file; this says why.
        pass
    base = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    # Bytes that are no UTF-8 become U+FFFD, as they do where JSON holds half a character.
    base.text_factory = lambda held: held.decode("utf-8", "replace")
    # A foreign database may bring its own functions into views and indices.
    base.execute("PRAGMA trusted_schema = OFF")
    return base


class _Reader:
    def __init__(self, path: Path, base: sqlite3.Connection) -> None:
        self.path = path
        self.base = base
        # Only tables: a view is a program. Names are one whatever their capitals, as they are for SQLite.
        self.tables = {
            str(name).lower(): str(name)
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        absent = [name for name in _NEEDED if name not in self.tables]
        if absent:
            raise no_ocel(path, f"the database has no table {', '.join(absent)}")

    def read(self, zone: str | None) -> Ocel:
        events = self._frame("event", {"ocel_id": ID, "ocel_type": TYPE})
        events = events.with_columns(pl.int_range(events.height, dtype=pl.Int64).alias(TRACE))
        objects = self._frame("object", {"ocel_id": "id", "ocel_type": "type"})
        related = self._frame(
            "event_object",
            {"ocel_event_id": "event", "ocel_object_id": "object", "ocel_qualifier": "qualifier"},
        )
        linked = pl.DataFrame(schema=dict.fromkeys(("object", "target", "qualifier"), pl.String()))
        if "object_object" in self.tables:
            linked = self._frame(
                "object_object",
                {"ocel_source_id": "object", "ocel_target_id": "target", "ocel_qualifier": "qualifier"},
            )
        numbers = events.select(TRACE, event=pl.col(ID)).unique("event", keep="first", maintain_order=True)
        related = related.join(numbers, on="event", how="left", maintain_order="left").drop("event")
        attributes, repeated = self._of_events(zone)
        events = events.join(attributes, on=ID, how="left", maintain_order="left")
        values, tags = self._of_objects()
        return Ocel(with_columns(events, TIME), objects, related, linked, values, tags, repeated)

    def _of_events(self, zone: str | None) -> tuple[pl.DataFrame, int]:
        sheet = Sheet()
        for table in self._of_types("event"):
            tags, rows = self._rows(table)
            own = {"ocel_id": ID, "ocel_time": TIME}
            told = [(own.get(name.lower(), name), tag) for name, tag in tags.items()]
            for row in itertools.chain.from_iterable(rows):
                sheet.row(0)
                for (name, tag), value in zip(told, row, strict=True):
                    if value is None:
                        continue
                    if name in {ID, TIME}:
                        sheet.put(name, "string", _text(value))
                    else:
                        sheet.put(name, _tag(tag, value), _text(value, tag))
        frame = with_columns(sheet.frame(zone), ID, TIME).drop(TRACE)
        once = frame.filter(pl.col(ID).is_not_null()).unique(ID, keep="first", maintain_order=True)
        return once, frame.height - once.height

    def _of_objects(self) -> tuple[pl.DataFrame, dict[str, str]]:
        """One row a value: a row of an object's table tells all of them at first, later the one that changed."""
        sheet = Sheet()
        tags: dict[str, str] = {}
        for table in self._of_types("object"):
            columns, rows = self._rows(table)
            places = {name.lower(): place for place, name in enumerate(columns)}
            key, time, changed = (places.get(name) for name in ("ocel_id", "ocel_time", "ocel_changed_field"))
            told = [
                (place, name, tag)
                for place, (name, tag) in enumerate(columns.items())
                if place not in {key, time, changed}
            ]
            for row in itertools.chain.from_iterable(rows):
                field = row[changed] if changed is not None else None
                for place, name, tag in told:
                    value = row[place]
                    if value is None or (field not in (None, "") and field != name):
                        continue
                    found = _tag(tag, value)
                    tags[name] = common(tags.setdefault(name, found), found)
                    sheet.row(0)
                    cells = (("object", key), ("time", time))
                    for cell, at in cells:
                        if at is not None and row[at] is not None:
                            sheet.put(cell, "string", _text(row[at]))
                    sheet.put("name", "string", name)
                    sheet.put("value", "string", _text(value, tag))
        return with_columns(sheet.frame(), "object", "name", "time", "value").drop(TRACE), tags

    def _of_types(self, of: str) -> Iterator[str]:
        rows = self._frame(f"{of}_map_type", {"ocel_type": "type", "ocel_type_map": "called"})
        for called in rows["called"].drop_nulls().unique(maintain_order=True):
            table = self.tables.get(f"{of}_{called}".lower())
            if table is not None:
                yield table

    def _frame(self, table: str, names: dict[str, str]) -> pl.DataFrame:
        """Columns of a table, as texts."""
        tags, rows = self._rows(self.tables[table])
        there = {name.lower(): place for place, name in enumerate(tags)}
        absent = [name for name in names if name not in there]
        if absent:
            raise no_ocel(self.path, f"its table {table} has no column {', '.join(absent)}")
        batches = [
            pl.DataFrame(
                {
                    alias: pl.Series([_text_or_none(row[there[name]]) for row in batch], dtype=pl.String)
                    for name, alias in names.items()
                }
            )
            for batch in rows
        ]
        empty = pl.DataFrame(schema=dict.fromkeys(names.values(), pl.String()))
        return pl.concat([empty, *batches], rechunk=True)

    def _rows(self, table: str) -> tuple[dict[str, str], Iterator[list[tuple[Any, ...]]]]:
        """The columns with the tags of their declared types, and the rows in batches."""
        quoted = '"' + table.replace('"', '""') + '"'
        columns = {
            str(row[1]).strip() or "unnamed": tag_of(str(row[2]))
            for row in self.base.execute(f"PRAGMA table_info({quoted})")
        }
        cursor = self.base.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - a table's own name, quoted

        def batches() -> Iterator[list[tuple[Any, ...]]]:
            while batch := cursor.fetchmany(BATCH):
                yield batch

        return columns, batches()


def _text(value: object, tag: str = "string") -> str:
    if tag == "boolean" and value in (0, 1):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else repr(value)


def _text_or_none(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else _text(value)


def _tag(declared: str, value: object) -> str:
    """What a column declares is a wish in SQLite: each value has its own type."""
    if declared != "string" or isinstance(value, str | bytes):
        return declared
    return "int" if isinstance(value, int) else "float"
