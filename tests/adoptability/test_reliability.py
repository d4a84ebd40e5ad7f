from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.adoptability import alpha, omega, omega_of, one_factor
from crmusage.adoptability._student import beta_share, f_quantile, t_quantile
from crmusage.model import Measure, Undefined

# The questionnaire of Zaiontz (Real Statistics Using Excel, "Cronbach's Alpha"), 15 students, 10 questions, as the
# pingouin package (Vallat 2018) has it; it gives alpha 0.5917 and the interval 0.195 to 0.840.
STUDENTS = list(
    zip(
        (3, 5, 7, 2, 6, 1, 4, 2, 6, 5, 4, 4, 5, 6, 4),
        (2, 4, 3, 4, 5, 2, 3, 4, 5, 4, 3, 2, 5, 5, 3),
        (4, 6, 5, 3, 6, 3, 5, 4, 5, 6, 5, 3, 6, 5, 5),
        (1, 3, 5, 3, 5, 4, 3, 3, 5, 4, 2, 2, 2, 4, 5),
        (4, 5, 6, 2, 4, 2, 5, 7, 1, 3, 5, 5, 3, 2, 3),
        (5, 1, 4, 2, 4, 5, 2, 2, 6, 5, 3, 3, 3, 2, 1),
        (1, 2, 3, 2, 4, 2, 1, 2, 5, 3, 2, 4, 2, 1, 3),
        (4, 5, 3, 6, 6, 3, 2, 4, 2, 1, 3, 2, 4, 4, 2),
        (3, 5, 6, 6, 7, 5, 4, 6, 3, 7, 4, 3, 4, 6, 3),
        (2, 5, 5, 3, 5, 2, 3, 5, 2, 2, 1, 4, 5, 5, 4),
        strict=True,
    )
)

# Spearman's five tests in Harman, Modern Factor Analysis (3rd ed., p. 116), with the communalities of the one-factor
# maximum likelihood solution as SAS prints them.
SPEARMAN = [
    [1.000, 0.485, 0.400, 0.397, 0.295],
    [0.485, 1.000, 0.397, 0.397, 0.247],
    [0.400, 0.397, 1.000, 0.335, 0.275],
    [0.397, 0.397, 0.335, 1.000, 0.195],
    [0.295, 0.247, 0.275, 0.195, 1.000],
]
COMMUNALITIES = [0.49542, 0.46625, 0.34391, 0.32029, 0.15870]


def test_alpha_and_its_interval_are_those_published() -> None:
    found = alpha(STUDENTS)
    assert found.value == pytest.approx(0.5917188, abs=5e-7)
    assert found.low == pytest.approx(0.195, abs=5e-4)
    assert found.high == pytest.approx(0.840, abs=5e-4)
    assert found.denominator == 15


def test_alpha_of_two_statements_follows_from_their_correlation() -> None:
    # Two items with variance 1 and covariance c have the variances 2 and 2 + 2c: alpha is 2c / (1 + c).
    rows = [(1, 1), (-1, -1), (1, -1), (-1, 1), (1, 1), (-1, -1)]
    c = 1 / 3
    assert alpha(rows).value == pytest.approx(2 * c / (1 + c))


def test_the_one_factor_solution_is_the_one_published() -> None:
    loadings, unique = one_factor(SPEARMAN)
    assert [one**2 for one in loadings] == pytest.approx(COMMUNALITIES, abs=2e-5)
    assert unique == pytest.approx([1 - one for one in COMMUNALITIES], abs=2e-5)
    by_hand = sum(one**0.5 for one in COMMUNALITIES) ** 2
    assert omega_of(loadings, unique) == pytest.approx(
        by_hand / (by_hand + sum(1 - one for one in COMMUNALITIES)), abs=1e-5
    )


def test_omega_is_the_one_published() -> None:
    # The worked example of the Wikipedia article "Congeneric reliability" (another name of omega): the covariances that
    # the one-factor model implies for four scores, to two decimals; it gives 106.22 / (106.22 + 18.01) = .8550.
    implied = [
        [10.00, 4.42, 4.98, 6.98],
        [4.42, 11.00, 5.71, 7.99],
        [4.98, 5.71, 12.00, 9.01],
        [6.98, 7.99, 9.01, 13.00],
    ]
    loadings, unique = one_factor(implied)
    assert sum(loadings) ** 2 == pytest.approx(106.22, abs=0.1)
    assert sum(unique) == pytest.approx(18.01, abs=0.03)
    assert omega_of(loadings, unique) == pytest.approx(0.8550, abs=5e-4)


