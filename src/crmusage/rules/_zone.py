"""A time zone as arithmetic on whole numbers: from instants to what a wall clock shows, and back."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from bisect import bisect_right
from functools import cache

import attrs

from crmusage.errors import RuleError

DAY = 86_400_000_000
"""Microseconds."""
_SECOND = 1_000_000

_FIRST, _LAST = 0, 4_102_444_800
"""1970 and 2100, in seconds. Changes of the clocks are looked for between them; outside, the nearest offset holds:
looking further makes every program that names a zone slower, and no CRM has records of then."""
_STEP = 6 * 86_400
"""Seconds. No zone ever changed its clocks twice within 6.9 days (counted in the tz database of 2026)."""


@attrs.frozen
class Zone:
    """The clocks of a time zone, in microseconds since 1970: instants in UTC, wall times as the clocks show them.

    A wall time that the clocks skip is read with the offset from before the change, which moves it forward by
    what was skipped; one that they show twice is the first of the two.
    """

    name: str
    changes: tuple[int, ...]
    """The instants at which the offset changed, ascending."""
    offsets: tuple[int, ...]
    """The offsets before the first change, between changes, and after the last."""
    settled: tuple[int, ...]
    """For each change, the wall time from which on only the new offset makes sense."""

    def offset(self, at: int) -> int:
        """How far the clocks are ahead of UTC at an instant."""
        return self.offsets[bisect_right(self.changes, at)]

    def wall(self, at: int) -> int:
        """What the clocks show at an instant."""
        return at + self.offset(at)

    def instant(self, wall: int) -> int:
        """When the clocks show a wall time."""
        return wall - self.offsets[bisect_right(self.settled, wall)]

    def start_of(self, day: int) -> int:
        """The instant at which a day (counted from 1970) begins: the first that the clocks date so or later."""
        wall = day * DAY
        k = bisect_right(self.settled, wall)
        start = wall - self.offsets[k]
        # A skipped midnight: the day begins when the clocks jump over it.
        return min(start, self.changes[k]) if k < len(self.changes) else start

    def day(self, at: int) -> int:
        """The day that an instant is in: a day lasts from its first midnight to that of the next day."""
        day = self.wall(at) // DAY
        # Where the clocks go back over midnight, the new day has begun already.
        return day + 1 if at >= self.start_of(day + 1) else day


UTC = Zone("UTC", (), (0,), ())


@cache
def zone_of(name: str | None) -> Zone:
    """The zone of an IANA name; None: UTC.

    Raises:
        RuleError: when there is no such zone.
    """
    if name is None or name == "UTC":
        return UTC
    try:
        info = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise RuleError(f"{name!r} is not the name of a time zone (like Europe/Paris)") from None

    def offset(second: int) -> dt.timedelta:
        return dt.datetime.fromtimestamp(second, info).utcoffset() or dt.timedelta()

    changes: list[int] = []
    found = [offset(_FIRST)]
    for step in range(_FIRST + _STEP, _LAST, _STEP):
        if (new := offset(step)) == found[-1]:
            continue
        before, after = step - _STEP, step
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if offset(middle) == found[-1] else (before, middle)
        changes.append(after * _SECOND)
        found.append(new)
    offsets = [shift // dt.timedelta(microseconds=1) for shift in found]
    settled = [at + max(old, new) for at, old, new in zip(changes, offsets, offsets[1:], strict=False)]
    return Zone(name, tuple(changes), tuple(offsets), tuple(settled))
