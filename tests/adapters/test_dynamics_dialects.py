from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmusage.adapters import dynamics
from crmusage.errors import ContractError, SourceError
from crmusage.history import History

from .dynamics_company import (
    ANN,
    ASK,
    BOB,
    DEAL,
    LOOKUPS,
    NORTH,
    Row,
    change,
    company,
    deal,
    own_key,
    web_api,
)

SINK = {"SinkCreatedOn": "2026-03-21T00:00:00", "SinkModifiedOn": "2026-03-21T00:00:00"}
KINDS = {"businessunitid": "businessunit", "owningbusinessunit": "businessunit", "customerid": "account"}


def plain(tables: dict[str, list[Row]]) -> Any:
    return {name: web_api(rows) for name, rows in tables.items()}


def annotated(tables: dict[str, list[Row]]) -> Any:
    return {name: {"value": web_api(rows, annotated=True, kinds=KINDS)} for name, rows in tables.items()}


def sdk(tables: dict[str, list[Row]]) -> Any:
    return {
        name: pl.from_dicts(web_api(rows, annotated=True, kinds=KINDS), infer_schema_length=None)
        for name, rows in tables.items()
    }


def fivetran(tables: dict[str, list[Row]]) -> Any:
    more = {"_fivetran_synced": "2026-03-21T00:00:00Z", "_fivetran_deleted": False}
    return {f"dbo_{name}": [row | more for row in rows] for name, rows in tables.items()}


def airbyte(tables: dict[str, list[Row]]) -> Any:
    more = {"_airbyte_raw_id": "1", "_airbyte_extracted_at": "2026-03-21T00:00:00Z"}
    return {
        name: [
            row | more | {"_ab_cdc_updated_at": row.get("modifiedon"), "_ab_cdc_deleted_at": None}
            for row in web_api(rows)
        ]
        for name, rows in tables.items()
    }


def singer(tables: dict[str, list[Row]]) -> Any:
    def labelled(row: Row) -> Row:
        labels = {"statecode_label": "Won", "statuscode_label": "Won"} if "statecode" in row else {}
        return row | labels | {"_sdc_batched_at": "2026-03-21T00:00:00Z", "_sdc_sequence": 1}

    return {name: [labelled(row) for row in rows] for name, rows in tables.items()}


def synapse(tables: dict[str, list[Row]]) -> Any:
    """All cells as texts, as the CSV of the data lake has them."""
    return {name: [lake(row) for row in rows] for name, rows in tables.items()}


def lake(row: Row) -> Row:
    key = own_key(row)
    told = {
        "Id": row[key],
        **SINK,
        **{name: None if value is None else str(value) for name, value in row.items()},
    }
    told |= {
        f"{name}_entitytype": KINDS.get(name, "systemuser") for name in row if name in LOOKUPS and name != key
    }
    return told


WRITERS: dict[str, tuple[Callable[[dict[str, list[Row]]], Any], str]] = {
    "webapi": (plain, "webapi"),
    "webapi, annotated": (annotated, "webapi"),
    "sdk": (sdk, "webapi"),
    "fivetran": (fivetran, "fivetran"),
    "airbyte": (airbyte, "airbyte"),
    "singer": (singer, "singer"),
    "synapse": (synapse, "synapse"),
}


def contents(made: History) -> tuple[list[Row], list[Row], list[Row]]:
    cases = [name for name in made.cases.columns if name != "is_deleted"]
    return (
        made.cases.select(sorted(cases)).to_dicts(),
        made.events.drop("seq").sort(pl.all()).to_dicts(),
        made.people.sort("person_id").to_dicts(),
    )


@functools.cache
def usual() -> tuple[list[Row], list[Row], list[Row]]:
    return contents(dynamics.read(plain(company()), zone="Europe/Paris").history())


@pytest.mark.parametrize("writer", list(WRITERS))
def test_the_same_company_in_each_dialect_is_the_same_history(writer: str) -> None:
    write, name = WRITERS[writer]
    read = dynamics.read(write(company()), zone="Europe/Paris")
    assert read.dialect.name == name
    made = read.history()
    assert contents(made) == usual()
    assert made.events["activity"].to_list() == [
        "created", "stage_changed", "close_date_changed", "owner_changed", "won",
        "submitted", "waiting", "resumed", "fulfilled",
    ]  # fmt: skip
    assert not [entry for entry in made.set_aside if not entry.kept]


@pytest.mark.parametrize("writer", list(WRITERS))
def test_every_column_is_mapped_kept_or_ignored_with_a_reason(writer: str) -> None:
    write, _ = WRITERS[writer]
    tables = write(company())
    read = dynamics.read(tables)
    told = {(one.table, one.column) for one in read.columns}
    for name, came in tables.items():
        rows = came["value"] if isinstance(came, dict) else came
        columns = rows.columns if isinstance(rows, pl.DataFrame) else rows[0]
        assert {(name.removeprefix("dbo_"), column) for column in columns} <= told
    for one in read.columns:
        assert one.to if one.use in {"mapped", "kept"} else one.reason, one


