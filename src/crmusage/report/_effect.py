"""A change of a rule as a picture: how often it is kept where it changed, and elsewhere, before and after."""

from __future__ import annotations

import hashlib
import html
from importlib import resources
from typing import TYPE_CHECKING

from crmusage.model import Wording, printable, wilson
from crmusage.report._charts import _Plot as Plot
from crmusage.report._charts import _runs as runs
from crmusage.report._svg import Svg, bounds, circle, line, path, picture, text

if TYPE_CHECKING:
    from crmusage.conformance import Effect, Step

_SIZE = (540.0, 300.0)
_CROWDED = 62.0
"""Units of the picture that the label of a month needs."""


def effect_chart(effect: Effect, lang: str = "en") -> str:
    """The picture of an effect as SVG, in `lang` ("en" or "fr"); empty where there is nothing to draw.

    Shares of activations kept, in steps of four weeks: where the rule changed with 95 % intervals, and elsewhere.

    Raises:
        ValueError: for another language.
    """
    return _chart(effect, Wording(lang))


def effect_html(effect: Effect, lang: str = "en") -> str:
    """An effect to stand in somebody else's page: what may be concluded, the picture, and what is behind it.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    head, _, behind = effect.explain(lang).partition("\n\n")
    told, _, behind = behind.partition("\n\n")
    blocks = [_block(part) for part in behind.strip().split("\n\n") if part]
    style = resources.files("crmusage.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    drawn = _chart(effect, w)
    return (
        f'<div class="crmusage" lang="{lang}"><style>{style}</style><main><article class="finding medium">'
        f'<p class="byline"><span>{html.escape(head).replace(chr(10), "</span><span>")}</span></p>'
        f'<p class="lead">{html.escape(told)}</p>'
        + (f'<div class="figures"><figure>{drawn}</figure></div>' if drawn else "")
        + "".join(blocks)
        + "</article></main></div>"
    )


def effect_page(effect: Effect, lang: str = "en") -> str:
    """The same as a self-contained page.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    title = html.escape(printable(f"{effect.rule}, {effect.changed_on.date().isoformat()}"))
    return (
        f'<!doctype html>\n<html lang="{Wording(lang).lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>body{{margin:0}}.crmusage{{min-height:100vh}}</style>\n</head>\n<body>\n"
        f"{effect_html(effect, lang)}\n</body>\n</html>\n"
    )


def _block(told: str) -> str:
    first, *lines = told.split("\n")
    if not lines:
        return f'<section class="quiet"><p>{html.escape(first)}</p></section>'
    items = "".join(f"<li>{html.escape(row.removeprefix('- '))}</li>" for row in lines)
    return f'<section class="aside"><h3>{html.escape(first)}</h3><ul>{items}</ul></section>'


def _chart(effect: Effect, w: Wording) -> Svg:
    steps = effect.steps
    if not any(step.judged for step in steps):
        return Svg("")
    mine = [step.kept / step.judged if step.judged else None for step in steps]
    others = [step.others_kept / step.others_judged if step.others_judged else None for step in steps]
    sure = [wilson(step.kept, step.judged) if step.judged else None for step in steps]
    shown = [end for ends in sure if ends for end in ends] + [one for one in others if one is not None]
    plot = Plot(float(len(steps)), bounds(shown, "share"))

    def at(place: int, value: float) -> tuple[float, float]:
        return plot.x(place + 0.5), plot.y(value)

    parts = plot.grid("share", w)
    for run in runs(sure):
        above, below = [at(i, ends[1]) for i, ends in run], [at(i, ends[0]) for i, ends in run]
        parts.append(path("sure", [*above, *reversed(below)], closed=True))
    for class_, values in (("peers", others), ("unit", mine)):
        parts += [path(class_, [at(i, value) for i, value in run]) for run in runs(values)]
    parts += [circle("dot", at(i, value), 2.5) for run in runs(mine) for i, value in run]
    parts += _change(effect, plot, w)
    parts += _names(mine, others, plot, w)
    parts += _dates(steps, plot, w)
    key = "e" + hashlib.sha256(f"{w.lang}{effect!r}{steps!r}".encode()).hexdigest()[:8]
    title = w.pick("The rule kept, by four weeks", "Règle respectée, par quatre semaines")
    return picture(key, title, printable(w.of(effect.text)), _SIZE, *parts)


def _change(effect: Effect, plot: Plot, w: Wording) -> list[Svg]:
    before = sum(step.start < effect.changed_on.date() for step in effect.steps)
    x = plot.x(float(before))
    left = before > len(effect.steps) / 2
    return [
        line("onset", (x, plot.top), (x, plot.bottom)),
        text(
            "mark",
            w.pick("change", "changement"),
            (x - 6 if left else x + 6, plot.top + 8),
            "end" if left else "start",
        ),
    ]


def _names(mine: list[float | None], others: list[float | None], plot: Plot, w: Wording) -> list[Svg]:
    """The lines are named where they end, the upper one above and the lower one below."""
    ends = []
    for class_, name, values in (
        ("label", w.pick("where it changed", "là où elle a changé"), mine),
        ("tick", w.pick("elsewhere", "ailleurs"), others),
    ):
        told = runs(values)
        if told:
            place, value = told[-1][-1]
            ends.append((value, class_, name, plot.x(place + 0.5)))
    if len(ends) == 1:
        return []
    upper = max(ends)
    return [
        text(class_, name, (x, plot.y(value) + (-10 if (value, class_, name, x) == upper else 20)), "end")
        for value, class_, name, x in ends
    ]


def _dates(steps: tuple[Step, ...], plot: Plot, w: Wording) -> list[Svg]:
    every = max(1, round(_CROWDED * len(steps) / (plot.right - plot.left)))
    parts: list[Svg] = []
    shown = None
    for place, step in list(enumerate(steps))[::every]:
        x = plot.x(float(place))
        month = w.month(step.start, short=True)
        parts.append(text("tick", f"{step.start.day} {month}", (x, plot.bottom + 16)))
        if step.start.year != shown:
            shown = step.start.year
            parts.append(text("tick", str(shown), (x, plot.bottom + 31)))
    return parts
