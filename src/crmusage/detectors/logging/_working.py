"""Working days as a clock without Saturdays and Sundays: what happens on them counts for the Monday after."""

from __future__ import annotations

import numpy as np

from crmusage.detectors._deals import Int64

DAY = 86_400_000_000
"""Microseconds."""
_WEEK, _WORKING, _THURSDAY = 7, 5, 3


def working(instant: Int64) -> Int64:
    """Instants (UTC) on a clock that stands still on Saturdays and Sundays."""
    day, rest = np.divmod(instant, DAY)
    week, weekday = np.divmod(day + _THURSDAY, _WEEK)
    on = weekday < _WORKING
    found: Int64 = (week * _WORKING + np.minimum(weekday, _WORKING)) * DAY + np.where(on, rest, 0)
    return found
