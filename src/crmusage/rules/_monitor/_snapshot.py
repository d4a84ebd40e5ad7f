"""A monitor's memory as plain values, to be kept as JSON and taken up again."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import cattrs

from crmusage.errors import SourceError
from crmusage.rules._monitor._case import NEVER, Case, Row
from crmusage.rules._rule import UsageRule
from crmusage.rules._writing import plain

FORMAT = 1
"""Goes up with every change of what a snapshot holds."""
_JUDGED = ("id", "version", "kind", "applies_to", "zone", "expect", "cadence")
"""What of a rule its verdicts depend on."""
_PLAIN = (str, int, float, bool)


@attrs.frozen
class EventState:
    """An event of a case."""

    activity: str
    at: int
    attributes: dict[str, Any]


@attrs.frozen
class CaseState:
    """A case that is open, or has not left yet."""

    id: str
    created: int
    is_opened: bool
    closed: int | None
    head: dict[str, Any]
    events: list[EventState]


@attrs.frozen
class ToldState:
    """A verdict that has been found and not been handed over, as an event after it could not be taken in."""

    side: int
    case_id: str
    activation: EventState | None
    verdict: int
    decider: EventState | None
    deadline: int
    was: int | None


@attrs.frozen
class MonitorState:
    """All that a monitor knows."""

    options: dict[str, Any]
    clock: int
    newest: int
    cases: list[CaseState]
    unsaid: list[ToldState]


def digest_of(rules: Iterable[UsageRule]) -> str:
    """What tells rules apart by what they ask: their texts may change."""
    judged = []
    for rule in rules:
        table = plain(rule)
        judged.append({name: table[name] for name in _JUDGED if name in table})
    return _hash(judged)


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def event_state(row: Row, names: Iterable[str]) -> EventState:
    """An event as plain values, with those attributes that are asked for."""
    told = row[3]
    kept = {name: _flat(told[name]) for name in names if told.get(name) is not None}
    return EventState(row[1], row[2], kept)


def case_state(case: Case, names: Iterable[str]) -> CaseState:
    """A case as plain values."""
    return CaseState(
        id=case.id,
        created=case.created,
        is_opened=case.is_opened,
        closed=None if case.closed == NEVER else case.closed,
        head={name: _flat(value) for name, value in case.head.items()},
        events=[event_state(row, names) for row in case.rows],
    )


def row_of(case_id: str, state: EventState) -> Row:
    """The event that `event_state` made plain."""
    return case_id, state.activity, state.at, {name: _full(value) for name, value in state.attributes.items()}


def head_of(state: CaseState) -> dict[str, Any]:
    """The attributes of a case."""
    return {name: _full(value) for name, value in state.head.items()}


def _flat(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return {"time": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, _PLAIN):
        return value
    # No rule can compare it; so that it is something is all that counts.
    return str(value)


_FULL: dict[str, Callable[[str], Any]] = {
    "time": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "decimal": decimal.Decimal,
    "float": float,
}


def _full(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    ((kind, text),) = value.items()
    return _FULL[kind](text)


def _strict(kind: type) -> Any:
    def check(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is no {kind.__name__}")
        return value

    return check


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (int, str, bool):
        # By itself it would take "3" for 3, and so make something of what is damaged.
        converter.register_structure_hook(kind, _strict(kind))
    return converter


_CONVERTER = _converter()


def packed(state: MonitorState, rules: Iterable[UsageRule]) -> dict[str, Any]:
    """The snapshot: what can be written as JSON and read again."""
    body = _CONVERTER.unstructure(state)
    return {"format": FORMAT, "rules": digest_of(rules), "checksum": _hash(body), "state": body}


def unpacked(snapshot: Any, rules: Iterable[UsageRule]) -> MonitorState:
    """What a snapshot holds.

    Raises:
        SourceError: when it is of another format, of other rules, or damaged.
    """
    if not isinstance(snapshot, Mapping) or snapshot.keys() != {"format", "rules", "checksum", "state"}:
        raise SourceError(
            "this is no snapshot of a monitor: give restore() what snapshot() gave, or what json.loads() makes of it"
        )
    if snapshot["format"] != FORMAT:
        raise SourceError(
            f"the snapshot is of format {snapshot['format']!r}, this version of crmusage reads format {FORMAT}: "
            "restore it with the version that made it, or begin a new monitor"
        )
    if snapshot["rules"] != digest_of(rules):
        raise SourceError(
            "the snapshot was made under other rules than the active ones of this book: restore it with the book that "
            "it was made with, or begin a new monitor"
        )
    if snapshot["checksum"] != _hash(snapshot["state"]):
        raise SourceError(
            "the snapshot is damaged: its content is not what its checksum says. Use an older one"
        )
    try:
        return _CONVERTER.structure(snapshot["state"], MonitorState)
    except cattrs.BaseValidationError as error:
        faults = "\n".join(f"  {fault}" for fault in cattrs.transform_error(error, "state"))
        raise SourceError(f"the snapshot is damaged:\n{faults}") from None
