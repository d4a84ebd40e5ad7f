"""What is due again and again, slowly: one case, one due instant, one hour at a time."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable

import attrs

from .oracle import Case, Event

HOUR = dt.timedelta(hours=1)
US = dt.timedelta(microseconds=1)


@attrs.frozen
class Weekly:
    """Every `every`-th week, on some weekdays, at an hour; `days` None: every `every`-th day."""

    every: int
    days: tuple[int, ...] | None
    hour: int
    since: dt.timedelta | None
    starts_on: dt.date = dt.date(2025, 12, 29)
    """A Monday, before anything in the tests."""

    @property
    def rrule(self) -> str:
        if self.days is None:
            return f"FREQ=DAILY;INTERVAL={self.every};BYHOUR={self.hour}"
        names = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day] for day in self.days)
        return f"FREQ=WEEKLY;INTERVAL={self.every};BYDAY={names};BYHOUR={self.hour}"

    def dues(self, until: dt.datetime, zone: str | None) -> list[dt.datetime]:
        clock = zoneinfo.ZoneInfo(zone or "UTC")
        start = self.starts_on
        found = []
        for n in range((until.date() - start).days + 3):
            day = start + dt.timedelta(days=n)
            weeks = (day - (start - dt.timedelta(days=start.weekday()))).days // 7
            fits = (
                n % self.every == 0
                if self.days is None
                else day.weekday() in self.days and weeks % self.every == 0
            )
            if fits:
                due = dt.datetime.combine(day, dt.time(self.hour), clock).astimezone(dt.UTC)
                found.append(due)
        return [due for due in found if due <= until]


def owner_at(case: Case, at: int) -> str | None:
    """Who has the case once what happens at an instant has happened."""
    changes = sorted((e for e in case.events if e.activity == "owner_changed"), key=lambda e: e.at)
    before = [e for e in changes if e.at <= at]
    after = [e for e in changes if e.at > at]
    if after and after[0].attributes["old"] is not None:
        return after[0].attributes["old"]
    if before and (after or before[-1].attributes["new"] is not None):
        return before[-1].attributes["new"]
    return None if after else case.attributes["owner"]


def verdicts(
    case: Case,
    cadence: Weekly,
    epoch: dt.datetime,
    as_of: int,
    zone_at: Callable[[str | None], str | None],
    absences: list[tuple[str, int, int]],
) -> dict[int, tuple[str, int | None]]:
    """By due instant: fulfilled or violated, and the event that fulfilled it."""

    def instant(at: int) -> dt.datetime:
        return epoch + at * US

    def micros(at: dt.datetime) -> int:
        return (at - epoch) // US

    found = {}
    for zone in {zone_at(owner) for owner in people_of(case)}:
        previous = None
        for due in cadence.dues(instant(as_of), zone):
            first = previous if cadence.since is None else due - cadence.since
            opened = first is not None and (
                instant(case.created) <= first if cadence.since is None else instant(case.created) < first
            )
            previous = due
            if not opened or (case.closed is not None and instant(case.closed) < due):
                continue
            if zone_at(owner_at(case, micros(due))) != zone:
                continue
            # Was anybody there, in the middle of any half hour?
            middles = []
            middle = first + HOUR / 4
            while middle < due:
                middles.append(micros(middle))
                middle += HOUR / 2
            if not any(is_there(owner_at(case, at), at, absences) for at in middles):
                continue
            inside = [
                e
                for e in case.events
                if e.activity == "updated"
                and instant(e.at) <= due
                and (instant(e.at) > first if cadence.since is None else instant(e.at) >= first)
            ]
            found[micros(due)] = ("fulfilled", min(e.at for e in inside)) if inside else ("violated", None)
    return found


def people_of(case: Case) -> set[str | None]:
    changes = [e.attributes for e in case.events if e.activity == "owner_changed"]
    return {case.attributes["owner"], None, *(c["old"] for c in changes), *(c["new"] for c in changes)}


def is_there(person: str | None, at: int, absences: list[tuple[str, int, int]]) -> bool:
    return not any(who == person and first <= at < end for who, first, end in absences)


def event(name: int, activity: str, at: int, **attributes: object) -> Event:
    return Event(name, activity, at, {"old": None, "new": None, **attributes})
