"""The two pictures of a finding: where the unit stands among its peers, and since when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from crmusage.model import FunnelFigure, FunnelPoint, SeriesFigure, Wording, wilson
from crmusage.report._svg import Svg, bounds, circle, line, path, picture, shortened, steps, text

_T = TypeVar("_T")

_SIZE = (540.0, 300.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 14.0, 14.0, 42.0
_TICKS = 5
_CROWDED = 46.0
"""Units of the picture that the label of a tick needs."""
_LONGEST_NAME = 30


class _Plot:
    """Where values are on the paper."""

    left, right = _LEFT, _SIZE[0] - _RIGHT
    top, bottom = _TOP, _SIZE[1] - _BOTTOM

    def __init__(self, along: float, up: tuple[float, float]) -> None:
        self._along, self._up = along, up

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * value / self._along

    def y(self, value: float) -> float:
        low, high = self._up
        return self.bottom - (self.bottom - self.top) * (min(max(value, low), high) - low) / (high - low)

    def grid(self, unit: str, words: Wording) -> list[Svg]:
        parts = []
        for tick in steps(*self._up, _TICKS):
            y = self.y(tick)
            told = words.value(tick, unit if unit in {"share", "amount"} else "count")
            parts += [
                line("grid", (self.left, y), (self.right, y)),
                text("tick", told, (self.left - 7, y + 3.5), "end"),
            ]
        if words.unit(unit):
            parts.append(text("tick", words.unit(unit), (self.left - 7, _TOP - 6), "end"))
        return parts

    def in_left_half(self, x: float) -> bool:
        return x <= (self.left + self.right) / 2


def funnel(figure: FunnelFigure, words: Wording, key: str) -> Svg:
    """Units by size: peers as dots without names, the limits of what is usual, the unit in question named."""
    points = [point for point in figure.points if point.n >= 0 and math.isfinite(point.n + point.value)]
    limits = [row for row in sorted(figure.limits) if row[0] >= 0 and all(map(math.isfinite, row))]
    largest = 1.05 * max([1.0, *(point.n for point in points), *(row[0] for row in limits)])
    values = [figure.centre, *(point.value for point in points), *(end for row in limits for end in row[1:])]
    # The square root spreads the many small units, where the limits are wide.
    plot = _Plot(math.sqrt(largest), bounds(values, figure.unit))

    def at(n: float, value: float) -> tuple[float, float]:
        return plot.x(math.sqrt(n)), plot.y(value)

    parts = plot.grid(figure.unit, words)
    if limits:
        above, below = [at(n, high) for n, _, high in limits], [at(n, low) for n, low, _ in limits]
        parts.append(path("band", [*above, *reversed(below)], closed=True))
    parts.append(line("norm", at(0, figure.centre), at(largest, figure.centre)))
    peers = [point for point in points if point.name is None]
    named = [point for point in points if point.name is not None]
    parts += [circle("peer", at(point.n, point.value), 3) for point in peers]
    for point in named:
        parts += _named(point, at(point.n, point.value), plot, figure.unit, words)
    parts += _sizes(largest, plot, words)
    return picture(key, words.of(figure.title), _told_funnel(figure, named, len(peers), words), _SIZE, *parts)


def series(figure: SeriesFigure, words: Wording, key: str, unit_name: str) -> Svg:
    """The unit month by month with its 95 % interval, its peers, and since when."""
    made_of = list(zip(figure.numerators, figure.denominators, strict=True))
    values = [n / d if d else None for n, d in made_of]
    peers = [value if value is not None and math.isfinite(value) else None for value in figure.peers]
    # Only a share has an interval that its two numbers tell.
    sure = [wilson(n, d) if d and figure.unit == "share" and 0 <= n <= d else None for n, d in made_of]
    shown = [value for value in (*values, *peers) if value is not None]
    shown += [end for ends in sure if ends is not None for end in ends]
    plot = _Plot(float(max(len(figure.periods), 1)), bounds(shown, figure.unit))

    def at(place: int, value: float) -> tuple[float, float]:
        return plot.x(place + 0.5), plot.y(value)

    parts = plot.grid(figure.unit, words)
    for ends_run in _runs(sure):
        above, below = [at(i, ends[1]) for i, ends in ends_run], [at(i, ends[0]) for i, ends in ends_run]
        parts.append(path("sure", [*above, *reversed(below)], closed=True))
    for class_, told in (("peers", peers), ("unit", values)):
        parts += [path(class_, [at(i, value) for i, value in run]) for run in _runs(told)]
    parts += [circle("dot", at(i, value), 2.5) for run in _runs(values) for i, value in run]
    parts += _onset(figure, plot, words)
    parts += _months(figure, plot, words)
    # The lines are named where they end, so that no legend is needed.
    for class_, name, told in (
        ("tick", words.pick("peers", "ses pairs"), peers),
        ("label", shortened(unit_name, _LONGEST_NAME), values),
    ):
        runs = _runs(told)
        if runs:
            x, y = at(*runs[-1][-1])
            below_line = y < (plot.top + plot.bottom) / 2
            parts.append(text(class_, name, (x + 3, y + 20 if below_line else y - 9), "end"))
    return picture(key, words.of(figure.title), _told_series(figure, values, words), _SIZE, *parts)


def _named(point: FunnelPoint, at: tuple[float, float], plot: _Plot, unit: str, words: Wording) -> list[Svg]:
    label = f"{shortened(point.name or '', _LONGEST_NAME)} {words.value(point.value, unit)}"
    right = plot.in_left_half(at[0])
    beside = (at[0] + 13 if right else at[0] - 13, at[1] + 4)
    return [
        circle("halo", at, 9),
        circle("dot", at, 5),
        text("label", label, beside, "start" if right else "end"),
    ]


def _sizes(largest: float, plot: _Plot, words: Wording) -> list[Svg]:
    told = words.pick("size of the unit (cases)", "taille de l'unité (dossiers)")
    parts = [text("tick", told, ((plot.left + plot.right) / 2, _SIZE[1] - 5))]
    last = plot.right + _CROWDED
    for size in sorted((factor * 10.0**power for power in range(10) for factor in (1, 2, 5)), reverse=True):
        x = plot.x(math.sqrt(size))
        if plot.left + _CROWDED / 2 < x < last - _CROWDED and size <= largest:
            last = x
            parts.append(text("tick", words.number(size), (x, plot.bottom + 16)))
    return parts


def _onset(figure: SeriesFigure, plot: _Plot, words: Wording) -> list[Svg]:
    onset = figure.onset
    for place, period in enumerate(figure.periods):
        if onset is not None and period.start <= onset < period.end:
            x = plot.x(place + (onset - period.start) / (period.end - period.start))
            label = words.pick("since ", "depuis ") + words.month(onset)
            right = plot.in_left_half(x)
            return [
                line("onset", (x, plot.top), (x, plot.bottom)),
                text("mark", label, (x + 6 if right else x - 6, plot.top + 8), "start" if right else "end"),
            ]
    return []


def _months(figure: SeriesFigure, plot: _Plot, words: Wording) -> list[Svg]:
    most = (plot.right - plot.left) / _CROWDED
    # Steps that fall on the same months every year read best; very long series are marked by the year.
    every = next((step for step in (1, 2, 3, 4, 6, 12) if len(figure.periods) / step <= most), 0)
    years = 1 if every else math.ceil(len(figure.periods) / 12 / most)
    parts = []
    shown = None
    for place, period in enumerate(figure.periods):
        start = period.start
        if (start.month - 1) % (every or 12) or start.year % years:
            continue
        x = plot.x(place + 0.5)
        if every:
            parts.append(text("tick", words.month(start, short=True), (x, plot.bottom + 16)))
        if start.year != shown:
            shown = start.year
            parts.append(text("tick", str(shown), (x, plot.bottom + (31 if every else 16))))
    return parts


def _runs(values: Sequence[_T | None]) -> list[list[tuple[int, _T]]]:
    """What stands without a gap, with its places."""
    runs: list[list[tuple[int, _T]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    return [run for run in runs if run]


def _told_funnel(figure: FunnelFigure, named: Sequence[FunnelPoint], peers: int, words: Wording) -> str:
    centre, count = words.value(figure.centre, figure.unit), words.count(peers, "peer")
    told = [words.pick(f"{count} around {centre}", f"{count} autour de {centre}")]
    for point in named:
        value = words.value(point.value, figure.unit)
        told.append(f"{point.name}{words.pick(':', ' :')} {value} ({words.count(point.n, 'case')})")
    return words.pick("; ", " ; ").join(told)


def _told_series(figure: SeriesFigure, values: Sequence[float | None], words: Wording) -> str:
    known = [
        (period, value) for period, value in zip(figure.periods, values, strict=True) if value is not None
    ]
    if not known:
        return words.pick("no figures", "aucun chiffre")
    return words.pick("; ", " ; ").join(
        f"{words.period(period)}{words.pick(':', ' :')} {words.value(value, figure.unit)}"
        for period, value in (known[0], known[-1])
    )
