from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.metrics._adjust import benjamini_hochberg

Floats = npt.NDArray[np.float64]


@attrs.frozen(eq=False)
class Hierarchy:
    """Which families say anything, and how sure each of their members is."""

    families: Floats
    """One q-value a family; NaN for a family without tests."""
    chosen: npt.NDArray[np.bool_]
    """The families in which anything may be found."""
    members: Floats
    """q-values in the shape of the p-values: below the level is found. 1 in families that are not chosen."""


def hierarchical(
    p_values: npt.ArrayLike, *, level: float = 0.05, tests: npt.ArrayLike | None = None
) -> Hierarchy:
    """p-values of families of tests (rows) adjusted for everything tried: families first, then within the chosen ones.

    A family (a unit) is judged by Simes' combination of all its tests (patterns), the families against each other
    by Benjamini and Hochberg. In the chosen ones the tests are adjusted again, at a level that is the stricter
    the fewer families were chosen. So the share of false finds is bounded by `level` on average over the units that
    are named, and a unit in which much was tried is not named for that alone.

    Args:
        p_values: [families, tests]; NaN for a test that could not be made.
        level: of false finds.
        tests: how many were made in each family, where those with a p-value of 1 are left out; None: all are given.

    Source: Benjamini and Bogomolov (2014), Selective inference on multiple families of hypotheses.
    """
    p = np.asarray(p_values, dtype=np.float64)
    within = np.full(p.shape, np.nan)
    simes = np.full(len(p), np.nan)
    made = np.count_nonzero(~np.isnan(p), axis=1) if tests is None else np.asarray(tests, dtype=np.int64)
    for row, n in enumerate(made.tolist()):
        within[row] = benjamini_hochberg(p[row], tests=n)
        if n:
            # Simes' p-value is the smallest adjusted one; where only those of 1 were made it is 1.
            simes[row] = np.nanmin(within[row], initial=1.0)
    families = benjamini_hochberg(simes)
    chosen = families <= level
    some = max(int(np.count_nonzero(chosen)), 1)
    price = np.count_nonzero(~np.isnan(simes)) / some
    members = np.where(chosen[:, None], np.minimum(within * price, 1.0), np.where(np.isnan(p), np.nan, 1.0))
    return Hierarchy(families, chosen, members)
