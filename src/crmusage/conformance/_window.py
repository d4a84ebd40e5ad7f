"""From when to when events count, for many activations at once: what `rules.bounds` says of one.

Most windows are so many microseconds away, and cost an addition. Where days are those of a clock, or time is
working time, activations are taken together by the clock and the calendar that hold for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from crmusage.conformance._search import Int32, Int64, Ints
from crmusage.history import NEVER, Clock, History, Work
from crmusage.rules import Duration, WorkCalendar

FAR_PAST = -NEVER
DAY = 86_400_000_000
"""Microseconds."""


@attrs.frozen(eq=False)
class Coded:
    """Texts of each case and each event, as codes into `labels`; -1: none."""

    of_cases: Int32
    of_events: Int32
    labels: tuple[str, ...]

    def at(self, which: Ints | None) -> Int32:
        """The codes of events at positions; None: of all cases."""
        return self.of_cases if which is None else self.of_events[which]

    def label(self, code: int) -> str | None:
        """The text."""
        return self.labels[code] if code >= 0 else None


class Places:
    """Whose clock and whose calendar hold for which cases and events of a history."""

    def __init__(self, history: History, zone: str | None) -> None:
        """`zone` is that of a rule: a name, person, unit, or None."""
        self._history, self._zone = history, zone

    @property
    def calendar(self) -> WorkCalendar:
        """The working time of the history."""
        return self._history.work_calendar

    def has_clock(self, duration: Duration) -> bool:
        """Whether a duration means something else here than so many microseconds."""
        return duration.is_working or (self._zone is not None and duration.whole_days > 0)

    @cached_property
    def _zones(self) -> Coded | None:
        """None: one zone for all."""
        history = self._history
        if self._zone == "person":
            traits = history.who.traits("time_zone")
            return Coded(traits.of_cases, traits.of_events, traits.labels)
        if self._zone == "unit":
            index = history.index
            of_unit, labels = history.who.usual("time_zone")
            return Coded(of_unit[index.case_unit], of_unit[index.unit], labels)
        return None

    @cached_property
    def _regions(self) -> Coded | None:
        """None: working time is the same everywhere."""
        if not self.calendar.regions:
            return None
        traits = self._history.who.traits("region")
        told = np.array([*(label in self.calendar.regions for label in traits.labels), False])
        of_cases, of_events = (
            np.where(told[codes], codes, -1).astype(np.int32) for codes in (traits.of_cases, traits.of_events)
        )
        return Coded(of_cases, of_events, traits.labels)

    def groups(self, which: Ints | None, *, working: bool) -> Iterator[tuple[Any, str | None, str | None]]:
        """Those with one clock and one calendar together: their places in `which`, the zone, the region.

        Args:
            which: positions of events; None: all cases.
            working: whether working time is asked for, so that regions matter.
        """
        zones, regions = self._zones, self._regions if working else None
        fixed = self._zone if zones is None else None
        if zones is None and regions is None:
            yield slice(None), fixed, None
            return
        codes = [coded.at(which) for coded in (zones, regions) if coded is not None]
        key = codes[0].astype(np.int64)
        for more in codes[1:]:
            key = key * (int(more.max(initial=-1)) + 2) + more
        order = np.argsort(key, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
            if len(rows):
                zone = fixed if zones is None else zones.label(int(zones.at(which)[rows[0]]))
                region = None if regions is None else regions.label(int(regions.at(which)[rows[0]]))
                yield rows, zone, region


class Window:
    """From `after` to `within` away from the activation, both included; None: no such bound."""

    def __init__(
        self, after: Duration | None = None, within: Duration | None = None, places: Places | None = None
    ) -> None:
        """`places` tell the clock and the calendar; None: there are none, a day is 24 hours."""
        self._after = None if after is None or after.is_nothing else after
        self._within, self._places = within, places
        self.is_set = after is not None or within is not None
        """Whether there is any bound."""
        self.delays = self._after is not None
        """Whether what comes too soon does not count."""
        self.takes_same_instant = not self.delays
        """Whether an event at the activation's own instant counts."""

    def forward(self, instant: Int64, which: Ints | None) -> tuple[Int64, Int64]:
        """The first and the last instant that count, looking ahead.

        `which`: the positions of the events that these are the instants of; None: all cases.
        """
        first = instant if self._after is None else self._away(self._after, instant, which, 1, outer=False)
        if self._within is None:
            return first, np.full_like(instant, NEVER)
        return first, self._away(self._within, instant, which, 1, outer=True)

    def backward(self, instant: Int64, which: Ints | None) -> tuple[Int64, Int64]:
        """The first and the last instant that count, looking back."""
        last = instant if self._after is None else self._away(self._after, instant, which, -1, outer=False)
        if self._within is None:
            return np.full_like(instant, FAR_PAST), last
        return self._away(self._within, instant, which, -1, outer=True), last

    def _away(
        self, duration: Duration, instant: Int64, which: Ints | None, way: int, *, outer: bool
    ) -> Int64:
        if self._places is None or not self._places.has_clock(duration):
            return instant + way * duration.microseconds
        found = np.empty_like(instant)
        for rows, zone, region in self._places.groups(which, working=duration.is_working):
            if duration.is_working:
                work = Work(self._places.calendar, zone, region, instant[rows])
                found[rows] = _worked(work, duration, instant[rows], way, outer=outer)
            else:
                clock = Clock.named(zone)
                wall = clock.wall(instant[rows]) + way * duration.whole_days * DAY
                found[rows] = clock.instant(wall) + way * duration.rest
        # Nothing lies the other way, and some time away is never the same instant, whatever the clocks do.
        nearest = instant if outer else instant + way
        return np.maximum(found, nearest) if way > 0 else np.minimum(found, nearest)


def _worked(work: Work, duration: Duration, instant: Int64, way: int, *, outer: bool) -> Int64:
    """The instants so much working time away: of all that are, the last one or the first one."""
    last = outer == (way > 0)
    if duration.working_days is not None:
        day, there = work.day_away(instant, way * int(duration.working_days))
        found = work.clock.start_of(day + 1) - 1 if last else work.clock.start_of(day)
    else:
        more = way * (duration.working_microseconds or 0)
        found, there = work.last_with(instant, more) if last else work.first_with(instant, more)
    return np.where(there, found, way * NEVER)
