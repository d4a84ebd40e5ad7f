"""How often every pattern is kept between every two activities, by group and period, in one sweep over the events.

A case counts once: for a group and an activity it is one trial, kept when every activation of it there is, broken
when one is broken, and neither while that is open or hangs on an order that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from crmusage.discovery._log import Int32, Log
from crmusage.discovery._pattern import CONDITIONAL, OF_CASES, PAIRS, Pattern, Reach
from crmusage.discovery._ranges import BITS, Words
from crmusage.discovery._reach import Events
from crmusage.discovery._trials import PERIODS, CaseVerdicts, Trials, period_of, value_verdicts
from crmusage.discovery._values import Attribute
from crmusage.history import NEVER
from crmusage.rules import Template

MOST_CELLS = 2_000_000
"""Counts of one pattern (groups, parts of the time, pairs of activities, values) that are held for conditions: it
bounds the memory, to about 300 MB. Attributes of fewer values come first; the others are named in `Swept.untried`."""


@attrs.frozen(eq=False)
class Swept:
    """Trials by pattern: for each, arrays [G, P, A, A] (activation, target) of pairs or [G, P, A] of cases."""

    pairs: tuple[Pattern, ...]
    """Between two activities: first those without a condition, then the others by attribute and value."""
    kept: tuple[Int32, ...]
    decided: tuple[Int32, ...]
    of_cases: tuple[Pattern, ...]
    case_kept: tuple[Int32, ...]
    case_decided: tuple[Int32, ...]
    untried: tuple[str, ...] = ()
    """Attributes whose values were not tried as conditions: they were too many."""


@attrs.frozen(eq=False)
class _Counts:
    """Where the trials of one attribute (None: of all activations) are counted: [G, P, A, V, A]."""

    attribute: str | None
    patterns: tuple[Pattern, ...]
    kept: list[Int32]
    decided: list[Int32]

    @classmethod
    def zero(cls, attribute: str | None, patterns: Sequence[Pattern], shape: tuple[int, ...]) -> _Counts:
        kept, decided = ([np.zeros(shape, dtype=np.int32) for _ in patterns] for _ in range(2))
        return cls(attribute, tuple(patterns), kept, decided)


def sweep(
    log: Log,
    pairs: Sequence[Pattern] = PAIRS,
    of_cases: Sequence[Pattern] = OF_CASES,
    *,
    periods: int = PERIODS,
    with_values: bool = True,
    conditional: Sequence[Pattern] = CONDITIONAL,
) -> Swept:
    """Count how often each pattern is kept, by group, period of the case's creation and activities."""
    n, n_groups = len(log.activities), len(log.groups)
    first = int(min(log.at.min(initial=NEVER), log.created.min(initial=NEVER)))
    shape = (n_groups, periods, n)
    chosen = _ways_to_work(log) if with_values else ()
    values = value_patterns(chosen)
    asked, untried = _asked(log, chosen, periods)
    counts = [_Counts.zero(None, pairs, (*shape, 1, n))]
    counts += [_Counts.zero(one.name, conditional, (*shape, len(one.labels), n)) for one in asked]
    whole = _Counts.zero(None, (*of_cases, *values), shape)
    for _, block in log.blocks():
        events = Events(block)
        here = {one.name: one for one in block.attributes}
        trials = [
            Trials(events, first, periods, here[one.attribute] if one.attribute else None) for one in counts
        ]
        _sweep_values(trials[0], values, whole.kept[len(of_cases) :], whole.decided[len(of_cases) :])
        for word in range(events.ranges.n_words):
            _sweep_word(events, list(zip(trials, counts, strict=True)), word)
        _sweep_cases(block, of_cases, first, whole.kept, whole.decided)
    flat = list(_flat(counts, asked))
    return Swept(
        tuple(pattern for pattern, _, _ in flat),
        tuple(kept for _, kept, _ in flat),
        tuple(decided for _, _, decided in flat),
        whole.patterns,
        tuple(whole.kept),
        tuple(whole.decided),
        untried,
    )


