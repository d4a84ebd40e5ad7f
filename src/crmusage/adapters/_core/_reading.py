"""Whatever came, as frames by entity: folders, files, frames, records, answers of an API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import polars as pl

from crmusage.adapters._core._crm import Entity
from crmusage.adapters._core._names import folded
from crmusage.errors import ContractError, SourceError
from crmusage.history import as_it_came

ENDINGS = (".csv", ".csv.gz", ".parquet", ".jsonl", ".ndjson", ".json")

_NUMBERED = re.compile(r"[ _-]*\(?\d+\)?$")

DEEPEST = 4
"""Levels of nested records that are opened: a lookup's lookup's lookup. What lies deeper is kept as text. Guessed."""


@attrs.frozen
class Came:
    """One table as it came, under the names that the source gave."""

    name: str
    frame: pl.DataFrame
    partial: bool = False
    """The answer says that there is more of it."""


def came(source: Any, *, rows_of: tuple[str, ...], more: tuple[str, ...]) -> list[Came]:
    """The tables of a folder, or of a mapping of names to paths, frames, records or answers of an API.

    Args:
        source: a folder, a file, or a mapping; a list of paths, frames or answers is one table in pieces.
        rows_of: keys under which an answer holds its records (`records`, `value`).
        more: keys that say, when they are there and no `done`, that an answer is only a page.

    Raises:
        SourceError: when a file cannot be read, or a folder holds no table.
        ContractError: when something is no table.
    """
    if isinstance(source, str | Path):
        return _of_path(Path(source), rows_of, more)
    if isinstance(source, Mapping):
        return [piece for name, one in source.items() for piece in _pieces(str(name), one, rows_of, more)]
    raise ContractError(
        f"{type(source).__name__} is no delivery; give a folder, or tables by name: "
        '{"Opportunity": rows, frame or path}'
    )


def _of_path(path: Path, rows_of: tuple[str, ...], more: tuple[str, ...]) -> list[Came]:
    if path.is_file():
        return _pieces(_stem(path), path, rows_of, more)
    if not path.is_dir():
        raise SourceError(f"{path}: there is no such file or folder")
    files = sorted(file for file in path.iterdir() if file.is_file() and _ending(file))
    if not files:
        raise SourceError(
            f"{path}: there is no table in this folder; files of tables end in {', '.join(ENDINGS)}"
        )
    return [piece for file in files for piece in _pieces(_stem(file), file, rows_of, more)]


def _ending(path: Path) -> str:
    return next((ending for ending in ENDINGS if path.name.lower().endswith(ending)), "")


def _stem(path: Path) -> str:
    return path.name[: len(path.name) - len(_ending(path))] if _ending(path) else path.name


def _pieces(name: str, source: Any, rows_of: tuple[str, ...], more: tuple[str, ...]) -> list[Came]:
    if isinstance(source, str | Path) and str(source).lower().endswith(".json"):
        return _pieces(name, _json(Path(source)), rows_of, more)
    if isinstance(source, Mapping):
        if hasattr(source, "__arrow_c_stream__"):
            return [Came(name, _opened(as_it_came(source, name)))]
        key = next((key for key in rows_of if key in source), None)
        if key is None:
            raise ContractError(
                f"{name}: a mapping is no table unless it is an answer with {' or '.join(rows_of)}; "
                "give a list of records"
            )
        partial = not source.get("done", not any(source.get(one) for one in more))
        return [attrs.evolve(one, partial=partial) for one in _pieces(name, source[key], rows_of, more)]
    if isinstance(source, list | tuple) and source and not _is_record(source[0]):
        return [piece for one in source for piece in _pieces(name, one, rows_of, more)]
    plain = isinstance(source, str | Path | bytes | bytearray) or hasattr(source, "__arrow_c_stream__")
    if not plain and isinstance(source, Iterable):
        source = [_flat(record, name, place) for place, record in enumerate(source)]
    return [Came(name, _opened(as_it_came(source, name)))]


def _is_record(value: Any) -> bool:
    return attrs.has(type(value)) or (isinstance(value, Mapping) and not _is_answer(value))


def _is_answer(value: Mapping[Any, Any]) -> bool:
    return any(isinstance(value.get(key), list) for key in ("records", "value")) and "attributes" not in value


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: is no JSON in UTF-8 ({error})") from None


def _flat(record: Any, where: str, place: int) -> Mapping[str, Any]:
    """A record with the fields of nested ones beside its own, as `Owner.Name`."""
    if attrs.has(type(record)):
        record = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}
    if not isinstance(record, Mapping):
        raise ContractError(
            f"{where}: record {place} is a {type(record).__name__}; records are dicts, one a row"
        )
    if not any(isinstance(value, Mapping | list | tuple) for value in record.values()):
        return record
    return dict(_leaves(record, "", DEEPEST))


def _leaves(record: Mapping[Any, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping) and depth:
            yield from _leaves(value, f"{name}.", depth - 1)
        elif isinstance(value, Mapping | list | tuple):
            yield name, json.dumps(value, default=str)
        else:
            yield name, value


def _opened(frame: pl.DataFrame, depth: int = DEEPEST) -> pl.DataFrame:
    """A frame with the fields of nested columns beside the others; lists as texts."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    if not nested:
        return frame
    for name in nested:
        column = frame[name]
        if isinstance(column.dtype, pl.Struct) and depth and column.dtype.fields:
            inner = column.struct.unnest()
            inner = inner.rename({field: f"{name}.{field}" for field in inner.columns})
            inner = inner.drop([field for field in inner.columns if field in frame.columns])
            frame = frame.drop(name).hstack(_opened(inner, depth - 1))
        else:
            frame = frame.with_columns(
                pl.Series(
                    name, [None if one is None else str(one) for one in column.to_list()], dtype=pl.String
                )
            )
    return frame


def by_entity(
    pieces: Iterable[Came], entities: Iterable[Entity], *, strip: tuple[str, ...]
) -> tuple[dict[str, list[Came]], list[Came]]:
    """Tables by the entity that they hold, and those that hold none that is known.

    A name may carry what pipelines put around it: `strip` at its beginning or end (`sf_`, `_data`), a number.
    """
    known: dict[str, list[Entity]] = {}
    for entity in entities:
        for name in (entity.name, *entity.also):
            known.setdefault(folded(name), []).append(entity)
    found: dict[str, list[Came]] = {}
    foreign: list[Came] = []
    for piece in pieces:
        columns = {folded(column) for column in piece.frame.columns}
        held = next(
            (
                one
                for name in _spellings(piece.name, strip)
                for one in known.get(folded(name), ())
                if not any(folded(field) in columns for field in one.unlike)
            ),
            None,
        )
        if held is None:
            foreign.append(piece)
        else:
            found.setdefault(held.name, []).append(piece)
    return found, foreign


def _spellings(name: str, strip: tuple[str, ...]) -> Iterator[str]:
    """The name itself, then with less and less of what may stand around it."""
    seen = [name]
    for one in seen:
        yield one
        lower = one.lower()
        shorter = [one[len(part) :] for part in strip if lower.startswith(part)]
        shorter += [one[: -len(part)] for part in strip if lower.endswith(part)]
        shorter.append(_NUMBERED.sub("", one))
        seen.extend(new for new in shorter if new and new not in seen)
