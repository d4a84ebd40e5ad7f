from __future__ import annotations

import math
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._company import distortions, relative
from crmusage.detectors._deals import Bool, Deals, merge_deals, tally_deals
from crmusage.detectors._peers import Held, Totals, held
from crmusage.detectors._severity import SERIOUS, severity_of
from crmusage.detectors._sheet import Sheet, sheet_of
from crmusage.detectors._words import NO_UNIT, TOO_FEW_PEERS, both, left_out, said, too_few
from crmusage.history import History
from crmusage.metrics import benjamini_hochberg
from crmusage.model import (
    Assessment,
    Distortion,
    Evidence,
    Finding,
    Kind,
    Outcome,
    Proposal,
    Scope,
    Text,
    Verb,
    Wording,
)

SURE = 0.01
"""Of what is found at most so many are false, after adjustment. Stricter than elsewhere: units differ for
many honest reasons, and this finding names one without telling why."""

RELEVANT = SERIOUS
"""A unit matters to a company figure when it moves it by at least this part of it. At 2 % a small department
that honestly sells in days is found in nine of ten simulated companies, for what it does to the mean cycle.
"""

UNLIKE = 0.05
"""So rarely the other months look like that by chance, once the most unlike ones are set aside."""

FEWEST = 30
"""Opportunities won or lost; of fewer nothing is said. Customary in statistics, and 30 activations elsewhere
here."""

SET_ASIDE = 0.25
"""The part of the months, those most unlike the peers', without which the unit must still be unlike them: two
campaign months a year are a season, not a way of working. Guessed."""

_FIGURES = ("win_rate", "typical_cycle")
_OF_COMPANY = ("win_rate", "mean_cycle")


@attrs.frozen
class _Reading:
    unit: int
    wins: Held
    cycle: Held | None
    """None: it, or its peers, won too few."""

    @property
    def p_values(self) -> tuple[float, float]:
        """NaN for what could not be compared."""
        cycle = self.cycle
        return self.wins.standing.p_apart, math.nan if cycle is None else cycle.standing.p_apart


@attrs.frozen
class HiddenByAggregate:
    """A unit that stands apart in a figure, while the company's looks normal."""

    code: ClassVar[str] = "CU501"
    name: ClassVar[str] = "hidden-by-aggregate"
    title: ClassVar[Text] = said(
        en="A unit that stands apart while the company's figures look normal",
        fr="Une unité à part, alors que les chiffres de l'entreprise paraissent normaux",
    )
    about: ClassVar[Text] = said(
        en="A unit's win rate or sales cycle is far from that of its peers (over-dispersed funnel, the "
        "unit left out of its norm, Benjamini-Hochberg over units and figures), and still is without the "
        "quarter of the months that are most unlike the others'; it moves the company's figure by at least "
        "5% of it; and that is within what this figure varies by from month to month, so nobody could have "
        "seen it. Imports, merges, programs, deleted entries and bursts are left out first. It says that "
        "there is something to look at, not what: other customers and other products make units differ too.",
        fr="Le taux de succès ou le cycle de vente d'une unité est loin de celui de ses pairs (entonnoir "
        "avec surdispersion, unité exclue de sa propre norme, Benjamini-Hochberg sur les unités et les "
        "chiffres), et le reste sans le quart des mois qui s'en écartent le plus ; elle déplace le chiffre "
        "de l'entreprise d'au moins 5 % de sa valeur ; et cela reste dans les variations mensuelles de ce "
        "chiffre, si bien que personne ne pouvait le voir. Importations, fusions, automates, fiches "
        "supprimées et rafales sont d'abord écartés. Le constat invite à regarder, il n'explique pas : "
        "d'autres clients et d'autres produits font aussi des unités différentes.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("created_at", "closed_at", "outcome", "unit")}, kind="opportunity"
    )

    def tally(self, part: History) -> Deals:
        """The opportunities of a part of a history."""
        return tally_deals(part)

    def merge(self, one: Deals, other: Deals) -> Deals:
        """Those of two parts."""
        return merge_deals(one, other)

    def judge(self, tally: Deals, context: Context) -> Judgement:
        """Which units the company's figures hide."""
        sheet = sheet_of(tally)
        if not sheet.units:
            return Judgement.not_assessable(self.code, NO_UNIT)
        totals = Totals.of(sheet)
        funnels = (totals.win_rates, totals.cycles)
        readings: list[_Reading] = []
        assessments: list[Assessment] = []
        for unit, name in enumerate(sheet.units):
            reason = context.unreportable(name)
            if reason is None and totals.decided[unit] < FEWEST:
                reason = too_few(int(totals.decided[unit]), FEWEST)
            if reason is None:
                wins = held(totals.win_rate(unit), funnels[0].standing(unit))
                if wins is not None:
                    cycle = held(totals.cycle(unit), funnels[1].standing(unit))
                    readings.append(_Reading(unit, wins, cycle))
                    continue
                reason = TOO_FEW_PEERS
            assessments.append(Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reason))
        findings = []
        p_values = np.array([reading.p_values for reading in readings])
        tried = int(np.count_nonzero(np.isfinite(p_values)))
        for reading, q in zip(readings, benjamini_hochberg(p_values).tolist(), strict=True):
            finding = self._finding(sheet, reading, q, tried)
            outcome = Outcome.CLEAR if finding is None else Outcome.FOUND
            assessments.append(Assessment(self.code, Scope(sheet.units[reading.unit]), outcome))
            if finding is not None:
                findings.append(finding)
        assessments.sort(key=lambda assessment: assessment.scope.unit or "")
        return Judgement(tuple(findings), tuple(assessments))

    def _finding(self, sheet: Sheet, reading: _Reading, q: list[float], tried: int) -> Finding | None:
        every = np.ones(len(sheet.months), dtype=bool)
        told: list[tuple[float, Held, Distortion]] = []
        for figure, of_company, one, q_one in zip(
            _FIGURES, _OF_COMPANY, (reading.wins, reading.cycle), q, strict=True
        ):
            if one is None or not q_one < SURE:
                continue
            bent = {shift.measure: shift for shift in distortions(sheet, reading.unit, every)}
            shift = bent.get(of_company)
            if shift is None or not shift.hidden or relative(shift) < RELEVANT:
                continue
            if _lasting(sheet, reading.unit, figure, above=one.standing.z > 0):
                told.append((q_one, one, shift))
        if not told:
            return None
        told.sort(key=lambda one: one[0])
        q_value, first, _ = told[0]
        name = sheet.units[reading.unit]
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.RISK,
            severity=severity_of(shift for _, _, shift in told),
            scope=Scope(name),
            measure=first.measure,
            norm=first.standing.norm,
            q_value=q_value,
            text=both(lambda w: " ".join(_text(w, name, one, shift) for _, one, shift in told)),
            distortions=tuple(shift for _, _, shift in told),
            evidence=tuple(
                Evidence(one.measure, one.standing.norm, one.standing.p_apart, q_one)
                for q_one, one, _ in told
            ),
            proposals=_proposals(name),
            reasoning=both(lambda w: _reasoning(w, sheet, reading.unit, tried)),
        )


