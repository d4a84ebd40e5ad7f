from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crmusage.conformance import _kernels as kernels
from crmusage.conformance._kernels import Judged, Side, Window
from crmusage.conformance._scope import in_scope
from crmusage.conformance._search import Int32, Search
from crmusage.history import Counts, History, months_of
from crmusage.rules import Condition, Constraint, Template, UsageRule, Verdict

SUMS = ("activations", "fulfilled", "violated", "pending", "tied", "vacuous_cases")
KEYS = {"rule": str, "expect": int, "unit": str, "month": int}


def judge(history: History, constraint: Constraint) -> Judged:
    """The verdict on every activation of one constraint, for all cases and everybody.

    An activity that never occurs counts as none (`unseen` is where it is noticed).
    """
    index = history.index
    window = _window(constraint)
    one = _matching(history, constraint.activity, constraint.where)
    template = constraint.template
    if template.counts:
        return kernels.count(index, one, window, template, constraint.n or 1)
    if template in {Template.INIT, Template.END}:
        return kernels.edge(index, one, template)
    other = _matching(history, constraint.target or "", constraint.target_where)
    if template in {Template.CHOICE, Template.EXCLUSIVE_CHOICE}:
        return kernels.choice(index, one, other, window, exclusive=template is Template.EXCLUSIVE_CHOICE)

    same = [history.attributes.codes(name) for name in constraint.correlate.same if name != "case_id"]
    different = [history.attributes.codes(name) for name in constraint.correlate.different]

    def side(activations: Int32, targets: Int32) -> Side:
        return Side(index, Search(index, activations, targets, same, different), window)

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
            parts = [kernels.alternate_response(side(one, other)), kernels.alternate_precedence(side(other, one))]
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


def judge_rule(history: History, rule: UsageRule) -> list[Judged]:
    """The verdicts of each of a rule's expectations, for the cases and people that the rule is about."""
    cases, events = in_scope(history, rule)
    judged = []
    for constraint in rule.expect:
        everything = judge(history, constraint)
        if constraint.template.is_of_case:
            judged.append(everything.take(cases[everything.case]))
        else:
            judged.append(everything.take(events[everything.at]))
    return judged


def tally(history: History, rules: Sequence[UsageRule]) -> Counts:
    """Add up verdicts by rule, expectation, unit and month of the activation (months since January 1970, UTC).

    Tallies of parts of a history (whole cases in each) merge to the tally of the whole.
    """
    index = history.index
    columns: dict[str, list[np.ndarray]] = {name: [] for name in (*KEYS, *SUMS)}
    created_month = months_of(index.created)
    for place, rule in enumerate(rules):
        scope, _ = in_scope(history, rule)
        for position, (constraint, judged) in enumerate(zip(rule.expect, judge_rule(history, rule), strict=True)):
            if constraint.template.is_of_case:
                unit, month = index.case_unit[judged.case], created_month[judged.case]
                vacuous = np.zeros(0, dtype=np.int64)
            else:
                unit, month = index.unit[judged.at], index.month[judged.at]
                idle = scope.copy()
                idle[judged.case] = False
                vacuous = np.flatnonzero(idle)
            verdicts = _cells(unit, month, judged.verdict)
            nothing = _cells(index.case_unit[vacuous], created_month[vacuous], np.zeros(len(vacuous), np.int8))
            for (unit_, month_, counts), is_vacuous in ((verdicts, False), (nothing, True)):
                columns["rule"].append(np.full(len(unit_), place))
                columns["expect"].append(np.full(len(unit_), position))
                columns["unit"].append(unit_)
                columns["month"].append(month_)
                zero = np.zeros(len(unit_), dtype=np.int64)
                columns["activations"].append(zero if is_vacuous else counts.sum(axis=1))
                for verdict in Verdict:
                    columns[verdict.name.lower()].append(zero if is_vacuous else counts[:, verdict])
                columns["vacuous_cases"].append(counts[:, 0] if is_vacuous else zero)
    if not columns["rule"]:
        return Counts.empty(KEYS, SUMS)
    flat = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Counts.of(
        keys={
            "rule": (flat["rule"], [rule.id for rule in rules]),
            "expect": flat["expect"],
            "unit": (flat["unit"], index.units),
            "month": flat["month"],
        },
        sums={name: flat[name] for name in SUMS},
    )


def _cells(unit: Int32, month: Int32, verdict: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each verdict fell in each (unit, month): units, months, counts by verdict."""
    if not len(unit):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, len(Verdict)), np.int64)
    first = int(month.min())
    months = int(month.max()) - first + 1
    cell = (unit.astype(np.int64) + 1) * months + (month - first)
    n_cells = (int(unit.max()) + 2) * months
    if n_cells <= 4 * len(unit) + 100_000:
        counts = np.bincount(cell * len(Verdict) + verdict, minlength=n_cells * len(Verdict)).reshape(n_cells, len(Verdict))
        used = np.flatnonzero(counts.sum(axis=1))
        counts = counts[used]
    else:
        used, place = np.unique(cell, return_inverse=True)
        counts = np.bincount(place * len(Verdict) + verdict, minlength=len(used) * len(Verdict)).reshape(-1, len(Verdict))
    return used // months - 1, used % months + first, counts


def _matching(history: History, activity: str, where: Condition | None) -> Int32:
    if activity not in history.index.activities:
        return np.zeros(0, dtype=np.int32)
    positions = history.index.positions(activity)
    return positions if where is None else positions[history.attributes.events_where(where, positions)]


def _window(constraint: Constraint) -> Window:
    after, within = constraint.after, constraint.within
    return Window(
        after=None if after is None else after.microseconds,
        within=None if within is None else within.microseconds,
    )
