"""The parts that an expectation is made of, template by template."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import attrs

from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._monitor._alternate import AlternatePrecedence, AlternateResponse
from crmusage.rules._monitor._backward import Backward, Beside
from crmusage.rules._monitor._chain import ChainPrecedence, ChainResponse
from crmusage.rules._monitor._forward import Forward
from crmusage.rules._monitor._memory import Shelf
from crmusage.rules._monitor._part import Part, Voice
from crmusage.rules._monitor._reach import reach_of
from crmusage.rules._monitor._side import Side
from crmusage.rules._monitor._tests import People, actor_in_scope, all_of, correlation, test_of
from crmusage.rules._monitor._whole import Choice, Count, First, Last
from crmusage.rules._rule import UsageRule
from crmusage.rules._template import Template

_Make = Any
"""A kind of part, perhaps with an option: takes its side, its number, its first slot, the voice, and its memory."""

_MADE_OF: dict[Template, tuple[_Make, ...]] = {
    Template.EXISTENCE: (Count,),
    Template.ABSENCE: (Count,),
    Template.EXACTLY: (Count,),
    Template.INIT: (First,),
    Template.END: (Last,),
    Template.CHOICE: (partial(Choice, exclusive=False),),
    Template.EXCLUSIVE_CHOICE: (partial(Choice, exclusive=True),),
    Template.RESPONSE: (Forward,),
    Template.NOT_SUCCESSION: (partial(Forward, negative=True),),
    Template.PRECEDENCE: (Backward,),
    Template.RESPONDED_EXISTENCE: (Beside,),
    Template.ALTERNATE_RESPONSE: (AlternateResponse,),
    Template.ALTERNATE_PRECEDENCE: (AlternatePrecedence,),
    Template.CHAIN_RESPONSE: (ChainResponse,),
    Template.NOT_CHAIN_SUCCESSION: (partial(ChainResponse, negative=True),),
    Template.CHAIN_PRECEDENCE: (ChainPrecedence,),
    # The second part of these starts from the target.
    Template.SUCCESSION: (Forward, Backward),
    Template.ALTERNATE_SUCCESSION: (AlternateResponse, AlternatePrecedence),
    Template.CHAIN_SUCCESSION: (ChainResponse, ChainPrecedence),
    Template.CO_EXISTENCE: (Beside, Beside),
    Template.NOT_CO_EXISTENCE: (partial(Beside, negative=True), partial(Beside, negative=True)),
}


def parts_of(
    rules: Sequence[UsageRule], people: People, calendar: WorkCalendar | None, voice: Voice
) -> tuple[list[Part], int]:
    """The parts of every expectation of every rule in order, then the memories they share; how many slots they have."""
    parts: list[Part] = []
    shelf = Shelf()
    for place, rule in enumerate(rules):
        for position, constraint in enumerate(rule.expect):
            side = _side(place, rule, position, people, calendar)
            for make, of in zip(_MADE_OF[constraint.template], (side, _mirror(side, people)), strict=False):
                kind: Any = make.func if isinstance(make, partial) else make
                more = (shelf.memory(of),) if kind in {Backward, Beside} else ()
                parts.append(make(of, len(parts), shelf.slots(kind.width), voice, *more))
    for memory in shelf.memories:
        memory.number = len(parts)
        parts.append(memory)
    return parts, shelf.size


def _side(place: int, rule: UsageRule, position: int, people: People, calendar: WorkCalendar | None) -> Side:
    constraint = rule.expect[position]
    link, able = correlation(constraint.correlate)
    act = test_of(constraint.where)
    if not constraint.template.is_of_case:
        act = all_of([actor_in_scope(place, rule, people), act])
    return Side(
        rule=rule,
        place=place,
        position=position,
        constraint=constraint,
        mirrored=False,
        activities=frozenset(constraint.activities),
        targets=frozenset(constraint.targets),
        act=act,
        aim=test_of(constraint.target_where),
        link=link,
        able=able,
        reach=reach_of(constraint, rule, people, calendar),
    )


def _mirror(side: Side, people: People) -> Side:
    constraint = side.constraint
    return attrs.evolve(
        side,
        mirrored=True,
        activities=frozenset(constraint.targets),
        targets=frozenset(constraint.activities),
        act=all_of([actor_in_scope(side.place, side.rule, people), test_of(constraint.target_where)]),
        aim=test_of(constraint.where),
    )
