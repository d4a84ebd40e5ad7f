"""The survey: what is asked, and what was answered."""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Mapping

import attrs

from crmusage.model import Text

LOWEST, HIGHEST = 1, 5
"""The scale of agreement."""
MIDDLE = (LOWEST + HIGHEST) / 2


class Criterion(enum.StrEnum):
    """What makes people take a project up of themselves."""

    COMPATIBILITY = "compatibility"
    ACCESSIBILITY = "accessibility"
    AVAILABILITY = "availability"
    REASSURANCE = "reassurance"
    ADVANTAGE = "advantage"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _CRITERIA[self]


_CRITERIA = {
    Criterion.COMPATIBILITY: Text("compatibility with habits", "compatibilité avec les habitudes"),
    Criterion.ACCESSIBILITY: Text("accessibility", "accessibilité"),
    Criterion.AVAILABILITY: Text("availability", "disponibilité"),
    Criterion.REASSURANCE: Text("reassurance", "caractère rassurant"),
    Criterion.ADVANTAGE: Text("competitive advantage", "avantage concurrentiel"),
}


class About(enum.StrEnum):
    """What a statement is about: adoptability is that of the project, not of the product alone."""

    PRODUCT = "product"
    PROJECT = "project"


@attrs.frozen
class Item:
    """One statement of the survey."""

    id: str
    criterion: Criterion
    about: About
    text: Text
    reversed: bool = False
    """Whether agreeing speaks against the criterion."""

    def points(self, answer: int) -> int:
        """The answer so that more is better: 1 to 5."""
        return LOWEST + HIGHEST - answer if self.reversed else answer


@functools.cache
def items() -> tuple[Item, ...]:
    """The statements, in the order in which they are asked."""
    from importlib import resources  # some milliseconds that only who asks should pay

    text = resources.files("crmusage.adoptability").joinpath("items.toml").read_text(encoding="utf-8")
    return tuple(
        Item(
            id=one["id"],
            criterion=Criterion(one["criterion"]),
            about=About(one["about"]),
            text=Text(**one["text"]),
            reversed=one.get("reversed", False),
        )
        for one in tomllib.loads(text)["item"]
    )


@attrs.frozen
class Response:
    """What one person answered. Nobody's name, and none is wanted."""

    answers: Mapping[str, int] = attrs.field(hash=False)
    """By the id of the item, 1 to 5; what is not there was left out."""
    unit: str | None = None
