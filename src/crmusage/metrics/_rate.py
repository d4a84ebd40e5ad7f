from __future__ import annotations

import math
from statistics import NormalDist

from crmusage.model import Measure, Text, Undefined


def rate(
    count: float,
    exposure: float,
    *,
    name: str = "rate",
    unit: str = "count",
    dispersion: float = 1.0,
    level: float = 0.95,
    label: Text | None = None,
) -> Measure | Undefined:
    """How often something happens in the time in which it can, with its interval.

    Args:
        count: how often it happened.
        exposure: for how long it could have, in units of what the rate is given per.
        name: what the rate is called.
        unit: what it is in.
        dispersion: how many times the variance of a Poisson count this one has.
        level: the confidence of the interval.
        label: what a reader is told that it is.

    Returns:
        The measure; `Undefined` when there was no time.

    Raises:
        ValueError: when the count is negative.

    The interval is symmetric on the scale of roots, the upper limit taken one count further: for Poisson counts
    it is within 7 % of the exact limits (Garwood 1936), and it allows for clusters, which those do not.
    """
    if count < 0:
        raise ValueError(f"nothing happens {count} times")
    if exposure <= 0:
        return Undefined(
            name,
            Text(
                "no time in which it could have happened",
                "aucune durée pendant laquelle cela aurait pu se produire",
            ),
        )
    half = NormalDist().inv_cdf((1 + level) / 2) / 2 * math.sqrt(dispersion)
    low, high = max(0.0, math.sqrt(count) - half) ** 2, (math.sqrt(count + 1) + half) ** 2
    return Measure(name, count / exposure, count, exposure, low / exposure, high / exposure, unit, label)


def dispersion(count: int, squares: int, products: int, spans: int, exposure: int, groups: int) -> float:
    """How many times the variance of a Poisson count the counts of groups have, at least 1.

    Args:
        count: what happened in all groups.
        squares: the sum of the squares of the groups' counts.
        products: the sum of each group's count times its exposure.
        spans: the sum of the squares of the groups' exposures.
        exposure: of all groups.
        groups: how many there are.

    The variance of a ratio whose groups are the units of chance (Cochran 1977, section 6), over that of a Poisson
    count, from whole-number sums that add up exactly.
    """
    if groups < 2 or count <= 0 or exposure <= 0:
        return 1.0
    one = count / exposure
    above = squares - 2 * one * products + one**2 * spans
    return max(1.0, above / count * groups / (groups - 1))
