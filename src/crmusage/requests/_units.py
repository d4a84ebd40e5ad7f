"""Units that are large enough to be spoken of."""

from __future__ import annotations

import math
from collections.abc import Mapping

from crmusage.model import Measure, Undefined

MIN_GROUP = 5
"""Units with fewer persons are not reported: a figure for two people is a figure about each of them."""
_Z = 1.959963984540054
"""The normal deviate of a 95 % interval."""


def is_reported(unit: str | None, sizes: Mapping[str, int], min_group: int) -> bool:
    """Whether a unit is large enough. One whose size is not known could be one person."""
    return unit is not None and sizes.get(unit, 1) >= min_group


def share(name: str, part: int, whole: int) -> Measure | Undefined:
    """A part of a whole with its 95 % interval, by Wilson (1927)."""
    if not whole:
        return Undefined(name, "nothing to take a share of")
    p, z2 = part / whole, _Z**2
    scale = 1 + z2 / whole
    middle = (p + z2 / (2 * whole)) / scale
    half = _Z / scale * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole**2))
    low = 0.0 if part == 0 else max(0.0, middle - half)
    high = 1.0 if part == whole else min(1.0, middle + half)
    return Measure(name, p, part, whole, low, high)
