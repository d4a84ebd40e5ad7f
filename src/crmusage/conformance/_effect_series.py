"""Units by steps of four weeks: what they were before and after, and where they were heading."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.conformance._effect_contrast import FEWEST_OTHERS, FEWEST_UNITS, contrast_of_changes
from crmusage.conformance._effect_value import Trend
from crmusage.history import Counts
from crmusage.metrics import LOG_STEPS, share, typical_duration
from crmusage.model import Measure

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST_STEPS = 4
"""Steps before the change in which a trend can be seen: through three points a line always seems to go. Guessed."""

HOURS_A_DAY = 24.0


@attrs.frozen(eq=False)
class Grid:
    """One figure: what is counted in each unit (rows) and step (columns)."""

    figure: str
    shares: bool
    """Shares of hits; else the mean logarithm of durations."""
    units: tuple[str, ...]
    steps: Ints
    """Their numbers, ascending, without gaps; below 0: before the change."""
    n: Ints
    total: Ints
    """Hits, or fixed-point logarithms."""
    squares: Ints
    pending: Ints
    unplaced: int
    """Of the steps, what belongs to no unit."""

    @classmethod
    def of(cls, counts: Counts, figure: str, first: int, last: int, *, shares: bool) -> Grid:
        """The steps `first` to `last` of a figure."""
        rows = counts.frame.filter(
            (counts.frame["figure"] == figure) & counts.frame["block"].is_between(first, last)
        )
        named = rows.filter(rows["unit"].is_not_null())
        units = tuple(named["unit"].unique().sort().to_list())
        place = {unit: row for row, unit in enumerate(units)}
        at = np.array([place[unit] for unit in named["unit"].to_list()], dtype=np.int64)
        step = named["block"].to_numpy() - first
        steps = np.arange(first, last + 1)

        def table(name: str) -> Ints:
            filled = np.zeros((len(units), len(steps)), dtype=np.int64)
            filled[at, step] = named[name].to_numpy()
            return filled

        total = table("hits" if shares else "logs")
        unplaced = int(rows["n"].sum()) - int(named["n"].sum())
        return cls(
            figure, shares, units, steps, table("n"), total, table("squares"), table("pending"), unplaced
        )

    @property
    def before(self) -> Bools:
        """Which steps lie before the change."""
        return self.steps < 0

    def only(self, rows: Bools | None = None, steps: Bools | None = None) -> Grid:
        """Some of the units and steps."""
        rows = np.ones(len(self.units), dtype=bool) if rows is None else rows
        steps = np.ones(len(self.steps), dtype=bool) if steps is None else steps
        tables = {name: getattr(self, name)[rows][:, steps] for name in ("n", "total", "squares", "pending")}
        units = tuple(unit for unit, use in zip(self.units, rows, strict=True) if use)
        return attrs.evolve(self, units=units, steps=self.steps[steps], **tables)

    def enough(self, fewest: int) -> Bools:
        """Which units have so many cases on each side."""
        sides = [self.n[:, side].sum(axis=1) for side in (self.before, ~self.before)]
        found: Bools = np.minimum(*sides) >= fewest
        return found

    def measure(self) -> Measure | None:
        """All of it as one figure; None: there is nothing."""
        n = int(self.n.sum())
        if not n:
            return None
        if self.shares:
            made = share(int(self.total.sum()), n, name=self.figure)
        else:
            squares = int(self.squares.sum())
            made = typical_duration(
                n, int(self.total.sum()), squares, name=self.figure, unit="days", per_unit=HOURS_A_DAY
            )
        return made if isinstance(made, Measure) else None

    def values(self, per: npt.NDArray[Any] | None = None) -> tuple[Floats, Floats]:
        """The figure of each unit and how many cases it is made of; `per`: which steps (else each step apart)."""
        total, n = self.total, self.n
        if per is not None:
            total, n = total[:, per].sum(axis=1), n[:, per].sum(axis=1)
        size = 1 if self.shares else LOG_STEPS
        return np.divide(total, n * size, out=np.full(n.shape, np.nan), where=n > 0), n.astype(np.float64)

    def one(self) -> float:
        """The variance of a single case by chance.

        Of a share it is that of all units together: taken from each unit's own share it would make units surer
        that happen to be near all or nothing. Half a case more on each side keeps it above nothing.
        """
        if self.shares:
            p = (float(self.total.sum()) + 1) / (float(self.n.sum()) + 2)
            return p * (1 - p)
        n, total, squares = (self.n.sum(axis=1), self.total.sum(axis=1), self.squares.sum(axis=1))
        rows = zip(n.tolist(), total.tolist(), squares.tolist(), strict=True)
        # Whole numbers of any length: squares of logarithms do not lose digits.
        above = float(sum((k * q - t * t) / k for k, t, q in rows if k))
        return max(above / max(int((n - 1).clip(0).sum()), 1) / LOG_STEPS**2, 1e-6)


def changes(grid: Grid, changed: Bools) -> tuple[Floats, Floats]:
    """The change of each unit from before to after, and its variance by chance."""
    (early, n0), (late, n1) = grid.values(grid.before), grid.values(~grid.before)
    errors2 = np.zeros(len(grid.units))
    for who in (changed, ~changed):
        if who.any():
            side = grid.only(rows=who)
            ones = [side.only(steps=steps).one() for steps in (grid.before, ~grid.before)]
            errors2[who] = ones[0] / n0[who] + ones[1] / n1[who]
    return late - early, errors2


def trend(grid: Grid, changed: Bools) -> Trend | None:
    """How the two sides were moving apart before the change; None: it cannot be seen.

    Each unit's slope over the steps before is one observation, as its change is in the contrast itself.
    """
    early = grid.only(steps=grid.before)
    use = (early.n > 0).sum(axis=1) >= FEWEST_STEPS
    who = changed[use]
    if np.count_nonzero(use) < FEWEST_UNITS or not who.any() or np.count_nonzero(~who) < FEWEST_OTHERS:
        return None
    y, n = early.only(rows=use).values()
    k = early.steps.astype(np.float64)
    y = np.where(n > 0, y, 0.0)
    from_middle = k - ((n * k).sum(axis=1) / n.sum(axis=1))[:, None]
    extent = (n * from_middle**2).sum(axis=1)
    slopes = (n * from_middle * y).sum(axis=1) / extent
    errors2 = np.zeros(len(slopes))
    for side in (who, ~who):
        errors2[side] = early.only(rows=use).only(rows=side).one() / extent[side]
    found = contrast_of_changes(slopes, errors2, who)
    apart = _middle(grid, changed, ~grid.before) - _middle(grid, changed, grid.before)
    return Trend(found.value * apart, found.low * apart, found.high * apart)


def _middle(grid: Grid, rows: Bools, steps: Bools) -> float:
    n = grid.n[rows][:, steps].sum(axis=0)
    return float((n * grid.steps[steps]).sum() / max(float(n.sum()), 1.0))


def expected(grid: Grid) -> Measure | None:
    """What all units together would have come to had the steps before gone on in a straight line; None: too few.

    The limits are those of a prediction, with the scatter of the steps about their line (never less than chance).
    Source: segmented regression of an interrupted series (Wagner et al. 2002; Bernal, Cummins and Gasparrini 2017),
    reduced to the question whether what came after lies where the line pointed.
    """
    everyone = np.ones(len(grid.units), dtype=bool)
    n, total = grid.n.sum(axis=0), grid.total.sum(axis=0)
    use, after = grid.before & (n > 0), ~grid.before & (n > 0)
    if np.count_nonzero(use) < FEWEST_STEPS or not after.any():
        return None
    weight, k = n[use].astype(np.float64), grid.steps[use].astype(np.float64)
    y = total[use] / weight / (1 if grid.shares else LOG_STEPS)
    centre, middle = float(np.average(k, weights=weight)), float(np.average(y, weights=weight))
    extent = float((weight * (k - centre) ** 2).sum())
    slope = float((weight * (k - centre) * (y - middle)).sum()) / extent
    scatter = float((weight * (y - middle - slope * (k - centre)) ** 2).sum()) / (len(k) - 2)
    one = max(scatter, grid.only(steps=use).one())
    away = _middle(grid, everyone, after) - centre
    deviation = math.sqrt(one * (1 / float(n[after].sum()) + 1 / float(weight.sum()) + away**2 / extent))
    quantile: Any = special.stdtrit(len(k) - 2, 0.975)
    value, half = middle + slope * away, float(quantile) * deviation
    ends = [_told(end, shares=grid.shares) for end in (value, value - half, value + half)]
    return Measure(grid.figure, ends[0], low=ends[1], high=ends[2], unit="share" if grid.shares else "days")


def _told(value: float, *, shares: bool) -> float:
    return min(max(value, 0.0), 1.0) if shares else math.exp(value) / HOURS_A_DAY
