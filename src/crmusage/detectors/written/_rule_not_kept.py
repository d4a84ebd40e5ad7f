from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.history import History
from crmusage.metrics import Funnel, Standing, benjamini_hochberg, first_of_month, onset, share
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    FunnelFigure,
    FunnelPoint,
    Kind,
    Measure,
    Onset,
    Outcome,
    Period,
    Proposal,
    RuleTally,
    Scope,
    SeriesFigure,
    Severity,
    Text,
    Undefined,
    Verb,
    Wording,
)

SURE = 0.05
"""Of what is found at most so many are false, after adjustment."""

KEPT = 0.80
"""A rule is kept when four times in five it is; below that it does not steer what people do. Guessed."""

APART = 0.10
"""A unit is told when it keeps a rule at least so much less than its peers: less is nobody's business.
Guessed."""

FEWEST = 30
"""Activations that were kept or broken; of fewer nothing is said. The measure of all rules here."""

HALF = 0.5
"""A rule broken more often than kept is a serious matter. Guessed."""

@attrs.frozen
class RuleNotKept:
    """A written rule that the company, or one unit, does not keep."""

    code: ClassVar[str] = "CU001"
    name: ClassVar[str] = "rule-not-kept"
    title: ClassVar[Text] = said(
        en="A written rule that is not kept", fr="Une règle écrite qui n'est pas respectée"
    )
    about: ClassVar[Text] = said(
        en="For the company: of the times a rule applied, it was surely kept less than four times in five "
        "(the upper 95% limit of the share is below 80%). For a unit: it keeps the rule less than its "
        "peers do, by at least 10 points, and by more than these differ among themselves (over-dispersed "
        "funnel, Benjamini-Hochberg over units and rules). At least 30 cases in point are needed; what is "
        "still pending, or tied, counts on neither side.",
        fr="Pour l'entreprise : parmi les fois où une règle s'appliquait, elle a sûrement été respectée "
        "moins de quatre fois sur cinq (la limite haute à 95 % de la part est inférieure à 80 %). Pour une "
        "unité : elle la respecte moins que ses pairs, d'au moins 10 points, et au-delà de leurs propres "
        "différences (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités et les règles). Il "
        "faut au moins 30 applications ; ce qui est encore en attente, ou indécidable, ne compte d'aucun "
        "côté.",
    )
    needs: ClassVar[Needs] = Needs()

    def tally(self, part: History) -> None:
        """Nothing: the rules were tallied by those who judge them."""

    def merge(self, one: None, other: None) -> None:
        """Nothing and nothing."""

    def judge(self, tally: None, context: Context) -> Judgement:  # noqa: ARG002 - the protocol's
        """Which rules are not kept, and by whom."""
        rules = by_expectation(context.rules)
        if not rules:
            return Judgement.not_assessable(
                self.code, said(en="no written rule was judged", fr="aucune règle écrite n'a été vérifiée")
            )
        findings = [found for rule in rules if (found := self._of_company(rule)) is not None]
        whole = _ended(self.code, None, bool(findings), any(rule.whole.judged >= FEWEST for rule in rules))
        of_units, ended = self._of_units(rules, context)
        return Judgement((*findings, *of_units), (whole, *ended))

    def _of_company(self, rule: Expectation) -> Finding | None:
        kept = share(rule.whole.fulfilled, rule.whole.judged, name="kept")
        if isinstance(kept, Undefined) or rule.whole.judged < FEWEST or (kept.high or 1.0) >= KEPT:
            return None
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.NONCONFORMITY,
            severity=Severity.HIGH if (kept.high or 1.0) < HALF else Severity.MEDIUM,
            scope=Scope(),
            measure=kept,
            rule=rule.whole.rule,
            onset=since_when(rule, None),
            text=both(lambda w: text(w, rule.whole, kept, None)),
            reasoning=both(lambda w: reasoning(w, rule.whole, None, 0)),
            proposals=proposals(rule.whole.rule, None),
            figures=pictures(rule, None, ()),
        )

    def _of_units(
        self, rules: list[Expectation], context: Context
    ) -> tuple[tuple[Finding, ...], tuple[Assessment, ...]]:
        names = sorted({row.unit for rule in rules for row in rule.units if row.unit is not None})
        tried: list[tuple[Expectation, RuleTally, Standing, tuple[RuleTally, ...]]] = []
        for rule in rules:
            large = tuple(row for row in rule.units if row.judged >= FEWEST)
            funnel = Funnel.of_shares([row.fulfilled for row in large], [row.judged for row in large])
            for place, row in enumerate(large):
                standing = funnel.standing(place)
                if standing is not None and context.unreportable(str(row.unit)) is None:
                    tried.append((rule, row, standing, large))
        q_values = benjamini_hochberg([standing.p_below for _, _, standing, _ in tried])
        findings = []
        for (rule, row, standing, large), q in zip(tried, q_values.tolist(), strict=True):
            norm = standing.norm
            if q < SURE and standing.value < norm.low and standing.value <= norm.value - APART:
                findings.append(self._of_unit(rule, row, standing, float(q), large, len(tried)))
        found = {finding.scope.unit for finding in findings}
        judged = {row.unit for _, row, _, _ in tried}
        ended = []
        for name in names:
            reason = context.unreportable(name)
            if reason is not None:
                ended.append(Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reason))
            else:
                ended.append(_ended(self.code, name, name in found, name in judged))
        return tuple(findings), tuple(ended)

    def _of_unit(
        self,
        rule: Expectation,
        row: RuleTally,
        standing: Standing,
        q: float,
        large: tuple[RuleTally, ...],
        tried: int,
    ) -> Finding:
        kept = share(row.fulfilled, row.judged, name="kept")
        assert isinstance(kept, Measure)  # noqa: S101 - only rows with enough activations come here
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.NONCONFORMITY,
            severity=Severity.HIGH if kept.value < HALF * standing.norm.value else Severity.MEDIUM,
            scope=Scope(row.unit),
            measure=kept,
            norm=standing.norm,
            q_value=q,
            rule=row.rule,
            onset=since_when(rule, row.unit),
            evidence=(Evidence(kept, standing.norm, standing.p_below, q),),
            text=both(lambda w: text(w, row, kept, standing)),
            reasoning=both(lambda w: reasoning(w, row, standing, tried)),
            proposals=proposals(row.rule, row.unit),
            figures=pictures(rule, row.unit, large),
        )


def _ended(code: str, unit: str | None, found: bool, judged: bool) -> Assessment:
    if found:
        return Assessment(code, Scope(unit), Outcome.FOUND)
    if judged:
        return Assessment(code, Scope(unit), Outcome.CLEAR)
    reason = said(
        en=f"no rule applied {FEWEST} times with a verdict"
        + ("" if unit is None else ", or too few peers had as many"),
        fr=f"aucune règle ne s'est appliquée {FEWEST} fois avec un verdict"
        + ("" if unit is None else ", ou trop peu de pairs en ont autant"),
    )
    return Assessment(code, Scope(unit), Outcome.NOT_ASSESSABLE, reason)
