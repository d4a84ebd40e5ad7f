"""What a CRM's adapter says of itself: its tables, and the dialects in which pipelines deliver them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

import attrs
import polars as pl

from crmusage.adapters._core._names import folded
from crmusage.errors import ContractError
from crmusage.history import Kind
from crmusage.model import Text

Tables = Mapping[str, pl.DataFrame]


def _frozen(value: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(value))


@attrs.frozen(slots=False)
class Entity:
    """A table of the CRM, by the CRM's own names."""

    name: str
    fields: Mapping[str, Kind] = attrs.field(factory=dict, converter=_frozen)
    """The standard fields that are known, and what their cells are. Others may come as well."""
    id: str = "Id"
    """The field that tells a record from all others."""
    stamps: tuple[str, ...] = ()
    """Fields that say when a record was last changed; the first one that a slice has is used."""
    also: tuple[str, ...] = ()
    """Other names of the table."""
    versions: bool = False
    """All states of a record are kept in a union, not only the last: who a login belonged to, for one."""
    unlike: tuple[str, ...] = ()
    """A table with one of these fields is not this one, whatever its name."""

    @cached_property
    def by_fold(self) -> Mapping[str, str]:
        """The known fields, by what their spellings have in common."""
        return {folded(name): name for name in self.fields}


@attrs.frozen(slots=False)
class Dialect:
    """How one kind of pipeline writes the CRM's tables."""

    name: str
    title: Text
    marks: tuple[str, ...] = ()
    """Patterns (whole names, as written) of columns that no other dialect writes."""
    fits: Callable[[Tables], bool] | None = None
    """For a dialect without marks of its own: whether tables look like it. Asked in the order of the dialects."""
    own: tuple[str, ...] = ()
    """Patterns of the connector's own columns besides the marks: they say nothing of the records."""
    zone: str | None = None
    """The zone of its times that do not tell theirs; None: the caller has to name it."""
    synced: tuple[str, ...] = ()
    """Columns that say when the pipeline wrote a row, by which equal stamps are told apart."""
    deleted: tuple[str, ...] = ()
    """Columns of the connector that are true, or not empty, for records that are gone."""
    valid: tuple[str, str] | None = None
    """Columns that say from when, and up to when, a row was the state of its record."""
    nulls: frozenset[str] = frozenset()
    """Texts that stand for no value."""
    includes_deleted: bool | None = None
    """Whether deleted records are delivered; None: it depends on how it was set up."""
    notes: tuple[Text, ...] = ()
    """What every reader of such a delivery should know."""

    @cached_property
    def _mark(self) -> re.Pattern[str] | None:
        return re.compile("|".join(f"(?:{mark})" for mark in self.marks)) if self.marks else None

    @cached_property
    def _own(self) -> re.Pattern[str]:
        every = (*self.marks, *self.own, *map(re.escape, (*self.synced, *self.deleted, *(self.valid or ()))))
        return re.compile("|".join(f"(?:{one})" for one in every) or "(?!)")

    def mark_in(self, tables: Tables) -> str | None:
        """The first column that gives it away, with its table."""
        if self._mark is None:
            return None
        return next(
            (
                f"{table}.{column}"
                for table, frame in tables.items()
                for column in frame.columns
                if self._mark.fullmatch(column)
            ),
            None,
        )

    def owns(self, column: str) -> bool:
        """Whether a column is the connector's and not the CRM's."""
        return self._own.fullmatch(column) is not None


def recognised(dialects: Iterable[Dialect], tables: Tables, *, crm: str, named: str | None = None) -> Dialect:
    """The dialect of some tables, as their columns tell it.

    Raises:
        ContractError: when nothing fits, when two dialects do, or when the columns contradict `named`.
    """
    dialects = tuple(dialects)
    names = ", ".join(one.name for one in dialects)
    given = next((one for one in dialects if one.name == named), None)
    if named is not None and given is None:
        raise ContractError(f"{crm} has no dialect {named!r} here; there are: {names}")
    marked = {one.name: mark for one in dialects if (mark := one.mark_in(tables))}
    if given is not None:
        others = {name: mark for name, mark in marked.items() if name != given.name}
        if others and given.name not in marked:
            name, mark = next(iter(others.items()))
            raise ContractError(
                f"the dialect is said to be {given.name}, but the column {mark} is one that only {name} "
                f"writes; say dialect={name!r}, or leave the dialect out"
            )
        return given
    if len(marked) > 1:
        told = "; ".join(f"{name} ({mark})" for name, mark in marked.items())
        raise ContractError(
            f"these tables come from several pipelines: {told}; read each by itself, or name one as dialect"
        )
    if marked:
        return next(one for one in dialects if one.name in marked)
    for one in dialects:
        if one.fits is not None and one.fits(tables):
            return one
    held = ", ".join(f"{name} ({', '.join(frame.columns[:6])} …)" for name, frame in tables.items())
    raise ContractError(
        f"these tables are in no dialect of {crm} that is known by its columns; name one of {names} as dialect, "
        f"or look at the tables: {held or 'none came'}"
    )
