"""What is written and what is done instead, in words."""

from __future__ import annotations

import attrs

from crmusage.detectors.knowledge._kept import called
from crmusage.model import Measure, Wording
from crmusage.rules import Constraint, UsageRule, phrase


@attrs.frozen
class Instead:
    """A practice in the place of a rule."""

    unit: str | None
    rule: UsageRule
    expect: int
    practice: str
    """The activity."""
    measure: Measure
    """Of all cases in point, those in which the rule was broken and this was done."""
    kept: Measure
    done: int
    """Cases in which the rule was broken and this was done,"""
    broken: int
    """of those in which it was broken."""
    done_when_kept: int
    """The same where it was kept, in the whole company."""
    all_kept: int
    own_done_when_kept: int
    own_kept: int
    p_value: float = 1.0

    @property
    def written(self) -> Constraint:
        """What the rule asks for."""
        return self.rule.expect[self.expect]

    @property
    def practised(self) -> Constraint:
        """What is done."""
        return Constraint("response", self.written.activities, self.practice)

    @property
    def is_afterwards(self) -> bool:
        """It is what the rule asks for, only in the wrong order."""
        return self.practice in self.written.targets


def text(w: Wording, one: Instead) -> str:
    """Both sides in one breath."""
    kept, n = w.value(one.kept.value, "share"), w.number(one.kept.denominator or 0)
    value = w.value(one.measure.value, "share")
    low, high = one.measure.low or 0.0, 1.0 if one.measure.high is None else one.measure.high
    between = w.interval(low, high, "share")
    where = w.pick("In the company", "Dans l'entreprise") if one.unit is None else one.unit
    asks = w.of(phrase(one.written))
    does = w.of(phrase(one.practised))
    if one.is_afterwards:
        does += w.pick(", and not before it", ", et non avant")
    broken, when_kept = (
        w.value(top / bottom, "share")
        for top, bottom in ((one.done, one.broken), (one.done_when_kept, one.all_kept))
    )
    return w.pick(
        f"{where}: the {called(w, one.rule)} says that {asks}; that is so in {kept} of {n} cases. In {value} of them "
        f"(95% interval {between}) something else stands in its place: {does}. It is done in {broken} of the cases "
        f"in which the rule is broken, and in {when_kept} of those in which it is kept anywhere. The rule is not "
        "forgotten here, it is replaced; figures made from it leave this work out.",
        f"{where} : la {called(w, one.rule)} dit : {asks} ; c'est le cas dans {kept} des {n} dossiers concernés. "
        f"Dans {value} (intervalle à 95 % : {between}), autre chose a pris sa place : {does}. On le trouve dans "
        f"{broken} des dossiers où la règle n'est pas respectée, et dans {when_kept} de ceux où elle l'est, toutes "
        "unités confondues. La règle n'est pas oubliée, elle est remplacée ; les chiffres qui en dépendent ignorent "
        "ce travail.",
    )


def reasoning(w: Wording, one: Instead, units: int, judged: int) -> str:
    """What was compared, and what could mislead."""
    expected, practised = str(one.rule.expectation(one.expect)), str(one.practised)
    return w.pick(
        f"Written: {expected}. Practised: {practised}. Each case counts once. Units that do so: {units}, of {judged} "
        "that could be judged; where many do, the rule is the odd one out. Only what people did by hand counts, "
        "several of them and no one more than half of it. Steps that belong together by nature can look like a "
        "practice: a case that was broken for a good reason may call for the other step.",
        f"Écrit : {expected}. Pratiqué : {practised}. Chaque dossier compte une fois. Unités qui font ainsi : "
        f"{units}, sur {judged} examinées ; si elles sont nombreuses, c'est la règle qui fait exception. Seul compte "
        "ce que plusieurs personnes ont fait à la main, aucune n'en faisant plus de la moitié. Des étapes liées par "
        "nature peuvent ressembler à une pratique : un dossier où la règle ne pouvait pas s'appliquer appelle "
        "peut-être l'autre étape.",
    )
