"""How much more something changed in some units than in others: few units, of unequal size."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST_UNITS = 5
"""Units in all, changed and unchanged: three degrees of freedom, with which an interval is 1.6 times as wide as
with many. With fewer it is so wide that it says nothing. Guessed."""

FEWEST_OTHERS = 2
"""Units where nothing changed. One alone cannot show how much a unit changes by itself."""


@attrs.frozen
class Contrast:
    """A difference of differences, with its 95 % interval."""

    value: float
    low: float
    high: float
    freedom: int
    """Of Student's t: the units less two."""
    spread: float
    """How much units change by themselves beyond chance within them (one standard deviation)."""

    @property
    def tells(self) -> bool:
        """Whether the interval leaves nothing (0) out of the question."""
        return self.low > 0 or self.high < 0


def contrast_of_changes(
    changes: npt.ArrayLike, errors2: npt.ArrayLike, changed: npt.ArrayLike, *, level: float = 0.95
) -> Contrast:
    """The mean change of some units less that of the others, each unit being one observation.

    Every unit is first brought down to one figure, its change from before to after. What events of one unit have
    in common, and what follows from one month to the next, is then inside that figure, and cannot be taken for
    independent evidence (Bertrand, Duflo and Mullainathan 2004; Donald and Lang 2007). A unit's figure varies by
    chance within it, which is known from its size (`errors2`), and by what units do by themselves: a variance that
    is estimated from how far they lie apart, by the method of Paule and Mandel (1982), and that all units share. The
    interval is Student's with two degrees of freedom less than there are units, and its width is never less than
    chance alone explains (Knapp and Hartung 2003, with their ad hoc bound). So it also holds for a single changed
    unit, as long as that one would have varied as the others do (the condition of Conley and Taber 2011), and for
    units of very unequal size. How often it holds is measured in benchmarks/effect.py.

    Args:
        changes: each unit's change, N of them.
        errors2: the variance of each by chance within the unit; none is 0.
        changed: which of them are the units in question.
        level: the confidence of the interval.

    Raises:
        ValueError: with fewer than three units, or none on one of the sides.
    """
    y, v = np.asarray(changes, dtype=np.float64), np.asarray(errors2, dtype=np.float64)
    who: Bools = np.asarray(changed, dtype=bool)
    freedom = len(y) - 2
    if freedom < 1 or not who.any() or who.all():
        raise ValueError("a contrast takes three units or more, and at least one on each side")
    tau2 = _between(y, v, who)
    weight = 1 / (v + tau2)
    value = _mean(y, weight, who) - _mean(y, weight, ~who)
    variance = 1 / float(weight[who].sum()) + 1 / float(weight[~who].sum())
    # Where units differ less than chance would have them, that is luck: it makes nothing surer.
    variance *= max(1.0, _distance(y, weight, who) / freedom)
    quantile: Any = special.stdtrit(freedom, (1 + level) / 2)
    half = float(quantile) * math.sqrt(variance)
    return Contrast(value, value - half, value + half, freedom, math.sqrt(tau2))


def _mean(y: Floats, weight: Floats, who: Bools) -> float:
    return float((weight[who] * y[who]).sum() / weight[who].sum())


def _distance(y: Floats, weight: Floats, who: Bools) -> float:
    """How far units lie from the mean of their side, squared and weighed."""
    centre = np.where(who, _mean(y, weight, who), _mean(y, weight, ~who))
    return float((weight * (y - centre) ** 2).sum())


def _between(y: Floats, v: Floats, who: Bools) -> float:
    """The variance between units with which they lie as far apart as is to be expected (Paule and Mandel)."""
    freedom = len(y) - 2
    if _distance(y, 1 / v, who) <= freedom:
        return 0.0
    low, high = 0.0, float(np.var(y)) + float(v.max())
    while _distance(y, 1 / (v + high), who) > freedom:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        if _distance(y, 1 / (v + middle), who) > freedom:
            low = middle
        else:
            high = middle
    return (low + high) / 2
