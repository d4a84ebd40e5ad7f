"""Histories as OCEL 2.0: cases, persons, units and accounts as objects, a batch of events at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs
import polars as pl

from crmusage.errors import SourceError
from crmusage.history._ocel_cases import (
    EVENT_ID,
    OF_CASE,
    PERSON,
    QUALIFIER,
    TOLD_BY_CASES,
    TOLD_BY_EVENTS,
    TOLD_BY_PEOPLE,
)
from crmusage.history._xes_out import as_written

if TYPE_CHECKING:
    from crmusage.history._history import History

BATCH = 20_000
"""Rows whose texts are in memory at one time."""

SINCE_EVER = "1970-01-01T00:00:00Z"
"""How OCEL dates a value that an object had from the start."""

OWN_COLUMNS = {
    "cases": frozenset({"case_id", "kind", *TOLD_BY_CASES}),
    "people": frozenset({"person_id", *TOLD_BY_PEOPLE}),
    "events": frozenset({"case_id", "activity", "at", *TOLD_BY_EVENTS, EVENT_ID, QUALIFIER}),
}
"""What is told otherwise than by an attribute."""
DERIVED = frozenset({"created_at", "created_by"})
"""Where cases were put together from events, these would pass for something that the source told."""

_KINDS = {"string": "string", "date": "time", "int": "integer", "float": "float", "boolean": "boolean"}

Named = tuple[tuple[str, str], ...]


@attrs.frozen
class Item:
    """An event or an object."""

    id: str
    type: str
    time: str
    """Of an event; of an object, since when its values hold."""
    values: Named
    """name, value"""
    related: Named
    """id of the object, qualifier"""


@attrs.frozen
class Types:
    """What a file declares: for each type the kind of each attribute, in OCEL's words."""

    events: Mapping[str, Mapping[str, str]]
    objects: Mapping[str, Mapping[str, str]]


class Writer(Protocol):
    """One form of OCEL."""

    def __call__(self, path: Path, types: Types, objects: Iterator[Item], events: Iterator[Item]) -> None:
        """Write the file."""


def write_ocel(history: History, path: Path) -> None:
    """See `History.write_ocel`."""
    from crmusage.history._ocel_forms import writer_of

    write = writer_of(path)
    told = _Told(history)
    try:
        write(path, told.types(), told.objects(), told.events())
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror or error}") from error


class _Told:
    """A history as events and objects."""

    def __init__(self, history: History) -> None:
        self.cases, self.people, self.all_events = history.cases, history.people, history.events
        self.derived = frozenset() if "cases" in history.given else DERIVED
        self.ids: dict[tuple[str, str], str] = {}
        taken: set[str] = set()
        self.kind_of = dict(self.cases.select("case_id", "kind").iter_rows())
        for type_, ids in self._things():
            for one in ids:
                # Ids of all objects share one space; the cases have theirs first.
                name = one if one not in taken else f"{type_}:{one}"
                while name in taken:
                    name += "_"
                taken.add(name)
                self.ids[type_, one] = name
        self.owner_types = self.cases["owner_kind"].replace("user", PERSON).fill_null(PERSON)

    def _things(self) -> Iterator[tuple[str, list[str]]]:
        """The ids of what becomes an object, by type."""
        yield OF_CASE, self.cases["case_id"].to_list()
        own = self.cases.filter(pl.col("owner_kind").fill_null("user") == "user")["owner"]
        persons = [
            self.people["person_id"], self.people["manager"], own, self.cases["created_by"], self.all_events["actor"],
        ]  # fmt: skip
        yield PERSON, _distinct(*persons)
        yield "unit", _distinct(self.people["unit"], self.cases["unit"], self.all_events["unit"])
        yield "account", _distinct(self.cases["account_id"])
        for kind in ("team", "queue"):
            yield kind, _distinct(self.cases.filter(owner_kind=kind)["owner"])

    def types(self) -> Types:
        """All types with their attributes."""
        objects = _by_type(self.cases, "kind", self._attributes("cases", self.cases))
        for type_, _ in self.ids:
            if type_ != OF_CASE:
                objects.setdefault(type_, {})
        people = self.people.with_columns(pl.lit(PERSON).alias(" type"))
        for name, kind in (
            _by_type(people, " type", self._attributes("people", self.people)).get(PERSON, {}).items()
        ):
            objects[PERSON] = {**objects[PERSON], name: kind}
        if self._strays():
            for kind in self.cases["kind"].unique():
                objects[kind] = {**objects[kind], "parent_id": "string"}
        return Types(
            _by_type(self.all_events, "activity", self._attributes("events", self.all_events)), objects
        )

    def _attributes(self, table: str, frame: pl.DataFrame) -> list[str]:
        gone = OWN_COLUMNS[table] | (self.derived if table == "cases" else frozenset())
        return [name for name in frame.columns if name not in gone]

    def _strays(self) -> bool:
        """Whether there are parents that are no case of this history: their ids are attributes."""
        parents = self.cases["parent_id"].drop_nulls()
        return not parents.is_in(self.cases["case_id"].implode()).all()

    def objects(self) -> Iterator[Item]:
        """Cases first, then what they and the events have to do with."""
        names = [name for name in TOLD_BY_CASES if name not in self.derived]
        types = {"created_by": PERSON, "unit": "unit", "parent_id": OF_CASE, "account_id": "account"}
        first = 0
        for rows, values in _batches(self.cases, self._attributes("cases", self.cases)):
            owners = self.owner_types.slice(first, rows.height).to_list()
            first += rows.height
            cells = zip(rows.select("case_id", "kind", *names).iter_rows(), owners, values, strict=True)
            for (case, kind, *told), owner, held in cells:
                related, more = [], list(held)
                for name, value in zip(names, told, strict=True):
                    if value is None:
                        continue
                    known = self.ids.get((owner if name == "owner" else types[name], value))
                    if known is None:
                        more.append((name, value))
                    else:
                        related.append((known, name))
                yield Item(self.ids[OF_CASE, case], kind, SINCE_EVER, tuple(more), tuple(related))
        people = self._people()
        for (type_, one), name in self.ids.items():
            if type_ != OF_CASE:
                of_person, links = people.get(one, ((), ())) if type_ == PERSON else ((), ())
                yield Item(name, type_, SINCE_EVER, of_person, links)

    def _people(self) -> dict[str, tuple[Named, Named]]:
        told: dict[str, tuple[Named, Named]] = {}
        types = {"unit": "unit", "manager": PERSON}
        for rows, values in _batches(self.people, self._attributes("people", self.people)):
            links = rows.select("person_id", *TOLD_BY_PEOPLE).iter_rows()
            for (person, *ids), held in zip(links, values, strict=True):
                related = tuple(
                    (self.ids[types[name], one], name)
                    for name, one in zip(TOLD_BY_PEOPLE, ids, strict=True)
                    if one is not None
                )
                told[person] = (tuple(held), related)
        return told

    def events(self) -> Iterator[Item]:
        """In the order of the history; rows of one event that concerns several cases are one."""
        events = _whole(self.all_events)
        used: set[str] = set()
        has_ids = EVENT_ID in events.columns
        given = set(events[EVENT_ID].drop_nulls().to_list()) if has_ids else set()
        number = 0
        for rows, values in _batches(events, self._attributes("events", events)):
            at = as_written(rows["at"])[1]
            event_id = rows[EVENT_ID].to_list() if has_ids else [None] * rows.height
            shown = [rows[name].to_list() for name in ("activity", "actor", "unit", "case_id", QUALIFIER)]
            cells = zip(event_id, at.to_list(), *shown, values, strict=True)
            for own, time, activity, actor, unit, cases, qualifiers, held in cells:
                number += 1
                name = own if own is not None else f"e{number}"
                # One id for different events, or an id that was made and is taken.
                while name in used or (own is None and name in given):
                    name += "_"
                if has_ids:
                    used.add(name)
                related = [
                    (self.ids[OF_CASE, case], qualifier or OF_CASE)
                    for case, qualifier in zip(cases, qualifiers, strict=True)
                ]
                if actor is not None:
                    related.append((self.ids[PERSON, actor], "actor"))
                if unit is not None:
                    related.append((self.ids["unit", unit], "unit"))
                yield Item(name, activity, time, tuple(held), tuple(dict.fromkeys(related)))


