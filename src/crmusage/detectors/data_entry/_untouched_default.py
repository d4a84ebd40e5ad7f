from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.data_entry._fields import defaults
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

FEWEST_FIELDS = 2
"""Picklists with a default that a record must have filled in: one alone may be left as it is because it is right."""

MOST_FIELDS = 3
"""Fields that are named, the worst first."""

_MINUTE = 60_000_000


@attrs.frozen
class UntouchedDefault(AgainstPeers):
    """Picklists that are left as the form proposes them."""

    code: ClassVar[str] = "CU302"
    name: ClassVar[str] = "untouched-default"
    title: ClassVar[Text] = said(
        en="Picklists left as the form proposes them",
        fr="Des listes de choix laissées sur la valeur proposée",
    )
    short: ClassVar[Text] = said(
        en="picklists left at their default", fr="listes laissées sur leur valeur par défaut"
    )
    measure: ClassVar[str] = "untouched_records"
    label: ClassVar[Text] = said(
        en="records with most picklists left at their default",
        fr="fiches dont la plupart des listes sont restées par défaut",
    )
    things: ClassVar[Text] = said(
        en="records with several picklists that have a default",
        fr="fiches comportant plusieurs listes avec une valeur par défaut",
    )
    about: ClassVar[Text] = said(
        en="A picklist that opens on a value gets that value from everybody in a hurry, and the report counts it "
        "as an answer. Of each unit's records those are counted in which more than half of the filled "
        "picklists that have a default (`is_default` in the vocabulary) still hold it and were never changed "
        "(events with that `field`). Records with fewer than two such picklists are not looked at: one value "
        "alone may be the right one, as for a unit that serves one market; and more than one must be left "
        "alone more often than elsewhere. A unit is named when its share is far above that of its peers "
        "(over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much "
        "again, with at least 30 records, since the month in which it rose if it did. Stages are no such "
        "picklists: they begin at their first value by right. Imported, merged, deleted and programs' records "
        "and bulk loads are left out first.",
        fr="Une liste de choix qui s'ouvre sur une valeur reçoit cette valeur de tous ceux qui sont pressés, et "
        "le rapport la compte comme une réponse. Parmi les fiches de chaque unité, on compte celles où plus de "
        "la moitié des listes remplies qui ont une valeur par défaut (`is_default` dans le vocabulaire) la "
        "portent encore, sans avoir jamais été modifiées (événements sur ce champ). Les fiches avec moins de "
        "deux listes de ce genre ne sont pas examinées : une valeur isolée peut être la bonne, par exemple "
        "pour une unité tournée vers un seul marché ; et plus d'une liste doit être laissée plus souvent "
        "qu'ailleurs. Une unité est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir "
        "avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, "
        "sur au moins 30 fiches, depuis le mois où elle a augmenté le cas échéant. Les étapes n'en font pas "
        "partie : elles commencent légitimement par la première. Les fiches importées, fusionnées, supprimées "
        "ou créées par un automate et les chargements en masse sont d'abord écartés.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",), "vocabulary": ("is_default",)})

    def tally(self, part: History) -> Tally:
        """The records of a part with several picklists, and those in which most were left alone."""
        index = part.index
        proposed = defaults(part)
        filled, left = (np.zeros(index.n_cases, dtype=np.int64) for _ in range(2))
        of_field: dict[str, Int64] = {}
        for name, values in proposed.items():
            there = part.cases[name].is_not_null().to_numpy()
            texts = part.cases[name].cast(str)
            still = texts.is_in(sorted(values)).fill_null(False).to_numpy() & ~_touched(part, name)
            filled += there
            left += still
            of_field[f"h:{name}"] = still.astype(np.int64)
            of_field[f"n:{name}"] = there.astype(np.int64)
        rows = np.flatnonzero(filled >= FEWEST_FIELDS)
        most = 2 * left[rows] > filled[rows]
        return tally_items(
            part,
            case=rows,
            month=months_of(index.created[rows]).astype(np.int64),
            hits=most.astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=guard.of_cases(part)[rows],
            reasons=REASONS,
            extra={name: values[rows] for name, values in of_field.items()},
            done=(creators(part)[0][rows], index.created[rows] // _MINUTE),
        )

    def judge(self, tally: Any, context: Context) -> Judgement:
        """Which units stand out; nothing where no two picklists have a default."""
        if sum(name.startswith("h:") for name in tally.cells.sums) < FEWEST_FIELDS:
            return Judgement.not_assessable(
                self.code,
                said(
                    en="fewer than two picklists have a default: of one alone nobody can tell whether it is right",
                    fr="moins de deux listes ont une valeur par défaut : seule, elle peut être juste",
                ),
            )
        return super().judge(tally, context)

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """More than one of its picklists is left alone more often than elsewhere: one value alone may be right."""
        del context
        others = np.arange(len(grid.units) + 1) != unit
        use = np.ones(len(grid.months), dtype=bool) if months is None else months
        apart = 0
        for name in (key.removeprefix("h:") for key in grid.sums if key.startswith("h:")):
            left, filled = (grid.sums[f"{key}:{name}"][:, use] for key in ("h", "n"))
            if filled[unit].sum() and filled[others].sum():
                usual = left[others].sum() / filled[others].sum()
                apart += left[unit].sum() / filled[unit].sum() >= usual + self.apart
        return apart >= FEWEST_FIELDS

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        worst = sorted(
            (-n, key.removeprefix("h:")) for key, n in seen.sums.items() if key.startswith("h:") and n
        )
        named = ", ".join(f"{name} ({w.number(-n)})" for n, name in worst[:MOST_FIELDS])
        return w.pick(
            f"{seen.unit}: in {seen.value(w)} of the records made{seen.since(w)} most picklists stand as the form "
            f"proposed them ({w.number(seen.hits)} of {w.number(seen.n)}); among its peers in {seen.usual(w)}. Left "
            f"alone most often: {named}.",
            f"{seen.unit} : dans {seen.value(w)} des fiches créées{seen.since(w)}, la plupart des listes sont restées "
            f"sur la valeur proposée ({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} chez ses "
            f"pairs. Listes concernées : {named}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: defaults that were set for this very unit, because they are what it needs. "
            "Compare some records with what the customer's file says.",
            "Ce qui pourrait l'infirmer : des valeurs par défaut choisies justement pour cette unité, parce qu'elles "
            "lui conviennent. Comparez quelques fiches avec le dossier du client.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Let picklists open empty, or on an answer that says that nobody has answered yet.",
                    fr="Ouvrir les listes vides, ou sur une valeur qui dit que personne n'a encore répondu.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Go through the picklists with {unit}: what is each for, and which choice is missing from it?",
                        f"Passer les listes en revue avec {unit} : à quoi sert chacune, et quel choix y manque ?",
                    )
                ),
            ),
        )


def _touched(part: History, field: str) -> Any:
    """In which cases a person changed a field after it was first filled in."""
    at = np.flatnonzero((part.events["field"] == field).fill_null(False).to_numpy())
    found = np.zeros(part.index.n_cases, dtype=bool)
    found[part.index.case[at[guard.of_events(part, at) == guard.KEPT]]] = True
    return found
