"""Histories as XES event logs (IEEE 1849), written a batch of events at a time; and in pm4py's column names."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl

from crmusage.errors import CrmUsageWarning, SourceError
from crmusage.history._contract import columns_of
from crmusage.history._index import Int32
from crmusage.history._log import FREED
from crmusage.history._xes import MARK, XES_COLUMNS

if TYPE_CHECKING:
    from crmusage.history._history import History

BATCH = 20_000
"""Events and cases whose XML is in memory at one time (a case with more events than that comes in pieces)."""

_EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Lifecycle", "lifecycle"),
    ("Organizational", "org"),
)

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_IMPOSSIBLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
"""What XML 1.0 cannot hold, not even escaped."""
_IMPOSSIBLE_HERE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\x00-\x1f\ufffe\uffff]')
INSTEAD = "\ufffd"


def write_xes(history: History, path: Path) -> None:
    """See `History.write_xes`."""
    if not path.name.lower().endswith((".xes", ".xes.gz")):
        raise SourceError(
            f"{path}: an XES log is written as .xes or .xes.gz: give the file one of these endings"
        )
    pages = _Pages()
    try:
        with _written(path) as file:
            for text in pages.of(history):
                file.write(text.encode())
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror or error}") from error
    warn_of_impossible(path, pages.impossible)


def warn_of_impossible(path: Path, count: int) -> None:
    """Tell that texts hold what XML cannot."""
    if count:
        warnings.warn(
            f"{path}: {count} texts hold control characters, which XML cannot hold: U+FFFD stands in their place",
            CrmUsageWarning,
            stacklevel=4,
        )


def pm4py_frame(history: History) -> pl.DataFrame:
    """See `History.to_pm4py`."""
    keys_of_events, keys_of_cases = _keys(history.events, "events"), _keys(history.cases, "cases")
    case = "case:concept:name"
    events = history.events.rename({"case_id": case, **{name: key for key, name in keys_of_events.items()}})
    of_cases = {"case_id": case, **{name: f"case:{key}" for key, name in keys_of_cases.items()}}
    joined = events.join(
        history.cases.rename(of_cases), on=case, how="left", maintain_order="left", suffix=FREED
    )
    # In what is written for others, a column without any value is noise.
    held = [name for name in joined.columns if joined[name].null_count() < joined.height]
    first = [case, "concept:name", "time:timestamp"]
    return joined.select([*first, *(name for name in held if name not in first)])


def escaped(text: str) -> str:
    """A text as XML wants it between quotes; what it cannot hold is replaced."""
    if not _SPECIAL.search(text):
        return text
    text = _IMPOSSIBLE_HERE.sub(INSTEAD, text)
    for sign, name in _ESCAPES.items():
        text = text.replace(sign, name)
    return text


def impossible_in(text: str) -> bool:
    """Whether a text holds what XML cannot."""
    return _IMPOSSIBLE_HERE.search(text) is not None


def as_written(series: pl.Series) -> tuple[str, pl.Series]:
    """The tag of XES for a column, and its values as that tag wants them."""
    dtype = series.dtype
    if dtype == pl.Boolean:
        return "boolean", series.cast(pl.String)
    if dtype.is_integer():
        # XES and OCEL know 64 bits with a sign.
        return ("int" if dtype not in (pl.UInt64, pl.Int128) else "string"), series.cast(pl.String)
    if dtype.is_float():
        endless = {"inf": "INF", "-inf": "-INF"}
        return "float", series.cast(pl.String).replace(endless)
    if isinstance(dtype, pl.Datetime):
        return "date", series.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
    if dtype == pl.Date:
        return "date", series.dt.to_string("%Y-%m-%dT00:00:00.000000Z")
    if dtype == pl.String:
        return "string", series
    told = [None if value is None else json.dumps(_plain(value), default=str) for value in series.to_list()]
    return "string", pl.Series(series.name, told, dtype=pl.String)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


@contextlib.contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if not path.name.lower().endswith(".gz"):
            yield file
            return
        # No name and no time inside: the same history gives the same bytes.
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
            yield cast("IO[bytes]", packed)


def _keys(frame: pl.DataFrame, table: str) -> dict[str, str]:
    """The column of each key, the case's id apart: standard keys for what they mean, plain names for the rest."""
    standard = {name: key for name, key in XES_COLUMNS.items() if table == "events" and name != "case_id"}
    keys = {key: name for name, key in standard.items()}
    reserved = {*keys, "concept:name"}
    for name in frame.columns:
        if name == "case_id" or name in standard:
            continue
        key = _IMPOSSIBLE_HERE.sub(INSTEAD, name)
        while key in reserved or key in keys:
            key += FREED
        keys[key] = name
    return keys


