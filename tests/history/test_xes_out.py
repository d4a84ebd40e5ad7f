from __future__ import annotations

import datetime as dt
import gzip

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmusage.history._xes_out as out
from crmusage.errors import CrmUsageWarning, SourceError
from crmusage.history import History, LogMapping
from tests.history.rows import aside, case, day, event

# Everything that XML can hold: no control characters but the tabs and line ends, no U+FFFE and U+FFFF.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&\"'{}"),
    max_size=6,
)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WORD = TEXT.filter(lambda text: text.strip() == text and text != "")
INSTANT = st.integers(-(10**15), 7 * 10**15).map(lambda n: EPOCH + dt.timedelta(microseconds=n))
MAYBE = {
    "words": st.none() | TEXT,
    "size": st.none() | st.floats(allow_nan=False),
    "count": st.none() | st.integers(-(2**63), 2**63 - 1),
    "fresh": st.none() | st.booleans(),
    "seen": st.none() | INSTANT,
    "born": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
    "concept:name": st.none() | WORD,
    "org:resource_log": st.none() | WORD,
}
TYPES = {
    "words": pl.String(),
    "size": pl.Float64(),
    "count": pl.Int64(),
    "fresh": pl.Boolean(),
    "seen": pl.Datetime("us", "UTC"),
    "born": pl.Date(),
    "concept:name": pl.String(),
    "org:resource_log": pl.String(),
}
IDS = ("a", "b", "c d", '<"&>')


def _frame(rows, names):
    return pl.DataFrame(rows, schema_overrides={name: TYPES[name] for name in names if name in TYPES})


@st.composite
def histories(draw, *, with_cases=None):
    extra = draw(st.lists(st.sampled_from(sorted(MAYBE)), unique=True, max_size=4))
    columns = {name: MAYBE[name] for name in extra}
    contract = {
        "seq": st.none() | st.integers(0, 9),
        "actor": st.none() | WORD,
        "unit": st.none() | WORD,
        "recorded_at": st.none() | INSTANT,
        "origin": st.none() | st.sampled_from(["ui", "import"]),
        "field": st.none() | WORD,
        "old": st.none() | TEXT,
        "new": st.none() | TEXT,
    }
    told = draw(st.lists(st.sampled_from(sorted(contract)), unique=True))
    activity = st.sampled_from(["updated", "call", "réunion & co", "won"])
    moments = st.sampled_from([day(n) for n in range(2, 5)])
    row = st.fixed_dictionaries(
        {"case_id": st.sampled_from(IDS), "activity": activity, "at": moments}
        | {name: contract[name] for name in told}
        | columns
    )
    events = draw(st.lists(row, min_size=1, max_size=12))
    tables = {"events": _frame(events, columns)}
    if draw(st.booleans()) if with_cases is None else with_cases:
        of_cases = {
            "kind": st.just("request"),
            "created_at": st.just(day(1)),
            "amount": st.none() | st.floats(0, 1e12),
            "close_date": st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
            "priority_rank": st.none() | st.integers(0, 5),
            "is_deleted": st.none() | st.booleans(),
            "owner": st.none() | WORD,
        } | columns
        rows = [{"case_id": one, **draw(st.fixed_dictionaries(of_cases))} for one in IDS]
        tables["cases"] = _frame(rows, columns)
    return History.from_frames(as_of=day(9), ordered=draw(st.booleans()), **tables)


def same(one, other):
    assert one.events.schema == other.events.select(one.events.columns).schema
    assert one.events.equals(other.events.select(one.events.columns))
    assert one.cases.schema == other.cases.select(one.cases.columns).schema
    assert one.cases.equals(other.cases.select(one.cases.columns))
    assert (len(one.events.columns), len(one.cases.columns)) == (
        len(other.events.columns),
        len(other.cases.columns),
    )
    assert one.as_of == other.as_of
    assert one.given == other.given
    for table in ("cases", "events"):
        assert one.columns_given[table] == other.columns_given[table]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("xes")


@given(histories(), st.sampled_from(["log.xes", "log.xes.gz"]))
def test_what_is_written_is_read_back_as_it_was(folder, history, name):
    history.write_xes(folder / name)
    again = History.read(folder / name)
    same(history, again)
    assert aside(again) == {}


@settings(max_examples=10)
@given(histories(with_cases=True))
def test_small_batches_write_the_same_bytes(folder, history):
    history.write_xes(folder / "whole.xes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(out, "BATCH", 2)
        history.write_xes(folder / "parted.xes")
    assert (folder / "parted.xes").read_bytes() == (folder / "whole.xes").read_bytes()


def test_the_standard_extensions_keys_and_types_stand_in_the_file(tmp_path):
    rows = [event("a", "won", actor="ann", unit="N", seq=3, note="<1>", size=1.5, ok=True)]
    History.from_records(events=rows, cases=[case("a", amount=5)]).write_xes(tmp_path / "log.xes")
    held = (tmp_path / "log.xes").read_text("utf-8")
    for prefix in ("concept", "time", "lifecycle", "org"):
        assert f'prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"' in held
    for element in (
        '<string key="concept:name" value="won"/>',
        '<date key="time:timestamp" value="2026-01-02T09:00:00.000000Z"/>',
        '<string key="org:resource" value="ann"/>',
        '<string key="org:group" value="N"/>',
        '<int key="seq" value="3"/>',
        '<string key="note" value="&lt;1&gt;"/>',
        '<float key="size" value="1.5"/>',
        '<boolean key="ok" value="true"/>',
        '<float key="amount" value="5.0"/>',
    ):
        assert element in held


def test_the_same_history_gives_the_same_packed_bytes(tmp_path):
    history = History.from_records(events=[event("a")])
    for name in ("one.xes.gz", "two.xes.gz"):
        history.write_xes(tmp_path / name)
    assert (tmp_path / "one.xes.gz").read_bytes() == (tmp_path / "two.xes.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.xes.gz").read_bytes()).startswith(b"<?xml")


