from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmusage.metrics import FEWEST_PEERS, Funnel, Peers, overdispersion

# Colditz et al. (1994): cases and participants of the thirteen trials of BCG vaccine, vaccinated and not.
VACCINATED = [(4, 123), (6, 306), (3, 231), (62, 13598), (33, 5069), (180, 1541), (8, 2545), (505, 88391), (29, 7499), (17, 1716), (186, 50634), (5, 2498), (27, 16913)]  # fmt: skip
OTHERS = [(11, 139), (29, 303), (11, 220), (248, 12867), (47, 5808), (372, 1451), (10, 629), (499, 88391), (45, 7277), (65, 1665), (141, 27338), (3, 2341), (29, 17854)]  # fmt: skip


def _units(seed: int, k: int = 40, tau: float = 0.07, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = np.maximum(rng.lognormal(5.5, 0.8, k).astype(int), 20)
    true = np.sin(math.asin(math.sqrt(share)) + rng.normal(0, tau, k)) ** 2
    return rng.binomial(n, true), n


def test_tau_squared_is_the_published_one_for_the_bcg_trials() -> None:
    # metafor's documentation gives Q = 152.2330 and, by DerSimonian and Laird, tau^2 = 0.3088.
    one, two = np.array(VACCINATED, dtype=float), np.array(OTHERS, dtype=float)
    ratios = np.log(one[:, 0] / one[:, 1] / (two[:, 0] / two[:, 1]))
    variances = 1 / one[:, 0] - 1 / one[:, 1] + 1 / two[:, 0] - 1 / two[:, 1]
    centre = float(np.average(ratios, weights=1 / variances))
    phi, tau2 = overdispersion(ratios, np.sqrt(variances), centre, winsorised=0)
    assert phi * 13 == pytest.approx(152.2330, abs=1e-4)
    assert tau2 == pytest.approx(0.3088, abs=5e-5)


def test_phi_is_the_one_that_funnelplotr_tests_for() -> None:
    # Its own test of six units, standardised ratios on the log scale: 2.948033.
    observed = np.array([100, 150, 180, 80, 120, 225])
    predicted = np.array([108, 112, 165, 95, 100, 220])
    phi, _ = overdispersion(np.log(observed / predicted), 1 / np.sqrt(predicted), 0.0, winsorised=0)
    assert round(phi, 6) == 2.948033


def test_limits_of_rates_are_those_that_funnelplotr_tests_for_to_within_the_event_that_exact_limits_add() -> (
    None
):
    # Its own test of limits without over-dispersion (test-poisson_limits.R): 15, 20 and 30 expected events, 95 %.
    expected = np.array([15, 20, 30])
    lower, upper = np.array([0.5596924, 0.6108260, 0.6746958]), np.array([1.649348, 1.544419, 1.427562])
    alike = Peers("root", 1.0, tau2=0.0, error2=0.0, units=50, freedom=1e9, one=0.5)
    _, low, high = np.array(alike.limits(expected)).T
    assert low * expected == pytest.approx(lower * expected, abs=0.1)
    # An exact upper limit is that of one event more.
    assert ((high < upper) & (upper * expected - high * expected < 1.25)).all()


def test_limits_with_over_dispersion_follow_from_the_phi_that_funnelplotr_tests_for() -> None:
    # phi of its six units as above; tau squared and the limits by the formulas of Spiegelhalter (2005).
    phi, weights = 2.948033, np.array([108, 112, 165, 95, 100, 220], dtype=float)
    tau2 = (6 * phi - 5) / (weights.sum() - (weights**2).sum() / weights.sum())
    peers = Peers("log", 0.0, tau2=tau2, error2=0.0, units=6, freedom=1e9, one=1.0)
    for size, low, high in peers.limits(weights):
        assert (math.log(low), math.log(high)) == pytest.approx(
            (-1.959964 * math.sqrt(1 / size + tau2), 1.959964 * math.sqrt(1 / size + tau2)), abs=1e-6
        )


def test_limits_for_a_further_unit_are_the_published_prediction_interval_of_ten_trials() -> None:
    # Ten trials on blood pressure, by the method of Higgins, Thompson and Spiegelhalter (2009), as the documentation
    # of R's pimeta (pima_hts) prints them: mean -0.3341, 95 % interval -0.5068 to -0.1613, tau squared 0.0282, and for
    # a further trial -0.7598 to 0.0917. Degrees of freedom: trials less one for the mean, less two for a further one.
    error = (0.5068 - 0.1613) / 2 / stats.t.ppf(0.975, 9)
    peers = Peers("log", -0.3341, tau2=0.0282, error2=error**2, units=10, freedom=8, one=1.0)
    ((_, low, high),) = peers.limits([1e12])
    assert (math.log(low), math.log(high)) == pytest.approx((-0.7598, 0.0917), abs=1e-3)


def test_winsorised_phi_and_tau_are_the_published_formulas() -> None:
    hits, n = _units(3)
    y, s = np.arcsin(np.sqrt(hits / n)), 1 / (2 * np.sqrt(n))
    target = math.asin(math.sqrt(hits.sum() / n.sum()))
    z = stats.mstats.winsorize(
        (y - target) / s, limits=(0.1, 0.1)
    )  # cuts at order statistics, ours between them
    phi, tau2 = overdispersion(y, s, target)
    assert phi == pytest.approx(float((z**2).mean()), rel=0.05)
    w = 1 / s**2
    assert tau2 == pytest.approx((40 * phi - 39) / (w.sum() - (w**2).sum() / w.sum()))


def test_units_that_differ_by_chance_alone_have_no_variance_between_them() -> None:
    phi, tau2 = overdispersion(np.zeros(10), np.full(10, 0.1), 0.0)
    assert (phi, tau2) == (0.0, 0.0)
    assert overdispersion([], [], 0.0)[1] == 0.0
    assert overdispersion([1.0], [0.1], 0.0)[1] == 0.0


@pytest.mark.parametrize("tau", [0.0, 0.05, 0.1])
def test_the_variance_between_units_is_recovered(tau: float) -> None:
    found = []
    for seed in range(60):
        peers = Funnel.of_shares(*_units(seed, tau=tau)).peers_of(0)
        assert peers is not None
        found.append(peers.tau2)
    assert math.sqrt(np.mean(found)) == pytest.approx(tau, abs=0.011)


@pytest.mark.parametrize("tau", [0.03, 0.1])
def test_peers_are_called_unlike_as_rarely_as_is_said(tau: float) -> None:
    funnels = [Funnel.of_shares(*_units(seed, tau=tau)) for seed in range(25)]
    standings = [funnel.standing(unit) for funnel in funnels for unit in range(40)]
    p = np.array([standing.p_apart for standing in standings if standing is not None])
    assert len(p) == 1000
    assert 0.03 < (p < 0.05).mean() < 0.07
    assert (p < 0.001).mean() < 0.006


def test_durations_are_judged_on_the_logarithm() -> None:
    rng = np.random.default_rng(4)
    n = np.full(30, 200)
    logs = math.log(40) + rng.normal(0, 0.2, 30)
    logs[7] = math.log(2)
    funnel = Funnel.of_durations(n, logs, np.full(30, 0.9))
    standing = funnel.standing(7)
    assert standing is not None
    assert standing.value == pytest.approx(2)
    assert standing.norm.value == pytest.approx(40, rel=0.15)
    assert standing.norm.low < 40 < standing.norm.high
    assert standing.p_below < 1e-6 < standing.p_above
    assert standing.norm.units == 29


def test_a_unit_is_left_out_of_its_own_norm() -> None:
    hits, n = _units(1)
    norms = []
    for share in (0.1, 0.9):
        hits[5] = round(share * n[5])
        standing = Funnel.of_shares(hits, n).standing(5)
        assert standing is not None
        norms.append(standing.norm)
    assert norms[0] == norms[1]


def test_one_unit_far_off_hardly_widens_the_limits_of_the_others() -> None:
    hits, n = _units(2)
    before = Funnel.of_shares(hits, n).peers_of(0)
    hits[9] = n[9]
    after = Funnel.of_shares(hits, n).peers_of(0)
    assert before is not None
    assert after is not None
    assert math.sqrt(after.tau2) < 1.25 * math.sqrt(before.tau2)
    assert after.middle == pytest.approx(before.middle, abs=0.01)


def test_the_larger_a_unit_the_narrower_the_limits_down_to_what_peers_differ() -> None:
    peers = Funnel.of_shares(*_units(2)).peers_of(0)
    assert peers is not None
    limits = peers.limits([20, 200, 2000, 2_000_000])
    widths = [high - low for _, low, high in limits]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0.1
    assert all(0 <= low < peers.middle < high <= 1 for _, low, high in limits)
    narrower = peers.limits([200], level=0.5)[0]
    assert limits[1][1] < narrower[1] < narrower[2] < limits[1][2]


def test_the_limits_of_a_plot_are_those_a_unit_is_judged_by() -> None:
    hits, n = _units(2)
    funnel = Funnel.of_shares(hits, n)
    peers, standing = funnel.peers_of(3), funnel.standing(3)
    assert peers is not None
    assert standing is not None
    assert peers.limits([n[3]])[0][1:] == (standing.norm.low, standing.norm.high)


def test_too_few_peers_are_no_norm() -> None:
    hits, n = _units(1, k=FEWEST_PEERS)
    assert Funnel.of_shares(hits, n).standing(0) is None
    hits, n = _units(1, k=FEWEST_PEERS + 1)
    assert Funnel.of_shares(hits, n).standing(0) is not None


def test_units_without_cases_are_no_peers_and_have_no_standing() -> None:
    hits, n = _units(1, k=8)
    hits[:2], n[:2] = 0, 0
    funnel = Funnel.of_shares(hits, n)
    assert funnel.standing(0) is None
    standing = funnel.standing(7)
    assert standing is not None
    assert standing.norm.units == 5


def test_a_single_unit_and_none_at_all_have_no_norm() -> None:
    assert Funnel.of_shares([3], [9]).standing(0) is None
    assert Funnel.of_durations([3], [1.0], [0.2]).peers_of(0) is None


@given(st.integers(0, 30), st.integers(1, 30), st.integers(6, 12))
def test_units_that_are_all_identical_are_each_as_expected(hits: int, more: int, k: int) -> None:
    n = hits + more
    standing = Funnel.of_shares([hits] * k, [n] * k).standing(0)
    assert standing is not None
    assert standing.z == pytest.approx(0, abs=1e-9)
    assert standing.p_apart == pytest.approx(1)
    assert standing.norm.value == pytest.approx(hits / n)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nobody_or_everybody_is_a_norm_too(share: float) -> None:
    n = np.full(10, 50)
    hits = (n * share).astype(int)
    hits[0] = 25
    standing = Funnel.of_shares(hits, n).standing(0)
    assert standing is not None
    assert standing.p_apart < 0.01
    assert 0 <= standing.norm.low <= share <= standing.norm.high <= 1


def test_durations_typed_in_by_a_machine_do_not_break_it() -> None:
    standing = Funnel.of_durations([50] * 8, [math.log(3)] * 8, [0.0] * 8).standing(0)
    assert standing is not None
    assert standing.p_apart == pytest.approx(1)
    assert math.isfinite(standing.norm.low)


def test_more_hits_than_cases_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and its denominator"):
        Funnel.of_shares([3, 7], [5, 5])


def test_without_winsorising_every_unit_counts_as_it_stands() -> None:
    hits, n = _units(2)
    hits[9] = n[9]
    plain = Funnel.of_shares(hits, n, winsorised=0).peers_of(0)
    robust = Funnel.of_shares(hits, n).peers_of(0)
    assert plain is not None
    assert robust is not None
    assert plain.tau2 > 2 * robust.tau2
    assert plain.freedom == plain.units - 1 > robust.freedom
