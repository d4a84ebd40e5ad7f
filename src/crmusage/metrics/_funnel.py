from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, Literal

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.model import Norm

Floats = npt.NDArray[np.float64]
Scale = Literal["share", "log", "root"]

WINSORISED = 0.1
"""The part of the units, at each end, whose distance is cut back to that of the next one before the peers'
own variation is measured: one team that is far off must not widen the limits that it is held against.
Spiegelhalter (2005) and the English hospital indicators take 10 %."""

FEWEST_PEERS = 5
"""Fewer peers are no norm. Guessed: with four or less, how much peers differ is anybody's guess."""

METHOD = "over-dispersed funnel, unit left out of its own norm"


@attrs.frozen
class Standing:
    """Where one unit stands among its peers."""

    value: float
    """The unit's own figure."""
    norm: Norm
    """The peers' middle, and the 95 % limits for a unit of this size."""
    z: float
    """How many standard deviations (chance within the unit, and peers differing) from the middle."""
    p_above: float
    """The chance of as high a figure or higher, were the unit one of its peers."""
    p_below: float
    p_apart: float
    """The chance of a figure as far off, to either side."""


@attrs.frozen
class Peers:
    """What a group of units has in common, and how much they differ: the norm for one more unit."""

    scale: Scale
    centre: float
    """On the scale of the transformation."""
    tau2: float
    """The variance between units, over and above chance within them."""
    error2: float
    """The variance of the centre itself."""
    units: int
    freedom: float
    """Of Student's t: the units that were not cut back, less one (Yuen 1974)."""
    one: float
    """The standard deviation of a single item within a unit, on the scale of the transformation."""

    def standing(self, value: float, n: float, *, one: float | None = None) -> Standing:
        """Hold a unit that is not one of them against them.

        Args:
            value: the unit's figure: a share, or a (geometric) mean duration.
            n: of how many items.
            one: the standard deviation of one item of this unit, where it is known to be another.
        """
        own = self.one if one is None else one
        deviation = math.sqrt(own**2 / n + self.tau2 + self.error2)
        z = (float(_forward(np.array(value), self.scale)) - self.centre) / deviation
        above, below = (float(special.stdtr(self.freedom, one_sided)) for one_sided in (-z, z))
        low, high = self._limits(np.array([float(n)]), 0.95, own)[0]
        norm = Norm(self.middle, low, high, self.units, METHOD)
        return Standing(value, norm, z, above, below, min(1.0, 2 * min(above, below)))

    @property
    def middle(self) -> float:
        """The centre as a figure."""
        return float(_back(np.array(self.centre), self.scale))

    def limits(self, sizes: npt.ArrayLike, *, level: float = 0.95) -> tuple[tuple[float, float, float], ...]:
        """Between what figures a unit of each size is like these: (size, low, high), for a plot."""
        n = np.asarray(sizes, dtype=np.float64)
        return tuple(
            (float(size), low, high)
            for size, (low, high) in zip(n, self._limits(n, level, self.one), strict=True)
        )

    def _limits(self, n: Floats, level: float, one: float) -> list[tuple[float, float]]:
        quantile: Any = special.stdtrit(self.freedom, (1 + level) / 2)
        half = float(quantile) * np.sqrt(one**2 / n + self.tau2 + self.error2)
        low, high = _back(self.centre - half, self.scale), _back(self.centre + half, self.scale)
        return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


