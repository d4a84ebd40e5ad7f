"""The company's own figures, with and without a unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors._sheet import Sheet
from crmusage.metrics import distortion
from crmusage.model import Distortion

YEAR = 12
"""Months over which what is won in a month is averaged for the coverage: a year levels the seasons out."""

_DAY = 86_400_000_000

Floats = npt.NDArray[np.float64]


def win_rate(sheet: Sheet, rows: Bool) -> tuple[Floats, Floats]:
    """Won, and won or lost, by month of closing."""
    won, lost = sheet.closed_won[rows].sum(axis=0), sheet.closed_lost[rows].sum(axis=0)
    return won.astype(np.float64), (won + lost).astype(np.float64)


def mean_cycle(sheet: Sheet, rows: Bool) -> tuple[Floats, Floats]:
    """Days from entry to closing of what was won, and how many were, by month of closing.

    Their quotient is the plain mean, as dashboards have it.
    """
    return sheet.closed_span[rows].sum(axis=0) / _DAY, sheet.closed_won[rows].sum(axis=0).astype(np.float64)


def open_pipeline(sheet: Sheet, rows: Bool) -> Floats:
    """The amount that is open at the end of each month."""
    flow = sheet.opened[rows].sum(axis=0) - sheet.ended[rows].sum(axis=0)
    amounts: Floats = np.cumsum(flow) / 100
    return amounts


def coverage(sheet: Sheet, rows: Bool) -> Floats:
    """For how many months the open pipeline would last, at what a mean month of the last twelve has won."""
    earned = sheet.earned[rows].sum(axis=0) / 100
    months = np.minimum(np.arange(len(earned)) + 1, YEAR)
    return _over(open_pipeline(sheet, rows), _of_year(earned) / months)


def expected(sheet: Sheet, rows: Bool) -> Floats:
    """What a forecast makes of the open pipeline: its amount at the win rate of the last twelve months."""
    won, decided = win_rate(sheet, rows)
    return open_pipeline(sheet, rows) * _over(_of_year(won), _of_year(decided))


def distortions(sheet: Sheet, unit: int, months: Bool) -> tuple[Distortion, ...]:
    """What a unit does to the company's figures.

    Rates and cycles are those of what was closed in `months`; what is open, and what follows from it, is as
    of the end of the data. Amounts are left out where there are none.
    """
    everybody = np.ones(len(sheet.units) + 1, dtype=bool)
    others = everybody.copy()
    others[unit] = False
    found = []
    for name, rate, kind in (("win_rate", win_rate, "share"), ("mean_cycle", mean_cycle, "days")):
        of_all, without = rate(sheet, everybody), rate(sheet, others)
        ends = [(float(top[months].sum()), float(bottom[months].sum())) for top, bottom in (of_all, without)]
        if all(bottom > 0 for _, bottom in ends):
            with_unit, without_unit = (top / bottom for top, bottom in ends)
            found.append(distortion(name, with_unit, without_unit, _over(*of_all).tolist(), unit=kind))
    if sheet.has_pipeline:
        for name, figure, kind in (
            ("open_pipeline", open_pipeline, "amount"),
            ("pipeline_coverage", coverage, "months"),
            ("expected_wins", expected, "amount"),
        ):
            series, last = figure(sheet, everybody), figure(sheet, others)[-1]
            if np.isfinite(series[-1]) and np.isfinite(last):
                found.append(distortion(name, float(series[-1]), float(last), series.tolist(), unit=kind))
    return tuple(found)


def relative(shift: Distortion) -> float:
    """The part of the company's figure that the unit adds to it or takes from it; infinite if it is all of it."""
    if shift.without_unit == 0:
        return math.inf if shift.shift else 0.0
    return abs(shift.shift / shift.without_unit)


def _of_year(values: Int64 | Floats) -> Floats:
    """The sum of each month and the eleven before it."""
    total = np.concatenate([np.zeros(YEAR), np.cumsum(values, dtype=np.float64)])
    sums: Floats = total[YEAR:] - total[:-YEAR]
    return sums


def _over(top: Floats, bottom: Floats) -> Floats:
    quotients: Floats = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return quotients


def own_figure(
    name: str,
    hits: npt.NDArray[Any],
    n: npt.NDArray[Any],
    place: int,
    months: Bool | None,
    *,
    unit: str,
    series: bool,
) -> Distortion | None:
    """A figure of the company with and without a unit, from its hits and sizes (units by months).

    `series`: whether the months tell how much the figure varies by itself. None: nothing is left without the unit.
    """
    use = np.ones(hits.shape[1], dtype=bool) if months is None else months
    others = np.arange(len(hits)) != place
    top, bottom = hits[:, use].sum(axis=1), n[:, use].sum(axis=1)
    if not bottom[others].sum() > 0:
        return None
    by_month = _over(hits.sum(axis=0).astype(np.float64), n.sum(axis=0).astype(np.float64))
    return distortion(
        name,
        float(top.sum() / bottom.sum()),
        float(top[others].sum() / bottom[others].sum()),
        by_month.tolist() if series else (),
        unit=unit,
    )
