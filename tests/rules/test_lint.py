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
    Status,
    Template,
    UsageRule,
    holds,
    lint,
)
from crmusage.rules._lint import TITLES

from ..conformance import oracle
from . import rule_strategies

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
    about = [constraints[int(name[1:])] for name in found.rules]

    def shows(trace: tuple[str, ...]) -> bool:
        kept = [keeps(constraint, trace)[0] for constraint in about]
        active = [keeps(constraint, trace)[1] for constraint in about]
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
                return all(kept[:-1]) and not kept[-1]
            case "RL205":
                return active[0] and all(kept[:-1]) and not kept[-1]
            case "RL301":
                return kept[0] and not kept[1]
            case "RL303":
                return not kept[0] and all(kept[1:-1]) and not kept[-1]
        raise NotImplementedError(found.code)

    shown = [name_of(step.activity) for step in found.trace]
    assert all(not step.where for step in found.trace)
    assert any(shows(trace) for trace in itertools.product(*shown))
    shorter = [trace for trace in TRACES if len(trace) < len(shown)]
    assert not any(shows(trace) for trace in shorter)


def keeps(constraint: Constraint, trace: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether a trace keeps a constraint, and activates it."""
    place = PLACES.get(trace)
    if place is None:
        return is_kept(rule("r", constraint), 0, case_of(trace)), is_activated(
            rule("r", constraint), 0, case_of(trace)
        )
    kept, activated = table(constraint)
    return place in kept, place in activated


PLACES = {trace: k for k, trace in enumerate(TRACES)}


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
        kwargs["target"] = draw(st.sampled_from(("a", "b", ("b", "c"))))
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
    constraint = Constraint(template, draw(st.sampled_from(("a", "b", ("a", "b")))), **kwargs)
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


@given(st.lists(rule_strategies.RULES, max_size=4, unique_by=lambda rule: rule.id))
def test_any_book_can_be_linted(drawn: list[UsageRule]) -> None:
    for found in lint(Rulebook(drawn)):
        assert found.code in TITLES
        assert found.text.en
        assert found.text.fr
        assert set(found.rules) == {name for name, _ in found.expectations}


# --- what is said, and of whom


def test_only_rules_in_force_and_drafts_are_looked_at() -> None:
    must, never = rule("must", Constraint("existence", "a")), rule("never", Constraint("absence", "a"))
    for status in Status:
        found = codes(must, attrs.evolve(never, status=status))
        assert found == ([("RL201", ("must", "never"))] if status in {Status.ACTIVE, Status.DRAFT} else [])


def test_rules_for_different_kinds_of_cases_units_or_cases_do_not_meet() -> None:
    must, never = Constraint("existence", "a"), Constraint("absence", "a")
    apart = [
        ({"kind": "opportunity"}, {"kind": "request"}),
        ({"applies_to": AppliesTo(unit=("u",))}, {"applies_to": AppliesTo(unit=("v",))}),
        (
            {"applies_to": AppliesTo(where=Compare("amount", Op.LT, 10))},
            {"applies_to": AppliesTo(where=Compare("case.amount", Op.GE, 10))},
        ),
    ]
    for one, other in apart:
        assert codes(rule("must", must, **one), rule("never", never, **other)) == []


def test_rules_that_overlap_are_compared_where_they_do() -> None:
    must = rule("must", Constraint("existence", "a"), applies_to=AppliesTo(unit=("u", "v")))
    never = rule(
        "never", Constraint("absence", "a"), kind="opportunity", applies_to=AppliesTo(unit=("v", "w"))
    )
    (found,) = lint(Rulebook([must, never]))
    assert found.code == "RL201"
    assert "in the cases and for the people that both are for" in found.text.en
    assert "unit = 'v'" in found.text.en


def test_what_follows_for_some_does_not_follow_for_all() -> None:
    strict = Constraint("chain_response", "a", target="b")
    loose = Constraint("response", "a", target="b")
    some = {"applies_to": AppliesTo(unit=("u",))}
    assert codes(rule("strict", strict), rule("loose", loose, **some)) == [("RL301", ("loose", "strict"))]
    assert codes(rule("strict", strict, **some), rule("loose", loose)) == []


def test_a_rule_on_cases_says_nothing_of_what_its_people_do_in_others() -> None:
    of_cases = rule("cases", Constraint("absence", "b"), applies_to=AppliesTo(unit=("u",)))
    of_people = rule(
        "people", Constraint("not_succession", "a", target="b"), applies_to=AppliesTo(unit=("u",))
    )
    assert codes(of_cases, of_people) == []
    assert codes(attrs.evolve(of_cases, applies_to=AppliesTo()), of_people) == [
        ("RL301", ("people", "cases"))
    ]


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ({"within": Duration(days=1)}, {"within": Duration(days=2)}, ["RL301"]),
        ({"within": Duration(days=1)}, {}, ["RL301"]),
        ({"within": Duration(days=1)}, {"within": Duration(hours=24)}, ["RL302"]),
        ({"within": Duration(working_days=1)}, {"within": Duration(working_days=1)}, ["RL302"]),
        ({"within": Duration(working_days=1)}, {"within": Duration(days=3)}, []),
        ({"within": Duration(days=2), "after": Duration(days=1)}, {"within": Duration(days=2)}, ["RL301"]),
        ({"within": Duration(days=1)}, {"after": Duration(hours=1)}, []),
        ({"correlate": Correlation(same=("x",))}, {}, ["RL301"]),
        ({"correlate": Correlation(same=("case_id",))}, {}, ["RL302"]),
        ({"correlate": Correlation(same=("x",))}, {"correlate": Correlation(same=("y",))}, []),
    ],
    ids=str,
)
def test_responses_are_compared_by_their_windows_and_correlations(
    first: dict, second: dict, wanted: list[str]
) -> None:
    one, two = (Constraint("response", "a", target="b", **more) for more in (first, second))
    assert [found.code for found in lint(Rulebook([rule("one", one), rule("two", two)]))] == wanted


@pytest.mark.parametrize("template", ["not_succession", "not_chain_succession", "not_co_existence"])
def test_what_is_forbidden_for_longer_is_forbidden_for_less(template: str) -> None:
    longer, shorter = (
        rule(name, Constraint(template, "a", target="b", within=Duration(days=days)))
        for name, days in (("longer", 2), ("shorter", 1))
    )
    assert codes(longer, shorter) == [("RL301", ("shorter", "longer"))]


def test_what_has_a_window_follows_only_where_the_other_is_in_force() -> None:
    strict = Constraint("response", "a", target="b", within=Duration(days=1))
    loose = Constraint("response", "a", target="b", within=Duration(days=2))
    assert codes(rule("strict", strict, kind="k"), rule("loose", loose)) == []
    assert codes(rule("strict", strict), rule("loose", loose, kind="k")) == [("RL301", ("loose", "strict"))]


def test_what_may_not_come_between_is_compared_too() -> None:
    within = {"target": "b", "within": Duration(days=1)}
    # For the first, an activity of anybody comes between; for the second, only one of the unit.
    anybody = rule(
        "anybody", Constraint("alternate_response", "a", **within), applies_to=AppliesTo(unit=("u",))
    )
    unit = rule("unit", Constraint("alternate_response", "a", where=Compare("unit", Op.EQ, "u"), **within))
    assert codes(anybody, unit) == [("RL301", ("unit", "anybody"))]


def test_days_by_the_clock_are_not_compared_with_hours_or_other_clocks() -> None:
    one, two = (
        rule(name, Constraint("response", "a", target="b", within=Duration(days=days)), zone=zone)
        for name, days, zone in (("one", 1, "Europe/Paris"), ("two", 1, "America/New_York"))
    )
    assert codes(one, two) == []
    assert codes(one, attrs.evolve(two, zone="Europe/Paris")) == [("RL302", ("one", "two"))]


@pytest.mark.parametrize(
    ("positive", "negative", "contradict"),
    [
        (Duration(days=1), Duration(days=2), True),
        (Duration(days=2), Duration(days=1), False),
        (Duration(days=2), None, True),
        (None, Duration(days=1), False),
    ],
)
def test_a_response_is_forbidden_where_its_whole_window_is(
    positive: Duration | None, negative: Duration | None, contradict: bool
) -> None:
    must = rule("must", Constraint("response", "a", target="b", within=positive))
    never = rule("never", Constraint("not_succession", "a", target="b", within=negative))
    assert codes(must, never) == ([("RL202", ("must", "never"))] if contradict else [])
    before = rule("must", Constraint("precedence", "b", target="a", within=positive))
    assert codes(before, never) == ([("RL202", ("must", "never"))] if contradict else [])


def test_two_expectations_of_one_rule_are_told_apart() -> None:
    (found,) = lint(Rulebook([rule("r", Constraint("init", "a"), Constraint("existence", "a"))]))
    assert (found.code, found.rules, found.expectations) == ("RL301", ("r",), (("r", 1), ("r", 0)))
    assert "'r' (expectation 2) follows from 'r' (expectation 1)" in found.text.en
    assert "« r » (attente 2) découle de « r » (attente 1)" in found.text.fr


def test_the_example_says_what_holds_for_its_events() -> None:
    small = rule("small", Constraint("absence", "a", where=Compare("amount", Op.GE, 10)))
    some = rule("some", Constraint("existence", "a", where=Compare("amount", Op.GT, 10)))
    (found,) = lint(Rulebook([small, some]))
    assert found.code == "RL201"
    assert "The case \"a (amount > 10)\" keeps 'some' and breaks 'small'." in found.text.en
    assert "Un dossier sans événement respecte « small » et enfreint « some »." in found.text.fr
    assert str(found).startswith("RL201 contradiction: No case can keep both")
    assert found.trace == ()


def test_the_example_says_what_kind_of_case_it_is_only_where_the_rules_differ_in_it() -> None:
    must = rule("must", Constraint("existence", "a"), kind="request")
    never = rule("never", Constraint("absence", "a"), kind="request")
    assert "case.kind" not in lint(Rulebook([must, never]))[0].text.en
    assert (
        "The case (case.kind = 'request') \"a\""
        in lint(Rulebook([must, attrs.evolve(never, kind=None)]))[0].text.en
    )


def test_a_window_is_not_promised_in_an_example() -> None:
    must = rule("must", Constraint("response", "a", target="b", within=Duration(days=1)))
    never = rule("never", Constraint("not_succession", "a", target="b"))
    (found,) = lint(Rulebook([must, never]))
    assert "The case \"a, b\" keeps 'must' (if times and values fit) and breaks 'never'." in found.text.en
    assert [step.into("en") for step in found.trace] == ["a"]


def test_what_comes_between_needs_no_name() -> None:
    strict = rule("strict", Constraint("chain_response", "a", target="b"))
    loose = rule("loose", Constraint("response", "a", target="b"))
    (found,) = lint(Rulebook([strict, loose]))
    assert [step.into("en") for step in found.trace] == ["a", "something else", "b"]
    assert [step.into("fr") for step in found.trace] == ["a", "autre chose", "b"]


def test_an_attribute_that_is_a_number_here_and_a_text_there_is_told() -> None:
    one = rule("one", Constraint("absence", "a", where=Compare("x", Op.EQ, 1)))
    two = rule("two", Constraint("absence", "a", where=Compare("x", Op.EQ, "1")))
    (found,) = lint(Rulebook([one, two]))
    assert found.code == "RL105"
    assert "x is compared with a number and a text" in found.text.en
    both = All((Compare("x", Op.EQ, 1), Compare("x", Op.EQ, "1")))
    assert codes(rule("r", Constraint("absence", "a", where=both))) == [("RL105", ("r",))]


def test_what_is_too_large_is_said_to_be_unsettled() -> None:
    assert codes(rule("r", Constraint("existence", "a", n=10**9))) == [("RL901", ("r",))]
    long = [rule(f"r{k}", Constraint("exactly", name, n=150)) for k, name in enumerate("ab")]
    chain = rule("chain", Constraint("alternate_succession", "a", target="b"))
    found = lint(Rulebook([*long, chain]))
    assert {f.code for f in found} <= {"RL901", "RL202", "RL303"}
    conditions = [Compare(f"x{k}", Op.EQ, k) for k in range(12)]
    many = [
        rule(f"r{k}", Constraint("absence", "a", where=condition)) for k, condition in enumerate(conditions)
    ]
    (found,) = lint(Rulebook(many))
    assert found.code == "RL901"
    assert "does not mean that they go together" in found.text.en
    assert len(found.rules) == 12


def test_rules_that_meet_only_by_their_places_are_held_together() -> None:
    rules = [
        rule("first", Constraint("init", "a")),
        rule("last", Constraint("end", "b")),
        rule("once-a", Constraint("absence", "a", n=2)),
        rule("once-b", Constraint("absence", "b", n=2)),
        rule("next", Constraint("chain_response", "a", target="b")),
        rule("also", Constraint("existence", "c")),
    ]
    (found,) = lint(Rulebook(rules))
    assert found.code == "RL204"
    assert {"first", "last", "next", "also"} < set(found.rules)
    assert len(found.rules) == 5
