from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._askers import asker_units
from crmusage.detectors.requests._hands import counted_for, is_request
from crmusage.history import NEVER, Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

TELLS = 0.10
"""A priority tells something where higher ones are answered sooner, by a Kendall's tau of at least so much. Guessed."""

RANKS = 9
"""Ranks beyond the ninth count as it."""

_ANSWERS = ("accepted", "decided", "deferred", "started", "refused", "clarification_asked", "fulfilled")
_HOUR, _MINUTE = 3_600_000_000, 60_000_000
_CLASSES = 48
"""Classes of the time to the first answer, each a half longer than the one before; the last begins after years."""


@attrs.frozen
class Priorities:
    """The requests of a part of a history by their priority, and how soon they were answered."""

    items: Tally
    answers: Counts
    """By unit of the asker, rank and class of the time to the first answer."""

    def merge(self, other: Priorities) -> Priorities:
        """Both together."""
        return Priorities(self.items.merge(other.items), self.answers.merge(other.answers))


@attrs.frozen
class PriorityInflation(AgainstPeers):
    """Everything urgent, so that nothing is."""

    code: ClassVar[str] = "CU401"
    name: ClassVar[str] = "priority-inflation"
    title: ClassVar[Text] = said(
        en="Everything urgent, so that nothing is", fr="Tout est urgent, donc rien ne l'est"
    )
    short: ClassVar[Text] = said(en="nearly everything asked as urgent", fr="presque tout demandé en urgence")
    measure: ClassVar[str] = "asked_as_urgent"
    label: ClassVar[Text] = said(
        en="requests asked with the highest priority", fr="demandes faites avec la plus haute priorité"
    )
    things: ClassVar[Text] = said(en="requests with a priority", fr="demandes avec une priorité")
    about: ClassVar[Text] = said(
        en="A priority helps a doer to choose only while few requests have the highest one. Of the requests "
        "that each unit "
        "asked for (the unit of who submitted them, else of who created them), those with priority rank 1 "
        "are counted. A "
        "unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the "
        "units), by at least 10 points and half as much again, with at least 30 requests, since the month "
        "in which it rose "
        "if it did; and when its priorities no longer tell anything: its requests of a higher priority are "
        "not answered "
        "sooner than its others (Kendall's tau of rank and time to the first answer below 0.1, at least 30 "
        "answered). A "
        "unit that has many real emergencies, which are answered first, is not named. Requests made by a "
        "program, "
        "imported, merged or deleted ones and bulk loads are left out first.",
        fr="Une priorité n'aide celui qui traite les demandes à choisir que si peu d'entre elles ont la plus "
        "haute. Parmi les "
        "demandes faites par "
        "chaque unité (celle de qui les a soumises, sinon créées), on compte celles de rang de priorité 1. "
        "Une unité est "
        "signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, "
        "Benjamini-Hochberg "
        "sur les unités), d'au moins 10 points et de moitié en plus, sur au moins 30 demandes, depuis le "
        "mois où elle a "
        "augmenté le cas échéant ; et lorsque ses priorités n'apprennent plus rien : ses demandes plus "
        "prioritaires ne "
        "reçoivent pas de réponse plus tôt que les autres (tau de Kendall entre rang et délai de première "
        "réponse "
        "inférieur à 0,1, sur au moins 30 réponses). Une unité qui a beaucoup de vraies urgences, traitées "
        "d'abord, n'est "
        "pas signalée. Les demandes créées par un automate, importées, fusionnées ou supprimées et les "
        "chargements en "
        "masse sont d'abord écartés.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("priority_rank",), "events": ()}, kind="request")
    witness: ClassVar[tuple[str, Text]] = (
        "answered",
        said(
            en="no answer to its requests is recorded", fr="aucune réponse à ses demandes n'est enregistrée"
        ),
    )

    def tally(self, part: History) -> Priorities:
        """The requests of a part by the unit that asked, those of the highest priority, and their answers."""
        index = part.index
        rank = part.cases["priority_rank"].fill_null(0).to_numpy().astype(np.int64)
        rank = np.minimum(rank, RANKS)
        unit = asker_units(part)
        rows = np.flatnonzero(is_request(part) & (rank >= 1))
        wait = _to_first_answer(part)
        reason, creator = guard.of_cases(part), creators(part)[0]
        items = tally_items(
            counted_for(part, unit),
            case=rows,
            month=months_of(index.created[rows]).astype(np.int64),
            hits=(rank[rows] == 1).astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason[rows],
            reasons=REASONS,
            extra={"answered": (wait[rows] != NEVER).astype(np.int64)},
            done=(creator[rows], index.created[rows] // _MINUTE),
        )
        some = rows[(wait[rows] != NEVER) & (reason[rows] == guard.KEPT)]
        answers = Counts.of(
            keys={"unit": (unit[some], index.units), "rank": rank[some], "wait": _class(wait[some])},
            sums={"n": None},
        )
        return Priorities(items, answers)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with whether each unit's priorities tell anything."""
        priorities: Priorities = tally
        grid = Grid.of(priorities.items)
        columns = {name: priorities.answers.column(name) for name in ("unit", "rank", "wait", "n")}
        tells = np.zeros_like(grid.sums["n"])
        for row, name in enumerate(grid.units):
            table = np.zeros((RANKS + 1, _CLASSES), dtype=np.int64)
            mine = columns["unit"] == name
            np.add.at(table, (columns["rank"][mine], columns["wait"][mine]), columns["n"][mine])
            tells[row, :] = int(table.sum() < self.fewest or _tau(table) >= TELLS)
        return attrs.evolve(grid, sums={**grid.sums, "tells": tells})

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """Its priorities do not tell what is answered first."""
        del months, context
        return not grid.sums["tells"][unit].any()

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the requests that it asked for{seen.since(w)} have the "
            "highest priority "
            f"({w.number(seen.hits)} of {w.number(seen.n)}); among its peers {seen.usual(w)} have. They are "
            "not answered "
            "sooner than its others: the priority tells the doers nothing any more.",
            f"{seen.unit} : {seen.value(w)} des demandes qu'elle a faites{seen.since(w)} ont la plus haute "
            "priorité "
            f"({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} chez ses pairs. Elles "
            "ne reçoivent pas "
            "de réponse plus tôt que ses autres demandes : la priorité n'apprend plus rien à ceux qui les traitent.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a form that proposes the highest priority, or a crisis in this "
            "unit that outgrew "
            "its doers, so that real emergencies waited too. Look at some of them with who asked and who "
            "answered.",
            "Ce qui pourrait l'infirmer : un formulaire qui propose la plus haute priorité, ou une crise "
            "qui a dépassé ceux "
            "qui les traitent, si bien que de vraies urgences ont attendu aussi. Regardez-en quelques-unes avec qui "
            "a demandé et "
            "qui a répondu.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down what an emergency is, in facts that the request itself must tell.",
                    fr="Écrire ce qu'est une urgence, par des faits que la demande elle-même doit contenir.",
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Show {unit} that its urgent requests are answered no sooner than its others, and "
                        "ask what it "
                        "fears would happen without the word.",
                        f"Montrer à {unit} que ses demandes urgentes ne sont pas traitées plus tôt que les "
                        "autres, et "
                        "demander ce qu'elle craint sans ce mot.",
                    )
                ),
            ),
        )


