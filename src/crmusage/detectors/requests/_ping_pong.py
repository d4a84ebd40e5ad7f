from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._changes import stranger
from crmusage.detectors._deals import REASONS, Bool, Int64, numbers
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import Visits, by_machine, visits
from crmusage.history import NEVER, Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

SLIP = dt.timedelta(hours=1)
"""Handed on and back within so long was a slip of the hand, and nobody was sent anywhere. Guessed."""

BY_CHANCE = 1.645
"""So many standard deviations more returns than a shuffled order of the next holders would give: 1 in 20."""

_MINUTE = 60_000_000
_FINE = 1_000_000
"""Expected numbers are added up in millionths, as whole numbers."""


@attrs.frozen
class Returns:
    """Requests that were handed on in a part of a history, and from whom over whom to whom."""

    items: Tally
    triples: Counts
    """By unit and month: holder, the next who did nothing for it, and who had it then (numbers)."""

    def merge(self, other: Returns) -> Returns:
        """Both together."""
        return Returns(self.items.merge(other.items), self.triples.merge(other.triples))


@attrs.frozen
class PingPong(AgainstPeers):
    """Requests that are handed back to whoever handed them on."""

    code: ClassVar[str] = "CU402"
    name: ClassVar[str] = "ping-pong"
    title: ClassVar[Text] = said(
        en="Requests handed back and forth", fr="Demandes renvoyées de l'un à l'autre"
    )
    short: ClassVar[Text] = said(
        en="requests handed back and forth", fr="demandes renvoyées de l'un à l'autre"
    )
    measure: ClassVar[str] = "handed_back"
    label: ClassVar[Text] = said(
        en="requests handed back without anything done for them",
        fr="demandes renvoyées sans avoir été traitées",
    )
    things: ClassVar[Text] = said(
        en="requests that were handed on", fr="demandes transmises à quelqu'un d'autre"
    )
    about: ClassVar[Text] = said(
        en="A request that goes from A to B and back to A, without B having done anything for it, has cost "
        "both of them "
        "time and the customer all of it. Of each unit's requests that were handed on at all, those are "
        "counted that "
        "came back so. Who has a request is told by its hand-overs (rerouted, else owner_changed, from whom "
        "and to "
        "whom), or, where none is recorded, by the units of the steps that doers took. A unit is named when "
        "its share "
        "is far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at "
        "least 10 "
        "points and half as much again, with at least 30 requests handed on, since the month in which it "
        "rose if it "
        "did; and when there are more returns than if each holder handed on to the same others in shuffled "
        "order: where "
        "only one desk can be the next, coming back tells nothing. A request that comes back after a "
        "question, a "
        "decision or some work is a service and does not count; nor do slips that are put right within an "
        "hour, "
        "what a program hands over, mass reassignments, and what a deputy gives back after a leave.",
        fr="Une demande qui va de A à B puis revient à A, sans que B n'y ait rien fait, a coûté du temps "
        "aux deux, et tout "
        "ce temps au client. Parmi les demandes de chaque unité qui ont été transmises, on compte celles "
        "qui sont "
        "revenues ainsi. On sait entre les mains de qui se trouve une demande par ses transmissions "
        "(rerouted, sinon "
        "owner_changed, de qui à qui), ou, si aucune n'est enregistrée, par l'unité de ceux qui y "
        "travaillent. Une "
        "unité est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, "
        "Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur au moins 30 "
        "demandes "
        "transmises, depuis le mois où elle a augmenté le cas échéant ; et lorsque les retours sont plus "
        "nombreux que "
        "si chacun transmettait aux mêmes, mais dans un ordre tiré au sort : là où un seul service peut "
        "suivre, un "
        "retour n'apprend rien. Une demande qui revient après une question, une décision ou un travail est "
        "un service "
        "rendu et ne compte pas ; ni les erreurs corrigées dans l'heure, ni ce que transmet un automate, ni "
        "les "
        "réaffectations en masse, ni ce qu'un suppléant rend après une absence.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",), "events": ()}, kind="request")
    witness: ClassVar[tuple[str, Text]] = (
        "handed",
        said(
            en="no hand-over of a request is recorded of it", fr="aucune transmission de demande enregistrée"
        ),
    )

    def tally(self, part: History) -> Returns:
        """The requests of a part that were handed on, and those that came back."""
        index = part.index
        seen = visits(part)
        back = np.flatnonzero(seen.follows(2))
        over, first = back - 1, back - 2
        # Over whom it went must have done nothing, and it must have been people's doing.
        idle = ~seen.worked[over] & (
            seen.until[over] - seen.since[over] > SLIP // dt.timedelta(microseconds=1)
        )
        idle &= ~by_machine(part, seen.by[over]) & ~by_machine(part, seen.by[back])
        back, over, first = back[idle], over[idle], first[idle]
        returned = seen.holder[back] == seen.holder[first]
        returned &= ~_away(part, seen, first, over)
        handed, bounces = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
        handed[seen.case[seen.follows()]] = 1
        np.add.at(bounces, seen.case[back[returned]], 1)
        who, minute = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
        by = seen.by[back[returned]]
        by = by[by >= 0]
        who[index.case[by]], minute[index.case[by]] = stranger(part, by), index.at[by] // _MINUTE
        rows = np.flatnonzero(handed)
        reason = guard.of_cases(part)
        items = tally_items(
            part,
            case=rows,
            month=months_of(index.created[rows]).astype(np.int64),
            hits=(bounces[rows] > 0).astype(np.int64),
            n=handed[rows],
            reason=reason[rows],
            reasons=REASONS,
            extra={"handed": handed[rows], "bounces": bounces[rows]},
            done=(who[rows], minute[rows]),
        )
        case = seen.case[back]
        kept = reason[case] == guard.KEPT
        triples = Counts.of(
            keys={
                "unit": (index.case_unit[case[kept]], index.units),
                "month": months_of(index.created[case[kept]]),
                "first": seen.holder[first[kept]],
                "over": seen.holder[over[kept]],
                "then": seen.holder[back[kept]],
            },
            sums={"n": None},
        )
        return Returns(items, triples)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with how many returns a shuffled order would give."""
        returns: Returns = tally
        grid = Grid.of(returns.items)
        row_of = {name: row for row, name in enumerate(grid.units)}
        columns = {name: returns.triples.column(name) for name in (*returns.triples.keys, "n")}
        expected, variance = (np.zeros_like(grid.sums["n"]) for _ in range(2))
        if len(columns["n"]):
            chance = _chances(columns)
            row = np.array([row_of.get(unit, len(grid.units)) for unit in columns["unit"]], dtype=np.int64)
            place = (row, columns["month"] - grid.months[0])
            np.add.at(expected, place, np.rint(columns["n"] * chance * _FINE).astype(np.int64))
            np.add.at(variance, place, np.rint(columns["n"] * chance * (1 - chance) * _FINE).astype(np.int64))
        return attrs.evolve(grid, sums={**grid.sums, "expected": expected, "variance": variance})

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """More of them come back than a shuffled order of the next holders would give."""
        del context
        seen, expected, variance = (
            int(grid.total(name, months)[unit]) for name in ("bounces", "expected", "variance")
        )
        return bool(seen > expected / _FINE + BY_CHANCE * np.sqrt(variance / _FINE))

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        usual = w.number(seen.sums["expected"] / _FINE)
        returns = w.count(seen.sums["bounces"], "time")
        return w.pick(
            f"{seen.unit}: of the requests that were handed on{seen.since(w)}, {seen.value(w)} came back to "
            "whoever had "
            f"handed them on without anything done for them ({w.number(seen.hits)} of {w.number(seen.n)}); "
            "among its "
            f"peers {seen.usual(w)} did. They came back {returns} in all; had each holder handed on "
            "to the same "
            f"others in another order, it would be about {usual}.",
            f"{seen.unit} : parmi les demandes transmises{seen.since(w)}, {seen.value(w)} sont revenues à "
            "l'expéditeur "
            f"sans avoir été traitées ({w.number(seen.hits)} sur {w.number(seen.n)}), contre "
            f"{seen.usual(w)} chez ses "
            f"pairs. Elles sont revenues {returns} en tout ; si chacun avait transmis aux mêmes dans un autre "
            "ordre, ce "
            f"serait environ {usual}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: work that is done outside the CRM, so that a request seems to come "
            "back "
            "untouched, or a product of this unit for which nobody is responsible yet. Read a few of the "
            "cases from "
            "their beginning with both sides; neither is at fault alone.",
            "Ce qui pourrait l'infirmer : un travail fait hors du CRM, si bien que la demande semble "
            "revenir intacte, ou "
            "un produit de cette unité dont personne n'est encore responsable. Relisez quelques dossiers "
            "depuis le début "
            "avec les deux côtés ; aucun n'est seul en cause.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Write down for the requests of {unit} who is the right doer of which kind, and "
                        "what a request "
                        "must tell before it is handed on.",
                        f"Écrire, pour les demandes de {unit}, quel service traite chaque type et ce "
                        "qu'une demande "
                        "doit contenir avant d'être transmise.",
                    )
                ),
            ),
            Proposal(
                Verb.ADOPT,
                said(
                    en="A request that comes back for the first time is settled by a talk of the two doers, "
                    "not by a "
                    "third hand-over.",
                    fr="Au premier retour d'une demande, les deux services se parlent, au lieu de la "
                    "transmettre une "
                    "troisième fois.",
                ),
            ),
        )


def _chances(columns: dict[str, Any]) -> Any:
    """For each triple, how often whom it went over hands on to whom it came from, of all that he hands on."""
    over, then, first, n = columns["over"], columns["then"], columns["first"], columns["n"]
    onward: dict[tuple[int, int], int] = {}
    everything: dict[int, int] = {}
    for a, c, count in zip(over.tolist(), then.tolist(), n.tolist(), strict=True):
        onward[a, c] = onward.get((a, c), 0) + count
        everything[a] = everything.get(a, 0) + count
    return np.array(
        [onward.get((b, a), 0) / everything[b] for a, b in zip(first.tolist(), over.tolist(), strict=True)]
    )


def _away(part: History, seen: Visits, first: Int64, over: Int64) -> Bool:
    """Whether who handed it on was on leave at some time while the other had it: then that one was his deputy."""
    found = np.zeros(len(first), dtype=bool)
    leaves = part.absences.select("person_id", "starts_at", "ends_at").drop_nulls()
    person = numbers(leaves["person_id"])
    starts, ends = (leaves[name].to_physical().to_numpy() for name in ("starts_at", "ends_at"))
    spans: dict[int, list[tuple[int, int]]] = {}
    for one, begin, end in zip(person.tolist(), starts.tolist(), ends.tolist(), strict=True):
        spans.setdefault(one, []).append((begin, end))
    for row, (holder, since, until) in enumerate(
        zip(seen.holder[first].tolist(), seen.since[over].tolist(), seen.until[over].tolist(), strict=True)
    ):
        found[row] = (
            any(begin < until and since < end for begin, end in spans.get(holder, ())) and until < NEVER
        )
    return found
