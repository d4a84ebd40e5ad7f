from __future__ import annotations

import functools
import itertools
import random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import Text
from crmusage.rules import (
    All,
    AnyOf,
    AppliesTo,
    Compare,
    Constraint,
    Correlation,
    Duration,
    Not,
    Op,
    Rulebook,
    Template,
    UsageRule,
    holds,
    lint,
)

from ..conformance import oracle

SITUATION = Text("a situation", "une situation")
T = Template


def rule(name: str, *expect: Constraint, **more: object) -> UsageRule:
    return UsageRule(name, SITUATION, expect=expect, **more)


def book(*constraints: Constraint) -> Rulebook:
    return Rulebook(rule(f"r{k}", constraint) for k, constraint in enumerate(constraints))


def codes(*rules: UsageRule) -> list[tuple[str, tuple[str, ...]]]:
    return [(found.code, found.rules) for found in lint(Rulebook(rules))]


# --- what the oracle says


def is_in_force(of: UsageRule, constraint: Constraint, case: oracle.Case) -> bool:
    if of.kind is not None and case.attributes.get("kind") != of.kind:
        return False
    if not holds(of.applies_to.where, lambda name: case.attributes.get(name.removeprefix("case."))):
        return False
    return not (constraint.template.is_of_case and of.applies_to.unit) or (
        case.attributes.get("unit") in of.applies_to.unit
    )


def activations(of: UsageRule, constraint: Constraint, case: oracle.Case) -> list[int | None]:
    """Which activations the rule is about: by somebody of its units, in a case that it is about."""
    trace = list(case.events)
    if not is_in_force(of, constraint, case):
        return []
    by_name = {event.name: event for event in trace}
    return [
        found
        for found in oracle.activations(constraint, case, trace)
        if found is None
        or not of.applies_to.unit
        or oracle.getter(case, by_name[found if found >= 0 else -1 - found])("unit") in of.applies_to.unit
    ]


def is_kept(of: UsageRule, position: int, case: oracle.Case) -> bool:
    constraint = of.expect[position]
    trace = list(case.events)
    return all(oracle.is_kept(constraint, case, trace, found) for found in activations(of, constraint, case))


def is_activated(of: UsageRule, position: int, case: oracle.Case) -> bool:
    return bool(activations(of, of.expect[position], case))


def claim_holds(found, rules: Rulebook, case: oracle.Case) -> bool:
    """Whether what a finding says is true of a case."""
    items = [(rules[name], position) for name, position in found.expectations]
    kept = [is_kept(of, position, case) for of, position in items]
    activated = [is_activated(of, position, case) for of, position in items]
    force = all(is_in_force(of, of.expect[position], case) for of, position in items)
    match found.code:
        case "RL101":
            return not (force and kept[0])
        case "RL102":
            return not activated[0]
        case "RL103":
            return not (activated[0] and kept[0])
        case "RL104":
            return kept[0]
        case "RL201" | "RL204":
            return not (force and all(kept))
        case "RL202":
            any_of = activated[0] or (activated[1] and "one of them is activated" in found.text.en)
            return not (force and any_of and all(kept))
        case "RL203":
            return not (force and activated[0] and kept[1])
        case "RL205":
            return not (force and activated[0] and all(kept))
        case "RL301" | "RL303":
            return kept[0] or not all(kept[1:])
        case "RL302":
            return kept[0] == kept[1]
        case "RL105" | "RL901":
            return True
    raise NotImplementedError(found.code)


# --- plain constraints, against every trace

ACTIVITIES = ("a", "b", "c", "d")
"""No constraint below names d: it is the something else that can come between."""
TRACES = [t for length in range(6) for t in itertools.product(ACTIVITIES, repeat=length)]


@functools.cache
def table(constraint: Constraint) -> tuple[frozenset[int], frozenset[int]]:
    """Which of the traces keep a constraint, and which activate it."""
    of = rule("r", constraint)
    cases = [case_of(trace) for trace in TRACES]
    kept = frozenset(k for k, case in enumerate(cases) if is_kept(of, 0, case))
    return kept, frozenset(k for k, case in enumerate(cases) if is_activated(of, 0, case))


