"""How many working days an owner has left before a leave: what makes the eve of one."""

from __future__ import annotations

import attrs
import numpy as np
import polars as pl

from crmusage.history._clock import Work
from crmusage.history._index import Index, Int32, Int64
from crmusage.history._people import Lookup, Who
from crmusage.rules import WorkCalendar

BEFORE_LEAVE = "owner.working_days_before_leave"
"""The name by which rules ask for it."""


@attrs.frozen(eq=False)
class BeforeLeave:
    """For an event: the working days left, after its own, before the next leave of who has the case after it.

    0: it is the eve, or the leave has begun. A day that begins before the leave does is left. An absence of less
    than a whole working day is no leave. No value: no leave is known, or nobody to go on it. Days are
    those of the owner's time zone (else UTC) and region.
    """

    who: Who
    index: Index
    calendar: WorkCalendar

    def sort(self) -> str:
        """A number, if there are any absences."""
        return "number" if len(self.who.leaves.starts) else "nothing"

    def of_events(self, at: Int32) -> pl.Series:
        """The value at positions of events."""
        instant = self.index.at[at]
        owner = self.who.ownership.at(self.index.case[at], instant)
        left = np.full(len(at), -1, dtype=np.int64)
        leaves = self.who.leaves
        if len(leaves.starts):
            zones, regions = self.who.traits("time_zone"), self.who.traits("region")
            place = (
                zones.of_persons[:-1].astype(np.int64) * (len(regions.labels) + 1) + regions.of_persons[:-1]
            )
            for one in np.unique(place[leaves.person]).tolist():
                persons = np.flatnonzero(place == one)
                zone, region = zones.of_persons[persons[0]], regions.of_persons[persons[0]]
                rows = np.flatnonzero(np.isin(owner, persons))
                left[rows] = self._left(
                    owner[rows],
                    instant[rows],
                    np.isin(leaves.person, persons),
                    None if zone < 0 else zones.labels[zone],
                    None if region < 0 else regions.labels[region],
                )
        return pl.Series(np.where(left < 0, 0, left)).set(pl.Series(left < 0), None)

    def _left(
        self, owner: Int32, instant: Int64, of_these: np.ndarray, zone: str | None, region: str | None
    ) -> Int64:
        """For owners of one zone and region; -1: no value."""
        leaves = self.who.leaves
        person, starts, ends = leaves.person[of_these], leaves.starts[of_these], leaves.ends[of_these]
        work = Work(self.calendar, zone, region, instant, starts, ends)
        # The first day that begins in it is missed as a whole, or no day is.
        first = np.searchsorted(work.opens, starts)
        long = np.append(work.closes, np.iinfo(np.int64).max)[first] <= ends
        person, starts, ends = person[long], starts[long], ends[long]
        if not len(starts):
            return np.full(len(owner), -1, dtype=np.int64)
        # The leave that ends next: it has begun, or it is the one to come.
        k = Lookup(person, ends).upto(owner, instant)
        inside = np.minimum(k, len(starts) - 1)
        there = (k < len(starts)) & (person[inside] == owner)
        before = np.searchsorted(work.opens, starts[inside])
        today = np.searchsorted(work.days, work.clock.day(instant), side="right")
        return np.where(there, np.maximum(before - today, 0), -1)
