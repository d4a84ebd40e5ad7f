"""Whether the dimensions go together, and what each is ready for."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence

import attrs

from crmusage.maturity import _words
from crmusage.maturity._catalogue import Dimension, Practice, Stage
from crmusage.maturity._levels import Gate, GateState, Level, rank
from crmusage.maturity._sheet import Answer, Standing
from crmusage.model import Text

STILL_ON = frozenset({Answer.YES, Answer.PARTLY})
"""What is said of a training wheel that has not come off."""


class RiskKind(enum.StrEnum):
    """The two ways to bring up a programme badly."""

    RUSHING = "rushing"
    """More is asked than it is ready for."""
    SMOTHERING = "smothering"
    """It is held back although it is ready."""


@attrs.frozen
class Inconsistency:
    """One dimension is ahead of another."""

    ahead: Dimension
    behind: Dimension
    stage: Stage
    """How far the one is."""
    behind_stage: Stage | None
    """How far the other may be at most."""
    signs: tuple[Practice, ...]
    """What the one already does of that stage, where its own gates are not all met; empty where they are."""
    risk: RiskKind
    text: Text


@attrs.frozen
class Risk:
    """A dimension that is rushed or smothered in itself."""

    kind: RiskKind
    dimension: Dimension
    practices: tuple[Practice, ...]
    text: Text


@attrs.frozen
class Readiness:
    """Whether a dimension may begin its next stage."""

    dimension: Dimension
    next_stage: Stage | None
    """None: it is grown up."""
    ready: bool
    reason: Text


def inconsistencies(levels: Sequence[Level]) -> tuple[Inconsistency, ...]:
    """Who is ahead of whom. What is unknown of the one behind counts for it: unknown is not no.

    Signs count from two stages on: part of the next stage is what growing up looks like.
    """
    found = []
    for one, other in itertools.permutations(levels, 2):
        behind = other.at_most
        signs: tuple[Practice, ...] = ()
        if rank(one.furthest) > rank(one.reached) and rank(one.furthest) >= rank(behind) + 2:
            stage = Stage(rank(one.furthest))
            signs = _in_place(one.gates[stage - 1])
        elif one.reached is not None and one.reached > rank(behind):
            stage = one.reached
        else:
            continue
        # People who are ahead are held back; a process or a tool that is ahead drags the others along.
        risk = RiskKind.SMOTHERING if one.dimension is Dimension.USERS else RiskKind.RUSHING
        text = _words.ahead(one.dimension, other.dimension, stage, behind, signs)
        found.append(Inconsistency(one.dimension, other.dimension, stage, behind, signs, risk, text))
    return tuple(found)


def risks(levels: Sequence[Level], wheels: Sequence[Standing]) -> tuple[Risk, ...]:
    """What each dimension does too early, or no longer needs."""
    found = []
    for level in levels:
        early = tuple(
            practice
            for gate in level.gates
            if gate.stage >= rank(level.at_most) + 2
            for practice in _in_place(gate)
        )
        if early:
            text = _words.rushed(level.dimension, level.at_most, early)
            found.append(Risk(RiskKind.RUSHING, level.dimension, early, text))
        if level.reached is None:
            continue
        on = tuple(
            one.practice for one in wheels if one.answer in STILL_ON and comes_off(one.practice, level)
        )
        if on:
            text = _words.smothered(level.dimension, level.reached, on)
            found.append(Risk(RiskKind.SMOTHERING, level.dimension, on, text))
    return tuple(found)


def comes_off(wheel: Practice, level: Level) -> bool:
    """Whether a dimension is far enough to do without a training wheel."""
    return wheel.dimension is level.dimension and rank(level.reached) >= wheel.stage


def readiness(levels: Sequence[Level]) -> tuple[Readiness, ...]:
    """What each dimension may begin now."""
    lowest = min(rank(level.reached) for level in levels)
    highest = max(rank(level.reached) for level in levels)
    found = []
    for level in levels:
        here = rank(level.reached)
        nxt = None if here == len(Stage) else Stage(here + 1)
        others = [one.dimension for one in levels if rank(one.reached) < here]
        ready = False
        if nxt is None:
            reason = _words.grown_up()
        elif level.gates[here].state is GateState.NOT_ASSESSABLE:
            open_ = tuple(one.practice for one in level.gates[here].standings if one.answer is Answer.UNKNOWN)
            reason = _words.find_out_first(open_)
        elif others:
            reason = _words.wait_for(others)
        else:
            ready = True
            reason = _words.may_begin(nxt, alone=lowest < highest)
        found.append(Readiness(level.dimension, nxt, ready, reason))
    return tuple(found)


def _in_place(gate: Gate) -> tuple[Practice, ...]:
    return tuple(one.practice for one in gate.standings if one.in_place)
