from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import RuleError
from crmusage.knowledge import (
    RELAY_KEEPS,
    TRAINING_KEEPS,
    Departure,
    Erosion,
    Refresher,
    Release,
    curve,
    handed_on,
    simulate,
)

shares = st.floats(0, 1)
rates = st.floats(0, 0.9)
erosions = st.builds(Erosion, shares, shares, rates, rates, rates, shares, shares, shares)


def test_with_the_assumptions_of_the_source_the_figure_of_the_source_comes_out():
    assert (TRAINING_KEEPS, RELAY_KEEPS) == (0.8, 0.8)
    known = [Erosion().share(months) for months in range(36, 49)]
    assert all(0.30 <= share <= 0.40 for share in known)
    assert Erosion().share(24) > 0.40


def test_four_to_five_pairs_of_hands_alone_leave_a_third_to_two_fifths():
    assert handed_on(4) == pytest.approx(0.41, abs=0.005)
    assert handed_on(5) == pytest.approx(0.33, abs=0.005)


@given(erosions, st.integers(0, 60))
def test_the_closed_form_is_the_recurrence(erosion, months):
    assert erosion.share(months) == pytest.approx(curve(erosion, months)[-1], abs=1e-9)


@given(erosions)
def test_a_month_is_its_three_steps(e):
    s = 0.7
    s = (1 - e.forgetting) * s
    told = e.relay_keeps * ((1 - e.champion_tells) * s + e.champion_tells * e.champion_knows)
    s = (1 - e.turnover) * s + e.turnover * told
    s = (s + e.release_known * e.growth) / (1 + e.growth)
    assert e.next(0.7) == pytest.approx(s)
    assert 0 <= s <= 1


def test_a_year_of_one_cause_alone_takes_what_it_says():
    calm = {"turnover_a_year": 0.0, "forgetting_a_year": 0.0, "growth_a_year": 0.0}
    assert Erosion(**calm).share(120) == 0.8
    assert Erosion(**{**calm, "forgetting_a_year": 0.1}).share(12) == pytest.approx(0.8 * 0.9)
    growing = Erosion(**{**calm, "growth_a_year": 0.25}, release_known=0.0)
    assert growing.share(12) == pytest.approx(0.8 / 1.25)
    leaving = Erosion(**{**calm, "turnover_a_year": 0.3}, relay_keeps=0.0)
    assert leaving.share(12) == pytest.approx(0.8 * 0.7)


EVENTS = (Release(6, 0.2), Departure(12, 0.5), Departure(18, 0.25, handed_over=False), Refresher(20))


@pytest.mark.parametrize(
    ("erosion", "events"),
    [(Erosion(), ()), (Erosion(champion_tells=0.5), ()), (Erosion(growth_a_year=0.0), EVENTS)],
    ids=["source", "champion", "events"],
)
def test_persons_simulated_one_by_one_agree_with_the_closed_form(erosion, events):
    spread = simulate(erosion, 36, people=20, events=events, runs=80, seed=7)
    expected = curve(erosion, 36, events)
    for month in (0, 6, 12, 18, 20, 24, 36):
        # Four standard errors of the mean (the interval is about four standard deviations wide), and the rounding
        # of growth to whole capabilities.
        error = (spread.high[month] - spread.low[month]) / 80**0.5 + 0.01
        assert spread.mean[month] == pytest.approx(expected[month], abs=error)
        assert spread.low[month] <= expected[month] <= spread.high[month]


def test_a_small_team_may_be_further_from_the_mean_than_a_large_one():
    small, large = (simulate(Erosion(), 24, people=n, runs=40, seed=1) for n in (4, 40))
    assert small.high[-1] - small.low[-1] > 1.5 * (large.high[-1] - large.low[-1])


def test_the_same_seed_gives_the_same_companies():
    once, again = (simulate(Erosion(), 12, people=5, runs=10, seed=3) for _ in range(2))
    assert once == again


@given(erosions, shares)
def test_what_happens_leaves_a_share_a_share_and_only_teaching_and_champions_can_raise_it(erosion, share):
    assert share <= Refresher(1).after(share, erosion) <= 1
    left = Departure(1, 0.5).after(share, erosion)
    assert 0 <= left <= max(share, erosion.champion_knows)
    assert Departure(1, 0.5, handed_over=False).after(share, erosion) == pytest.approx(share / 2)


def test_those_who_leave_and_what_is_new_come_before_the_lesson_of_the_month():
    calm = Erosion(turnover_a_year=0.0, forgetting_a_year=0.0, growth_a_year=0.0, release_known=0.0)
    taught_last = curve(calm, 1, [Refresher(1), Release(1, 1.0)])[-1]
    assert taught_last == pytest.approx(0.4 + 0.6 * 0.8)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Erosion(training_keeps=80), "training_keeps is a share from 0 to 1"),
        (lambda: Erosion(turnover_a_year=1.0), "less than 1"),
        (lambda: Erosion(growth_a_year=-0.1), "growth_a_year is from 0 to 10"),
        (lambda: Release(0, 0.1), "month is a whole number"),
    ],
)
def test_a_rate_that_is_none_is_refused_with_its_name(make, said):
    with pytest.raises(RuleError, match=said):
        make()


def test_no_company_and_no_time_are_refused():
    with pytest.raises(ValueError, match="people"):
        simulate(Erosion(), 12, people=0)
    with pytest.raises(ValueError, match="-1"):
        curve(Erosion(), -1)


def test_where_nobody_forgets_or_leaves_every_simulated_company_stays_as_it_was_taught():
    calm = Erosion(1.0, turnover_a_year=0.0, forgetting_a_year=0.0, growth_a_year=0.0)
    spread = simulate(calm, 6, people=3, runs=5)
    assert spread.mean == spread.low == spread.high == (1.0,) * 7
