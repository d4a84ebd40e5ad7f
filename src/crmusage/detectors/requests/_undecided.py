from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import is_request
from crmusage.detectors.requests._keepers import received
from crmusage.history import NEVER, History, Work, months_of
from crmusage.model import Proposal, Text, Verb, Wording

WORKING_DAYS = 10
"""By the end of the tenth working day after it arrived a request should be decided: now, later on a day, or not. Two
weeks are long for a decision, which is not the answer. Guessed; the peers tell what is usual."""

REASONS_OF_REQUESTS = (*REASONS, "asked")
"""Why a request is left out; `asked`: a question to the asker stood open, so nobody could decide."""

_DECISIONS = ("decided", "deferred", "started", "refused")
_ENDS = ("closed", "returned")
_MINUTE = 60_000_000


@attrs.frozen
class Undecided(AgainstPeers):
    """Requests that are received and not decided."""

    code: ClassVar[str] = "CU404"
    name: ClassVar[str] = "undecided"
    title: ClassVar[Text] = said(
        en="Requests received and never decided", fr="Demandes reçues et jamais décidées"
    )
    short: ClassVar[Text] = said(en="requests left undecided", fr="demandes laissées sans décision")
    measure: ClassVar[str] = "undecided"
    label: ClassVar[Text] = said(
        en="requests undecided after ten working days", fr="demandes sans décision après dix jours ouvrés"
    )
    things: ClassVar[Text] = said(
        en="requests received at least ten working days ago",
        fr="demandes reçues depuis au moins dix jours ouvrés",
    )
    about: ClassVar[Text] = said(
        en="A request that nobody decides is worse than a refused one: the asker waits for what will not "
        "come. Of the "
        "requests that each unit received, those are counted that were neither decided (now, put off, "
        "declined, begun or "
        "fulfilled) nor ended in another way (closed, given back) by the end of the tenth working day after "
        "they came: "
        "the incidence of a decision with other ends as competing risks. Only requests of which all ten "
        "days are seen "
        "count, so none is cut short. A unit is named when its share is far above that of its peers "
        "(over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at "
        "least 30 "
        "requests, since the month in which it rose if it did. Left out first: requests whose question to "
        "the asker "
        "stands open on that day, those made by a program, imported, merged or deleted ones, and bulk "
        "loads. Of a unit "
        "that records no decision at all nothing is said.",
        fr="Une demande que personne ne décide est pire qu'une demande refusée : le demandeur attend ce qui "
        "ne viendra pas. "
        "Parmi les demandes reçues par chaque unité, on compte celles qui n'ont été ni décidées (faites, "
        "reportées, "
        "refusées, commencées ou satisfaites) ni terminées autrement (closes, rendues) à la fin du dixième "
        "jour ouvré "
        "après leur arrivée ; une demande close ou rendue avant d'être décidée ne compte donc pas parmi "
        "elles. Seules "
        "comptent les demandes dont les dix jours sont entièrement observés. Une unité est signalée lorsque "
        "sa part "
        "dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au "
        "moins 10 points et de moitié en plus, sur au moins 30 demandes, depuis le mois où elle a augmenté "
        "le cas échéant. "
        "Sont d'abord écartées les demandes dont une question au demandeur reste sans réponse ce jour-là, "
        "celles créées "
        "par un automate, importées, fusionnées ou supprimées, et les chargements en masse. D'une unité qui "
        "n'enregistre "
        "aucune décision, rien n'est dit.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",), "events": ()}, kind="request")
    witness: ClassVar[tuple[str, Text]] = (
        "decided",
        said(
            en="no decision on a request is recorded of it",
            fr="aucune décision sur une demande n'y est enregistrée",
        ),
    )

    def tally(self, part: History) -> Tally:
        """The requests of a part that have been there for ten working days, and those that nobody had decided."""
        index = part.index
        came = received(part)
        deadline = _deadline(part, came)
        decided, ended = _first(part, came, *_DECISIONS), _first(part, came, "fulfilled", *_ENDS)
        over = np.minimum(decided, np.minimum(ended, index.closed))
        rows = np.flatnonzero(is_request(part) & (deadline <= index.as_of))
        hit = over[rows] > deadline[rows]
        reason = guard.of_cases(part)[rows]
        asked = _unanswered(part, deadline)[rows] & hit
        reason[(reason == guard.KEPT) & asked] = REASONS_OF_REQUESTS.index("asked")
        creator = creators(part)[0]
        return tally_items(
            part,
            case=rows,
            month=months_of(came[rows]).astype(np.int64),
            hits=hit.astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason,
            reasons=REASONS_OF_REQUESTS,
            extra={
                "decided": (decided[rows] != NEVER).astype(np.int64),
                "still": (over[rows] > index.as_of).astype(np.int64),
            },
            done=(creator[rows], index.created[rows] // _MINUTE),
        )

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why requests were left out, in words."""
        return {
            **OF_CHANGES,
            "asked": said("waiting for the asker's answer", "en attente de la réponse du demandeur"),
        }

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        still = w.number(seen.sums["still"])
        return w.pick(
            f"{seen.unit}: of the requests received{seen.since(w)}, {seen.value(w)} were not decided within "
            f"{WORKING_DAYS} working days ({w.number(seen.hits)} of {w.number(seen.n)}); among its peers "
            f"{seen.usual(w)}. "
            f"Undecided to this day: {still}.",
            f"{seen.unit} : parmi les demandes reçues{seen.since(w)}, {seen.value(w)} n'ont pas été "
            "décidées sous "
            f"{WORKING_DAYS} jours ouvrés ({w.number(seen.hits)} sur {w.number(seen.n)}), contre "
            f"{seen.usual(w)} chez ses "
            f"pairs. Toujours sans décision à ce jour : {still}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: decisions that are taken by telephone and not recorded, requests "
            "that are "
            "another unit's to decide, or more requests than the unit has hands for. Ask what happened to a "
            "few of them.",
            "Ce qui pourrait l'infirmer : des décisions prises au téléphone et non enregistrées, des "
            "demandes qu'une autre "
            "unité doit décider, ou plus de demandes que l'unité ne peut en traiter. Demandez ce que sont "
            "devenues "
            "quelques-unes d'entre elles.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ADOPT,
                both(
                    lambda w: w.pick(
                        f"Give {unit} a fixed time each day at which every new request is read and decided: "
                        "now, on a day "
                        "in the calendar, or not.",
                        f"Donner à {unit} un moment fixe par jour où chaque nouvelle demande est lue et "
                        "décidée : tout de "
                        "suite, à une date du calendrier, ou pas.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down that a no is an answer: a request that will not be done is declined with "
                    "its reason.",
                    fr="Écrire que non est une réponse : une demande qui ne sera pas faite est refusée avec "
                    "son motif.",
                ),
            ),
        )


def _first(part: History, since: Int64, *activities: str) -> Int64:
    """The instant of the first such event of each case from then on; NEVER: there is none."""
    index = part.index
    at = guard.positions(part, *activities).astype(np.int64)[::-1]
    at = at[index.at[at] >= since[index.case[at]]]
    found = np.full(index.n_cases, NEVER, dtype=np.int64)
    found[index.case[at]] = index.at[at]
    return found


def _deadline(part: History, received: Int64) -> Int64:
    """The end of the last working day in which a decision is in time; NEVER: there is no such day."""
    if not len(received):
        return received
    work = Work(part.work_calendar, None, None, received)
    day, there = work.day_away(received, WORKING_DAYS)
    return np.where(there, work.clock.start_of(day + 1), NEVER)


def _unanswered(part: History, instant: Int64) -> Bool:
    """In which cases a question to the asker stood open at an instant."""
    index = part.index
    last = {}
    for activity in ("clarification_asked", "clarified"):
        at = guard.positions(part, activity).astype(np.int64)
        at = at[index.at[at] <= instant[index.case[at]]]
        last[activity] = np.full(index.n_cases, -1, dtype=np.int64)
        last[activity][index.case[at]] = at
    asked: Bool = last["clarification_asked"] > last["clarified"]
    return asked
