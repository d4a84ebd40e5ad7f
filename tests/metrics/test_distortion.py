from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.metrics import distortion, period_spread


def test_a_shift_within_the_figures_own_ups_and_downs_is_hidden() -> None:
    series = 0.26 + np.random.default_rng(0).normal(0, 0.02, 24)
    bent = distortion("win_rate", 0.27, 0.26, series)
    assert (bent.measure, bent.hidden, bent.unit) == ("win_rate", True, "share")
    assert bent.shift == pytest.approx(0.01)
    assert bent.spread == pytest.approx(0.02, rel=0.5)


def test_a_shift_beyond_them_is_not() -> None:
    series = 0.26 + np.random.default_rng(0).normal(0, 0.002, 24)
    assert not distortion("win_rate", 0.27, 0.26, series).hidden
    assert not distortion("win_rate", 0.25, 0.26, series).hidden


def test_with_too_few_periods_nothing_is_said_to_be_hidden() -> None:
    bent = distortion("win_rate", 0.27, 0.26, [0.1, 0.9, 0.1, None, math.nan])
    assert (bent.hidden, bent.spread) == (False, None)


def test_the_spread_is_the_standard_deviation_of_an_even_figure() -> None:
    rng = np.random.default_rng(1)
    spreads = [period_spread(rng.normal(50, 3, 36)) for _ in range(200)]
    assert float(np.median([one for one in spreads if one is not None])) == pytest.approx(3, rel=0.1)


def test_neither_growth_nor_a_leap_nor_a_wild_month_counts_as_usual() -> None:
    noise = np.random.default_rng(2).normal(0, 1, 36)
    usual = period_spread(noise)
    assert usual is not None
    grown = period_spread(noise + 5 * np.arange(36))
    leapt = period_spread(noise + np.where(np.arange(36) < 18, 0, 100))
    wild = noise.copy()
    wild[20] = 500
    for other in (grown, leapt, period_spread(wild)):
        assert other == pytest.approx(usual, rel=0.35)


def test_a_gap_in_the_figure_is_passed_over() -> None:
    series = [1.0, 2.0, 1.0, 2.0, None, 2.0, 1.0, 2.0, 1.0]
    assert period_spread(series) == pytest.approx(1.4826 / math.sqrt(2))


def test_a_figure_that_mostly_stands_still_still_varies() -> None:
    assert period_spread([0.5] * 10 + [0.6] * 10) == pytest.approx(0.1 / 19 / 1.128)
    assert period_spread([0.5] * 20) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=30), st.floats(-1e6, 1e6))
def test_where_the_figure_lies_changes_nothing(series: list[float], shift: float) -> None:
    here, there = period_spread(series), period_spread([value + shift for value in series])
    assert here is not None
    assert there == pytest.approx(here, abs=1e-3)


def test_a_figure_that_is_there_only_every_other_month_has_no_known_spread() -> None:
    assert period_spread([0.1, None] * 8) is None
