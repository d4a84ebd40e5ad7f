from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import numbers
from crmusage.detectors._words import both, said
from crmusage.detectors.knowledge._cohorts import Compared, compared, counted, nobody
from crmusage.detectors.knowledge._kept import NO_RULES, active, called, decided
from crmusage.history import Counts, History
from crmusage.metrics import benjamini_hochberg
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
from crmusage.rules import Rulebook, UsageRule

NEW_MONTHS = 6
"""Months for which somebody is new: a probation's length, after which nobody is called a beginner. Guessed."""

HELD = 6
"""Months in a layer: newcomers are compared with others of their own unit in the same half year. Guessed."""

FEWEST = 30
"""Activations of each side, in layers that have both; of fewer nothing is said. As in CU001."""

FEWEST_PERSONS = 5
"""Persons of each side, whatever the minimum size of a unit: a cohort is never one person."""

APART = 0.10
"""Newcomers are told when they keep a rule at least so much less often: less is nobody's business. Guessed."""

HALF = 0.25
"""A gap so wide is a serious matter: one application in four goes wrong for no other reason. Guessed."""

SURE = 0.05
"""Of what is found at most so many are false, after adjustment for all expectations."""

_MONTH = 365.25 / 12 * 86_400_000_000
_EPOCH = dt.date(1970, 1, 1)


@attrs.frozen
class NewcomerGap:
    """Newcomers who keep a written rule less than those who have been there for longer."""

    book: Rulebook = attrs.field(factory=Rulebook)

    code: ClassVar[str] = "CU605"
    name: ClassVar[str] = "newcomer-gap"
    title: ClassVar[Text] = said(
        en="A written rule that newcomers keep less than their colleagues",
        fr="Une règle écrite moins respectée par les nouveaux arrivants",
    )
    about: ClassVar[Text] = said(
        en="Compares two cohorts for each rule: what people did in their first six months and what others did later. "
        "They are compared within one unit and one half year at a time (Mantel-Haenszel), so that a branch full of "
        "newcomers, or a rule that slips for everybody, is no gap. How sure it is follows from leaving out blocks of "
        "persons one after the other (jackknife), since one person's cases resemble each other; adjusted for all "
        "rules by Benjamini-Hochberg. Told from 10 points on. Never of a person or a unit: each cohort has at least "
        "five people and 30 applications. Imports, merges, cascades and programs are left out, and whoever has no "
        "starting date. Newcomers may be given other cases than their colleagues: the records do not tell.",
        fr="Pour chaque règle, deux groupes sont comparés : ce que les personnes ont fait pendant leurs six "
        "premiers mois, et ce que les autres ont fait ensuite. La comparaison se fait à unité et semestre égaux "
        "(Mantel-Haenszel) : une agence pleine d'arrivants, ou une règle qui se relâche pour tous, n'est pas un "
        "écart. La certitude tient compte de ce que les dossiers d'une même personne se ressemblent (jackknife par "
        "groupes de personnes), avec une correction de Benjamini-Hochberg sur toutes les règles. Signalé à partir "
        "de 10 points. Jamais une personne ni une unité : chaque groupe compte au moins cinq personnes et 30 "
        "applications. Imports, fusions, ricochets et automates sont écartés, ainsi que les personnes sans date "
        "d'arrivée. On confie peut-être d'autres dossiers aux nouveaux : les données ne le disent pas.",
    )
    needs: ClassVar[Needs] = Needs({"people": ("starts_on",)})

    def with_rules(self, book: Rulebook) -> NewcomerGap:
        """The same for another book."""
        return attrs.evolve(self, book=book)

    def tally(self, part: History) -> Counts:
        """Kept and decided, by rule, expectation, unit, half year, cohort and person (a number)."""
        known = part.people.select("person_id", "starts_on").drop_nulls()
        people = numbers(known["person_id"])
        starts = np.array([(day - _EPOCH).days for day in known["starts_on"].to_list()], dtype=np.int64)
        order = np.argsort(people)
        people, starts = people[order], starts[order]
        total = nobody()
        for one in decided(part, self.book):
            place = np.minimum(np.searchsorted(people, one.person), max(len(people) - 1, 0))
            use = np.flatnonzero(people[place] == one.person) if len(people) else np.zeros(0, dtype=np.int64)
            months = (one.instant[use] - starts[place[use]] * 86_400_000_000) / _MONTH
            use, months = use[months >= 0], months[months >= 0]
            total = total.merge(counted(part, one, use, months < NEW_MONTHS, held=HELD))
        return total

    def merge(self, one: Counts, other: Counts) -> Counts:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Counts, context: Context) -> Judgement:
        """Which expectations newcomers keep less."""
        rules = {rule.id: rule for rule in active(self.book)}
        if not rules:
            return Judgement.not_assessable(self.code, NO_RULES)
        tried = list(
            compared(
                tally,
                name="kept_by_newcomers",
                label=said(en="rule kept by newcomers", fr="règle respectée par les arrivants"),
                fewest=FEWEST,
                fewest_persons=max(context.min_group, FEWEST_PERSONS),
            )
        )
        if not tried:
            return Judgement.not_assessable(self.code, _TOO_FEW)
        q_values = benjamini_hochberg([gap.p_value for _, _, gap in tried]).tolist()
        findings = tuple(
            self._finding(rules[rule], expect, gap, q, len(tried))
            for (rule, expect, gap), q in zip(tried, q_values, strict=True)
            if q < SURE and gap.apart >= APART
        )
        ended = Assessment(self.code, Scope(), Outcome.FOUND if findings else Outcome.CLEAR)
        return Judgement(findings, (ended,))

    def _finding(self, rule: UsageRule, expect: int, gap: Compared, q: float, tried: int) -> Finding:
        odds = Measure(
            "odds_ratio", gap.odds.ratio, low=gap.odds.low, high=gap.odds.high, unit="count", label=_ODDS
        )
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="newcomers left behind", fr="arrivants mal accompagnés"),
            kind=Kind.GAP,
            severity=Severity.HIGH if gap.apart >= HALF else Severity.MEDIUM,
            scope=Scope(),
            measure=gap.kept,
            q_value=q,
            rule=rule.id,
            evidence=(Evidence(gap.kept, None, gap.p_value, q), Evidence(odds, None, gap.p_value, q)),
            text=both(lambda w: _text(w, rule, gap)),
            reasoning=both(lambda w: _reasoning(w, rule, expect, gap, tried)),
            proposals=(
                Proposal(
                    Verb.ANNOUNCE,
                    said(
                        en="Have newcomers read the rule in their first weeks, with the reason for it.",
                        fr="Faire lire la règle aux arrivants dès les premières semaines, avec sa raison d'être.",
                    ),
                    rule.id,
                ),
                Proposal(
                    Verb.TRAIN,
                    said(
                        en="Give each newcomer somebody to ask, and look again after half a year.",
                        fr="Donner à chaque arrivant un référent à qui s'adresser, et refaire le point dans six mois.",
                    ),
                    rule.id,
                ),
            ),
        )


