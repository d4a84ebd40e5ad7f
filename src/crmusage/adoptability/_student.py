"""Quantiles of Student's and of Fisher's distribution, without a library of numerics."""

from __future__ import annotations

import math
from collections.abc import Callable

_TINY = 1e-300


def t_quantile(p: float, df: float) -> float:
    """The value that Student's t with `df` degrees of freedom stays below with probability `p`, 0 < p < 1."""
    if p < 0.5:
        return -t_quantile(1 - p, df)
    # P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t²).
    x = _solved(lambda x: beta_share(x, df / 2, 0.5), 2 * (1 - p))
    return math.sqrt(df * (1 - x) / x)


def f_quantile(p: float, above: float, below: float) -> float:
    """The value that Fisher's F with `above` and `below` degrees of freedom stays below with probability `p`."""
    # P(F < f) = I_x(above/2, below/2) with x = above f / (above f + below).
    x = _solved(lambda x: beta_share(x, above / 2, below / 2), p)
    return below * x / (above * (1 - x))


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22), Lentz's method."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, 1000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + step * d
            d = 1 / (d if abs(d) > _TINY else _TINY)
            c = 1 + step / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return math.exp(log) * value / a


def _solved(share: Callable[[float], float], p: float) -> float:
    low, high = 0.0, 1.0
    # Halving until the two are neighbours among the floats near the value, or 200 times.
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if share(middle) < p else (low, middle)
    return (low + high) / 2
