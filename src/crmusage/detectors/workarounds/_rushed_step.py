from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import DAY, Acts
from crmusage.detectors.workarounds._pattern import Pattern
from crmusage.detectors.workarounds._values import SHORTEST, Values, log_steps, tally_values
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

_THEN = " > "


@attrs.frozen
class RushedStep(Pattern):
    """Two steps with far less time between them than usual in the unit."""

    code: ClassVar[str] = "CU707"
    name: ClassVar[str] = "rushed-step"
    title: ClassVar[Text] = said(en="Steps with no time between them", fr="Des étapes enchaînées sans délai")
    short: ClassVar[Text] = said(en="steps with no time between them", fr="étapes enchaînées sans délai")
    measure: ClassVar[str] = "step_rushed"
    label: ClassVar[Text] = said(
        en="pairs of steps with unusually little time between them",
        fr="étapes qui se suivent anormalement vite",
    )
    things: ClassVar[Text] = said(
        en="times that one step by hand follows upon another",
        fr="enchaînements de deux étapes faites à la main",
    )
    about: ClassVar[Text] = said(
        en="Where days lie between a call and an offer, and then suddenly a minute, the second was only clicked "
        "through. For each two activities that follow one another in a case the time between them is taken (two "
        "at the same instant are one save). Those that are far shorter than the middle one of that unit (or of "
        "its month, in a campaign) count (3.5 robust standard deviations of logarithms; a minute is the "
        "shortest). A unit is named when this share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units, each with its most telling pair, for which it pays as many times as "
        "pairs were tried), by at least 5 points and twice as much, with at least 30 times, by three people or "
        "more. Cases loaded in a burst, programs, imports and merges are left out first. It is the time between "
        "activities among the SWORD patterns of van der Waal et al. (2024).",
        fr="Quand des jours séparent d'habitude un appel d'une offre, puis soudain une minute, l'offre n'a été cochée "
        "que pour la forme. "
        "Pour chaque paire d'activités qui se suivent dans un dossier, on prend le temps qui les sépare (deux au "
        "même instant sont un seul enregistrement). Comptent les délais bien plus courts que le délai médian de "
        "cette unité (ou de son mois, en cas de campagne) (3,5 écarts-types robustes des logarithmes ; une minute "
        "au moins). Une unité est signalée lorsque cette part dépasse nettement celle de ses pairs (entonnoir "
        "avec surdispersion, Benjamini-Hochberg sur les unités, chacune avec sa paire la plus parlante, compte "
        "tenu du nombre de paires essayées), d'au moins 5 points et du double, sur au moins 30 enchaînements, du "
        "fait d'au moins trois personnes. Sont d'abord écartés les dossiers chargés en rafale, les automates, les "
        "importations et les fusions. C'est le temps entre activités parmi les motifs SWORD de van der Waal et "
        "al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"events": ()})
    upwards: ClassVar[bool] = False
    # Ten times as fast as the others may be an honest trade. Guessed.
    widest: ClassVar[float] = 2.3

    def tally(self, part: History) -> Values:
        """The time from each act by hand to the next one of its case."""
        acts, index = Acts.of(part), part.index
        gap = np.diff(index.at, prepend=0)
        follows = np.zeros(index.n_events, dtype=bool)
        follows[1:] = (index.case[1:] == index.case[:-1]) & (gap[1:] > 0)
        follows[1:] &= acts.by_hand[:-1] & acts.by_hand[1:]
        at = np.flatnonzero(follows)
        kinds = max(len(index.activities), 1)
        pair = index.activity[at - 1].astype(np.int64) * kinds + index.activity[at]
        pairs, code = np.unique(pair, return_inverse=True)
        named = index.activities
        labels = [f"{named[one // kinds]}{_THEN}{named[one % kinds]}" for one in pairs.tolist()] or [""]
        values = acts.with_left_out(
            index.case[at],
            index.unit[at],
            months_of(index.at[at]),
            (code.astype(np.int64), labels),
            log_steps(gap[at] / 1e6, least=SHORTEST),
            acts.by(at),
        )
        loaded = np.concatenate(
            [index.at[at] - index.created[index.case[at]] < DAY, np.zeros(len(acts.left_out), dtype=bool)]
        )
        return tally_values(part, **values, upwards=self.upwards, loaded=loaded)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        first, _, then = self.in_what(w, seen).partition(_THEN)
        return w.pick(
            f"{seen.unit}: of the times that {then} follows upon {first}{seen.since(w)}, {seen.value(w)} "
            f"({w.number(seen.hits)} of {w.number(seen.n)}) come far sooner than the middle one of the unit; among "
            f"its peers {seen.usual(w)} do.",
            f"{seen.unit} : quand {then} suit {first}{seen.since(w)}, c'est dans {seen.value(w)} des fois "
            f"({w.number(seen.hits)} sur {w.number(seen.n)}) bien plus vite que d'ordinaire dans l'unité, contre "
            f"{seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a screen that this unit has and the others have not, on which both are "
            "done together, or a second kind of business that is quick by nature.",
            "Ce qui pourrait l'infirmer : un écran propre à cette unité, où l'on fait les deux ensemble, ou un "
            "second métier rapide par nature.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} whether the second step means anything there; if not, let it go, or make the "
                        "two one.",
                        f"Demander à {unit} si la seconde étape y a un sens ; sinon, la supprimer, ou réunir les "
                        "deux.",
                    )
                ),
            ),
        )
