"""What is counted once is told in the singular, in both languages."""

from __future__ import annotations

import re
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crmusage.detectors import BUILT_IN
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._words import _LEFT_OUT, both, left_out, too_few
from crmusage.detectors.aggregate import _hidden_by_aggregate
from crmusage.detectors.creation import _late_creation, _late_creation_told
from crmusage.detectors.data_entry import _mandatory_field_fatigue
from crmusage.detectors.requests import _channels
from crmusage.detectors.unwritten import _unwritten_rule, _usage_multiplicity
from crmusage.detectors.written import _rule_not_kept_told
from crmusage.discovery import Discovery, Gap, Group, _digest, _told
from crmusage.metrics import Change, Contrast, Standing, contrast, share
from crmusage.model import Measure, Norm, Period, RuleTally, Text
from crmusage.rules import Situation

from .company import END

_SINGULAR_EN = "is|was|has|this|its|across|as|rests|comes|works|sets"
_SINGULAR_FR = "fois|mois|dans|sans|sous|chez|des|les|près|pas|plus"
MANY = {
    "en": re.compile(
        rf"\b1\s(?:other |more |such )?(?!(?:{_SINGULAR_EN})\b)[a-z]+s\b|\b1\s(?:more )?(?:are|were|have|rest|come)\b"
    ),
    "fr": re.compile(
        rf"\b1\s\(?(?!(?:{_SINGULAR_FR})\b)\w+[sx]\b|\b1\s(?:sont|ont)\b|\b(?:les|des|ces)\s1\s|\b1\sde plus (?:ne )?(?:tiennent|durent)\b"
    ),
}
"""A one with several, or with a verb for several."""


def told_of_one(text: Text) -> None:
    """Fail where a one goes with a plural."""
    for lang, pattern in MANY.items():
        found = pattern.search(text.into(lang))
        assert found is None, f"{found.group() if found else ''!r} in: {text.into(lang)}"


def seen() -> Seen:
    """A unit in which everything was counted once."""
    measure = share(1, 1, name="x")
    assert isinstance(measure, Measure)
    norm = Norm(0.5, 0.1, 0.9, 12, "funnel")
    return Seen(
        place=0,
        unit="Nord",
        months=None,
        onset=None,
        measure=measure,
        standing=Standing(1.0, norm, 3.0, 0.001, 0.999, 0.002),
        p_value=0.001,
        q_value=0.01,
        judged=1,
        peers=None,  # type: ignore[arg-type]  # no picture is drawn
        bent=(),
        sums=defaultdict(lambda: 1),
        points=(),
        cases=(),
    )


AGAINST_PEERS = [one for one in BUILT_IN if isinstance(one, AgainstPeers)]


def test_the_patterns_know_a_plural() -> None:
    for wrong in (
        "1 units",
        "1 other currencies",
        "1 more rest on",
        "1\N{NO-BREAK SPACE}comparisons",
        "1 are",
    ):
        with pytest.raises(AssertionError):
            told_of_one(Text(f"so {wrong} now", ""))
    for wrong in (
        "1 unités",
        "1 (importées)",
        "dont 1 perdues",
        "les 1 unité",
        "1\N{NO-BREAK SPACE}dossiers",
    ):
        with pytest.raises(AssertionError):
            told_of_one(Text("", f"soit {wrong}"))
    told_of_one(Text("1 unit, 1 time, 1 of them, 1 was", "1 unité, 1 fois, 1 dans, 1 (importée)"))


@pytest.mark.parametrize("detector", AGAINST_PEERS, ids=lambda one: one.code)
def test_a_detector_tells_what_was_seen_once_in_the_singular(detector: AgainstPeers) -> None:
    told_of_one(both(lambda w: detector.say(w, seen())))


@pytest.mark.parametrize("detector", AGAINST_PEERS, ids=lambda one: one.code)
def test_a_detector_tells_the_one_thing_left_out_in_the_singular(detector: AgainstPeers) -> None:
    words = detector.words_of_reasons()
    for reason in words:
        told_of_one(both(lambda w, reason=reason: left_out(w, {reason: 1}, words)))
    told_of_one(both(lambda w: left_out(w, dict.fromkeys(words, 1), words)))


@pytest.mark.parametrize("words", [_LEFT_OUT, OF_CHANGES])
def test_two_things_left_out_are_still_told_in_the_plural(words: dict[str, Text]) -> None:
    told = both(lambda w: left_out(w, {"import": 2}, words))
    assert told == Text("2 (imported)", "2 (importées)")