def _to_first_answer(part: History) -> Int64:
    """From its creation to what a doer first did for each request; NEVER: nothing."""
    index = part.index
    at = guard.positions(part, *_ANSWERS).astype(np.int64)
    at = at[guard.of_events(part, at) == guard.KEPT][::-1]
    wait = np.full(index.n_cases, NEVER, dtype=np.int64)
    wait[index.case[at]] = np.maximum(index.at[at] - index.created[index.case[at]], 0)
    return wait


def _class(wait: Int64) -> Int64:
    hours = np.maximum(wait / _HOUR, 0.1)
    steps: Int64 = np.floor(np.log(hours * 10) / np.log(1.5)).astype(np.int64)
    return np.minimum(steps, _CLASSES - 1)


def _tau(table: Int64) -> float:
    """Kendall's tau-b of a contingency table; 0 where one of both never varies. Source: Kendall (1945)."""
    below = table[::-1, ::-1].cumsum(axis=0).cumsum(axis=1)[::-1, ::-1]
    left = table[::-1, :].cumsum(axis=0).cumsum(axis=1)[::-1, :]
    agree = int((table[:-1, :-1] * below[1:, 1:]).sum())
    differ = int((table[:-1, 1:] * left[1:, :-1]).sum())
    pairs, rows, columns = (int((x * (x - 1) // 2).sum()) for x in (table.sum(), table.sum(1), table.sum(0)))
    free = float(pairs - rows) * float(pairs - columns)
    return (agree - differ) / float(np.sqrt(free)) if free > 0 else 0.0
