from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import Context, Judgement, Needs
from crmusage.history import Counts, History
from crmusage.metrics import Funnel, benjamini_hochberg, share
from crmusage.model import (
    Assessment,
    Finding,
    Kind,
    Measure,
    Outcome,
    Proposal,
    Scope,
    Severity,
    Text,
    Verb,
    Wording,
)

ROUND = 10_000
"""An amount that is a multiple of it was guessed, not worked out. At ACME quotes are exact to the cent."""
FEWEST = 30
"""Opportunities with an amount; of fewer nothing is said."""
SURE = 0.05
"""Of what is found at most so many are false, after adjustment."""
APART = 0.2
"""A unit is told from so much above its peers on."""

_LABEL = Text(en="round amounts", fr="montants ronds")
_FEW = Text(
    en=f"fewer than {FEWEST} opportunities with an amount, or too few units to compare with",
    fr=f"moins de {FEWEST} opportunités chiffrées, ou trop peu d'unités comparables",
)


@attrs.frozen
class RoundAmounts:
    """Amounts that are multiples of ten thousand, far more often than elsewhere."""

    code: ClassVar[str] = "ACME101"
    name: ClassVar[str] = "round-amounts"
    title: ClassVar[Text] = Text(en="Amounts that look guessed", fr="Des montants qui semblent estimés")
    about: ClassVar[Text] = Text(
        en="The share of a unit's opportunities whose amount is a multiple of 10,000, held against the other "
        "units (over-dispersed funnel, Benjamini-Hochberg). Price lists in whole thousands would look the same.",
        fr="La part des opportunités d'une unité dont le montant est un multiple de 10 000, comparée aux autres "
        "unités (entonnoir avec surdispersion, Benjamini-Hochberg). Des tarifs en milliers ronds y ressemblent.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("amount", "unit")})

    def tally(self, part: History) -> Counts:
        """Opportunities with an amount, and with a round one, by unit."""
        amount = part.cases["amount"].fill_null(0.0).to_numpy()
        known = np.flatnonzero((amount > 0) & (part.index.case_unit >= 0))
        return Counts.of(
            keys={"unit": (part.index.case_unit[known], part.index.units)},
            sums={"n": None, "round": amount[known] % ROUND == 0},
        )

    def merge(self, one: Counts, other: Counts) -> Counts:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Counts, context: Context) -> Judgement:
        """Which units stand out."""
        counted = {row["unit"]: (row["round"], row["n"]) for row in tally.rows()}
        units = sorted({*context.units, *counted})
        hits, n = (np.array([counted.get(unit, (0, 0))[place] for unit in units]) for place in (0, 1))
        known = n >= FEWEST
        funnel = Funnel.of_shares(hits * known, n * known)
        ended: dict[str, Assessment] = {}
        tried = []
        for place, unit in enumerate(units):
            reason = context.unreportable(unit)
            standing = funnel.standing(place) if reason is None else None
            if standing is None:
                ended[unit] = Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, reason or _FEW)
            else:
                tried.append((place, unit, standing))
        findings = []
        for (place, unit, standing), q in zip(
            tried, benjamini_hochberg([standing.p_above for _, _, standing in tried]).tolist(), strict=True
        ):
            measure = share(int(hits[place]), int(n[place]), name="round_amounts")
            found = q < SURE and standing.value >= standing.norm.value + APART
            ended[unit] = Assessment(self.code, Scope(unit), Outcome.FOUND if found else Outcome.CLEAR)
            if found and isinstance(measure, Measure):
                findings.append(
                    Finding(
                        code=self.code,
                        name=self.name,
                        title=Text(en="amounts that look guessed", fr="montants qui semblent estimés"),
                        kind=Kind.RISK,
                        severity=Severity.MEDIUM,
                        scope=Scope(unit),
                        measure=attrs.evolve(measure, label=_LABEL),
                        norm=standing.norm,
                        q_value=q,
                        text=_said(unit, standing.value, standing.norm.value),
                        proposals=(
                            Proposal(
                                Verb.TRAIN,
                                Text(
                                    en=f"Show {unit} how an amount is worked out.",
                                    fr=f"Montrer à {unit} comment chiffrer.",
                                ),
                            ),
                        ),
                    )
                )
        return Judgement(tuple(findings), tuple(ended[unit] for unit in units))


def _said(unit: str, value: float, usual: float) -> Text:
    en, fr = Wording("en"), Wording("fr")
    return Text(
        en=f"{unit}: {en.value(value, 'share')} of the amounts are multiples of 10,000; among its peers "
        f"{en.value(usual, 'share')} are.",
        fr=f"{unit} : {fr.value(value, 'share')} des montants sont des multiples de 10 000, contre "
        f"{fr.value(usual, 'share')} chez ses pairs.",
    )
