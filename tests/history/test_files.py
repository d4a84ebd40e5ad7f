from __future__ import annotations

import json

import polars as pl
import pytest

from crmusage.errors import ContractError, SourceError
from crmusage.history import History
from tests.history.rows import aside, case, day, event

CASES = "case_id,kind,created_at\na,opportunity,2026-01-01T09:00:00Z\n"
EVENTS = "case_id,activity,at\na,updated,2026-01-02T09:00:00Z\n"


def test_a_folder_holds_one_table_a_file_in_any_of_the_formats(tmp_path):
    (tmp_path / "cases.csv").write_text(CASES)
    pl.DataFrame([event("a"), event("b")]).write_parquet(tmp_path / "events.parquet")
    (tmp_path / "people.jsonl").write_text('{"person_id": "p", "unit": "n"}\n')
    (tmp_path / "sessions.ndjson").write_text(
        '{"person_id": "p", "at": "2026-01-02T09:00:00Z"}\n{"person_id": "p"}\n'
    )
    (tmp_path / "README.md").write_text("nothing")
    history = History.read(tmp_path)
    assert history.given == {"cases", "events", "people", "sessions"}
    assert (history.cases.height, history.events.height, history.people.height, history.sessions.height) == (
        1,
        1,
        1,
        1,
    )
    assert aside(history) == {"events: of an unknown case": 1, "sessions: no time": 1}
    assert history.notes == ()


def test_data_files_that_are_no_table_are_told_in_a_note(tmp_path):
    (tmp_path / "cases.csv").write_text(CASES)
    (tmp_path / "products.csv").write_text("x")
    (tmp_path / "Events2.parquet").write_bytes(b"")
    note = History.read(str(tmp_path)).notes[0]
    assert "Events2.parquet, products.csv" in note.en
    assert "Events2.parquet, products.csv" in note.fr


def test_a_folder_without_any_table_is_one_clear_error(tmp_path):
    with pytest.raises(
        SourceError, match=r"there is no table in this folder: it needs files such as cases\.csv"
    ):
        History.read(tmp_path)
    (tmp_path / "log.xes").write_text("")
    with pytest.raises(SourceError, match=r"there are log\.xes \(give a log by its own path"):
        History.read(tmp_path)


def test_two_files_for_one_table_are_one_clear_error(tmp_path):
    (tmp_path / "cases.csv").write_text(CASES)
    (tmp_path / "cases.jsonl").write_text("{}")
    with pytest.raises(SourceError, match=r"cases\.csv and cases\.jsonl both hold cases"):
        History.read(tmp_path)


def test_what_is_not_there_or_of_no_known_kind_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="there is no such file or folder"):
        History.read(tmp_path / "nowhere")
    (tmp_path / "cases.docx").write_text("")
    with pytest.raises(SourceError, match=r"cannot be told from its name; files end in \.csv"):
        History.read(tmp_path / "cases.docx")


