from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import attrs

from crmusage.conformance import EndingsCompared, compare_endings, tally, tally_endings, unseen
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.detectors.written._dead_rule_told import never, reasoning, unbroken, wheels
from crmusage.detectors.written._rule_not_kept_told import Expectation, by_expectation
from crmusage.history import History
from crmusage.metrics import share
from crmusage.model import (
    Assessment,
    Finding,
    Kind,
    Measure,
    Outcome,
    Proposal,
    RuleTally,
    Scope,
    Severity,
    Text,
    Verb,
)
from crmusage.rules import Rulebook, in_words

ENOUGH_CASES = 300
"""Of so many cases none came to the rule: then surely fewer than one in a hundred does (rule of three)."""

KEPT_BY_ALL = 0.95
"""A rule is kept by everybody when the lower 95% limit of its share is above this. Guessed."""

KEPT_BY_EACH = 0.90
"""And when every unit with cases enough keeps it at least so often. Guessed."""

FEWEST = 30
"""Activations of a unit that were kept or broken; of fewer nothing is said. As in CU001."""


@attrs.frozen
class DeadRules:
    """What a history says of rules that do nothing any more, by rule id, as `crmusage.rules.due` takes it."""

    dead: Mapping[str, Text] = attrs.field(factory=dict)
    """Never activated, though the data would have shown it."""
    training_wheels: Mapping[str, Text] = attrs.field(factory=dict)
    """Kept by everybody, and cases in which they are not kept end surely no otherwise."""
    unbroken: Mapping[str, Text] = attrs.field(factory=dict)
    """Kept without a single exception: nothing can show whether they still change anything."""
    unknown: Mapping[str, Text] = attrs.field(factory=dict)
    """Rules that the history cannot show, and why."""


@attrs.frozen
class DeadRule:
    """A written rule that no case ever comes to, or that everybody keeps and that changes nothing."""

    code: ClassVar[str] = "CU603"
    name: ClassVar[str] = "dead-rule"
    title: ClassVar[Text] = said(
        en="A written rule that does nothing any more", fr="Une règle écrite qui ne sert plus à rien"
    )
    about: ClassVar[Text] = said(
        en="Two kinds of rules. Dead: of at least 300 cases that it is for, none ever came to it, though the data "
        "would show it (a rule that names what the source never records is not judged at all). Training wheels: "
        "everybody keeps it (the lower 95% limit of the share is above 95%, every unit with 30 cases in point is "
        "above 90%), and the cases in which it was broken surely end as those in which it was kept: win rate or "
        "fulfilled share within 5 points, time to closing within a tenth (two one-sided tests at 5%, within units, "
        "Mantel-Haenszel weights). That no difference is seen is not enough: where too few cases broke it to tell, "
        "nothing is said. Of a cadence it only says whether it is dead. Stays silent on rules of which only one "
        "expectation of several is idle. A rule may be there for another reason than outcomes, such as the law: then "
        "keep it.",
        fr="Deux sortes de règles. Morte : sur au moins 300 dossiers auxquels elle s'adresse, la situation qu'elle "
        "vise ne s'est jamais présentée, alors que les données l'auraient montrée (une règle qui nomme ce que la "
        "source n'enregistre jamais n'est pas jugée). Petites roues, comme celles d'un vélo d'enfant : tout le monde "
        "la respecte (intervalle à 95 % du taux de respect tout entier au-dessus de 95 %, et plus de 90 % dans chaque "
        "unité ayant 30 applications), et les dossiers où elle ne l'a pas été se terminent "
        "sûrement comme les autres : taux de succès ou part de demandes satisfaites à moins de 5 points, délai de "
        "clôture à moins d'un dixième (deux tests unilatéraux à 5 %, à unité égale, pondération de Mantel-Haenszel). "
        "Ne pas voir de différence ne suffit pas : quand trop peu de dossiers l'ont enfreinte, rien n'est dit. D'une "
        "échéance régulière, on dit seulement si elle est morte. Rien n'est dit d'une règle qui demande plusieurs "
        "choses et dont une seule est devenue sans objet. Une règle peut "
        "exister pour une autre raison que les résultats, la loi par exemple : alors, gardez-la.",
    )
    needs: ClassVar[Needs] = Needs()

    def tally(self, part: History) -> None:
        """Nothing: the rules were tallied by those who judge them."""

    def merge(self, one: None, other: None) -> None:
        """Nothing and nothing."""

    def judge(self, tally: None, context: Context) -> Judgement:  # noqa: ARG002 - the protocol's
        """Which rules do nothing."""
        rules = _by_rule(context.rules)
        if not rules:
            return Judgement.not_assessable(
                self.code, said(en="no written rule was judged", fr="aucune règle écrite n'a été vérifiée")
            )
        findings = []
        for rule, expectations in rules.items():
            compared = [one for one in context.endings if one.rule == rule]
            if _is_dead(expectations):
                findings.append(self._dead(expectations))
            elif _is_training_wheels(expectations, compared):
                findings.append(self._training_wheels(expectations, compared))
        if findings:
            return Judgement(findings, (Assessment(self.code, Scope(), Outcome.FOUND),))
        if any(
            _cases(one) + one.whole.activations >= ENOUGH_CASES for group in rules.values() for one in group
        ):
            return Judgement((), (Assessment(self.code, Scope(), Outcome.CLEAR),))
        reason = said(
            en=f"no rule is for as many as {ENOUGH_CASES} cases",
            fr=f"aucune règle ne s'adresse à {ENOUGH_CASES} dossiers ou plus",
        )
        return Judgement.not_assessable(self.code, reason)

    def _dead(self, expectations: Sequence[Expectation]) -> Finding:
        first = expectations[0].whole
        cases = min(_cases(one) for one in expectations)
        activated = share(0, cases, name="activated")
        if not isinstance(activated, Measure):  # pragma: no cover - there are 300 cases and more
            raise TypeError("a share of no cases")
        label = said(en="cases that come to the rule", fr="dossiers concernés par la règle")
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="dead rule", fr="règle morte"),
            kind=Kind.GAP,
            severity=Severity.LOW,
            scope=Scope(),
            measure=attrs.evolve(activated, label=label),
            rule=first.rule,
            text=never(expectations, cases),
            reasoning=reasoning(expectations, ()),
            proposals=(
                Proposal(
                    Verb.AMEND,
                    said(
                        en="Ask who wrote it what it is for, and whether the condition still fits.",
                        fr="Demander à son auteur à quoi elle sert, et si la condition est encore juste.",
                    ),
                    first.rule,
                ),
                _retire(first.rule),
            ),
        )

    def _training_wheels(
        self, expectations: Sequence[Expectation], compared: Sequence[EndingsCompared]
    ) -> Finding:
        least = min((one.whole for one in expectations), key=lambda row: row.fulfilled / row.judged)
        kept = share(least.fulfilled, least.judged, name="kept")
        if not isinstance(kept, Measure):  # pragma: no cover - there are verdicts
            raise TypeError("a share of no activations")
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="training wheels", fr="petites roues"),
            kind=Kind.GAP,
            severity=Severity.LOW,
            scope=Scope(),
            measure=kept,
            rule=least.rule,
            text=wheels(expectations, compared),
            reasoning=reasoning(expectations, compared),
            proposals=(_retire(least.rule),),
        )


