"""Clocks and working time for many instants at once: the lists of the rules' calendar, as arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crmusage.rules import WorkCalendar, Zone, zone_of

Int64 = npt.NDArray[np.int64]
DAY = 86_400_000_000
"""Microseconds."""


class Clock:
    """A time zone: what its clocks show at instants, and when they show it (see `Zone`)."""

    def __init__(self, zone: Zone) -> None:
        """Take a zone's changes as arrays."""
        self._changes = np.array([*zone.changes, np.iinfo(np.int64).max], dtype=np.int64)
        self._offsets = np.array(zone.offsets, dtype=np.int64)
        self._settled = np.array(zone.settled, dtype=np.int64)

    @classmethod
    def named(cls, name: str | None) -> Clock:
        """The clock of an IANA zone; None: UTC.

        Raises:
            RuleError: when there is no such zone.
        """
        return cls(zone_of(name))

    def wall(self, instant: Int64) -> Int64:
        """What the clocks show."""
        return instant + self._offsets[np.searchsorted(self._changes[:-1], instant, side="right")]

    def instant(self, wall: Int64) -> Int64:
        """When the clocks show it: the first time, or where it is skipped, as much later as is skipped."""
        return wall - self._offsets[np.searchsorted(self._settled, wall, side="right")]

    def start_of(self, day: Int64) -> Int64:
        """When a day, counted from 1970, begins."""
        wall = day * DAY
        k = np.searchsorted(self._settled, wall, side="right")
        return np.minimum(wall - self._offsets[k], self._changes[k])

    def day(self, instant: Int64) -> Int64:
        """The day that an instant is in."""
        day = self.wall(instant) // DAY
        return day + (instant >= self.start_of(day + 1))


class Work:
    """The working time of a region by the clocks of a zone, over the time that some instants lie in."""

    def __init__(self, calendar: WorkCalendar, zone: str | None, region: str | None, *around: int) -> None:
        """Have looked at the days of the instants `around`, and at some hundred days before and after."""
        self._time = calendar.work_time(zone, region)
        days = [self._time.zone.day(instant) for instant in around] or [0]
        self._time.cover(min(days), max(days))
        self.clock = Clock(self._time.zone)
        self.days, self.opens, self.closes, self.starts, self.ends, self.before = (
            np.array(listed, dtype=np.int64)
            for listed in (
                self._time.days,
                self._time.opens,
                self._time.closes,
                self._time.starts,
                self._time.ends,
                self._time.before,
            )
        )
        self.total = self._time.total

    def done(self, instant: Int64) -> Int64:
        """The working time up to instants, since the first that was looked at."""
        if not len(self.starts):
            return np.zeros(len(instant), dtype=np.int64)
        k = np.searchsorted(self.starts, instant, side="right") - 1
        at = np.maximum(k, 0)
        return np.where(k < 0, 0, self.before[at] + np.minimum(instant, self.ends[at]) - self.starts[at])
