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

_Expectation = tuple[str, int, int]


@attrs.frozen(eq=False)
class _Rule:
    """One expectation of one rule, as it was kept."""

    whole: RuleTally
    units: tuple[RuleTally, ...]
    months: tuple[RuleTally, ...]
    """Of the company and of units, month by month."""

    def series(self, unit: str | None) -> list[tuple[int, RuleTally]]:
        """Month by month (counted from January 1970): the unit's, or the company's."""
        rows = ((row.period, row) for row in self.months if row.unit == unit)
        return sorted(
            (
                (period.start.year * 12 + period.start.month - 1 - 1970 * 12, row)
                for period, row in rows
                if period is not None
            ),
            key=lambda pair: pair[0],
        )


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
        rules = _by_expectation(context.rules)
        if not rules:
            return Judgement.not_assessable(
                self.code, said(en="no written rule was judged", fr="aucune règle écrite n'a été vérifiée")
            )
        findings = [found for rule in rules if (found := self._of_company(rule)) is not None]
        whole = _ended(self.code, None, bool(findings), any(rule.whole.judged >= FEWEST for rule in rules))
        of_units, ended = self._of_units(rules, context)
        return Judgement((*findings, *of_units), (whole, *ended))

    def _of_company(self, rule: _Rule) -> Finding | None:
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
            onset=_onset(rule, None),
            text=both(lambda w: _text(w, rule.whole, kept, None)),
            reasoning=both(lambda w: _reasoning(w, rule.whole, None, 0)),
            proposals=_proposals(rule.whole.rule, None),
            figures=_figures(rule, None, ()),
        )

    def _of_units(
        self, rules: list[_Rule], context: Context
    ) -> tuple[tuple[Finding, ...], tuple[Assessment, ...]]:
        names = sorted({row.unit for rule in rules for row in rule.units if row.unit is not None})
        tried: list[tuple[_Rule, RuleTally, Standing, tuple[RuleTally, ...]]] = []
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
        rule: _Rule,
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
            onset=_onset(rule, row.unit),
            evidence=(Evidence(kept, standing.norm, standing.p_below, q),),
            text=both(lambda w: _text(w, row, kept, standing)),
            reasoning=both(lambda w: _reasoning(w, row, standing, tried)),
            proposals=_proposals(row.rule, row.unit),
            figures=_figures(rule, row.unit, large),
        )


def _by_expectation(rows: Iterable[RuleTally]) -> list[_Rule]:
    grouped: dict[_Expectation, list[RuleTally]] = {}
    for row in rows:
        grouped.setdefault((row.rule, row.version, row.expect), []).append(row)
    rules = []
    for key in sorted(grouped):
        whole = [row for row in grouped[key] if row.unit is None and row.period is None]
        units = [row for row in grouped[key] if row.unit is not None and row.period is None]
        months = [row for row in grouped[key] if row.period is not None]
        if whole:
            rules.append(_Rule(whole[0], tuple(sorted(units, key=lambda row: str(row.unit))), tuple(months)))
    return rules


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


def _onset(rule: _Rule, unit: str | None) -> Onset | None:
    rows = [(month, row) for month, row in rule.series(unit) if row.judged]
    found = onset(
        [month for month, _ in rows],
        [row.fulfilled for _, row in rows],
        [row.judged for _, row in rows],
        direction="down",
    )
    return found if isinstance(found, Onset) else None


def _called(w: Wording, row: RuleTally) -> str:
    if row.situation is None:
        return w.pick(f"rule {row.rule}", f"règle {row.rule}")
    return w.pick(f"rule {row.rule} (“{row.situation.en}”)", f"règle {row.rule} (« {row.situation.fr} »)")


def _text(w: Wording, row: RuleTally, kept: Measure, standing: Standing | None) -> str:
    who = row.unit or w.pick("The company", "L'entreprise")
    value = w.value(kept.value, "share")
    counts = w.pick(
        f"{w.number(row.fulfilled)} of {w.number(row.judged)} times",
        f"{w.number(row.fulfilled)} fois sur {w.number(row.judged)}",
    )
    if standing is None:
        return w.pick(
            f"{who} keeps the {_called(w, row)} only {value} of the time ({counts}).",
            f"{who} ne respecte la {_called(w, row)} que dans {value} des cas ({counts}).",
        )
    usual = w.value(standing.norm.value, "share")
    return w.pick(
        f"{who} keeps the {_called(w, row)} {value} of the time ({counts}), its peers {usual}.",
        f"{who} respecte la {_called(w, row)} dans {value} des cas ({counts}), ses pairs dans {usual}.",
    )