@pytest.mark.parametrize("name", ["people.xlsx", "people.tsv"])
def test_a_workbook_is_not_passed_over_in_silence(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(SourceError, match="save it as CSV UTF-8, each sheet by itself"):
        History.read(tmp_path / name)
    with pytest.raises(SourceError, match=f"there are {name} .*--crm"):
        History.read(tmp_path)
    (tmp_path / "cases.csv").write_text(
        "case_id,kind,created_at\n1,opportunity,2026-03-02T09:00:00Z\n", "utf-8"
    )
    assert any(f"were not read: {name}." in note.en for note in History.read(tmp_path).notes)


@pytest.mark.parametrize(("wanted", "there"), [("kind", "id"), ("at", "what"), ("at", "stat")])
def test_a_column_that_is_merely_short_is_not_proposed_for_another(tmp_path, wanted, there):
    (tmp_path / "events.csv").write_text(f"case_id,{there}\n1,x\n", "utf-8")
    (tmp_path / "cases.csv").write_text(f"case_id,{there}\n1,x\n", "utf-8")
    with pytest.raises(ContractError) as error:
        History.read(tmp_path)
    assert f"column {wanted} is needed and missing; rename the column that holds it" in str(error.value)


def test_one_file_is_cases_or_events_by_its_name_or_else_by_its_columns(tmp_path):
    for name, held, table in (
        ("cases.csv", CASES, "cases"),
        ("export.csv", CASES, "cases"),
        ("export2.csv", EVENTS, "events"),
        ("people.csv", "person_id\np\n", "people"),
    ):
        (tmp_path / name).write_text(held)
        assert History.read(tmp_path / name).given == {table}


@pytest.mark.parametrize(
    ("name", "said"),
    [("events.parquet", "cannot be read as Parquet"), ("events.jsonl", "line 1: is no text in UTF-8")],
)
def test_a_damaged_file_is_one_clear_error(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"\xff\x00garbage")
    with pytest.raises(SourceError, match=f"{name}: {said}"):
        History.read(tmp_path / name)


def test_json_lines_may_hold_different_keys_and_mixed_values(tmp_path):
    rows = [
        {"case_id": 1, "activity": "x", "at": "2026-01-02T09:00:00Z", "size": 1},
        {"case_id": "b", "activity": "x", "at": "2026-01-02T09:00:00Z", "size": "big", "late": True},
        {"case_id": "d", "activity": "x", "at": None, "tags": ["p"]},
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    history = History.read(tmp_path / "events.jsonl")
    assert history.events["case_id"].to_list() == ["1", "b"]
    assert aside(history) == {"events: no time": 1}


def test_a_line_that_is_no_json_is_named(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"case_id": "a"}\nnonsense\n')
    with pytest.raises(SourceError, match=r"events\.jsonl: line 2: is no JSON object"):
        History.read(tmp_path / "events.jsonl")


def test_a_line_that_is_no_object_is_named(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"case_id": "a"}\n[1]\n')
    with pytest.raises(SourceError, match=r"events\.jsonl: line 2: is no JSON object"):
        History.read(tmp_path / "events.jsonl")


def test_an_empty_file_of_json_lines_is_one_clear_error(tmp_path):
    (tmp_path / "events.jsonl").write_text("")
    with pytest.raises(SourceError, match="is empty"):
        History.read(tmp_path / "events.jsonl")


def test_parquet_keeps_its_types(tmp_path):
    frame = pl.DataFrame([event("a", size=1.5, moment=day(3))]).with_columns(
        pl.col("at").dt.cast_time_unit("ns")
    )
    frame.write_parquet(tmp_path / "events.parquet")
    history = History.read(tmp_path)
    assert history.events.schema["moment"] == pl.Datetime("us", "UTC")
    assert history.events["at"].to_list() == [day(2)]


def test_the_error_names_the_file_in_the_folder(tmp_path):
    (tmp_path / "cases.csv").write_text("case_id,kind,created_at\na,x,2026-01-01 09:00\n")
    (tmp_path / "events.csv").write_text("case_id,activity\na,x\n")
    with pytest.raises(ContractError) as caught:
        History.read(tmp_path)
    assert "cases.csv: column created_at: it holds times without a zone" in str(caught.value)
    assert "events.csv: column at is needed and missing" in str(caught.value)


def test_a_zone_named_at_the_door_is_for_all_tables(tmp_path):
    (tmp_path / "cases.csv").write_text("case_id,kind,created_at\na,x,2026-01-01 10:00\n")
    assert History.read(tmp_path, zone="Europe/Paris").cases["created_at"].to_list() == [day(1)]


def test_a_mapping_that_tells_cases_beside_a_table_of_cases_is_one_clear_error(tmp_path):
    from crmusage.history import LogMapping

    (tmp_path / "cases.csv").write_text(CASES)
    (tmp_path / "events.csv").write_text(EVENTS)
    with pytest.raises(ContractError, match=r"cases\.csv: cases come from this table"):
        History.read(tmp_path, mapping=LogMapping(cases={"amount": "size"}))


def test_a_mapping_renames_and_explains_the_events_of_a_folder(tmp_path):
    from crmusage.history import LogMapping

    (tmp_path / "cases.csv").write_text(CASES)
    (tmp_path / "events.csv").write_text("case,what,when\na,Sale,2026-01-02T09:00:00Z\n")
    mapping = LogMapping(
        columns={"case_id": "case", "activity": "what", "at": "when"}, meanings={"Sale": "won"}
    )
    history = History.read(tmp_path, mapping=mapping)
    assert history.cases.select("outcome", "closed_at").row(0) == ("won", day(2))


def test_records_may_be_attrs_values():
    import attrs

    @attrs.frozen
    class Deal:
        case_id: str
        kind: str
        created_at: object
        amount: float | None = None

    history = History.from_records(cases=[Deal("a", "opportunity", day(1), 5.0), case("b")])
    assert history.cases["amount"].to_list() == [5.0, None]


def test_records_that_are_neither_mappings_nor_attrs_values_are_one_clear_error():
    with pytest.raises(ContractError, match="events: record 1 is a tuple; records are dicts or attrs values"):
        History.from_records(events=[event(), ("a", "b")])


def test_records_may_hold_what_python_programs_hold():
    import decimal
    import enum
    import uuid

    class Origin(enum.Enum):
        API = "api"

    one = uuid.uuid4()
    history = History.from_records(
        cases=[case(one, amount=decimal.Decimal("1.5"), big=2**70), case("b", amount=decimal.Decimal("NaN"))],
        events=[event(one, origin=Origin.API)],
    )
    assert history.cases["case_id"].to_list() == sorted([str(one), "b"])
    assert history.cases["amount"].drop_nulls().to_list() == [1.5]
    assert history.cases["big"].drop_nulls().to_list() == [str(2**70)]
    assert history.events["origin"].to_list() == ["api"]


def test_a_file_that_cannot_be_opened_is_one_clear_error(tmp_path):
    for name in ("events.csv", "events.jsonl", "events.parquet", "log.xes"):
        (tmp_path / name).symlink_to(tmp_path / name)
        with pytest.raises(SourceError, match=name):
            History.read(tmp_path / name)


def test_a_mapping_of_activities_alone_leaves_the_columns_as_they_are(tmp_path):
    from crmusage.history import LogMapping

    (tmp_path / "events.csv").write_text(EVENTS)
    history = History.read(tmp_path / "events.csv", mapping=LogMapping(meanings={"updated": "won"}))
    assert history.events["activity"].to_list() == ["won"]
