from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crmusage.rules import Constraint

from ..conformance import oracle
from . import ltlf
from .template_differences import (
    DIFFERENCES,
    FORMULAS,
    INCOMPLETE,
    NEGATED_FORMULAS,
    NEGATED_PATTERNS,
    PATTERNS,
    TOO_MUCH,
    Difference,
)

TRACES = [trace for length in range(7) for trace in itertools.product("abc", repeat=length)]
SOURCES = {FORMULAS: False, PATTERNS: False, NEGATED_FORMULAS: True, NEGATED_PATTERNS: True}
"""Each file of statements, and whether it says when a template is broken rather than kept."""


def ours(name: str) -> Constraint:
    """The constraint that a statement such as `Precedence(b, a)` is about."""
    word, count, first, second = re.fullmatch(r"([A-Za-z]+)(\d?)\((\w)(?:, (\w))?\)", name).groups()
    if word == "AtLeast":
        return Constraint("existence", first, n=int(count))
    if word == "AtMost":
        return Constraint("absence", first, n=int(count) + 1)
    template = re.sub(r"(?<!^)(?=[A-Z])", "_", word).lower()
    if second is None:
        return Constraint(template, first)
    if template in {"precedence", "alternate_precedence", "chain_precedence"}:
        # What comes second in the statement is what activates it.
        return Constraint(template, second, target=first)
    forbidding = {
        "not_response": "not_succession",
        "not_precedence": "not_succession",
        "not_chain_response": "not_chain_succession",
        "not_chain_precedence": "not_chain_succession",
        "not_responded_existence": "not_co_existence",
    }
    return Constraint(forbidding.get(template, template), first, target=second)


@functools.cache
def kept(constraint: Constraint) -> tuple[bool, ...]:
    """Whether each trace keeps the constraint: all activations in it are fulfilled."""
    found = []
    for trace in TRACES:
        events = [oracle.Event(k, activity, k, {}) for k, activity in enumerate(trace)]
        case = oracle.Case(0, len(trace), tuple(events), {})
        activations = oracle.activations(constraint, case, events)
        found.append(all(oracle.is_kept(constraint, case, events, activation) for activation in activations))
    return tuple(found)


def reading(source: str, statement: str) -> Callable[[tuple[str, ...]], bool]:
    """Whether a trace keeps a template, as a statement says."""
    broken = SOURCES[source]
    if source in {FORMULAS, NEGATED_FORMULAS}:
        formula = ltlf.parse(statement)
        return lambda trace: formula(trace, 0) != broken
    # Their patterns are of a kind that Python reads in the same way: sets of letters, repeated and joined.
    pattern = re.compile(statement)
    return lambda trace: (pattern.fullmatch("".join(trace)) is not None) != broken


def first_difference(source: str, statement: str, constraint: Constraint) -> tuple[str, bool] | None:
    """The shortest trace on which a statement and we disagree, and whether we say that it is kept."""
    says = reading(source, statement)
    for trace, is_kept in zip(TRACES, kept(constraint), strict=True):
        if says(trace) != is_kept:
            return "".join(trace), is_kept
    return None


@pytest.fixture(scope="module")
def statements(real_logs: Path) -> dict[str, dict[str, str]]:
    folder = real_logs / "declare" / "templates"
    return {source: json.loads((folder / f"{source}.json").read_text()) for source in SOURCES}


@pytest.mark.parametrize("source", list(SOURCES))
def test_the_templates_mean_what_others_say_but_for_the_differences_that_are_listed(
    statements: dict[str, dict[str, str]], source: str
) -> None:
    assert len(statements[source]) == 28
    found = {
        name: difference
        for name, statement in statements[source].items()
        if (difference := first_difference(source, statement, ours(name))) is not None
    }
    assert found == {listed.name: (listed.trace, listed.we_keep) for listed in DIFFERENCES[source]}


LISTED = [(source, difference) for source in SOURCES for difference in DIFFERENCES[source]]


@pytest.mark.parametrize(("source", "difference"), LISTED, ids=lambda part: getattr(part, "name", part))
def test_the_reason_for_a_difference_is_all_there_is_to_it(source: str, difference: Difference) -> None:
    assert first_difference(source, difference.instead, ours(difference.name)) is None


SWAPPED_PATTERNS = {difference.name for difference in DIFFERENCES[PATTERNS]}
WRONG_PATTERNS = [
    difference
    for difference in DIFFERENCES[NEGATED_PATTERNS]
    if difference.reason in {INCOMPLETE, TOO_MUCH} and difference.name not in SWAPPED_PATTERNS
]


@pytest.mark.parametrize("difference", WRONG_PATTERNS, ids=lambda difference: difference.name)
def test_where_their_patterns_of_what_is_broken_differ_their_patterns_of_what_is_kept_agree_with_us(
    statements: dict[str, dict[str, str]], difference: Difference
) -> None:
    says = reading(PATTERNS, statements[PATTERNS][difference.name])
    assert says(tuple(difference.trace)) == difference.we_keep


# --- the evaluator itself, on what its docstring says


@pytest.mark.parametrize(
    ("formula", "trace", "holds"),
    [
        ("a", "ab", True), ("a", "ba", False), ("a", "", False), ("!a", "", True),
        ("X(b)", "ab", True), ("X(b)", "a", False), ("N(b)", "a", True), ("N(b)", "ac", False),
        ("F(b)", "acb", True), ("F(b)", "", False), ("G(a)", "aab", False), ("G(a)", "", True),
        ("a U b", "aab", True), ("a U b", "aacb", False), ("a U b", "aaa", False), ("a U b", "b", True),
        ("F(c & Y(b))", "abc", True), ("Y(a)", "a", False), ("Z(a)", "a", True),
        ("F(c & O(a))", "abc", True), ("F(c & H(a))", "abc", False), ("F(b & H(!c))", "abc", True),
        ("F(c & (!b S a))", "abc", False), ("F(c & (!b S b))", "abc", True), ("F(c & (b $ a))", "abc", False),
        ("a -> b -> c", "a", True), ("a & b | c", "c", True), ("G(F(a)", "ba", True),
    ],
)  # fmt: skip
def test_a_formula_holds_where_its_definition_says(formula: str, trace: str, holds: bool) -> None:
    assert ltlf.holds(formula, trace) is holds


@pytest.mark.parametrize("text", ["", "a b", "(a) b", "a &", "Q(a)", "a ) b"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        ltlf.holds(text, "ab")
