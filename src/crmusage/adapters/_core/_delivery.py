"""What a pipeline delivered of a CRM, as one value: recognised, united with later slices, made into a history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import polars as pl

from crmusage.adapters._core._columns import named, plain_types
from crmusage.adapters._core._crm import Dialect, Entity, recognised
from crmusage.adapters._core._job import Job
from crmusage.adapters._core._mapping import Mapping as CrmMapping
from crmusage.adapters._core._reading import by_entity, came
from crmusage.adapters._core._table import ColumnUse
from crmusage.adapters._core._union import united
from crmusage.errors import ContractError
from crmusage.history import History
from crmusage.model import SetAside, Text

CONNECTORS = Text(
    en="the pipeline's own, it says nothing of the record",
    fr="colonne propre au connecteur, sans information sur l'enregistrement",
)
UNKNOWN_TABLE = Text(
    en="the table holds nothing that a history is made of",
    fr="la table ne contient rien dont un historique soit fait",
)
NOT_USED = Text(
    en="not needed for any table of a history",
    fr="inutile aux tables d'un historique",
)


@attrs.frozen
class Crm:
    """A CRM as its adapter knows it."""

    name: str
    entities: tuple[Entity, ...]
    dialects: tuple[Dialect, ...]
    """In the order in which those without marks of their own are tried."""
    translate: Callable[[Job], None]
    beside: Callable[[str], tuple[Entity, ...]] = lambda _: ()
    """The tables that the CRM keeps beside a custom object, its history for one."""
    strip: tuple[str, ...] = ()
    """What pipelines write before or after the name of a table, as `sf_` and `_data`."""
    rows_of: tuple[str, ...] = ("records", "value")
    """Keys under which an answer of the API holds its records."""
    more: tuple[str, ...] = ("nextRecordsUrl", "@odata.nextLink")
    """Keys that tell that an answer is a page with others behind it."""


@attrs.frozen(eq=False, slots=False, repr=False)
class Delivery:
    """Tables of a CRM as a pipeline delivered them. A value: `plus` makes another one."""

    crm: Crm
    dialect: Dialect
    tables: Mapping[str, pl.DataFrame]
    """By entity, with the fields by the CRM's own names."""
    written: Mapping[str, Mapping[str, str]]
    """For each entity, its columns as they were written, and the field (or the connector's column) of each."""
    foreign: Mapping[str, tuple[str, ...]]
    """Tables that hold nothing for a history, with their columns."""
    mapping: CrmMapping
    zone: str | None = None
    currency: str | None = None
    partial: frozenset[str] = frozenset()
    """Entities of which an answer said that there is more."""
    torn: Mapping[str, int] = attrs.field(factory=dict)
    """For each entity, records with two states of one instant."""

    @property
    def columns(self) -> tuple[ColumnUse, ...]:
        """What became of every column of every table."""
        return self._translated.columns

    @property
    def notes(self) -> tuple[Text, ...]:
        """What the reader should know about the data and how they were read."""
        return self._translated.notes

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Cells and rows that could not be read, by reason."""
        return self._translated.asides

    def plus(self, later: Delivery) -> Delivery:
        """Both slices together: each record once, as it was last seen.

        To add a slice twice changes nothing, and the order of slices has no effect.

        Raises:
            ContractError: when the slices are of different CRMs, dialects or settings.
        """
        mine = (self.crm.name, self.dialect.name, self.zone, self.currency, self.mapping)
        theirs = (later.crm.name, later.dialect.name, later.zone, later.currency, later.mapping)
        if mine != theirs:
            what = next(
                name
                for name, one, other in zip(
                    ("CRM", "dialect", "zone", "currency", "mapping"), mine, theirs, strict=True
                )
                if one != other
            )
            raise ContractError(f"the slices differ in their {what}; read both with the same one")
        entities = {entity.name: entity for entity in _entities(self.crm, self.mapping)}
        tables, torn = {}, {}
        for name in sorted({*self.tables, *later.tables}):
            both = [one.tables[name] for one in (self, later) if name in one.tables]
            tables[name], torn[name] = united(entities[name], both, zone=self.zone)
        written = {
            name: {**self.written.get(name, {}), **later.written.get(name, {})}
            for name in sorted({*self.written, *later.written})
        }
        foreign = {
            name: tuple(dict.fromkeys((*self.foreign.get(name, ()), *later.foreign.get(name, ()))))
            for name in sorted({*self.foreign, *later.foreign})
        }
        return attrs.evolve(
            self,
            tables=tables,
            written=written,
            foreign=foreign,
            partial=self.partial | later.partial,
            torn=torn,
        )

    def history(
        self, *, as_of: dt.datetime | None = None, pseudonymise: str | bytes | None = None
    ) -> History:
        """The history that the tables tell, with its coverage.

        Args:
            as_of: forget what came later; by default the latest instant in the data.
            pseudonymise: a secret; ids of persons become keyed hashes.

        Raises:
            ContractError: when there is nothing to make a history of.
        """
        made = self._translated
        if not made.tables.keys() & {"cases", "events"}:
            held = ", ".join([*self.tables, *self.foreign]) or "none"
            raise ContractError(
                f"no table here tells cases or what happened to them (there are: {held}); {self.crm.name} "
                "keeps them in others"
            )
        tables: dict[str, Any] = dict(made.tables)
        history = History.from_frames(as_of=as_of, pseudonymise=pseudonymise, **tables)
        # What a cell held, or whose record it was, may tell a person.
        asides = (
            made.asides if pseudonymise is None else [attrs.evolve(one, examples=()) for one in made.asides]
        )
        return attrs.evolve(
            history, set_aside=(*asides, *history.set_aside), notes=(*made.notes, *history.notes)
        )

    def __repr__(self) -> str:
        """What came, in a line."""
        tables = ", ".join(f"{name} {frame.height:,}" for name, frame in self.tables.items())
        return f"<Delivery of {self.crm.name} ({self.dialect.name}): {tables or 'nothing'}>"

    @cached_property
    def _translated(self) -> _Translated:
        entities = _entities(self.crm, self.mapping)
        job = Job(
            entities,
            self.tables,
            dialect=self.dialect,
            mapping=self.mapping,
            zone=self.zone,
            currency=self.currency,
            partial=self.partial,
        )
        self.crm.translate(job)
        asides = [*job.asides]
        for name, table in job.tables.items():
            asides += table.asides
            if self.torn.get(name):
                job.note(
                    f"{name}: of records that came in two states of the same instant ({self.torn[name]}) one state "
                    "was taken, always the same one.",
                    f"{name} : des enregistrements arrivés dans deux états du même instant ({self.torn[name]}), un "
                    "seul état a été retenu, toujours le même.",
                )
        columns = tuple(self._uses(job))
        return _Translated(job.made(), columns, (*self.dialect.notes, *job.notes), tuple(asides))

    def _uses(self, job: Job) -> Iterable[ColumnUse]:
        for name, columns in self.written.items():
            table = job.tables[name]
            for column, field in columns.items():
                found = None if field.startswith(" ") else table.of(field)
                if field.startswith(" ") or (found is None and self.dialect.owns(column)):
                    yield ColumnUse(name, column, "ignored", (), CONNECTORS)
                elif found is None:
                    yield ColumnUse(name, column, "ignored", (), NOT_USED)
                else:
                    yield ColumnUse(name, column, *found)
        for name, foreign in self.foreign.items():
            for column in foreign:
                yield ColumnUse(name, column, "ignored", (), UNKNOWN_TABLE)


@attrs.frozen
class _Translated:
    tables: Mapping[str, pl.DataFrame]
    columns: tuple[ColumnUse, ...]
    notes: tuple[Text, ...]
    asides: tuple[SetAside, ...]


def read(
    crm: Crm,
    source: Any,
    *,
    dialect: str | None = None,
    mapping: CrmMapping | str | Path | None = None,
    zone: str | None = None,
    currency: str | None = None,
) -> Delivery:
    """The delivery that a folder, or tables by name, hold. See the adapters' own `read`."""
    if mapping is None:
        mapping = CrmMapping()
    elif not isinstance(mapping, CrmMapping):
        mapping = CrmMapping.load(mapping)
    entities = _entities(crm, mapping)
    pieces = [
        attrs.evolve(one, frame=plain_types(one.frame))
        for one in came(source, rows_of=crm.rows_of, more=crm.more)
    ]
    known, foreign = by_entity(pieces, entities, strip=crm.strip)
    seen = {f"{one.name} #{place}": one.frame for place, one in enumerate(pieces)}
    spoken = recognised(crm.dialects, seen, crm=crm.name, named=dialect)
    zone = zone or mapping.zone or spoken.zone
    by_name = {entity.name: entity for entity in entities}
    tables, written, torn = {}, {}, {}
    for name, parts in known.items():
        frames, written[name] = named(by_name[name], parts, spoken)
        tables[name], torn[name] = united(by_name[name], frames, zone=zone)
    left: dict[str, tuple[str, ...]] = {}
    for one in foreign:
        left[one.name] = tuple(dict.fromkeys((*left.get(one.name, ()), *one.frame.columns)))
    return Delivery(
        crm,
        spoken,
        tables,
        written,
        left,
        mapping,
        zone,
        currency or mapping.currency,
        frozenset(name for name, parts in known.items() if any(part.partial for part in parts)),
        torn,
    )


def _entities(crm: Crm, mapping: CrmMapping) -> tuple[Entity, ...]:
    known = {entity.name for entity in crm.entities}
    custom = [one for one in mapping.entities() if one.name not in known]
    return (*crm.entities, *custom, *(beside for one in custom for beside in crm.beside(one.name)))
