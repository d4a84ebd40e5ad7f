from __future__ import annotations

import ast
import datetime as dt
import inspect
from pathlib import Path

import attrs
import pytest

import crmusage
from crmusage.model import Assessment, Outcome, Period, RuleTally, Scope, SetAside, Severity, Text, Wording
from crmusage.report import Report
from crmusage.report._digest import Digest
from tests.report import sample

EN, FR = Wording("en"), Wording("fr")


def test_findings_are_ordered_by_severity_then_code_then_unit():
    def made(severity, code, unit):
        return attrs.evolve(sample.late_creation(), severity=severity, code=code, scope=Scope(unit))

    ordered = [
        made(Severity.HIGH, "CU112", "A"),
        made(Severity.HIGH, "CU112", "B"),
        made(Severity.HIGH, "CU201", "A"),
        made(Severity.MEDIUM, "CU112", None),
        made(Severity.MEDIUM, "CU112", "A"),
        made(Severity.LOW, "CU101", "A"),
    ]
    assert Report(sample.AS_OF, reversed(ordered)).findings == tuple(ordered)


def test_what_was_set_aside_in_tables_about_people_shows_no_person():
    entries = [
        SetAside(t, f"{t}: x", 2, ("u-17",)) for t in ("people", "absences", "sessions", "acknowledgements")
    ]
    kept = SetAside("cases", "cases: x", 1, ("c-1",))
    report = Report(sample.AS_OF, set_aside=[*entries, kept])
    assert [entry.examples for entry in report.set_aside] == [(), (), (), (), ("c-1",)]
    assert all("u-17" not in told for told in (report.to_json(), report.to_text(), report.to_html()))


@pytest.mark.parametrize("name", ["as_of", "first"])
def test_an_instant_without_a_zone_is_refused(name):
    with pytest.raises(ValueError, match=name):
        Report(**{"as_of": sample.AS_OF, name: dt.datetime(2026, 1, 1)})  # noqa: DTZ001


def test_reports_of_the_same_values_are_equal_whatever_their_witnesses():
    assert Report(sample.AS_OF, witnesses=[1]) == Report(sample.AS_OF, witnesses=lambda: [2])
    assert Report(sample.AS_OF, n_cases=1) != Report(sample.AS_OF, n_cases=2)


def test_witnesses_are_made_only_when_they_are_wanted():
    asked = []
    report = Report(sample.AS_OF, witnesses=lambda: asked.append(1) or "frame")
    report.to_json(), report.to_text(), report.to_html(), repr(report)
    assert asked == []
    assert report.witnesses == "frame"
    assert Report(sample.AS_OF, witnesses="frame").witnesses == "frame"
    assert Report(sample.AS_OF).witnesses is None


def test_a_report_shows_itself_on_one_line():
    assert (
        repr(sample.full()) == "<Report as of 2026-10-31T00:00:00+00:00: 3 found, 42 clear, 4 not assessable>"
    )


def test_could_not_see_is_told_apart_from_clear():
    report = sample.full()
    assert {a.outcome for a in report.clear} == {Outcome.CLEAR}
    assert {a.outcome for a in report.not_assessable} == {Outcome.NOT_ASSESSABLE}
    assert "42 found nothing to report and 4 could not be made" in Digest(report, EN).standfirst[1]


# --- the digest


@pytest.mark.parametrize(
    ("findings", "en", "fr"),
    [
        (1, "One parasitic usage in Grand Ouest.", "Un usage parasite dans Grand Ouest."),
        (2, "Two parasitic usages in Grand Ouest.", "Deux usages parasites dans Grand Ouest."),
        (12, "12 parasitic usages in Grand Ouest.", "12 usages parasites dans Grand Ouest."),
    ],
)
def test_the_headline_counts_what_was_found(findings, en, fr):
    report = Report(sample.AS_OF, [sample.late_creation()] * findings)
    assert Digest(report, EN).headline == en
    assert Digest(report, FR).headline == fr


def test_the_headline_names_no_unit_where_there_are_several():
    digest = Digest(Report(sample.AS_OF, [sample.late_creation("A"), sample.late_creation("B")]), EN)
    assert digest.headline == "Two parasitic usages."


def test_the_headline_knows_the_gender_of_a_gap():
    gap = attrs.evolve(sample.late_creation(), kind="gap", scope=Scope())
    assert Digest(Report(sample.AS_OF, [gap]), FR).headline == "Une lacune dans les règles."


@pytest.mark.parametrize(
    ("findings", "en"),
    [
        ([sample.late_creation()], "The company’s own figures could not have shown it."),
        ([sample.late_creation()] * 2, "The company’s own figures could not have shown them."),
        (
            [sample.late_creation(), sample.promising()],
            "One of them could not be seen in the company’s own figures.",
        ),
    ],
)
def test_the_answer_says_what_the_companys_figures_could_not_show(findings, en):
    assert Digest(Report(sample.AS_OF, findings), EN).standfirst == (en,)


