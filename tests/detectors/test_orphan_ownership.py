from __future__ import annotations

import datetime as dt

import attrs
import polars as pl
import pytest

from crmusage.detectors.knowledge._orphan_ownership import OrphanOwnership
from crmusage.history import History
from crmusage.model import Kind, Outcome, Scope, Verb
from crmusage.rules import Rulebook

from .company import judged, of_unit, only, silent
from .knowledge_company import held, history, simulated

CU602 = OrphanOwnership()


def shown() -> History:
    """A history in which it finds something."""
    return history("orphans")


def book() -> Rulebook:
    """A rule that a team looks after."""
    return simulated("nothing-forgotten").book


def changed(**tables: pl.DataFrame) -> History:
    simulation = simulated("orphans")
    return History.from_frames(as_of=simulation.as_of, **{**simulation.tables, **tables})


def test_it_names_the_branch_whose_leavers_handed_nothing_over() -> None:
    found = only(judged(CU602.with_rules(book()), shown()))
    simulation = simulated("orphans")
    assert (found.scope.unit, found.kind) == (simulation.unit, Kind.RISK)
    cases, people = simulation.tables["cases"], simulation.tables["people"]
    here = cases.filter((pl.col("unit") == simulation.unit) & pl.col("closed_at").is_null())
    left = people.filter(pl.col("ends_on") < dt.date(2025, 12, 1))["person_id"]
    orphaned = here.filter(pl.col("owner").is_in(left.implode()))
    assert (found.measure.numerator, found.measure.denominator) == (orphaned.height, here.height)
    assert set(found.cases) <= set(orphaned["case_id"].to_list())
    assert "belong to people who have left, the earliest" in found.text.en
    assert "appartiennent à des personnes parties" in found.text.fr


@pytest.mark.parametrize("scenario", ["nothing-forgotten", "just-left", "same-login", "taught-in-time"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(held(CU602, scenario))


def test_a_rule_whose_owner_has_left_is_told_without_a_name() -> None:
    simulation = simulated("orphans")
    owner = simulation.book["call-within-two-days"].owner
    found = held(CU602, "orphans").findings
    assert [one.scope.unit for one in found] == [None, simulation.unit]
    rule = found[0]
    assert (rule.rule, rule.scope) == ("call-within-two-days", Scope())
    assert owner not in rule.text.en
    assert owner not in rule.text.fr
    assert [one.verb for one in rule.proposals] == [Verb.AMEND]


def test_several_rules_are_one_finding() -> None:
    (rule,) = simulated("orphans").book
    two = Rulebook([rule, attrs.evolve(rule, id="second")])
    found = judged(CU602.with_rules(two), shown()).findings[0]
    assert "The owners of 2 of 2 rules have left: call-within-two-days, second." in found.text.en
    assert [one.rule for one in found.proposals] == ["call-within-two-days", "second"]


def test_a_role_that_nobody_holds_any_more_is_told() -> None:
    people = simulated("orphans").tables["people"]
    gone = people.with_columns(
        profile=pl.when(pl.col("ends_on") < dt.date(2025, 11, 1))
        .then(pl.lit("CRM champion"))
        .otherwise("profile")
    )
    told = [one.text.en for one in judged(CU602.with_rules(book()), changed(people=gone)).findings]
    assert any("Everybody with the profile “CRM champion” has left" in text for text in told)
    still = people.with_columns(profile=pl.lit("CRM champion"))
    told = [one.text.en for one in judged(CU602.with_rules(book()), changed(people=still)).findings]
    assert not any("champion" in text for text in told)


def test_what_belongs_to_teams_and_what_is_deleted_is_nobodys_fault() -> None:
    cases = simulated("orphans").tables["cases"]
    for also in ({"owner_kind": pl.lit("queue")}, {"is_deleted": pl.lit(True)}):
        assert silent(judged(CU602.with_rules(book()), changed(cases=cases.with_columns(**also))))


def test_records_that_colleagues_work_on_still_count_and_it_is_said() -> None:
    simulation = simulated("orphans")
    events = simulation.tables["events"]
    found = only(judged(CU602.with_rules(book()), shown()))
    assert "nobody has touched any of them since" in found.text.en
    colleague = events.filter(pl.col("at") > dt.datetime(2025, 12, 20, tzinfo=dt.UTC))["actor"][0]
    notes = pl.DataFrame({"case_id": list(found.cases)}).with_columns(
        activity=pl.lit("note"),
        at=pl.lit(simulation.as_of - dt.timedelta(days=2)).cast(pl.Datetime("us", "UTC")),
        actor=pl.lit(colleague),
        origin=pl.lit("ui"),
    )
    worked = changed(events=pl.concat([events, notes], how="diagonal"))
    again = only(judged(CU602.with_rules(book()), worked))
    assert again.measure == found.measure
    assert "nobody has touched any of them since" not in again.text.en


def test_a_company_without_units_is_told_as_a_whole() -> None:
    tables = simulated("orphans").tables
    here = tables["cases"].filter(pl.col("unit") == simulated("orphans").unit)
    plain = changed(
        cases=here.drop("unit"),
        events=tables["events"].filter(pl.col("case_id").is_in(here["case_id"].implode())).drop("unit"),
        people=tables["people"].drop("unit"),
    )
    found = only(judged(CU602.with_rules(book()), plain))
    assert found.scope == Scope()
    assert found.text.en.startswith("In the company:")


def test_without_last_days_it_cannot_tell() -> None:
    people = simulated("orphans").tables["people"].with_columns(ends_on=pl.lit(None, dtype=pl.Date))
    ended = of_unit(judged(CU602.with_rules(book()), changed(people=people)), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "ends_on" in ended.reason.en
