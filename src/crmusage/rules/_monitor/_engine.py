"""The open cases, the clock, and every way in which something can happen to them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from crmusage.rules._monitor._cadences import Cadences, CadenceSide
from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row, at_of, by_run, one_by_one, placed
from crmusage.rules._monitor._compiled import Compiled
from crmusage.rules._monitor._deadlines import Deadlines
from crmusage.rules._monitor._door import LateEventError, check_row
from crmusage.rules._monitor._judge import F, Found, P, V, activations, affected, judge
from crmusage.rules._monitor._judge import stream as stream_in
from crmusage.rules._monitor._notes import expired, note, note_newest, waiting
from crmusage.rules._monitor._side import Kind, Side, Stream
from crmusage.rules._monitor._steps import Step, Voice, steps_of
from crmusage.rules._monitor._tests import instant
from crmusage.rules._monitor._verdict import Told
from crmusage.rules._monitor._ways import ANY, Ties, Way, feed, feed_beside, way_of
from crmusage.rules._template import Verdict

Late = Literal["place", "refuse"]
Finals = dict[tuple[int, int], tuple[Side | CadenceSide, Row | None, Found]]
"""By side and activation, what is settled for good."""
REOPENED = "reopened"
_SHORT = 32
"""Up to so many events, streams are sooner found again, when they are asked for, than kept up to date (guessed)."""


class Engine:
    """Takes events in and says verdicts into `said`.

    What is final follows from the events of a case, its end and the clock. An event that comes after all others of
    its case is only held against what it can settle; for every other event, what was final before and what is
    after it are compared, and the difference is said.
    """

    def __init__(
        self,
        compiled: Compiled,
        cadences: Callable[[Callable[[], int]], Cadences],
        *,
        late: Late,
        ordered: bool,
        report: Iterable[Verdict],
        closing: Iterable[str],
        linger: int,
        first_head: Callable[[Row], Mapping[str, Any]],
    ) -> None:
        self.compiled, self.late, self.linger = compiled, late, linger
        self.report, self.closing = frozenset(report), frozenset(closing)
        self._first_head, self._cut = first_head, one_by_one if ordered else by_run
        self.said: list[Told] = []
        self.cases: dict[str, Case] = {}
        self.closed: dict[str, Case] = {}
        """Cases that have ended and not left memory yet."""
        self.clock = FAR_PAST
        self.newest = FAR_PAST
        """The latest end of a case, or the clock: what lets ended cases leave."""
        self._leaving: list[tuple[int, str]] = []
        sides, streams = compiled.sides, compiled.streams
        self._deadlines = Deadlines(len(sides))
        self._arm = self._deadlines.add
        voice = Voice(self._tell, self._arm, lambda: self.clock, tells_fulfilled=F in self.report)
        steps = [steps_of(side, voice) for side in sides]
        self._closers = [(n, one.close) for n, one in enumerate(steps) if one.close is not None]
        self._follows = [(n, one.follow) for n, one in enumerate(steps) if one.follow is not None]
        self._lasts = [streams[number] for number in sorted({n for one in steps for n in one.lasts})]
        names = {name for stream in streams for name in stream.activities} | self.closing
        self._ways = {
            name: way_of(name, streams, sides, steps, closes=name in self.closing) for name in names
        }
        self._other = Way((), (), (), (), closes=False)
        self._flat = {n: (way.streams, way.steps, way.lasts, way.closes) for n, way in self._ways.items()}
        self._inits = [side for side in sides if side.kind is Kind.INIT]
        self._nexts = [side for side in sides if side.kind is Kind.NEXT]
        self._windowed = [side for side in sides if side.is_of_case and not side.reach.is_boundless]
        self.cadences = cadences(self._oldest)
        self._ties = Ties(sides, names, tells_fulfilled=F in self.report)

    # --- what is said

    def _tell(self, side: Side | CadenceSide, case: Case, row: Row | None, found: Found) -> None:
        if found[0] in self.report:
            self.said.append((side, case.id, row, found[0], found[1], found[2], None))

    def finals(self, case: Case) -> Finals:
        """What is settled."""
        return self._finals(case, ((side, activations(side, case)) for side in self.compiled.sides))

    def _finals(self, case: Case, asked: Iterable[tuple[Side, Iterable[Row | None]]]) -> Finals:
        found: Finals = {}
        clock, closed = self.clock, case.closed
        for side, rows in asked:
            ask, number = side.ask, side.number
            for row in rows:
                one = ask(side, case, row, clock, closed)
                if one[3]:
                    found[number, id(row)] = side, row, one
        return found

    def _cadence_finals(self, case: Case) -> Finals:
        return {
            (side.number, due): (side, None, (verdict, by, due, True))
            for side in self.cadences.sides
            for due, verdict, by in self.cadences.settled(side, case, FAR_PAST, self.clock)
        }

    def _say_cadences(self, case: Case, since: int) -> None:
        for side in self.cadences.sides:
            for due, verdict, by in self.cadences.settled(side, case, since, self.clock):
                self._tell(side, case, None, (verdict, by, due, True))

    def _oldest(self) -> int:
        cases = (*self.cases.values(), *self.closed.values())
        return min((case.created for case in cases), default=NEVER)

    def _say_changes(self, case: Case, was: Finals, now: Finals) -> None:
        report = self.report
        for key, (side, row, (verdict, by, deadline, _)) in now.items():
            old = was.pop(key, None)
            before = None if old is None else old[2][0]
            if before is not verdict and (verdict in report or before in report):
                self.said.append((side, case.id, row, verdict, by, deadline, before))
        for side, row, (verdict, _, due, _) in was.values():
            if verdict in report:
                deadline = NEVER if isinstance(side, Side) else due
                self.said.append((side, case.id, row, P, None, deadline, verdict))

    # --- events

    def take(self, rows: Iterable[Row]) -> None:
        """Take in events. This is the hot loop, written flat."""
        find, way_of, nothing, clock = self.cases.get, self._flat.get, ((), (), (), False), self.clock
        case: Any = None
        row: Any = None
        try:
            for row in rows:
                case_id, activity, at, _ = row
                case = find(case_id)
                if case is None or at <= case.at or at < clock:
                    self._take_slowly(case, row)
                    continue
                case.at = at
                case.rows.append(row)
                streams, steps, lasts, closes = way_of(activity, nothing)
                if case.seen is not None:
                    feed(case, row, streams)
                if case.watch is not None:
                    self._follow(case, row)
                for step in steps:
                    step(case, row)
                for number in lasts:
                    case.last[number] = row
                if closes:
                    self.end(case, at)
        except BaseException:
            if case is not None and case.rows and case.rows[-1] is row:
                self._take_back(case, row)
            check_row(row)
            raise

    def _follow(self, case: Case, row: Row) -> None:
        """Settle what waited for whatever comes next."""
        watch, case.watch = case.watch, None
        for follow in watch or ():
            follow(case, row)

    def _take_back(self, case: Case, row: Row) -> None:
        """An event could not be judged: as if it had never come."""
        said = self.said
        # What it made a side say is about it, or decided by it.
        while said and (said[-1][2] is row or said[-1][4] is row):
            del said[-1]
        rows = [one for one in case.rows if one is not row]
        if rows or case.is_opened:
            made = self._built(case.id, rows, case.closed, case.created, case.head)
            made.is_opened = case.is_opened
            self._become(case, made)
        elif case.closed == NEVER:
            case.closed = FAR_PAST
            del self.cases[case.id]

    def _take_slowly(self, case: Case | None, row: Row) -> None:
        if case is None:
            closed = self.closed.get(row[0])
            if closed is None:
                self._begin_with(row)
            else:
                self._reopen(closed, row)
        elif row[2] < self.clock:
            self._late(case, row)
        elif not case.rows:
            self._take_first(case, row)
        elif row[2] < case.at:
            self._late(case, row)
        else:
            self._join(case, row)

    def _begin_with(self, row: Row) -> None:
        """A case begins with its first event."""
        if row[2] < self.clock:
            case = self.compiled.begin(row[0], row[2], self._first_head(row))
            self._late(case, row)
            return
        n_said = len(self.said)
        case = self.open(row[0], row[2], self._first_head(row), opened=False)
        try:
            self._take_first(case, row)
        except BaseException:
            del self.said[n_said:], self.cases[case.id]
            case.closed = FAR_PAST
            raise

    def _take_first(self, case: Case, row: Row) -> None:
        """The first event of a case, which comes in time."""
        case.at = row[2]
        case.rows.append(row)
        way = self._ways.get(row[1], self._other)
        if case.seen is not None:
            feed(case, row, way.streams)
        for step in way.steps:
            step(case, row)
        for number in way.lasts:
            case.last[number] = row
        for side in self._inits:
            if case.waits[side.number]:
                case.waits[side.number] = None
                verdict = F if side.starts.takes(row, case) else V
                self._tell(side, case, None, (verdict, row, NEVER, True))
        if way.closes:
            self.end(case, row[2])

    def _join(self, case: Case, row: Row) -> None:
        """Another event at the instant of the last one: judge again what depends on how they stand."""
        way, at, n_said = self._ways.get(row[1], self._other), row[2], len(self.said)
        fed = [stream for stream in way.streams if stream.test is None or stream.test(row, case)]
        others = case.newest()
        caring: Sequence[Side] = self._ties.caring(row[1], others)
        if len(others) == 1:
            caring = [side for side in caring if side.may_mix(others[0], fed, case)]
        if len(others) == len(case.rows):
            caring = [*caring, *self._inits]
        elif self._nexts:
            names = {one[1] for one in case.run(case.rows[-len(others) - 1])}
            more = (side for side in self._nexts if not names.isdisjoint(side.activities))
            caring = [*caring, *(side for side in more if side not in caring)]
        try:
            was = self._finals(case, [(side, affected(side, case)[1]) for side in caring]) if caring else {}
            self._put(case, [*others, row], fed)
            numbers = {ANY, *(stream.number for stream in fed)}
            for side, number, step in way.hooks:
                if number in numbers and side not in caring:
                    step(case, row)
            for stream in fed:
                last = case.last[stream.number]
                if last is None or case.order(last, row) >= 0:
                    case.last[stream.number] = row
            if caring:
                self._judge_again(case, row, caring, was)
        except BaseException:
            del self.said[n_said:]
            self._take_back(case, row)
            raise
        if way.closes:
            self.end(case, at)

    def _judge_again(self, case: Case, row: Row, caring: Iterable[Side], was: Finals) -> None:
        """Say what an event has changed that shares its instant with others, and note what waits now."""
        now: Finals = {}
        for side in caring:
            since, rows = affected(side, case)
            waits = []
            for one in rows:
                found = judge(side, case, one, self.clock)
                if found[3]:
                    now[side.number, id(one)] = side, one, found
                    continue
                waits.append(one)
                if one is not None and one[2] == row[2] and side.may_expire and found[2] != NEVER:
                    self._arm(side, case, one, found[2])
            note_newest(side, case, since, waits[::-1], row)
        self._say_changes(case, was, now)
        case.watch = self._watching(case) if self._follows else None
        if len(case.rows) <= _SHORT:
            case.seen = None

    def _put(self, case: Case, rows: Sequence[Row], fed: Iterable[Stream]) -> None:
        """Lay out the last instant anew, of which the last row is new, and goes into these streams."""
        runs = self._cut(rows)
        case.ties = case.ties or {}
        case.ties[rows[-1][2]] = runs
        case.rows[len(case.rows) - len(rows) + 1 :] = [row for run in runs for row in run]
        feed_beside(case, rows[-1], fed)

    def _watching(self, case: Case) -> tuple[Step, ...] | None:
        """What follows from what comes next."""
        waits = ((follow, case.waits[number]) for number, follow in self._follows)
        return tuple(follow for follow, rows in waits if rows and rows[-1][2] == case.at) or None

    # --- what comes late

    def _late(self, case: Case, row: Row) -> None:
        if self.late == "place":
            self.rejudge(case, placed(case.rows, row), NEVER)
            return
        last = case.rows[-1][2] if case.rows else FAR_PAST
        raise LateEventError(
            f"case {case.id!r}: {row[1]!r} at {instant(row[2])} comes late, "
            f"{'the clock stands' if self.clock > last else 'its last event was'} at "
            f"{instant(max(last, self.clock))}: send events in order, or take late ones with late='place'"
        )

    def _reopen(self, case: Case, row: Row) -> None:
        """An event comes to a case that has ended."""
        end = case.closed
        if self.late == "refuse":
            raise LateEventError(
                f"case {case.id!r}: {row[1]!r} at {instant(row[2])} comes after the case has ended at {instant(end)}: "
                "end cases when nothing more can come, or take late events with late='place'"
            )
        if row[2] >= end:
            end = NEVER if row[1] == REOPENED else row[2] if row[1] in self.closing else end
        self.rejudge(case, placed(case.rows, row), end)

    def rejudge(
        self,
        case: Case,
        rows: Sequence[Row],
        end: int,
        beginning: tuple[int, Mapping[str, Any]] | None = None,
    ) -> None:
        """Judge a case as if `rows`, and the `beginning` that it is opened with, had been known all along."""
        was = self.finals(case) | self._cadence_finals(case) if case.rows or case.is_opened else {}
        is_opened = case.is_opened or beginning is not None
        if beginning is None:
            beginning = (case.created, case.head) if is_opened else (rows[0][2], self._first_head(rows[0]))
        made = self._built(case.id, rows, end, *beginning)
        made.is_opened = is_opened
        now = self.finals(made) | self._cadence_finals(made)
        ended = case.closed
        self._become(case, made)
        self._say_changes(case, was, now)
        if end == NEVER:
            self.closed.pop(case.id, None)
            self.cases[case.id] = case
        elif end != ended:
            self.cases.pop(case.id, None)
            self._linger(case, end)

    def _built(
        self, case_id: str, rows: Sequence[Row], end: int, created: int, head: Mapping[str, Any]
    ) -> Case:
        """A case with these rows, which are in order of time."""
        case = self.compiled.begin(case_id, created, head)
        case.closed = end
        for at, group in groupby(rows, key=at_of):
            together = list(group)
            if len(together) > 1:
                runs = self._cut(together)
                case.ties = case.ties or {}
                case.ties[at] = runs
                together = [row for run in runs for row in run]
            case.rows += together
        if case.rows:
            case.at = case.rows[-1][2]
        return case

    def put_back(
        self,
        case_id: str,
        rows: Sequence[Row],
        end: int,
        created: int,
        head: Mapping[str, Any],
        *,
        opened: bool,
    ) -> None:
        """Take up a case again, of which all that can be said has been said."""
        case = self._built(case_id, rows, end, created, head)
        case.is_opened = opened
        if end == NEVER:
            self.cases[case_id] = case
            self._note(case)
        else:
            self._linger(case, end)

    def _become(self, case: Case, made: Case) -> None:
        """Let a case be another one."""
        for name in Case.__slots__:
            setattr(case, name, getattr(made, name))
        if case.closed == NEVER:
            self._note(case)

    def _note(self, case: Case) -> None:
        """Note anew what waits in an open case, and until when."""
        for side in self.compiled.sides:
            found = waiting(side, case, self.clock)
            note(side, case, [row for row, _ in found])
            for row, deadline in found:
                if side.may_expire and deadline != NEVER:
                    self._arm(side, case, row, deadline)
        for stream in self._lasts:
            case.last[stream.number] = next(reversed(stream_in(case, stream)), None)
        case.watch = self._watching(case)
        # The next event need not be told to streams that none may ask for again.
        case.seen = None

    # --- beginnings, ends and the clock

    def open(self, case_id: str, created: int, head: Mapping[str, Any], *, opened: bool) -> Case:
        """A case begins."""
        case = self.compiled.begin(case_id, created, head)
        case.is_opened = opened
        self.cases[case_id] = case
        for side in self._windowed:
            if side.place not in case.unasked:
                reach = side.reach
                if reach.is_elapsed and reach.after <= reach.within and self.clock <= created + reach.after:
                    # The usual one, whose time has not begun to be over.
                    if reach.has_end:
                        self._arm(side, case, None, created + reach.within)
                    continue
                found = judge(side, case, None, self.clock)
                if found[3]:
                    case.waits[side.number] = None
                    self._tell(side, case, None, found)
                elif found[2] != NEVER:
                    self._arm(side, case, None, found[2])
        if created < self.clock and self.cadences.sides:
            self._say_cadences(case, FAR_PAST)
        return case

    def close(self, case: Case, at: int) -> None:
        """A case ends as the caller says, perhaps before what the clock has made of it since."""
        if at >= self.clock or not self.cadences.sides:
            self.end(case, at)
        elif self.late == "place":
            self.rejudge(case, case.rows, at)
        else:
            raise LateEventError(
                f"case {case.id!r}: its end at {instant(at)} comes late, the clock stands at {instant(self.clock)}: "
                "close cases in order, or take late ends with late='place'"
            )

    def end(self, case: Case, at: int) -> None:
        """A case ends: what waits is settled, and it leaves memory when its time has come."""
        waits = case.waits
        for number, close in self._closers:
            if waits[number]:
                close(case, at)
        case.closed = at
        if self.cadences.sides:
            self._say_cadences(case, self.clock)
        del self.cases[case.id]
        self._linger(case, at)

    def _linger(self, case: Case, at: int) -> None:
        if at > self.newest:
            self.newest = at
            if not self.linger:
                # Most monitors: what ended before this instant leaves.
                self.closed.clear()
        if at + self.linger >= self.newest:
            self.closed[case.id] = case
            if self.linger:
                heapq.heappush(self._leaving, (at + self.linger, case.id))
                self._let_leave()

    def _let_leave(self) -> None:
        leaving = self._leaving
        while leaving and leaving[0][0] < self.newest:
            at, case_id = heapq.heappop(leaving)
            case = self.closed.get(case_id)
            if case is not None and case.closed + self.linger == at:
                del self.closed[case_id]

    def advance(self, to: int) -> None:
        """Everything before `to` has happened."""
        if to <= self.clock:
            return
        since, self.clock = self.clock, to
        if self.cadences.awaits(to):
            for case in self.cases.values():
                self._say_cadences(case, since)
            self.cadences.moved(to)
        for at, side, case, row in self._deadlines.passed(self.compiled.sides, to):
            found = expired(side, case, row, at, to)
            if found is not None:
                self._tell(side, case, row, found)
        if to > self.newest:
            self.newest = to
            if self.linger:
                self._let_leave()
            else:
                self.closed.clear()
