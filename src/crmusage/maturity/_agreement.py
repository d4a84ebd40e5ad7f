from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from crmusage.model import Measure, Text, Undefined

Table = Sequence[Sequence[float]]


def linear_weights(size: int) -> list[list[float]]:
    """How far apart two of `size` ordered answers are: yes and no twice as far as yes and partly."""
    return [[float(abs(i - j)) for j in range(size)] for i in range(size)]


def weighted_kappa(table: Table, weights: Table) -> float | None:
    """Cohen's weighted kappa of two assessors: 1 is full agreement, 0 what chance would bring.

    Args:
        table: how often (counts or shares) the first answered i and the second j; square.
        weights: how much a disagreement of i and j weighs; square, 0 on the diagonal.

    Returns:
        None where chance alone could bring no disagreement (both always gave one and the same answer).

    Source: Cohen (1968), Weighted kappa, Psychological Bulletin 70.
    """
    size = range(len(table))
    total = sum(map(sum, table))
    rows = [sum(row) for row in table]
    columns = [sum(row[j] for row in table) for j in size]
    observed = sum(weights[i][j] * table[i][j] for i in size for j in size)
    by_chance = sum(weights[i][j] * rows[i] * columns[j] for i in size for j in size)
    if total == 0 or by_chance == 0:
        return None
    return 1 - observed * total / by_chance


def agreement(
    ratings: Sequence[Sequence[int | None]], size: int, weights: Table | None = None
) -> Measure | Undefined:
    """How far assessors agree beyond chance, on answers 0 to `size` - 1.

    Weighted kappa for two assessors; for more, the mean of it over all pairs (Light 1971). Two
    are compared on what both know. The interval (95 %, clipped to -1 and 1) is the jackknife's, over the questions.

    Args:
        ratings: a row for each question, in it an answer for each assessor; None: not known.
        size: how many answers there are.
        weights: how much a disagreement weighs; by default linear.
    """
    name = "agreement"
    assessors = len(ratings[0]) if ratings else 0
    if assessors < 2:
        return Undefined(
            name,
            Text(
                "there is one sheet only; agreement takes a second",
                "une seule fiche : il en faut une deuxième pour mesurer l'accord",
            ),
        )
    compared = [row for row in ratings if sum(one is not None for one in row) >= 2]
    shared = len(compared)
    if shared < 2:
        return Undefined(
            name,
            Text(
                "fewer than two questions that two assessors both answered",
                "moins de deux questions auxquelles deux évaluateurs ont répondu",
            ),
        )
    pairs = list(itertools.combinations(range(assessors), 2))
    by = linear_weights(size) if weights is None else weights
    tables = [[[0.0] * size for _ in range(size)] for _ in pairs]
    for row in compared:
        _count(tables, pairs, row, 1)
    value = _mean_kappa(tables, by)
    if value is None:
        return Undefined(
            name,
            Text(
                "all gave one and the same answer throughout: chance could not do worse",
                "tous ont donné partout la même réponse : le hasard ne ferait pas moins bien",
            ),
        )
    again = []
    for row in compared:
        _count(tables, pairs, row, -1)
        again.append(_mean_kappa(tables, by))
        _count(tables, pairs, row, 1)
    left_out = [one for one in again if one is not None]
    if len(left_out) < len(again):
        # One question alone keeps the figure alive: there is no telling how sure it is.
        return Measure(name, value, denominator=shared, unit="count")
    n = len(left_out)
    mean = sum(left_out) / n
    # 1.96: with 25 questions or so, Student's quantile would add 5 % to a width that is rough in any case.
    half = 1.96 * math.sqrt((n - 1) / n * sum((one - mean) ** 2 for one in left_out))
    return Measure(
        name,
        value,
        denominator=shared,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        unit="count",
    )


def _count(
    tables: list[list[list[float]]], pairs: list[tuple[int, int]], row: Sequence[int | None], by: int
) -> None:
    for table, (first, second) in zip(tables, pairs, strict=True):
        i, j = row[first], row[second]
        if i is not None and j is not None:
            table[i][j] += by


def _mean_kappa(tables: list[list[list[float]]], weights: Table) -> float | None:
    kappas = [kappa for table in tables if (kappa := weighted_kappa(table, weights)) is not None]
    return sum(kappas) / len(kappas) if kappas else None
