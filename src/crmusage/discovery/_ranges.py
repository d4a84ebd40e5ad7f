from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]

BITS = 32


class Ranges:
    """Which activities occur between two positions of a case, for many pairs of positions at once.

    An activity is a bit of a word (of several words, where there are more than 32). The words of 1, 2, 4 … events
    in a row are joined once; any range is then two such runs laid over each other. So one pass over the events
    answers for all activities together what a search would be made for once a pair of activities.
    """

    def __init__(self, activity: npt.NDArray[np.int32], n_activities: int, longest: int) -> None:
        """Take the activity of each event; no range is longer than `longest`."""
        self.n, self.longest = len(activity), max(longest, 1)
        self.n_words = max(1, -(-n_activities // BITS))
        self._activity = activity
        self._tables: dict[int, Words] = {}

    @cached_property
    def _steps(self) -> tuple[Int64, Int64]:
        """By length: the largest power of two that is not above it, and where the joined runs so long stand."""
        lengths = np.arange(self.longest + 1)
        level = np.maximum(np.frexp(lengths)[1] - 1, 0).astype(np.int64)
        return np.int64(1) << level, level * self.n

    def word(self, word: int) -> Words:
        """The bit of each event's own activity; 0 where it belongs to another word."""
        return self._table(word)[: self.n]

    def _table(self, word: int) -> Words:
        if word not in self._tables:
            self._tables = {
                word: self._made(word)
            }  # one word at a time: memory counts more than a second look
        return self._tables[word]

    def _made(self, word: int) -> Words:
        place = self._activity - word * BITS
        here = (place >= 0) & (place < BITS)
        own = np.where(here, np.uint32(1) << np.where(here, place, 0).astype(np.uint32), np.uint32(0))
        levels = int(self.longest).bit_length()
        # One place more: an empty range may begin behind the last event.
        table = np.zeros(levels * self.n + 1, dtype=np.uint32)
        rows = table[:-1].reshape(levels, self.n)
        rows[0] = own
        for k in range(1, levels):
            half = 1 << (k - 1)
            rows[k] = rows[k - 1]
            if half < self.n:
                np.bitwise_or(rows[k, :-half], rows[k - 1, half:], out=rows[k, :-half])
        return table

    def between(self, word: int, first: Int64, stop: Int64) -> Words:
        """The activities of positions `first` up to, not including, `stop`; 0 where that is nothing."""
        table = self._table(word)
        length = np.maximum(stop - first, 0)
        power, row = (steps[length] for steps in self._steps)
        found: Words = table.take(row + first)
        found |= table.take(row + stop - power, mode="wrap")
        found *= length > 0
        return found
