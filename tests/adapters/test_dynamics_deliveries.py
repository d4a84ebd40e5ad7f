from __future__ import annotations

import csv
import itertools
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmusage.adapters import dynamics
from crmusage.errors import ContractError
from crmusage.history import History
from crmusage.verification import verify

from .dynamics_company import ANN, ASK, DEAL, Row, ask, change, company, deal, users, web_api


def slices() -> list[dict[str, list[Row]]]:
    whole = company()
    before = [row for row in whole["audit"] if row["createdon"] < "2026-03-06"]
    after = [row for row in whole["audit"] if row["createdon"] >= "2026-03-06"]
    return [
        {"opportunity": [deal(stepname="3-Propose", modifiedon="2026-03-05T09:00:00Z")], "audit": before, "systemuser": whole["systemuser"]},
        {"opportunity": whole["opportunity"], "audit": after, "businessunit": whole["businessunit"]},
        {"incident": whole["incident"], "audit": whole["audit"][:2]},
    ]  # fmt: skip


def contents(made: History) -> list[list[Row]]:
    tables = (made.cases, made.events, made.people, made.coverage, made.vocabulary)
    return [table.select(sorted(table.columns)).to_dicts() for table in tables]


def test_slices_put_together_are_the_whole_in_whatever_order_and_however_often() -> None:
    read = [dynamics.read({name: web_api(rows) for name, rows in part.items()}) for part in slices()]
    usual = contents(dynamics.read({name: web_api(rows) for name, rows in company().items()}).history())
    orders: list[dict[str, pl.DataFrame]] = []
    for order in itertools.permutations(range(3)):
        first, *rest = order
        union = read[first]
        for place in [*rest, first, rest[0]]:
            union = union.plus(read[place])
        orders.append({name: table.sort(pl.all()) for name, table in union.tables.items()})
    assert contents(union.history()) == usual
    # What is translated is the same, so the translation needs to be held against the whole only once.
    for tables in orders[1:]:
        assert {name: set(table.columns) for name, table in tables.items()} == {
            name: set(table.columns) for name, table in orders[0].items()
        }
        assert all(
            table.select(orders[0][name].columns).sort(pl.all()).equals(orders[0][name])
            for name, table in tables.items()
        )


def test_slices_of_different_settings_are_not_put_together() -> None:
    one = dynamics.read({"opportunity": [deal()]}, zone="Europe/Paris")
    with pytest.raises(ContractError, match="differ in their zone"):
        one.plus(dynamics.read({"opportunity": [deal()]}, zone="UTC"))


def test_the_order_of_rows_has_no_effect() -> None:
    tables = company()
    usual = contents(dynamics.read(tables, dialect="webapi").history())
    mixed = {name: random.Random(5).sample(rows, len(rows)) for name, rows in tables.items()}
    assert contents(dynamics.read(mixed, dialect="webapi").history()) == usual


def test_a_history_from_dynamics_can_be_verified() -> None:
    made = dynamics.read(company(), dialect="webapi").history()
    report = verify(made)
    assert report.n_cases == 2
    reasons = {
        one.code: one.reason.en
        for one in report.assessments
        if one.reason is not None and one.scope.unit is None
    }
    # No table of calls came: nobody can say that a deal was left alone.
    assert any("events.call is not seen as a whole" in reason for reason in reasons.values())


def test_pseudonyms_replace_persons_everywhere() -> None:
    made = dynamics.read(company() | {"systemuser": users()}, dialect="webapi").history(pseudonymise="secret")
    for table in (made.cases, made.events, made.people):
        held = " ".join(str(value) for row in table.rows() for value in row)
        assert ANN not in held


def test_fivetrans_seeds_go_through_and_every_column_is_accounted_for(real_logs: Path) -> None:
    folder = real_logs / "fivetran" / "dbt_dynamics_365_crm"
    read = dynamics.read(folder)
    assert read.dialect.name == "fivetran"
    written = {
        (path.stem, column)
        for path in folder.glob("*.csv")
        for column in next(csv.reader(path.read_text("utf-8").splitlines()))
    }
    told = {(one.table, one.column): one for one in read.columns}
    assert len(told) == len(written)
    assert {column for _, column in told} == {column for _, column in written}
    for one in told.values():
        assert one.to if one.use in {"mapped", "kept"} else one.reason, one
    made = read.history()
    # They have ids and codes, and no times: nothing of them can be a case, and that is told.
    assert not made.cases.height
    aside = {entry.reason: entry.count for entry in made.set_aside}
    assert sum(count for reason, count in aside.items() if reason.startswith("cases: no creation time")) == 2


def test_the_labels_of_fivetrans_seeds_are_in_the_vocabulary(real_logs: Path) -> None:
    words = dynamics.read(real_logs / "fivetran" / "dbt_dynamics_365_crm").history().vocabulary
    found = dict(words.filter(pl.col("field") == "task_status").select("raw", "label").iter_rows())
    assert found == {"26": "In Progress", "28": "In Review", "29": "Blocked"}


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(
        ["", " ", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30", "31/12/2026", DEAL, DEAL.upper(), f"{{{DEAL}}}",
         "systemuser," + ANN, "nan", "1e400", "-1", "2147483648", "\ud83d".encode("utf-8", "replace").decode(), "\x00", "A" * 100_000]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["a", "statecode", "@odata.type"]), st.integers(), max_size=2),
)  # fmt: skip


