from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS, Int64, creators
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.history import NEVER, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

GRACE = dt.timedelta(days=7)
"""A date that passed within so many days may just not have been brought up to date. Guessed: most sales teams
go through their pipeline once a week."""

HANDED = dt.timedelta(days=30)
"""Who took an opportunity over within so many days did not let its date pass. Guessed."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000
_REASONS = (*REASONS, "handed")


@attrs.frozen
class OverdueOpen(AgainstPeers):
    """Opportunities that are past their close date and still open."""

    code: ClassVar[str] = "CU104"
    name: ClassVar[str] = "overdue-open"
    title: ClassVar[Text] = said(
        en="Opportunities past their close date and still open",
        fr="Opportunités ouvertes dont la date de clôture est dépassée",
    )
    short: ClassVar[Text] = said(en="close dates left to pass", fr="dates de clôture laissées dépassées")
    measure: ClassVar[str] = "overdue_share"
    label: ClassVar[Text] = said(
        en="open opportunities past their close date", fr="opportunités ouvertes à date de clôture dépassée"
    )
    things: ClassVar[Text] = said(
        en="open opportunities with a close date", fr="opportunités ouvertes avec une date de clôture"
    )
    about: ClassVar[Text] = said(
        en="An open opportunity whose close date has passed cannot close on it: whatever is added up by "
        "close date, the forecast first of all, is wrong by its amount. Of each unit's open opportunities "
        "that have a close date, those that are more than 7 days past it are counted as of the last "
        "instant of the history. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, the unit left out of its norm, Benjamini-Hochberg over the units), by at "
        "least 10 points and half as much again, with at least 20 such opportunities. Imported, merged and "
        "deleted records, those made by programs, and those taken over within the last 30 days are left "
        "out first. Stays silent where everybody is late: then it is the company's usage, and no unit's.",
        fr="Une opportunité ouverte dont la date de clôture est passée ne peut plus se conclure à cette "
        "date : tout ce qui s'additionne par date de clôture, à commencer par la prévision, est faussé "
        "d'autant. Parmi les opportunités ouvertes de chaque unité qui portent une date de clôture, on "
        "compte celles qui l'ont dépassée de plus de 7 jours au dernier instant de l'historique. Une unité "
        "est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, "
        "unité exclue de sa propre norme, Benjamini-Hochberg sur les unités), d'au moins 10 points et de "
        "moitié en plus, sur au moins 20 opportunités. Fiches importées, fusionnées, supprimées, créées "
        "par un automate ou reprises depuis moins de 30 jours sont d'abord écartées. Rien n'est dit quand "
        "tout le monde est en retard : c'est alors l'usage de l'entreprise, non d'une unité.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("close_date", "unit")}, kind="opportunity")
    dated: ClassVar[bool] = False
    fewest: ClassVar[int] = 20

    def tally(self, part: History) -> Tally:
        """The open opportunities of a part, and those past their date."""
        index = part.index
        dates = part.cases["close_date"]
        case = np.flatnonzero(guard.is_open(part) & dates.is_not_null().to_numpy())
        day = dates.gather(case).to_physical().to_numpy().astype(np.int64)
        last = index.as_of // _DAY
        reason = guard.of_cases(part)[case]
        handed = _taken_over(part)[case] > index.as_of - HANDED // dt.timedelta(microseconds=1)
        reason[(reason == guard.KEPT) & handed] = _REASONS.index("handed")
        return tally_items(
            part,
            case=case,
            # All as of one instant: there is but one month.
            month=np.full(len(case), int(months_of(np.array([index.as_of]))[0]), dtype=np.int64),
            hits=(day < last - GRACE.days).astype(np.int64),
            n=np.ones(len(case), dtype=np.int64),
            reason=reason,
            reasons=_REASONS,
            # Records that were loaded at one go are nobody's habit, whatever the source says of their origin.
            done=(creators(part)[0][case], index.created[case] // _MINUTE),
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the open opportunities ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) are more than {GRACE.days} days past their close date; among its peers "
            f"{seen.usual(w)} are.",
            f"{seen.unit} : {seen.value(w)} des opportunités ouvertes ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) ont dépassé leur date de clôture de plus de {GRACE.days} jours, contre "
            f"{seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit whose close dates are kept in another tool, or one that "
            "was closed or reorganised and whose records nobody has taken over. Look at who owns the "
            "records before speaking of habits.",
            "Ce qui pourrait l'infirmer : une unité qui tient ses dates dans un autre outil, ou une unité "
            "fermée ou réorganisée dont personne n'a repris les fiches. Vérifiez à qui elles appartiennent "
            "avant de parler d'habitude.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Tell {unit} what a past date does to the forecast, and agree on a moment each "
                        "week at which open opportunities get a new date or are closed as lost.",
                        f"Expliquer à {unit} ce qu'une date dépassée fait à la prévision, et convenir d'un "
                        "moment chaque semaine pour redater les opportunités ouvertes ou les clore perdues.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down who looks after an opportunity whose owner is away or has left.",
                    fr="Écrire qui s'occupe d'une opportunité dont le propriétaire est absent ou parti.",
                ),
            ),
        )


def _taken_over(part: History) -> Int64:
    """When each case last changed hands; the opposite of NEVER: it did not."""
    index = part.index
    last = np.full(index.n_cases, -NEVER, dtype=np.int64)
    at = guard.positions(part, "owner_changed")
    np.maximum.at(last, index.case[at], index.at[at])
    return last
