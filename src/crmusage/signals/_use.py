"""Who used the tool in which week: from sessions where the source has them, else from what people entered by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.history import History

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]

DAY = 86_400_000_000
WEEK = 7 * DAY
_EPOCH = dt.date(1970, 1, 1).toordinal()
MOSTLY_AWAY = 4 * DAY
"""Whoever is away for so long of a week is not expected to use the tool in it. Guessed: it leaves a working day."""
_BY_HAND = ("ui", "unknown")
"""Origins of what a person enters; where none is told, it counts as one of them."""
_NO_ACT = int(np.iinfo(np.int64).min)


@attrs.frozen(eq=False)
class Acts:
    """What shows that somebody was at work in the tool: a session, or an entry by hand."""

    person: npt.NDArray[np.int64]
    """A place in `persons`; only of those."""
    at: Int64
    persons: tuple[str, ...]
    """Humans that `people` names (all who act, where there is no such table), in text order."""
    sessions: bool
    """Whether they come from sessions."""


def instants(series: Any) -> Int64:
    """A column of instants in microseconds."""
    found: Int64 = series.to_physical().to_numpy()
    return found


def acts(history: History) -> Acts:
    """All acts of a history."""
    people = history.people
    machines = set(people["person_id"].filter((people["is_human"] == False).fill_null(False)).to_list())  # noqa: E712 - a column
    by_session = bool(history.sessions.height)
    if by_session:
        who, at = history.sessions["person_id"], instants(history.sessions["at"])
    else:
        origin = history.events["origin"]
        by_hand = (origin.is_in(_BY_HAND) | origin.is_null()).to_numpy()
        who, at = history.events["actor"], np.where(by_hand, history.index.at, _NO_ACT)
    named = people["person_id"] if people.height else who.drop_nulls().unique()
    persons = tuple(sorted(set(named.to_list()) - machines))
    code = codes(who, persons)
    kept = (code >= 0) & (at != _NO_ACT)
    return Acts(code[kept], at[kept], persons, by_session)


def codes(who: Any, persons: tuple[str, ...]) -> Int64:
    """A column of persons as places in `persons`; -1: none of them."""
    if not persons:
        return np.full(len(who), -1, dtype=np.int64)
    found: Int64 = who.replace_strict(list(persons), list(range(len(persons))), default=-1).to_numpy()
    return found.astype(np.int64)


@attrs.frozen(eq=False)
class Use:
    """Weeks, counted back from the last instant, in which persons were here, and in which they used the tool."""

    persons: tuple[str, ...]
    used: Bool
    """[persons, weeks]; false where not `here`."""
    here: Bool

    @property
    def weeks_used(self) -> Int64:
        """Of each person."""
        found: Int64 = self.used.sum(axis=1)
        return found

    @property
    def weeks_here(self) -> Int64:
        """Of each person."""
        found: Int64 = self.here.sum(axis=1)
        return found


def use(history: History, done: Acts, weeks: int) -> Use:
    """The use in the last so many whole weeks, those before the first event left out."""
    index = history.index
    span = index.as_of - (history.began if history.began is not None else index.as_of)
    weeks = min(weeks, span // WEEK)
    ago = (index.as_of - done.at) // WEEK
    used = np.zeros((len(done.persons), weeks), dtype=bool)
    recent = (ago >= 0) & (ago < weeks)
    used[done.person[recent], ago[recent]] = True
    here = _here(history, done.persons, weeks)
    return Use(done.persons, used & here, here)


def _here(history: History, persons: tuple[str, ...], weeks: int) -> Bool:
    ends = history.index.as_of - np.arange(weeks, dtype=np.int64) * WEEK
    here = np.ones((len(persons), weeks), dtype=bool)
    place = {person: k for k, person in enumerate(persons)}
    days = history.people.select("person_id", "starts_on", "ends_on")
    for person, first, last in days.iter_rows():
        k = place.get(person)
        if k is None:
            continue
        if first is not None:
            here[k] &= ends - WEEK >= _micros(first)
        if last is not None:
            here[k] &= ends <= _micros(last) + DAY
    who = history.who
    codes = {person: k for k, person in enumerate(who.persons)}
    known = [k for k, person in enumerate(persons) if person in codes]
    if known and weeks:
        code = np.repeat([codes[persons[k]] for k in known], weeks)
        until = np.tile(ends, len(known))
        away = who.leaves.away(code, until) - who.leaves.away(code, until - WEEK)
        here[known] &= (away < MOSTLY_AWAY).reshape(len(known), weeks)
    return here


def _micros(day: dt.date) -> int:
    return (day.toordinal() - _EPOCH) * DAY
