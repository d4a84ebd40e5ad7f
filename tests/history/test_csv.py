from __future__ import annotations

import gzip

import polars as pl
import pytest

from crmusage.errors import ContractError, SourceError
from crmusage.history import History
from tests.history.rows import UTC, aside, day

HEADER = "case_id,activity,at\n"


@pytest.fixture
def read(tmp_path):
    def read(held, name="events.csv", **options):
        path = tmp_path / name
        path.write_bytes(held if isinstance(held, bytes) else held.encode())
        return History.read(path, **options)

    return read


def test_a_file_of_events_is_read(read):
    history = read(HEADER + "a,created,2026-01-02T09:00:00Z\n007,won,2026-01-03T09:00:00Z\n")
    assert history.events.select("case_id", "activity").rows() == [("007", "won"), ("a", "created")]
    assert history.events["at"].to_list() == [day(3), day(2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_marks_separators_and_newlines_are_found_out(read, encoding, separator, newline):
    lines = [
        separator.join(row)
        for row in (["case_id", "activity", "at", "unit"], ["a", "reçu", "2026-01-02T09:00:00Z", "été"])
    ]
    history = read((newline.join(lines) + newline).encode(encoding))
    assert history.events.select("case_id", "activity", "at", "unit").row(0) == ("a", "reçu", day(2), "été")


def test_the_separator_line_that_excel_writes_is_heeded(read):
    assert read("sep=;\ncase_id;activity;at\na;x;2026-01-02T09:00:00Z\n").events.height == 1


def test_quoted_cells_hold_separators_newlines_and_quotes(read):
    history = read(
        'case_id,activity,at,"a\nnote"\na,"x,y\nz ""q""",2026-01-02T09:00:00Z,"1\n2"\nb,"",2026-01-02T09:00:00Z,\n'
    )
    assert history.events.select("activity", "a\nnote").row(0) == ('x,y\nz "q"', "1\n2")
    assert aside(history) == {"events: no activity": 1}


def test_decimal_commas_are_read_where_semicolons_part_the_cells(read):
    french = "case_id;kind;created_at;amount\na;x;2026-01-02T09:00:00Z;1 234,56\nb;x;2026-01-02T09:00:00Z;7\n"
    assert read(french, "cases.csv").cases["amount"].to_list() == [1234.56, 7.0]
    english = 'case_id,kind,created_at,amount\na,x,2026-01-02T09:00:00Z,"1,5"\nb,x,2026-01-02T09:00:00Z,7\n'
    assert read(english, "cases.csv").cases["amount"].to_list() == [None, 7.0]


def test_an_empty_cell_is_a_missing_one(read):
    history = read("case_id,activity,at,actor,old,size\na,x,2026-01-02T09:00:00Z,,,\n")
    assert history.events.select("actor", "old", "size").row(0) == (None, None, None)


def test_attributes_are_typed_by_what_they_look_like(read):
    history = read(
        "case_id,activity,at,n,f,code,flag,d,t,mixed,e\n"
        "a,x,2026-01-02T09:00:00Z,1,1.5,007,true,2026-01-05,2026-01-05T10:00:00+01:00,1,\n"
        "b,x,2026-01-02T09:00:00Z,-20,2,8,False,,,one,\n"
    )
    types = {
        name: dtype
        for name, dtype in history.events.schema.items()
        if name in {"n", "f", "code", "flag", "d", "t", "mixed", "e"}
    }
    assert types == {
        "n": pl.Int64,
        "f": pl.Float64,
        "code": pl.String,
        "flag": pl.Boolean,
        "d": pl.Date,
        "t": pl.Datetime("us", "UTC"),
        "mixed": pl.String,
        "e": pl.String,
    }
    assert history.events["code"].to_list() == ["007", "8"]
    assert history.events["t"][0] == day(5)
    assert history.events["flag"].to_list() == [True, False]


def test_a_value_late_in_a_column_that_does_not_fit_keeps_all_of_it_as_texts(read):
    rows = "".join(f"c{n},x,2026-01-02T09:00:00Z,{n},{n}.5,2026-01-01,true\n" for n in range(300))
    history = read(
        "case_id,activity,at,n,f,d,b\n" + rows + "last,x,2026-01-02T09:00:00Z,many,much,soon,perhaps\n"
    )
    assert [history.events.schema[name] for name in "nfdb"] == [pl.String] * 4


def test_headers_alone_are_a_table_without_rows(read):
    history = read(HEADER)
    assert history.events.height == 0
    assert history.given == {"events"}


@pytest.mark.parametrize("held", [b"", b"\n", b"  \n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_one_clear_error(read, held):
    with pytest.raises(SourceError, match=r"events\.csv: is empty; it needs at least a line with the names"):
        read(held)


def test_a_blank_first_line_does_not_hide_the_header(read):
    assert read("\n" + HEADER + "a,x,2026-01-02T09:00:00Z\n").events.height == 1


def test_bytes_that_are_not_utf8_are_an_error_that_names_line_and_fix(read):
    for rows in (0, 5000):
        filler = "a,x,2026-01-02T09:00:00Z\n" * rows
        with pytest.raises(SourceError) as caught:
            read((HEADER + filler + "a,re\xe7u,2026-01-02T09:00:00Z\n").encode("latin-1"))
        assert f"line {rows + 2}: holds bytes that are not UTF-8" in str(caught.value)
        assert "save the file as CSV UTF-8" in str(caught.value)


@pytest.mark.parametrize(("mark", "kind"), [("utf-16", "UTF-16"), (None, "Excel workbook")])
def test_other_kinds_of_files_are_told_by_their_first_bytes(read, mark, kind):
    held = HEADER.encode(mark) if mark else b"PK\x03\x04rest"
    with pytest.raises(SourceError, match=kind):
        read(held)


def test_a_row_with_too_many_cells_is_an_error_that_names_its_line(read):
    with pytest.raises(
        SourceError,
        match=r"events\.csv: line 4: has 4 cells, the header 3; a cell that holds ',' needs quotes",
    ):
        read(HEADER + 'a,"x\ny",2026-01-02T09:00:00Z\na,x,y,2026-01-02T09:00:00Z\n')


def test_a_row_that_breaks_off_is_set_aside(read):
    history = read(HEADER + "a,x,2026-01-02T09:00:00Z\nb,x\n")
    assert aside(history) == {"events: no time": 1}


def test_a_column_that_stands_twice_is_an_error_that_names_it(read):
    with pytest.raises(ContractError, match=r"events\.csv: column activity: there is more than one column"):
        read("case_id,activity,at, activity\na,x,2026-01-02T09:00:00Z,y\n")


def test_a_missing_column_is_an_error_that_names_file_and_column_and_the_likely_one(read):
    with pytest.raises(ContractError) as caught:
        read("CaseId,activity,at\na,x,2026-01-02T09:00:00Z\n", "log.csv")
    assert "log.csv: column case_id is needed and missing; rename 'CaseId'" in str(caught.value)


def test_excel_dates_are_an_error_that_shows_them_and_the_fix(read):
    with pytest.raises(ContractError) as caught:
        read(HEADER + "a,x,31/12/2026 09:00\nb,x,01/02/2026 09:00\n")
    message = str(caught.value)
    assert "events.csv: column at" in message
    assert "'31/12/2026 09:00'" in message
    assert "2026-03-01T09:00:00Z" in message


def test_a_packed_file_is_read(read):
    assert (
        read(gzip.compress((HEADER + "a,x,2026-01-02T09:00:00Z\n").encode()), "events.csv.gz").events.height
        == 1
    )
    with pytest.raises(SourceError, match="cannot be read"):
        read(gzip.compress((HEADER * 9000).encode())[:-20], "events.csv.gz")


def test_what_the_data_export_service_writes_is_read(read):
    history = read(
        '"case_id","kind","created_at","is_deleted","amount"\n"500A","request","2026-01-02T10:00:00.000+0000","0","12.50"\n',
        "cases.csv",
    )
    assert history.cases.select("is_deleted", "amount").row(0) == (False, 12.5)
    assert history.cases["created_at"][0].astimezone(UTC).hour == 10


def test_ids_that_are_huge_numbers_stay_as_they_are(read):
    assert read(HEADER + f"{10**40},x,2026-01-02T09:00:00Z\n").events["case_id"].to_list() == [str(10**40)]


def test_a_quote_inside_a_plain_cell_is_a_character(read):
    history = read(HEADER + 'a,5" screen,2026-01-02T09:00:00Z\nb,,2026-01-02T09:00:00Z\nc,x\n')
    assert history.events["activity"].to_list() == ['5" screen']
    assert aside(history) == {"events: no activity": 1, "events: no time": 1}


@pytest.mark.parametrize(
    "row", ['b,"x,2026-01-02T09:00:00Z', 'b,"x"y,2026-01-02T09:00:00Z', 'b,"x" ,2026-01-02T09:00:00Z']
)
def test_a_quote_that_is_not_closed_is_an_error_that_names_its_line(read, row):
    good = "a,x,2026-01-02T09:00:00Z\n"
    with pytest.raises(SourceError) as caught:
        read(HEADER + good * 3 + row + "\n" + good * 3)
    assert "events.csv: line 5: a cell begins with a quote that is not closed" in str(caught.value)


def test_lines_that_end_with_a_carriage_return_alone_are_an_error(read):
    with pytest.raises(SourceError, match="carriage return"):
        read(HEADER.replace("\n", "\r") + "a,x,2026-01-02T09:00:00Z\r")


def test_blank_lines_between_rows_are_rows_without_a_case(read):
    history = read(HEADER + "a,x,2026-01-02T09:00:00Z\n\nb,x,2026-01-02T09:00:00Z\n")
    assert history.events.height == 2
    assert aside(history) == {"events: no case": 1}


@pytest.mark.parametrize("cell", ["call", 'a "b"'], ids=["plain", "patiently"])
@pytest.mark.parametrize("blank", ["", " "])
def test_columns_whose_header_is_blank_are_named_by_their_place(read, blank, cell):
    history = read(
        f"{blank},case_id,activity,at,unnamed_5,{blank}\n7,a,{cell},2026-01-02T09:00:00Z,five,six\n"
    )
    row = history.events.row(0, named=True)
    assert (row["unnamed_1"], row["unnamed_5"], row["unnamed_6"], row["activity"]) == (7, "five", "six", cell)


def test_a_blank_header_takes_no_name_that_is_there(read):
    row = read("case_id,activity,at,,unnamed_4\na,x,2026-01-02T09:00:00Z,1,2\n").events.row(0, named=True)
    assert (row["unnamed_4_"], row["unnamed_4"]) == (1, 2)
