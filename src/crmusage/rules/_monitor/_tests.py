"""Conditions, correlation and scope of a rule as functions of an event and its case."""

from __future__ import annotations

import datetime as dt
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, holds
from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._rule import AppliesTo, Correlation, UsageRule

Read = Callable[[Row, Case], Any]
Test = Callable[[Row, Case], bool]
Link = Callable[[Row, Row, Case], bool]

CASE = "case."
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NUMBERS = frozenset({int, float})
_ORDERS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_OF_ROW: dict[str, Read] = {
    "case_id": lambda row, _: row[0],
    "activity": lambda row, _: row[1],
    "at": lambda row, _: instant(row[2]),
}


def instant(at: int) -> dt.datetime:
    """Microseconds since 1970 as a time in UTC."""
    return _EPOCH + dt.timedelta(microseconds=at)


def known(value: Any) -> Any:
    """The value; None for a number that is none (nan), as when a history is read."""
    return None if value != value else value  # noqa: PLR0124 — only nan differs from itself


def reader(name: str) -> Read:
    """What gives an attribute: the event's own value, and where it has none that of its case."""
    if name.startswith(CASE):
        bare = name.removeprefix(CASE)
        return lambda _, case: case.head.get(bare)
    if name in _OF_ROW:
        return _OF_ROW[name]

    def read(row: Row, case: Case) -> Any:
        value = row[3].get(name)
        if value is None or value != value:  # noqa: PLR0124
            return case.head.get(name)
        return value

    return read


def test_of(condition: Condition | None) -> Test | None:
    """A condition as a function; None: it always holds.

    The function raises RuleError for a value of another sort than the one that the rule compares it with.
    """
    match condition:
        case None:
            return None
        case Compare():
            return _comparison(condition)
        case Not(part):
            inner = test_of(part)
            return (lambda _, __: False) if inner is None else (lambda row, case: not inner(row, case))
        case All(parts):
            return all_of([test_of(part) for part in parts])
        case AnyOf(parts):
            tests = [test_of(part) for part in parts]
            if None in tests:
                return None
            return lambda row, case: any(test(row, case) for test in tests if test is not None)


def all_of(tests: Iterable[Test | None]) -> Test | None:
    """Whether all of several hold."""
    real = [test for test in tests if test is not None]
    if not real:
        return None
    if len(real) == 1:
        return real[0]
    if len(real) == 2:
        one, two = real
        return lambda row, case: one(row, case) and two(row, case)
    return lambda row, case: all(test(row, case) for test in real)


def _comparison(compare: Compare) -> Test:
    read, of, value = reader(compare.attribute), compare.of, compare.value

    def test(row: Row, case: Case) -> bool:
        return of(read(row, case))

    name = compare.attribute
    if name in _OF_ROW or name.startswith(CASE):
        return test
    # The common ones without a further call: most of what a monitor does is to compare plain numbers and texts.
    if compare.sort == "number" and compare.op in _ORDERS:
        compared = _ORDERS[compare.op]

        def test_number(row: Row, case: Case) -> bool:
            given = row[3].get(name)
            # Equal to itself is all but nan, which is no value.
            if given.__class__ in _NUMBERS and given == given:  # noqa: PLR0124
                return compared(given, value)
            return test(row, case)

        return test_number
    if compare.op is Op.EQ and compare.sort in {"text", "truth"}:
        plain = value.__class__

        def test_same(row: Row, case: Case) -> bool:
            given = row[3].get(name)
            return given == value if given.__class__ is plain else test(row, case)

        return test_same
    return test


def correlation(correlate: Correlation) -> tuple[Link | None, Test | None]:
    """Whether two events belong together, and whether one has every value that is compared (None: always)."""
    same = [reader(name) for name in correlate.same if name != "case_id"]
    different = [reader(name) for name in correlate.different]
    if not same and not different:
        return None, None

    reads = [*same, *different]
    if len(same) == 1 and not different:
        (read_same,) = same

        def link_same(one: Row, other: Row, case: Case) -> bool:
            value = read_same(one, case)
            return value is not None and bool(value == read_same(other, case))

        return link_same, lambda row, case: read_same(row, case) is not None

    def link(one: Row, other: Row, case: Case) -> bool:
        for read in same:
            value = read(one, case)
            if value is None or value != read(other, case):
                return False
        for read in different:
            mine, theirs = read(one, case), read(other, case)
            if mine is None or theirs is None or mine == theirs:
                return False
        return True

    def able(row: Row, case: Case) -> bool:
        return all(read(row, case) is not None for read in reads)

    return link, able


class People:
    """What is known of persons: attrs values or mappings with unit, profile, region and time_zone, by their id."""

    def __init__(self, people: Mapping[str, Any] | None) -> None:
        self._people = people or {}

    def tell(self, person: Any, what: str) -> Any:
        """One of a person's traits; None: not known."""
        found = self._people.get(person) if person is not None else None
        return found.get(what) if isinstance(found, Mapping) else getattr(found, what, None)

    def usual_zone(self, unit: Any) -> Any:
        """The time zone that most people of a unit have; of equally many, the first in text order."""
        return self.usual_zones.get(unit)

    @cached_property
    def zones(self) -> frozenset[str]:
        """The time zones that people have."""
        found = (self.tell(person, "time_zone") for person in self._people)
        return frozenset(zone for zone in found if zone is not None)

    @cached_property
    def usual_zones(self) -> dict[Any, str]:
        """By unit, the time zone that most of its people have; of equally many, the first in text order."""
        zones: dict[Any, Counter[str]] = {}
        for person in self._people:
            unit, zone = self.tell(person, "unit"), self.tell(person, "time_zone")
            if unit is not None and zone is not None:
                zones.setdefault(unit, Counter())[zone] += 1
        return {unit: min(of, key=lambda zone: (-of[zone], zone)) for unit, of in zones.items()}

    def of_event(self, row: Row, case: Case, what: str) -> Any:
        """A trait of who acted, or where that is not known, of the case's owner."""
        value = self.tell(row[3].get("actor"), what)
        return self.tell(case.head.get("owner"), what) if value is None else value


def case_in_scope(rule: UsageRule, head: Mapping[str, Any]) -> bool:
    """Whether a rule is about a case as such (whoever acts in it)."""
    return (rule.kind is None or head.get("kind") == rule.kind) and holds(
        rule.applies_to.where, lambda name: head.get(name.removeprefix(CASE))
    )


def owner_in_scope(rule: UsageRule, head: Mapping[str, Any], people: People) -> bool:
    """Whether a rule is about those whom a case belongs to."""
    applies = rule.applies_to
    return (not applies.unit or head.get("unit") in applies.unit) and all(
        not wanted or people.tell(head.get("owner"), what) in wanted for what, wanted in _traits(applies)
    )


def actor_in_scope(place: int, rule: UsageRule, people: People) -> Test | None:
    """Whether a rule, `place` among the rules, is about an event; None: it is about every event."""
    applies = rule.applies_to
    tests: list[Test | None] = []
    if rule.kind is not None or applies.where is not None:
        tests.append(lambda _, case: place not in case.foreign)
    if applies.unit:
        unit = reader("unit")
        tests.append(lambda row, case: unit(row, case) in applies.unit)
    for what, wanted in _traits(applies):
        if wanted:
            tests.append(_trait_test(what, wanted, people))
    return all_of(tests)


def _traits(applies: AppliesTo) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("profile", applies.profile), ("region", applies.region)


def _trait_test(what: str, wanted: tuple[str, ...], people: People) -> Test:
    return lambda row, case: people.of_event(row, case, what) in wanted
