from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.rules import All, Compare, Op, UsageRule
from crmusage.rules._automata import FITS, JUDGED, TARGET
from crmusage.rules._letters import MixedSortsError, cells
from crmusage.rules._scene import expectations, scene

from .test_lint import is_in_force, oracle, rules

XS = (None, 0, 1, 1.5, 2, 2.5, 3, 4)
YS = (None, "red", "rose", "blue", "")
UNITS = (None, "u", "v", "w")


def symbol_of(rule: UsageRule, case: oracle.Case) -> int:
    """What the oracle says of the only event of a case, as an automaton reads it."""
    constraint = rule.expect[0]
    (event,) = case.events
    if not is_in_force(rule, constraint, case):
        return 0
    fits = oracle.is_activation(constraint, case, event)
    target = constraint.target is not None and oracle.is_target(constraint, case, event)
    if not fits and not target:
        return 0
    judged = (
        constraint.template.is_of_case
        or not rule.applies_to.unit
        or (oracle.getter(case, event)("unit") in rule.applies_to.unit)
    )
    return FITS * fits | TARGET * target | JUDGED * judged


EVENTS = [
    oracle.Event(0, activity, 0, {"x": x, "y": y, "unit": unit, "activity": activity})
    for activity in ("a", "b", "c")
    for x, y, unit in itertools.product(XS, YS, UNITS)
]
EVENTS.append(oracle.Event(0, "named by no rule", 0, {"activity": "named by no rule"}))
CASES = [
    {"x": x, "y": y, "unit": unit, "kind": kind, "case_id": case_id}
    for x in (None, 1, 2)
    for y in (None, "red", "rose", "blue", "green")
    for unit in (None, "u", "v")
    for kind in ("k", "l")
    for case_id in ("c0", "c1")
]


@given(st.data())
def test_letters_are_all_that_can_happen_and_what_is_sure_does_happen(data) -> None:
    drawn = [data.draw(rules(f"r{k}")) for k in range(2)]
    items = expectations(drawn)
    settings = scene(items)
    possible = {(s.in_force, letter.symbols) for s in settings for letter in s.letters}
    sure = {(s.in_force, letter.symbols) for s in settings if s.sure for letter in s.letters if letter.sure}
    seen = set()
    for k, attributes in enumerate(data.draw(st.permutations(CASES))):
        force = tuple(is_in_force(r, r.expect[0], oracle.Case(0, 0, (), attributes)) for r in drawn)
        if any(force):
            for event in EVENTS:
                case = oracle.Case(0, 0, (event,), attributes)
                seen.add((force, tuple(symbol_of(r, case) for r in drawn)))
            assert seen <= possible
        if k > 5 and sure <= seen:
            return
    raise AssertionError(f"never seen: {sure - seen}")


@given(
    st.lists(
        st.sampled_from([(op, v) for op in (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE) for v in (1, 2, 2.5)]),
        max_size=4,
    )
)
def test_each_value_is_in_the_cell_that_satisfies_what_it_satisfies(drawn) -> None:
    compares = [Compare("x", op, value) for op, value in drawn]
    found = {cell.satisfies for cell in cells("x", compares)}
    for value in (0, 1, 1.5, 2, 2.2, 2.5, 7, None):
        assert frozenset(c for c in compares if c.of(value)) in found
    assert len(found) <= 2 * 3 + 2


def test_nothing_lies_between_neighbours() -> None:
    import datetime as dt

    day = dt.date(2026, 3, 1)
    between = All((Compare("d", Op.GT, day), Compare("d", Op.LT, day + dt.timedelta(days=1))))
    assert all(not set(between.parts) <= cell.satisfies for cell in cells("d", between.parts))
    assert all(
        Compare("t", Op.LT, "") not in cell.satisfies for cell in cells("t", [Compare("t", Op.LT, "")])
    )


def test_one_attribute_is_of_one_sort() -> None:
    with pytest.raises(MixedSortsError):
        cells("x", [Compare("x", Op.EQ, 1), Compare("x", Op.EQ, True)])
