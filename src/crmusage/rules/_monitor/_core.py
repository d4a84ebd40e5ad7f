"""The parts of all rules at work on a case: what it begins with, what an event touches, what time settles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from crmusage.rules._monitor._chain import ChainResponse
from crmusage.rules._monitor._layout import (
    ALARM,
    AT,
    BEFORE,
    CREATED,
    FAR_PAST,
    FIRST,
    HEAD,
    ID,
    IN_SCOPE,
    KEPT,
    MARKS,
    NEVER,
    NOT_ASKED,
    PREVIOUS,
    QUEUED,
    RUN,
    WATCH,
    Case,
    Row,
    Run,
    Several,
)
from crmusage.rules._monitor._part import Part, Voice
from crmusage.rules._monitor._parts import parts_of
from crmusage.rules._monitor._tests import People, case_in_scope, owner_in_scope
from crmusage.rules._monitor._whole import First
from crmusage.rules._rule import UsageRule

_ALWAYS = (WATCH, MARKS)
"""What any event may change."""
Entry = tuple[tuple[int, ...], Any, tuple[Any, ...], tuple[Part, ...]]
"""Of an activity: the slots that it may change, what fetches their values, its handlers, and the parts."""


class Core:
    """The rules, compiled: by activity, only what that activity can change."""

    def __init__(self, rules: Sequence[UsageRule], people: People, voice: Voice) -> None:
        """Compile the expectations of rules; what they find is said to `voice`."""
        self.rules, self.people, self.voice = rules, people, voice
        self.parts = parts_of(rules, people, voice)
        self.firsts = [part for part in self.parts if isinstance(part, First)]
        chains = [part for part in self.parts if isinstance(part, ChainResponse)]
        # A slot that holds None has nothing that could expire or be cut off by the end of the case.
        self._timed = [(p.slot if p.width else WATCH, p) for p in self.parts if p.side.reach.has_end]
        self._final = [(p.slot, p) for p in self.parts if p.width] + [(WATCH, p) for p in chains]
        self.size = FIRST + sum(part.width for part in self.parts)
        activities = {name for part in self.parts for name in part.side.touched}
        self.entries: dict[str, Entry] = {name: self._entry(name) for name in activities}
        self.other: Entry = self._entry("")
        self._scoped = [
            (place, rule) for place, rule in enumerate(rules) if rule.kind is not None or _is_narrow(rule)
        ]

    def _entry(self, activity: str) -> Entry:
        parts = tuple(part for part in self.parts if activity in part.side.touched)
        handlers = tuple(h for part in parts if (h := part.handler(activity)) is not None)
        slots = (*_ALWAYS, *(part.slot + k for part in parts for k in range(part.width)))
        return slots, itemgetter(*slots), handlers, parts

    def begin(self, case_id: str, created: int, head: Mapping[str, Any], *, keep: bool) -> tuple[Case, int]:
        """A case without events, and the first instant that settles something by passing."""
        case: Case = [None] * self.size
        case[AT] = case[ALARM] = FAR_PAST
        case[QUEUED] = NEVER
        case[KEPT] = [] if keep else None
        case[HEAD], case[ID], case[CREATED] = head, case_id, created
        case[WATCH] = ()
        case[IN_SCOPE] = case[NOT_ASKED] = frozenset()
        if self._scoped:
            theirs = {place for place, rule in self._scoped if case_in_scope(rule, head)}
            asked = {place for place, rule in self._scoped if owner_in_scope(rule, head, self.people)}
            case[IN_SCOPE] = frozenset(theirs)
            case[NOT_ASKED] = frozenset(place for place, _ in self._scoped if place not in theirs & asked)
        return case, min((part.begin(case) for part in self.parts), default=NEVER)

    def ring(self, case: Case, at: int) -> int:
        """Settle what the time until `at` settles; the next instant that will."""
        soonest = NEVER
        for slot, part in self._timed:
            if case[slot] is not None:
                soonest = min(soonest, part.expire(case, at))
        return soonest

    def take(self, case: Case, rows: Sequence[Row]) -> None:
        """Take in all events of one instant, on a case that knows everything before it and nothing of it."""
        before: Run = self.voice.last_run(case[RUN])
        is_first = case[RUN] is None
        for run in self.voice.cut(rows):
            if is_first:
                is_first = False
                for first in self.firsts:
                    first.step(case, run, ())
            if case[WATCH]:
                watch, case[WATCH] = case[WATCH], ()
                for entry in watch:
                    self.parts[entry[0]].follow(case, entry, run)
            for part in self._parts_for(run):
                part.step(case, run, before)
            before = run
        case[PREVIOUS] = case[RUN]
        case[RUN] = rows[0] if len(rows) == 1 else Several(rows)
        case[AT] = rows[0][2]

    def _parts_for(self, run: Run) -> Sequence[Part]:
        if len(run) == 1:
            return self.entries.get(run[0][1], self.other)[3]
        numbers = {part.number for row in run for part in self.entries.get(row[1], self.other)[3]}
        return [self.parts[number] for number in sorted(numbers)]

    def values_before(self, case: Case) -> dict[int, Any]:
        """What stood in each slot before the last instant, where that is not what stands there now."""
        before = case[BEFORE]
        if before.__class__ is dict:
            return before
        slots = self.entries.get(case[RUN][1], self.other)[0]
        return dict(zip(slots, before, strict=True))

    def finish(self, case: Case, at: int) -> None:
        """The case ends: settle all that waits."""
        for slot, part in self._final:
            if case[slot] is not None:
                part.finish(case, at)


def _is_narrow(rule: UsageRule) -> bool:
    applies = rule.applies_to
    return bool(applies.where is not None or applies.unit or applies.profile or applies.region)
