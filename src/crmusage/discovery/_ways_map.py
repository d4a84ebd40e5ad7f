"""Ways of working on a map, and in words."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from crmusage.model import Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.discovery._ways import Ways

WIDTH, HEIGHT, EDGE = 560, 360, 48
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
"""Told apart by people who are colour-blind too (Tol's bright scheme); further ways are grey."""
_GREY = "#bbbbbb"
_NAMED = 12
"""Dots that are named: more names than this lie on each other. The groups outside the largest way come first."""


def drawn(ways: Ways, lang: str) -> str:
    """The map as SVG. Names come from a CRM, where anybody types: they are escaped."""
    w = Wording(lang)
    title = w.pick("Who works alike", "Qui travaille de la même façon")
    colour = {
        group: _COLOURS[k] if k < len(_COLOURS) else _GREY for k, way in enumerate(ways.ways) for group in way
    }
    scale, middle = _scale(ways)
    most = max(ways.cases, default=1)
    first = set(ways.ways[0]) if ways.ways else set()
    order = sorted(range(len(ways.groups)), key=lambda k: (ways.groups[k] in first, -ways.cases[k]))
    named = set(order[:_NAMED])
    parts = []
    for k in order[::-1]:
        group = ways.groups[k]
        x = WIDTH / 2 + scale * (ways.places[k][0] - middle[0])
        y = HEIGHT / 2 - scale * (ways.places[k][1] - middle[1])
        size = 3 + 9 * math.sqrt(ways.cases[k] / most)
        name = escape(printable(group.into(lang)))
        said = escape(f"{printable(group.into(lang))}, {w.count(ways.cases[k], 'case')}")
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{colour[group]}" fill-opacity="0.8">'
            f"<title>{said}</title></circle>"
        )
        if k in named:
            parts.append(f'<text x="{x + size + 2:.1f}" y="{y + 4:.1f}">{name}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="11"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _scale(ways: Ways) -> tuple[float, tuple[float, float]]:
    """Pixels a unit, the same on both axes, and the middle of the map."""
    ends = [(min(axis), max(axis)) for axis in zip(*ways.places, strict=True)] or [(0.0, 0.0), (0.0, 0.0)]
    spans = [(WIDTH - 2 * EDGE) / max(ends[0][1] - ends[0][0], 1e-9)]
    spans.append((HEIGHT - 2 * EDGE) / max(ends[1][1] - ends[1][0], 1e-9))
    return min(*spans, 1e6), ((ends[0][0] + ends[0][1]) / 2, (ends[1][0] + ends[1][1]) / 2)


def told(ways: Ways, lang: str) -> str:
    """Who works alike, and who could not be compared."""
    w = Wording(lang)
    n, groups = len(ways.ways), len(ways.groups)
    if groups < 2:
        lines = [
            w.pick(
                "Fewer than two groups can be compared.", "Moins de deux groupes se prêtent à la comparaison."
            )
        ]
    elif n == 1:
        lines = [
            w.pick(
                f"All {groups} groups work alike.", f"Les {groups} groupes travaillent tous de la même façon."
            )
        ]
    else:
        lines = [
            w.pick(
                f"{n} ways of working in {groups} groups:",
                f"{n} façons de travailler dans {groups} groupes :",
            )
        ]
        for place, way in enumerate(ways.ways, 1):
            names = ", ".join(printable(group.into(lang)) for group in way)
            lines.append(f"{place}. {names} ({w.number(distance(ways, place - 1), 2)} {_BITS.into(lang)})")
    if ways.not_assessable:
        lines.append(w.pick("Not assessable:", "Non évaluables :"))
        lines += [
            f"  {printable(group.into(lang))}{w.pick(': ', ' : ')}{w.of(why)}"
            for group, why in ways.not_assessable.items()
        ]
    return "\n".join(lines) + "\n"


def distance(ways: Ways, place: int) -> float:
    """How far a way is from the groups of all others, in bits, in the mean."""
    way = set(ways.ways[place])
    inside = [k for k, group in enumerate(ways.groups) if group in way]
    outside = [k for k, group in enumerate(ways.groups) if group not in way]
    pairs = [ways.apart[i][j] for i in inside for j in outside]
    return sum(pairs) / len(pairs) if pairs else 0.0


_BITS = Text("bits from the others", "bit d'écart avec les autres")
