"""CSV as real exports write it: all cells come as texts and are read at the door, one column at a time."""

from __future__ import annotations

import collections
import csv
import io
import itertools
import re
import zlib
from pathlib import Path

import attrs
import polars as pl

from crmusage.errors import ContractError, SourceError
from crmusage.history._headers import all_named
from crmusage.history._packed import is_packed, opened

HEAD = 1 << 16
"""Bytes in which a header ends."""

_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)

_EMPTY = "is empty; it needs at least a line with the names of its columns"

_OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "a ZIP or Excel workbook"}


def read_csv(path: Path) -> tuple[pl.DataFrame, bool]:
    """All cells as texts, empty ones missing; and whether numbers in it may have a decimal comma.

    Raises:
        SourceError: when it is no CSV in UTF-8.
        ContractError: when two columns have one name.
    """
    shape = _shape(path, _head(path))
    twice = [
        name
        for name, count in collections.Counter(name.strip() for name in shape.header).items()
        if count > 1 and name
    ]
    if twice:
        raise ContractError(
            "\n".join(
                f"{path.name}: column {name}: there is more than one column of this name; keep one"
                for name in twice
            )
        )
    try:
        frame = pl.read_csv(_from_header(path, shape), separator=shape.separator, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError, zlib.error):
        frame = _patiently(path, shape)
    else:
        found = tuple(name.removeprefix("\ufeff") for name in frame.columns)
        # A blank header may stand there many times; who reads it numbers it.
        if len(found) != len(shape.header) or any(
            one.strip() and one != two for one, two in zip(shape.header, found, strict=True)
        ):
            two = f"{', '.join(shape.header)} or {', '.join(found)}"
            raise SourceError(f"{path}: it has two headers for one: {two}; give the columns plain names")
        frame.columns = list(all_named(shape.header))
    # Where the semicolon parts the cells, the comma is free to part the decimals.
    return frame, shape.separator == ";"


@attrs.frozen
class _Shape:
    header: tuple[str, ...]
    separator: str
    before: int
    """Lines before the header: blank ones, and the one in which Excel names the separator."""


def _from_header(path: Path, shape: _Shape) -> Path | bytes:
    """What begins with the header. Only what is packed or has lines before it is read as a whole first."""
    if not shape.before and not is_packed(path):
        return path
    with opened(path) as file:
        for _ in range(shape.before):
            file.readline()
        return file.read()


def _head(path: Path) -> bytes:
    try:
        with opened(path) as file:
            head = file.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    for mark, kind in _OTHER_MARKS.items():
        if head.startswith(mark):
            raise SourceError(f"{path}: is {kind}, not CSV in UTF-8; save it as CSV UTF-8")
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise SourceError(f"{path}: {_EMPTY}")
    if b"\n" not in head and b"\r" in head:
        raise SourceError(
            f"{path}: its lines end with a carriage return alone; save it with the line ends of today"
        )
    return head


def _shape(path: Path, head: bytes) -> _Shape:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 3:
            raise SourceError(f"{path}: {_not_utf8(head, error)}") from None
        # The cut went through a character.
        text = head[: error.start].decode("utf-8-sig")
    separators = [",", ";", "\t"]
    before = 0
    # Not splitlines: a file's lines end with line feeds, a text's with other marks too.
    lines = list(io.StringIO(text, newline="\n"))
    while lines and (not lines[0].strip() or _SEPARATOR_LINE.fullmatch(lines[0])):
        named = _SEPARATOR_LINE.fullmatch(lines.pop(0))
        separators = [named[1]] if named else separators
        before += 1
    if not lines:
        raise SourceError(f"{path}: {_EMPTY}")
    rows = {
        one: next(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=one), [])
        for one in separators
    }
    separator = max(rows, key=lambda one: len(rows[one]))
    return _Shape(tuple(rows[separator]), separator, before)


def _not_utf8(held: bytes, error: UnicodeDecodeError) -> str:
    line = held.count(b"\n", 0, error.start) + 1
    return (
        f"line {line}: holds bytes that are not UTF-8 ({held[error.start : error.start + 1]!r}); save the "
        "file as CSV UTF-8 (it looks like Windows-1252 or Latin-1)"
    )


def _patiently(path: Path, shape: _Shape) -> pl.DataFrame:
    """What Polars refuses, cell by cell: a quote inside a plain cell is read, a broken line named."""
    try:
        with opened(path) as file:
            held = file.read()
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: {_not_utf8(held, error)}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    lines = itertools.islice(io.StringIO(text, newline=""), shape.before, None)
    rows = csv.reader(lines, delimiter=shape.separator, strict=True)
    width = len(shape.header)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    began = shape.before + 1
    try:
        next(rows)
        for row in rows:
            if len(row) > width:
                raise SourceError(
                    f"{path}: line {began + 1}: has {len(row)} cells, the header {width}; a cell that holds "
                    f"{shape.separator!r} needs quotes"
                )
            for place, column in enumerate(columns):
                column.append((row[place] or None) if place < len(row) else None)
            began = shape.before + rows.line_num
    except csv.Error as error:
        raise SourceError(
            f"{path}: line {began + 1}: a cell begins with a quote that is not closed in its place ({error})"
        ) from None
    names = all_named(shape.header)
    return pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String))
