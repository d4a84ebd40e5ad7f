"""Sums by keys: against a plain dictionary, and merged in any order."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.history import Counts

TEXTS = ("b", "a", None, "é", "b")
"""As labels may be: in no order, one twice, one missing."""
SORTS = {"unit": str, "month": int, "who": int}
SUMS = ("n", "cents")

wide = st.integers(-(2**63), 2**63 - 1)
items = st.lists(
    st.tuples(
        st.integers(-1, len(TEXTS) - 1),
        st.integers(-3, 3),
        st.one_of(st.sampled_from((0, 7, -(2**63), 2**63 - 1)), wide),
        st.integers(-(2**40), 2**40),
    ),
    max_size=40,
)
Item = tuple[int, int, int, int]


def counts(some: list[Item]) -> Counts:
    unit, month, who, cents = (np.array([item[k] for item in some], dtype=np.int64) for k in range(4))
    return Counts.of({"unit": (unit, TEXTS), "month": month, "who": who}, {"n": None, "cents": cents})


def plainly(some: list[Item]) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for code, month, who, cents in some:
        place = found[None if code < 0 else TEXTS[code], month, who]
        place[0] += 1
        place[1] += cents
    ordered = sorted(found.items(), key=lambda one: (one[0][0] is not None, one[0][0] or "", one[0][1:]))
    return [dict(zip((*SORTS, *SUMS), (*key, *sums), strict=True)) for key, sums in ordered]


@given(items)
def test_counts_are_what_a_dictionary_adds_up_missing_first(some: list[Item]) -> None:
    assert counts(some).rows() == plainly(some)


@given(items, st.integers(0, 40))
def test_parts_merge_to_the_table_of_the_whole_in_either_order(some: list[Item], cut: int) -> None:
    parts = counts(some[:cut]), counts(some[cut:])
    assert parts[0].merge(parts[1]) == counts(some) == parts[1].merge(parts[0])


@given(items)
def test_rows_make_the_table_again(some: list[Item]) -> None:
    table = counts(some)
    assert Counts.of_rows(reversed(table.rows()), SORTS, SUMS) == table
    assert table.frame.rows(named=True) == table.rows()


@given(items)
def test_fewer_keys_keep_the_sums(some: list[Item]) -> None:
    fewer = counts(some).by("month")
    expected = {row["month"]: [0, 0] for row in plainly(some)}
    for row in plainly(some):
        expected[row["month"]][0] += row["n"]
        expected[row["month"]][1] += row["cents"]
    assert [(row["month"], [row["n"], row["cents"]]) for row in fewer.rows()] == sorted(expected.items())


@given(items)
def test_codes_and_texts_tell_the_column(some: list[Item]) -> None:
    codes, texts = counts(some).codes("unit")
    assert [None if code < 0 else texts[code] for code in codes.tolist()] == counts(some).column(
        "unit"
    ).tolist()
    assert list(texts) == sorted({text for text in counts(some).column("unit") if text is not None})


@pytest.mark.parametrize("months", [2, 10**6])
def test_many_items_add_up_whether_their_keys_are_few_or_far_apart(months: int) -> None:
    draw = np.random.default_rng(0)
    month, unit = draw.integers(0, months, 5_000), draw.integers(-1, 2, 5_000)
    table = Counts.of({"month": month, "unit": (unit, ("a", "b"))}, {"n": None, "total": month})
    pairs, n = np.unique(np.stack([month, unit]), axis=1, return_counts=True)
    assert table.column("month").tolist() == pairs[0].tolist()
    assert table.codes("unit")[0].tolist() == pairs[1].tolist()
    assert table.column("n").tolist() == n.tolist()
    assert table.column("total").tolist() == (pairs[0] * n).tolist()


def test_keys_whose_combinations_exceed_64_bits_are_told_apart() -> None:
    draw = np.random.default_rng(1)
    keys = {f"k{k}": draw.integers(-(2**63), 2**63 - 1, 300) for k in range(5)}
    twice = {name: np.concatenate([key, key]) for name, key in keys.items()}
    table = Counts.of(twice, {"n": None})
    assert set(table.column("n").tolist()) == {2}
    assert len(table) == 300
    assert {tuple(row[name] for name in keys) for row in table.rows()} == set(
        zip(*(key.tolist() for key in keys.values()), strict=True)
    )


def test_an_empty_table_is_what_there_is_before_anything_is_added() -> None:
    nothing, some = Counts.empty(SORTS, SUMS), counts([(0, 1, 2, 3), (1, 1, 2, 3)])
    assert len(nothing) == 0
    assert reduce(Counts.merge, (nothing, some, nothing)) == some
    assert nothing == counts([])
    assert nothing != some


def test_sums_are_whole_numbers() -> None:
    with pytest.raises(TypeError, match="cents: only integers add up exactly, not float64"):
        Counts.of({"month": np.zeros(1, dtype=np.int64)}, {"cents": np.array([1.5])})
    with pytest.raises(TypeError, match="month: a row without this integer does not add up"):
        Counts.of_rows([{"unit": "a", "month": None, "who": 1, "n": 1, "cents": 1}], SORTS, SUMS)


def test_tables_of_other_shapes_do_not_merge() -> None:
    with pytest.raises(ValueError, match="tables of other shape"):
        counts([]).merge(Counts.empty({"unit": str}, SUMS))
    with pytest.raises(ValueError, match="tables of other shape"):
        counts([]).merge(Counts.empty({**SORTS, "unit": int}, SUMS))
