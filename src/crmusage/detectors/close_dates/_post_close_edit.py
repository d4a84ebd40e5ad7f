from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._changes import amounts, fiscal_marks, stranger
from crmusage.detectors._company import own_figure
from crmusage.detectors._deals import REASONS, Bool, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.history import NEVER, History, months_of
from crmusage.metrics import wilson
from crmusage.model import Distortion, Proposal, Text, Verb, Wording

SETTLED = dt.timedelta(days=1)
"""What is put right within so long of closing belongs to the closing. Guessed."""

AFTER_PERIOD = 10
"""So many days after a fiscal period has ended its figures are drawn up. Guessed."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000
_SANE = 1e13  # an amount beyond it is a fault of typing, and its cents would not add up in 64 bits
_LABEL_MOVED = said(
    en="won amount that came or went after closing", fr="montant gagné apparu ou disparu après la clôture"
)


@attrs.frozen
class PostCloseEdit(AgainstPeers):
    """Amounts or close dates that are edited after closing."""

    code: ClassVar[str] = "CU105"
    name: ClassVar[str] = "post-close-edit"
    title: ClassVar[Text] = said(
        en="Closed opportunities whose amount or date still changes",
        fr="Opportunités closes dont le montant ou la date change encore",
    )
    short: ClassVar[Text] = said(en="edited after closing", fr="opportunités modifiées après la clôture")
    measure: ClassVar[str] = "edited_after_closing"
    label: ClassVar[Text] = said(
        en="closed opportunities edited afterwards", fr="opportunités closes modifiées après coup"
    )
    things: ClassVar[Text] = said(en="closed opportunities", fr="opportunités closes")
    about: ClassVar[Text] = said(
        en="What was won last month is a figure that others have reported, paid and planned with. Of each "
        "unit's closed opportunities those are counted whose amount or close date somebody changed more "
        "than a day after they were closed. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and half as "
        "much again, with at least 30 closed opportunities, since the month in which it rose if it did. "
        "Where the calendar tells fiscal periods, it is said whether the edits bunch in the 10 days after "
        "their end. Changes by programs (an invoice that is synchronised), imports, merges and mass "
        "updates of other people's records are left out first, and so are records that were reopened.",
        fr="Ce qui a été gagné le mois dernier est un chiffre que d'autres ont publié, payé, planifié. "
        "Parmi les opportunités closes de chaque unité, on compte celles dont quelqu'un a modifié le "
        "montant ou la date de clôture plus d'un jour après la clôture. Une unité est signalée lorsque sa "
        "part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur "
        "les unités), d'au moins 10 points et de moitié en plus, sur au moins 30 opportunités closes, "
        "depuis le mois où elle a augmenté le cas échéant. Si le calendrier donne les périodes fiscales, "
        "on précise si les modifications se concentrent dans les 10 jours qui suivent leur fin. Sont "
        "d'abord écartés les changements dus à un automate (une facture synchronisée), à une importation, "
        "à une fusion, les mises à jour en masse des fiches d'autrui, et les fiches rouvertes.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("closed_at", "unit"), "events": ()}, kind="opportunity")
    witness: ClassVar[tuple[str, Text]] = (
        "changes",
        said(
            en="no change of an amount or a close date is recorded of it",
            fr="aucun changement de montant ou de date de clôture enregistré",
        ),
    )

    def tally(self, part: History) -> Tally:
        """The closed opportunities of a part, those edited afterwards, and what that moved."""
        index = part.index
        left_out = guard.of_cases(part)
        closed = np.flatnonzero(index.closed != NEVER)
        every = guard.positions(part, "amount_changed", "close_date_changed")
        changes = np.bincount(index.case[every], minlength=index.n_cases)
        after = index.at[every] - SETTLED // dt.timedelta(microseconds=1) > np.minimum(
            index.closed[index.case[every]], index.as_of
        )
        at = every[after & (index.closed[index.case[every]] != NEVER)]
        why = guard.of_events(part, at)
        case = index.case[at]
        by_hand = why == guard.KEPT
        marks = fiscal_marks(part)
        edits, early = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
        np.add.at(edits, case[by_hand], 1)
        np.add.at(early, case[by_hand & _after_a_period(index.at[at] // _DAY, marks)], 1)
        moved = _moved(part, at[by_hand])
        who, minute = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
        strange = stranger(part, at[by_hand])
        # The last edit of a case tells whether it was one of a mass update.
        who[case[by_hand]], minute[case[by_hand]] = strange, index.at[at[by_hand]] // _MINUTE
        others = np.flatnonzero(~by_hand)
        none = np.zeros(len(others), dtype=np.int64)

        def with_others(of_cases: Int64) -> Int64:
            return np.concatenate([of_cases[closed], none])

        return attrs.evolve(
            tally_items(
                part,
                case=np.concatenate([closed, case[others]]),
                month=months_of(np.concatenate([index.closed[closed], index.closed[case[others]]])).astype(
                    np.int64
                ),
                hits=with_others((edits > 0).astype(np.int64)),
                n=with_others(np.ones(index.n_cases, dtype=np.int64)),
                reason=np.concatenate([left_out[closed], why[others]]).astype(np.int32),
                reasons=REASONS,
                extra={
                    "changes": with_others(changes),
                    "edits": with_others(edits),
                    "early": with_others(early),
                    "moved": with_others(moved),
                    "won": with_others(_won(part)),
                },
                done=(with_others(who), with_others(minute)),
            ),
            marks=marks,
        )

    def bends(self, grid: Grid, unit: int, months: Bool | None) -> tuple[Distortion, ...]:
        """How much of the company's won amount came or went after closing."""
        if not grid.sums["moved"].any():
            return ()
        shift = own_figure(
            "moved_after_closing",
            grid.sums["moved"],
            grid.sums["won"],
            unit,
            months,
            unit="share",
            series=True,
        )
        return () if shift is None else (attrs.evolve(shift, label=_LABEL_MOVED),)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        text = w.pick(
            f"{seen.unit}: {seen.value(w)} of the opportunities closed{seen.since(w)} "
            f"({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) had their amount or their date changed more than a day after closing; "
            "among its "
            f"peers {seen.usual(w)} had.",
            f"{seen.unit} : {seen.value(w)} des opportunités closes{seen.since(w)} "
            f"({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) ont vu leur montant ou leur date modifiés plus d'un jour après la "
            "clôture, contre "
            f"{seen.usual(w)} chez ses pairs.",
        )
        early, edits = seen.sums["early"], seen.sums["edits"]
        usual = _usual(seen.marks)
        if usual is None or edits < self.fewest or wilson(early, edits)[0] <= usual:
            return text
        return (
            text
            + " "
            + w.pick(
                f"Of these changes {w.value(early / edits, 'share')} fall in the {AFTER_PERIOD} days "
                "after the end of "
                f"a fiscal period, which make up {w.value(usual, 'share')} of the time.",
                f"{w.value(early / edits, 'share')} de ces modifications tombent dans les {AFTER_PERIOD} "
                "jours qui "
                f"suivent la fin d'une période fiscale, soit {w.value(usual, 'share')} du temps.",
            )
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit whose orders are settled only at delivery, so that the "
            "true amount is known later, or one whose assistants complete the records for it. Look at some "
            "of the cases with those who changed them.",
            "Ce qui pourrait l'infirmer : une unité dont les commandes ne sont arrêtées qu'à la livraison, "
            "de sorte que le vrai montant se connaît plus tard, ou dont les assistants complètent les "
            "fiches. Regardez quelques dossiers avec ceux qui les ont modifiés.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down what may still be changed once an opportunity is closed, by whom, and "
                    "until when; what comes later is a new opportunity or a credit.",
                    fr="Écrire ce qui peut encore être modifié une fois l'opportunité close, par qui et "
                    "jusqu'à quand ; ce qui vient ensuite est une nouvelle opportunité ou un avoir.",
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Tell {unit} who uses the won amounts after closing, and ask what makes these "
                        "edits needed.",
                        f"Dire à {unit} qui se sert des montants gagnés après la clôture, et demander ce "
                        "qui rend ces modifications nécessaires.",
                    )
                ),
            ),
        )


