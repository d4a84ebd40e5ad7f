from __future__ import annotations

import attrs
import polars as pl
import pytest

from crmusage.detectors.knowledge._newcomer_gap import FEWEST, NewcomerGap
from crmusage.errors import CrmUsageWarning
from crmusage.history import History
from crmusage.model import Kind, Outcome, Scope, Verb
from crmusage.rules import Constraint, Rulebook
from crmusage.verification import verify

from .company import judged, of_unit, only, silent
from .knowledge_company import held, history, simulated

CU605 = NewcomerGap()


def shown() -> History:
    """A history in which it finds something."""
    return history("newcomers")


def book() -> Rulebook:
    """The rule that newcomers do not keep."""
    return simulated("newcomers").book


def test_it_says_which_rule_newcomers_keep_less_and_by_how_much() -> None:
    found = only(held(CU605, "newcomers"))
    assert (found.scope, found.rule, found.kind) == (Scope(), "call-within-two-days", Kind.GAP)
    assert found.measure.value == pytest.approx(0.5, abs=0.08)
    assert found.measure.low < found.measure.value < found.measure.high
    odds = found.evidence[1].measure
    assert odds.high < 0.5
    assert "In their first 6 months people keep the rule" in found.text.en
    assert "Pendant leurs 6 premiers mois, les arrivants respectent la règle" in found.text.fr
    assert [one.verb for one in found.proposals] == [Verb.ANNOUNCE, Verb.TRAIN]


@pytest.mark.parametrize("scenario", ["nothing-forgotten", "new-branch", "slipping", "forgotten"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(held(CU605, scenario))


def test_it_never_speaks_of_a_unit() -> None:
    assert {one.scope.unit for one in held(CU605, "newcomers").assessments} == {None}


def without(column: str) -> History:
    simulation = simulated("newcomers")
    frames = dict(simulation.tables)
    frames["people"] = frames["people"].with_columns(pl.lit(None, dtype=pl.Date).alias(column))
    return History.from_frames(as_of=simulation.as_of, **frames)


def test_without_starting_dates_it_cannot_tell() -> None:
    ended = of_unit(judged(CU605.with_rules(book()), without("starts_on")), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "starts_on" in ended.reason.en


def test_without_rules_it_cannot_tell() -> None:
    ended = of_unit(judged(CU605, shown()), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "no written rule" in ended.reason.en


def test_cohorts_of_fewer_persons_than_the_minimum_are_not_compared() -> None:
    ended = of_unit(held(CU605, "newcomers", min_group=40), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert f"{FEWEST} times to newcomers" in ended.reason.en


def test_what_programs_and_imports_do_is_not_held_against_newcomers() -> None:
    simulation = simulated("newcomers")
    frames = dict(simulation.tables)
    frames["events"] = frames["events"].with_columns(pl.lit("import").alias("origin"))
    imported = History.from_frames(as_of=simulation.as_of, **frames)
    assert of_unit(judged(CU605.with_rules(book()), imported), None).outcome is Outcome.NOT_ASSESSABLE


def test_how_sure_it_is_follows_from_persons_and_not_from_their_cases() -> None:
    # Every case five times over tells nothing new of the same people.
    simulation = simulated("newcomers")
    frames = dict(simulation.tables)

    def copies(frame: pl.DataFrame) -> pl.DataFrame:
        named = [frame.with_columns(pl.col("case_id") + f"-{k}") for k in range(5)]
        return pl.concat(named)

    frames |= {name: copies(frames[name]) for name in ("cases", "events")}
    many = only(judged(CU605.with_rules(book()), History.from_frames(as_of=simulation.as_of, **frames)))
    once = only(held(CU605, "newcomers"))
    assert many.measure.denominator == 5 * once.measure.denominator
    assert many.measure.high - many.measure.low == pytest.approx(
        once.measure.high - once.measure.low, rel=0.01
    )


def test_several_rules_are_judged_each_for_itself() -> None:
    rule = book()["call-within-two-days"]
    quoted = attrs.evolve(
        rule, id="quote-follows", expect=(attrs.evolve(rule.expect[0], target="quote_sent", within=None),)
    )
    found = judged(CU605.with_rules(Rulebook([rule, quoted])), shown())
    assert [one.rule for one in found.findings] == ["call-within-two-days"]


def test_verify_hands_the_detector_the_rules_that_the_history_can_show() -> None:
    rule = book()["call-within-two-days"]
    unseen = attrs.evolve(rule, id="unseen", expect=(Constraint("response", "created", "carrier_pigeon"),))
    with pytest.warns(CrmUsageWarning, match="unseen was not judged"):
        report = verify(shown(), Rulebook([rule, unseen]), only=["CU605"])
    assert [one.rule for one in report.findings] == ["call-within-two-days"]
