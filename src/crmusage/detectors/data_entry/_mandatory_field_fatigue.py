from __future__ import annotations

import math
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.detectors.data_entry._dose import Dose, doses_of
from crmusage.detectors.data_entry._fields import fields, required_since
from crmusage.history import Counts, History
from crmusage.metrics import benjamini_hochberg, share
from crmusage.model import (
    Assessment,
    Evidence,
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

FEWEST_LEVELS = 3
"""Numbers of mandatory fields at which a unit must have been seen: of two, one might be anything. Guessed."""

APART, TIMES = 0.10, 1.5
"""With the most mandatory fields so much more is fake than with the fewest, and so many times as much. Guessed."""

SURE = 0.01
"""Of what is found at most so many are false, after adjustment. Stricter than elsewhere: few values are fake where
few fields are mandatory, and a trend over few counts is less regular than its test supposes."""

FEWEST_FAKE = 10
"""Values that mean nothing, with the most mandatory fields, of which a trend is told. Guessed."""

FEWEST_UNITS = 5
"""Units in which the rise is looked at before it is said of the company. Guessed."""

_DAY = 86_400_000_000


@attrs.frozen
class MandatoryFieldFatigue:
    """The more must be filled in, the more is filled in with nothing."""

    code: ClassVar[str] = "CU303"
    name: ClassVar[str] = "mandatory-field-fatigue"
    title: ClassVar[Text] = said(
        en="The more fields are mandatory, the more are filled in with nothing",
        fr="Plus il y a de champs obligatoires, plus on y saisit n'importe quoi",
    )
    about: ClassVar[Text] = said(
        en="Each field that becomes mandatory takes some care from the others. The table `coverage` says since when a "
        "field is required (`required_from`); so for each record it is known how many were when it was made. In the "
        "fields that were mandatory from the beginning, the share of values that mean nothing is followed from one "
        "number of mandatory fields to the next: always the same fields, so that a bad new one is no fatigue. It must "
        "rise at each step, by at least 10 points and half as much again in all, over at least three steps of 30 "
        "values each. A unit is named when its trend (Mantel's test, within each field) is far above those of its "
        "peers, allowing for how much these differ (the spread of all trends as the null, Efron 2004; Benjamini-"
        "Hochberg over the units). Where most units rise alike (sign test), it is the form, and it is told of the "
        "company. Time goes by while fields are added: what else changed then cannot be told apart from it. "
        "Empty fields, connectors' words for nothing, imported, merged, deleted and programs' records do not count.",
        fr="Chaque champ rendu obligatoire prend un peu du soin accordé aux autres. La table `coverage` dit depuis "
        "quand un champ est obligatoire (`required_from`) ; on sait donc combien l'étaient à la création de chaque "
        "fiche. Dans les champs obligatoires dès le début, on suit la part des valeurs qui ne veulent rien dire d'un "
        "nombre de champs obligatoires au suivant : toujours les mêmes champs, pour qu'un nouveau champ mal conçu ne "
        "passe pas pour de la lassitude. Elle doit monter à chaque palier, d'au moins 10 points et de moitié en plus "
        "au total, sur au moins trois paliers de 30 valeurs chacun. Une unité est signalée lorsque sa tendance (test "
        "de Mantel, à l'intérieur de chaque champ) dépasse nettement celles de ses pairs, compte tenu de leurs "
        "différences (la dispersion des tendances sert de référence, Efron 2004 ; Benjamini-Hochberg sur les unités). "
        "Si la plupart des unités montent de même (test des signes), c'est le formulaire qui est en cause, et c'est "
        "signalé pour l'entreprise. Le temps passe pendant que les champs s'ajoutent : ce qui a changé par ailleurs ne "
        "peut en être distingué. Ne comptent ni les champs vides, ni ce qu'un connecteur écrit à la place du vide, ni "
        "les fiches importées, fusionnées, supprimées ou créées par un automate.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",), "coverage": ("field", "required_from")})

    def tally(self, part: History) -> Counts:
        """Values in the fields that were mandatory first, and the fake ones, by unit and number of mandatory fields."""
        index = part.index
        required = required_since(part)
        first = min(required.values(), default=0)
        begun = np.array(sorted(required.values()), dtype=np.int64)
        dose = np.searchsorted(begun, index.created // _DAY, side="right").astype(np.int64)
        kept = guard.of_cases(part) == guard.KEPT
        found = [one for one in fields(part) if required.get(one.name) == first]
        rows, names, fake = (
            [np.zeros(0, dtype=np.int64)],
            [np.zeros(0, dtype=np.int64)],
            [np.zeros(0, dtype=bool)],
        )
        for place, one in enumerate(found):
            some = np.flatnonzero(one.filled & kept & (dose > 0))
            rows.append(some)
            names.append(np.full(len(some), place, dtype=np.int64))
            fake.append(one.fake[some])
        row = np.concatenate(rows)
        return Counts.of(
            keys={
                "deal": guard.is_deal(part)[row].astype(np.int64),
                "unit": (index.case_unit[row], index.units),
                "field": (np.concatenate(names), [one.name for one in found]),
                "dose": dose[row],
            },
            sums={"n": None, "fake": np.concatenate(fake).astype(np.int64)},
        )

    def merge(self, one: Counts, other: Counts) -> Counts:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Counts, context: Context) -> Judgement:
        """In which units, or in which company, more is fake the more is asked."""
        units, seen = doses_of(tally)
        judged: dict[str, Dose] = {}
        assessments: list[Assessment] = []
        for unit in sorted({*units, *context.units}):
            dose = seen.get(unit)
            reason = context.unreportable(unit)
            if reason is None and (dose is None or len(dose.levels) < FEWEST_LEVELS):
                reason = _TOO_FEW
            if reason is not None or dose is None:
                assessments.append(
                    Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, reason, self.title)
                )
            else:
                judged[unit] = dose
        found, of_company = self._units(judged), self._company(judged)
        # One that only does what all do is no case of its own.
        found = [] if of_company is not None else found
        named = {finding.scope.unit for finding in found}
        assessments += [
            Assessment(
                self.code, Scope(unit), Outcome.FOUND if unit in named else Outcome.CLEAR, None, self.title
            )
            for unit in judged
        ]
        assessments.sort(key=lambda one: one.scope.unit or "")
        if len(judged) < FEWEST_UNITS:
            whole = Assessment(self.code, Scope(), Outcome.NOT_ASSESSABLE, _TOO_FEW_UNITS, self.title)
        else:
            outcome = Outcome.CLEAR if of_company is None else Outcome.FOUND
            whole = Assessment(self.code, Scope(), outcome, None, self.title)
        told = found if of_company is None else [of_company]
        return Judgement(told, (whole, *assessments))

    def _units(self, judged: dict[str, Dose]) -> list[Finding]:
        if len(judged) < FEWEST_UNITS:
            return []
        trends = np.array([dose.trend for dose in judged.values()])
        p_values = []
        for place, trend in enumerate(trends.tolist()):
            others = np.delete(trends, place)
            middle = float(np.median(others))
            # Of a normal distribution the middle half lies within 0.6745 standard deviations.
            spread = max(1.0, float(np.median(np.abs(others - middle))) / 0.6745)
            p_values.append(math.erfc((trend - middle) / spread / math.sqrt(2)) / 2)
        found = []
        for (unit, dose), p, q in zip(
            judged.items(), p_values, benjamini_hochberg(p_values).tolist(), strict=True
        ):
            others_rise = [other.rise for name, other in judged.items() if name != unit]
            more = dose.rise >= float(np.median(others_rise)) + APART
            if q < SURE and dose.levels[-1].fake >= FEWEST_FAKE and dose.rises(APART, TIMES) and more:
                found.append(self._finding(unit, dose, p, q, len(judged)))
        return found

    def _company(self, judged: dict[str, Dose]) -> Finding | None:
        if len(judged) < FEWEST_UNITS:
            return None
        up = sum(dose.rise > 0 for dose in judged.values())
        p = sum(math.comb(len(judged), k) for k in range(up, len(judged) + 1)) / 2 ** len(judged)
        rising = sum(dose.rises(APART, TIMES) for dose in judged.values())
        whole = Dose.together(judged.values())
        if p >= SURE or 2 * rising < len(judged) or not whole.rises(APART, TIMES):
            return None
        return self._finding(None, whole, p, p, len(judged))

    def _finding(self, unit: str | None, dose: Dose, p: float, q: float, judged: int) -> Finding:
        last = dose.levels[-1]
        made = share(last.fake, last.n, name="dummy_values")
        assert isinstance(made, Measure)  # noqa: S101 - a level has values
        measure = attrs.evolve(made, label=_LABEL)
        return Finding(
            code=self.code,
            name=self.name,
            title=_SHORT,
            kind=Kind.RISK,
            severity=Severity.MEDIUM,
            scope=Scope(unit),
            measure=measure,
            q_value=q,
            text=both(lambda w: _text(w, unit, dose)),
            evidence=(Evidence(measure, None, p, q),),
            reasoning=both(lambda w: _reasoning(w, judged, alone=unit is not None)),
            proposals=_PROPOSALS,
        )


