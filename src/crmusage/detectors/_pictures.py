"""The pictures that go with a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np

from crmusage.metrics import Peers, first_of_month
from crmusage.model import FunnelFigure, FunnelPoint, Period, SeriesFigure, Text

_STEPS = 30
"""Places at which the limits of a funnel are drawn."""


def funnel(title: Text, peers: Peers, points: Iterable[tuple[int, int, str | None]]) -> FunnelFigure:
    """Units by size and share: (numerator, denominator, name), only the judged one with its name."""
    dots = sorted(
        (FunnelPoint(float(n), hits / n, name) for hits, n, name in points),
        key=lambda dot: (dot.n, dot.value, dot.name or ""),
    )
    sizes = np.unique(np.rint(np.geomspace(dots[0].n, dots[-1].n, _STEPS)))
    return FunnelFigure(title, "share", tuple(dots), peers.middle, peers.limits(sizes))


def series(
    title: Text,
    months: Iterable[tuple[int, int, int, int, int]],
    *,
    onset: dt.date | None,
    alone: bool = False,
) -> SeriesFigure:
    """A share month by month.

    Args:
        title: what it is called.
        months: (month since January 1970, numerator, denominator, numerator of the peers, their denominator).
        onset: since when it is so.
        alone: there are no peers.
    """
    rows = list(months)
    return SeriesFigure(
        title=title,
        unit="share",
        periods=tuple(Period(first_of_month(month), first_of_month(month + 1)) for month, *_ in rows),
        numerators=tuple(float(hits) for _, hits, _, _, _ in rows),
        denominators=tuple(float(n) for _, _, n, _, _ in rows),
        peers=() if alone else tuple(hits / n if n > 0 else None for _, _, _, hits, n in rows),
        onset=onset,
    )
