from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from crmusage.detectors import LateCreation
from crmusage.history import History
from crmusage.model import Kind, Measure, Outcome, SeriesFigure, Severity, Verb

from .company import END, START, Record, history, judged, late, of_unit, only, peers, silent, team

CU112 = LateCreation()


def shown() -> History:
    """A history in which it finds something."""
    return history(peers(8, n=80) + late())


def _created(cases: list[Record], **columns: Any) -> list[Record]:
    """The events by which cases were entered."""
    return [
        {"case_id": case["case_id"], "activity": "created", "at": case["created_at"], **columns}
        for case in cases
    ]


def _at_once(
    unit: str, n: int, *, seconds: float = 10.0, by: str | None = "x", day: int = 200
) -> list[Record]:
    """Old deals, all won within hours of an entry that took so many seconds each."""
    cases = []
    for i in range(n):
        created = START + dt.timedelta(days=day, seconds=i * seconds)
        cases.append(
            {
                "case_id": f"{unit}-old-{i:04}",
                "kind": "opportunity",
                "created_at": created,
                "created_by": by,
                "closed_at": created + dt.timedelta(hours=2),
                "outcome": "won",
                "unit": unit,
            }
        )
    return cases


# --- what it must find


def test_it_names_the_unit_that_enters_its_deals_once_they_are_agreed() -> None:
    judgement = judged(CU112, history(peers() + late()))
    found = only(judgement)
    assert (found.code, found.name, found.kind) == ("CU112", "late-creation", Kind.PARASITIC)
    assert found.scope.unit == "Grand Ouest"
    assert of_unit(judgement, "Grand Ouest").outcome is Outcome.FOUND
    assert {one.outcome for one in judgement.assessments if one.scope.unit != "Grand Ouest"} == {
        Outcome.CLEAR
    }


def test_it_holds_three_figures_against_the_peers_of_the_same_months() -> None:
    found = only(judged(CU112, history(peers() + late())))
    late_share, wins, cycle = found.evidence
    assert [one.measure.name for one in found.evidence] == ["late_share", "win_rate", "typical_cycle"]
    assert found.measure == late_share.measure
    assert late_share.measure.value > 0.9
    assert wins.measure.value > 0.9
    assert isinstance(cycle.measure, Measure)
    assert cycle.measure.value == pytest.approx(1.0, rel=0.2)
    for evidence in found.evidence:
        assert evidence.norm is not None
        assert evidence.norm.units == 12
        assert evidence.p_value is not None
        assert evidence.q_value is not None
        assert evidence.p_value <= evidence.q_value < 0.05
    assert found.q_value == max(one.q_value or 0 for one in found.evidence)
    assert wins.norm is not None
    assert wins.norm.low < 0.3 < wins.norm.high < 0.8


def test_it_tells_since_when_to_the_day_and_judges_from_then_on() -> None:
    found = only(judged(CU112, history(peers() + late(since=300))))
    onset = found.onset
    assert onset is not None
    assert onset.low is not None
    assert onset.value is not None
    assert onset.high is not None
    truth = (START + dt.timedelta(days=300)).date()
    assert onset.low <= truth <= onset.high
    assert abs((onset.value - truth).days) <= 10
    assert found.measure.denominator == 60
    assert found.scope.period is not None
    assert found.scope.period.start == onset.value


def test_a_usage_as_old_as_the_data_has_no_date() -> None:
    found = only(judged(CU112, history(peers() + late(n=120, since=0))))
    assert found.onset is not None
    assert found.onset.value is None
    assert found.onset.after == found.measure.value
    assert "as long as the data go back" in found.text.en
    assert "depuis le début des données" in found.text.fr


def test_a_usage_that_has_only_grown_did_not_begin_when_it_grew() -> None:
    always = late(n=120, since=0)
    for place, case in enumerate(always):
        if place < 60 and place % 3 == 0 and case["outcome"] == "won":
            case["closed_at"] = case["created_at"] + dt.timedelta(days=10)
    found = only(judged(CU112, history(peers() + always)))
    assert found.onset is not None
    assert found.onset.value is None
    assert found.measure.denominator == 120


