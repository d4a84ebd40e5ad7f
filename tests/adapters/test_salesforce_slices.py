"""Incremental runs: the union of slices is the whole, whatever came when and how often."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmusage.adapters import salesforce
from crmusage.adapters._core import Delivery
from crmusage.errors import ContractError

from .salesforce_org import OPP, Tables, as_fivetran, as_rest, at, opportunity, org
from .test_salesforce_dialects import told

WHOLE = salesforce.read(as_rest(org()))
EXPECTED = told(WHOLE.history())
ROWS = [(name, row) for name, rows in org().items() for row in rows]


def delivered(rows: list[tuple[str, dict[str, Any]]]) -> Delivery:
    tables: Tables = {}
    for name, row in rows:
        tables.setdefault(name, []).append(row)
    return salesforce.read(as_rest(tables))


@settings(max_examples=max(8, settings().max_examples // 3))  # each makes several histories
@given(
    cuts=st.lists(st.sets(st.integers(0, len(ROWS) - 1), min_size=1), max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_slices_in_any_order_and_more_than_once_give_the_whole(cuts: list[set[int]], order: Any) -> None:
    rest = set(range(len(ROWS))) - set().union(*cuts)
    slices = [
        delivered([ROWS[place] for place in sorted(some, key=lambda _: order.random())])
        for some in (*cuts, rest)
        if some
    ]
    slices.append(slices[0])
    order.shuffle(slices)
    union = slices[0]
    for one in slices[1:]:
        union = union.plus(one)
    assert told(union.history()) == EXPECTED


def test_the_last_state_of_a_record_counts_in_whichever_slice_it_came() -> None:
    first = delivered(
        [("Opportunity", opportunity(StageName="Proposal", SystemModstamp=at("2026-03-03 09:00")))]
    )
    last = delivered(
        [("Opportunity", opportunity(StageName="Negotiation", SystemModstamp=at("2026-03-09 09:00")))]
    )
    for union in (first.plus(last), last.plus(first), last.plus(first).plus(first)):
        assert union.history().cases["stage"].to_list() == ["Negotiation"]
        assert union.notes == last.notes


def test_two_states_of_one_instant_give_one_and_the_same_and_a_note() -> None:
    one = delivered([("Opportunity", opportunity(StageName="Proposal"))])
    other = delivered([("Opportunity", opportunity(StageName="Negotiation"))])
    stages = {union.history().cases["stage"].to_list()[0] for union in (one.plus(other), other.plus(one))}
    assert len(stages) == 1
    assert any("two states of the same instant" in note.en for note in one.plus(other).notes)


def test_of_equal_states_the_later_written_one_counts_and_a_deletion_before_all() -> None:
    def slice_of(synced: str, *, deleted: bool, name: str) -> Delivery:
        frame = as_fivetran({"Opportunity": [opportunity(Name=name)]})["sf_opportunity_data"]
        import polars as pl

        return salesforce.read(
            {
                "opportunity": frame.with_columns(
                    _fivetran_synced=pl.lit(synced), _fivetran_deleted=pl.lit(deleted)
                )
            }
        )

    early = slice_of("2026-03-20 00:00:00", deleted=False, name="a")
    late = slice_of("2026-03-21 00:00:00", deleted=True, name="b")
    for union in (early.plus(late), late.plus(early)):
        row = union.history().cases.to_dicts()[0]
        assert (row["name"], row["is_deleted"]) == ("b", True)
        assert not any("two states" in note.en for note in union.notes)


def test_a_slice_may_bring_fields_that_others_lack() -> None:
    plain = opportunity(SystemModstamp=at("2026-03-01 09:00"))
    more = {**opportunity("0060X0000000002AAA"), "Region__c": "North"}
    made = delivered([("Opportunity", plain)]).plus(delivered([("Opportunity", more)])).history()
    assert made.cases.select("case_id", "region_c").rows() == [(OPP, None), ("0060X0000000002AAA", "North")]


def test_slices_of_two_dialects_or_settings_do_not_mix() -> None:
    fivetran = salesforce.read(as_fivetran(org()))
    with pytest.raises(ContractError, match="differ in their dialect"):
        WHOLE.plus(fivetran)
    with pytest.raises(ContractError, match="differ in their currency"):
        WHOLE.plus(salesforce.read(as_rest(org()), currency="USD"))


def test_a_delivery_of_nothing_known_says_so() -> None:
    delivery = salesforce.read({"Lead": [{"attributes": {"type": "Lead"}, "Id": "00Q0X0000000001AAA"}]})
    with pytest.raises(ContractError, match=r"no table here tells cases .*there are: Lead"):
        delivery.history()
