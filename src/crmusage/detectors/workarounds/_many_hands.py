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

# The name under which the persons of a whole case are counted, beside those of each of its activities.
WHOLE = ""


@attrs.frozen
class ManyHands(Pattern):
    """Cases that go through far more hands than usual in the unit."""

    code: ClassVar[str] = "CU704"
    name: ClassVar[str] = "many-hands"
    title: ClassVar[Text] = said(
        en="Cases that go through many hands", fr="Dossiers qui passent entre de nombreuses mains"
    )
    short: ClassVar[Text] = said(en="cases in many hands", fr="dossiers entre de nombreuses mains")
    measure: ClassVar[str] = "in_many_hands"
    label: ClassVar[Text] = said(
        en="cases in unusually many hands", fr="dossiers entre anormalement beaucoup de mains"
    )
    things: ClassVar[Text] = said(
        en="cases of which it is known who worked on them", fr="dossiers dont on sait qui y a travaillé"
    )
    about: ClassVar[Text] = said(
        en="A case on which five people have worked has no owner, or none with the rights to finish it. The persons "
        "of the unit who did anything by hand are counted in each case, and those who did the same activity in "
        "it. Cases with far more of them than the middle case of that unit (or of its month, in a campaign) are "
        "many-handed (3.5 robust standard deviations on the scale of roots). A unit is named when this share is "
        "far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units, each with what "
        "tells most, for which it pays as many times as activities were tried), by at least 5 points and twice as "
        "much, with at least 30 cases. A unit in which all cases are shared has another middle, and is not named. "
        "These are the resources of a case and of an event among the SWORD patterns of van der Waal et al. "
        "(2024).",
        fr="Un dossier auquel cinq personnes ont travaillé n'a pas de propriétaire, ou pas un qui ait les droits de "
        "le finir. On compte dans chaque dossier les personnes de l'unité qui y ont fait quelque chose à la main, "
        "et celles qui y ont fait la même activité. Sont retenus les dossiers qui en ont bien plus que le dossier "
        "médian de cette unité (ou de son mois, en cas de campagne) (3,5 écarts-types robustes sur l'échelle des "
        "racines). Une unité est signalée lorsque cette part dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités, chacune avec ce qui parle le plus, compte tenu du "
        "nombre d'activités essayées), d'au moins 5 points et du double, sur au moins 30 dossiers. Une unité où "
        "tous les dossiers sont partagés a une médiane plus haute et n'est pas signalée. Ce sont les ressources d'un "
        "dossier et d'un événement parmi les motifs SWORD de van der Waal et al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"events": ("actor",)})
    # Persons are few and do not come by chance as calls do: 1 against 4, 2 against 6. Guessed.
    least_spread: ClassVar[float] = 0.25

    def tally(self, part: History) -> Values:
        """How many persons there are in each case, and in each activity of it."""
        acts, index, actor = Acts.of(part), part.index, part.who.actor
        at = np.flatnonzero(acts.by_hand & (actor >= 0))
        persons = int(actor.max(initial=0)) + 1
        case, unit, of, _, _ = acts.counted(at, actor[at].astype(np.int64))
        whole = np.unique(np.stack([case, unit]), axis=1, return_counts=True)
        activity = index.activity[at].astype(np.int64) * persons + actor[at]
        case, unit, of, _, _ = acts.counted(at, activity)
        single = np.unique(np.stack([case, unit, of // persons]), axis=1, return_counts=True)
        case = np.concatenate([whole[0][0], single[0][0]])
        everything = np.full(whole[0].shape[1], len(index.activities), dtype=np.int64)
        values = acts.with_left_out(
            case,
            np.concatenate([whole[0][1], single[0][1]]),
            months_of(index.created[case]),
            (np.concatenate([everything, single[0][2]]), (*index.activities, WHOLE)),
            root_steps(np.concatenate([whole[1], single[1]])),
        )
        return tally_values(part, **values, upwards=self.upwards)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        within = w.pick(f" for {what} alone", f" pour la seule activité {what}") if what else ""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the cases{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) went through far more hands than the middle case of the unit{within}; among "
            f"its peers {seen.usual(w)} did.",
            f"{seen.unit} : {seen.value(w)} des dossiers{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) sont passés entre bien plus de mains que le dossier médian de "
            f"l'unité{within}, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: large cases that are worked on by a team on purpose, or a time of many "
            "departures and leaves. Read some of the cases: was each hand-over decided by somebody?",
            "Ce qui pourrait l'infirmer : de gros dossiers confiés à une équipe, ou une période de départs et de "
            "congés. Lisez quelques dossiers : chaque passage de main a-t-il été décidé par quelqu'un ?",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Write down for {unit} who keeps a case to its end, and whom he asks for what he may "
                        "not do himself.",
                        f"Écrire, pour {unit}, qui garde un dossier jusqu'au bout, et à qui il demande ce qu'il "
                        "ne peut faire lui-même.",
                    )
                ),
            ),
        )
