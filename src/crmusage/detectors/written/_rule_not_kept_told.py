"""Rules that are not kept, in words, pictures and next steps."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from crmusage.detectors._pictures import funnel, series
from crmusage.detectors._words import both, said
from crmusage.metrics import Peers, Standing, onset
from crmusage.model import (
    FunnelFigure,
    Measure,
    Onset,
    Proposal,
    RuleTally,
    SeriesFigure,
    Verb,
    Wording,
)

KEPT = 0.80
"""A rule is kept when four times in five it is; below that it does not steer what people do. Guessed."""

_Key = tuple[str, int, int]


@attrs.frozen(eq=False)
class Expectation:
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


def by_expectation(rows: Iterable[RuleTally]) -> list[Expectation]:
    """Rows that belong together, by rule, version and place of the expectation."""
    grouped: dict[_Key, list[RuleTally]] = {}
    for row in rows:
        grouped.setdefault((row.rule, row.version, row.expect), []).append(row)
    rules = []
    for key in sorted(grouped):
        whole = [row for row in grouped[key] if row.unit is None and row.period is None]
        units = [row for row in grouped[key] if row.unit is not None and row.period is None]
        months = [row for row in grouped[key] if row.period is not None]
        if whole:
            rules.append(
                Expectation(whole[0], tuple(sorted(units, key=lambda row: str(row.unit))), tuple(months))
            )
    return rules


def since_when(rule: Expectation, unit: str | None) -> Onset | None:
    """Since when it is kept less, where the months can tell."""
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


def text(w: Wording, row: RuleTally, kept: Measure, standing: Standing | None) -> str:
    """One sentence with the figures."""
    who = row.unit or w.pick("The company", "L'entreprise")
    value = w.value(kept.value, "share")
    counts = w.pick(
        f"{w.number(row.fulfilled)} of {w.count(row.judged, 'time')}",
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


def reasoning(w: Wording, row: RuleTally, standing: Standing | None, tried: int) -> str:
    """Why, what was not counted, and what could make it wrong."""
    aside = w.pick(
        f"What the rule expects: {w.of(row.asks)}. Not counted: {w.number(row.pending)} still pending, "
        f"{w.number(row.tied)} whose verdict hangs on the order of events at one instant.",
        f"Ce que la règle attend : {w.of(row.asks)}. Non comptées : {w.number(row.pending)} encore en "
        f"attente, {w.number(row.tied)} dont le verdict dépend de l'ordre d'événements simultanés.",
    )
    if standing is None:
        judged = w.pick(
            f"Even the upper limit of the share is below {w.value(KEPT, 'share')}. A rule that most do not "
            "keep may not fit the work any more: ask before insisting.",
            f"L'intervalle à 95 % du taux de respect est tout entier sous {w.value(KEPT, 'share')}. Une règle "
            "que la plupart ne respectent pas ne correspond peut-être plus au travail : interrogez avant "
            "d'insister.",
        )
    else:
        judged = w.pick(
            f"The unit was held against {w.number(standing.norm.units)} others, allowing for how much "
            f"these differ among themselves, and adjusted for {w.count(tried, 'comparison')}. It may have "
            "other cases than its peers, or write down elsewhere what it does: the records do not tell.",
            f"L'unité a été comparée à {w.number(standing.norm.units)} autres, en tenant compte de leurs "
            f"propres différences, et corrigée pour {w.count(tried, 'comparison')}. Elle peut traiter "
            "d'autres dossiers que ses pairs, ou noter ailleurs ce qu'elle fait : les données ne le "
            "disent pas.",
        )
    return f"{judged} {aside}"


def proposals(rule: str, unit: str | None) -> tuple[Proposal, ...]:
    """What can be done about the rule, and about the unit."""
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


def pictures(
    rule: Expectation, unit: str | None, large: tuple[RuleTally, ...], peers: Peers | None
) -> tuple[FunnelFigure | SeriesFigure, ...]:
    """The units side by side, and the months in sequence."""
    figures: list[FunnelFigure | SeriesFigure] = []
    if peers is not None:
        figures.append(
            funnel(
                said(en="The rule kept, by unit", fr="Règle respectée, par unité"),
                peers,
                ((row.fulfilled, row.judged, row.unit if row.unit == unit else None) for row in large),
            )
        )
    months, whole = rule.series(unit), dict(rule.series(None))
    if len(months) > 1:
        since = since_when(rule, unit)
        figures.append(
            series(
                said(en="The rule kept, by month", fr="Règle respectée, par mois"),
                (
                    (month, row.fulfilled, row.judged, *_others(whole.get(month), row))
                    for month, row in months
                ),
                onset=since.value if since is not None else None,
                alone=unit is None,
            )
        )
    return tuple(figures)


def _others(whole: RuleTally | None, row: RuleTally) -> tuple[int, int]:
    return (0, 0) if whole is None else (whole.fulfilled - row.fulfilled, whole.judged - row.judged)
