from __future__ import annotations

import gzip

import polars as pl
import pytest

import crmusage.history._xes as xes
from crmusage.errors import ContractError, SourceError
from crmusage.history import History, LogMapping
from tests.history.rows import aside, day


def written(*traces, head="", namespace=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{namespace}log xes.version="1.0" {"xmlns:x=" + chr(34) + "u" + chr(34) if namespace else ""}>{head}{"".join(traces)}</{namespace}log>'


def trace(name, *events, more=""):
    named = "" if name is None else f'<string key="concept:name" value="{name}"/>'
    return f"<trace>{named}{more}{''.join(events)}</trace>"


def ev(activity="a", at="2026-01-02T10:00:00.000+01:00", more=""):
    return f'<event><string key="concept:name" value="{activity}"/><date key="time:timestamp" value="{at}"/>{more}</event>'


@pytest.fixture
def read(tmp_path):
    def read(held, name="log.xes", **options):
        path = tmp_path / name
        path.write_bytes(held if isinstance(held, bytes) else held.encode())
        return History.read(path, **options)

    return read


HEAD = """<extension name="Concept" prefix="concept" uri="u"/><global scope="event"><string key="concept:name" value="?"/></global>
<classifier name="c" keys="concept:name"/><string key="origin" value="x"><int key="deep" value="1"/></string>"""


def test_traces_are_cases_and_events_stand_in_their_order(read):
    who = '<string key="org:resource" value="ann"/><string key="org:group" value="north"/>'
    history = read(
        written(
            trace("t1", ev("b", more=who), ev("a"), more='<string key="region" value="EU"/>'),
            trace("t0", ev("z")),
            head=HEAD,
        )
    )
    assert history.events.select("case_id", "seq", "activity", "actor", "unit").rows() == [
        ("t0", 0, "z", None, None),
        ("t1", 0, "b", "ann", "north"),
        ("t1", 1, "a", None, None),
    ]
    assert history.events["at"].to_list() == [day(2)] * 3
    assert history.cases.select("case_id", "region", "unit", "created_by").rows() == [
        ("t0", None, None, None),
        ("t1", "EU", "north", "ann"),
    ]
    assert history.given == {"events"}
    assert aside(history) == {}


@pytest.mark.parametrize("name", ["log.xes.gz", "log.xes"])
def test_packed_and_plain_files_are_told_by_their_bytes(read, name):
    held = written(trace("t", ev())).encode()
    assert read(gzip.compress(held), name).events.height == 1
    assert read(held, name).events.height == 1


def test_tags_may_have_a_prefix(read):
    held = (
        written(trace("t", ev()), namespace="x:")
        .replace("<trace", "<x:trace")
        .replace("</trace", "</x:trace")
    )
    held = (
        held.replace("<event", "<x:event")
        .replace("</event", "</x:event")
        .replace("<string", "<x:string")
        .replace("<date", "<x:date")
    )
    assert read(held).events.height == 1


def test_attributes_have_the_type_that_their_tag_tells(read):
    more = (
        '<int key="i" value="3"/><float key="f" value="1.5"/><boolean key="b" value="true"/><date key="d" value="2026-01-01T09:00:00Z"/>'
        '<id key="u" value="77"/><int key="broken" value="three"/><string key="s" value="4"/>'
    )
    events = read(written(trace("t", ev(more=more), ev("b")))).events
    assert events.select("i", "f", "b", "d", "u", "broken", "s").row(0) == (
        3,
        1.5,
        True,
        day(1),
        "77",
        "three",
        "4",
    )
    assert events.select("i", "f", "b", "d", "u", "broken", "s").row(1) == (None,) * 7


def test_an_attribute_with_two_tags_is_a_text(read):
    events = read(
        written(trace("t", ev(more='<int key="n" value="3"/>'), ev("b", more='<string key="n" value="x"/>')))
    ).events
    assert events["n"].to_list() == ["3", "x"]


def test_nested_attributes_are_named_after_their_parents(read):
    more = (
        '<string key="cost" value="high"><float key="amount" value="12.5"><string key="currency" value="EUR"/></float></string>'
        '<list key="tags"><values><string key="first" value="p"/></values></list><container key="box"><int key="n" value="1"/></container>'
    )
    events = read(written(trace("t", ev(more=more), ev("b")))).events
    assert events.select("cost", "cost:amount", "cost:amount:currency", "tags:first", "box:n").row(0) == (
        "high",
        12.5,
        "EUR",
        "p",
        1,
    )


def test_an_attribute_given_twice_counts_once_and_is_told(read):
    history = read(written(trace("t", ev(more='<string key="k" value="1"/><string key="k" value="2"/>'))))
    assert history.events["k"].to_list() == ["1"]
    assert aside(history) == {"events: attribute given twice": 1}


def test_attributes_of_a_trace_may_follow_its_events(read):
    held = written(
        f'<trace>{ev()}<string key="region" value="EU"/><string key="concept:name" value="t"/></trace>'
    )
    assert read(held).cases.select("case_id", "region").row(0) == ("t", "EU")


def test_batches_make_no_difference(read, monkeypatch):
    rare = '<string key="rare" value="r"/>'
    held = written(
        *(
            trace(f"t{n}", ev("a"), ev("b", more=rare if n == 6 else ""), more=f'<int key="n" value="{n}"/>')
            for n in range(9)
        )
    )
    whole = read(held)
    monkeypatch.setattr(xes, "BATCH", 4)
    monkeypatch.setattr(xes, "CHUNK", 37)
    parted = read(held)
    assert parted.events.equals(whole.events)
    assert parted.cases.equals(whole.cases)


def test_events_without_time_or_name_and_traces_without_a_name_are_set_aside(read):
    no_time = '<event><string key="concept:name" value="a"/></event>'
    no_name = '<event><date key="time:timestamp" value="2026-01-02T09:00:00Z"/></event>'
    history = read(written(trace("t", ev(), no_time, no_name), trace(None, ev()), trace("empty")))
    assert aside(history) == {
        "cases: no case": 1,
        "cases: no events and no creation time": 1,
        "events: no activity": 1,
        "events: no case": 1,
        "events: no time": 1,
    }


def test_two_traces_of_one_name_are_one_case(read):
    history = read(written(trace("t", ev("a"), ev("b")), trace("u", ev("x")), trace("t", ev("c"))))
    assert history.events.filter(case_id="t").select("seq", "activity").rows() == [
        (0, "a"),
        (1, "b"),
        (2, "c"),
    ]
    assert history.cases.height == 2


def test_an_attribute_of_a_trace_with_a_name_of_the_contract_is_that_column_if_it_can_be(read):
    more = '<float key="amount" value="5"/><string key="closed_at" value="tomorrow"/><string key="stage" value="S"/>'
    history = read(written(*(trace(f"t{n}", ev(), more=more) for n in range(3))))
    assert history.cases.select("amount", "stage", "closed_at_log").row(0) == (5.0, "S", "tomorrow")


def test_a_mapping_renames_joins_and_explains(read):
    more = '<string key="lifecycle:transition" value="complete"/><string key="who" value="ann"/>'
    mapping = LogMapping(
        columns={"activity": ("concept:name", "lifecycle:transition"), "actor": "who"},
        cases={"amount": "AMOUNT", "stage": "lifecycle:transition"},
        meanings={"yes+complete": "won"},
        kind="loan",
    )
    history = read(
        written(trace("t", ev("yes", more=more), more='<string key="AMOUNT" value="20000"/>')),
        mapping=mapping,
    )
    assert history.events.select("activity", "activity_raw", "actor").row(0) == ("won", "yes+complete", "ann")
    assert history.cases.select("kind", "amount", "outcome", "stage").row(0) == (
        "loan",
        20000.0,
        "won",
        "complete",
    )


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("", "log.xes: line 1: is no well-formed XML"),
        ("<html></html>", "is no XES: it begins with <html>"),
        (written(trace("t", ev()))[:-20], "is no well-formed XML"),
        ("case,at\n1,2", "is no well-formed XML"),
        (
            gzip.compress(written(*(trace(f"t{n}", ev()) for n in range(500))).encode())[:-30],
            "is damaged or cut off",
        ),
        (
            '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log><trace><string key="concept:name" value="&b;"/></trace></log>',
            "declares a document type",
        ),
        (
            '<!DOCTYPE log SYSTEM "http://example.org/log.dtd"><log><trace><string key="concept:name" value="&x;"/></trace></log>',
            "declares a document type",
        ),
        (
            '<!DOCTYPE log [<!ENTITY % file SYSTEM "file:///etc/hostname"> %file;]><log></log>',
            "declares a document type",
        ),
        (
            written(trace("t", ev(more='<string key="k" value="v">' * 60 + "</string>" * 60))),
            "has attributes nested more than 50 deep",
        ),
        (
            b'<log><trace><string key="concept:name" value="\xed\xa0\x80"/></trace></log>',
            "is no well-formed XML",
        ),
        (
            '<log><trace><string key="concept:name" value="&#xD800;"/></trace></log>',
            "is no well-formed XML",
        ),
        ('<?xml version="1.0" encoding="klingon"?><log></log>', "its encoding cannot be read"),
    ],
)
def test_what_is_no_log_is_one_clear_error(read, held, said):
    with pytest.raises(SourceError) as caught:
        read(held)
    assert said in str(caught.value)
    assert "log.xes" in str(caught.value)


