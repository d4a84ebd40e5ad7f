"""A case counts once: for a group and an activity it is one trial, whatever happens in it how often."""

from __future__ import annotations

from typing import Any

import numpy as np

from crmusage.discovery._log import Bool, Int64, Log
from crmusage.discovery._pattern import Pattern, Reach
from crmusage.discovery._ranges import Words
from crmusage.discovery._reach import Events, small
from crmusage.discovery._values import Attribute
from crmusage.history import NEVER
from crmusage.rules import Template

PERIODS = 4
"""Equal parts into which the time of a history is cut. Guessed: enough to see what has begun of late."""

_EVERY_EIGHTH = np.uint32(0x01010101)


def period_of(at: Int64, first: int, as_of: int, periods: int = PERIODS) -> Int64:
    """In which part of the history each instant lies."""
    span = max(as_of - first + 1, 1)
    # Floats: the product of two such integers could pass 64 bits, and a part's edge is no matter of microseconds.
    part: Int64 = np.floor((at - first) / span * periods).astype(np.int64)
    return np.clip(part, 0, periods - 1)


class Trials:
    """The activations of a log as trials, one for a case, group and activity; they stand by cell."""

    def __init__(self, events: Events, first: int, periods: int, attribute: Attribute | None = None) -> None:
        """Take what people did by hand. A cell is a group, a period (of the case's creation) and an activity.

        With an attribute only activations that have it count, and a cell is one value of it, too.
        """
        self.events = events
        log, n = events.log, len(events.log.activities)
        period = np.repeat(period_of(log.created, first, log.as_of, periods), np.diff(log.offsets))
        cell = (log.group.astype(np.int64) * periods + period) * n + log.activity
        use = (log.why_not < 0) & (log.group >= 0)
        use &= np.repeat(log.case_why_not < 0, np.diff(log.offsets))
        self.n_cells = len(log.groups) * periods * n
        if attribute is not None:
            use &= attribute.codes >= 0
            cell = cell * len(attribute.labels) + attribute.codes
            self.n_cells *= len(attribute.labels)
        # Those left out come first, by the key 0.
        order = np.argsort(small(np.where(use, cell + 1, 0), self.n_cells + 1), kind="stable")
        self.order = order[len(order) - int(np.count_nonzero(use)) :]
        cell, case = cell[self.order], self.events.case[self.order]
        self.first = np.flatnonzero((np.diff(cell, prepend=-1) != 0) | (np.diff(case, prepend=-1) != 0))
        """Where each trial begins among the activations."""
        self.cell, self.case = cell[self.first], case[self.first]
        self.total = np.bincount(self.cell, minlength=self.n_cells)
        # Stretches of one cell, short enough that a byte holds how many of its trials have a bit.
        place = np.arange(len(self.cell))
        begins = np.concatenate([[0], np.cumsum(self.total)])[self.cell]
        self._stretch = np.flatnonzero((place - begins) % 255 == 0)

    def verdicts(self, reach: Reach, window: int | None, word: int) -> tuple[Words, Words, Words | None]:
        """By trial: the targets that some activation has, those that some lacks, and those of some unsettled."""
        return self.judged(*self.events.found(reach, window, word))

    def judged(self, sure: Words, unsure: Words | None) -> tuple[Words, Words, Words | None]:
        """The same, of what each event can reach."""
        lacking = ~sure
        if unsure is None:
            return self._any(sure), self._any(lacking), None
        lacking &= ~unsure
        return self._any(sure), self._any(lacking), self._any(unsure)

    def _any(self, words: Words) -> Words:
        if not len(self.first):
            return np.zeros(0, dtype=np.uint32)
        joined: Words = np.bitwise_or.reduceat(words.take(self.order), self.first)
        return joined

    def bits(self, words: Words, width: int) -> Int64:
        """How many trials of each cell have each bit: [cells, width].

        Four bits are added up at once, as the four bytes of a word.
        """
        found = np.zeros((self.n_cells, width), dtype=np.int64)
        if not len(words):
            return found
        cells = self.cell[self._stretch]
        begins = np.flatnonzero(np.diff(cells, prepend=-1))
        for shift in range(min(8, width)):
            sums = np.add.reduceat((words >> np.uint32(shift)) & _EVERY_EIGHTH, self._stretch)
            for byte in range(4):
                bit = shift + 8 * byte
                if bit < width:
                    column = ((sums >> np.uint32(8 * byte)) & np.uint32(255)).astype(np.int64)
                    found[cells[begins], bit] = np.add.reduceat(column, begins)
        return found


def value_verdicts(trials: Trials, pattern: Pattern) -> tuple[Bool, Bool]:
    """Which trials have the value in every activation, and which another one; the rest have none somewhere.

    What a case is, is asked of its entry: of activities that begin cases.
    """
    log = trials.events.log
    attribute = next(one for one in log.attributes if one.name == pattern.attribute)
    if not len(trials.first):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    code = attribute.codes[trials.order]
    low, high = (function.reduceat(code, trials.first) for function in (np.minimum, np.maximum))
    place = attribute.labels.index(pattern.value)
    known = low >= 0
    if attribute.of_case:
        begins = np.zeros(len(log.activities), dtype=bool)
        begins[log.activity[log.offsets[:-1][np.diff(log.offsets) > 0]]] = True
        known &= begins[trials.cell % len(log.activities)]
        known &= trials.order[trials.first] == trials.events.start[trials.order[trials.first]]
    same: Bool = (low == place) & (high == place)
    return same & known, ~same & known


class CaseVerdicts:
    """What became of the patterns of cases."""

    def __init__(self, log: Log) -> None:
        """Count every activity in every case."""
        self.log = log
        n = len(log.activities)
        self.closed: Bool = log.closed != NEVER
        key = log.case.astype(np.int64) * n + log.activity
        self.often = np.bincount(key, minlength=log.n_cases * n).reshape(log.n_cases, n)

    def of(self, pattern: Pattern, activity: int) -> tuple[Bool, Bool]:
        """Which cases keep it, and which break it; the others are open, or hang on an order nobody knows."""
        log, n = self.log, pattern.n or 1
        enough: Bool = self.often[:, activity] >= n
        match pattern.template:
            case Template.EXISTENCE:
                return enough, ~enough & self.closed
            case Template.ABSENCE:
                return ~enough & self.closed, enough
        some = log.offsets[:-1] < log.offsets[1:]
        begins = pattern.template is Template.INIT
        position = np.where(some, log.offsets[:-1] if begins else log.offsets[1:] - 1, 0)
        fits = np.zeros(log.n_cases, dtype=bool)
        alone = np.ones(log.n_cases, dtype=bool)
        if log.n_events:
            fits = some & (log.activity[position] == activity)
            if log.tie_start is not None and log.tie_end is not None:
                same = np.concatenate([[0], np.cumsum(log.activity == activity)])
                start, stop = log.tie_start[position], log.tie_end[position]
                hits = same[stop] - same[start]
                fits = some & (hits == stop - start)
                alone = fits | (hits == 0) | ~some
        settled = alone & ((some | self.closed) if begins else self.closed)
        return fits & settled, ~fits & settled


def column(words: Words, bit: int) -> Bool:
    """One bit of each word."""
    found: Any = (words >> np.uint32(bit)) & np.uint32(1)
    result: Bool = found.astype(bool)
    return result
