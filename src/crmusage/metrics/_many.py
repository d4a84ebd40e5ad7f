from __future__ import annotations

from statistics import NormalDist

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

from crmusage.metrics._funnel import FEWEST_PEERS, WINSORISED

Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@attrs.frozen(eq=False)
class Standings:
    """Where many units stand, one entry a question: what `Funnel.standing` says, for thousands at once.

    NaN where there are too few peers.
    """

    z: Floats
    p_above: Floats
    middle: Floats
    """The peers' middle share."""
    low: Floats
    high: Floats
    """The 95 % limits for a unit of this size."""
    peers: npt.NDArray[np.int64]


def standings(
    hits: npt.ArrayLike,
    sizes: npt.ArrayLike,
    peer_hits: npt.ArrayLike,
    peer_sizes: npt.ArrayLike,
    *,
    winsorised: float = WINSORISED,
) -> Standings:
    """Hold R shares, each against its own U peers.

    Args:
        hits: how many did, R.
        sizes: of how many, R, all above 0.
        peer_hits: [R, U], the unit itself not among them.
        peer_sizes: [R, U]; 0: not a peer in this question.
        winsorised: the part cut back at each end.

    Source: as `Funnel`, whose figures these are.
    """
    own, n = np.asarray(hits, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    of, among = np.asarray(peer_hits, dtype=np.float64), np.asarray(peer_sizes, dtype=np.float64)
    use = among > 0
    units = use.sum(axis=1)
    values = np.arcsin(np.sqrt(np.divide(of, among, out=np.zeros_like(of), where=use)))
    errors2 = np.maximum(np.divide(0.25, among, out=np.zeros_like(of), where=use), 1e-12)
    tau2 = np.zeros(len(own))
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(2):
            tau2 = _tau2(values, errors2, errors2 + tau2[:, None], use, winsorised)
        weights = np.where(use, 1 / (errors2 + tau2[:, None]), 0.0)
        centre, _ = _winsorised(values, weights, use, winsorised)
        deviation = np.sqrt(0.25 / n + tau2 + 1 / weights.sum(axis=1))
        freedom = np.maximum(1.0, units * (1 - 2 * winsorised) - 1)
        z = (np.arcsin(np.sqrt(own / n)) - centre) / deviation
        half = special.stdtrit(freedom, 0.975) * deviation
    few = units < FEWEST_PEERS
    z[few] = centre[few] = half[few] = np.nan

    def share(angle: Floats) -> Floats:
        back: Floats = np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2
        return back

    return Standings(
        z, special.stdtr(freedom, -z), share(centre), share(centre - half), share(centre + half), units
    )


def _tau2(values: Floats, errors2: Floats, variances: Floats, use: Bool, part: float) -> Floats:
    weights = np.where(use, 1 / variances, 0.0)
    _, distances = _winsorised(values, weights, use, part)
    normal = NormalDist()
    lost = 1.0
    if part > 0:
        z = normal.inv_cdf(1 - part)
        lost = (1 - 2 * part) - 2 * z * normal.pdf(z) + 2 * part * z**2
    q = (distances**2).sum(axis=1) / lost
    total = weights.sum(axis=1)
    squares = weights**2
    by_chance = (weights * errors2).sum(axis=1) - (squares * errors2).sum(axis=1) / total
    freedom = total - squares.sum(axis=1) / total
    found: Floats = np.maximum(0.0, (q - by_chance) / freedom)
    return found


def _winsorised(values: Floats, weights: Floats, use: Bool, part: float) -> tuple[Floats, Floats]:
    roots, total = np.sqrt(weights), weights.sum(axis=1)
    centre = (weights * values).sum(axis=1) / total
    cut = _cut((values - centre[:, None]) * roots, use, part)
    for _ in range(20):
        cut = _cut((values - centre[:, None]) * roots, use, part)
        step = (roots * cut).sum(axis=1) / total
        centre = centre + step
        if not (np.abs(step) >= 1e-9).any():
            break
    return centre, cut


def _cut(distances: Floats, use: Bool, part: float) -> Floats:
    ordered = np.sort(np.where(use, distances, np.inf), axis=1)
    last = np.maximum(use.sum(axis=1) - 1, 0)
    place = part * last
    below = place.astype(np.int64)
    rest = place - below
    above = np.minimum(below + 1, last)
    row = np.arange(len(distances))

    def between(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> Floats:
        mixed: Floats = ordered[row, one] + rest * (ordered[row, other] - ordered[row, one])
        return mixed

    low, high = between(below, above), between(last - below, last - above)
    cut: Floats = np.where(use, np.clip(distances, low[:, None], high[:, None]), 0.0)
    return cut