def test_a_yes_dated_before_the_entry_is_late_however_long_the_paperwork_took() -> None:
    slow = late()
    after = [case for case in slow if case["created_at"] >= START + dt.timedelta(days=300)]
    for case in after:
        case["closed_at"] = min(END, case["created_at"] + dt.timedelta(days=9))
    assert silent(judged(CU112, history(peers() + slow)))
    yes = [
        {
            "case_id": case["case_id"],
            "activity": "quote_accepted",
            "at": case["created_at"] - dt.timedelta(days=1),
        }
        for case in after
    ]
    found = only(judged(CU112, history(peers() + slow, yes)))
    assert found.measure.value > 0.9


def test_what_counts_as_late_can_be_set() -> None:
    cases = peers() + late()
    assert silent(judged(LateCreation(within=dt.timedelta(minutes=5)), history(cases)))


def test_it_shows_at_most_twenty_cases_that_were_entered_late_since_then() -> None:
    cases = peers() + late()
    found = only(judged(CU112, history(cases)))
    assert len(found.cases) == 20
    assert list(found.cases) == sorted(found.cases)
    by_id = {case["case_id"]: case for case in cases}
    for case_id in found.cases:
        case = by_id[case_id]
        assert case["outcome"] == "won"
        assert case["closed_at"] - case["created_at"] <= dt.timedelta(hours=72)
        assert found.onset is not None
        assert case["created_at"].date() >= found.onset.value


def test_it_tells_the_companys_figures_with_and_without_the_unit() -> None:
    cases = peers() + late(n=120, since=0)
    found = only(judged(CU112, history(cases)))
    bent = {one.measure: one for one in found.distortions}
    assert list(bent) == ["win_rate", "mean_cycle", "open_pipeline", "pipeline_coverage", "expected_wins"]

    def rate(some: list[Record]) -> float:
        won, lost = (sum(case["outcome"] == outcome for case in some) for outcome in ("won", "lost"))
        return won / (won + lost)

    def cycle(some: list[Record]) -> float:
        days = [
            (c["closed_at"] - c["created_at"]) / dt.timedelta(days=1) for c in some if c["outcome"] == "won"
        ]
        return sum(days) / len(days)

    others = [case for case in cases if case["unit"] != "Grand Ouest"]
    assert bent["win_rate"].with_unit == pytest.approx(rate(cases))
    assert bent["win_rate"].without_unit == pytest.approx(rate(others))
    assert bent["mean_cycle"].with_unit == pytest.approx(cycle(cases))
    assert bent["mean_cycle"].without_unit == pytest.approx(cycle(others))
    open_ = sum(case["amount"] for case in cases if case["outcome"] is None)
    assert bent["open_pipeline"].with_unit == pytest.approx(open_)
    first = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    won = sum(case["amount"] for case in cases if case["outcome"] == "won" and case["closed_at"] >= first)
    assert bent["pipeline_coverage"].with_unit == pytest.approx(open_ / (won / 12))
    last = [case for case in cases if case["closed_at"] and case["closed_at"] >= first]
    assert bent["expected_wins"].with_unit == pytest.approx(open_ * rate(last))
    assert found.severity is Severity.HIGH


def test_it_says_whether_the_companys_win_rate_could_have_shown_it() -> None:
    shown = only(judged(CU112, history(peers(6) + late(n=900, since=0))))
    assert "more than its usual ups and downs" in shown.text.en
    assert "dépasse ses variations habituelles" in shown.text.fr
    brief = peers(8, until=150) + late(n=60, since=0, until=150)
    for case in brief:
        if case["closed_at"] is not None and case["closed_at"] > START + dt.timedelta(days=150):
            case.update(closed_at=None, outcome=None)
    unknown = only(judged(CU112, history(brief)))
    assert unknown.distortions[0].spread is None
    assert "ups and downs" not in unknown.text.en


def test_without_amounts_there_is_no_pipeline_to_bend() -> None:
    found = only(judged(CU112, history(peers(amount=None) + late(amount=None))))
    assert [one.measure for one in found.distortions] == ["win_rate", "mean_cycle"]


def test_amounts_that_only_open_deals_have_give_no_coverage() -> None:
    cases = peers() + late(n=120, since=0)
    for case in cases:
        if case["outcome"] is not None:
            case["amount"] = None
    found = only(judged(CU112, history(cases)))
    bent = [one.measure for one in found.distortions]
    assert bent == ["win_rate", "mean_cycle", "open_pipeline", "expected_wins"]


