from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._acts import (
    INSIDE,
    OUTSIDE,
    by_unit_of_act,
    is_one_of,
    of_several,
    reasons_of_acts,
    recorded,
)
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._changes import stranger
from crmusage.detectors._deals import Bool, Int64, actors
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.logging._working import DAY, working
from crmusage.history import Counts, History, months_of
from crmusage.metrics import Rotation, rotation_test
from crmusage.model import Proposal, Text, Verb, Wording
from crmusage.rules import Cadence, due_instants

SHORTEST_ROUND = 3
"""Working days from one meeting to the next, at least: of a meeting every day or two, every day is the eve. Guessed."""

SURE = 0.01
"""So rarely may entries bunch like that before meetings by chance in a unit that is named for it."""

TIMES = 2.0
"""On the working day before a meeting at least so many times as much is entered as on another one. Guessed."""

_MINUTE = 60_000_000


@attrs.frozen
class Eves:
    """What was entered in a part of a history, and how many working days before a meeting."""

    items: Tally
    rounds: Counts
    """By unit, meeting (its instant) and working days before it: what was entered."""
    hands: Counts
    """By unit and month: who (a number) entered before a meeting."""

    def merge(self, other: Eves) -> Eves:
        """Both together."""
        return Eves(
            self.items.merge(other.items), self.rounds.merge(other.rounds), self.hands.merge(other.hands)
        )


@attrs.frozen(eq=False)
class _Rounds(Grid):
    """The grid, and for each unit what was entered by meeting and working day before it."""

    rounds: Any = None
    hands: Any = None
    """Who entered on the eves: unit, month, person, how often."""

    def of_several(self, unit: int, months: Bool | None) -> bool:
        """Whether several people enter on the eves, not one of them alone."""
        of, month, who, n = self.hands
        use = of == unit
        if months is not None:
            use &= np.isin(month, self.months[months])
        return of_several(who[use], n[use])

    def turned(self, unit: int, months: Bool | None) -> Rotation | None:
        """How much was entered on the eves, against all turns of the rounds by whole days."""
        of, mark, length, before, n = self.rounds
        use = of == unit
        if months is not None:
            use &= np.isin(months_of(mark), self.months[months])
        counts, windows = [], []
        for one in np.unique(mark[use]):
            here = use & (mark == one)
            ring = np.zeros(int(length[here].max()), dtype=np.int64)
            np.add.at(ring, before[here], n[here])
            counts.append(ring)
            windows.append(np.arange(len(ring)) == 0)
        found = rotation_test(counts, windows)
        return found if isinstance(found, Rotation) else None


