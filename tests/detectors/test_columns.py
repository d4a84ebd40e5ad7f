"""The columns that units are laid out from: texts as places, whatever occurs of them."""

from __future__ import annotations

import numpy as np

from crmusage.detectors._columns import Columns
from crmusage.history import Counts


def columns(units: list[str | None], deals: list[int]) -> Columns:
    codes = np.arange(len(units))
    return Columns.of_deals(
        Counts.of({"deal": np.array(deals), "unit": (codes, units)}, {"n": np.arange(1, len(units) + 1)})
    )


def test_where_some_cases_are_said_to_be_opportunities_only_those_count() -> None:
    assert columns(["b", "a", None], [0, 0, 0])["n"].tolist() == [3, 2, 1]
    assert columns(["b", "a", None], [1, 0, 1])["n"].tolist() == [3, 1]


def test_places_are_among_the_texts_that_occur_and_who_has_none_stands_behind() -> None:
    units, row = columns(["b", "a", None], [1, 0, 1]).placed("unit")
    assert units == ("b",)
    assert row.tolist() == [1, 0]


def test_a_text_that_is_not_asked_for_stands_behind_too() -> None:
    assert columns(["b", "a", None], [0, 0, 0]).rows_among("unit", ("b", "c")).tolist() == [2, 2, 0]


def test_rows_are_told_by_their_text_also_where_it_never_occurs() -> None:
    some = columns(["b", "a", None], [0, 0, 0])
    assert some.having("unit", "a").tolist() == [False, True, False]
    assert some.having("unit", "c").tolist() == [False, False, False]


def test_totals_are_by_text_and_row() -> None:
    some = columns(["b", "a", None, "c"], [0, 0, 0, 0])
    found = some.totals("unit", np.array([0, 1, 1, 0]), 2)
    assert {text: total.tolist() for text, total in found.items()} == {"a": [0, 2], "b": [0, 1], "c": [4, 0]}
