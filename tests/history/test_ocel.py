"""OCEL 2.0 as it comes: which objects are cases, the caller says."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import polars as pl
import pytest

from crmusage.errors import ContractError, SourceError
from crmusage.history import History, LogMapping
from tests.history.rows import UTC, aside, day

T = "2026-01-{:02}T09:00:00Z"
EVER = "1970-01-01T00:00:00Z"


def ocel(events=(), objects=(), event_types=(), object_types=()):
    return {
        "eventTypes": list(event_types),
        "objectTypes": list(object_types),
        "events": list(events),
        "objects": list(objects),
    }


def ev(name, kind, n, *related, **values):
    return {
        "id": name,
        "type": kind,
        "time": T.format(n),
        "attributes": [{"name": key, "value": value} for key, value in values.items()],
        "relationships": [{"objectId": one, "qualifier": qualifier} for one, qualifier in related],
    }


def thing(name, kind, *related, values=()):
    return {
        "id": name,
        "type": kind,
        "attributes": [{"name": key, "time": time, "value": value} for key, time, value in values],
        "relationships": [{"objectId": one, "qualifier": qualifier} for one, qualifier in related],
    }


SHOP = ocel(
    events=[
        ev("e1", "place order", 2, ("o1", "order"), ("i1", "item"), ("i2", "item"), ("ann", "seller"), price="5"),
        ev("e2", "ship", 4, ("i1", "item"), ("i2", "item"), ("p1", "parcel")),
        ev("e3", "place order", 3, ("o2", "order"), ("bob", "seller")),
        ev("e4", "stocktaking", 5),
    ],
    objects=[
        thing("o1", "order", ("i1", "comprises"), ("i2", "comprises"), ("acme", "placed by"),
              values=[("state", EVER, "new"), ("state", T.format(3), "paid"), ("state", T.format(6), "sent"),
                      ("amount", EVER, "12.5")]),
        thing("o2", "order", values=[("state", T.format(3), "new"), ("amount", EVER, "3")]),
        thing("i1", "item"), thing("i2", "item"), thing("p1", "parcel"),
        thing("ann", "employee"), thing("bob", "employee"), thing("acme", "customer"),
    ],
    event_types=[{"name": "place order", "attributes": [{"name": "price", "type": "integer"}]}],
    object_types=[{"name": "order", "attributes": [{"name": "amount", "type": "float"}]}],
)  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read(held, name="log.jsonocel", **options):
        path = tmp_path / name
        path.write_bytes(held if isinstance(held, bytes) else json.dumps(held).encode())
        return History.read(path, **options)

    return read


def test_objects_of_the_chosen_type_are_the_cases(read):
    history = read(SHOP, objects="order")
    assert history.cases.select("case_id", "kind", "amount", "state").rows() == [
        ("o1", "order", 12.5, "sent"),
        ("o2", "order", 3.0, "new"),
    ]
    own = history.events.filter(pl.col("event_id").is_not_null())
    assert own.select("case_id", "activity", "at", "qualifier", "price").rows() == [
        ("o1", "place order", day(2), "order", 5),
        ("o2", "place order", day(3), "order", None),
    ]
    assert history.given == {"events"}
    assert aside(history) == {}


def test_an_event_of_several_cases_counts_in_each_and_one_of_none_is_told(read):
    history = read(SHOP, objects="item")
    assert history.events.select("case_id", "activity", "event_id").rows() == [
        ("i1", "place order", "e1"),
        ("i1", "ship", "e2"),
        ("i2", "place order", "e1"),
        ("i2", "ship", "e2"),
    ]
    told = "\n".join(note.en for note in history.notes)
    assert "2\u00a0events concern no object of the chosen types (item)" in told
    assert "2 events became 4 rows" in told


def test_several_types_are_several_kinds_and_a_link_between_them_is_the_parent(read):
    history = read(SHOP, objects=["order", "item"])
    assert history.cases.select("case_id", "kind", "parent_id").rows() == [
        ("i1", "item", "o1"),
        ("i2", "item", "o1"),
        ("o1", "order", None),
        ("o2", "order", None),
    ]


def test_two_possible_parents_are_none(read):
    held = ocel(
        events=[ev("e", "x", 2, ("a", ""), ("b", ""), ("c", ""))],
        objects=[thing("a", "deal", ("c", "part")), thing("b", "deal", ("c", "part")), thing("c", "deal")],
    )
    cases = read(held).cases
    assert cases["parent_id"].to_list() == [None, None, None]
    assert cases["object:deal"].to_list() == ["c", "c", "a; b"]


def test_a_type_can_be_called_by_another_kind(read):
    history = read(SHOP, objects={"order": "opportunity"})
    assert history.cases["kind"].unique().to_list() == ["opportunity"]


def test_one_type_alone_need_not_be_chosen(read):
    held = ocel(events=[ev("e", "x", 2, ("o", "q"))], objects=[thing("o", "order")])
    assert read(held).cases["case_id"].to_list() == ["o"]


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        (
            None,
            r"log\.jsonocel: say which objects are cases.*customer \(1\), employee \(2\), item \(2\), order \(2\)",
        ),
        ("orders", r"no objects of the type 'orders' \(do you mean 'order'\?\)"),
        ((), r"objects= names no type at all"),
    ],
)
def test_who_does_not_choose_is_told_the_types(read, objects, said):
    with pytest.raises(ContractError, match=said):
        read(SHOP, objects=objects)


def test_a_choice_of_objects_needs_objects(read, tmp_path):
    (tmp_path / "events.csv").write_text("case_id,activity,at\na,x,2026-01-01T00:00:00Z\n")
    with pytest.raises(ContractError, match=r"objects= chooses the cases of an OCEL file"):
        History.read(tmp_path / "events.csv", objects="order")
    with pytest.raises(ContractError, match="there is no object in it"):
        read(ocel())


def test_a_value_that_changes_is_an_event_with_field_old_and_new(read):
    events = read(SHOP, objects="order").events
    changes = events.filter(activity="updated").select("case_id", "at", "field", "old", "new")
    assert changes.rows() == [
        ("o1", day(3), "state", "new", "paid"),
        ("o1", day(6), "state", "paid", "sent"),
    ]


def test_a_value_that_comes_after_the_first_event_was_missing_before(read):
    held = ocel(
        events=[ev("e", "x", 2, ("o", ""))],
        objects=[thing("o", "order", values=[("stage", T.format(4), "A"), ("stage", T.format(5), "A")])],
    )
    events = read(held).events.filter(activity="updated")
    assert events.select("at", "field", "old", "new").rows() == [(day(4), "stage", None, "A")]


def test_values_are_those_of_the_instant_of_the_look(read):
    history = read(SHOP, objects="order", as_of=day(4))
    assert history.cases["state"].to_list() == ["paid", "new"]
    assert aside(history) == {"events: after as_of": 1}


def test_other_objects_are_attributes_that_a_mapping_can_use(read):
    plain = read(SHOP, objects="order")
    assert plain.events.filter(activity="place order")["object:employee"].to_list() == ["ann", "bob"]
    assert plain.cases.select("object:item", "object:customer").row(0) == ("i1; i2", "acme")
    mapping = LogMapping(columns={"actor": "object:employee"}, cases={"account_id": "object:customer"})
    history = read(SHOP, objects="order", mapping=mapping)
    assert history.events.filter(activity="place order")["actor"].to_list() == ["ann", "bob"]
    assert history.cases["account_id"].to_list() == ["acme", None]
    hidden = read(SHOP, objects="order", mapping=mapping, pseudonymise="secret")
    assert not {"ann", "bob"} & set(hidden.events["actor"])
    assert "object:employee" not in hidden.events.columns


def test_a_qualifier_called_like_a_column_is_that_column(read):
    held = ocel(
        events=[ev("e", "x", 2, ("o", "case"), ("ann", "actor"), ("north", "unit"))],
        objects=[
            thing("o", "order", ("bob", "owner"), ("acme", "account_id"), ("o2", "parent_id")),
            thing("o2", "order"), thing("ann", "person", ("north", "unit"), values=[("profile", EVER, "rep")]),
            thing("bob", "person"), thing("north", "unit"), thing("acme", "account"),
        ],
    )  # fmt: skip
    history = read(held, objects="order")
    assert history.events.select("actor", "unit").row(0) == ("ann", "north")
    assert history.cases.select("owner", "account_id", "parent_id").row(0) == ("bob", "acme", "o2")
    assert history.people.select("person_id", "unit", "profile").rows() == [("ann", "north", "rep")]
    assert aside(history) == {"cases: no events and no creation time": 1}


def test_who_hides_persons_finds_no_id_of_one(read):
    held = ocel(
        events=[ev("e", "x", 2, ("o", "of"), ("ann", "seller"), ("bob", "actor"), ("cy", "helper"))],
        objects=[
            thing("o", "order", ("ann", "sold by"), ("dee", "owner"), ("eve", "known to"), values=[("a", "soon", "1")]),
            thing("ann", "person", values=[("profile", "late", "rep")]), thing("bob", "person"), thing("bob", "person"),
            thing("dee", "person"), {"id": "fay"},
        ],
    )  # fmt: skip
    mapping = LogMapping(columns={"unit": "qualifier"})
    for told in (mapping, LogMapping()):
        history = read(held, objects="order", pseudonymise="secret", mapping=told)
        shown = str([history.events.rows(), history.cases.rows(), history.people.rows(), history.set_aside])
        assert not [name for name in ("ann", "bob", "cy", "dee", "eve", "fay") if f"'{name}'" in shown]
        assert history.events["object:person"].null_count() == 0


def test_times_of_creation_make_a_whole_table_of_cases(read):
    held = ocel(
        events=[ev("e", "x", 2, ("o", "")), ev("e2", "x", 4, ("o2", ""))],
        objects=[
            thing("o", "order", values=[("created_at", EVER, T.format(1))]),
            thing("o2", "order"),
            thing("o3", "order", values=[("created_at", EVER, T.format(1))]),
        ],
    )
    history = read(held)
    assert "cases" in history.given
    assert history.cases["created_at"].to_list() == [day(1), day(4), day(1)]


def test_an_attribute_that_is_called_like_something_else_keeps_its_value(read):
    taken = {"activity": "call", "at": "noon", "case_id": "9", "seq": "last", "qualifier": "mine"}
    held = ocel(
        events=[ev(f"e{n}", "x", 2, (f"o{n}", "of"), **taken) for n in range(3)],
        objects=[
            thing(f"o{n}", "order", values=[("kind", EVER, "big"), ("amount", EVER, "much")])
            for n in range(3)
        ],
    )
    history = read(held)
    assert history.events.select("activity", "qualifier", *(f"{name}_log" for name in taken)).row(0) == (
        "x", "of", *taken.values(),
    )  # fmt: skip
    assert history.cases.select("kind", "kind_log", "amount_log").row(0) == ("order", "big", "much")


def test_what_hangs_in_the_air_is_counted_by_reason(read):
    held = ocel(
        events=[
            ev("e", "x", 2, ("o", ""), ("gone", "")), {"id": "f", "type": "x", "relationships": [{"objectId": "o"}]},
            {"id": "g", "time": T.format(2), "relationships": [{"objectId": "o", "qualifier": None}]},
            ev("h", "y", 2, ("o", ""), tag="1") | {"time": "soon"},
        ],
        objects=[
            thing("o", "order", ("nowhere", "to"), values=[("state", "yesterday", "x")]), thing("o", "order"),
            {"id": "typeless"}, {"type": "order"},
        ],
    )  # fmt: skip
    assert aside(read(held)) == {
        "cases: object without an id or a type": 2,
        "cases: related to an object that is not there": 1,
        "cases: same object more than once": 1,
        "cases: unreadable time of a value": 1,
        "events: no activity": 1,
        "events: no time": 1,
        "events: related to an object that is not there": 1,
        "events: unreadable time": 1,
    }


def test_values_have_the_type_that_is_declared_or_that_they_have(read):
    declared = [{"name": name, "type": name} for name in ("integer", "float", "boolean", "time", "string")]
    values = {"integer": "1", "float": "1.5", "boolean": "true", "time": T.format(1), "string": "7"}
    free = {"whole": 3, "x": 0.5, "ok": True, "parts": ["a"], "none": None}
    held = ocel(
        events=[ev("e", "x", 2, ("o", ""), **values, **free)],
        objects=[thing("o", "order")],
        event_types=[{"name": "x", "attributes": declared}],
    )
    row = read(held).events.select(*values, "whole", "x", "ok", "parts").row(0)
    assert row == (1, 1.5, True, day(1), "7", 3, 0.5, True, '["a"]')


def test_half_a_character_becomes_the_sign_for_none(read):
    held = json.dumps(ocel(events=[ev("e", "x", 2, ("o", ""), note="@")], objects=[thing("o", "order")]))
    assert read(held.replace("@", "\\ud800").encode()).events["note"].to_list() == ["\ufffd"]


def test_a_cell_of_ten_megabytes_is_read(read):
    held = ocel(events=[ev("e", "x", 2, ("o", ""), note="n" * 10_000_000)], objects=[thing("o", "order")])
    assert read(held).events["note"].str.len_bytes().to_list() == [10_000_000]


XML = """<?xml version="1.0" encoding="UTF-8"?><log><object-types><object-type name="order"><attributes>
<attribute name="amount" type="float"/></attributes></object-type></object-types><event-types/>
<objects><object id="o" type="order"><attributes><attribute name="amount" time="1970-01-01T00:00:00Z">2.5</attribute>
</attributes><objects><relationship object-id="c" qualifier="by"/></objects></object><object id="c" type="customer"/></objects>
<events><event id="e" type="réglé &amp; clos" time="2026-01-02T09:00:00Z"><attributes><attribute name="note">a
b</attribute></attributes><objects><relationship object-id="o" qualifier="of"/></objects></event></events></log>"""


@pytest.mark.parametrize("name", ["log.xmlocel", "log.xml"])
def test_xml_is_read(read, name):
    history = read(XML.encode(), name, objects="order")
    assert history.events.select("case_id", "activity", "at", "note", "qualifier").row(0) == (
        "o", "réglé & clos", day(2), "a\nb", "of",
    )  # fmt: skip
    assert history.cases.select("amount", "object:customer").row(0) == (2.5, "c")


def test_a_time_without_a_zone_asks_for_one(read):
    held = XML.replace("2026-01-02T09:00:00Z", "2026-01-02T10:00:00").encode()
    with pytest.raises(ContractError, match=r"log\.xmlocel: column at: it holds times without a zone"):
        read(held, "log.xmlocel", objects="order")
    assert read(held, "log.xmlocel", objects="order", zone="Europe/Paris").events["at"].to_list() == [day(2)]


def base(path, *, rows=1, extra=()):
    with sqlite3.connect(path) as held:
        held.executescript("""
            CREATE TABLE event (ocel_id TEXT, ocel_type TEXT); CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);
            CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
            CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT);
            CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT); CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
            CREATE TABLE event_Pay (OCEL_ID TEXT, ocel_time TEXT, price REAL, done BOOLEAN, raw TEXT);
            CREATE TABLE object_Order (ocel_id INTEGER, ocel_time TEXT, ocel_changed_field TEXT, state TEXT, amount REAL);
            INSERT INTO event_map_type VALUES ('pay it', 'Pay'); INSERT INTO object_map_type VALUES ('order', 'Order');
            INSERT INTO object VALUES ('17', 'order'); INSERT INTO object_Order VALUES (17, '1970-01-01 01:00:00', NULL, 'new', 0.1);
            INSERT INTO object_Order VALUES (17, '2026-01-04 09:00:00', 'state', 'paid', NULL);
            INSERT INTO object_Order VALUES (17, '2026-01-05 09:00:00', 'amount', 'stale', 0.30000000000000004);
        """)
        for n in range(rows):
            held.execute("INSERT INTO event VALUES (?, 'pay it')", (f"e{n}",))
            held.execute(
                "INSERT INTO event_Pay VALUES (?, '2026-01-02 09:00:00', 1.5, 1, CAST(x'ff41' AS TEXT))",
                (f"e{n}",),
            )
            held.execute("INSERT INTO event_object VALUES (?, '17', 'of')", (f"e{n}",))
        for line in extra:
            held.execute(line)
    held.close()
    return path


def test_sqlite_is_read_with_the_types_of_its_values(tmp_path):
    history = History.read(base(tmp_path / "log.sqlite"), zone="UTC")
    first = history.events.filter(activity="pay it")
    assert first.select("case_id", "at", "price", "done", "raw").row(0) == (
        "17",
        day(2),
        1.5,
        True,
        "\ufffdA",
    )
    assert history.cases.select("state", "amount").row(0) == ("paid", 0.30000000000000004)
    changes = history.events.filter(activity="updated").select("field", "old", "new", "at")
    assert changes.rows() == [
        ("state", "new", "paid", day(4)),
        ("amount", "0.1", "0.30000000000000004", day(5)),
    ]


def test_sqlite_is_fetched_in_batches(tmp_path, monkeypatch):
    import crmusage.history._ocel_sqlite as module

    whole = History.read(base(tmp_path / "log.sqlite", rows=25), zone="UTC")
    monkeypatch.setattr(module, "BATCH", 7)
    parted = History.read(tmp_path / "log.sqlite", zone="UTC")
    assert parted.events.equals(whole.events)
    assert whole.events.filter(activity="pay it").height == 25


def test_reading_sqlite_leaves_the_file_alone_and_a_name_may_hold_anything(tmp_path):
    path = base(tmp_path / "50% ?mode=rwc#x.sqlite")
    before = path.read_bytes()
    assert History.read(path, zone="UTC").cases.height == 1
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_what_hangs_in_the_air_in_a_database_is_counted(tmp_path):
    extra = [
        "INSERT INTO event_object VALUES ('gone', '17', 'of')",
        "INSERT INTO event_object VALUES ('e0', 'gone', 'of')",
        "INSERT INTO event VALUES ('timeless', 'pay it')",
        "INSERT INTO event_object VALUES ('timeless', '17', 'of')",
        "INSERT INTO event_Pay VALUES ('e0', '2026-01-03 09:00:00', 2.5, 0, NULL)",
    ]
    history = History.read(base(tmp_path / "log.sqlite", extra=extra), zone="UTC")
    assert aside(history) == {
        "events: attribute given twice": 1,
        "events: no time": 1,
        "events: related to an object that is not there": 1,
        "events: relation of an event that is not there": 1,
    }
    assert history.events.filter(activity="pay it").height == 1


def test_a_view_is_no_table(tmp_path):
    path = base(tmp_path / "log.sqlite", extra=["DROP TABLE event", "CREATE VIEW event AS SELECT 1"])
    with pytest.raises(SourceError, match=r"log\.sqlite: is no OCEL 2\.0: the database has no table event"):
        History.read(path, zone="UTC")


def test_a_table_without_its_columns_is_one_clear_error(tmp_path):
    path = base(
        tmp_path / "log.sqlite", extra=["DROP TABLE event_object", "CREATE TABLE event_object (a TEXT)"]
    )
    with pytest.raises(SourceError, match="its table event_object has no column ocel_event_id"):
        History.read(path, zone="UTC")


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("log.jsonocel", b"{", "is no well-formed JSON"),
        ("log.json", b"[1]", "is no OCEL 2.0: it needs an object with eventTypes"),
        ("log.json", b'{"events": 1, "objects": []}', "events is a list of objects, not 1"),
        ("log.json", b'{"events": [[]], "objects": []}', r"events\[0\] is an object with names"),
        ("log.json", b'{"events": [{"id": {}}], "objects": []}', r"events\[0\]\.id is a text"),
        ("log.json", b"[" * 100_000, "is no well-formed JSON"),
        ("log.xmlocel", b"<html/>", "is no OCEL 2.0: it begins with <html>"),
        ("log.xmlocel", b"<log/>", "has neither <objects> nor <events>"),
        ("log.xmlocel", XML.encode()[:-30], "is no well-formed XML"),
        ("log.xml", b'<!DOCTYPE log [<!ENTITY a "aa">]><log>&a;</log>', "declares a document type"),
        ("log.xml", b'<!DOCTYPE log SYSTEM "file:///etc/hostname"><log/>', "declares a document type"),
        ("log.sqlite", b"", "has no table event"),
        ("log.sqlite", b"no database", "cannot be read as an SQLite database"),
    ],
)
def test_what_is_no_such_file_is_one_clear_error(read, name, held, said):
    with pytest.raises(SourceError, match=said) as caught:
        read(held, name)
    assert name in str(caught.value)


def test_a_folder_tells_that_logs_go_by_their_own_path(tmp_path):
    (tmp_path / "log.jsonocel").write_text("{}")
    with pytest.raises(SourceError, match=r"there are log\.jsonocel \(give a log by its own path"):
        History.read(tmp_path)


@pytest.mark.parametrize(
    "name", ["ocel20_example.jsonocel", "ocel20_example.xmlocel", "ocel20_example.sqlite"]
)
def test_the_published_example_has_its_thirteen_events_in_each_form(real_logs, name):
    # The XML and SQLite forms tell Berlin's clock without saying so.
    kinds = ["Invoice", "Payment", "Purchase Order", "Purchase Requisition"]
    history = History.read(real_logs / "ocel2" / name, objects=kinds, zone="Europe/Berlin")
    own = history.events.filter(pl.col("event_id").is_not_null())
    assert (own["event_id"].n_unique(), history.cases.height, own.height) == (13, 9, 20)
    changes = history.events.filter(activity="updated").select("case_id", "at", "field", "old", "new")
    assert changes.rows() == [
        ("PO1", dt.datetime(2022, 1, 13, 11, tzinfo=UTC), "po_quantity", "500", "600"),
        ("R3", dt.datetime(2022, 2, 3, 6, 30, tzinfo=UTC), "is_blocked", "No", "Yes"),
        ("R3", dt.datetime(2022, 2, 3, 22, 30, tzinfo=UTC), "is_blocked", "Yes", "No"),
    ]
    assert aside(history) == {}


def test_the_published_running_example_has_as_many_events_as_its_tables(real_logs):
    path = real_logs / "ocel2" / "running-example.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as held:
        [(events,)] = held.execute("SELECT count(*) FROM event").fetchall()
        [(orders,)] = held.execute("SELECT count(*) FROM object WHERE ocel_type = 'orders'").fetchall()
        [(rows,)] = held.execute(
            "SELECT count(*) FROM event_object JOIN object ON ocel_object_id = ocel_id WHERE ocel_type = 'orders'"
        ).fetchall()
    held.close()
    history = History.read(path, objects=["orders", "items", "packages"], zone="UTC")
    assert history.events["event_id"].n_unique() == events == 18_211
    assert aside(history) == {}
    history = History.read(path, objects="orders", zone="UTC")
    assert (history.cases.height, history.events.height) == (orders, rows)
