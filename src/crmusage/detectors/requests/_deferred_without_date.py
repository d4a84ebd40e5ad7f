from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._changes import UNKNOWN, days, stranger
from crmusage.detectors._deals import REASONS, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import WORK, is_request
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

NOTED = dt.timedelta(days=1)
"""A task that is planned within so long after the deferral is its date in the calendar. Guessed."""

LEEWAY = 3
"""Days after its date on which a deferred request may still be taken up: a weekend and a day. Guessed."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000


@attrs.frozen
class DeferredWithoutDate(AgainstPeers):
    """Requests that are put off without a date, or whose date goes by."""

    code: ClassVar[str] = "CU405"
    name: ClassVar[str] = "deferred-without-date"
    title: ClassVar[Text] = said(
        en="Requests put off without a date that is kept", fr="Demandes reportées sans date tenue"
    )
    short: ClassVar[Text] = said(
        en="requests put off without a date that is kept", fr="demandes reportées sans date tenue"
    )
    measure: ClassVar[str] = "put_off_for_good"
    label: ClassVar[Text] = said(
        en="deferrals without a date, or whose date went by",
        fr="reports sans date, ou dont la date est passée sans suite",
    )
    things: ClassVar[Text] = said(en="deferrals of requests", fr="reports de demandes")
    about: ClassVar[Text] = said(
        en="To put a request off is a decision when it has a date in the calendar, and somebody takes it up "
        "then; otherwise "
        "it is a way to forget. Of each unit's deferrals those are counted that have no date (the event's "
        "`new`, or a "
        "task_due planned within a day), and those whose date is more than three days past while nobody has "
        "done anything "
        "for the request since. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 30 "
        "deferrals, "
        "since the month in which it rose if it did. Deferrals by programs, of imported, merged or deleted "
        "requests and "
        "mass updates of other people's requests are left out; a request that was closed by its date needs "
        "no more. Where "
        "no deferral of the whole company has a date, the source does not show dates, and nothing is said.",
        fr="Reporter une demande est une décision si elle a une date au calendrier et si quelqu'un la "
        "reprend ce jour-là ; "
        "sinon c'est une façon de l'oublier. Parmi les reports de chaque unité, on compte ceux qui n'ont "
        "pas de date (la "
        "valeur `new` de l'événement, ou un task_due prévu dans la journée qui suit) et ceux dont la date "
        "est passée de "
        "plus de trois jours sans que personne n'ait rien fait pour la demande. Une unité est signalée "
        "lorsque sa part "
        "dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au "
        "moins 10 points et de moitié en plus, sur au moins 30 reports, depuis le mois où elle a augmenté "
        "le cas échéant. "
        "Sont écartés les reports par un automate, ceux de demandes importées, fusionnées ou supprimées et "
        "les mises à "
        "jour en masse des demandes d'autrui ; une demande close à sa date n'appelle plus rien. Si aucun "
        "report de toute "
        "l'entreprise n'a de date, c'est que la source ne les montre pas, et rien n'est dit.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ()}, activities=("deferred",), kind="request"
    )
    witness: ClassVar[tuple[str, Text]] = (
        "dated",
        said(en="the data show no date of any deferral", fr="les données ne montrent la date d'aucun report"),
    )

    def tally(self, part: History) -> Tally:
        """The deferrals of a part: without a date, and with one that went by."""
        index = part.index
        at = guard.positions(part, "deferred").astype(np.int64)
        at = at[is_request(part)[index.case[at]]]
        case = index.case[at]
        date = _dates(part, at)
        dated = date != UNKNOWN
        deadline = np.where(dated, (date + 1 + LEEWAY) * _DAY, 0)
        # What was done since, up to some days after the date.
        done = guard.positions(part, *WORK, "closed", "returned", "refused", "rerouted").astype(np.int64)
        done = done[guard.of_events(part, done) == guard.KEPT]
        following = np.searchsorted(done, at, side="right")
        found = np.append(done, 0)[following]
        instant = np.append(index.at, 0)[found]
        taken_up = (following < len(done)) & (np.append(index.case, -1)[found] == case) & (instant < deadline)
        taken_up |= index.closed[case] < deadline
        missed = dated & ~taken_up & (deadline <= index.as_of)
        of_case = guard.of_cases(part)[case]
        why = np.where(of_case == guard.KEPT, guard.of_events(part, at), of_case).astype(np.int32)
        return tally_items(
            part,
            case=case,
            month=months_of(index.at[at]).astype(np.int64),
            hits=(~dated | missed).astype(np.int64),
            n=np.ones(len(at), dtype=np.int64),
            reason=why,
            reasons=REASONS,
            extra={"dated": dated.astype(np.int64), "missed": missed.astype(np.int64)},
            done=(stranger(part, at), index.at[at] // _MINUTE),
        )

    def lay(self, tally: Any) -> Grid:
        """The tally laid out; a unit that never tells a date is seen as long as others do."""
        grid = Grid.of(tally)
        somewhere = int(grid.sums["dated"].sum() > 0)
        return attrs.evolve(
            grid, sums={**grid.sums, "undated": grid.sums["hits"] - grid.sums["missed"],
                        "dated": np.full_like(grid.sums["dated"], somewhere)}
        )  # fmt: skip

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        undated, missed = w.number(seen.sums["undated"]), seen.sums["missed"]
        return w.pick(
            f"{seen.unit}: of the deferrals{seen.since(w)}, {seen.value(w)} have no date or one that went by "
            f"({w.number(seen.hits)} of {w.number(seen.n)}: {undated} without a date, "
            f"{w.number(missed)} not taken up by {w.agree(missed, 'its own', 'theirs')}); "
            f"among its peers {seen.usual(w)}.",
            f"{seen.unit} : parmi les reports{seen.since(w)}, {seen.value(w)} n'ont pas de date ou l'ont "
            "laissée passer "
            f"({w.number(seen.hits)} sur {w.number(seen.n)} : {undated} sans date, "
            f"{w.number(missed)} {w.agree(missed, 'resté', 'restés')} sans suite à la date prévue), contre "
            f"{seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that keeps its follow-ups in another calendar, which the "
            "CRM does not see. "
            "Then the dates are there, and only nobody else knows them. Ask to be shown some.",
            "Ce qui pourrait l'infirmer : une unité qui tient ses relances dans un autre agenda, que le CRM "
            "ne voit pas. Les "
            "dates existent alors, mais personne d'autre ne les connaît. Demandez à en voir quelques-unes.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Make the date a part of the deferral: a request cannot be put off without the day "
                    "on which it is "
                    "taken up again.",
                    fr="Faire de la date un élément du report : une demande ne peut être reportée sans le "
                    "jour où elle sera "
                    "reprise.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Go through the deferred requests of {unit} once: each gets a date or an honest no.",
                        f"Passer en revue une fois les demandes reportées de {unit} : chacune reçoit une "
                        "date ou un non "
                        "franc.",
                    )
                ),
            ),
        )


def _dates(part: History, at: Int64) -> Int64:
    """The day to which each deferral puts off (since 1970); UNKNOWN: none is told."""
    index = part.index
    date = days(part.events["new"].gather(at))
    task = guard.positions(part, "task_due").astype(np.int64)
    of_task = days(part.events["new"].gather(task))
    task, of_task = task[of_task != UNKNOWN], of_task[of_task != UNKNOWN]
    following = np.searchsorted(task, at, side="right")
    found = np.append(task, 0)[following]
    near = (following < len(task)) & (np.append(index.case, -1)[found] == index.case[at])
    near &= np.append(index.at, 0)[found] - index.at[at] <= NOTED // dt.timedelta(microseconds=1)
    return np.where((date == UNKNOWN) & near, np.append(of_task, UNKNOWN)[following], date)