def _lasting(sheet: Sheet, unit: int, figure: str, *, above: bool) -> bool:
    """Whether the unit is unlike its peers also without the months in which it is most so."""
    decided = sheet.won + sheet.lost
    top, bottom = (sheet.won, decided) if figure == "win_rate" else (sheet.logs, sheet.won)
    others = np.arange(len(sheet.units) + 1) != unit
    of_others = bottom[others].sum(axis=0)
    usual = top[others].sum(axis=0) / np.maximum(of_others, 1)
    comparable = (bottom[unit] > 0) & (of_others > 0)
    excess = np.where(comparable, top[unit] - bottom[unit] * usual, 0.0)
    order = np.argsort(-excess if above else excess, kind="stable")
    rest: Bool = np.ones(len(sheet.months), dtype=bool)
    rest[order[: math.ceil(SET_ASIDE * np.count_nonzero(bottom[unit]))]] = False
    totals = Totals.of(sheet, rest[sheet.entries.month])
    standing = (totals.win_rates if figure == "win_rate" else totals.cycles).standing(unit)
    return standing is not None and (standing.p_above if above else standing.p_below) < UNLIKE


def _text(w: Wording, name: str, one: Held, shift: Distortion) -> str:
    unit, norm = one.measure.unit, one.standing.norm
    value, usual = w.value(one.measure.value, unit), w.value(norm.value, unit)
    with_unit, without = w.value(shift.with_unit, shift.unit), w.value(shift.without_unit, shift.unit)
    if one.measure.name == "win_rate":
        return w.pick(
            f"{name} wins {value} of what is decided, its peers {usual}. The company's win rate, "
            f"{with_unit} with it and {without} without, does not show it.",
            f"{name} gagne {value} des affaires décidées, ses pairs {usual}. Le taux de succès de "
            f"l'entreprise, {with_unit} avec elle et {without} sans elle, ne le montre pas.",
        )
    return w.pick(
        f"In {name} a typical sale takes {value}, among its peers {usual}. The company's mean cycle, "
        f"{with_unit} with it and {without} without, does not show it.",
        f"À {name}, une vente prend en général {value}, contre {usual} chez ses pairs. Le cycle moyen de "
        f"l'entreprise, {with_unit} avec cette unité et {without} sans elle, ne le montre pas.",
    )


def _reasoning(w: Wording, sheet: Sheet, unit: int, tried: int) -> str:
    return w.pick(
        "The unit was held against all others, allowing for how much these differ among themselves, and "
        f"adjusted for {w.count(tried, 'comparison')}. It is so without its most unlike months as well: not "
        f"a campaign. Left out beforehand: {left_out(w, sheet.out(unit))} of its entries. Why it is so is "
        "not said here: other customers or products would do it, and so would entering deals late (CU112 "
        "looks for that).",
        "L'unité a été comparée à toutes les autres, en tenant compte de leurs propres différences, et "
        f"corrigée pour {w.count(tried, 'comparison')}. C'est vrai aussi sans ses mois les plus atypiques "
        f": ce n'est pas une campagne. Écartées au préalable : {left_out(w, sheet.out(unit))} de ses "
        "saisies. La cause n'est pas établie ici : d'autres clients ou produits suffiraient, tout comme "
        "une création tardive des opportunités (ce que cherche CU112).",
    )


def _proposals(name: str) -> tuple[Proposal, ...]:
    return (
        Proposal(
            Verb.AMEND,
            both(
                lambda w: w.pick(
                    f"Show {name} apart wherever this figure is used to forecast or to compare, until it "
                    "is known why it differs.",
                    f"Présenter {name} à part partout où ce chiffre sert à prévoir ou à comparer, tant que "
                    "l'écart n'est pas expliqué.",
                )
            ),
        ),
    )
