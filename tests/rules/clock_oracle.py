"""From when to when an event counts, found by walking minute by minute; nothing is shared with the library."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

import attrs

from crmusage.rules import Duration

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
REACH = 25 * DAY
"""How far the walk goes. The tests ask for less."""


def micros(instant: dt.datetime) -> int:
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


@attrs.frozen
class Place:
    """A clock, and what is worked by it: spans are (first, end) in microseconds, on whole minutes."""

    zone: str | None
    holidays: tuple[tuple[int, int], ...] = ()
    days_off: tuple[dt.date, ...] = ()
    hours: tuple[tuple[int, int], ...] | None = None
    """None: Monday to Friday, nine to five."""
    step: int = MINUTE
    """How far apart the looks at the clock are; whatever changes does so on one of them."""

    def clock(self, at: int) -> dt.datetime:
        shown = EPOCH + dt.timedelta(microseconds=at)
        return shown.astimezone(zoneinfo.ZoneInfo(self.zone)) if self.zone else shown

    def later(self, at: int, days: int) -> int:
        shown = self.clock(at).replace(fold=0) + dt.timedelta(days=days)
        return micros(shown.astimezone(dt.UTC))

    def is_worked(self, minute: int, date: dt.date) -> bool:
        if date in self.days_off or any(first <= minute < end for first, end in self.holidays):
            return False
        if self.hours is not None:
            return any(first <= minute < end for first, end in self.hours)
        clock = self.clock(minute)
        return clock.weekday() < 5 and 9 <= clock.hour < 17

    def minutes(self, at: int) -> Iterator[tuple[int, dt.date, bool]]:
        """Each step around an instant, its day (never an earlier one than before), and whether it is worked."""
        day = dt.date.min
        for minute in range(at // self.step * self.step - REACH, at + REACH, self.step):
            day = max(day, self.clock(minute).date())
            yield minute, day, self.is_worked(minute, day)


def edge(duration: Duration, at: int, place: Place, *, back: bool, far: bool) -> int | None:
    """The far or the near end of what is one duration away."""
    way = -1 if back else 1
    if not duration.is_working:
        whole = int(duration.weeks * 7 + duration.days) if place.zone else 0
        rest = duration.microseconds - whole * DAY
        return (place.later(at, way * whole) if whole else at) + way * rest
    if duration.working_days is not None:
        return _days(int(duration.working_days), at, place, back=back, far=far)
    return _hours(round(duration.working_hours * 60 * MINUTE), at, place, back=back, far=far)


def _days(n: int, at: int, place: Place, *, back: bool, far: bool) -> int | None:
    spans: dict[dt.date, list[int]] = {}
    working: set[dt.date] = set()
    for minute, day, worked in place.minutes(at):
        spans.setdefault(day, [minute, 0])[1] = minute + place.step
        if worked:
            working.add(day)
    today = next(day for day, (first, end) in spans.items() if first <= at < end)
    if back:
        counted = sorted((day for day in working if day < today), reverse=True)
    else:
        counted = sorted(day for day in working if day > today)
    if n > len(counted):
        return None
    first, end = spans[counted[n - 1] if n else today]
    return end - 1 if far != back else first


def _hours(more: int, at: int, place: Place, *, back: bool, far: bool) -> int | None:
    cells = [(minute, minute + place.step) for minute, _, worked in place.minutes(at) if worked]
    if back:
        # The same walk in a mirror.
        cells, at = [(-end, -first) for first, end in reversed(cells)], -at
    found = _walk([(max(first, at), end) for first, end in cells if end > at], more, at, far=far)
    return -found if back and found is not None else found


def _walk(cells: list[tuple[int, int]], more: int, at: int, *, far: bool) -> int | None:
    if more == 0 and not far:
        return at
    for first, end in cells:
        if more < end - first or (more == end - first and not far):
            return first + more
        more -= end - first
    return None


def bounds(
    within: Duration | None, after: Duration | None, at: int, place: Place, *, back: bool
) -> tuple[int, int]:
    never = 2**63 - 1
    outer = None if within is None else edge(within, at, place, back=back, far=True)
    inner = at
    if after is not None and (
        after.microseconds if not after.is_working else after.working_days or after.working_hours
    ):
        inner = edge(after, at, place, back=back, far=False)
        if inner is None:
            inner = -never if back else never
        inner = min(inner, at - 1) if back else max(inner, at + 1)
    if outer is None:
        outer = -never if back else never
    return (min(outer, at), inner) if back else (inner, max(outer, at))
