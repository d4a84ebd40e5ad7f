"""Pictures as text, safe by construction: whatever is not `Svg` is escaped when it is put into an element."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Literal

from crmusage.model import printable


class Svg(str):
    """Markup that is already safe."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | float | None) -> Svg:
    """An element. Underscores in names become hyphens, a last one goes (`class_`); None is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(child if isinstance(child, Svg) else escaped(child) for child in children)
    return Svg(f"<{name}{told}>{inner}</{name}>" if children else f"<{name}{told}/>")


def escaped(text: str) -> Svg:
    """Any text as the text of an element or an attribute."""
    return Svg(html.escape(printable(text)))


def picture(key: str, title: str, description: str, size: tuple[float, float], *children: str) -> Svg:
    """A picture that a screen reader can tell: `key` sets its ids apart from those of others on the page."""
    width, height = size
    return tag(
        "svg",
        tag("title", title, id=f"{key}-t"),
        tag("desc", description, id=f"{key}-d"),
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )


def line(class_: str, start: tuple[float, float], end: tuple[float, float]) -> Svg:
    """A straight line."""
    return tag("line", class_=class_, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def circle(class_: str, centre: tuple[float, float], radius: float) -> Svg:
    """A circle."""
    return tag("circle", class_=class_, cx=centre[0], cy=centre[1], r=radius)


def text(
    class_: str, told: str, at: tuple[float, float], anchor: Literal["start", "middle", "end"] = "middle"
) -> Svg:
    """A text on one line."""
    return tag("text", told, class_=class_, x=at[0], y=at[1], text_anchor=anchor)


def path(class_: str, points: Iterable[tuple[float, float]], *, closed: bool = False) -> Svg:
    """A line through the points, or the area inside it."""
    told = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    return tag("path", class_=class_, d=f"M{told}{'Z' if closed else ''}")


def steps(low: float, high: float, most: int) -> Sequence[float]:
    """Round values from `low` to `high`, at most `most` + 1 of them."""
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [step * place for place in range(first, last + 1)]


def bounds(values: Iterable[float], unit: str, *, whole_share: bool = False) -> tuple[float, float]:
    """From where to where an axis goes that shows the values; it always shows nothing (0) too."""
    known = [value for value in values if math.isfinite(value)]
    if unit == "share":
        # A share is drawn up to all of them when it comes near, or when asked.
        high = max(known, default=1.0) * 1.1
        return 0.0, 1.0 if whole_share or high > 0.7 else max(high, 0.01)
    low, high = min([0.0, *known]), max([0.0, *known])
    return (low, high + (high - low) * 0.08) if high > low else (low, low + 1.0)


def shortened(told: str, most: int) -> str:
    """The text in at most `most` characters."""
    return told if len(told) <= most else f"{told[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _attribute(value: str | float) -> str:
    return escaped(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
