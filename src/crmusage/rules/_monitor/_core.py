"""The parts of all rules at work on a case: what it begins with, what an event touches, what time settles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

import attrs

from crmusage.rules._monitor._chain import ChainResponse
from crmusage.rules._monitor._layout import (
    ALARM,
    AT,
    BEFORE,
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
    Stack,
)
from crmusage.rules._monitor._part import Deed, Handler, Judge, Part, Voice
from crmusage.rules._monitor._tests import People, case_in_scope, owner_in_scope
from crmusage.rules._monitor._whole import First, OfCase, Windowed
from crmusage.rules._rule import UsageRule

_NO_RULES: frozenset[int] = frozenset()
_ALWAYS_TRUE = ID
"""A slot that never holds anything false, so that it can stand for no gate."""


@attrs.frozen(eq=False)
class Way:
    """What an event of an activity does to its case, in the order in which it is done."""

    fetch: Any
    """The values of the slots that it can change; the first ones are the gates of the handlers."""
    handlers: tuple[Handler, ...]
    clears: tuple[int, ...]
    keeps: tuple[int, ...]
    slots: tuple[int, ...]
    """What `fetch` fetches."""
    deeds: tuple[tuple[int, Deed], ...]
    """The same by the number of the part, memories last."""
    numbers: frozenset[int]
    """Of the parts that look at the activity, whether or not they do anything."""
    heeds_neighbours: bool
    """Whether it is an activation for which any event next to it matters."""

    def go(self, case: Case, row: Row) -> None:
        """Do it."""
        for handle in compress(self.handlers, self.fetch(case)):
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
        *,
        keeps: bool,
    ) -> None:
        """Compile the parts of rules, which have `size` slots and say what they find to `voice`.

        `keeps`: cases remember all their events.
        """
        self.parts, self.people, self.voice, self.keeps = tuple(parts), people, voice, keeps
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
        self._chains = any(isinstance(part, ChainResponse) for part in parts)
        self.ways = {name: self._way(name) for part in parts for name in part.touched}
        self.other = self._way("")
        self._blank: Case = [None] * size
        self._blank[AT] = self._blank[ALARM] = FAR_PAST
        self._blank[QUEUED] = NEVER
        self._blank[WATCH], self._blank[MARKS] = (), 0
        self._blank[IN_SCOPE] = self._blank[NOT_ASKED] = _NO_RULES
        for part in parts:
            if isinstance(part, OfCase):
                self._blank[part.slot] = part.start

    def _way(self, activity: str) -> Way:
        looking = [part for part in self.parts if activity in part.touched]
        deeds = [(part.number, deed) for part in looking if (deed := part.deed(activity)) is not None]
        handlers = [
            (deed.handler, deed.gate or _ALWAYS_TRUE) for _, deed in deeds if deed.handler is not None
        ]
        if self._chains:
            handlers.insert(0, (self._followed, WATCH))
        changed = [part.slot + k for part in looking for k in range(part.changing)]
        gates = [gate for _, gate in handlers]
        slots = (*gates, *(slot for slot in dict.fromkeys([WATCH, MARKS, *changed]) if slot not in gates))
        return Way(
            fetch=itemgetter(*slots),
            handlers=tuple(handler for handler, _ in handlers),
            clears=tuple(deed.clears for _, deed in deeds if deed.clears is not None),
            keeps=tuple(deed.keeps for _, deed in deeds if deed.keeps is not None),
            slots=slots,
            deeds=tuple(deeds),
            numbers=frozenset(part.number for part in looking),
            heeds_neighbours=any(
                part.heeds_neighbours and part.side.activity == activity
                for part in looking
                if isinstance(part, Judge)
            ),
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
            self._follow(case, run)
            for part in self._looking(run):
                part.step(case, run)
            case[PAST] = (run[0] if len(run) == 1 else Several(run), below)
        case[PAST] = (rows[0] if len(rows) == 1 else Several(rows), self.remembered(below))
        case[AT] = rows[0][2]

    def remembered(self, past: Stack) -> Stack:
        """What is kept of the instants below the last one."""
        return past if self.keeps or past is None else (past[0], None)

    def _follow(self, case: Case, run: Run) -> None:
        """Show a run to the activations that wait for whatever comes next."""
        watch, case[WATCH] = case[WATCH], ()
        for waiting in watch:
            self.parts[waiting[0]].follow(case, waiting, run)

    def _followed(self, case: Case, row: Row) -> None:
        self._follow(case, (row,))

    def _looking(self, run: Run) -> Iterable[Part]:
        # In the order of their numbers: those that look back before the memories they look into.
        numbers = frozenset().union(*(self.way(row[1]).numbers for row in run))
        return (self.parts[number] for number in sorted(numbers))

    def stood(self, case: Case, way: Way) -> dict[int, Any]:
        """What stood before the last instant in the slots that its events or one of `way` can have changed."""
        before = case[BEFORE]
        if before.__class__ is dict:
            stood = dict(before)
        else:
            stood = dict(zip(self.way(case[PAST][0][1]).slots, before, strict=True))
        for slot in way.slots:
            if slot not in stood:
                stood[slot] = case[slot]
        if case[PAST][1] is None:
            for first in self.firsts:
                stood[first.slot] = None if first.side.place in case[NOT_ASKED] else first.start
        return stood

    def unsettled(
        self, case: Case, rows: Iterable[Row], stood: Mapping[int, Any], way: Way
    ) -> frozenset[int] | None:
        """The parts for which it matters how `rows` and one more event at their instant follow each other.

        None: any part may be one, as some activation asks for its neighbours.
        """
        there = {self.way(row[1]) for row in rows}
        if case[WATCH] or stood[WATCH] or (self.firsts and case[PAST][1] is None):
            return None
        if way.heeds_neighbours or any(one.heeds_neighbours for one in there):
            return None
        theirs = frozenset().union(*(one.numbers for one in there))
        numbers = way.numbers & theirs
        memories = {memory.number for number in numbers if (memory := self.parts[number].memory) is not None}
        return numbers | (memories & (way.numbers | theirs))

    def all_slots(self, case: Case) -> dict[int, Any]:
        """What stands in every slot that events can change."""
        stood = {WATCH: case[WATCH], MARKS: case[MARKS]}
        for part in self.parts:
            for slot in range(part.slot, part.slot + part.changing):
                stood[slot] = case[slot]
        return stood


def _with_slots(pairs: Sequence[tuple[int, Any]]) -> tuple[tuple[Any, ...], Any]:
    """What goes with slots, and what fetches the values of those slots, as a tuple even of one or none."""
    return tuple(one for _, one in pairs), itemgetter(*(slot for slot, _ in pairs), ID, ID)


def _is_narrow(rule: UsageRule) -> bool:
    applies = rule.applies_to
    return rule.kind is not None or bool(
        applies.where is not None or applies.unit or applies.profile or applies.region
    )
