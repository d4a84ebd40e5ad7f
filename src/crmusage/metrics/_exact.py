from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]


def exact_above(
    hits: npt.ArrayLike, sizes: npt.ArrayLike, other_hits: npt.ArrayLike, other_sizes: npt.ArrayLike
) -> Floats:
    """The chance of as many hits or more among `sizes`, were these drawn from all of both: Fisher's test, mid-p.

    Half of what is exactly as likely as the observed counts (mid-p), so that the test is not needlessly shy with
    small numbers. All four have one shape; so has the result.

    Raises:
        ValueError: when hits are not within their sizes.

    Source: Fisher's exact test, one-sided; mid-p after Lancaster (1961).
    """
    k, n, m, others = (np.asarray(x, dtype=np.float64) for x in (hits, sizes, other_hits, other_sizes))
    if (k < 0).any() or (k > n).any() or (m < 0).any() or (m > others).any():
        raise ValueError("every number of hits is between 0 and its size")
    total, marked = n + others, k + m

    def choose(a: Floats, b: Floats) -> Floats:
        ways: Floats = gammaln(a + 1) - gammaln(b + 1) - gammaln(a - b + 1)
        return ways

    term = np.exp(choose(marked, k) + choose(total - marked, n - k) - choose(total, n))
    p = term / 2
    x = k.copy()
    most = np.minimum(marked, n)
    # Further hits are less and less likely once they are more than to be expected; before that all are added up.
    for _ in range(int((most - x).max(initial=0))):
        more = x < most
        ratio = (marked - x) * (n - x) / ((x + 1) * (total - marked - n + x + 1))
        term = np.where(more, term * np.where(more, ratio, 0.0), 0.0)
        p += term
        x += 1
        if not (term > 1e-17 * p).any():
            break
    return np.minimum(p, 1.0)
