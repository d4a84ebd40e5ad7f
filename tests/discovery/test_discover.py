from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import crmusage as cu
from crmusage.conformance import tally
from crmusage.discovery import Discovery, Nature, Phase, discover
from crmusage.errors import CrmUsageError
from crmusage.model import Onset, Text
from crmusage.rules import Constraint, Duration, Rulebook, Status, UsageRule
from crmusage.testing import simulate

from .company import DAYS, START, calls_first, calls_never, company, quotes_at_once, urgent, usual


@pytest.fixture(scope="module")
def late() -> tuple[Discovery, cu.History, str, dt.date]:
    simulation = simulate("late-creation", seed=0, opportunities=12_000)
    history = simulation.history()
    (planted,) = simulation.truth.planted
    return discover(history), history, planted.unit, planted.since


@pytest.fixture(scope="module")
def first_calls() -> Discovery:
    return discover(company(calls_first))


def test_the_unit_that_enters_deals_once_they_are_agreed_is_found_and_nobody_else(late) -> None:
    found, _, unit, _ = late
    assert {usage.group.unit for usage in found} == {unit}
    assert {"created", "won"} <= {*found[0].constraint.activities, *found[0].constraint.targets}


def test_it_is_parasitic_for_it_bends_the_figures_and_says_so_in_both_languages(late) -> None:
    usage = late[0][0]
    assert usage.nature is Nature.PARASITIC
    assert "bends the figures" in usage.reason.en
    assert "fausse les chiffres" in usage.reason.fr
    assert any(
        bent.measure == "win_rate" and bent.with_unit > bent.without_unit for bent in usage.distortions
    )


def test_its_beginning_is_dated(late) -> None:
    found, _, _, since = late
    began = found[0].onset
    assert isinstance(began, Onset)
    assert began.value is not None
    assert abs((began.value - since).days) <= 62


def test_whoever_reads_the_explanation_reads_one_language_and_the_cases(late) -> None:
    usage = late[0][0]
    english, french = usage.explain("en"), usage.explain("fr")
    assert usage.cases[0] in english
    assert usage.cases[0] in french
    assert "parasitic usage" in english
    assert "usage parasite" in french
    assert not {"keep", "against", "cases"} & set(french.split())
    assert "unwritten usage" in late[0].explain("en")
    assert "non écrit" in late[0].explain("fr")


def test_a_found_usage_becomes_a_rule_that_can_be_adopted_saved_and_judged(late, tmp_path: Path) -> None:
    found, history, unit, _ = late
    usage = found[0]
    rule = usage.as_rule()
    assert rule.status is Status.OBSERVED
    assert rule.applies_to.unit == (unit,)
    assert rule.guidance is not None
    assert unit in rule.situation.en
    saved = Rulebook([rule]).save(tmp_path)
    assert Rulebook.load(tmp_path) == saved
    book = Rulebook().adopt(usage, who="sales-ops", why="to see what the law of large numbers says")
    assert book[rule.id].status is Status.ACTIVE
    (row,) = tally(history, [rule]).by("rule").rows()
    # Over the whole time, also before it began: far more than the few in a hundred elsewhere.
    assert row["fulfilled"] > 0.3 * row["activations"]


def test_where_nothing_is_planted_nothing_is_told() -> None:
    found = discover(simulate("none", seed=3, opportunities=6_000).history())
    assert list(found) == []
    assert found.tried > 10_000
    assert len(found.assessed) > 20


def test_a_team_that_sells_fast_and_honestly_is_never_called_parasitic() -> None:
    found = discover(simulate("fast-honest", seed=1, opportunities=10_000).history())
    assert not found.of("parasitic")


def test_what_was_imported_or_entered_in_a_burst_is_left_out_and_counted() -> None:
    found = discover(simulate("bulk-import", seed=1, opportunities=6_000).history())
    assert list(found) == []
    assert found.left_out.get("import", 0) + found.left_out.get("burst", 0) > 50


def test_a_practice_that_goes_with_better_outcomes_is_promising(first_calls: Discovery) -> None:
    (usage,) = first_calls
    assert usage.group.unit == "team 0"
    assert usage.nature is Nature.PROMISING
    assert "call" in {*usage.constraint.activities, *usage.constraint.targets}
    assert usage.inside.ratio > 1
    assert usage.phase is Phase.SETTLED