def test_a_history_of_nothing_and_cases_without_events_go_there_and_back(tmp_path):
    for rows in ([], [case("a"), case("b")]):
        history = History.from_records(cases=rows, events=[]) if rows else History.from_records(events=[])
        history.write_xes(tmp_path / "log.xes")
        same(history, History.read(tmp_path / "log.xes"))


def test_cases_that_were_put_together_from_events_stay_so(tmp_path):
    history = History.from_records(events=[event("a"), event("a", at=day(3), size=1)])
    history.write_xes(tmp_path / "log.xes")
    again = History.read(tmp_path / "log.xes")
    assert again.given == {"events"}
    assert "created_at" not in again.columns_given["cases"]


def test_ties_stay_ties(tmp_path):
    history = History.from_records(events=[event("a", "x"), event("a", "y")])
    history.write_xes(tmp_path / "log.xes")
    assert History.read(tmp_path / "log.xes").events["seq"].null_count() == 2


def test_control_characters_are_replaced_and_told(tmp_path):
    history = History.from_records(events=[event("a", note="a\x00b"), event("b", note="fine")])
    with pytest.warns(CrmUsageWarning, match=r"log\.xes: 1 texts hold control characters"):
        history.write_xes(tmp_path / "log.xes")
    assert History.read(tmp_path / "log.xes").events["note"].to_list() == ["a\ufffdb", "fine"]


def test_what_has_no_type_in_xes_becomes_a_text(tmp_path):
    frame = pl.DataFrame([event("a")]).with_columns(
        tags=pl.Series([["p", "q"]]), raw=pl.Series([b"\x01"]), big=pl.Series([2**64 - 1], dtype=pl.UInt64)
    )
    History.from_frames(events=frame).write_xes(tmp_path / "log.xes")
    read = History.read(tmp_path / "log.xes").events
    assert read.select("tags", "raw", "big").row(0) == ('["p", "q"]', '"01"', str(2**64 - 1))


def test_a_cell_of_ten_megabytes_goes_there_and_back(tmp_path):
    history = History.from_records(events=[event("a", note="é" * 5_000_000)])
    history.write_xes(tmp_path / "log.xes.gz")
    assert History.read(tmp_path / "log.xes.gz").events.equals(history.events)


def test_a_mapping_reads_a_written_log_like_any_other(tmp_path):
    History.from_records(events=[event("a", "x", who="ann")]).write_xes(tmp_path / "log.xes")
    read = History.read(tmp_path / "log.xes", mapping=LogMapping(columns={"actor": "who"}))
    assert read.events.select("actor", "seq").row(0) == ("ann", 0)


@pytest.mark.parametrize("mark", ["{", "[]", "{}", '{"as_of": "2026-01-01T00:00:00"}', "null"])
def test_a_mark_that_was_changed_is_one_clear_error(tmp_path, mark):
    (tmp_path / "log.xes").write_text(
        f'<log><string key="crmusage:history" value="{out.escaped(mark)}"/></log>', "utf-8"
    )
    with pytest.raises(SourceError, match=r"log\.xes: what the log tells of the history"):
        History.read(tmp_path / "log.xes")


def test_another_ending_or_a_folder_is_one_clear_error(tmp_path):
    history = History.from_records(events=[event("a")])
    with pytest.raises(SourceError, match=r"log\.csv: an XES log is written as \.xes or \.xes\.gz"):
        history.write_xes(tmp_path / "log.csv")
    with pytest.raises(SourceError, match=r"log\.xes: cannot be written"):
        history.write_xes(tmp_path / "nowhere" / "log.xes")


def test_pm4py_finds_its_columns():
    rows = [event("a", "won", actor="ann", size=1), event("b", "x", actor=None, size=2)]
    frame = History.from_records(events=rows, cases=[case("a", amount=5), case("b", size="L")]).to_pm4py()
    assert frame.select(
        "case:concept:name", "concept:name", "org:resource", "size", "case:amount"
    ).rows() == [
        ("a", "won", "ann", 1, 5.0),
        ("b", "x", None, 2, None),
    ]
    assert frame["case:size"].to_list() == [None, "L"]
    assert frame.schema["time:timestamp"] == pl.Datetime("us", "UTC")
    assert "org:group" not in frame.columns
