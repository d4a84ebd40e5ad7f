"""A table at the door: its columns checked and typed, its bad rows and values told apart and counted."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import attrs
import polars as pl

from crmusage.history._attribute import attribute
from crmusage.history._cells import convert
from crmusage.history._column import Cells, Unusable, none_of
from crmusage.history._contract import TABLES, Column, Sort, nearest
from crmusage.history._headers import all_named
from crmusage.history._pseudonyms import Pseudonyms
from crmusage.history._set_aside import Ledger


@attrs.frozen
class Raw:
    """A table as it came."""

    table: str
    where: str
    """The file, or what stands for it."""
    frame: pl.DataFrame
    typed: bool = True
    """False: all cells came as text (CSV), so attributes are typed by what they look like."""
    comma: bool = False
    """Numbers may have a decimal comma."""
    partial: bool = False
    """Attributes of cases only: what else the contract needs is derived from the events."""
    told: Mapping[str, str] = attrs.field(factory=dict)
    """Columns of cases that a column of this log tells, by their name."""
    persons: frozenset[str] = frozenset()
    """Attributes that hold ids of persons, as a mapping tells."""
    called: Mapping[str, str] = attrs.field(factory=dict)
    """What the source calls a column of the contract, where a mapping renamed it."""

    def column(self, name: str) -> str:
        """The column as messages tell it, in the source's own words."""
        source = self.called.get(name, name)
        return f"{self.where}: column {source}" + (f" (as {name})" if source != name else "")


@attrs.frozen
class Admitted:
    """A table that keeps the contract."""

    frame: pl.DataFrame
    given: frozenset[str]
    """The columns that came."""
    ids: pl.Series | None = None
    """Of cases: every id that came, those of rows set aside too."""


def admit(
    raw: Raw, ledger: Ledger, faults: list[str], *, zone: str | None, pseudonyms: Pseudonyms | None
) -> Admitted | None:
    """`raw` as the contract wants it; None when it cannot be, with the reasons in `faults`."""
    before = len(faults)
    frame = _headed(raw, faults)
    wanted = {column.name: column for column in TABLES[raw.table]}
    faults.extend(
        _missing(raw, column, frame.columns)
        for column in wanted.values()
        if column.needed
        and column.name not in frame.columns
        and not (raw.partial and column.name != "case_id")
    )
    given = [column for column in wanted.values() if column.name in frame.columns]
    extra = [Column(name, Sort.TEXT, spoken=name) for name in frame.columns if name not in wanted]

    def read(column: Column) -> Cells | Unusable:
        if column.name not in wanted:
            return attribute(frame[column.name], typed=raw.typed, zone=zone)
        try:
            return convert(frame[column.name], column, zone=zone, comma=raw.comma)
        except Unusable as unusable:
            return unusable

    typed: dict[str, pl.Series] = {}
    bad: list[tuple[Column, str, pl.Series]] = []
    # To read a column is the engine's work for the most part, which leaves the other cores to other columns.
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for column, cells in zip([*given, *extra], pool.map(read, [*given, *extra]), strict=True):
            if isinstance(cells, Unusable):
                faults.append(f"{raw.column(column.name)}: {cells}")
                continue
            typed[column.name] = cells.values.alias(column.name)
            bad.extend((column, what, mask) for what, mask in cells.bad.items())
    if len(faults) > before:
        return None
    # What did not come takes no memory as a literal; as a column of another cut it would have all others copied.
    absent = [
        pl.lit(None, dtype=column.sort.dtype).alias(name)
        for name, column in wanted.items()
        if name not in typed
    ]
    table = pl.DataFrame(typed).with_columns(absent).select(list(dict.fromkeys([*wanted, *typed])))
    if pseudonyms is not None:
        table = pseudonyms.hide(raw.table, table, also=raw.persons)
    ids = table["case_id"] if raw.table == "cases" else None
    needed = [column for column in wanted.values() if column.needed and column.name in frame.columns]
    table = _sound(raw.table, table, frame, needed, bad, ledger, hide=pseudonyms is not None)
    return Admitted(table, frozenset(frame.columns), ids)


def _headed(raw: Raw, faults: list[str]) -> pl.DataFrame:
    """The frame with blanks around its headers gone, and a name for each column that has none."""
    frame = raw.frame
    tidy = list(all_named(name.strip().removeprefix("\ufeff") for name in frame.columns))
    twice = [name for name, count in collections.Counter(tidy).items() if count > 1]
    if twice:
        faults.extend(
            f"{raw.where}: column {name}: there is more than one column of this name; keep one of them"
            for name in twice
        )
        # Go on with the first of each, to tell what else is wrong.
        tidy, first = list(dict.fromkeys(tidy)), [tidy.index(name) for name in dict.fromkeys(tidy)]
        frame = frame.select(pl.nth(first))
    if tidy != frame.columns:
        frame = frame.rename(dict(zip(frame.columns, tidy, strict=True)))
    return frame


def _missing(raw: Raw, column: Column, there: Iterable[str]) -> str:
    near = nearest(column.name, there)
    fix = f"rename {near!r}" if near else "rename the column that holds it"
    held = ", ".join(list(there)[:20])
    return (
        f"{raw.where}: column {column.name} is needed and missing; {fix} (in a log, or name it in a mapping, "
        f"--map FILE). The columns there are: {held or 'none'}"
    )


def _sound(
    name: str,
    table: pl.DataFrame,
    frame: pl.DataFrame,
    needed: list[Column],
    bad: list[tuple[Column, str, pl.Series]],
    ledger: Ledger,
    *,
    hide: bool,
) -> pl.DataFrame:
    """The rows that have what they need. A row goes for its first fault only: counts add up to rows."""
    key = TABLES[name][0].name
    gone: pl.Series | None = None

    def tell(column: Column, what: str, mask: pl.Series, *, kept: bool) -> None:
        nonlocal gone
        if gone is not None:
            mask = mask & ~gone
        if not mask.any():
            return
        # A missing cell shows nothing: what else the row must have tells which it is.
        telling = (
            [other.name for other in needed if other is not column][-1:] if what == "no" else [column.name]
        )
        if telling == [key]:
            telling = []
        rows = table.select(pl.col(key).alias("key"), *(frame[one].alias("value") for one in telling)).filter(
            mask
        )
        if hide and column.person and what != "no":
            rows = rows.with_columns(value=pl.lit("(hidden)"))
        ledger.add(name, column.reason(what), rows, key="key", value="value", kept=kept)
        if not kept:
            gone = mask if gone is None else gone | mask

    for column in needed:
        absent = table[column.name].is_null()
        if not absent.any():
            continue
        known = none_of(absent)
        for other, what, mask in bad:
            if other is column:
                tell(column, what, mask, kept=False)
                known = known | mask
        tell(column, "no", absent & ~known, kept=False)
    for column, what, mask in bad:
        if not column.needed:
            tell(column, what, mask, kept=True)
    return table if gone is None else table.filter(~gone)
