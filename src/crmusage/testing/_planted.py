"""What can be planted in a made-up company, and the company in which it was: of requests, records or knowledge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs
import polars as pl

from crmusage.history import History
from crmusage.model import Text
from crmusage.testing._scenario import SimulationError

H = TypeVar("H")
"""The habits of a unit, an attrs value: shares, mostly."""


@attrs.frozen
class Planting(Generic[H]):
    """Something that can be planted in a unit, or in the whole company."""

    name: str
    text: Text
    code: str | None
    """The detector that is to find it; None: a look-alike, or nothing."""
    habits: Callable[[H], H]
    """What it makes of the usual habits."""
    everywhere: bool = False
    """In the whole company, not in one unit."""


@attrs.frozen(eq=False)
class PlantedCompany:
    """The CRM of a company, and where something is planted in it."""

    tables: Mapping[str, pl.DataFrame]
    """In the contract's columns."""
    scenario: str
    code: str | None
    unit: str | None
    """The unit whose habits are other ones; None: all, or none."""
    as_of: dt.datetime

    def history(self) -> History:
        """The tables as a history, as of the last day."""
        frames: dict[str, Any] = dict(self.tables)
        return History.from_frames(as_of=self.as_of, **frames)


def having(**habits: Any) -> Callable[[H], H]:
    """The usual habits, but for these."""

    def changed(usual: H) -> H:
        given: Any = usual
        made: H = attrs.evolve(given, **habits)
        return made

    return changed


def planting(name: str, known: Mapping[str, Planting[H]]) -> Planting[H]:
    """The one of this name.

    Raises:
        SimulationError: when there is none.
    """
    if name not in known:
        raise SimulationError(f"there is no scenario {name!r} here: there are {', '.join(known)}")
    return known[name]