def test_a_log_without_traces_is_one_clear_error(read):
    with pytest.raises(ContractError, match=r"log\.xes: there is no trace in it"):
        read(written())


def test_traces_that_have_no_name_at_all_are_one_clear_error(read):
    with pytest.raises(
        ContractError, match=r"traces have no attribute concept:name to tell their case.*Traces have: number"
    ):
        read(written(trace(None, ev(), more='<int key="number" value="1"/>')))
    named = read(
        written(trace(None, ev(), more='<int key="number" value="1"/>')),
        mapping=LogMapping(columns={"case_id": "number"}),
    )
    assert named.cases["case_id"].to_list() == ["1"]


def test_times_without_a_zone_ask_for_one(read):
    held = written(trace("t", ev(at="2026-01-02T10:00:00")))
    with pytest.raises(
        ContractError, match=r"log\.xes: column time:timestamp \(as at\): it holds times without a zone"
    ):
        read(held)
    assert read(held, zone="Europe/Paris").events["at"].to_list() == [day(2)]


def test_an_event_outside_any_trace_is_set_aside(read):
    history = read(written(ev("lost"), trace("t", ev())))
    assert aside(history) == {"events: no case": 1}
    assert isinstance(history.events, pl.DataFrame)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_log_may_come_in_the_encoding_that_it_declares(read, encoding):
    held = written(trace("t", ev("réunion"))).replace("UTF-8", encoding.removesuffix("-sig"))
    assert read(held.encode(encoding)).events["activity"].to_list() == ["réunion"]


