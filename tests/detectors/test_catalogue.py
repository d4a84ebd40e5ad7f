from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.detectors import BUILT_IN, Context, Detector, Needs, ReadsRules, examine
from crmusage.errors import PluginError
from crmusage.history import History
from crmusage.model import Outcome
from crmusage.testing import check_detector

from .company import END, START, history, judged, late, peers

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "detectors"

_GIVEN = "it judges the tallies of rules that it is given, not the history"
EXPECTED: dict[str, dict[str, str]] = {
    "CU001": {"empty": _GIVEN, "tiny": _GIVEN},
    "CU603": {"empty": _GIVEN, "tiny": _GIVEN},
    "CU606": {"tiny": "it looks at who opens the tool, however many cases there are"},
}
"""Checks of the contract that a built-in detector fails, each with the reason."""


def _script() -> Any:
    path = Path(__file__).parents[2] / "docs" / "make_detectors.py"
    spec = importlib.util.spec_from_file_location("make_detectors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _script()
every = pytest.mark.parametrize("detector", BUILT_IN, ids=lambda detector: detector.code)


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes, names = [one.code for one in BUILT_IN], [one.name for one in BUILT_IN]
    assert codes == sorted(set(codes))
    assert len(names) == len(set(names))


@every
def test_a_detector_keeps_the_protocol(detector: Detector) -> None:
    assert isinstance(detector, Detector)
    assert re.fullmatch(r"CU\d{3}", detector.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", detector.name)


@every
def test_a_detector_says_what_it_is_about_in_both_languages(detector: Detector) -> None:
    for text in (detector.title, detector.about):
        assert text.en
        assert text.fr
        assert text.en != text.fr
    assert len(detector.about.en) > 200
    assert len(detector.about.fr) > 200


@every
def test_a_detector_keeps_the_contract_that_plugins_keep(detector: Detector) -> None:
    cases = importlib.import_module(f"tests.detectors.test_{detector.name.replace('-', '_')}")
    shown = getattr(cases, "shown", None)
    rules = getattr(cases, "rules", tuple)()
    if isinstance(detector, ReadsRules):
        detector = detector.with_rules(cases.book())
    check_detector(
        detector, shown() if shown else None, rules=rules, expected_failures=EXPECTED.get(detector.code)
    )


@every
def test_a_detector_has_a_page(detector: Detector) -> None:
    page = DOCS / f"{detector.code}.md"
    assert page.read_text(encoding="utf-8") == made.page(detector), "run python docs/make_detectors.py"


def test_every_page_has_a_detector_and_the_list_has_them_all() -> None:
    pages = {path.stem for path in DOCS.glob("*.md")} - {"README"}
    assert pages == {one.code for one in BUILT_IN}
    assert (DOCS / "README.md").read_text(encoding="utf-8") == made.listed(BUILT_IN)


@every
def test_a_detector_is_a_value_without_a_memory(detector: Detector) -> None:
    whole = history(peers(6) + late())
    assert judged(detector, whole) == judged(detector, whole)
    assert type(detector)() == detector


@every
def test_an_empty_history_is_not_assessable_for_the_company(detector: Detector) -> None:
    empty = History.from_records(cases=[], as_of=END)
    judgement = judged(detector, empty)
    assert judgement.findings == ()
    (one,) = judgement.assessments
    assert (one.code, one.scope.unit, one.outcome) == (detector.code, None, Outcome.NOT_ASSESSABLE)
    assert one.reason is not None


_OUTCOMES = st.sampled_from([None, "won", "lost", "cancelled"])
_CASES = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["opportunity", "request"]),
            "unit": st.sampled_from([None, "A", "B", "C", "D", "E", "F", "G"]),
            "created": st.integers(0, 600),
            "took": st.integers(0, 100),
            "outcome": _OUTCOMES,
            "amount": st.one_of(st.none(), st.floats(-1e15, 1e15)),
        }
    ),
    max_size=40,
)


@given(_CASES, st.integers(1, 5))
def test_whatever_the_cases_every_detector_ends_and_parts_change_nothing(
    drawn: list[dict[str, Any]], parts: int
) -> None:
    records = [
        {
            "case_id": str(place),
            "kind": case["kind"],
            "unit": case["unit"],
            "created_at": START + dt.timedelta(days=case["created"]),
            "closed_at": START + dt.timedelta(days=case["created"] + case["took"])
            if case["outcome"]
            else None,
            "outcome": case["outcome"],
            "amount": case["amount"],
        }
        for place, case in enumerate(drawn)
    ]
    whole = history(records) if records else History.from_records(cases=[], as_of=END)
    context = Context(as_of=whole.as_of, min_group=1)
    for detector in BUILT_IN:
        judgement = examine(detector, whole, context)
        assert judgement.assessments
        assert judgement == examine(detector, whole, context, parts=parts)
        found = {one.scope for one in judgement.assessments if one.outcome is Outcome.FOUND}
        assert {(finding.scope.unit, finding.scope.profile) for finding in judgement.findings} == {
            (scope.unit, scope.profile) for scope in found
        }


def test_what_is_needed_and_missing_is_told_all_at_once() -> None:
    needs = Needs(
        {"cases": ("unit", "amount", "priority_rank"), "people": ("profile",)}, activities=("won", "call")
    )
    whole = history(peers(1), [{"case_id": "team 00-000-0000", "activity": "call", "at": END}])
    missing = needs.missing(whole)
    assert missing is not None
    assert missing.en == "the data cannot show it: no cases.priority_rank, no rows in people, no event won"
    assert missing.fr.endswith(
        "cases.priority_rank absent ou vide, aucune ligne dans people, aucun événement won"
    )
    assert Needs().missing(whole) is None
    assert Needs({"events": ()}, activities=("call",)).missing(whole) is None


@pytest.mark.parametrize(
    ("entity", "field", "needs", "lacks"),
    [
        ("events", None, "events.stage", True),
        ("events", "stage", "events.stage", True),
        ("events", "email", "events", True),
        ("events", "email", "events.stage", False),
        ("people", None, "events.stage", False),
    ],
)
def test_what_the_source_has_not_seen_as_a_whole_is_missing(
    entity: str, field: str | None, needs: str, lacks: bool
) -> None:
    def with_coverage(complete: bool | None) -> History:
        rows = [{"entity": entity, "field": field, "complete": complete}]
        return History.from_records(cases=peers(1), coverage=rows, as_of=END)

    missing = Needs(complete=(needs,)).missing(with_coverage(False))
    assert (missing is not None) == lacks
    if missing is not None:
        assert "is not seen as a whole" in missing.en
        assert "n’est vu qu’en partie" in missing.fr
    for said in (True, None):
        assert Needs(complete=(needs,)).missing(with_coverage(said)) is None


def test_needing_a_table_that_no_history_has_is_the_detectors_fault() -> None:
    with pytest.raises(PluginError, match="invoices"):
        Needs({"invoices": ()}).missing(history(peers(1)))
