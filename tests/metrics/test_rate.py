from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crmusage.metrics import Funnel, dispersion, rate
from crmusage.model import Measure, Text, Undefined


@pytest.mark.parametrize("count", [1, 2, 5, 10, 40, 300])
def test_the_interval_is_near_the_exact_one(count: int) -> None:
    found = rate(count, 1.0)
    assert isinstance(found, Measure)
    exact = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert found.low == pytest.approx(exact[0], abs=0.06)
    assert found.high == pytest.approx(exact[1], rel=0.07)


def test_a_rate_is_told_per_unit_of_time_with_its_label() -> None:
    label = Text("pushes", "reports")
    found = rate(30, 60.0, name="pushes", label=label)
    assert isinstance(found, Measure)
    assert (found.value, found.numerator, found.denominator, found.label) == (0.5, 30, 60.0, label)


def test_clusters_widen_the_interval_by_the_root_of_the_dispersion() -> None:
    narrow, wide = rate(400, 100.0), rate(400, 100.0, dispersion=4.0)
    assert isinstance(narrow, Measure)
    assert isinstance(wide, Measure)
    assert narrow.low is not None
    assert wide.low is not None
    assert (4 - wide.low) / (4 - narrow.low) == pytest.approx(2, rel=0.05)


def test_no_time_is_no_rate_and_nothing_happens_less_than_never() -> None:
    assert isinstance(rate(0, 0.0), Undefined)
    with pytest.raises(ValueError, match="-1 times"):
        rate(-1, 1.0)


def _sums(counts: np.ndarray, spans: np.ndarray) -> tuple[int, int, int, int, int, int]:
    return (
        int(counts.sum()),
        int((counts**2).sum()),
        int((counts * spans).sum()),
        int((spans**2).sum()),
        int(spans.sum()),
        len(counts),
    )


def test_poisson_counts_have_a_dispersion_of_one_and_clustered_ones_as_much_as_their_clusters() -> None:
    rng = np.random.default_rng(1)
    spans = rng.integers(10, 200, 4000)
    alone = rng.poisson(spans * 0.02)
    assert dispersion(*_sums(alone, spans)) == pytest.approx(1.0, abs=0.08)
    # Five at a time: five times the variance.
    assert dispersion(*_sums(5 * rng.poisson(spans * 0.004), spans)) == pytest.approx(5.0, rel=0.1)


def test_too_little_to_tell_a_dispersion_is_none() -> None:
    assert dispersion(0, 0, 0, 25, 5, 1) == 1.0
    assert dispersion(3, 9, 15, 25, 5, 1) == 1.0


@pytest.mark.parametrize(("spread", "least", "most"), [(0.0, 0.01, 0.06), (0.08, 0.03, 0.07)])
def test_simulated_units_that_differ_as_units_do_are_rarely_told_apart(
    spread: float, least: float, most: float
) -> None:
    rng = np.random.default_rng(2)
    below = 0
    for _ in range(100):
        exposures = rng.uniform(30, 600, 20)
        rates = (0.63 + spread * rng.normal(size=20)) ** 2
        funnel = Funnel.of_rates(rng.poisson(rates * exposures), exposures)
        below += sum(
            (standing := funnel.standing(unit)) is not None and standing.p_above < 0.05 for unit in range(20)
        )
    assert least < below / 2000 < most


def test_a_funnel_of_rates_gives_its_norm_as_rates() -> None:
    exposures = np.full(12, 400.0)
    counts = np.array([100, 104, 96, 99, 101, 98, 103, 97, 102, 100, 95, 300])
    standing = Funnel.of_rates(counts, exposures).standing(11)
    assert standing is not None
    assert standing.norm.value == pytest.approx(0.25, abs=0.005)
    assert standing.norm.low < 0.25 < standing.norm.high < 0.35
    assert standing.p_above < 1e-6


@pytest.mark.parametrize(
    "bad", [([-1], [1.0], 1.0), ([1], [-1.0], 1.0), ([1], [1.0], -1.0), ([1, 2], [1.0], 1.0)]
)
def test_a_funnel_of_rates_takes_no_negative_figures(bad: tuple[list[int], list[float], float]) -> None:
    with pytest.raises(ValueError, match=r"one of each a unit|broadcast"):
        Funnel.of_rates(*bad)
