"""Clocks and working time for many instants at once: the lists of the rules' calendar, as arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crmusage.rules import WorkCalendar, Zone, zone_of

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
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
        start: Int64 = np.minimum(wall - self._offsets[k], self._changes[k])
        return start

    def day(self, instant: Int64) -> Int64:
        """The day that an instant is in."""
        day: Int64 = self.wall(instant) // DAY
        # Where the clocks go back over midnight, the new day has begun already.
        begun: Int64 = (instant >= self.start_of(day + 1)).astype(np.int64)
        return day + begun


class Work:
    """The working time of a region by the clocks of a zone, around some instants (see `WorkTime`).

    The attributes cover the days of the instants and some hundred before and after; `away` and its kin look
    as far as they must.
    """

    def __init__(self, calendar: WorkCalendar, zone: str | None, region: str | None, *around: Int64) -> None:
        """Look at the days of the instants `around`."""
        self._time = calendar.work_time(zone, region)
        self.clock = Clock(self._time.zone)
        edges = [int(edge) for some in around if len(some) for edge in (some.min(), some.max())]
        days = [self._time.zone.day(edge) for edge in edges] or [0]
        self._time.cover(min(days), max(days))
        self._take()

    def _take(self) -> None:
        listed = (
            self._time.days,
            self._time.opens,
            self._time.closes,
            self._time.starts,
            self._time.ends,
            self._time.before,
        )
        arrays = [np.array(values, dtype=np.int64) for values in listed]
        self.days, self.opens, self.closes, self._starts, self._ends, self._before = arrays

    def day_away(self, instant: Int64, n: int) -> tuple[Int64, Bool]:
        """The n-th working day after those of instants (n < 0: before), and whether there is one."""
        if not len(instant):
            return instant, np.zeros(0, dtype=bool)
        day = self.clock.day(instant)
        if not n:
            return day, np.ones(len(day), dtype=bool)
        # What is far enough for the last of them is for all.
        if n > 0:
            self._time.day_after(int(day.max()), n)
        else:
            self._time.day_before(int(day.min()), -n)
        self._take()
        k = (
            np.searchsorted(self.days, day, side="right") + n - 1
            if n > 0
            else np.searchsorted(self.days, day) + n
        )
        there = (k >= 0) & (k < len(self.days))
        return (self.days[np.where(there, k, 0)] if len(self.days) else day), there

    def last_with(self, instant: Int64, more: int) -> tuple[Int64, Bool]:
        """As `WorkTime.last_with`, and whether there is such an instant."""
        for edge in (instant.min(), instant.max()) if len(instant) else ():
            self._time.last_with(int(edge), more)
        self._take()
        done = self._done(instant) + more
        k = np.searchsorted(self._before, done, side="right") - 1
        there = (k >= 0) & (done < self._time.total)
        return self._where(k, done, there)

    def first_with(self, instant: Int64, more: int) -> tuple[Int64, Bool]:
        """As `WorkTime.first_with`, and whether there is such an instant."""
        for edge in (instant.min(), instant.max()) if len(instant) else ():
            self._time.first_with(int(edge), more)
        self._take()
        done = self._done(instant) + more
        k = np.searchsorted(self._before, done) - 1
        there = (done > 0) & (done <= self._time.total)
        return self._where(k, done, there)

    def _where(self, k: npt.NDArray[np.intp], done: Int64, there: Bool) -> tuple[Int64, Bool]:
        if not len(self._starts):
            return done, np.zeros(len(done), dtype=bool)
        inside = np.where(there, k, 0)
        return self._starts[inside] + done - self._before[inside], there

    def _done(self, instant: Int64) -> Int64:
        if not len(self._starts):
            return np.zeros(len(instant), dtype=np.int64)
        k = np.searchsorted(self._starts, instant, side="right") - 1
        at = np.maximum(k, 0)
        return np.where(k < 0, 0, self._before[at] + np.minimum(instant, self._ends[at]) - self._starts[at])
