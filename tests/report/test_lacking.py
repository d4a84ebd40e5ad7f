from __future__ import annotations

import json

import attrs
import pytest

from crmusage.model import Assessment, Lack, Outcome, Scope, Text, Wording
from crmusage.report import Report
from crmusage.report._lacking import MOST, SHORT, kinds, lacking
from tests.report import sample

EN, FR = Wording("en"), Wording("fr")
UNIT = Lack("cases", "unit")


def check(
    code: str, *lacks: Lack, reason: str = "the data cannot show it", unit: str | None = None
) -> Assessment:
    return Assessment(code, Scope(unit), Outcome.NOT_ASSESSABLE, Text(reason, f"{reason} (fr)"), lacks=lacks)


def blind(*more: Assessment) -> Report:
    """A report in which as much is unseen as is not read line by line."""
    many = [check(f"CU9{n:02}", UNIT, reason=f"reason {n}") for n in range(SHORT + 1)]
    return Report(sample.AS_OF, assessments=[*many, *more], n_cases=1)


def unbroken(text: str) -> str:
    return " ".join(text.split())


def test_what_most_checks_need_comes_first_with_how_many_need_nothing_else():
    found = lacking(
        [check("A", UNIT), check("B", UNIT, Lack("people")), check("C", Lack("people")), check("D", UNIT)]
    )
    assert [(one.name, one.checks, one.alone) for one in found] == [("cases.unit", 3, 2), ("people", 2, 1)]
    assert found[0].needed(EN).replace("\u00a0", " ") == "3 checks need it, 2 of them nothing else"
    assert found[1].needed(FR).replace("\u00a0", " ") == "manque à 2 contrôles, dont 1 n’attend rien d’autre"


def test_columns_that_the_same_checks_need_are_one_thing():
    changes = (Lack("events", "new"), Lack("events", "old"))
    found = lacking([check("A", *changes), check("B", *changes), check("C", Lack("events", "actor"))])
    assert [(one.name, one.checks, one.alone) for one in found] == [
        ("events.new, events.old", 2, 2),
        ("events.actor", 1, 1),
    ]
    assert found[0].how(EN) == 'under [columns]: new = "your column"; old = "your column"'
    assert found[1].needed(EN).replace("\u00a0", " ") == "1 check needs it and nothing else"


def test_activities_are_one_thing_that_names_them_and_how_to_give_the_one_most_wanted():
    one, other = Lack("events", "activity", "call"), Lack("events", "activity", "waiting")
    (found,) = lacking([check("A", one, other), check("B", other)])
    assert found.values == ("waiting", "call")
    assert found.what(EN) == "steps that never occur: waiting, call"
    assert found.how(FR) == 'sous [meanings]\u00a0: "votre mot" = "waiting"'


def test_what_is_not_named_here_is_told_by_its_own_name():
    (found,) = lacking([check("A", Lack("invoices", "colour"))])
    assert (found.name, found.what(EN), found.how(EN)) == ("invoices.colour", "", "in invoices.csv")


def test_a_kind_of_cases_that_there_is_none_of_is_told_apart():
    unseen = [check("A", Lack("cases", "kind", "request"), UNIT), check("B", UNIT)]
    assert [(one.name, one.alone) for one in lacking(unseen)] == [("cases.unit", 1)]
    assert kinds(unseen) == (("request", 1),)


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            [
                "Missing most",
                "cases.unit (the team or department): 10 checks need it, 9 of them nothing else",
                'under [columns]: unit = "your column"',
                "--map",
                'kind = "request"',
                "2 checks: too few (Nord, Sud).",
                "CU994: a reason of its own.",
                "1 check of single units, for reasons of their own.",
                "--all",
            ],
        ),
        (
            "fr",
            [
                "Ce qui manque le plus",
                "cases.unit (l’équipe ou le service) : manque à 10 contrôles, dont 9 n’attendent rien d’autre",
                'sous [columns] : unit = "votre colonne"',
                "--map",
                'kind = "request"',
                "2 contrôles : too few (fr) (Nord, Sud).",
                "CU994 : a reason of its own (fr).",
                "1 contrôle d’une unité, pour des raisons propres à chacun.",
                "--all",
            ],
        ),
    ],
)
def test_where_much_is_unseen_the_text_tells_what_is_missing_instead_of_each_check(lang, told):
    report = blind(
        check("CU991", UNIT, Lack("cases", "kind", "request")),
        check("CU992", reason="too few", unit="Nord"),
        check("CU993", reason="too few", unit="Sud"),
        check("CU994", reason="a reason of its own"),
        check("CU995", reason="a reason of the unit", unit="Nord"),
    )
    text = unbroken(report.to_text(lang))
    places = [text.index(part) for part in told]
    assert places == sorted(places)
    assert "reason 3" not in text
    full = unbroken(report.to_text(lang, full=True))
    assert all(f"reason {n}" in full for n in range(SHORT + 1))
    assert "--map" not in full


def test_few_lines_are_told_one_by_one():
    report = attrs.evolve(blind(), assessments=blind().assessments[:SHORT])
    assert report.to_text() == report.to_text(full=True)
    assert "<details>" not in report.to_html()


def test_the_page_folds_each_check_with_its_reason():
    page = blind().to_html(lang="fr")
    before, folded = page.split("<details>")
    assert "Ce qui manque le plus" in before
    assert "reason 3" not in before
    assert "reason 3" in folded


def test_things_that_few_checks_need_are_told_by_name_only():
    rare = [check(f"CU8{n:02}", Lack(f"table{n}")) for n in range(MOST)]
    assert f"Also missing: table{MOST - 1}." in unbroken(blind(*rare).to_text())


def test_a_history_without_cases_and_events_is_said_to_be_empty():
    for lang, said in (("en", "neither a case nor an event"), ("fr", "ni dossier ni événement")):
        text = attrs.evolve(blind(), n_cases=0).to_text(lang)
        assert said in text
        assert str(sample.AS_OF.year) not in text


def test_what_is_lacking_comes_back_from_json_and_a_report_from_before_is_still_read():
    told = blind().to_dict()
    assert told["assessments"][0]["lacks"] == [{"table": "cases", "column": "unit", "value": None}]
    assert Report.from_json(json.dumps(told)) == blind()
    for assessment in told["assessments"]:
        del assessment["lacks"]
    assert Report.from_json(json.dumps(told)).assessments[0].lacks == ()


def test_a_rule_that_was_not_judged_is_told_by_its_name_however_much_is_missing():
    report = blind(
        check("first-contact", reason="the data know no activity visit"),
        check("monday-update", reason="nobody is known"),
        check("months-close", reason="nobody is known"),
    )
    text = unbroken(report.to_text())
    assert "first-contact: the data know no activity visit." in text.replace("First", "first")
    assert "2 checks: nobody is known (monday-update, months-close)." in text
