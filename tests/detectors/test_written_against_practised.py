from __future__ import annotations

import attrs
import polars as pl
import pytest

from crmusage.detectors.knowledge._written_against_practised import WrittenAgainstPractised
from crmusage.history import History
from crmusage.model import Kind, Outcome, Verb
from crmusage.rules import Constraint, Duration, Rulebook

from .company import judged, of_unit, only, silent
from .knowledge_company import held, history, simulated

CU604 = WrittenAgainstPractised()


def shown() -> History:
    """A history in which it finds something."""
    return history("own-way")


def book() -> Rulebook:
    """The rule that a branch has replaced."""
    return simulated("own-way").book


def changed(**tables: pl.DataFrame) -> History:
    simulation = simulated("own-way")
    return History.from_frames(as_of=simulation.as_of, **{**simulation.tables, **tables})


def test_one_finding_tells_the_rule_and_what_is_done_instead() -> None:
    found = only(held(CU604, "own-way"))
    assert (found.scope.unit, found.rule) == (simulated("own-way").unit, "call-within-two-days")
    assert found.kind is Kind.NONCONFORMITY
    assert found.measure.value == pytest.approx(0.66, abs=0.08)
    assert "after ‘created’, ‘call’ follows, within 2 days" in found.text.en
    assert "something else stands in its place: after ‘created’, ‘message’ follows" in found.text.en
    assert "autre chose a pris sa place" in found.text.fr
    assert [one.verb for one in found.proposals] == [Verb.AMEND, Verb.ANNOUNCE]


def test_the_cases_that_it_shows_break_the_rule_and_have_the_practice() -> None:
    found = only(held(CU604, "own-way"))
    events = simulated("own-way").tables["events"]
    for case_id in found.cases:
        of_case = events.filter(pl.col("case_id") == case_id)
        created = of_case.filter(pl.col("activity") == "created")["at"][0]
        assert of_case.filter((pl.col("activity") == "message") & (pl.col("at") > created)).height
        calls = of_case.filter(pl.col("activity") == "call")["at"]
        assert all((at - created).days >= 2 for at in calls)


@pytest.mark.parametrize("scenario", ["nothing-forgotten", "no-way-at-all", "both"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(held(CU604, scenario))


def calls_after_quotes(days: float) -> History:
    """The planted branch calls so many days after its quotes, and never before."""
    simulation = simulated("own-way")
    events = simulation.tables["events"].filter(pl.col("activity") != "message")
    mine = pl.col("unit") == simulation.unit
    others = events.filter(~(mine & (pl.col("activity") == "call")))
    after = (
        events.filter(mine & (pl.col("activity") == "quote_sent"))
        .with_columns(activity=pl.lit("call"), at=pl.col("at") + pl.duration(seconds=round(days * 86_400)))
        .filter(pl.col("at") < simulation.as_of)
    )
    return changed(events=pl.concat([others, after]))


def test_what_should_come_first_and_comes_afterwards_is_a_practice_too() -> None:
    (rule,) = book()
    first = Rulebook([attrs.evolve(rule, expect=(Constraint("precedence", "quote_sent", "call"),))])
    found = only(judged(CU604.with_rules(first), calls_after_quotes(0.5)))
    assert found.scope.unit == simulated("own-way").unit
    assert "after ‘quote_sent’, ‘call’ follows, and not before it" in found.text.en


def test_what_is_done_late_stands_in_nobodys_place() -> None:
    (rule,) = book()
    soon = attrs.evolve(rule, expect=(Constraint("response", "quote_sent", "call", within=Duration(days=2)),))
    assert silent(judged(CU604.with_rules(Rulebook([soon])), calls_after_quotes(5)))


def test_one_persons_way_is_not_told() -> None:
    events = simulated("own-way").tables["events"]
    cases = simulated("own-way").tables["cases"]
    alone = events.with_columns(actor=pl.col("unit") + ".only")
    assert silent(
        judged(CU604.with_rules(book()), changed(events=alone, cases=cases.drop("created_by")), min_group=1)
    )


def test_what_a_program_sends_is_nobodys_way() -> None:
    events = (
        simulated("own-way")
        .tables["events"]
        .with_columns(
            origin=pl.when(pl.col("activity") == "message").then(pl.lit("automation")).otherwise("origin")
        )
    )
    assert silent(judged(CU604.with_rules(book()), changed(events=events)))


def test_a_rule_about_a_case_as_a_whole_has_nothing_in_its_place() -> None:
    (rule,) = book()
    whole = attrs.evolve(rule, expect=(Constraint("existence", "call", n=1),))
    judgement = judged(CU604.with_rules(Rulebook([whole])), shown())
    assert silent(judgement)
    assert {one.outcome for one in judgement.assessments} == {Outcome.NOT_ASSESSABLE}


def test_without_rules_it_cannot_tell() -> None:
    ended = of_unit(judged(CU604, shown()), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "no written rule" in ended.reason.en
