"""An outlook as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from crmusage.knowledge._fit import Fit
from crmusage.knowledge._ownership import Concern
from crmusage.knowledge._plan import Session, Strand
from crmusage.model import Measure, Text, Undefined

if TYPE_CHECKING:
    from crmusage.knowledge._outlook import Outlook


def as_json(one: Outlook) -> str:
    """The outlook with both languages of every sentence; shares from 0 to 1, hours of everybody together."""
    schedule = one.schedule
    value = {
        "schema": 1,
        "sound": one.sound,
        "months": one.programme.months,
        "erosion": attrs.asdict(one.programme.erosion),
        "fitted": _fitted(one.fitted),
        "known": {"with": list(schedule.average()), "without": list(schedule.average(refreshed=False))},
        "hours": schedule.hours,
        "topics": [_strand(strand) for strand in schedule.strands],
        "refreshers": [_session(session) for session in schedule.sessions],
        "set_aside": len(schedule.set_aside),
        "effects": [
            {
                "what": effect.what.value,
                "hours": effect.hours,
                "known": effect.known,
                "out_of_reach": effect.out_of_reach,
                "text": _text(effect.text),
            }
            for effect in one.effects
        ],
        "concerns": _concerns(one.concerns),
        "without_sponsor": _concerns(one.without_sponsor),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _fitted(found: Fit | Undefined | None) -> dict[str, Any] | None:
    if found is None:
        return None
    if isinstance(found, Undefined):
        return {"undefined": _text(found.reason)}
    return {
        "start": _measure(found.start),
        "forgotten_a_year": _measure(found.forgotten_a_year),
        "known": _measure(found.known),
        "horizon": found.horizon,
        "n": found.n,
        "text": _text(found.text),
    }


def _strand(strand: Strand) -> dict[str, Any]:
    return {
        "group": strand.group.id,
        "topic": strand.topic.id,
        "floor": strand.floor,
        "falls_below": strand.falls_below,
        "out_of_reach": strand.out_of_reach,
        "known": list(strand.known),
        "without": list(strand.without),
    }


def _session(one: Session) -> dict[str, Any]:
    return {
        "month": one.month,
        "group": one.group.id,
        "topic": one.topic.id,
        "before": one.before,
        "after": one.after,
        "hours": one.hours,
    }


def _concerns(concerns: Sequence[Concern]) -> list[dict[str, Any]]:
    return [
        {"what": one.what.value, "text": _text(one.text), "step": _text(one.step), "about": list(one.about)}
        for one in concerns
    ]


def _measure(value: Measure) -> dict[str, Any]:
    return {k: v for k, v in attrs.asdict(value).items() if k not in {"label", "unit"}}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}
