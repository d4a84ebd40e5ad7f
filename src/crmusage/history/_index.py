from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

STRETCH = 100_000
"""So many calendar months are worked out together: it takes several copies of their instants."""
NEVER = int(np.iinfo(np.int64).max)
"""The instant of what has not happened, in microseconds."""


@attrs.frozen(eq=False, slots=False)
class Index:
    """The events of a history as arrays: sorted by case, instant and `seq`; cases and texts as small integers.

    N events in C cases. Events of case c stand at positions `offsets[c]` up to, not including, `offsets[c + 1]`.
    Instants are microseconds since 1970 in UTC.
    """

    offsets: Int32
    """C + 1 positions."""
    case: Int32
    """The case of each event."""
    activity: Int32
    """The activity of each event, as its place in `activities`."""
    at: Int64
    unit: Int32
    """The unit that each event counts for: its own, else that of its case; -1: none."""
    case_unit: Int32
    created: Int64
    closed: Int64
    """NEVER for an open case."""
    as_of: int
    activities: tuple[str, ...]
    """In text order."""
    units: tuple[str, ...]
    """In text order."""
    tie_start: Int32 | None
    """Where the run of events that stand at one instant in no known order begins; None: there are no ties."""
    tie_end: Int32 | None
    """Where it ends, not included."""

    @property
    def n_events(self) -> int:
        """N."""
        return len(self.at)

    @property
    def n_cases(self) -> int:
        """C."""
        return len(self.created)

    @cached_property
    def _code(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.activities)}

    @cached_property
    def _by_activity(self) -> tuple[Int32, Int64]:
        # 16-bit integers are sorted by radix, several times faster.
        small = self.activity.astype(np.int16) if len(self.activities) < 2**15 else self.activity
        order = np.argsort(small, kind="stable").astype(np.int32)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(self.activity, minlength=len(self.activities)))])
        return order, bounds.astype(np.int64)

    def positions(self, activity: str) -> Int32:
        """Where the events of one activity stand, ascending. KeyError: it never occurs."""
        code = self._code[activity]
        order, bounds = self._by_activity
        return order[bounds[code] : bounds[code + 1]]

    def prepare(self) -> None:
        """Make what nearly every question needs, so that it is made with the index and not with the first rule."""
        _ = self._case_ordered, self._at_ordered, self._cell_ordered, self.case_cell, self.all_closed

    def _slice(self, activity: str, ordered: npt.NDArray[Any]) -> npt.NDArray[Any]:
        code = self._code[activity]
        bounds = self._by_activity[1]
        return ordered[bounds[code] : bounds[code + 1]]

    @cached_property
    def _case_ordered(self) -> Int32:
        return self.case[self._by_activity[0]]

    @cached_property
    def _at_ordered(self) -> Int64:
        return self.at[self._by_activity[0]]

    @cached_property
    def _cell_ordered(self) -> Int32:
        return self.cell[self._by_activity[0]]

    def case_of(self, activity: str) -> Int32:
        """The case of each event of one activity, in the order of `positions`."""
        return self._slice(activity, self._case_ordered)

    def at_of(self, activity: str) -> Int64:
        """The instant of each event of one activity."""
        return self._slice(activity, self._at_ordered)

    def cell_of(self, activity: str) -> Int32:
        """The cell of each event of one activity."""
        return self._slice(activity, self._cell_ordered)

    @cached_property
    def _edges(self) -> dict[tuple[str, bool], Int32]:
        return {}

    def edge_of(self, activity: str, *, last: bool) -> Int32:
        """Where the first (or last) event of one activity stands in each case: after every event (before) if none."""
        key = (activity, last)
        if key not in self._edges:
            self._edges[key] = edge(self, self.positions(activity), self.case_of(activity), last=last)
        return self._edges[key]

    @cached_property
    def all_closed(self) -> bool:
        """Whether every case has ended."""
        return bool((self.closed != NEVER).all())

    @cached_property
    def _clock(self) -> tuple[Int64, Int64]:
        """The distinct instants, and a key that grows with (case, instant)."""
        instants, rank = np.unique(self.at, return_inverse=True)
        return instants, self.case.astype(np.int64) * (len(instants) + 1) + rank

    def position_at(self, case: Int32, instant: Int64) -> Int32:
        """In each case, the first position whose event is not before the instant (the case's end: none is)."""
        instants, key = self._clock
        wanted = case.astype(np.int64) * (len(instants) + 1) + np.searchsorted(instants, instant)
        return np.searchsorted(key, wanted).astype(np.int32)

    @cached_property
    def _months(self) -> tuple[int, int]:
        """The first month (since January 1970, UTC) of anything, and how many there are."""
        stamps = [array for array in (self.at, self.created) if len(array)]
        if not stamps:
            return 0, 1
        first = int(months_of(np.array([min(s.min() for s in stamps)]))[0])
        # Up to the look itself: things can be due when nothing happens any more.
        last = int(months_of(np.array([max(self.as_of, *(s.max() for s in stamps))]))[0])
        return first, last - first + 1

    @cached_property
    def cell(self) -> Int32:
        """Unit and month of each event as one small integer; `cell_names` tells which."""
        return self.cells(self.unit, self.at)

    @cached_property
    def case_cell(self) -> Int32:
        """Unit and month of creation of each case."""
        return self.cells(self.case_unit, self.created)

    @property
    def n_cells(self) -> int:
        """Cells are below this."""
        return (len(self.units) + 1) * self._months[1]

    def cell_names(self, cell: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The unit (its code, -1: none) and the month (since January 1970, UTC) of cells."""
        first, months = self._months
        return cell // months - 1, cell % months + first

    def cells(self, unit: Int32, instant: Int64) -> Int32:
        """The cells of units (codes, -1: none) and instants from the first of the history up to its look."""
        first, months = self._months
        found = np.empty(len(unit), dtype=np.int32)
        for start in range(0, len(unit), STRETCH):
            here = slice(start, start + STRETCH)
            found[here] = (unit[here] + 1) * np.int32(months) + (months_of(instant[here]) - np.int32(first))
        return found


def edge(index: Index, positions: Int32, case: Int32, *, last: bool) -> Int32:
    """Where the first or last of some events stands in each case; N or -1 where there is none."""
    if last:
        found = np.full(index.n_cases, -1, dtype=np.int32)
        found[case] = positions
    else:
        found = np.full(index.n_cases, index.n_events, dtype=np.int32)
        # Written from the last to the first, so the first stays.
        found[case[::-1]] = positions[::-1]
    return found


def months_of(instant: Int64) -> Int32:
    """Months since January 1970 (UTC) of instants in microseconds."""
    return instant.astype("datetime64[us]").astype("datetime64[M]").astype(np.int32)


def encode(series: pl.Series, labels: Sequence[str] | None = None) -> tuple[Int32, tuple[str, ...]]:
    """Texts as places in a sorted list of labels; missing ones as -1."""
    if labels is None:
        labels = series.drop_nulls().unique().sort().to_list()
    codes = series.cast(pl.Enum(list(labels))).to_physical().cast(pl.Int32).fill_null(-1)
    return codes.to_numpy(), tuple(labels)


def build(cases: pl.DataFrame, events: pl.DataFrame, as_of: int) -> Index:
    """Index two tables that keep the contract, `cases` sorted by case_id and `events` by (case_id, at, seq).

    `as_of` is in microseconds. Every event's case is in `cases`.
    """
    n_cases = cases.height
    runs = events.select(pl.col("case_id").rle().struct.unnest())
    lengths = runs["len"].to_numpy().astype(np.int64)
    if runs.height < n_cases:
        # Both are in the order of case_id; some cases have no events.
        lengths, some = np.zeros(n_cases, dtype=np.int64), lengths
        lengths[cases["case_id"].is_in(runs["value"].implode()).to_numpy()] = some
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    case = np.repeat(np.arange(n_cases, dtype=np.int32), lengths)

    with ThreadPoolExecutor(1) as other_core:
        told = other_core.submit(encode, events["activity"])
        units = (
            pl.concat([events["unit"].unique(), cases["unit"].unique()])
            .drop_nulls()
            .unique()
            .sort()
            .to_list()
        )
        own, _ = encode(events["unit"], units)
        case_unit, _ = encode(cases["unit"], units)
        activity, activities = told.result()
    at = _micros(events["at"])
    tie_start, tie_end = _ties(case, at, events["seq"])
    return Index(
        offsets=offsets.astype(np.int32),
        case=case,
        activity=activity,
        at=at,
        unit=own
        if (own >= 0).all()
        else np.where(own >= 0, own, case_unit[case]).astype(np.int32, copy=False),
        case_unit=case_unit,
        created=_micros(cases["created_at"]),
        closed=_micros(cases["closed_at"], missing=NEVER),
        as_of=as_of,
        activities=activities,
        units=tuple(units),
        tie_start=tie_start,
        tie_end=tie_end,
    )


def _micros(series: pl.Series, missing: int = 0) -> Int64:
    values: Any = series.cast(pl.Datetime("us", "UTC")).to_physical().fill_null(missing).to_numpy()
    return np.asarray(values, dtype=np.int64)


def _ties(case: Int32, at: Int64, seq: pl.Series) -> tuple[Int32 | None, Int32 | None]:
    """The runs of one case at one instant whose order `seq` does not tell: equal, or missing for one of them."""
    n = len(at)
    if n < 2:
        return None, None
    together = (case[1:] == case[:-1]) & (at[1:] == at[:-1])
    if not together.any():
        return None, None
    unknown = seq.is_null().to_numpy()
    if not unknown.all():
        # Few stand together mostly: only those are looked at.
        pair = np.flatnonzero(together)
        of_run = np.cumsum(np.concatenate([[0], np.diff(pair) > 1]))
        partly = np.zeros(of_run[-1] + 1, dtype=bool)
        partly[of_run[unknown[pair + 1] | unknown[pair]]] = True
        value = seq.fill_null(0).to_numpy()
        together[pair] = partly[of_run] | (value[pair + 1] == value[pair])
        if not together.any():
            return None, None
    begins = np.flatnonzero(np.concatenate([[True], ~together]))
    lengths = np.diff(np.append(begins, n))
    start = np.repeat(begins, lengths).astype(np.int32)
    return start, np.repeat(begins + lengths, lengths).astype(np.int32)
