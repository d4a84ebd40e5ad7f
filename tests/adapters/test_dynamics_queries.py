from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlsplit

import pytest

from crmusage.adapters import dynamics
from crmusage.adapters.dynamics._entities import ENTITIES
from crmusage.errors import ContractError

SINCE = dt.datetime(2026, 3, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def selected(query: dynamics.Query) -> set[str]:
    return set(parse_qs(urlsplit(query.text).query)["$select"][0].split(","))


@pytest.mark.parametrize("api", ["9.0", "9.1", "9.2", "v9.2"])
def test_every_table_that_is_read_is_asked_for_with_its_key(api: str) -> None:
    asked = {query.name: query for query in dynamics.queries(api) if "$select" in query.text}
    wanted = {name for name, one in ENTITIES.items() if one.set_name}
    assert set(asked) == wanted
    # Holidays are asked for with their calendars.
    assert "/calendars?" in asked.pop("calendarrule").text
    for name, query in asked.items():
        assert query.text.startswith(f"v{api.removeprefix('v')}/{ENTITIES[name].set_name}?$select=")
        assert ENTITIES[name].id in selected(query)
        assert f"_{ENTITIES[name].id}_value" not in selected(query)


def test_lookups_are_asked_for_by_the_name_under_which_they_come() -> None:
    query = next(one for one in dynamics.queries() if one.name == "opportunity")
    assert "_ownerid_value" in selected(query)
    assert "ownerid" not in selected(query)
    assert "opportunityid" in selected(query)


def test_only_the_annotation_that_says_whose_id_it_is_is_asked_for() -> None:
    for query in dynamics.queries():
        prefer = query.headers["Prefer"]
        assert "lookuplogicalname" in prefer
        assert "FormattedValue" not in prefer
        assert '"*"' not in prefer


def test_since_is_an_instant_in_utc_and_people_always_come_as_a_whole() -> None:
    asked = {query.name: query.text for query in dynamics.queries(since=SINCE)}
    assert "modifiedon ge 2026-03-01T07:00:00Z" in asked["opportunity"]
    assert "modifiedon ge" not in asked["systemuser"]
    audit = next(query.text for query in dynamics.queries(since=SINCE) if query.name == "audit")
    assert "createdon ge 2026-03-01T07:00:00Z" in audit
    with pytest.raises(ContractError, match="with a zone"):
        dynamics.queries(since=dt.datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point


def test_the_audit_query_asks_for_starts_and_stops_of_auditing_and_for_logins() -> None:
    audit = next(query for query in dynamics.queries() if query.name == "audit")
    for action in (64, 65, 105, 108, 112):
        assert f"action eq {action}" in audit.text
    told = " ".join(caveat.en for caveat in audit.caveats)
    for word in ("prvReadAuditSummary", "retention", "auditretentionperiodv2", "105 to 110", "changedata"):
        assert word in told


def test_values_are_to_be_had_by_details_and_by_record() -> None:
    details = [query.text for query in dynamics.queries() if query.name == "audit"]
    assert any("RetrieveAuditDetails" in text for text in details)
    (record,) = [query for query in dynamics.queries() if "RetrieveRecordChangeHistory" in query.text]
    assert "neither who" in record.caveats[0].en


def test_fetchxml_is_xml_and_asks_for_the_same() -> None:
    asked = {
        query.name: query
        for query in dynamics.queries(since=SINCE, form="fetchxml")
        if query.text.startswith("<fetch")
    }
    assert set(asked) == {name for name, one in ENTITIES.items() if one.set_name} - {"calendarrule"}
    for name, query in asked.items():
        root = ET.fromstring(query.text)  # noqa: S314 - our own text
        entity = root.find("entity")
        assert entity is not None
        assert entity.get("name") == name
        names = {one.get("name") for one in entity.findall("attribute")}
        assert set(ENTITIES[name].columns) <= names
        # An entity takes one filter; two would be two roots of the condition.
        assert len(entity.findall("filter")) <= 1


def test_what_a_mapping_names_is_asked_for() -> None:
    mapping = dynamics.Mapping.read(
        'unit = "new_branch"\n[fields.opportunity]\nstage = "new_phase"\nestimate = "estimatedvalue"\n'
        '[objects.new_project]\nkind = "project"\n'
        '[objects.new_project.columns]\ncase_id = "new_projectid"\ncreated_at = "createdon"\n'
    )
    asked = {query.name: query for query in dynamics.queries(custom=mapping)}
    assert "new_phase" in selected(asked["opportunity"])
    assert asked["opportunity"].text.count("estimatedvalue,") == 1
    assert "new_branch" in selected(asked["systemuser"])
    assert asked["new_project"].text.startswith(
        "v9.2/new_projects?$select=new_projectid,modifiedon,createdon"
    )


@pytest.mark.parametrize("name", ["x&$filter=1", "Opportunity", "a b", "", "a'b"])
def test_a_name_that_is_none_never_gets_into_an_address(name: str) -> None:
    with pytest.raises(ContractError, match="is no logical name"):
        dynamics.queries(custom=dynamics.Mapping(fields={"opportunity": {"stage": name}}))


def test_an_unknown_version_or_form_is_refused() -> None:
    with pytest.raises(ContractError, match="not known"):
        dynamics.queries("8.2")
    with pytest.raises(ContractError, match="odata or fetchxml"):
        dynamics.queries(form="sql")  # type: ignore[arg-type]


def test_every_query_says_in_both_languages_what_it_is_for() -> None:
    for query in dynamics.queries():
        for text in (query.why, *query.caveats):
            assert text.en
            assert text.fr
            assert text.en != text.fr
