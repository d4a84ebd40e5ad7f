"""Whatever bytes stand in a file: a history, or an error that names the file."""

from __future__ import annotations

import gzip
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError, SourceError
from crmusage.history import History
from tests.history.rows import event

CSV = b'case_id,activity,at,actor,note\r\na,"x,""y""",2026-01-02T09:00:00Z,ann,\r\nb,w\xc3\xa9,2026-01-03 09:00:00+01,,"1\n2"\r\n'
XES = (
    b'<?xml version="1.0" encoding="UTF-8"?><log><trace><string key="concept:name" value="t"/><event>'
    b'<string key="concept:name" value="a"><int key="n" value="1"/></string><date key="time:timestamp" value="2026-01-02T09:00:00Z"/>'
    b"</event></trace></log>"
)
LINES = b'{"case_id": "a", "activity": "x", "at": "2026-01-02T09:00:00Z"}\n{"case_id": 2, "activity": null, "at": "?"}\n'


def _parquet():
    held = io.BytesIO()
    pl.DataFrame([event("a"), event("b")]).write_parquet(held)
    return held.getvalue()


WHOLE = {
    "events.csv": CSV,
    "log.xes": XES,
    "log.xes.gz": gzip.compress(XES, mtime=0),
    "events.jsonl": LINES,
    "events.parquet": _parquet(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


def opened(folder, name, held):
    path = folder / name
    path.write_bytes(held)
    try:
        history = History.read(path)
    except (SourceError, ContractError) as error:
        assert name in str(error)  # noqa: PT017
    else:
        assert history.index.n_events == history.events.height


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_file_is_read(folder, name):
    (folder / name).write_bytes(WHOLE[name])
    assert History.read(folder / name).events.height >= 1


@pytest.mark.parametrize("name", WHOLE)
@given(st.data())
def test_a_file_with_bytes_changed_cut_or_doubled_is_a_history_or_a_clear_error(folder, name, data):
    held = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(held)))
        how = data.draw(st.sampled_from(["change", "cut", "put", "double"]))
        if how == "change":
            held[place : place + 1] = data.draw(st.binary(min_size=1, max_size=2))
        elif how == "cut":
            del held[place : place + data.draw(st.integers(1, 40))]
        elif how == "put":
            held[place:place] = data.draw(
                st.sampled_from([b'"', b",", b";", b"\n", b"\x00", b"\xff", b"<", b"&", b"'", b"{"])
            )
        else:
            held[place:place] = held[: data.draw(st.integers(0, 60))]
    opened(folder, name, bytes(held))


@pytest.mark.parametrize("name", WHOLE)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_history_or_a_clear_error(folder, name, held):
    opened(folder, name, held)


@pytest.mark.parametrize("reader", ["read_parquet", "read_csv", "read_ndjson"])
def test_a_panic_of_the_reader_of_files_is_an_error_that_names_the_file_or_a_history(
    folder, monkeypatch, reader
):
    def panic(*_args, **_kwargs):
        raise pl.exceptions.PanicException("index out of bounds")

    name = {"read_parquet": "events.parquet", "read_csv": "events.csv", "read_ndjson": "events.jsonl"}[reader]
    (folder / name).write_bytes(WHOLE[name])
    whole = History.read(folder / name)
    monkeypatch.setattr(pl, reader, panic)
    if reader == "read_parquet":
        with pytest.raises(SourceError, match=r"events\.parquet: cannot be read as Parquet: index out"):
            History.read(folder / name)
    else:
        assert History.read(folder / name).events.equals(whole.events)