def test_a_usage_that_contradicts_a_written_rule_is_parasitic_and_names_it() -> None:
    written = UsageRule(
        id="call-first",
        situation=Text("A deal is entered", "Une affaire est saisie"),
        expect=[Constraint("response", "created", "call", within=Duration(days=30))],
    )
    history = company(calls_never)
    (without,) = discover(history)
    assert without.nature is not Nature.PARASITIC
    (usage,) = discover(history, rulebook=Rulebook([written]))
    assert usage.nature is Nature.PARASITIC
    assert usage.contradicts == ("call-first",)
    assert "call-first" in usage.reason.fr


def test_a_usage_that_follows_from_a_written_rule_is_not_unwritten() -> None:
    written = UsageRule(
        id="nobody-calls",
        situation=Text("Any deal", "Toute affaire"),
        expect=[Constraint("absence", "call", n=1)],
    )
    found = discover(company(calls_never), rulebook=Rulebook([written]))
    assert list(found) == []
    assert found.written == 1


def test_what_a_single_person_does_is_no_usage_of_a_group_and_is_not_told() -> None:
    found = discover(company(calls_never, persons=5, who=lambda _: 2, cases=200))
    assert list(found) == []
    # The same by all of them is one.
    assert len(discover(company(calls_never, persons=5, cases=200))) == 1


def test_groups_under_the_minimum_size_are_never_told_of() -> None:
    history = company(calls_never, persons=4)
    found = discover(history)
    assert list(found) == []
    assert len(found.not_assessable) == 9
    assert "fewer than 5 persons" in next(iter(found.not_assessable.values())).en
    assert len(discover(history, min_group=4)) == 1


def test_machines_are_not_held_against_people() -> None:
    found = discover(company(calls_never, origin="automation"))
    assert list(found) == []
    assert found.left_out["automation"] > 100


def test_a_single_person_cannot_be_asked_for() -> None:
    with pytest.raises(CrmUsageError, match="never looked at"):
        discover(company(), by="actor")


@pytest.mark.parametrize("by", ["profile", "region", "tenure", ("unit", "profile"), ("region", "tenure")])
def test_people_are_grouped_by_any_trait_and_by_several(by) -> None:
    found = discover(company(), by=by)
    named = {trait for group in (*found.assessed, *found.not_assessable) for trait in group.traits}
    assert named == ({by} if isinstance(by, str) else set(by))


def test_the_order_of_rows_changes_nothing(first_calls: Discovery) -> None:
    assert discover(company(calls_first, shuffle=5)) == first_calls


def test_a_history_without_groups_is_not_assessable_rather_than_clear() -> None:
    history = cu.History.from_records(
        cases=[{"case_id": "1", "kind": "deal", "created_at": START}],
        events=[{"case_id": "1", "activity": "created", "at": START}],
    )
    found = discover(history)
    assert list(found) == []
    assert found.not_assessable
    assert "Not assessable" in found.explain("en")


def test_a_usage_that_began_late_is_being_born_and_one_given_up_is_fading() -> None:
    def when(young: bool):
        def way(draw, case):
            recent = case["created_at"] > START + dt.timedelta(days=DAYS - 80)
            return quotes_at_once(draw, case) if recent is young else usual(draw, case)

        return way

    (born,) = discover(company(when(young=True), cases=300))
    assert born.phase is Phase.BORN
    assert born.period.start > START.date()  # seen in the last quarter; over all the time it is drowned
    assert "being born" in born.explain("en")
    (fading,) = discover(company(when(young=False), cases=300))
    assert fading.phase is Phase.FADING
    assert "s'efface" in fading.explain("fr").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def test_a_campaign_with_ways_and_results_of_its_own_is_no_usage() -> None:
    found = discover(simulate("seasonal-peak", seed=2, opportunities=20_000).history())
    assert list(found) == []
    assert found.of_a_season


def test_a_unit_for_which_everything_is_urgent_is_found_by_the_value() -> None:
    (usage,) = discover(company(urgent))
    assert usage.group.unit == "team 0"
    assert str(usage.title.en).endswith("every 'created' has priority_rank = 1")
    assert usage.title.fr.endswith("a priority_rank = 1")
    rule = usage.as_rule()
    (row,) = tally(company(urgent), [rule]).by("rule").rows()
    assert row["violated"] == 0
    assert row["fulfilled"] == 150


def test_an_attribute_that_says_where_people_are_is_no_way_of_working() -> None:
    # Each team has its own branch: that sets every team apart, and tells nothing.
    assert list(discover(company(), level=0.01)) == []