@attrs.frozen
class MeetingEveLogging(AgainstPeers):
    """A CRM that is filled in for the meeting at which it is looked at."""

    meetings: str | None = None
    """When meetings are, as an RFC 5545 rule (`FREQ=WEEKLY;BYDAY=MO;BYHOUR=9`); None: the calendar says it."""
    zone: str | None = None
    """By whose clocks `meetings` is, an IANA name; None: UTC."""

    code: ClassVar[str] = "CU201"
    name: ClassVar[str] = "meeting-eve-logging"
    title: ClassVar[Text] = said(
        en="A CRM that is filled in for the meeting", fr="Un CRM rempli pour la réunion"
    )
    short: ClassVar[Text] = said(
        en="entries made just before meetings", fr="saisies faites juste avant les réunions"
    )
    measure: ClassVar[str] = "entered_before_meetings"
    label: ClassVar[Text] = said(
        en="entries made on the working day before a meeting",
        fr="saisies faites dans la journée de travail précédant une réunion",
    )
    things: ClassVar[Text] = said(en="entries between meetings", fr="saisies entre deux réunions")
    about: ClassVar[Text] = said(
        en="Where people enter things only because somebody will look at them on Monday, the CRM serves the "
        "control and not the work, and from Tuesday on it tells last week. Of everything that a unit enters "
        "by hand, that part is taken which is entered in the 24 hours before a meeting, Saturdays and Sundays "
        "not counted (calendar rows of kind meeting, or a rhythm given as "
        'MeetingEveLogging(meetings="FREQ=WEEKLY;BYDAY=MO;BYHOUR=9")). A unit is named when this part is far '
        "above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at least 15 "
        "points and a quarter as much again, with at least 30 entries, by three people or more; when the eve "
        "has at least twice as many entries as another working day, more than if each round from meeting to "
        "meeting were turned by whole days (p below 0.01); and when the unit's customers are not met then as "
        "well. A call that is entered on the day on which it was made does not count as late. Programs, "
        "imports, merges and mass updates of other people's records are left out first. A habit of the whole "
        "company is not seen: there are no peers without it.",
        fr="Quand on ne saisit que parce que quelqu'un regardera lundi, le CRM sert au contrôle et non au "
        "travail, et dès mardi il décrit la semaine passée. De tout ce qu'une unité saisit à la main, on "
        "prend la part saisie dans les 24 heures qui précèdent une réunion, samedis et dimanches non comptés "
        "(lignes du calendrier de type meeting, ou rythme donné par "
        'MeetingEveLogging(meetings="FREQ=WEEKLY;BYDAY=MO;BYHOUR=9")). Une unité est signalée lorsque cette '
        "part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au moins 15 points et d'un quart en plus, sur au moins 30 saisies, du fait d'au moins "
        "trois personnes ; lorsque la veille compte au moins deux fois plus de saisies qu'un autre jour de "
        "travail, plus que si chaque intervalle entre deux réunions était décalé de jours entiers (p "
        "inférieur à 0,01) ; et lorsque ses clients ne sont pas vus ce jour-là eux aussi. Un appel saisi le "
        "jour même n'est pas compté comme tardif. Sont d'abord écartés les automates, les importations, les "
        "fusions et les mises à jour en masse des fiches d'autrui. Une habitude de toute l'entreprise reste "
        "invisible : aucun pair ne fait autrement.",
    )
    needs: ClassVar[Needs] = Needs({"events": ()})
    apart: ClassVar[float] = 0.15
    # A duty of the whole company (all is brought up to date for Monday) makes the usual share a third: no unit can
    # then have many times as much. Both guessed.
    times: ClassVar[float] = 1.25
    begun: ClassVar[float] = 0.75

    def tally(self, part: History) -> Eves:
        """What was entered by hand in a part, by the meeting that came next."""
        index = part.index
        marks, length = _rounds(self._instants(part))
        instant, known = recorded(part)
        outside = is_one_of(part, *OUTSIDE)
        # Of what happens outside the CRM nobody knows when it was entered, unless the source says so.
        at = np.flatnonzero(known | ~outside)
        instant = np.where(is_one_of(part, *INSIDE), index.at, instant)
        place, before = _before(instant, marks)
        own_place, own_before = _before(index.at, marks)
        at = at[place[at] >= 0]
        reason = reasons_of_acts(part, at)
        same_day = outside & (own_place == place) & (own_before == before)
        hits = ((before == 0) & ~same_day)[at]
        met = (outside & (own_place >= 0))[at]
        counted, row = by_unit_of_act(part, at)
        who = np.where(reason == guard.KEPT, stranger(part, at), 0)
        items = tally_items(
            counted,
            case=row,
            month=months_of(marks[place[at]]).astype(np.int64),
            hits=hits.astype(np.int64),
            n=np.ones(len(at), dtype=np.int64),
            reason=reason,
            extra={
                "met": met.astype(np.int64),
                "met_before": (met & (own_before[at] == 0)).astype(np.int64),
            },
            done=(who, instant[at] // _MINUTE),
        )
        late = (reason == guard.KEPT) & ~same_day[at]
        on = at[late]
        rounds = Counts.of(
            keys={
                "unit": (index.unit[on], index.units),
                "mark": marks[place[on]],
                "length": length[place[on]],
                "before": np.minimum(before[on], length[place[on]] - 1),
            },
            sums={"n": None},
        )
        on = at[(reason == guard.KEPT) & hits]
        hands = Counts.of(
            keys={
                "unit": (index.unit[on], index.units),
                "month": months_of(marks[place[on]]),
                "who": actors(part)[on],
            },
            sums={"n": None},
        )
        return Eves(items, rounds, hands)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with what was entered in each round."""
        eves: Eves = tally
        grid = Grid.of(eves.items)
        row_of = {name: row for row, name in enumerate(grid.units)}

        def rows(table: Counts) -> Int64:
            return np.array([row_of.get(name, len(grid.units)) for name in table.column("unit")], np.int64)

        columns = [eves.rounds.column(name) for name in ("mark", "length", "before", "n")]
        fields = {field.name: getattr(grid, field.name) for field in attrs.fields(Grid)}
        hands = (rows(eves.hands), *(eves.hands.column(name) for name in ("month", "who", "n")))
        return _Rounds(**fields, rounds=(rows(eves.rounds), *columns), hands=hands)

    def nothing(self) -> Text:
        """Why nothing can be judged at all."""
        return said(
            en=f"no meetings at least {SHORTEST_ROUND} working days apart are known (calendar rows of kind "
            "meeting, or a rhythm that is given), or nothing was entered between two of them in any unit",
            fr=f"aucune réunion espacée d'au moins {SHORTEST_ROUND} jours de travail n'est connue (lignes du "
            "calendrier de type meeting, ou rythme donné), ou aucune unité n'a rien saisi entre deux réunions",
        )

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """They bunch before meetings, and the unit's customers are not met then as well."""
        if not isinstance(grid, _Rounds):
            return False
        if context.min_group > 1 and not grid.of_several(unit, months):
            return False
        hits, n, met, met_before = (
            int(grid.total(name, months)[unit]) for name in ("hits", "n", "met", "met_before")
        )
        if met >= self.fewest and hits / n < met_before / met + self.apart:
            return False
        turned = grid.turned(unit, months)
        return turned is not None and turned.p_value < SURE and turned.inside >= TIMES * turned.expected

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of what is entered{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) is entered within a working day before a meeting; among its peers "
            f"{seen.usual(w)} is. For the rest of the week the CRM tells what was true at the last meeting.",
            f"{seen.unit} : {seen.value(w)} des saisies{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) sont faites dans la journée de travail qui précède une réunion, contre "
            f"{seen.usual(w)} chez ses pairs. Le reste de la semaine, le CRM en est resté à la dernière réunion.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a day of the week that this unit keeps free for its records because "
            "it is on the road on the others, or a tool that sends entries once a week. Ask first what the "
            "CRM gives back to those who fill it in; more control would only make the eve longer.",
            "Ce qui pourrait l'infirmer : une journée que l'unité réserve à ses fiches parce qu'elle est sur "
            "la route les autres jours, ou un outil qui n'envoie les saisies qu'une fois par semaine. "
            "Demandez d'abord ce que le CRM apporte à ceux qui le remplissent ; contrôler davantage ne ferait "
            "qu'allonger la veille.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Hold the meeting on the screen, on three records chosen on the spot, and ask what the "
                    "next step with the customer is, not whether the fields are filled.",
                    fr="Tenir la réunion à l'écran, sur trois fiches prises au hasard, et parler de la "
                    "prochaine étape avec le client, non des champs remplis.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"See with {unit} what would make an entry useful on the day itself: a reminder, a "
                        "mobile form, fewer fields.",
                        f"Voir avec {unit} ce qui rendrait la saisie utile le jour même : une relance, un "
                        "formulaire mobile, moins de champs.",
                    )
                ),
            ),
        )

    def _instants(self, part: History) -> Iterable[int]:
        if self.meetings is not None:
            # From 1970 on: every part must know the same meetings.
            return due_instants(Cadence(self.meetings, "updated"), 0, until=part.index.as_of, zone=self.zone)
        rows = part.calendar.select("kind", "label", "starts_at").to_dicts()
        of_label: dict[str, set[int]] = {}
        for row in rows:
            if row["kind"] == "meeting" and row["starts_at"] is not None:
                micros = int(row["starts_at"].timestamp() * 1_000_000)
                of_label.setdefault(row["label"] or "", set()).add(micros)
        return sorted({one for some in of_label.values() if _apart(some) for one in some})


