"""When people work: holidays, working hours, and the week where nothing else is said."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from crmusage.errors import MissingExtraError, RuleError
from crmusage.rules._work_time import WorkTime
from crmusage.rules._zone import zone_of

Week = tuple[tuple[tuple[int, int], ...], ...]
"""For each weekday from Monday, the hours worked: from, to, in minutes since midnight on the clock."""

_OFFICE = ((9 * 60, 17 * 60),)
WEEK: Week = (_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, (), ())
"""Monday to Friday, nine to five: guessed, for who gives no working hours."""

_MIDNIGHT = 24 * 60
_EPOCH_DAY = dt.date(1970, 1, 1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@attrs.frozen
class Span:
    """A stretch of time, from `first` up to, not including, `end`, in microseconds since 1970 UTC."""

    first: int
    end: int
    region: str | None = None
    """Where it holds; None: everywhere."""
    label: str | None = None


@attrs.frozen
class DayOff:
    """A day that nobody works, whatever the time zone."""

    day: dt.date
    region: str | None = None
    """Where it holds; None: everywhere."""
    label: str | None = None


def _week(value: Iterable[Iterable[Iterable[int]]]) -> Week:
    return tuple(tuple((begin, end) for begin, end in day) for day in value)


@attrs.frozen
class WorkCalendar:
    """What counts as working time.

    Where there are working hours for a region, only those are worked there; else those that are for everywhere;
    else the week. Holidays and days off, the region's and those for everywhere, are taken out.
    """

    holidays: tuple[Span, ...] = attrs.field(default=(), converter=tuple[Span, ...])
    working_hours: tuple[Span, ...] = attrs.field(default=(), converter=tuple[Span, ...])
    days_off: tuple[DayOff, ...] = attrs.field(default=(), converter=tuple[DayOff, ...])
    week: Week = attrs.field(default=WEEK, converter=_week)
    _made: dict[tuple[str, str | None], WorkTime] = attrs.field(
        init=False, factory=dict, eq=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        for span in (*self.holidays, *self.working_hours):
            if span.end < span.first:
                raise RuleError(f"the calendar's {span.label or 'span'} ends before it begins")
        if len(self.week) != len(WEEK):
            raise RuleError(f"a week has 7 days from Monday, this one {len(self.week)}")
        for day in self.week:
            bounds = [bound for hours in day for bound in hours]
            if bounds != sorted(set(bounds)) or not all(0 <= bound <= _MIDNIGHT for bound in bounds):
                raise RuleError(f"hours are minutes of a day, ascending, such as (540, 1020), not {day!r}")

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> WorkCalendar:
        """The holidays and working hours among the rows of a `calendar` table; other kinds are left.

        Args:
            rows: kind, starts_at and ends_at (with their zones), and perhaps region and label.

        Raises:
            RuleError: when a row has no zone, or ends before it begins.
        """
        found: dict[str, list[Span]] = {"holiday": [], "working_hours": []}
        for row in rows:
            if row["kind"] in found:
                region, label = row.get("region"), row.get("label") or row["kind"]
                span = Span(
                    _micros(row["starts_at"]),
                    _micros(row["ends_at"]),
                    None if region is None else str(region),
                    label,
                )
                found[row["kind"]].append(span)
        return cls(holidays=found["holiday"], working_hours=found["working_hours"])

    def with_holidays(
        self, country: str, years: Iterable[int], *, subdivision: str | None = None, region: str | None = None
    ) -> WorkCalendar:
        """This calendar and the public holidays of a country, as the `holidays` package knows them.

        Args:
            country: its ISO 3166-1 code, such as FR.
            years: which years.
            subdivision: a part of the country that has its own, such as BY of DE.
            region: the region of people that they hold for; None: everybody.

        Raises:
            MissingExtraError: when the package is not installed.
            RuleError: when it does not know the country or its part.
        """
        try:
            holidays = importlib.import_module("holidays")
        except ImportError:
            raise MissingExtraError("public holidays by country", "holidays") from None
        try:
            known = holidays.country_holidays(country, subdiv=subdivision, years=list(years))
        except NotImplementedError as error:
            raise RuleError(f"no public holidays are known for {country!r}: {error}") from None
        days = [DayOff(day, region, name) for day, name in sorted(known.items())]
        return attrs.evolve(self, days_off=(*self.days_off, *days))

    def rows(self, zone: str | None = None) -> list[dict[str, Any]]:
        """The calendar as rows of a `calendar` table; days off run from midnight to midnight of `zone`."""
        clock = zone_of(zone)
        spans = [("holiday", span) for span in self.holidays]
        for off in self.days_off:
            day = (off.day - _EPOCH_DAY).days
            spans.append(
                ("holiday", Span(clock.start_of(day), clock.start_of(day + 1), off.region, off.label))
            )
        spans += [("working_hours", span) for span in self.working_hours]
        return [
            {
                "kind": kind,
                "starts_at": _EPOCH + dt.timedelta(microseconds=span.first),
                "ends_at": _EPOCH + dt.timedelta(microseconds=span.end),
                "region": span.region,
                "label": span.label,
            }
            for kind, span in spans
        ]

    @property
    def regions(self) -> frozenset[str]:
        """The regions that it tells apart; in all others, working time is the same."""
        named = {span.region for span in (*self.holidays, *self.working_hours)}
        named.update(off.region for off in self.days_off)
        return frozenset(region for region in named if region is not None)

    def work_time(self, zone: str | None, region: str | None) -> WorkTime:
        """The working time of a region, by the clocks of a zone (None: UTC).

        Raises:
            RuleError: when there is no such zone.
        """
        key = (zone or "UTC", region)
        if key not in self._made:
            self._made[key] = self._work_time(zone, region)
        return self._made[key]

    def _work_time(self, zone: str | None, region: str | None) -> WorkTime:
        clock = zone_of(zone)
        worked = [span for span in self.working_hours if span.region == region]
        worked = worked or [span for span in self.working_hours if span.region is None]
        closed = [(span.first, span.end) for span in self.holidays if span.region in {None, region}]
        for off in self.days_off:
            if off.region in {None, region}:
                day = (off.day - _EPOCH_DAY).days
                closed.append((clock.start_of(day), clock.start_of(day + 1)))
        return WorkTime(
            clock, closed, self.week, [(span.first, span.end) for span in worked] if worked else None
        )


ORDINARY = WorkCalendar()
"""The week, without holidays."""


def _micros(instant: dt.datetime) -> int:
    if instant.tzinfo is None:
        raise RuleError(f"the calendar's time {instant} needs its zone (2026-03-01T09:00:00Z)")
    return (instant - _EPOCH) // dt.timedelta(microseconds=1)
