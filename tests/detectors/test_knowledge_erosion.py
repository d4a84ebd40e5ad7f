from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.detectors.knowledge._knowledge_erosion import KnowledgeErosion
from crmusage.history import History
from crmusage.model import Kind, Outcome, Scope
from crmusage.rules import Rulebook

from .company import judged, of_unit, only, silent
from .knowledge_company import held, history, simulated

CU601 = KnowledgeErosion()


def shown() -> History:
    """A history in which it finds something."""
    return history("knowledge-leaves")


def book() -> Rulebook:
    """The rule that leaves with the people."""
    return simulated("knowledge-leaves").book


def changed(scenario: str, **tables: pl.DataFrame) -> History:
    simulation = simulated(scenario)
    return History.from_frames(as_of=simulation.as_of, **{**simulation.tables, **tables})


def test_a_rule_that_goes_with_the_people_is_told_of_their_branch() -> None:
    found = only(held(CU601, "knowledge-leaves"))
    assert (found.scope.unit, found.kind) == (simulated("knowledge-leaves").unit, Kind.RISK)
    assert found.onset.value in {dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)}
    assert found.onset.before - found.measure.value > 0.25
    assert "people left within two months from January 2025 on" in found.text.en
    assert "sont parties en deux mois à partir de janvier 2025" in found.text.fr


def test_a_rule_that_is_forgotten_is_told_with_its_decay() -> None:
    found = only(held(CU601, "forgotten"))
    assert (found.scope, found.rule) == (Scope(), "call-within-two-days")
    assert found.measure.low <= 0.45 <= found.measure.high
    assert "is being forgotten" in found.text.en
    assert "s’oublie" in found.text.fr


def test_a_fall_after_a_release_is_told_of_the_company() -> None:
    found = only(held(CU601, "untaught-release"))
    assert found.scope.unit is None
    assert found.onset.value in {dt.date(2025, 2, 1), dt.date(2025, 3, 1)}
    assert "A release came in February 2025" in found.text.en
    assert "Une nouvelle version est arrivée en février 2025" in found.text.fr


@pytest.mark.parametrize(
    "scenario", ["nothing-forgotten", "taught-in-time", "quiet-release", "summer", "slipping", "newcomers"]
)
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(held(CU601, scenario))


def test_a_step_that_nobody_wrote_a_rule_for_can_go_with_the_people_too() -> None:
    judgement = judged(CU601, shown())
    found = only(judgement)
    assert found.rule is None
    assert found.scope.unit == simulated("knowledge-leaves").unit
    assert "‘call’ is done within 30 days in" in found.text.en
    assert "est faite dans les 30 jours pour 6" in found.text.fr


def test_a_fall_that_all_units_share_is_not_put_down_to_departures() -> None:
    simulation = simulated("taught-in-time")
    calls = pl.col("activity") == "call"
    late = pl.col("at") > dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    fewer = simulation.tables["events"].filter(~(calls & late & (pl.col("case_id").hash(1) % 10 < 4)))
    assert silent(judged(CU601.with_rules(simulation.book), changed("taught-in-time", events=fewer)))


def test_where_all_read_a_rule_at_one_time_it_says_that_it_cannot_tell() -> None:
    simulation = simulated("forgotten")
    read = simulation.tables["acknowledgements"].unique("person_id", keep="first", maintain_order=True)
    once = read.with_columns(at=pl.lit(dt.datetime(2024, 1, 2, tzinfo=dt.UTC)).cast(pl.Datetime("us", "UTC")))
    bound = CU601.with_rules(simulation.book)
    ended = of_unit(judged(bound, changed("forgotten", acknowledgements=once)), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "cannot tell whether anything is being forgotten" in ended.reason.en
    assert "ne permettent pas de dire si quelque chose s’oublie" in ended.reason.fr


def test_where_nobody_read_anything_it_says_so() -> None:
    simulation = simulated("forgotten")
    none = changed("forgotten", acknowledgements=simulation.tables["acknowledgements"].head(0))
    ended = of_unit(judged(CU601.with_rules(simulation.book), none), None)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert "nobody is known to have read a rule" in ended.reason.en


def test_units_without_a_wave_of_departures_are_not_called_clear() -> None:
    judgement = held(CU601, "nothing-forgotten")
    units = [one for one in judgement.assessments if one.scope.unit is not None]
    assert units
    assert {one.outcome for one in units} <= {Outcome.NOT_ASSESSABLE, Outcome.CLEAR}
    assert any("within two months" in one.reason.en for one in units if one.reason is not None)
