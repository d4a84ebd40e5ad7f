from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from crmusage.errors import SourceError
from crmusage.history._frames import frame_of_records


def read_json_lines(path: Path) -> pl.DataFrame:
    """One object a line; keys and types may differ from line to line.

    Raises:
        SourceError: when a line holds no object, or the file nothing.
    """
    try:
        if not path.stat().st_size:
            raise SourceError(f"{path}: is empty; it needs one JSON object a line")
        return pl.read_ndjson(path, infer_schema_length=None)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        # Types that change on the way, or a line that is no object: slowly, to read it or to name the line.
        return frame_of_records(_lines(path), path.name)


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(line, f"{path}: line {number}")


def _object(line: bytes, where: str) -> Mapping[str, Any]:
    try:
        held = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SourceError(f"{where}: is no text in UTF-8; save the file as UTF-8") from None
    except ValueError as error:
        raise SourceError(f"{where}: is no JSON object ({error}); it needs one object a line") from None
    if not isinstance(held, dict):
        raise SourceError(f"{where}: is no JSON object (it holds {held!r:.40}); it needs one object a line")
    return held
