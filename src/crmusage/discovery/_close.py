"""A group's cases one by one, for the few patterns that were found of it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from crmusage.discovery._log import Bool, Int64, Log
from crmusage.discovery._ranges import BITS
from crmusage.discovery._screen import Sign
from crmusage.discovery._trials import CaseVerdicts, Trials, column, period_of, value_verdicts


@attrs.frozen(eq=False)
class Close:
    """The cases of a group, and what became of each pattern in them."""

    log: Log
    """Only the cases in which the group acted, or that it has."""
    kept: Bool
    """[S, C]: one row a sign."""
    broken: Bool
    person: Int64
    """[S, C]: who acted first, as a number."""
    period: Int64
    """Of each case's entry, so that a look can be told from the whole time."""


def close(log: Log, group: int, signs: Sequence[Sign], first: int) -> Close:
    """Look at one group's cases; `first` is the first instant of the whole log."""
    mine = log.case_group == group
    mine[log.case[log.group == group]] = True
    some = log.take(np.flatnonzero(mine))
    shape = (len(signs), some.n_cases)
    kept, broken = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    person = np.zeros(shape, dtype=np.int64)
    trials = Trials(some, first, 1)
    of_group = trials.cell // len(log.activities) == group
    of_cases = CaseVerdicts(some)
    counts = (some.case_group == group) & (some.case_why_not < 0)
    by_reach: dict[object, list[int]] = {}
    for k, sign in enumerate(signs):
        if sign.pattern.attribute is not None:
            good, bad = value_verdicts(trials, sign.pattern)
            mine_too = of_group & (trials.cell % len(log.activities) == sign.activity)
            kept[k, trials.case[good & mine_too]] = True
            broken[k, trials.case[bad & mine_too]] = True
            rows = np.flatnonzero((good | bad) & mine_too)
            person[k, trials.case[rows]] = some.person[trials.order[trials.first[rows]]]
        elif sign.target < 0:
            good, bad = of_cases.of(sign.pattern, sign.activity)
            kept[k], broken[k] = good & counts, bad & counts
            person[k] = some.creator
        else:
            key = sign.pattern.reach, sign.pattern.window, sign.target // BITS
            by_reach.setdefault(key, []).append(k)
    for places in by_reach.values():
        pattern, word = signs[places[0]].pattern, signs[places[0]].target // BITS
        has, lacks, unsure = trials.verdicts(pattern.reach, pattern.window, word)
        for k in places:
            sign = signs[k]
            rows = np.flatnonzero(of_group & (trials.cell % len(log.activities) == sign.activity))
            bit = sign.target % BITS
            bad = column((has if sign.pattern.is_negative else lacks)[rows], bit)
            open_ = np.zeros(len(rows), dtype=bool) if unsure is None else column(unsure[rows], bit)
            case = trials.case[rows]
            broken[k, case] = bad
            kept[k, case] = ~bad & ~open_
            person[k, case] = some.person[trials.order[trials.first[rows]]]
    return Close(some, kept, broken, person, period_of(some.created, first, some.as_of))
