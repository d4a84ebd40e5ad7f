"""The three forms in which OCEL 2.0 is written."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from crmusage.errors import SourceError
from crmusage.history._ocel_out import Item, Types, Writer
from crmusage.history._xes_out import escaped, impossible_in, warn_of_impossible

MANY = 1_000
"""Rows that are put into a database at one time."""


def writer_of(path: Path) -> Writer:
    """What writes the form that an ending names.

    Raises:
        SourceError: for another ending.
    """
    name = path.name.lower()
    for endings, writer in _FORMS.items():
        if name.endswith(endings):
            return writer
    raise SourceError(
        f"{path}: OCEL 2.0 is written as .jsonocel (.json), .xmlocel (.xml) or .sqlite: give the file one of these "
        "endings"
    )


def write_json(path: Path, types: Types, objects: Iterator[Item], events: Iterator[Item]) -> None:
    """Every value as a text, as the schema asks; an item a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for key, held in (("eventTypes", types.events), ("objectTypes", types.objects)):
            declared = [
                {
                    "name": name,
                    "attributes": [{"name": one, "type": kind} for one, kind in attributes.items()],
                }
                for name, attributes in held.items()
            ]
            file.write(("{" if key == "eventTypes" else "") + f'"{key}": {json.dumps(declared)},\n')
        for key, items, end in (("objects", objects, "],\n"), ("events", events, "]}\n")):
            file.write(f'"{key}": [')
            for number, item in enumerate(items):
                file.write((",\n" if number else "\n") + json.dumps(_record(item, timed=key == "objects")))
            file.write(end)


def _record(item: Item, *, timed: bool) -> dict[str, object]:
    since = {"time": item.time} if timed else {}
    return {
        "id": item.id,
        "type": item.type,
        **({} if timed else {"time": item.time}),
        "attributes": [{"name": name, **since, "value": value} for name, value in item.values],
        "relationships": [{"objectId": one, "qualifier": qualifier} for one, qualifier in item.related],
    }


def write_xml(path: Path, types: Types, objects: Iterator[Item], events: Iterator[Item]) -> None:
    """An item a line."""
    impossible = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log>\n')
        for of, held in (("object", types.objects), ("event", types.events)):
            file.write(f"<{of}-types>\n")
            for name, attributes in held.items():
                declared = "".join(
                    f'<attribute name="{escaped(one)}" type="{kind}"/>' for one, kind in attributes.items()
                )
                file.write(
                    f'<{of}-type name="{escaped(name)}"><attributes>{declared}</attributes></{of}-type>\n'
                )
            file.write(f"</{of}-types>\n")
        for of, items in (("object", objects), ("event", events)):
            file.write(f"<{of}s>\n")
            for item in items:
                impossible += sum(impossible_in(value) for _, value in item.values)
                impossible += impossible_in(item.id) + impossible_in(item.type)
                file.write(_element(of, item))
            file.write(f"</{of}s>\n")
        file.write("</log>\n")
    warn_of_impossible(path, impossible)


def _element(of: str, item: Item) -> str:
    time, since = (f' time="{item.time}"', "") if of == "event" else ("", f' time="{item.time}"')
    values = "".join(
        f'<attribute name="{escaped(name)}"{since}>{escaped(value)}</attribute>'
        for name, value in item.values
    )
    related = "".join(
        f'<relationship object-id="{escaped(one)}" qualifier="{escaped(qualifier)}"/>'
        for one, qualifier in item.related
    )
    return (
        f'<{of} id="{escaped(item.id)}" type="{escaped(item.type)}"{time}><attributes>{values}</attributes>'
        f"<objects>{related}</objects></{of}>\n"
    )


def write_sqlite(path: Path, types: Types, objects: Iterator[Item], events: Iterator[Item]) -> None:
    """A table for each type, and those of all types; a file that was there before goes."""
    path.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("PRAGMA synchronous = OFF")
            _Base(base, types).fill(objects, events)
            base.commit()
    except sqlite3.Error as error:
        raise SourceError(f"{path}: cannot be written as an SQLite database: {error}") from error


