from __future__ import annotations

import math

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.model import Text, Undefined


@attrs.frozen
class Odds:
    """How many times the odds of an outcome are those of the others, layer by layer alike."""

    ratio: float
    low: float
    high: float
    p_value: float
    n: int
    strata: int
    """Layers that said anything."""


def mantel_haenszel(tables: npt.ArrayLike, *, level: float = 0.95) -> Odds | Undefined:
    """The common odds ratio of two-by-two tables, so that what differs between the layers does not count.

    Args:
        tables: [S, 2, 2], one a layer: rows with and without the usage, columns with and without the outcome.
        level: the confidence of the interval.

    Returns:
        The ratio with the interval of Robins, Breslow and Greenland (1986) and the test of Cochran, Mantel and
        Haenszel (with correction for continuity); `Undefined` where no layer has both rows and both columns, or
        where the ratio would be 0 or without end.

    Source: Mantel and Haenszel (1959).
    """
    counts = np.asarray(tables, dtype=np.float64)
    total = counts.sum(axis=(1, 2))
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    tells = (rows.min(axis=1) > 0) & (columns.min(axis=1) > 0)
    if not tells.any():
        return Undefined(
            "odds_ratio",
            Text(
                "no layer has cases with and without, of both outcomes",
                "aucune strate ne réunit des dossiers avec et sans, et les deux issues",
            ),
        )
    counts, total, rows, columns = counts[tells], total[tells], rows[tells], columns[tells]
    a, b, c, d = counts[:, 0, 0], counts[:, 0, 1], counts[:, 1, 0], counts[:, 1, 1]
    r, s = a * d / total, b * c / total
    if r.sum() == 0 or s.sum() == 0:
        return Undefined(
            "odds_ratio",
            Text("all of one outcome on one side", "d'un côté, tous les dossiers ont la même issue"),
        )
    ratio = float(r.sum() / s.sum())
    p, q = (a + d) / total, (b + c) / total
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    half = float(special.ndtri((1 + level) / 2)) * math.sqrt(float(variance))
    expected = rows[:, 0] * columns[:, 0] / total
    spread = rows.prod(axis=1) * columns.prod(axis=1) / (total**2 * np.maximum(total - 1, 1))
    above = max(abs(float((a - expected).sum())) - 0.5, 0.0)
    chi2 = above**2 / float(spread.sum()) if spread.sum() > 0 else 0.0
    return Odds(
        ratio,
        ratio * math.exp(-half),
        ratio * math.exp(half),
        float(special.chdtrc(1, chi2)),
        int(total.sum()),
        len(total),
    )
