"""How far each dimension has come: gates, of which the lowest counts."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import attrs

from crmusage.maturity._catalogue import Dimension, Stage
from crmusage.maturity._sheet import Answer, Standing


class GateState(enum.StrEnum):
    """Whether a stage has what it needs in a dimension."""

    MET = "met"
    MISSING = "missing"
    NOT_ASSESSABLE = "not_assessable"
    """Nothing is known to be missing, and something is unknown: that is no no."""


@attrs.frozen
class Gate:
    """What one stage needs in one dimension, and how it stands."""

    stage: Stage
    dimension: Dimension
    standings: tuple[Standing, ...]

    @property
    def state(self) -> GateState:
        """Met if all is in place; one practice short is enough to miss it."""
        answers = {one.answer for one in self.standings}
        if answers & {Answer.NO, Answer.PARTLY}:
            return GateState.MISSING
        return GateState.NOT_ASSESSABLE if Answer.UNKNOWN in answers else GateState.MET


@attrs.frozen
class Level:
    """How far one dimension has come."""

    dimension: Dimension
    gates: tuple[Gate, ...]
    """One a stage, in order."""

    @property
    def reached(self) -> Stage | None:
        """The last stage that is met with all before it; None: not even childhood has what it needs."""
        met = None
        for gate in self.gates:
            if gate.state is not GateState.MET:
                break
            met = gate.stage
        return met

    @property
    def at_most(self) -> Stage | None:
        """The last stage that it may have reached, if all that is unknown is in place."""
        possible = None
        for gate in self.gates:
            if gate.state is GateState.MISSING:
                break
            possible = gate.stage
        return possible

    @property
    def certain(self) -> bool:
        """Whether nothing that is unknown could lift it further."""
        return self.reached is self.at_most

    @property
    def furthest(self) -> Stage | None:
        """The last stage of which anything is in place, whatever is missing below it."""
        return max(
            (gate.stage for gate in self.gates if any(one.in_place for one in gate.standings)), default=None
        )


def rank(stage: Stage | None) -> int:
    """0 for none, 1 to 4."""
    return 0 if stage is None else int(stage)


def levels(standings: Iterable[Standing]) -> tuple[Level, ...]:
    """The level of each dimension."""
    by_cell: dict[tuple[Stage, Dimension], list[Standing]] = {}
    for one in standings:
        by_cell.setdefault((one.practice.stage, one.practice.dimension), []).append(one)
    return tuple(
        Level(
            dimension,
            tuple(Gate(stage, dimension, tuple(by_cell.get((stage, dimension), ()))) for stage in Stage),
        )
        for dimension in Dimension
    )
