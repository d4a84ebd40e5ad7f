from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import pytest

from crmusage.conformance import judge
from crmusage.rules import Constraint, Template, Verdict
from crmusage.rules._reading import read

from ..conformance import oracle
from ..conformance.logs import history_of
from ..rules import ltlf

DOCS = Path(__file__).parents[2] / "docs"


def _script():
    spec = importlib.util.spec_from_file_location("make_templates", DOCS / "make_templates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _script()
PAGES = {page.name: page for page in made.pages()}


def constraint_of(template: Template, *, n: int = 1, target: str = "b") -> Constraint:
    return Constraint(
        template, "a", target=None if template.is_unary else target, n=n if template.counts else None
    )


def test_the_pages_are_what_the_script_makes() -> None:
    for path, text in made.files().items():
        assert (DOCS / path).read_text(encoding="utf-8") == text, (
            f"run docs/make_templates.py: {path} is stale"
        )


def test_there_is_a_page_and_a_picture_for_each_template_and_no_other() -> None:
    names = {template.value for template in Template}
    assert set(PAGES) == names
    assert {path.stem for path in (DOCS / "reference" / "templates").iterdir()} == names
    assert {path.stem for path in (DOCS / "images" / "templates").iterdir()} == names


SHOWN = [(page.name, row) for page in PAGES.values() for row in page.cases]


@pytest.mark.parametrize(("name", "row"), SHOWN)
def test_each_small_case_has_the_verdicts_that_are_shown(name: str, row: str) -> None:
    shown = PAGES[name].cases[row]
    events = tuple(
        oracle.Event(k, event.activity, event.instant * oracle.DAY, {})
        for k, event in enumerate(shown.events)
    )
    end = (1 + max((event.instant for event in shown.events), default=0)) * oracle.DAY
    case = oracle.Case(0, None if shown.is_open else end, events, {"x": None, "size": None})
    wanted = {(k, event.verdict) for k, event in enumerate(shown.events) if event.verdict is not None}
    if shown.verdict is not None:
        wanted.add((None, shown.verdict))
    for shuffle in range(3):
        history = history_of([case], end, shuffle=shuffle)
        names = history.events["name"].to_list()
        judged = judge(history, constraint_of(Template(name)))
        found = {
            (None if at < 0 else names[at], Verdict(int(verdict)).name.lower())
            for at, verdict in zip(judged.at, judged.verdict, strict=True)
        }
        assert found == wanted


MEANT = {"kept": "fulfilled", "broken": "violated", "pending": "pending", "tied": "tied"}


@pytest.mark.parametrize(("name", "row"), SHOWN)
def test_a_row_shows_what_it_is_called(name: str, row: str) -> None:
    case = PAGES[name].cases[row]
    verdicts = {event.verdict for event in case.events} | {case.verdict}
    assert MEANT[row] in verdicts
    assert row != "kept" or verdicts <= {"fulfilled", None}


@pytest.mark.parametrize("template", list(Template))
def test_what_is_not_shown_never_comes(template: Template) -> None:
    constraint = constraint_of(template)
    found = set()
    for length in range(4):
        for trace in itertools.product("abc", repeat=length):
            for days in itertools.combinations_with_replacement(range(2), length):
                events = [
                    oracle.Event(k, a, day * oracle.DAY, {})
                    for k, (a, day) in enumerate(zip(trace, days, strict=True))
                ]
                for closed in (None, 4 * oracle.DAY):
                    case = oracle.Case(0, closed, tuple(events), {})
                    found.update(oracle.verdicts(constraint, case, 4 * oracle.DAY).values())
    assert found == {MEANT[row] for row in PAGES[template.value].cases}


FORMULAS = [
    (template, n, target)
    for template in Template
    for n in ((1, 2) if template.counts else (1,))
    for target in (("b",) if template.is_unary else ("b", "a"))
]


@pytest.mark.parametrize(("template", "n", "target"), FORMULAS)
def test_the_formula_holds_for_exactly_the_cases_that_keep_it(
    template: Template, n: int, target: str
) -> None:
    page = PAGES[template.value]
    formula = ltlf.parse((page.formula if n == 1 else page.formula_2).replace("b", target))
    constraint = constraint_of(template, n=n, target=target)
    for length in range(6):
        for trace in itertools.product("abc", repeat=length):
            events = [oracle.Event(k, activity, k, {}) for k, activity in enumerate(trace)]
            case = oracle.Case(0, length, tuple(events), {})
            activations = oracle.activations(constraint, case, events)
            kept = all(oracle.is_kept(constraint, case, events, activation) for activation in activations)
            assert formula(trace, 0) == kept, trace


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_the_example_is_a_rule_of_the_template(page) -> None:
    rule, faults = read(page.example, page.name)
    assert faults == []
    assert [constraint.template.value for constraint in rule.expect] == [page.name]


def test_every_example_has_an_id_of_its_own() -> None:
    ids = [read(page.example, "")[0].id for page in PAGES.values()]
    assert len(set(ids)) == len(ids)
