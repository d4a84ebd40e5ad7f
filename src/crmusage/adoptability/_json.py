"""Scores and balances as JSON."""

from __future__ import annotations

import json
from typing import Any

import attrs

from crmusage.adoptability._balance import Balance
from crmusage.adoptability._score import Score, Scores
from crmusage.model import Measure, Text, Undefined


def as_json(scores: Scores, balance: Balance | None = None) -> str:
    """Both with both languages of every sentence; `balance` is null where there is none."""
    value = {
        "schema": 1,
        "people": scores.people,
        "overall": [_score(one) for one in scores.overall],
        "units": {unit: [_score(one) for one in of_unit] for unit, of_unit in scores.units},
        "kept_back": scores.kept_back,
        "set_aside": {aside.reason: aside.count for aside in scores.set_aside},
        "disagreements": [
            {"criterion": one.criterion.value, "measure": _measure(one.measure), "text": _text(text)}
            for one, text in scores.disagreements
        ],
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
        return {"name": value.name, "undefined": value.reason}
    return {k: v for k, v in attrs.asdict(value).items() if k not in {"label", "unit"}}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}