def test_amounts_of_two_currencies_are_not_added_up() -> None:
    cases = peers() + late(n=120, since=0)
    abroad = team("team 00", n=5, since=725, seed=9)
    for case in abroad:
        case.update(
            currency="USD", closed_at=None, outcome=None, amount=1e9, case_id=case["case_id"] + "-usd"
        )
    found = only(judged(CU112, history(cases + abroad)))
    (pipeline,) = (one for one in found.distortions if one.measure == "open_pipeline")
    assert pipeline.with_unit < 1e9
    assert found.reasoning is not None
    assert "EUR" in found.reasoning.en
    assert "EUR" in found.reasoning.fr


def test_the_text_names_the_unit_and_the_figures_in_both_languages() -> None:
    found = only(judged(CU112, history(peers() + late())))
    for text in (found.text.en, found.text.fr):
        assert text.startswith("Grand Ouest")
        assert "60" in text
    assert "October 2024" in found.text.en
    assert "octobre 2024" in found.text.fr
    assert "%" in found.text.en
    assert "\N{NO-BREAK SPACE}%" in found.text.fr
    assert found.explain("en")
    assert found.explain("fr")
    assert {proposal.verb for proposal in found.proposals} == {Verb.ANNOUNCE, Verb.AMEND, Verb.TRAIN}


def test_the_pictures_name_the_unit_and_no_peer() -> None:
    found = only(judged(CU112, history(peers() + late())))
    funnel, series = found.figures
    assert isinstance(series, SeriesFigure)
    assert [point.name for point in funnel.points if point.name] == ["Grand Ouest"]
    assert len(funnel.points) == 13
    assert (
        len(series.periods) == len(series.numerators) == len(series.denominators) == len(series.peers) == 24
    )
    assert found.onset is not None
    assert series.onset == found.onset.value


# --- what it must not find


def test_a_company_without_the_usage_is_clear() -> None:
    judgement = judged(CU112, history(peers()))
    assert {one.outcome for one in judgement.assessments} == {Outcome.CLEAR}


@pytest.mark.parametrize("seed", range(5))
def test_a_small_team_that_sells_fast_and_loses_two_in_five_is_not_found(seed: int) -> None:
    fast = team("Fast", n=60, win_rate=0.6, pace=2.0, spread=0.5, seed=seed)
    assert silent(judged(CU112, history(peers() + fast)))


def test_a_team_that_renews_contracts_after_a_long_cycle_is_not_found() -> None:
    assert silent(judged(CU112, history(peers() + team("Renewals", win_rate=0.97, pace=60))))


def test_a_team_that_enters_every_quick_win_late_but_loses_as_others_do_is_not_found() -> None:
    mixed = team("Mixed", n=40, win_rate=0.98, pace=1, spread=0.3) + team("Mixed", n=80, since=1, seed=5)
    assert silent(judged(CU112, history(peers() + mixed)))


def test_a_campaign_of_quick_wins_in_two_months_of_the_year_is_not_found() -> None:
    year = team("Campaign", n=120)
    for month in (150, 515):
        year += team("Campaign", n=60, since=month, until=month + 60, win_rate=0.5, pace=3, spread=0.5)
    assert silent(judged(CU112, history(peers() + year)))


@pytest.mark.parametrize("origin", ["import", "merge", "cascade", "automation"])
def test_what_was_imported_merged_or_generated_is_left_out_and_counted(origin: str) -> None:
    cases = late(n=120, since=0)
    judgement = judged(CU112, history(peers() + cases, _created(cases, origin=origin)))
    assert silent(judgement)
    one = of_unit(judgement, "Grand Ouest")
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "120" in one.reason.en
    assert "120" in one.reason.fr


def test_what_a_program_entered_is_left_out() -> None:
    cases = late(n=120, since=0)
    people = [{"person_id": f"Grand Ouest.{i}", "is_human": i >= 6} for i in range(12)]
    human = team("Grand Ouest", n=8, since=3, persons=12)
    judgement = judged(CU112, history(peers() + cases + human, people=people))
    assert silent(judgement)


def test_who_entered_it_is_read_from_the_event_where_the_case_does_not_say() -> None:
    cases = late(n=120, since=0)
    for case in cases:
        case["created_by"] = None
    events = _created(cases, actor="robot")
    people = [{"person_id": "robot", "is_human": False}]
    assert silent(judged(CU112, history(peers() + cases, events, people), min_group=1))
    people[0]["is_human"] = True
    assert not silent(judged(CU112, history(peers() + cases, events, people), min_group=1))


