"""A group's cases one by one, for the few patterns that were found of it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from crmusage.discovery._log import Bool, Int64, Log
from crmusage.discovery._ranges import BITS
from crmusage.discovery._reach import Events
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
    since: Int64
    """[S, C]: the instant of the first activation, or the case's entry."""
    period: Int64
    """Of each case's entry, so that a look can be told from the whole time."""


def close(log: Log, group: int, signs: Sequence[Sign], first: int) -> Close:
    """Look at one group's cases; `first` is the first instant of the whole log."""
    mine = log.case_group == group
    mine[log.case[log.group == group]] = True
    some = log.take(np.flatnonzero(mine))
    shape = (len(signs), some.n_cases)
    kept, broken = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    person, since = np.zeros(shape, dtype=np.int64), np.tile(some.created, (len(signs), 1))
    events = Events(some)
    trials = Trials(events, first, 1)
    n = len(log.activities)
    of_group = trials.cell // n == group
    of_cases = CaseVerdicts(some)
    counts = (some.case_group == group) & (some.case_why_not < 0)
    alike: dict[object, list[int]] = {}
    for k, sign in enumerate(signs):
        if sign.pattern.is_of_value:
            good, bad = value_verdicts(trials, sign.pattern)
            mine_too = of_group & (trials.cell % n == sign.activity)
            kept[k, trials.case[good & mine_too]] = True
            broken[k, trials.case[bad & mine_too]] = True
            rows = np.flatnonzero((good | bad) & mine_too)
            person[k, trials.case[rows]] = some.person[trials.order[trials.first[rows]]]
        elif sign.target < 0:
            good, bad = of_cases.of(sign.pattern, sign.activity)
            kept[k], broken[k] = good & counts, bad & counts
            person[k] = some.creator
        else:
            p = sign.pattern
            key = p.reach, p.window, sign.target // BITS, p.attribute, p.value
            alike.setdefault(key, []).append(k)
    conditional: dict[str | None, Trials] = {None: trials}
    for places in alike.values():
        pattern, word = signs[places[0]].pattern, signs[places[0]].target // BITS
        attribute = next((one for one in some.attributes if one.name == pattern.attribute), None)
        if pattern.attribute not in conditional:
            conditional[pattern.attribute] = Trials(events, first, 1, attribute)
        asked = conditional[pattern.attribute]
        cell = asked.cell
        fits = np.ones(len(cell), dtype=bool)
        if attribute is not None:
            fits = cell % len(attribute.labels) == attribute.labels.index(pattern.value)
            cell = cell // len(attribute.labels)
        has, lacks, unsure = asked.verdicts(pattern.reach, pattern.window, word)
        for k in places:
            sign = signs[k]
            rows = np.flatnonzero(fits & (cell == group * n + sign.activity))
            bit = sign.target % BITS
            bad = column((has if sign.pattern.is_negative else lacks)[rows], bit)
            open_ = np.zeros(len(rows), dtype=bool) if unsure is None else column(unsure[rows], bit)
            case = asked.case[rows]
            broken[k, case] = bad
            kept[k, case] = ~bad & ~open_
            first_one = asked.order[asked.first[rows]]
            person[k, case], since[k, case] = some.person[first_one], some.at[first_one]
    return Close(some, kept, broken, person, since, period_of(some.created, first, some.as_of))
