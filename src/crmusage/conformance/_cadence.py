"""What is due again and again, of every open case: an activation is a case and an instant by which it is due.

Who has a case at a due instant tells by whose clock that is. A case that was created in the window, or closed
before the due instant, is none; nor is one that nobody could see to, as all who had it in the window were away.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from crmusage.conformance._kernels import Judged, join, spread
from crmusage.conformance._search import Bool, Int32, Int64, Ints, Occurrences
from crmusage.history import History
from crmusage.rules import Cadence, UsageRule, Verdict, cadence_zone, due_instants, window_before

AT_ONCE = 2_000_000
"""Activations that are in memory together, at most, while they are counted (some 100 bytes each; guessed)."""

Group = tuple[Ints, str | None, str | None]
"""Stretches of ownership, and the zone and region that hold for them."""


def cadence_parts(history: History, rule: UsageRule, cases: Bool | None) -> Iterator[Judged]:
    """The verdicts of a rule's cadence on the cases that it is about (None: all), in parts."""
    cadence, began = rule.cadence, history.began
    if cadence is None or began is None:
        return
    index, owned = history.index, history.who.ownership
    for stretches, zone, region in _groups(history, rule, cases):
        dues, firsts = _dues(history, cadence, began, zone, region)
        case = owned.case[stretches]
        begin = np.searchsorted(dues, np.maximum(owned.since[stretches], index.created[case]))
        stop = np.minimum(
            np.searchsorted(dues, owned.until[stretches]),
            np.searchsorted(dues, index.closed[case], side="right"),
        )
        stop = np.maximum(begin, stop)
        for some in _portions(stop - begin):
            which, k = spread(np.arange(len(case))[some], begin[some], stop[some])
            yield _judged(history, cadence, case[which].astype(np.int32), firsts[k], dues[k])


def judge_cadence(history: History, rule: UsageRule, cases: Bool | None) -> Judged:
    """The verdicts of a rule's cadence, by case and due instant, which stands as the deadline."""
    nothing = np.zeros(0, dtype=np.int32)
    late = nothing.astype(np.int64)
    empty = Judged(nothing, nothing, nothing, nothing.astype(np.int8), nothing, late)
    judged = join([empty, *cadence_parts(history, rule, cases)])
    return judged.take(np.lexsort((late if judged.deadline is None else judged.deadline, judged.case)))


def _groups(history: History, rule: UsageRule, cases: Bool | None) -> Iterator[Group]:
    """The stretches of ownership of these cases, together where one zone and one region hold."""
    index, who = history.index, history.who
    owned = who.ownership
    stretches = np.arange(len(owned.owner))
    if cases is not None:
        stretches = stretches[cases[owned.case]]
    zone = cadence_zone(rule)
    labels: tuple[str, ...] = (zone,)
    of_zone = np.zeros(len(stretches), dtype=np.int32)
    if zone == "person":
        traits = who.traits("time_zone")
        of_zone, labels = traits.of_persons[owned.owner[stretches]], traits.labels
    elif zone == "unit":
        of_unit, labels = who.usual("time_zone")
        of_zone = of_unit[index.case_unit[owned.case[stretches]]]
    regions = who.traits("region")
    of_region = regions.of_persons[owned.owner[stretches]]
    key = of_zone.astype(np.int64) * (len(regions.labels) + 1) + of_region
    order = np.argsort(key, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        if len(rows):
            z, r = int(of_zone[rows[0]]), int(of_region[rows[0]])
            yield stretches[rows], labels[z] if z >= 0 else None, regions.labels[r] if r >= 0 else None


def _dues(
    history: History, cadence: Cadence, began: int, zone: str | None, region: str | None
) -> tuple[Int64, Int64]:
    """The due instants up to the look, and the first instants of their windows."""
    found = []
    previous = None
    for due in due_instants(cadence, began, until=history.index.as_of, zone=zone):
        first = window_before(
            cadence, due, previous, zone=zone, region=region, calendar=history.work_calendar
        )
        if first is not None:
            found.append((due, first))
        previous = due
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def _portions(counts: Int64) -> Iterator[slice]:
    """Stretches of a list whose counts add up to no more than is held at once."""
    total = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        done = total[begin] - counts[begin]
        end = max(begin + 1, int(np.searchsorted(total, done + AT_ONCE, side="right")))
        yield slice(begin, end)
        begin = end


def _judged(history: History, cadence: Cadence, case: Int32, first: Int64, due: Int64) -> Judged:
    index = history.index
    keep = index.created[case] < first
    case, first, due = case[keep], first[keep], due[keep]
    keep = _possible(history, case, first, due)
    case, first, due = case[keep], first[keep], due[keep]
    done = np.full(len(case), -1, dtype=np.int32)
    needed = Occurrences(index, cadence.activities)
    if len(needed):
        positions = np.append(needed.at, np.int32(-1))
        found = positions[np.searchsorted(positions[:-1], index.position_at(case, first))]
        inside = (found >= 0) & (index.case[found] == case) & (index.at[found] <= due)
        done = np.where(inside, found, np.int32(-1))
    return Judged(
        case=case,
        at=np.full(len(case), -1, dtype=np.int32),
        cell=index.cells(index.case_unit[case], due),
        verdict=np.where(done >= 0, Verdict.FULFILLED, Verdict.VIOLATED).astype(np.int8),
        decided_by=done,
        deadline=due,
    )


def _possible(history: History, case: Int32, first: Int64, due: Int64) -> Bool:
    """Whether somebody who had the case in the window was there for a while (a window may be a single instant)."""
    owned, leaves = history.who.ownership, history.who.leaves
    if not len(leaves.starts) or not len(case):
        return np.ones(len(case), dtype=bool)
    begin, stop = owned.place(case, first), owned.place(case, due) + 1
    which, stretch = spread(np.arange(len(case)), begin, stop)
    since = np.maximum(first[which], owned.since[stretch])
    until = np.minimum(due[which], owned.until[stretch])
    owner = owned.owner[stretch]
    there = until - since - (leaves.away(owner, until) - leaves.away(owner, since))
    time = np.add.reduceat(there, np.cumsum(stop - begin) - (stop - begin))
    possible: Bool = (time > 0) | (due == first)
    return possible
