"""An assessment as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from crmusage.maturity._catalogue import Practice, Stage
from crmusage.maturity._sheet import Standing
from crmusage.model import Measure, Text, Undefined

if TYPE_CHECKING:
    from crmusage.maturity._assess import Assessment


def as_json(one: Assessment) -> str:
    """The assessment with both languages of every sentence."""
    value = {
        "schema": 1,
        "roles": list(one.roles),
        "dates": [None if day is None else day.isoformat() for day in one.dates],
        "reached": _stage(one.reached),
        "certain": one.certain,
        "levels": [
            {
                "dimension": level.dimension.value,
                "reached": _stage(level.reached),
                "at_most": _stage(level.at_most),
                "gates": {gate.stage.word: gate.state.value for gate in level.gates},
            }
            for level in one.levels
        ],
        "practices": [_standing(each) for each in one.standings],
        "training_wheels": [_standing(each) for each in one.wheels],
        "agreement": _measure(one.agreement),
        "inconsistencies": [
            {
                "ahead": each.ahead.value,
                "behind": each.behind.value,
                "stage": _stage(each.stage),
                "behind_stage": _stage(each.behind_stage),
                "signs": _ids(each.signs),
                "risk": each.risk.value,
                "text": _text(each.text),
            }
            for each in one.inconsistencies
        ],
        "risks": [
            {
                "kind": each.kind.value,
                "dimension": each.dimension.value,
                "practices": _ids(each.practices),
                "text": _text(each.text),
            }
            for each in one.risks
        ],
        "readiness": [
            {
                "dimension": each.dimension.value,
                "next_stage": _stage(each.next_stage),
                "ready": each.ready,
                "reason": _text(each.reason),
            }
            for each in one.readiness
        ],
        "plan": [
            {
                "verb": step.verb.value,
                "practice": step.practice.id,
                "stage": step.practice.stage.word,
                "dimension": step.practice.dimension.value,
                "text": _text(step.practice.text),
                "reason": _text(step.reason),
                "needs": _ids(step.needs),
                "shown_by": _text(step.practice.shown_by),
            }
            for step in one.plan
        ],
        "observations": [
            {
                "practice": seen.practice,
                "holds": seen.holds,
                "measure": _measure(seen.measure),
                "text": _text(seen.text),
            }
            for seen in one.observations
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "id": one.practice.id,
        "answer": one.answer.value,
        "disputed": one.disputed,
        "given": [
            {
                "role": role,
                "answer": reply.answer.value,
                "note": reply.note,
                "since": None if reply.since is None else reply.since.isoformat(),
            }
            for role, reply in one.given
        ],
    }


def _measure(value: Measure | Undefined) -> dict[str, Any]:
    if isinstance(value, Undefined):
        return {"name": value.name, "undefined": _text(value.reason)}
    return {k: v for k, v in attrs.asdict(value).items() if k not in {"label", "unit"}}


def _stage(stage: Stage | None) -> str | None:
    return None if stage is None else stage.word


def _ids(practices: tuple[Practice, ...]) -> list[str]:
    return [one.id for one in practices]


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}
