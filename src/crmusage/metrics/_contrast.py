from __future__ import annotations

import math

import attrs

from crmusage.metrics._share import wilson
from crmusage.model import Text, Undefined


@attrs.frozen
class Contrast:
    """How far apart two shares are: the first minus the second, with its 95 % interval."""

    difference: float
    low: float
    high: float
    ratio: float | None
    """The first over the second; None when the second is 0."""


def contrast(
    numerator: float,
    denominator: float,
    other_numerator: float,
    other_denominator: float,
    *,
    level: float = 0.95,
) -> Contrast | Undefined:
    """The effect size of a share against another: the difference, with the hybrid score interval.

    It says how far two groups are apart as they stand, by chance within them alone. Whether a unit is unlike
    its peers is another question: peers differ too, and `Funnel` answers it.

    Source: Newcombe (1998), Interval estimation for the difference between independent proportions, method
    10.
    """
    if denominator <= 0 or other_denominator <= 0:
        return Undefined("contrast", Text("one of the two sides is empty", "l'un des deux côtés est vide"))
    first, second = numerator / denominator, other_numerator / other_denominator
    low1, high1 = wilson(numerator, denominator, level=level)
    low2, high2 = wilson(other_numerator, other_denominator, level=level)
    difference = first - second
    return Contrast(
        difference,
        difference - math.hypot(first - low1, high2 - second),
        difference + math.hypot(high1 - first, second - low2),
        first / second if second else None,
    )
