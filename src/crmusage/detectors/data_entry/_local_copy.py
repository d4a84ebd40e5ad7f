from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._deals import REASONS, SAMPLE, Bool, Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._words import both, said
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

BULK = 20
"""Changes that a unit imports in a day from which a file lies behind them, not a hand. Guessed."""

MASS = 15
"""Changes that a unit enters within an hour, each more than a day after it happened: a list is copied. Guessed."""

LATE = dt.timedelta(days=1)
"""So long after it happened a change is entered late. Guessed."""

MONTHS, PART = 3, 0.25
"""Months in which it must have happened, and the part of the unit's months: once is a migration. Guessed."""

_ORDINARY, _IMPORTED, _LATE_ONE, _EXPORT = range(4)
_DAY, _HOUR = 86_400_000_000, 3_600_000_000


@attrs.frozen
class Copies:
    """How the changes of a part of a history came in."""

    changes: Counts
    """By sort of case, unit, sort of change, and the day (imported) or hour (late) in which it came in."""
    examples: Mapping[tuple[str, int], tuple[str, ...]]
    """Cases with imported or late changes, by unit and month."""

    def merge(self, other: Copies) -> Copies:
        """Both together."""
        examples = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())})[:SAMPLE])
            for key in sorted({*self.examples, *other.examples})
        }
        return Copies(self.changes.merge(other.changes), examples)


