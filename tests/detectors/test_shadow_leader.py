from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.detectors.knowledge._shadow_leader import FEWEST_MANAGERS, ShadowLeader
from crmusage.history import History
from crmusage.model import Kind, Outcome, Scope, Severity

from .company import judged, of_unit, only, silent
from .knowledge_company import held, history, simulated

CU606 = ShadowLeader()


def shown() -> History:
    """A history in which it finds something."""
    return history("shadow-leaders")


def test_it_sets_managers_as_a_group_beside_their_teams() -> None:
    found = only(held(CU606, "shadow-leaders"))
    assert (found.scope, found.kind, found.severity) == (Scope(), Kind.RISK, Severity.HIGH)
    assert found.measure.value == pytest.approx(0.2, abs=0.05)
    apart = found.evidence[1].measure
    assert 0.6 < apart.low < apart.value < apart.high < 0.95
    assert "The 8 managers of the company use the tool in" in found.text.en
    assert "Les 8 responsables de l’entreprise utilisent l’outil dans" in found.text.fr


@pytest.mark.parametrize("scenario", ["nothing-forgotten", "leaders-away", "new-leaders"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(held(CU606, scenario))


def changed(**tables: pl.DataFrame) -> History:
    simulation = simulated("shadow-leaders")
    return History.from_frames(as_of=simulation.as_of, **{**simulation.tables, **tables})


def test_a_unit_with_one_manager_is_never_spoken_of() -> None:
    judgement = held(CU606, "shadow-leaders")
    units = [one for one in judgement.assessments if one.scope.unit is not None]
    assert len(units) == 8
    assert {one.outcome for one in units} == {Outcome.NOT_ASSESSABLE}
    assert all("one is never looked at alone" in one.reason.en for one in units)


def test_a_unit_with_managers_enough_is_judged_by_itself() -> None:
    people = simulated("shadow-leaders").tables["people"].with_columns(unit=pl.lit("Sales"))
    events = simulated("shadow-leaders").tables["events"].with_columns(unit=pl.lit("Sales"))
    cases = simulated("shadow-leaders").tables["cases"].with_columns(unit=pl.lit("Sales"))
    found = judged(CU606, changed(people=people, events=events, cases=cases))
    assert [one.scope.unit for one in found.findings] == [None, "Sales"]
    assert "8 managers of Sales" in found.findings[1].text.en


def test_four_managers_are_too_few() -> None:
    people = simulated("shadow-leaders").tables["people"]
    four = people.filter(pl.col("unit") <= "Branch 04")
    ended = of_unit(judged(CU606, changed(people=four)), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert f"fewer than {FEWEST_MANAGERS}" in ended.reason.en


def test_without_sessions_reading_leaves_no_trace() -> None:
    ended = of_unit(
        judged(CU606, changed(sessions=simulated("shadow-leaders").tables["sessions"].head(0))), None
    )
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "no rows in sessions" in ended.reason.en


def test_sessions_that_the_source_saw_in_part_only_tell_nothing() -> None:
    partly = pl.DataFrame([{"entity": "sessions", "complete": False}])
    assert of_unit(judged(CU606, changed(coverage=partly)), None).outcome is Outcome.NOT_ASSESSABLE


def test_managers_who_change_records_by_hand_use_the_tool() -> None:
    tables = simulated("shadow-leaders").tables
    chiefs = tables["people"].filter(pl.col("manager").is_null())["person_id"].to_list()
    start = dt.datetime(2024, 1, 2, 10, tzinfo=dt.UTC)
    acts = [
        {"activity": "comment", "at": start + dt.timedelta(weeks=week), "actor": chief}
        for chief in chiefs
        for week in range(103)
    ]
    case_id = tables["cases"]["case_id"][0]
    more = pl.DataFrame(acts).with_columns(
        pl.lit(case_id).alias("case_id"), pl.col("at").cast(pl.Datetime("us", "UTC"))
    )
    by_hand = pl.concat([tables["events"], more.with_columns(origin=pl.lit("ui"))], how="diagonal")
    by_program = pl.concat([tables["events"], more.with_columns(origin=pl.lit("automation"))], how="diagonal")
    assert silent(judged(CU606, changed(events=by_hand)))
    assert only(judged(CU606, changed(events=by_program))).scope == Scope()
