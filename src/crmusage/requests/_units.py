"""Units that are large enough to be spoken of."""

from __future__ import annotations

from collections.abc import Mapping

from crmusage.model import MIN_GROUP, Measure, Text, Undefined, wilson

__all__ = ["MIN_GROUP", "is_reported", "share"]


def is_reported(unit: str | None, sizes: Mapping[str, int], min_group: int) -> bool:
    """Whether a unit is large enough. One whose size is not known could be one person."""
    return unit is not None and sizes.get(unit, 1) >= min_group


def share(name: str, part: int, whole: int) -> Measure | Undefined:
    """A part of a whole with its 95 % interval, by Wilson (1927)."""
    if not whole:
        return Undefined(name, Text("nothing to take a share of", "total nul : aucun pourcentage à calculer"))
    return Measure(name, part / whole, part, whole, *wilson(part, whole))
