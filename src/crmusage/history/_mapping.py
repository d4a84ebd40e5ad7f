from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

from crmusage.errors import ContractError, Fault, SourceError
from crmusage.history._contract import CASES, EVENTS, nearest
from crmusage.model import MEANINGS, OUTCOMES

_EVENT_COLUMNS = {column.name: column for column in EVENTS}
_CASE_COLUMNS = {column.name: column for column in CASES if column.name != "case_id"}

JOINER = "+"
"""Stands between the parts of an activity that is told by several columns, as process miners write it."""


def _frozen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


def _closing(value: Mapping[str, str | None] | Iterable[str] | None) -> Mapping[str, str | None] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return MappingProxyType({value: None})
    if isinstance(value, Mapping):
        return MappingProxyType({activity: outcome or None for activity, outcome in value.items()})
    # A name that is an outcome too gives it.
    return MappingProxyType({activity: activity if activity in OUTCOMES else None for activity in value})


@attrs.frozen
class LogMapping:
    """How a plain event log tells what the contract asks.

    Raises:
        ContractError: with every fault, when it names columns, meanings or outcomes that do not exist.
    """

    columns: Mapping[str, str | tuple[str, ...]] = attrs.field(factory=dict, converter=_frozen)
    """The log's column for each of the contract's event columns (`case_id`, `activity`, `at`, `actor` ...);
    `activity` may be told by several, joined by +."""
    cases: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    """The log's column for columns of cases, as {"amount": "AMOUNT_REQ"}: the last value in each case counts
    (of created_at and created_by the first)."""
    meanings: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    """What the log's activities mean, as {"A_SUBMITTED": "submitted"}; others keep their name."""
    closing: Mapping[str, str | None] | None = attrs.field(default=None, converter=_closing)
    """Activities (or meanings) that end a case besides won, lost, fulfilled and closed, with the outcome that
    each gives; a plain list gives none, but for activities that are called like an outcome."""
    kind: str = "case"
    zone: str | None = None
    ordered: bool = False

    def __attrs_post_init__(self) -> None:
        _raise_all(list(_faults(attrs.asdict(self, recurse=False), "the mapping")))

    @classmethod
    def load(cls, path: str | Path) -> LogMapping:
        """Read a mapping from a TOML file with the tables columns, cases, meanings, closing.

        Raises:
            ContractError: with every fault of the file.
            SourceError: when the file cannot be read.
        """
        path = Path(path)
        try:
            held = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{path}: cannot be read as a mapping: {error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ContractError(f"{path}: is no TOML: {error}") from None
        faults = list(_shape_faults(held, path.name))
        _raise_all(faults)
        if isinstance(held.get("columns", {}).get("activity"), list):
            held["columns"]["activity"] = tuple(held["columns"]["activity"])
        faults = list(_faults(held, path.name))
        _raise_all(faults)
        return cls(**held)


def _faults(held: Mapping[str, Any], where: str) -> Iterable[Fault]:
    for part, known, given in (
        ("columns", _EVENT_COLUMNS, held.get("columns", {})),
        ("cases", _CASE_COLUMNS, held.get("cases", {})),
    ):
        for name, source in given.items():
            if name not in known:
                near = nearest(name, known)
                hint = f"do you mean {near}?" if near else f"there are: {', '.join(known)}"
                yield Fault(where, f"{part}.{name}", f"the contract has no such column; {hint}")
            several = part == "columns" and name == "activity"
            parts = source if isinstance(source, tuple | list) else (source,)
            if (
                not (isinstance(source, str) or several)
                or not parts
                or not all(isinstance(p, str) for p in parts)
            ):
                yield Fault(where, f"{part}.{name}", f"needs the name of a column, not {source!r}")
    for raw, meaning in held.get("meanings", {}).items():
        if meaning not in MEANINGS:
            near = nearest(str(meaning), MEANINGS)
            hint = f"do you mean {near}?" if near else f"the meanings are: {', '.join(sorted(MEANINGS))}"
            yield Fault(where, f"meanings.{raw}", f"{meaning!r} is no meaning; {hint}")
    for activity, outcome in (_closing(held.get("closing")) or {}).items():
        if outcome is not None and outcome not in OUTCOMES:
            yield Fault(
                where,
                f"closing.{activity}",
                f"{outcome!r} is no outcome; the outcomes are: {', '.join(OUTCOMES)}",
            )


_SHAPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "columns": (dict, "a table"),
    "cases": (dict, "a table"),
    "meanings": (dict, "a table"),
    "closing": ((dict, list), "a list of activities, or a table of activities and outcomes"),
    "kind": (str, "a text"),
    "zone": (str, "a text"),
    "ordered": (bool, "true or false"),
}


def _shape_faults(held: Mapping[str, Any], where: str) -> Iterable[Fault]:
    for key, value in held.items():
        if key not in _SHAPES:
            near = nearest(key, _SHAPES)
            hint = f"do you mean {near}?" if near else f"there are: {', '.join(_SHAPES)}"
            yield Fault(where, key, f"a mapping has no such key; {hint}")
            continue
        wanted, spoken = _SHAPES[key]
        if not isinstance(value, wanted):
            yield Fault(where, key, f"needs {spoken}, not {value!r}")
        elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
            yield Fault(where, key, "needs texts in its list")
        elif key in {"meanings", "closing"} and isinstance(value, dict):
            for name, item in value.items():
                if not isinstance(item, str):
                    yield Fault(where, f"{key}.{name}", f"needs a text, not {item!r}")


def _raise_all(faults: list[Fault]) -> None:
    if faults:
        head = f"{len(faults)} fault{'s' if len(faults) != 1 else ''} in the mapping:\n"
        raise ContractError(head + "\n".join(f"  {fault}" for fault in faults))
