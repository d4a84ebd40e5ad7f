"""What the pages on a programme have in common: one file, no script, every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmusage.model import Wording
from crmusage.report._html import _template
from crmusage.report._svg import Svg, tag

_OWN = """body{margin:0}.crmusage{min-height:100vh}
.crmusage main>section,.crmusage main>svg{margin-top:2.4rem}.crmusage main>section>h2{margin-bottom:.8rem}
.crmusage section li{margin:.3rem 0;max-width:48em}.crmusage section ul,.crmusage section ol{padding-left:1.4rem}
.crmusage .cell{stroke:var(--line)}.crmusage .cell.yes{fill:var(--good)}.crmusage .cell.no{fill:var(--band)}
.crmusage .cell.unsure{fill:none;stroke-dasharray:4 3}.crmusage svg text{fill:var(--ink);font-size:12px}
.crmusage svg text.on{fill:var(--paper)}.crmusage .whisker{stroke:var(--calm);stroke-width:2}
.crmusage .spot{fill:var(--mark)}.crmusage .axis{stroke:var(--line)}"""


def page(title: str, standfirst: str, sections: Iterable[Svg], words: Wording) -> str:
    """A whole page."""
    style = Svg(_template("report.css") + _OWN)
    head = tag(
        "head",
        Svg('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", style),
    )
    main = tag("main", tag("h1", title), tag("p", standfirst, class_="standfirst"), *sections)
    body = tag("body", tag("div", main, class_="crmusage", lang=words.lang))
    return f"<!doctype html>\n{tag('html', head, body, lang=words.lang)}\n"


def section(heading: str, *children: Svg) -> Svg:
    """A part of the page."""
    return tag("section", tag("h2", heading), *children)


def bullets(lines: Iterable[str], kind: str = "ul") -> Svg:
    """A list."""
    return tag(kind, *(tag("li", line) for line in lines))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Svg:
    """A table with its headings."""
    top = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    body = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest)) for first, *rest in rows
    )
    return tag("div", tag("table", tag("thead", top), tag("tbody", *body)), class_="wide")
