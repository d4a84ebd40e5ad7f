"""What says nothing of how people work: ruled out before people are looked at, and counted."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from crmusage.discovery._log import REASONS, Bool, Int64, Log
from crmusage.history import NEVER

BURST = 10
"""So many cases entered by one person …"""
BURST_WITHIN = 5 * 60_000_000
"""… within five minutes were not typed in: half a minute for each. Guessed."""
CLOCKLESS = 0.2
"""An instant of the day at which so great a part of the cases is entered is no time: the source knows days only.
Guessed."""
GROWN_UP = 0.5
"""A case is old enough once so great a part of the closed ones took no longer than it has had. Guessed."""
_DAY = 86_400_000_000


def guarded(log: Log) -> tuple[Log, Mapping[str, int]]:
    """The log with cases that were entered in a burst marked too, and how many cases and events are out, by reason.

    Reasons of cases are counted in cases (`deleted`, `import` …), those of single events of other cases as `… events`.
    """
    case_why_not = log.case_why_not.copy()
    for reason, which in (("burst", _bursts(log)), ("young", _young(log))):
        case_why_not[which & (case_why_not < 0)] = REASONS.index(reason)
    log = attrs.evolve(log, case_why_not=case_why_not)
    out: dict[str, int] = {}
    single = log.why_not[(log.why_not >= 0) & np.repeat(case_why_not < 0, np.diff(log.offsets))]
    for place, reason in enumerate(REASONS):
        for name, n in (
            (reason, np.count_nonzero(case_why_not == place)),
            (f"{reason} events", (single == place).sum()),
        ):
            if n:
                out[name] = int(n)
    return log, out


def _young(log: Log) -> Bool:
    """The cases that were entered too lately to show how they are worked.

    What has not happened yet looks like what never does, and all that has happened was soon: a group with many recent
    cases would be unlike its peers for that alone.
    """
    worked = (log.closed != NEVER) & (log.case_why_not < 0)
    if not worked.any():
        return np.zeros(log.n_cases, dtype=bool)
    usual = float(np.quantile((log.closed - log.created)[worked], GROWN_UP))
    young: Bool = log.created > log.as_of - usual
    return young


def _bursts(log: Log) -> Bool:
    """The cases that one person entered ten at a time within five minutes."""
    found = np.zeros(log.n_cases, dtype=bool)
    # Where nobody knows who entered a case the group stands for a person.
    who = np.where(log.creator != 0, log.creator, -1 - log.case_group.astype(np.int64))
    of_day = log.created % _DAY
    times, place, count = np.unique(of_day // 60_000_000, return_inverse=True, return_counts=True)
    clock: Bool = count[place] < max(CLOCKLESS * log.n_cases, BURST) if len(times) else found
    rows = np.flatnonzero(clock & (log.case_why_not != REASONS.index("deleted")))
    if len(rows) < BURST:
        return found
    rows = rows[np.lexsort((log.created[rows], who[rows]))]
    whose, at = who[rows], log.created[rows]
    begins = np.arange(len(rows) - BURST + 1)
    ends = begins + BURST - 1
    dense = (whose[begins] == whose[ends]) & (at[ends] - at[begins] <= BURST_WITHIN)
    edges: Int64 = np.zeros(len(rows) + 1, dtype=np.int64)
    np.add.at(edges, begins[dense], 1)
    np.add.at(edges, ends[dense] + 1, -1)
    found[rows[np.cumsum(edges)[:-1] > 0]] = True
    return found
