"""How often every pattern is kept between every two activities, by group and period, in one sweep over the events.

A case counts once: for a group and an activity it is one trial, kept when every activation of it there is, broken
when one is broken, and neither while that is open or hangs on an order that nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from crmusage.discovery._log import Int32, Log
from crmusage.discovery._pattern import OF_CASES, PAIRS, Pattern, Reach
from crmusage.discovery._ranges import BITS
from crmusage.discovery._trials import PERIODS, CaseVerdicts, Trials, period_of, value_verdicts
from crmusage.history import NEVER
from crmusage.rules import Template


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
