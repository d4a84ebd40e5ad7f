"""What the detectors that hold a unit against its peers have in common."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from crmusage.detectors import BUILT_IN
from crmusage.detectors._changes import UNKNOWN, amounts, days, fiscal_marks
from crmusage.detectors.close_dates._overdue_open import OverdueOpen
from crmusage.detectors.stages._stage_skipping import StageSkipping
from crmusage.model import Outcome

from .company import history, judged, of_unit
from .life import FAR, TEAMS, deals, event, told
from .test_overdue_open import deals as open_deals
from .test_stage_skipping import company, jump, step_by_step

TESTS = Path(__file__).parent


def test_with_too_few_peers_there_is_no_norm() -> None:
    cases = [case for team in TEAMS[:4] for case in open_deals(team, late=8)]
    ended = of_unit(judged(OverdueOpen(), history([*cases, *open_deals(FAR, late=34)])), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "fewer than 5 other units" in ended.reason.en


def test_what_has_only_just_begun_is_not_judged_on_the_few_since() -> None:
    cases = deals(FAR, 60, every=10)
    last = {case["case_id"] for case in cases[-12:]}
    found = judged(
        StageSkipping(),
        company(lambda case: (jump if case["case_id"] in last else step_by_step)(case), cases),
    ).findings
    assert all(finding.measure.denominator and finding.measure.denominator >= 30 for finding in found)


def test_every_unit_of_the_history_is_spoken_of() -> None:
    whole = company(step_by_step)
    silent_team = told([*whole.cases.to_dicts(), *deals("no stages")], whole.events.to_dicts())
    judgement = judged(StageSkipping(), silent_team)
    assert {one.scope.unit for one in judgement.assessments} == set(silent_team.index.units)
    assert of_unit(judgement, "no stages").outcome is Outcome.NOT_ASSESSABLE


def test_texts_that_tell_no_number_or_day_tell_nothing() -> None:
    case = deals(FAR, 1)[0]
    texts = ["2026-03-31", "2026-03-31T10:00:00Z", "soon", None]
    numbers = ["12.5", "n/a", None, "-3"]
    events = told(
        [case],
        [
            event(case, "note", place, old=old, new=new)
            for place, (old, new) in enumerate(zip(texts, numbers, strict=True))
        ],
    ).events
    day = (dt.date(2026, 3, 31) - dt.date(1970, 1, 1)).days
    assert days(events["old"]).tolist() == [day, day, UNKNOWN, UNKNOWN]
    assert amounts(events["new"]).tolist() == pytest.approx(
        [12.5, float("nan"), float("nan"), -3.0], nan_ok=True
    )


def test_fiscal_periods_are_those_that_the_calendar_calls_so() -> None:
    marks = fiscal_marks(told(deals(FAR, 1), []))
    assert [dt.date(1970, 1, 1) + dt.timedelta(days=mark) for mark in marks][:2] == [
        dt.date(2024, 1, 1),
        dt.date(2024, 4, 1),
    ]


def test_every_detector_of_the_funnel_has_cases_that_it_must_find_and_must_not() -> None:
    for one in BUILT_IN:
        if one.code.startswith("CU1"):
            text = (TESTS / f"test_{one.name.replace('-', '_')}.py").read_text(encoding="utf-8")
            assert "def shown()" in text, one.code