@pytest.mark.parametrize("by", ["x", None])
def test_entries_in_bursts_are_left_out_whoever_made_them(by: str | None) -> None:
    cases = team("Importers", n=60, seed=3) + _at_once("Importers", 300, by=by)
    judgement = judged(CU112, history(peers() + cases))
    assert silent(judgement)
    assert of_unit(judgement, "Importers").outcome is Outcome.CLEAR


def test_ten_entries_within_five_minutes_are_a_burst_and_ten_in_six_are_not() -> None:
    for seconds, outcome in ((25.0, Outcome.NOT_ASSESSABLE), (45.0, Outcome.FOUND)):
        batches = [
            case
            for batch in range(12)
            for case in _at_once(f"Batch {batch:02}", 10, seconds=seconds, day=100 + 40 * batch)
        ]
        for case in batches:
            case["unit"] = "Batch"
        judgement = judged(CU112, history(peers() + batches), min_group=1)
        assert of_unit(judgement, "Batch").outcome is outcome


def test_where_only_days_are_known_ten_entries_of_one_day_are_no_burst() -> None:
    cases = peers() + late(n=900, since=0, until=60, persons=1)
    assert of_unit(judged(CU112, history(cases), min_group=1), "Grand Ouest").outcome is Outcome.FOUND
    for case in cases:
        for column in ("created_at", "closed_at"):
            if case[column] is not None:
                case[column] = case[column].replace(hour=0, minute=0)
    found = only(judged(CU112, history(cases), min_group=1))
    assert found.measure.denominator == 900
    assert found.reasoning is not None
    assert "only the day is known" in found.reasoning.en
    assert "seul le jour est connu" in found.reasoning.fr


def test_a_finding_says_how_much_was_left_out_and_shows_none_of_it() -> None:
    cases = late(n=60, since=0) + _at_once("Grand Ouest", 40)
    found = only(judged(CU112, history(peers() + cases)))
    assert found.measure.denominator == 60
    assert found.reasoning is not None
    assert "40 (entered in a burst)" in found.reasoning.en
    assert "40 (saisies en rafale)" in found.reasoning.fr
    assert not any("old" in case_id for case_id in found.cases)


def test_it_counts_what_was_left_out_by_reason() -> None:
    cases = late(n=60, since=0)
    imported = team("Grand Ouest", n=25, since=2, seed=8)
    found = only(judged(CU112, history(peers() + cases + imported, _created(imported, origin="import"))))
    assert found.reasoning is not None
    assert "25 (imported)" in found.reasoning.en
    more = _at_once("Grand Ouest", 40)
    found = only(
        judged(CU112, history(peers() + cases + imported + more, _created(imported, origin="import")))
    )
    assert found.reasoning is not None
    assert "65 (40 entered in a burst, 25 imported)" in found.reasoning.en
    assert "65 (40 saisies en rafale, 25 importées)" in found.reasoning.fr


def test_deleted_entries_count_for_nothing() -> None:
    cases = late(n=120, since=0)
    for case in cases:
        case["is_deleted"] = True
    assert of_unit(judged(CU112, history(peers() + cases)), "Grand Ouest").outcome is Outcome.NOT_ASSESSABLE


# --- what it cannot judge


def test_a_team_of_fewer_than_five_is_never_named() -> None:
    cases = peers() + late(persons=4)
    judgement = judged(CU112, history(cases))
    assert silent(judgement)
    one = of_unit(judgement, "Grand Ouest")
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "persons" in one.reason.en
    assert not silent(judged(CU112, history(cases), min_group=4))


def test_a_team_whose_persons_nobody_knows_is_not_named_unless_asked_for() -> None:
    cases = peers() + late()
    for case in cases:
        case["created_by"] = None
    judgement = judged(CU112, history(cases))
    assert silent(judgement)
    assert {one.outcome for one in judgement.assessments} == {Outcome.NOT_ASSESSABLE}
    assert only(judged(CU112, history(cases), min_group=1)).scope.unit == "Grand Ouest"


def test_a_small_team_is_no_named_point_in_anothers_picture() -> None:
    found = only(judged(CU112, history(peers() + team("Two", persons=2) + late())))
    funnel = found.figures[0]
    assert len(funnel.points) == 13
    assert found.norm is not None
    assert found.norm.units == 13


def test_a_rise_too_recent_to_be_judged_is_said_to_be_one() -> None:
    judgement = judged(CU112, history(peers() + late(n=12, since=650)))
    one = of_unit(judgement, "Grand Ouest")
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "October 2025" in one.reason.en
    assert "octobre 2025" in one.reason.fr


