"""Detectors of others: found by entry point, told apart by code, and never able to take a report down."""

from __future__ import annotations

import datetime as dt
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from crmusage.detectors import BUILT_IN
from crmusage.errors import CrmUsageWarning, PluginError
from crmusage.history import History
from crmusage.model import Outcome
from crmusage.plugins import GROUP, detectors, installed
from crmusage.verification import verify

from .testing.test_detector_kit import Good, company

ACME = Path(__file__).parents[1] / "examples" / "acme_detectors"


class Twin(Good):
    pass


class Breaking(Good):
    code = "TEST102"

    def tally(self, part: History) -> Any:
        raise KeyError("stage")


class Rambling(Good):
    code = "TEST103"

    def judge(self, tally: Any, context: Any) -> Any:
        return "all is well"


class Ours(Good):
    code = "CU998"


class Shouting(Good):
    code = "many deals"


NOT_A_DETECTOR = 7


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes entry points of names in this module."""

    def made(*names: str) -> None:
        points = [EntryPoint(name.lower(), f"{__name__}:{name}", GROUP) for name in names]
        monkeypatch.setattr("crmusage.plugins.entry_points", lambda group: points if group == GROUP else [])

    return made


def test_an_installed_detector_stands_among_the_built_in_ones(install: Any) -> None:
    install("Good")
    assert [one.code for one in detectors()] == [*(one.code for one in BUILT_IN), "TEST101"]


def test_two_detectors_of_one_code_are_an_error_that_names_both(install: Any) -> None:
    install("Good", "Twin")
    with pytest.raises(PluginError, match=r"TEST101 is taken twice: by .*:Good and by .*:Twin"):
        detectors()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Missing", "cannot be loaded (AttributeError"),
        ("NOT_A_DETECTOR", "is no detector"),
        ("Ours", "has the code 'CU998'"),
        ("Shouting", "has the code 'many deals'"),
    ],
)
def test_what_gives_no_detector_is_told_and_the_others_are_there(install: Any, name: str, why: str) -> None:
    install("Good", name)
    with pytest.warns(CrmUsageWarning, match=name):
        there = installed()
    assert there.detectors[-1].code == "TEST101"
    (broken,) = there.broken
    assert (broken.code, broken.outcome) == (name.lower(), Outcome.NOT_ASSESSABLE)
    assert broken.reason is not None
    assert why in broken.reason.en
    assert broken.reason.fr != broken.reason.en


def test_a_report_says_which_detectors_could_not_be_asked_and_the_others_go_on(install: Any) -> None:
    install("Breaking", "Good", "Missing", "Rambling")
    with pytest.warns(CrmUsageWarning):
        report = verify(company())
    ended = {one.code: one for one in report.assessments if one.scope.unit is None}
    for code, why in (
        ("missing", "cannot be loaded"),
        ("TEST102", "KeyError: 'stage'"),
        ("TEST103", "judge gave str, not a Judgement"),
    ):
        assert ended[code].outcome is Outcome.NOT_ASSESSABLE
        assert ended[code].reason is not None
        assert why in ended[code].reason.en
    assert [finding.code for finding in report.findings] == ["TEST101"]


def test_a_plugins_words_are_french_in_a_french_report(install: Any) -> None:
    install("Good")
    report = verify(company(), only=["TEST101"])
    text = report.to_text("fr").replace("\N{NO-BREAK SPACE}", " ")
    assert "busy : beaucoup d'affaires" in text
    assert "many deals" not in text
    assert "Many deals" not in text
    assert "deals" not in text.replace("many-deals", "")
    assert "affaires" in report.to_html(lang="fr")
    assert "beaucoup d'affaires" in text


def test_the_example_is_installable_and_keeps_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("src", "tests"):
        monkeypatch.syspath_prepend(str(ACME / folder))
    import test_round_amounts as example

    example.test_it_keeps_the_contract_of_detectors()
    detector = sys.modules["acme_detectors"].RoundAmounts()
    point = EntryPoint("round-amounts", "acme_detectors:RoundAmounts", GROUP)
    assert f'round-amounts = "{point.value}"' in (ACME / "pyproject.toml").read_text(encoding="utf-8")
    assert point.load()() == detector
    report = verify(example.company(30), detectors=[detector])
    assert "montants qui semblent estimés" in report.to_text("fr")
    assert report.as_of == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
