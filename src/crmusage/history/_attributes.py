from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.errors import RuleError
from crmusage.history._index import Bool, Int32
from crmusage.rules import All, AnyOf, Compare, Condition, Not, Op, sort_of

CASE = "case."


class Derived(Protocol):
    """An attribute that is worked out when it is asked for."""

    def sort(self) -> str:
        """What its values are: number ..., or nothing where no table tells any."""

    def of_events(self, at: Int32) -> pl.Series:
        """Its values at positions of events."""


@attrs.frozen(eq=False)
class Attributes:
    """The columns of a history by the names that rules give them, one value an event.

    A plain name is the event's own value, and where it has none that of its case; `case.` before it asks for
    the case's. So `amount` is the amount that an event tells, or else the case's.
    """

    cases: pl.DataFrame
    events: pl.DataFrame
    case: Int32
    """The row in `cases` of each event."""
    derived: Mapping[str, Derived] = attrs.field(factory=dict, repr=False)
    """What no table says but follows from them, by name: an event's own values only."""
    _codes: dict[str, Int32] = attrs.field(factory=dict, init=False, repr=False)

    def names(self) -> list[str]:
        """Every name that a rule may use, in text order."""
        of_cases = set(self.cases.columns)
        return sorted({*self.events.columns, *of_cases, *(CASE + name for name in of_cases), *self.derived})

    def sort(self, name: str) -> str | None:
        """number, text, truth, time or date: what a value can be compared with; None: no such attribute.

        Raises:
            RuleError: when cases and events hold different sorts under one plain name.
        """
        if name in self.derived:
            return self.derived[name].sort()
        found = {}
        if name in self.events.columns:
            found["events"] = _sort(self.events[name])
        bare = name.removeprefix(CASE)
        if bare in self.cases.columns:
            found["cases"] = _sort(self.cases[bare])
        # A column without any value fits everything.
        sorts = {sort for sort in found.values() if sort != "nothing"}
        if len(sorts) > 1:
            raise RuleError(
                f"{name} is a {found['events']} in events and a {found['cases']} in cases: "
                f"write {CASE}{name} for the latter"
            )
        return sorts.pop() if sorts else ("nothing" if found else None)

    def of_events(self, name: str, at: Int32) -> pl.Series:
        """The values of an attribute at positions of events."""
        if name in self.derived:
            return self.derived[name].of_events(at)
        bare = name.removeprefix(CASE)
        if name not in self.events.columns:
            return self.cases[bare].gather(self.case[at])
        own = self.events[name].gather(at)
        if bare not in self.cases.columns or own.null_count() == 0:
            return own
        of_case = self.cases[bare].gather(self.case[at])
        if of_case.dtype in (own.dtype, pl.Null):
            return own.zip_with(own.is_not_null(), of_case.cast(own.dtype))
        wide: Any = (
            of_case.dtype if own.dtype == pl.Null else pl.Float64 if own.dtype.is_numeric() else pl.String
        )
        return own.cast(wide).zip_with(own.is_not_null(), of_case.cast(wide))

    def of_cases(self, name: str) -> pl.Series:
        """The values of an attribute of cases, one a case."""
        return self.cases[name.removeprefix(CASE)]

    def codes(self, name: str) -> Int32:
        """One integer an event: equal values have equal integers; -1: no value."""
        if name not in self._codes:
            series = self.of_events(name, np.arange(len(self.case), dtype=np.int32))
            ranks = series.rank("dense").cast(pl.Int32).fill_null(-1)
            self._codes[name] = ranks.to_numpy()
        return self._codes[name]

    def events_where(self, condition: Condition | None, at: Int32) -> Bool:
        """Which of the events at these positions satisfy a condition."""
        return _mask(condition, lambda name: self.of_events(name, at), len(at))

    def cases_where(self, condition: Condition | None) -> Bool:
        """Which cases satisfy a condition."""
        return _mask(condition, self.of_cases, self.cases.height)


def _mask(condition: Condition | None, column: Any, length: int) -> Bool:
    match condition:
        case None:
            return np.ones(length, dtype=bool)
        case Compare():
            return _compare(condition, column(condition.attribute))
        case All(parts):
            masks = [_mask(part, column, length) for part in parts]
            return np.logical_and.reduce(masks) if masks else np.ones(length, dtype=bool)
        case AnyOf(parts):
            masks = [_mask(part, column, length) for part in parts]
            return np.logical_or.reduce(masks) if masks else np.zeros(length, dtype=bool)
        case Not(part):
            inverted: Bool = ~_mask(part, column, length)
            return inverted


def _compare(compare: Compare, series: pl.Series) -> Bool:
    if compare.op is Op.IS_NULL:
        missing = series.is_null()
        return _bools(missing if compare.value else ~missing)
    if series.null_count() == len(series):
        return np.zeros(len(series), dtype=bool)
    if _sort(series) != compare.sort:
        raise RuleError(
            f"{compare.attribute} is a {_sort(series)}, the rule compares it with a {compare.sort} ({compare.value!r})"
        )
    if compare.op in {Op.IN, Op.MATCHES} or sort_of(compare.value) in {"date", "time"}:
        # Judged by the same code as in the live reading, once a distinct value.
        distinct = series.unique().drop_nulls()
        fits = pl.Series([compare.of(value) for value in distinct.to_list()], dtype=pl.Boolean)
        return _bools(series.is_in(distinct.filter(fits).implode()).fill_null(False))
    value: Any = compare.value
    result = {
        Op.EQ: series.__eq__,
        Op.NE: series.__ne__,
        Op.LT: series.__lt__,
        Op.LE: series.__le__,
        Op.GT: series.__gt__,
        Op.GE: series.__ge__,
    }[compare.op](value)
    return _bools(result.fill_null(False))


def _bools(series: pl.Series) -> Bool:
    values: npt.NDArray[Any] = series.to_numpy()
    return values.astype(bool, copy=False)


def _sort(series: pl.Series) -> str:
    dtype = series.dtype
    if dtype == pl.Null or series.null_count() == len(series):
        return "nothing"
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "truth"
    if isinstance(dtype, pl.Datetime):
        return "time"
    if dtype == pl.Date:
        return "date"
    return "text"
