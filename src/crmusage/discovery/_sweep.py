"""How often every pattern is kept between every two activities, by group and period, in one sweep over the events.

A case counts once: for a group and an activity it is one trial, kept when every activation of it there is, broken
when one is broken, and neither while that is open or hangs on an order that nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.discovery._log import Bool, Int32, Int64, Log
from crmusage.discovery._pattern import OF_CASES, PAIRS, Pattern, Reach
from crmusage.discovery._ranges import BITS, Ranges, Words
from crmusage.history import NEVER
from crmusage.rules import Template

PERIODS = 4
"""Equal parts into which the time of a history is cut. Guessed: enough to see what has begun of late."""

_EVERY_EIGHTH = np.uint32(0x01010101)
_ALL = np.uint32(0xFFFFFFFF)


@attrs.frozen(eq=False)
class Swept:
    """Trials by pattern: for each, arrays [G, P, A, A] (activation, target) of pairs or [G, P, A] of cases."""

    pairs: tuple[Pattern, ...]
    kept: tuple[Int32, ...]
    decided: tuple[Int32, ...]
    of_cases: tuple[Pattern, ...]
    case_kept: tuple[Int32, ...]
    case_decided: tuple[Int32, ...]
    values: tuple[Pattern, ...] = ()
    value_kept: tuple[Int32, ...] = ()
    value_decided: tuple[Int32, ...] = ()


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
        order = np.argsort(_small(self.log.activity, len(self.log.activities)), kind="stable")
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


class Trials:
    """The activations of a log as trials, one for a case, group and activity; they stand by cell."""

    def __init__(self, log: Log, first: int, periods: int) -> None:
        """Take what people did by hand. A cell is a group, a period (of the case's creation) and an activity."""
        self.events = Events(log)
        n = len(log.activities)
        period = np.repeat(period_of(log.created, first, log.as_of, periods), np.diff(log.offsets))
        cell = (log.group.astype(np.int64) * periods + period) * n + log.activity
        use = (log.why_not < 0) & (log.group >= 0)
        use &= np.repeat(log.case_why_not < 0, np.diff(log.offsets))
        self.n_cells = len(log.groups) * periods * n
        # Those left out come first, by the key 0.
        order = np.argsort(_small(np.where(use, cell + 1, 0), self.n_cells + 1), kind="stable")
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
        sure, unsure = self.events.found(reach, window, word)
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


def _small(values: npt.NDArray[Any], most: int) -> npt.NDArray[Any]:
    """As 16-bit integers where they fit: those are sorted by radix, several times faster."""
    return values.astype(np.uint16) if most < 2**16 else values


def _both(one: Words | None, other: Words | None) -> Words | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def sweep(
    log: Log,
    pairs: Sequence[Pattern] = PAIRS,
    of_cases: Sequence[Pattern] = OF_CASES,
    *,
    periods: int = PERIODS,
    with_values: bool = True,
) -> Swept:
    """Count how often each pattern is kept, by group, period of the case's creation and activities."""
    n, n_groups = len(log.activities), len(log.groups)
    first = int(min(log.at.min(initial=NEVER), log.created.min(initial=NEVER)))
    shape = (n_groups, periods, n)
    kept = [np.zeros((*shape, n), dtype=np.int32) for _ in pairs]
    decided = [np.zeros((*shape, n), dtype=np.int32) for _ in pairs]
    case_kept = [np.zeros(shape, dtype=np.int32) for _ in of_cases]
    case_decided = [np.zeros(shape, dtype=np.int32) for _ in of_cases]
    values = value_patterns(log) if with_values else ()
    value_kept = [np.zeros(shape, dtype=np.int32) for _ in values]
    value_decided = [np.zeros(shape, dtype=np.int32) for _ in values]
    for _, block in log.blocks():
        trials = Trials(block, first, periods)
        _sweep_values(trials, values, value_kept, value_decided)
        for word in range(trials.events.ranges.n_words):
            _sweep_word(trials, pairs, word, kept, decided)
        _sweep_cases(block, of_cases, first, case_kept, case_decided)
    return Swept(
        tuple(pairs),
        tuple(kept),
        tuple(decided),
        tuple(of_cases),
        tuple(case_kept),
        tuple(case_decided),
        values,
        tuple(value_kept),
        tuple(value_decided),
    )


def period_of(at: Int64, first: int, as_of: int, periods: int = PERIODS) -> Int64:
    """In which part of the history each instant lies."""
    span = max(as_of - first + 1, 1)
    # Floats: the product of two such integers could pass 64 bits, and a part's edge is no matter of microseconds.
    part: Int64 = np.floor((at - first) / span * periods).astype(np.int64)
    return np.clip(part, 0, periods - 1)


def _sweep_word(
    trials: Trials, pairs: Sequence[Pattern], word: int, kept: list[Int32], decided: list[Int32]
) -> None:
    shape = kept[0].shape
    columns = slice(word * BITS, min((word + 1) * BITS, shape[-1]))
    width = columns.stop - columns.start
    laid = (*shape[:-1], width)
    total = trials.total[:, None]
    by_reach: dict[tuple[Reach, int | None], list[int]] = {}
    for k, pattern in enumerate(pairs):
        by_reach.setdefault((pattern.reach, pattern.window), []).append(k)
    for (reach, window), places in by_reach.items():
        some, lacks, unsure = trials.verdicts(reach, window, word)
        for k in places:
            broken = some if pairs[k].is_negative else lacks
            n_broken = trials.bits(broken, width)
            n_kept = total - (n_broken if unsure is None else trials.bits(broken | unsure, width))
            kept[k][..., columns] += n_kept.reshape(laid).astype(np.int32)
            decided[k][..., columns] += (n_kept + n_broken).reshape(laid).astype(np.int32)


def value_patterns(log: Log) -> tuple[Pattern, ...]:
    """Every value of every attribute, as what each event of an activity may have."""
    return tuple(
        Pattern(Template.ABSENCE, n=1, attribute=one.name, value=label)
        for one in log.attributes
        for label in one.labels
        if len(one.labels) > 1 and not one.tells_place(log.group, len(log.groups))
    )


def _sweep_values(trials: Trials, values: Sequence[Pattern], kept: list[Int32], decided: list[Int32]) -> None:
    shape = kept[0].shape if values else ()
    for k, pattern in enumerate(values):
        good, bad = value_verdicts(trials, pattern)
        n_good = np.bincount(trials.cell[good], minlength=trials.n_cells)
        n_bad = np.bincount(trials.cell[bad], minlength=trials.n_cells)
        kept[k] += n_good.reshape(shape).astype(np.int32)
        decided[k] += (n_good + n_bad).reshape(shape).astype(np.int32)


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


def _sweep_cases(
    log: Log, patterns: Sequence[Pattern], first: int, kept: list[Int32], decided: list[Int32]
) -> None:
    if not patterns:
        return
    use = np.flatnonzero((log.case_group >= 0) & (log.case_why_not < 0))
    _, periods, n = kept[0].shape
    row = log.case_group[use].astype(np.int64) * periods + period_of(
        log.created[use], first, log.as_of, periods
    )
    verdicts = CaseVerdicts(log)
    for k, pattern in enumerate(patterns):
        for activity in range(n):
            good, bad = verdicts.of(pattern, activity)
            size = kept[k].shape[0] * periods
            n_good = np.bincount(row[good[use]], minlength=size)
            n_bad = np.bincount(row[bad[use]], minlength=size)
            kept[k][:, :, activity] += n_good.reshape(-1, periods).astype(np.int32)
            decided[k][:, :, activity] += (n_good + n_bad).reshape(-1, periods).astype(np.int32)


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
