"""Of rules that imply one another the strongest is told, and what goes against written rules is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import crmusage as cu
from crmusage.discovery import discover
from crmusage.discovery._pattern import OF_CASES, PAIRS, UNTRIED
from crmusage.model import Kind, Outcome, Text
from crmusage.rules import Constraint, Duration, Rulebook, Template, UsageRule
from crmusage.testing import simulate

from .company import Row, calls_never, company, usual

SAID = Text("A deal is entered", "Une affaire est saisie")
CALL_FIRST = UsageRule(
    id="call-first",
    situation=SAID,
    expect=[Constraint("response", "created", "call", within=Duration(days=30))],
)


def calls_next(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """A call right after the entry, days later; elsewhere there is one in a third of the cases, anywhere."""
    steps = [step for step in usual(draw, case) if step[0] != "call"]
    return [*steps, ("call", draw.uniform(2, 12))]


def calls_sometime(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """The call comes after the quote."""
    return [*(step for step in usual(draw, case) if step[0] != "call"), ("call", draw.uniform(21, 24))]


def test_of_chain_response_and_what_follows_from_it_the_chain_is_told_and_the_others_are_its_sides() -> None:
    (usage,) = discover(company(calls_next, cases=180))
    # The call is right after the entry and right before the quote: either says it all.
    assert usage.constraint.template in {Template.CHAIN_RESPONSE, Template.CHAIN_PRECEDENCE}
    assert "call" in {*usage.constraint.activities, *usage.constraint.targets}
    implied = {side.template for side in usage.others if side.targets == ("call",)}
    assert {Template.RESPONSE, Template.RESPONDED_EXISTENCE} <= implied


def test_a_chain_that_is_not_kept_is_not_told_where_the_weaker_rule_is() -> None:
    (usage,) = discover(company(calls_sometime, cases=180))
    sides = {(s.template, s.activities, s.targets) for s in (usage.constraint, *usage.others)}
    assert (Template.RESPONSE, ("created",), ("call",)) in sides
    assert (Template.CHAIN_RESPONSE, ("created",), ("call",)) not in sides


def test_every_template_is_tried_or_said_why_not() -> None:
    tried = {pattern.template for pattern in (*PAIRS, *OF_CASES)}
    assert tried | set(UNTRIED) == set(Template)
    assert not tried & set(UNTRIED)
    assert all(UNTRIED.values())


def never_both(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Elsewhere half of the deals have a visit, called or not; here who was called is not visited."""
    steps = usual(draw, case)
    called = any(name == "call" for name, _ in steps)
    return steps if called else [*steps, ("visit", draw.uniform(3, 13))]


def with_visits(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    steps = usual(draw, case)
    return [*steps, ("visit", draw.uniform(3, 13))] if draw.random() < 0.65 else steps


def test_what_is_never_done_together_is_found() -> None:
    def way(draw: random.Random, case: Row) -> list[tuple[str, float]]:
        return (never_both if case["unit"] == "team 0" else with_visits)(draw, case)

    (usage,) = discover(company(way, cases=200, everywhere=True))
    sides = (usage.constraint, *usage.others)
    apart = [side for side in sides if side.template is Template.NOT_CO_EXISTENCE]
    assert any({*side.activities, *side.targets} == {"call", "visit"} for side in apart)


def calls_if_urgent(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Whatever is urgent is called about within a day; the rest as elsewhere."""
    steps = usual(draw, case)
    if case["priority_rank"] != 1:
        return steps
    return [*(step for step in steps if step[0] != "call"), ("call", draw.uniform(0.1, 0.9))]


def test_a_rule_that_is_kept_only_under_a_condition_is_found_with_the_condition(tmp_path: Path) -> None:
    history = company(calls_if_urgent, cases=450)
    (usage,) = discover(history)
    said = usage.title.en
    assert usage.group.unit == "team 0"
    assert "(priority_rank = 1)" in said
    assert "call" in said
    assert "(priority_rank = 1)" in usage.title.fr
    rule = usage.as_rule()
    assert rule.expect[0].where is not None
    saved = Rulebook([rule]).save(tmp_path)
    assert Rulebook.load(tmp_path) == saved
    # As a rule it is judged on the very cases that it was found on.
    (row,) = cu.conformance.tally(history, [rule]).by("rule").rows()
    assert row["violated"] == 0
    assert row["fulfilled"] >= usage.measure.numerator


def test_the_report_names_the_written_rule_that_a_usage_goes_against() -> None:
    history = company(calls_never)
    report = cu.verify(history, Rulebook([CALL_FIRST]), only=["CU502"])
    (found,) = report.findings
    assert (found.kind, found.rule) == (Kind.PARASITIC, "call-first")
    assert "contradicts what is written: call-first" in found.text.en
    # Without the book it is a habit, and no finding.
    assert not cu.verify(history, only=["CU502"]).findings


def test_a_usage_that_a_written_rule_asks_for_is_no_unwritten_one_in_the_report() -> None:
    history = company(calls_never)
    no_calls = UsageRule(id="no-calls", situation=SAID, expect=[Constraint("absence", "call", n=1)])
    report = cu.verify(history, Rulebook([no_calls]), only=["CU502"])
    assert not report.findings
    ended = {one.scope.unit: one.outcome for one in report.assessments}
    assert ended["team 0"] is Outcome.CLEAR


@pytest.mark.parametrize("stricter", [False, True])
def test_a_usage_that_has_been_forbidden_and_is_still_kept_is_parasitic(stricter: bool) -> None:
    history = company(calls_never)
    (before,) = discover(history)
    rule = before.as_rule()
    if stricter:  # what was forbidden follows from what is done
        rule = UsageRule(
            id="no-call-after", situation=SAID, expect=[Constraint("not_succession", "created", "call")]
        )
    book = Rulebook().forbid(rule, who="sales-ops", why="Customers want to be called.")
    (after,) = discover(history, rulebook=book)
    assert after.nature == "parasitic"
    assert after.contradicts == (rule.id,)
    assert "has been forbidden" in after.reason.en


def test_what_only_tells_how_far_a_deal_has_come_is_not_held_against_an_honest_team() -> None:
    # Sales of three times the length: what is lost is lost before its quote, here as everywhere.
    found = discover(simulate("long-projects", seed=7, opportunities=20_000).history())
    assert len(found)
    assert {usage.nature for usage in found} == {"habit"}
