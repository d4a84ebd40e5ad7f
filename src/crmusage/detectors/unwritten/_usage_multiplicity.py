from __future__ import annotations

from typing import ClassVar

import attrs

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._words import both, said
from crmusage.discovery import Group, Log, Ways, log_of, ways_of
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
    about: ClassVar[Text] = said(
        en="Compares what follows what in the work of each two units (Jensen-Shannon divergence of their "
        "steps, less what chance alone gives for units of that size when cases are dealt at random) and "
        "puts together those that work alike. Told when there is more than one way of working; which one "
        "is right it cannot say, nor why they differ: other customers and other products make other "
        "ways. Imports, bursts and machines are left out, as are units of fewer than 30 cases. "
        "`crmusage.discovery.ways` does the same by profile, region or tenure and draws the map.",
        fr="Compare ce qui suit quoi dans le travail des unités deux à deux (divergence de Jensen-Shannon "
        "de leurs enchaînements, moins ce que le hasard seul donne à des unités de cette taille quand "
        "les dossiers sont distribués au sort) et regroupe celles qui travaillent de la même façon. "
        "Signalé quand il y a plus d'une façon de travailler ; laquelle est la bonne, il ne peut le "
        "dire, ni pourquoi elles diffèrent : d'autres clients et d'autres produits font d'autres façons. "
        "Imports, rafales et automates sont écartés, de même que les unités de moins de 30 dossiers. "
        "`crmusage.discovery.ways` fait de même par profil, région ou ancienneté et dessine la carte.",
    )
    needs: ClassVar[Needs] = Needs(tables={"cases": ("kind",), "events": ("activity",)})

    def tally(self, part: History) -> Log:
        """What discovery reads: plain arrays, no names of persons."""
        return log_of(part, ("unit",))

    def merge(self, one: Log, other: Log) -> Log:
        """Both parts as one."""
        return one.merge(other)

    def judge(self, tally: Log, context: Context) -> Judgement:
        """One finding for the company, if there is more than one way."""
        sizes = {Group(unit=unit): size for unit, size in context.unit_sizes.items()}
        found = ways_of(tally, sizes, min_group=context.min_group, seed=context.seed)
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
        return Judgement(
            (self._finding(found),) if several else (), (Assessment(self.code, Scope(), outcome), *unseen)
        )

    def _finding(self, found: Ways) -> Finding:
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
            reasoning=both(lambda w: found.explain(w.lang).rstrip()),
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
            title=self.title,
        )


def _told(found: Ways, w: Wording) -> str:
    most, *others = found.ways
    named = [", ".join(group.into(w.lang) for group in way[:MOST_NAMED]) for way in others]
    rest = [len(way) - MOST_NAMED for way in others]
    parts = [
        name + (w.pick(f" and {n} more", f" et {n} de plus") if n > 0 else "")
        for name, n in zip(named, rest, strict=True)
    ]
    return w.pick(
        f"There are {len(found.ways)} ways of working: {len(most)} units work alike; apart from them: "
        f"{'; '.join(parts)}.",
        f"Il y a {len(found.ways)} façons de travailler : {len(most)} unités travaillent de même ; à part : "
        f"{' ; '.join(parts)}.",
    )
