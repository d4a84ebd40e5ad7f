"""What is due again and again: by which instants, whose clock tells, and what became of it in a case."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from crmusage.rules._cadence import cadence_zone, due_instants, present, window_before
from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row, at_of
from crmusage.rules._monitor._door import micros
from crmusage.rules._monitor._tests import People
from crmusage.rules._rule import Cadence, UsageRule
from crmusage.rules._template import Verdict

OWNER_CHANGED = "owner_changed"
AHEAD = 400 * 86_400_000_000
"""So far ahead of what is asked for due instants are worked out (guessed: a little more than a year, so seldom)."""
Stretch = tuple[int, int, Any]
"""From when, up to when (not included), who has the case."""


@attrs.frozen(eq=False)
class CadenceSide:
    """The cadence of a rule."""

    number: int
    """Its place after all sides of expectations."""
    rule: UsageRule
    place: int
    """Of the rule among the rules."""
    constraint: Cadence
    mirrored: bool = False

    @property
    def position(self) -> int:
        """After the last expectation."""
        return len(self.rule.expect)

    @property
    def key(self) -> tuple[str, int, bool]:
        """What tells it apart from sides of expectations."""
        return self.rule.id, self.position, False


class Absences:
    """When persons are away."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the rows of an absences table: person_id, starts_at, ends_at."""
        self._of: dict[Any, list[tuple[int, int]]] = {}
        found = [
            (row["person_id"], micros(row["starts_at"], "absences"), micros(row["ends_at"], "absences"))
            for row in rows
        ]
        for person, start, end in sorted(found):
            theirs = self._of.setdefault(person, [])
            if end <= start:
                continue
            if theirs and start <= theirs[-1][1]:
                theirs[-1] = theirs[-1][0], max(theirs[-1][1], end)
            else:
                theirs.append((start, end))

    def present(self, person: Any, first: int, end: int) -> int:
        """For how long somebody was there, in microseconds."""
        return present(first, end, self._of.get(person, ()))


class Cadences:
    """Judges the cadences of rules."""

    def __init__(
        self,
        rules: Sequence[UsageRule],
        n_sides: int,
        people: People,
        calendar: WorkCalendar | None,
        absences: Iterable[Mapping[str, Any]],
        oldest: Callable[[], int],
    ) -> None:
        """`oldest` tells when the oldest case in memory was created (NEVER: there is none)."""
        found = [(place, rule) for place, rule in enumerate(rules) if rule.cadence is not None]
        self.sides = [
            CadenceSide(n_sides + k, rule, place, rule.cadence)
            for k, (place, rule) in enumerate(found)
            if rule.cadence is not None
        ]
        self._oldest = oldest
        self._people, self._calendar, self._absences = people, calendar, Absences(absences)
        self._known: dict[tuple[int, str | None], tuple[int, int, list[int]]] = {}
        self._next = FAR_PAST
        """No due instant is before this one and not before the clock."""

    def awaits(self, to: int) -> bool:
        """Whether something may be due before an instant, and after all that was asked before."""
        return bool(self.sides) and to > self._next

    def moved(self, to: int) -> None:
        """The clock stands at an instant: find the next due one."""
        self._next = min((due for side in self.sides for due in self._coming(side, to)), default=NEVER)

    def _coming(self, side: CadenceSide, to: int) -> Iterator[int]:
        for zone in self._zones(side):
            dues = self._dues(side, zone, to, to + AHEAD)
            k = bisect_left(dues, to)
            yield dues[k] if k < len(dues) else to + AHEAD

    def _zones(self, side: CadenceSide) -> set[str | None]:
        named = cadence_zone(side.rule)
        if named == "person":
            return {None, *self._people.zones}
        if named == "unit":
            return {None, *self._people.usual_zones.values()}
        return {named}

    def _dues(self, side: CadenceSide, zone: str | None, since: int, until: int) -> list[int]:
        """The due instants between two instants at least."""
        key = (side.number, zone)
        start, horizon, dues = self._known.get(key, (NEVER, FAR_PAST, []))
        if since < start or until > horizon:
            # What was due before any case in memory is forgotten.
            start, horizon = min(since, self._oldest()), max(horizon, until + AHEAD)
            dues = list(due_instants(side.constraint, start, until=horizon, zone=zone))
            self._known[key] = start, horizon, dues
        return dues

    def settled(
        self, side: CadenceSide, case: Case, since: int, clock: int
    ) -> Iterator[tuple[int, Verdict, Row | None]]:
        """The due instants from `since` on that the clock, or the end of the case, is past; and what became of each."""
        if side.place in case.unasked:
            return
        # What is due at the instant of the end is asked of the case still.
        end = clock if case.closed == NEVER else case.closed + 1
        if end <= case.created:
            return
        stretches = _stretches(case)
        for begin, stop, owner in stretches:
            zone, region = self._place(side, case, owner)
            dues = self._dues(side, zone, case.created, end)
            k = bisect_left(dues, max(begin, since, case.created))
            while k < len(dues) and dues[k] < min(stop, end):
                previous = dues[k - 1] if k else None
                first = window_before(
                    side.constraint, dues[k], previous, zone=zone, region=region, calendar=self._calendar
                )
                if first is not None and case.created < first and self._possible(stretches, first, dues[k]):
                    by = _done(side.constraint.activities, case, first, dues[k])
                    yield dues[k], Verdict.VIOLATED if by is None else Verdict.FULFILLED, by
                k += 1

    def _place(self, side: CadenceSide, case: Case, owner: Any) -> tuple[str | None, str | None]:
        zone: str | None = cadence_zone(side.rule)
        if zone == "person":
            zone = self._people.tell(owner, "time_zone")
        elif zone == "unit":
            zone = self._people.usual_zone(case.head.get("unit"))
        return zone, self._people.tell(owner, "region")

    def _possible(self, stretches: Sequence[Stretch], first: int, due: int) -> bool:
        """Whether somebody who had the case in the window was there for a while (which may be a single instant)."""
        return first == due or any(
            self._absences.present(owner, max(first, begin), min(due, stop)) > 0
            for begin, stop, owner in stretches
            if begin <= due and stop > first
        )


def _stretches(case: Case) -> list[Stretch]:
    """Who has a case when: whoever had it at first, and whom it was given to since.

    What a change tells of who had it before (`old`) is not asked: by then, the verdicts of that time have been said.
    """
    found: list[Stretch] = []
    since, owner = FAR_PAST, case.head.get("owner")
    for row in case.rows:
        if row[1] == OWNER_CHANGED:
            found.append((since, row[2], owner))
            since, owner = row[2], row[3].get("new")
    return [*found, (since, NEVER, owner)]


def _done(names: Sequence[str], case: Case, first: int, due: int) -> Row | None:
    for k in range(bisect_left(case.rows, first, key=at_of), len(case.rows)):
        row = case.rows[k]
        if row[2] > due:
            return None
        if row[1] in names:
            return row
    return None
