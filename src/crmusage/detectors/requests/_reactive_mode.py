from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import REASONS, SAMPLE, Bool, Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._choices import choices
from crmusage.detectors.requests._hands import is_request
from crmusage.detectors.requests._keepers import received
from crmusage.history import NEVER, Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

NOTICED = dt.timedelta(hours=1)
"""What is begun within so long of the arrival of a more important one was begun already, as it were. Guessed."""

DEFERS = 0.5
"""A team that puts off half as often as the others, or more, does not merely react. Guessed."""

RANKS = 9
"""Ranks beyond the ninth count as it."""

_MINUTE = 60_000_000

Example = tuple[int, str]
"""Minus the minutes it waited, and the case."""


@attrs.frozen
class Starts:
    """The requests of a part of a history that were begun, and those put off, by who does them."""

    queue: Counts
    """By unit, rank, minute of arrival and minute of beginning."""
    decided: Counts
    """By unit, month and reason to leave it out: begun or put off, and put off."""
    examples: Mapping[tuple[str, int], tuple[Example, ...]]
    """Of the highest priority, those that waited longest, by unit and month of arrival."""

    def merge(self, other: Starts) -> Starts:
        """Both together."""
        examples = {
            key: tuple(sorted((*self.examples.get(key, ()), *other.examples.get(key, ())))[:SAMPLE])
            for key in sorted({*self.examples, *other.examples})
        }
        return Starts(self.queue.merge(other.queue), self.decided.merge(other.decided), examples)