_ODDS = said(
    en="odds that newcomers keep it, the others' as 1",
    fr="cote de respect chez les arrivants (les autres : 1)",
)
_TOO_FEW = said(
    en=f"no rule applied {FEWEST} times to newcomers and {FEWEST} times to others of the same units and half years, "
    f"with {FEWEST_PERSONS} persons or the minimum size on each side",
    fr=f"aucune règle ne s'est appliquée {FEWEST} fois à des arrivants et {FEWEST} fois à d'autres personnes, à "
    f"unité et semestre égaux, avec {FEWEST_PERSONS} personnes ou l'effectif minimal de chaque côté",
)


def _text(w: Wording, rule: UsageRule, gap: Compared) -> str:
    value, usual = w.value(gap.kept.value, "share"), w.value(gap.others, "share")
    low, high = gap.kept.low or 0.0, 1.0 if gap.kept.high is None else gap.kept.high
    between = w.interval(low, high, "share")
    n = w.number(gap.kept.denominator or 0)
    return w.pick(
        f"In their first {NEW_MONTHS} months people keep the {called(w, rule)} {value} of the time ({n} cases in "
        f"point, 95% interval {between}); more experienced colleagues in the same units and half years, {usual}. "
        "What newcomers are not told they learn late, and their figures are not comparable until then.",
        f"Pendant leurs {NEW_MONTHS} premiers mois, les arrivants respectent la {called(w, rule)} dans {value} des cas "
        f"({n} applications, intervalle à 95 % : {between}) ; leurs collègues plus anciens, à unité et semestre égaux, "
        f"dans {usual}. Ce qu'on ne dit pas aux arrivants, ils l'apprennent tard, et leurs chiffres ne sont pas "
        "comparables d'ici là.",
    )


def _reasoning(w: Wording, rule: UsageRule, expect: int, gap: Compared, tried: int) -> str:
    odds, ends = w.number(gap.odds.ratio, 2), [w.number(end, 2) for end in (gap.odds.low, gap.odds.high)]
    new, other = w.number(gap.persons), w.number(gap.other_persons)
    expected = str(rule.expectation(expect))
    return w.pick(
        f"What the rule expects: {expected}. {new} newcomers are compared with {other} persons who had been there for "
        f"longer, within the same unit and half year (pairs of the two: {w.number(gap.odds.strata)}): the "
        f"odds of keeping it are {odds} times the others' (95% interval {ends[0]} to {ends[1]}, persons counted as "
        f"wholes; expectations tried: {tried}). Newcomers may be given other cases, or write down elsewhere what they "
        "do. Somebody who came back counts as experienced where their first day is known.",
        f"Ce que la règle attend : {expected}. {new} arrivants sont comparés à {other} personnes plus anciennes, à "
        f"unité et semestre égaux (couples comparés : {w.number(gap.odds.strata)}) : leur cote de respect est de "
        f"{odds} fois celle des autres (intervalle à 95 % : de {ends[0]} à {ends[1]}, en tenant compte de chaque "
        f"personne comme d'un tout ; nombre d'attentes essayées : {tried}). On confie peut-être d'autres dossiers "
        "aux arrivants, ou ils notent ailleurs ce qu'ils font. Une personne revenue compte parmi les anciens si sa "
        "première arrivée est connue.",
    )
