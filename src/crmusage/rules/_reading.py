"""The text of a rule file, read into a rule or into everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import tomllib

import attrs

from crmusage.errors import Fault
from crmusage.model import Text
from crmusage.rules._change import Change, Move
from crmusage.rules._duration import Duration
from crmusage.rules._rule import (
    AUDIENCES,
    RENEWALS,
    AppliesTo,
    Cadence,
    Communication,
    Constraint,
    Correlation,
    Review,
    Status,
    UsageRule,
)
from crmusage.rules._situation import Situation
from crmusage.rules._table import Table
from crmusage.rules._template import Template
from crmusage.rules._where import read_condition

BOM = "\ufeff"
_TELLING = ("id", "situation", "guidance", "expect")
"""A file with none of these was never meant for a rule."""


def read(source: str, where: str) -> tuple[UsageRule | None, list[Fault]]:
    """The rule that a file says, carrying `source`; or None and every fault in it."""
    faults: list[Fault] = []
    try:
        values = tomllib.loads(source.removeprefix(BOM))
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        return None, [Fault(where, "", f"is not TOML: {error}")]
    if values.keys().isdisjoint(_TELLING):
        what = (
            f"is no usage rule (it has none of {', '.join(_TELLING)}): keep other files out of the rulebook"
        )
        return None, [Fault(where, "", what)]
    rule = _rule(Table(values, "", _names(UsageRule), where, faults), source)
    return (None if faults else rule), faults


def _names(cls: type[attrs.AttrsInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls) if field.name != "source")


def _rule(table: Table, source: str) -> UsageRule | None:
    return table.make(
        UsageRule,
        {"id": "some-id", "situation": Text("?", "?")},
        id=table.text("id", needed="a name of its own, in small letters, such as alternative-offers"),
        situation=table.nested(
            "situation", _names(Situation), _situation, needed="what people face, in en and fr"
        ),
        version=table.whole("version"),
        status=table.one_of("status", Status),
        kind=table.text("kind"),
        owner=table.text("owner"),
        guidance=table.nested("guidance", _names(Text), _text),
        applies_to=table.nested("applies_to", _names(AppliesTo), _applies_to),
        zone=table.text("zone"),
        expect=table.each("expect", _names(Constraint), _constraint),
        cadence=table.nested("cadence", _names(Cadence), _cadence),
        review=table.nested("review", _names(Review), _review),
        communication=table.nested("communication", _names(Communication), _communication),
        cites=table.texts("cites"),
        history=table.each("history", _names(Change), _change),
        source=source,
    )


def _situation(table: Table) -> Situation | None:
    text = _text(table)
    given = {} if text is None else attrs.asdict(text)
    return table.make(Situation, {"en": "?", "fr": "?"}, id=table.text("id"), **given)


def _text(table: Table) -> Text | None:
    needed = "people are told in English (en) and in French (fr)"
    return table.make(Text, en=table.text("en", needed=needed), fr=table.text("fr", needed=needed))


def _applies_to(table: Table) -> AppliesTo | None:
    return table.make(
        AppliesTo,
        unit=table.texts("unit"),
        profile=table.texts("profile"),
        region=table.texts("region"),
        where=read_condition(table, "where"),
    )


def _constraint(table: Table) -> Constraint | None:
    return table.make(
        Constraint,
        {"activity": "something"},
        template=table.one_of("template", Template, needed="one of DECLARE's, such as response"),
        activity=table.text_or_texts("activity", needed="the activity that the expectation starts from"),
        target=table.text_or_texts("target"),
        n=table.whole("n"),
        where=read_condition(table, "where"),
        target_where=read_condition(table, "target_where"),
        correlate=table.nested("correlate", _names(Correlation), _correlation),
        within=table.nested("within", _names(Duration), _duration),
        after=table.nested("after", _names(Duration), _duration),
    )


def _correlation(table: Table) -> Correlation | None:
    return table.make(Correlation, same=table.texts("same"), different=table.texts("different"))


def _duration(table: Table) -> Duration | None:
    if not table.values:
        table.fault("", "is empty: a duration is a table such as { days = 2 }")
        return None
    return table.make(Duration, **{name: table.number(name) for name in table.allowed})


def _cadence(table: Table) -> Cadence | None:
    return table.make(
        Cadence,
        rrule=table.text("rrule", needed="a recurrence rule such as FREQ=WEEKLY;BYDAY=MO;BYHOUR=12"),
        needs=table.text_or_texts("needs", needed="the activity that is due"),
        since=table.nested("since", _names(Duration), _duration),
        zone=table.text("zone"),
        starts_on=table.day("starts_on"),
    )


def _review(table: Table) -> Review | None:
    needed = "a recurrence rule such as FREQ=MONTHLY;INTERVAL=6"
    return table.make(Review, rrule=table.text("rrule", needed=needed))


def _change(table: Table) -> Change | None:
    return table.make(
        Change,
        {"version": 1, "verb": Move.AMEND, "at": dt.date.min, "who": "?", "why": "?"},
        version=table.whole("version", needed="the rule's version from then on"),
        verb=table.one_of("verb", Move, needed="what was done, such as amend"),
        at=table.day("at", needed="when, such as 2026-03-01 or 2026-03-01T09:00:00Z"),
        who=table.text("who", needed="who did it"),
        why=table.text("why", needed="why it was done"),
        what=table.nested("what", _names(Text), _text),
    )


def _communication(table: Table) -> Communication | None:
    return table.make(
        Communication,
        audience=table.nested("audience", AUDIENCES, _audience),
        newcomers_within=table.nested("newcomers_within", _names(Duration), _duration),
        renew_every=table.nested("renew_every", RENEWALS, _renewal),
    )


def _audience(table: Table) -> dict[str, tuple[str, ...]]:
    named = {name: table.texts(name) for name in table.values if name in AUDIENCES}
    return {name: texts for name, texts in named.items() if texts is not None}


def _renewal(table: Table) -> dict[str, int]:
    counted = {name: table.whole(name) for name in table.values if name in RENEWALS}
    return {name: number for name, number in counted.items() if number is not None}
