from __future__ import annotations

import functools
import hashlib
import math
from importlib import resources
from typing import TYPE_CHECKING, Any

from crmusage._version import __version__
from crmusage.errors import MissingExtraError
from crmusage.model import (
    Distortion,
    Evidence,
    FunnelFigure,
    MapFigure,
    Measure,
    Telling,
    Undefined,
    Wording,
    printable,
)
from crmusage.report import _charts, _strips
from crmusage.report._digest import Digest
from crmusage.report._svg import Svg
from crmusage.report._ways import ways_map

if TYPE_CHECKING:
    import jinja2

    from crmusage.report._report import Report


def page(report: Report, lang: str) -> str:
    """A report as one self-contained page."""
    return _rendered("page.html.j2", report, lang)


def fragment(report: Report, lang: str) -> str:
    """The same to stand in somebody else's page: its style touches nothing outside of it."""
    return _rendered("report.html.j2", report, lang)


def _rendered(template: str, report: Report, lang: str) -> str:
    words = Wording(lang)
    environment = _environment()
    pictures = _Pictures(report, words)
    return environment.get_template(template).render(
        d=Digest(report, words),
        w=words,
        pictures=pictures,
        key=pictures.key,
        style=_style(),
        version=__version__,
        Measure=Measure,
    )


@functools.cache
def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtraError("the HTML report", "report") from error

    def shown(value: Any) -> Any:
        # Before escaping: a name from a CRM may hold what no page should.
        return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> str:
    return resources.files("crmusage.report").joinpath("templates", name).read_text(encoding="utf-8")


@functools.cache
def _style() -> Any:
    import markupsafe

    return markupsafe.Markup(_template("report.css"))  # noqa: S704 - a file of this package


class _Pictures:
    """Draws what the template asks for. Two reports in one notebook do not share ids."""

    def __init__(self, report: Report, words: Wording) -> None:
        told = f"{words.lang}{report.as_of.isoformat()}{report.findings!r}"
        self.key = "r" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:8]
        self._words = words
        self._drawn = 0

    def figures(self, telling: Telling) -> list[Any]:
        drawn = []
        for figure in telling.finding.figures:
            if isinstance(figure, FunnelFigure):
                svg = _charts.funnel(figure, self._words, self._next())
            elif isinstance(figure, MapFigure):
                svg = ways_map(figure, self._words, self._next())
            else:
                svg = _charts.series(figure, self._words, self._next(), telling.who)
            drawn.append((self._words.of(figure.title), self._markup(svg)))
        return drawn

    def evidence(self, evidence: Evidence) -> Any:
        measure, norm = evidence.measure, evidence.norm
        if norm is None or isinstance(measure, Undefined):
            return ""
        if not math.isfinite(measure.value + norm.value):
            return ""
        return self._markup(_strips.evidence(measure, norm, self._words, self._next()))

    def distortion(self, distortion: Distortion) -> Any:
        return self._markup(_strips.distortion(distortion, self._words, self._next()))

    def _next(self) -> str:
        self._drawn += 1
        return f"{self.key}-p{self._drawn}"

    @staticmethod
    def _markup(svg: Svg) -> Any:
        import markupsafe

        return markupsafe.Markup(svg)  # noqa: S704 - Svg escapes what it is made of
