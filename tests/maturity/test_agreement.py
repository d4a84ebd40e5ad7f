from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.maturity import agreement, linear_weights, weighted_kappa
from crmusage.model import Measure, Undefined

# Cohen (1968), Psychological Bulletin 70, 213-220, table 1: two clinicians, 200 patients, three diagnoses.
CLINICIANS = [[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]]
DISAGREEMENT = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]


def test_cohens_weighted_example_gives_his_figure() -> None:
    assert weighted_kappa(CLINICIANS, DISAGREEMENT) == pytest.approx(0.348, abs=0.0005)


def test_cohens_table_with_equal_weights_gives_his_unweighted_figure() -> None:
    equal = [[float(i != j) for j in range(3)] for i in range(3)]
    assert weighted_kappa(CLINICIANS, equal) == pytest.approx(0.492, abs=0.0005)


# Fleiss (1971), Psychological Bulletin 76, 378-382: 30 patients, each with six diagnoses out of five, as the R package
# irr (Gamer and others) has them. It gives Cohen's kappa 0.651 and with linear weights 0.633 for the first two
# columns, and Light's kappa 0.555 for the first three, 0.459 for all six.
DIAGNOSES = [
    [int(one) - 1 for one in row]
    for row in [
        "444444",
        "222555",
        "233335",
        "555555",
        "222444",
        "113333",
        "333355",
        "113334",
        "114444",
        "555555",
        "144444",
        "124444",
        "222333",
        "144444",
        "224445",
        "333335",
        "111455",
        "111112",
        "224444",
        "133555",
        "555555",
        "244444",
        "224555",
        "114444",
        "144445",
        "222224",
        "111155",
        "224444",
        "133333",
        "555555",
    ]
]
EQUAL = [[float(i != j) for j in range(5)] for i in range(5)]


def test_linear_weights_give_the_published_figure_for_two() -> None:
    first_two = [row[:2] for row in DIAGNOSES]
    assert agreement(first_two, 5).value == pytest.approx(0.633, abs=0.0005)
    assert agreement(first_two, 5, EQUAL).value == pytest.approx(0.651, abs=0.0005)


@pytest.mark.parametrize(("assessors", "kappa"), [(3, 0.555), (6, 0.459)])
def test_lights_mean_over_pairs_gives_the_published_figure(assessors: int, kappa: float) -> None:
    found = agreement([row[:assessors] for row in DIAGNOSES], 5, EQUAL)
    assert found.value == pytest.approx(kappa, abs=0.0005)
    assert found.low < kappa < found.high


def test_counts_and_shares_give_one_figure() -> None:
    counts = [[round(200 * share) for share in row] for row in CLINICIANS]
    assert weighted_kappa(counts, DISAGREEMENT) == pytest.approx(weighted_kappa(CLINICIANS, DISAGREEMENT))


def test_three_assessors_get_the_mean_over_their_pairs() -> None:
    ratings = [(2, 2, 1), (0, 1, 0), (2, 2, 2), (1, 0, 1), (0, 0, 2), (2, 1, 2)]
    pairs = [agreement([(row[i], row[j]) for row in ratings], 3) for i, j in [(0, 1), (0, 2), (1, 2)]]
    found = agreement(ratings, 3)
    assert found.value == pytest.approx(sum(pair.value for pair in pairs) / 3)
    assert found.low < found.value < found.high


def test_who_does_not_know_is_compared_on_the_rest() -> None:
    known = [(2, 2), (0, 0), (1, 2), (2, 1)]
    assert agreement([*known, (None, 2), (0, None)], 3).value == agreement(known, 3).value
    assert agreement([*known, (None, 2)], 3).denominator == 4


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ([(2,), (1,)], "one sheet only"),
        ([(2, None), (None, 1), (1, 1)], "fewer than two questions"),
        ([(2, 2), (2, 2), (2, 2)], "one and the same answer"),
        ([], "one sheet only"),
    ],
)
def test_without_data_there_is_no_figure_and_a_reason(ratings, reason: str) -> None:
    found = agreement(ratings, 3)
    assert isinstance(found, Undefined)
    assert reason in found.reason.en


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=3, max_size=15))
def test_it_lies_within_its_interval_and_does_not_depend_on_the_order_of_questions(ratings) -> None:
    found = agreement(ratings, 3)
    if isinstance(found, Undefined):
        return
    assert isinstance(found, Measure)
    assert found.value <= 1
    assert agreement(ratings[::-1], 3).value == pytest.approx(found.value)
    if found.low is not None and found.value >= -1:
        assert found.low <= found.value <= found.high


@given(st.lists(st.integers(0, 2), min_size=2, max_size=15).filter(lambda one: len(set(one)) > 1))
def test_full_agreement_is_one(answers) -> None:
    assert agreement([(one, one) for one in answers], 3).value == pytest.approx(1)


def test_linear_weights_count_yes_against_no_twice() -> None:
    assert linear_weights(3) == [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
