"""How cases end in which a rule was kept, next to those in which it was broken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.conformance._assess import judge_rule
from crmusage.conformance._effect_tally import (
    CYCLE,
    FIGURES,
    FULFILLED,
    WIN_RATE,
    closed_cases,
    endings,
    log_hours,
)
from crmusage.history import Counts, History
from crmusage.metrics import LOG_STEPS
from crmusage.rules import UsageRule, Verdict

Floats = npt.NDArray[np.float64]

KEYS = {"rule": str, "expect": int, "figure": str, "unit": str, "kept": int}
SUMS = ("n", "hits", "logs", "squares")

ALIKE_SHARES = 0.05
"""Shares of cases that ended well are alike when they surely lie within so much of each other: five points of win
rate are what a good quarter differs from a poor one by. Guessed."""

ALIKE_TIMES = math.log(1.1)
"""Durations are alike when they surely lie within a tenth of each other. Guessed."""

LEVEL = 0.90
"""Two one-sided tests at 5 % hold what lies inside the 90 % interval (Schuirmann 1987)."""


@attrs.frozen
class EndingsCompared:
    """One figure of the closed cases in which an expectation was kept, less that of those in which it was broken.

    `low` and `high` bound the 90 % interval: where it lies within the margin, the two are alike. A wide interval is
    no likeness: it only says that little is known.
    """

    rule: str
    expect: int
    figure: str
    """win_rate, fulfilled_share or cycle."""
    kept: int
    """Cases."""
    broken: int
    value: float
    """A difference of shares; of durations that of the mean logarithms."""
    low: float
    high: float
    margin: float

    @property
    def alike(self) -> bool:
        """Whether the whole interval lies within the margin."""
        return -self.margin < self.low and self.high < self.margin


def tally_endings(part: History, rules: Sequence[UsageRule]) -> Counts:
    """Add up how the closed cases ended in which each expectation was kept (always), and in which it was broken.

    Cases in which nothing was decided are on neither side. Tallies of parts merge to that of the whole.
    """
    index = part.index
    well, figures = endings(part)
    logs, ended = log_hours(part), closed_cases(part)
    counts = Counts.empty(KEYS, SUMS)
    for place, rule in enumerate(rules):
        # A cadence is kept and broken by turns in one case: it stands on no side.
        for position, judged in enumerate(judge_rule(part, attrs.evolve(rule, cadence=None), reasons=False)):
            side = np.full(index.n_cases, -1, dtype=np.int64)
            side[judged.case[judged.verdict == Verdict.FULFILLED]] = 1
            side[judged.case[judged.verdict == Verdict.VIOLATED]] = 0
            some = [ended[use[ended] & (side[ended] >= 0)] for use in figures.values()]
            case = np.concatenate(some)
            name = np.repeat([FIGURES.index(figure) for figure in figures], [len(rows) for rows in some])
            log = np.where(name == FIGURES.index(CYCLE), logs[case], 0)
            # One expectation at a time: the arrays of a large history are as long as it has cases.
            counts = counts.merge(
                Counts.of(
                    keys={
                        "rule": (np.full(len(case), place), [one.id for one in rules]),
                        "expect": np.full(len(case), position),
                        "figure": (name, FIGURES),
                        "unit": (index.case_unit[case], index.units),
                        "kept": side[case],
                    },
                    sums={"n": None, "hits": well[case].astype(np.int64), "logs": log, "squares": log**2},
                )
            )
    return counts


def compare_endings(counts: Counts) -> tuple[EndingsCompared, ...]:
    """What follows from the tally of a whole history: for each expectation, the figures that can be compared.

    Cases are compared within their unit, and the units' differences averaged with the weights of Mantel and
    Haenszel, so that a unit which both breaks the rule and does badly for other reasons counts for nothing. Where
    units differ more than chance would have them, the interval is as much wider; it is Student's with as many degrees
    of freedom as there are units less one.
    """
    grouped: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for row in counts.rows():
        grouped.setdefault((row["rule"], row["expect"], row["figure"]), []).append(row)
    compared = []
    for (rule, expect, figure), rows in sorted(grouped.items()):
        made = _compared(rows, shares=figure in {WIN_RATE, FULFILLED})
        if made is not None:
            margin = ALIKE_SHARES if figure in {WIN_RATE, FULFILLED} else ALIKE_TIMES
            compared.append(EndingsCompared(rule, expect, figure, *made, margin))
    return tuple(compared)


def _compared(rows: list[dict[str, Any]], *, shares: bool) -> tuple[int, int, float, float, float] | None:
    """Cases kept and broken, the difference, and its interval; None: there is nothing to compare."""
    units = sorted({row["unit"] for row in rows}, key=lambda unit: (unit is None, unit or ""))
    place = {unit: k for k, unit in enumerate(units)}
    n, total, squares = (np.zeros((len(units), 2)) for _ in range(3))
    for row in rows:
        at = place[row["unit"]], row["kept"]
        n[at] = row["n"]
        total[at] = row["hits"] if shares else row["logs"] / LOG_STEPS
        squares[at] = row["squares"] / LOG_STEPS**2
    both = n.min(axis=1) > 0
    if not both.any():
        return None
    n, total, squares = n[both], total[both], squares[both]
    if shares:
        p = (total.sum() + 1) / (n.sum() + 2)
        one = p * (1 - p)
        if total.sum() in {0, n.sum()}:
            return None
    else:
        one = max(float((squares - total**2 / n).sum()) / max(float((n - 1).sum()), 1.0), 1e-6)
    weight = n.prod(axis=1) / n.sum(axis=1)
    apart: Floats = total[:, 1] / n[:, 1] - total[:, 0] / n[:, 0]
    value = float((weight * apart).sum() / weight.sum())
    freedom = len(weight) - 1
    restless = float((weight * (apart - value) ** 2).sum()) / one / freedom if freedom else 1.0
    deviation = math.sqrt(one * max(1.0, restless) / float(weight.sum()))
    quantile: Any = special.stdtrit(freedom, (1 + LEVEL) / 2) if freedom else special.ndtri((1 + LEVEL) / 2)
    half = float(quantile) * deviation
    return int(n[:, 1].sum()), int(n[:, 0].sum()), value, value - half, value + half
