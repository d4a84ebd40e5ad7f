"""One table of a delivery while it is translated: every column that is read is claimed, what is left is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

import attrs
import polars as pl

from crmusage.adapters._core._cells import read_days, read_instants
from crmusage.adapters._core._crm import Entity
from crmusage.adapters._core._names import folded, snake
from crmusage.adapters._core._union import GONE, SYNCED, VALID_FROM
from crmusage.history import Kind, as_attribute, columns_of, typed
from crmusage.model import SetAside, Text

Use = Literal["mapped", "kept", "ignored"]

EXAMPLES = 5
"""Cells that a reason shows."""
LONGEST = 80
"""Characters of each."""


@attrs.frozen
class ColumnUse:
    """What became of one column of one table."""

    table: str
    column: str
    """As it was written."""
    use: Use
    """mapped: read into columns of the contract; kept: an attribute; ignored: neither, for a reason."""
    to: tuple[str, ...] = ()
    """Where it went: columns of the contract as `cases.stage`, or the attribute."""
    reason: Text | None = None
    """Why it was ignored."""


EMPTY_DTYPES: Mapping[Kind, pl.DataType] = {
    "id": pl.String(),
    "text": pl.String(),
    "time": pl.Datetime("us", "UTC"),
    "date": pl.Date(),
    "number": pl.Float64(),
    "whole number": pl.Int64(),
    "true or false": pl.Boolean(),
}


class Table:
    """A table by the CRM's own names of fields. To read a field claims it; one that did not come is empty."""

    def __init__(self, entity: Entity, frame: pl.DataFrame | None, *, zone: str | None) -> None:
        """Take the rows; None: the table did not come."""
        self.entity = entity
        self.came = frame is not None
        """Whether there was such a table at all, with rows or without."""
        self.frame = pl.DataFrame(schema={entity.id: pl.String}) if frame is None else frame
        self.asides: list[SetAside] = []
        """Cells that could not be read."""
        self._zone = zone
        self._to: dict[str, list[str]] = {}
        self._kept: dict[str, str] = {}
        self._ignored: dict[str, Text] = {}
        self._read_before: dict[tuple[str, Kind], pl.Series] = {}

    @property
    def height(self) -> int:
        """How many rows."""
        return self.frame.height

    def has(self, *fields: str) -> bool:
        """Whether all these fields came."""
        return all(self._named(field) in self.frame.columns for field in fields)

    def _named(self, field: str) -> str:
        """A field by the name that it has in the frame: one that is not a standard one is in snake case there."""
        return (
            field if field in self.frame.columns else self.entity.by_fold.get(folded(field)) or snake(field)
        )

    def only(self, mask: pl.Series) -> Table:
        """The rows that a mask picks, on the same account."""
        if mask.all():
            return self
        part = Table(self.entity, self.frame.filter(mask), zone=self._zone)
        part.came = self.came
        part.asides, part._to, part._kept, part._ignored = self.asides, self._to, self._kept, self._ignored
        return part

    def text(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as texts; `to` says where it goes, as `cases.stage`. Without it a field is looked at, not claimed."""
        return self._read(field, "text", to)

    def id(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as ids."""
        return self._read(field, "id", to)

    def time(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as instants in UTC, whether it came as text, as a time or in milliseconds since 1970."""
        return self._read(field, "time", to)

    def day(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as days."""
        return self._read(field, "date", to)

    def number(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as numbers."""
        return self._read(field, "number", to)

    def whole(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as whole numbers."""
        return self._read(field, "whole number", to)

    def flag(self, field: str, to: str | Iterable[str] = ()) -> pl.Series:
        """A field as truths."""
        return self._read(field, "true or false", to)

    def gone(self) -> pl.Series:
        """Which rows the pipeline calls deleted, whatever the CRM's own field says."""
        if GONE in self.frame.columns:
            return self.frame[GONE]
        return pl.Series(GONE, [False], dtype=pl.Boolean).new_from_index(0, self.height)

    def synced_to(self) -> dt.datetime | None:
        """When the pipeline last wrote a row; None: it does not say."""
        if SYNCED not in self.frame.columns:
            return None
        latest = read_instants(self.frame[SYNCED], zone=self._zone or "UTC").values.max()
        return latest if isinstance(latest, dt.datetime) else None

    @property
    def has_versions(self) -> bool:
        """Whether each row is a state of its record, with the instants from when and up to when."""
        return VALID_FROM in self.frame.columns

    def valid_from(self) -> pl.Series:
        """From when each row was the state of its record; missing where the row is no such state."""
        if VALID_FROM not in self.frame.columns:
            return pl.Series(VALID_FROM, [None], dtype=EMPTY_DTYPES["time"]).new_from_index(0, self.height)
        return self._typed(self.frame[VALID_FROM], "time", VALID_FROM.strip())

    def current(self) -> pl.Series:
        """Which rows tell how their record stands now: of states the last one, else all."""
        every = pl.Series("current", [True], dtype=pl.Boolean).new_from_index(0, self.height)
        if not self.has_versions or not self.has(self.entity.id):
            return every
        rows = pl.DataFrame({"id": self.frame[self.entity.id], "from": self.valid_from()}).with_row_index(
            "row"
        )
        last = rows.sort("id", "from", nulls_last=True).unique("id", keep="last")["row"]
        return rows["row"].is_in(last.implode()) | rows["id"].is_null()

    def ignore(self, fields: Iterable[str], reason: Text) -> None:
        """Say why fields are not used, if they came; a field that is read anyway counts as read."""
        for field in fields:
            self._ignored.setdefault(self._named(field), reason)

    def kept(self, to: str = "cases", *, but: Iterable[str] = ()) -> dict[str, pl.Series]:
        """All fields that nobody claimed or ignored, as attributes of a table by the names that rules give them.

        `but`: names that an attribute may not have; it gets `_crm` behind it. Columns without a value stay out.
        """
        taken = {*but, *columns_of(to)}
        found: dict[str, pl.Series] = {}
        for field in sorted(self.frame.columns):
            if field.startswith(" ") or field in self._to or field in self._ignored:
                continue
            name = snake(field)
            while name in taken or name in found:
                name += "_crm"
            self._kept[field] = f"{to}.{name}"
            found[name] = self._attribute(field).alias(name)
        return found

    def of(self, field: str) -> tuple[Use, tuple[str, ...], Text | None] | None:
        """What became of a field; None: nobody took it."""
        if field in self._to:
            return "mapped", tuple(dict.fromkeys(self._to[field])), None
        if field in self._kept:
            return "kept", (self._kept[field],), None
        if field in self._ignored:
            return "ignored", (), self._ignored[field]
        return None

    def _read(self, field: str, kind: Kind, to: str | Iterable[str]) -> pl.Series:
        field = self._named(field)
        if field not in self.frame.columns:
            return pl.Series(field, [None], dtype=EMPTY_DTYPES[kind]).new_from_index(0, self.height)
        goes = [to] if isinstance(to, str) else list(to)
        if goes:
            self._to.setdefault(field, []).extend(goes)
        if (field, kind) not in self._read_before:
            self._read_before[field, kind] = self._typed(self.frame[field], kind, field)
        return self._read_before[field, kind]

    def _attribute(self, field: str) -> pl.Series:
        kind = self.entity.fields.get(field)
        series = self.frame[field]
        if kind in {None, "text"}:
            return (
                as_attribute(series, zone=self._zone or "UTC")
                if kind is None
                else self._typed(series, "text", field)
            )
        return self._typed(series, kind or "text", field)

    def _typed(self, series: pl.Series, kind: Kind, field: str) -> pl.Series:
        where = f"{self.entity.name}.{field}"
        if kind == "time":
            cells = read_instants(series, zone=self._zone, where=where)
        elif kind == "date":
            cells = read_days(series, where=where)
        else:
            cells = typed(series, kind, where=where)
        for what, mask in cells.bad.items():
            self._tell(series, field, what, mask)
        return cells.values.alias(field)

    def _tell(self, series: pl.Series, field: str, what: str, mask: pl.Series) -> None:
        told = f"{what} {field}" if what in {"no", "unreadable", "unknown"} else f"{field} {what}"
        reason = f"{self.entity.name}: {told}"
        if any(aside.reason == reason for aside in self.asides):
            return
        shown = series.filter(mask)
        values = (
            []
            if series.dtype in (pl.Object, pl.Binary)
            else shown.cast(pl.String).str.slice(0, LONGEST).to_list()
        )
        names = (
            self.frame[self.entity.id].filter(mask).cast(pl.String).to_list()
            if self.has(self.entity.id)
            else []
        )
        examples = [f"{name}: {value}" for name, value in zip(names, values, strict=False)] or values
        kept = tuple(sorted(map(str, examples))[:EXAMPLES])
        self.asides.append(SetAside(self.entity.name, reason, int(mask.sum()), kept, kept=True))