def _of_late_creation(**given: Any) -> Text:
    held = SimpleNamespace(standing=SimpleNamespace(norm=SimpleNamespace(units=12)))
    found = SimpleNamespace(unit=0, judged=1, figures=(held,))
    sheet = SimpleNamespace(
        out=lambda *_: {"import": 1},
        clockless=1,
        has_pipeline=True,
        other_currencies=1,
        currency="EUR",
        opportunities=True,
        **given,
    )
    wins = share(9, 10, name="win_rate")
    cycle = Measure("typical_cycle", 4.0, unit="days")
    return both(lambda w: _late_creation_told._reasoning(w, sheet, found, wins, cycle))  # type: ignore[arg-type]


def _of_discovery(**given: Any) -> Text:
    usual = {
        "usages": (),
        "by": ("unit",),
        "as_of": END,
        "tried": 1,
        "signs": 1,
        "assessed": (Group(unit="Nord"),),
        "not_assessable": {},
        "left_out": {},
        "of_one_person": 1,
        "of_a_season": 1,
        "written": 0,
    }
    found = Discovery(**{**usual, **given})  # type: ignore[arg-type]
    return Text(found.explain("en"), found.explain("fr"))


def _once() -> Measure:
    measure = share(1, 1, name="x")
    assert isinstance(measure, Measure)
    return measure


def _kept_once() -> Text:
    usage = SimpleNamespace(measure=_once(), peers=_once(), period=Period.month(2026, 3))
    return both(lambda w: _told._kept(usage, w))  # type: ignore[arg-type]


def _by_channel() -> Text:
    apart = contrast(90, 100, 10, 100)
    assert isinstance(apart, Contrast)
    table = np.array([[[90.0, 10.0], [10.0, 90.0]]])
    return both(lambda w: _channels._said(w, "fax", table, apart))


_TWO_WAYS = SimpleNamespace(ways=((Group(unit="Nord"),), (Group(unit="Sud"),)))
_TALLY = RuleTally("r", 1, 0, "existence(call)", pending=1, tied=1, fulfilled=1)
_CHANGE = Change(at=18_000, low=18_000, high=18_000, before=0.1, after=0.9, p_value=0.01)
_HELD = Standing(0.2, Norm(0.5, 0.1, 0.9, 12, "funnel"), -3.0, 0.999, 0.001, 0.002)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(too_few(1, 20), id="too few decided"),
        pytest.param(_late_creation._too_few(1, {"deleted": 1}), id="CU112 too few"),
        pytest.param(_late_creation._too_few_won(1), id="CU112 too few won"),
        pytest.param(_late_creation._too_recent(_CHANGE, 1), id="CU112 too recent"),
        pytest.param(_of_late_creation(), id="CU112"),
        pytest.param(
            both(lambda w: _rule_not_kept_told.reasoning(w, _TALLY, _HELD, 1)), id="CU001"
        ),
        pytest.param(
            both(lambda w: _hidden_by_aggregate._reasoning(w, SimpleNamespace(out=lambda _: {"burst": 1}), 0, 1)),  # type: ignore[arg-type]
            id="CU501",
        ),
        pytest.param(both(lambda w: _unwritten_rule._tried(w, 1, 1, 1)), id="CU502"),
        pytest.param(both(lambda w: _usage_multiplicity._told(_TWO_WAYS, w)), id="CU503"),  # type: ignore[arg-type]
        pytest.param(both(lambda w: _mandatory_field_fatigue._reasoning(w, 1, alone=True)), id="CU303"),
        pytest.param(both(lambda w: _mandatory_field_fatigue._reasoning(w, 1, alone=False)), id="CU303 company"),
        pytest.param(_by_channel(), id="CU411 channels"),
        pytest.param(_of_discovery(), id="discovery"),
        pytest.param(_kept_once(), id="an unwritten usage"),
        pytest.param(Gap(Situation("A tie", "Une égalité"), "deal", 1, _once()).text, id="a gap"),
        *(pytest.param(_of_discovery(left_out={reason: 1}), id=f"left out: {reason}") for reason in _digest._OUT),
    ],
)  # fmt: skip
def test_one_is_told_in_the_singular(text: Text) -> None:
    assert re.search(r"\b1\b", text.en)
    assert re.search(r"\b1\b", text.fr)
    told_of_one(text)
