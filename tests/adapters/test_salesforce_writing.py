from __future__ import annotations

import datetime as dt
import json
from typing import Any

import attrs
import pytest

from crmusage.adapters import salesforce
from crmusage.errors import ContractError
from crmusage.model import Finding, Kind, Measure, Proposal, Scope, Severity, Text, Verb
from crmusage.rules import Notice, Why

USER = "0050X0000000001AAA"


def finding(**fields: Any) -> Finding:
    return Finding(
        **{
            "code": "CU112",
            "name": "late-creation",
            "kind": Kind.PARASITIC,
            "severity": Severity.HIGH,
            "scope": Scope("North"),
            "measure": Measure("share", 0.4, 40, 100, 0.3, 0.5, "share"),
            "text": Text("Entered late.", "Saisies tardives."),
            "cases": ("0060X0000000001AAA",),
            "proposals": (Proposal(Verb.TRAIN, Text("Train the unit.", "Former l'unité.")),),
            **fields,
        }
    )


def notice(**fields: Any) -> Notice:
    return Notice(
        **{
            "rule": "quotes",
            "version": 2,
            "to": USER,
            "why": Why.NEW,
            "title": Text("Two offers", "Deux offres"),
            "reason": Text("It is new.", "C'est nouveau."),
            "guidance": Text("One opportunity.", "Une opportunité."),
            "request": Text("Read it.", "À lire."),
            "due": dt.date(2026, 4, 1),
            **fields,
        }
    )


def test_a_finding_becomes_a_task_that_tells_the_unit_and_no_person_or_record() -> None:
    (task,) = salesforce.tasks([finding()], owners={"North": "00G0X0000000001AAA"})
    assert task.table == "Task"
    assert task.fields["Subject"].startswith("CU112 ")
    assert "(North)" in task.fields["Subject"]
    assert task.fields["Description"] == "Entered late.\n- Train the unit."
    assert (task.fields["Priority"], task.fields["OwnerId"]) == ("High", "00G0X0000000001AAA")
    assert "0060X" not in str(dict(task.fields))
    assert "Status" not in task.fields


def test_a_notice_becomes_a_task_of_the_one_person_whom_it_is_for() -> None:
    (task,) = salesforce.tasks([notice()], lang="fr")
    assert dict(task.fields) == {
        "Subject": "Deux offres",
        "Description": "C’est nouveau.\nUne opportunité.\nÀ lire.\nRègle quotes, version 2",
        "Priority": "Normal",
        "ActivityDate": "2026-04-01",
        "OwnerId": USER,
    }


def test_the_next_run_gives_the_same_ids_though_the_figures_moved() -> None:
    first, then = (
        finding(),
        finding(measure=Measure("share", 0.9, 90, 100, 0.8, 0.95, "share"), severity=Severity.LOW),
    )
    assert salesforce.tasks([first])[0].external_id == salesforce.tasks([then])[0].external_id
    others = [
        finding(scope=Scope("South")),
        finding(code="CU113"),
        finding(rule="quotes"),
        notice(),
        notice(version=3),
    ]
    assert len({task.external_id for task in salesforce.tasks([first, *others])}) == 6
    assert len(salesforce.tasks([first, then])) == 1


@pytest.mark.parametrize("to", ["9f86d081884c7d65", "anna@example.com", ""])
def test_a_pseudonym_cannot_be_written_back(to: str) -> None:
    with pytest.raises(ContractError, match="pseudonym cannot be written back"):
        salesforce.tasks([notice(to=to)])


def test_who_took_over_a_login_is_reached_by_that_login() -> None:
    assert salesforce.tasks([notice(to=f"{USER}/2")])[0].fields["OwnerId"] == USER


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "&lt;img src=x onerror=alert(1)&gt;",
        "<<b>script>alert(1)<</b>/script>",
        '=HYPERLINK("http://example.com")',
        "a\x00b\u202ec",
    ],
)
def test_what_people_wrote_can_mark_up_and_compute_nothing(evil: str) -> None:
    (task,) = salesforce.tasks([finding(scope=Scope(evil), title=Text(evil, evil), text=Text(evil, evil))])
    for name in ("Subject", "Description"):
        text = task.fields[name]
        assert not {"<", ">", "\x00", "\u202e"} & set(text), text
        assert not text.startswith(("=", "+", "-", "@"))


def test_texts_are_cut_to_what_the_fields_take_counted_as_salesforce_counts() -> None:
    long = Text("😀" * 300, "é" * 300)
    for lang in ("en", "fr"):
        (task,) = salesforce.tasks([finding(title=long, text=Text("x" * 40_000, "y" * 40_000))], lang=lang)
        subject, body = task.fields["Subject"], task.fields["Description"]
        assert len(subject.encode("utf-16-le")) // 2 <= 255
        assert subject.endswith("…")
        assert len(body) == 32_000


def test_findings_become_rows_of_an_object_of_ones_own() -> None:
    columns = {"code": "Code__c", "unit": "Unit__c", "body": "Text__c", "severity": "Severity__c"}
    (row,) = salesforce.records([finding()], table="Usage_Finding__c", columns=columns)
    assert dict(row.fields) == {
        "Code__c": "CU112",
        "Unit__c": "North",
        "Text__c": "Entered late.\n- Train the unit.",
        "Severity__c": "high",
    }
    with pytest.raises(ContractError, match="nothing called 'owner'"):
        salesforce.records([finding()], table="X__c", columns={"owner": "Owner__c"})
    with pytest.raises(ContractError, match="no name of an object or field"):
        salesforce.records([finding()], table="X__c/../User", columns={})


def test_upserts_go_two_hundred_at_a_time_by_the_external_id() -> None:
    rows = salesforce.tasks([finding(scope=Scope(f"Unit {number}")) for number in range(201)])
    first, second = salesforce.upserts(rows, api="61.0", key="Usage_Key__c")
    assert (first.method, first.path) == (
        "PATCH",
        "/services/data/v61.0/composite/sobjects/Task/Usage_Key__c",
    )
    bodies = [json.loads(one.body) for one in (first, second)]
    assert [len(body["records"]) for body in bodies] == [200, 1]
    record = bodies[0]["records"][0]
    assert record["attributes"] == {"type": "Task"}
    assert record["Usage_Key__c"] == rows[0].external_id
    assert "Id" not in record
    assert bodies[0]["allOrNone"] is False
    assert salesforce.upserts(rows, api="61.0", key="Usage_Key__c") == (first, second)


@pytest.mark.parametrize("api", ["45.0", "sixty", ""])
def test_a_version_of_the_api_that_cannot_do_it_is_refused(api: str) -> None:
    with pytest.raises(ContractError, match="does not upsert collections"):
        salesforce.upserts(salesforce.tasks([finding()]), api=api)


def test_records_are_values() -> None:
    (task,) = salesforce.tasks([finding()])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        task.external_id = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        task.fields["Subject"] = "x"  # type: ignore[index]
