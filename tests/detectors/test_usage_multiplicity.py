from __future__ import annotations

import random

from crmusage.detectors.unwritten import UsageMultiplicity
from crmusage.history import History
from crmusage.model import Kind, Outcome
from crmusage.report import Report

from ..discovery.company import START, Row, company, usual
from ..discovery.test_ways import backwards
from .company import judged, of_unit, only

CU503 = UsageMultiplicity()


def shown() -> History:
    """A history in which it finds something."""
    return company(backwards)


def test_a_team_that_works_in_another_order_makes_two_ways_of_the_company() -> None:
    found = only(judged(CU503, shown()))
    assert (found.code, found.kind, found.measure.value) == ("CU503", Kind.RISK, 2)
    assert found.text.en.startswith(
        "There are 2 ways of working: 8\N{NO-BREAK SPACE}units work alike; apart from them: team 0"
    )
    assert "team 0" in found.text.fr
    assert found.explain("fr")


def test_teams_that_work_alike_are_clear() -> None:
    judgement = judged(CU503, company())
    assert judgement.findings == ()
    assert of_unit(judgement, None).outcome is Outcome.CLEAR


def test_units_of_four_persons_are_not_compared() -> None:
    judgement = judged(CU503, company(backwards, persons=4))
    assert judgement.findings == ()
    assert of_unit(judgement, None).outcome is Outcome.NOT_ASSESSABLE


def test_however_the_history_is_cut_the_finding_is_the_same() -> None:
    assert judged(CU503, shown(), parts=3) == judged(CU503, shown())


def test_the_report_draws_who_works_alike_by_unit_profile_and_region_in_both_languages() -> None:
    found = only(judged(CU503, shown()))
    titles = [figure.title.en for figure in found.figures]
    assert titles == ["Who works alike", "Profiles that work alike", "Regions that work alike"]
    assert {point.name.en for point in found.figures[2].points} == {"north", "south"}
    report = Report(START, (found,))
    for lang, title in (("en", "Who works alike"), ("fr", "Qui travaille de la même façon")):
        page = report.to_html(lang=lang)
        assert f"<figcaption>{title}</figcaption>" in page
        assert page.count('role="img"') >= 3
    assert "profils" in found.explain("fr")


def test_one_manager_who_works_otherwise_makes_no_second_way() -> None:
    def as_managers_do(draw: random.Random, case: Row) -> list[tuple[str, float]]:
        return backwards(draw, case) if case["owner"].endswith(".0") else usual(draw, case)

    judgement = judged(CU503, company(as_managers_do))
    assert of_unit(judgement, None).outcome is Outcome.CLEAR
