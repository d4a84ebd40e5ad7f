"""What a deal's stage said of it while it could still go either way, and how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._changes import amounts
from crmusage.detectors._columns import Columns
from crmusage.detectors._deals import REASONS, SAMPLE, Bool, Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._silences import stages_at
from crmusage.history import NEVER, Counts, History, months_of

SO_FAR = 0.75
"""The part of a deal's life after which its stage is looked at: late enough to mean something, early enough for the
forecast to be made with it. Guessed."""

SHORTEST = dt.timedelta(days=14)
"""Deals of a shorter life have no forecast to speak of; CU112 looks at those that are entered late. "
"Guessed."""

CLEARLY = 1.25
"""A stage promises a win where the deals in it are won so many times as often as all are, and a loss where they are
won so many times less often; in between it says nothing. Guessed."""

_SUMS = ("n", "raised", "lowered")


@attrs.frozen
class Outlooks:
    """The decided deals of a part of a history, by the stage in which they stood."""

    counts: Counts
    examples: Mapping[tuple[str, int, str, int], tuple[str, ...]]
    """Ids by unit, month of closing, stage, and whether it was won."""

    def merge(self, other: Outlooks) -> Outlooks:
        """Both together."""
        examples = {
            key: tuple(sorted((*self.examples.get(key, ()), *other.examples.get(key, ())))[:SAMPLE])
            for key in sorted({*self.examples, *other.examples})
        }
        return Outlooks(self.counts.merge(other.counts), examples)


def tally_outlooks(part: History) -> Outlooks:
    """Add up decided deals by unit, month of closing, outcome, and the stage after three quarters of "
    "their life.
    """
    index = part.index
    won, lost = ((part.cases["outcome"] == word).fill_null(False).to_numpy() for word in ("won", "lost"))
    ended = index.closed != NEVER
    life = np.where(ended, index.closed - index.created, 0)
    case = np.flatnonzero((won | lost) & ended & (life >= SHORTEST // dt.timedelta(microseconds=1)))
    look = index.created[case] + (life[case] * SO_FAR).astype(np.int64)
    place = index.position_at(case.astype(np.int32), look).astype(np.int64) - 1
    stage, labels = stages_at(part, case, place)
    reason = guard.of_cases(part)[case]
    at = guard.positions(part, "stage_changed")
    by_program = np.zeros(index.n_cases, dtype=bool)
    by_program[index.case[at[guard.of_events(part, at) != guard.KEPT]]] = True
    reason[(reason == guard.KEPT) & by_program[case]] = REASONS.index("machine")
    raised, lowered = _changed_late(part)
    month = months_of(index.closed[case]).astype(np.int64)
    known = stage >= 0
    case, stage, reason, month = case[known], stage[known], reason[known], month[known]
    counts = Counts.of(
        keys={
            "deal": guard.is_deal(part)[case].astype(np.int64),
            "unit": (index.case_unit[case], index.units),
            "month": month,
            "stage": (stage, labels),
            "won": won[case].astype(np.int64),
            "reason": (reason, REASONS),
        },
        sums={"n": None, "raised": raised[case], "lowered": lowered[case]},
    )
    shown = np.flatnonzero((reason == guard.KEPT) & (index.case_unit[case] >= 0))
    found: dict[tuple[str, int, str, int], list[str]] = {}
    ids = part.cases["case_id"].gather(case[shown]).to_list()
    for row, case_id in zip(shown.tolist(), ids, strict=True):
        unit = index.units[index.case_unit[case[row]]]
        key = (unit, int(month[row]), labels[stage[row]], int(won[case[row]]))
        some = found.setdefault(key, [])
        if len(some) < SAMPLE:
            some.append(case_id)
    return Outlooks(counts, {key: tuple(found[key]) for key in sorted(found)})


def laid(outlooks: Outlooks, *, of_won: bool) -> Grid:
    """For each unit and month, how many of the won (or lost) deals stood in a stage that promised the opposite.

    What a stage promises is what the deals of all other units came to that stood in it: a part of them won that is
    clearly below (or above) that of all their deals.
    """
    columns = Columns.of_deals(outlooks.counts)
    kept = columns["reason"] < 0
    units, unit = columns.placed("unit")
    stages, stage = columns.placed("stage")
    month, won = columns["month"], columns["won"] == 1
    ended = np.zeros((len(units) + 1, max(len(stages), 1), 2), dtype=np.int64)
    np.add.at(ended, (unit[kept], stage[kept], won[kept].astype(np.int64)), columns["n"][kept])
    promised = _promises(ended, wins=not of_won)
    opposite = promised[unit, stage]
    use = kept & (won if of_won else ~won)
    first, end = (int(month.min()), int(month.max()) + 1) if len(month) else (0, 0)
    sums = {}
    for name, values, mask in (
        ("n", columns["n"], use),
        ("hits", columns["n"], use & opposite),
        ("raised", columns["raised"], use),
        ("lowered", columns["lowered"], use),
    ):
        sums[name] = np.zeros((len(units) + 1, end - first), dtype=np.int64)
        np.add.at(sums[name], (unit[mask], month[mask] - first), values[mask])
    left_out = columns.totals("reason", unit, len(units) + 1)
    row_of = {name: place for place, name in enumerate(units)}
    examples: dict[tuple[str, int], tuple[str, ...]] = {}
    for (name, month_, in_stage, ended_won), some in outlooks.examples.items():
        mine = name in row_of and in_stage in stages and bool(ended_won) == of_won
        if mine and promised[row_of[name], stages.index(in_stage)]:
            examples[name, month_] = tuple(sorted((*examples.get((name, month_), ()), *some))[:SAMPLE])
    nothing = np.zeros(len(units) + 1, dtype=np.int64)
    return Grid(
        units=units,
        months=np.arange(first, end),
        sums=sums,
        left_out=left_out,
        spread=dict.fromkeys(("groups", "squares", "products", "spans"), nothing),
        examples=examples,
    )


def _promises(ended: Int64, *, wins: bool) -> Bool:
    """For each unit and stage, whether the deals of all others that stood in it were clearly won, or "
    "lost, more often.
    """
    others = ended.sum(axis=0)[None] - ended
    n = others.sum(axis=2)
    rate = np.divide(others[:, :, 1], n, out=np.zeros(n.shape), where=n > 0)
    overall = (others[:, :, 1].sum(axis=1) / np.maximum(n.sum(axis=1), 1))[:, None]
    promised: Bool = (n > 0) & ((rate >= CLEARLY * overall) if wins else (rate <= overall / CLEARLY))
    return promised


def _changed_late(part: History) -> tuple[Int64, Int64]:
    """Which cases had their amount raised, and which lowered, in the last quarter of their life."""
    index = part.index
    at = guard.positions(part, "amount_changed")
    case = index.case[at]
    closed = index.closed[case]
    life = np.where(closed == NEVER, 0, closed - index.created[case])
    late = (closed != NEVER) & (index.at[at] <= closed) & (index.at[at] > index.created[case] + life * SO_FAR)
    at = at[late & (guard.of_events(part, at) == guard.KEPT)]
    old, new = (amounts(part.events[name].gather(at)) for name in ("old", "new"))
    by = np.zeros(index.n_cases)
    np.add.at(by, index.case[at], np.nan_to_num(new - old))
    return (by > 0).astype(np.int64), (by < 0).astype(np.int64)