def case_of(trace: tuple[str, ...]) -> oracle.Case:
    events = tuple(oracle.Event(k, name, k * oracle.DAY, {}) for k, name in enumerate(trace))
    return oracle.Case(0, 10 * oracle.DAY, events, {})


def plain() -> list[Constraint]:
    found = []
    for template in Template:
        for activity in ("a", "b"):
            for n in (1, 2) if template.counts else (None,):
                if template.is_unary:
                    found.append(Constraint(template, activity, n=n))
                else:
                    found += [Constraint(template, activity, target=target) for target in ("a", "b", "c")]
    return found


PLAIN = plain()
EVERYTHING = frozenset(range(len(TRACES)))


def said_of_one(constraint: Constraint) -> str | None:
    kept, activated = table(constraint)
    if not activated:
        return "RL102"
    if not kept:
        return "RL101"
    if not kept & activated:
        return "RL103"
    return "RL104" if kept == EVERYTHING else None


def said_of_two(first: Constraint, second: Constraint) -> set[tuple[str, int]]:
    """What brute force finds: codes, each with the place of the expectation that the finding is about first."""
    (kept, active), (kept2, active2) = table(first), table(second)
    both = kept & kept2
    if not both:
        return {("RL201", 0)}
    ways = [
        (place, activation & other)
        for place, of, activation, other in ((0, first, active, kept2), (1, second, active2, kept))
        if not of.template.is_of_case and not activation & both
    ]
    if ways:
        forbidden = {("RL203", place) for place, possible in ways if not possible}
        rest = [place for place, possible in ways if possible]
        return forbidden | ({("RL202", rest[0])} if rest else set())
    follows = [kept2 <= kept, kept <= kept2]
    if all(follows):
        return {("RL302", 0)}
    return {("RL301", place) for place in (0, 1) if follows[place]}


@pytest.mark.parametrize("constraint", PLAIN, ids=str)
def test_what_is_said_of_one_rule_is_what_every_short_trace_shows(constraint: Constraint) -> None:
    wanted = said_of_one(constraint)
    assert [found.code for found in lint(book(constraint))] == ([wanted] if wanted else [])


@given(st.randoms(use_true_random=False))
def test_what_is_said_of_two_rules_is_what_every_short_trace_shows(rng: random.Random) -> None:
    sound = [constraint for constraint in PLAIN if said_of_one(constraint) is None]
    for _ in range(20):
        pair = rng.choice(sound), rng.choice(sound)
        found = lint(book(*pair))
        said = {(f.code, int(f.rules[0][1:])) for f in found}
        if ("RL202", 1) in said and "one of them" in found[0].text.en:
            said = {("RL202", 0)}
        assert said == said_of_two(*pair), [str(c) for c in pair]
        for one in found:
            check_example(one, pair)


def check_example(found, constraints: tuple[Constraint, ...]) -> None:
    """The example shows what is said, and no shorter one does."""
    if found.code in {"RL302", "RL104", "RL102", "RL101"}:
        assert found.trace is None
        return
    places = [int(name[1:]) for name in found.rules]
    tables = [table(constraints[place]) for place in places]

    def shows(k: int) -> bool:
        kept = [k in of for of, _ in tables]
        active = [k in of for _, of in tables]
        match found.code:
            case "RL103":
                return active[0] and not kept[0]
            case "RL201":
                return kept[0] != kept[1]
            case "RL202":
                return (active[0] and kept[0] and not kept[1]) or (
                    "one of them" in found.text.en and active[1] and kept[1] and not kept[0]
                )
            case "RL203":
                return active[0] and not kept[1]
            case "RL204":
                return not all(kept) and sum(kept) == len(kept) - 1
            case "RL205":
                return active[0] and all(kept[:-1]) and not kept[-1]
            case "RL301":
                return kept[0] and not kept[1]
            case "RL303":
                return not kept[0] and all(kept[1:-1]) and not kept[-1]
        raise NotImplementedError(found.code)

    shown = [name_of(step.activity) for step in found.trace]
    assert all(not step.where for step in found.trace)
    assert any(shows(TRACES.index(tuple(trace))) for trace in itertools.product(*shown))
    assert not any(
        shows(k) for k, trace in enumerate(TRACES) if len(trace) < len(shown) and found.code != "RL204"
    )