@attrs.frozen
class ReactiveMode(AgainstPeers):
    """Teams that do what comes as it comes."""

    code: ClassVar[str] = "CU409"
    name: ClassVar[str] = "reactive-mode"
    title: ClassVar[Text] = said(
        en="Everything done as it comes, whatever its priority",
        fr="Tout est traité comme ça vient, quelle que soit la priorité",
    )
    short: ClassVar[Text] = said(
        en="done as it comes, whatever its priority", fr="traité comme ça vient, sans égard à la priorité"
    )
    measure: ClassVar[str] = "passed_over"
    label: ClassVar[Text] = said(
        en="more important requests that had to wait for older ones",
        fr="demandes plus prioritaires passées après de plus anciennes",
    )
    things: ClassVar[Text] = said(
        en="requests that came while a less important one was waiting",
        fr="demandes arrivées alors qu'une moins prioritaire attendait",
    )
    about: ClassVar[Text] = said(
        en="Who weighs requests does the most important one first and puts others off to a day; who only reacts does "
        "what came first, and is always busy. Arrival and priority tell two things when a request comes in while one "
        "of a lower priority still waits to be begun (`started`): of these requests those are counted before which "
        "the oldest of the less important ones was begun all the same. A team is named when its share is far above "
        "that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and half "
        "as much again, with at least 30 such requests, since the month in which it rose if it did; and when it puts "
        "off less than half as often as the others. What was put off or asked back before it was begun is left out, "
        "and so are requests of programs, imported, merged or deleted ones, those without a priority, and what is "
        "begun within the hour. A team counts for what its people began, whoever the request belonged to.",
        fr="Qui pèse les demandes traite d'abord la plus importante et reporte les autres à une date ; qui réagit "
        "traite ce qui est arrivé d'abord, et reste débordé. L'arrivée et la priorité se contredisent lorsqu'une "
        "demande arrive alors qu'une moins prioritaire attend encore d'être commencée (`started`) : parmi ces "
        "demandes, on compte celles avant lesquelles la plus ancienne des moins prioritaires a tout de même été "
        "commencée. Une équipe est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur au moins "
        "30 demandes de ce genre, depuis le mois où elle a augmenté le cas échéant ; et lorsqu'elle reporte moins de "
        "la moitié de ce que reportent les autres. Sont écartées les demandes reportées ou en attente d'une précision "
        "avant d'être commencées, celles des automates, les demandes importées, fusionnées, supprimées ou sans "
        "priorité, et ce qui est commencé dans l'heure. Une équipe répond de ce que ses membres ont commencé, quel "
        "que soit le service destinataire.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("priority_rank",), "events": ("unit",)}, activities=("started", "deferred"), kind="request"
    )

    def tally(self, part: History) -> Starts:
        """The requests of a part that were begun, with when they came and when they were begun, by the doer's unit."""
        index = part.index
        rank = np.minimum(part.cases["priority_rank"].fill_null(0).to_numpy().astype(np.int64), RANKS)
        begun = _first(part, "started")
        aside = _first(part, "deferred", "clarification_asked")
        use = np.flatnonzero((begun >= 0) & is_request(part) & (rank >= 1))
        at = index.at[begun[use]]
        came = _came(part, begun)[use]
        unit, reason = index.unit[begun[use]], guard.of_cases(part)[use]
        waited = ((aside < 0) | (aside > begun))[use] if len(use) else np.zeros(0, dtype=bool)
        kept = (reason == guard.KEPT) & waited & (came <= at)
        queue = Counts.of(
            keys={
                "unit": (unit[kept], index.units),
                "rank": rank[use][kept],
                "came": came[kept] // _MINUTE,
                "begun": at[kept] // _MINUTE,
            },
            sums={"n": None},
        )
        deferred = _first(part, "deferred")
        off = np.flatnonzero((deferred >= 0) & is_request(part) & (rank >= 1))
        case = np.concatenate([use[aside[use] < 0], use[(aside >= 0)[use] & (deferred < 0)[use]], off])
        step = np.where(deferred[case] >= 0, deferred[case], begun[case]) if len(case) else case
        decided = Counts.of(
            keys={
                "unit": (index.unit[step], index.units),
                "month": months_of(index.at[step]).astype(np.int64),
                "reason": (guard.of_cases(part)[case], REASONS),
            },
            sums={"taken": None, "deferred": (deferred[case] >= 0).astype(np.int64)},
        )
        first = use[kept][rank[use][kept] == 1] if len(use) else use
        return Starts(queue, decided, _examples(part, first, begun[first], _came(part, begun)[first]))

    def lay(self, tally: Any) -> Grid:
        """The choices that each team had, month by month, from who was waiting when."""
        starts: Starts = tally
        queue = {name: starts.queue.column(name) for name in (*starts.queue.keys, "n")}
        decided = {name: starts.decided.column(name) for name in (*starts.decided.keys, *starts.decided.sums)}
        units = tuple(sorted({one for one in (*queue["unit"], *decided["unit"]) if one is not None}))
        row_of = {name: row for row, name in enumerate(units)}
        months = np.concatenate([months_of(queue["came"] * _MINUTE), decided["month"]]).astype(np.int64)
        first, end = (int(months.min()), int(months.max()) + 1) if len(months) else (0, 0)
        names = ("hits", "n", "taken", "deferred")
        sums = {name: np.zeros((len(units) + 1, end - first), dtype=np.int64) for name in names}
        left_out: dict[str, Int64] = {}
        for unit in units:
            mine = queue["unit"] == unit
            some = [np.repeat(queue[name][mine], queue["n"][mine]) for name in ("came", "begun", "rank")]
            found = choices(*some, notice=NOTICED // dt.timedelta(minutes=1))
            column = months_of(found.came * _MINUTE) - first
            np.add.at(sums["hits"][row_of[unit]], column, found.passed_over.astype(np.int64))
            np.add.at(sums["n"][row_of[unit]], column, 1)
        row = np.array([row_of.get(unit, len(units)) for unit in decided["unit"]], dtype=np.int64)
        kept = np.array([reason is None for reason in decided["reason"]], dtype=bool)
        for name in ("taken", "deferred"):
            np.add.at(sums[name], (row[kept], decided["month"][kept] - first), decided[name][kept])
        for reason in sorted({*decided["reason"][~kept]}):
            these = decided["reason"] == reason
            left_out[reason] = np.zeros(len(units) + 1, dtype=np.int64)
            np.add.at(left_out[reason], row[these], decided["taken"][these])
        examples = {key: tuple(case for _, case in some) for key, some in starts.examples.items()}
        return Grid(units, np.arange(first, end), sums, left_out, {}, examples)

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """It hardly ever puts anything off, and the others do."""
        del context
        own, taken = (int(grid.total(name, months)[unit]) for name in ("deferred", "taken"))
        others = np.arange(len(grid.units) + 1) != unit
        off, all_of = (int(grid.sums[name][others].sum()) for name in ("deferred", "taken"))
        return own * all_of < DEFERS * off * taken

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        off = w.value(seen.sums["deferred"] / max(seen.sums["taken"], 1), "share")
        return w.pick(
            f"{seen.unit}: of the requests that came in{seen.since(w)} while a less important one was waiting, "
            f"{seen.value(w)} had to wait until the older one was begun ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}); among its peers {seen.usual(w)}. Of what it had to decide it put off {off}.",
            f"{seen.unit} : parmi les demandes arrivées{seen.since(w)} alors qu'une moins prioritaire attendait, "
            f"{seen.value(w)} ont dû laisser passer la plus ancienne ({w.number(seen.hits)} sur {w.number(seen.n)}), "
            f"contre {seen.usual(w)} chez ses pairs. Part des demandes qu'elle a reportées : {off}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: people of one team who each do a kind of request of their own, so that there "
            "was no choice, or a promise to answer in the order of arrival. Ask by what they choose the next one.",
            "Ce qui pourrait l'infirmer : des personnes d'une même équipe chargées chacune d'un type de demandes, si "
            "bien qu'il n'y avait pas de choix, ou l'engagement de répondre dans l'ordre d'arrivée. Demandez comment "
            "elles choisissent la suivante.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ADOPT,
                both(
                    lambda w: w.pick(
                        f"Let {unit} read new requests at fixed times and decide each of them: now, on a day, or not. "
                        "What is next is then chosen from the decided ones.",
                        f"Faire lire à {unit} les nouvelles demandes à heures fixes et décider de chacune : tout de "
                        "suite, tel jour, ou non. La suivante se choisit alors parmi celles qui sont décidées.",
                    )
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                said(
                    en="Show what the order of arrival costs: how long the most important requests waited behind "
                    "others.",
                    fr="Montrer ce que coûte l'ordre d'arrivée : combien de temps les demandes les plus importantes "
                    "ont attendu derrière d'autres.",
                ),
            ),
        )


def _first(part: History, *activities: str) -> Int64:
    """The position of the first such event of each case that a person did; -1: none."""
    index = part.index
    at = guard.positions(part, *activities).astype(np.int64)
    at = at[guard.of_events(part, at) == guard.KEPT][::-1]
    found = np.full(index.n_cases, -1, dtype=np.int64)
    found[index.case[at]] = at
    return found


def _came(part: History, begun: Int64) -> Int64:
    """When each case came to whoever began it: its arrival, or the last hand-over before it was begun."""
    index = part.index
    came = received(part)
    hands = guard.positions(part, "rerouted", "owner_changed").astype(np.int64)
    hands = hands[hands < begun[index.case[hands]]]
    came[index.case[hands]] = np.maximum(came[index.case[hands]], index.at[hands])
    return came


def _examples(
    part: History, rows: Int64, begun: Int64, came: Int64
) -> dict[tuple[str, int], tuple[Example, ...]]:
    index = part.index
    found: dict[tuple[str, int], list[Example]] = {}
    at = index.at[begun]
    ids = part.cases["case_id"].gather(rows).to_list()
    columns = (index.unit[begun], months_of(came), (at - came) // _MINUTE)
    for case_id, unit, month, waited in zip(ids, *(one.tolist() for one in columns), strict=True):
        if unit >= 0 and waited < NEVER:
            found.setdefault((index.units[unit], month), []).append((-waited, case_id))
    return {key: tuple(sorted(some)[:SAMPLE]) for key, some in sorted(found.items())}
