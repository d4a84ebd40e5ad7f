"""What only the owner of a CRM can tell of it: custom objects and fields, and what picklist values mean there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

from crmusage.adapters._core._crm import Entity
from crmusage.errors import BookError, Fault, SourceError
from crmusage.history import columns_of
from crmusage.model import MEANINGS, OUTCOMES

Words = MappingABC[str, MappingABC[str, MappingABC[str, str]]]
"""By entity, field and raw value."""


def _frozen(value: MappingABC[str, Any]) -> MappingABC[str, Any]:
    return MappingProxyType(dict(value))


@attrs.frozen
class CustomObject:
    """A table that the CRM's makers do not know: its rows are cases (`kind`) or events (`activity`)."""

    columns: MappingABC[str, str] = attrs.field(converter=_frozen)
    """The field for each of the contract's columns of cases, or of events."""
    kind: str | None = None
    """What the cases are; None: the rows are events."""
    activity: str | None = None
    """What each row means, where no field says it."""


@attrs.frozen
class Mapping:
    """What only the owner of a CRM can tell of it."""

    zone: str | None = None
    """The IANA zone of times that do not tell theirs."""
    currency: str | None = None
    """The currency, as a code of three letters, in which all amounts are wanted."""
    unit: str | None = None
    """The field of the table of users that tells a person's unit; None: the adapter's choice."""
    identity: str | None = None
    """The field of the table of users that tells one person from another, whatever the login."""
    machines: tuple[str, ...] = ()
    """Ids or names of logins that no human works with."""
    wall_clocks: tuple[str, ...] = ()
    """Fields, as `entity.field`, whose times are read off a clock on the wall, whatever zone they are written with."""
    fields: MappingABC[str, MappingABC[str, str]] = attrs.field(factory=dict, converter=_frozen)
    """By entity: a contract's column (or an attribute) and the field that tells it instead of the usual one."""
    objects: MappingABC[str, CustomObject] = attrs.field(factory=dict, converter=_frozen)
    meanings: Words = attrs.field(factory=dict, converter=_frozen)
    """What values of a field mean, as {"Case": {"Status": {"On hold": "waiting"}}}."""
    outcomes: Words = attrs.field(factory=dict, converter=_frozen)
    """How a case ended whose field has a value."""
    ranks: MappingABC[str, MappingABC[str, MappingABC[str, int]]] = attrs.field(
        factory=dict, converter=_frozen
    )
    """The rank of values, 1 the highest, as {"Case": {"Priority": {"Urgent": 1}}}."""

    @classmethod
    def load(cls, path: str | Path) -> Mapping:
        """Read a mapping from a TOML file.

        Raises:
            SourceError: when the file cannot be read.
            BookError: with every fault of the file.
        """
        path = Path(path)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{path}: cannot be read as a mapping: {error}") from None
        return cls.read(text, path.name)

    @classmethod
    def read(cls, text: str, where: str = "the mapping") -> Mapping:
        """Read a mapping from the text of a TOML file; `where` is what messages call it.

        Raises:
            BookError: with every fault of the text.
        """
        try:
            held = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise BookError([Fault(where, "", f"is no TOML: {error}")], "mapping") from None
        faults = list(_faults(held, where))
        if faults:
            raise BookError(faults, "mapping")
        objects = {name: CustomObject(**one) for name, one in held.pop("objects", {}).items()}
        machines = tuple(held.pop("machines", ()))
        wall_clocks = tuple(held.pop("wall_clocks", ()))
        return cls(objects=objects, machines=machines, wall_clocks=wall_clocks, **held)

    def entities(self) -> Iterable[Entity]:
        """The custom objects as entities."""
        return [Entity(name) for name in self.objects]

    def field(self, entity: str, column: str, usual: str) -> str:
        """The field that tells a column of the contract."""
        return self.fields.get(entity, {}).get(column, usual)

    def meaning(self, entity: str, field: str, usual: MappingABC[str, str]) -> dict[str, str]:
        """What values of a field mean: the owner's word before the usual one."""
        return {**usual, **self.meanings.get(entity, {}).get(field, {})}

    def outcome(self, entity: str, field: str, usual: MappingABC[str, str]) -> dict[str, str]:
        """How a case ended whose field has a value: the owner's word before the usual one."""
        return {**usual, **self.outcomes.get(entity, {}).get(field, {})}

    def rank(self, entity: str, field: str, usual: MappingABC[str, int]) -> dict[str, int]:
        """The ranks of values: the owner's word before the usual one."""
        return {**usual, **self.ranks.get(entity, {}).get(field, {})}


