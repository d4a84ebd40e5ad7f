from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._changes import UNKNOWN, days
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.history import NEVER, History, months_of
from crmusage.metrics import Contrast, contrast
from crmusage.model import Proposal, Text, Verb, Wording

_DAY, _MINUTE = 86_400_000_000, 60_000_000
_WEEK, _FRIDAY = 7, 4
_THURSDAY = 3  # 1970-01-01


@attrs.frozen
class DateHeaping(AgainstPeers):
    """Close dates heaped on the ends of months."""

    code: ClassVar[str] = "CU103"
    name: ClassVar[str] = "date-heaping"
    title: ClassVar[Text] = said(
        en="Close dates heaped on the ends of months", fr="Dates de clôture entassées en fin de mois"
    )
    short: ClassVar[Text] = said(
        en="close dates heaped on month ends", fr="dates de clôture entassées en fin de mois"
    )
    measure: ClassVar[str] = "planned_for_month_end"
    label: ClassVar[Text] = said(
        en="expected to close on the last day of a month", fr="attendues le dernier jour d'un mois"
    )
    things: ClassVar[Text] = said(
        en="opportunities with an expected close date", fr="opportunités avec une date de clôture attendue"
    )
    about: ClassVar[Text] = said(
        en="A close date on the last day of a month is mostly no estimate but a box that had to be filled. "
        "Of each unit's opportunities the last expected date is taken (for a closed one, the last that was "
        "set before the closing), and those are counted that fall on the last day or the last weekday of a "
        "month. A unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 20 points and half as much again, with at least "
        "30 opportunities, and also above the share of its own closings that really fell on such a day "
        "(95% interval of the difference above nothing): a unit whose contracts do end with the month is "
        "not named. Imported, merged, deleted and bulk-loaded records are left out first.",
        fr="Une date de clôture au dernier jour du mois est le plus souvent une case à remplir plutôt "
        "qu'une estimation. Pour chaque opportunité, on retient la dernière date attendue (pour une "
        "opportunité close, la dernière fixée avant la clôture) et l'on compte celles qui tombent le "
        "dernier jour, ou le dernier jour de semaine, d'un mois. Une unité est signalée lorsque sa part "
        "dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au moins 20 points et de moitié en plus, sur au moins 30 opportunités, et dépasse "
        "aussi la part de ses propres clôtures réellement tombées un tel jour (intervalle à 95 % de "
        "l'écart au-dessus de zéro) : une unité dont les contrats s'achèvent vraiment avec le mois n'est "
        "pas signalée. Fiches importées, fusionnées, supprimées ou chargées en masse sont d'abord "
        "écartées.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("close_date", "closed_at", "unit")}, kind="opportunity")
    dated: ClassVar[bool] = False
    apart: ClassVar[float] = 0.20

    def tally(self, part: History) -> Tally:
        """The expected dates of a part, and its closings, that fall on the end of a month."""
        index = part.index
        planned = _planned(part)
        closed = np.flatnonzero(index.closed != NEVER)
        case = np.flatnonzero(planned != UNKNOWN)
        rows = np.concatenate([case, closed])
        first, second = np.arange(len(rows)) < len(case), np.arange(len(rows)) >= len(case)
        day = np.concatenate([planned[case], index.closed[closed] // _DAY])
        heaped = _ends_a_month(day).astype(np.int64)
        left_out = guard.of_cases(part)[rows].astype(np.int32)
        # A record that is left out is told once, with its plan.
        use = first | (left_out == guard.KEPT)
        month = np.full(len(rows), int(months_of(np.array([index.as_of]))[0]), dtype=np.int64)
        return tally_items(
            part,
            case=rows[use],
            month=month[use],
            hits=(heaped * first)[use],
            n=first.astype(np.int64)[use],
            reason=left_out[use],
            reasons=REASONS,
            extra={"closings": second.astype(np.int64)[use], "closed_so": (heaped * second)[use]},
            done=(creators(part)[0][rows][use], (index.created[rows] // _MINUTE)[use]),
        )

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """More often planned than done: contracts that do end with the month are no habit of the keyboard."""
        del context
        hits, n, so, closings = (
            int(grid.total(name, months)[unit]) for name in ("hits", "n", "closed_so", "closings")
        )
        apart = contrast(hits, n, so, closings)
        return isinstance(apart, Contrast) and apart.low > 0

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        so, closings = seen.sums["closed_so"], seen.sums["closings"]
        done = w.value(so / closings, "share")
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the opportunities ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) are or "
            f"were last expected to close on the last day of a month; among its peers {seen.usual(w)} "
            "are. Of its own "
            f"closings, {done} fell on such a day.",
            f"{seen.unit} : {seen.value(w)} des opportunités ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) sont, ou "
            f"étaient, attendues pour le dernier jour d'un mois, contre {seen.usual(w)} chez ses pairs. "
            "Parmi ses "
            f"propres clôtures, {done} sont tombées un tel jour.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a screen or a program that proposes the end of the month in this "
            "unit alone. Then it is the screen that needs changing.",
            "Ce qui pourrait l'infirmer : un écran ou un automate qui propose la fin du mois dans cette "
            "seule unité. C'est alors l'écran qu'il faut changer.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Show {unit} how a close date is found: from the customer's own steps, backwards.",
                        f"Montrer à {unit} comment se trouve une date de clôture : à rebours, depuis les "
                        "étapes du client.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Let an opportunity be entered without a close date as long as there is no ground for one.",
                    fr="Permettre de créer une opportunité sans date de clôture tant que rien ne la fonde.",
                ),
            ),
        )


def _planned(part: History) -> Int64:
    """The day on which each case was last expected to close, `UNKNOWN` where nobody said."""
    index = part.index
    planned = np.full(index.n_cases, UNKNOWN, dtype=np.int64)
    dates = part.cases["close_date"]
    open_ = np.flatnonzero(guard.is_open(part) & dates.is_not_null().to_numpy())
    planned[open_] = dates.gather(open_).to_physical().to_numpy()
    at = guard.positions(part, "close_date_changed")
    # On closing many CRMs set the date to that very day: that was not expected, it happened.
    at = at[
        (index.at[at] // _DAY < index.closed[index.case[at]] // _DAY)
        & (index.closed[index.case[at]] != NEVER)
    ]
    at = at[guard.of_events(part, at) == guard.KEPT]
    planned[index.case[at]] = days(part.events["new"].gather(at))
    return planned


def _ends_a_month(day: Int64) -> Bool:
    """Which days are the last of a month, or the last that is no Saturday or Sunday."""
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    last = (month + 1).astype("datetime64[D]").astype(np.int64) - 1
    weekday = (last + _THURSDAY) % _WEEK
    working = last - np.maximum(weekday - _FRIDAY, 0)
    ends: Bool = (day == last) | (day == working)
    return ends
