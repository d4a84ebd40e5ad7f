"""A rule as plain values under the keys of its file, and as the text of a file that never was."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import attrs

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.rules._change import Change
from crmusage.rules._condition import Condition
from crmusage.rules._duration import Duration
from crmusage.rules._rule import Communication, Constraint, UsageRule
from crmusage.rules._table import joined
from crmusage.rules._where import plain_condition

Plain = dict[str, object]

_HEADED = frozenset({"situation", "guidance", "cadence", "review", "communication"})
"""Tables under a `[header]`; the others fit on a line."""
_REPEATED = frozenset({"expect", "history"})
"""Lists of tables, each under a `[[header]]` of its own."""
_WIDTH = 100
"""Longer than this, a line is hard to read (guessed: what editors show side by side)."""
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def plain(rule: UsageRule) -> Plain:
    """The keys and values of the rule's file in canonical order; what is absent or empty is left out."""
    table = _table(
        id=rule.id,
        version=rule.version,
        status=rule.status.value,
        kind=rule.kind,
        owner=rule.owner,
        cites=list(rule.cites),
        applies_to=_table(
            unit=list(rule.applies_to.unit),
            profile=list(rule.applies_to.profile),
            region=list(rule.applies_to.region),
            where=_condition(rule.applies_to.where),
        ),
        zone=rule.zone,
        situation=_table(id=rule.situation.id, en=rule.situation.en, fr=rule.situation.fr),
        guidance=_text(rule.guidance),
        expect=[_constraint(constraint) for constraint in rule.expect],
    )
    if rule.cadence is not None:
        table["cadence"] = _table(
            rrule=rule.cadence.rrule,
            needs=_one_of(rule.cadence.needs),
            since=_duration(rule.cadence.since),
            zone=rule.cadence.zone,
            starts_on=rule.cadence.starts_on,
        )
    if rule.review is not None:
        table["review"] = {"rrule": rule.review.rrule}
    if rule.communication is not None:
        table["communication"] = _communication(rule.communication)
    if rule.history:
        table["history"] = [_change(change) for change in rule.history]
    return table


def _table(**table: object) -> Plain:
    return {key: value for key, value in table.items() if value is not None and value not in ([], {})}


def _text(text: Text | None) -> Plain | None:
    return None if text is None else {"en": text.en, "fr": text.fr}


def _condition(condition: Condition | None) -> Plain | None:
    return None if condition is None else plain_condition(condition)


def _duration(duration: Duration | None) -> Plain | None:
    if duration is None:
        return None
    # No working days are said, unlike no seconds: they are the rest of the day.
    said = {
        name: amount
        for name, amount in attrs.asdict(duration).items()
        if amount or (amount is not None and name.startswith("working"))
    }
    return said or {"seconds": 0}


def _constraint(constraint: Constraint) -> Plain:
    return _table(
        template=constraint.template.value,
        activity=_one_of(constraint.activity),
        target=_one_of(constraint.target),
        n=constraint.n,
        where=_condition(constraint.where),
        target_where=_condition(constraint.target_where),
        correlate=_table(
            same=list(constraint.correlate.same), different=list(constraint.correlate.different)
        ),
        within=_duration(constraint.within),
        after=_duration(constraint.after),
    )


def _one_of(names: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(names) if isinstance(names, tuple) else names


def _change(change: Change) -> Plain:
    return _table(
        version=change.version,
        verb=change.verb.value,
        at=change.at,
        who=change.who,
        why=change.why,
        what=_text(change.what),
    )


def _communication(communication: Communication) -> Plain:
    return _table(
        audience={name: list(of) for name, of in communication.audience.items()},
        newcomers_within=_duration(communication.newcomers_within),
        renew_every=None if communication.renew_every is None else dict(communication.renew_every),
    )


def render(table: Mapping[str, object]) -> str:
    """The text of a file that says `table`."""
    head = "".join(line(key, value) for key, value in table.items() if not is_headed(key, value))
    return "\n".join([head, *(headed(key, value) for key, value in table.items() if is_headed(key, value))])


def is_headed(key: str, value: object) -> bool:
    """Whether a key of the file gets a header of its own rather than a line."""
    return key in _HEADED or key in _REPEATED or (isinstance(value, dict) and len(line(key, value)) > _WIDTH)


def headed(key: str, value: Any) -> str:
    """A table under its `[header]`, or tables each under their `[[header]]`, as lines."""
    if isinstance(value, list):
        return "\n".join(repeated(key, table) for table in value)
    return f"[{key}]\n{lines(value)}"


def repeated(key: str, table: Mapping[str, object]) -> str:
    """One table of several, under its `[[header]]`, as lines; long texts in it under a `[header]` of their own."""
    inner = {name: value for name, value in table.items() if name == "what" and isinstance(value, dict)}
    own = {name: value for name, value in table.items() if name not in inner}
    return f"[[{key}]]\n{lines(own)}" + "".join(
        headed(f"{key}.{name}", value) for name, value in inner.items()
    )


def lines(table: Mapping[str, object]) -> str:
    """The entries of a table, each on its line."""
    return "".join(line(key, value) for key, value in table.items())


def line(key: str, value: object) -> str:
    """`key = value`, with its line end."""
    return f"{joined('', key)} = {said(value, key)}\n"


def said(value: object, key: str) -> str:
    """A value as it stands on a line of its own: a text of several lines keeps them."""
    return _long(value, key) if isinstance(value, str) and "\n" in value else literal(value, key)


def literal(value: object, key: str) -> str:
    """A value as TOML writes it, on one line.

    Raises:
        RuleError: for what TOML has no way to write, naming `key`.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{_escaped(value, key, _SHORT)}"'
        case int() | float():
            return str(value)
        case dt.datetime():
            offset = value.utcoffset()
            # TOML knows offsets of whole minutes only; clocks of long ago were off by seconds.
            odd = offset is not None and offset % dt.timedelta(minutes=1)
            return (value.astimezone(dt.UTC) if odd else value).isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case list():
            return "[" + ", ".join(literal(item, key) for item in value) + "]"
        case dict():
            entries = (
                f"{joined('', name)} = {literal(item, f'{key}.{name}')}" for name, item in value.items()
            )
            return "{ " + ", ".join(entries) + " }" if value else "{}"
        case _:
            raise RuleError(f"{key}: a rule file has no way to write {value!r}")


def _long(text: str, key: str) -> str:
    kept = {sign: escape for sign, escape in _SHORT.items() if sign not in {"\n", "\t", '"'}}
    inner = re.sub(r'""+|"\Z', lambda match: '\\"' * len(match[0]), _escaped(text, key, kept))
    return f'"""\n{inner}"""'


def _escaped(text: str, key: str, escapes: Mapping[str, str]) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RuleError(f"{key}: {text!r} is not a whole Unicode text and cannot be written") from None
    text = "".join(escapes.get(sign, sign) for sign in text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", text)
