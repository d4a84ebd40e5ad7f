from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._peers import FEWEST_OF_PEER
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import Acts
from crmusage.detectors.workarounds._pattern import Pattern, laid
from crmusage.detectors.workarounds._values import Table, Values, tally_values
from crmusage.history import History, months_of
from crmusage.metrics import FEWEST_PEERS
from crmusage.model import Proposal, Text, Verb, Wording

RARE = 0.05
"""A profile seldom does what it does in at most this part of the times in the middle unit. Guessed."""

_BETWEEN = "\n"


@attrs.frozen
class RareRole(Pattern):
    """Things done by a profile that hardly ever does them elsewhere."""

    code: ClassVar[str] = "CU703"
    name: ClassVar[str] = "rare-role"
    title: ClassVar[Text] = said(
        en="Things done by people who elsewhere do not do them",
        fr="Des actions faites par des profils qui, ailleurs, ne les font pas",
    )
    short: ClassVar[Text] = said(
        en="done by a profile that elsewhere does not do it",
        fr="actions d'un profil qui, ailleurs, ne les fait pas",
    )
    measure: ClassVar[str] = "done_by_rare_profile"
    label: ClassVar[Text] = said(
        en="acts by a profile that elsewhere hardly ever does them",
        fr="actions faites par un profil qui ne les fait presque jamais ailleurs",
    )
    things: ClassVar[Text] = said(
        en="acts by hand of people whose profile is known",
        fr="actions faites à la main par des personnes au profil connu",
    )
    about: ClassVar[Text] = said(
        en="When managers move the stages or assistants set the amounts, a task has moved to where somebody had "
        "the time or the rights for it. For each activity those acts are counted that were done by a profile "
        "that does at most 5 % of them in the middle unit. The profile must be at work in at least five other "
        "units: one that only a single unit has cannot be compared. A unit is named when this share is far "
        "above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units, each with its most "
        "telling activity, for which it pays as many times as activities were tried), by at least 5 points and "
        "twice as much, with at least 30 acts. Programs, imports and merges are left out first. It is the rare "
        "resource type of the SWORD patterns of van der Waal et al. (2024).",
        fr="Quand les managers font avancer les étapes ou que les assistants fixent les montants, une tâche a "
        "glissé vers ceux qui en avaient le temps ou les droits. Pour chaque activité, on compte les actions "
        "faites par un profil qui en fait au plus 5 % dans l'unité médiane. Ce profil doit être à l'œuvre dans "
        "au moins cinq autres unités : celui d'une seule unité n'est pas comparable. Une unité est signalée "
        "lorsque cette part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, "
        "Benjamini-Hochberg sur les unités, chacune avec son activité la plus parlante, compte tenu du nombre "
        "d'activités essayées), d'au moins 5 points et du double, sur au moins 30 actions. Sont d'abord "
        "écartés les automates, les importations et les fusions. C'est le type de ressource rare des motifs "
        "SWORD de van der Waal et al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"people": ("profile",), "events": ("actor",)})

    def tally(self, part: History) -> Values:
        """The acts by hand of a part, by activity and profile."""
        acts, index, who = Acts.of(part), part.index, part.who
        profiles = who.traits("profile")
        profile = profiles.of_persons[who.actor]
        at = np.flatnonzero(acts.by_hand & (who.actor >= 0) & (profile >= 0))
        pair = index.activity[at].astype(np.int64) * max(len(profiles.labels), 1) + profile[at]
        labels = [f"{one}{_BETWEEN}{other}" for one in index.activities for other in profiles.labels or ("",)]
        values = acts.with_left_out(
            index.case[at],
            index.unit[at],
            months_of(index.at[at]),
            (pair, labels),
            np.ones(len(at), np.int64),
        )
        return tally_values(part, **values, upwards=self.upwards)

    def grids(self, tally: Values, context: Context) -> dict[str, Grid]:
        """For each activity: how often it was done by unit and month, and how often by a profile that seldom does."""
        del context
        table = Table.laid(tally)
        rows_of: dict[str, dict[str, Int64]] = {}
        for pair, rows in table.by_thing():
            activity, _, profile = pair.partition(_BETWEEN)
            rows_of.setdefault(activity, {})[profile] = rows
        units = len(table.units)

        def per_unit(rows: Int64) -> Int64:
            n = np.zeros(units + 1, dtype=np.int64)
            np.add.at(n, table.unit[rows], table.n[rows])
            return n[:-1]

        at_work: dict[str, Any] = {}
        for by_profile in rows_of.values():
            for profile, rows in by_profile.items():
                at_work[profile] = at_work.get(profile, 0) + per_unit(rows)
        everywhere = {
            profile for profile, n in at_work.items() if np.count_nonzero(n >= FEWEST_OF_PEER) > FEWEST_PEERS
        }
        found = {}
        for activity, by_profile in rows_of.items():
            rows = np.concatenate(list(by_profile.values()))
            n = per_unit(rows)
            known = n >= FEWEST_OF_PEER
            rare = [
                profile
                for profile, own in by_profile.items()
                if profile in everywhere
                and known.any()
                and np.median(per_unit(own)[known] / n[known]) <= RARE
            ]
            far = np.concatenate([np.full(len(own), profile in rare) for profile, own in by_profile.items()])
            grids = [laid(table, f"{activity}{_BETWEEN}{one}", rows, far, lambda *_: True) for one in rare]
            empty = laid(table, activity, rows, far, lambda *_: True)
            shown: dict[tuple[str, int], tuple[str, ...]] = {}
            for grid in grids:
                for key, ids in grid.examples.items():
                    shown[key] = tuple(sorted({*shown.get(key, ()), *ids}))
            found[activity] = attrs.evolve(empty, examples=shown)
        return found

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of {what}{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) was done by profiles that elsewhere hardly ever do it; among its peers "
            f"{seen.usual(w)} was.",
            f"{seen.unit} : {seen.value(w)} des actions {what}{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) ont été faites par des profils qui, ailleurs, ne les font presque jamais, "
            f"contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: profiles that were never brought up to date, a vacancy that the "
            "manager fills for a while, or a task that this unit has rightly given to somebody else. If it "
            "works better so, it may be worth copying.",
            "Ce qui pourrait l'infirmer : des profils jamais mis à jour, un poste vacant que le manager assure "
            "pour un temps, ou une tâche confiée à juste titre à quelqu'un d'autre. Si cela marche mieux ainsi, "
            "c'est peut-être à imiter.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Agree with {unit} on who does it, and set rights and profiles accordingly.",
                        f"Convenir avec {unit} de qui s'en charge, et aligner les droits et les profils.",
                    )
                ),
            ),
        )
