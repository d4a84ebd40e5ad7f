from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.metrics import Change, change_point, first_of_month, onset
from crmusage.model import Onset, Undefined

START = 12 * 54  # January 2024
MONTHS = np.arange(START, START + 24)


def _shares(seed: int, at: int, before: float, after: float, n: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = rng.poisson(n, 24)
    return rng.binomial(sizes, np.where(np.arange(24) < at, before, after)), sizes


def test_a_share_that_leaps_is_dated_to_the_month() -> None:
    hits, n = _shares(0, 15, 0.02, 0.9)
    found = onset(MONTHS, hits, n)
    assert isinstance(found, Onset)
    assert found.value == found.low == found.high == dt.date(2025, 4, 1)
    assert found.before == pytest.approx(0.02, abs=0.02)
    assert found.after == pytest.approx(0.9, abs=0.08)


def test_a_steady_share_has_been_so_for_as_long_as_the_data_go_back() -> None:
    hits, n = _shares(1, 24, 0.9, 0.9)
    found = onset(MONTHS, hits, n)
    assert found == Onset(None, after=pytest.approx(hits.sum() / n.sum()))


def test_a_share_of_none_or_of_all_throughout_has_no_onset() -> None:
    for hits in (np.zeros(24), np.full(24, 10)):
        found = onset(MONTHS, hits, np.full(24, 10))
        assert isinstance(found, Onset)
        assert found.value is None


def test_too_few_months_cannot_tell() -> None:
    assert isinstance(onset(MONTHS[:3], [0, 0, 9], [9, 9, 9]), Undefined)
    assert isinstance(onset(MONTHS[:6], [0, 0, 9, 0, 0, 0], [9, 9, 9, 0, 0, 0]), Undefined)
    assert isinstance(onset([], [], []), Undefined)


def test_months_without_cases_are_passed_over() -> None:
    hits, n = _shares(0, 15, 0.02, 0.9)
    hits[3:6], n[3:6] = 0, 0
    found = onset(MONTHS, hits, n)
    assert isinstance(found, Onset)
    assert found.value == dt.date(2025, 4, 1)


def test_only_the_direction_that_is_asked_for_is_told() -> None:
    hits, n = _shares(0, 15, 0.9, 0.02)
    fell, rose = (onset(MONTHS, hits, n, direction=way) for way in ("down", "up"))
    assert isinstance(fell, Onset)
    assert isinstance(rose, Onset)
    assert fell.value == dt.date(2025, 4, 1)
    assert rose.value is None


def test_a_change_is_told_in_a_steady_share_as_rarely_as_is_said() -> None:
    told = 0
    for seed in range(200):
        change = change_point(MONTHS, *_shares(seed, 24, 0.3, 0.3), draws=199)
        assert isinstance(change, Change)
        told += change.p_value <= 0.05
    assert told <= 20


def test_months_that_vary_more_than_chance_do_not_make_a_change() -> None:
    rng = np.random.default_rng(3)
    told = 0
    for seed in range(100):
        n = np.full(24, 60)
        change = change_point(MONTHS, rng.binomial(n, rng.beta(2, 5, 24)), n, seed=seed, draws=199)
        assert isinstance(change, Change)
        told += change.p_value <= 0.05
    assert told <= 12


def test_the_interval_holds_the_true_month_nearly_always() -> None:
    held = 0
    for seed in range(200):
        change = change_point(MONTHS, *_shares(seed, 12, 0.1, 0.35, n=15), draws=0)
        assert isinstance(change, Change)
        held += change.low <= MONTHS[12] <= change.high
    assert held >= 180


def test_the_same_seed_gives_the_same_chance() -> None:
    hits, n = _shares(5, 12, 0.2, 0.35, n=8)
    one, two = (change_point(MONTHS, hits, n, seed=7) for _ in range(2))
    assert one == two


@given(
    st.lists(
        st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=4,
        max_size=15,
    )
)
def test_the_best_point_is_within_its_interval_and_between_the_first_and_the_last(
    pairs: list[tuple[int, int]],
) -> None:
    times = np.arange(len(pairs)) * 3
    change = change_point(times, [hit for hit, _ in pairs], [n for _, n in pairs], draws=19)
    assert isinstance(change, Change)
    assert times[0] < change.low <= change.at <= change.high <= times[-1]
    assert 0 < change.p_value <= 1


@pytest.mark.parametrize(
    ("months", "hits", "n"),
    [([1, 2], [1], [1, 1]), ([2, 1], [0, 0], [1, 1]), ([1, 2], [2, 0], [1, 1]), ([1, 2], [-1, 0], [1, 1])],
)
def test_what_does_not_go_together_is_refused(months: list[int], hits: list[int], n: list[int]) -> None:
    with pytest.raises(ValueError, match="numerator"):
        change_point(months, hits, n)


def test_months_are_counted_from_january_1970() -> None:
    assert first_of_month(0) == dt.date(1970, 1, 1)
    assert first_of_month(-1) == dt.date(1969, 12, 1)
    assert first_of_month(12 * 55 + 11) == dt.date(2025, 12, 1)
