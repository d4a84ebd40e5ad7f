"""The working time of one place, as sorted lists that are looked up by halving, and grow as they are needed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from crmusage.rules._zone import DAY, Zone

_MINUTE = 60_000_000
_MARGIN = 400
"""Days looked at beyond what is asked for: about a year, so that a monitor that runs for years rarely has to."""
_FARTHEST = 480_000
"""Days from 1970, either way, beyond which nobody looks for work: some 1,300 years, more than any duration."""
_MONDAY = 3
"""The first of January 1970 was a Thursday."""

Spans = list[tuple[int, int]]


class WorkTime:
    """Working days and worked stretches of time, over days that are covered so far.

    A working day is a day that has working time left. `days` lists them ascending, `opens` and `closes` when the
    work of each begins and ends (not included). The stretches run from `starts` to `ends` (not included),
    with `before` the working time of all that came before each, in microseconds.
    """

    def __init__(
        self,
        zone: Zone,
        closed: Iterable[tuple[int, int]],
        week: Sequence[Sequence[tuple[int, int]]],
        worked: Spans | None = None,
    ) -> None:
        """What is `worked` (None: the week, repeated) without what is `closed`, by the clocks of a zone."""
        self.zone = zone
        self._closed = _merged(closed)
        self._week = week
        self._worked = None if worked is None else _merged(worked)
        self.first, self.last = 0, -1
        """The days that are covered."""
        self.days: list[int] = []
        self.opens: list[int] = []
        self.closes: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.before: list[int] = []
        self.total = 0
        if self._worked is not None:
            if self._worked:
                self.first, self.last = zone.day(self._worked[0][0]), zone.day(self._worked[-1][1])
            self._list(_without(self._worked, self._closed))

    @property
    def is_listed(self) -> bool:
        """Whether all the working time there is was listed: there is none before or after."""
        return self._worked is not None

    def cover(self, first: int, last: int) -> bool:
        """Have at least these days looked at; whether there was anything to look at."""
        if self._worked is not None:
            return False
        first, last = max(first, -_FARTHEST), min(last, _FARTHEST)
        if self.first <= first and last <= self.last:
            return False
        if self.first <= self.last:
            first, last = min(first, self.first + _MARGIN), max(last, self.last - _MARGIN)
        self.first, self.last = first - _MARGIN, last + _MARGIN
        self._list(_without(self._ordinary(self.first, self.last), self._closed))
        return True

    def day_after(self, day: int, n: int) -> int | None:
        """The n-th working day after a day; None: there are not so many."""
        ahead = _MARGIN + 2 * n
        self.cover(day, day + 1)
        while True:
            k = bisect_right(self.days, day) + n - 1
            if k < len(self.days):
                return self.days[k]
            ahead *= 2
            if not self.cover(self.first, self.last + ahead):
                return None

    def day_before(self, day: int, n: int) -> int | None:
        """The n-th working day before a day; None: there are not so many."""
        back = _MARGIN + 2 * n
        self.cover(day - 1, day)
        while True:
            k = bisect_left(self.days, day) - n
            if k >= 0:
                return self.days[k]
            back *= 2
            if not self.cover(self.first - back, self.last):
                return None

    def done(self, at: int) -> int:
        """The working time up to an instant, since some instant before it that may change as more is covered."""
        k = bisect_right(self.starts, at) - 1
        return 0 if k < 0 else self.before[k] + min(at, self.ends[k]) - self.starts[k]

    def last_with(self, at: int, more: int) -> int | None:
        """The last instant up to which at most `more` is worked since `at` (less than nothing: before it).

        None: there is no such instant, as work ends before that, or begins after it.
        """
        done = self._reach(at, more) + more
        k = bisect_right(self.before, done) - 1
        if k < 0 or (k == len(self.before) - 1 and done >= self.total):
            return None
        return self.starts[k] + done - self.before[k]

    def first_with(self, at: int, more: int) -> int | None:
        """The first instant by which `more` is worked since `at` (less than nothing: that much is left until `at`).

        None: there is no such instant, as work ends before that, or begins after it.
        """
        done = self._reach(at, more) + more
        if done <= 0 or done > self.total:
            return None
        k = bisect_left(self.before, done) - 1
        return self.starts[k] + done - self.before[k]

    def _reach(self, at: int, more: int) -> int:
        """The working time done at an instant, once enough is covered to go `more` away from it."""
        day = self.zone.day(at)
        # A working day has some hours; the loop sees to it where it has few.
        away = _MARGIN + abs(more) // (3 * 60 * _MINUTE)
        self.cover(day, day)
        while True:
            done = self.done(at)
            if 0 < done + more < self.total:
                return done
            later = done + more >= self.total
            away *= 2
            if not self.cover(self.first - (0 if later else away), self.last + (away if later else 0)):
                return done

    def _ordinary(self, first: int, last: int) -> Spans:
        """What the week has for the days from `first` to `last`."""
        zone = self.zone
        spans: Spans = []
        for day in range(first, last + 1):
            for begin, end in self._week[(day + _MONDAY) % 7]:
                low, high = day * DAY + begin * _MINUTE, day * DAY + end * _MINUTE
                k = bisect_right(zone.settled, low)
                if k == len(zone.settled) or high + DAY < zone.settled[k]:
                    spans.append((low - zone.offsets[k], high - zone.offsets[k]))
                else:
                    spans.extend(_shown(zone, low, high, k))
        spans.sort()
        return spans

    def _list(self, spans: Spans) -> None:
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.before, self.days, self.opens, self.closes = [], [], [], []
        self.total = 0
        for start, end in spans:
            self.before.append(self.total)
            self.total += end - start
            for day in range(self.zone.day(start), self.zone.day(end - 1) + 1):
                if not self.days or self.days[-1] != day:
                    self.days.append(day)
                    self.opens.append(max(start, self.zone.start_of(day)))
                    self.closes.append(0)
                self.closes[-1] = min(end, self.zone.start_of(day + 1))


def _shown(zone: Zone, low: int, high: int, k: int) -> Spans:
    """When the clocks, near their k-th change, show a time from `low` up to `high`: perhaps twice, or never."""
    spans = []
    for part in range(max(k - 1, 0), min(k + 2, len(zone.changes)) + 1):
        start, end = low - zone.offsets[part], high - zone.offsets[part]
        if part > 0:
            start = max(start, zone.changes[part - 1])
        if part < len(zone.changes):
            end = min(end, zone.changes[part])
        if start < end:
            spans.append((start, end))
    return spans


def _merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same time as spans that lie apart, ascending."""
    merged: Spans = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _without(spans: Spans, closed: Spans) -> Spans:
    """What is left of ascending spans without others."""
    left: Spans = []
    k = 0
    for start, end in spans:
        while k < len(closed) and closed[k][1] <= start:
            k += 1
        j, begin = k, start
        while j < len(closed) and closed[j][0] < end:
            if begin < closed[j][0]:
                left.append((begin, closed[j][0]))
            begin = max(begin, closed[j][1])
            j += 1
        if begin < end:
            left.append((begin, end))
    return left