@attrs.frozen
class LocalCopy(AgainstPeers):
    """Work that is kept in files outside, and copied into the CRM in bulk."""

    code: ClassVar[str] = "CU312"
    name: ClassVar[str] = "local-copy"
    title: ClassVar[Text] = said(
        en="Work kept in a copy outside the CRM", fr="Un travail tenu dans une copie hors du CRM"
    )
    short: ClassVar[Text] = said(
        en="signs of a copy kept outside the CRM", fr="indices d'une copie tenue hors du CRM"
    )
    measure: ClassVar[str] = "brought_in_bulk"
    label: ClassVar[Text] = said(en="changes brought in by bulk", fr="modifications apportées en masse")
    things: ClassVar[Text] = said(en="changes", fr="modifications")
    about: ClassVar[Text] = said(
        en="A team whose truth lives in a spreadsheet brings it into the CRM now and then, in bulk, and everybody else "
        "reads what was true before. Of each unit's changes those are counted that people imported, at least 20 on one "
        "day, and those entered within an hour with at least 15 others that had all happened more than a day before "
        "(`recorded_at` against `at`). A unit is named when its share is far above that of its peers (over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 100 "
        "changes, since the month in which it rose if it did; and when it happened in at least three months and a "
        "quarter of the unit's months, none of which has more than half of it: a migration happens once. How often it "
        "exported (activity `exported`) is told beside, and proves nothing by itself. What programs and integration "
        "users bring in, cascades and merges are left out first; a few visits that are entered in the evening are no "
        "bulk. Where the source tells neither where changes came from nor when they were recorded, it cannot show it.",
        fr="Une équipe dont la vérité est dans un tableur la verse parfois dans le CRM, en masse ; les autres "
        "lisent ce qui était vrai avant. Parmi les modifications de chaque unité, on compte celles que des personnes "
        "ont importées, au moins 20 le même jour, et celles saisies dans la même heure que 15 autres au moins, toutes "
        "survenues plus d'un jour auparavant (`recorded_at` comparé à `at`). Une unité est signalée lorsque sa part "
        "dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au "
        "moins 10 points et de moitié en plus, sur au moins 100 modifications, depuis le mois où elle a augmenté le "
        "cas échéant ; et lorsque cela s'est produit dans au moins trois mois et un quart des mois de l'unité, aucun "
        "n'en réunissant plus de la moitié : une migration n'a lieu qu'une fois. Le nombre d'exports (activité "
        "`exported`) est indiqué à côté, et ne prouve rien à lui seul. Ce qu'apportent les automates et les comptes "
        "d'intégration, les ricochets et les fusions sont d'abord écartés ; quelques visites saisies le soir ne sont "
        "pas une saisie en masse. Si la source ne dit ni d'où viennent les modifications ni quand elles ont été "
        "saisies, elle ne peut pas le montrer.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",), "events": ()})
    witness: ClassVar[tuple[str, Text]] = (
        "shown",
        said(
            en="the data tell neither where its changes came from nor when they were recorded",
            fr="les données ne disent ni d'où viennent ses modifications ni quand elles ont été saisies",
        ),
    )
    fewest: ClassVar[int] = 100

    def tally(self, part: History) -> Copies:
        """The changes of a part by how they came in."""
        index = part.index
        every = np.arange(index.n_events)
        reason = guard.of_events(part, every)
        told = part.events["recorded_at"].to_physical()
        late = told.fill_null(0).to_numpy().astype(np.int64) - index.at > LATE // dt.timedelta(microseconds=1)
        recorded = np.where(late, told.fill_null(0).to_numpy().astype(np.int64), index.at)
        imported = (reason == REASONS.index("import")) & ~_by_machine(part)
        known = part.events["origin"].is_not_null().to_numpy() | told.is_not_null().to_numpy()
        sort = np.where(imported, _IMPORTED, np.where(late & (reason == guard.KEPT), _LATE_ONE, _ORDINARY))
        sort[guard.positions(part, "exported")] = _EXPORT
        slot = np.where(
            sort == _IMPORTED, recorded // _DAY, np.where(sort == _LATE_ONE, recorded // _HOUR, 0)
        )
        month = months_of(recorded).astype(np.int64)
        why = np.where(imported, guard.KEPT, reason).astype(np.int64)
        changes = Counts.of(
            keys={
                "deal": guard.is_deal(part)[index.case].astype(np.int64),
                "unit": (index.unit, index.units),
                "month": month,
                "reason": (why, REASONS),
                "sort": sort,
                "slot": slot,
            },
            sums={"n": None, "shown": known.astype(np.int64)},
        )
        odd = np.flatnonzero((sort == _IMPORTED) | (sort == _LATE_ONE))
        found: dict[tuple[str, int], set[str]] = {}
        ids = part.cases["case_id"].gather(index.case[odd]).to_list()
        for unit, when, case_id in zip(index.unit[odd].tolist(), month[odd].tolist(), ids, strict=True):
            if unit >= 0:
                found.setdefault((index.units[unit], when), set()).add(case_id)
        return Copies(changes, {key: tuple(sorted(some)[:SAMPLE]) for key, some in sorted(found.items())})

    def lay(self, tally: Any) -> Grid:
        """The changes laid out, with those that came in with many others."""
        copies: Copies = tally
        columns = {name: copies.changes.column(name) for name in (*copies.changes.keys, *copies.changes.sums)}
        if (columns["deal"] == 1).any():
            columns = {name: values[columns["deal"] == 1] for name, values in columns.items()}
        units = tuple(sorted({one for one in columns["unit"] if one is not None}))
        row_of = {name: row for row, name in enumerate(units)}
        row = np.array([row_of.get(unit, len(units)) for unit in columns["unit"]], dtype=np.int64)
        month = columns["month"]
        first, end = (int(month.min()), int(month.max()) + 1) if len(month) else (0, 0)
        kept = np.array([reason is None for reason in columns["reason"]], dtype=bool)
        together = _together(row, columns["sort"], columns["slot"], np.where(kept, columns["n"], 0))
        imported = kept & (columns["sort"] == _IMPORTED) & (together >= BULK)
        late = kept & (columns["sort"] == _LATE_ONE) & (together >= MASS)
        change = kept & (columns["sort"] != _EXPORT)
        sums: dict[str, Int64] = {}
        for name, use, value in (
            ("n", change, columns["n"]),
            ("hits", imported | late, columns["n"]),
            ("imported", imported, columns["n"]),
            ("late", late, columns["n"]),
            ("exports", kept & ~change, columns["n"]),
            ("shown", change, columns["shown"]),
        ):
            sums[name] = np.zeros((len(units) + 1, end - first), dtype=np.int64)
            np.add.at(sums[name], (row[use], month[use] - first), value[use])
        left_out: dict[str, Int64] = {}
        for reason in sorted({*columns["reason"][~kept]}):
            these = columns["reason"] == reason
            left_out[reason] = np.zeros(len(units) + 1, dtype=np.int64)
            np.add.at(left_out[reason], row[these], columns["n"][these])
        return Grid(units, np.arange(first, end), sums, left_out, {}, copies.examples)

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """It comes back month after month, and is no migration."""
        del context
        use = np.ones(len(grid.months), dtype=bool) if months is None else months
        hits, n = grid.sums["hits"][unit][use], grid.sums["n"][unit][use]
        often = int((hits > 0).sum())
        return often >= MONTHS and often >= PART * int((n > 0).sum()) and 2 * hits.max() <= hits.sum()

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why changes were left out, in words."""
        return OF_CHANGES

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        imported, late = seen.sums["imported"], seen.sums["late"]
        text = w.pick(
            f"{seen.unit}: {seen.value(w)} of its changes{seen.since(w)} came in by bulk ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}: {w.number(imported)} imported by people, {w.number(late)} entered together with "
            "others long after the fact); "
            f"among its peers {seen.usual(w)}.",
            f"{seen.unit} : {seen.value(w)} de ses modifications{seen.since(w)} sont arrivées en masse "
            f"({w.number(seen.hits)} sur {w.number(seen.n)} : {w.number(imported)} "
            f"{w.agree(imported, 'importée', 'importées')} par des personnes, {w.number(late)} "
            f"{w.agree(late, 'saisie', 'saisies')} avec d'autres longtemps après les faits), contre "
            f"{seen.usual(w)} chez ses pairs.",
        )
        if not seen.sums["exports"]:
            return text
        exports = w.count(seen.sums["exports"], "time")
        return text + w.pick(f" It exported {exports}.", f" Elle a exporté {exports}.")

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a partner or a fair that delivers lists every month, for which an import is "
            "the right way. Ask where the lists come from, and what is done with them in between.",
            "Ce qui pourrait l'infirmer : un partenaire ou un salon qui livre des listes chaque mois, pour lesquelles "
            "l'import est le bon moyen. Demandez d'où viennent les listes, et ce qu'on en fait entre-temps.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Have {unit} show its file: what it can do that the CRM cannot is the list of what to mend.",
                        f"Se faire montrer le fichier de {unit} : ce qu'il permet et que le CRM ne permet pas est la "
                        "liste de ce qu'il faut améliorer.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Say which record is the reference, and from when on the copy is no longer kept.",
                    fr="Dire quelle fiche fait référence, et à partir de quand la copie n'est plus tenue.",
                ),
            ),
        )


def _together(row: Int64, sort: Int64, slot: Int64, n: Int64) -> Int64:
    """For each entry, how many changes of the same unit came in by the same way at the same time."""
    if not len(row):
        return row
    _, group = np.unique(np.stack([row, sort, slot]), axis=1, return_inverse=True)
    total = np.zeros(int(group.max()) + 1, dtype=np.int64)
    np.add.at(total, group.reshape(-1), n)
    found: Int64 = total[group.reshape(-1)]
    return found


def _by_machine(part: History) -> Bool:
    """Which events a program recorded, as far as `people` tells."""
    machines = part.people["person_id"].filter((part.people["is_human"] == False).fill_null(False))  # noqa: E712 - a column
    found: Bool = part.events["actor"].is_in(machines.implode()).fill_null(False).to_numpy().astype(bool)
    return found
