from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._acts import INSIDE, by_unit_of_act, is_one_of, of_several, reasons_of_acts, recorded
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import Bool, Int64, actors
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.logging._working import DAY, working
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

LATE = 1.0
"""What is entered more than so many working days after it happened is no longer remembered word for word. Guessed: the
evening of the same day, and the morning after, are still the working day itself."""

TOGETHER = 3
"""So many late entries of one person, of acts of different days, …"""
SITTING = 15
"""… one no more than so many minutes after the other, are a sitting in which days are made up for. Guessed."""

_MINUTE = 60_000_000


@attrs.frozen
class Late:
    """What happened outside the CRM in a part of a history, and who entered it late and when."""

    items: Tally
    entries: Counts
    """The late ones by unit, month, person (a number), minute of entry and day on which it happened."""

    def merge(self, other: Late) -> Late:
        """Both together."""
        return Late(self.items.merge(other.items), self.entries.merge(other.entries))


@attrs.frozen(eq=False)
class _Entered(Grid):
    """The grid, and who entered late: unit, month, person, how often."""

    hands: Any = None


@attrs.frozen
class BatchLogging(AgainstPeers):
    """What happens with customers, entered days later, many at a time."""

    code: ClassVar[str] = "CU202"
    name: ClassVar[str] = "batch-logging"
    title: ClassVar[Text] = said(
        en="Calls and meetings entered days later", fr="Appels et rendez-vous saisis plusieurs jours après"
    )
    short: ClassVar[Text] = said(
        en="entered days later", fr="appels et rendez-vous saisis plusieurs jours après"
    )
    measure: ClassVar[str] = "entered_late"
    label: ClassVar[Text] = said(
        en="acts entered more than a working day after they happened",
        fr="actions saisies plus d'un jour de travail après les faits",
    )
    things: ClassVar[Text] = said(
        en="acts of which it is known when they were entered",
        fr="actions dont la date de saisie est connue",
    )
    about: ClassVar[Text] = said(
        en="What is entered on Friday for the whole week is entered from memory, and until Friday nobody else "
        "knows it. Of each unit's calls, mails, meetings and quotes (and whatever else does not happen in the "
        "CRM itself), those are counted that were entered more than a working day after they happened, "
        "Saturdays and Sundays not counted. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much "
        "again, with at least 30 acts, by three people or more, since the month in which it rose if it did; "
        "it is also said how many of the late ones were entered in one sitting. This is also the delay "
        "between event and entry of the SWORD patterns. Programs, imports and merges are left out first, and "
        "so are ten entries of one person within five minutes, which nobody types. A source that tells one "
        "instant only, or the same for both, cannot show it.",
        fr="Ce qui est saisi le vendredi pour toute la semaine l'est de mémoire, et jusqu'au vendredi personne "
        "d'autre n'en sait rien. Parmi les appels, courriels, rendez-vous et devis de chaque unité (et tout "
        "ce qui ne se passe pas dans le CRM lui-même), on compte ceux qui ont été saisis plus d'un jour de "
        "travail après les faits, samedis et dimanches non comptés. Une unité est signalée lorsque sa part "
        "dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au moins 10 points et de moitié en plus, sur au moins 30 actions, du fait d'au moins "
        "trois personnes, depuis le mois où elle a augmenté le cas échéant ; on précise combien de saisies "
        "tardives ont été faites d'une traite. C'est aussi le délai entre événement et saisie des motifs "
        "SWORD. Sont d'abord écartés les automates, les importations et les fusions, ainsi que dix saisies "
        "d'une même personne en cinq minutes, que nul ne tape. Une source qui ne donne qu'une date, ou deux "
        "fois la même, ne permet pas d'en juger.",
    )
    needs: ClassVar[Needs] = Needs({"events": ("recorded_at",)})
    witness: ClassVar[tuple[str, Text]] = (
        "told",
        said(
            en="nothing tells when it enters things: what happened and its entry bear the same time",
            fr="rien ne dit quand elle saisit : l'événement et sa saisie portent la même date",
        ),
    )

    def tally(self, part: History) -> Late:
        """What happened outside the CRM in a part, and what of it was entered late."""
        index = part.index
        instant, known = recorded(part)
        at = np.flatnonzero(known & ~is_one_of(part, *INSIDE))
        reason = reasons_of_acts(part, at)
        late = working(instant[at]) - working(index.at[at]) > LATE * DAY
        counted, row = by_unit_of_act(part, at)
        actor = np.where(reason == guard.KEPT, actors(part)[at], 0)
        items = tally_items(
            counted,
            case=row,
            month=months_of(index.at[at]).astype(np.int64),
            hits=late.astype(np.int64),
            n=np.ones(len(at), dtype=np.int64),
            reason=reason,
            extra={"told": (instant[at] != index.at[at]).astype(np.int64)},
            done=(actor, instant[at] // _MINUTE),
        )
        on = np.flatnonzero(late & (reason == guard.KEPT))
        entries = Counts.of(
            keys={
                "unit": (index.unit[at[on]], index.units),
                "month": months_of(index.at[at[on]]),
                "who": actor[on],
                "minute": instant[at[on]] // _MINUTE,
                "day": index.at[at[on]] // DAY,
            },
            sums={"n": None},
        )
        return Late(items, entries)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with how many of the late entries were made in a sitting."""
        late: Late = tally
        grid = Grid.of(late.items)
        sat = np.zeros_like(grid.sums["n"])
        columns = [late.entries.column(name) for name in ("who", "minute", "day", "n")]
        row_of = {name: row for row, name in enumerate(grid.units)}
        unit = np.array([row_of.get(name, len(grid.units)) for name in late.entries.column("unit")], np.int64)
        month = late.entries.column("month")
        if len(unit):
            place = (unit, month - grid.months[0])
            np.add.at(sat, place, np.where(_in_sittings(*columns), columns[-1], 0))
        # What was left out as a burst is no sitting.
        sums = {**grid.sums, "sat": np.minimum(sat, grid.sums["hits"])}
        fields = {field.name: getattr(grid, field.name) for field in attrs.fields(Grid)} | {"sums": sums}
        return _Entered(**fields, hands=(unit, month, columns[0], columns[-1]))

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """Several people enter late, not one of them alone."""
        if context.min_group <= 1 or not isinstance(grid, _Entered):
            return True
        of, month, who, n = grid.hands
        use = of == unit
        if months is not None:
            use &= np.isin(month, grid.months[months])
        return of_several(who[use], n[use])

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        text = w.pick(
            f"{seen.unit}: {seen.value(w)} of what happened with customers{seen.since(w)} "
            f"({w.number(seen.hits)} of {w.number(seen.n)}) was entered more than a working day later; among "
            f"its peers {seen.usual(w)} was.",
            f"{seen.unit} : {seen.value(w)} de ce qui s'est passé avec les clients{seen.since(w)} "
            f"({w.number(seen.hits)} sur {w.number(seen.n)}) a été saisi plus d'un jour de travail après, "
            f"contre {seen.usual(w)} chez ses pairs.",
        )
        sat = w.value(seen.sums["sat"] / seen.hits, "share")
        return (
            text
            + " "
            + w.pick(
                f"Of these, {sat} were entered in sittings in which one person made up for several days.",
                f"Parmi elles, {sat} ont été saisies d'une traite, par une personne qui rattrapait plusieurs "
                "jours.",
            )
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a region without a network on the road, a mobile tool that sends its "
            "entries in the evening of the week, or an assistant who enters for those who travel. Ask the unit "
            "when and where it would be easiest to enter something.",
            "Ce qui pourrait l'infirmer : une région sans réseau sur la route, un outil mobile qui n'envoie "
            "ses saisies qu'une fois par semaine, ou un assistant qui saisit pour ceux qui voyagent. Demandez "
            "à l'unité quand et où la saisie lui serait le plus facile.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down by when a call or a meeting is entered, and for whom: who else needs it that day?",
                    fr="Écrire pour quand un appel ou un rendez-vous est saisi, et pour qui : qui d'autre en "
                    "a besoin le jour même ?",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Show {unit} how to enter on the spot what takes less than a minute, and drop the "
                        "fields that make it longer.",
                        f"Montrer à {unit} comment saisir sur place en moins d'une minute, et supprimer les "
                        "champs qui l'allongent.",
                    )
                ),
            ),
        )


def _in_sittings(who: Int64, minute: Int64, day: Int64, n: Int64) -> Bool:
    """Which late entries were made in a sitting, with others of the same person that were of other days."""
    order = np.lexsort((day, minute, who))
    who, minute, day, n = who[order], minute[order], day[order], n[order]
    begins = np.ones(len(who), dtype=bool)
    begins[1:] = (who[1:] != who[:-1]) | (np.diff(minute) > SITTING)
    run = np.cumsum(begins) - 1
    entered = np.zeros(run[-1] + 1, dtype=np.int64)
    np.add.at(entered, run, n)
    days = np.bincount(np.unique(np.stack([run, day]), axis=1)[0])
    found = np.zeros(len(who), dtype=bool)
    found[order] = ((entered >= TOGETHER) & (days > 1))[run] & (who != 0)
    return found
