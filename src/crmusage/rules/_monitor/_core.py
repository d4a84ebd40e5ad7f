"""The parts of all rules at work on a case: what it begins with, what an event touches, what time settles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import attrs

from crmusage.rules._monitor._alternate import AlternatePrecedence
from crmusage.rules._monitor._backward import Backward
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
    Stack,
)
from crmusage.rules._monitor._part import Handler, Part, Voice
from crmusage.rules._monitor._tests import People, case_in_scope, owner_in_scope
from crmusage.rules._monitor._whole import First, Windowed
from crmusage.rules._rule import UsageRule

_NO_RULES: frozenset[int] = frozenset()


@attrs.frozen(eq=False)
class Entry:
    """What an activity touches."""

    parts: tuple[Part, ...]
    slots: tuple[int, ...]
    """The slots that it can change, and those that any event can."""
    fetch: Any
    """Their values, of a case."""
    handlers: tuple[Handler, ...]
    by_part: tuple[tuple[int, Handler], ...]
    """The same, with the number of the part."""
    numbers: frozenset[int]
    """Of the parts."""
    heeds_neighbours: bool
    """Whether it is an activation for which any event next to it matters."""


class Core:
    """The rules, compiled: by activity, only what that activity can change."""

    def __init__(
        self, parts: Sequence[Part], rules: Sequence[UsageRule], people: People, voice: Voice, *, keeps: bool
    ) -> None:
        """Compile the parts of rules, that say what they find to `voice`."""
        self.parts, self.people, self.voice, self.keeps = tuple(parts), people, voice, keeps
        self.firsts = [part for part in parts if isinstance(part, First)]
        self._bounded = [p for p in parts if isinstance(p, Windowed) and not p.side.reach.is_boundless]
        # A slot that holds None has nothing that could expire or be cut off by the end of the case.
        waiters = [
            part for part in parts if part.width and not isinstance(part, Backward | AlternatePrecedence)
        ]
        chains = [part for part in parts if isinstance(part, ChainResponse)]
        self._timed = [
            (part.slot if part.width else WATCH, part) for part in parts if part.side.reach.has_end
        ]
        self._final = [(part.slot, part.finisher()) for part in waiters]
        self._final_chains = [part.finisher() for part in chains]
        self.entries = {name: self._entry(name) for part in parts for name in part.side.touched}
        self.other = self._entry("")
        self._scoped = [(place, rule) for place, rule in enumerate(rules) if _is_narrow(rule)]
        self._blank: Case = [None] * (FIRST + sum(part.width for part in parts))
        self._blank[AT] = self._blank[ALARM] = FAR_PAST
        self._blank[QUEUED] = NEVER
        self._blank[WATCH], self._blank[MARKS] = (), 0
        self._blank[IN_SCOPE] = self._blank[NOT_ASKED] = _NO_RULES
        for part in parts:
            if part not in self._bounded:
                part.begin(self._blank)

    def _entry(self, activity: str) -> Entry:
        parts = tuple(part for part in self.parts if activity in part.side.touched)
        slots = (WATCH, MARKS, *(part.slot + k for part in parts for k in range(part.changing)))
        by_part = [(part.number, part.handler(activity)) for part in parts]
        return Entry(
            parts=parts,
            slots=slots,
            fetch=itemgetter(*slots),
            handlers=tuple(handle for _, handle in by_part if handle is not None),
            by_part=tuple((number, handle) for number, handle in by_part if handle is not None),
            numbers=frozenset(part.number for part in parts),
            heeds_neighbours=any(p.heeds_neighbours and p.side.activity == activity for p in parts),
        )

    def entry(self, activity: str) -> Entry:
        """What an activity touches."""
        return self.entries.get(activity, self.other)

    def begin(self, case_id: str, created: int, head: Mapping[str, Any]) -> tuple[Case, int]:
        """A case without events, and the first instant that settles something by passing."""
        case = self._blank.copy()
        case[HEAD], case[ID], case[CREATED] = head, case_id, created
        soonest = NEVER
        if self._scoped:
            theirs = {place for place, rule in self._scoped if case_in_scope(rule, head)}
            asked = {place for place, rule in self._scoped if owner_in_scope(rule, head, self.people)}
            case[IN_SCOPE] = frozenset(theirs)
            case[NOT_ASKED] = frozenset(place for place, _ in self._scoped if place not in theirs & asked)
            for part in self.parts:
                if part.side.place in case[NOT_ASKED]:
                    case[part.slot] = None if part.width else case[part.slot]
        for part in self._bounded:
            soonest = min(soonest, part.begin(case))
        return case, soonest

    def ring(self, case: Case, at: int) -> int:
        """Settle what the time until `at` settles; the next instant that will."""
        soonest = NEVER
        for slot, part in self._timed:
            if case[slot] is not None:
                when = part.expire(case, at)
                soonest = min(soonest, when)
        return soonest

    def take(self, case: Case, rows: Sequence[Row]) -> None:
        """Take in all events of one instant, on a case that knows everything before it and nothing of it."""
        below = case[PAST]
        is_first = below is None
        for run in self.voice.cut(rows):
            if is_first:
                is_first = False
                for first in self.firsts:
                    first.step(case, run)
            self.follow(case, run)
            for part in self._parts_for(run):
                part.step(case, run)
            case[PAST] = (run[0] if len(run) == 1 else Several(run), below)
        case[PAST] = (rows[0] if len(rows) == 1 else Several(rows), self.remembered(below))
        case[AT] = rows[0][2]

    def remembered(self, past: Stack) -> Stack:
        """What is kept of the instants below the last one."""
        return past if self.keeps or past is None else (past[0], None)

    def follow(self, case: Case, run: Run) -> None:
        """Show a run to the activations that wait for whatever comes next."""
        watch = case[WATCH]
        if watch:
            case[WATCH] = ()
            for waiting in watch:
                self.parts[waiting[0]].follow(case, waiting, run)  # type: ignore[attr-defined]

    def _parts_for(self, run: Run) -> Iterable[Part]:
        if len(run) == 1:
            return self.entry(run[0][1]).parts
        numbers = frozenset().union(*(self.entry(row[1]).numbers for row in run))
        return (self.parts[number] for number in sorted(numbers))

    def stood(self, case: Case, entry: Entry) -> dict[int, Any]:
        """What stood before the last instant in the slots that its events or one of `entry` can have changed."""
        before = case[BEFORE]
        slots = () if before.__class__ is dict else self.entry(case[PAST][0][1]).slots
        stood = dict(before) if before.__class__ is dict else dict(zip(slots, before, strict=True))
        for slot in entry.slots:
            if slot not in stood:
                stood[slot] = case[slot]
        if case[PAST][1] is None:
            for first in self.firsts:
                stood[first.slot] = None if first.side.place in case[NOT_ASKED] else 0
        return stood

    def unsettled(
        self, case: Case, rows: Iterable[Row], stood: Mapping[int, Any], entry: Entry
    ) -> frozenset[int] | None:
        """The parts for which it matters how `rows` and one more event at their instant follow each other.

        None: any part may be one, as some activation asks for its neighbours.
        """
        there = {self.entry(row[1]) for row in rows}
        if case[WATCH] or stood[WATCH] or (self.firsts and case[PAST][1] is None):
            return None
        if entry.heeds_neighbours or any(one.heeds_neighbours for one in there):
            return None
        return entry.numbers & frozenset().union(*(one.numbers for one in there))

    def all_slots(self, case: Case) -> dict[int, Any]:
        """What stands in every slot that events can change."""
        stood = {WATCH: case[WATCH], MARKS: case[MARKS]}
        for part in self.parts:
            for slot in range(part.slot, part.slot + part.changing):
                stood[slot] = case[slot]
        return stood

    def finish(self, case: Case, at: int) -> None:
        """The case ends: settle all that waits."""
        for slot, finish in self._final:
            if case[slot] is not None:
                finish(case, at)
        if case[WATCH]:
            for finish in self._final_chains:
                finish(case, at)


def _is_narrow(rule: UsageRule) -> bool:
    applies = rule.applies_to
    return rule.kind is not None or bool(
        applies.where is not None or applies.unit or applies.profile or applies.region
    )
