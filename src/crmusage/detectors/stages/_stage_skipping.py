from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._changes import stranger
from crmusage.detectors._deals import REASONS
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

CLOSING = dt.timedelta(days=1)
"""A change of stage so shortly before closing, or after it, is the closing itself: what is skipped by an order
that comes in is not judged here (CU112 looks at deals that are entered late). Guessed."""

_MINUTE = 60_000_000


@attrs.frozen
class StageSkipping(AgainstPeers):
    """Stages that are skipped, or walked back."""

    code: ClassVar[str] = "CU111"
    name: ClassVar[str] = "stage-skipping"
    title: ClassVar[Text] = said(
        en="Opportunities that leave out stages or go back",
        fr="Opportunités qui sautent des étapes ou reviennent en arrière",
    )
    short: ClassVar[Text] = said(
        en="stages skipped or walked back", fr="étapes sautées ou parcourues à rebours"
    )
    measure: ClassVar[str] = "out_of_order"
    label: ClassVar[Text] = said(
        en="opportunities that skip a stage or go back", fr="opportunités qui sautent une étape ou reculent"
    )
    things: ClassVar[Text] = said(
        en="opportunities that changed stage", fr="opportunités ayant changé d'étape"
    )
    about: ClassVar[Text] = said(
        en="Conversion from stage to stage, and every forecast that rests on it, needs stages that are "
        "gone through one after the other. Of each unit's opportunities that changed stage before closing, "
        "those are counted that went forward by more than one stage at once, or back, by the order that "
        "the vocabulary gives. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and half as "
        "much again, with at least 30 opportunities, since the month in which it rose if it did. Moves by "
        "programs (a quoting tool), imports, merges, mass updates of other people's records, and the "
        "closing itself do not count. Opportunities that are entered in a later stage skip nothing.",
        fr="Les taux de passage d'une étape à l'autre, et toute prévision qui s'y appuie, supposent des "
        "étapes parcourues l'une après l'autre. Parmi les opportunités de chaque unité qui ont changé "
        "d'étape avant leur clôture, on compte celles qui ont avancé de plus d'une étape à la fois, ou "
        "reculé, selon l'ordre donné par le vocabulaire. Une unité est signalée lorsque sa part dépasse "
        "nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), "
        "d'au moins 10 points et de moitié en plus, sur au moins 30 opportunités, depuis le mois où elle a "
        "augmenté le cas échéant. Ne comptent ni les passages dus à un automate (un outil de devis), à une "
        "importation ou à une fusion, ni les mises à jour en masse des fiches d'autrui, ni la clôture "
        "elle-même. Une opportunité créée à une étape avancée ne saute rien.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ("old", "new"), "vocabulary": ("order",)},
        activities=("stage_changed",),
        complete=("events.stage",),
        kind="opportunity",
    )

    def tally(self, part: History) -> Tally:
        """The opportunities of a part that changed stage, and those that skipped one or went back."""
        index = part.index
        order = _order(part)
        every = guard.positions(part, "stage_changed")
        known = np.array([old in order and new in order for old, new in _moves(part, every)], dtype=np.bool_)
        before_closing = index.at[every] < index.closed[index.case[every]] - CLOSING // dt.timedelta(
            microseconds=1
        )
        at = every[known & before_closing] if len(every) else every
        step = np.array([order[new] - order[old] for old, new in _moves(part, at)], dtype=np.int64)
        why = guard.of_events(part, at)
        by_hand = why == guard.KEPT
        case = index.case[at]
        skipped, back, moved = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(3))
        moved[case[by_hand]] = 1
        skipped[case[by_hand & (step > 1)]] = 1
        back[case[by_hand & (step < 0)]] = 1
        month, who, minute = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(3))
        odd = by_hand & ((step > 1) | (step < 0))
        first = at[by_hand][::-1]
        # The month of its first move; and whether its last odd move was one of a mass update.
        month[index.case[first]] = months_of(index.at[first])
        who[case[odd]], minute[case[odd]] = stranger(part, at[odd]), index.at[at[odd]] // _MINUTE
        rows = np.flatnonzero(moved)
        others = np.flatnonzero(~by_hand & (step != 1))
        none = np.zeros(len(others), dtype=np.int64)
        return tally_items(
            part,
            case=np.concatenate([rows, case[others]]),
            month=np.concatenate([month[rows], months_of(index.at[at[others]])]),
            hits=np.concatenate([np.maximum(skipped, back)[rows], none]),
            n=np.concatenate([moved[rows], none]),
            reason=np.concatenate([guard.of_cases(part)[rows], why[others]]).astype(np.int32),
            reasons=REASONS,
            extra={
                "skipped": np.concatenate([skipped[rows], none]),
                "back": np.concatenate([back[rows], none]),
            },
            done=(np.concatenate([who[rows], none]), np.concatenate([minute[rows], none])),
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        skipped, back = seen.sums["skipped"], seen.sums["back"]
        return w.pick(
            f"{seen.unit}: of the opportunities that changed stage{seen.since(w)}, {seen.value(w)} did "
            "it out of order "
            f"({w.number(seen.hits)} of {w.number(seen.n)}: {w.number(skipped)} skipped a stage, "
            f"{w.number(back)} "
            f"went back); among its peers {seen.usual(w)} did.",
            f"{seen.unit} : parmi les opportunités ayant changé d'étape{seen.since(w)}, {seen.value(w)} "
            "l'ont fait "
            f"hors de l'ordre prévu ({w.number(seen.hits)} sur {w.number(seen.n)} : {w.number(skipped)} "
            "avec une "
            f"étape sautée, {w.number(back)} avec un retour en arrière), contre {seen.usual(w)} chez ses "
            "pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that sells by another process with fewer stages. If it "
            "always leaves out the same stage and sells well, that is no fault but a process to write "
            "down.",
            "Ce qui pourrait l'infirmer : une unité qui vend selon un autre processus, plus court. Si elle "
            "laisse toujours de côté la même étape et vend bien, ce n'est pas une faute mais un processus "
            "à écrire.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} which stages mean something in its sales, and give it a process of "
                        "its own if some do not.",
                        f"Demander à {unit} quelles étapes ont un sens dans ses ventes, et lui donner un "
                        "processus propre si certaines n'en ont pas.",
                    )
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Show {unit} by what a stage is recognised, on cases of its own.",
                        f"Montrer à {unit} à quoi se reconnaît chaque étape, sur ses propres dossiers.",
                    )
                ),
            ),
        )


def _order(part: History) -> dict[str, int]:
    """The place of each stage of an opportunity, as the vocabulary orders them: 0 is the first."""
    rows = part.vocabulary.select("entity", "field", "raw", "order").to_dicts()
    of_stages = [row for row in rows if row["field"] == "stage" and row["order"] is not None]
    wanted = [row for row in of_stages if row["entity"] == "opportunity"] or of_stages
    places = {order: place for place, order in enumerate(sorted({row["order"] for row in wanted}))}
    return {row["raw"]: places[row["order"]] for row in wanted}


def _moves(part: History, at: npt.NDArray[np.integer[Any]]) -> list[tuple[str, str]]:
    old, new = (part.events[name].gather(at).to_list() for name in ("old", "new"))
    return list(zip(old, new, strict=True))
