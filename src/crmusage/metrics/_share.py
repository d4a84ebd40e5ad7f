from __future__ import annotations

import math
from statistics import NormalDist

from crmusage.model import Measure, Undefined


def share(
    numerator: float, denominator: float, *, name: str = "share", level: float = 0.95
) -> Measure | Undefined:
    """A part of a whole, with its Wilson score interval.

    Args:
        numerator: how many did, 0 to `denominator`.
        denominator: of how many.
        name: what the share is called.
        level: the confidence of the interval.

    Returns:
        The measure; `Undefined` when there is nothing to take a share of.

    Raises:
        ValueError: when the numerator is negative or more than the denominator.
    """
    if denominator <= 0:
        return Undefined(name, "nothing to take a share of")
    low, high = wilson(numerator, denominator, level=level)
    return Measure(name, numerator / denominator, numerator, denominator, low, high)


def wilson(numerator: float, denominator: float, *, level: float = 0.95) -> tuple[float, float]:
    """The score interval of Wilson (1927) for a share: right also near 0 and 1 and for small numbers.

    Raises:
        ValueError: when the denominator is not positive, or the numerator is not within it.
    """
    if denominator <= 0 or not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator} of {denominator} is not a share: 0 <= numerator <= denominator, not 0")
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = numerator / denominator
    scale = 1 + z**2 / denominator
    middle = (p + z**2 / (2 * denominator)) / scale
    half = z / scale * math.sqrt(p * (1 - p) / denominator + z**2 / (4 * denominator**2))
    # At the ends the bound is the end itself; rounding must not say otherwise.
    low = 0.0 if numerator == 0 else max(0.0, middle - half)
    high = 1.0 if numerator == denominator else min(1.0, middle + half)
    return low, high