def test_a_dialect_that_the_columns_contradict_is_refused() -> None:
    with pytest.raises(ContractError, match="only fivetran"):
        dynamics.read(fivetran(company()), dialect="webapi")
    with pytest.raises(ContractError, match="no dialect 'excel'"):
        dynamics.read(plain(company()), dialect="excel")
    with pytest.raises(ContractError, match="in no dialect of Dynamics 365"):
        dynamics.read({"opportunity": [{"a": 1}]})


def test_the_python_client_may_be_named_as_the_dialect() -> None:
    assert dynamics.read(sdk(company()), dialect="sdk").dialect.name == "webapi"


def version(number: int, modified: str, **more: Any) -> Row:
    row = lake(deal(modifiedon=modified, **more) | {"versionnumber": number})
    return row | {"SinkModifiedOn": f"{modified[:10]}T23:00:00", "IsDelete": None}


VERSIONS = [
    version(1, "2026-03-02T09:00:00Z"),
    version(2, "2026-03-05T09:00:00Z", stepname="2-Develop", modifiedby=BOB),
    version(3, "2026-03-09T09:00:00Z", stepname="2-Develop", ownerid=BOB, estimatedclosedate="2026-07-31"),
]


def test_versions_of_append_only_rows_are_a_history() -> None:
    read = dynamics.read({"opportunity": VERSIONS})
    assert read.dialect.name == "synapse-append"
    made = read.history()
    told = made.events.select("activity", "at", "actor", "old", "new").sort("at", "activity").rows()
    assert [(row[0], row[1].day, row[2], row[3], row[4]) for row in told] == [
        ("created", 2, ANN, None, None),
        ("stage_changed", 5, BOB, "1-Qualify", "2-Develop"),
        ("close_date_changed", 9, ANN, "2026-06-30", "2026-07-31"),
        ("owner_changed", 9, ANN, ANN, BOB),
    ]
    assert made.cases.height == 1
    coverage = {(row["entity"], row["field"]): row["complete"] for row in made.coverage.to_dicts()}
    assert coverage["events", "stage"] is True


def test_a_deleted_row_of_append_only_has_nothing_but_its_id_and_keeps_what_it_was() -> None:
    gone = dict.fromkeys(VERSIONS[0]) | {
        "Id": DEAL,
        "IsDelete": "True",
        "versionnumber": "4",
        "SinkModifiedOn": "2026-03-12T00:00:00",
    }
    made = dynamics.read({"opportunity": [*VERSIONS, gone]}).history()
    (case,) = made.cases.to_dicts()
    assert case["is_deleted"] is True
    assert case["stage"] == "2-Develop"


def test_in_place_rows_have_no_history_and_say_so() -> None:
    read = dynamics.read({"opportunity": [lake(deal())]})
    assert read.dialect.name == "synapse"
    coverage = {(row["entity"], row["field"]): row["complete"] for row in read.history().coverage.to_dicts()}
    assert coverage["events", None] is False
    assert coverage["events", "stage"] is False


def test_airbyte_stamps_deletes_with_a_naive_clock_that_is_not_believed() -> None:
    rows = airbyte({"opportunity": [deal(modifiedon="2026-03-21T14:00:00Z")]})["opportunity"]
    # Deleted half an hour later, by a machine whose clock is four hours behind; nothing but the id is there.
    stamp = "2026-03-21T10:30:02.123456"
    gone = {
        "opportunityid": DEAL,
        "modifiedon": stamp,
        "_ab_cdc_deleted_at": stamp,
        "_airbyte_extracted_at": "2026-03-21T14:31:00Z",
    }
    first, second = dynamics.read({"opportunity": rows}), dynamics.read({"opportunity": [gone]})
    for both in (first.plus(second), second.plus(first).plus(second)):
        (case,) = both.history().cases.to_dicts()
        assert case["is_deleted"] is True
        assert (case["stage"], case["closed_at"]) == ("1-Qualify", None)
    coverage = {(row["entity"], row["field"]): row["complete"] for row in first.history().coverage.to_dicts()}
    assert coverage["events", "stage"] is False


def test_fivetrans_deleted_rows_are_marked_and_its_labels_are_read_by_their_renamed_column() -> None:
    row = deal(salesstage=1, stepname=None) | {"_fivetran_deleted": True}
    labels = [
        {"stringmapid": "1", "_fivetran_deleted": False, "objecttypecode": "opportunity", "attributename": "SalesStage",
         "renamed_attributename": "salesstage", "attributevalue": 1, "value": "Entwickeln"},
        {"stringmapid": "2", "_fivetran_deleted": True, "objecttypecode": "opportunity", "attributename": "salesstage",
         "renamed_attributename": "salesstage", "attributevalue": 1, "value": "gone"},
    ]  # fmt: skip
    made = dynamics.read({"opportunity": [row], "stringmap": labels}).history()
    assert made.cases.select("is_deleted", "stage").rows() == [(True, "Entwickeln")]


