# ruff: noqa: DTZ001 - times without a zone are a matter here
from __future__ import annotations

import datetime as dt
import decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.history import History
from crmusage.history._contract import TABLES
from tests.history.rows import aside, case, day, event, examples


def cases_of(column, values, **options):
    """A column of cases given as a typed series; and the history."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    frame = pl.DataFrame(
        {"case_id": [f"c{n}" for n in range(len(series))], "kind": "x", "created_at": day(1)}
    )
    history = History.from_frames(cases=frame.with_columns(series.alias(column)), **options)
    return history.cases[column].to_list(), history


def test_every_table_is_there_with_every_column_in_its_type():
    history = History.from_records(cases=[case()])
    for name, columns in TABLES.items():
        table = getattr(history, name)
        assert {column.name: column.sort.dtype for column in columns}.items() <= dict(table.schema).items()
        assert table.columns[: len(columns)] == [column.name for column in columns]
        assert table.height == (1 if name == "cases" else 0)
    assert history.given == {"cases"}
    assert history.columns_given["cases"] == {"case_id", "kind", "created_at"}
    assert history.columns_given["events"] == frozenset()


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        (pl.Series([12, 7]), ["12", "7"]),
        (pl.Series([12.0, None]), ["12", None]),
        (pl.Series([12.0, float("nan")]), ["12", None]),
        (pl.Series([2**63, 1], dtype=pl.UInt64), ["9223372036854775808", "1"]),
        (pl.Series(["007", "7"]), ["007", "7"]),
        (pl.Series(["a", "b"], dtype=pl.Categorical), ["a", "b"]),
        (pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])), ["a", "b"]),
        (pl.Series([decimal.Decimal(12), decimal.Decimal(7)]), ["12", "7"]),
        (pl.Series([decimal.Decimal("12.00"), decimal.Decimal("100.50")]), ["12", "100.5"]),
        (pl.Series(["", "x"]), [None, "x"]),
    ],
)
def test_ids_are_texts_whatever_they_came_as(values, ids):
    found, history = cases_of("unit", values)
    assert found == ids
    assert aside(history) == {}


def test_two_float_ids_beyond_exactness_are_not_taken_for_one():
    found, history = cases_of("account_id", [2.0**53 + 2, 1.0])
    assert found == [None, "1"]
    assert aside(history) == {"cases: unreadable account id": 1}


@pytest.mark.parametrize(
    "values", [[True], [dt.date(2026, 1, 1)], [b"x"], [["a"]], [{"a": 1}], [dt.timedelta(1)]]
)
def test_what_cannot_be_an_id_is_one_error(values):
    with pytest.raises(
        ContractError, match=r"^cases: column unit: it should hold ids and holds .*give ids as texts"
    ):
        cases_of("unit", values)


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pl.Series([1, 2]), [1.0, 2.0]),
        (pl.Series([1.5, float("nan")]), [1.5, None]),
        (pl.Series([decimal.Decimal("10.25"), None]), [10.25, None]),
        (pl.Series(["10.25", "1 000", "1\u202f000.5", "", None]), [10.25, 1000.0, 1000.5, None, None]),
        (pl.Series(["1e3", "-2"]), [1000.0, -2.0]),
        (pl.Series(["NaN", "1"]), [None, 1.0]),
    ],
)
def test_amounts_are_floats_whatever_they_came_as(values, numbers):
    found, history = cases_of("amount", values)
    assert found == numbers
    assert aside(history) == {}


def test_amounts_that_are_no_numbers_or_endless_are_emptied_and_counted():
    found, history = cases_of("amount", ["12.5", "a lot", "1,234", "inf"])
    assert found == [12.5, None, None, None]
    assert aside(history) == {"cases: unreadable amount": 2, "cases: amount that is not finite": 1}
    assert examples(history, "cases: unreadable amount") == ("c1: a lot", "c2: 1,234")
    assert all(entry.kept for entry in history.set_aside)


@pytest.mark.parametrize("values", [[True, False], [day(1), day(2)], ["a", "b", "c"], [[1.0]]])
def test_a_column_of_amounts_without_a_number_is_one_error(values):
    with pytest.raises(ContractError, match=r"cases: column amount: .*1234\.50"):
        cases_of("amount", values)


def test_one_unreadable_cell_in_an_otherwise_empty_column_is_no_reason_to_refuse_the_table():
    found, history = cases_of("amount", ["n/a", None, None])
    assert found == [None] * 3
    assert aside(history) == {"cases: unreadable amount": 1}


@pytest.mark.parametrize(
    ("values", "ranks"),
    [
        (pl.Series([1, 2], dtype=pl.Int8), [1, 2]),
        (pl.Series([1.0, None]), [1, None]),
        (pl.Series(["1", "2.0", ""]), [1, 2, None]),
        (pl.Series([decimal.Decimal(3)]), [3]),
    ],
)
def test_whole_numbers_are_whole_whatever_they_came_as(values, ranks):
    found, history = cases_of("priority_rank", values)
    assert found == ranks
    assert aside(history) == {}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1, 2**64 - 1], dtype=pl.UInt64),
        [1.0, 2.5],
        ["1", "high"],
        [1.0, float("inf")],
        [1.0, 1e300],
    ],
)
def test_what_is_no_whole_number_is_emptied_and_counted(values):
    found, history = cases_of("priority_rank", values)
    assert found == [1, None]
    assert aside(history) == {"cases: unreadable priority rank": 1}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([True, False, None]),
        pl.Series([1, 0, None]),
        pl.Series([1.0, 0.0, float("nan")]),
        pl.Series(["TRUE", "False", ""]),
        pl.Series(["1", "0", None]),
        pl.Series([" yes", "N ", None]),
        pl.Series(["oui", "non", None]),
        pl.Series(["vrai", "faux", None]),
    ],
)
def test_truths_are_read_in_the_ways_that_exports_write_them(values):
    found, history = cases_of("is_deleted", values)
    assert found == [True, False, None]
    assert aside(history) == {}


def test_what_is_neither_true_nor_false_is_emptied_and_counted():
    found, history = cases_of("is_deleted", ["true", "maybe", "2"])
    assert found == [True, None, None]
    assert aside(history) == {"cases: unreadable is deleted": 2}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([dt.date(2026, 3, 1)]),
        pl.Series([dt.datetime(2026, 3, 1)]),
        pl.Series(["2026-03-01"]),
        pl.Series(["2026-03-01T00:00:00Z"]),
        pl.Series(["2026-03-01 00:00:00"]),
    ],
)
def test_dates_are_dates_and_ask_for_no_zone(values):
    found, _ = cases_of("close_date", values)
    assert found == [dt.date(2026, 3, 1)]


def test_a_date_that_stands_for_never_is_emptied_and_counted():
    found, history = cases_of("close_date", ["2026-03-01", "9999-12-31", "0001-01-01", "soon"])
    assert found == [dt.date(2026, 3, 1), None, None, None]
    assert aside(history) == {
        "cases: close date outside the years 1753 to 2262": 2,
        "cases: unreadable close date": 1,
    }


def test_a_date_beyond_the_calendar_is_emptied_and_counted():
    found, history = cases_of("close_date", pl.Series([2**31 - 1, 0], dtype=pl.Int32).cast(pl.Date))
    assert found == [None, dt.date(1970, 1, 1)]
    assert aside(history) == {"cases: close date outside the years 1753 to 2262": 1}


@pytest.mark.parametrize("values", [[20260301], [True], [1.5]])
def test_numbers_are_no_dates(values):
    with pytest.raises(ContractError, match="cases: column close_date: it should hold dates"):
        cases_of("close_date", values)


def test_outcomes_are_the_contracts_words_however_capitalised():
    found, history = cases_of("outcome", ["Won", " LOST", "cancelled", "abandoned", "", None])
    assert found == ["won", "lost", "cancelled", None, None, None]
    assert aside(history)["cases: unknown outcome"] == 1
    assert examples(history, "cases: unknown outcome") == ("c3: abandoned",)


def test_a_kind_of_owner_that_does_not_exist_is_emptied_and_counted():
    found, history = cases_of("owner_kind", ["User", "team", "robot"])
    assert found == ["user", "team", None]
    assert aside(history) == {"cases: unknown owner kind": 1}


def test_an_origin_that_does_not_exist_becomes_unknown_and_is_counted():
    history = History.from_records(
        events=[event("a", origin="API"), event("b", origin="carrier pigeon"), event("c")]
    )
    assert history.events["origin"].to_list() == ["api", "unknown", None]
    assert aside(history) == {"events: unknown origin": 1}
    assert history.set_aside[0].kept


def test_an_empty_old_value_is_a_value_and_an_empty_actor_is_none():
    history = History.from_records(events=[event(old="", new="x", actor="")])
    assert history.events.select("old", "new", "actor").row(0) == ("", "x", None)


def test_new_values_that_are_numbers_are_written_as_such():
    history = History.from_frames(
        events=pl.DataFrame(
            {"case_id": "a", "activity": "x", "at": day(1), "old": [5000.0, 12.5], "new": [1, 2]}
        )
    )
    assert sorted(history.events.select("old", "new").iter_rows()) == [("12.5", "2"), ("5000", "1")]


def test_attributes_follow_the_contracts_columns_in_types_that_rules_know():
    attributes = {
        "number": pl.Series([1.5, float("nan")]),
        "money": pl.Series([decimal.Decimal("1.50"), None]),
        "choice": pl.Series(["a", None], dtype=pl.Categorical),
        "small": pl.Series([1, None], dtype=pl.Int8),
        "nothing": pl.Series([None, None]),
        "moment": pl.Series([day(1), None]).dt.convert_time_zone("Europe/Paris").dt.cast_time_unit("ms"),
        "clock": pl.Series([dt.datetime(2026, 1, 1), None]),
        "wait": pl.Series([dt.timedelta(hours=1), None]),
    }
    frame = pl.DataFrame({"case_id": ["a", "b"], "kind": "x", "created_at": day(1), **attributes})
    cases = History.from_frames(cases=frame).cases
    assert cases.columns[-len(attributes) :] == list(attributes)
    assert [cases.schema[name] for name in attributes] == [
        pl.Float64,
        pl.Float64,
        pl.String,
        pl.Int64,
        pl.String,
        pl.Datetime("us", "UTC"),
        pl.String,
        pl.String,
    ]
    assert cases["number"].to_list() == [1.5, None]
    assert History.from_frames(cases=frame, zone="Europe/Paris").cases["clock"].to_list() == [
        day(1, 0) - dt.timedelta(hours=1),
        None,
    ]


def test_an_attribute_beyond_the_calendar_is_emptied_and_counted():
    found, history = cases_of("moment", pl.Series([2**62, 0]).cast(pl.Datetime("us", "UTC")))
    assert found[0] is None
    assert aside(history) == {"cases: moment outside the years 1753 to 2262": 1}


def test_columns_of_nothing_are_no_reason_to_refuse():
    wide = {column.name: None for column in TABLES["cases"]}
    history = History.from_records(cases=[{**wide, **case("a")}, {**wide, **case("b")}])
    assert history.cases.height == 2
    assert aside(history) == {}


def test_a_table_without_rows_is_a_table():
    for history in (
        History.from_records(cases=[], events=[]),
        History.from_frames(cases=pl.DataFrame(), events=pl.DataFrame()),
        History.from_frames(
            cases=pl.DataFrame(schema={"case_id": pl.String, "kind": pl.String, "created_at": pl.String}),
            events=pl.DataFrame({"case_id": [], "activity": [], "at": []}),
        ),
    ):
        assert history.given == {"cases", "events"}
        assert (history.cases.height, history.events.height) == (0, 0)
        assert history.index.n_cases == 0
        assert history.unit_sizes() == {}
        assert len(history.parts(3)) == 1


@given(
    st.lists(
        st.one_of(
            st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes()
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_stands_in_a_column_is_a_history_or_one_clear_error(values):
    for name in (
        "unit",
        "amount",
        "priority_rank",
        "is_deleted",
        "close_date",
        "closed_at",
        "outcome",
        "free",
    ):
        rows = [case(f"c{n}", **{name: value}) for n, value in enumerate(values)]
        try:
            history = History.from_records(cases=rows)
        except ContractError as error:
            assert str(error).startswith(f"cases: column {name}: ")  # noqa: PT017
        else:
            assert history.cases.height + sum(e.count for e in history.set_aside if not e.kept) == len(values)


def test_python_objects_are_written_out_as_attributes_and_refused_as_columns_of_the_contract():
    frame = pl.DataFrame({"case_id": ["a"], "kind": ["x"], "created_at": [day(1)]})
    odd = pl.Series("odd", [object], dtype=pl.Object)
    assert History.from_frames(cases=frame.with_columns(odd)).cases["odd"].to_list() == [str(object)]
    with pytest.raises(
        ContractError, match="cases: column unit: it should hold ids and holds Python objects"
    ):
        History.from_frames(cases=frame.with_columns(odd.alias("unit")))


def test_nested_attributes_pass_through():
    frame = pl.DataFrame({"case_id": ["a", "b"], "kind": "x", "created_at": day(1), "tags": [["p"], None]})
    assert History.from_frames(cases=frame).cases["tags"].to_list() == [["p"], None]


def test_texts_that_only_look_like_times_stay_texts(tmp_path):
    path = tmp_path / "events.csv"
    for odd in ("2026-13-40T99:00:00Z", "2026-13-40"):
        rows = "".join(f"{name},x,2026-01-02T09:00:00Z,{odd}\n" for name in "abc")
        path.write_text("case_id,activity,at,odd\n" + rows)
        assert History.read(path).events["odd"].to_list() == [odd] * 3