def test_whole_numbers_beside_decimals_are_numbers(read):
    history = read(
        written(trace("t", ev(more='<int key="n" value="3"/>'), ev("b", more='<float key="n" value="0.5"/>')))
    )
    assert history.events["n"].to_list() == [3.0, 0.5]


def test_several_transitions_of_a_lifecycle_that_nobody_mapped_are_told(read):
    def step(transition):
        return f'<string key="lifecycle:transition" value="{transition}"/>'

    held = written(trace("t", ev("a", more=step("start")), ev("a", more=step("complete"))))
    note = read(held).notes[0]
    assert "complete, start" in note.en
    assert "complete, start" in note.fr
    mapping = LogMapping(columns={"activity": ("concept:name", "lifecycle:transition")})
    assert not any("lifecycle" in note.en for note in read(held, mapping=mapping).notes)
    one = written(trace("t", ev("a", more=step("complete"))))
    assert not any("lifecycle" in note.en for note in read(one).notes)


def test_keys_that_are_blank_or_begin_with_blanks_are_names_all_the_same(read):
    more = '<string key="" value="a"/><string key=" trace" value="b"/><string key=" case " value="c"/>'
    assert read(written(trace("t", ev(more=more)))).events.select("unnamed", "trace", "case").row(0) == (
        "a",
        "b",
        "c",
    )
