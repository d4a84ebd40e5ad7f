from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import cattrs
import polars as pl

from crmusage.errors import SourceError


@attrs.frozen
class Planted:
    """A usage that the simulator put into one unit: what a detector is to find."""

    scenario: str
    code: str
    """The detector that is to find it, like CU112."""
    unit: str
    since: dt.date
    """The first day of the data: it has always been so."""
    share_of_volume: float
    """Of the company's opportunities, those of the unit."""
    strength: float
    """Of the unit's opportunities created since then, those that show the usage."""
    cases: int
    """How many show it."""


@attrs.frozen
class LookAlike:
    """A unit that looks as if and is not: no detector is to name it."""

    scenario: str
    unit: str
    share_of_volume: float
    cases: int
    """How many opportunities make it look so."""


@attrs.frozen
class CompanyFigures:
    """What a company would read in its own dashboard; None: there is nothing to make it of."""

    opportunities: int
    win_rate: float | None
    """Won of won and lost."""
    median_cycle_days: float | None
    """From creation to closing, of what was won."""
    open_opportunities: int
    open_amount: float


@attrs.frozen
class Truth:
    """What was planted, and what it does to the company's figures."""

    scenarios: tuple[str, ...]
    seed: int
    as_of: dt.datetime
    planted: tuple[Planted, ...]
    look_alikes: tuple[LookAlike, ...]
    with_planted: CompanyFigures
    without_planted: CompanyFigures
    """As if the units of `planted` were not there."""

    @property
    def scenario(self) -> str:
        """The names of the scenarios, joined by +."""
        return "+".join(self.scenarios)

    def to_json(self) -> str:
        """The text of `truth.json`."""
        return json.dumps(_CONVERTER.unstructure(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, path: str | Path) -> Truth:
        """The truth in a file, or in the `truth.json` of a folder.

        Raises:
            SourceError: when there is none.
        """
        file = Path(path) / "truth.json" if Path(path).is_dir() else Path(path)
        try:
            told: Any = json.loads(file.read_text(encoding="utf-8"))
            return _CONVERTER.structure(told, cls)
        except (OSError, ValueError, KeyError, TypeError, cattrs.BaseValidationError) as error:
            raise SourceError(
                f"{file} holds no truth of a simulation ({type(error).__name__}): "
                "name the folder, or the truth.json in it, that simulate(...).write made"
            ) from error


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_unstructure_hook(dt.date, lambda day: day.isoformat())
_CONVERTER.register_structure_hook(dt.date, lambda text, _: dt.date.fromisoformat(text))
_CONVERTER.register_unstructure_hook(dt.datetime, lambda instant: instant.isoformat())
_CONVERTER.register_structure_hook(dt.datetime, lambda text, _: dt.datetime.fromisoformat(text))


def figures(cases: pl.DataFrame) -> CompanyFigures:
    """The company's figures, from its `cases`."""
    won = cases.filter(pl.col("outcome") == "won")
    decided = won.height + cases.filter(pl.col("outcome") == "lost").height
    pending = cases.filter(pl.col("closed_at").is_null())
    cycle = won.select((pl.col("closed_at") - pl.col("created_at")).dt.total_seconds().median()).item()
    return CompanyFigures(
        opportunities=cases.height,
        win_rate=won.height / decided if decided else None,
        median_cycle_days=cycle / 86_400 if cycle is not None else None,
        open_opportunities=pending.height,
        open_amount=float(pending["amount"].sum()),
    )
