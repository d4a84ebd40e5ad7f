"""How far the statements of one criterion measure one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crmusage.adoptability._student import f_quantile
from crmusage.model import Measure, Text, Undefined

Matrix = Sequence[Sequence[float]]

_STEPS = 1_000
"""4 to 5 items take some ten steps; where a uniqueness is nearly nothing it creeps."""
_STILL = 1e-10
"""A loading that moves by less, in units of its item's deviation, has settled."""
_TINY = 1e-300
_HEYWOOD = 1e-4
"""A share of unique variance below this is none: the model does not fit (a Heywood case). Guessed."""


def covariances(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """The covariances of the columns, divided by n - 1. At least two rows, none with a gap."""
    n, k = len(rows), len(rows[0])
    means = [sum(row[i] for row in rows) / n for i in range(k)]
    centred = [[value - mean for value, mean in zip(row, means, strict=True)] for row in rows]
    return [[sum(row[i] * row[j] for row in centred) / (n - 1) for j in range(k)] for i in range(k)]


def alpha(rows: Sequence[Sequence[float]]) -> Measure | Undefined:
    """Cronbach's alpha of a scale (rows: persons, columns: items, no gaps), with Feldt's 95 % interval.

    Source: Cronbach (1951); the interval: Feldt (1965), by the F distribution with n - 1 and (n - 1)(k - 1) degrees.
    """
    reason = _short(rows)
    if reason:
        return Undefined("alpha", reason)
    n, k = len(rows), len(rows[0])
    s = covariances(rows)
    total = sum(map(sum, s))
    if total <= 1e-12:
        return Undefined("alpha", NO_SPREAD)
    value = k / (k - 1) * (1 - sum(s[i][i] for i in range(k)) / total)
    degrees = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - value) * f_quantile(0.975, *degrees)
    high = 1 - (1 - value) * f_quantile(0.025, *degrees)
    return Measure("alpha", value, denominator=n, low=low, high=high, unit="count")


def omega(rows: Sequence[Sequence[float]]) -> Measure | Undefined:
    """McDonald's omega of a scale: the share of the sum's variance that is due to one common factor.

    No interval: use alpha's as a hint.

    Source: McDonald (1999), Test Theory, chapter 6; the factor by maximum likelihood.
    """
    reason = _short(rows)
    if reason:
        return Undefined("omega", reason)
    if len(rows[0]) < 3:
        return Undefined("omega", TWO_ITEMS)
    s = covariances(rows)
    if any(s[i][i] <= 1e-12 for i in range(len(s))):
        return Undefined("omega", NO_SPREAD)
    found = one_factor(s)
    if found is None:
        return Undefined("omega", NO_FACTOR)
    return Measure("omega", omega_of(*found), denominator=len(rows), unit="count")


def omega_of(loadings: Sequence[float], uniquenesses: Sequence[float]) -> float:
    """Omega from a one-factor solution."""
    common = sum(loadings) ** 2
    return common / (common + sum(uniquenesses))


def one_factor(s: Matrix) -> tuple[list[float], list[float]] | None:
    """Loadings and unique variances of the one-factor model, by maximum likelihood.

    Args:
        s: a covariance or correlation matrix of at least three variables, each with some variance.

    Returns:
        None where the model does not fit: no solution is found, or a unique variance is next to nothing.

    Source: the EM algorithm of Rubin and Thayer (1982), Psychometrika 47, for one factor, sped up by the extrapolation
    SqS3 of Varadhan and Roland (2008), Scandinavian Journal of Statistics 35.
    """
    k = len(s)
    here = [math.sqrt(s[i][i] / 2) for i in range(k)] + [s[i][i] / 2 for i in range(k)]
    least = [_HEYWOOD * s[i][i] for i in range(k)]
    for _ in range(_STEPS):
        one = _em(s, here)
        two = _em(s, one)
        if any(two[k + i] < least[i] for i in range(k)):
            return None
        step = [b - a for a, b in zip(here, one, strict=True)]
        bend = [c - b - d for b, c, d in zip(one, two, step, strict=True)]
        if all(
            abs(c - b) < _STILL * math.sqrt(s[i % k][i % k])
            for i, (b, c) in enumerate(zip(one, two, strict=True))
        ):
            return two[:k], two[k:]
        curve = sum(d * d for d in bend)
        # A leap out of what is possible is not taken.
        far = max(1.0, math.sqrt(sum(d * d for d in step) / curve)) if curve > 0 else 1.0
        leap = [a + 2 * far * d + far * far * e for a, d, e in zip(here, step, bend, strict=True)]
        here = _em(s, leap) if all(leap[k + i] > least[i] for i in range(k)) else two
    return None


def _em(s: Matrix, here: Sequence[float]) -> list[float]:
    """One step: loadings, then unique variances."""
    k = range(len(s))
    loadings, unique = here[: len(s)], here[len(s) :]
    weights = [loadings[i] / unique[i] for i in k]
    scale = 1 + sum(weights[i] * loadings[i] for i in k)
    weights = [weight / scale for weight in weights]
    crossed = [sum(s[i][j] * weights[j] for j in k) for i in k]
    spread = 1 - sum(weights[i] * loadings[i] for i in k) + sum(weights[i] * crossed[i] for i in k)
    after = [crossed[i] / spread for i in k]
    return after + [max(s[i][i] - after[i] * crossed[i], _TINY) for i in k]


FEW_PEOPLE = Text(
    "fewer than two people answered every statement",
    "moins de deux personnes ont répondu à toutes les affirmations",
)
ONE_ITEM = Text("fewer than two statements were asked", "moins de deux affirmations proposées")
TWO_ITEMS = Text(
    "fewer than three statements were asked, too few for a factor",
    "moins de trois affirmations proposées : trop peu pour en tirer un facteur",
)
NO_SPREAD = Text(
    "all gave the same answers: nothing varies", "tous ont donné les mêmes réponses : rien ne varie"
)
NO_FACTOR = Text(
    "one common factor does not fit these answers",
    "un facteur commun ne suffit pas à expliquer ces réponses",
)


def _short(rows: Sequence[Sequence[float]]) -> Text | None:
    if len(rows) < 2:
        return FEW_PEOPLE
    return ONE_ITEM if len(rows[0]) < 2 else None
