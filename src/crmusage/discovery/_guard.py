"""What says nothing of how people work: ruled out before people are looked at, and counted."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from crmusage.discovery._log import REASONS, Bool, Int64, Log

BURST = 10
"""So many cases entered by one person …"""
BURST_WITHIN = 5 * 60_000_000
"""… within five minutes were not typed in: half a minute for each. Guessed."""
CLOCKLESS = 0.2
"""An instant of the day at which so great a part of the cases is entered is no time: the source knows days only.
Guessed."""
_DAY = 86_400_000_000


def guarded(log: Log) -> tuple[Log, Mapping[str, int]]:
    """The log with cases that were entered in a burst marked too, and how many cases and events are out, by reason.

    Reasons of cases are counted in cases (`deleted`, `import` …), those of single events of other cases as `… events`.
    """
    burst = _bursts(log) & (log.case_why_not < 0)
    case_why_not = np.where(burst, np.int8(REASONS.index("burst")), log.case_why_not).astype(np.int8)
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
