from __future__ import annotations

from typing import ClassVar

import attrs

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._pictures import series
from crmusage.detectors._severity import severity_of
from crmusage.detectors._words import both, said
from crmusage.discovery import Discovery, Group, Log, Nature, UnwrittenUsage, discovered, log_of
from crmusage.history import History
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Onset,
    Outcome,
    Proposal,
    Scope,
    Text,
    Verb,
    Wording,
)
from crmusage.rules import Rulebook

LEVEL = 0.01
"""Of what is found at most so many are false. Stricter than where somebody asks for discoveries: here nobody asked."""

_KINDS = {Nature.PARASITIC: Kind.PARASITIC, Nature.PROMISING: Kind.PROMISING}
"""Habits are no findings: nothing speaks for or against them. `crmusage discover` tells them."""


@attrs.frozen
class UnwrittenRule:
    """A rule that one unit keeps, its peers do not, and nobody wrote."""

    code: ClassVar[str] = "CU502"
    name: ClassVar[str] = "unwritten-rule"
    title: ClassVar[Text] = said(
        en="A rule that one unit keeps, its peers do not, and nobody wrote",
        fr="Une règle qu'une unité suit, que ses pairs ignorent et que personne n'a écrite",
    )
    short: ClassVar[Text] = said(en="unwritten rule", fr="règle non écrite")
    about: ClassVar[Text] = said(
        en="Tries the templates of rules between every two activities, with and without the usual delays and the "
        "values of attributes as conditions, over the whole time and its later part, and asks in which unit far more "
        "of the cases keep it than among its peers. A case counts once. Held against an over-dispersed funnel and an "
        "exact test, adjusted for everything that was tried, units first. What implies one another, or is shown by "
        "the same cases, is one usage. Told are those that go against a written rule (it is named), bend the figures "
        "or go with worse outcomes, and those that go with better ones; what a written rule asks for is no usage of "
        "its own, and habits are left to `crmusage discover`. Silent on imports, bursts and machines, on what a "
        "single person does, on campaigns of a few months, and where fewer than 30 cases of the unit put the rule to "
        "the test. It sees what goes together, not what causes what.",
        fr="Tous les modèles de règles sont essayés entre les activités prises deux à deux, avec et sans les délais "
        "d'usage et les valeurs d'attributs comme conditions, sur toute la période et sur sa dernière partie : on "
        "cherche l'unité où bien plus de dossiers s'y conforment que chez ses pairs. Un dossier compte une fois. "
        "L'écart doit dépasser ce dont les unités diffèrent d'ordinaire entre elles (entonnoir avec surdispersion) "
        "et le hasard (test exact), compte tenu de tout ce qui a été essayé, les unités d'abord. Des règles dont "
        "l'une entraîne l'autre, ou que montrent les mêmes dossiers, ne font qu'un usage. Sont signalés les usages "
        "contraires à une règle écrite (elle est nommée), qui faussent les chiffres ou vont avec de moins bonnes "
        "issues, et ceux qui vont avec de meilleures ; ce qu'une règle écrite demande n'est pas un usage à part, et "
        "les habitudes sont laissées à `crmusage discover`. Rien n'est dit des imports, des rafales ni des "
        "automates, de ce que fait une seule personne, des campagnes de quelques mois, ni d'une unité dont moins de "
        "30 dossiers mettent la règle à l'épreuve. Le constat dit ce qui va ensemble, non ce qui en est la cause.",
    )
    needs: ClassVar[Needs] = Needs(tables={"cases": ("outcome",), "events": ("activity",)})
    book: Rulebook = attrs.field(factory=Rulebook)
    """The written rules: a usage may go against one, or follow from one and so be no unwritten one."""

    def with_rules(self, book: Rulebook) -> UnwrittenRule:
        """The same, for these rules."""
        return UnwrittenRule(book)

    def tally(self, part: History) -> Log:
        """What discovery reads: plain arrays, no names of persons."""
        return log_of(part, ("unit",))

    def merge(self, one: Log, other: Log) -> Log:
        """Both parts as one."""
        return one.merge(other)

    def judge(self, tally: Log, context: Context) -> Judgement:
        """Discover, and tell what is more than a habit."""
        sizes = {Group(unit=unit): size for unit, size in context.unit_sizes.items()}
        found = discovered(
            tally,
            ("unit",),
            as_of=context.as_of,
            sizes_=sizes,
            rulebook=self.book,
            min_group=context.min_group,
            level=LEVEL,
        )
        if not found.assessed and not context.units:
            return Judgement.without_units(self.code)
        told = [usage for usage in found if usage.nature in _KINDS]
        named = {usage.group for usage in told}
        return Judgement(
            tuple(self._finding(usage, found) for usage in told),
            (
                *(
                    Assessment(
                        self.code,
                        Scope(unit=group.unit),
                        Outcome.FOUND if group in named else Outcome.CLEAR,
                    )
                    for group in found.assessed
                ),
                *(
                    Assessment(self.code, Scope(unit=group.unit), Outcome.NOT_ASSESSABLE, reason)
                    for group, reason in found.not_assessable.items()
                ),
            ),
        )

    def _finding(self, usage: UnwrittenUsage, found: Discovery) -> Finding:
        rule = usage.as_rule()
        onset = usage.onset if isinstance(usage.onset, Onset) else None
        bad = usage.nature is Nature.PARASITIC
        months = ((m, k, n, 0, 0) for m, k, n in zip(*attrs.astuple(usage.series), strict=True))
        return Finding(
            code=self.code,
            name=self.name,
            kind=_KINDS[usage.nature],
            severity=severity_of(usage.distortions),
            scope=Scope(unit=usage.group.unit, period=usage.period),
            measure=usage.measure,
            text=both(lambda w: _told(usage, w)),
            norm=usage.norm,
            q_value=usage.q_value,
            rule=usage.contradicts[0] if usage.contradicts else None,
            onset=onset,
            distortions=usage.distortions,
            evidence=(Evidence(usage.measure, usage.norm, usage.p_value, usage.q_value),),
            cases=usage.cases,
            proposals=(
                Proposal(
                    Verb.FORBID if bad else Verb.ADOPT,
                    both(
                        lambda w: w.pick(
                            "Talk with the unit about why it works so, then decide; as a rule the usage is "
                            f"{rule.id}.",
                            "Voyez avec l'unité pourquoi elle travaille ainsi, puis décidez ; comme règle, l'usage "
                            f"s'appelle {rule.id}.",
                        )
                    ),
                ),
            ),
            reasoning=both(
                lambda w: (
                    f"{_tried(w, found.tried, found.signs, 1 + len(usage.others))}\n\n{w.of(usage.reasoning)}"
                )
            ),
            title=self.short,
            figures=(series(usage.title, months, onset=None if onset is None else onset.value, alone=True),),
        )


def _tried(w: Wording, tried: int, signs: int, sides: int) -> str:
    return w.pick(
        f"{w.count(tried, 'comparison')} {w.agree(tried, 'was', 'were')} made; {w.number(signs)} "
        f"{w.agree(signs, 'sets', 'set')} a unit apart, and {w.number(sides)} of them "
        f"{w.agree(sides, 'is a side', 'are sides')} of this usage.",
        f"{w.count(tried, 'comparison')} {w.agree(tried, 'a été faite', 'ont été faites')} ; {w.number(signs)} "
        f"{w.agree(signs, 'distingue', 'distinguent')} une unité, et {w.number(sides)} d'entre elles "
        f"{w.agree(sides, 'est une facette', 'sont des facettes')} de cet usage.",
    )


def _told(usage: UnwrittenUsage, w: Wording) -> str:
    kept, peers = w.value(usage.measure.value, "share"), w.value(usage.peers.value, "share")
    said = w.of(usage.title)
    return w.pick(
        f"{said} – in {kept} of the cases, against {peers} among all others. {w.of(usage.reason)}",
        f"{said} – dans {kept} des dossiers, contre {peers} chez tous les autres. {w.of(usage.reason)}",
    )
