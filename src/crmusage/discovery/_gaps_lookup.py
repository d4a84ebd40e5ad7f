"""What the forms of situations ask of a history: where activities stand, and what came before them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from crmusage.history import NEVER, History

Bools = npt.NDArray[np.bool_]
Int32 = npt.NDArray[np.int32]

MACHINES = ("automation", "cascade", "import", "merge")
"""Origins of events that nobody chose to make."""


def positions(history: History, names: Iterable[str]) -> Int32:
    """Where the events of any of these activities stand, ascending."""
    index = history.index
    found = [index.positions(name) for name in names if name in index.activities]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int32), *found]))


def by_people(history: History, names: Iterable[str]) -> Int32:
    """The same without what machines did."""
    at = positions(history, names)
    origin = history.events["origin"]
    if not len(at) or origin.null_count() == len(origin):
        return at
    machine = origin.gather(at).is_in(MACHINES).fill_null(value=False)
    chosen: Int32 = at[~machine.to_numpy().astype(bool)]
    return chosen


def has(history: History, names: Iterable[str]) -> Bools:
    """Which cases have any of these activities."""
    index = history.index
    found = np.zeros(index.n_cases, dtype=bool)
    found[index.case[positions(history, names)]] = True
    return found


def last_before(history: History, names: Iterable[str], at: Int32) -> Int32:
    """For events, the last of these activities before them in their case; -1: none. What stands at one instant in
    no known order is not before.
    """
    start = at if history.index.tie_start is None else history.index.tie_start[at]
    return last_upto(history, names, start - 1, of=at)


def last_upto(history: History, names: Iterable[str], at: Int32, of: Int32 | None = None) -> Int32:
    """For positions, the last of these activities up to them, in the case of the events `of`; -1: none."""
    index = history.index
    there = np.append(positions(history, names), np.int32(-1))
    # Before the first of them the place is -1, which is where "none" stands.
    found = there[np.searchsorted(there[:-1], at, side="right") - 1]
    case = index.case[at if of is None else of]
    same = (found >= 0) & (index.case[np.maximum(found, 0)] == case) if len(at) else np.zeros(0, dtype=bool)
    return np.where(same, found, np.int32(-1)).astype(np.int32)


def seen_from(history: History, names: tuple[str, ...]) -> int:
    """Since when the source could see all of these activities, in microseconds; long ago if it does not say."""
    rows = history.coverage.iter_rows(named=True)
    starts = [
        (row["seen_from"] - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
        for row in rows
        if row["entity"] in {"event", "events"} and row["seen_from"] and row["field"] in {None, *names}
    ]
    return max(starts, default=-NEVER)


def raised(history: History, at: Int32) -> Bools:
    """Which changes go from a larger number to a smaller one; what is no number is not said to be raised."""
    old, new = (_numbers(history, name, at) for name in ("old", "new"))
    higher: Bools = new < old
    return higher


def _numbers(history: History, name: str, at: Int32) -> npt.NDArray[np.float64]:
    series = history.events[name].gather(at)
    values = [_number(value) for value in series.to_list()]
    return np.array(values, dtype=np.float64)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
