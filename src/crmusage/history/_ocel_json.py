from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crmusage.errors import SourceError
from crmusage.history._ocel import Gathered, Ocel, no_ocel

_PARTS = ("eventTypes", "objectTypes", "events", "objects")


def read_json(path: Path, zone: str | None) -> Ocel:
    """OCEL 2.0 as JSON. The whole file is in memory while it is read.

    Raises:
        SourceError: when it is no such file; the message tells the place in it.
    """
    try:
        held = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{path}: is no well-formed JSON ({error}); the file may be cut off or damaged: export it again"
        ) from None
    if not isinstance(held, dict) or not {"events", "objects"} <= held.keys():
        raise no_ocel(path, f"it needs an object with {', '.join(_PARTS)}")
    book = Gathered()
    for of in ("event", "object"):
        for type_, _ in _entries(path, held, f"{of}Types"):
            for one, _ in _entries(path, type_, "attributes"):
                book.declare(of, str(type_.get("name")), str(one.get("name")).strip(), str(one.get("type")))
    for event, place in _entries(path, held, "events"):
        book.new_event(
            _scalar(path, event, "id", place), _scalar(path, event, "type", place), event.get("time")
        )
        for one, _ in _entries(path, event, "attributes", place):
            book.of_event(str(one.get("name")), one.get("value"))
        for one, _ in _entries(path, event, "relationships", place):
            book.related(one.get("objectId"), one.get("qualifier"))
    for thing, place in _entries(path, held, "objects"):
        book.new_object(_scalar(path, thing, "id", place), _scalar(path, thing, "type", place))
        for one, _ in _entries(path, thing, "attributes", place):
            book.of_object(str(one.get("name")), one.get("time"), one.get("value"))
        for one, _ in _entries(path, thing, "relationships", place):
            book.linked(one.get("objectId"), one.get("qualifier"))
    return book.done(zone)


def _entries(
    path: Path, held: Mapping[str, Any], part: str, place: str = ""
) -> Iterator[tuple[dict[str, Any], str]]:
    entries = held.get(part)
    where = f"{place}.{part}" if place else part
    if entries is None:
        return
    if not isinstance(entries, list):
        raise no_ocel(path, f"{where} is a list of objects, not {entries!r:.40}")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise no_ocel(path, f"{where}[{number}] is an object with names and values, not {entry!r:.40}")
        yield entry, f"{where}[{number}]"


def _scalar(path: Path, entry: Mapping[str, Any], name: str, place: str) -> object:
    value = entry.get(name)
    if isinstance(value, dict | list | bool):
        raise no_ocel(path, f"{place}.{name} is a text, not {value!r:.40}")
    return value
