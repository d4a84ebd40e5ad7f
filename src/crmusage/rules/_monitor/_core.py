"""The parts of all rules at work on a case: what it begins with, what an event touches, what time settles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

import attrs

from crmusage.rules._monitor._chain import ChainPrecedence, ChainResponse
from crmusage.rules._monitor._layout import (
    ALARM,
    AT,
    COUNT,
    CREATED,
    FAR_PAST,
    HEAD,
    ID,
    IN_SCOPE,
    MARKS,
    NEVER,
    NOT_ASKED,
    PAST,
    QUEUED,
    WATCH,
    Case,
    Row,
    Run,
    Several,
    rows_at,
)
from crmusage.rules._monitor._part import Handler, Judge, Part, Voice
from crmusage.rules._monitor._tests import People, case_in_scope, owner_in_scope
from crmusage.rules._monitor._whole import First, OfCase, Windowed
from crmusage.rules._rule import UsageRule

_NO_RULES: frozenset[int] = frozenset()
_ALWAYS_TRUE = ID
"""A slot that never holds anything false, so that it can stand for no gate."""


@attrs.frozen(eq=False)
class Way:
    """What an event of an activity does to its case, in the order in which it is done."""

    gates: Any
    """Fetches what decides whether the handlers have something to do."""
    handlers: tuple[Handler, ...]
    clears: tuple[int, ...]
    keeps: tuple[int, ...]
    numbers: frozenset[int]
    """Of the parts that look at the activity, whether or not they do anything."""

    def go(self, case: Case, row: Row) -> None:
        """Do it."""
        for handle in compress(self.handlers, self.gates(case)):
            handle(case, row)
        for slot in self.clears:
            case[slot] = None
        for slot in self.keeps:
            case[slot] = row


class Core:
    """The rules, compiled: by activity, only what that activity can change."""

    def __init__(
        self,
        parts: Sequence[Part],
        size: int,
        rules: Sequence[UsageRule],
        people: People,
        voice: Voice,
    ) -> None:
        """Compile the parts of rules, which have `size` slots and say what they find to `voice`."""
        self.parts, self.people, self.voice = tuple(parts), people, voice
        self.judges = [part for part in parts if isinstance(part, Judge)]
        self.firsts = [part for part in parts if isinstance(part, First)]
        self._bounded = [p for p in parts if isinstance(p, Windowed) and not p.side.reach.is_boundless]
        self._timed, self._fetch_timed = _with_slots(
            [(part.slot if part.width else WATCH, part) for part in self.judges if part.side.reach.has_end]
        )
        self._final, self._fetch_final = _with_slots(
            [(part.slot if part.width else WATCH, part.finisher()) for part in self.judges if part.waits]
        )
        self._scoped = [(place, rule) for place, rule in enumerate(rules) if _is_narrow(rule)]
        chains = [part for part in parts if isinstance(part, ChainResponse | ChainPrecedence)]
        self._heeding = frozenset(name for part in chains for name in part.side.activities)
        self._watching = frozenset(
            name for part in chains if isinstance(part, ChainResponse) for name in part.side.activities
        )
        self._apart: dict[tuple[str, str], bool] = {}
        self.ways = {name: self._way(name) for part in parts for name in part.touched}
        self.other = self._way("")
        self._blank: Case = [None] * size
        self._blank[AT] = self._blank[ALARM] = FAR_PAST
        self._blank[QUEUED] = NEVER
        self._blank[WATCH], self._blank[MARKS], self._blank[COUNT] = (), 0, 0
        self._blank[IN_SCOPE] = self._blank[NOT_ASKED] = _NO_RULES
        for part in parts:
            if isinstance(part, OfCase):
                self._blank[part.slot] = part.start

    def _way(self, activity: str) -> Way:
        looking = [part for part in self.parts if activity in part.touched]
        deeds = [deed for part in looking if (deed := part.deed(activity)) is not None]
        handlers = [(deed.handler, deed.gate or _ALWAYS_TRUE) for deed in deeds if deed.handler is not None]
        if self._watching:
            handlers.insert(0, (self._followed, WATCH))
        return Way(
            gates=itemgetter(*(gate for _, gate in handlers), ID, ID),
            handlers=tuple(handler for handler, _ in handlers),
            clears=tuple(deed.clears for deed in deeds if deed.clears is not None),
            keeps=tuple(deed.keeps for deed in deeds if deed.keeps is not None),
            numbers=frozenset(part.number for part in looking),
        )

    def way(self, activity: str) -> Way:
        """What an event of an activity does."""
        return self.ways.get(activity, self.other)

    def begin(self, case_id: str, created: int, head: Mapping[str, Any]) -> tuple[Case, int]:
        """A case without events, and the first instant that settles something by passing."""
        case = self._blank.copy()
        case[HEAD], case[ID], case[CREATED] = head, case_id, created
        if self._scoped:
            self._set_scope(case, head)
        soonest = NEVER
        for part in self._bounded:
            if case[part.slot] is not None:
                last = part.begin(case)
                if last < soonest:
                    soonest = last
        return case, soonest

    def _set_scope(self, case: Case, head: Mapping[str, Any]) -> None:
        theirs = {place for place, rule in self._scoped if case_in_scope(rule, head)}
        asked = {place for place, rule in self._scoped if owner_in_scope(rule, head, self.people)}
        case[IN_SCOPE] = frozenset(theirs)
        case[NOT_ASKED] = frozenset(place for place, _ in self._scoped if place not in theirs & asked)
        for part in self.parts:
            if isinstance(part, OfCase) and part.side.place in case[NOT_ASKED]:
                case[part.slot] = None

    def ring(self, case: Case, at: int) -> int:
        """Settle what the time until `at` settles; the next instant that will."""
        soonest = NEVER
        for part in compress(self._timed, self._fetch_timed(case)):
            when = part.expire(case, at)
            if when < soonest:
                soonest = when
        return soonest

    def finish(self, case: Case, at: int) -> None:
        """The case ends: settle all that waits."""
        for finish in compress(self._final, self._fetch_final(case)):
            finish(case, at)

    def show_first(self, case: Case, run: Run) -> None:
        """Show what asks for it the first run of a case."""
        for first in self.firsts:
            first.step(case, run)

    def take(self, case: Case, rows: Sequence[Row]) -> None:
        """Take in all events of one instant, on a case that knows everything before it and nothing of it."""
        below = case[PAST]
        is_first = below is None
        for run in self.voice.cut(rows):
            if is_first:
                is_first = False
                self.show_first(case, run)
            self.follow(case, run)
            for part in self._looking(run):
                part.step(case, run)
            case[PAST] = (run[0] if len(run) == 1 else Several(run), below)
        case[PAST] = (rows[0] if len(rows) == 1 else Several(rows), below)
        case[AT] = rows[0][2]

    def replay(self, case: Case, instants: Iterable[Any]) -> None:
        """Take in instants that follow each other."""
        for instant in instants:
            rows = rows_at(instant)
            self.wake(case, rows[0][2])
            if len(rows) > 1:
                self.take(case, rows)
                continue
            (row,) = rows
            if case[PAST] is None:
                self.show_first(case, rows)
            self.way(row[1]).go(case, row)
            case[PAST], case[AT] = (row, case[PAST]), row[2]

    def wake(self, case: Case, at: int) -> None:
        """Settle what the time until `at` settles, if that is anything."""
        if at > case[ALARM]:
            case[ALARM] = self.ring(case, at)

    def follow(self, case: Case, run: Run) -> None:
        """Show a run to the activations that wait for whatever comes next."""
        watch, case[WATCH] = case[WATCH], ()
        for waiting in watch:
            self.parts[waiting[0]].follow(case, waiting, run)

    def _followed(self, case: Case, row: Row) -> None:
        self.follow(case, (row,))

    def _looking(self, run: Run) -> Iterable[Part]:
        # In the order of their numbers: those that look back before the memories they look into.
        numbers = frozenset().union(*(self.way(row[1]).numbers for row in run))
        return (self.parts[number] for number in sorted(numbers))

    def is_apart(self, case: Case, activity: str) -> bool:
        """Whether it makes no difference to any rule where among the events of the last instant one more stands."""
        instant, below = case[PAST]
        if below is None and self.firsts:
            return False
        if self._watching and below is not None:
            # What waited for this instant has had its answer by its first event; with more, it has to be asked anew.
            for row in self.voice.last_run(below[0]):
                if row[1] in self._watching:
                    return False
        if instant.__class__ is Several:
            return all(self._are_apart(row[1], activity) for row in instant)
        return self._are_apart(instant[1], activity)

    def _are_apart(self, one: str, other: str) -> bool:
        if one in self._heeding or other in self._heeding:
            return False
        # Not to grow with whatever activities there are.
        if one not in self.ways or other not in self.ways:
            return True
        known = self._apart.get((one, other))
        if known is None:
            known = self._apart[one, other] = not any(part.cares(one, other) for part in self.judges)
        return known


def _with_slots(pairs: Sequence[tuple[int, Any]]) -> tuple[tuple[Any, ...], Any]:
    """What goes with slots, and what fetches the values of those slots, as a tuple even of one or none."""
    return tuple(one for _, one in pairs), itemgetter(*(slot for slot, _ in pairs), ID, ID)


def _is_narrow(rule: UsageRule) -> bool:
    applies = rule.applies_to
    return rule.kind is not None or bool(
        applies.where is not None or applies.unit or applies.profile or applies.region
    )