_TEXTS = ("zone", "currency", "unit", "identity")
_LISTS = {"machines": "ids or names of logins", "wall_clocks": "fields, each as entity.field"}
_DEEP = ("meanings", "outcomes", "ranks")
_KEYS = (*_TEXTS, "machines", "wall_clocks", "fields", "objects", *_DEEP)


def _faults(held: MappingABC[str, Any], where: str) -> Iterable[Fault]:
    for key, value in held.items():
        if key not in _KEYS:
            yield Fault(where, key, f"a mapping has no such key; there are: {', '.join(_KEYS)}")
        elif key in _TEXTS and not isinstance(value, str):
            yield Fault(where, key, f"needs a text, not {value!r}")
        elif key == "machines" and not (
            isinstance(value, list) and all(isinstance(one, str) for one in value)
        ):
            yield Fault(where, key, "needs a list of ids or names of logins")
        elif key in {"fields", "objects", *_DEEP} and not isinstance(value, dict):
            yield Fault(where, key, "needs a table")
    for key, depth in (("fields", 1), *((deep, 2) for deep in _DEEP)):
        inner = held.get(key, {})
        yield from _deep(inner if isinstance(inner, dict) else {}, where, key, depth)
    objects = held.get("objects", {})
    for name, one in objects.items() if isinstance(objects, dict) else ():
        yield from _object(name, one, where)


def _deep(held: MappingABC[str, Any], where: str, key: str, depth: int) -> Iterable[Fault]:
    words = {"meanings": MEANINGS, "outcomes": OUTCOMES}
    top = key.partition(".")[0]
    for name, value in held.items():
        place = f"{key}.{name}"
        if depth:
            if isinstance(value, dict):
                yield from _deep(value, where, place, depth - 1)
            else:
                yield Fault(where, place, f"needs a table, not {value!r}")
        elif top == "ranks":
            if not isinstance(value, int) or isinstance(value, bool):
                yield Fault(where, place, f"needs a whole number, 1 for the highest, not {value!r}")
        elif not isinstance(value, str):
            yield Fault(where, place, f"needs a text, not {value!r}")
        elif top in words and value not in words[top]:
            known = ", ".join(sorted(words[top]))
            yield Fault(where, place, f"{value!r} is no {top[:-1]}; there are: {known}")


_NEEDED = {"cases": ("case_id", "created_at"), "events": ("case_id", "at")}


def _object(name: str, one: Any, where: str) -> Iterable[Fault]:
    place = f"objects.{name}"
    if not isinstance(one, dict) or not isinstance(one.get("columns"), dict):
        yield Fault(where, place, "needs kind (or activity) and a table of columns")
        return
    for key, value in one.items():
        if key not in {"kind", "activity", "columns"}:
            yield Fault(
                where, f"{place}.{key}", "an object has no such key; there are: kind, activity, columns"
            )
        elif key != "columns" and not isinstance(value, str):
            yield Fault(where, f"{place}.{key}", f"needs a text, not {value!r}")
    if "kind" in one and "activity" in one:
        yield Fault(where, place, "is made of cases (kind) or of events (activity), not of both")
    table = "cases" if "kind" in one else "events"
    columns = one["columns"]
    needed = [*_NEEDED[table], *(["activity"] if table == "events" and "activity" not in one else [])]
    for column in needed:
        if column not in columns:
            yield Fault(where, f"{place}.columns", f"needs {column}, which every row of {table} has")
    for column, field in columns.items():
        if column not in columns_of(table):
            known = ", ".join(columns_of(table))
            yield Fault(
                where, f"{place}.columns.{column}", f"{table} have no such column; there are: {known}"
            )
        if not isinstance(field, str):
            yield Fault(where, f"{place}.columns.{column}", f"needs the name of a field, not {field!r}")
