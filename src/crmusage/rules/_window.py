"""From when to when an event counts, as seen from an activation."""

from __future__ import annotations

from crmusage.rules._calendar import ORDINARY, WorkCalendar
from crmusage.rules._duration import Duration
from crmusage.rules._rule import Constraint
from crmusage.rules._zone import DAY, zone_of

NEVER = 2**63 - 1
"""The instant of what does not happen, in microseconds; `LONG_AGO`: of what was always so."""
LONG_AGO = -NEVER


def bounds(
    constraint: Constraint,
    at: int,
    *,
    back: bool = False,
    zone: str | None = None,
    region: str | None = None,
    calendar: WorkCalendar | None = None,
) -> tuple[int, int]:
    """The first and the last instant that count for an activation, both included; first > last: none does.

    All instants are microseconds since 1970 UTC. `LONG_AGO` and `NEVER` are where nothing bounds.

    Args:
        constraint: what says `after` and `within`.
        at: the activation's instant.
        back: looking back from it, as precedence does; else ahead.
        zone: the IANA name of the clock for days; None: a day is 24 hours, and working time is read in UTC.
        region: whose holidays and working hours count; None: those for everywhere.
        calendar: the working time; None: Monday to Friday, nine to five.

    Raises:
        RuleError: when there is no such zone.
    """
    near, far = constraint.after, constraint.within
    if back:
        first = LONG_AGO if far is None else min(at, point(far, at, -1, zone, region, calendar, outer=True))
        if near is None or near.is_nothing:
            return first, at
        # Some time away from the activation is never its own instant, whatever the clocks do.
        return first, min(at - 1, point(near, at, -1, zone, region, calendar, outer=False))
    last = NEVER if far is None else max(at, point(far, at, 1, zone, region, calendar, outer=True))
    if near is None or near.is_nothing:
        return at, last
    return max(at + 1, point(near, at, 1, zone, region, calendar, outer=False)), last


def point(
    duration: Duration,
    at: int,
    way: int,
    zone: str | None,
    region: str | None,
    calendar: WorkCalendar | None,
    *,
    outer: bool,
) -> int:
    """The instant a duration away from another, ahead (`way` 1) or back (-1).

    Working time is as far away for a while (a night has none): `outer` asks for the end of that stretch that is
    farther from `at`. The n-th working day is as far away from its first midnight to the microsecond before its
    last one.
    """
    if not duration.is_working:
        if zone is None or not duration.whole_days:
            return at + way * duration.microseconds
        clock = zone_of(zone)
        return clock.instant(clock.wall(at) + way * duration.whole_days * DAY) + way * duration.rest
    work = (calendar or ORDINARY).work_time(zone, region)
    beyond = way * NEVER
    if duration.working_days is not None:
        today, n = work.zone.day(at), int(duration.working_days)
        day = today if not n else work.day_after(today, n) if way > 0 else work.day_before(today, n)
        if day is None:
            return beyond
        return work.zone.start_of(day + 1) - 1 if outer == (way > 0) else work.zone.start_of(day)
    more = way * (duration.working_microseconds or 0)
    found = work.last_with(at, more) if outer == (way > 0) else work.first_with(at, more)
    return beyond if found is None else found
