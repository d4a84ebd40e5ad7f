"""What each event of a log can reach: where its targets are looked for, all activities at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.discovery._log import Bool, Int64, Log
from crmusage.discovery._pattern import Reach
from crmusage.discovery._ranges import BITS, Ranges, Words
from crmusage.history import NEVER

_ALL = np.uint32(0xFFFFFFFF)


class Events:
    """The events of a log with what each can reach, all activities at once."""

    def __init__(self, log: Log) -> None:
        """Take all events, also those that are no activations themselves: they may be targets."""
        self.log = log
        self.p = np.arange(log.n_events)
        self.case = log.case
        lengths = np.diff(log.offsets)
        self.start = np.repeat(log.offsets[:-1], lengths)
        self.end = np.repeat(log.offsets[1:], lengths)
        self.tied = log.tie_start is not None
        if log.tie_start is not None and log.tie_end is not None:
            self.ts, self.te = log.tie_start.astype(np.int64), log.tie_end.astype(np.int64)
        else:
            self.ts, self.te = self.p, self.p + 1
        self.open: Bool = np.repeat(log.closed == NEVER, lengths)
        self.any_open = bool(self.open.any())
        self.ranges = Ranges(log.activity, len(log.activities), int(lengths.max(initial=1)))

    @cached_property
    def _clock(self) -> tuple[Int64, Int64]:
        instants, rank = np.unique(self.log.at, return_inverse=True)
        return instants, self.case.astype(np.int64) * (len(instants) + 1) + rank

    def position_at(self, instant: Int64) -> Int64:
        """In the case of each event, the first position that is not before an instant."""
        instants, keys = self._clock
        wanted = self.case.astype(np.int64) * (len(instants) + 1) + np.searchsorted(instants, instant)
        return np.searchsorted(keys, wanted)

    def found(self, reach: Reach, window: int | None, word: int) -> tuple[Words, Words | None]:
        """The activities that are surely there for each event, and those of which that is not settled."""
        match reach:
            case Reach.AHEAD:
                return self._ahead(window, word)
            case Reach.BACK:
                begin = self.start if window is None else self.position_at(self.log.at - window)
                sure = self.ranges.between(word, np.minimum(begin, self.ts), self.ts)
                return sure, self._or_beside(sure, word)
            case Reach.ANYWHERE:
                found = self.ranges.between(word, self.start, self.p)
                found |= self.ranges.between(word, self.p + 1, self.end)
                return found, self._if_open(found, self.open)
            case Reach.NEXT:
                return self._next(word)
            case Reach.PREVIOUS:
                return self._previous(word)
            case Reach.BEFORE_NEXT:
                return self._before_next(word)
            case Reach.AFTER_PREVIOUS:
                return self._after_previous(word)

    def _ahead(self, window: int | None, word: int) -> tuple[Words, Words | None]:
        if window is None:
            sure = self.ranges.between(word, self.te, self.end)
            can_change = self.open
        else:
            stop = self.position_at(self.log.at + window + 1)
            sure = self.ranges.between(word, self.te, np.maximum(stop, self.te))
            can_change = self.open & (self.log.at + window >= self.log.as_of)
        return sure, _both(self._or_beside(sure, word), self._if_open(sure, can_change))

    def _beside(self, word: int) -> Words:
        """The other activities at the very instant, in no known order."""
        return self.ranges.between(word, self.ts, self.p) | self.ranges.between(word, self.p + 1, self.te)

    def _or_beside(self, sure: Words, word: int) -> Words | None:
        return self._beside(word) & ~sure if self.tied else None

    def _if_open(self, sure: Words, can_change: Bool) -> Words | None:
        if not self.any_open:
            return None
        unsure: Words = ~sure
        unsure *= can_change
        return unsure

    def _neighbour(self, word: int, first: Int64, stop: Int64, there: Bool) -> tuple[Words, Words]:
        """Of the neighbours that some order allows: what certainly is the neighbour, and what may be."""
        if not self.tied:
            found = self.ranges.word(word).take(first, mode="clip")
            found *= there
            return found, found
        may = [
            self.ranges.between(one, np.where(there, first, 0), np.where(there, stop, 0)) | self._beside(one)
            for one in range(self.ranges.n_words)
        ]
        several, seen = ~there, np.zeros(len(self.p), dtype=bool)
        for one in may:
            several |= ((one & (one - np.uint32(1))) != 0) | (seen & (one != 0))
            seen |= one != 0
        return np.where(several, np.uint32(0), may[word]), may[word]

    def _next(self, word: int) -> tuple[Words, Words | None]:
        there = self.te < self.end
        stop = self.te + 1
        if self.log.tie_end is not None:
            stop = self.log.tie_end[np.where(there, self.te, 0)].astype(np.int64)
        sure, may = self._neighbour(word, self.te, stop, there)
        more = self._if_open(sure, ~there & self.open)
        return sure, _both(may & ~sure if self.tied else None, more)

    def _previous(self, word: int) -> tuple[Words, Words | None]:
        there = self.ts > self.start
        first = self.ts - 1
        if self.log.tie_start is not None:
            first = self.log.tie_start[np.where(there, first, 0)].astype(np.int64)
        sure, may = self._neighbour(word, first, self.ts, there)
        return sure, may & ~sure if self.tied else None

    @cached_property
    def _by_activity(self) -> tuple[Int64, Bool]:
        """The events by activity, in order; and whether each has the one before it in its case."""
        order = np.argsort(small(self.log.activity, len(self.log.activities)), kind="stable")
        same = (np.diff(self.case[order]) == 0) & (np.diff(self.log.activity[order]) == 0)
        return order, same

    def _again(self, *, forward: bool) -> Int64:
        """The nearest other event of the same activity in the case, whoever acted; -1: there is none."""
        order, same = self._by_activity
        other = np.full(self.log.n_events, -1)
        one, two = order[:-1][same], order[1:][same]
        if forward:
            other[one] = two
        else:
            other[two] = one
        return other

    def _before_next(self, word: int) -> tuple[Words, Words | None]:
        again = self._again(forward=True)
        blocked = again >= 0
        open_ = ~blocked & self.open
        if self.log.tie_start is None or self.log.tie_end is None:
            sure = self.ranges.between(word, self.te, np.where(blocked, again, self.end))
            return sure, self._if_open(sure, open_)
        begins = np.where(blocked, self.log.tie_start[again], self.end)
        ends = np.where(blocked, self.log.tie_end[again], self.end)
        return self._alternate(word, self.te, begins, (self.te, ends), open_)

    def _after_previous(self, word: int) -> tuple[Words, Words | None]:
        again = self._again(forward=False)
        blocked = again >= 0
        if self.log.tie_start is None or self.log.tie_end is None:
            return self.ranges.between(word, np.where(blocked, again + 1, self.start), self.ts), None
        ends = np.where(blocked, self.log.tie_end[again], self.start)
        begins = np.where(blocked, self.log.tie_start[again], self.start)
        return self._alternate(word, ends, self.ts, (begins, self.ts), None)

    def _alternate(
        self, word: int, first: Int64, stop: Int64, loose: tuple[Int64, Int64], open_: Bool | None
    ) -> tuple[Words, Words]:
        """With ties: sure where every order agrees, and rather unsettled than wrong."""
        sure = self.ranges.between(word, first, np.maximum(stop, first))
        unsure = (self.ranges.between(word, *loose) | self._beside(word)) & ~sure
        # Another activation at the very instant may stand between.
        own = np.uint32(1) << (self.log.activity % BITS).astype(np.uint32)
        crowded = np.zeros(len(self.p), dtype=bool)
        for one in range(self.ranges.n_words):
            crowded |= (self.log.activity // BITS == one) & ((self._beside(one) & own) != 0)
        sure = np.where(crowded, np.uint32(0), sure)
        unsure = np.where(crowded, _ALL, unsure)
        more = None if open_ is None else self._if_open(sure, open_)
        return sure, unsure if more is None else unsure | more


def _both(one: Words | None, other: Words | None) -> Words | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def small(values: npt.NDArray[Any], most: int) -> npt.NDArray[Any]:
    """As 16-bit integers where they fit: those are sorted by radix, several times faster."""
    return values.astype(np.uint16) if most < 2**16 else values
