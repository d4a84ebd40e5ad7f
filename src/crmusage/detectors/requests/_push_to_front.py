from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS, Int64, numbers
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import by_machine, counted_for, visits
from crmusage.history import NEVER, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording


@attrs.frozen
class PushToFront(AgainstPeers):
    """First lines that hand on what they should answer."""

    code: ClassVar[str] = "CU410"
    name: ClassVar[str] = "push-to-front"
    title: ClassVar[Text] = said(
        en="A first line that hands on what it should answer",
        fr="Un premier niveau qui transmet ce qu'il devrait traiter",
    )
    short: ClassVar[Text] = said(
        en="first line hands on what its peers answer",
        fr="un premier niveau transmet ce que ses pairs traitent",
    )
    measure: ClassVar[str] = "handed_up"
    label: ClassVar[Text] = said(
        en="requests that the first line hands up",
        fr="demandes que le premier niveau transmet au niveau supérieur",
    )
    things: ClassVar[Text] = said(
        en="requests that began in the first line", fr="demandes arrivées au premier niveau"
    )
    about: ClassVar[Text] = said(
        en="A first line is there to answer most requests itself; what it hands up costs the asker a second "
        "wait and the "
        "second line the time for what only it can do. Of the requests that began in each first-line unit "
        "and have ended "
        "or gone up, those are counted that went to a higher line. Which unit is of which line is told by "
        "the vocabulary "
        "(entity unit, field line, in its order). A unit is named when its share is far above that of the "
        "other units of "
        "its line (over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and "
        "half as much "
        "again, with at least 30 requests, since the month in which it rose if it did. Requests that a "
        "program routes "
        "up, imported, merged and deleted ones are left out first; a hand-over to another unit of the same "
        "line does not "
        "count. How hard a unit's requests are is not known: what it is there for must be asked.",
        fr="Un premier niveau est là pour répondre lui-même à la plupart des demandes ; ce qu'il transmet "
        "fait attendre le "
        "demandeur une seconde fois et prend au second niveau le temps de ce que lui seul sait faire. Parmi "
        "les demandes "
        "arrivées dans chaque unité du premier niveau et terminées ou transmises, on compte celles qui sont "
        "passées à un "
        "niveau supérieur. Le vocabulaire dit de quel niveau est chaque unité (entité unit, champ line, "
        "dans son ordre). "
        "Une unité est signalée lorsque sa part dépasse nettement celle des autres unités du même niveau "
        "(entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur "
        "au moins 30 "
        "demandes, depuis le mois où elle a augmenté le cas échéant. Les demandes aiguillées par un "
        "automate, importées, "
        "fusionnées ou supprimées sont d'abord écartées ; une transmission à une unité de même niveau ne "
        "compte pas. La "
        "difficulté des demandes d'une unité n'est pas connue : il faut demander quelle est sa mission.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": (), "events": ("unit",), "vocabulary": ("order",)}, kind="request"
    )
    witness: ClassVar[tuple[str, Text]] = (
        "handed",
        said(
            en="no hand-over of a request is recorded of it", fr="aucune transmission de demande enregistrée"
        ),
    )

    def tally(self, part: History) -> Tally:
        """The requests of a part that began in the first line, by the unit in which they did."""
        index = part.index
        seen = visits(part)
        line, unit = _lines(part, seen.holder)
        first = np.flatnonzero(~seen.follows()) if len(seen.case) else np.zeros(0, dtype=np.int64)
        lowest = _lowest(part)
        began = np.full(index.n_cases, -1, dtype=np.int64)
        front = first[line[first] == lowest]
        began[seen.case[front]] = unit[front]
        later = np.flatnonzero(seen.follows())
        upward = later[line[later] > lowest]
        up, machine, handed, touched = (np.zeros(index.n_cases, dtype=bool) for _ in range(4))
        handed[seen.case[later]] = True
        touched[seen.case[front[seen.worked[front]]]] = True
        up[seen.case[upward]] = True
        by = by_machine(part, seen.by)
        machine[seen.case[upward[by[upward]]]] = True
        ended = index.closed != NEVER
        ended[index.case[guard.positions(part, "fulfilled", "closed")]] = True
        rows = np.flatnonzero((began >= 0) & (ended | up))
        reason = guard.of_cases(part)[rows]
        reason[(reason == guard.KEPT) & machine[rows]] = REASONS.index("machine")
        return tally_items(
            counted_for(part, began),
            case=rows,
            month=months_of(index.created[rows]).astype(np.int64),
            hits=up[rows].astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason,
            reasons=REASONS,
            extra={
                "handed": handed[rows].astype(np.int64),
                "untouched": (up & ~touched)[rows].astype(np.int64),
            },
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        untouched = w.number(seen.sums["untouched"])
        return w.pick(
            f"{seen.unit}: of the requests that began there{seen.since(w)}, {seen.value(w)} were handed up "
            "to a higher "
            f"line ({w.number(seen.hits)} of {w.number(seen.n)}, {untouched} of them without anything done "
            "before); the "
            f"other first-line units hand up {seen.usual(w)}.",
            f"{seen.unit} : parmi les demandes qui y sont arrivées{seen.since(w)}, {seen.value(w)} ont été "
            "transmises à un "
            f"niveau supérieur ({w.number(seen.hits)} sur {w.number(seen.n)}, dont {untouched} sans aucune "
            "action "
            f"préalable), contre {seen.usual(w)} dans les autres unités du premier niveau.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit whose products or customers bring harder requests, one that "
            "lacks the "
            "rights to do what others may, or an order from above to hand up. Look with the unit at what it "
            "hands up: "
            "what could it have answered, and what did it lack?",
            "Ce qui pourrait l'infirmer : une unité dont les produits ou les clients amènent des demandes "
            "plus difficiles, "
            "qui n'a pas les droits que d'autres ont, ou qui a reçu la consigne de transmettre. Regardez "
            "avec elle ce "
            "qu'elle transmet : qu'aurait-elle pu traiter, et que lui manquait-il ?",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Take the kinds of request that {unit} hands up most often, and teach it, or allow "
                        "it, to answer "
                        "those that its peers answer.",
                        f"Prendre les types de demandes que {unit} transmet le plus souvent, et lui "
                        "apprendre, ou "
                        "l'autoriser, à traiter ceux que ses pairs traitent.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down for each kind of request what the first line does before it hands it up.",
                    fr="Écrire pour chaque type de demande ce que fait le premier niveau avant de "
                    "transmettre.",
                ),
            ),
        )


def _rows(part: History) -> dict[str, int]:
    rows = part.vocabulary.select("entity", "field", "raw", "order").to_dicts()
    return {
        row["raw"]: row["order"]
        for row in rows
        if row["entity"] == "unit" and row["field"] == "line" and row["order"] is not None
    }


def _lowest(part: History) -> int:
    return min(_rows(part).values(), default=0)


def _lines(part: History, holder: Int64) -> tuple[Int64, Int64]:
    """The line (-1: not known) and the unit (its place, -1: none) of each holder: a unit, or a person of one."""
    order = _rows(part)
    place = {unit: number for number, unit in enumerate(part.index.units)}
    known: dict[int, str] = {}
    people = part.people.select("person_id", "unit").drop_nulls()
    known.update(zip(numbers(people["person_id"]).tolist(), people["unit"].to_list(), strict=True))
    of_units = part.vocabulary["raw"].drop_nulls()
    known.update(zip(numbers(of_units).tolist(), of_units.to_list(), strict=True))
    names = [known.get(one) for one in holder.tolist()]
    line = np.array([-1 if name is None else order.get(name, -1) for name in names], dtype=np.int64)
    unit = np.array([-1 if name is None else place.get(name, -1) for name in names], dtype=np.int64)
    return line, unit
