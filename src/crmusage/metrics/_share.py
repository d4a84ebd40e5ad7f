from __future__ import annotations

from crmusage.model import Measure, Text, Undefined, wilson

__all__ = ["share", "wilson"]


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
        return Undefined(name, Text("nothing to take a share of", "total nul : aucun pourcentage à calculer"))
    low, high = wilson(numerator, denominator, level=level)
    return Measure(name, numerator / denominator, numerator, denominator, low, high)
