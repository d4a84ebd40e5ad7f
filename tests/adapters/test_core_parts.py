from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.adapters._core import (
    Logins,
    Rates,
    Watch,
    changes,
    folded,
    in_turn,
    instants,
    plain,
    snake,
    stable_id,
)
from crmusage.adapters._core._crm import Entity
from crmusage.adapters._core._reading import by_entity, came
from crmusage.adapters._core._union import united
from crmusage.errors import ContractError, SourceError

INSTANT = pl.Datetime("us", "UTC")


def moments(*days: int | None) -> pl.Series:
    return pl.Series(
        [None if one is None else dt.datetime(2026, 1, one, tzinfo=dt.UTC) for one in days], dtype=INSTANT
    )


@pytest.mark.parametrize(
    ("names", "attribute"),
    [
        (("StageName", "stageName", "stage_name", "STAGE_NAME"), "stage_name"),
        (("SLAViolation__c", "sla_violation_c", "slaViolation_c"), "sla_violation_c"),
        (("Pricebook2Id", "pricebook2_id"), "pricebook2_id"),
    ],
)
def test_one_field_in_many_spellings_is_one(names: tuple[str, ...], attribute: str) -> None:
    assert len({folded(name) for name in names}) == 1
    assert snake(names[0]) == attribute
    assert snake(snake(names[0])) == attribute


@pytest.mark.parametrize(
    "cell",
    [
        1_767_225_600_000,
        1_767_225_600_000.0,
        "1767225600000",
        " 1767225600000 ",
        "2026-01-01T00:00:00.000+0000",
    ],
)
def test_an_instant_is_read_as_text_or_as_milliseconds(cell: object) -> None:
    assert instants(pl.Series([cell, None]), zone=None).to_list() == [
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        None,
    ]


def test_names_of_tables_may_carry_what_pipelines_put_around_them() -> None:
    entities = (
        Entity("Case", {"Id": "id"}),
        Entity("CaseHistory", unlike=("Subject",)),
        Entity("Deal", also=("CaseHistory",)),
    )
    one = pl.DataFrame({"Id": ["1"]})
    named = {
        "sf_case_data": one,
        "CaseHistory2": one,
        "Case (3)": one,
        "case_history_4": pl.DataFrame({"subject": ["x"]}),
        "Leads": one,
    }
    pieces = came(named, rows_of=("records",), more=())
    found, foreign = by_entity(pieces, entities, strip=("sf_", "_data"))
    assert {name: len(parts) for name, parts in found.items()} == {"Case": 2, "CaseHistory": 1, "Deal": 1}
    assert [piece.name for piece in foreign] == ["Leads"]


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (3, ContractError, "int is no delivery"),
        ({"Case": 3}, ContractError, "int is no table"),
        ({"Case": {"a": 1}}, ContractError, "a mapping is no table unless it is an answer with records"),
        ({"Case": [{"a": 1}, 3]}, ContractError, "record 1 is a int"),
        ("nowhere", SourceError, "there is no such file or folder"),
    ],
)
def test_what_is_no_table_is_told_with_its_name(source: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        came(source, rows_of=("records",), more=())


def test_a_folder_without_tables_and_a_broken_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no table in this folder"):
        came(tmp_path, rows_of=(), more=())
    (tmp_path / "Case.json").write_text("{")
    with pytest.raises(SourceError, match="is no JSON"):
        came(tmp_path, rows_of=(), more=())


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "Id": st.sampled_from(["1", "2", None]),
            "Stamp": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "soon", None]),
            "Name": st.sampled_from(["a", "b", None]),
        }
    ),
    min_size=1,
    max_size=6,
)


