"""How a case stands in memory: its events in order, and what is noted so that few have to be looked at again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

Row = tuple[str, str, int, Mapping[str, Any]]
"""An event: case id, activity, microseconds since 1970 in UTC, and whatever else it tells."""
Run = Sequence[Row]
"""Events of one case at one instant in no known order; mostly a single one."""

NEVER = 2**63 - 1
"""The instant of what has not happened, in microseconds."""
FAR_PAST = -NEVER
_NO_RULES: frozenset[int] = frozenset()
_NO_TIES: dict[int, list[Run]] = {}
"""Stands for all cases without: it is never changed."""

at_of = itemgetter(2)
"""The instant of a row."""


class Case:
    """A case. What it is judged by is its events, its beginning and its end; what is noted besides follows from them
    and the clock.
    """

    __slots__ = (
        "at",
        "closed",
        "created",
        "foreign",
        "head",
        "id",
        "is_opened",
        "last",
        "rows",
        "seen",
        "ties",
        "unasked",
        "waits",
        "watch",
    )

    def __init__(
        self, case_id: str, created: int, head: Mapping[str, Any], waits: list[Any], last: list[Row | None]
    ) -> None:
        """A case without events."""
        self.id, self.created, self.head = case_id, created, head
        self.is_opened = False
        """Whether the caller opened it (else it began with its first event)."""
        self.closed = NEVER
        """The instant of its end."""
        self.at = NEVER
        """The instant of its last event; NEVER: it has none yet, so that none is simply the next."""
        self.rows: list[Row] = []
        """Its events, in order as far as there is one."""
        self.waits = waits
        """Noted, while it is open: by side, what waits (see `_notes`). Nothing waits where it is falsy."""
        self.last = last
        """Noted, while it is open: by stream, its last event, if some side asks for it."""
        self.seen: dict[int, list[Row]] | None = None
        """By stream, its events in the same order: of those streams that were asked for once (see `_judge.stream`)."""
        self.ties = _NO_TIES
        """The runs of each instant that has more than one event."""
        self.watch: tuple[Any, ...] | None = None
        """What is to be done with whatever comes next."""
        self.foreign = _NO_RULES
        """The rules that are not about it."""
        self.unasked = _NO_RULES
        """Those that ask nothing of it as a whole: they are not about it, or not about its owner."""

    def order(self, one: Row, other: Row) -> int:
        """Above 0: the other is later; below: earlier; 0: nobody knows, or it is the same."""
        if one[2] != other[2]:
            return other[2] - one[2]
        return self.run_number(other) - self.run_number(one)

    def run_number(self, row: Row) -> int:
        """The place of a row among the runs of its instant."""
        for number, run in enumerate(self._runs(row)):
            for one in run:
                if one is row:
                    return number
        return 0

    def run(self, row: Row) -> Run:
        """The events at the instant of a row that stand in no known order with it, and itself."""
        for run in self._runs(row):
            for one in run:
                if one is row:
                    return run
        return (row,)

    def _runs(self, row: Row) -> Sequence[Run]:
        return self.ties.get(row[2], ())

    def run_after(self, row: Row) -> Run:
        """The next run; none: empty."""
        runs = self._runs(row)
        number = self.run_number(row) + 1
        if number < len(runs):
            return runs[number]
        place = bisect_left(self.rows, row[2] + 1, key=at_of)
        return self.run(self.rows[place]) if place < len(self.rows) else ()

    def run_before(self, row: Row) -> Run:
        """The run before; none: empty."""
        number = self.run_number(row)
        if number:
            return self._runs(row)[number - 1]
        place = bisect_left(self.rows, row[2], key=at_of)
        return self.run(self.rows[place - 1]) if place else ()

    def newest(self) -> list[Row]:
        """The events at the instant of the last one."""
        rows = self.rows
        k = len(rows)
        while k and rows[k - 1][2] == self.at:
            k -= 1
        return rows[k:]


def by_run(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant, cut into runs of unknown order: known where every row has a `seq`."""
    places: list[Any] = [row[3].get("seq") for row in rows]
    if None in places:
        return [tuple(rows)]
    runs: dict[Any, list[Row]] = {}
    for place, row in sorted(zip(places, rows, strict=True), key=itemgetter(0)):
        runs.setdefault(place, []).append(row)
    return list(runs.values())


def one_by_one(rows: Sequence[Row]) -> list[Run]:
    """The rows of one instant where the order of arrival is the order in which they happened."""
    return [(row,) for row in rows]


def placed(rows: Sequence[Row], row: Row) -> list[Row]:
    """Rows in order, with one more put after those of its instant."""
    found = list(rows)
    found.insert(bisect_right(found, row[2], key=at_of), row)
    return found
