"""Rules made ready: the sides of their expectations, and the streams of events that these look into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._condition import Condition
from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._monitor._judge import JUDGES
from crmusage.rules._monitor._notes import at_first
from crmusage.rules._monitor._reach import reach_of
from crmusage.rules._monitor._side import NO_STREAM, OF_CASE, Kind, Side, Stream
from crmusage.rules._monitor._tests import (
    People,
    actor_in_scope,
    all_of,
    case_in_scope,
    correlation,
    owner_in_scope,
    test_of,
)
from crmusage.rules._rule import AppliesTo, UsageRule
from crmusage.rules._template import Template, Verdict

F, V = Verdict.FULFILLED, Verdict.VIOLATED

_MADE_OF: dict[Template, tuple[Kind, ...]] = {
    Template.EXISTENCE: (Kind.COUNT,),
    Template.ABSENCE: (Kind.COUNT,),
    Template.EXACTLY: (Kind.COUNT,),
    Template.INIT: (Kind.INIT,),
    Template.END: (Kind.END,),
    Template.CHOICE: (Kind.CHOICE,),
    Template.EXCLUSIVE_CHOICE: (Kind.CHOICE,),
    Template.RESPONSE: (Kind.AHEAD,),
    Template.NOT_SUCCESSION: (Kind.AHEAD,),
    Template.PRECEDENCE: (Kind.BACK,),
    Template.RESPONDED_EXISTENCE: (Kind.BOTH_WAYS,),
    Template.ALTERNATE_RESPONSE: (Kind.AHEAD_ALTERNATE,),
    Template.ALTERNATE_PRECEDENCE: (Kind.BACK_ALTERNATE,),
    Template.CHAIN_RESPONSE: (Kind.NEXT,),
    Template.NOT_CHAIN_SUCCESSION: (Kind.NEXT,),
    Template.CHAIN_PRECEDENCE: (Kind.PREVIOUS,),
    # The second side of these starts from the target.
    Template.SUCCESSION: (Kind.AHEAD, Kind.BACK),
    Template.ALTERNATE_SUCCESSION: (Kind.AHEAD_ALTERNATE, Kind.BACK_ALTERNATE),
    Template.CHAIN_SUCCESSION: (Kind.NEXT, Kind.PREVIOUS),
    Template.CO_EXISTENCE: (Kind.BOTH_WAYS, Kind.BOTH_WAYS),
    Template.NOT_CO_EXISTENCE: (Kind.BOTH_WAYS, Kind.BOTH_WAYS),
}
_FORBIDS = {Template.NOT_SUCCESSION, Template.NOT_CHAIN_SUCCESSION, Template.NOT_CO_EXISTENCE}


class Compiled:
    """The sides and streams of rules."""

    def __init__(self, rules: Sequence[UsageRule], people: People, calendar: WorkCalendar | None) -> None:
        """Make rules ready."""
        self.rules, self.people = rules, people
        self.streams: list[Stream] = []
        self.sides: list[Side] = []
        self._known: dict[tuple[frozenset[str], Condition | None, int | None], Stream] = {}
        self._narrow = [(place, rule) for place, rule in enumerate(rules) if _is_narrow(rule)]
        for place, rule in enumerate(rules):
            for position in range(len(rule.expect)):
                self._add(place, rule, position, calendar)
        self._waits = [at_first(side) for side in self.sides]
        self._last: list[Row | None] = [None] * len(self.streams)

    def _add(self, place: int, rule: UsageRule, position: int, calendar: WorkCalendar | None) -> None:
        constraint = rule.expect[position]
        link, able = correlation(constraint.correlate)
        reach = reach_of(constraint, rule, self.people, calendar)
        hit, miss = (V, F) if constraint.template in _FORBIDS else (F, V)
        for mirrored, kind in enumerate(_MADE_OF[constraint.template]):
            ends = [
                (frozenset(constraint.activities), constraint.where),
                (frozenset(constraint.targets), constraint.target_where),
            ]
            (activities, where), (targets, target_where) = ends[::-1] if mirrored else ends
            self.sides.append(
                Side(
                    number=len(self.sides),
                    rule=rule,
                    place=place,
                    position=position,
                    constraint=constraint,
                    mirrored=bool(mirrored),
                    kind=kind,
                    hit=hit,
                    miss=miss,
                    activities=activities,
                    targets=targets,
                    starts=self._stream(activities, where, None if kind in OF_CASE else (place, rule)),
                    aims=self._stream(targets, target_where, None) if targets else NO_STREAM,
                    aim=test_of(target_where),
                    link=link,
                    able=able,
                    reach=reach,
                    ask=JUDGES[kind],
                )
            )

    def _stream(
        self, activities: frozenset[str], where: Condition | None, scope: tuple[int, UsageRule] | None
    ) -> Stream:
        whom = None if scope is None else actor_in_scope(*scope, self.people)
        key = (activities, where, None if whom is None or scope is None else scope[0])
        if key not in self._known:
            self._known[key] = Stream(len(self.streams), activities, all_of([whom, test_of(where)]))
            self.streams.append(self._known[key])
        return self._known[key]

    def begin(self, case_id: str, created: int, head: Mapping[str, Any]) -> Case:
        """A case without events."""
        case = Case(case_id, created, head, self._waits.copy(), self._last.copy())
        if self._narrow:
            theirs = {place for place, rule in self._narrow if case_in_scope(rule, head)}
            asked = {place for place, rule in self._narrow if owner_in_scope(rule, head, self.people)}
            case.foreign = frozenset(place for place, _ in self._narrow if place not in theirs)
            case.unasked = frozenset(place for place, _ in self._narrow if place not in theirs & asked)
            for side in self.sides:
                if side.is_of_case and side.place in case.unasked:
                    case.waits[side.number] = None
        return case


def _is_narrow(rule: UsageRule) -> bool:
    return rule.kind is not None or rule.applies_to != AppliesTo()
