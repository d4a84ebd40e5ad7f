"""XES event logs (IEEE 1849), streamed: never the file as a tree, only a batch of events at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

import attrs
import polars as pl

from crmusage.errors import SourceError
from crmusage.history._column import Unusable, missing
from crmusage.history._instants import instants
from crmusage.history._packed import opened

BATCH = 50_000
"""Events held as Python values before they become columns."""
CHUNK = 1 << 20
DEEPEST = 50
"""Attributes inside attributes: so many levels nobody writes, and each makes names longer. Guessed."""

XES_COLUMNS = {
    "case_id": "concept:name",
    "activity": "concept:name",
    "at": "time:timestamp",
    "actor": "org:resource",
    "unit": "org:group",
}
"""What the standard extensions of XES call the contract's columns; the case's id is the trace's."""

MARK = "crmusage:history"
"""The attribute of a log in which a history that was written tells what XES has no place for."""

TRACE = " trace"
"""The column that says in which trace an event or an attribute stands, from 0."""

_TAGS = frozenset({"string", "date", "int", "float", "boolean", "id"})
_NESTS = frozenset({"list", "container"})


@attrs.frozen
class XesLog:
    """The attributes of a log's events and traces, nested ones as `parent:child`."""

    events: pl.DataFrame
    traces: pl.DataFrame
    repeated: int
    """Attributes that stood twice in one event or trace: the first counts."""
    mark: str | None = None
    """The log's own attribute MARK."""


class Sheet:
    """Rows of texts, as columns that grow; batches become frames."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.repeated = 0
        self._columns: dict[str, list[str | None]] = {}
        self._rows: list[int] = []
        self._batches: list[dict[str, pl.Series]] = []
        self._traces: list[pl.Series] = []

    def row(self, trace: int) -> None:
        if len(self._rows) == BATCH:
            self._flush()
        self._rows.append(trace)

    def put(self, key: str, tag: str, value: str) -> None:
        column = self._columns.get(key)
        place = len(self._rows) - 1
        if column is None:
            column = self._columns[key] = []
            self.tags[key] = common(self.tags.setdefault(key, tag), tag)
        elif self.tags[key] != tag:
            self.tags[key] = common(self.tags[key], tag)
        short = place - len(column)
        if short < 0:
            self.repeated += 1
            return
        if short:
            column.extend([None] * short)
        column.append(value)

    def _flush(self) -> None:
        height = len(self._rows)
        for column in self._columns.values():
            column.extend([None] * (height - len(column)))
        batch = {key: pl.Series(key, values, dtype=pl.String) for key, values in self._columns.items()}
        self._batches.append(batch)
        self._traces.append(pl.Series(TRACE, self._rows, dtype=pl.Int64))
        self._columns, self._rows = {}, []

    def frame(self, zone: str | None = None) -> pl.DataFrame:
        """All rows, typed as their tags tell; `zone` is that of times that do not tell theirs. To be asked once."""
        self._flush()
        columns = [pl.concat(self._traces, rechunk=True)]
        for key, tag in self.tags.items():
            # A column's texts go when its values are there: never two copies of all.
            texts = [
                batch.pop(key) if key in batch else missing(key, pl.String(), len(rows))
                for batch, rows in zip(self._batches, self._traces, strict=True)
            ]
            columns.append(typed(pl.concat(texts, rechunk=True), tag, zone))
        return pl.DataFrame(columns)


def common(one: str, other: str) -> str:
    """The tag of a column that holds values of both."""
    if one == other:
        return one
    return "float" if {one, other} == {"int", "float"} else "string"


def typed(text: pl.Series, tag: str, zone: str | None = None) -> pl.Series:
    """A column of the type that its tag tells, if every value is of it; else the texts, as they are."""
    if tag == "date":
        try:
            cells = instants(text, zone)
        except Unusable:
            return text
        return text if cells.bad else cells.values
    if tag == "boolean":
        lower = text.str.to_lowercase()
        known = lower.is_in(["true", "false"]).all()
        return (lower == "true") if known else text
    if tag in {"int", "float"}:
        values = text.cast(pl.Int64 if tag == "int" else pl.Float64, strict=False)
        return values if values.null_count() == text.null_count() else text
    return text


class _Reader:
    """What happens at each tag."""

    def __init__(self) -> None:
        self.events = Sheet()
        self.traces = Sheet()
        self.trace = -1
        self.root = False
        self.mark: str | None = None
        self._sheet: Sheet | None = None
        # The keys of the attributes that are open; None for tags without a key.
        self._open: list[str | None] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name if name in _TAGS else name.rpartition(":")[2]
        if tag in _TAGS or tag in _NESTS:
            key = given.get("key")
            if key is not None:
                key = key.strip() or "unnamed"
            self._open.append(key)
            if key is None or "value" not in given or tag not in _TAGS:
                return
            if len(self._open) > 1:
                if len(self._open) > DEEPEST:
                    raise SourceError(f"has attributes nested more than {DEEPEST} deep, which no log needs")
                key = ":".join([parent for parent in self._open if parent is not None])
            if self._sheet is not None:
                self._sheet.put(key, tag, given["value"])
            elif key == MARK and self.root:
                self.mark = given["value"]
        elif tag == "event":
            self.events.row(self.trace)
            self._sheet = self.events
        elif tag == "trace":
            self.trace += 1
            self.traces.row(self.trace)
            self._sheet = self.traces
        elif tag == "log":
            self.root = True
        elif tag == "values":
            self._open.append(None)
        elif not self.root:
            raise SourceError(f"is no XES: it begins with <{name}>, not with <log>")

    def end(self, name: str) -> None:
        tag = name if name in _TAGS else name.rpartition(":")[2]
        if tag in _TAGS or tag in _NESTS or tag == "values":
            self._open.pop()
        elif tag == "event":
            self._sheet = self.traces if self.trace >= 0 else None
        elif tag == "trace":
            self._sheet = None


def read_xes(path: Path) -> XesLog:
    """Read a `.xes` or `.xes.gz` file.

    Raises:
        SourceError: when it is no such file, is cut off, or declares a document type (no log needs it, bombs do).
    """
    reader = _Reader()
    parse(path, reader.start, reader.end)
    return XesLog(
        reader.events.frame(),
        reader.traces.frame(),
        reader.events.repeated + reader.traces.repeated,
        reader.mark,
    )


def parse(
    path: Path,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream an XML file, packed or not, tag by tag.

    Raises:
        SourceError: when it is damaged, cut off, or declares a document type.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        with opened(path) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SourceError(
            f"{path}: line {error.lineno}: is no well-formed XML ({expat.ErrorString(error.code)}); "
            "the file may be cut off or damaged: export it again"
        ) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{path}: is damaged or cut off ({error}); copy or export it again") from None
    except (LookupError, ValueError) as error:
        # What the XML declaration names as its encoding.
        raise SourceError(f"{path}: its encoding cannot be read ({error}); save it as UTF-8") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None


def refuse_doctype(*_: object) -> None:
    """A document type can hide entities that grow without end, or that stand in other files."""
    raise SourceError(
        "declares a document type (DOCTYPE) or entities, which no log needs; remove the declaration"
    )