def _reasoning(w: Wording, row: RuleTally, standing: Standing | None, tried: int) -> str:
    aside = w.pick(
        f"What the rule expects: {row.expect_text}. Not counted: {w.number(row.pending)} still pending, "
        f"{w.number(row.tied)} whose verdict hangs on the order of events at one instant.",
        f"Ce que la règle attend : {row.expect_text}. Non comptées : {w.number(row.pending)} encore en "
        f"attente, {w.number(row.tied)} dont le verdict dépend de l'ordre d'événements simultanés.",
    )
    if standing is None:
        judged = w.pick(
            f"Even the upper limit of the share is below {w.value(KEPT, 'share')}. A rule that most do not "
            "keep may not fit the work any more: ask before insisting.",
            f"Même la limite haute de la part est inférieure à {w.value(KEPT, 'share')}. Une règle que la "
            "plupart ne respectent pas ne correspond peut-être plus au travail : interrogez avant "
            "d'insister.",
        )
    else:
        judged = w.pick(
            f"The unit was held against {w.number(standing.norm.units)} others, allowing for how much "
            f"these differ among themselves, and adjusted for {w.number(tried)} comparisons. It may have "
            "other cases than its peers, or write down elsewhere what it does: the records do not tell.",
            f"L'unité a été comparée à {w.number(standing.norm.units)} autres, en tenant compte de leurs "
            f"propres différences, et corrigée pour {w.number(tried)} comparaisons. Elle peut traiter "
            "d'autres dossiers que ses pairs, ou noter ailleurs ce qu'elle fait : les données ne le "
            "disent pas.",
        )
    return f"{judged} {aside}"


def _proposals(rule: str, unit: str | None) -> tuple[Proposal, ...]:
    if unit is None:
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Ask those who do not keep it why, and change the rule where it does not fit the "
                    "work.",
                    fr="Demander à ceux qui ne la respectent pas pourquoi, et modifier la règle là où elle "
                    "ne correspond pas au travail.",
                ),
                rule,
            ),
            Proposal(
                Verb.ANNOUNCE,
                said(
                    en="If it is right, announce it again, with the reason for it.",
                    fr="Si elle est juste, la communiquer à nouveau, en expliquant pourquoi.",
                ),
                rule,
            ),
        )
    return (
        Proposal(
            Verb.ANNOUNCE,
            both(
                lambda w: w.pick(
                    f"Tell {unit} again what the rule asks for and what it is good for.",
                    f"Rappeler à {unit} ce que la règle demande et à quoi elle sert.",
                )
            ),
            rule,
        ),
        Proposal(
            Verb.TRAIN,
            both(
                lambda w: w.pick(
                    f"Find out with {unit} what keeps it from the rule, and show how it is done.",
                    f"Chercher avec {unit} ce qui l'en empêche, et montrer comment faire.",
                )
            ),
            rule,
        ),
    )


def _figures(
    rule: _Rule, unit: str | None, large: tuple[RuleTally, ...]
) -> tuple[FunnelFigure | SeriesFigure, ...]:
    figures: list[FunnelFigure | SeriesFigure] = []
    if large:
        place = next(i for i, row in enumerate(large) if row.unit == unit)
        peers = Funnel.of_shares([row.fulfilled for row in large], [row.judged for row in large]).peers_of(
            place
        )
        assert peers is not None  # noqa: S101 - the unit was held against them
        sizes = [row.judged for row in large]
        figures.append(
            FunnelFigure(
                title=said(en="The rule kept, by unit", fr="Règle respectée, par unité"),
                unit="share",
                points=tuple(
                    FunnelPoint(
                        float(row.judged), row.fulfilled / row.judged, row.unit if row.unit == unit else None
                    )
                    for row in sorted(large, key=lambda row: (row.judged, row.fulfilled))
                ),
                centre=peers.middle,
                limits=peers.limits(np.unique(np.rint(np.geomspace(min(sizes), max(sizes), 30)))),
            )
        )
    series, whole = rule.series(unit), dict(rule.series(None))
    if len(series) > 1:
        since = _onset(rule, unit)
        figures.append(
            SeriesFigure(
                title=said(en="The rule kept, by month", fr="Règle respectée, par mois"),
                unit="share",
                periods=tuple(
                    Period(first_of_month(month), first_of_month(month + 1)) for month, _ in series
                ),
                numerators=tuple(float(row.fulfilled) for _, row in series),
                denominators=tuple(float(row.judged) for _, row in series),
                peers=() if unit is None else tuple(_others(whole.get(month), row) for month, row in series),
                onset=since.value if since is not None else None,
            )
        )
    return tuple(figures)


def _others(whole: RuleTally | None, row: RuleTally) -> float | None:
    judged = 0 if whole is None else whole.judged - row.judged
    return None if whole is None or judged <= 0 else (whole.fulfilled - row.fulfilled) / judged
