"""Whom a rule is told to, and who of them has read it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import attrs

from crmusage.errors import ContractError
from crmusage.model import Acknowledgement, Person
from crmusage.rules._rule import AUDIENCES, Status, UsageRule

TOLD = frozenset({Status.ACTIVE, Status.FORBIDDEN})
"""What people need to know: what is expected of them, and what is no longer done."""


def audience(rule: UsageRule, people: Iterable[Person], on: dt.date) -> tuple[Person, ...]:
    """Who should know a rule on a day, in the order of `people`.

    That is whoever its communication names, or where it names nobody, whom the rule applies to; by unit, profile
    and region, all of which must fit. Only who has begun and not left; integrations never. Who has no unit is not
    in an audience by unit, and so on.
    """
    named = rule.communication.audience if rule.communication is not None else {}
    if not named:
        named = {name: getattr(rule.applies_to, name) for name in AUDIENCES}
    return tuple(
        person
        for person in people
        if person.is_human is not False
        and person.is_here(on)
        and all(getattr(person, name) in wanted for name, wanted in named.items() if wanted)
    )


def checked(people: Iterable[Person]) -> tuple[Person, ...]:
    """The people, each once.

    Raises:
        ContractError: when an id is there more than once: whom it means, nobody knows.
    """
    people = tuple(people)
    twice = sorted(one for one, count in Counter(person.id for person in people).items() if count > 1)
    if twice:
        listed = ", ".join(repr(one) for one in twice[:5])
        raise ContractError(f"people: {listed} is there more than once; give each person one row")
    return people


@attrs.frozen
class Readings:
    """Who has read what by a day."""

    of: Mapping[tuple[str, str], Mapping[int, dt.date]]
    """By rule and person: the versions read, each with the day it was last read."""
    first: Mapping[str, dt.date]
    """By rule: the first day on which anybody read it."""
    last: Mapping[str, dt.date]
    """By rule: the last day on which anybody read it."""

    @classmethod
    def until(cls, acknowledgements: Iterable[Acknowledgement], on: dt.date) -> Readings:
        """What had been read by the end of a day; what came later is not known yet."""
        of: dict[tuple[str, str], dict[int, dt.date]] = {}
        first: dict[str, dt.date] = {}
        last: dict[str, dt.date] = {}
        for one in acknowledgements:
            day = one.day
            if day > on:
                continue
            versions = of.setdefault((one.rule, one.person), {})
            versions[one.version] = max(day, versions.get(one.version, day))
            first[one.rule] = min(day, first.get(one.rule, day))
            last[one.rule] = max(day, last.get(one.rule, day))
        return cls(of, first, last)


def day(on: dt.date) -> dt.date:
    """A day, also of an instant."""
    return on.date() if isinstance(on, dt.datetime) else on