class _Pages:
    """A log as pieces of text."""

    def __init__(self) -> None:
        self.impossible = 0

    def of(self, history: History) -> Iterator[str]:
        cases, events = history.cases, history.events
        keys = {"events": _keys(events, "events"), "cases": _keys(cases, "cases")}
        yield _head(history, keys)
        bounds = history.index.offsets
        for first, last in _spans(bounds):
            heads = self._items(cases[first:last], {"concept:name": "case_id", **keys["cases"]})
            low, high = int(bounds[first]), int(bounds[last])
            whole = high - low <= BATCH
            items = self._items(events[low:high], keys["events"], "event") if whole else []
            for place, head in enumerate(heads, first):
                yield f"<trace>{head}"
                begin, end = int(bounds[place]), int(bounds[place + 1])
                if whole:
                    yield "".join(items[begin - low : end - low])
                else:
                    for at in range(begin, end, BATCH):
                        piece = events[at : min(at + BATCH, end)]
                        yield "".join(self._items(piece, keys["events"], "event"))
                yield "</trace>\n"
        yield "</log>\n"

    def _items(self, frame: pl.DataFrame, keys: Mapping[str, str], tag: str = "") -> list[str]:
        parts: list[pl.Expr] = []
        for key, name in keys.items():
            if frame[name].null_count() == frame.height:
                continue
            kind, text = as_written(frame[name])
            if kind == "string":
                impossible = text.str.contains(_IMPOSSIBLE)
                if impossible.any():
                    self.impossible += int(impossible.sum())
                    text = text.str.replace_all(_IMPOSSIBLE, INSTEAD)
                text = text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
            parts.append(pl.concat_str(pl.lit(f'<{kind} key="{escaped(key)}" value="'), text, pl.lit('"/>')))
        if not parts:
            return [f"<{tag}></{tag}>" if tag else ""] * frame.height
        inner = frame.select(pl.concat_str(parts, ignore_nulls=True).alias("item"))["item"]
        return (f"<{tag}>" + inner + f"</{tag}>\n").to_list() if tag else inner.to_list()


def _spans(bounds: Int32) -> Iterator[tuple[int, int]]:
    """Runs of cases with about BATCH events and cases in each."""
    first, n_cases = 0, len(bounds) - 1
    while first < n_cases:
        last = int(np.searchsorted(bounds, bounds[first] + BATCH, side="right")) - 1
        last = min(max(last, first + 1), first + BATCH, n_cases)
        yield first, last
        first = last


def _head(history: History, keys: Mapping[str, Mapping[str, str]]) -> str:
    tables = {"cases": history.cases, "events": history.events}
    mark = {
        "as_of": history.as_of.isoformat(),
        "ordered": history.events["seq"].null_count() < history.events.height,
        "given": sorted(history.given & tables.keys()),
        "columns_given": {name: sorted(history.columns_given[name]) for name in tables},
        "keys": keys,
        "types": {
            table: {name: str(dtype) for name, dtype in frame.schema.items() if name not in columns_of(table)}
            for table, frame in tables.items()
        },
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">',
        *(
            f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>'
            for name, prefix in _EXTENSIONS
        ),
        '<global scope="trace"><string key="concept:name" value=""/></global>',
        '<global scope="event"><string key="concept:name" value=""/>',
        '<date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/></global>',
        '<classifier name="Activity" keys="concept:name"/>',
        f'<string key="{MARK}" value="{escaped(json.dumps(mark, ensure_ascii=True))}"/>',
    ]
    return "\n".join([*lines, ""])
