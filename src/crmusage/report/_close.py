from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from crmusage.knowledge import Close, CloseTeller, Line
from crmusage.model import Wording
from crmusage.report._programme import bullets, page, section
from crmusage.report._svg import Svg, line, picture, shortened, tag, text

_LEFT, _WIDE, _ROW, _TOP = 300, 300, 34, 30
_MOST = 20
"""Changes drawn; guessed. The lists below the picture have them all."""
_LONGEST = 44
_STYLE = (
    "svg .before{fill:none;stroke:var(--calm)}svg .now{fill:var(--calm)}"
    "svg .worse{fill:var(--mark)}svg .better{fill:var(--good)}"
)


def close_page(closes: Sequence[Close], lang: str = "en", *, on: dt.date | None = None) -> str:
    """The last of one or more closes beside the one before, as one self-contained page.

    Args:
        closes: at least one, in any order.
        lang: "en" or "fr".
        on: the day on which months are overdue; None: that is not looked at.

    Raises:
        ValueError: for another language, and for no close.
    """
    w = Wording(lang)
    teller = CloseTeller(closes, w, on)
    parts = [Svg(close_chart(closes, lang))] if teller.comparison is not None else []
    parts += [section(heading, bullets(lines)) for heading, lines in teller.sections()]
    if teller.comparison is not None and teller.found:
        parts.append(section(w.pick("All that was found", "Tous les constats"), bullets(teller.found)))
    seal = teller.last.seal
    parts.append(section(w.pick("Seal", "Sceau"), tag("p", tag("code", seal))))
    return page(w.pick("The close of the month", "La clôture du mois"), teller.headline, parts, w)


def close_chart(closes: Sequence[Close], lang: str = "en") -> str:
    """What changed from the close before to the last one, as SVG: two bars a change, each to a scale of its own.

    Raises:
        ValueError: for another language, and for fewer than two closes.
    """
    w = Wording(lang)
    teller = CloseTeller(closes, w)
    told = teller.comparison
    if told is None:
        raise ValueError("one close alone has nothing to be compared with: give two")
    changes = [
        *(("worse", one) for one in (*told.new, *told.worse)),
        *(("better", one) for one in (*told.better, *told.gone)),
    ]
    before, now = w.period(told.before.period), w.period(told.now.period)
    drawn: list[Svg] = [tag("style", Svg(_STYLE))]
    key = w.pick(f"outlined: {before}; filled: {now}", f"contour : {before} ; plein : {now}")
    drawn.append(text("tick", key, (_LEFT, _TOP - 14), "start"))
    for row, (side, one) in enumerate(changes[:_MOST]):
        drawn += _bars(one, side, _TOP + row * _ROW, teller)
    bottom = _TOP + max(1, min(len(changes), _MOST)) * _ROW
    if not changes:
        drawn.append(text("row", w.pick("nothing changed", "rien n'a changé"), (_LEFT, _TOP + 20), "start"))
    elif len(changes) > _MOST:
        more = len(changes) - _MOST
        drawn.append(
            text("tick", w.pick(f"and {more} more", f"et {more} de plus"), (_LEFT, bottom + 12), "start")
        )
        bottom += 18
    drawn.append(line("axis", (_LEFT, _TOP), (_LEFT, bottom)))
    title = w.pick("This close beside the one before", "Cette clôture et la précédente")
    counts = w.pick(
        f"{now} against {before}: new {len(told.new)}, worse {len(told.worse)}, better {len(told.better)}, gone "
        f"{len(told.gone)}.",
        f"{now} par rapport à {before} : {len(told.new)} nouveaux, {len(told.worse)} aggravés, {len(told.better)} "
        f"améliorés, {len(told.gone)} disparus.",
    )
    return picture("close", title, counts, (_LEFT + _WIDE + 90, bottom + 8), *drawn)


def _bars(one: Line, side: str, top: float, teller: CloseTeller) -> list[Svg]:
    """Before above, now below. Controls count different things: each row has the larger of its two for scale."""
    largest = max(abs(one.before or 0), abs(one.now or 0)) or 1.0
    name = shortened(teller.name(one.control, one.what), _LONGEST)
    parts = [text("row", name, (_LEFT - 8, top + _ROW / 2 + 4), "end")]
    for class_, value, y in (("before", one.before, top + 4), (f"now {side}", one.now, top + 17)):
        length = _WIDE * abs(value or 0) / largest
        if value is not None:
            parts.append(tag("rect", class_=class_, x=_LEFT, y=y, width=round(length, 2), height=11))
        shown = "—" if value is None else teller.w.value(value, "count")
        parts.append(text("tick", shown, (_LEFT + length + 6, y + 10), "start"))
    return parts