def test_synapse_labels_are_read_from_its_metadata_tables_in_one_language() -> None:
    label = {
        "EntityName": "opportunity",
        "OptionSetName": "salesstage",
        "Option": 1,
        "IsUserLocalizedLabel": False,
    }
    labels = [
        label | {"LocalizedLabelLanguageCode": 1036, "LocalizedLabel": "Développer"},
        label | {"LocalizedLabelLanguageCode": 1033, "LocalizedLabel": "Grow"},
    ]
    made = dynamics.read(
        {"opportunity": [lake(deal(salesstage=1, stepname=None))], "OptionsetMetadata": labels}
    ).history()
    assert made.cases["stage"].to_list() == ["Grow"]


def write_lake(folder: Path, rows: list[Row]) -> list[str]:
    columns = list(rows[0])
    (folder / "opportunity").mkdir()
    model = {
        "name": "cdm",
        "entities": [
            {
                "$type": "LocalEntity",
                "name": "opportunity",
                "attributes": [{"name": name, "dataType": "string"} for name in columns],
                "partitions": [
                    {
                        "name": str(number),
                        "location": f"https://lake.example.test:443/container/opportunity/{number}.csv",
                    }
                    for number in range(len(rows))
                ],
            }
        ],
    }
    (folder / "model.json").write_text(json.dumps(model))
    for number, row in enumerate(rows):
        frame = pl.from_dicts([row], schema=dict.fromkeys(columns, pl.String))
        frame.write_csv(folder / "opportunity" / f"{number}.csv", include_header=False)
    return columns


def test_headers_of_synapse_files_come_from_its_model(tmp_path: Path) -> None:
    write_lake(
        tmp_path,
        [{name: None if value is None else str(value) for name, value in row.items()} for row in VERSIONS],
    )
    (tmp_path / "systemuser.csv").write_text(f"systemuserid,businessunitid\n{ANN},{NORTH}\n")
    read = dynamics.read(tmp_path)
    assert read.dialect.name == "synapse-append"
    made = read.history()
    assert made.cases["case_id"].to_list() == [DEAL]
    assert made.events["activity"].sort().to_list() == [
        "close_date_changed",
        "created",
        "owner_changed",
        "stage_changed",
    ]
    assert made.people["person_id"].to_list() == [ANN]


def test_a_model_that_does_not_fit_its_files_is_refused_with_their_name(tmp_path: Path) -> None:
    write_lake(tmp_path, [{"Id": "1", "SinkModifiedOn": "2026-03-01", "name": "x"}])
    (tmp_path / "opportunity" / "0.csv").write_text("1,2\n")
    with pytest.raises(SourceError, match=r"0\.csv: has 2 columns, and model\.json names 3"):
        dynamics.read(tmp_path)
    (tmp_path / "model.json").write_text('{"entities": [{}]}')
    with pytest.raises(SourceError, match=r"model\.json: is no model of tables"):
        dynamics.read(tmp_path)


def test_a_model_cannot_make_a_file_outside_of_the_folder_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("1,2,3\n")
    (folder / "opportunity").mkdir()
    model = {"entities": [{"name": "opportunity", "attributes": [{"name": n} for n in ("Id", "SinkModifiedOn", "name")],
                           "partitions": [{"location": "https://x.test/opportunity/../../secret.csv"}]}]}  # fmt: skip
    (folder / "model.json").write_text(json.dumps(model))
    with pytest.raises(ContractError, match="none came"):
        dynamics.read(folder)


def test_tables_in_folders_of_their_own_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "opportunity").mkdir()
    for number, row in enumerate((deal(), deal(opportunityid=ASK))):
        pl.from_dicts([row]).write_parquet(tmp_path / "opportunity" / f"{number}.parquet")
    assert dynamics.read(tmp_path).history().cases.height == 2


def test_rows_of_the_log_that_retention_took_away_are_still_read_from_the_lake() -> None:
    row = change("2026-03-05T09:00:00Z", {"stepname": ("1-Qualify", "2-Develop")})
    told = lake(row) | {"versionnumber": "1", "IsDelete": None}
    gone = dict.fromkeys(told) | {
        "Id": row["auditid"],
        "IsDelete": "True",
        "SinkModifiedOn": "2026-06-05T00:00:00",
    }
    made = dynamics.read(
        {"opportunity": [lake(deal()) | {"IsDelete": None}], "audit": [told, gone]}
    ).history()
    assert made.events["activity"].to_list() == ["created", "stage_changed"]
    assert not [entry for entry in made.set_aside if entry.table == "audit"]
