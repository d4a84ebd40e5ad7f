from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmusage.metrics import benjamini_hochberg

PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
"""The fifteen p-values of Benjamini and Hochberg (1995), section 3.2."""


def test_the_published_example_rejects_the_published_four() -> None:
    q = benjamini_hochberg(PUBLISHED)
    assert (q < 0.05).tolist() == [True] * 4 + [False] * 11
    assert q[3] == pytest.approx(0.0095 * 15 / 4)


def test_a_test_that_could_not_be_made_counts_for_nothing() -> None:
    with_gap = benjamini_hochberg([0.01, np.nan, 0.04])
    assert np.isnan(with_gap[1])
    assert with_gap[[0, 2]].tolist() == benjamini_hochberg([0.01, 0.04]).tolist()


def test_nothing_tried_is_nothing_adjusted() -> None:
    assert benjamini_hochberg([]).tolist() == []
    assert np.isnan(benjamini_hochberg([np.nan])).all()


def test_it_adjusts_over_the_whole_table_whatever_its_shape() -> None:
    flat = benjamini_hochberg(PUBLISHED)
    assert benjamini_hochberg(np.reshape(PUBLISHED, (5, 3))).tolist() == flat.reshape(5, 3).tolist()


@given(st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 1.0]), min_size=1, max_size=30))
def test_it_says_what_scipy_says(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([0.5, 1.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 30))
def test_tests_with_a_p_value_of_one_may_be_counted_instead_of_given(p: list[float], more: int) -> None:
    whole = benjamini_hochberg([*p, *[1.0] * more])
    assert benjamini_hochberg(p, tests=len(p) + more) == pytest.approx(whole[: len(p)])


def test_fewer_tests_than_p_values_are_refused() -> None:
    with pytest.raises(ValueError, match="p-values of only"):
        benjamini_hochberg([0.1, 0.2], tests=1)
