"""The open cases, the clock, and every way in which something can happen to them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Literal

from crmusage.errors import CrmUsageError
from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._monitor._again import Again, changes, placed, wanted
from crmusage.rules._monitor._alarms import Alarms
from crmusage.rules._monitor._core import Core
from crmusage.rules._monitor._door import check_row
from crmusage.rules._monitor._layout import (
    ALARM,
    AT,
    BASE,
    CLOSED,
    COUNT,
    CREATED,
    FAR_PAST,
    HEAD,
    ID,
    OPENED,
    PAST,
    QUEUED,
    Case,
    Row,
    Several,
    all_rows,
    by_run,
    last_instant,
    one_by_one,
    rows_at,
)
from crmusage.rules._monitor._part import Told, Voice
from crmusage.rules._monitor._parts import parts_of
from crmusage.rules._monitor._tests import People, instant
from crmusage.rules._rule import UsageRule
from crmusage.rules._template import Verdict

Late = Literal["place", "refuse"]
REOPENED = "reopened"
_REMEMBERED = 16
"""So many events are remembered at least where late ones are refused (guessed: a copy of the case, made once for so
many events, costs little, and as many events are soon taken in again)."""


class LateEventError(CrmUsageError):
    """An event came after a later one of its case, and late events are refused. Nothing was changed by it."""


class Engine:
    """Takes events in and says verdicts into `said`.

    An event that is later than all others of its case goes the fast way: it touches what its activity touches. All
    others are judged by putting back what stood before and taking in again.
    """

    def __init__(
        self,
        rules: Sequence[UsageRule],
        people: People,
        calendar: WorkCalendar | None,
        *,
        late: Late,
        ordered: bool,
        report: Iterable[Verdict],
        closing: Iterable[str],
        linger: int,
        first_head: Callable[[Row], Mapping[str, Any]],
    ) -> None:
        self.late, self.ordered, self.linger = late, ordered, linger
        self.report, self.closing = frozenset(report), frozenset(closing)
        self._first_head = first_head
        self.said: list[Told] = []
        self.cases: dict[str, Case] = {}
        self.closed: dict[str, Case] = {}
        """Cases that have ended and not left memory yet."""
        self.clock = FAR_PAST
        self.alarms = Alarms(self.cases)
        self._leaving: list[tuple[int, str]] = []
        self._newest = FAR_PAST
        """The latest end of a case, or the clock: what lets ended cases leave."""
        cut = one_by_one if ordered else by_run
        voice = Voice(self.report, self.said, self.alarms.arm, cut)
        self.core = Core(*parts_of(rules, people, calendar, voice), rules, people, voice)
        everything: list[Told] = []
        loud = Voice(Verdict, everything, _set_alarm, cut)
        again = Core(*parts_of(rules, people, calendar, loud), rules, people, loud)
        self._again = Again(again, everything)
        self._ways = {name: self._flat(name) for name in {*self.core.ways, *self.closing}}
        self._other = self._flat("")

    def _flat(self, activity: str) -> tuple[Any, ...]:
        way = self.core.way(activity)
        return way.gates, way.handlers, way.clears, way.keeps, activity in self.closing

    # --- events

    def take(self, rows: Iterable[Row]) -> None:
        """Take in events. This is the hot loop, written flat."""
        find, way_of, other = self.cases.get, self._ways.get, self._other
        clock, counts = self.clock, self.late == "refuse"
        row: Any = None
        try:
            for row in rows:
                case_id, activity, at, _ = row
                case = find(case_id)
                if case is None or not case[AT] < at <= case[ALARM] or at < clock:
                    case = self._made_ready(case, row)
                    if case is None:
                        continue
                gates, handlers, cleared, kept, closes = way_of(activity, other)
                try:
                    for handle in compress(handlers, gates(case)):
                        handle(case, row)
                except BaseException:
                    self._take_back(case, row)
                    raise
                if cleared:
                    for slot in cleared:
                        case[slot] = None
                if kept:
                    for slot in kept:
                        case[slot] = row
                case[PAST] = (row, case[PAST])
                case[AT] = at
                if counts:
                    self._count(case)
                if closes:
                    self.end(case, at)
        except (TypeError, ValueError, AttributeError):
            check_row(row)
            raise

    def _count(self, case: Case) -> None:
        """Where late events are refused: remember no more than a few, and the case as it stood before them."""
        case[COUNT] += 1
        if case[COUNT] > _REMEMBERED:
            base = self._again.move_base(case)
            base[PAST], base[BASE] = (last_instant(base), None), None
            case[PAST] = (case[PAST][0], base[PAST])

    def _take_back(self, case: Case, row: Row) -> None:
        """An event could not be judged: as if it had never come."""
        self._again.back(case, row[2])
        self._unsay(row)

    def _unsay(self, row: Row) -> None:
        # What an event made a part say is about that event, or decided by it.
        while self.said and (self.said[-1][2] is row or self.said[-1][4] is row):
            del self.said[-1]

    def _made_ready(self, case: Case | None, row: Row) -> Case | None:
        """The case of an event, ready to take it in the fast way; None: the event is taken in already."""
        at = row[2]
        if case is None:
            closed = self.closed.get(row[0])
            if closed is None:
                self._begin_with(row)
            else:
                self._reopen(closed, row)
            return None
        if at < self.clock or at < case[AT]:
            self._late(case, row)
            return None
        if at == case[AT] and not self.ordered:
            self._join(case, row)
            return None
        if at > case[ALARM]:
            soonest = self.core.ring(case, at)
            if soonest < case[QUEUED]:
                self.alarms.push(case, soonest)
            if case[PAST] is None:
                self._take_first(case, row, soonest)
                return None
            case[ALARM] = soonest
        return case

    def _begin_with(self, row: Row) -> None:
        """A case begins with its first event."""
        n_said = len(self.said)
        case, soonest = self.core.begin(row[0], row[2], self._first_head(row))
        self.cases[row[0]] = case
        self.alarms.push(case, soonest)
        if row[2] < self.clock:
            # Judged as a whole, it says again what its beginning alone has settled.
            del self.said[n_said:]
            self._late(case, row)
        else:
            self._take_first(case, row, soonest)

    def _take_first(self, case: Case, row: Row, soonest: int) -> None:
        """The first event of a case."""
        case[ALARM] = soonest
        try:
            self.core.show_first(case, (row,))
            self.core.way(row[1]).go(case, row)
        except BaseException:
            self._take_back(case, row)
            case[ALARM] = FAR_PAST
            self._unbegin(case)
            raise
        case[AT], case[PAST] = row[2], (row, None)
        if row[1] in self.closing:
            self.end(case, row[2])

    def _unbegin(self, case: Case) -> None:
        """A case that began with an event that could not be taken in has not begun."""
        if case[PAST] is None and not case[OPENED]:
            del self.cases[case[ID]]

    def _join(self, case: Case, row: Row) -> None:
        """Another event at the instant of the last one: judge again what depends on how the two stand."""
        n_said = len(self.said)
        try:
            if self.core.is_apart(case, row[1]):
                self.core.way(row[1]).go(case, row)
            else:
                self._say(self._again.instant(case, row))
        except BaseException:
            self._again.forget()
            self._again.back(case, row[2])
            del self.said[n_said:]
            raise
        instant, below = case[PAST]
        case[PAST] = (Several((*rows_at(instant), row)), below)
        if case[ALARM] < case[QUEUED]:
            self.alarms.push(case, case[ALARM])
        if row[1] in self.closing:
            self.end(case, row[2])

    # --- what comes late

    def _late(self, case: Case, row: Row) -> None:
        try:
            if self.late == "place":
                self.rejudge(case, placed(all_rows(case), row), None)
                return
            behind_clock = self.clock > case[AT]
            raise LateEventError(
                f"case {case[ID]!r}: {row[1]!r} at {instant(row[2])} comes late, "
                f"{'the clock stands' if behind_clock else 'its last event was'} at "
                f"{instant(max(case[AT], self.clock))}: send events in order, or take late ones with late='place'"
            )
        except BaseException:
            self._unbegin(case)
            raise

    def _reopen(self, case: Case, row: Row) -> None:
        """An event comes to a case that has ended."""
        end = case[CLOSED]
        if self.late == "refuse":
            raise LateEventError(
                f"case {case[ID]!r}: {row[1]!r} at {instant(row[2])} comes after the case has ended at {instant(end)}: "
                "end cases when nothing more can come, or take late events with late='place'"
            )
        if row[2] >= end:
            end = None if row[1] == REOPENED else row[2] if row[1] in self.closing else end
        self.rejudge(case, placed(all_rows(case), row), end)

    def rejudge(
        self,
        case: Case,
        rows: Sequence[Row],
        end: int | None,
        head: Mapping[str, Any] | None = None,
        created: int | None = None,
    ) -> None:
        """Judge a case as if `rows`, `head` and `created` had been known all along, and say what changes."""
        if created is None:
            created = case[CREATED] if case[OPENED] else rows[0][2]
        if head is None:
            head = case[HEAD] if case[OPENED] else self._first_head(rows[0])
        again, ended = self._again, case[CLOSED]
        try:
            was: list[Told] = []
            if case[PAST] is not None or case[OPENED]:
                _, _, was = again.case(case, all_rows(case), ended, case[HEAD], case[CREATED], self.clock)
            made, soonest, now = again.case(case, rows, end, head, created, self.clock)
        except BaseException:
            again.forget()
            raise
        case[:] = made
        self._say(changes(was, now))
        if end is None:
            if ended is not None:
                self.cases[case[ID]] = self.closed.pop(case[ID])
            self.alarms.push(case, soonest)
        elif end != ended:
            self._linger(case, end)

    def _say(self, told: Iterable[Told]) -> None:
        self.said.extend(one for one in told if wanted(one, self.report))

    # --- beginnings, ends and the clock

    def open(self, case_id: str, created: int, head: Mapping[str, Any], *, opened: bool) -> Case:
        """A case begins."""
        case, soonest = self.core.begin(case_id, created, head)
        case[OPENED] = opened
        self.cases[case_id] = case
        if soonest < self.clock:
            soonest = self.core.ring(case, self.clock)
        self.alarms.push(case, soonest)
        return case

    def end(self, case: Case, at: int) -> None:
        """A case ends: what waits is settled, and it leaves memory when its time has come."""
        self.core.finish(case, at)
        del self.cases[case[ID]]
        self._linger(case, at)

    def _linger(self, case: Case, at: int) -> None:
        case[CLOSED] = at
        if at > self._newest:
            self._newest = at
            if not self.linger:
                # Most monitors: what ended before this instant leaves.
                self.closed.clear()
        if at + self.linger >= self._newest:
            self.closed[case[ID]] = case
            if self.linger:
                heapq.heappush(self._leaving, (at + self.linger, case[ID]))
                self._let_leave()

    def _let_leave(self) -> None:
        leaving = self._leaving
        while leaving and leaving[0][0] < self._newest:
            at, case_id = heapq.heappop(leaving)
            case = self.closed.get(case_id)
            if case is not None and case[CLOSED] + self.linger == at:
                del self.closed[case_id]

    def advance(self, to: int) -> None:
        """Everything before `to` has happened."""
        if to <= self.clock:
            return
        self.clock = to
        for case in self.alarms.due(to):
            soonest = self.core.ring(case, to)
            if case[PAST] is not None:
                case[ALARM] = soonest
            self.alarms.push(case, soonest)
        if to > self._newest:
            self._newest = to
            if self.linger:
                self._let_leave()
            else:
                self.closed.clear()


def _set_alarm(case: Case, at: int) -> None:
    case[ALARM] = at