_COLUMNS = {
    "string": "TEXT",
    "time": "TIMESTAMP",
    "integer": "INTEGER",
    "float": "REAL",
    "boolean": "BOOLEAN",
}


class _Base:
    """The tables of a database, and how each attribute is called there."""

    def __init__(self, base: sqlite3.Connection, types: Types) -> None:
        self.base = base
        self.inserts: dict[tuple[str, str], tuple[str, Mapping[str, str]]] = {}
        for of, held in (("event", types.events), ("object", types.objects)):
            base.execute(f"CREATE TABLE {of} (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)")
            base.execute(f"CREATE TABLE {of}_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)")
            for name, called in _unlike(held, lambda name: re.sub(r"[^0-9A-Za-z]", "", name.title())).items():
                base.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", (name, called))  # noqa: S608 - two words
                self._table(of, name, f"{of}_{called}", held[name])
        base.execute(
            "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT, "
            "PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier))"
        )
        base.execute(
            "CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT, "
            "PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier))"
        )

    def _table(self, of: str, type_: str, table: str, attributes: Mapping[str, str]) -> None:
        first = ["ocel_id", "ocel_time", *(["ocel_changed_field"] if of == "object" else [])]
        called = _unlike(attributes, lambda name: name.replace("\0", ""), taken=first)
        columns = [
            "ocel_id TEXT",
            "ocel_time TIMESTAMP",
            *(["ocel_changed_field TEXT"] if of == "object" else []),
            *(f"{_quoted(called[name])} {_COLUMNS[kind]}" for name, kind in attributes.items()),
        ]
        self.base.execute(f"CREATE TABLE {_quoted(table)} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        self.inserts[of, type_] = (f"INSERT INTO {_quoted(table)} VALUES ({marks})", attributes)  # noqa: S608

    def fill(self, objects: Iterator[Item], events: Iterator[Item]) -> None:
        """Put all rows in."""
        for of, items, links in (("object", objects, "object_object"), ("event", events, "event_object")):
            waiting: list[Item] = []
            for item in items:
                waiting.append(item)
                if len(waiting) == MANY:
                    self._put(of, waiting, links)
                    waiting = []
            self._put(of, waiting, links)

    def _put(self, of: str, items: Iterable[Item], links: str) -> None:
        rows: dict[str, list[tuple[object, ...]]] = {}
        for item in items:
            insert, attributes = self.inserts[of, item.type]
            held = dict(item.values)
            changed = (None,) if of == "object" else ()
            values = (_stored(held.get(name), kind) for name, kind in attributes.items())
            rows.setdefault(insert, []).append((item.id, _clock(item.time), *changed, *values))
        self.base.executemany(
            f"INSERT INTO {of} VALUES (?, ?)",  # noqa: S608 - one of two words
            [(item.id, item.type) for item in items],
        )
        for insert, lines in rows.items():
            self.base.executemany(insert, lines)
        self.base.executemany(
            f"INSERT INTO {links} VALUES (?, ?, ?)",  # noqa: S608 - one of two words
            [(item.id, *link) for item in items for link in item.related],
        )


def _stored(text: str | None, kind: str) -> object:
    if text is None:
        return None
    match kind:
        case "integer":
            return int(text)
        case "float":
            return float(text)
        case "boolean":
            return int(text == "true")
        case _:
            return text


def _clock(time: str) -> str:
    return time.replace("T", " ")


def _unlike(names: Iterable[str], call: Callable[[str], str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A name for each that is its own whatever the capitals: SQLite does not see them."""
    used = {name.lower() for name in taken}
    called: dict[str, str] = {}
    for name in names:
        one = call(name) or "Type"
        while one.lower() in used:
            one += "_"
        used.add(one.lower())
        called[name] = one
    return called


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_FORMS: dict[tuple[str, ...], Writer] = {
    (".jsonocel", ".json"): write_json,
    (".xmlocel", ".xml"): write_xml,
    (".sqlite",): write_sqlite,
}
