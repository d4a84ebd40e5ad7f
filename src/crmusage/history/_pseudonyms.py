from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container, Iterable, Mapping

import polars as pl

from crmusage.errors import ContractError
from crmusage.history._column import as_texts
from crmusage.history._contract import columns_of
from crmusage.model import Text

LENGTH = 16
"""Hexadecimal digits of a pseudonym: 64 bits, so a million persons share none (the chance is below 1e-7)."""

LISTED = 20
"""Columns that the note lists."""

PERSON_FIELDS = frozenset({"owner", "created_by", "actor", "manager", "person_id"})
"""Fields whose old and new values, in an event that changes them, are ids of persons."""


def as_they_came(tables: Mapping[str, pl.DataFrame], hidden: Container[str]) -> list[Text]:
    """A note on texts that the contract does not name: they may tell persons, and were left alone."""
    found = [
        f"{table}.{name}"
        for table, frame in tables.items()
        for name in frame.columns
        if name not in columns_of(table)
        and name not in hidden
        and frame.schema[name] == pl.String
        and frame[name].null_count() < frame.height
    ]
    if not found:
        return []
    listed = ", ".join(found[:LISTED]) + (" …" if len(found) > LISTED else "")
    return [
        Text(
            en="Ids of persons were replaced by pseudonyms in the contract's columns; other texts are as "
            f"they came: {listed}.",
            fr="Les identifiants de personnes des colonnes du contrat ont été remplacés par des "
            f"pseudonymes ; les autres textes sont restés tels quels : {listed}.",
        )
    ]


class Pseudonyms:
    """Ids of persons turned into keyed hashes: the same id gives the same, only the key tells whose it is."""

    def __init__(self, key: str | bytes) -> None:
        """Take the secret.

        Raises:
            ContractError: when it is empty.
        """
        self._key = key.encode() if isinstance(key, str) else bytes(key)
        if not self._key:
            raise ContractError(
                "pseudonymise needs a secret that is not empty: without one anybody can undo it"
            )

    def of(self, person: str) -> str:
        """The pseudonym of one id."""
        return hmac.new(self._key, person.encode(), hashlib.sha256).hexdigest()[:LENGTH]

    def hide(self, table: str, frame: pl.DataFrame, *, also: Iterable[str] = ()) -> pl.DataFrame:
        """`frame` with pseudonyms in the contract's columns of ids of persons, and in those of `also`."""
        frame = frame.with_columns(self._hidden(as_texts(frame[name]), None) for name in also)
        for name, column in columns_of(table).items():
            if not column.person or name not in frame.columns:
                continue
            where = None
            if table == "cases" and name == "owner" and "owner_kind" in frame.columns:
                # Teams and queues are no persons.
                kind = frame["owner_kind"].cast(pl.String).str.strip_chars().str.to_lowercase()
                where = ~kind.is_in(["team", "queue"]).fill_null(False)
            frame = frame.with_columns(self._hidden(frame[name], where))
        if table == "events":
            of_person = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
            if "field" in frame.columns:
                of_person |= frame["field"].is_in(list(PERSON_FIELDS)).fill_null(False)
            if "activity" in frame.columns:
                # Who logs a change of owner under its meaning need not name the field.
                of_person |= (frame["activity"].cast(pl.String) == "owner_changed").fill_null(False)
            if of_person.any():
                changed = [name for name in ("old", "new") if name in frame.columns]
                frame = frame.with_columns(self._hidden(frame[name], of_person) for name in changed)
        return frame

    def _hidden(self, series: pl.Series, where: pl.Series | None) -> pl.Series:
        seen = (series if where is None else series.filter(where)).drop_nulls().unique().to_list()
        if not seen:
            return series
        hidden = series.replace(seen, [self.of(person) for person in seen])
        return hidden if where is None else hidden.zip_with(where, series)
