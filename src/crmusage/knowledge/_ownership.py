"""Who owns the programme, and what happens when they leave. Roles only: no name is asked, and none is told."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from crmusage.knowledge import _words as words
from crmusage.knowledge._words import Worry
from crmusage.model import Person, Text
from crmusage.rules import Rulebook, Task, due
from crmusage.rules._field import FieldError, is_whole

_ORPHANED = {
    Task.OWNER_LEFT: Worry.OWNER_LEFT,
    Task.OWNER_UNKNOWN: Worry.OWNER_UNKNOWN,
    Task.NO_OWNER: Worry.NO_OWNER,
}


class Said(enum.StrEnum):
    """What is said of a condition."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> Said | None:
        """French words are read as well."""
        return next((said for said, word in IN_FRENCH.items() if word == value), None)


IN_FRENCH = {Said.YES: "oui", Said.PARTLY: "en partie", Said.NO: "non", Said.UNKNOWN: "inconnu"}
"""What is said, as a French sheet may write it."""


def role_only(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """A role, and not what is plainly a person's address."""
    if value is not None and (not value.strip() or "@" in value):
        raise FieldError(
            attribute.name, f"{attribute.name} is a role (sales director), not a person: {value!r}"
        )


@attrs.frozen
class KeyTask:
    """Something that the programme needs and that somebody must be able to do."""

    what: str
    role: str = attrs.field(validator=role_only)
    people: int = attrs.field()
    """How many can do it."""

    @people.validator
    def _from_nobody(self, _: object, value: int) -> None:
        if value != 0 and not is_whole(value):
            raise FieldError("people", f"people is a whole number, 0 if nobody can, not {value!r}")


@attrs.frozen
class Ownership:
    """The sheet. What is absent is not there; what is unknown is to be found out."""

    sponsor: str | None = attrs.field(default=None, validator=role_only)
    """Who brought the tool and speaks for it."""
    deputy: str | None = attrs.field(default=None, validator=role_only)
    """Who would speak for it then."""
    objective: str | None = None
    """What the company, not the department, wants from it."""
    champion: str | None = attrs.field(default=None, validator=role_only)
    """Who keeps it alive and its knowledge together."""
    champion_deputy: str | None = attrs.field(default=None, validator=role_only)
    direction_knows: Said = Said.UNKNOWN
    """Top management knows the objective and what the tool is worth."""
    executives_use: Said = Said.UNKNOWN
    """They use it themselves: it is open in their meetings."""
    culture: Said = Said.UNKNOWN
    """It is part of how the company sells and works."""
    shared: Said = Said.UNKNOWN
    """Others than the department that brought it use it: it is no silo."""
    tasks: tuple[KeyTask, ...] = attrs.field(default=(), converter=tuple)


@attrs.frozen
class Concern:
    """One thing that is weak in the ownership, and the step to take."""

    what: Worry
    text: Text
    step: Text
    about: tuple[str, ...] = ()
    """Ids of the rules it is about."""


def concerns(sheet: Ownership) -> tuple[Concern, ...]:
    """What is missing, half there or unknown, in the order of the sheet; then what hangs on one person."""
    return tuple(_concerns(sheet))


def _concerns(sheet: Ownership) -> Iterator[Concern]:
    for role, worry in (
        (sheet.sponsor, Worry.NO_SPONSOR),
        (sheet.objective, Worry.NO_OBJECTIVE),
        (sheet.champion, Worry.NO_CHAMPION),
    ):
        if not role:
            yield _concern(worry)
    if sheet.sponsor and not sheet.deputy:
        yield _concern(Worry.NO_DEPUTY)
    if sheet.champion and not sheet.champion_deputy:
        yield _concern(Worry.NO_CHAMPION_DEPUTY)
    if sheet.sponsor and sheet.sponsor == sheet.champion:
        yield _concern(Worry.ONE_FOR_BOTH)
    for said, worry in (
        (sheet.direction_knows, Worry.DIRECTION_UNAWARE),
        (sheet.executives_use, Worry.EXECUTIVES_AWAY),
        (sheet.culture, Worry.NOT_CULTURE),
        (sheet.shared, Worry.SILO),
    ):
        if said is not Said.YES:
            yield words.concern(worry, Concern, partly=said is Said.PARTLY, unknown=said is Said.UNKNOWN)
    for task in sheet.tasks:
        if task.people <= 1:
            text, step = words.key_task(task.what, task.role, task.people)
            yield Concern(Worry.KEY_PERSON, text, step)


def if_sponsor_leaves(sheet: Ownership) -> tuple[Concern, ...]:
    """What would follow from the sponsor's leaving, as the sheet stands; empty: the programme would hold.

    The source's case: a sponsor brings the tool for one department, top management does not know what it is for, and
    when knowledge runs out with the people, it is put aside.
    """
    found = []
    if not sheet.deputy or sheet.deputy == sheet.sponsor:
        found.append(_concern(Worry.NOBODY_SPEAKS))
    if not sheet.objective or sheet.direction_knows is not Said.YES:
        found.append(_concern(Worry.PUT_ASIDE))
    if not sheet.champion or sheet.champion == sheet.sponsor:
        found.append(_concern(Worry.KNOWLEDGE_GOES))
    if sheet.shared is not Said.YES:
        found.append(_concern(Worry.NOBODY_ELSE_MISSES_IT))
    for task in sheet.tasks:
        if sheet.sponsor and task.role == sheet.sponsor and task.people <= 1:
            text, step = words.key_task(task.what, task.role, task.people)
            found.append(Concern(Worry.KEY_PERSON, text, step))
    return tuple(found)


def orphans(book: Rulebook, people: Iterable[Person], on: dt.date) -> tuple[Concern, ...]:
    """The rules that nobody looks after on a day: their owner has left, is unknown here, or was never named.

    Owners are persons, units or profiles of `people`. One concern for each of the three, with the ids of the rules;
    the owners themselves are not told.

    Raises:
        ContractError: when a person is there more than once.
    """
    by_worry: dict[Worry, list[str]] = {}
    for one in due(book, on, people=people):
        worry = _ORPHANED.get(one.task)
        if worry is not None:
            by_worry.setdefault(worry, []).extend(one.about)
    return tuple(
        attrs.evolve(_concern(worry), about=tuple(by_worry[worry]))
        for worry in _ORPHANED.values()
        if worry in by_worry
    )


def _concern(worry: Worry) -> Concern:
    return words.concern(worry, Concern)
