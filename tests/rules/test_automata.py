from __future__ import annotations

import itertools

import pytest

from crmusage.rules import Compare, Constraint, Correlation, Duration, Op, Template
from crmusage.rules._automata import (
    FITS,
    JUDGED,
    MOST_STATES,
    TARGET,
    TooLargeError,
    activation,
    lower,
    upper,
)

from ..conformance import oracle

EVERY_SYMBOL = tuple(range(8))
BY_ALL = (0, FITS | JUDGED, TARGET | JUDGED, FITS | TARGET | JUDGED)
LONGEST = 4


def constraint_of(template: Template, n: int = 1, **more: object) -> Constraint:
    """One activity on both sides, so that an event can fit either, both or none."""
    kwargs: dict[str, object] = {"where": Compare("x", Op.EQ, 1), **more}
    if template.counts:
        kwargs["n"] = n
    if not template.is_unary:
        kwargs.update(target="a", target_where=Compare("y", Op.EQ, 1))
    return Constraint(template, "a", **kwargs)


def trace_of(symbols: tuple[int, ...], days: tuple[int, ...] | None = None) -> list[oracle.Event]:
    return [
        oracle.Event(
            k,
            "a",
            (k if days is None else days[k]) * oracle.DAY,
            {"x": int(bool(symbol & FITS)), "y": int(bool(symbol & TARGET))},
        )
        for k, symbol in enumerate(symbols)
    ]


def judged(constraint: Constraint, symbols: tuple[int, ...], trace: list[oracle.Event]) -> list[bool]:
    """The oracle's verdict on each activation that somebody is judged by, once the trace has ended."""
    case = oracle.Case(0, 0, tuple(trace), {})
    return [
        oracle.is_kept(constraint, case, trace, found)
        for found in oracle.activations(constraint, case, trace)
        if found is None or symbols[found if found >= 0 else -1 - found] & JUDGED
    ]


def traces(symbols: tuple[int, ...], longest: int) -> list[tuple[int, ...]]:
    return [t for length in range(longest + 1) for t in itertools.product(symbols, repeat=length)]


ALL = [(template, n) for template in Template for n in ((1, 2, 3) if template.counts else (1,))]


@pytest.mark.parametrize(("template", "n"), ALL)
def test_an_automaton_accepts_exactly_the_traces_in_which_the_formula_is_kept(
    template: Template, n: int
) -> None:
    constraint = constraint_of(template, n)
    automaton = upper(constraint)
    assert lower(constraint) == automaton
    for symbols in traces(EVERY_SYMBOL, LONGEST - 1) + traces(BY_ALL, LONGEST + 1):
        assert automaton.accepts(symbols) == all(judged(constraint, symbols, trace_of(symbols))), symbols


@pytest.mark.parametrize("template", list(Template))
def test_activation_is_what_the_oracle_counts(template: Template) -> None:
    constraint = constraint_of(template)
    automaton = activation(template)
    for symbols in traces(EVERY_SYMBOL, 3):
        assert automaton.accepts(symbols) == bool(judged(constraint, symbols, trace_of(symbols)))


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.parametrize(
    "more",
    [
        {"within": Duration(days=1)},
        {"after": Duration(days=1)},
        {"after": Duration(days=1), "within": Duration(days=2)},
        {"correlate": Correlation(same=("x",))},
        {"correlate": Correlation(different=("y",))},
    ],
    ids=str,
)
def test_with_windows_and_correlations_the_two_automata_bound_the_truth(
    template: Template, more: dict
) -> None:
    if "correlate" in more and template.is_unary:
        pytest.skip("speaks of one activity")
    constraint = constraint_of(template, 2, **more)
    above, below = upper(constraint), lower(constraint)
    for symbols in traces(BY_ALL, 3):
        for days in itertools.combinations_with_replacement((0, 2), len(symbols)):
            kept = all(judged(constraint, symbols, trace_of(symbols, days)))
            assert kept or not below.accepts(symbols)
            assert above.accepts(symbols) or not kept


@pytest.mark.parametrize("template", list(Template))
def test_a_pair_that_cannot_be_is_bounded_too(template: Template) -> None:
    if template.is_unary and not template.counts:
        pytest.skip("takes no window")
    constraint = constraint_of(template, after=Duration(days=2), within=Duration(days=1))
    above, below = upper(constraint, impossible=True), lower(constraint, impossible=True)
    for symbols in traces(BY_ALL, 3):
        for days in itertools.combinations_with_replacement((0, 2), len(symbols)):
            kept = all(judged(constraint, symbols, trace_of(symbols, days)))
            assert kept or not below.accepts(symbols)
            assert above.accepts(symbols) or not kept


@pytest.mark.parametrize("template", list(Template))
def test_a_complement_accepts_the_rest_and_a_dead_state_accepts_nothing_any_more(template: Template) -> None:
    automaton = upper(constraint_of(template))
    for symbols in traces(BY_ALL, 3):
        assert automaton.complement.accepts(symbols) != automaton.accepts(symbols)
        state = 0
        for symbol in symbols:
            state = automaton.table[state][symbol]
        if not automaton.live[state]:
            assert not any(automaton.accepts((*symbols, *more)) for more in traces(BY_ALL, 3))


def test_counting_too_far_is_refused() -> None:
    with pytest.raises(TooLargeError):
        upper(Constraint("existence", "a", n=MOST_STATES))