def _asked(
    log: Log, attributes: Sequence[Attribute], periods: int
) -> tuple[tuple[Attribute, ...], tuple[str, ...]]:
    """The attributes whose values are tried as conditions, and the names of those that are too many."""
    room = MOST_CELLS // max(len(log.groups) * periods * len(log.activities) ** 2, 1)
    asked, untried = [], []
    for one in sorted(attributes, key=lambda one: (len(one.labels), one.name)):
        if len(one.labels) <= room:
            asked.append(one)
            room -= len(one.labels)
        else:
            untried.append(one.name)
    return tuple(asked), tuple(untried)


def _ways_to_work(log: Log) -> tuple[Attribute, ...]:
    """The attributes that people choose from case to case."""
    few = [
        one
        for one in log.attributes
        if len(one.labels) > 1 and not one.tells_place(log.group, len(log.groups))
    ]
    if not few:
        return ()
    numbers, person = np.unique(log.person, return_inverse=True)
    person = np.where(log.person == 0, -1, person)
    return tuple(one for one in few if not one.tells_who(person, len(numbers)))


def _flat(counts: Sequence[_Counts], asked: Sequence[Attribute]) -> Iterator[tuple[Pattern, Int32, Int32]]:
    """Each pattern with each condition for itself."""
    labels = {one.name: one.labels for one in asked}
    for one in counts:
        for place, value in enumerate(labels[one.attribute] if one.attribute else (None,)):
            for pattern, kept, decided in zip(one.patterns, one.kept, one.decided, strict=True):
                named = attrs.evolve(pattern, attribute=one.attribute, value=value)
                yield named, kept[..., place, :], decided[..., place, :]


def _sweep_word(events: Events, counts: Sequence[tuple[Trials, _Counts]], word: int) -> None:
    """What each event can reach is looked up once for all patterns, targets, groups and conditions."""
    by_reach: dict[tuple[Reach, int | None], None] = {
        (pattern.reach, pattern.window): None for _, one in counts for pattern in one.patterns
    }
    for reach, window in by_reach:
        found = events.found(reach, window, word)
        for trials, one in counts:
            places = [k for k, p in enumerate(one.patterns) if (p.reach, p.window) == (reach, window)]
            if places:
                _count(trials, found, one, places, word)


def _count(
    trials: Trials, found: tuple[Words, Words | None], counts: _Counts, places: Sequence[int], word: int
) -> None:
    shape = counts.kept[0].shape
    columns = slice(word * BITS, min((word + 1) * BITS, shape[-1]))
    width = columns.stop - columns.start
    some, lacks, unsure = trials.judged(*found)
    total = trials.total[:, None]
    for k in places:
        broken = some if counts.patterns[k].is_negative else lacks
        n_broken = trials.bits(broken, width)
        n_kept = total - (n_broken if unsure is None else trials.bits(broken | unsure, width))
        laid = (*shape[:-1], width)
        counts.kept[k][..., columns] += n_kept.reshape(laid).astype(np.int32)
        counts.decided[k][..., columns] += (n_kept + n_broken).reshape(laid).astype(np.int32)


def value_patterns(attributes: Sequence[Attribute]) -> tuple[Pattern, ...]:
    """Every value of every attribute, as what each event of an activity may have."""
    return tuple(
        Pattern(Template.ABSENCE, n=1, attribute=one.name, value=label)
        for one in attributes
        for label in one.labels
    )


def _sweep_values(trials: Trials, values: Sequence[Pattern], kept: list[Int32], decided: list[Int32]) -> None:
    shape = kept[0].shape if values else ()
    for k, pattern in enumerate(values):
        good, bad = value_verdicts(trials, pattern)
        n_good = np.bincount(trials.cell[good], minlength=trials.n_cells)
        n_bad = np.bincount(trials.cell[bad], minlength=trials.n_cells)
        kept[k] += n_good.reshape(shape).astype(np.int32)
        decided[k] += (n_good + n_bad).reshape(shape).astype(np.int32)


def _sweep_cases(
    log: Log, patterns: Sequence[Pattern], first: int, kept: list[Int32], decided: list[Int32]
) -> None:
    if not patterns or not kept:
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