@attrs.frozen(eq=False)
class Funnel:
    """Units by size and figure, each held against the others.

    A unit's norm is the distribution of its peers, the unit itself left out: a middle, a variance between
    units that chance within them does not explain (tau squared), and the limits that follow for a unit of its
    size. Shares are compared as the arc sine of their root, durations as logarithms and rates as roots, on which
    scales their spread depends on size alone and is near to normal.

    Tau squared comes from the moment formula of DerSimonian and Laird over winsorised distances, taken a
    second time with the weights that the first gives (DerSimonian and Kacker 2007): the plain formula listens
    almost only to the largest units once units differ more than chance. Winsorising makes any variance too
    small (by a third at 10 %), which is set right for distances that are normal. The chance of a unit's
    figure is that of a further unit from the same distribution, with Student's t (Higgins, Thompson and
    Spiegelhalter 2009); simulated teams that differ by chance alone come out under 1 in 20, 100 and 1000
    about as often as that says.

    Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine
    24.
    """

    scale: Scale
    figures: Floats
    """Each unit's figure; NaN for a unit without items."""
    sizes: Floats
    ones: Floats
    """The standard deviation of a single item within each unit, transformed."""
    winsorised: float = WINSORISED

    @classmethod
    def of_shares(
        cls, numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, winsorised: float = WINSORISED
    ) -> Funnel:
        """A funnel of shares.

        Raises:
            ValueError: when a numerator is not within its denominator.
        """
        hits, n = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
        if hits.shape != n.shape or (hits < 0).any() or (hits > n).any():
            raise ValueError("every numerator is between 0 and its denominator")
        figures = np.divide(hits, n, out=np.full(n.shape, np.nan), where=n > 0)
        return cls("share", figures, n, np.full(n.shape, 0.5), winsorised)

    @classmethod
    def of_durations(
        cls,
        counts: npt.ArrayLike,
        means: npt.ArrayLike,
        deviations: npt.ArrayLike,
        *,
        winsorised: float = WINSORISED,
    ) -> Funnel:
        """A funnel of typical durations.

        Args:
            counts: how many durations each unit has.
            means: the mean of their logarithms (of any value where the count is 0).
            deviations: the standard deviation of their logarithms.
            winsorised: the part cut back at each end.
        """
        n = np.asarray(counts, dtype=np.float64)
        logs, deviation = np.asarray(means, dtype=np.float64), np.asarray(deviations, dtype=np.float64)
        freedom = np.maximum(n - 1, 0)
        pooled = math.sqrt(float((freedom * deviation**2).sum()) / max(float(freedom.sum()), 1.0))
        # A few durations say little of their spread; many alike must not make a unit look surer than it is.
        ones = np.where(n > 0, np.maximum(deviation, pooled), pooled)
        return cls("log", np.where(n > 0, np.exp(logs), np.nan), n, ones, winsorised)

    @classmethod
    def of_rates(
        cls,
        counts: npt.ArrayLike,
        exposures: npt.ArrayLike,
        dispersions: npt.ArrayLike = 1.0,
        *,
        winsorised: float = WINSORISED,
    ) -> Funnel:
        """A funnel of rates, compared as their roots.

        Args:
            counts: how often it happened in each unit.
            exposures: for how long it could have (0: nothing is known of the unit).
            dispersions: how many times the variance of a Poisson count each unit's has; more than 1 where what
                happens comes in clusters.
            winsorised: the part cut back at each end.

        Raises:
            ValueError: for a negative count, exposure or dispersion.
        """
        n, exposure = np.asarray(counts, dtype=np.float64), np.asarray(exposures, dtype=np.float64)
        times = np.broadcast_to(np.asarray(dispersions, dtype=np.float64), n.shape)
        if n.shape != exposure.shape or (n < 0).any() or (exposure < 0).any() or (times < 0).any():
            raise ValueError("counts, exposures and dispersions are not negative, one of each a unit")
        figures = np.divide(n, exposure, out=np.full(n.shape, np.nan), where=exposure > 0)
        # The root of a Poisson count has a variance of a quarter, whatever its mean.
        return cls("root", figures, exposure, np.sqrt(times) / 2, winsorised)

    def peers_of(self, unit: int) -> Peers | None:
        """The norm made of all other units with items; None: they are fewer than `FEWEST_PEERS`."""
        use = self.sizes > 0
        use[unit] = False
        return self._peers(use)

    def standing(self, unit: int) -> Standing | None:
        """Where a unit stands; None: it has no items, or too few peers."""
        peers = self.peers_of(unit)
        if peers is None or self.sizes[unit] <= 0:
            return None
        return peers.standing(float(self.figures[unit]), float(self.sizes[unit]), one=float(self.ones[unit]))

    def _peers(self, use: npt.NDArray[np.bool_]) -> Peers | None:
        units = int(np.count_nonzero(use))
        if units < FEWEST_PEERS:
            return None
        values = _forward(self.figures[use], self.scale)
        errors2 = self.ones[use] ** 2 / self.sizes[use]
        # Units all of whose items are equal (durations typed in by a machine) would weigh without end.
        errors2 = np.maximum(errors2, 1e-12)
        tau2 = 0.0
        for _ in range(2):
            tau2 = _tau2(values, errors2, errors2 + tau2, self.winsorised)
        weights = 1 / (errors2 + tau2)
        centre, _ = _winsorised(values, weights, self.winsorised)
        one = math.sqrt(float((self.ones[use] ** 2).mean()))
        freedom = max(1.0, units * (1 - 2 * self.winsorised) - 1)
        return Peers(self.scale, centre, tau2, 1 / float(weights.sum()), units, freedom, one)


