"""A plan file: what is to stay known by whom, what was measured, and who owns it; every fault told at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs

from crmusage.errors import BookError, Fault, SourceError
from crmusage.knowledge._erosion import Departure, Erosion, Release
from crmusage.knowledge._fit import Reading
from crmusage.knowledge._ownership import KeyTask, Ownership, Said
from crmusage.knowledge._plan import Group, Happening, Programme, Topic
from crmusage.model import Text
from crmusage.rules._table import Table

_TOP = (
    *("months", "floor", "min_group", "erosion", "topic", "group", "release", "departure"),
    *("training_measured", "reading", "ownership"),
)
_TEXT = tuple(attrs.fields_dict(Text))
_EROSION = tuple(attrs.fields_dict(Erosion))
_TOPIC = tuple(attrs.fields_dict(Topic))
_GROUP = tuple(attrs.fields_dict(Group))
_RELEASE = (*attrs.fields_dict(Release), "topic", "group")
_DEPARTURE = (*attrs.fields_dict(Departure), "topic", "group")
_READING = tuple(attrs.fields_dict(Reading))
_OWNERSHIP = tuple(name for name in attrs.fields_dict(Ownership) if name != "tasks")
_TASK = tuple(attrs.fields_dict(KeyTask))

# What the rest of a table is tried with when a needed field is wrong.
_INSTEAD = {"id": "some-id", "name": Text("?", "?"), "hours": 1.0, "people": 5, "months": 0.0, "known": 0}
_INSTEAD |= {"month": 1, "adds": 0.0, "share_leaving": 0.0, "what": "?", "role": "?"}


@attrs.frozen
class PlanFile:
    """What a plan file holds."""

    programme: Programme
    readings: tuple[Reading, ...] = ()
    """The company's own, of which a decay is fitted."""
    training_measured: float | None = None
    """What the training left on its day, where that was measured."""
    ownership: Ownership | None = None
    """None: the file does not speak of it."""


def load_plan(path: str | Path) -> PlanFile:
    """Read a plan file (TOML): `[[topic]]` and `[[group]]`, and what else is known.

    Raises:
        BookError: with every fault.
        SourceError: when the file cannot be read.
    """
    path = Path(path)
    faults: list[Fault] = []
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise BookError([Fault(str(path), "", f"is not TOML in UTF-8: {error}")], "plan") from None
    table = Table(values, "", _TOP, str(path), faults)
    found = _file(table)
    if faults or found is None:
        raise BookError(faults, "plan")
    return found


def _file(table: Table) -> PlanFile | None:
    topics, groups = table.each("topic", _TOPIC, _topic), table.each("group", _GROUP, _group)
    for name, items, what in (
        ("topic", topics, "what is to stay known, each under its own [[topic]]"),
        ("group", groups, "who is to know it, each group under its own [[group]]"),
    ):
        if not items and name not in table.bad:
            table.fault(name, f"is missing: {what}")
    erosion = table.nested("erosion", _EROSION, _erosion)
    happenings = (
        *(table.each("release", _RELEASE, _release) or ()),
        *(table.each("departure", _DEPARTURE, _departure) or ()),
    )
    readings = table.each("reading", _READING, _reading)
    measured = table.number("training_measured")
    if measured is not None and not 0 < measured <= 1:
        table.fault("training_measured", f"is a share above 0, up to 1 (0.8 for 80 %), not {measured:g}")
    ownership = table.nested("ownership", (*_OWNERSHIP, "task"), _ownership)
    if {"topic", "group"} & table.bad:
        # What refers to them cannot be checked yet.
        happenings = ()
    programme = table.make(
        Programme,
        topics=topics or (),
        groups=groups or (),
        erosion=erosion,
        happenings=happenings,
        months=table.whole("months"),
        floor=table.number("floor"),
        min_group=table.whole("min_group"),
    )
    return None if programme is None else PlanFile(programme, readings or (), measured, ownership)


def _erosion(table: Table) -> Erosion | None:
    return table.make(Erosion, **{name: table.number(name) for name in _EROSION})


def _topic(table: Table) -> Topic | None:
    return table.make(
        Topic,
        _INSTEAD,
        id=table.text("id", needed="a short name, such as forecast"),
        name=_name(table),
        hours=_number(table, "hours", "hours of each person's time for a refresher"),
        preparation=table.number("preparation"),
        floor=table.number("floor"),
    )


def _group(table: Table) -> Group | None:
    return table.make(
        Group,
        _INSTEAD,
        id=table.text("id", needed="the unit or profile, never a person"),
        people=table.whole("people", needed="how many people it has"),
        turnover_a_year=table.number("turnover_a_year"),
    )


def _release(table: Table) -> Happening | None:
    event = table.make(
        Release,
        _INSTEAD,
        month=table.whole("month", needed="months from now, from 1"),
        adds=_number(table, "adds", "how much more the tool can do then (0.2 for a fifth)"),
    )
    return _happening(table, event)


def _departure(table: Table) -> Happening | None:
    handed_over = table.values.get("handed_over")
    if handed_over is not None and not isinstance(handed_over, bool):
        table.fault("handed_over", "takes true or false")
        handed_over = None
    event = table.make(
        Departure,
        _INSTEAD,
        month=table.whole("month", needed="months from now, from 1"),
        share_leaving=_number(table, "share_leaving", "the share of the people who leave (0.5 for half)"),
        handed_over=handed_over,
    )
    return _happening(table, event)


def _happening(table: Table, event: Release | Departure | None) -> Happening | None:
    topic, group = table.text("topic"), table.text("group")
    return None if event is None else Happening(event, topic, group)


def _reading(table: Table) -> Reading | None:
    return table.make(
        Reading,
        _INSTEAD,
        months=_number(table, "months", "months since the training of those who were asked"),
        known=table.whole("known", needed="how many of them knew"),
        n=table.whole("n"),
    )


def _ownership(table: Table) -> Ownership | None:
    roles = ("sponsor", "deputy", "objective", "champion", "champion_deputy")
    said = ("direction_knows", "executives_use", "culture", "shared")
    return table.make(
        Ownership,
        tasks=table.each("task", _TASK, _task),
        **{name: table.text(name) for name in roles},
        **{name: table.one_of(name, Said) for name in said},
    )


def _task(table: Table) -> KeyTask | None:
    return table.make(
        KeyTask,
        _INSTEAD,
        what=table.text("what", needed="what must be done, such as loading the price list"),
        role=table.text("role", needed="whose task it is: a role, not a name"),
        people=table.whole("people", needed="how many can do it"),
    )


def _number(table: Table, name: str, needed: str) -> float | None:
    value = table.number(name)
    if value is None and name not in table.bad:
        table.fault(name, f"is missing: {needed}")
    return value


def _name(table: Table) -> Text | None:
    if isinstance(table.values.get("name"), str):
        # Who works in one language need not write the other.
        name = table.text("name")
        return None if name is None else Text(name, name)
    needed = 'what people call it: name = "...", or name = { en = "...", fr = "..." }'
    return table.nested("name", _TEXT, _text, needed=needed)


def _text(table: Table) -> Text | None:
    needed = "people are told in English (en) and in French (fr)"
    return table.make(Text, en=table.text("en", needed=needed), fr=table.text("fr", needed=needed))
