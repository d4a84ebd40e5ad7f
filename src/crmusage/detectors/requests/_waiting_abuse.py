from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import REASONS, Bool, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import is_request
from crmusage.history import NEVER, History, months_of
from crmusage.metrics import wilson
from crmusage.model import Proposal, Text, Verb, Wording

LAST = 10
"""The last tenth of the time from creation to the due date is close to it. Guessed."""

MORE = 1.5
"""Waits are bunched there when they fall into it so many times as often as the unit's other steps. Guessed."""

REASONS_OF_WAITS = (*REASONS, "asked")
"""Why a wait is left out; `asked`: a question to the asker stood open, so there was something to wait for."""

_STEPS = ("accepted", "decided", "deferred", "started", "fulfilled", "documented", "clarification_asked")


@attrs.frozen
class WaitingAbuse(AgainstPeers):
    """Clocks that are stopped just before requests fall due."""

    code: ClassVar[str] = "CU407"
    name: ClassVar[str] = "waiting-abuse"
    title: ClassVar[Text] = said(
        en="Requests set to waiting just before they fall due",
        fr="Demandes mises en attente juste avant l'échéance",
    )
    short: ClassVar[Text] = said(
        en="the clock stopped just before requests fall due", fr="chronomètre arrêté juste avant l'échéance"
    )
    measure: ClassVar[str] = "waits_at_the_limit"
    label: ClassVar[Text] = said(
        en="waiting requests whose clock was stopped just before they fell due",
        fr="demandes en attente dont le chronomètre a été arrêté juste avant l'échéance",
    )
    things: ClassVar[Text] = said(
        en="requests that were set to waiting before they fell due",
        fr="demandes mises en attente avant leur échéance",
    )
    about: ClassVar[Text] = said(
        en="Waiting for the customer stops the clock of a request. Where it is used so that nothing looks "
        "late, the figure "
        "for deadlines kept says nothing any more. Customers make one wait at any time: of each unit's "
        "requests that "
        "were set to waiting before they fell due, those are counted where it happened in the last tenth of "
        "the time "
        "from creation to the due date. A unit is named when its share is far above that of its peers "
        "(over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at "
        "least 30 such "
        "requests, since the month in which it rose if it did; and when its waits fall into that last tenth "
        "clearly more "
        "often than its other steps: a unit that does everything at the last minute stops no clocks. Waits "
        "while a "
        "question to the asker stands open, those set by a program, and those after the due date do not "
        "count. Where "
        "the source moves the due date when a request is set to waiting, nothing can be seen.",
        fr="L'attente du client arrête le chronomètre d'une demande. Là où elle sert à ne jamais paraître "
        "en retard, le "
        "taux de respect des délais ne dit plus rien. Un client fait attendre à tout moment : parmi les "
        "demandes de "
        "chaque unité mises en attente avant leur échéance, on compte celles où cela s'est produit dans le "
        "dernier "
        "dixième du temps entre création et échéance. Une unité est signalée lorsque sa part dépasse "
        "nettement celle de "
        "ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points "
        "et de moitié "
        "en plus, sur au moins 30 de ces demandes, depuis le mois où elle a augmenté le cas échéant ; et "
        "lorsque ses mises "
        "en attente tombent dans ce dernier dixième nettement plus souvent que ses autres actions : une "
        "unité qui fait "
        "tout au dernier moment n'arrête pas de chronomètre. Ne comptent ni les attentes alors qu'une "
        "question au "
        "demandeur reste sans réponse, ni celles d'un automate, ni celles d'après l'échéance. Si la source "
        "déplace "
        "l'échéance à la mise en attente, rien ne peut être vu.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit", "due_at"), "events": ()}, activities=("waiting",), kind="request"
    )

    def tally(self, part: History) -> Tally:
        """The requests of a part that were set to waiting in time, and those just before they fell due."""
        index = part.index
        created = index.created
        told = part.cases["due_at"].to_physical().fill_null(NEVER).to_numpy().astype(np.int64)
        limited = is_request(part) & (told != NEVER) & (told > created)
        close = np.where(limited, told - (told - created) // LAST, NEVER)
        at = guard.positions(part, "waiting").astype(np.int64)
        case = index.case[at]
        at = at[limited[case] & (index.at[at] < told[case]) & (index.at[at] >= created[case])]
        case, late = index.case[at], index.at[at] >= close[index.case[at]]
        why = guard.of_events(part, at)
        why[(why == guard.KEPT) & _asked(part, at)] = REASONS_OF_WAITS.index("asked")
        of_case = guard.of_cases(part)
        kept = why == guard.KEPT
        waited, hits, steps, steps_late = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(4))
        waited[case[kept]] = 1
        hits[case[kept & late]] = 1
        done = guard.positions(part, *_STEPS).astype(np.int64)
        done = done[guard.of_events(part, done) == guard.KEPT]
        done = done[limited[index.case[done]] & (index.at[done] < told[index.case[done]])]
        np.add.at(steps, index.case[done], 1)
        np.add.at(steps_late, index.case[done], (index.at[done] >= close[index.case[done]]).astype(np.int64))
        rows = np.flatnonzero(limited & (waited + steps > 0))
        others = np.flatnonzero(~kept)
        none = np.zeros(len(others), dtype=np.int64)

        def both_of(values: Int64) -> Int64:
            return np.concatenate([values[rows], none])

        return tally_items(
            part,
            case=np.concatenate([rows, case[others]]),
            month=months_of(np.concatenate([created[rows], created[case[others]]])).astype(np.int64),
            hits=both_of(hits),
            n=both_of(waited),
            reason=np.concatenate([of_case[rows], why[others]]).astype(np.int32),
            reasons=REASONS_OF_WAITS,
            extra={"steps": both_of(steps), "steps_late": both_of(steps_late)},
        )

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """Waits fall into the last tenth clearly more often than the unit's other steps."""
        del context
        hits, n, late, steps = (
            int(grid.total(name, months)[unit]) for name in ("hits", "n", "steps_late", "steps")
        )
        others = late / max(steps, 1)
        return steps >= self.fewest and wilson(hits, n)[0] > others and hits / n >= MORE * others

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why waits were left out, in words."""
        return {
            **OF_CHANGES,
            "asked": said("while a question stood open", "pendant qu'une question restait ouverte"),
        }

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        others = w.value(seen.sums["steps_late"] / max(seen.sums["steps"], 1), "share")
        return w.pick(
            f"{seen.unit}: of the requests that were set to waiting before they fell due{seen.since(w)}, "
            f"{seen.value(w)} "
            f"were so in the last tenth of their time ({w.number(seen.hits)} of {w.number(seen.n)}); among "
            "its peers "
            f"{seen.usual(w)} were. Of its other steps {others} fall into that time.",
            f"{seen.unit} : parmi les demandes mises en attente avant leur échéance{seen.since(w)}, "
            f"{seen.value(w)} l'ont "
            f"été dans le dernier dixième du délai ({w.number(seen.hits)} sur {w.number(seen.n)}), contre "
            f"{seen.usual(w)} chez ses pairs. Parmi ses autres actions, {others} tombent dans ce temps.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a supplier or a customer who answers only when the deadline nears, "
            "or an agreed "
            "way to remind him then. Ask for what was being waited in a few of these cases, and whether "
            "anybody knew.",
            "Ce qui pourrait l'infirmer : un fournisseur ou un client qui ne répond qu'à l'approche de "
            "l'échéance, ou une "
            "relance convenue à ce moment-là. Demandez dans quelques dossiers ce qui était attendu, et si "
            "l'intéressé le "
            "savait.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="A request is set to waiting with a question to somebody and a date on which it is "
                    "taken up again.",
                    fr="Une demande est mise en attente avec une question posée à quelqu'un et une date de "
                    "reprise.",
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} whether its deadlines can be kept at all; look at the time with and "
                        "without waiting "
                        "before anybody is praised or blamed for it.",
                        f"Demander à {unit} si ses délais sont tenables ; regarder la durée avec et sans "
                        "attente avant de "
                        "féliciter ou de blâmer quiconque.",
                    )
                ),
            ),
        )


def _asked(part: History, at: Int64) -> Bool:
    """Whether a question to the asker stood open at these positions: asked in the same case, and not yet answered."""
    index = part.index

    def last(*activities: str) -> Int64:
        known = guard.positions(part, *activities).astype(np.int64)
        if not len(known):
            return np.full(len(at), -1, dtype=np.int64)
        before = np.searchsorted(known, at) - 1
        found = known[np.maximum(before, 0)]
        return np.where((before >= 0) & (index.case[found] == index.case[at]), found, -1)

    asked: Bool = (last("clarification_asked") > last("clarified")) & (len(at) > 0)
    return asked
