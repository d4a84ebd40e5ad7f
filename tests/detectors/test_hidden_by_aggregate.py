from __future__ import annotations

import pytest

from crmusage.detectors import HiddenByAggregate
from crmusage.history import History
from crmusage.model import Kind, Outcome, Severity

from .company import Record, history, judged, late, of_unit, only, peers, silent, team

CU501 = HiddenByAggregate()


def _wavering(cases: list[Record]) -> list[Record]:
    """The same company, with a win rate and a pace that go up and down from month to month."""
    for case in cases:
        month = case["created_at"].month
        if case["closed_at"] is not None and case["unit"].startswith("team"):
            case["outcome"] = "won" if hash_of(case["case_id"]) % 100 < (15 + 30 * (month % 2)) else "lost"
    return cases


def shown() -> History:
    """A history in which it finds something."""
    return history(_wavering(peers(8, n=90)) + team("Far", n=110, win_rate=0.95, pace=40))


def hash_of(text: str) -> int:
    return sum(ord(letter) * (place + 7) * 31 for place, letter in enumerate(text))


def test_it_names_a_unit_far_from_its_peers_that_no_figure_shows() -> None:
    cases = _wavering(peers()) + team("Far", n=150, win_rate=0.95, pace=40)
    judgement = judged(CU501, history(cases))
    found = only(judgement)
    assert (found.code, found.name, found.kind) == ("CU501", "hidden-by-aggregate", Kind.RISK)
    assert found.scope.unit == "Far"
    assert found.measure.name == "win_rate"
    (shift,) = found.distortions
    assert shift.hidden
    assert shift.measure == "win_rate"
    assert shift.shift > 0.05 * shift.without_unit
    assert of_unit(judgement, "Far").outcome is Outcome.FOUND


def test_it_tells_it_in_both_languages_and_points_at_late_creation() -> None:
    found = only(judged(CU501, history(_wavering(peers()) + team("Far", n=150, win_rate=0.95, pace=40))))
    assert found.text.en.startswith("Far wins")
    assert found.text.fr.startswith("Far gagne")
    assert found.reasoning is not None
    assert "CU112" in found.reasoning.en
    assert "CU112" in found.reasoning.fr
    assert found.explain("fr")


def test_a_unit_that_never_wins_is_told_by_its_win_rate_alone() -> None:
    found = only(judged(CU501, history(_wavering(peers()) + team("Never", n=250, win_rate=0.0))))
    assert [evidence.measure.name for evidence in found.evidence] == ["win_rate"]
    assert found.measure.value == 0


def test_a_unit_that_alone_wins_at_all_is_all_of_the_figure() -> None:
    cases = peers()
    for case in cases:
        case["outcome"] = case["outcome"] and "lost"
    found = only(judged(CU501, history(cases + team("Only", n=40, win_rate=1.0))))
    assert found.severity is Severity.HIGH
    assert found.distortions[0].without_unit == 0


def test_a_slow_or_quick_unit_is_told_by_its_cycle() -> None:
    cases = _wavering(peers()) + team("Quick", n=200, win_rate=0.6, pace=1.0)
    found = only(judged(CU501, history(cases)))
    assert "typical_cycle" in [evidence.measure.name for evidence in found.evidence]
    assert "In Quick a typical sale takes" in found.text.en


def test_what_the_companys_figure_shows_is_not_hidden() -> None:
    steady = [case for case in peers() if case["closed_at"]]
    for place, case in enumerate(steady):
        case["outcome"] = "won" if place % 3 == 0 else "lost"
    assert silent(judged(CU501, history(steady + team("Far", n=500, win_rate=0.99, pace=40))))


def test_a_unit_too_small_to_move_the_figure_is_not_told() -> None:
    assert silent(judged(CU501, history(_wavering(peers(30)) + team("Far", n=40, win_rate=0.95, pace=40))))


def test_a_company_whose_units_differ_as_units_do_is_clear() -> None:
    assert {one.outcome for one in judged(CU501, history(peers())).assessments} == {Outcome.CLEAR}


def test_a_campaign_is_not_a_way_of_working() -> None:
    year = team("Campaign", n=120)
    for month in (150, 515):
        year += team("Campaign", n=90, since=month, until=month + 60, win_rate=0.95, pace=3, spread=0.5)
    always = team("Campaign", n=300, win_rate=0.72, pace=8)
    assert silent(judged(CU501, history(_wavering(peers()) + year)))
    assert not silent(judged(CU501, history(_wavering(peers()) + always)))


def test_an_import_of_old_deals_is_not_a_unit_far_from_its_peers() -> None:
    far = team("Far", n=150, win_rate=0.95, pace=40)
    imported = [
        {"case_id": case["case_id"], "activity": "created", "at": case["created_at"], "origin": "import"}
        for case in far
    ]
    assert silent(judged(CU501, history(_wavering(peers()) + far, imported)))


@pytest.mark.parametrize("persons", [1, 4])
def test_a_small_team_is_never_named(persons: int) -> None:
    far = team("Far", n=150, win_rate=0.95, pace=40, persons=persons)
    judgement = judged(CU501, history(_wavering(peers()) + far))
    assert silent(judgement)
    assert of_unit(judgement, "Far").outcome is Outcome.NOT_ASSESSABLE


def test_few_deals_and_few_peers_cannot_be_judged() -> None:
    assert (
        of_unit(judged(CU501, history(peers() + team("Few", n=20))), "Few").outcome is Outcome.NOT_ASSESSABLE
    )
    judgement = judged(CU501, history(peers(3) + late()))
    assert {one.outcome for one in judgement.assessments} == {Outcome.NOT_ASSESSABLE}


def test_opportunities_that_all_belong_to_no_unit_are_not_assessable() -> None:
    requests = [case | {"kind": "request", "outcome": "fulfilled"} for case in peers(1)]
    (one,) = judged(CU501, history(requests)).assessments
    assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)


@pytest.mark.parametrize("parts", [3, 20])
def test_however_the_history_is_cut_the_judgement_is_the_same(parts: int) -> None:
    whole = history(_wavering(peers()) + team("Far", n=150, win_rate=0.95, pace=40))
    assert judged(CU501, whole, parts=parts) == judged(CU501, whole)
