from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import attrs

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.discovery import Group, Log, Ways, log_of, persons, regrouped, ways_of
from crmusage.history import History
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

TRAITS = ("unit", "profile", "region")
"""By what people are put together: units make the finding, the others are told beside it."""
_BY = {
    "profile": Text("Profiles that work alike", "Les profils qui travaillent de la même façon"),
    "region": Text("Regions that work alike", "Les régions qui travaillent de la même façon"),
}
MOST_NAMED = 5
"""Units of a way that are named in a sentence; the rest are counted."""


@attrs.frozen
class UsageMultiplicity:
    """How many ways of working there are, and which units work alike."""

    code: ClassVar[str] = "CU503"
    name: ClassVar[str] = "usage-multiplicity"
    title: ClassVar[Text] = said(
        en="Several ways of working side by side",
        fr="Plusieurs façons de travailler côte à côte",
    )
    short: ClassVar[Text] = said(en="several ways of working", fr="plusieurs façons de travailler")
    about: ClassVar[Text] = said(
        en="Compares what follows what in the work of each two units (Jensen-Shannon divergence of their "
        "steps, less what chance alone gives for units of that size when cases are dealt at random) and "
        "puts together those that work alike. Told when there is more than one way of working; which one "
        "is right it cannot say, nor why they differ: other customers and other products make other "
        "ways. Imports, bursts and machines are left out, as are units of fewer than 30 cases. The report "
        "draws a map of units, and of profiles and regions where the data tell them; those make no "
        "finding, for people with another task do work in another way.",
        fr="Les unités sont comparées deux à deux sur la façon dont leurs étapes s'enchaînent (divergence de "
        "Jensen-Shannon, moins ce que le hasard seul donne à des unités de cette taille quand les dossiers "
        "sont répartis par tirage au sort) ; celles qui travaillent de la même façon sont regroupées. Un "
        "constat est fait quand il y a plus d'une façon de travailler. Il ne dit ni laquelle est la bonne, "
        "ni pourquoi elles diffèrent : d'autres clients et d'autres produits demandent un autre travail. "
        "Imports, rafales et automates sont écartés, de même que les unités de moins de 30 dossiers. Le "
        "rapport dessine une carte des unités, et des profils et des régions quand les données les "
        "indiquent ; pour ceux-ci, il n'y a pas de constat : qui a une autre mission travaille autrement.",
    )
    needs: ClassVar[Needs] = Needs(tables={"cases": ("kind",), "events": ("activity",)})

    def tally(self, part: History) -> tuple[Log, ...]:
        """What discovery reads: plain arrays, no names of persons; once for each way to group people."""
        log = attrs.evolve(log_of(part, TRAITS[:1]), attributes=())
        return (log, *(regrouped(log, part, (trait,)) for trait in TRAITS[1:]))

    def merge(self, one: tuple[Log, ...], other: tuple[Log, ...]) -> tuple[Log, ...]:
        """Both parts as one."""
        return tuple(mine.merge(theirs) for mine, theirs in zip(one, other, strict=True))

    def judge(self, tally: tuple[Log, ...], context: Context) -> Judgement:
        """One finding for the company, if its units have more than one way."""
        by_unit, *by_others = tally
        sizes = {Group(unit=unit): size for unit, size in context.unit_sizes.items()}
        found = ways_of(by_unit, sizes, min_group=context.min_group, seed=context.seed)
        if not found.groups and not context.units:
            return Judgement.without_units(self.code)
        if len(found.groups) < 2:
            return Judgement.not_assessable(
                self.code,
                said(
                    en="fewer than two units with enough cases: nothing to compare",
                    fr="moins de deux unités avec assez de dossiers : rien à comparer",
                ),
            )
        several = len(found.ways) > 1
        outcome = Outcome.FOUND if several else Outcome.CLEAR
        unseen = (
            Assessment(self.code, Scope(unit=group.unit), Outcome.NOT_ASSESSABLE, reason)
            for group, reason in found.not_assessable.items()
        )
        findings = (self._finding(found, _others(by_others, context)),) if several else ()
        return Judgement(findings, (Assessment(self.code, Scope(), outcome), *unseen))

    def _finding(self, found: Ways, others: Mapping[str, Ways]) -> Finding:
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.RISK,
            severity=Severity.LOW,
            scope=Scope(),
            measure=Measure(
                "ways_of_working",
                len(found.ways),
                unit="count",
                label=Text("ways of working", "façons de travailler"),
            ),
            text=both(lambda w: _told(found, w)),
            reasoning=both(
                lambda w: "\n\n".join(
                    (
                        found.explain(w.lang).rstrip(),
                        *(
                            f"{w.of(_BY[trait])}\n{ways.explain(w.lang).rstrip()}"
                            for trait, ways in others.items()
                        ),
                    )
                )
            ),
            figures=(found.figure(), *(ways.figure(_BY[trait]) for trait, ways in others.items())),
            proposals=(
                Proposal(
                    Verb.ANNOUNCE,
                    said(
                        en="Ask the units that work otherwise what they know, and agree on which situations call for "
                        "which way.",
                        fr="Demandez aux unités qui travaillent autrement ce qu'elles savent, et convenez des "
                        "situations qui appellent chaque façon.",
                    ),
                ),
            ),
            title=self.short,
        )


def _others(logs: Sequence[Log], context: Context) -> dict[str, Ways]:
    """The ways of profiles and regions, where at least two of them can be compared."""
    found = {}
    for trait, log in zip(TRAITS[1:], logs, strict=True):
        ways = ways_of(log, persons(log), min_group=context.min_group, seed=context.seed)
        if len(ways.groups) > 1:
            found[trait] = ways
    return found


def _told(found: Ways, w: Wording) -> str:
    most, *others = found.ways
    named = [", ".join(group.into(w.lang) for group in way[:MOST_NAMED]) for way in others]
    rest = [len(way) - MOST_NAMED for way in others]
    parts = [
        name + (w.pick(f" and {n} more", f" et {n} de plus") if n > 0 else "")
        for name, n in zip(named, rest, strict=True)
    ]
    return w.pick(
        f"There are {len(found.ways)} ways of working: {w.count(len(most), 'unit')} "
        f"{w.agree(len(most), 'has the one with the most cases; apart from it', 'work alike; apart from them')}: "
        f"{'; '.join(parts)}.",
        f"Il y a {len(found.ways)} façons de travailler : {w.count(len(most), 'unit')} "
        f"{w.agree(len(most), 'a celle qui réunit le plus de dossiers', 'travaillent de la même façon')} ; à part : "
        f"{' ; '.join(parts)}.",
    )
