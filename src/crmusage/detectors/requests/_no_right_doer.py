from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import is_request
from crmusage.detectors.requests._keepers import LONGEST, misfits, received, unkept
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

MOST_SKILLS = 3
"""Skills that are named, the most missed first."""


@attrs.frozen
class Doers:
    """The requests of a part of a history by whether they had the right doer, and the skills that were missing."""

    items: Tally
    skills: Counts
    """By unit, month and skill."""

    def merge(self, other: Doers) -> Doers:
        """Both together."""
        return Doers(self.items.merge(other.items), self.skills.merge(other.skills))


@attrs.frozen
class NoRightDoer(AgainstPeers):
    """Requests that lie with nobody, with somebody who has left, or with the wrong team."""

    code: ClassVar[str] = "CU403"
    name: ClassVar[str] = "no-right-doer"
    title: ClassVar[Text] = said(
        en="Requests without the right doer", fr="Demandes qui ne sont pas chez la bonne personne"
    )
    short: ClassVar[Text] = said(
        en="requests without the right doer", fr="demandes qui ne sont pas chez la bonne personne"
    )
    measure: ClassVar[str] = "without_right_doer"
    label: ClassVar[Text] = said(
        en="requests that had no right doer for days",
        fr="demandes restées des jours sans personne pour les traiter",
    )
    things: ClassVar[Text] = said(en="requests received", fr="demandes reçues")
    about: ClassVar[Text] = said(
        en="A request needs one person who is there, in charge, and able to do it. Of each unit's requests those are "
        "counted that lay for more than three working days with nobody (no owner, or a queue or a team as the owner, "
        "and nobody who took it up), or with an owner who had left (people.ends_on), and those that whoever got them "
        "refused, or handed on, for they were not his to do (`refused`; `rerouted` with a `reason`: role, "
        "responsibility or skill). A unit is named when its share is far above that of its peers (over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 30 "
        "requests, since the month in which it rose if it did. What was refused for want of a `skill` is told by "
        "itself, with the skills: that is no fault, but something to learn. A queue from which requests are taken in "
        "time is silent, and so is the time for which the doer waits for an answer or has put the request off. "
        "Weekends, holidays, imported, merged and deleted requests and those made by a program do not count. Where "
        "no case has an owner, the data cannot show it.",
        fr="Une demande a besoin d'une personne présente, responsable et capable de la traiter. Parmi les demandes de "
        "chaque unité, on compte celles restées plus de trois jours ouvrés sans personne (aucun propriétaire, ou une "
        "file ou une équipe pour propriétaire, et personne ne l'a prise), ou chez un propriétaire parti "
        "(people.ends_on), et celles que le destinataire a refusées, ou transmises, parce qu'elles n'étaient pas pour "
        "lui (`refused` ; `rerouted` avec un `reason` : role, responsibility ou skill). Une unité est signalée "
        "lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur "
        "les unités), d'au moins 10 points et de moitié en plus, sur au moins 30 demandes, depuis le mois où elle a "
        "augmenté le cas échéant. Les refus faute d'une compétence (`skill`) sont indiqués à part, avec les "
        "compétences : ce n'est pas une faute, mais un besoin de formation. Une file où les demandes sont prises à "
        "temps n'est pas signalée ; le temps où celui qui traite la demande attend une réponse, ou l'a reportée, ne "
        "compte pas. "
        "Week-ends, jours fériés, demandes importées, fusionnées, supprimées ou créées par un automate ne comptent "
        "pas. Si aucun dossier n'a de propriétaire, les données ne permettent pas d'en juger.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit", "owner"), "events": ()}, kind="request")

    def tally(self, part: History) -> Doers:
        """The requests of a part, and those that had no right doer."""
        index = part.index
        begun = received(part)
        nobody, left, known = unkept(part, begun)
        refused, skill = misfits(part)
        wrong = np.isin(np.arange(index.n_cases), index.case[refused])
        lacking = np.array([one is not None for one in skill], dtype=bool)
        unskilled = np.isin(np.arange(index.n_cases), index.case[refused[lacking]])
        rows = np.flatnonzero(is_request(part) & (known | nobody | left | wrong))
        reason = guard.of_cases(part)
        items = tally_items(
            part,
            case=rows,
            month=months_of(begun[rows]).astype(np.int64),
            hits=(nobody | left | wrong)[rows].astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason[rows],
            reasons=REASONS,
            extra={
                "nobody": nobody[rows].astype(np.int64),
                "left": left[rows].astype(np.int64),
                "wrong": wrong[rows].astype(np.int64),
                "unskilled": unskilled[rows].astype(np.int64),
            },
        )
        case = index.case[refused[lacking]]
        names = [one for one in skill if one is not None]
        labels = sorted(set(names))
        code = np.array([labels.index(one) for one in names], dtype=np.int64)
        counted = (reason[case] == guard.KEPT) & is_request(part)[case]
        skills = Counts.of(
            keys={
                "unit": (index.case_unit[case[counted]], index.units),
                "month": months_of(begun[case[counted]]).astype(np.int64),
                "skill": (code[counted], labels),
            },
            sums={"n": None},
        )
        return Doers(items, skills)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with each skill that was missing as a sum of its own."""
        doers: Doers = tally
        grid = Grid.of(doers.items)
        place = {name: row for row, name in enumerate(grid.units)}
        sums = dict(grid.sums)
        for one in doers.skills.rows():
            matrix = sums.setdefault(_skill(one["skill"]), np.zeros_like(grid.sums["n"]))
            matrix[place.get(one["unit"], len(place)), one["month"] - grid.months[0]] += one["n"]
        return attrs.evolve(grid, sums=sums)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        nobody, left, wrong = (w.number(seen.sums[name]) for name in ("nobody", "left", "wrong"))
        unskilled, named = seen.sums["unskilled"], _named(w, seen)
        text = w.pick(
            f"{seen.unit}: {seen.value(w)} of the requests received{seen.since(w)} had no right doer "
            f"({w.number(seen.hits)} of {w.number(seen.n)}); among its peers {seen.usual(w)}. More than {LONGEST} "
            f"working days with nobody: {nobody}; with somebody who had left: {left}; refused as not theirs: {wrong}.",
            f"{seen.unit} : {seen.value(w)} des demandes reçues{seen.since(w)} n'étaient pas chez la bonne personne "
            f"({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} chez ses pairs. Plus de "
            f"{LONGEST} jours ouvrés sans personne : {nobody} ; chez une personne partie : {left} ; refusées par le "
            f"destinataire : {wrong}.",
        )
        if not unskilled:
            return text
        return text + w.pick(
            f" Of the refused, {w.number(unskilled)} {w.agree(unskilled, 'was', 'were')} so for want of a skill, most "
            f"often {named}.",
            f" Parmi les refus, {w.number(unskilled)} {w.agree(unskilled, 'tient', 'tiennent')} à une compétence "
            f"manquante, le plus souvent {named}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a queue that people watch and work from without recording it, or a leaver "
            "whose successor still uses the old name. Ask who looks into the queue, and when.",
            "Ce qui pourrait l'infirmer : une file que l'on suit et traite sans le noter, ou un partant dont le "
            "successeur utilise encore le nom. Demandez qui regarde la file, et quand.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Say for {unit} who takes what nobody has taken by noon, and who inherits the requests of "
                        "people who leave.",
                        f"Dire pour {unit} qui prend ce que personne n'a pris à midi, et qui hérite des demandes de "
                        "ceux qui partent.",
                    )
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Let who sends requests to {unit} know what it is there for; and teach the skills for want "
                        "of which it refuses.",
                        f"Faire savoir à ceux qui s'adressent à {unit} ce qu'elle traite ; et former aux compétences "
                        "qui motivent ses refus.",
                    )
                ),
            ),
        )


def _skill(name: str) -> str:
    return f"skill: {name}"


def _named(w: Wording, seen: Seen) -> str:
    missed = {name.removeprefix("skill: "): n for name, n in seen.sums.items() if name.startswith("skill: ")}
    most = sorted((-n, name) for name, n in missed.items() if n)[:MOST_SKILLS]
    return ", ".join(f"{name} ({w.number(-n)})" for n, name in most)
