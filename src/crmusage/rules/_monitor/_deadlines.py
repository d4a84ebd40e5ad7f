from __future__ import annotations

import heapq
from collections import deque
from itertools import count
from operator import itemgetter

from crmusage.rules._monitor._case import NEVER, Case, Row
from crmusage.rules._monitor._side import Side

Due = tuple[int, Side, Case, Row | None]
"""The instant that settles something by passing, and what it is for."""
_SLACK = 1000
"""So many more deadlines than twice those that stand may wait before stale ones are swept out (guessed)."""


class Deadlines:
    """The instants that settle something by passing. What has been settled before is passed on all the same, and
    perhaps twice: whoever asks looks whether it still waits.
    """

    def __init__(self, n_sides: int) -> None:
        # Of one side, deadlines mostly come in order; then a line is enough. The others stand in a heap.
        self._lines: list[deque[tuple[int, Case, Row | None]]] = [deque() for _ in range(n_sides)]
        self._others: list[tuple[int, int, Side, Case, Row | None]] = []
        self._number = count()
        self._size, self._most = 0, _SLACK

    def add(self, side: Side, case: Case, row: Row | None, at: int) -> None:
        """Something of a case is settled when an instant has passed."""
        line = self._lines[side.number]
        if line and at < line[-1][0]:
            heapq.heappush(self._others, (at, next(self._number), side, case, row))
        else:
            line.append((at, case, row))
        self._size += 1
        if self._size > self._most:
            self._sweep()

    def _sweep(self) -> None:
        # Deadlines of ended cases would pile up where nobody moves the clock, and those set anew with late events.
        for line in self._lines:
            once = {
                (id(case), id(row), at): (at, case, row) for at, case, row in line if case.closed == NEVER
            }
            line.clear()
            line.extend(once.values())
        others = {
            (side.number, id(case), id(row), at): (at, n, side, case, row)
            for at, n, side, case, row in self._others
            if case.closed == NEVER
        }
        self._others = list(others.values())
        heapq.heapify(self._others)
        self._size = len(self._others) + sum(map(len, self._lines))
        self._most = 2 * self._size + _SLACK

    def passed(self, sides: list[Side], to: int) -> list[Due]:
        """What has a deadline before an instant, in order; it has none afterwards."""
        found: list[Due] = []
        for side, line in zip(sides, self._lines, strict=True):
            while line and line[0][0] < to:
                at, case, row = line.popleft()
                self._size -= 1
                if case.closed == NEVER:
                    found.append((at, side, case, row))
        others = self._others
        while others and others[0][0] < to:
            at, _, side, case, row = heapq.heappop(others)
            self._size -= 1
            if case.closed == NEVER:
                found.append((at, side, case, row))
        found.sort(key=itemgetter(0))
        return found
