"""Late creation in words, figures and next steps."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np

from crmusage.detectors._base import Context
from crmusage.detectors._company import distortions
from crmusage.detectors._deals import Bool
from crmusage.detectors._peers import FEWEST_OF_PEER, Held, Totals
from crmusage.detectors._pictures import funnel, series
from crmusage.detectors._severity import severity_of
from crmusage.detectors._sheet import Sheet
from crmusage.detectors._words import both, left_out, said
from crmusage.metrics import first_of_month
from crmusage.model import (
    Distortion,
    Evidence,
    Finding,
    FunnelFigure,
    Kind,
    Measure,
    Onset,
    Period,
    Proposal,
    Scope,
    SeriesFigure,
    Verb,
    Wording,
)


class _Named(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


@attrs.frozen(eq=False)
class Found:
    """A unit that enters its opportunities late."""

    unit: int
    name: str
    totals: Totals
    onset: Onset
    figures: tuple[Held, Held, Held]
    """Late entries, wins, cycle."""
    p_values: tuple[float, float, float]
    q_values: tuple[float, float, float]
    judged: int
    """Units that were judged together."""
    cases: tuple[str, ...]


def finding(detector: _Named, sheet: Sheet, found: Found, context: Context) -> Finding:
    """All that is told of one unit."""
    late, wins, cycle = (one.measure for one in found.figures)
    bent = distortions(sheet, found.unit, _months(sheet, found))
    evidence = tuple(
        Evidence(one.measure, one.standing.norm, p, q)
        for one, p, q in zip(found.figures, found.p_values, found.q_values, strict=True)
    )
    return Finding(
        code=detector.code,
        name=detector.name,
        kind=Kind.PARASITIC,
        severity=severity_of(bent),
        scope=Scope(found.name, period=_period(sheet, found)),
        measure=late,
        norm=found.figures[0].standing.norm,
        # All three had to be unlike the peers': the finding is as sure as the least sure of them.
        q_value=max(found.q_values),
        text=both(lambda w: _text(w, found, bent)),
        onset=found.onset,
        distortions=bent,
        evidence=evidence,
        cases=found.cases,
        proposals=_proposals(found.name),
        reasoning=both(lambda w: _reasoning(w, sheet, found, wins, cycle)),
        figures=(_funnel(sheet, found, context), _series(sheet, found)),
    )


def _months(sheet: Sheet, found: Found) -> Bool:
    """The months since the onset, with its own: what the company's figures are read over."""
    since = found.onset.value
    if since is None:
        return np.ones(len(sheet.months), dtype=bool)
    months: Bool = sheet.months >= since.year * 12 + since.month - 1 - 1970 * 12
    return months


def _period(sheet: Sheet, found: Found) -> Period:
    first, last = (int(sheet.months[place]) for place in (0, -1))
    return Period(found.onset.value or first_of_month(first), first_of_month(last + 1))