_SHORT = said(
    en="more mandatory fields, more of them filled in with nothing",
    fr="plus de champs obligatoires, plus de valeurs bidon",
)
_LABEL = said(
    en="values that mean nothing, with the most mandatory fields",
    fr="valeurs qui ne veulent rien dire, au plus grand nombre de champs obligatoires",
)
_TOO_FEW = said(
    en=f"fewer than {FEWEST_LEVELS} numbers of mandatory fields with 30 values each",
    fr=f"moins de {FEWEST_LEVELS} nombres de champs obligatoires avec 30 valeurs chacun",
)
_TOO_FEW_UNITS = said(
    en=f"fewer than {FEWEST_UNITS} units with enough values",
    fr=f"moins de {FEWEST_UNITS} unités avec assez de valeurs",
)
_PROPOSALS = (
    Proposal(
        Verb.RETIRE,
        said(
            en="Before the next field becomes mandatory, take the obligation off one that nobody decides by.",
            fr="Avant de rendre obligatoire un champ de plus, libérer un champ qui ne sert à aucune décision.",
        ),
    ),
    Proposal(
        Verb.AMEND,
        said(
            en="Ask for each field at the stage at which its answer is known, not all at the entry.",
            fr="Demander chaque champ à l'étape où la réponse est connue, et non tout à la création.",
        ),
    ),
)


