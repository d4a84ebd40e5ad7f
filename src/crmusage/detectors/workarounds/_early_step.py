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


@attrs.frozen
class EarlyStep(Pattern):
    """Steps taken right at the start of a case that usually come much later."""

    code: ClassVar[str] = "CU706"
    name: ClassVar[str] = "early-step"
    title: ClassVar[Text] = said(
        en="Steps taken far too soon after the start", fr="Des étapes franchies bien trop tôt"
    )
    short: ClassVar[Text] = said(en="a step far too soon", fr="une étape franchie bien trop tôt")
    measure: ClassVar[str] = "step_too_soon"
    label: ClassVar[Text] = said(
        en="cases in which the step came unusually soon", fr="dossiers où l'étape vient anormalement tôt"
    )
    things: ClassVar[Text] = said(en="cases with the same step", fr="dossiers ayant la même étape")
    about: ClassVar[Text] = said(
        en="An offer minutes after the opportunity was entered was written before: the steps are ticked off in one "
        "go, for the tool. In each case the time is taken from its creation to the first time that each activity "
        "was done by hand. Those that are far shorter than in the middle case of that unit (or of its month, in a "
        "campaign) count (3.5 robust standard deviations of logarithms, since durations are skewed). A unit is "
        "named when this share is far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the "
        "units, each with its most telling activity, for which it pays as many times as activities were tried), "
        "by at least 5 points and twice as much, with at least 30 cases, by three people or more. A unit that is "
        "fast in all its cases has another middle, and is not named (CU112 looks at that). Cases loaded in a "
        "burst, programs, imports and merges are left out first. It is the delay from the start among the SWORD "
        "patterns of van der Waal et al. (2024); what comes too late is left to other detectors (CU121).",
        fr="Une offre quelques minutes après la création de l'opportunité était écrite avant : les étapes sont "
        "cochées d'un coup, pour l'outil. Dans chaque dossier, on prend le temps entre la création et la première "
        "fois où chaque activité a été faite à la main. Comptent les délais bien plus courts que dans le dossier "
        "médian de cette unité (ou de son mois, en cas de campagne) (3,5 écarts-types robustes des logarithmes, "
        "car les durées sont dissymétriques). Une unité est signalée lorsque cette part dépasse nettement celle "
        "de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités, chacune avec son activité "
        "la plus parlante, compte tenu du nombre d'activités essayées), d'au moins 5 points et du double, sur au "
        "moins 30 dossiers, du fait d'au moins trois personnes. Une unité rapide dans tous ses dossiers a une "
        "médiane plus basse et n'est pas signalée (voir CU112). Sont d'abord écartés les dossiers chargés en rafale, "
        "les automates, les importations et les fusions. C'est le délai depuis le début parmi les motifs SWORD de "
        "van der Waal et al. (2024) ; ce qui vient trop tard relève d'autres détecteurs (CU121).",
    )
    needs: ClassVar[Needs] = Needs({"events": ()})
    upwards: ClassVar[bool] = False
    # Ten times as fast as the others may be an honest trade. Guessed.
    widest: ClassVar[float] = 2.3

    def tally(self, part: History) -> Values:
        """How long after the creation of each case each of its activities came first."""
        acts, index = Acts.of(part), part.index
        at = np.flatnonzero(acts.by_hand)
        key = index.case[at].astype(np.int64) * max(len(index.activities), 1) + index.activity[at]
        # Events stand in the order of time: the first of each kind is the first that is met.
        at = at[np.unique(key, return_index=True)[1]]
        delay = index.at[at] - index.created[index.case[at]]
        # What stands at the creation, or before it, is the creation itself, or was not entered when it happened.
        at, delay = at[delay > 0], delay[delay > 0]
        values = acts.with_left_out(
            index.case[at],
            index.unit[at],
            months_of(index.created[index.case[at]]),
            (index.activity[at].astype(np.int64), index.activities),
            log_steps(delay / 1e6, least=SHORTEST),
            acts.by(at),
        )
        loaded = np.concatenate([delay < DAY, np.zeros(len(acts.left_out), dtype=bool)])
        return tally_values(part, **values, upwards=self.upwards, loaded=loaded)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        return w.pick(
            f"{seen.unit}: in {seen.value(w)} of the cases with {what}{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) it came far sooner after the creation than in the middle case of the unit; "
            f"among its peers in {seen.usual(w)}.",
            f"{seen.unit} : dans {seen.value(w)} des dossiers avec {what}{seen.since(w)} ({w.number(seen.hits)} "
            f"sur {w.number(seen.n)}), cette étape vient bien plus tôt après la création que dans le dossier "
            f"médian de l'unité, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: two kinds of business in one unit, of which one is quick by nature, such "
            "as repeat orders. Compare the cases: is it another product, or the same work entered afterwards?",
            "Ce qui pourrait l'infirmer : deux métiers dans la même unité, dont l'un est rapide par nature, comme "
            "les réassorts. Comparez les dossiers : est-ce un autre produit, ou le même travail saisi après coup ?",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} when such a case really begins, and let it be entered then, with less.",
                        f"Demander à {unit} quand un tel dossier commence vraiment, et permettre de le saisir à ce "
                        "moment-là, avec moins de champs.",
                    )
                ),
            ),
        )