def _after_a_period(day: Int64, marks: tuple[int, ...]) -> Bool:
    """Which days lie within so many after the end of a fiscal period."""
    if not marks:
        return np.zeros(len(day), dtype=bool)
    begins = np.array(marks)
    place = np.searchsorted(begins, day, side="right") - 1
    inside: Bool = (place >= 0) & (day - begins[np.maximum(place, 0)] < AFTER_PERIOD)
    return inside


def _usual(marks: tuple[int, ...]) -> float | None:
    """The part of the time that the days after fiscal periods make up."""
    return None if len(marks) < 2 else AFTER_PERIOD * (len(marks) - 1) / (marks[-1] - marks[0])


def _moved(part: History, at: Int64) -> Int64:
    """By how many cents the edits changed the amount of each won case."""
    moved = np.zeros(part.index.n_cases, dtype=np.int64)
    amount = np.isin(at, guard.positions(part, "amount_changed"))
    won = (part.cases["outcome"] == "won").fill_null(False).to_numpy()
    at = at[amount & won[part.index.case[at]]]
    old, new = (amounts(part.events[name].gather(at)) for name in ("old", "new"))
    by = np.where(np.isfinite(old) & np.isfinite(new), new - old, 0.0)
    np.add.at(moved, part.index.case[at], np.rint(np.clip(by, -_SANE, _SANE) * 100).astype(np.int64))
    return moved


def _won(part: History) -> Int64:
    amount = part.cases["amount"].fill_null(0.0).to_numpy()
    won = (part.cases["outcome"] == "won").fill_null(False).to_numpy()
    sane = won & np.isfinite(amount) & (np.abs(amount) <= _SANE)
    cents: Int64 = np.rint(np.where(sane, amount, 0.0) * 100).astype(np.int64)
    return cents
