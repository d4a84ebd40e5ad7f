from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.metrics import Rotation, rotation_test
from crmusage.model import Undefined


def test_a_worked_example_by_hand() -> None:
    # Two rings of four days, the last one inside. 3 things on the last day of the first, 1 of 2 on that of the second.
    found = rotation_test([[0, 0, 0, 3], [1, 0, 0, 1]], [[0, 0, 0, 1], [0, 0, 0, 1]])
    assert isinstance(found, Rotation)
    assert (found.inside, found.n) == (4, 5)
    assert found.expected == pytest.approx(3 / 4 + 2 / 4)
    # 3 in one turn of four and 1 in two of four: 4 or more in 1/4 * 2/4.
    assert found.p_value == pytest.approx(1 / 8)


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 4), min_size=5, max_size=5),
            st.lists(st.booleans(), min_size=5, max_size=5),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_the_chance_is_that_of_counting_every_turn(drawn: list[tuple[list[int], list[bool]]]) -> None:
    rings = [(np.array(counts), np.array(window)) for counts, window in drawn]
    found = rotation_test([counts for counts, _ in rings], [window for _, window in rings])
    if sum(int(counts.sum()) for counts, _ in rings) == 0:
        assert isinstance(found, Undefined)
        return
    assert isinstance(found, Rotation)
    sums = [
        sum(int(np.roll(counts, by)[window].sum()) for by, (counts, window) in zip(turns, rings, strict=True))
        for turns in itertools.product(range(5), repeat=len(rings))
    ]
    assert found.inside == sums[0]
    assert found.p_value == pytest.approx(np.mean(np.array(sums) >= sums[0]))
    assert found.expected == pytest.approx(np.mean(sums))


def test_one_sitting_is_one_event_however_many_things_it_changes() -> None:
    ring, window = np.zeros(60, dtype=int), np.zeros(60, dtype=bool)
    window[-6:] = True
    ring[-1] = 500
    found = rotation_test([ring], [window])
    assert isinstance(found, Rotation)
    assert found.p_value == pytest.approx(6 / 60)


def test_rings_and_windows_go_together() -> None:
    with pytest.raises(ValueError, match="the same days"):
        rotation_test([[1, 2]], [[True]])
