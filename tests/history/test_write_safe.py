from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from crmusage.errors import SourceError
from crmusage.history._safe import write_safe


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33 1", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']
)
def test_a_text_that_could_begin_a_formula_gets_an_apostrophe(tmp_path: Path, cell: str) -> None:
    frame = pl.DataFrame({"a": [cell], "b": pl.Series([cell], dtype=pl.Categorical), "c": [[cell, "x"]]})

    write_safe(frame, tmp_path / "t.csv")

    assert rows(tmp_path / "t.csv")[1] == [f"'{cell}", f"'{cell}", f"'{cell}; x"]


def test_other_texts_and_numbers_stay_what_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"a": ["a=b", "", None], "n": [-1.5, None, 2.0], "i": [-3, 4, None], "t": [True, None, False]}
    )

    write_safe(frame, tmp_path / "t.csv")

    assert rows(tmp_path / "t.csv") == [
        ["a", "n", "i", "t"], ["a=b", "-1.5", "-3", "true"], ["", "", "4", ""], ["", "2.0", "", "false"],
    ]  # fmt: skip


def test_instants_are_written_in_utc(tmp_path: Path) -> None:
    noon = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {"at": [noon], "here": [noon], "day": [dt.date(2026, 7, 1)]},
        schema_overrides={"here": pl.Datetime("us", "UTC")},
    ).with_columns(pl.col("here").dt.convert_time_zone("Europe/Paris"))

    write_safe(frame, tmp_path / "t.csv")

    assert rows(tmp_path / "t.csv")[1] == ["2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z", "2026-07-01"]


def test_names_of_columns_are_texts_too(tmp_path: Path) -> None:
    write_safe(pl.DataFrame({"=cmd": [1]}), tmp_path / "t.csv")

    assert rows(tmp_path / "t.csv")[0] == ["'=cmd"]


def test_parquet_runs_nothing_and_keeps_every_cell(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["=1+1"]})

    write_safe(frame, tmp_path / "t.parquet")

    assert pl.read_parquet(tmp_path / "t.parquet").equals(frame)


@pytest.mark.parametrize("name", ["t.xlsx", "t", "missing/t.csv", "missing/t.parquet"])
def test_what_cannot_be_written_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"is written as \.csv or \.parquet|cannot be written"):
        write_safe(pl.DataFrame({"a": [1]}), tmp_path / name)
