from __future__ import annotations

import itertools
import re
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given

from crmusage.errors import MissingExtraError
from crmusage.model import (
    Assessment,
    Evidence,
    Outcome,
    Period,
    RuleTally,
    Scope,
    SeriesFigure,
    SetAside,
    Text,
    Undefined,
)
from crmusage.report import Report, _html
from tests.report import sample
from tests.report.reports import REPORTS

EVIL = "<script>alert('x')</script>&\"</svg><b>"
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """The page as its reader's browser takes it: elements must nest, ids must be unique."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1:] != ["style"]:
            self.texts.append(" ".join(data.split()))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def evil() -> Report:
    """Every text that can come from a CRM or a file is an attack."""
    finding = sample.late_creation(EVIL)
    evidence = finding.evidence[0]
    figures = [attrs.evolve(figure, title=Text(EVIL, EVIL)) for figure in finding.figures]
    finding = attrs.evolve(
        finding,
        title=Text(EVIL, EVIL),
        measure=attrs.evolve(finding.measure, label=Text(EVIL, EVIL)),
        distortions=[attrs.evolve(bent, label=Text(EVIL, EVIL)) for bent in finding.distortions],
    )
    finding = attrs.evolve(
        finding,
        code=EVIL,
        name=EVIL,
        rule=EVIL,
        text=Text(EVIL, EVIL),
        reasoning=Text(EVIL, EVIL),
        cases=(EVIL,),
        scope=Scope(EVIL, EVIL),
        evidence=(
            attrs.evolve(evidence, measure=attrs.evolve(evidence.measure, name=EVIL, unit=EVIL)),
            attrs.evolve(evidence, measure=Undefined(EVIL, EVIL)),
        ),
        distortions=tuple(attrs.evolve(d, measure=EVIL, unit=EVIL) for d in finding.distortions),
        proposals=tuple(attrs.evolve(p, text=Text(EVIL, EVIL), rule=EVIL) for p in finding.proposals),
        figures=tuple(figures),
    )
    whole = RuleTally(EVIL, 1, 0, EVIL, Text(EVIL, EVIL), None, None, 100, 90, 10, 0, 0, 0)
    return Report(
        sample.AS_OF,
        findings=[finding, attrs.evolve(finding, cases=())],
        assessments=[Assessment(EVIL, Scope(EVIL), outcome, Text(EVIL, EVIL)) for outcome in Outcome],
        rules=[whole, attrs.evolve(whole, unit=EVIL, activations=50, fulfilled=1, violated=49)],
        set_aside=[SetAside(EVIL, EVIL, 1, (EVIL,))],
        notes=[Text(EVIL, EVIL)],
    )


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_that_a_crm_holds_becomes_markup(lang):
    report = evil()
    for text in (report.to_html(lang=lang), report._repr_html_()):
        page = Page(text)
        assert page.all("script") == []
        assert EVIL not in text
        assert "</svg><b>" not in text
        assert "alert(" in text
        assert sum(EVIL.partition("&")[0] in told for told in page.texts) >= 20


def test_names_in_pictures_are_escaped_too():
    text = evil().to_html()
    pictures = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(pictures) >= 8
    for picture in pictures:
        root = drawn(picture)
        assert {element.tag for element in root.iter()} <= {
            "svg", "title", "desc", "line", "path", "circle", "rect", "text",
        }  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_is_whole_in_itself(lang):
    text = sample.full().to_html(lang=lang)
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    page = Page(text)
    loading = {"script", "link", "img", "iframe", "object", "embed"}
    assert [name for name, attributes in page.tags if name in loading or "src" in attributes] == []
    assert {a["href"][0] for a in page.all("a")} == {"#"}


def test_every_link_inside_the_page_leads_somewhere():
    page = Page(sample.full().to_html())
    assert {a["href"][1:] for a in page.all("a")} <= set(page.ids)
    named = [
        name for _, attributes in page.tags for name in (attributes.get("aria-labelledby") or "").split()
    ]
    assert named
    assert set(named) <= set(page.ids)


@pytest.mark.parametrize("report", [sample.full(), sample.single(), evil(), Report(sample.AS_OF)])
def test_no_id_stands_twice(report):
    ids = Page(report.to_html()).ids
    assert len(ids) == len(set(ids))


def test_two_reports_in_one_notebook_share_no_id():
    first, second = Page(sample.full()._repr_html_()), Page(sample.single()._repr_html_())
    assert not set(first.ids) & set(second.ids)


def test_every_picture_can_be_told_by_a_screen_reader():
    text = sample.full().to_html()
    pictures = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(pictures) == 2 + 3 + 3 + 1 + 1 + 1
    for picture in pictures:
        root = drawn(picture)
        title, description = root.find("title"), root.find("desc")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text
        assert description.text


def test_every_cell_of_a_header_says_what_it_heads():
    headers = Page(sample.full().to_html()).all("th")
    assert headers
    assert {header.get("scope") for header in headers} == {"row", "col"}


def test_the_style_touches_nothing_outside_of_the_report():
    style = re.sub(r"/\*.*?\*/", "", str(_html._style()), flags=re.DOTALL)
    selectors = re.findall(r"(?:^|[{};])\s*([^{};@]+?)\s*\{", style)
    assert len(selectors) > 50
    for selector in selectors:
        assert all(one.strip().startswith(".crmusage") for one in selector.split(","))


def test_the_page_says_its_language():
    assert '<html lang="fr">' in sample.full().to_html(lang="fr")
    assert '<html lang="en">' in sample.full().to_html()


def test_why_there_is_no_figure_is_told_in_the_language_of_the_page():
    why = Text("nothing was closed", "rien n'a été clôturé")
    finding = attrs.evolve(sample.late_creation(), evidence=(Evidence(Undefined("win_rate", why)),))
    report = Report(sample.AS_OF, [finding])
    assert "nothing was closed" in Page(report.to_html()).texts
    french = Page(report.to_html(lang="fr")).texts
    assert "rien n\u2019a été clôturé" in french
    assert "nothing was closed" not in french


def test_the_french_page_has_no_english_left():
    names = {
        *("CU112", "CU201", "CU502", "CU606", "first-contact", "monday-update", "alternative-offers"),
        *("precedence(won, meeting)", "existence(updated, 1)", "e-17", "e-402"),
        # Detectors and measures that bring no French name of their own.
        *("meeting eve logging", "unwritten rule", "call after quote", "updates on monday morning"),
        *("Grand Ouest", "Nord", "Antilles-Guyane", "Nord · account-manager", "Corse, Monaco", "Siège"),
    }
    english = {t for t in Page(sample.full().to_html()).texts if re.search(r"[A-Za-z]{3}", t)} - names
    french = {t for t in Page(sample.full().to_html(lang="fr")).texts if re.search(r"[A-Za-z]{3}", t)}
    assert len(english) > 80
    same = {told for told in english & french if not told.startswith(("006-", "crmusage "))}
    assert same == set()


def test_french_figures_are_set_as_french_sets_them():
    text = sample.full().to_html(lang="fr")
    assert "94,1\u00a0%" in text
    assert "48\u202f213" in text
    assert "31\u00a0octobre 2026" in text
    assert "94.1" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)


def test_the_answer_stands_before_everything_else():
    texts = Page(sample.single().to_html()).texts
    assert texts.index("One parasitic usage in Grand Ouest.") < 6


def test_peers_have_no_name_in_the_funnel():
    funnel = re.findall(r"<svg.*?</svg>", sample.single().to_html(), flags=re.DOTALL)[3]
    root = drawn(funnel)
    labels = [element.text for element in root.iter("text") if element.get("class") == "label"]
    assert labels == ["Grand Ouest 94.1%"]
    assert len([e for e in root.iter("circle") if e.get("class") == "peer"]) == len(sample.PEERS)


def test_what_could_drive_a_reader_astray_is_made_visible():
    finding = attrs.evolve(sample.late_creation("A\u202eB\x00C\ud800"))
    text = Report(sample.AS_OF, [finding]).to_html()
    assert "A\ufffdB\ufffdC\ufffd" in text
    assert not re.search("[\u202e\x00\ud800]", text)
    text.encode("utf-8")


def test_a_page_is_written_where_it_is_asked_for(tmp_path):
    path = tmp_path / "rapport été.html"
    text = sample.full().to_html(path, lang="fr")
    assert path.read_text(encoding="utf-8") == text


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="en and fr"):
        sample.full().to_html(lang="de")


def test_the_same_report_gives_the_same_page():
    assert sample.full().to_html() == sample.full().to_html()


@given(REPORTS)
def test_any_report_becomes_a_well_formed_page(report):
    page = Page(report.to_html(lang="fr"))
    assert page.all("script") == []
    assert len(page.ids) == len(set(page.ids))


def test_without_jinja_the_page_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    _html._environment.cache_clear()
    with pytest.raises(MissingExtraError, match=r"crmusage\[report\]"):
        sample.full().to_html()


def test_without_jinja_a_notebook_still_shows_the_report(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    _html._environment.cache_clear()
    shown = evil()._repr_html_()
    assert "crmusage[report]" in shown
    assert "<script" not in shown
    assert "<pre>" in shown


def test_a_report_that_was_stored_is_drawn_without_its_figures():
    stored = Report.from_json(sample.full().to_json())
    assert "<figure>" in sample.full().to_html()
    assert "<figure>" not in stored.to_html()
    assert "Grand Ouest" in stored.to_html()


@pytest.mark.parametrize("unit", ["share", "days", "hours", "amount", "count", "clicks"])
def test_a_series_is_drawn_in_any_unit_with_gaps_and_without_anything(unit):
    full = sample.late_creation().figures[1]
    assert isinstance(full, SeriesFigure)
    gaps = attrs.evolve(
        full, unit=unit, denominators=(0, *full.denominators[1:10], 0, *full.denominators[11:])
    )
    nothing = SeriesFigure(Text("", ""), unit, (), (), ())
    empty = attrs.evolve(full, unit=unit, denominators=(0,) * 22, peers=(None,) * 22, onset=None)
    long = SeriesFigure(Text("a", "b"), unit, sample.months((1990, 1), 400), (1,) * 400, (2,) * 400)
    finding = attrs.evolve(sample.late_creation(), figures=(gaps, nothing, empty, long))
    text = Report(sample.AS_OF, [finding]).to_html()
    Page(text)
    assert text.count("<figure>") == 4
    assert "nan" not in text.lower()


def test_months_are_marked_without_crowding():
    for n in (1, 5, 13, 40, 120, 600):
        figure = SeriesFigure(Text("a", "b"), "share", sample.months((1970, 1), n), (1,) * n, (2,) * n)
        finding = attrs.evolve(sample.late_creation(), figures=(figure,), evidence=(), distortions=())
        svg = re.findall(r"<svg.*?</svg>", Report(sample.AS_OF, [finding]).to_html(), flags=re.DOTALL)[-1]
        ticks = [e for e in drawn(svg).iter("text") if float(e.get("y")) > 270]
        places = sorted({float(e.get("x")) for e in ticks})
        assert places
        assert all(b - a > 30 for a, b in itertools.pairwise(places))


def test_an_onset_outside_the_months_is_not_drawn():
    figure = attrs.evolve(sample.late_creation().figures[1], onset=Period.month(1999, 1).start)
    finding = attrs.evolve(sample.late_creation(), figures=(figure,))
    assert 'class="onset"' not in Report(sample.AS_OF, [finding]).to_html()
    assert 'class="onset"' in sample.full().to_html()


def test_a_figure_without_a_number_is_not_drawn():
    finding = sample.late_creation()
    broken = attrs.evolve(finding.evidence[0], measure=attrs.evolve(finding.measure, value=float("nan")))
    open_ended = attrs.evolve(finding.evidence[1], norm=attrs.evolve(finding.norm, high=float("inf")))
    finding = attrs.evolve(finding, evidence=(broken, open_ended), figures=(), distortions=())
    text = Report(sample.AS_OF, [finding]).to_html()
    assert text.count("<svg") == 1
    assert 'class="band"' not in text


def test_a_funnel_without_limits_or_units_is_drawn():
    funnel = attrs.evolve(sample.late_creation().figures[0], points=(), limits=())
    finding = attrs.evolve(sample.late_creation(), figures=(funnel,), evidence=(), distortions=())
    page = Page(Report(sample.AS_OF, [finding]).to_html())
    assert page.all("svg")
    assert "peer" not in {circle["class"] for circle in page.all("circle")}
    assert "peer" in {circle["class"] for circle in Page(sample.full().to_html()).all("circle")}
