from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.model import Measure, Text, Undefined

LOG_STEPS = 10_000
"""Steps of the fixed-point logarithm in one natural unit: 0.01 % of a duration, far finer than any judgement.

Finer steps would not do: the squares of a hundred million durations must add up within 64 bits.
"""


def fixed_log(values: npt.ArrayLike, *, least: float) -> npt.NDArray[np.int64]:
    """Natural logarithms as whole numbers (in `LOG_STEPS`), which add up exactly whatever the order.

    Args:
        values: durations, in any unit.
        least: shorter ones, and negative ones, count as this: below it a clock says nothing any more,
            and the logarithm of a second would outweigh that of a month.
    """
    bounded = np.maximum(np.asarray(values, dtype=np.float64), least)
    steps: npt.NDArray[np.int64] = np.rint(np.log(bounded) * LOG_STEPS).astype(np.int64)
    return steps


def mean_of_logs(n: int, total: int) -> float:
    """The mean of `n` logarithms from the sum of their fixed-point values."""
    return total / LOG_STEPS / n


def deviation_of_logs(n: int, total: int, squares: int) -> float:
    """Their standard deviation (n - 1), from whole-number sums, so that no digits are lost; 0 for one."""
    if n < 2:
        return 0.0
    # Python's integers do not overflow: n * squares may pass 64 bits.
    above = int(n) * int(squares) - int(total) ** 2
    return math.sqrt(max(above, 0) / (n * (n - 1))) / LOG_STEPS


def typical_duration(
    n: int, total: int, squares: int, *, name: str, unit: str, per_unit: float = 1.0, level: float = 0.95
) -> Measure | Undefined:
    """The geometric mean of durations, from the sums of their fixed-point logarithms, with a Student
    interval.

    Durations are skewed: their logarithms are not, so it is on logarithms that they are averaged and
    compared.

    Args:
        n: how many durations.
        total: sum of `fixed_log`.
        squares: sum of its squares.
        name: what the figure is called.
        unit: what it is given in.
        per_unit: how many of the unit in which the logarithms were taken make one `unit`.
        level: the confidence of the interval (none for a single duration).
    """
    if n <= 0:
        return Undefined(name, Text("no duration to average", "aucune durée dont faire la moyenne"))
    middle = mean_of_logs(n, total)
    value = math.exp(middle) / per_unit
    if n == 1:
        return Measure(name, value, denominator=n, unit=unit)
    quantile: Any = special.stdtrit(n - 1, (1 + level) / 2)
    half = float(quantile) * deviation_of_logs(n, total, squares) / math.sqrt(n)
    return Measure(
        name, value, denominator=n, low=value * math.exp(-half), high=value * math.exp(half), unit=unit
    )