def name_of(activity: str | None) -> tuple[str, ...]:
    return ACTIVITIES if activity is None else (activity,)


@given(st.randoms(use_true_random=False))
def test_what_is_said_of_several_rules_is_true_of_every_short_trace(rng: random.Random) -> None:
    for _ in range(5):
        constraints = tuple(rng.choice(PLAIN) for _ in range(rng.randint(3, 5)))
        rules = book(*constraints)
        for found in lint(rules):
            assert all(claim_holds(found, rules, case) for case in CASES), found
            check_example(found, constraints)


CASES = [case_of(trace) for trace in TRACES if len(trace) < 5]


def is_possible(
    kept: tuple[Constraint, ...], *, broken: Constraint | None = None, active: Constraint | None = None
) -> bool:
    """Whether some trace shows it: one of the short ones, else a longer one."""
    known = frozenset.intersection(EVERYTHING, *(table(c)[0] for c in kept))
    if broken is not None:
        known -= table(broken)[0]
    if active is not None:
        known &= table(active)[1]
    if known:
        return True
    longer = (case_of(t) for length in (6, 7) for t in itertools.product(ACTIVITIES[:3], repeat=length))
    return any(
        all(is_kept(rule("r", c), 0, case) for c in kept)
        and (broken is None or not is_kept(rule("r", broken), 0, case))
        and (active is None or is_activated(rule("r", active), 0, case))
        for case in longer
    )


@given(st.randoms(use_true_random=False))
def test_three_rules_that_only_together_contradict_or_follow_are_found(rng: random.Random) -> None:
    # Where one counts to two, or pairs an activity with itself, cases get too long to try them all.
    easy = [c for c in PLAIN if said_of_one(c) is None and c.n != 2 and c.target != c.activity]
    constraints = tuple(rng.choice(easy) for _ in range(3))
    found = lint(book(*constraints))
    said = {f.code for f in found}
    if any(len(f.rules) == 2 for f in found):
        return
    assert is_possible(constraints) == ("RL204" not in said)
    for place, constraint in enumerate(constraints):
        others = tuple(c for k, c in enumerate(constraints) if k != place)
        if "RL204" not in said:
            assert is_possible(constraints, active=constraint) or "RL205" in said
        if not said & {"RL204", "RL205"}:
            assert is_possible(others, broken=constraint) or "RL303" in said


# --- conditions, scopes, windows, correlations


def conditions() -> st.SearchStrategy[object]:
    return st.sampled_from(
        [
            None,
            Compare("x", Op.LT, 2),
            Compare("x", Op.GE, 2),
            Compare("x", Op.IN, (1, 3)),
            Compare("x", Op.IS_NULL, True),
            Not(Compare("x", Op.EQ, 1)),
            All((Compare("x", Op.GT, 1), Compare("x", Op.LT, 1))),
            AnyOf((Compare("x", Op.NE, 1), Compare("y", Op.EQ, "red"))),
            Compare("y", Op.MATCHES, "r.*"),
            Compare("y", Op.NE, "red"),
            Compare("case.x", Op.EQ, 1),
            Compare("case.y", Op.IN, ("red", "blue")),
            Compare("activity", Op.EQ, "a"),
            Compare("case_id", Op.EQ, "c0"),
        ]
    )


