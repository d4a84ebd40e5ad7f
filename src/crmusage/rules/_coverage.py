"""How far the rules are known, unit by unit: never a list of who has not read what."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import attrs

from crmusage.model import MIN_GROUP, Acknowledgement, Measure, Person, Text, Undefined, wilson
from crmusage.rules._announce import owed
from crmusage.rules._audience import TOLD, Readings, audience, checked, day
from crmusage.rules._book import Rulebook
from crmusage.rules._rule import UsageRule

COVERAGE = "coverage"


@attrs.frozen
class Coverage:
    """How many of those who should know a rule have read it as it stands, and not too long ago."""

    rule: str
    version: int
    unit: str | None
    """None: everybody, or if `pooled`, whoever is in a unit too small to be named, or in none."""
    should_know: int
    told: int
    share: Measure | Undefined
    """Told out of those who should know, with the 95 % interval of Wilson; undefined for too few people."""
    pooled: bool = False


def coverage(
    book: Rulebook,
    people: Iterable[Person],
    acknowledgements: Iterable[Acknowledgement],
    on: dt.date,
    *,
    min_group: int = MIN_GROUP,
) -> tuple[Coverage, ...]:
    """How many of those who should know each rule know it, for the whole company and unit by unit.

    Whoever gets a notice from `announcements` is not told, everybody else of the audience is. Units of which
    fewer than `min_group` should know a rule are taken together; where even together they are fewer, so that a
    subtraction would tell who they are, the smallest of the other units goes with them.

    Returns:
        By rule: everybody, then the units that can be named, by name, then the others together.
        A rule that fewer than `min_group` people should know has one row, with numbers of 0 and an undefined share.

    Raises:
        ContractError: when a person is there more than once.
        ValueError: when `min_group` is below 1.
    """
    if min_group < 1:
        raise ValueError(f"a group has at least one person, not {min_group}")
    on = day(on)
    everybody = checked(people)
    readings = Readings.until(acknowledgements, on)
    return tuple(
        row
        for rule in book
        if rule.status in TOLD
        for row in _rows(rule, audience(rule, everybody, on), readings, on, min_group)
    )


def _rows(
    rule: UsageRule, people: tuple[Person, ...], readings: Readings, on: dt.date, min_group: int
) -> list[Coverage]:
    if len(people) < min_group:
        nobody = Text("nobody should know this rule", "cette règle ne s'adresse à personne")
        too_few = Text(
            f"fewer than {min_group} people should know this rule",
            f"cette règle s'adresse à moins de {min_group} personnes",
        )
        share = Undefined(COVERAGE, too_few if people else nobody)
        return [Coverage(rule.id, rule.version, None, 0, 0, share)]
    should_know = Counter(person.unit for person in people)
    not_told = Counter(one.person.unit for one in owed(rule, people, readings, on))
    named = _named(should_know, min_group)
    pooled = [unit for unit in should_know if unit not in named]

    def row(unit: str | None, of: Iterable[str | None], *, pooled: bool = False) -> Coverage:
        of = list(of)
        size = sum(should_know[one] for one in of)
        told = size - sum(not_told[one] for one in of)
        low, high = wilson(told, size)
        share = Measure(COVERAGE, told / size, told, size, low, high)
        return Coverage(rule.id, rule.version, unit, size, told, share, pooled)

    rows = [row(None, should_know), *(row(unit, [unit]) for unit in named)]
    return [*rows, row(None, pooled, pooled=True)] if named and pooled else rows


def _named(should_know: Counter[str | None], min_group: int) -> list[str]:
    """The units that can be named without telling of fewer than `min_group` people, one way or the other."""
    units = sorted((count, unit) for unit, count in should_know.items() if unit is not None)
    named = [unit for count, unit in units if count >= min_group]
    rest = should_know.total() - sum(should_know[unit] for unit in named)
    while named and 0 < rest < min_group:
        rest += should_know[named.pop(0)]
    return sorted(named)
