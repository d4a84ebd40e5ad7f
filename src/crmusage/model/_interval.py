from __future__ import annotations

import math


def wilson(numerator: float, denominator: float, *, level: float = 0.95) -> tuple[float, float]:
    """The score interval of Wilson (1927) for a share: right also near 0 and 1 and for small numbers.

    Raises:
        ValueError: when the denominator is not positive, or the numerator is not within it.
    """
    # The import costs some milliseconds, and most who speak of shares have their interval already.
    from statistics import NormalDist

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
