from __future__ import annotations

import json
from typing import Any

from crmusage.adoptability import as_json as of_scores
from crmusage.adoptability import coercion_as_dict, indicator_as_dict
from crmusage.knowledge import closes_as_json
from crmusage.model import Text
from crmusage.programme._overview import Overview
from crmusage.programme._steps import Step


def as_json(one: Overview) -> str:
    """The whole programme as JSON: its parts as their own commands write them, and the next steps.

    Both languages of every sentence. A part that was not given is null.
    """
    value = {
        "schema": 1,
        "on": None if one.on is None else one.on.isoformat(),
        "adoptability": None
        if one.scores is None
        else json.loads(
            of_scores(one.scores, one.balance, None if one.observed is None else one.observed.coercion)
        ),
        "maturity": None if one.maturity is None else json.loads(one.maturity.to_json()),
        "knowledge": None if one.knowledge is None else json.loads(one.knowledge.to_json()),
        "close": json.loads(closes_as_json(one.closes, one.on)) if one.closes else None,
        "observed": _observed(one),
        "findings": None
        if one.findings is None
        else [
            {
                "code": finding.code,
                "name": finding.name,
                "kind": finding.kind.value,
                "severity": finding.severity.value,
                "unit": finding.scope.unit,
                "rule": finding.rule,
                "text": _text(finding.text),
            }
            for finding in one.findings
        ],
        "next": [_step(step) for step in one.next],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _observed(one: Overview) -> dict[str, Any] | None:
    seen = one.observed
    if seen is None:
        return None
    return {
        "as_of": seen.as_of.isoformat(),
        "indicators": [indicator_as_dict(each) for each in seen.indicators],
        "coercion": None if seen.coercion is None else coercion_as_dict(seen.coercion),
        "observations": [
            {"practice": each.practice, "holds": each.holds, "text": _text(each.text)}
            for each in seen.observations
        ],
        "orphans": [{"what": each.what.value, "about": list(each.about)} for each in seen.orphans],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "turn": step.turn.name.lower(),
        "part": step.part.value,
        "what": _text(step.what),
        "why": _text(step.why),
        "shown_by": None if step.shown_by is None else _text(step.shown_by),
    }


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}
