"""How far from an activation a target may be, by elapsed time, a clock, or the working calendar."""

from __future__ import annotations

from collections.abc import Callable

from crmusage.rules._calendar import ORDINARY, WorkCalendar
from crmusage.rules._duration import Duration
from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._monitor._side import Reach
from crmusage.rules._monitor._tests import People, reader
from crmusage.rules._rule import Constraint, UsageRule
from crmusage.rules._window import bounds

_Name = Callable[[Row, Case], str | None]


def reach_of(constraint: Constraint, rule: UsageRule, people: People, calendar: WorkCalendar | None) -> Reach:
    """The window of a constraint; a length of nothing does not delay."""
    near, far = constraint.after, constraint.within
    delays = near is not None and not near.is_nothing
    if not any(_needs_clock(length, rule) for length in (near, far)):
        return Reach.elapsed(
            None if near is None else near.microseconds, None if far is None else far.microseconds
        )
    zone, region = _zone(rule, people), _region(people, calendar or ORDINARY)

    def ahead(row: Row, case: Case) -> tuple[int, int]:
        return bounds(constraint, row[2], zone=zone(row, case), region=region(row, case), calendar=calendar)

    def back(row: Row, case: Case) -> tuple[int, int]:
        where = zone(row, case), region(row, case)
        return bounds(constraint, row[2], back=True, zone=where[0], region=where[1], calendar=calendar)

    return Reach(ahead=ahead, back=back, is_elapsed=False, delays=delays, has_end=far is not None)


def _needs_clock(length: Duration | None, rule: UsageRule) -> bool:
    return length is not None and (length.is_working or (rule.zone is not None and length.whole_days > 0))


def _zone(rule: UsageRule, people: People) -> _Name:
    if rule.zone == "person":
        return lambda row, case: people.of_event(row, case, "time_zone")
    if rule.zone == "unit":
        unit = reader("unit")
        return lambda row, case: people.usual_zone(unit(row, case))
    return lambda _, __: rule.zone


def _region(people: People, calendar: WorkCalendar) -> _Name:
    told = calendar.regions
    if not told:
        return lambda _, __: None

    def region(row: Row, case: Case) -> str | None:
        name = people.of_event(row, case, "region")
        return name if name in told else None

    return region
