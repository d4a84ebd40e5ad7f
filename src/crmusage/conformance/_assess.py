from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.conformance import _kernels as kernels
from crmusage.conformance import _kernels_of_case as of_case
from crmusage.conformance._cadence import cadence_parts, judge_cadence
from crmusage.conformance._kernels import Judged, Side
from crmusage.conformance._scope import in_scope
from crmusage.conformance._search import Bool, Occurrences
from crmusage.conformance._window import Places, Window
from crmusage.history import Counts, History, Index
from crmusage.rules import Condition, Constraint, Template, UsageRule, Verdict

SUMS = ("activations", "fulfilled", "violated", "pending", "tied", "vacuous_cases")
KEYS = {"rule": str, "expect": int, "unit": str, "month": int}


def judge(
    history: History, constraint: Constraint, *, zone: str | None = None, reasons: bool = True
) -> Judged:
    """The verdict on every activation of one constraint, for all cases and everybody.

    An activity that never occurs counts as none (`unseen` is where it is noticed). `zone` is that of the rule;
    `reasons`: also which event or instant decided.
    """
    index = history.index
    window = Window(constraint.after, constraint.within, Places(history, zone))
    one = _matching(history, constraint.activities, constraint.where)
    template = constraint.template
    if template.counts:
        return of_case.count(index, one, window, template, constraint.n or 1, reasons=reasons)
    if template in {Template.INIT, Template.END}:
        return of_case.edge(index, one, template, reasons=reasons)
    other = _matching(history, constraint.targets, constraint.target_where)
    if template in {Template.CHOICE, Template.EXCLUSIVE_CHOICE}:
        return of_case.choice(
            index, one, other, window, exclusive=template is Template.EXCLUSIVE_CHOICE, reasons=reasons
        )

    same = [history.attributes.codes(name) for name in constraint.correlate.same if name != "case_id"]
    different = [history.attributes.codes(name) for name in constraint.correlate.different]

    def side(activating: Occurrences, targeted: Occurrences) -> Side:
        return Side(
            index, activating, targeted, same=same, different=different, window=window, reasons=reasons
        )

    match template:
        case Template.RESPONSE:
            return kernels.response(side(one, other))
        case Template.NOT_SUCCESSION:
            return kernels.response(side(one, other), negative=True)
        case Template.PRECEDENCE:
            return kernels.precedence(side(one, other))
        case Template.RESPONDED_EXISTENCE:
            return kernels.existence_beside(side(one, other))
        case Template.ALTERNATE_RESPONSE:
            return kernels.alternate_response(side(one, other))
        case Template.ALTERNATE_PRECEDENCE:
            return kernels.alternate_precedence(side(one, other))
        case Template.CHAIN_RESPONSE:
            return kernels.chain_response(side(one, other))
        case Template.NOT_CHAIN_SUCCESSION:
            return kernels.chain_response(side(one, other), negative=True)
        case Template.CHAIN_PRECEDENCE:
            return kernels.chain_precedence(side(one, other))
        case Template.SUCCESSION:
            parts = [kernels.response(side(one, other)), kernels.precedence(side(other, one))]
        case Template.ALTERNATE_SUCCESSION:
            parts = [
                kernels.alternate_response(side(one, other)),
                kernels.alternate_precedence(side(other, one)),
            ]
        case Template.CHAIN_SUCCESSION:
            parts = [kernels.chain_response(side(one, other)), kernels.chain_precedence(side(other, one))]
        case Template.CO_EXISTENCE:
            parts = [kernels.existence_beside(side(one, other)), kernels.existence_beside(side(other, one))]
        case Template.NOT_CO_EXISTENCE:
            parts = [
                kernels.existence_beside(side(one, other), negative=True),
                kernels.existence_beside(side(other, one), negative=True),
            ]
        case _:  # pragma: no cover — every template is named above; a new one must be too
            raise NotImplementedError(template)
    return kernels.join(parts)


def judge_rule(history: History, rule: UsageRule, *, reasons: bool = True) -> list[Judged]:
    """The verdicts of each of a rule's expectations, and after them of its cadence, for what the rule is about."""
    scope = in_scope(history, rule)
    judged = [_judge_in(history, rule, constraint, scope, reasons=reasons) for constraint in rule.expect]
    if rule.cadence is not None:
        judged.append(judge_cadence(history, rule, None if scope is None else scope[0]))
    return judged