def test_a_slight_rise_too_recent_to_be_judged_leaves_the_judgement_on_all_time() -> None:
    cases = team("Slight", n=150) + team("Slight", n=7, since=690, win_rate=1.0, pace=1, spread=0.1)
    assert of_unit(judged(CU112, history(peers() + cases)), "Slight").outcome is Outcome.CLEAR


def test_opportunities_that_all_belong_to_no_unit_are_not_assessable() -> None:
    requests = [case | {"kind": "request", "outcome": "fulfilled"} for case in peers(1)]
    homeless = [case | {"unit": None, "case_id": "no-" + case["case_id"]} for case in team("x")]
    for cases in (requests, requests + homeless):
        (one,) = judged(CU112, history(cases)).assessments
        assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)


def test_a_unit_with_few_decided_deals_is_not_judged() -> None:
    one = of_unit(judged(CU112, history(peers() + team("Few", n=15))), "Few")
    assert one.outcome is Outcome.NOT_ASSESSABLE


def test_a_unit_that_wins_almost_never_has_no_typical_cycle() -> None:
    one = of_unit(judged(CU112, history(peers() + team("Never", win_rate=0.0))), "Never")
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "cycle" in one.reason.en


def test_with_too_few_peers_there_is_no_norm() -> None:
    judgement = judged(CU112, history(peers(4) + late()))
    assert {one.outcome for one in judgement.assessments} == {Outcome.NOT_ASSESSABLE}
    reason = of_unit(judgement, "Grand Ouest").reason
    assert reason is not None
    assert "norm" in reason.en


def test_what_the_data_lack_is_said_once_for_the_company() -> None:
    cases = peers() + late()
    for case in cases:
        del case["unit"]
    judgement = judged(CU112, history(cases))
    (one,) = judgement.assessments
    assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)
    assert one.reason is not None
    assert "cases.unit" in one.reason.en


# --- whatever the form of the data


def test_cases_of_another_kind_are_no_opportunities() -> None:
    tickets = [case | {"kind": "request", "case_id": "t" + case["case_id"]} for case in late(n=120, since=0)]
    judgement = judged(CU112, history(peers() + tickets))
    assert silent(judgement)


def test_where_nothing_is_called_an_opportunity_all_that_was_won_or_lost_is_taken() -> None:
    cases = [case | {"kind": "deal"} for case in peers() + late()]
    found = only(judged(CU112, history(cases)))
    assert found.scope.unit == "Grand Ouest"
    assert found.reasoning is not None
    assert "No case is called an opportunity" in found.reasoning.en
    assert [one.measure for one in found.distortions] == ["win_rate", "mean_cycle"]


@pytest.mark.parametrize("parts", [2, 7, 50])
def test_however_the_history_is_cut_the_judgement_is_the_same(parts: int) -> None:
    cases = peers() + late() + team("Importers", n=60, seed=3) + _at_once("Importers", 300)
    whole = history(cases, _created(cases, actor="somebody", origin="ui"))
    assert judged(CU112, whole, parts=parts) == judged(CU112, whole)


def test_tallies_merge_in_any_order() -> None:
    whole = history(peers() + late() + _at_once("Grand Ouest", 30))
    tallies = [CU112.tally(part) for part in whole.parts(6)]
    random.Random(1).shuffle(tallies)
    merged = tallies[0]
    for tally in tallies[1:]:
        merged = CU112.merge(merged, tally)
    assert merged == CU112.tally(whole)


def test_the_order_of_rows_is_of_no_matter() -> None:
    cases = peers() + late()
    shuffled = cases.copy()
    random.Random(0).shuffle(shuffled)
    assert judged(CU112, history(shuffled)) == judged(CU112, history(cases))


def test_no_person_is_in_a_tally() -> None:
    tally = CU112.tally(history(peers() + late()))
    assert "Grand Ouest.3" not in repr(tally.entries.rows()) + repr(tally.examples)
    assert "Grand Ouest" in repr(tally.entries.rows())


def test_what_belongs_to_no_unit_counts_for_the_company_alone() -> None:
    cases = peers() + late(n=120, since=0)
    homeless = [
        case | {"unit": None, "case_id": "no-" + case["case_id"]} for case in team("x", win_rate=0.0, n=200)
    ]
    found = only(judged(CU112, history(cases + homeless)))
    before = only(judged(CU112, history(cases)))
    assert found.norm == before.norm
    assert found.distortions[0].with_unit < before.distortions[0].with_unit
