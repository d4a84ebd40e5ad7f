"""The open cases, the clock, and every way in which something can happen to them."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from crmusage.errors import ContractError, CrmUsageError
from crmusage.rules._monitor._core import Core
from crmusage.rules._monitor._layout import (
    ALARM,
    AT,
    BEFORE,
    CLOSED,
    CREATED,
    FAR_PAST,
    HEAD,
    ID,
    KEPT,
    MARKS,
    NEVER,
    NOT_ASKED,
    OPENED,
    PREVIOUS,
    QUEUED,
    RUN,
    WATCH,
    Case,
    Row,
    Several,
    by_run,
    one_by_one,
)
from crmusage.rules._monitor._part import P, Told, Voice
from crmusage.rules._monitor._tests import People, instant
from crmusage.rules._rule import UsageRule
from crmusage.rules._template import Verdict

Late = Literal["place", "refuse"]
REOPENED = "reopened"
_SLACK = 1000
"""So many more entries than open cases may stand in the queue of alarms before stale ones are swept (guessed)."""


class LateEventError(CrmUsageError):
    """An event came after a later one of its case, and late events are refused. Nothing was changed by it."""


class Engine:
    """Takes events in and says verdicts into `said`.

    An event that stands alone at its instant, later than all others of its case, goes the fast way: it touches
    what its activity touches. All others are judged by putting back what stood before and taking in again.
    """

    def __init__(
        self,
        rules: Sequence[UsageRule],
        people: People,
        *,
        late: Late,
        ordered: bool,
        report: Iterable[Verdict],
        closing: Iterable[str],
        linger: int,
        first_head: Any,
    ) -> None:
        self.late, self.ordered, self.linger = late, ordered, linger
        self.report = frozenset(report)
        self.closing = frozenset(closing)
        self.first_head = first_head
        self.said: list[Any] = []
        self.cases: dict[str, Case] = {}
        self.closed: dict[str, Case] = {}
        """Cases that ended and have not left memory yet."""
        self.clock = FAR_PAST
        self._queue: list[tuple[int, str]] = []
        self._leaving: list[tuple[int, str]] = []
        self._rejudged: list[Told] = []
        cut = one_by_one if ordered else by_run
        self.live = Core(rules, people, Voice(report, self.said, self._arm, cut))
        # The same rules, telling everything: what a second judgement of an instant or a case is compared by.
        self.again = Core(rules, people, Voice(Verdict, self._rejudged, _set_alarm, cut))

    # --- events

    def take(self, rows: Iterable[Row]) -> None:
        """Take in events: the hot way, written flat."""
        get, entry_of, other = self.cases.get, self.live.entries.get, self.live.other
        parts = self.live.parts
        clock, said, closing, ordered = self.clock, self.said, self.closing, self.ordered
        for row in rows:
            case_id, activity, at, _ = row
            case = get(case_id)
            if case is None:
                case = self._arrive(row)
                if case is None:
                    continue
            if (at <= case[AT] and not (ordered and at == case[AT])) or at < clock:
                self._out_of_turn(case, row)
                continue
            is_first = at > case[ALARM] and self._wake(case, at)
            slots, fetch, handlers, _ = entry_of(activity, other)
            before = fetch(case)
            n_said = len(said)
            try:
                if is_first:
                    for first in self.live.firsts:
                        first.step(case, (row,), ())
                if case[WATCH]:
                    watch, case[WATCH] = case[WATCH], ()
                    for entry in watch:
                        parts[entry[0]].follow(case, entry, (row,))
                for handle in handlers:
                    handle(case, row)
            except BaseException:
                del said[n_said:]
                self._undo(case, slots, before)
                raise
            case[AT] = at
            case[PREVIOUS] = case[RUN]
            case[RUN] = row
            case[BEFORE] = before
            if case[KEPT] is not None:
                case[KEPT].append(row)
            if activity in closing:
                self.end(case, at)

    def _arrive(self, row: Row) -> Case | None:
        """The case that begins with an event; None: the event came to a closed one and is taken in."""
        case_id, _, at, _ = row
        closed = self.closed.get(case_id)
        if closed is None:
            return self.open(case_id, at, self.first_head(row), opened=False)
        if self.late == "refuse":
            raise LateEventError(
                f"case {case_id!r} ended at {instant(closed[CLOSED])}; {_event(row)} came after that: "
                "close cases when nothing more can come, or take late events with late='place'"
            )
        self._place(closed, row)
        return None

    def _wake(self, case: Case, at: int) -> bool:
        """Settle what the time until an event has settled; whether the event is the case's first."""
        case[ALARM] = self.live.ring(case, at)
        self._enqueue(case)
        return case[RUN] is None

    def _undo(self, case: Case, slots: Sequence[int], before: Sequence[Any]) -> None:
        """An event could not be judged: as if it had never come."""
        for slot, value in zip(slots, before, strict=True):
            case[slot] = value
        if case[RUN] is None:
            case[ALARM] = FAR_PAST
            self._reset_firsts(case, {}, onto=case)
            if not case[OPENED]:
                del self.cases[case[ID]]

    def _reset_firsts(self, case: Case, into: dict[int, Any], onto: Case | None = None) -> None:
        for first in self.live.firsts:
            value = None if first.side.place in case[NOT_ASKED] else 0
            if onto is not None:
                onto[first.slot] = value
            else:
                into[first.slot] = value

    def _out_of_turn(self, case: Case, row: Row) -> None:
        at = row[2]
        if at == case[AT] and at >= self.clock:
            self._join(case, row)
            return
        is_new = case[RUN] is None and not case[OPENED]
        try:
            self._too_late(case, row)
        except BaseException:
            if is_new:
                del self.cases[case[ID]]
            raise

    def _too_late(self, case: Case, row: Row) -> None:
        if self.late == "place":
            self._place(case, row)
        else:
            last = max(case[AT], self.clock)
            whose = "its last event was" if last == case[AT] else "the clock stood"
            raise LateEventError(
                f"case {case[ID]!r}: {_event(row)} comes late, {whose} at {instant(last)}: send events in order, "
                "or take late ones with late='place'"
            )

    def _join(self, case: Case, row: Row) -> None:
        """Another event at the instant of the last one: judge the instant as a whole."""
        old = case[RUN] if case[RUN].__class__ is Several else [case[RUN]]
        stood = self.live.values_before(case)
        for slot in self.live.entries.get(row[1], self.live.other)[0]:
            stood.setdefault(slot, case[slot])
        previous = case[PREVIOUS]
        if previous is None:
            self._reset_firsts(case, stood)

        def judge(rows: Sequence[Row]) -> list[Told]:
            for slot, value in stood.items():
                case[slot] = value
            case[RUN] = previous
            self.again.take(case, rows)
            case[BEFORE] = stood
            return self._drained()

        was = judge(old)
        try:
            now = judge([*old, row])
        except BaseException:
            self._rejudged.clear()
            judge(old)
            raise
        if case[KEPT] is not None:
            case[KEPT].append(row)
        self._enqueue(case)
        self._say_changes(case, was, now)
        if row[1] in self.closing:
            self.end(case, row[2])

    # --- second judgements

    def _place(self, case: Case, row: Row) -> None:
        """An event that came too late, or to a case that has ended: put it where it belongs and judge again."""
        rows = list(case[KEPT])
        rows.insert(bisect_right(rows, row[2], key=_at), row)
        end = case[CLOSED]
        if end is not None and row[2] >= end:
            end = None if row[1] == REOPENED else row[2] if row[1] in self.closing else end
        self.rejudge(case, rows, end)

    def rejudge(
        self,
        case: Case,
        rows: list[Row],
        end: int | None,
        head: Mapping[str, Any] | None = None,
        created: int | None = None,
    ) -> None:
        """Judge a whole case again as if `rows`, `head` and `created` had been known all along; say what changes."""
        try:
            _, was = self._judged(case, case[KEPT], case[CLOSED], case[HEAD], case[CREATED])
            if created is None:
                created = case[CREATED] if case[OPENED] or not rows else rows[0][2]
            if head is None:
                head = case[HEAD] if case[OPENED] or not rows else self.first_head(rows[0])
            now_case, now = self._judged(case, rows, end, head, created)
        except BaseException:
            self._rejudged.clear()
            raise
        end_was = case[CLOSED]
        case[:] = now_case
        self._say_changes(case, was, now)
        if end is not None:
            if end != end_was:
                self._linger(case, end)
            return
        if end_was is not None:
            del self.closed[case[ID]]
            self.cases[case[ID]] = case
        soonest, case[QUEUED] = case[QUEUED], NEVER
        if soonest != NEVER:
            self._push(case, soonest)

    def _judged(
        self, like: Case, rows: Sequence[Row], end: int | None, head: Mapping[str, Any], created: int
    ) -> tuple[Case, list[Told]]:
        # QUEUED is left at the instant for which the case belongs into the queue.
        core = self.again
        case, soonest = core.begin(like[ID], created, head, keep=True)
        case[OPENED], case[CLOSED] = like[OPENED], end
        case[KEPT] = list(rows)
        start = 0
        while start < len(rows):
            stop = bisect_right(rows, rows[start][2], lo=start, key=_at)
            case[ALARM] = core.ring(case, rows[start][2])
            # Rarely needed, so it may be more than what this instant touches.
            case[BEFORE] = {WATCH: case[WATCH], MARKS: case[MARKS]} | {
                part.slot + k: case[part.slot + k] for part in core.parts for k in range(part.width)
            }
            core.take(case, rows[start:stop])
            start = stop
            soonest = case[ALARM]
        if self.clock > soonest:
            soonest = core.ring(case, self.clock)
            if rows:
                case[ALARM] = soonest
        if end is not None:
            core.finish(case, end)
        case[QUEUED] = soonest
        return case, self._drained()

    def _drained(self) -> list[Told]:
        told = list(self._rejudged)
        self._rejudged.clear()
        return told

    def _say_changes(self, case: Case, was: Sequence[Told], now: Sequence[Told]) -> None:
        """Say what a second judgement found otherwise, as far as the old or the new verdict is to be reported."""
        before = {(told[0].number, id(told[2])): told for told in was}
        for told in now:
            old = before.pop((told[0].number, id(told[2])), None)
            if old is None:
                if told[3] in self.report:
                    self.said.append((self.live.parts[told[0].number], case, *told[2:]))
            elif old[3] is not told[3] and (old[3] in self.report or told[3] in self.report):
                self.said.append((self.live.parts[told[0].number], case, *told[2:], old[3]))
        for old in before.values():
            if old[3] in self.report:
                self.said.append((self.live.parts[old[0].number], case, old[2], P, None, NEVER, old[3]))

    # --- beginnings and ends

    def open(self, case_id: str, created: int, head: Mapping[str, Any], *, opened: bool) -> Case:
        """A case begins."""
        case, soonest = self.live.begin(case_id, created, head, keep=self.late == "place")
        case[OPENED] = opened
        self.cases[case_id] = case
        if soonest < self.clock:
            soonest = self.live.ring(case, self.clock)
        if soonest != NEVER:
            self._push(case, soonest)
        return case

    def end(self, case: Case, at: int) -> None:
        """A case ends: what waits is settled, and it leaves memory when its time has come."""
        self.live.finish(case, at)
        del self.cases[case[ID]]
        self._linger(case, at)

    def _linger(self, case: Case, at: int) -> None:
        case[CLOSED] = at
        self.closed[case[ID]] = case
        heapq.heappush(self._leaving, (at + self.linger, case[ID]))
        self._let_leave(max(at, self.clock))

    def _let_leave(self, now: int) -> None:
        leaving = self._leaving
        while leaving and leaving[0][0] < now:
            at, case_id = heapq.heappop(leaving)
            case = self.closed.get(case_id)
            if case is not None and case[CLOSED] + self.linger == at:
                del self.closed[case_id]

    # --- the clock

    def advance(self, to: int) -> None:
        """Everything before `to` has happened."""
        if to <= self.clock:
            return
        self.clock = to
        queue = self._queue
        while queue and queue[0][0] < to:
            at, case_id = heapq.heappop(queue)
            case = self.cases.get(case_id)
            if case is None or case[QUEUED] != at:
                continue
            case[QUEUED] = NEVER
            soonest = self.live.ring(case, to)
            if case[RUN] is not None:
                case[ALARM] = soonest
            if soonest != NEVER:
                self._push(case, soonest)
        self._let_leave(to)

    def _arm(self, case: Case, at: int) -> None:
        case[ALARM] = at
        if at < case[QUEUED]:
            self._push(case, at)

    def _enqueue(self, case: Case) -> None:
        if case[ALARM] < case[QUEUED] and case[ALARM] != FAR_PAST:
            self._push(case, case[ALARM])

    def _push(self, case: Case, at: int) -> None:
        case[QUEUED] = at
        queue = self._queue
        if len(queue) > 2 * len(self.cases) + _SLACK:
            # Entries of cases that have ended, or whose alarm moved, would pile up if nobody moves the clock.
            queue[:] = [
                (case[QUEUED], case_id) for case_id, case in self.cases.items() if case[QUEUED] != NEVER
            ]
            heapq.heapify(queue)
            return
        heapq.heappush(queue, (at, case[ID]))


def _set_alarm(case: Case, at: int) -> None:
    case[ALARM] = at


def _at(row: Row) -> int:
    return row[2]


def _event(row: Row) -> str:
    return f"{row[1]!r} at {instant(row[2])}"


def no_case(case_id: str) -> ContractError:
    """A case that is not there."""
    return ContractError(f"there is no open case {case_id!r}: it has not begun, or it has ended")
