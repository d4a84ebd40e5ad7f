from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import Acts
from crmusage.detectors.workarounds._pattern import Pattern, laid
from crmusage.detectors.workarounds._values import Table, Values, tally_values
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

AGAIN = dt.timedelta(hours=1)
"""The same person does the same thing in the same case within so long: one of the two was for the tool. Guessed."""


@attrs.frozen
class RepeatedActivity(Pattern):
    """The same thing done twice in a row, by the same person, within the hour."""

    code: ClassVar[str] = "CU702"
    name: ClassVar[str] = "repeated-activity"
    title: ClassVar[Text] = said(
        en="The same thing entered twice in a row", fr="La même action saisie deux fois de suite"
    )
    short: ClassVar[Text] = said(en="entered twice in a row", fr="la même action saisie deux fois de suite")
    measure: ClassVar[str] = "done_again_at_once"
    label: ClassVar[Text] = said(
        en="acts that repeat the one before within the hour",
        fr="actions qui répètent la précédente dans l'heure",
    )
    things: ClassVar[Text] = said(en="acts by hand of one kind", fr="actions de même type faites à la main")
    about: ClassVar[Text] = said(
        en="What is entered twice within the hour was entered to get past something: a save that failed, a value "
        "that had to be changed and changed back, a target of so many calls a day. For each activity those acts "
        "are counted that follow right upon another of the same kind, in the same case, by the same person, "
        "within an hour (two at the very same instant are one save, and do not count). A unit is named when this "
        "share is far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units, each "
        "with its most telling activity, for which it pays as many times as activities were tried), by at least 5 "
        "points and twice as much, with at least 30 acts, by three people or more. Programs, imports and merges "
        "are left out first. One of the SWORD patterns of van der Waal et al. (2024).",
        fr="Ce qui est saisi deux fois dans l'heure l'a été pour franchir un obstacle : un enregistrement qui "
        "échoue, une valeur à changer puis à rétablir, un objectif de tant d'appels par jour. Pour chaque "
        "activité, on compte les actions qui en suivent directement une autre du même type, dans le même dossier, "
        "par la même personne, en moins d'une heure (deux au même instant sont un seul enregistrement et ne "
        "comptent pas). Une unité est signalée lorsque cette part dépasse nettement celle de ses pairs (entonnoir "
        "avec surdispersion, Benjamini-Hochberg sur les unités, chacune avec son activité la plus parlante, "
        "compte tenu du nombre d'activités essayées), d'au moins 5 points et du double, sur au moins 30 actions, "
        "du fait d'au moins trois personnes. Sont d'abord écartés les automates, les importations et les fusions. "
        "L'un des motifs SWORD de van der Waal et al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"events": ("actor",)})

    def tally(self, part: History) -> Values:
        """The acts by hand of a part, and which of them repeat the one before."""
        acts, index, actor = Acts.of(part), part.index, part.who.actor
        again = np.zeros(index.n_events, dtype=bool)
        gap = np.diff(index.at)
        again[1:] = (
            (index.case[1:] == index.case[:-1])
            & (index.activity[1:] == index.activity[:-1])
            & (actor[1:] == actor[:-1])
            & (actor[1:] >= 0)
            & (gap > 0)
            & (gap <= AGAIN // dt.timedelta(microseconds=1))
        )
        again[1:] &= acts.by_hand[:-1]
        at = np.flatnonzero(acts.by_hand)
        values = acts.with_left_out(
            index.case[at],
            index.unit[at],
            months_of(index.at[at]),
            (index.activity[at].astype(np.int64), index.activities),
            again[at].astype(np.int64),
            acts.by(at),
        )
        return tally_values(part, **values, upwards=self.upwards)

    def grids(self, tally: Values, context: Context) -> dict[str, Grid]:
        """For each activity: how many acts there are by unit and month, and how many repeat the one before."""
        del context
        table = Table.laid(tally)

        def grid(of: str, rows: Int64) -> Grid:
            return laid(table, of, rows, table.value[rows] == 1, lambda _unit, _month, out: out == -1)

        return {of: grid(of, rows) for of, rows in table.by_thing()}

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the entries of {what}{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) repeat the one before, by the same person within the hour; among its peers "
            f"{seen.usual(w)} do.",
            f"{seen.unit} : {seen.value(w)} des saisies de {what}{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) répètent la précédente, par la même personne et dans l'heure, contre "
            f"{seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that rightly notes every attempt, as when nobody picks up. Ask "
            "whether the second entry tells anything that the first did not.",
            "Ce qui pourrait l'infirmer : une unité qui note à juste titre chaque tentative, par exemple quand "
            "personne ne décroche. Demandez si la seconde saisie apprend quelque chose de plus que la première.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Find out with {unit} what the second entry gets past: a fault to mend, a field to "
                        "drop, or a number of entries that somebody counts.",
                        f"Chercher avec {unit} ce que la seconde saisie permet de franchir : un défaut à "
                        "corriger, un champ à supprimer, ou un nombre de saisies que quelqu'un compte.",
                    )
                ),
            ),
        )
