from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._hands import is_request
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

GRACE = dt.timedelta(days=3)
"""What was done may be written down so long after it was done; younger requests are not looked at. Guessed."""

FEWEST_WORDS = 3
"""Fewer words (`done`, `OK, closed`) tell nobody what was done. Guessed."""

SAME_WORDS, SAME_REQUESTS, SAME_SHARE = 6, 10, 0.2
"""A text of fewer than six words that stands under ten requests of a unit or more, and under a fifth of them, is a
formula. Longer ones may be a procedure that was followed. Guessed."""

_NOTES = ("documented", "fulfilled", "closed", "returned")


@attrs.frozen
class Notes:
    """The fulfilled requests of a part of a history, and what was written under them."""

    items: Tally
    texts: Counts
    """By unit and month: the number of words (of at most `SAME_WORDS`), and a number for the text."""

    def merge(self, other: Notes) -> Notes:
        """Both together."""
        return Notes(self.items.merge(other.items), self.texts.merge(other.texts))


@attrs.frozen
class UndocumentedFulfilment(AgainstPeers):
    """Requests that are fulfilled, with nothing to tell how."""

    code: ClassVar[str] = "CU406"
    name: ClassVar[str] = "undocumented-fulfilment"
    title: ClassVar[Text] = said(
        en="Requests fulfilled without a word on what was done",
        fr="Demandes satisfaites sans un mot sur ce qui a été fait",
    )
    short: ClassVar[Text] = said(
        en="nothing written on what was done", fr="rien d'écrit sur ce qui a été fait"
    )
    measure: ClassVar[str] = "undocumented"
    label: ClassVar[Text] = said(
        en="fulfilled requests that tell nothing of what was done",
        fr="demandes satisfaites qui ne disent rien du travail fait",
    )
    things: ClassVar[Text] = said(en="fulfilled requests", fr="demandes satisfaites")
    about: ClassVar[Text] = said(
        en="What was done for a request is knowledge for the next one, if it is written down. Of the "
        "requests that each unit "
        "fulfilled, those are counted under which nothing is written: neither a documented event, nor words "
        "at fulfilling, "
        "giving back or closing. Where the source has the words (a column `text` of the events), those of "
        "fewer than three "
        "words count too, and formulas: one short text under ten requests and a fifth of the unit's. A unit "
        "is named when "
        "its share is far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the "
        "units), by at least 10 "
        "points and half as much again, with at least 30 fulfilled requests, since the month in which it "
        "rose if it did. "
        "Requests fulfilled less than three days ago are left out, and so are those fulfilled or made by a "
        "program, imported, "
        "merged or deleted ones. Longer texts that repeat are taken for a procedure that was followed. "
        "Whether the words are "
        "good nobody but a reader can tell.",
        fr="Ce qui a été fait pour une demande sert à la suivante, si c'est écrit. Parmi les demandes "
        "satisfaites par chaque "
        "unité, on compte celles sous lesquelles rien n'est écrit : ni événement documented, ni texte en la "
        "satisfaisant, en "
        "la rendant ou en la clôturant. Lorsque la source donne les textes (colonne `text` des événements), "
        "ceux de moins de "
        "trois mots comptent aussi, de même que les formules : un même texte court sous dix demandes et un "
        "cinquième de "
        "celles de l'unité. Une unité est signalée lorsque sa part dépasse nettement celle de ses pairs "
        "(entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur "
        "au moins 30 "
        "demandes satisfaites, depuis le mois où elle a augmenté le cas échéant. Sont écartées les demandes "
        "satisfaites "
        "depuis moins de trois jours, celles satisfaites ou créées par un automate, importées, fusionnées "
        "ou supprimées. Un "
        "texte plus long qui se répète est tenu pour une procédure suivie. Seul un lecteur peut dire si les "
        "mots sont bons.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ()}, activities=("fulfilled", "documented"), kind="request"
    )

    def tally(self, part: History) -> Notes:
        """The fulfilled requests of a part, and what was written under them."""
        index = part.index
        at = guard.positions(part, "fulfilled").astype(np.int64)
        at = at[is_request(part)[index.case[at]]]
        done = np.full(index.n_cases, -1, dtype=np.int64)
        done[index.case[at]] = at
        rows = np.flatnonzero(done >= 0)
        rows = rows[index.at[done[rows]] <= index.as_of - GRACE // dt.timedelta(microseconds=1)]
        words, text = _written(part)
        noted = np.zeros(index.n_cases, dtype=bool)
        noted[index.case[guard.positions(part, "documented")]] = True
        of_case = guard.of_cases(part)[rows]
        why = np.where(of_case == guard.KEPT, guard.of_events(part, done[rows]), of_case).astype(np.int32)
        month = months_of(index.at[done[rows]]).astype(np.int64)
        items = tally_items(
            part,
            case=rows,
            month=month,
            hits=(~noted & (words == 0))[rows].astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=why,
            reasons=REASONS,
        )
        some = (why == guard.KEPT) & (noted | (words > 0))[rows]
        texts = Counts.of(
            keys={
                "unit": (index.case_unit[rows[some]], index.units),
                "month": month[some],
                "words": words[rows[some]],
                "text": text[rows[some]],
            },
            sums={"n": None},
        )
        return Notes(items, texts)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out; where the source has words, with those that tell nothing."""
        notes: Notes = tally
        grid = Grid.of(notes.items)
        columns = {name: notes.texts.column(name) for name in ("unit", "month", "words", "text", "n")}
        hits, short, formula = grid.sums["hits"].copy(), *(np.zeros_like(grid.sums["n"]) for _ in range(2))
        if (columns["words"] > 0).any():
            row_of = {name: row for row, name in enumerate(grid.units)}
            row = np.array([row_of.get(unit, len(grid.units)) for unit in columns["unit"]], dtype=np.int64)
            place = (row, columns["month"] - grid.months[0])
            bare = columns["words"] < FEWEST_WORDS
            same = ~bare & (columns["words"] < SAME_WORDS) & _repeated(row, columns["text"], columns["n"])
            np.add.at(short, place, np.where(bare, columns["n"], 0))
            np.add.at(formula, place, np.where(same, columns["n"], 0))
        sums = {
            **grid.sums,
            "nothing": hits,
            "hits": hits + short + formula,
            "short": short,
            "formula": formula,
        }
        return attrs.evolve(grid, sums=sums)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        nothing, short, formula = (w.number(seen.sums[name]) for name in ("nothing", "short", "formula"))
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the requests fulfilled{seen.since(w)} tell nothing of what "
            "was done "
            f"({w.number(seen.hits)} of {w.number(seen.n)}: {nothing} without a word, {short} with one or "
            f"two, {formula} "
            f"with a formula); among its peers {seen.usual(w)}.",
            f"{seen.unit} : {seen.value(w)} des demandes satisfaites{seen.since(w)} ne disent rien de ce "
            "qui a été fait "
            f"({w.number(seen.hits)} sur {w.number(seen.n)} : {nothing} sans un mot, {short} avec un ou "
            f"deux, {formula} avec "
            f"une formule), contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that writes in another place, such as a mail to the asker "
            "or a tool of its "
            "own, or whose requests are so plain that there is nothing to tell. Ask where one would look it "
            "up.",
            "Ce qui pourrait l'infirmer : une unité qui écrit ailleurs, par exemple dans un courriel au "
            "demandeur ou son "
            "propre outil, ou dont les demandes sont si simples qu'il n'y a rien à dire. Demandez où on le "
            "retrouverait.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Say what a documented request tells in two sentences: what was wrong, and what set "
                    "it right.",
                    fr="Dire ce que contient une demande documentée, en deux phrases : ce qui n'allait pas, "
                    "et ce qui l'a "
                    "réglé.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Let {unit} answer a request from what others wrote, and then from what it wrote "
                        "itself.",
                        f"Faire traiter à {unit} une demande à partir de ce que d'autres ont écrit, puis de "
                        "ses propres "
                        "écrits.",
                    )
                ),
            ),
        )


def _written(part: History) -> tuple[Int64, Int64]:
    """The longest words written under each request: how many (of at most `SAME_WORDS`), and a number for the text."""
    index = part.index
    words, number = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
    if "text" not in part.events.columns:
        return words, number
    at = guard.positions(part, *_NOTES).astype(np.int64)
    for case, text in zip(index.case[at].tolist(), part.events["text"].gather(at).to_list(), strict=True):
        told = [] if text is None else str(text).casefold().split()
        if told and min(len(told), SAME_WORDS) >= words[case]:
            words[case] = min(len(told), SAME_WORDS)
            digest = hashlib.blake2b(" ".join(told).encode(), digest_size=8).digest()
            number[case] = int.from_bytes(digest, signed=True)
    return words, np.where(words < SAME_WORDS, number, 0)


def _repeated(row: Int64, text: Int64, n: Int64) -> Any:
    """Which texts stand under so many requests of a unit that they are a formula."""
    of_text: dict[tuple[int, int], int] = {}
    of_unit: dict[int, int] = {}
    listed = list(zip(row.tolist(), text.tolist(), n.tolist(), strict=True))
    for unit, one, count in listed:
        of_text[unit, one] = of_text.get((unit, one), 0) + count
        of_unit[unit] = of_unit.get(unit, 0) + count
    return np.array(
        [
            of_text[unit, one] >= SAME_REQUESTS and of_text[unit, one] >= SAME_SHARE * of_unit[unit]
            for unit, one, _ in listed
        ],
        dtype=bool,
    )
