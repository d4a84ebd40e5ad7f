from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmusage.metrics import LOG_STEPS, deviation_of_logs, fixed_log, mean_of_logs, typical_duration
from crmusage.model import Measure, Text, Undefined

durations = st.lists(st.floats(0.05, 1000), min_size=2, max_size=60)


def _sums(values: list[float]) -> tuple[int, int, int]:
    logs = fixed_log(values, least=1 / 24)
    return len(values), int(logs.sum()), int((logs**2).sum())


@given(durations)
def test_it_is_the_geometric_mean(values: list[float]) -> None:
    measure = typical_duration(*_sums(values), name="typical_cycle", unit="days")
    assert isinstance(measure, Measure)
    assert measure.value == pytest.approx(stats.gmean(values), rel=2e-4)


@given(durations)
def test_the_interval_is_students_on_the_logarithms(values: list[float]) -> None:
    n, total, squares = _sums(values)
    logs = fixed_log(values, least=1 / 24) / LOG_STEPS
    if np.ptp(logs) == 0:
        return
    measure = typical_duration(n, total, squares, name="typical_cycle", unit="days")
    assert isinstance(measure, Measure)
    low, high = stats.t.interval(0.95, n - 1, loc=logs.mean(), scale=stats.sem(logs))
    assert measure.low == pytest.approx(math.exp(low), rel=1e-6)
    assert measure.high == pytest.approx(math.exp(high), rel=1e-6)


@given(durations, durations)
def test_two_halves_add_up_to_the_whole(one: list[float], other: list[float]) -> None:
    whole = _sums(one + other)
    assert tuple(map(sum, zip(_sums(one), _sums(other), strict=True))) == whole


def test_the_squares_of_very_many_durations_keep_all_digits() -> None:
    logs = fixed_log([30.0, 40.0], least=1 / 24).tolist()
    n = 100_000_000
    total, squares = sum(logs) * n // 2, sum(log**2 for log in logs) * n // 2
    assert squares < 2**63
    assert deviation_of_logs(n, total, squares) == pytest.approx(
        abs(logs[0] - logs[1]) / 2 / LOG_STEPS, rel=1e-6
    )


def test_what_took_no_time_or_less_counts_as_the_least() -> None:
    assert fixed_log([-3.0, 0.0, 0.01], least=1 / 24).tolist() == [round(math.log(1 / 24) * LOG_STEPS)] * 3


def test_one_duration_has_no_interval_and_none_is_no_figure() -> None:
    n, total, squares = _sums([12.0])
    alone = typical_duration(n, total, squares, name="typical_cycle", unit="days")
    assert isinstance(alone, Measure)
    assert (alone.value, alone.low, alone.high) == (pytest.approx(12.0, rel=1e-3), None, None)
    assert typical_duration(0, 0, 0, name="typical_cycle", unit="days") == Undefined(
        "typical_cycle", Text("no duration to average", "aucune durée dont faire la moyenne")
    )


def test_durations_that_are_all_equal_do_not_vary() -> None:
    n, total, squares = _sums([7.0] * 9)
    assert deviation_of_logs(n, total, squares) == 0
    assert mean_of_logs(n, total) == pytest.approx(math.log(7), abs=1e-4)
