from __future__ import annotations

import datetime as dt
import re

import pytest

from crmusage.adapters import salesforce
from crmusage.adapters.salesforce import Mapping
from crmusage.adapters.salesforce._fields import ENTITIES
from crmusage.errors import ContractError

SELECT = re.compile(r"SELECT (?P<fields>[\w, ]+) FROM (?P<table>\w+)(?: WHERE .+)?")


def parts(text: str) -> tuple[list[str], str]:
    match = SELECT.fullmatch(text)
    assert match is not None, text
    return match["fields"].split(", "), match["table"]


def by_name(**asked: object) -> dict[str, str]:
    return {query.name: query.text for query in salesforce.queries(**asked)}  # type: ignore[arg-type]


def test_every_query_asks_a_table_that_is_read_for_fields_that_it_has() -> None:
    entities = {entity.name: entity for entity in ENTITIES}
    for query in salesforce.queries(currencies=True):
        fields, table = parts(query.text)
        assert table == query.name
        assert set(fields) <= set(entities[table].fields), query.name
        assert len(fields) == len(set(fields))
        assert fields[0] == "Id"


def test_no_query_asks_for_what_the_adapter_would_ignore() -> None:
    tables = {}
    for query in salesforce.queries(currencies=True):
        fields, table = parts(query.text)
        tables[table] = [{"attributes": {"type": table}, **dict.fromkeys(fields)}]
    ignored = {
        (use.table, use.column)
        for use in salesforce.read(tables).columns
        if use.use == "ignored" and "attributes" not in use.column
    }
    # Rates and stages have no place for these; the export of a whole table would bring them all the same.
    assert ignored <= {
        ("CurrencyType", "Id"), ("CurrencyType", "IsActive"), ("DatedConversionRate", "Id"),
        ("DatedConversionRate", "NextStartDate"), ("OpportunityStage", "Id"), ("CaseStatus", "Id"), ("Period", "Id"),
        ("Holiday", "Id"), ("Account", "IsDeleted"), ("UserRole", "DeveloperName"), ("UserRole", "ParentRoleId"),
    }  # fmt: skip


@pytest.mark.parametrize(("api", "there"), [("49.0", False), ("v50.0", True), ("60", True)])
def test_previous_values_are_asked_for_from_the_version_on_that_has_them(api: str, there: bool) -> None:
    assert ("PrevCloseDate" in by_name(api=api)["OpportunityHistory"]) is there


def test_a_later_slice_asks_for_what_changed_and_for_lists_as_a_whole() -> None:
    since = dt.datetime(2026, 3, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    asked = by_name(since=since)
    assert asked["Opportunity"].endswith("WHERE SystemModstamp >= 2026-03-01T00:00:00Z")
    assert asked["CaseHistory"].endswith("WHERE CreatedDate >= 2026-03-01T00:00:00Z")
    assert asked["LoginHistory"].endswith("WHERE LoginTime >= 2026-03-01T00:00:00Z")
    assert asked["Account"].endswith("MasterRecordId != NULL AND SystemModstamp >= 2026-03-01T00:00:00Z")
    assert "WHERE" not in asked["OpportunityStage"]
    with pytest.raises(ContractError, match="instant with its zone"):
        salesforce.queries(since=dt.datetime(2026, 3, 1))  # noqa: DTZ001


def test_currencies_are_asked_for_only_where_there_are_several() -> None:
    assert "CurrencyIsoCode" not in str(by_name())
    several = by_name(currencies=True)
    assert "CurrencyIsoCode" in several["Opportunity"]
    assert "DatedConversionRate" in several


def test_a_mapping_adds_its_fields_and_objects() -> None:
    mapping = Mapping.read(
        """
        unit = "Team__c"
        [fields.Opportunity]
        due_at = "Decision_Date__c"
        [ranks.Case.Severity__c]
        A = 1
        [objects.Visit__c]
        activity = "meeting"
        [objects.Visit__c.columns]
        case_id = "Opportunity__c"
        at = "Visited_At__c"
        """
    )
    asked = by_name(custom=mapping)
    assert "Decision_Date__c" in asked["Opportunity"]
    assert "Team__c" in asked["User"]
    assert "Severity__c" in asked["Case"]
    assert (
        asked["Visit__c"]
        == "SELECT Id, IsDeleted, SystemModstamp, Opportunity__c, Visited_At__c FROM Visit__c"
    )


def test_a_name_that_could_end_the_query_is_refused() -> None:
    with pytest.raises(ContractError, match="no name of a field"):
        salesforce.queries(custom=Mapping(unit="Name FROM User--"))


@pytest.mark.parametrize("api", ["29.0", "latest", "60.5", ""])
def test_a_version_that_is_not_known_is_refused(api: str) -> None:
    with pytest.raises(ContractError, match="no version of the API"):
        salesforce.queries(api)


def test_what_forgets_says_so_in_both_languages() -> None:
    told = {query.name: " ".join(caveat.en for caveat in query.caveats) for query in salesforce.queries()}
    assert "18 months" in told["OpportunityFieldHistory"]
    assert "six months" in told["LoginHistory"]
    assert "queryAll" in told["Task"]
    for query in salesforce.queries(currencies=True):
        for text in (query.why, *query.caveats):
            assert text.en
            assert text.fr
            assert text.en != text.fr