def _text(w: Wording, found: Found, bent: tuple[Distortion, ...]) -> str:
    late, wins, cycle = (one.measure for one in found.figures)
    norms = [one.standing.norm.value for one in found.figures]
    since = found.onset.value
    when = w.pick(f" since {w.month(since)}", f" depuis {w.month(since)}") if since else ""
    parts = [
        w.pick(
            f"{found.name}: {w.value(late.value, 'share')} of the opportunities entered{when} "
            f"({w.number(late.numerator or 0)} of {w.number(late.denominator or 0)}) were won within days of "
            f"being entered, or entered after a recorded yes; among its peers {w.value(norms[0], 'share')} were.",
            f"{found.name} : {w.value(late.value, 'share')} des opportunités saisies{when} "
            f"({w.number(late.numerator or 0)} sur {w.number(late.denominator or 0)}) ont été gagnées dans les "
            f"jours qui suivent, ou saisies après un accord déjà noté, contre {w.value(norms[0], 'share')} "
            "chez ses pairs.",
        ),
        w.pick(
            f"It wins {w.value(wins.value, 'share')} of what is decided, against "
            f"{w.value(norms[1], 'share')}, and a typical sale takes {w.value(cycle.value, 'days')} from "
            f"entry to closing, against {w.value(norms[2], 'days')}.",
            f"Elle gagne {w.value(wins.value, 'share')} des affaires décidées, contre "
            f"{w.value(norms[1], 'share')}, et une vente y prend en général {w.value(cycle.value, 'days')} "
            f"de la saisie à la clôture, contre {w.value(norms[2], 'days')}.",
        ),
    ]
    # Who has peers to be held against has a company around it.
    rate = next(one for one in bent if one.measure == "win_rate")
    with_unit, without = w.value(rate.with_unit, "share"), w.value(rate.without_unit, "share")
    then_en, then_fr = (" since then", " depuis lors") if since else ("", "")
    parts.append(
        w.pick(
            f"Without it the company's win rate{then_en} would be {without} instead of {with_unit}",
            f"Sans elle, le taux de succès de l'entreprise{then_fr} serait de {without} au lieu de {with_unit}",
        )
        + _seen(w, rate)
    )
    if since is None:
        parts.append(
            w.pick(
                "It has been so for as long as the data go back.",
                "Il en est ainsi depuis le début des données.",
            )
        )
    return " ".join(parts)


def _seen(w: Wording, rate: Distortion) -> str:
    if rate.hidden:
        return w.pick(
            ", which is within its usual ups and downs: the company's figure could not have shown it.",
            ", ce qui reste dans ses variations habituelles : le chiffre de l'entreprise ne pouvait pas le "
            "révéler.",
        )
    if rate.spread is None:
        return "."
    return w.pick(
        ", which is more than its usual ups and downs.", ", ce qui dépasse ses variations habituelles."
    )


def _reasoning(w: Wording, sheet: Sheet, found: Found, wins: Measure, cycle: Measure) -> str:
    peers = found.figures[0].standing.norm.units
    parts = [
        w.pick(
            "Three figures had to be unlike the peers' together: entries that were already won, the win "
            f"rate, and the cycle. Each was held against {w.number(peers)} other units over the same "
            "months, allowing for how much these differ among themselves, and adjusted for "
            f"{w.count(found.judged, 'unit')} judged and for every month in which the usage could have begun.",
            "Trois chiffres devaient s'écarter ensemble de ceux des pairs : les saisies déjà gagnées, le "
            f"taux de succès et le cycle. Chacun a été comparé à {w.number(peers)} autres unités sur les "
            "mêmes mois, en tenant compte de leurs propres différences, avec une correction "
            f"portant sur {w.count(found.judged, 'unit')} et sur chaque mois où l'usage pouvait commencer.",
        ),
        w.pick(
            f"Left out beforehand, as no work of people: {left_out(w, sheet.out(found.unit))} of this "
            f"unit's entries, {left_out(w, sheet.out())} in the whole company.",
            "Écartées au préalable, car elles ne disent rien du travail des personnes : "
            f"{left_out(w, sheet.out(found.unit))} des saisies de cette unité, {left_out(w, sheet.out())} "
            "dans toute l'entreprise.",
        ),
        w.pick(
            f"It is not merely a fast seller: at least {w.value(wins.low or 0, 'share')} of what it "
            "decides is won, where a fast and honest unit loses too. Nor is it an easy market alone: with "
            f"a cycle of {w.value(cycle.value, 'days')} there was hardly anything left to sell at entry.",
            f"Ce n'est pas seulement une unité qui vend vite : au moins {w.value(wins.low or 0, 'share')} "
            "de ses affaires décidées sont gagnées, alors qu'une unité rapide et honnête en perd aussi. "
            f"Ni seulement un marché facile : avec un cycle de {w.value(cycle.value, 'days')}, il ne "
            "restait presque rien à vendre au moment de la saisie.",
        ),
        w.pick(
            "What could make this wrong: a unit that only takes orders (renewals, spare parts, framework "
            "contracts), or one whose deals live in another tool until they are won. The records show that "
            "these go together, not why; ask the unit before concluding.",
            "Ce qui pourrait l'infirmer : une unité qui ne fait que prendre des commandes "
            "(renouvellements, pièces détachées, contrats-cadres), ou dont les affaires vivent dans un "
            "autre outil jusqu'à leur signature. Les données montrent une association, pas une cause ; "
            "interrogez l'unité avant de conclure.",
        ),
    ]
    if sheet.clockless:
        parts.append(
            w.pick(
                f"Of {w.count(sheet.clockless, 'entry')} only the day is known: bursts cannot be told there.",
                f"Pour {w.count(sheet.clockless, 'entry')}, seul le jour est connu : les rafales n'y sont pas "
                "décelables.",
            )
        )
    if sheet.has_pipeline and sheet.other_currencies:
        parts.append(
            w.pick(
                f"Amounts are those in {sheet.currency or 'no currency'} only; "
                f"{w.count(sheet.other_currencies, 'other currency')} "
                f"{w.agree(sheet.other_currencies, 'is', 'are')} not counted.",
                f"Les montants ne comptent que la devise {sheet.currency or 'non précisée'} ; "
                f"{w.count(sheet.other_currencies, 'other currency')} "
                f"{w.agree(sheet.other_currencies, 'est laissée', 'sont laissées')} de côté.",
            )
        )
    if not sheet.opportunities:
        parts.append(
            w.pick(
                "No case is called an opportunity: all that were won or lost were taken for one.",
                "Aucun dossier n'est désigné comme opportunité : tous ceux qui ont été gagnés ou perdus "
                "ont été pris en compte.",
            )
        )
    return " ".join(parts)