def _apart(instants: set[int]) -> bool:
    """Whether meetings of one name are usually some days apart."""
    days = np.diff(working(np.array(sorted(instants), dtype=np.int64))) / DAY
    return len(days) > 0 and float(np.median(days)) >= SHORTEST_ROUND


def _rounds(instants: Iterable[int]) -> tuple[Int64, Int64]:
    """Meetings that another one came before, and over how many working days; 0: too few, it is passed over."""
    marks = np.array(list(instants), dtype=np.int64)
    on = working(marks)
    span = np.diff(on, prepend=on[:1])
    length = -(-span // DAY)
    return marks, np.where(span >= SHORTEST_ROUND * DAY, length, 0)


def _before(instant: Int64, marks: Int64) -> tuple[Int64, Int64]:
    """The next meeting after each instant (-1: none that counts), and how many whole working days before it."""
    place = np.searchsorted(marks, instant, side="right")
    _, length = _rounds(marks.tolist())
    inside = (place < len(marks)) & (np.append(length, 0)[place] > 0)
    place = np.where(inside, place, -1)
    if not len(marks):
        return place, np.zeros(len(instant), dtype=np.int64)
    # A meeting at the very end of a working day has it all before it.
    before = np.maximum(working(marks[place]) - working(instant) - 1, 0) // DAY
    return place, np.where(inside, before, -1)
