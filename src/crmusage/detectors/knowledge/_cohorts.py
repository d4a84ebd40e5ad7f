"""Two cohorts of persons who keep one rule, compared within a unit and a stretch of time, persons counted as wholes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors.knowledge._kept import Decided
from crmusage.history import Counts, History
from crmusage.metrics import Odds, mantel_haenszel
from crmusage.model import Measure, Text

BLOCKS = 60
"""Persons are left out in so many blocks at most to see how much hangs on whom; more change little."""

_KEYS = {"rule": str, "expect": int, "unit": str, "layer": int, "first": int, "person": int}

Floats = npt.NDArray[np.float64]


@attrs.frozen
class Compared:
    """How the first cohort keeps one expectation, and how the second would with the first's mix of units and times."""

    kept: Measure
    others: float
    odds: Odds
    """The first's odds of keeping it, the others' as 1."""
    p_value: float
    """The chance that the first would keep it so much less, were both alike."""
    persons: int
    other_persons: int

    @property
    def apart(self) -> float:
        """How much less the first keeps it, in shares."""
        return self.others - self.kept.value


def nobody() -> Counts:
    """A tally to begin with."""
    return Counts.empty(_KEYS, ("kept", "n"))


def counted(part: History, one: Decided, use: Int64, first: Bool, *, held: int) -> Counts:
    """Some activations by unit, layer of time, cohort and person (a number).

    Args:
        part: what they are from.
        one: the expectation.
        use: the places of those that count.
        first: which of these are of the first cohort.
        held: months in a layer: people are compared with others of their own unit in the same one.
    """
    return Counts.of(
        keys={
            "rule": (np.zeros(len(use), dtype=np.int64), [one.rule.id]),
            "expect": np.full(len(use), one.expect, dtype=np.int64),
            "unit": (one.unit[use], part.index.units),
            "layer": one.month[use] // held,
            "first": first.astype(np.int64),
            "person": one.person[use],
        },
        sums={"kept": one.kept[use].astype(np.int64), "n": None},
    )


def compared(
    tally: Counts, *, name: str, label: Text, fewest: int, fewest_persons: int
) -> Iterator[tuple[str, int, Compared]]:
    """Each expectation of which both cohorts have enough, in layers that have both."""
    columns: dict[str, Any] = {name: tally.column(name) for name in (*tally.keys, *tally.sums)}
    groups: dict[tuple[str, int], list[int]] = {}
    for row, key in enumerate(zip(columns["rule"].tolist(), columns["expect"].tolist(), strict=True)):
        groups.setdefault(key, []).append(row)
    for (rule, expect), rows in sorted(groups.items()):
        of = {name: values[rows] for name, values in columns.items()}
        found = _compared(of, name, label, fewest, fewest_persons)
        if found is not None:
            yield rule, expect, found


def _compared(
    of: dict[str, Any], name: str, label: Text, fewest: int, fewest_persons: int
) -> Compared | None:
    places = list(zip(of["unit"].tolist(), of["layer"].tolist(), strict=True))
    layers = {key: k for k, key in enumerate(dict.fromkeys(places))}
    layer = np.array([layers[key] for key in places], dtype=np.int64)
    first, kept, n = of["first"], of["kept"], of["n"]
    sides = np.zeros((len(layers), 2), dtype=np.int64)
    np.add.at(sides, (layer, first), n)
    has_both: Bool = (sides[:, 0] > 0) & (sides[:, 1] > 0)
    use = np.flatnonzero(has_both[layer])
    columns: list[Int64] = [values[use] for values in (layer, first, kept, n, of["person"])]
    layer, first, kept, n, person = columns
    persons = [len(np.unique(person[first == side])) for side in (1, 0)]
    if min(persons) < fewest_persons or min(int(n[first == side].sum()) for side in (1, 0)) < fewest:
        return None
    blocks = _blocks(person)
    tables = np.zeros((int(blocks.max()) + 1, len(layers), 2, 2))
    row: Int64 = 1 - first
    np.add.at(tables[..., 0], (blocks, layer, row), kept)
    np.add.at(tables[..., 1], (blocks, layer, row), n - kept)
    whole = tables.sum(axis=0)
    odds, (share, others) = mantel_haenszel(whole), _shares(whole)
    without = [found for one in tables if isinstance(found := mantel_haenszel(whole - one), Odds)]
    # A block without which nothing can be compared carries it all: then nothing is sure.
    if not isinstance(odds, Odds) or len(without) < len(tables) or len(tables) < fewest_persons:
        return None
    df = len(tables) - 1
    reach = float(special.stdtrit(df, 0.975))
    spread = _jackknife(np.log([one.ratio for one in without]))
    width = reach * _jackknife(np.array([_shares(whole - one)[0] for one in tables]))
    measure = Measure(
        name,
        share,
        int(whole[:, 0, 0].sum()),
        int(whole[:, 0].sum()),
        max(0.0, share - width),
        min(1.0, share + width),
        label=label,
    )
    ends = [odds.ratio * float(np.exp(side * reach * spread)) for side in (-1, 1)]
    p = float(special.stdtr(df, np.log(odds.ratio) / spread)) if spread > 0 else float(odds.ratio >= 1)
    sure = attrs.evolve(odds, low=ends[0], high=ends[1], p_value=p)
    return Compared(measure, others, sure, p, persons[0], persons[1])


def _blocks(person: Int64) -> Int64:
    """Each person's block: persons in the order of their numbers, which say nothing of them."""
    found, place = np.unique(person, return_inverse=True)
    blocks: Int64 = place % min(BLOCKS, len(found))
    return blocks


def _jackknife(values: Floats) -> float:
    """The standard error of a figure, from its values with one block left out after the other."""
    g = len(values)
    return float(np.sqrt((g - 1) / g * ((values - values.mean()) ** 2).sum()))


def _shares(tables: Floats) -> tuple[float, float]:
    """The first cohort's share, and the second's weighted by where and when the first was."""
    first, other = tables[:, 0].sum(axis=1), tables[:, 1].sum(axis=1)
    both_there = (first > 0) & (other > 0)
    weight = first[both_there]
    of_others = tables[both_there, 1, 0] / other[both_there]
    return float(tables[both_there, 0, 0].sum() / weight.sum()), float(
        (weight * of_others).sum() / weight.sum()
    )
