"""Events and cases as they come, read into rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crmusage.errors import ContractError, CrmUsageError
from crmusage.rules._condition import comparisons
from crmusage.rules._monitor._case import Row
from crmusage.rules._monitor._tests import CASE, known
from crmusage.rules._rule import UsageRule

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EXAMPLE = "datetime(2026, 3, 1, 9, tzinfo=timezone.utc)"


def named_in(rules: Iterable[UsageRule]) -> frozenset[str]:
    """Every attribute that rules name, and those that say to whom an event counts."""
    names = {"unit"}
    for rule in rules:
        names |= {compare.attribute for compare in comparisons(rule.applies_to.where)}
        for constraint in rule.expect:
            names |= constraint.attributes
            lengths = (constraint.after, constraint.within)
            if any(length is not None and length.is_working for length in lengths):
                names.add("actor")
        if rule.cadence is not None:
            names.add("new")
        if rule.applies_to.profile or rule.applies_to.region or rule.zone == "person":
            names.add("actor")
    return frozenset(names - {"case_id", "activity", "at"})


def micros(at: Any, where: str) -> int:
    """An instant in microseconds since 1970.

    Raises:
        ContractError: when it is neither a datetime with a zone nor a whole number.
    """
    if isinstance(at, dt.datetime) and at.tzinfo is not None:
        since = at - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(at, int) and not isinstance(at, bool):
        return at
    raise ContractError(
        f"{where}: a time is a datetime with a zone ({_EXAMPLE}) or microseconds since 1970, not {at!r}"
    )


def check_row(row: Any) -> None:
    """Refuse what is not an event as a tuple.

    Raises:
        ContractError: saying what it should be.
    """
    sorts = (str, str, int, Mapping)
    if not (isinstance(row, tuple) and len(row) == len(sorts) and all(map(isinstance, row, sorts))):
        raise ContractError(
            f"a row is (case id, activity, microseconds since 1970, attributes): {row!r} is not such a tuple of a "
            "text, a text, a whole number and a mapping"
        )


class LateEventError(CrmUsageError):
    """An event came after a later one of its case, and late events are refused. Nothing was changed by it."""


class Door:
    """Reads events, and of what they tell keeps what is needed."""

    def __init__(self, rules: Iterable[UsageRule], carry: Iterable[str], kind: str | None) -> None:
        """`carry` names attributes that no rule needs but the caller does; `kind` is that of cases nobody opened."""
        named = named_in(rules)
        self.names: tuple[str, ...] = tuple(
            sorted({name for name in named if not name.startswith(CASE)} | {"seq", *carry})
        )
        """The attributes of events that are kept."""
        self._of_case = frozenset({name.removeprefix(CASE) for name in named} | {"kind", "owner", "unit"})
        self._kind = kind
        self._tells_beginning = not self._of_case.isdisjoint({"case_id", "created_at", "created_by"})
        self._bare = {"kind": kind}

    def row(self, event: Any) -> Row:
        """An event: a mapping or an attrs value with case_id, activity, at and whatever else it tells.

        Raises:
            ContractError: when it lacks one of the three, or holds something else there.
        """
        get: Callable[[str], Any] = (
            event.get
            if event.__class__ is dict or isinstance(event, Mapping)
            else lambda name: getattr(event, name, None)
        )
        case_id, activity = get("case_id"), get("activity")
        if not (isinstance(case_id, str) and case_id):
            raise ContractError(f"an event needs a case_id, a text, not {case_id!r}: {event!r}")
        if not (isinstance(activity, str) and activity):
            raise ContractError(f"an event of case {case_id!r} needs an activity, a text, not {activity!r}")
        attributes = {name: value for name in self.names if (value := get(name)) is not None}
        extra = get("attributes")
        if extra is not None and isinstance(extra, Mapping):
            for name in self.names:
                if name not in attributes and (value := extra.get(name)) is not None:
                    attributes[name] = value
        seq = attributes.get("seq")
        if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
            raise ContractError(f"case {case_id!r}: seq is a whole number, not {seq!r}")
        at = get("at")
        if at.__class__ is not int:
            at = micros(at, f"case {case_id!r}, {activity}")
        return case_id, activity, at, attributes

    def head(self, case_id: str, at: int, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of what is known of a case."""
        named = {"case_id": case_id, "created_at": _EPOCH + dt.timedelta(microseconds=at), **attributes}
        head = {name: known(value) for name, value in named.items() if name in self._of_case}
        head.setdefault("kind", self._kind)
        return head

    def first_head(self, row: Row) -> Mapping[str, Any]:
        """What the first event of a case that nobody opened tells of it."""
        unit = row[3].get("unit")
        if self._tells_beginning:
            return self.head(row[0], row[2], {"unit": unit, "created_by": row[3].get("actor")})
        return self._bare if unit is None else {**self._bare, "unit": unit}
