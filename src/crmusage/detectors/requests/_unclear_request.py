from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import REASONS, Bool, creators
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._askers import asker_units
from crmusage.detectors.requests._hands import counted_for, is_request
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

MORE = 1.5
"""Asked back so many times as often as the same doers ask others: else it is the doers who ask much. Guessed."""

_MINUTE = 60_000_000
_FINE = 1_000_000
"""Expected numbers are added up in millionths, as whole numbers."""


@attrs.frozen
class Questions:
    """The requests of a part of a history by who asked for them, and whom they were put to."""

    items: Tally
    pairs: Counts
    """By month, unit of the asker and unit of the doer: requests, and those that were asked back."""

    def merge(self, other: Questions) -> Questions:
        """Both together."""
        return Questions(self.items.merge(other.items), self.pairs.merge(other.pairs))


@attrs.frozen
class UnclearRequest(AgainstPeers):
    """Requests that must be asked back for details."""

    code: ClassVar[str] = "CU408"
    name: ClassVar[str] = "unclear-request"
    title: ClassVar[Text] = said(
        en="Requests that must be asked back for details", fr="Demandes qui appellent une question en retour"
    )
    short: ClassVar[Text] = said(en="requests that are not clear", fr="demandes peu claires")
    measure: ClassVar[str] = "asked_back"
    label: ClassVar[Text] = said(
        en="requests that were asked back for details", fr="demandes ayant appelé une question en retour"
    )
    things: ClassVar[Text] = said(en="requests asked for", fr="demandes faites")
    about: ClassVar[Text] = said(
        en="A request that lacks what the doer must know goes back with a question, and everybody waits. Of "
        "the requests "
        "that each unit asked for (the unit of who submitted them, else of who created them), those are "
        "counted on which a "
        "person asked for details. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 30 "
        "requests, "
        "since the month in which it rose if it did; and when it was asked back at least half as often "
        "again as the same "
        "doers ask the others who turn to them: a desk that asks everybody says nothing of who asks it. "
        "Questions by "
        "programs do not count; requests made by a program, imported, merged or deleted ones and bulk loads "
        "are left out.",
        fr="Une demande à laquelle il manque de quoi la traiter revient avec une question, et "
        "tout le monde "
        "attend. Parmi les demandes faites par chaque unité (celle de qui les a soumises, sinon créées), on "
        "compte celles "
        "sur lesquelles une personne a demandé des précisions. Une unité est signalée lorsque sa part "
        "dépasse nettement "
        "celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins "
        "10 points et de "
        "moitié en plus, sur au moins 30 demandes, depuis le mois où elle a augmenté le cas échéant ; et "
        "lorsqu'elle a été "
        "interrogée au moins moitié plus souvent que les mêmes services n'interrogent les autres demandeurs "
        ": un service "
        "qui interroge tout le monde n'apprend rien sur ceux qui s'adressent à lui. Les questions d'un "
        "automate ne "
        "comptent pas ; les demandes créées par un automate, importées, fusionnées ou supprimées et les "
        "chargements en "
        "masse sont écartés.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ()}, activities=("clarification_asked",), kind="request"
    )

    def tally(self, part: History) -> Questions:
        """The requests of a part by the unit that asked, and those on which details were asked for."""
        index = part.index
        unit = asker_units(part)
        rows = np.flatnonzero(is_request(part))
        at = guard.positions(part, "clarification_asked")
        asked = np.zeros(index.n_cases, dtype=np.int64)
        asked[index.case[at[guard.of_events(part, at) == guard.KEPT]]] = 1
        month = months_of(index.created).astype(np.int64)
        reason = guard.of_cases(part)
        items = tally_items(
            counted_for(part, unit),
            case=rows,
            month=month[rows],
            hits=asked[rows],
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason[rows],
            reasons=REASONS,
            done=(creators(part)[0][rows], index.created[rows] // _MINUTE),
        )
        some = rows[reason[rows] == guard.KEPT]
        pairs = Counts.of(
            keys={
                "month": month[some],
                "asker": (unit[some], index.units),
                "doer": (index.case_unit[some], index.units),
            },
            sums={"n": None, "asked": asked[some]},
        )
        return Questions(items, pairs)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with how often the same doers would have asked anybody else."""
        questions: Questions = tally
        grid = Grid.of(questions.items)
        columns = {
            name: questions.pairs.column(name) for name in (*questions.pairs.keys, *questions.pairs.sums)
        }
        of_doer: dict[Any, list[int]] = {}
        of_pair: dict[Any, list[int]] = {}
        listed = list(zip(*(columns[name].tolist() for name in ("asker", "doer", "n", "asked")), strict=True))
        for asker, doer, n, asked in listed:
            for sums, key in ((of_doer, doer), (of_pair, (asker, doer))):
                some = sums.setdefault(key, [0, 0])
                some[0] += n
                some[1] += asked
        row_of = {name: row for row, name in enumerate(grid.units)}
        expected = np.zeros_like(grid.sums["n"])
        for (asker, doer, n, _), month in zip(listed, columns["month"].tolist(), strict=True):
            others, asked = (of_doer[doer][k] - of_pair[asker, doer][k] for k in range(2))
            # A doer whom nobody else asks would have asked anybody as often, for all that is known.
            rate = asked / others if others else of_pair[asker, doer][1] / of_pair[asker, doer][0]
            expected[row_of.get(asker, len(grid.units)), month - grid.months[0]] += round(n * rate * _FINE)
        return attrs.evolve(grid, sums={**grid.sums, "expected": expected})

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """It is asked back more often than the same doers ask others."""
        del context
        hits, expected = (int(grid.total(name, months)[unit]) for name in ("hits", "expected"))
        return hits >= MORE * expected / _FINE

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        usual = w.number(seen.sums["expected"] / _FINE)
        return w.pick(
            f"{seen.unit}: on {seen.value(w)} of the requests that it asked for{seen.since(w)} the doers "
            "had to ask for "
            f"details ({w.number(seen.hits)} of {w.number(seen.n)}); on those of its peers, "
            f"{seen.usual(w)}. The same doers "
            f"would have asked others about {usual} times.",
            f"{seen.unit} : sur {seen.value(w)} des demandes qu'elle a faites{seen.since(w)}, il a "
            "fallu demander "
            f"des précisions ({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} pour "
            "ses pairs. Les "
            f"mêmes services auraient interrogé d'autres demandeurs environ {usual} fois.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit with rarer requests, for which there is no form, or one "
            "whose askers are "
            "new. Read some of the questions: what was missing, and could the asker have known it?",
            "Ce qui pourrait l'infirmer : une unité aux demandes plus rares, sans formulaire prévu, ou dont "
            "les demandeurs "
            "sont nouveaux. Lisez quelques questions : que manquait-il, et le demandeur pouvait-il le "
            "savoir ?",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down for the kinds of request that are asked back most what each must tell, "
                    "and put it in the "
                    "form.",
                    fr="Écrire, pour les types de demandes les plus interrogés, ce que chacune doit dire, "
                    "et le mettre dans "
                    "le formulaire.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Go through some of the questions with {unit} and a doer at one table.",
                        f"Reprendre quelques-unes de ces questions avec {unit} et un service qui les reçoit, "
                        "autour d'une même table.",
                    )
                ),
            ),
        )
