"""How many values mean nothing, by the number of fields that must be filled in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np

from crmusage.history import Counts

FEWEST = 30
"""Values at one number of mandatory fields; levels of fewer are left aside. Customary in statistics."""

_LEAST_STEP = -0.02  # a step down by less is taken for the ups and downs of chance


@attrs.frozen
class Level:
    """Records made while so many fields were mandatory."""

    fields: int
    n: int
    fake: int

    @property
    def share(self) -> float:
        """Of the values, those that mean nothing."""
        return self.fake / self.n


@attrs.frozen
class Dose:
    """A unit's values by the number of mandatory fields."""

    names: tuple[str, ...]
    """The fields that are followed."""
    levels: tuple[Level, ...]
    """From the fewest mandatory fields to the most."""
    excess: float
    """By how much fake values stand at higher numbers than by chance, and the variance of that (Mantel 1963)."""
    variance: float

    @property
    def trend(self) -> float:
        """In standard deviations."""
        return self.excess / float(np.sqrt(self.variance)) if self.variance > 0 else 0.0

    @property
    def rise(self) -> float:
        """From the first level to the last."""
        return self.levels[-1].share - self.levels[0].share

    def rises(self, apart: float, times: float) -> bool:
        """Whether it rises from level to level, and by enough."""
        shares = [level.share for level in self.levels]
        steady = all(after - before >= _LEAST_STEP for before, after in itertools.pairwise(shares))
        return steady and shares[-1] >= shares[0] + apart and shares[-1] >= times * shares[0]

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> Dose:
        """From rows with `field`, `dose`, `n` and `fake`, all of one unit."""
        kept = list(rows)
        by_level: dict[int, list[int]] = {}
        for row in kept:
            sums = by_level.setdefault(row["dose"], [0, 0])
            sums[0] += row["n"]
            sums[1] += row["fake"]
        levels = tuple(Level(dose, n, fake) for dose, (n, fake) in sorted(by_level.items()) if n >= FEWEST)
        use = {level.fields for level in levels}
        names = tuple(sorted({row["field"] for row in kept}))
        excess = variance = 0.0
        for name in names:
            cells = [
                (row["dose"], row["n"], row["fake"])
                for row in kept
                if row["field"] == name and row["dose"] in use
            ]
            total, fake = sum(n for _, n, _ in cells), sum(h for _, _, h in cells)
            if total < 2:
                continue
            first, second = (sum(n * dose**power for dose, n, _ in cells) for power in (1, 2))
            excess += sum(h * dose for dose, _, h in cells) - fake * first / total
            variance += fake * (total - fake) * (total * second - first**2) / (total**2 * (total - 1))
        return cls(names, levels, excess, variance)

    @classmethod
    def together(cls, doses: Iterable[Dose]) -> Dose:
        """Of several units, level by level."""
        every = list(doses)
        by_level: dict[int, list[int]] = {}
        for dose in every:
            for level in dose.levels:
                sums = by_level.setdefault(level.fields, [0, 0])
                sums[0] += level.n
                sums[1] += level.fake
        names = tuple(sorted({name for dose in every for name in dose.names}))
        levels = tuple(Level(fields, n, fake) for fields, (n, fake) in sorted(by_level.items()))
        return cls(names, levels, sum(d.excess for d in every), sum(d.variance for d in every))


def doses_of(tally: Counts) -> tuple[tuple[str, ...], dict[str, Dose]]:
    """The units of a tally, and what each shows; of opportunities, or of all cases where there are none."""
    rows = tally.rows()
    rows = [row for row in rows if row["deal"] == 1] or rows
    by_unit: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["unit"] is not None:
            by_unit.setdefault(row["unit"], []).append(row)
    return tuple(sorted(by_unit)), {unit: Dose.of(some) for unit, some in sorted(by_unit.items())}
