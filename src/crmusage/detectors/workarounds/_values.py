"""A value of each case or act, by unit and by what it is of: what the patterns of workarounds are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._columns import Columns
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._guard import is_deal
from crmusage.detectors._sheet import in_burst, without_clock
from crmusage.history import Counts, History
from crmusage.metrics import fixed_log

EXAMPLES = 8
"""Cases kept for each unit and each thing that values are of: those farthest out."""

STEPS = 8
"""Steps of a value in one natural unit: logarithms and roots in eighths are finer than any judgement here."""

SHORTEST = 60.0
"""Seconds. Shorter durations count as that: below a minute a clock tells how fast somebody types."""

_MINUTE = 60_000_000

Example = tuple[int, str, int, int, int]
"""How far out (the lowest is the farthest), the case, the month, and who entered the case in which minute."""


@attrs.frozen
class Values:
    """The values of a part of a history."""

    cells: Counts
    """How many there are of each value, by sort of case, unit, month, what they are of, whose doing they are (a
    number), and who entered the case in which minute (0: it does not matter); and what was left out, by reason."""
    entered: Counts
    """How many cases somebody (a number) entered in a minute: bursts show only in the whole."""
    examples: Mapping[tuple[int, str, str], tuple[Example, ...]]
    """By sort of case, unit and what they are of."""

    def merge(self, other: Values) -> Values:
        """Both together."""
        examples = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())})[:EXAMPLES])
            for key in sorted({*self.examples, *other.examples})
        }
        return Values(self.cells.merge(other.cells), self.entered.merge(other.entered), examples)


def tally_values(
    part: History,
    *,
    case: npt.NDArray[np.integer[Any]],
    unit: npt.NDArray[np.integer[Any]],
    month: npt.NDArray[np.integer[Any]],
    of: tuple[npt.NDArray[np.integer[Any]], Sequence[str]],
    value: Int64,
    reason: npt.NDArray[np.int32],
    upwards: bool,
    person: Int64 | None = None,
    loaded: Bool | None = None,
) -> Values:
    """Add up values of a part of a history, parallel arrays.

    Args:
        part: the part.
        case: the case of each.
        unit: the unit that it counts for, as a code.
        month: since January 1970.
        of: what the value is of, codes and labels.
        value: a whole number.
        reason: why it is left out (a place in `REASONS`); KEPT: it is not.
        upwards: whether great values are looked for; else small ones.
        person: a number for whose doing each is, 0: not known.
        loaded: values that could come of a case that was loaded, not lived: left out where it was entered in a burst.
    """
    index = part.index
    kept = reason == guard.KEPT
    creator, _ = creators(part)
    minute = index.created // _MINUTE
    matters = np.zeros(len(case), dtype=bool) if loaded is None else loaded
    who, when = np.where(matters, creator[case], 0), np.where(matters, minute[case], 0)
    deal = is_deal(part).astype(np.int64)
    cells = Counts.of(
        keys={
            "deal": deal[case],
            "unit": (unit, index.units),
            "month": month,
            "reason": (reason, REASONS),
            "of": of,
            "value": np.where(kept, value, 0),
            "person": np.zeros(len(case), dtype=np.int64) if person is None else np.where(kept, person, 0),
            "who": who,
            "minute": when,
        },
        sums={"n": None},
    )
    deleted = guard.of_cases(part) == REASONS.index("deleted")
    entered = Counts.of(
        keys={"deal": deal[~deleted], "who": creator[~deleted], "minute": minute[~deleted]}, sums={"n": None}
    )
    out = -value if upwards else value
    sort = deal[case]
    shown = np.flatnonzero(kept & (unit >= 0))
    group = (sort[shown] * len(index.units) + unit[shown]) * (len(of[1]) + 1) + of[0][shown]
    order = shown[_firsts(group, out[shown], case[shown])]
    ids = part.cases["case_id"].gather(case[order]).to_list()
    examples: dict[tuple[int, str, str], list[Example]] = {}
    for row, case_id in zip(order.tolist(), ids, strict=True):
        place = examples.setdefault((int(sort[row]), index.units[unit[row]], of[1][of[0][row]]), [])
        place.append((int(out[row]), case_id, int(month[row]), int(who[row]), int(when[row])))
    return Values(cells, entered, {name: tuple(sorted(set(some))) for name, some in examples.items()})


def _firsts(group: Int64, out: Int64, case: npt.NDArray[np.integer[Any]]) -> Int64:
    """Where the `EXAMPLES` lowest values of each group stand, of equal ones those of the first cases."""
    if not len(group):
        return group
    if np.any(case[1:] < case[:-1]):
        by_case = np.argsort(case, kind="stable")
        return by_case[_firsts(group[by_case], out[by_case], case[by_case])]
    far = out - out.min()
    order = np.argsort(group * (int(far.max()) + 1) + far, kind="stable")
    ordered = group[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    turn = np.arange(len(ordered)) - np.repeat(first, np.diff(np.append(first, len(ordered))))
    found: Int64 = order[turn < EXAMPLES]
    return found


def log_steps(values: npt.NDArray[Any], *, least: float) -> Int64:
    """Logarithms of durations in `STEPS`; shorter ones than `least` count as that."""
    steps: Int64 = np.rint(fixed_log(values, least=least) / 10_000 * STEPS).astype(np.int64)
    return steps


def root_steps(counts: npt.NDArray[Any]) -> Int64:
    """Roots of counts in `STEPS`: on this scale counts by chance spread alike, whatever their mean."""
    steps: Int64 = np.rint(np.sqrt(counts) * STEPS).astype(np.int64)
    return steps


@attrs.frozen(eq=False)
class Table:
    """The values of a whole history as parallel arrays, bursts left out."""

    units: tuple[str, ...]
    months: Int64
    unit: Int64
    """A place in `units`; one beyond: of no unit."""
    month: Int64
    """A place in `months`."""
    of: Int64
    """A place in `things`."""
    things: tuple[str, ...]
    """What values are of, in text order."""
    value: Int64
    person: Int64
    """A number for whose doing it is; 0: not known."""
    n: Int64
    left_out: Mapping[str, Int64]
    """By reason, one number a unit, the last of no unit."""
    examples: Mapping[tuple[str, str], tuple[Example, ...]]
    bursts: frozenset[tuple[int, int]]

    @classmethod
    def laid(cls, values: Values) -> Table:
        """Of what is said to be opportunities, or of all where nothing is."""
        cells = Columns.of_deals(values.cells)
        bursts = _bursts(values.entered)
        units, row = cells.placed("unit")
        burst = _among(bursts, cells["who"], cells["minute"])
        left_out = cells.at(~burst).totals("reason", row[~burst], len(units) + 1)
        if burst.any():
            left_out["burst"] = np.zeros(len(units) + 1, dtype=np.int64)
            np.add.at(left_out["burst"], row[burst], cells["n"][burst])
        kept = cells.at((cells["reason"] < 0) & ~burst)
        row = row[(cells["reason"] < 0) & ~burst]
        sort = int(values.cells.column("deal").max(initial=0))
        examples = {(unit, of): some for (deal, unit, of), some in values.examples.items() if deal == sort}
        month = kept["month"]
        first, end = (int(month.min()), int(month.max()) + 1) if len(month) else (0, 0)
        things, of = kept.placed("of")
        return cls(
            units, np.arange(first, end), row, month - first, of, things, kept["value"],
            kept["person"], kept["n"], dict(sorted(left_out.items())), examples, bursts,
        )  # fmt: skip

    def by_thing(self) -> Iterator[tuple[str, Int64]]:
        """What values are of, in text order, and the rows that are of it."""
        order = np.argsort(self.of, kind="stable")
        bounds = np.searchsorted(self.of[order], np.arange(len(self.things) + 1))
        for code, name in enumerate(self.things):
            yield name, order[bounds[code] : bounds[code + 1]]


def medians(group: Int64, value: Int64, n: Int64) -> tuple[Int64, Int64, Int64]:
    """The groups, ascending, the middle value of each, and how many it has, from values of which there are `n` each."""
    above = value - value.min(initial=0)
    order = np.argsort(group * (int(above.max(initial=0)) + 1) + above)
    group, value, total = group[order], value[order], np.cumsum(n[order])
    first = np.flatnonzero(np.diff(group, prepend=-1))
    before = np.append(0, total)[first]
    size = np.append(before[1:], total[-1:]) - before
    return group[first], value[np.searchsorted(total, before + (size + 1) // 2)], size


def _bursts(entered: Counts) -> frozenset[tuple[int, int]]:
    cases = Columns.of_deals(entered)
    who, minute, n = (cases[name] for name in ("who", "minute", "n"))
    marked = in_burst(who, minute, n, but=without_clock(minute, n))
    return frozenset(zip(who[marked].tolist(), minute[marked].tolist(), strict=True))


def _among(bursts: frozenset[tuple[int, int]], who: Int64, minute: Int64) -> Bool:
    """Which pairs are part of a burst."""
    known = np.array(sorted(bursts), dtype=np.int64).reshape(-1, 2)
    found: Bool = np.isin(who, known[:, 0]) & np.isin(minute, known[:, 1])
    at = np.flatnonzero(found)
    pairs = zip(who[at].tolist(), minute[at].tolist(), strict=True)
    found[at] = [pair in bursts for pair in pairs]
    return found
