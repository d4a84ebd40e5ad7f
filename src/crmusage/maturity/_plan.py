"""The plan: what to find out, what to do and what to take off, in an order that moves all dimensions together."""

from __future__ import annotations

import enum
from collections.abc import Sequence

import attrs

from crmusage.maturity import _words
from crmusage.maturity._balance import STILL_ON, comes_off
from crmusage.maturity._catalogue import Dimension, Practice, Stage
from crmusage.maturity._levels import Level, rank
from crmusage.maturity._sheet import Answer, Standing
from crmusage.model import Text


class Verb(enum.StrEnum):
    """What a step asks for."""

    FIND_OUT = "find_out"
    SETTLE = "settle"
    TAKE_OFF = "take_off"
    BEGIN = "begin"
    FINISH = "finish"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _words.VERBS[self.value]


@attrs.frozen
class Step:
    """One thing to do."""

    verb: Verb
    practice: Practice
    """What it is about; `practice.shown_by` tells what would show that it is done."""
    reason: Text
    needs: tuple[Practice, ...] = ()
    """What has to be in place first; each has a step of its own before this one."""

    @property
    def works(self) -> bool:
        """Whether it puts something in place (else it finds out, settles or takes off)."""
        return self.verb in {Verb.BEGIN, Verb.FINISH}


def plan(levels: Sequence[Level], wheels: Sequence[Standing]) -> tuple[Step, ...]:
    """The steps, in order.

    First what is unknown and what is in dispute, as it may change the rest; then training wheels that only hinder;
    then the work, stage by stage over all dimensions: so every dimension is brought level before any is raised.
    It ends with the stage after the highest that is reached, and earlier where a stage cannot be assessed.
    """
    horizon = min(max(rank(level.reached) for level in levels) + 1, len(Stage))
    open_ = [
        one
        for stage in Stage
        if stage <= horizon
        for level in levels
        for one in level.gates[stage - 1].standings
        if not one.in_place
    ]
    unknown = [one for one in open_ if one.answer is Answer.UNKNOWN]
    last = min((one.practice.stage for one in unknown), default=horizon)
    disputed = [one for one in open_ if one.disputed and one.practice.stage <= last]
    work = [one for one in open_ if one.known and not one.disputed and one.practice.stage <= last]
    missing = {one.practice.id: one.practice for one in open_}
    return (
        *(Step(Verb.FIND_OUT, one.practice, _words.unknown(one.practice.stage)) for one in unknown),
        *(_settle(one) for one in disputed),
        *_wheels(levels, wheels),
        *(_work(one, missing, levels) for one in sorted(work, key=lambda one: _place(one.practice, missing))),
    )


def _settle(one: Standing) -> Step:
    yes = one.known.count(Answer.YES)
    return Step(Verb.SETTLE, one.practice, _words.in_dispute(yes, len(one.known)))


def _wheels(levels: Sequence[Level], wheels: Sequence[Standing]) -> list[Step]:
    steps = []
    for one in wheels:
        wheel = one.practice
        if not any(comes_off(wheel, level) for level in levels):
            continue
        if one.answer is Answer.UNKNOWN:
            steps.append(Step(Verb.FIND_OUT, wheel, _words.unknown_wheel()))
        elif one.answer in STILL_ON:
            steps.append(Step(Verb.TAKE_OFF, wheel, _words.no_longer_needed(wheel.dimension, wheel.stage)))
    return steps


def _work(one: Standing, missing: dict[str, Practice], levels: Sequence[Level]) -> Step:
    practice = one.practice
    ahead = [level.dimension for level in levels if rank(level.reached) >= practice.stage]
    if ahead:
        reason = _words.level_first(practice.dimension, practice.stage, ahead)
    else:
        reason = _words.carried(practice.dimension, practice.stage)
    verb = Verb.FINISH if one.answer is Answer.PARTLY else Verb.BEGIN
    return Step(verb, practice, reason, tuple(missing[id_] for id_ in practice.needs if id_ in missing))


def _place(practice: Practice, missing: dict[str, Practice]) -> tuple[Stage, int, int]:
    return practice.stage, _depth(practice, missing), tuple(Dimension).index(practice.dimension)


def _depth(practice: Practice, missing: dict[str, Practice]) -> int:
    # How many practices of the same stage have to come one after the other before this one.
    before = (missing[id_] for id_ in practice.needs if id_ in missing)
    return max((1 + _depth(one, missing) for one in before if one.stage == practice.stage), default=0)
