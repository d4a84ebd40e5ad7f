"""What is counted for an effect: a rule kept, and how cases ended, by unit and by weeks from the change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.conformance._assess import judge_rule
from crmusage.conformance._cadence import cadence_parts
from crmusage.conformance._kernels import Judged
from crmusage.conformance._scope import in_scope
from crmusage.conformance._search import Bool, Int64
from crmusage.history import NEVER, Counts, History
from crmusage.metrics import fixed_log
from crmusage.rules import UsageRule, Verdict

BLOCK = 28 * 86_400_000_000
"""Microseconds of a step in time: four whole weeks, so that every step has the same weekdays."""

SHORTEST_HOURS = 1.0
"""Shorter cases count as an hour: what is opened and closed in one sitting says no more than that."""

KEPT, WIN_RATE, FULFILLED, CYCLE = "kept", "win_rate", "fulfilled_share", "cycle"

KEYS = {"figure": str, "unit": str, "block": int}
SUMS = ("n", "hits", "pending", "logs", "squares")
FIGURES = (KEPT, WIN_RATE, FULFILLED, CYCLE)

_HOUR = 3_600_000_000


def yardstick(rule: UsageRule) -> UsageRule:
    """The rule as it is held against every unit, also those that it is not for."""
    return attrs.evolve(rule, applies_to=attrs.evolve(rule.applies_to, unit=()))


def tally_effect(part: History, rule: UsageRule, changed_on: dt.datetime) -> Counts:
    """Add up what `effect` needs over a part of a history (whole cases); tallies of parts merge to that of the whole.

    Keys: figure, unit, and block: steps of four weeks counted from `changed_on` (0 is the first after it, -1 the last
    before). Sums: n and hits (of `kept`: activations kept or broken, and kept, at the time of the activation; of the
    outcomes: cases closed, and won or fulfilled, at the time of closing), pending activations, and for cycles the
    logarithms of hours (fixed point) and their squares.
    """
    rule = yardstick(rule)
    since = (changed_on - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    counts = Counts.empty(KEYS, SUMS)
    for judged in judge_rule(part, attrs.evolve(rule, cadence=None), reasons=False):
        # A case as a whole is an activation from its creation on.
        instant = np.where(
            judged.at >= 0, np.append(part.index.at, 0)[judged.at], part.index.created[judged.case]
        )
        counts = counts.merge(_of_verdicts(part, judged, instant - since))
    scope = in_scope(part, rule)
    cases = None if scope is None else scope[0]
    if rule.cadence is not None:
        for judged in cadence_parts(part, rule, cases):
            due: Any = judged.deadline
            counts = counts.merge(_of_verdicts(part, judged, due - since))
    return counts.merge(_of_outcomes(part, cases, since))


def _of_verdicts(part: History, judged: Judged, after: Int64) -> Counts:
    index = part.index
    kept, broken = judged.verdict == Verdict.FULFILLED, judged.verdict == Verdict.VIOLATED
    nothing = np.zeros(len(judged), dtype=np.int64)
    return Counts.of(
        keys={
            "figure": (nothing, [KEPT]),
            "unit": (index.cell_names(judged.cell)[0], index.units),
            "block": after // BLOCK,
        },
        sums={
            "n": kept | broken,
            "hits": kept,
            "pending": judged.verdict == Verdict.PENDING,
            "logs": nothing,
            "squares": nothing,
        },
    )


def _of_outcomes(part: History, cases: Bool | None, since: int) -> Counts:
    ended = closed_cases(part)
    if cases is not None:
        ended = ended[cases[ended]]
    index = part.index
    well, figures = endings(part)
    logs = log_hours(part)
    figure, case = [], []
    for name, use in figures.items():
        some = ended[use[ended]]
        figure.append(np.full(len(some), FIGURES.index(name)))
        case.append(some)
    which, at = np.concatenate(case), np.concatenate(figure)
    timed = at == FIGURES.index(CYCLE)
    log = np.where(timed, logs[which], 0)
    return Counts.of(
        keys={
            "figure": (at, FIGURES),
            "unit": (index.case_unit[which], index.units),
            "block": (index.closed[which] - since) // BLOCK,
        },
        sums={
            "n": np.ones(len(which), dtype=np.int64),
            "hits": well[which] & ~timed,
            "pending": np.zeros(len(which), dtype=np.int64),
            "logs": log,
            "squares": log**2,
        },
    )


def closed_cases(part: History) -> Int64:
    """The rows of cases that are closed and not deleted."""
    deleted = part.cases["is_deleted"].fill_null(value=False).to_numpy().astype(bool)
    return np.flatnonzero((part.index.closed != NEVER) & ~deleted)


def endings(part: History) -> tuple[Bool, dict[str, Bool]]:
    """Which cases ended well, and which are looked at for which figure.

    Durations are those of cases that are not known to have ended badly: a loss is quick for other reasons, and many
    systems close requests without a word on how they ended.
    """
    outcome = part.cases["outcome"]

    def are(*names: str) -> Bool:
        found: Bool = outcome.is_in(names).fill_null(value=False).to_numpy().astype(bool)
        return found

    bad = are("lost", "declined", "cancelled")
    return are("won", "fulfilled"), {
        WIN_RATE: are("won", "lost"),
        FULFILLED: are("fulfilled", "declined", "cancelled"),
        CYCLE: ~bad,
    }


def log_hours(part: History) -> npt.NDArray[np.int64]:
    """The logarithm (fixed point) of the hours from creation to closing of each case; 0 for open ones."""
    index = part.index
    ended = index.closed != NEVER
    hours = np.where(ended, index.closed - index.created, _HOUR) / _HOUR
    return np.where(ended, fixed_log(hours, least=SHORTEST_HOURS), 0)
