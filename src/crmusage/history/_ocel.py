"""Object-centric event logs (OCEL 2.0), in whichever of their three forms, as columns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import polars as pl

from crmusage.errors import SourceError
from crmusage.history._frames import encodable
from crmusage.history._xes import TRACE, Sheet, common

ID, TYPE, TIME = " id", " type", " time"
"""What every event has. Attributes have names of their own: these begin with a blank, which no name there does."""

_TAGS = {
    "string": "string",
    "time": "date",
    "timestamp": "date",
    "date": "date",
    "integer": "int",
    "int": "int",
    "float": "float",
    "real": "float",
    "double": "float",
    "boolean": "boolean",
    "bool": "boolean",
}


@attrs.frozen
class Ocel:
    """What stands in the file."""

    events: pl.DataFrame
    """One row an event: its number (TRACE), ID, TYPE, TIME as text, and its attributes, typed."""
    objects: pl.DataFrame
    """id, type"""
    related: pl.DataFrame
    """Events to objects: the event's number (TRACE), object, qualifier."""
    linked: pl.DataFrame
    """Objects to objects: object, target, qualifier."""
    values: pl.DataFrame
    """Values of attributes of objects, since when: object, name, time, value; all texts."""
    tags: Mapping[str, str]
    """The type of the objects' attributes, by their name."""
    repeated: int = 0
    """Attributes that stood twice in one event: the first counts."""


class Gathered:
    """What is read, piece by piece; relations and values are those of the last event or object."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._events, self._objects = Sheet(), Sheet()
        self._related, self._linked, self._values = Sheet(), Sheet(), Sheet()
        self._declared: dict[tuple[str, str, str], str] = {}
        self._tags: dict[str, str] = {}
        self._n_events = -1
        self._type = ""
        self._object: str | None = None

    def declare(self, of: str, type_: str, name: str, kind: str) -> None:
        """`name` is an attribute of events or objects of this type, with values of this kind."""
        self._declared[of, type_, name] = _TAGS.get(kind.lower(), "string")

    def new_event(self, id_: object, type_: object, time: object) -> None:
        """Another event."""
        self._n_events += 1
        self._type = "" if type_ is None else str(type_)
        self._events.row(self._n_events)
        _put(self._events, {ID: id_, TYPE: type_, TIME: time})

    def new_object(self, id_: object, type_: object) -> None:
        """Another object."""
        self._type = "" if type_ is None else str(type_)
        self._object = None if id_ is None else _text(id_)
        self._objects.row(0)
        _put(self._objects, {"id": id_, "type": type_})

    def of_event(self, name: str, value: object) -> None:
        """An attribute of the last event."""
        if value is not None:
            name = name.strip() or "unnamed"
            tag = self._declared.get(("event", self._type, name)) or _tag(value)
            self._events.put(encodable(name), tag, _text(value))

    def of_object(self, name: str, time: object, value: object) -> None:
        """A value of an attribute of the last object, from a time on."""
        name = name.strip() or "unnamed"
        tag = self._declared.get(("object", self._type, name)) or _tag(value)
        self._tags[name] = common(self._tags.setdefault(name, tag), tag)
        self._values.row(0)
        _put(self._values, {"object": self._object, "name": name, "time": time, "value": value})

    def related(self, object_: object, qualifier: object) -> None:
        """The last event concerns an object."""
        self._related.row(self._n_events)
        _put(self._related, {"object": object_, "qualifier": qualifier})

    def linked(self, target: object, qualifier: object) -> None:
        """The last object has to do with another one."""
        self._linked.row(0)
        _put(self._linked, {"object": self._object, "target": target, "qualifier": qualifier})

    def done(self, zone: str | None) -> Ocel:
        """All of it; `zone` is that of times that do not tell theirs."""
        return Ocel(
            with_columns(self._events.frame(zone), ID, TYPE, TIME),
            with_columns(self._objects.frame(), "id", "type").drop(TRACE),
            with_columns(self._related.frame(), "object", "qualifier"),
            with_columns(self._linked.frame(), "object", "target", "qualifier").drop(TRACE),
            with_columns(self._values.frame(), "object", "name", "time", "value").drop(TRACE),
            dict(self._tags),
            self._events.repeated,
        )


def read_ocel(path: Path, zone: str | None) -> Ocel:
    """Read a file of OCEL 2.0; what is in it, its ending says.

    Raises:
        SourceError: when it is no such file, or is damaged.
    """
    from crmusage.history._ocel_json import read_json
    from crmusage.history._ocel_sqlite import read_sqlite
    from crmusage.history._ocel_xml import read_xml

    name = path.name.lower()
    if name.endswith(".sqlite"):
        return read_sqlite(path, zone)
    return read_json(path, zone) if name.endswith(("jsonocel", ".json")) else read_xml(path, zone)


def with_columns(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The frame with these columns of texts, empty where nothing in the file told them."""
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(absent)


def tag_of(kind: str) -> str:
    """What XES calls a type that OCEL names."""
    return _TAGS.get(kind.lower(), "string")


def no_ocel(path: Path, why: str) -> SourceError:
    """The error of a file that is something else."""
    return SourceError(f"{path}: is no OCEL 2.0: {why}")


def _put(sheet: Sheet, cells: Mapping[str, object]) -> None:
    for name, value in cells.items():
        if value is not None:
            sheet.put(name, "string", _text(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int | float):
        return repr(value)
    return encodable(json.dumps(value, default=str))


def _tag(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) and math.isfinite(value) else "string"
