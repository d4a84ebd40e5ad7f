"""Faults of detectors that only one part of a check sees."""

from __future__ import annotations

from typing import Any

import pytest

from crmusage.detectors import Context, Judgement, Needs
from crmusage.history import History
from crmusage.model import Outcome, Text
from crmusage.testing import DetectorError, check_detector

from .test_detector_kit import Good, company


class FindsInNothing(Good):
    needs = Needs()

    def judge(self, tally: Any, context: Context) -> Judgement:
        if tally.rows():
            return super().judge(tally, context)
        blind = self.assessed("busy", Outcome.NOT_ASSESSABLE, Text("no rows", "aucune ligne"))
        return Judgement([self.found("busy", 60)], [blind])


class Gossiping(Good):
    """It names units in what it says of others."""

    def judge(self, tally: Any, context: Context) -> Judgement:
        units = [row["unit"] for row in tally.rows()]
        told = [unit for unit in units if context.unreportable(unit) is None]
        text = Text(f"more than {' and '.join(units)}", f"plus que {' et '.join(units)}")
        ended = [
            self.assessed(unit, Outcome.FOUND)
            if unit in told
            else self.assessed(unit, Outcome.NOT_ASSESSABLE, context.unreportable(unit))
            for unit in units
        ]
        return Judgement([self.found(unit, 60, text=text) for unit in told], ended)


class FirstComes(Good):
    """What it says depends on the part that came first."""

    def tally(self, part: History) -> Any:
        return super().tally(part), part.cases["case_id"][0] if part.cases.height else ""

    def merge(self, one: Any, other: Any) -> Any:
        return one[0].merge(other[0]), one[1]

    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally[0], context)
        findings = [
            self.found(one.scope.unit or "", 51 + len(tally[1]) + hash_of(tally[1])) for one in whole.findings
        ]
        return Judgement(findings, whole.assessments)


def hash_of(text: str) -> int:
    return sum(map(ord, text))


class Lopsided(Good):
    """It loses count where what was merged before stands on the right."""

    def tally(self, part: History) -> Any:
        return super().tally(part), False, 0

    def merge(self, one: Any, other: Any) -> Any:
        return one[0].merge(other[0]), True, one[2] + other[2] + other[1]

    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally[0], context)
        findings = [self.found(one.scope.unit or "", 60 + tally[2]) for one in whole.findings]
        return Judgement(findings, whole.assessments)


@pytest.mark.parametrize(
    ("check", "bad", "told"),
    [
        ("empty", FindsInNothing, "it finds something in an empty history"),
        ("small_units", Gossiping, "of 4 persons, in what it says of others"),
        ("parts", FirstComes, "merged from the last to the first"),
        ("parts", Lopsided, "it matters which of 5 parts are merged first"),
    ],
)
def test_a_fault_that_shows_in_one_way_only_is_seen(check: str, bad: type[Good], told: str) -> None:
    with pytest.raises(DetectorError) as failed:
        check_detector(bad(), company(), only=[check])
    assert told in str(failed.value)
