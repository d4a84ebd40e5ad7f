"""The map of ways of working: one mark a group, its size by its cases, its shape and colour by its way."""

from __future__ import annotations

import math

from crmusage.model import MapFigure, MapPoint, Wording
from crmusage.report._svg import Svg, picture, shortened, tag, text

_SIZE = (540.0, 340.0)
_EDGE = 54.0
_NAMED = 14
"""Marks that are named: more names lie on each other. Groups outside the most usual way come first; the description
names them all."""
_LONGEST_NAME = 26
_LETTER, _LINE = 6.4, 13.0
"""About how wide a letter and how high a line is: to see whether two names would lie on each other."""
_TONES = ("--peer, #8d97a6", "--mark, #b23a1e", "--good, #2c6e49", "--calm, #4a5a76")
"""Colours of the page, with what stands for them elsewhere; the shape says the same to who cannot tell them apart."""
_CORNERS = (0, 4, 3, 6)
"""Of the marks, way by way: a circle, a square, a triangle, a hexagon. Further ways are crosses."""


def ways_chart(figure: MapFigure, lang: str = "en") -> str:
    """Who works alike, as SVG.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    return ways_map(figure, Wording(lang), "ways")


def ways_map(figure: MapFigure, words: Wording, key: str) -> Svg:
    """The same, to stand in a page. Names come from a CRM, where anybody types: they are escaped."""
    points = [point for point in figure.points if math.isfinite(point.x + point.y + point.n)]
    scale, middle = _scale(points)
    most = max((point.n for point in points), default=1.0)
    marks: list[Svg] = []
    names: list[Svg] = []
    taken: list[tuple[float, float, float]] = []
    for point in sorted(points, key=lambda point: (point.way == 0, -point.n, point.name.en)):
        x = _SIZE[0] / 2 + scale * (point.x - middle[0])
        y = _SIZE[1] / 2 - scale * (point.y - middle[1])
        size = 4 + 8 * math.sqrt(point.n / most)
        name = words.of(point.name)
        said = f"{name}, {words.count(point.n, 'case')}, {_way(point.way, words)}"
        marks.append(_mark(point.way, (x, y), size, said))
        label = shortened(name, _LONGEST_NAME)
        left = x + size + 4
        if left + _LETTER * len(label) > _SIZE[0]:
            left = x - size - 4 - _LETTER * len(label)
        box = (left, left + _LETTER * len(label), y)
        if len(names) < _NAMED and not any(_on_each_other(box, other) for other in taken):
            taken.append(box)
            names.append(text("tick", label, (left, y + 4), "start"))
    return picture(key, words.of(figure.title), _told(points, words), _SIZE, *reversed(marks), *names)


def _mark(way: int, centre: tuple[float, float], size: float, said: str) -> Svg:
    colour = f"fill:var({_TONES[way % len(_TONES)]});fill-opacity:.8;stroke:none"
    title = tag("title", said)
    if way == 0:
        return tag("circle", title, cx=centre[0], cy=centre[1], r=size, style=colour)
    if way < len(_CORNERS):
        corners = _CORNERS[way]
        turned = math.pi / 4 if corners == 4 else math.pi / 2
        places = [turned + 2 * math.pi * k / corners for k in range(corners)]
        told = " ".join(
            f"{centre[0] + 1.2 * size * math.cos(a):.1f},{centre[1] - 1.2 * size * math.sin(a):.1f}"
            for a in places
        )
        return tag("polygon", title, points=told, style=colour)
    (x, y), a = centre, size * 0.9
    cross = (
        f"M{x - a:.1f} {y - a:.1f}L{x + a:.1f} {y + a:.1f}M{x - a:.1f} {y + a:.1f}L{x + a:.1f} {y - a:.1f}"
    )
    return tag(
        "path", title, d=cross, style=f"stroke:var({_TONES[way % len(_TONES)]});stroke-width:3;fill:none"
    )


def _scale(points: list[MapPoint]) -> tuple[float, tuple[float, float]]:
    """Pixels a unit, the same on both axes, and the middle of the map."""
    axes = ([point.x for point in points], [point.y for point in points])
    ends = [(min(axis, default=0.0), max(axis, default=0.0)) for axis in axes]
    spans = [
        (side - 2 * _EDGE) / max(high - low, 1e-9) for side, (low, high) in zip(_SIZE, ends, strict=True)
    ]
    (left, right), (low, high) = ends
    return min(*spans, 1e6), ((left + right) / 2, (low + high) / 2)


def _on_each_other(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and abs(one[2] - other[2]) < _LINE


def _way(way: int, words: Wording) -> str:
    return words.pick(f"way {way + 1}", f"façon {way + 1}")


def _told(points: list[MapPoint], words: Wording) -> str:
    """All groups by their way, for who hears the picture instead of seeing it."""
    parts = []
    for way in sorted({point.way for point in points}):
        names = ", ".join(sorted(words.of(point.name) for point in points if point.way == way))
        parts.append(f"{_way(way, words)}{words.pick(':', ' :')} {names}")
    return words.pick("; ", " ; ").join(parts)
