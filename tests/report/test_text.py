from __future__ import annotations

import re
import subprocess
import sys

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import Scope
from crmusage.report import Report
from tests.report import sample
from tests.report.reports import REPORTS
from tests.report.test_html import evil


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_asked(lang, width):
    lines = sample.full().to_text(lang, width).split("\n")
    assert max(map(len, lines)) <= width


@given(REPORTS, st.sampled_from(("en", "fr")), st.integers(40, 200))
def test_any_report_is_told_in_any_width_and_without_codes(report, lang, width):
    text = report.to_text(lang, width)
    assert max(map(len, text.split("\n"))) <= width
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_everything_of_a_finding_is_told_and_the_findings_come_first():
    text = sample.full().to_text()
    order = [
        "How the CRM is really used, as of 31",
        "One parasitic usage, one departure from the written rules and one promising usage.",
        "1. Grand Ouest: late creation",
        "94% were already won when they were",
        "Held against its peers",
        "302 of 321",
        "Since about 14",
        "What it does to the company’s figures",
        "Could anyone have seen it?",
        "No: of the 3 company figures",
        "What can be done",
        "- Announce: Tell the people",
        "2. Antilles-Guyane",
        "3. Nord · account-manager",
        "The written rules",
        "clearly less in: Grand Ouest 12%, Nord 82.6%",
        "What could not be assessed",
        "fewer than 30 opportunities won (Corse, Monaco)",
        "What was set aside",
        "closed before created",
        "Nothing to report",
    ]
    places = [text.index(told) for told in order]
    assert places == sorted(places)


def test_figures_stand_in_tables_where_there_is_room_and_in_lists_where_not():
    wide, narrow = sample.single().to_text(width=100), sample.single().to_text(width=48)
    assert re.search(r"win rate +99% +26\.1% +15 to 38% +< 0\.001", wide.replace("\u00a0", " "))
    assert "- win rate: 99% (309 of 312;" in narrow
    assert "kept 93.9%, out of" in " ".join(narrow.split())


def test_colour_is_there_only_when_asked_for():
    assert "\x1b" not in sample.full().to_text()
    text = sample.full().to_text(colour=True)
    assert "\x1b[1;31m1. Grand Ouest: late creation\x1b[0m" in text
    assert re.sub("\x1b\\[[0-9;]*m", "", text) == sample.full().to_text()


def test_a_name_cannot_drive_the_terminal():
    report = Report(sample.AS_OF, [sample.late_creation("\x1b[2J\x07evil\r\u202e")])
    for text in (report.to_text(), report.findings[0].explain()):
        assert "\x1b" not in text
        assert "\r" not in text
        assert "\u202e" not in text
        assert "\ufffd[2J\ufffdevil" in text


def test_a_long_name_gives_way_to_the_unit_over_its_numbers():
    text = Report(sample.AS_OF, [sample.late_creation("Direction commerciale du Grand Ouest")]).to_text()
    assert re.search(r"^ +the unit +peers", text, flags=re.MULTILINE)


@pytest.mark.parametrize("lang", ["de", "", "EN"])
def test_another_language_is_refused_with_those_there_are(lang):
    with pytest.raises(ValueError, match="en and fr"):
        sample.full().to_text(lang)


def test_a_terminal_too_narrow_is_refused():
    with pytest.raises(ValueError, match="40"):
        sample.full().to_text(width=39)


def test_a_report_as_text_is_its_english_text():
    assert str(sample.full()) == sample.full().to_text("en")


def test_an_empty_report_says_that_nothing_could_be_assessed():
    assert "Nothing could be assessed." in Report(sample.AS_OF).to_text()
    assert "Rien n’a pu être évalué." in Report(sample.AS_OF).to_text("fr")


def test_a_clear_report_says_that_nothing_is_out_of_the_ordinary():
    report = attrs.evolve(sample.full(), findings=(), assessments=sample.full().clear)
    assert "Nothing out of the ordinary." in report.to_text()
    assert "Rien ne sort de l’ordinaire." in report.to_text("fr")


def test_what_comes_from_a_crm_is_told_as_it_is():
    assert "alert('x')" in evil().to_text()


def test_a_stored_report_is_told_where_nothing_optional_is_installed(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(sample.full().to_json(), encoding="utf-8")
    code = (
        "import sys, pathlib\n"
        "for name in ('numpy', 'scipy', 'polars', 'jinja2', 'click'): sys.modules[name] = None\n"
        "from crmusage.report import Report\n"
        f"report = Report.from_json(pathlib.Path({str(path)!r}).read_text(encoding='utf-8'))\n"
        "assert 'Grand Ouest' in report.to_text('fr') and 'Grand Ouest' in report.findings[0].explain()\n"
        "assert 'crmusage[report]' in report._repr_html_()\n"
        "from crmusage.errors import MissingExtraError\n"
        "for asked in (report.to_frame, report.to_html):\n"
        "    try: asked()\n"
        "    except MissingExtraError: pass\n"
        "    else: raise AssertionError(asked)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_whom_a_finding_is_about_is_the_company_where_no_unit_is_named():
    finding = attrs.evolve(sample.late_creation(), scope=Scope())
    assert "1. The whole company: late creation" in Report(sample.AS_OF, [finding]).to_text()
