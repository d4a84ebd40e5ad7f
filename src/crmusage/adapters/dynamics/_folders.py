"""Folders as Synapse Link writes them: a folder a table, CSV without headers, and `model.json` that has the headers."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from crmusage.errors import SourceError

MODEL = "model.json"

ENDINGS = (".csv", ".csv.gz", ".parquet", ".jsonl", ".ndjson", ".json")


def tables_of(path: Path) -> dict[str, list[Any]] | None:
    """The tables of a folder whose tables are folders or have their headers apart; None: it is a plain folder.

    Raises:
        SourceError: when `model.json` is none, or a file does not fit its headers.
    """
    headers = _model(path / MODEL) if (path / MODEL).is_file() else {}
    inner = sorted(one for one in path.iterdir() if one.is_dir())
    if not headers and not any(True for one in inner for _ in _files(one)):
        return None
    found: dict[str, list[Any]] = collections.defaultdict(list)
    for name, (columns, partitions) in headers.items():
        for file in _partitions(path, name, partitions):
            found[name].append(_headless(file, columns))
    for folder in inner:
        if folder.name not in headers:
            found[folder.name].extend(_files(folder))
    for file in _files(path):
        stem = next(file.name[: -len(ending)] for ending in ENDINGS if file.name.lower().endswith(ending))
        if file.name != MODEL and stem not in headers:
            found[stem].append(file)
    return {name: pieces for name, pieces in found.items() if pieces}


def _files(folder: Path) -> Iterator[Path]:
    return (one for one in sorted(folder.iterdir()) if one.is_file() and one.name.lower().endswith(ENDINGS))


def _model(path: Path) -> dict[str, tuple[list[str], list[str]]]:
    """By table: the names of its columns, and where its pieces are."""
    try:
        held = json.loads(path.read_text("utf-8-sig"))
        return {
            entity["name"]: (
                [attribute["name"] for attribute in entity["attributes"]],
                [piece["location"] for piece in entity.get("partitions", []) if piece.get("location")],
            )
            for entity in held["entities"]
        }
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"{path}: is no model of tables ({type(error).__name__}: {error}); it needs entities with names, "
            "attributes and partitions, as Synapse Link writes them"
        ) from None


def _partitions(root: Path, name: str, locations: list[str]) -> list[Path]:
    """The pieces that the model names, as far as they were copied here; else whatever is in the table's folder."""
    named = []
    for location in locations:
        parts = PurePosixPath(unquote(urlsplit(location).path)).parts
        tail = parts[len(parts) - 1 - parts[::-1].index(name) :] if name in parts else parts[-1:]
        # Nothing outside of the folder is read, whatever the model says.
        if ".." not in tail and (root.joinpath(*tail)).is_file():
            named.append(root.joinpath(*tail))
    if named:
        return named
    folder = root / name
    return [one for one in _files(folder) if one.suffix.lower() == ".csv"] if folder.is_dir() else []


def _headless(path: Path, columns: list[str]) -> pl.DataFrame:
    if not path.stat().st_size:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        frame = pl.read_csv(path, has_header=False, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise SourceError(f"{path}: cannot be read as CSV: {error}") from None
    if frame.width != len(columns):
        raise SourceError(
            f"{path}: has {frame.width} columns, and {MODEL} names {len(columns)} for it; copy both from one "
            "state of the data lake"
        )
    return frame.rename(dict(zip(frame.columns, columns, strict=True)))