def test_three_variables_have_the_closed_solution_of_spearman() -> None:
    a, b, c = 0.83, 0.78, 0.67
    loadings, _ = one_factor([[1, a, b], [a, 1, c], [b, c, 1]])
    assert [one**2 for one in loadings] == pytest.approx([a * b / c, a * c / b, b * c / a], abs=1e-6)


@given(st.lists(st.floats(0.3, 2), min_size=3, max_size=5), st.data())
def test_a_model_that_holds_exactly_is_found_again(loadings, data) -> None:
    unique = [data.draw(st.floats(0.3, 3)) for _ in loadings]
    s = [
        [a * b + (unique[i] if i == j else 0) for j, b in enumerate(loadings)] for i, a in enumerate(loadings)
    ]
    found = one_factor(s)
    assert found is not None
    assert omega_of(*found) == pytest.approx(omega_of(loadings, unique), abs=1e-4)


def test_omega_is_not_below_alpha_where_loadings_differ_and_one_factor_holds() -> None:
    rng = random.Random(3)
    rows = []
    for _ in range(400):
        factor = rng.gauss(0, 1)
        rows.append([load * factor + rng.gauss(0, 1) for load in (0.4, 0.8, 1.2, 1.6)])
    assert omega(rows).value > alpha(rows).value


def test_equally_good_items_have_one_alpha_and_omega() -> None:
    rng = random.Random(4)
    rows = []
    for _ in range(3000):
        factor = rng.gauss(0, 1)
        rows.append([factor + rng.gauss(0, 1) for _ in range(4)])
    assert omega(rows).value == pytest.approx(0.8, abs=0.02)
    assert omega(rows).value == pytest.approx(alpha(rows).value, abs=0.005)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "fewer than two people"),
        ([(1, 2, 3)], "fewer than two people"),
        ([(1,), (2,), (3,)], "fewer than two statements"),
        ([(3, 3, 3), (3, 3, 3)], "nothing varies"),
    ],
)
@pytest.mark.parametrize("coefficient", [alpha, omega])
def test_without_people_statements_or_spread_there_is_none_and_a_reason(
    coefficient, rows, reason: str
) -> None:
    found = coefficient(rows)
    assert isinstance(found, Undefined)
    assert reason in found.reason.en


def test_two_statements_make_no_factor() -> None:
    rows = [(1, 2), (2, 3), (4, 3), (5, 5)]
    assert isinstance(alpha(rows), Measure)
    assert isinstance(omega(rows), Undefined)


def test_a_factor_that_leaves_nothing_unique_is_no_solution() -> None:
    # Two statements answered alike by everybody: all their variance would be common.
    rows = [(1, 1, 3), (2, 2, 1), (3, 3, 5), (4, 4, 2), (5, 5, 4)]
    assert omega(rows).reason.en == "one common factor does not fit these answers"


@pytest.mark.parametrize(
    ("p", "df", "value"),
    [(0.975, 1, 12.706), (0.975, 4, 2.776), (0.975, 9, 2.262), (0.975, 30, 2.042), (0.95, 10, 1.812)],
)
def test_students_quantiles_are_those_of_the_tables(p: float, df: int, value: float) -> None:
    assert t_quantile(p, df) == pytest.approx(value, abs=5e-4)
    assert t_quantile(1 - p, df) == pytest.approx(-value, abs=5e-4)


@pytest.mark.parametrize(("p", "above", "below", "value"), [(0.95, 5, 10, 3.326), (0.975, 14, 126, 1.973)])
def test_fishers_quantiles_are_those_of_the_tables(p: float, above: int, below: int, value: float) -> None:
    assert f_quantile(p, above, below) == pytest.approx(value, abs=2e-3)


@given(st.floats(0.01, 0.99), st.floats(0.5, 200), st.floats(0.5, 200))
def test_the_beta_share_agrees_with_scipy(x: float, a: float, b: float) -> None:
    special = pytest.importorskip("scipy.special")
    assert beta_share(x, a, b) == pytest.approx(float(special.betainc(a, b, x)), rel=1e-8, abs=1e-12)
