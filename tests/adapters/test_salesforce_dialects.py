from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmusage.adapters import Delivery, salesforce
from crmusage.errors import ContractError
from crmusage.history import History

from . import salesforce_org as made

WRITERS: dict[str, Callable[[Path, made.Tables], Any]] = {
    "rest": lambda _, tables: made.as_rest(tables),
    "rest in pages": lambda _, tables: made.as_answers(tables),
    "bulk json": lambda _, tables: made.as_bulk_json(tables),
    "bulk csv": made.as_bulk_csv,
    "export": made.as_export,
    "airbyte": lambda _, tables: made.as_airbyte(tables),
    "fivetran": lambda _, tables: made.as_fivetran(tables),
    "fivetran camel": lambda _, tables: made.as_fivetran_camel(tables),
    "dlt": lambda _, tables: made.as_dlt(tables),
    "singer": lambda _, tables: made.as_singer(tables),
}


def told(history: History) -> dict[str, list[dict[str, Any]]]:
    tables = {}
    for name in ("cases", "events", "people", "sessions", "vocabulary", "calendar"):
        frame = getattr(history, name)
        frame = frame.select(sorted(frame.columns))
        rows = [{k: v for k, v in row.items() if v is not None} for row in frame.to_dicts()]
        tables[name] = sorted(rows, key=lambda row: sorted((k, str(v)) for k, v in row.items()))
    return tables


@pytest.fixture(scope="module")
def expected() -> dict[str, list[dict[str, Any]]]:
    return told(salesforce.read(made.as_rest(made.org())).history())


@pytest.fixture(scope="module", params=WRITERS)
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Any, Delivery]:
    """The name of a way to write the org, what was written, and what was read of it."""
    name: str = request.param
    source = WRITERS[name](tmp_path_factory.mktemp("org"), made.org())
    return name, source, salesforce.read(source, zone="UTC" if name == "export" else None)


def test_one_org_in_every_dialect_gives_one_history(
    written: tuple[str, Any, Delivery], expected: dict[str, list[dict[str, Any]]]
) -> None:
    name, _, delivery = written
    assert delivery.dialect.name == name.split(maxsplit=1)[0]
    history = delivery.history()
    assert told(history) == expected
    assert history.set_aside == ()


def test_every_column_of_every_table_is_accounted_for(written: tuple[str, Any, Delivery]) -> None:
    name, source, delivery = written
    for use in delivery.columns:
        assert (use.use == "ignored") == (use.reason is not None), use
        assert (use.use == "ignored") == (not use.to), use
    if name in {"airbyte", "fivetran", "singer", "dlt"}:
        assert {use.column for use in delivery.columns} == {
            column for frame in source.values() for column in frame.columns
        }


def test_a_dialect_can_be_named_when_columns_do_not_tell() -> None:
    rows = [{"id": made.OPP, "stage_name": "Proposal", "created_date": "2026-03-02T09:00:00Z"}]
    with pytest.raises(ContractError, match=r"name one of .*fivetran.* as dialect"):
        salesforce.read({"opportunity": rows})
    history = salesforce.read({"opportunity": rows}, dialect="dlt").history()
    assert history.cases["stage"].to_list() == ["Proposal"]


def test_records_of_the_first_bulk_api_are_told_by_their_milliseconds_though_they_have_attributes() -> None:
    rows = {
        name: [{"attributes": {"type": name}, **row} for row in some]
        for name, some in made.as_bulk_json(made.org()).items()
    }
    for dialect in (None, "bulk"):
        delivery = salesforce.read(rows, dialect=dialect)
        assert delivery.dialect.name == "bulk"
    assert delivery.history().cases.height == 3


def test_a_named_dialect_that_the_columns_contradict_is_one_clear_error() -> None:
    with pytest.raises(
        ContractError, match=r"said to be dlt, but the column .*_fivetran_.* only fivetran writes"
    ):
        salesforce.read(made.as_fivetran(made.org()), dialect="dlt")


def test_tables_of_two_pipelines_at_once_are_an_error() -> None:
    mixed = {**made.as_fivetran(made.org()), **made.as_singer(made.org())}
    with pytest.raises(ContractError, match=r"several pipelines: fivetran .*singer"):
        salesforce.read(mixed)


def test_an_unknown_dialect_lists_those_there_are() -> None:
    with pytest.raises(ContractError, match="no dialect 'stitch' here; there are: fivetran, airbyte"):
        salesforce.read(made.as_rest(made.org()), dialect="stitch")


def test_frames_of_pandas_are_read_like_any_other(expected: dict[str, list[dict[str, Any]]]) -> None:
    frames = {name: frame.to_pandas() for name, frame in made.as_fivetran(made.org()).items()}
    assert told(salesforce.read(frames).history()) == expected


def test_a_folder_of_parquet_is_read_like_frames(
    tmp_path: Path, expected: dict[str, list[dict[str, Any]]]
) -> None:
    for name, frame in made.as_fivetran(made.org()).items():
        frame.with_columns(pl.col(pl.Datetime("us", "UTC")).dt.cast_time_unit("ns")).write_parquet(
            tmp_path / f"{name}.parquet"
        )
    assert told(salesforce.read(tmp_path).history()) == expected
