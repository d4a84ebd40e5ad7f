from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import Acts
from crmusage.detectors.workarounds._pattern import Pattern
from crmusage.detectors.workarounds._values import Values, root_steps, tally_values
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording


@attrs.frozen
class FrequentActivity(Pattern):
    """Cases in which one and the same thing is done far more often than usual in the unit."""

    code: ClassVar[str] = "CU701"
    name: ClassVar[str] = "frequent-activity"
    title: ClassVar[Text] = said(
        en="Cases in which something is done over and over",
        fr="Dossiers où la même action revient sans cesse",
    )
    short: ClassVar[Text] = said(en="something done over and over", fr="une même action répétée sans cesse")
    measure: ClassVar[str] = "done_over_and_over"
    label: ClassVar[Text] = said(
        en="cases in which it is done unusually often", fr="dossiers où l'action revient anormalement souvent"
    )
    things: ClassVar[Text] = said(
        en="cases in which the same thing is done by hand",
        fr="dossiers où une même action est faite à la main",
    )
    about: ClassVar[Text] = said(
        en="Where people must do something again and again in a case, they are going round something: a field that "
        "does not stay, a status that is needed for a moment, a screen that loses what was typed. For each "
        "activity the cases of a unit are counted in which it was done by hand far more often than in the middle "
        "case of that unit (or of its month, in a campaign) (3.5 robust standard deviations on the scale of "
        "roots). A unit is named when this share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units, each with its most telling activity, for which it pays as many times "
        "as activities were tried), by at least 5 points and twice as much, with at least 30 cases, by three "
        "people or more. A unit that does it more often in all its cases has another middle, and is not named. "
        "One of the SWORD patterns of van der Waal et al. (2024).",
        fr="Là où il faut refaire sans cesse la même chose dans un dossier, on contourne un obstacle : un champ qui "
        "ne tient pas, un statut nécessaire un instant, un écran qui perd la saisie. Pour chaque activité, on "
        "compte les dossiers d'une unité où elle a été faite à la main bien plus souvent que dans le dossier "
        "médian de cette unité (ou de son mois, en cas de campagne) (3,5 écarts-types robustes sur l'échelle des "
        "racines). Une unité est signalée lorsque cette part dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités, chacune avec son activité la plus parlante, compte "
        "tenu du nombre d'activités essayées), d'au moins 5 points et du double, sur au moins 30 dossiers, du "
        "fait d'au moins trois personnes. Une unité qui le fait plus souvent dans tous ses dossiers a une "
        "médiane plus haute et n'est pas signalée. L'un des motifs SWORD de van der Waal et al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"events": ()})

    def tally(self, part: History) -> Values:
        """How often each activity was done by hand in each case."""
        acts, index = Acts.of(part), part.index
        at = np.flatnonzero(acts.by_hand)
        case, unit, activity, count, first = acts.counted(at, index.activity[at].astype(np.int64))
        values = acts.with_left_out(
            case,
            unit,
            months_of(index.created[case]),
            (activity, index.activities),
            root_steps(count),
            acts.by(first),
        )
        return tally_values(part, **values, upwards=self.upwards)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        return w.pick(
            f"{seen.unit}: in {seen.value(w)} of the cases with {what}{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) it was done far more often than in the middle case of the unit; among its "
            f"peers in {seen.usual(w)}.",
            f"{seen.unit} : dans {seen.value(w)} des dossiers avec {what}{seen.since(w)} ({w.number(seen.hits)} "
            f"sur {w.number(seen.n)}), l'action revient bien plus souvent que dans le dossier médian de "
            f"l'unité, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a few large customers whose cases do need it that often. Have it shown "
            "to you on one of the cases, by those who do it.",
            "Ce qui pourrait l'infirmer : quelques grands clients dont les dossiers l'exigent. Faites-vous "
            "montrer un de ces dossiers par ceux qui les traitent.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Sit next to somebody in {unit} while it is done, and take away what makes it needed.",
                        f"S'asseoir dans {unit} à côté de quelqu'un qui le fait, et supprimer ce qui y oblige.",
                    )
                ),
            ),
        )