@st.composite
def rules(draw: st.DrawFn, name: str) -> UsageRule:
    template = draw(st.sampled_from(list(Template)))
    kwargs: dict[str, object] = {"where": draw(st.none() | conditions())}
    if template.counts:
        kwargs["n"] = draw(st.integers(1, 2))
    if not template.is_unary:
        kwargs["target"] = draw(st.sampled_from(("a", "b")))
        kwargs["target_where"] = draw(st.none() | conditions())
        kwargs["correlate"] = Correlation(
            same=draw(st.sampled_from([(), (), ("x",), ("case_id",)])),
            different=draw(st.sampled_from([(), (), ("y",), ("case_id",)])),
        )
    kwargs["within"] = draw(
        st.sampled_from([None, None, Duration(days=1), Duration(hours=36), Duration(days=3)])
    )
    kwargs["after"] = draw(
        st.sampled_from([None, None, None, Duration(hours=12), Duration(days=2), Duration()])
    )
    constraint = Constraint(template, draw(st.sampled_from(("a", "b"))), **kwargs)
    return rule(
        name,
        constraint,
        kind=draw(st.sampled_from([None, None, "k", "l"])),
        applies_to=AppliesTo(
            unit=draw(st.sampled_from([(), (), ("u",), ("u", "v")])),
            where=draw(
                st.sampled_from([None, None, Compare("x", Op.GT, 1), Compare("case.y", Op.EQ, "red")])
            ),
        ),
    )


@st.composite
def some_cases(draw: st.DrawFn) -> oracle.Case:
    n = draw(st.integers(0, 4))
    days = sorted(draw(st.lists(st.integers(-1, 6), min_size=n, max_size=n)))
    events = tuple(
        oracle.Event(
            k,
            activity := draw(st.sampled_from(("a", "a", "b", "b", "c"))),
            day * oracle.DAY // 2,
            {
                "x": draw(st.sampled_from([None, 1, 2, 3])),
                "y": draw(st.sampled_from([None, "red", "rose", "blue"])),
                "unit": draw(st.sampled_from([None, "u", "v", "w"])),
                "activity": activity,
            },
        )
        for k, day in enumerate(days)
    )
    attributes = {
        "x": draw(st.sampled_from([None, 1, 2])),
        "y": draw(st.sampled_from([None, "red", "green"])),
        "unit": draw(st.sampled_from([None, "u", "v"])),
        "kind": draw(st.sampled_from(["k", "l"])),
        "case_id": draw(st.sampled_from(["c0", "c1"])),
    }
    return oracle.Case(0, 10 * oracle.DAY, events, attributes)


@given(st.data())
def test_nothing_that_is_said_of_rules_is_ever_untrue(data) -> None:
    drawn = [data.draw(rules(f"r{k}")) for k in range(data.draw(st.integers(1, 3)))]
    found = lint(Rulebook(drawn))
    for case in data.draw(st.lists(some_cases(), min_size=20, max_size=20)) if found else ():
        for one in found:
            assert claim_holds(one, Rulebook(drawn), case), one


@given(st.data())
def test_like_rules_with_windows_are_compared_and_nothing_untrue_is_said(data) -> None:
    base = data.draw(rules("r0"))
    other = attrs.evolve(
        base,
        id="r1",
        expect=(
            attrs.evolve(
                base.expect[0],
                within=data.draw(st.sampled_from([None, Duration(days=1), Duration(days=2)])),
                after=data.draw(st.sampled_from([None, Duration(hours=12)])),
                **(
                    {}
                    if base.expect[0].template.is_unary
                    else {
                        "template": data.draw(st.sampled_from([t for t in Template if not t.is_unary])),
                        "correlate": Correlation(same=data.draw(st.sampled_from([(), ("x",), ("y",)]))),
                    }
                ),
            ),
        ),
    )
    both = Rulebook([base, other])
    found = lint(both)
    for case in data.draw(st.lists(some_cases(), min_size=20, max_size=20)) if found else ():
        for one in found:
            assert claim_holds(one, both, case), one
