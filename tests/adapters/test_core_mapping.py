from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.adapters import salesforce
from crmusage.adapters._core import Mapping
from crmusage.errors import BookError, SourceError

from .salesforce_org import ANNA, OPP, as_rest, at, changed, opportunity, user

MAPPING = """
unit = "Team__c"
machines = ["erp@example.com"]

[fields.Opportunity]
due_at = "Decision_Date__c"
region = "Region__c"

[objects.Site_Request__c]
kind = "request"
[objects.Site_Request__c.columns]
case_id = "Id"
created_at = "CreatedDate"
owner = "OwnerId"
stage = "Status__c"

[objects.Visit__c]
activity = "meeting"
[objects.Visit__c.columns]
case_id = "Opportunity__c"
at = "Visited_At__c"
actor = "OwnerId"
"""


def test_custom_fields_and_objects_come_in_by_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "org.toml"
    path.write_text(MAPPING)
    tables = {
        "Opportunity": [opportunity(Decision_Date__c=at("2026-05-01 10:00"), Region__c="North")],
        "User": [user(ANNA, "Anna Ash", Team__c="Key accounts")],
        "Site_Request__c": [
            {
                "Id": "a010X0000000001AAA",
                "CreatedDate": at("2026-03-03 09:00"),
                "OwnerId": ANNA,
                "Status__c": "Open",
                "Site__c": "Lyon",
            }
        ],
        "Visit__c": [
            {
                "Id": "a020X0000000001AAA",
                "Opportunity__c": OPP,
                "Visited_At__c": at("2026-03-04 09:00"),
                "OwnerId": ANNA,
                "Km__c": 12,
            }
        ],
    }
    delivery = salesforce.read(as_rest(tables), mapping=path)
    made = delivery.history()
    assert made.cases.select("case_id", "kind", "due_at", "stage", "unit").rows() == [
        (OPP, "opportunity", at("2026-05-01 10:00"), "Qualification", "Key accounts"),
        ("a010X0000000001AAA", "request", None, "Open", None),
    ]
    assert made.cases.select("region", "site_c").rows() == [("North", None), (None, "Lyon")]
    visit = made.events.filter(made.events["activity"] == "meeting").to_dicts()[0]
    assert (visit["case_id"], visit["at"], visit["actor"], visit["km_c"]) == (
        OPP,
        at("2026-03-04 09:00"),
        ANNA,
        12,
    )
    uses = {(use.table, use.column): use for use in delivery.columns}
    assert uses["Opportunity", "Decision_Date__c"].to == ("cases.due_at",)
    assert uses["Visit__c", "Km__c"].to == ("events.km_c",)


def test_the_history_of_a_custom_object_tells_its_changes() -> None:
    mapping = Mapping.read(MAPPING)
    request = {
        "Id": "a010X0000000001AAA",
        "CreatedDate": at("2026-03-03 09:00"),
        "OwnerId": ANNA,
        "Status__c": "Done",
    }
    row = changed(
        "0170X0000000001AAA", "2026-03-05 09:00", "Status__c", "Open", "Done", ParentId=request["Id"]
    )
    made = salesforce.read(
        as_rest({"Site_Request__c": [request], "Site_Request__History": [row]}), mapping=mapping
    ).history()
    assert made.events.select("case_id", "activity", "field", "old", "new").rows() == [
        (request["Id"], "stage_changed", "stage", "Open", "Done")
    ]


def test_an_object_that_the_mapping_names_and_that_did_not_come_is_told() -> None:
    made = salesforce.read(as_rest({"Opportunity": [opportunity()]}), mapping=Mapping.read(MAPPING)).history()
    rows = {row["entity"]: row["complete"] for row in made.coverage.to_dicts()}
    assert rows["Visit__c"] is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("zone = 3", "zone: needs a text, not 3"),
        ("zones = 'UTC'", "zones: a mapping has no such key; there are: zone, currency"),
        (
            "[meanings.Case.Status]\nA = 'paused'",
            "meanings.Case.Status.A: 'paused' is no meaning; there are: accepted",
        ),
        ("[outcomes.Case.Status]\nA = 'done'", "'done' is no outcome; there are: cancelled, declined"),
        ("[ranks.Case.Priority]\nA = true", "needs a whole number, 1 for the highest, not True"),
        ("[meanings.Case]\nStatus = 'waiting'", "meanings.Case.Status: needs a table"),
        ("objects = 'X'", "objects: needs a table"),
        ("[objects.X]\nkind = 'request'", "objects.X: needs kind (or activity) and a table of columns"),
        ("[objects.X]\nkind = 'a'\nactivity = 'b'\n[objects.X.columns]\ncase_id = 'Id'", "not of both"),
        (
            "[objects.X]\nkind = 'a'\n[objects.X.columns]\ncase_id = 'Id'",
            "needs created_at, which every row of cases has",
        ),
        ("[objects.X.columns]\ncase_id = 'Id'\nat = 'T'", "needs activity"),
        (
            "[objects.X]\nkind = 'a'\n[objects.X.columns]\ncase_id = 'I'\ncreated_at = 'C'\nstag = 'S'",
            "have no such column",
        ),
        ("[objects.X]\ncolour = 'a'\n[objects.X.columns]\ncase_id = 'I'", "an object has no such key"),
        ("machines = [1]", "needs a list of ids or names of logins"),
        ("a = [", "is no TOML"),
    ],
)
def test_every_fault_of_a_mapping_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(BookError) as caught:
        Mapping.read(text, "org.toml")
    assert message in str(caught.value)
    assert "org.toml: " in str(caught.value)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(BookError, match="3 faults in the mapping"):
        Mapping.read("zone = 1\ncurrency = 2\nother = 3")


def test_a_mapping_that_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read as a mapping"):
        Mapping.load(tmp_path / "none.toml")
