from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush

from crmusage.rules._monitor._layout import ALARM, ID, NEVER, QUEUED, Case

_SLACK = 1000
"""So many more entries than twice the open cases may stand in the queue before stale ones are swept out
(guessed)."""


class Alarms:
    """Which case has to be looked at when. A case may stand in the queue more than once; the earliest counts."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        """Keep the alarms of `cases`, the open ones."""
        self._cases = cases
        self._queue: list[tuple[int, str]] = []
        self._most = _SLACK
        """How long the queue may become before it is swept."""

    def arm(self, case: Case, at: int) -> None:
        """Something of a case is settled when `at` has passed, and nothing before."""
        case[ALARM] = at
        if at < case[QUEUED]:
            case[QUEUED] = at
            heappush(self._queue, (at, case[ID]))
            if len(self._queue) > self._most:
                self._sweep()

    def push(self, case: Case, at: int) -> None:
        """Call a case up when `at` has passed, whatever its alarm is."""
        if at != NEVER:
            case[QUEUED] = at
            heappush(self._queue, (at, case[ID]))
            if len(self._queue) > self._most:
                self._sweep()

    def _sweep(self) -> None:
        # Entries of ended cases, and of alarms that moved, would pile up where nobody moves the clock.
        self._queue[:] = [(c[QUEUED], name) for name, c in self._cases.items() if c[QUEUED] != NEVER]
        heapify(self._queue)
        self._most = 2 * len(self._queue) + _SLACK

    def due(self, to: int) -> Iterator[Case]:
        """The open cases whose alarm is before an instant, each taken out of the queue."""
        queue = self._queue
        while queue and queue[0][0] < to:
            at, case_id = heappop(queue)
            case = self._cases.get(case_id)
            if case is not None and case[QUEUED] == at:
                case[QUEUED] = NEVER
                yield case
