"""Scores and balances as JSON."""

from __future__ import annotations

import json
from typing import Any

import attrs

from crmusage.adoptability._balance import Balance
from crmusage.adoptability._coercion import Coercion
from crmusage.adoptability._indicator import Indicator
from crmusage.adoptability._score import Score, Scores
from crmusage.model import Measure, Text, Undefined


def as_json(scores: Scores, balance: Balance | None = None, coercion: Coercion | None = None) -> str:
    """All with both languages of every sentence; `balance` and `coercion` are null where there is none."""
    value = {
        "schema": 1,
        "people": scores.people,
        "overall": [_score(one) for one in scores.overall],
        "units": {unit: [_score(one) for one in of_unit] for unit, of_unit in scores.units},
        "kept_back": scores.kept_back,
        "set_aside": {aside.reason: aside.count for aside in scores.set_aside},
        "indicators": [indicator_as_dict(one) for one in scores.indicators],
        "disagreements": [
            {"criterion": one.criterion.value, "measure": _measure(one.measure), "text": _text(text)}
            for one, text in scores.disagreements
        ],
        "coercion": None if coercion is None else coercion_as_dict(coercion),
        "balance": None if balance is None else _balance(balance),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _score(one: Score) -> dict[str, Any]:
    return {
        "criterion": one.criterion.value,
        "value": _measure(one.value),
        "verdict": one.verdict.value,
        "aspects": {about.value: _measure(value) for about, value in one.aspects},
        "alpha": _measure(one.alpha),
        "omega": _measure(one.omega),
    }


def indicator_as_dict(one: Indicator) -> dict[str, Any]:
    """A figure of a history, as JSON has it."""
    return {
        "criterion": one.criterion.value,
        "measure": _measure(one.measure),
        "level": one.level,
        "better": one.better.value,
        "verdict": one.verdict.value,
        "text": _text(one.text),
    }


def coercion_as_dict(one: Coercion) -> dict[str, Any]:
    """Whether use is kept up by pressure, as JSON has it."""
    return {
        "around_controls": _measure(one.around_controls),
        "by_product": _measure(one.by_product),
        "verdict": one.verdict.value,
        "units": list(one.units),
        "text": _text(one.text),
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "today": [
            {"group": one.group.id, "gains": one.gains, "costs": one.costs, "net": one.net}
            for one in balance.today
        ],
        "returns": {each.value: [one.id for one in features] for each, features in balance.returns().items()},
        "conflicts": [{"feature": one.id, "text": _text(text)} for one, text in balance.conflicts],
        "conflict": None if balance.conflict is None else _text(balance.conflict),
        "burdens": [{"feature": one.id, "text": _text(text)} for one, text in balance.burdens],
        "unrelieved": [one.id for one in balance.unrelieved],
        "backlog": [
            {"feature": one.feature.id, "users_after": one.users_after, "reason": _text(one.reason)}
            for one in balance.backlog()
        ],
    }


def _measure(value: Measure | Undefined) -> dict[str, Any]:
    if isinstance(value, Undefined):
        return {"name": value.name, "undefined": _text(value.reason)}
    return {k: v for k, v in attrs.asdict(value).items() if k not in {"label", "unit"}}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}
