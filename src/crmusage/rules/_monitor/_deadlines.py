from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count

from crmusage.rules._monitor._case import NEVER, Case, Row
from crmusage.rules._monitor._side import Side

Deadline = tuple[int, int, int, Side, Case, Row | None]
"""The instant that settles it by passing; a number that tells it from others of that instant; the epoch of its case;
and what it is for."""

_SLACK = 1000
"""So many more deadlines than twice those that stand may wait before stale ones are swept out (guessed)."""


class Deadlines:
    """The instants that settle something by passing."""

    def __init__(self) -> None:
        self._waiting: list[Deadline] = []
        self._number, self._most = count(), _SLACK

    def add(self, side: Side, case: Case, row: Row | None, at: int) -> None:
        """Something of a case is settled when an instant has passed."""
        heapq.heappush(self._waiting, (at, next(self._number), case.epoch, side, case, row))
        if len(self._waiting) > self._most:
            self._sweep()

    def _sweep(self) -> None:
        # Deadlines of ended cases would pile up where nobody moves the clock.
        self._waiting[:] = [one for one in self._waiting if _stands(one)]
        heapq.heapify(self._waiting)
        self._most = 2 * len(self._waiting) + _SLACK

    def passed(self, to: int) -> Iterator[tuple[Side, Case, Row | None]]:
        """What has a deadline before an instant, once each, in order; it has none afterwards."""
        waiting = self._waiting
        given: set[tuple[int, int, int]] = set()
        while waiting and waiting[0][0] < to:
            one = heapq.heappop(waiting)
            if _stands(one):
                _, _, _, side, case, row = one
                key = side.number, id(case), id(row)
                if key not in given:
                    given.add(key)
                    yield side, case, row


def _stands(deadline: Deadline) -> bool:
    _, _, epoch, _, case, _ = deadline
    return case.closed == NEVER and case.epoch == epoch
