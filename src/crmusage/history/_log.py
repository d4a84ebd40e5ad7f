"""A plain event log, with its columns named by the caller, as a raw table of events."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._admit import Raw
from crmusage.history._cells import convert
from crmusage.history._column import Unusable
from crmusage.history._contract import columns_of, nearest
from crmusage.history._mapping import JOINER, LogMapping

FREED = "_log"
"""Ends the name of a column of the log that had a name of the contract and was not mapped to it."""


def as_events(raw: Raw, mapping: LogMapping) -> Raw:
    """The log with its columns called as the contract calls them.

    A column of the log that bears a name of the contract keeps its meaning unless the mapping says otherwise.

    Raises:
        ContractError: when the mapping names columns that the log does not have.
    """
    frame = raw.frame
    if not mapping.columns and not mapping.cases:
        return raw
    wanted: dict[str, tuple[str, ...]] = {
        name: (source,) if isinstance(source, str) else tuple(source)
        for name, source in mapping.columns.items()
    }
    sources = [(f"columns.{name}", part) for name, parts in wanted.items() for part in parts]
    sources += [(f"cases.{name}", source) for name, source in mapping.cases.items()]
    faults = [
        f"{raw.where}: the mapping's {key} names the column {source!r}, which is not there"
        f"{_hint(source, frame.columns)}"
        for key, source in sources
        if source not in frame.columns
    ]
    faults += [
        f"{raw.where}: column {part}: it holds {frame.schema[part]}, which cannot be part of an activity; "
        "give texts"
        for parts in wanted.values()
        for part in parts
        if len(parts) > 1 and part in frame.columns and frame.schema[part].is_nested()
    ]
    if faults:
        held = ", ".join(frame.columns[:30])
        raise ContractError("\n".join([*faults, f"The columns there are: {held or 'none'}"]))
    told = set(mapping.cases.values())
    # What is mapped is there under its new name only, unless the cases are told by it too.
    moved = {parts[0] for parts in wanted.values() if len(parts) == 1} - told
    kept = {name: name for name in frame.columns if name not in moved and name not in wanted}
    kept |= {
        name: f"{name}{FREED}"
        for name in frame.columns
        if name in wanted and name not in {*moved, *wanted[name]}
    }
    renamed = [_joined(parts).alias(name) for name, parts in wanted.items()]
    of_cases = {name: kept.get(source, source) for name, source in mapping.cases.items()}
    return attrs.evolve(
        raw,
        frame=frame.select(*renamed, *(pl.col(name).alias(alias) for name, alias in kept.items())),
        called={name: JOINER.join(parts) for name, parts in wanted.items()},
        told=of_cases,
        persons=frozenset(
            source
            for name, source in of_cases.items()
            if columns_of("cases")[name].person and source not in wanted
        )
        | (raw.persons & kept.keys()),
    )


def _joined(parts: tuple[str, ...]) -> pl.Expr:
    if len(parts) == 1:
        return pl.col(parts[0])
    return pl.concat_str([pl.col(part) for part in parts], separator=JOINER, ignore_nulls=True)


def _hint(source: str, there: list[str]) -> str:
    near = nearest(source, there)
    return f" (do you mean {near!r}?)" if near else ""


def freed(frame: pl.DataFrame, table: str, mapped: set[str], zone: str | None) -> pl.DataFrame:
    """An attribute that bears a name of the contract and cannot be that column gets another name."""
    names = {}
    for name, column in columns_of(table).items():
        if name in frame.columns and name not in mapped:
            try:
                convert(frame[name], column, zone=zone)
            except Unusable:
                names[name] = f"{name}{FREED}"
    return frame.rename(names)
