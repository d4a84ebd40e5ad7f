from __future__ import annotations

from typing import ClassVar

import attrs

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.detectors.written._rule_not_kept_told import (
    KEPT,
    Expectation,
    by_expectation,
    pictures,
    proposals,
    reasoning,
    since_when,
    text,
)
from crmusage.history import History
from crmusage.metrics import Funnel, Peers, Standing, benjamini_hochberg, share
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Measure,
    Outcome,
    RuleTally,
    Scope,
    Severity,
    Text,
)

SURE = 0.05
"""Of what is found at most so many are false, after adjustment."""

APART = 0.10
"""A unit is told when it keeps a rule at least so much less than its peers: less is nobody's business.
Guessed."""

FEWEST = 30
"""Activations that were kept or broken; of fewer nothing is said. The measure of all rules here."""

HALF = 0.5
"""A rule broken more often than kept is a serious matter. Guessed."""


@attrs.frozen(eq=False)
class _Tried:
    """One expectation in one unit, held against its peers."""

    expectation: Expectation
    row: RuleTally
    kept: Measure
    standing: Standing
    peers: Peers
    large: tuple[RuleTally, ...]
    """The rows of all units with enough verdicts."""


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
        "moins de quatre fois sur cinq (l'intervalle à 95 % du taux de respect est tout entier sous 80 %). Pour une "
        "unité : elle la respecte moins que ses pairs, d'au moins 10 points, et au-delà de leurs propres "
        "différences (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités et les règles). Il "
        "faut au moins 30 applications ; ce qui est encore en attente, ou indécidable, ne compte ni comme "
        "respecté ni comme enfreint.",
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
        of_company = [found for rule in rules if (found := self._of_company(rule)) is not None]
        enough = any(rule.whole.judged >= FEWEST for rule in rules)
        tried = [one for rule in rules for one in _held(rule, context)]
        q_values = benjamini_hochberg([one.standing.p_below for one in tried]).tolist()
        of_units = [
            self._of_unit(one, q, len(tried))
            for one, q in zip(tried, q_values, strict=True)
            if _worse(one, q)
        ]
        named = {finding.scope.unit for finding in of_units}
        judged = {one.row.unit for one in tried}
        assessments = [_ended(self.code, None, found=bool(of_company), judged=enough)]
        for name in sorted({str(row.unit) for rule in rules for row in rule.units}):
            reason = context.unreportable(name)
            assessments.append(
                _ended(self.code, name, found=name in named, judged=name in judged)
                if reason is None
                else Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reason)
            )
        return Judgement((*of_company, *of_units), tuple(assessments))

    def _of_company(self, rule: Expectation) -> Finding | None:
        kept = share(rule.whole.fulfilled, rule.whole.judged, name="kept")
        if not isinstance(kept, Measure) or kept.high is None:
            return None
        if rule.whole.judged < FEWEST or kept.high >= KEPT:
            return None
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.NONCONFORMITY,
            severity=Severity.HIGH if kept.high < HALF else Severity.MEDIUM,
            scope=Scope(),
            measure=kept,
            rule=rule.whole.rule,
            onset=since_when(rule, None),
            text=both(lambda w: text(w, rule.whole, kept, None)),
            reasoning=both(lambda w: reasoning(w, rule.whole, None, 0)),
            proposals=proposals(rule.whole.rule, None),
            figures=pictures(rule, None, (), None),
        )

    def _of_unit(self, one: _Tried, q: float, tried: int) -> Finding:
        row, norm = one.row, one.standing.norm
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.NONCONFORMITY,
            severity=Severity.HIGH if one.kept.value < HALF * norm.value else Severity.MEDIUM,
            scope=Scope(row.unit),
            measure=one.kept,
            norm=norm,
            q_value=q,
            rule=row.rule,
            onset=since_when(one.expectation, row.unit),
            evidence=(Evidence(one.kept, norm, one.standing.p_below, q),),
            text=both(lambda w: text(w, row, one.kept, one.standing)),
            reasoning=both(lambda w: reasoning(w, row, one.standing, tried)),
            proposals=proposals(row.rule, row.unit),
            figures=pictures(one.expectation, row.unit, one.large, one.peers),
        )


def _held(rule: Expectation, context: Context) -> list[_Tried]:
    """The units that may be named and have verdicts enough, each against all others that have."""
    large = tuple(row for row in rule.units if row.judged >= FEWEST)
    funnel = Funnel.of_shares([row.fulfilled for row in large], [row.judged for row in large])
    tried = []
    for place, row in enumerate(large):
        peers, standing = funnel.peers_of(place), funnel.standing(place)
        kept = share(row.fulfilled, row.judged, name="kept")
        if peers is None or standing is None or not isinstance(kept, Measure):
            continue
        if context.unreportable(str(row.unit)) is None:
            tried.append(_Tried(rule, row, kept, standing, peers, large))
    return tried


def _worse(one: _Tried, q: float) -> bool:
    norm = one.standing.norm
    return q < SURE and one.kept.value < norm.low and one.kept.value <= norm.value - APART


def _ended(code: str, unit: str | None, *, found: bool, judged: bool) -> Assessment:
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
