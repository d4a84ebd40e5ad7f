from __future__ import annotations

from crmusage.model import Wording
from crmusage.programme import Overview, Part, Step, Teller
from crmusage.report._adoptability import criteria_chart
from crmusage.report._close import close_chart
from crmusage.report._knowledge import erosion_chart
from crmusage.report._maturity import stage_grid
from crmusage.report._programme import bullets, page, section
from crmusage.report._svg import Svg, tag

_STYLE = (
    ".crmusage .parts{columns:2 22rem;column-gap:2.4rem;margin-top:2.4rem}.crmusage .parts section{break-inside:avoid;"
    "margin-bottom:1.8rem}.crmusage .parts svg{width:100%;height:auto}.crmusage .parts h2{font-size:1.15rem;"
    "margin-bottom:.5rem}.crmusage .parts li{font-size:.875rem}.crmusage .next small{margin:.1rem 0}"
    ".crmusage .next li{margin-bottom:.8rem}"
)


def programme_page(overview: Overview, lang: str = "en") -> str:
    """Where a programme stands and what comes next, as one self-contained page with a picture of each part.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    teller = Teller(overview, w)
    steps = [_step(teller, one) for one in overview.next]
    parts = [
        tag("style", Svg(_STYLE)),
        section(
            teller.next_heading,
            tag("ol", *steps, class_="next") if steps else tag("p", teller.nothing_next),
        ),
        tag(
            "div",
            *(
                section(heading, *_picture(overview, part, lang), bullets(lines))
                for part, heading, lines in teller.sections()
            ),
            class_="parts",
        ),
    ]
    if teller.missing:
        parts.append(tag("p", tag("small", teller.missing)))
    return page(teller.title, teller.headline, parts, w)


def _step(teller: Teller, one: Step) -> Svg:
    what, why, where = teller.step(one)
    return tag("li", tag("strong", what), tag("small", where), tag("small", why))


def _picture(one: Overview, part: Part, lang: str) -> list[Svg]:
    match part:
        case Part.ADOPTABILITY if one.scores is not None:
            return [Svg(criteria_chart(one.scores.overall, lang))]
        case Part.MATURITY if one.maturity is not None:
            return [Svg(stage_grid(one.maturity, lang))]
        case Part.KNOWLEDGE if one.knowledge is not None and one.knowledge.schedule.strands:
            return [Svg(erosion_chart(one.knowledge.schedule, lang))]
        case Part.CLOSE if len(one.closes) > 1:
            return [Svg(close_chart(one.closes, lang))]
        case _:
            return []
