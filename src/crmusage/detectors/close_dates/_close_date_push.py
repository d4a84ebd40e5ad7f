from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._pushes import REASONS_OF_PUSHES, left_out_pushes, pushes
from crmusage.detectors._words import both, said
from crmusage.history import NEVER, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

STRICT = 0.01
"""Of what is found at most so many are false, after adjustment. Stricter than elsewhere: how often dates are moved
differs between honest departments by half and more, and a rate tells no more than that it differs."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000


@attrs.frozen
class CloseDatePush(AgainstPeers):
    """Close dates that keep slipping."""

    code: ClassVar[str] = "CU101"
    name: ClassVar[str] = "close-date-push"
    title: ClassVar[Text] = said(
        en="Close dates that keep slipping", fr="Dates de clôture sans cesse repoussées"
    )
    short: ClassVar[Text] = said(
        en="close dates that keep slipping", fr="dates de clôture sans cesse repoussées"
    )
    measure: ClassVar[str] = "pushes_per_month"
    label: ClassVar[Text] = said(
        en="times a close date is put off, a month that an opportunity is open",
        fr="reports de la date de clôture par mois d'ouverture d'une opportunité",
    )
    things: ClassVar[Text] = said(en="open opportunities", fr="opportunités ouvertes")
    about: ClassVar[Text] = said(
        en="A close date that is put off again and again was never an estimate: the forecast of every "
        "month counts amounts that the next month will count again. How often close dates are put off is "
        "counted for each month that an opportunity is open, so that long sales and short ones compare. A "
        "unit is named when its rate is far above that of its peers (over-dispersed funnel of rates, "
        "allowing for pushes that come in clusters within one opportunity; Benjamini-Hochberg over the "
        "units, at 1%), at least half as much again, over at least 60 open months, since the month in which it "
        "rose if it did. Left out first: changes by programs, imports, merges and other changes, mass "
        "updates of other people's records, and changes that were put right within a day. Dates that are "
        "moved forward do not count, nor those first filled in.",
        fr="Une date de clôture repoussée sans cesse n'a jamais été une estimation : la prévision de "
        "chaque mois compte des montants que le mois suivant comptera de nouveau. Les reports sont "
        "rapportés au nombre de mois d'ouverture des opportunités, pour que ventes longues et ventes "
        "courtes se comparent. Une unité est signalée lorsque son rythme dépasse nettement celui de ses "
        "pairs (entonnoir de taux avec surdispersion, compte tenu des reports groupés sur une même "
        "opportunité ; Benjamini-Hochberg sur les unités, à 1 %), au moins de moitié, sur au moins 60 mois "
        "d'ouverture cumulés, depuis le mois où il a augmenté le cas échéant. Sont d'abord écartés les "
        "changements dus à un automate, à une importation, à une fusion ou à une autre modification, les "
        "mises à jour en masse des fiches d'autrui et les changements corrigés dans la journée. Les dates "
        "avancées ne comptent pas, ni celles saisies pour la première fois.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ("old", "new")}, activities=("close_date_changed",), kind="opportunity"
    )
    is_rate: ClassVar[bool] = True
    sure: ClassVar[float] = STRICT
    fewest: ClassVar[int] = 60
    apart: ClassVar[float] = 0.0
    witness: ClassVar[tuple[str, Text]] = (
        "changes",
        said(
            en="no change of a close date is recorded of it",
            fr="aucun changement de date de clôture enregistré",
        ),
    )

    def tally(self, part: History) -> Tally:
        """How long the opportunities of a part were open, month by month, and how often they were put off."""
        case, month, open_days = _exposure(part)
        left_out = guard.of_cases(part)
        at, by, reason, who = pushes(part)
        # A record that is left out is told once, not once a month.
        first = np.concatenate([[True], case[1:] != case[:-1]])[: len(case)]
        use = (left_out[case] == guard.KEPT) | first
        none, nothing = np.zeros(int(use.sum()), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
        return tally_items(
            part,
            case=np.concatenate([case[use], part.index.case[at]]),
            month=np.concatenate([month[use], months_of(part.index.at[at])]),
            hits=np.concatenate([none, (by > 0).astype(np.int64)]),
            n=np.concatenate([open_days[use], nothing]),
            reason=np.concatenate([left_out[case[use]], left_out_pushes(part, at, reason)]).astype(np.int32),
            reasons=REASONS_OF_PUSHES,
            extra={"changes": np.concatenate([none, nothing + 1])},
            done=(np.concatenate([none, who]), np.concatenate([none, part.index.at[at] // _MINUTE])),
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        months = w.number(seen.n * 12 / 365.25)
        return w.pick(
            f"{seen.unit}: an opportunity's close date is put off {_often(w, seen.measure.value)} times "
            "for each "
            f"month that it is open{seen.since(w)} ({w.count(seen.hits, 'time')} in {months} open "
            "months); among "
            f"its peers {_often(w, seen.standing.norm.value)} times.",
            f"{seen.unit} : la date de clôture d'une opportunité est repoussée "
            f"{_often(w, seen.measure.value)} fois "
            f"par mois d'ouverture{seen.since(w)} ({w.count(seen.hits, 'time')} sur {months} mois "
            "cumulés), contre "
            f"{_often(w, seen.standing.norm.value)} fois chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a supply or a law that delayed the customers of this unit alone, "
            "or a unit that corrects its dates where others leave them wrong (CU104 looks for those). Ask "
            "before concluding.",
            "Ce qui pourrait l'infirmer : une pénurie ou une réglementation qui n'a retardé que les "
            "clients de cette unité, ou une unité qui corrige ses dates quand d'autres les laissent "
            "fausses (ce que cherche CU104). Interrogez l'unité avant de conclure.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down on what a close date rests (a step that the customer has agreed to), "
                    "and what is asked when it is put off for the third time.",
                    fr="Écrire sur quoi repose une date de clôture (une étape convenue avec le client), et "
                    "ce qui est demandé au troisième report.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Go through some of these opportunities with {unit}: what was known when each "
                        "date was set?",
                        f"Reprendre quelques-unes de ces opportunités avec {unit} : que savait-on au "
                        "moment de fixer chaque date ?",
                    )
                ),
            ),
        )


def _often(w: Wording, value: float) -> str:
    return w.number(value, 2 if value < 1 else 1)


def _exposure(part: History) -> tuple[Int64, Int64, Int64]:
    """For each case and month in which it was open: the case, the month, and how many days."""
    index = part.index
    begins = index.created
    ends = np.minimum(np.where(index.closed == NEVER, index.as_of, index.closed), index.as_of)
    some = np.flatnonzero(ends > begins)
    first, last = months_of(begins[some]).astype(np.int64), months_of(ends[some]).astype(np.int64)
    count = last - first + 1
    case = np.repeat(some, count)
    month = np.repeat(first, count) + np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    opens = _midnight(month)
    closes = _midnight(month + 1)
    span = np.minimum(ends[case], closes) - np.maximum(begins[case], opens)
    # A day at least for the whole of it: what is closed at once was open, too.
    length = (span + _DAY // 2) // _DAY
    return case, month, np.where(count[np.searchsorted(some, case)] == 1, np.maximum(length, 1), length)


def _midnight(month: Int64) -> Int64:
    instants: Int64 = month.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    return instants
