"""Frames of other libraries."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import aside, day

ROWS = {
    "case_id": ["a", "b"],
    "activity": ["created", "won"],
    "at": [day(1), day(2)],
    "actor": ["ann", None],
    "size": [1.5, None],
}


@pytest.fixture(scope="module")
def plain():
    return History.from_frames(events=pl.DataFrame(ROWS))


def same(history, plain):
    assert history.events.equals(plain.events)
    assert history.cases.equals(plain.cases)
    assert aside(history) == aside(plain) == {}


def test_a_lazy_frame_is_the_same_history(plain):
    same(History.from_frames(events=pl.LazyFrame(ROWS)), plain)


def test_a_pandas_frame_is_the_same_history(plain):
    pd = pytest.importorskip("pandas")
    same(History.from_frames(events=pd.DataFrame(ROWS)), plain)
    frame = pd.DataFrame(ROWS).astype({"activity": "category"})
    same(History.from_frames(events=frame[frame["case_id"] != "z"].sort_values("at")), plain)
    same(History.from_frames(events=frame.set_index("case_id")), plain)


@pytest.mark.parametrize("zone", ["Europe/Paris", dt.timezone(dt.timedelta(hours=2)), "UTC"])
def test_pandas_times_come_in_any_zone(plain, zone):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(ROWS)
    frame["at"] = frame["at"].dt.tz_convert(zone)
    same(History.from_frames(events=frame), plain)


def test_pandas_times_without_a_zone_are_refused():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(ROWS)
    frame["at"] = frame["at"].dt.tz_localize(None)
    with pytest.raises(ContractError, match="events: column at: it holds times without a zone"):
        History.from_frames(events=frame)


def test_an_index_of_row_numbers_that_pandas_exports_is_no_attribute():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(ROWS, index=[7, 9])
    assert not any("index" in name for name in History.from_frames(events=frame).events.columns)


def test_a_column_without_a_name_is_named_by_its_place():
    unnamed = pl.DataFrame({**ROWS, "": ["one", "two"]})
    assert History.from_frames(events=unnamed).events["unnamed_6"].to_list() == ["one", "two"]


def test_a_pandas_column_of_mixed_objects_is_one_clear_error():
    pd = pytest.importorskip("pandas")
    with pytest.raises(
        ContractError,
        match=r"events: this pandas frame cannot be exported as Arrow.*give each column one type",
    ):
        History.from_frames(
            events=pd.DataFrame({"case_id": ["a", 1, object()], "activity": "x", "at": day(1)})
        )


def test_a_pyarrow_table_is_the_same_history(plain):
    pa = pytest.importorskip("pyarrow")
    table = pa.table(ROWS)
    same(History.from_frames(events=table), plain)
    packed = table.set_column(1, "activity", table["activity"].dictionary_encode())
    same(History.from_frames(events=packed), plain)
    large = table.set_column(0, "case_id", table["case_id"].cast(pa.large_string()))
    same(
        History.from_frames(events=pa.RecordBatchReader.from_batches(large.schema, large.to_batches())), plain
    )


def test_a_duckdb_relation_is_the_same_history(plain):
    duckdb = pytest.importorskip("duckdb")
    pa = pytest.importorskip("pyarrow")
    rows = pa.table(ROWS)  # noqa: F841 - named in the query
    with duckdb.connect() as connection:
        same(History.from_frames(events=connection.sql("select * from rows")), plain)


@pytest.mark.parametrize(
    ("source", "hint"),
    [([{"case_id": "a"}], "from_records"), ("events.csv", "str is no frame"), (None, None)],
)
def test_what_is_no_frame_is_one_clear_error(source, hint):
    if source is None:
        assert History.from_frames(events=None, people=pl.DataFrame({"person_id": ["p"]})).given == {"people"}
        return
    with pytest.raises(ContractError, match=hint):
        History.from_frames(events=source)