@given(ROWS, ROWS)
def test_a_union_keeps_the_last_state_of_each_record_whatever_the_order_of_its_parts(
    one: list[dict[str, str | None]], other: list[dict[str, str | None]]
) -> None:
    entity = Entity("Case", {"Id": "id", "Stamp": "time"}, stamps=("Stamp",))
    schema = {"Id": pl.String, "Stamp": pl.String, "Name": pl.String}
    parts = [pl.DataFrame(rows, schema=schema) for rows in (one, other)]
    results = []
    for frames in (*itertools.permutations(parts), [*parts, parts[0]]):
        union, _ = united(entity, frames, zone=None)
        again, _ = united(entity, [union, union], zone=None)
        assert sorted(again.rows(), key=str) == sorted(union.rows(), key=str)
        results.append(sorted(union.rows(), key=str))
    assert results[0] == results[1] == results[2]
    last: dict[str, str] = {}
    for row in (*one, *other):
        if row["Id"] and (row["Stamp"] or "").endswith("Z"):
            last[row["Id"]] = max(last.get(row["Id"], ""), row["Stamp"] or "")
    for id_, stamp, _ in results[0]:
        if id_ in last:
            assert stamp == last[id_]


def test_changes_are_what_is_other_than_before_and_the_first_state_is_none() -> None:
    states = pl.DataFrame(
        {
            "case_id": ["b", "a", "a", "a"],
            "at": moments(1, 3, 1, 2),
            "stage": ["x", "z", "x", "x"],
            "sum": [1.0, 2.5, 1.0, None],
        }
    )
    for order in (states, states.reverse()):
        found = changes(in_turn(order), [Watch("stage", "moved"), Watch("sum", "priced", "amount")])
        rows = found.sort("at", "seq").select("case_id", "activity", "field", "old", "new").rows()
        assert rows == [
            ("a", "priced", "amount", "1", None),
            ("a", "moved", "stage", "x", "z"),
            ("a", "priced", "amount", None, "2.5"),
        ]


def test_persons_are_told_from_logins_by_what_identifies_them() -> None:
    login = pl.Series(["A", "A", "B", "C", "D"])
    identity = pl.Series(["1", "2", "1 ", None, ""])
    logins = Logins.of(login, identity, moments(1, 10, 5, None, None))
    at = moments(9, 10, 31, 31, 31, None)
    assert logins.person(pl.Series(["A", "A", "B", "C", "E", "A"]), at).to_list() == [
        "A",
        "A/2",
        "A",
        "C",
        "E",
        "A",
    ]
    assert (logins.reused, logins.shared) == (1, 1)


def test_a_number_that_many_logins_share_identifies_nobody() -> None:
    login = pl.Series(["A", "B", "C", "D"])
    logins = Logins.of(login, pl.Series(["0"] * 4), None)
    assert logins.person(login).to_list() == ["A", "B", "C", "D"]


def test_an_amount_takes_the_rate_of_its_day_and_none_before_the_first() -> None:
    rates = Rates.of(
        pl.Series(["USD", "USD", "GBP"]),
        pl.Series([1.25, 1.6, 0.8]),
        pl.Series([dt.date(2026, 1, 1), dt.date(2026, 7, 1), None]),
    )
    days = pl.Series(
        [dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2025, 1, 1), None, dt.date(2026, 1, 1)]
    )
    factors = rates.factors(pl.Series(["USD", "USD", "USD", "USD", "XTS"]), days, "GBP")
    assert [None if one is None else round(one, 6) for one in factors.to_list()] == [
        0.64,
        0.5,
        None,
        0.5,
        None,
    ]


@given(st.text(max_size=60), st.integers(2, 40), st.booleans())
def test_a_plain_text_fits_its_field_and_can_do_nothing(text: str, limit: int, lines: bool) -> None:
    told = plain(text, limit, lines=lines)
    assert len(told.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    assert not {"<", ">"} & set(told)
    assert not told.startswith(("=", "+", "-", "@"))
    assert lines or "\n" not in told
    assert plain(told, limit, lines=lines) == told


def test_an_external_id_tells_its_parts_apart() -> None:
    assert stable_id("a", "b") == stable_id("a", "b")
    assert len({stable_id("a", "b"), stable_id("ab"), stable_id("a", "b", None), stable_id("b", "a")}) == 4
