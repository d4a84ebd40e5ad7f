from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from crmusage.detectors import Context, Judgement, RuleNotKept
from crmusage.history import History
from crmusage.model import (
    FunnelFigure,
    Kind,
    Outcome,
    Period,
    RuleTally,
    Scope,
    SeriesFigure,
    Severity,
    Text,
    Verb,
)

from .company import history, of_unit, only, peers, team

CU001 = RuleNotKept()
UNITS = {f"team {place:02}": (90 + place % 5, 100) for place in range(12)}


def _rows(
    units: Mapping[str | None, tuple[int, int]], rule: str = "quote-call", months: int = 0, **more: int
) -> list[RuleTally]:
    """The rows of one rule: kept and judged by unit, and the whole company's; by month as well if asked for."""

    def row(unit: str | None, kept: int, judged: int, period: Period | None = None) -> RuleTally:
        return RuleTally(
            rule=rule,
            version=1,
            expect=0,
            expect_text="response(quote_sent, call)",
            situation=Text("A quote has gone out", "Un devis est parti"),
            unit=unit,
            period=period,
            activations=judged + sum(more.values()),
            fulfilled=kept,
            violated=judged - kept,
            **more,
        )

    rows = [row(None, sum(kept for kept, _ in units.values()), sum(n for _, n in units.values()))]
    rows += [row(unit, kept, n) for unit, (kept, n) in units.items()]
    for month in range(months):
        period = Period.month(2024 + month // 12, month % 12 + 1)
        rows += [row(unit, kept // months, n // months, period) for unit, (kept, n) in units.items()]
        rows.append(
            row(
                None,
                sum(kept // months for kept, _ in units.values()),
                sum(n // months for _, n in units.values()),
                period,
            )
        )
    return rows


def shown() -> History:
    """A history of the units that `rules` speak of."""
    return history(peers(12, n=12) + team("Far", n=12))


def rules() -> list[RuleTally]:
    """How a rule was kept: in one unit far less than in the others."""
    return _rows({**UNITS, "Far": (40, 100)})


def _judge(rows: list[RuleTally], sizes: Mapping[str, int] | None = None, **wishes: int) -> Judgement:
    units = {row.unit: 9 for row in rows if row.unit is not None}
    context = Context(
        as_of=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        unit_sizes=units | dict(sizes or {}),
        rules=rows,
        **wishes,
    )
    return CU001.judge(CU001.merge(None, None), context)


def test_a_rule_that_the_company_does_not_keep_is_found() -> None:
    judgement = _judge(_rows({f"team {place:02}": (60, 100) for place in range(12)}))
    found = only(judgement)
    assert (found.kind, found.rule, found.scope) == (Kind.NONCONFORMITY, "quote-call", Scope())
    assert found.measure.value == 0.6
    assert (found.measure.numerator, found.measure.denominator) == (720, 1200)
    assert found.severity is Severity.MEDIUM
    assert of_unit(judgement, None).outcome is Outcome.FOUND
    assert {proposal.verb for proposal in found.proposals} == {Verb.AMEND, Verb.ANNOUNCE}
    assert {proposal.rule for proposal in found.proposals} == {"quote-call"}


def test_a_rule_broken_more_often_than_kept_is_serious() -> None:
    found = only(_judge(_rows({f"team {place:02}": (30, 100) for place in range(12)})))
    assert found.severity is Severity.HIGH


def test_a_rule_that_may_be_kept_four_times_in_five_is_not_found() -> None:
    # 36 of 50: 72 %, but the interval goes up to 83 %.
    assert not _judge(_rows({"team": (36, 50)})).findings
    assert _judge(_rows({"team": (360, 500)})).findings


def test_a_unit_that_keeps_a_rule_less_than_its_peers_is_found() -> None:
    judgement = _judge(_rows(UNITS | {"Nord": (55, 100)}))
    found = only(judgement)
    assert found.scope.unit == "Nord"
    assert found.measure.value == 0.55
    assert found.norm is not None
    assert found.norm.units == 12
    assert found.norm.value == pytest.approx(0.92, abs=0.01)
    assert found.q_value is not None
    assert found.q_value < 0.05
    assert {proposal.verb for proposal in found.proposals} == {Verb.ANNOUNCE, Verb.TRAIN}
    assert of_unit(judgement, "Nord").outcome is Outcome.FOUND
    assert of_unit(judgement, "team 03").outcome is Outcome.CLEAR
    assert of_unit(judgement, None).outcome is Outcome.CLEAR


def test_a_unit_hardly_worse_than_its_peers_is_not_found_however_sure_it_is() -> None:
    large = {f"team {place:02}": (92_000, 100_000) for place in range(12)}
    assert not _judge(_rows(large | {"Nord": (86_000, 100_000)})).findings


def test_a_unit_within_what_peers_differ_is_not_found() -> None:
    wide = {f"team {place:02}": (100 - 5 * place, 100) for place in range(12)}
    assert all(found.scope.unit is None for found in _judge(_rows(wide | {"Nord": (40, 100)})).findings)


def test_the_texts_name_the_situation_and_the_figures_in_both_languages() -> None:
    found = only(_judge(_rows(UNITS | {"Nord": (55, 100)}, pending=4, tied=2)))
    assert "Nord" in found.text.en
    assert "A quote has gone out" in found.text.en
    assert "55 of 100" in found.text.en
    assert "Un devis est parti" in found.text.fr
    assert "55 fois sur 100" in found.text.fr
    assert found.reasoning is not None
    assert "response(quote_sent, call)" in found.reasoning.en
    assert found.explain("en")
    assert found.explain("fr")


def test_a_rule_without_a_situation_is_called_by_its_id() -> None:
    rows = [
        RuleTally("r1", 1, 0, "absence(reopened)", unit=unit, fulfilled=50, violated=100, activations=150)
        for unit in (None, "team")
    ]
    assert "rule r1" in only(_judge(rows)).text.en


def test_months_give_the_onset_and_a_picture() -> None:
    rows = _rows(UNITS, months=12)
    rows = [row for row in rows if row.unit is None or row.period is None]
    for month in range(12):
        kept = 9 if month < 7 else 0
        rows.append(
            RuleTally(
                "quote-call",
                1,
                0,
                "",
                unit="Nord",
                period=Period.month(2024, month + 1),
                fulfilled=kept,
                violated=10 - kept,
            )
        )
    rows.append(RuleTally("quote-call", 1, 0, "", unit="Nord", fulfilled=63, violated=57))
    found = only(_judge(rows))
    assert found.onset is not None
    assert found.onset.value == dt.date(2024, 8, 1)
    funnel, series = found.figures
    assert isinstance(funnel, FunnelFigure)
    assert [point.name for point in funnel.points if point.name] == ["Nord"]
    assert isinstance(series, SeriesFigure)
    assert series.onset == dt.date(2024, 8, 1)
    assert len(series.periods) == 12
    assert all(peers is not None for peers in series.peers)


def test_a_small_unit_is_never_named() -> None:
    judgement = _judge(_rows(UNITS | {"Two": (5, 100)}), {"Two": 2})
    assert not judgement.findings
    assert of_unit(judgement, "Two").outcome is Outcome.NOT_ASSESSABLE


def test_fewer_than_thirty_verdicts_are_not_judged() -> None:
    judgement = _judge(_rows(UNITS | {"New": (0, 29)}))
    assert not judgement.findings
    assert of_unit(judgement, "New").outcome is Outcome.NOT_ASSESSABLE
    alone = _judge(_rows({"New": (0, 29)}))
    assert {one.outcome for one in alone.assessments} == {Outcome.NOT_ASSESSABLE}


def test_what_is_pending_or_tied_counts_on_neither_side() -> None:
    assert _judge(_rows(UNITS, pending=10_000, tied=10_000)).findings == ()


def test_with_too_few_peers_only_the_company_is_judged() -> None:
    judgement = _judge(_rows({"A": (95, 100), "B": (5, 100)}))
    assert [found.scope.unit for found in judgement.findings] == [None]
    assert of_unit(judgement, "B").outcome is Outcome.NOT_ASSESSABLE


def test_rules_are_judged_apart_and_adjusted_together() -> None:
    one, two = _rows(UNITS | {"Nord": (55, 100)}), _rows(UNITS | {"Nord": (92, 100)}, rule="other")
    together = only(_judge(one + two))
    alone = only(_judge(one))
    assert together.rule == "quote-call"
    assert (together.q_value or 0) > (alone.q_value or 0)


def test_a_rule_that_never_came_to_a_verdict_is_not_judged() -> None:
    judgement = _judge(_rows({"team": (0, 0)}, pending=50))
    assert {one.outcome for one in judgement.assessments} == {Outcome.NOT_ASSESSABLE}


def test_without_rules_nothing_can_be_judged() -> None:
    (one,) = _judge([]).assessments
    assert (one.scope, one.outcome) == (Scope(), Outcome.NOT_ASSESSABLE)
