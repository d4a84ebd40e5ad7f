from __future__ import annotations

import itertools
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._changes import fiscal_marks
from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._pushes import REASONS_OF_PUSHES, left_out_pushes, pushes
from crmusage.detectors._words import both, said
from crmusage.history import History
from crmusage.metrics import Rotation, rotation_test
from crmusage.model import Proposal, Text, Verb, Wording

BEFORE, AFTER = 7, 3
"""The days around the end of a period, before and after it, that are looked at. Guessed: the last week, in which the
figures are made up, and the first days, in which what is left over is given a new date."""

SURE = 0.01
"""So rarely may dates bunch like that by chance in a unit that is named for it."""

SPECIFIC = 2.0
"""There must be so many times as many around an end of a period as around the ends of other months: a unit that goes
through its pipeline at every month's end does that three times a quarter. Guessed."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000
_WEEK, _WORKING, _THURSDAY = 7, 5, 3


@attrs.frozen
class PeriodEndRedating(AgainstPeers):
    """Close dates put off around the ends of fiscal periods."""

    code: ClassVar[str] = "CU102"
    name: ClassVar[str] = "period-end-redating"
    title: ClassVar[Text] = said(
        en="Close dates put off around the end of fiscal periods",
        fr="Dates de clôture repoussées autour des fins de période",
    )
    short: ClassVar[Text] = said(
        en="close dates put off at the end of periods", fr="dates de clôture repoussées en fin de période"
    )
    measure: ClassVar[str] = "pushed_at_period_end"
    label: ClassVar[Text] = said(
        en="close dates put off around the end of a period",
        fr="reports de date de clôture autour d'une fin de période",
    )
    things: ClassVar[Text] = said(en="times a close date was put off", fr="reports de la date de clôture")
    about: ClassVar[Text] = said(
        en="Dates that are put off when a fiscal period ends were kept in it to make its forecast look "
        "full. Of the times a unit put a close date off, those are counted that fall in the 7 days before "
        "or the 3 days from the start of a fiscal period (calendar rows whose kind begins with fiscal). A "
        "unit is named when three things hold: its share is far above that of its peers (over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 15 points and half as much again, with at "
        "least 30 such changes; they bunch around these ends by more than chance (each period turned like "
        "a ring by every number of working days, p below 0.01); and there are at least twice as many as "
        "around the ends of other months, which tells it from a monthly review. Changes by programs, "
        "imports, merges, mass updates of other people's records and corrections within a day are left out "
        "first.",
        fr="Des dates repoussées quand s'achève une période fiscale y étaient gardées pour que la "
        "prévision paraisse pleine. Parmi les reports de date de clôture d'une unité, on compte ceux qui "
        "tombent dans les 7 jours avant ou les 3 premiers jours d'une période fiscale (lignes du "
        "calendrier dont le type commence par fiscal). Une unité est signalée si trois conditions sont "
        "réunies : sa part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, "
        "Benjamini-Hochberg sur les unités), d'au moins 15 points et de moitié en plus, sur au moins 30 "
        "reports ; ils se concentrent autour de ces échéances plus que par hasard (on "
        "compare aux résultats obtenus en décalant les jours de chaque période de toutes les façons possibles, ceux "
        "qui dépassent la fin revenant au début ; p inférieur à 0,01) ; et "
        "ils y sont au moins deux fois plus nombreux qu'aux autres fins de mois, ce qui écarte une revue "
        "mensuelle. Sont d'abord écartés les changements dus à un automate, à une importation, à une "
        "fusion, les mises à jour en masse des fiches d'autrui et les corrections dans la journée.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ("old", "new"), "calendar": ("kind", "starts_at")},
        activities=("close_date_changed",),
        kind="opportunity",
    )
    dated: ClassVar[bool] = False
    apart: ClassVar[float] = 0.15

    def tally(self, part: History) -> Tally:
        """When close dates were put off in a part: by day, not by month."""
        index = part.index
        at, by, reason, who = pushes(part)
        forward = by > 0
        at, reason, who = at[forward], reason[forward], who[forward]
        day = index.at[at] // _DAY
        marks = fiscal_marks(part)
        tally = tally_items(
            part,
            case=index.case[at],
            month=day,
            hits=_around(day, marks).astype(np.int64),
            n=np.ones(len(at), dtype=np.int64),
            reason=left_out_pushes(part, at, reason),
            reasons=REASONS_OF_PUSHES,
            done=(who, index.at[at] // _MINUTE),
        )
        return attrs.evolve(tally, marks=marks)

    def lay(self, tally: Tally) -> Grid:
        """The tally laid out; nothing where the calendar tells no fiscal periods."""
        grid = Grid.of(tally)
        return grid if len(grid.marks) > 1 else attrs.evolve(grid, units=())

    def nothing(self) -> Text:
        """Why nothing can be judged at all."""
        return said(
            en="the calendar tells no fiscal periods, or no opportunity belongs to a unit",
            fr="le calendrier n'indique aucune période fiscale, ou aucune opportunité n'est rattachée à une unité",
        )

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """They bunch around the ends of periods, and not around every end of a month."""
        del months, context
        n = grid.sums["n"][unit]
        turned = _turned(grid.months, n, grid.marks)
        return turned is not None and turned.p_value < SURE and _specific(grid.months, n, grid.marks)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the times that a close date is put off "
            f"({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) fall in the {BEFORE} days before or the {AFTER} days after the end of "
            "a fiscal "
            f"period; among its peers {seen.usual(w)} do.",
            f"{seen.unit} : {seen.value(w)} des reports de date de clôture ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) tombent dans les {BEFORE} jours avant ou les {AFTER} jours après une "
            "fin de "
            f"période, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "They bunch around these ends by more than chance, and at least twice as much as around the ends of "
            "other months. What could make this wrong: a review of the pipeline that is asked of this unit "
            "alone at the end of each period. Then the dates were wrong until that day all the same.",
            "Ils se concentrent autour de ces échéances plus que par hasard, et au moins deux fois plus qu'aux "
            "autres fins de mois. Ce qui pourrait l'infirmer : une revue du portefeuille demandée à cette seule "
            "unité à chaque fin de période. Les dates n'en étaient pas moins fausses jusqu'à ce jour.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Ask for a new date as soon as the old one can no longer be kept, not when the period closes.",
                    fr="Demander une nouvelle date dès que l'ancienne n'est plus tenable, non à la clôture "
                    "de la période.",
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Tell {unit} that a forecast which falls short early is worth more than one "
                        "missed at the last.",
                        f"Dire à {unit} qu'une prévision revue à la baisse assez tôt vaut mieux qu'une "
                        "prévision manquée au dernier jour.",
                    )
                ),
            ),
        )


def _around(day: Int64, marks: tuple[int, ...]) -> Bool:
    """Which days are around the start of a fiscal period."""
    inside = np.zeros(len(day), dtype=bool)
    for mark in marks:
        inside |= (day >= mark - BEFORE) & (day < mark + AFTER)
    return inside


def _working(days: Int64) -> Int64:
    """Days counted in working days, Saturday and Sunday as the Friday before."""
    week, weekday = np.divmod(days + _THURSDAY, _WEEK)
    return week * _WORKING + np.minimum(weekday, _WORKING - 1)


def _turned(days: Int64, n: Int64, marks: tuple[int, ...]) -> Rotation | None:
    """How much of it lies around the ends of periods, against all turns of the periods."""
    # Rings from the middle of a period to the middle of the next, so that each end is in the middle of one.
    middles = [(one + other) // 2 for one, other in itertools.pairwise(marks)]
    rings = [(first, last) for first, last in itertools.pairwise(middles) if (days <= last).any()]
    counts, windows = [], []
    for first, last in rings:
        span = np.arange(first, last)
        place = _working(span) - _working(np.array([first]))[0]
        ring = np.zeros(int(place[-1]) + 1, dtype=np.int64)
        inside = (days >= first) & (days < last)
        np.add.at(ring, _working(days[inside]) - _working(np.array([first]))[0], n[inside])
        window = np.zeros(len(ring), dtype=bool)
        window[place[_around(span, marks)]] = True
        counts.append(ring)
        windows.append(window)
    found = rotation_test(counts, windows)
    return found if isinstance(found, Rotation) else None


def _specific(days: Int64, n: Int64, marks: tuple[int, ...]) -> bool:
    """Whether there is much more of it around the ends of periods than around those of other months."""
    if not len(days):
        return False
    begins = np.unique(days.astype("datetime64[D]").astype("datetime64[M]"))[1:]
    firsts = begins.astype("datetime64[D]").astype(np.int64)
    near = np.array(
        [min(abs(int(first) - mark) for mark in marks) > BEFORE + AFTER for first in firsts], dtype=bool
    )
    others = tuple(int(first) for first in firsts[near])
    if not others:
        return True
    inside = [mark for mark in marks if days[0] <= mark <= days[-1]]
    per_end = n[_around(days, marks)].sum() / max(len(inside), 1)
    per_other = n[_around(days, others)].sum() / len(others)
    return bool(per_end >= SPECIFIC * per_other)
