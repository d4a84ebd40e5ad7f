from __future__ import annotations

import pytest

from crmusage.metrics import Contrast, contrast
from crmusage.model import Undefined


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
        ((0, 10), (0, 10), -0.2775, 0.2775),
    ],
)
def test_the_interval_is_the_published_one(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = contrast(*first, *second)
    assert isinstance(found, Contrast)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_it_tells_the_difference_and_the_ratio() -> None:
    found = contrast(56, 70, 48, 80)
    assert isinstance(found, Contrast)
    assert (found.difference, found.ratio) == (pytest.approx(0.2), pytest.approx(0.8 / 0.6))


def test_a_ratio_to_nothing_is_none() -> None:
    found = contrast(1, 10, 0, 10)
    assert isinstance(found, Contrast)
    assert found.ratio is None


def test_an_empty_side_has_no_contrast() -> None:
    assert isinstance(contrast(1, 2, 0, 0), Undefined)
