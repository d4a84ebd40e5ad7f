from __future__ import annotations

import json
import sqlite3

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import crmusage.history._ocel_forms as forms
import crmusage.history._ocel_out as out
from crmusage.errors import CrmUsageWarning, SourceError
from crmusage.history import History
from tests.history.rows import aside, case, day, event
from tests.history.test_xes_out import histories

NAMES = ("log.jsonocel", "log.json", "log.xmlocel", "log.xml", "log.sqlite")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ocel")


def there_and_back(history, path):
    history.write_ocel(path)
    return History.read(path, objects=sorted(set(history.cases["kind"])), as_of=history.as_of)


@given(histories(with_cases=True), st.sampled_from(NAMES))
def test_what_is_written_is_read_back_as_it_was(folder, history, name):
    # Ids of all objects share one space; what becomes of those that two sorts share has a test of its own.
    sorts = [
        history.cases["case_id"],
        history.events["actor"],
        history.events["unit"],
        history.cases["owner"],
    ]
    cases, actors, units, owners = (set(ids.drop_nulls()) for ids in sorts)
    assume(not (cases & (actors | owners | units) or units & (actors | owners)))
    again = there_and_back(history, folder / name)
    for table in ("events", "cases"):
        before, after = getattr(history, table), getattr(again, table)
        # A column without any value is not in the file; a date comes back as its midnight.
        held = [one for one in before.columns if before[one].null_count() < before.height]
        dates = [one for one in held if before.schema[one] == pl.Date and after.schema[one] != pl.Date]
        after = after.with_columns(pl.col(dates).dt.date())
        if table == "events":
            # Who wrote the same instant without an order gets another one, if the ids that are new decide.
            before, after = (
                one.sort(["case_id", "at", "seq", *held], nulls_last=True) for one in (before, after)
            )
        assert after.select(held).equals(before.select(held))
        assert set(after.columns) - set(before.columns) <= {"event_id"}
    assert aside(again) == {}
    assert again.given >= history.given


def test_an_id_that_objects_of_two_sorts_share_is_told_with_its_sort(folder):
    history = History.from_records(
        cases=[{"case_id": "a", "kind": "request", "created_at": day(1)}],
        events=[event("a", actor="7", unit="7"), event("a", "call", actor="a", unit="North")],
        as_of=day(9),
    )
    again = there_and_back(history, folder / "shared.jsonocel")
    rows = again.events.sort("activity").select("activity", "actor", "unit").rows()
    assert sorted(rows) == [("call", "person:a", "North"), ("updated", "7", "unit:7")]


@settings(max_examples=10)
@given(histories(with_cases=True), st.sampled_from(NAMES))
def test_small_batches_make_no_difference(folder, history, name):
    whole = there_and_back(history, folder / f"whole-{name}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(out, "BATCH", 2)
        patch.setattr(forms, "MANY", 2)
        parted = there_and_back(history, folder / f"parted-{name}")
    assert parted.events.equals(whole.events)
    assert parted.cases.equals(whole.cases)


RICH = {
    "events": [event("a", "won", actor="ann", unit="North", size=2), event("b", "x", actor="bot", seq=1)],
    "cases": [
        case("a", owner="ann", account_id="acme", unit="North", created_by="bob", amount=5),
        case("b", owner="desk", owner_kind="queue", parent_id="a", kind="request"),
    ],
    "people": [{"person_id": "ann", "unit": "North", "manager": "cy", "profile": "rep", "is_human": True}],
}


@pytest.mark.parametrize("name", NAMES)
def test_persons_units_accounts_and_parents_are_objects_with_qualifiers(tmp_path, name):
    history = History.from_records(**RICH)
    again = there_and_back(history, tmp_path / name)
    assert again.events.drop("event_id").equals(history.events)
    assert again.cases.equals(history.cases)
    assert again.people.equals(history.people)
    assert again.given == {"cases", "events", "people"}


def test_what_stands_in_the_json_is_what_the_format_asks(tmp_path):
    History.from_records(**RICH).write_ocel(tmp_path / "log.json")
    held = json.loads((tmp_path / "log.json").read_text("utf-8"))
    assert {one["id"]: one["type"] for one in held["objects"]} == {
        "a": "opportunity", "b": "request", "acme": "account", "North": "unit", "desk": "queue",
        "ann": "person", "bob": "person", "bot": "person", "cy": "person",
    }  # fmt: skip
    assert held["events"][0] == {
        "id": "e1",
        "type": "won",
        "time": "2026-01-02T09:00:00.000000Z",
        "attributes": [{"name": "size", "value": "2"}],
        "relationships": [
            {"objectId": "a", "qualifier": "case"},
            {"objectId": "ann", "qualifier": "actor"},
            {"objectId": "North", "qualifier": "unit"},
        ],
    }
    assert {"name": "won", "attributes": [{"name": "size", "type": "integer"}]} in held["eventTypes"]
    [person] = [one for one in held["objects"] if one["id"] == "ann"]
    assert {"name": "is_human", "time": "1970-01-01T00:00:00Z", "value": "true"} in person["attributes"]


@settings(max_examples=10)
@given(history=histories(with_cases=True))
def test_the_published_schema_holds(real_logs, folder, history):
    import jsonschema

    schema = json.loads((real_logs / "ocel2" / "schema_ocel2.json").read_text("utf-8"))
    for one in (history, History.from_records(**RICH)):
        one.write_ocel(folder / "log.json")
        jsonschema.validate(json.loads((folder / "log.json").read_text("utf-8")), schema)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ocel20_example.jsonocel", "log.json"),
        ("ocel20_example.jsonocel", "log.xml"),
        ("running-example.sqlite", "log.sqlite"),
    ],
)
def test_a_published_log_is_the_same_after_a_round_through_each_form(real_logs, tmp_path, name, form):
    kinds = ["items", "orders", "packages"] if name.startswith("running") else ["Invoice", "Purchase Order"]
    history = History.read(real_logs / "ocel2" / name, objects=kinds, zone="Europe/Berlin")
    again = there_and_back(history, tmp_path / form)
    assert (
        again.events["event_id"].drop_nulls().n_unique() >= history.events["event_id"].drop_nulls().n_unique()
    )
    shown = ["case_id", "activity", "at", "field", "old", "new"]
    assert again.events.select(shown).sort(shown).equals(history.events.select(shown).sort(shown))
    assert again.cases.select("case_id", "kind", "created_at").equals(
        history.cases.select("case_id", "kind", "created_at")
    )