def spoilt(rows: list[Row]) -> st.SearchStrategy[list[Row]]:
    columns = sorted({name for row in rows for name in row})
    cell = st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(columns), ODD)

    def put(cells: list[tuple[int, str, Any]]) -> list[Row]:
        made = [dict(row) for row in rows]
        for place, column, value in cells:
            made[place][column] = value
        return made

    return st.lists(cell, min_size=1, max_size=6).map(put)


@given(st.data())
@settings(max_examples=10)
def test_no_spoilt_cell_makes_it_crash_and_every_case_is_there_or_set_aside(data: st.DataObject) -> None:
    usual = company() | {
        "opportunityclose": [{"activityid": "x", "opportunityid": DEAL, "createdon": "2026-03-20T10:00:00Z"}],
        "phonecall": [{"activityid": "y", "regardingobjectid": DEAL, "statecode": 1, "createdon": "2026-03-20T10:00:00Z"}],
        "quote": [{"quoteid": "q", "opportunityid": DEAL, "statecode": 2, "statuscode": 4, "modifiedon": "2026-03-20T10:00:00Z"}],
    }  # fmt: skip
    usual["opportunity"].append(deal(opportunityid=ASK))
    name = data.draw(st.sampled_from(sorted(usual)))
    tables = usual | {name: data.draw(spoilt(usual[name]))}
    read = dynamics.read(tables, dialect="webapi", zone="Europe/Paris")
    made = read.history()
    given_ids = sum(read.tables[table].height for table in ("opportunity", "incident"))
    lost = sum(
        entry.count
        for entry in made.set_aside
        if not entry.kept
        and (entry.table == "cases" or entry.reason in {"opportunity: no id", "incident: no id"})
    )
    twice = sum(entry.count for entry in made.set_aside if entry.kept and "duplicate" in entry.reason)
    assert made.cases.height + lost + twice == given_ids


@pytest.mark.parametrize("size", [10_000_000])
def test_a_cell_of_ten_megabytes_is_a_cell(size: int) -> None:
    made = dynamics.read(
        {"opportunity": [deal(name="x" * size, new_note="y" * size)]}, dialect="webapi"
    ).history()
    assert made.cases["new_note"].str.len_bytes().to_list() == [size]


def test_half_a_surrogate_pair_in_changedata_is_no_reason_to_stop() -> None:
    row = change("2026-03-10T09:00:00Z") | {
        "changedata": '{"changedAttributes":[{"logicalName":"new_note","oldValue":"\\ud83d","newValue":"b"}]}'
    }
    made = dynamics.read({"opportunity": [deal()], "audit": [row]}, dialect="webapi").history()
    assert made.events.filter(pl.col("activity") == "updated")["new"].to_list() == ["b"]


def test_a_table_without_rows_is_no_reason_to_stop() -> None:
    read = dynamics.read(
        {
            "opportunity": [deal()],
            "incident": pl.DataFrame({"incidentid": []}),
            "audit": pl.DataFrame({"auditid": []}),
        },
        dialect="webapi",
    )
    assert read.history().cases.height == 1


def test_nothing_to_make_a_history_of_is_said() -> None:
    read = dynamics.read({"systemuser": users()}, dialect="webapi")
    with pytest.raises(ContractError, match="no table here tells cases"):
        read.history()


def test_ids_are_one_whatever_their_letters_and_braces() -> None:
    made = dynamics.read(
        {"opportunity": [deal(opportunityid=f"{{{DEAL.upper()}}}", createdby=ANN.upper())], "audit": [change("2026-03-05T09:00:00Z", {"stepname": ("a", "b")})]},
        dialect="webapi",
    ).history()  # fmt: skip
    assert made.cases.select("case_id", "created_by").rows() == [(DEAL, ANN)]
    assert made.events["activity"].to_list() == ["created", "stage_changed"]


def test_a_request_keeps_what_is_no_column_of_the_contract_as_attributes() -> None:
    made = dynamics.read(
        {"incident": [ask(caseorigincode=2, new_product="boiler")]}, dialect="webapi"
    ).history()
    case = made.cases.to_dicts()[0]
    assert (case["channel"], case["new_product"], case["status"]) == ("Email", "boiler", "In Progress")


def test_the_mapping_of_the_guide_is_one() -> None:
    guide = Path(__file__).parents[2] / "docs" / "guides" / "dynamics.md"
    (block,) = [part.partition("```")[0] for part in guide.read_text("utf-8").split("```toml\n")[1:]]
    mapping = dynamics.Mapping.read(block)
    asked = {query.name: query.text for query in dynamics.queries(custom=mapping)}
    assert "new_promisedat" in asked["incident"]
    assert "employeeid" in asked["systemuser"]
    assert "new_projects" in asked["new_project"]
