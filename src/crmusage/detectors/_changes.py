"""Changes of a value in the history: what it was, what it became, and who changed it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.detectors._deals import Int64, actors
from crmusage.history import History

UNKNOWN = int(np.iinfo(np.int64).min)
"""The day of a text that tells none."""


def days(texts: Any) -> Int64:
    """The day (since 1970) that each text tells, as `2026-03-31` with or without a time behind it."""
    table = {text: _day(text) for text in texts.unique().to_list()}
    return np.array([table[text] for text in texts.to_list()], dtype=np.int64)


def amounts(texts: Any) -> npt.NDArray[np.float64]:
    """The number that each text tells; NaN where it tells none."""
    return np.array([_number(text) for text in texts.to_list()], dtype=np.float64)


def stranger(part: History, at: npt.NDArray[Any]) -> Int64:
    """A number for who made the events at these positions, 0 where it is the owner of the record at that time.

    Who goes through his own records one after the other is at work; who changes those of others by the dozen
    within minutes runs a mass update.
    """
    who, index = part.who, part.index
    owner = who.ownership.at(index.case[at], index.at[at])
    actor = who.actor[at]
    own = (actor >= 0) & (actor == owner)
    return np.where(own | (actor < 0), 0, actors(part)[at])


def fiscal_marks(part: History) -> tuple[int, ...]:
    """The days at which fiscal periods begin (rows of the calendar whose kind begins with `fiscal`)."""
    rows = part.calendar.select("kind", "starts_at").drop_nulls().to_dicts()
    found = {row["starts_at"].date() for row in rows if str(row["kind"]).startswith("fiscal")}
    return tuple(sorted((day - dt.date(1970, 1, 1)).days for day in found))


def _day(text: str | None) -> int:
    try:
        return (dt.date.fromisoformat((text or "")[:10]) - dt.date(1970, 1, 1)).days
    except ValueError:
        return UNKNOWN


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan
