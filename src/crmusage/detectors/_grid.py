"""How often something was so, by unit and month, as plain sums: what detectors hold units together with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._columns import Columns
from crmusage.detectors._deals import REASONS, SAMPLE, Bool, Int64
from crmusage.detectors._guard import KEPT, is_deal
from crmusage.detectors._sheet import in_burst, without_clock
from crmusage.history import Counts, History
from crmusage.metrics import dispersion

Examples = Mapping[tuple[str, int], tuple[str, ...]]
"""Ids of cases by unit and month, the first ones in text order."""

_KEYS = ("deal", "unit", "month", "reason", "who", "minute")
_SPREAD = ("groups", "squares", "products", "spans")


@attrs.frozen
class Tally:
    """Sums over a part of a history."""

    cells: Counts
    """Hits, of how many, and what was left out: by sort of case, unit, month and reason to leave it out."""
    spread: Counts
    """What tells how much the cases of a unit differ, by sort of case and unit."""
    examples: Examples
    marks: tuple[int, ...] = ()
    """Days (since 1970) at which fiscal periods begin, for who asks for them."""

    def merge(self, other: Tally) -> Tally:
        """Both together."""
        examples = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())})[:SAMPLE])
            for key in sorted({*self.examples, *other.examples})
        }
        marks = tuple(sorted({*self.marks, *other.marks}))
        return Tally(self.cells.merge(other.cells), self.spread.merge(other.spread), examples, marks)


def tally_items(
    part: History,
    *,
    case: npt.NDArray[np.integer[Any]],
    month: Int64,
    hits: Int64,
    n: Int64,
    reason: npt.NDArray[np.int32],
    reasons: Sequence[str] = REASONS,
    extra: Mapping[str, Int64] | None = None,
    done: tuple[Int64, Int64] | None = None,
) -> Tally:
    """Add up items of a part of a history, parallel arrays, one entry an item.

    Args:
        part: the part.
        case: whose it is; it counts for the unit of that case.
        month: since January 1970.
        hits: how often it was so.
        n: of how many; or for how long it could have been so, in days.
        reason: why it is left out, a place in `reasons`; KEPT: it counts.
        reasons: why items are left out.
        extra: other whole numbers to add up.
        done: by whom (a number, 0: no matter) and in which minute it was made: who makes many in a few minutes did
            not make them by hand, and they are left out as a burst.
    """
    index = part.index
    kept = reason == KEPT
    deal = is_deal(part)[case].astype(np.int64)
    unit = index.case_unit[case]
    extras = {name: np.where(kept, values, 0) for name, values in (extra or {}).items()}
    nobody = np.zeros(len(case), dtype=np.int64)
    who, minute = (nobody, nobody) if done is None else done
    cells = Counts.of(
        keys={
            "deal": deal,
            "unit": (unit, index.units),
            "month": month,
            "reason": (reason, reasons),
            "who": who,
            # Only of whom it matters: the fewer rows, the lighter the tally.
            "minute": np.where(who != 0, minute, 0),
        },
        sums={
            # What only goes with another item is no item of its own.
            "items": (n > 0) | (hits > 0) | ~kept,
            "hits": np.where(kept, hits, 0),
            "n": np.where(kept, n, 0),
            "out": (~kept).astype(np.int64),
            **extras,
        },
    )
    return Tally(
        cells, _spread(part, case[kept], hits[kept], n[kept]), _examples(part, case, month, kept & (hits > 0))
    )


def _spread(part: History, case: npt.NDArray[np.integer[Any]], hits: Int64, n: Int64) -> Counts:
    index = part.index
    x, e = np.zeros(index.n_cases, dtype=np.int64), np.zeros(index.n_cases, dtype=np.int64)
    np.add.at(x, case, hits)
    np.add.at(e, case, n)
    rows = np.unique(case)
    x, e = x[rows], e[rows]
    return Counts.of(
        keys={"deal": is_deal(part)[rows].astype(np.int64), "unit": (index.case_unit[rows], index.units)},
        sums={"groups": None, "squares": x * x, "products": x * e, "spans": e * e},
    )


def _examples(part: History, case: npt.NDArray[np.integer[Any]], month: Int64, shown: Bool) -> Examples:
    index = part.index
    rows = np.flatnonzero(shown & (index.case_unit[case] >= 0))
    # Cases stand in the order of their ids.
    pairs = np.unique(np.stack([case[rows].astype(np.int64), month[rows].astype(np.int64)]), axis=1)
    ids = part.cases["case_id"].gather(pairs[0]).to_list()
    found: dict[tuple[str, int], list[str]] = {}
    for row, month_, case_id in zip(pairs[0].tolist(), pairs[1].tolist(), ids, strict=True):
        place = found.setdefault((index.units[index.case_unit[row]], month_), [])
        if len(place) < SAMPLE:
            place.append(case_id)
    return {key: tuple(found[key]) for key in sorted(found)}


@attrs.frozen(eq=False)
class Grid:
    """A tally laid out as units by months; the last row is of what belongs to no unit."""

    units: tuple[str, ...]
    months: Int64
    """In sequence, since January 1970."""
    sums: Mapping[str, Int64]
    """By name: units by months."""
    left_out: Mapping[str, Int64]
    """By reason, one number a row."""
    spread: Mapping[str, Int64]
    examples: Examples
    marks: tuple[int, ...] = ()

    @classmethod
    def of(cls, tally: Tally) -> Grid:
        """The tally of a whole history; of what is said to be opportunities, or of all where nothing is."""
        cells, spread = _without_bursts(Columns.of_deals(tally.cells)), Columns.of_deals(tally.spread)
        units, row = cells.placed("unit")
        month = cells["month"]
        first, end = (int(month.min()), int(month.max()) + 1) if len(month) else (0, 0)
        sums = {}
        for name in tally.cells.sums:
            flat = np.zeros((len(units) + 1) * (end - first), dtype=np.int64)
            np.add.at(flat, row * (end - first) + month - first, cells[name])
            sums[name] = flat.reshape(len(units) + 1, end - first)
        left_out = cells.totals("reason", row, len(units) + 1, of="out")
        by_unit = {}
        rows = spread.rows_among("unit", units)
        for name in _SPREAD:
            by_unit[name] = np.zeros(len(units) + 1, dtype=np.int64)
            np.add.at(by_unit[name], rows, spread[name])
        return cls(units, np.arange(first, end), sums, left_out, by_unit, tally.examples, tally.marks)

    def total(self, name: str, months: Bool | None = None) -> Int64:
        """A sum over some months, or all, one number a unit (without what belongs to none)."""
        matrix = self.sums[name][:-1]
        total: Int64 = (matrix if months is None else matrix[:, months]).sum(axis=1)
        return total

    def out(self, unit: int | None = None) -> dict[str, int]:
        """How many items were left out, by reason: of one unit, or of all."""
        counted = {reason: int(n.sum() if unit is None else n[unit]) for reason, n in self.left_out.items()}
        return {reason: n for reason, n in counted.items() if n}

    def dispersions(self) -> npt.NDArray[np.float64]:
        """How many times chance the counts of each unit vary, and at least as much as those of all together."""
        hits, n = self.sums["hits"].sum(axis=1), self.sums["n"].sum(axis=1)

        def of(rows: list[int]) -> float:
            squares, products, spans, groups = (
                int(self.spread[name][rows].sum()) for name in ("squares", "products", "spans", "groups")
            )
            return dispersion(int(hits[rows].sum()), squares, products, spans, int(n[rows].sum()), groups)

        common = of(list(range(len(self.units) + 1)))
        return np.array([max(common, of([unit])) for unit in range(len(self.units))])

    def cases(self, unit: str, months: Bool | None = None) -> tuple[str, ...]:
        """Ids of cases that show it, in some months or all."""
        wanted = set((self.months if months is None else self.months[months]).tolist())
        ids = {
            one
            for (name, month), some in self.examples.items()
            if name == unit and month in wanted
            for one in some
        }
        return tuple(sorted(ids)[:SAMPLE])


def _without_bursts(cells: Columns) -> Columns:
    """The same, with what was made in a burst left out."""
    someone = np.flatnonzero(cells["who"] != 0)
    marked = np.zeros(len(cells["who"]), dtype=bool)
    reasons = (*cells.texts["reason"], "burst")
    reason = cells["reason"]
    if len(someone):
        who, minute, n = (cells[name][someone] for name in ("who", "minute", "items"))
        out = cells.having("reason", "deleted")[someone] | without_clock(minute, n)
        marked[someone] = in_burst(who, minute, n, but=out)
    marked &= reason < 0
    changed = {
        name: np.where(marked, 0, values)
        for name, values in cells.values.items()
        if name not in (*_KEYS, "items", "out")
    }
    changed["out"] = np.where(marked, cells["items"], cells["out"])
    changed["reason"] = np.where(marked, len(reasons) - 1, reason)
    return Columns({**cells.values, **changed}, {**cells.texts, "reason": reasons})
