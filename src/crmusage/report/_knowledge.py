from __future__ import annotations

from collections.abc import Sequence

from crmusage.knowledge import Outlook, Schedule, Teller
from crmusage.model import Wording
from crmusage.report._programme import bullets, page, section
from crmusage.report._svg import Svg, line, path, picture, tag, text

_LEFT, _TOP, _WIDE, _HIGH = 52, 14, 560, 220
_YEAR = 12
_LINE = 15
"""Height of a line of text."""
_STYLE = (
    "svg .with{fill:none;stroke:var(--good);stroke-width:2}"
    "svg .without{fill:none;stroke:var(--mark);stroke-width:2;stroke-dasharray:6 4}"
    "svg .floor{stroke:var(--calm);stroke-dasharray:2 3}"
)


def knowledge_page(outlook: Outlook, lang: str = "en") -> str:
    """What stays known, the refreshers and the ownership as one self-contained page.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    teller = Teller(outlook, w)
    parts = [Svg(erosion_chart(outlook.schedule, lang))] if outlook.schedule.strands else []
    parts += [section(heading, bullets(lines)) for heading, lines in teller.sections()]
    return page(
        w.pick("What is known of the CRM, and who owns it", "Ce qu'on sait du CRM, et qui le porte"),
        teller.headline,
        parts,
        w,
    )


def erosion_chart(schedule: Schedule, lang: str = "en") -> str:
    """The known share month by month, with and without refreshers, as SVG; each group by its people.

    Raises:
        ValueError: for a language other than "en" and "fr", and when there is nothing to draw.
    """
    w = Wording(lang)
    known, without = schedule.average(), schedule.average(refreshed=False)
    if not known:
        raise ValueError("no group is large enough and has a topic: there is no curve to draw")
    months = schedule.programme.months
    bottom = _TOP + _HIGH

    def points(shares: Sequence[float]) -> list[tuple[float, float]]:
        return [(_x(month, months), _y(share)) for month, share in enumerate(shares)]

    drawn: list[Svg] = [tag("style", Svg(_STYLE))]
    for quarter in range(5):
        y = _y(quarter / 4)
        drawn.append(line("axis", (_LEFT, y), (_LEFT + _WIDE, y)))
        drawn.append(text("tick", w.value(quarter / 4, "share"), (_LEFT - 6, y + 4), "end"))
    ticks = range(0, months + 1, _YEAR if months >= _YEAR else 1)
    drawn += [text("tick", w.number(month), (_x(month, months), bottom + 16)) for month in ticks]
    drawn.append(text("tick", w.pick("months", "mois"), (_LEFT + _WIDE / 2, bottom + 32)))
    floor = _y(schedule.programme.floor)
    drawn.append(line("floor", (_LEFT, floor), (_LEFT + _WIDE, floor)))
    names = (
        (path("without", points(without)), w.pick("without refreshers", "sans rappels"), without[-1]),
        (path("with", points(known)), w.pick("with refreshers", "avec rappels"), known[-1]),
    )
    # Names of curves that end close together stand above each other, that of the lower curve below.
    gap = max(0.0, _LINE - (_y(without[-1]) - _y(known[-1]))) / 2
    for (curve, name, last), shift in zip(names, (gap, -gap), strict=True):
        drawn.append(curve)
        drawn.append(text("row", name, (_LEFT + _WIDE + 8, _y(last) + 4 + shift), "start"))
    title = w.pick("Known share, with and without refreshers", "Part connue, avec et sans rappels")
    end = tuple(w.value(shares[-1], "share") for shares in (known, without))
    told = w.pick(
        f"After {months} months {end[0]} is known with refreshers and {end[1]} without.",
        f"Après {months} mois, {end[0]} reste connu avec rappels et {end[1]} sans.",
    )
    return picture("erosion", title, told, (_LEFT + _WIDE + 140, bottom + 40), *drawn)


def _x(month: int, months: int) -> float:
    return _LEFT + _WIDE * month / months


def _y(share: float) -> float:
    return _TOP + _HIGH * (1 - share)