def dead_rules(history: History, book: Rulebook, *, min_group: int = 5) -> DeadRules:
    """The rules in force that do nothing any more, as a history shows it.

    Units of fewer persons than `min_group` are counted in the company's figures only.
    """
    hidden = {rule.id: unseen(history, rule) for rule in book.active}
    rules = [rule for rule in book.active if not hidden[rule.id]]
    sizes = history.unit_sizes()
    shown = {unit for unit in history.index.units if min_group <= 1 or sizes.get(unit, 0) >= min_group}
    by_id = {rule.id: rule for rule in rules}
    counts = tally(history, rules)
    rows = []
    for keys in (("rule", "expect"), ("rule", "expect", "unit")):
        for row in counts.by(*keys).rows() if len(counts) else ():
            unit, rule = row.pop("unit", None), by_id[row.pop("rule")]
            if "unit" in keys and unit not in shown:
                continue
            position = row.pop("expect")
            expected = rule.expectation(position)
            rows.append(
                RuleTally(
                    rule.id,
                    rule.version,
                    position,
                    str(expected),
                    rule.situation,
                    unit,
                    expected=in_words(expected),
                    **row,
                )
            )
    context = Context(as_of=history.as_of, rules=rows, endings=compare_endings(tally_endings(history, rules)))
    found = DeadRule().judge(None, context).findings
    idle = said(
        en="no case that it is for is in the data", fr="aucun dossier auquel elle s'adresse dans les données"
    )
    counted = {row.rule for row in rows}
    return DeadRules(
        dead={str(one.rule): one.text for one in found if one.measure.name == "activated"},
        unbroken={
            name: unbroken(group)
            for name, group in _by_rule(rows).items()
            if all(_kept_by_all(one) and not one.whole.violated for one in group)
        },
        training_wheels={str(one.rule): one.text for one in found if one.measure.name == "kept"},
        unknown={name: _together(reasons) for name, reasons in hidden.items() if reasons}
        | {rule.id: idle for rule in rules if rule.id not in counted},
    )


def _by_rule(rows: Iterable[RuleTally]) -> dict[str, list[Expectation]]:
    grouped: dict[str, list[Expectation]] = {}
    for one in by_expectation(rows):
        grouped.setdefault(one.whole.rule, []).append(one)
    return grouped


def _cases(one: Expectation) -> int:
    """How many cases never came to it."""
    return one.whole.vacuous_cases


def _is_dead(expectations: Sequence[Expectation]) -> bool:
    return all(one.whole.activations == 0 and _cases(one) >= ENOUGH_CASES for one in expectations)


def _is_training_wheels(expectations: Sequence[Expectation], compared: Sequence[EndingsCompared]) -> bool:
    if not all(_kept_by_all(one) for one in expectations):
        return False
    places = {one.expect for one in compared}
    known = all(one.whole.expect in places for one in expectations)
    return known and all(one.alike for one in compared)


def _kept_by_all(one: Expectation) -> bool:
    kept = share(one.whole.fulfilled, one.whole.judged)
    if not isinstance(kept, Measure) or kept.low is None or kept.low <= KEPT_BY_ALL:
        return False
    return all(row.fulfilled >= KEPT_BY_EACH * row.judged for row in one.units if row.judged >= FEWEST)


def _retire(rule: str) -> Proposal:
    return Proposal(
        Verb.RETIRE,
        said(
            en="Retire it, in a few units first, and look afterwards whether anything changed.",
            fr="La retirer, d'abord dans quelques unités, puis regarder si quelque chose a changé.",
        ),
        rule,
    )


def _together(reasons: Sequence[Text]) -> Text:
    return both(lambda w: "; ".join(w.of(text) for text in reasons))
