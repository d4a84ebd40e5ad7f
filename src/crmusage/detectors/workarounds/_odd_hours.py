from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._acts import INSIDE, is_one_of, recorded
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import Acts
from crmusage.detectors.workarounds._pattern import Pattern, laid
from crmusage.detectors.workarounds._values import Table, Values, tally_values
from crmusage.history import Clock, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

AWAY = 7.0
"""So many hours from the middle of a unit's day, to either side, its night begins: at eight in the evening, until six
in the morning, for a day with its middle at one. Guessed."""

ROUND_THE_CLOCK = 0.3
"""With a mean resultant length below this (1: all at one hour; 0: evenly round the clock) a unit has no usual hours."""

_SLOTS = 48
_SLOT = 1_800_000_000


@attrs.frozen
class OddHours(Pattern):
    """Entries at hours at which the unit is not at work."""

    code: ClassVar[str] = "CU705"
    name: ClassVar[str] = "odd-hours"
    title: ClassVar[Text] = said(
        en="Entries at hours at which nobody works there",
        fr="Des saisies à des heures où l'on n'y travaille pas",
    )
    short: ClassVar[Text] = said(en="entries at odd hours", fr="saisies à des heures inhabituelles")
    measure: ClassVar[str] = "entered_at_odd_hours"
    label: ClassVar[Text] = said(
        en="entries far from the unit's own hours", fr="saisies loin des heures habituelles de l'unité"
    )
    things: ClassVar[Text] = said(
        en="entries by hand of people whose time zone is known",
        fr="saisies à la main de personnes au fuseau horaire connu",
    )
    about: ClassVar[Text] = said(
        en="What is entered at night is work taken home because the day has no time for it, or a program that runs "
        "under a person's login. Entries by hand are laid round the clock by the hour at which they were made, in "
        "the time zone of who made them; the middle of a unit's day is their circular mean, so that a late shift "
        "is its own measure. Entries more than 7 hours from it are counted. A unit is named when this share is "
        "far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at least 5 "
        "points and twice as much, with at least 30 entries, by three people or more, since the month in which it "
        "rose if it did. Not judged: a unit at work round the clock (mean resultant length below 0.3), and people "
        "of unknown time zone. Programs, imports and merges are left out first. One of the SWORD patterns of van "
        "der Waal et al. (2024).",
        fr="Ce qui est saisi la nuit est du travail rapporté à la maison faute de temps le jour, ou un programme qui "
        "tourne sous l'identifiant d'une personne. Pour chaque saisie à la main, on relève l'heure, dans le "
        "fuseau de son auteur ; le milieu de la journée d'une unité est la moyenne de ces heures, 23 h étant proche "
        "de 1 h (moyenne circulaire), si bien qu'une équipe du soir se mesure à elle-même. On compte les saisies à "
        "plus de 7 heures de ce milieu. Une unité est signalée lorsque cette part dépasse nettement celle de ses "
        "pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins 5 points et du double, "
        "sur au moins 30 saisies, du fait d'au moins trois personnes, depuis le mois où elle a augmenté le cas "
        "échéant. Ne sont pas jugées les unités au travail jour et nuit, dont les heures n'ont pas de milieu net "
        "(concentration sous 0,3 sur une échelle de 0 à 1), ni les personnes au fuseau inconnu. Sont d'abord écartés "
        "les automates, les importations et les fusions. L'un des motifs SWORD de van der Waal et al. (2024).",
    )
    needs: ClassVar[Needs] = Needs({"people": ("time_zone",), "events": ("actor",)})

    def tally(self, part: History) -> Values:
        """The entries by hand of a part, by half-hours of the day where their author is."""
        acts, index, who = Acts.of(part), part.index, part.who
        instant, _ = recorded(part)
        instant = np.where(is_one_of(part, *INSIDE), index.at, instant)
        zones = who.traits("time_zone")
        zone = zones.of_persons[who.actor]
        wall = instant.copy()
        for code, name in enumerate(zones.labels):
            here = zone == code
            wall[here] = Clock.named(name).wall(instant[here])
        at = np.flatnonzero(acts.by_hand & (who.actor >= 0) & (zone >= 0))
        slot = wall[at] // _SLOT % _SLOTS
        labels = [f"{one:02}" for one in range(_SLOTS)]
        values = acts.with_left_out(
            index.case[at],
            index.unit[at],
            months_of(instant[at]),
            (slot, labels),
            np.ones(len(at), np.int64),
            acts.by(at),
        )
        return tally_values(part, **values, upwards=self.upwards)

    def grids(self, tally: Values, context: Context) -> dict[str, Grid]:
        """All entries by unit and month, and those at odd hours; of units at work round the clock there are none."""
        del context
        table = Table.laid(tally)
        rows = np.arange(len(table.n))
        slot = np.array([int(name) for name in table.things], dtype=np.int64)[table.of]
        middle, length = _middles(table, slot)
        usual = length[table.unit] >= ROUND_THE_CLOCK
        away = ((slot + 0.5) / 2 - middle[table.unit] + 12) % 24 - 12
        far = np.abs(away) > AWAY
        place = {name: row for row, name in enumerate(table.units)}
        by_slot = dict(table.by_thing())
        shown: dict[tuple[str, int], tuple[str, ...]] = {}
        for of in by_slot:
            hour = (int(of) + 0.5) / 2

            def is_far(unit: str, _month: int, _out: int, hour: float = hour) -> bool:
                return bool(abs((hour - middle[place[unit]] + 12) % 24 - 12) > AWAY)

            for key, ids in laid(table, of, rows[:0], far[:0], is_far).examples.items():
                shown[key] = tuple(sorted({*shown.get(key, ()), *ids}))
        grid = laid(table, "", rows[usual], far[usual], lambda *_: False)
        return {"": attrs.evolve(grid, examples=shown)}

    def too_few(self) -> Text:
        """Why nothing is said of a unit that has few, or no usual hours."""
        return both(
            lambda w: w.pick(
                f"fewer than {self.fewest} entries by people whose time zone is known, or work round the clock",
                f"moins de {self.fewest} saisies de personnes au fuseau connu, ou un travail jour et nuit",
            )
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of what is entered{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) is entered more than {w.number(AWAY)} hours from the middle of the unit's own "
            f"day; among its peers {seen.usual(w)} is.",
            f"{seen.unit} : {seen.value(w)} des saisies{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) sont faites à plus de {w.number(AWAY)} heures du milieu de la journée de "
            f"l'unité, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: customers overseas, people on the road in another time zone, or hours "
            "that they have chosen. If the instants are evenly spread to the minute, look for a program first.",
            "Ce qui pourrait l'infirmer : des clients outre-mer, des personnes en déplacement dans un autre "
            "fuseau, ou des horaires choisis. Si les instants sont réguliers à la minute, cherchez d'abord un "
            "programme.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} what is entered at that hour and why not before; give a program a login of "
                        "its own, and the work an hour of the day.",
                        f"Demander à {unit} ce qui est saisi à cette heure et pourquoi pas plus tôt ; donner au "
                        "programme son propre identifiant, et au travail une heure de la journée.",
                    )
                ),
            ),
        )


def _middles(table: Table, slot: Int64) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The circular mean of each unit's hours, and how much they keep together; the last is of no unit."""
    counts = np.zeros((len(table.units) + 1, _SLOTS), dtype=np.int64)
    np.add.at(counts, (table.unit, slot), table.n)
    angle = (np.arange(_SLOTS) + 0.5) * 2 * np.pi / _SLOTS
    x, y = counts @ np.cos(angle), counts @ np.sin(angle)
    total = np.maximum(counts.sum(axis=1), 1)
    return np.arctan2(y, x) % (2 * np.pi) * 24 / (2 * np.pi), np.hypot(x, y) / total
