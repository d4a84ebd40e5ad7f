from __future__ import annotations

import datetime as dt

import attrs

from crmusage.rules import Constraint, Duration, WorkCalendar, bounds

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
_OFFICE = WorkCalendar()


@attrs.frozen
class Clock:
    """Whose working time counts: a calendar, the clocks of a zone, the holidays of a region."""

    calendar: WorkCalendar = _OFFICE
    """Monday to Friday, nine to five, where nothing else is said."""
    zone: str | None = None
    """An IANA name; None: UTC, and a day is 24 hours."""
    region: str | None = None
    """None: holidays and working hours for everywhere."""

    def deadline(self, since: dt.datetime, within: Duration) -> dt.datetime | None:
        """The last instant within a duration; None: there is none (nobody works any more)."""
        window = Constraint("response", "since", target="by", within=within)
        last = bounds(window, _micros(since), zone=self.zone, region=self.region, calendar=self.calendar)[1]
        return _instant(last)

    def is_working_day(self, at: dt.datetime) -> bool:
        """Whether an instant falls on a working day."""
        work = self.calendar.work_time(self.zone, self.region)
        day = work.zone.day(_micros(at))
        return work.day_after(day - 1, 1) == day

    def worked(self, since: dt.datetime, until: dt.datetime) -> dt.timedelta:
        """The working time from one instant to another; less than nothing where `until` is before `since`."""
        work = self.calendar.work_time(self.zone, self.region)
        first, last = sorted((_micros(since), _micros(until)))
        work.cover(work.zone.day(first), work.zone.day(last))
        worked = (work.done(last) - work.done(first)) * _MICROSECOND
        return worked if since <= until else -worked

    def after(self, since: dt.datetime, work: dt.timedelta) -> dt.datetime | None:
        """The first instant by which so much more is worked; None: it never is."""
        if work <= dt.timedelta():
            return since
        found = self.calendar.work_time(self.zone, self.region).first_with(
            _micros(since), work // _MICROSECOND
        )
        return None if found is None else _instant(found)


def _micros(at: dt.datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(us: int) -> dt.datetime | None:
    return _EPOCH + us * _MICROSECOND if us <= _micros(_LAST) else None