def test_nothing_is_said_of_the_companys_figures_where_they_show_it():
    assert Digest(Report(sample.AS_OF, [sample.promising()]), EN).standfirst == ()


def test_only_units_far_below_the_company_are_pointed_at():
    row = Digest(sample.full(), EN).rules[0]
    assert row.kept == 11_932 / 12_702
    assert [unit for unit, _, _ in row.behind] == ["Grand Ouest", "Nord"]


def test_a_small_unit_that_broke_a_rule_once_is_not_pointed_at():
    whole = RuleTally("a", 1, 0, "x", None, None, None, 1_000, 900, 100)
    small = attrs.evolve(whole, unit="small", activations=3, fulfilled=2, violated=1)
    assert Digest(Report(sample.AS_OF, rules=[whole, small]), EN).rules[0].behind == ()


def test_at_most_three_units_are_pointed_at_the_ones_with_most_violations_first():
    whole = RuleTally("a", 1, 0, "x", None, None, None, 10_000, 9_000, 1_000)
    units = [
        attrs.evolve(whole, unit=name, activations=100, fulfilled=100 - broken, violated=broken)
        for name, broken in (("A", 40), ("B", 70), ("C", 60), ("D", 50), ("E", 5))
    ]
    row = Digest(Report(sample.AS_OF, rules=[*units, whole]), EN).rules[0]
    assert [unit for unit, _, _ in row.behind] == ["B", "C", "D"]


def test_without_a_row_of_the_whole_the_units_of_all_time_add_up():
    whole = RuleTally("a", 1, 0, "x", None, "A", None, 10, 9, 1)
    rows = [whole, attrs.evolve(whole, unit="B"), attrs.evolve(whole, unit="B", period=Period.month(2026, 1))]
    tally = Digest(Report(sample.AS_OF, rules=rows), EN).rules[0].tally
    assert (tally.activations, tally.fulfilled, tally.violated, tally.unit) == (20, 18, 2, None)


def test_what_could_not_be_assessed_is_grouped_by_its_reason():
    groups = Digest(sample.full(), EN).not_assessable
    assert [(group.code, group.count, group.units) for group in groups] == [
        ("CU112", 2, ("Corse", "Monaco")),
        ("CU112", 1, ("Siège",)),
        ("CU606", 1, ()),
    ]


def test_many_units_are_named_in_part_and_counted():
    reason = Text("too few", "trop peu")
    names = [f"U{n}" for n in range(9)]
    assessments = [Assessment("X1", Scope(name), Outcome.NOT_ASSESSABLE, reason) for name in names]
    digest = Digest(Report(sample.AS_OF, assessments=assessments), EN)
    assert digest.named(digest.not_assessable[0].units) == "U0, U1, U2, U3, U4, U5 and 3\u00a0more"


def test_a_detector_is_called_by_its_name_where_it_is_known():
    digest = Digest(sample.full(), FR)
    assert digest.code("CU112") == "Création tardive (CU112)"
    assert digest.code("CU201") == "Meeting eve logging (CU201)"
    assert digest.code("ACME7") == "ACME7"


@pytest.mark.parametrize(
    ("slug", "fr"),
    [
        ("events: no case", "événements\u00a0: sans dossier"),
        ("cases: unreadable creation time", "dossiers\u00a0: date de création illisible"),
        ("cases: unknown outcome", "dossiers\u00a0: issue\u00a0: valeur inconnue"),
        ("events: time without a zone", "événements\u00a0: date sans fuseau horaire"),
        ("events: time outside the years 1970 to 2100", "événements\u00a0: date hors des années 1970 à 2100"),
        ("cases: closed before created", "dossiers\u00a0: clôture antérieure à la création"),
        ("cases: something new", "dossiers\u00a0: something new"),
        ("odd", "odd"),
    ],
)
def test_reasons_are_told_in_french_as_far_as_they_are_known(slug, fr):
    report = Report(sample.AS_OF, set_aside=[SetAside("events", slug, 1)])
    assert Digest(report, FR).reason(report.set_aside[0]) == fr
    assert Digest(report, EN).reason(report.set_aside[0]) == slug


def reasons_of_the_project() -> set[str]:
    """What the project gives as a reason to set rows aside, where it is written out."""
    found = set()
    for path in Path(inspect.getfile(crmusage)).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "aside(" not in source and "ledger.add(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"add", "aside", "_aside"}:
                found |= {one.value for one in node.args[1:2] if isinstance(one, ast.Constant)}
    return found


def test_every_reason_to_set_rows_aside_is_told_in_french():
    found = reasons_of_the_project()
    assert len(found) > 25
    told = {what: Digest(Report(sample.AS_OF), FR).reason(SetAside("t", f"t: {what}", 1)) for what in found}
    assert {what for what, french in told.items() if french.partition("\u00a0: ")[2] == what} == set()
