from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmusage.metrics import Funnel, Odds, exact_above, hierarchical, mantel_haenszel, standings
from crmusage.model import Undefined


@given(st.integers(0, 10**6), st.integers(2, 12))
def test_many_standings_at_once_are_those_of_the_funnel_one_by_one(seed: int, units: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 200, (6, units))
    sizes[:, 0] += 1
    hits = rng.binomial(sizes, rng.uniform(0, 1, (6, 1)))
    found = standings(hits[:, 0], sizes[:, 0], hits[:, 1:], sizes[:, 1:])
    for row in range(6):
        one = Funnel.of_shares(hits[row], sizes[row]).standing(0)
        if one is None:
            assert np.isnan(found.p_above[row])
            continue
        assert found.p_above[row] == pytest.approx(one.p_above, rel=1e-6, abs=1e-12)
        assert found.z[row] == pytest.approx(one.z, rel=1e-6, abs=1e-9)
        assert (found.middle[row], found.low[row], found.high[row]) == pytest.approx(
            (one.norm.value, one.norm.low, one.norm.high), abs=1e-7
        )
        assert found.peers[row] == one.norm.units


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 60), st.integers(1, 60))
def test_the_exact_chance_is_that_of_the_hypergeometric_distribution(
    k: int, n: int, m: int, others: int
) -> None:
    k, m = min(k, n), min(m, others)
    chance = stats.hypergeom(n + others, k + m, n)
    wanted = chance.sf(k) + chance.pmf(k) / 2
    assert float(exact_above([k], [n], [m], [others])[0]) == pytest.approx(wanted, rel=1e-8, abs=1e-12)


def test_the_published_admissions_to_berkeley_give_the_published_odds() -> None:
    # Bickel, Hammel and O'Connell (1975), six departments: admitted and rejected, men and women.
    departments = [
        [[512, 313], [89, 19]],
        [[353, 207], [17, 8]],
        [[120, 205], [202, 391]],
        [[138, 279], [131, 244]],
        [[53, 138], [94, 299]],
        [[22, 351], [24, 317]],
    ]
    odds = mantel_haenszel(departments)
    assert isinstance(odds, Odds)
    # As R's mantelhaen.test(UCBAdmissions) prints them.
    assert odds.ratio == pytest.approx(0.9046968, abs=1e-6)
    assert (odds.low, odds.high) == pytest.approx((0.7719074, 1.0603298), abs=1e-6)
    assert odds.p_value == pytest.approx(0.2323, abs=5e-4)


def test_layers_that_differ_do_not_make_an_association_of_their_own() -> None:
    # In both layers half and half; put together it would look as if the usage helped.
    odds = mantel_haenszel([[[90, 10], [9, 1]], [[1, 9], [10, 90]]])
    assert isinstance(odds, Odds)
    assert odds.ratio == pytest.approx(1.0)


def test_odds_without_both_sides_are_undefined() -> None:
    assert isinstance(mantel_haenszel([[[5, 5], [0, 0]]]), Undefined)
    assert isinstance(mantel_haenszel([[[5, 0], [5, 5]]]), Undefined)


def test_of_families_without_anything_hardly_one_in_twenty_looks_is_chosen() -> None:
    rng = np.random.default_rng(3)
    named = [hierarchical(rng.random((10, 200))).chosen.any() for _ in range(300)]
    assert np.mean(named) <= 0.08


def test_one_true_family_is_chosen_and_its_true_members_are_found() -> None:
    rng = np.random.default_rng(4)
    p = rng.random((10, 200))
    p[2, :5] = 1e-9
    found = hierarchical(p)
    assert found.chosen.tolist() == [row == 2 for row in range(10)]
    assert np.flatnonzero((found.members <= 0.05).any(axis=0)).tolist()[:5] == [0, 1, 2, 3, 4]
    assert (found.members[3] == 1).all()


def test_a_test_that_was_not_made_has_no_q_value() -> None:
    found = hierarchical([[0.001, np.nan], [np.nan, np.nan]])
    assert np.isnan(found.members[0, 1])
    assert np.isnan(found.families[1])
    assert found.chosen.tolist() == [True, False]


def test_of_families_too_tests_with_a_p_value_of_one_may_be_counted() -> None:
    rng = np.random.default_rng(5)
    p = rng.random((6, 40)) ** 6
    some = np.hstack([p, np.ones((6, 60))])
    whole, counted = hierarchical(some), hierarchical(p, tests=[100] * 6)
    assert counted.members == pytest.approx(whole.members[:, :40])
    assert counted.families == pytest.approx(whole.families)
    assert np.isnan(hierarchical(np.full((1, 2), np.nan), tests=[0]).families[0])
    assert hierarchical(np.full((1, 0), np.nan), tests=[7]).families.tolist() == [1.0]
