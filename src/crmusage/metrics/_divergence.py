from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def divergences(counts: npt.ArrayLike) -> Floats:
    """How unlike each two rows of counts are as distributions, in bits: 0 alike, 1 nothing in common.

    Args:
        counts: [G, K], how often each of G groups did each of K things.

    Returns:
        [G, G], symmetric; NaN beside a row without counts. Small samples look more unlike than they are: compare
        with what the same sizes give by chance.

    Raises:
        ValueError: for a negative count.

    Source: Lin (1991), Divergence measures based on the Shannon entropy (both sides weigh the same).
    """
    n = np.asarray(counts, dtype=np.float64)
    if (n < 0).any():
        raise ValueError("counts are not negative")
    total = n.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = n / total[:, None]
    found = np.zeros((len(n), len(n)))
    own = _entropy(p)
    for row in range(len(n)):
        found[row] = _entropy((p[row] + p) / 2) - (own[row] + own) / 2
    found = np.clip(found, 0.0, 1.0)
    np.fill_diagonal(found, 0.0)
    found[total == 0] = np.nan
    found[:, total == 0] = np.nan
    return found


def _entropy(p: Floats) -> Floats:
    bits: Floats = -np.where(p > 0, p * np.log2(np.where(p > 0, p, 1.0)), 0.0).sum(axis=-1)
    return bits