def _text(w: Wording, unit: str | None, dose: Dose) -> str:
    steps = "; ".join(f"{level.fields}: {w.value(level.share, 'share')}" for level in dose.levels)
    steps_fr = " ; ".join(f"{level.fields} : {w.value(level.share, 'share')}" for level in dose.levels)
    whose = w.pick("In the whole company", "Dans toute l'entreprise") if unit is None else unit
    colon = w.pick(": ", " : ")
    return f"{whose}{colon}" + w.pick(
        f"the more fields became mandatory, the more values mean nothing in those that had always been "
        f"({', '.join(dose.names)}). By the number of mandatory fields: {steps}.",
        f"plus il y a eu de champs obligatoires, plus les valeurs de ceux qui l'étaient déjà "
        f"({', '.join(dose.names)}) ne veulent rien dire. Selon le nombre de champs obligatoires : {steps_fr}.",
    )


def _reasoning(w: Wording, judged: int, *, alone: bool) -> str:
    units = w.count(judged, "unit")
    if alone:
        first = w.pick(
            f"Its trend was held against those of all units judged together ({units}), with an adjustment for their "
            "number.",
            f"Sa tendance a été comparée à celles de toutes les unités examinées ensemble ({units}), avec une "
            "correction pour leur nombre.",
        )
    else:
        first = w.pick(
            f"Of the units judged ({units}), so many rise that chance does not explain it.",
            f"Parmi les unités examinées ({units}), celles qui montent sont trop nombreuses pour que le hasard "
            "l'explique.",
        )
    return first + w.pick(
        " What could make this wrong: a change of another sort at the same time, as new people, more work, or another "
        "form. Compare records of the same person before and after.",
        " Ce qui pourrait l'infirmer : un autre changement au même moment, comme l'arrivée de collègues, plus de "
        "travail ou un autre formulaire. Comparez les fiches d'avant et d'après.",
    )
