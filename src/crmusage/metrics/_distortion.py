from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from crmusage.model import Distortion

VISIBLE = 1.96
"""A shift of more than so many standard deviations of a figure stands out from its usual changes (95 %)."""

FEWEST_PERIODS = 6
"""Fewer periods say nothing about how much a figure changes by itself. Guessed: half a year of months."""

_MAD_TO_SD = 1.4826  # the median absolute deviation of a normal distribution is 1/1.4826 standard deviations
_RANGE_TO_SD = 1.128  # the mean difference of two values (d2 of control charts, for groups of two)


def distortion(
    measure: str,
    with_unit: float,
    without_unit: float,
    series: Iterable[float | None],
    *,
    unit: str = "share",
) -> Distortion:
    """What a unit does to a figure of the company, and whether anybody could have seen it in that figure.

    Args:
        measure: what the figure is called.
        with_unit: the figure of the whole company.
        without_unit: the figure of all others.
        series: the company's figure period by period, in order; None or NaN where there is none.
        unit: what the figure is in.

    Returns:
        The distortion. `hidden` says that the shift is inside 1.96 times what the figure varies by itself
        from period to period. With fewer than six periods nothing is said to be hidden, and `spread` is None.
    """
    spread = period_spread(series)
    hidden = spread is not None and abs(with_unit - without_unit) <= VISIBLE * spread
    return Distortion(measure, with_unit, without_unit, hidden, spread, unit)


def period_spread(series: Iterable[float | None]) -> float | None:
    """How much a figure varies by itself from period to period: one standard deviation; None: too few
    periods.

    It is taken from the differences of neighbouring periods, about their median, so that neither a slow trend
    nor one leap nor a single wild month counts as the figure's usual play.
    """
    values = np.array([math.nan if value is None else value for value in series], dtype=np.float64)
    if np.count_nonzero(np.isfinite(values)) < FEWEST_PERIODS:
        return None
    steps = np.diff(values)
    steps = steps[np.isfinite(steps)]
    if len(steps) < FEWEST_PERIODS - 1:
        return None
    # A difference of two values varies by the square root of two more than each of them.
    spread = _MAD_TO_SD * float(np.median(np.abs(steps - np.median(steps)))) / math.sqrt(2)
    if spread == 0:
        # More than half of the steps are equal, as with very few cases: the mean still sees the rest.
        spread = float(np.mean(np.abs(steps))) / _RANGE_TO_SD
    return spread
