from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import numpy.typing as npt
from dateutil.easter import easter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SECOND = 1_000_000
DAY = 86_400 * SECOND
BEFORE, AFTER = 90, 60
"""Days that a clock knows before the first and after the last simulated one: lives reach beyond both."""

WORKING_DAYS_A_DAY = 250 / 365
"""Working days in a calendar day: weekends, four holidays."""

_HOURS = np.array([8.0, 9.0, 12.0, 13.5, 17.0, 18.5])
_DONE = np.array([0.0, 0.10, 0.47, 0.54, 0.93, 1.0])
"""How much of a day's work is done by each of the hours: a slow start, a lunch, a slow end. Guessed."""


def holidays(year: int) -> dict[dt.date, str]:
    """The days on which the whole company is closed."""
    return {
        dt.date(year, 1, 1): "New Year's Day",
        easter(year) + dt.timedelta(days=1): "Easter Monday",
        dt.date(year, 5, 1): "Labour Day",
        dt.date(year, 12, 25): "Christmas Day",
    }


def epoch_day(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


@attrs.frozen(eq=False)
class Clock:
    """The working time of one zone, as one number: `w` = 3.25 is a quarter through the fourth working day.

    Lives are planned on this axis, where whatever comes later stays later and nothing falls into a night.
    Days are counted from the first simulated day, instants are microseconds UTC at whole seconds.
    """

    start: dt.date
    days: int
    zone: str
    _open: Ints
    """The day of each working day, the first of them before the simulation."""
    _first: int
    """How many working days come before day 0: they have negative `w`."""
    _midnight: Ints
    """The instant at which each local day begins (by the offset at noon)."""
    _axis: Floats
    _instants: Floats

    @classmethod
    def of(cls, start: dt.date, days: int, zone: str) -> Clock:
        """The clock of a zone for `days` days from `start`."""
        return _clock(start, days, zone)

    def instant(self, w: Floats) -> Ints:
        """The instants of working times."""
        return np.interp(w, self._axis, self._instants).astype(np.int64) // SECOND * SECOND

    def begins(self, day: Ints) -> Floats:
        """The working time at which a day begins; of a day off, that of the next working day."""
        return (np.searchsorted(self._open, day) - self._first).astype(np.float64)

    def day(self, w: Floats) -> Ints:
        """The day of working times, within what the clock knows."""
        place = np.floor(w).astype(np.int64) + self._first
        return self._open[np.clip(place, 0, len(self._open) - 1)]

    def day_of(self, instant: Ints) -> Ints:
        """The local day of instants."""
        return np.searchsorted(self._midnight, instant, side="right") - 1 - BEFORE

    def end_of(self, day: Ints, *, months: int) -> Ints:
        """The last working day (Saturdays and Sundays are none) of the month, or of so many months, of days."""
        epoch = epoch_day(self.start)
        month = (day + epoch).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        following = (month - month % months + months).astype("datetime64[M]").astype("datetime64[D]")
        last = following.astype(np.int64) - 1
        weekday = (last + 3) % 7  # 1970-01-01 was a Thursday
        return last - np.maximum(weekday - 4, 0) - epoch

    def midnight(self, day: Ints) -> Ints:
        """The instants at which local days begin."""
        return self._midnight[np.clip(day + BEFORE, 0, len(self._midnight) - 1)]

    def is_open(self, day: Ints) -> Bools:
        """Whether people work on these days."""
        return np.isin(day, self._open)


@lru_cache(maxsize=32)
def _clock(start: dt.date, days: int, zone: str) -> Clock:
    first = start - dt.timedelta(days=BEFORE)
    length = BEFORE + days + AFTER
    info = ZoneInfo(zone)
    noon = dt.datetime(first.year, first.month, first.day, 12, tzinfo=info)
    offsets = np.array(
        [_seconds((noon + dt.timedelta(days=i)).utcoffset()) for i in range(length)], dtype=np.int64
    )
    midnight = (epoch_day(first) + np.arange(length, dtype=np.int64)) * DAY - offsets * SECOND
    closed = {d for year in range(first.year, first.year + length // 365 + 2) for d in holidays(year)}
    dates = [first + dt.timedelta(days=i) for i in range(length)]
    working = np.array([d.weekday() < 5 and d not in closed for d in dates])
    place = np.flatnonzero(working)
    before = int(np.searchsorted(place, BEFORE))
    axis = (np.arange(len(place)) - before)[:, None] + _DONE[None, :]
    instants = midnight[place][:, None] + (_HOURS * 3600 * SECOND)[None, :]
    return Clock(
        start=start,
        days=days,
        zone=zone,
        open=place - BEFORE,
        first=before,
        midnight=midnight,
        axis=axis.ravel(),
        instants=instants.ravel(),
    )


def _seconds(offset: dt.timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0
