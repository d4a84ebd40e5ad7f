from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.model import Text, Undefined


@attrs.frozen
class Rotation:
    """How much of what happened lies in a window of each period, against all turns of the periods."""

    inside: int
    """In the windows, as it stands."""
    expected: float
    """The mean over all turns."""
    n: int
    p_value: float
    """The chance of as much or more inside, were each period turned by chance."""


def rotation_test(periods: Sequence[npt.ArrayLike], windows: Sequence[npt.ArrayLike]) -> Rotation | Undefined:
    """Whether things bunch in a window of their periods: a circular-shift null, worked out exactly.

    Each period (a quarter, by days) is closed to a ring and turned by every possible number of days, on its own.
    Turning keeps how things bunch (ten changes in one sitting stay together) and breaks only their tie to the
    window. The chance of every sum over the periods follows from those of each, so nothing is drawn at random.

    Args:
        periods: for each period, how often it happened on each of its days.
        windows: for each, which of its days are inside.

    Returns:
        The test; `Undefined` when nothing happened.

    Raises:
        ValueError: when a period and its window are not of one length.
    """
    chance = np.ones(1)
    inside, total, expected = 0, 0, 0.0
    for counts, window in zip(periods, windows, strict=True):
        on, mask = np.asarray(counts, dtype=np.int64), np.asarray(window, dtype=bool)
        if on.shape != mask.shape or on.ndim != 1:
            raise ValueError("a period and its window have the same days")
        if not on.any():
            continue
        turns = np.array([int(np.roll(on, by)[mask].sum()) for by in range(len(on))])
        inside, total, expected = (
            inside + int(turns[0]),
            total + int(on.sum()),
            expected + float(turns.mean()),
        )
        chance = np.convolve(chance, np.bincount(turns) / len(turns))
    if total == 0:
        return Undefined(
            "rotation",
            Text(
                "nothing happened in any of the periods",
                "il ne s'est rien passé, dans aucune des périodes",
            ),
        )
    return Rotation(inside, expected, total, float(min(1.0, chance[inside:].sum())))
