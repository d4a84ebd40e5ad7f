from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs
import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from crmusage.model import Onset, Text, Undefined

Direction = Literal["up", "down", "any"]

FEWEST_TIMES = 4
"""Two before and two after: with less, a change and a chance month look the same. Guessed."""

SURE = 0.05
"""A change is told when the chance of one as great in a steady series is at most this."""

_DRAWS = 999
# Twice the logarithm of the likelihood. The usual 3.84 is for smooth likelihoods: with it the interval holds
# the true month in 87 to 93 % of simulated series (leaps of 15 to 25 points), with 6 in 95 to 98 %.
_PROFILE = 6.0


@attrs.frozen
class Change:
    """The one best point at which a share changed, whether or not it can be told from chance."""

    at: int
    """The time since which it is so."""
    low: int
    high: int
    before: float
    after: float
    p_value: float
    """The chance of a change as great if the same times had come in any other order."""


def onset(
    months: npt.ArrayLike,
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    *,
    direction: Direction = "any",
    seed: int = 0,
) -> Onset | Undefined:
    """Since when a share is what it is.

    Args:
        months: months since January 1970, ascending.
        numerators: how many did, in each month.
        denominators: of how many.
        direction: look only for a rise ("up"), only for a fall ("down"), or for either.
        seed: for the random orders of the months.

    Returns:
        The onset with its 95 % interval and the shares before and since; one without a date when no change
        can be told from chance: so for as far back as the data go; `Undefined` when they could not have told
        one.
    """
    change = change_point(months, numerators, denominators, direction=direction, seed=seed)
    if isinstance(change, Undefined):
        return change
    if change.p_value > SURE:
        return Onset(None, after=float(np.sum(numerators)) / float(np.sum(denominators)))
    return Onset(
        first_of_month(change.at),
        first_of_month(change.low),
        first_of_month(change.high),
        change.before,
        change.after,
    )


def change_point(
    times: npt.ArrayLike,
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    *,
    direction: Direction = "any",
    seed: int = 0,
    draws: int = _DRAWS,
) -> Change | Undefined:
    """The point that best divides a share into a before and an after, by the binomial likelihood ratio.

    The interval is the set of points whose likelihood is within 3 of the best; the p-value compares the
    best ratio with those of the same values in random order, so that a share which varies more than chance
    does not make a change. Times without a denominator are passed over.

    Args:
        times: whole numbers, ascending: months, days.
        numerators: how many did, at each time.
        denominators: of how many.
        direction: look only for a rise, only for a fall, or for either.
        seed: for the random orders.
        draws: how many of them; 0 when it is known that there is a change, and only asked where: p is 1.

    Raises:
        ValueError: when the three do not go together or a numerator is not within its denominator.
    """
    time = np.asarray(times, dtype=np.int64)
    hits = np.asarray(numerators, dtype=np.float64)
    n = np.asarray(denominators, dtype=np.float64)
    if not time.shape == hits.shape == n.shape or time.ndim != 1:
        raise ValueError("times, numerators and denominators are three lists of one length")
    if (hits < 0).any() or (hits > n).any() or (np.diff(time) <= 0).any():
        raise ValueError("times ascend, and every numerator is between 0 and its denominator")
    time, hits, n = time[n > 0], hits[n > 0], n[n > 0]
    if len(time) < FEWEST_TIMES:
        return Undefined(
            "onset",
            Text(
                f"fewer than {FEWEST_TIMES} times with cases",
                f"moins de {FEWEST_TIMES} périodes comportant des dossiers",
            ),
        )
    ratios = _ratios(hits[None, :], n[None, :], direction)[0]
    best = int(np.argmax(ratios))
    order = np.argsort(np.random.default_rng(seed).random((draws, len(time))), axis=1)
    at_random = _ratios(hits[order], n[order], direction).max(axis=1)
    # A hair of tolerance: an order that divides the values as the real one does is as great.
    as_great = int(np.count_nonzero(at_random >= ratios[best] - 1e-9))
    near = np.flatnonzero(2 * (ratios[best] - ratios) <= _PROFILE)
    before, after = slice(0, best + 1), slice(best + 1, None)
    return Change(
        at=int(time[best + 1]),
        low=int(time[near[0]]) + 1,
        high=int(time[near[-1] + 1]),
        before=float(hits[before].sum() / n[before].sum()),
        after=float(hits[after].sum() / n[after].sum()),
        p_value=(1 + as_great) / (1 + draws),
    )


def first_of_month(month: int) -> dt.date:
    """The first day of a month given in months since January 1970."""
    return dt.date(1970 + month // 12, month % 12 + 1, 1)


def _ratios(
    hits: npt.NDArray[np.float64], n: npt.NDArray[np.float64], direction: Direction
) -> npt.NDArray[np.float64]:
    """For each row and each place to divide it, how much likelier two shares are than one (logarithm)."""
    all_hits, all_n = hits.sum(axis=1, keepdims=True), n.sum(axis=1, keepdims=True)
    hits1, n1 = hits.cumsum(axis=1)[:, :-1], n.cumsum(axis=1)[:, :-1]
    hits2, n2 = all_hits - hits1, all_n - n1
    gain = _likelihood(hits1, n1) + _likelihood(hits2, n2) - _likelihood(all_hits, all_n)
    rise = hits2 / n2 - hits1 / n1
    if direction == "up":
        gain = np.where(rise > 0, gain, 0.0)
    elif direction == "down":
        gain = np.where(rise < 0, gain, 0.0)
    return np.maximum(gain, 0.0)


def _likelihood(hits: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = xlogy(hits, hits / n) + xlogy(n - hits, 1 - hits / n)
    return result
