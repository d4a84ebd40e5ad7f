"""Rows as no pipeline should write them: nothing crashes, and all that cannot be read is counted by its reason."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmusage.adapters import salesforce
from crmusage.adapters.salesforce._fields import ENTITIES

from .salesforce_org import OPP, as_rest, opportunity, org

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.text(max_size=12),
    st.text(st.characters(categories=("Cs", "Cc", "Lu")), max_size=6),
    st.binary(max_size=6),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.sampled_from(
        ["9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", "NaN", "", " ", "005", "006", "true", OPP]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["Name", "Id"]), st.text(max_size=3), max_size=2),
)


@st.composite
def broken(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    names = draw(
        st.lists(st.sampled_from([entity.name for entity in ENTITIES]), min_size=1, max_size=4, unique=True)
    )
    tables: dict[str, list[dict[str, Any]]] = {"Opportunity": [opportunity()]}
    fields = {entity.name: sorted(entity.fields) for entity in ENTITIES}
    for name in names:
        some = draw(st.lists(st.sampled_from(fields[name]), min_size=1, max_size=8, unique=True))
        rows = draw(
            st.lists(st.fixed_dictionaries(dict.fromkeys(("Id", *some), CELLS)), min_size=1, max_size=4)
        )
        tables.setdefault(name, []).extend(rows)
    return tables


@settings(max_examples=max(10, settings().max_examples // 2))  # each makes a history
@given(broken())
def test_no_row_makes_it_crash(tables: dict[str, list[dict[str, Any]]]) -> None:
    delivery = salesforce.read(tables, dialect="rest", zone="UTC")
    made = delivery.history()
    assert {use.table for use in delivery.columns} >= {"Opportunity"}
    # A broken row may be a second, contradictory one of the sound record; else the sound one is there.
    ids = [row.get("Id") for row in tables["Opportunity"]]
    if ids.count(OPP) == 1:
        aside = {example for entry in made.set_aside for example in entry.examples}
        assert OPP in made.cases["case_id"].to_list() or any(OPP in example for example in aside)
    assert made.events["at"].null_count() == 0


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("CreatedDate", "soon", "Opportunity: unreadable CreatedDate"),
        ("CreatedDate", "9999-12-31T00:00:00Z", "Opportunity: CreatedDate outside the years 1753 to 2262"),
        ("Amount", "a lot", "Opportunity: unreadable Amount"),
        ("Amount", decimal.Decimal("Infinity"), "Opportunity: Amount that is not finite"),
        ("CloseDate", "31/12/2026", "Opportunity: unreadable CloseDate"),
        ("IsWon", "perhaps", "Opportunity: unreadable IsWon"),
    ],
)
def test_a_cell_that_cannot_be_read_is_counted_by_its_reason_with_its_record(
    field: str, value: Any, reason: str
) -> None:
    made = salesforce.read(
        as_rest({"Opportunity": [opportunity(), opportunity("0060X0000000002AAA", **{field: value})]})
    )
    asides = {aside.reason: aside for aside in made.history().set_aside}
    assert asides[reason].count == 1
    assert asides[reason].examples[0].startswith("0060X0000000002AAA: ")


def test_a_row_without_a_readable_time_is_set_aside_and_the_others_stay() -> None:
    rows = org()["OpportunityHistory"]
    rows[1] = {**rows[1], "CreatedDate": None}
    made = salesforce.read(as_rest({**org(), "OpportunityHistory": rows})).history()
    assert made.events.filter(made.events["activity"] == "won").height == 1


def test_examples_tell_no_person_when_ids_are_hidden() -> None:
    users = [{"Id": "0050X0000000001AAA", "Name": "Anna Ash", "LastLoginDate": "whenever"}]
    delivery = salesforce.read(as_rest({"Opportunity": [opportunity()], "User": users}))
    assert any("0050X0000000001AAA" in str(aside.examples) for aside in delivery.history().set_aside)
    hidden = delivery.history(pseudonymise="secret")
    assert "0050X0000000001AAA" not in str(
        [hidden.set_aside, hidden.people.to_dicts(), hidden.cases["owner"].to_list()]
    )


def test_a_cell_of_ten_megabytes_and_half_a_character_pass() -> None:
    huge = opportunity(Name="x" * 10_000_000, NextStep="half \ud83d of a pair")
    made = salesforce.read(as_rest({"Opportunity": [huge]})).history()
    assert made.cases["name"].str.len_chars().to_list() == [10_000_000]
    assert made.cases["next_step"].to_list() == ["half \ufffd of a pair"]
