"""The data contract as data: the tables, their columns, and what a cell of each may be."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs
import polars as pl

from crmusage.model import KINDS_OF_ORIGIN, OUTCOMES

INSTANT = pl.Datetime("us", "UTC")

OWNER_KINDS = ("user", "team", "queue")


class Sort(enum.Enum):
    """What the cells of a column are."""

    ID = "id"
    TEXT = "text"
    INSTANT = "time"
    DAY = "date"
    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "true or false"

    @property
    def dtype(self) -> pl.DataType:
        """The one type that such a column has in a history."""
        return _DTYPES[self]


_DTYPES: dict[Sort, pl.DataType] = {
    Sort.ID: pl.String(),
    Sort.TEXT: pl.String(),
    Sort.INSTANT: INSTANT,
    Sort.DAY: pl.Date(),
    Sort.NUMBER: pl.Float64(),
    Sort.WHOLE: pl.Int64(),
    Sort.FLAG: pl.Boolean(),
}


@attrs.frozen
class Column:
    """One column of the contract."""

    name: str
    sort: Sort
    needed: bool = False
    words: tuple[str, ...] = ()
    """The only texts that it may hold; empty: any."""
    otherwise: str | None = None
    """What a text that is none of `words` becomes."""
    person: bool = False
    """It holds ids of persons."""
    spoken: str = ""
    """How messages call it; empty: its name with spaces."""
    verbatim: bool = False
    """An empty text is a value of its own here, not a missing one."""

    @property
    def word(self) -> str:
        """What messages call it."""
        return self.spoken or self.name.replace("_", " ")

    def reason(self, what: str) -> str:
        """What is wrong with cells, told of this column: `unreadable time`, `time without a zone`."""
        return f"{what} {self.word}" if what in {"no", "unreadable", "unknown"} else f"{self.word} {what}"


def _id(name: str, *, needed: bool = False, person: bool = False, spoken: str = "") -> Column:
    return Column(name, Sort.ID, needed=needed, person=person, spoken=spoken)


def _text(name: str, *, needed: bool = False, verbatim: bool = False) -> Column:
    return Column(name, Sort.TEXT, needed=needed, verbatim=verbatim)


def _time(name: str, *, needed: bool = False, spoken: str = "") -> Column:
    return Column(name, Sort.INSTANT, needed=needed, spoken=spoken)


_CASE = _id("case_id", needed=True, spoken="case")
_PERSON = _id("person_id", needed=True, person=True, spoken="person")

CASES = (
    _CASE,
    _text("kind", needed=True),
    _time("created_at", needed=True, spoken="creation time"),
    _id("created_by", person=True),
    _time("closed_at", spoken="closing time"),
    Column("outcome", Sort.TEXT, words=OUTCOMES),
    _id("owner", person=True),
    Column("owner_kind", Sort.TEXT, words=OWNER_KINDS),
    _id("unit"),
    Column("amount", Sort.NUMBER),
    _text("currency"),
    Column("priority_rank", Sort.WHOLE),
    _time("due_at", spoken="due time"),
    Column("close_date", Sort.DAY),
    _text("stage"),
    _id("parent_id"),
    _id("account_id"),
    Column("is_deleted", Sort.FLAG),
)

EVENTS = (
    _CASE,
    _text("activity", needed=True),
    _time("at", needed=True, spoken="time"),
    Column("seq", Sort.WHOLE),
    _id("actor", person=True),
    _id("unit"),
    _time("recorded_at", spoken="recording time"),
    Column("origin", Sort.TEXT, words=KINDS_OF_ORIGIN, otherwise="unknown"),
    _text("field"),
    _text("old", verbatim=True),
    _text("new", verbatim=True),
)

TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "cases": CASES,
        "events": EVENTS,
        "people": (
            _PERSON,
            _id("unit"),
            _text("profile"),
            _text("region"),
            _id("manager", person=True),
            Column("starts_on", Sort.DAY),
            Column("ends_on", Sort.DAY),
            Column("is_human", Sort.FLAG),
            _text("time_zone"),
        ),
        "absences": (
            _PERSON,
            _time("starts_at", needed=True, spoken="start"),
            _time("ends_at", needed=True, spoken="end"),
        ),
        "sessions": (_PERSON, _time("at", needed=True, spoken="time"), _text("client")),
        "acknowledgements": (
            _id("rule_id", needed=True, spoken="rule"),
            Column("version", Sort.WHOLE, needed=True),
            _PERSON,
            _time("at", needed=True, spoken="time"),
        ),
        "vocabulary": (
            _text("entity", needed=True),
            _text("field", needed=True),
            _text("raw", needed=True, verbatim=True),
            _text("label"),
            Column("order", Sort.WHOLE),
            Column("is_default", Sort.FLAG),
            _text("meaning"),
        ),
        "calendar": (
            _text("kind", needed=True),
            _time("starts_at", needed=True, spoken="start"),
            _time("ends_at", needed=True, spoken="end"),
            _text("label"),
            _text("region"),
        ),
        "coverage": (
            _text("entity", needed=True),
            _text("field"),
            _time("seen_from"),
            _time("seen_to"),
            Column("complete", Sort.FLAG),
            Column("includes_deleted", Sort.FLAG),
        ),
    }
)
"""Every table of a history, in the order in which people are told of them."""


def columns_of(table: str) -> Mapping[str, Column]:
    """The contract's columns of a table, by name."""
    return {column.name: column for column in TABLES[table]}


def empty(table: str) -> pl.DataFrame:
    """The table without rows."""
    return pl.DataFrame(schema={column.name: column.sort.dtype for column in TABLES[table]})


_NEAR, _NEAR_ENOUGH = 0.65, 0.75
"""How alike (difflib's ratio) a name must be to be proposed: with the same first letter (`wun` for `won`), and without
(`id` for `kind`, `what` for `at` mislead)."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody who wrote `name` meant, if one is near enough."""
    by_shape = {_shape(one): one for one in known}
    shape = _shape(name)
    for found in difflib.get_close_matches(shape, by_shape, n=3, cutoff=_NEAR):
        if found[:1] == shape[:1] or difflib.get_close_matches(shape, [found], cutoff=_NEAR_ENOUGH):
            return by_shape[found]
    return None


def _shape(name: str) -> str:
    """`Case ID`, `CaseId` and `case_id` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
