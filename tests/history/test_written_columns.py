"""Columns as logs have them, and the unit that an event counts for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from crmusage.history import History
from crmusage.history._xes_out import as_written

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
CASE = {"case_id": "1", "kind": "opportunity", "created_at": AT, "unit": "East"}


def test_an_event_without_a_unit_counts_for_that_of_its_case() -> None:
    events = [
        {"case_id": "1", "activity": "call", "at": AT + k * dt.timedelta(hours=1), "unit": unit}
        for k, unit in enumerate((None, "West"))
    ]
    index = History.from_records(cases=[CASE], events=events).index
    assert [index.units[code] for code in index.unit] == ["East", "West"]


def test_numbers_without_an_end_and_those_beyond_64_bits_are_written_as_xes_has_them() -> None:
    kind, text = as_written(pl.Series([1.5, float("inf"), float("-inf")]))
    assert (kind, text.to_list()) == ("float", ["1.5", "INF", "-INF"])
    great = 2**64 - 1
    kind, text = as_written(pl.Series([great], dtype=pl.UInt64))
    assert (kind, text.to_list()) == ("string", [str(great)])
    assert as_written(pl.Series([7], dtype=pl.UInt32))[0] == "int"


def test_columns_that_xml_cannot_tell_apart_keep_a_key_of_their_own(tmp_path: Path) -> None:
    event = {"case_id": "1", "activity": "call", "at": AT, "x\x01": "one", "x\x02": "two"}
    History.from_records(cases=[CASE], events=[event]).write_xes(tmp_path / "log.xes")
    text = (tmp_path / "log.xes").read_text(encoding="utf-8")
    keys = {
        part.split('"')[0]
        for value in ("one", "two")
        for part in text.split('key="')
        if f'value="{value}"' in part[:40]
    }
    assert len(keys) == 2
