from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crmusage.errors import SourceError
from crmusage.history._ocel import Gathered, Ocel, no_ocel
from crmusage.history._xes import parse


def read_xml(path: Path, zone: str | None) -> Ocel:
    """OCEL 2.0 as XML, streamed.

    Raises:
        SourceError: when it is no such file, is cut off, or declares a document type.
    """
    reader = _Reader()
    parse(path, reader.start, reader.end, reader.text)
    if not reader.held:
        raise no_ocel(path, "the <log> has neither <objects> nor <events>")
    return reader.book.done(zone)


class _Reader:
    """What happens at each tag, by the tags that it stands in."""

    def __init__(self) -> None:
        self.book = Gathered()
        self.held = False
        self._way: list[str] = []
        self._type = ""
        self._name: str | None = None
        self._time: str | None = None
        self._texts: list[str] = []
        self._waiting: list[Callable[[], None]] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        way = self._way
        if not way and tag != "log":
            raise SourceError(f"is no OCEL 2.0: it begins with <{name}>, not with <log>")
        parent = way[-1] if way else ""
        match tag:
            case "objects" | "events" if len(way) == 1:
                self.held = True
            case "event-type" | "object-type":
                self._type = given.get("name", "")
            case "event" if parent == "events":
                self.book.new_event(given.get("id"), given.get("type"), given.get("time"))
            case "object" if parent == "objects" and len(way) == 2:
                self.book.new_object(given.get("id"), given.get("type"))
            case "attribute" if len(way) > 2 and way[1].endswith("-types"):
                of = way[1].removesuffix("-types")
                self.book.declare(of, self._type, given.get("name", "").strip(), given.get("type", "string"))
            case "attribute":
                self._name, self._time, self._texts = given.get("name"), given.get("time"), []
            case "relationship" | "object" if len(way) > 2:
                # pm4py's first writers called a relation <object>.
                related = self.book.related if way[1] == "events" else self.book.linked
                related(given.get("object-id"), given.get("qualifier"))
            case _:
                pass
        way.append(tag)

    def text(self, text: str) -> None:
        if self._name is not None:
            self._texts.append(text)

    def end(self, _: str) -> None:
        tag = self._way.pop()
        if tag != "attribute" or self._name is None:
            return
        value = "".join(self._texts)
        if self._way[1] == "events":
            self.book.of_event(self._name, value)
        elif self._way[1] == "objects":
            self.book.of_object(self._name, self._time, value)
        self._name = None
