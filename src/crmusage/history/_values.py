"""Rows of a history as the values that rules speak of."""

from __future__ import annotations

from pathlib import Path

import attrs
import polars as pl

from crmusage.history._door import Wishes, make
from crmusage.history._history import History
from crmusage.history._read import read_table
from crmusage.model import Acknowledgement, Person, SetAside


def people_of(history: History) -> tuple[Person, ...]:
    """The people of a history, in its order."""
    return _people(history.people)


def acknowledgements_of(history: History) -> tuple[Acknowledgement, ...]:
    """Who has read which version of which rule when, in the history's order."""
    return _acknowledgements(history.acknowledgements)


def read_people(path: str | Path) -> tuple[tuple[Person, ...], tuple[SetAside, ...]]:
    """The people in a file (CSV, Parquet or JSON lines), and what of it could not be used.

    Raises:
        SourceError: when the file cannot be read.
        ContractError: when it is no table of people.
    """
    frame, aside = _read(path, "people")
    return _people(frame), aside


def read_acknowledgements(
    path: str | Path, *, zone: str | None = None
) -> tuple[tuple[Acknowledgement, ...], tuple[SetAside, ...]]:
    """The acknowledgements in a file (CSV, Parquet or JSON lines), and what of it could not be used.

    Args:
        path: the file.
        zone: the IANA zone of times that do not tell theirs.

    Raises:
        SourceError: when the file cannot be read.
        ContractError: when it is no table of acknowledgements, or times lack their zone.
    """
    frame, aside = _read(path, "acknowledgements", zone)
    return _acknowledgements(frame), aside


def _read(path: str | Path, table: str, zone: str | None = None) -> tuple[pl.DataFrame, tuple[SetAside, ...]]:
    wishes = Wishes.checked(as_of=None, zone=zone, ordered=False, pseudonymise=None)
    made = make([read_table(Path(path), table)], wishes)
    return made.tables[table], made.set_aside


def _people(frame: pl.DataFrame) -> tuple[Person, ...]:
    names = [name for name in attrs.fields_dict(Person) if name != "id"]
    rows = frame.select("person_id", *names).iter_rows(named=True)
    return tuple(Person(row.pop("person_id"), **row) for row in rows)


def _acknowledgements(frame: pl.DataFrame) -> tuple[Acknowledgement, ...]:
    rows = frame.select("rule_id", "version", "person_id", "at").iter_rows()
    return tuple(Acknowledgement(*row) for row in rows)