def _proposals(name: str) -> tuple[Proposal, ...]:
    return (
        Proposal(
            Verb.ANNOUNCE,
            both(
                lambda w: w.pick(
                    f"Tell {name} again, with the reason: an opportunity is created at the first contact, "
                    "not at the customer's yes; the forecast needs what will be lost as well.",
                    f"Rappeler à {name}, en expliquant pourquoi : une opportunité se crée au premier "
                    "contact, non à l'accord du client ; la prévision a aussi besoin des affaires qui "
                    "seront perdues.",
                )
            ),
        ),
        Proposal(
            Verb.AMEND,
            both(
                lambda w: w.pick(
                    "Write down from when on a contact is an opportunity, for the situations this unit "
                    "meets; say what to do with orders that come without a sale.",
                    "Écrire à partir de quand un contact devient une opportunité, pour les situations que "
                    "rencontre cette unité ; préciser le cas des commandes reçues sans démarche de vente.",
                )
            ),
        ),
        Proposal(
            Verb.TRAIN,
            both(
                lambda w: w.pick(
                    f"Show {name} what an early entry brings to those who sell, and find out what keeps "
                    "them from it.",
                    f"Montrer à {name} ce qu'une saisie précoce apporte aux vendeurs, et chercher ce qui "
                    "les en empêche.",
                )
            ),
        ),
    )


def _funnel(sheet: Sheet, found: Found, context: Context) -> FunnelFigure:
    totals = found.totals
    peers = totals.late_shares.peers_of(found.unit)
    assert peers is not None  # noqa: S101 - the unit was held against them
    return funnel(
        said(en="Already won when entered, by unit", fr="Déjà gagnées à la saisie, par unité"),
        peers,
        (
            (int(totals.late[unit]), int(totals.entered[unit]), name if unit == found.unit else None)
            for unit, name in enumerate(sheet.units)
            if totals.entered[unit] >= FEWEST_OF_PEER and context.unreportable(name) is None
        ),
    )


def _series(sheet: Sheet, found: Found) -> SeriesFigure:
    others = np.arange(len(sheet.units) + 1) != found.unit
    columns = (
        sheet.months,
        sheet.late[found.unit],
        sheet.entered[found.unit],
        sheet.late[others].sum(axis=0),
        sheet.entered[others].sum(axis=0),
    )
    return series(
        said(
            en="Already won when entered, by month of entry",
            fr="Déjà gagnées à la saisie, par mois de saisie",
        ),
        zip(*(column.tolist() for column in columns), strict=True),
        onset=found.onset.value,
    )
