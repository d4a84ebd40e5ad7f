"""The keys of a rule file as a JSON Schema, for editors: made from the types that the file is read into.

Draft 7, because that is what editors of TOML know. Dates and times are strings to them, as JSON has no others.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Mapping
from typing import Any

import attrs

from crmusage.model import Text
from crmusage.rules._change import Change
from crmusage.rules._condition import Condition, Op
from crmusage.rules._duration import LONGEST, Duration
from crmusage.rules._rule import (
    AUDIENCES,
    RENEWALS,
    AppliesTo,
    Cadence,
    Communication,
    Constraint,
    Correlation,
    Review,
    UsageRule,
)
from crmusage.rules._schedule import DAYS_NAMED, PARTS
from crmusage.rules._schema_words import ABOUT
from crmusage.rules._situation import ID, Situation
from crmusage.rules._template import Template

Schema = dict[str, Any]

_SAYING: Schema = {"type": "string", "pattern": r"\S"}
_WORD: Schema = {"type": "string"}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_INSTANT = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2}))?$"
_PART = f"({'|'.join(PARTS)})=[^;=]+"
_RRULE: Schema = {
    "type": "string",
    "allOf": [{"pattern": f"^{_PART}(;{_PART})*$"}, {"pattern": "(^|;)FREQ=[A-Za-z]+(;|$)"}],
}
_NAMED: Schema = {"type": "string", "pattern": f"^{ID.pattern}$"}
_DEFINED = (
    Text, Situation, AppliesTo, Constraint, Correlation, Duration, Cadence, Review, Communication, Change,
)  # fmt: skip


def schema() -> Schema:
    """The JSON Schema of a rule file, as plain values. What it accepts, a rule can still refuse: zones, patterns."""
    whole = _table(UsageRule)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:crmusage:rule:1",
        "title": "A usage rule of crmusage",
        **whole,
        "definitions": {
            **{_name(cls): _DETAILED.get(cls, _table)(cls) for cls in _DEFINED},
            "Condition": _condition(),
        },
    }


def _name(cls: type) -> str:
    return cls.__name__


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _table(cls: type[attrs.AttrsInstance]) -> Schema:
    hints = typing.get_type_hints(cls)
    properties: Schema = {}
    for field in attrs.fields(cls):
        if field.name == "source":
            continue
        wanted = _FIELDS.get((cls, field.name)) or _of(hints[field.name])
        # Beside a reference nothing else is read, so the description stands around it.
        wanted = {"allOf": [wanted]} if "$ref" in wanted else wanted
        properties[field.name] = {"description": ABOUT[cls][field.name], **wanted}
        if isinstance(field.default, int | str):
            properties[field.name]["default"] = field.default
    needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    return _object(properties, needed)


def _object(properties: Mapping[str, Schema], needed: list[str] | None = None) -> Schema:
    found: Schema = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**found, "required": needed} if needed else found


def _of(hint: Any) -> Schema:
    """The schema of what is read into a type."""
    origin = typing.get_origin(hint)
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    if origin in {types.UnionType, typing.Union}:
        if set(parts) == set(typing.get_args(Condition)):
            return _ref("Condition")
        return _of(parts[0]) if len(parts) == 1 else {"anyOf": [_one_of_several(part) for part in parts]}
    if origin is tuple:
        return {"type": "array", "items": _WORD if parts[0] is str else _of(parts[0])}
    if hint in _DEFINED:
        return _ref(_name(hint))
    if issubclass(hint, enum.StrEnum):
        return {"enum": [word.value for word in hint]}
    return dict(_PLAIN[hint])


def _one_of_several(hint: Any) -> Schema:
    # One name, or a list of names none of which is empty.
    return (
        {"type": "array", "minItems": 1, "items": _SAYING} if typing.get_origin(hint) is tuple else _of(hint)
    )


_PLAIN: dict[type, Schema] = {
    str: _SAYING,
    dt.date: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    int: {"type": "integer", "minimum": 1},
}
_FIELDS: dict[tuple[type, str], Schema] = {
    (UsageRule, "id"): _NAMED,
    (Situation, "id"): _NAMED,
    (Cadence, "rrule"): _RRULE,
    (Review, "rrule"): _RRULE,
    (Change, "at"): {"type": "string", "pattern": _INSTANT},
    (Communication, "audience"): _object({name: {"type": "array", "items": _WORD} for name in AUDIENCES}),
    (Communication, "renew_every"): {
        **_object(dict.fromkeys(RENEWALS, _PLAIN[int])),
        "minProperties": 1,
    },
}


def _of_constraint(cls: type[attrs.AttrsInstance]) -> Schema:
    unary = [template.value for template in Template if template.is_unary]
    counting = [template.value for template in Template if template.counts]
    nothing = {"properties": {"same": {"maxItems": 0}, "different": {"maxItems": 0}}}
    return {
        **_table(cls),
        "allOf": [
            {
                "if": _with_template(unary),
                "then": {"properties": {"target": False, "target_where": False, "correlate": nothing}},
                "else": {"required": ["target"]},
            },
            {"if": {"not": _with_template(counting)}, "then": {"properties": {"n": False}}},
        ],
    }


def _with_template(words: list[str]) -> Schema:
    return {"properties": {"template": {"enum": words}}}


def _of_duration(_: type[attrs.AttrsInstance]) -> Schema:
    numbers: Schema = {}
    for name, most in LONGEST.items():
        numbers[name] = {
            "description": ABOUT[Duration][name],
            "type": "integer" if name == "working_days" else "number",
            "minimum": 0,
            "maximum": most,
        }
    working = [name for name in numbers if name.startswith("working")]
    elapsed = {"properties": {name: {"maximum": 0} for name in numbers if name not in working}}
    return {
        **_object(numbers),
        "minProperties": 1,
        "allOf": [
            {"if": {"anyOf": [{"required": [name]} for name in working]}, "then": elapsed},
            {"not": {"required": working}},
        ],
    }


def _of_cadence(cls: type[attrs.AttrsInstance]) -> Schema:
    found = _table(cls)
    # None of a working day is the rest of the day; no other length may be nothing.
    lengths = [{"required": ["working_days"]}] + [
        {"required": [name], "properties": {name: {"exclusiveMinimum": 0}}}
        for name in LONGEST
        if name != "working_days"
    ]
    found["properties"]["since"]["allOf"].append({"anyOf": lengths})
    named, counted = f"(^|;)({'|'.join(DAYS_NAMED)})=", "(^|;)FREQ=(WEEKLY|MONTHLY|YEARLY)(;|$)"
    hanging = [
        {"pattern": "(^|;)COUNT="},
        {"pattern": "(^|;)INTERVAL=", "not": {"pattern": "(^|;)INTERVAL=1(;|$)"}},
        {"pattern": counted, "not": {"pattern": named}},
    ]
    found["if"] = {"required": ["rrule"], "properties": {"rrule": {"anyOf": hanging}}}
    found["then"] = {"required": ["starts_on"]}
    return found


_DETAILED = {Constraint: _of_constraint, Duration: _of_duration, Cadence: _of_cadence}


def _condition() -> Schema:
    orders = {op.value: {"type": ["string", "number"]} for op in (Op.LT, Op.LE, Op.GT, Op.GE)}
    one_sort = [{"type": "array", "minItems": 1, "items": {"type": sort}} for sort in _SCALAR["type"]]
    compared = {
        Op.EQ.value: _SCALAR,
        Op.NE.value: _SCALAR,
        **orders,
        Op.IN.value: {"anyOf": one_sort},
        Op.IS_NULL.value: {"type": "boolean"},
        Op.MATCHES.value: {"type": "string"},
    }
    several = {"type": "array", "items": _ref("Condition")}
    return {
        "description": "What holds of an event or a case: attributes and what they are compared with.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"minLength": 1},
        "properties": {"all": several, "any": several, "not": _ref("Condition")},
        "additionalProperties": {"anyOf": [_SCALAR, {**_object(compared), "minProperties": 1}]},
    }
