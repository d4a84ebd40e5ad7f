"""When something is due again and again, and from when on it counts: what a cadence says, as instants."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._rule import Cadence, UsageRule
from crmusage.rules._window import point
from crmusage.rules._zone import Zone, zone_of

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 — on the wall
_MICROSECOND = dt.timedelta(microseconds=1)


def cadence_zone(rule: UsageRule) -> str:
    """By whose clock the rule's cadence is: a zone's name, person (the owner) or unit."""
    named = rule.cadence.zone if rule.cadence is not None else None
    return named or rule.zone or "person"


def due_instants(
    cadence: Cadence, began: int, *, until: int | None = None, zone: str | None = None
) -> Iterator[int]:
    """The instants by which it is due, ascending, in microseconds since 1970 UTC.

    The recurrence starts with the midnight, by the clocks of the zone, of the day that the cadence `starts_on`; where
    it names none, any will do, and that in which everything `began` is taken. A time that the clocks skip is due as
    much later as they skip; one that they show twice, the first time.

    Args:
        cadence: what is due.
        began: the first instant of anything that was recorded.
        until: none later than this; None: for ever.
        zone: an IANA name; None: UTC.

    Raises:
        RuleError: when there is no such zone.
    """
    clock = zone_of(zone)
    waiting: list[int] = []
    previous = None
    for wall in _walls(cadence, began, until, clock):
        # A skipped time comes after later ones that are not skipped; so each waits until it cannot be overtaken.
        while waiting and waiting[0] < wall - max(clock.offsets):
            if waiting[0] != previous:
                previous = waiting[0]
                yield previous
            heapq.heappop(waiting)
        due = clock.instant(wall)
        if until is None or due <= until:
            heapq.heappush(waiting, due)
    yield from sorted(set(waiting) - {previous})


def _walls(cadence: Cadence, began: int, until: int | None, clock: Zone) -> Iterator[int]:
    from dateutil.rrule import rrulestr

    start = _EPOCH + dt.timedelta(days=clock.day(began))
    if cadence.starts_on is not None:
        start = dt.datetime.combine(cadence.starts_on, dt.time())
    parts = dict(part.split("=") for part in cadence.rrule.split(";"))
    ends = []
    if parts.get("UNTIL", "").endswith("Z"):
        # The recurrence is read on the wall, where UNTIL has no zone either.
        end = dt.datetime.strptime(parts.pop("UNTIL"), "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        last = (end - _EPOCH.replace(tzinfo=dt.UTC)) // _MICROSECOND
        ends.append(_EPOCH + dt.timedelta(microseconds=clock.wall(last)))
    if until is not None:
        ends.append(_EPOCH + dt.timedelta(microseconds=until + max(clock.offsets)))
    recurrence: Any = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start)
    if ends and parts.keys().isdisjoint({"COUNT", "UNTIL"}):
        # So that a day that never comes is not looked for until the year 9999.
        recurrence = recurrence.replace(until=min(ends))
    for due in recurrence:
        if any(due > end for end in ends):
            return
        yield (due - _EPOCH) // _MICROSECOND


def window_before(
    cadence: Cadence,
    due: int,
    previous: int | None,
    *,
    zone: str | None = None,
    region: str | None = None,
    calendar: WorkCalendar | None = None,
) -> int | None:
    """The first instant that counts for a due one, which is the last; None: there is none, as none was due before.

    Args:
        cadence: what is due.
        due: by when.
        previous: the due instant before, from which on it counts where the cadence does not say since when.
        zone: an IANA name; None: a day is 24 hours.
        region: whose working time counts.
        calendar: the working time.

    Raises:
        RuleError: when there is no such zone.
    """
    if cadence.since is None:
        return None if previous is None else previous + 1
    return min(due, point(cadence.since, due, -1, zone, region, calendar, outer=True))


def present(first: int, end: int, absences: Iterable[tuple[int, int]]) -> int:
    """How long somebody was there between two instants, in microseconds.

    `absences`: from, and up to but not including; those of one person, which do not overlap.
    """
    away = sum(max(0, min(end, until) - max(first, since)) for since, until in absences)
    return max(0, end - first) - away
