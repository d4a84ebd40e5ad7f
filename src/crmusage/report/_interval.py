from __future__ import annotations

import math


def wilson(kept: float, of: float, z: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): the shares that lie within `z` deviations of it.

    Here for drawing and pointing, without NumPy; figures that are judged bring their own interval.
    """
    if of <= 0:
        return 0.0, 1.0
    share = kept / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