def _judge_in(
    history: History,
    rule: UsageRule,
    constraint: Constraint,
    scope: tuple[Bool, Bool] | None,
    *,
    reasons: bool,
) -> Judged:
    everything = judge(history, constraint, zone=rule.zone, reasons=reasons)
    if scope is None:
        return everything
    cases, events = scope
    return everything.take(
        cases[everything.case] if constraint.template.is_of_case else events[everything.at]
    )


def tally(history: History, rules: Sequence[UsageRule]) -> Counts:
    """Add up verdicts by rule, expectation, unit and month of the activation (months since January 1970, UTC).

    Tallies of parts of a history (whole cases in each) merge to the tally of the whole.
    """
    index = history.index
    found: list[npt.NDArray[np.int64]] = []

    def add(place: int, position: int, judged: Judged | None, vacuous: Bool | None) -> None:
        cells, sums = _sums(judged, vacuous, index)
        here = np.empty((len(cells), 2), dtype=np.int64)
        here[:] = place, position
        found.append(np.column_stack([here, *index.cell_names(cells), sums]))

    for place, rule in enumerate(rules):
        scope = in_scope(history, rule)
        cases = None if scope is None else scope[0]
        for position, constraint in enumerate(rule.expect):
            judged = _judge_in(history, rule, constraint, scope, reasons=False)
            vacuous = None
            if not constraint.template.is_of_case:
                vacuous = np.ones(index.n_cases, dtype=bool) if cases is None else cases.copy()
                vacuous[judged.case] = False
            add(place, position, judged, vacuous)
        if rule.cadence is not None:
            vacuous = np.ones(index.n_cases, dtype=bool) if cases is None else cases.copy()
            for judged in cadence_parts(history, rule, cases):
                vacuous[judged.case] = False
                add(place, len(rule.expect), judged, None)
            add(place, len(rule.expect), None, vacuous)
    if not found:
        return Counts.empty(KEYS, SUMS)
    rows = np.concatenate(found)
    return Counts.of(
        keys={
            "rule": (rows[:, 0], [rule.id for rule in rules]),
            "expect": rows[:, 1],
            "unit": (rows[:, 2], index.units),
            "month": rows[:, 3],
        },
        sums={name: rows[:, 4 + k] for k, name in enumerate(SUMS)},
    )


SPARSE = 4
"""From so many cells an activation on, the used ones are sorted out first (guessed)."""
_VERDICTS = len(Verdict)


def _sums(
    judged: Judged | None, vacuous: Bool | None, index: Index
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The cells in use, and for each what SUMS names. `vacuous`: which cases are (None: not asked)."""
    verdicts = np.zeros(0, dtype=np.int8) if judged is None else judged.verdict
    cell: npt.NDArray[Any] = np.zeros(0, dtype=np.int32) if judged is None else judged.cell
    idle: npt.NDArray[Any] = index.case_cell[:0] if vacuous is None else index.case_cell
    n_cells, names = index.n_cells, None
    if n_cells > SPARSE * (len(cell) + len(idle)) + 100_000:
        names, both = np.unique(np.concatenate([cell, idle]), return_inverse=True)
        cell, idle, n_cells = both[: len(cell)], both[len(cell) :], len(names)
    sums = np.empty((n_cells, len(SUMS)), dtype=np.int64)
    sums[:, 1:5] = _counted(cell, verdicts, n_cells, _VERDICTS)
    sums[:, 0] = sums[:, 1:5].sum(axis=1)
    sums[:, 5] = 0 if vacuous is None else _counted(idle, vacuous, n_cells, 2)[:, 1]
    used = np.flatnonzero(sums[:, 0] + sums[:, 5])
    return used if names is None else names[used], sums[used]


def _counted(cell: npt.NDArray[Any], of: npt.NDArray[Any], n_cells: int, kinds: int) -> npt.NDArray[np.int64]:
    """How many of each kind (0 …) there are in each cell, in one pass: to pick each kind out first takes longer."""
    found = np.bincount(cell * kinds + of, minlength=n_cells * kinds)
    return found.reshape(n_cells, kinds)


def _matching(history: History, activities: tuple[str, ...], where: Condition | None) -> Occurrences:
    index = history.index
    found = Occurrences(index, activities)
    if where is None or not len(found):
        return found
    return Occurrences(index, activities, found.at[history.attributes.events_where(where, found.at)])
