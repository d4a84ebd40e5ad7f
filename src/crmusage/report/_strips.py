"""The two small pictures that stand in the tables of a finding."""

from __future__ import annotations

import math
from collections.abc import Callable

from crmusage.model import USUAL, Distortion, Measure, Norm, Wording
from crmusage.report._svg import Svg, bounds, circle, line, picture, tag

_SIZE = (180.0, 26.0)
_MIDDLE = _SIZE[1] / 2
_SIDE = 6.0
_INSET = 4.0


def evidence(measure: Measure, norm: Norm, words: Wording, key: str) -> Svg:
    """One figure of the unit with its interval, on the range that is usual among its peers."""
    ends = [end for end in (measure.low, measure.high, norm.low, norm.high) if end is not None]
    x = _scale(*bounds([measure.value, norm.value, *ends], measure.unit, whole_share=True))
    parts = [_axis()]
    if math.isfinite(norm.low) and math.isfinite(norm.high):
        parts.append(_box(x(norm.low), x(norm.high)))
    parts.append(line("norm", (x(norm.value), _INSET), (x(norm.value), _SIZE[1] - _INSET)))
    if measure.low is not None and measure.high is not None:
        parts.append(line("unit", (x(measure.low), _MIDDLE), (x(measure.high), _MIDDLE)))
    parts.append(circle("dot", (x(measure.value), _MIDDLE), 4.5))
    value, usual = words.value(measure.value, measure.unit), words.value(norm.value, measure.unit)
    told = words.pick(f"{value}, peers {usual}", f"{value}, ses pairs {usual}")
    return picture(key, words.measure(measure.name, measure.label), told, _SIZE, *parts)


def distortion(bent: Distortion, words: Wording, key: str) -> Svg:
    """A company figure without the unit (ring) and with it (dot), on what it varies by itself (band)."""
    spread = USUAL * bent.spread if bent.spread is not None and math.isfinite(bent.spread) else 0.0
    values = [bent.with_unit, bent.without_unit - spread, bent.without_unit + spread]
    room = (max(values) - min(values)) * 0.15 or abs(bent.without_unit) * 0.1 or 1.0
    x = _scale(min(values) - room, max(values) + room)
    without, with_unit = (x(bent.without_unit), _MIDDLE), (x(bent.with_unit), _MIDDLE)
    parts = [_axis()]
    if spread:
        parts.append(_box(x(bent.without_unit - spread), x(bent.without_unit + spread)))
    parts += [line("unit", without, with_unit), circle("ring", without, 4), circle("dot", with_unit, 4.5)]
    figures = [words.value(value, bent.unit) for value in (bent.with_unit, bent.without_unit)]
    told = words.pick(
        f"{figures[0]} with the unit, {figures[1]} without it",
        f"{figures[0]} avec l'unité, {figures[1]} sans elle",
    )
    return picture(key, words.measure(bent.measure, bent.label), told, _SIZE, *parts)


def _axis() -> Svg:
    return line("grid", (_SIDE, _MIDDLE), (_SIZE[0] - _SIDE, _MIDDLE))


def _box(left: float, right: float) -> Svg:
    width, height = max(right - left, 1.0), _SIZE[1] - 2 * _INSET
    return tag("rect", class_="band", x=left, y=_INSET, width=width, height=height, rx=2)


def _scale(low: float, high: float) -> Callable[[float], float]:
    def x(value: float) -> float:
        return _SIDE + (_SIZE[0] - 2 * _SIDE) * (min(max(value, low), high) - low) / (high - low)

    return x
