from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmusage.metrics import share, wilson
from crmusage.model import Measure, Text, Undefined

counts = st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_nothing_of_nothing_is_no_share_and_says_why() -> None:
    assert share(0, 0, name="win_rate") == Undefined(
        "win_rate", Text("nothing to take a share of", "total nul : aucun pourcentage à calculer")
    )


def test_a_share_carries_what_it_was_made_of() -> None:
    measure = share(15, 148, name="late_share")
    assert isinstance(measure, Measure)
    assert (measure.name, measure.numerator, measure.denominator, measure.unit) == (
        "late_share",
        15,
        148,
        "share",
    )
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 15 of 148, method 3.
    assert measure.low == pytest.approx(0.0624, abs=5e-5)
    assert measure.high == pytest.approx(0.1605, abs=5e-5)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    # The other rows of that table.
    [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=5e-5)


@given(counts)
def test_the_interval_agrees_with_scipy_and_holds_the_share(pair: tuple[int, int]) -> None:
    numerator, denominator = pair
    if denominator == 0:
        return
    low, high = wilson(numerator, denominator)
    theirs = stats.binomtest(numerator, denominator).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= low <= numerator / denominator <= high <= 1


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_part_of_a_whole_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        wilson(numerator, denominator)
