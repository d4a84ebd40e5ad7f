"""A plain event log, with its columns named by the caller, as a raw table of events."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._admit import Raw
from crmusage.history._contract import nearest
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
    if faults:
        held = ", ".join(frame.columns[:30])
        raise ContractError("\n".join([*faults, f"The columns there are: {held or 'none'}"]))
    used = {parts[0] for parts in wanted.values() if len(parts) == 1}
    told = set(mapping.cases.values())
    renamed = []
    for name, parts in wanted.items():
        columns = [pl.col(part) for part in parts]
        whole = columns[0] if len(parts) == 1 else pl.concat_str(columns, separator=JOINER, ignore_nulls=True)
        renamed.append(whole.alias(name))
    # What is mapped is there under its new name only, unless the cases are told by it too.
    rest = [name for name in frame.columns if name not in wanted and (name not in used or name in told)]
    clashing = [
        name
        for name in frame.columns
        if name in wanted and wanted[name] != (name,) and name not in used | told
    ]
    kept = [pl.col(name) for name in rest] + [pl.col(name).alias(f"{name}{FREED}") for name in clashing]
    called = {name: JOINER.join(parts) for name, parts in wanted.items()}
    return attrs.evolve(raw, frame=frame.select(*renamed, *kept), called=called)


def _hint(source: str, there: list[str]) -> str:
    near = nearest(source, there)
    return f" (do you mean {near!r}?)" if near else ""
