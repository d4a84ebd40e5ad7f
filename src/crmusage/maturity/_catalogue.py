"""What a CRM programme does at each stage, by dimension: the catalogue that assessments go by."""

from __future__ import annotations

import enum
import functools
import tomllib
from typing import Any

import attrs

from crmusage.model import Text


class Stage(enum.IntEnum):
    """How far a programme has grown up: 1 to 4, in order. No stage has an age."""

    CHILDHOOD = 1
    PREADOLESCENCE = 2
    ADOLESCENCE = 3
    ADULTHOOD = 4

    @property
    def word(self) -> str:
        """As files and JSON have it: `childhood`."""
        return self.name.lower()

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _STAGES[self]


class Dimension(enum.StrEnum):
    """What grows up: the people, the way they work, the tool."""

    USERS = "users"
    PROCESSES = "processes"
    TECHNOLOGY = "technology"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _DIMENSIONS[self]


_STAGES = {
    Stage.CHILDHOOD: Text("childhood", "enfance"),
    Stage.PREADOLESCENCE: Text("preadolescence", "préadolescence"),
    Stage.ADOLESCENCE: Text("adolescence", "adolescence"),
    Stage.ADULTHOOD: Text("adulthood", "âge adulte"),
}
_DIMENSIONS = {
    Dimension.USERS: Text("users", "utilisateurs"),
    Dimension.PROCESSES: Text("processes", "processus"),
    Dimension.TECHNOLOGY: Text("technology", "technologie"),
}


@attrs.frozen
class Practice:
    """Something that a programme does, and that can be observed; or a training wheel, that it once needed."""

    id: str
    stage: Stage
    """The stage that needs it; of a training wheel: the one from which it is to come off."""
    dimension: Dimension
    text: Text
    """A statement that is true or not."""
    shown_by: Text
    """What somebody from outside could look at."""
    source: int
    """The number of the source text that it was drawn from (docs/guides/maturity.md names them)."""
    passage: Text
    """What that text says there, in this project's words."""
    needs: tuple[str, ...] = ()
    """The practices that come before it, of the same stage or an earlier one."""
    measurable: bool = False
    """Whether a history can hold evidence for or against it."""
    wheel: bool = False
    """Whether it is a training wheel."""


@attrs.frozen
class Catalogue:
    """The practices that the stages need, and the training wheels that come off."""

    practices: tuple[Practice, ...]
    wheels: tuple[Practice, ...]

    @property
    def items(self) -> tuple[Practice, ...]:
        """All that assessors are asked about, in the order in which they are asked."""
        return self.practices + self.wheels

    def at(self, stage: Stage, dimension: Dimension) -> tuple[Practice, ...]:
        """What one stage needs in one dimension."""
        return tuple(one for one in self.practices if (one.stage, one.dimension) == (stage, dimension))


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that comes with crmusage: what the source texts say, made observable."""
    from importlib import resources  # some milliseconds that only who asks should pay

    text = resources.files("crmusage.maturity").joinpath("practices.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    return Catalogue(
        tuple(_practice(one, one["stage"]) for one in values["practice"]),
        tuple(_practice(one, one["off_from"], wheel=True) for one in values["wheel"]),
    )


def _practice(values: dict[str, Any], stage: str, *, wheel: bool = False) -> Practice:
    return Practice(
        id=values["id"],
        stage=Stage[stage.upper()],
        dimension=Dimension(values["dimension"]),
        text=Text(**values["text"]),
        shown_by=Text(**values["shown_by"]),
        source=values["source"],
        passage=Text(**values["passage"]),
        needs=tuple(values.get("needs", ())),
        measurable=values.get("measurable", False),
        wheel=wheel,
    )