def test_rows_that_share_an_id_are_one_event_of_several_cases(tmp_path):
    rows = [
        event("a", "x", event_id="7", qualifier="of"),
        event("b", "x", event_id="7", qualifier="for"),
        event("c", "x", event_id="8"),
        event("c", "y", event_id="7"),
        event("c", "x"),
        event("c", "x"),
    ]
    history = History.from_records(events=rows, cases=[case("a"), case("b"), case("c")])
    history.write_ocel(tmp_path / "log.json")
    held = json.loads((tmp_path / "log.json").read_text("utf-8"))["events"]
    related = {one["id"]: [tuple(link.values()) for link in one["relationships"]] for one in held}
    assert len(held) == len(related) == 5
    assert related["7"] == [("a", "of"), ("b", "for")]
    assert there_and_back(history, tmp_path / "log.json").events.height == 6


def test_ids_of_different_things_do_not_become_one(tmp_path):
    rows = [event("1", "x", actor="1", unit="1")]
    history = History.from_records(events=rows, cases=[case("1", owner="1", account_id="person:1")])
    history.write_ocel(tmp_path / "log.json")
    held = json.loads((tmp_path / "log.json").read_text("utf-8"))
    assert [(one["id"], one["type"]) for one in held["objects"]] == [
        ("1", "opportunity"), ("person:1", "person"), ("unit:1", "unit"), ("account:person:1", "account"),
    ]  # fmt: skip


def test_a_parent_that_is_not_in_the_history_stays_an_attribute(tmp_path):
    history = History.from_records(
        events=[event("a")], cases=[case("a", parent_id="z"), case("b", parent_id="a")]
    )
    for name in ("log.json", "log.sqlite"):
        again = there_and_back(history, tmp_path / name)
        assert again.cases["parent_id"].to_list() == ["z", "a"]
        assert aside(again) == {}


def test_what_was_only_derived_is_not_written_as_told(tmp_path):
    history = History.from_records(events=[event("a", actor="ann"), event("a", at=day(3))])
    again = there_and_back(history, tmp_path / "log.sqlite")
    assert again.given == {"events"}
    assert "created_at" not in again.columns_given["cases"]
    assert again.cases.equals(history.cases)


def test_names_that_sqlite_takes_for_one_stay_two(tmp_path):
    more = {"Size": 1, "size": 2, "OCEL_ID": "x", 'quo"te': "q"}
    history = History.from_records(
        events=[event("a", "Pay It", **more), event("a", "payit"), event("a", "!")]
    )
    again = there_and_back(history, tmp_path / "log.sqlite")
    assert sorted(again.events["activity"]) == ["!", "Pay It", "payit"]
    values = set(again.events.filter(activity="Pay It").row(0))
    assert {1, 2, "x", "q"} <= values


def test_a_database_that_was_there_is_replaced(tmp_path):
    History.from_records(events=[event("a"), event("b")]).write_ocel(tmp_path / "log.sqlite")
    History.from_records(events=[event("c")]).write_ocel(tmp_path / "log.sqlite")
    with sqlite3.connect(tmp_path / "log.sqlite") as held:
        assert held.execute("SELECT ocel_id FROM object WHERE ocel_type = 'case'").fetchall() == [("c",)]
    held.close()


def test_control_characters_are_replaced_in_xml_and_told(tmp_path):
    history = History.from_records(events=[event("a", note="a\x01b")])
    with pytest.warns(CrmUsageWarning, match=r"log\.xml: 1 texts hold control characters"):
        history.write_ocel(tmp_path / "log.xml")
    assert there_and_back(history, tmp_path / "log.json").events["note"].to_list() == ["a\x01b"]


@pytest.mark.parametrize("name", ["log.json", "log.xml", "log.sqlite"])
def test_a_place_that_is_not_there_is_one_clear_error(tmp_path, name):
    history = History.from_records(events=[event("a")])
    with pytest.raises(SourceError, match=rf"{name}: cannot be written"):
        history.write_ocel(tmp_path / "nowhere" / name)


def test_another_ending_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match=r"log\.csv: OCEL 2\.0 is written as \.jsonocel"):
        History.from_records(events=[event("a")]).write_ocel(tmp_path / "log.csv")