def overdispersion(
    values: npt.ArrayLike, errors: npt.ArrayLike, centre: float, *, winsorised: float = WINSORISED
) -> tuple[float, float]:
    """Phi and tau squared as published: how many times chance the units differ, and the variance that
    explains it.

    Args:
        values: the units' figures, transformed.
        errors: their standard errors.
        centre: the target they are held against.
        winsorised: the part cut back at each end.

    Source: Spiegelhalter (2005), section on over-dispersion; DerSimonian and Laird (1986). It is given for
    comparison with other programs: `Funnel` itself corrects what winsorising takes away and weighs units by
    what they tell.
    """
    y, s = np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if len(y) == 0:
        return math.nan, 0.0
    cut = _cut((y - centre) / s, winsorised)
    phi = float((cut**2).mean())
    weights = 1 / s**2
    freedom = float(weights.sum() - (weights**2).sum() / weights.sum())
    if len(y) < 2 or freedom <= 0:
        return phi, 0.0
    return phi, max(0.0, (len(y) * phi - (len(y) - 1)) / freedom)


def _tau2(values: Floats, errors2: Floats, variances: Floats, winsorised: float) -> float:
    """The moment formula for weights 1/`variances`, whatever these are (DerSimonian and Kacker 2007)."""
    weights = 1 / variances
    _, distances = _winsorised(values, weights, winsorised)
    q = float((distances**2).sum()) / _lost(winsorised)
    total = float(weights.sum())
    by_chance = float((weights * errors2).sum() - (weights**2 * errors2).sum() / total)
    freedom = total - float((weights**2).sum()) / total
    return max(0.0, (q - by_chance) / freedom)


def _winsorised(values: Floats, weights: Floats, part: float) -> tuple[float, Floats]:
    """The weighted mean with distant units cut back, and the distances from it in standard deviations, cut
    back.
    """
    roots = np.sqrt(weights)
    centre = float((weights * values).sum() / weights.sum())
    cut = (values - centre) * roots
    for _ in range(20):
        cut = _cut((values - centre) * roots, part)
        step = float((roots * cut).sum() / weights.sum())
        centre += step
        if abs(step) < 1e-9:
            break
    return centre, cut


def _cut(distances: Floats, part: float) -> Floats:
    """Each brought to within the quantiles at both ends."""
    # As np.quantile has it, which takes ten times as long for a few dozen units.
    ordered = np.sort(distances)
    place = part * (len(ordered) - 1)
    below, rest = int(place), place - int(place)
    above = min(below + 1, len(ordered) - 1)
    low = ordered[below] + rest * (ordered[above] - ordered[below])
    high = ordered[-1 - below] + rest * (ordered[-1 - above] - ordered[-1 - below])
    cut: Floats = np.minimum(np.maximum(distances, low), high)
    return cut


def _lost(part: float) -> float:
    """What is left of the variance of a normal distribution after both ends are cut back."""
    if part <= 0:
        return 1.0
    normal = NormalDist()
    z = normal.inv_cdf(1 - part)
    return (1 - 2 * part) - 2 * z * normal.pdf(z) + 2 * part * z**2


def _forward(values: Floats, scale: Scale) -> Floats:
    if scale == "share":
        transformed: Floats = np.arcsin(np.sqrt(values))
    elif scale == "root":
        transformed = np.sqrt(values)
    else:
        transformed = np.log(values)
    return transformed


def _back(values: Floats | float, scale: Scale) -> Floats:
    if scale == "share":
        figures: Floats = np.sin(np.clip(values, 0.0, math.pi / 2)) ** 2
    elif scale == "root":
        figures = np.maximum(values, 0.0) ** 2
    else:
        figures = np.exp(values)
    return figures