def _whole(events: pl.DataFrame) -> pl.DataFrame:
    """The events with their cases and qualifiers as lists: an id that several rows share makes them one event."""
    if QUALIFIER not in events.columns or events.schema[QUALIFIER] != pl.String:
        events = events.with_columns(pl.lit(None, pl.String).alias(QUALIFIER))
    if EVENT_ID in events.columns:
        events = events.with_columns(pl.col(EVENT_ID).cast(pl.String))
    lists = ("case_id", QUALIFIER)
    if EVENT_ID not in events.columns or not events[EVENT_ID].drop_nulls().is_duplicated().any():
        return events.with_columns(pl.concat_list(pl.col(name)).alias(name) for name in lists)
    same = [name for name in events.columns if name not in lists]
    row = pl.int_range(pl.len()).alias(" row")
    # What has no id is an event of its own.
    alone = pl.when(pl.col(EVENT_ID).is_null()).then(row).alias(" alone")
    grouped = events.with_columns(alone).group_by([*same, " alone"], maintain_order=True)
    return grouped.agg(*lists).drop(" alone")


def _batches(
    frame: pl.DataFrame, names: list[str]
) -> Iterator[tuple[pl.DataFrame, list[list[tuple[str, str]]]]]:
    """Slices of rows, and of each row the attributes that it has, as texts."""
    for first in range(0, frame.height, BATCH):
        rows = frame.slice(first, BATCH)
        values: list[list[tuple[str, str]]] = [[] for _ in range(rows.height)]
        for name in names:
            if rows[name].null_count() < rows.height:
                for held, text in zip(values, as_written(rows[name])[1].to_list(), strict=True):
                    if text is not None:
                        held.append((name, text))
        yield rows, values


def _by_type(frame: pl.DataFrame, column: str, names: list[str]) -> dict[str, dict[str, str]]:
    """For each type the attributes that any of it has, with their kinds."""
    kinds = {name: _KINDS[as_written(frame[name].clear())[0]] for name in names}
    held = frame.group_by(column).agg(pl.col(name).is_not_null().any() for name in names).sort(column)
    return {
        row[column]: {name: kinds[name] for name in names if row[name]} for row in held.iter_rows(named=True)
    }


def _distinct(*columns: pl.Series) -> list[str]:
    return pl.concat([one.alias("id") for one in columns]).drop_nulls().unique().sort().to_list()
