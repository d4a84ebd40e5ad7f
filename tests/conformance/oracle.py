"""The meaning of the templates, slowly and obviously: one case, one order of events, one activation at a time.

Nothing here is shared with the library but the vocabulary of rules. A case is a list of events in order; where
events stand at one instant in no known order, every order is tried, and where a case is open, short
continuations are tried: what can still become true and can still become false is pending.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import attrs

from crmusage.rules import Condition, Constraint, Op, Template, comparisons, holds

DAY = 86_400_000_000


@attrs.frozen
class Event:
    name: int
    """Which event it is, whatever the order."""
    activity: str
    at: int
    attributes: dict[str, object]
    seq: int | None = None


@attrs.frozen
class Case:
    created: int
    closed: int | None
    events: tuple[Event, ...]
    attributes: dict[str, object]


Reach = Callable[[Constraint, Case, Event | None, int, bool], tuple[int, int]]
"""The first and last instant that count: of a case, seen from an event (None: the case) at an instant, looking back."""
NEVER = 2**63 - 1


def elapsed(constraint: Constraint, case: Case, event: Event | None, at: int, back: bool) -> tuple[int, int]:
    """Without clocks or working time."""
    after = 0 if constraint.after is None else constraint.after.microseconds
    within = NEVER if constraint.within is None else constraint.within.microseconds
    return (at - within, at - after) if back else (at + after, min(at + within, NEVER))


def verdicts(constraint: Constraint, case: Case, as_of: int, reach: Reach = elapsed) -> dict[int | None, str]:
    """By activation (None: the case itself): fulfilled, violated, pending or tied."""
    seen: dict[int | None, set[str]] = {}
    for trace in orders(case.events):
        for activation in activations(constraint, case, trace):
            seen.setdefault(activation, set()).add(
                one_order(constraint, case, trace, activation, as_of, reach)
            )
    return {activation: found.pop() if len(found) == 1 else "tied" for activation, found in seen.items()}


def orders(events: tuple[Event, ...]) -> Iterator[list[Event]]:
    """Every order that instants and known places in the sequence allow."""
    by_instant = [
        list(group) for _, group in itertools.groupby(sorted(events, key=lambda e: e.at), key=lambda e: e.at)
    ]
    choices = []
    for group in by_instant:
        if any(e.seq is None for e in group):
            choices.append([list(p) for p in itertools.permutations(group)])
        else:
            by_seq = itertools.groupby(sorted(group, key=lambda e: e.seq), key=lambda e: e.seq)
            runs = [list(run) for _, run in by_seq]
            mixes = itertools.product(*([list(p) for p in itertools.permutations(run)] for run in runs))
            choices.append([[e for run in mix for e in run] for mix in mixes])
    for pick in itertools.product(*choices):
        yield [event for group in pick for event in group]


def activations(constraint: Constraint, case: Case, trace: list[Event]) -> list[int | None]:
    if constraint.template.is_of_case:
        return [None]
    found = [e.name for e in trace if is_activation(constraint, case, e)]
    if constraint.template in TWO_SIDED:
        found += [-1 - e.name for e in trace if is_target(constraint, case, e)]
    return found


TWO_SIDED = {
    Template.SUCCESSION,
    Template.ALTERNATE_SUCCESSION,
    Template.CHAIN_SUCCESSION,
    Template.CO_EXISTENCE,
    Template.NOT_CO_EXISTENCE,
}


def one_order(
    constraint: Constraint,
    case: Case,
    trace: list[Event],
    activation: int | None,
    as_of: int,
    reach: Reach = elapsed,
) -> str:
    outcomes = {is_kept(constraint, case, trace, activation, reach)}
    if case.closed is None:
        outcomes |= {
            is_kept(constraint, case, trace + more, activation, reach)
            for more in continuations(
                constraint, trace, activation, as_of, edges(constraint, case, trace, activation, reach)
            )
        }
    if len(outcomes) > 1:
        return "pending"
    return "fulfilled" if outcomes.pop() else "violated"


def edges(
    constraint: Constraint, case: Case, trace: list[Event], activation: int | None, reach: Reach
) -> tuple[int, int]:
    """Where the window of an activation, ahead, begins and ends."""
    event = next((e for e in trace if e.name == activation or -1 - e.name == activation), None)
    return reach(constraint, case, event, case.created if event is None else event.at, False)


def continuations(
    constraint: Constraint,
    trace: list[Event],
    activation: int | None,
    as_of: int,
    window: tuple[int, int] = (0, 0),
) -> Iterator[list[Event]]:
    """What may still happen: up to three events, fit to be activation or target of this activation, or neither."""
    model = {e.name: e.attributes for e in trace}.get(
        activation if activation is None or activation >= 0 else -1 - activation, {}
    )
    base = {**model, **{name: f"another {name}" for name in constraint.correlate.different}}
    kinds = [
        *((name, {**base, **FIT, **asked(constraint.where)}) for name in constraint.activities),
        *((name, {**base, **FIT, **asked(constraint.target_where)}) for name in constraint.targets),
        ("something else", {}),
    ]
    late = dict.fromkeys([as_of, as_of + DAY, as_of + 30 * DAY, *(edge for edge in window if edge >= as_of)])
    longest = 1 + (constraint.n or 1)
    for length in range(1, longest + 1):
        for picks in itertools.product(kinds, repeat=length):
            for at in late:
                yield [
                    Event(10_000 + k, activity, at, dict(attributes), seq=k)
                    for k, (activity, attributes) in enumerate(picks)
                ]


FIT = {"x": 1}
"""What the tests' conditions ask for: every condition used with open cases holds for it."""


def asked(condition: Condition | None) -> dict[str, object]:
    """The values that a condition asks for by name."""
    return {c.attribute: c.value for c in comparisons(condition) if c.op is Op.EQ}


def is_activation(constraint: Constraint, case: Case, event: Event) -> bool:
    return event.activity in constraint.activities and holds(constraint.where, getter(case, event))


def is_target(constraint: Constraint, case: Case, event: Event) -> bool:
    return event.activity in constraint.targets and holds(constraint.target_where, getter(case, event))


def getter(case: Case, event: Event) -> Callable[[str], object]:
    def get(name: str) -> object:
        if name.startswith("case."):
            return case.attributes.get(name.removeprefix("case."))
        value = event.attributes.get(name)
        return case.attributes.get(name) if value is None else value

    return get


def is_kept(
    constraint: Constraint, case: Case, trace: list[Event], activation: int | None, reach: Reach = elapsed
) -> bool:
    """The formula on a trace that has ended."""
    template = constraint.template
    if activation is None:
        return of_case(constraint, case, trace, reach)
    if activation < 0:
        # The other side of a two-sided template: what the target asks of the activation's side.
        activation = -1 - activation
        mirrored = {
            Template.SUCCESSION: Template.PRECEDENCE,
            Template.ALTERNATE_SUCCESSION: Template.ALTERNATE_PRECEDENCE,
            Template.CHAIN_SUCCESSION: Template.CHAIN_PRECEDENCE,
            Template.CO_EXISTENCE: Template.RESPONDED_EXISTENCE,
            Template.NOT_CO_EXISTENCE: Template.NOT_CO_EXISTENCE,
        }[template]
        constraint = attrs.evolve(
            constraint,
            template=mirrored,
            activity=constraint.target,
            target=constraint.activity,
            where=constraint.target_where,
            target_where=constraint.where,
        )
        template = mirrored
    i = next(k for k, e in enumerate(trace) if e.name == activation)
    n = len(trace)

    def q(j: int) -> bool:
        """Event j is a target of activation i: another event, correlated, in the window."""
        a, b = trace[i], trace[j]
        if j == i or not is_target(constraint, case, b):
            return False
        get_a, get_b = getter(case, a), getter(case, b)
        for name in constraint.correlate.same:
            if name != "case_id" and (get_a(name) is None or get_a(name) != get_b(name)):
                return False
        for name in constraint.correlate.different:
            if get_a(name) is None or get_b(name) is None or get_a(name) == get_b(name):
                return False
        first, last = reach(constraint, case, a, a.at, j < i)
        return first <= b.at <= last

    def act(k: int) -> bool:
        return is_activation(constraint, case, trace[k])

    after, before = range(i + 1, n), range(i)
    match template:
        case Template.RESPONSE | Template.SUCCESSION:  # G(a -> X F b)
            return any(q(j) for j in after)
        case Template.NOT_SUCCESSION:  # G(a -> !X F b)
            return not any(q(j) for j in after)
        case Template.PRECEDENCE:  # G(b -> Y O a)
            return any(q(j) for j in before)
        case Template.RESPONDED_EXISTENCE | Template.CO_EXISTENCE:  # G(a -> X F b | Y O b)
            return any(q(j) for j in range(n))
        case Template.NOT_CO_EXISTENCE:
            return not any(q(j) for j in range(n))
        case Template.ALTERNATE_RESPONSE | Template.ALTERNATE_SUCCESSION:  # G(a -> X(!a U b))
            return any(q(j) and not any(act(k) for k in range(i + 1, j)) for j in after)
        case Template.ALTERNATE_PRECEDENCE:  # G(b -> Y(!b S a))
            return any(q(j) and not any(act(k) for k in range(j + 1, i)) for j in before)
        case Template.CHAIN_RESPONSE | Template.CHAIN_SUCCESSION:  # G(a -> X b)
            return i + 1 < n and q(i + 1)
        case Template.CHAIN_PRECEDENCE:  # G(b -> Y a)
            return i > 0 and q(i - 1)
        case Template.NOT_CHAIN_SUCCESSION:  # G(a -> !X b)
            return not (i + 1 < n and q(i + 1))
    raise NotImplementedError(template)


def of_case(constraint: Constraint, case: Case, trace: list[Event], reach: Reach = elapsed) -> bool:
    def inside(event: Event) -> bool:
        first, last = reach(constraint, case, None, case.created, False)
        return first <= event.at <= last or (constraint.within is None and constraint.after is None)

    often = sum(inside(e) and is_activation(constraint, case, e) for e in trace)
    other = sum(inside(e) and is_target(constraint, case, e) for e in trace)
    match constraint.template:
        case Template.EXISTENCE:
            return often >= constraint.n
        case Template.ABSENCE:
            return often < constraint.n
        case Template.EXACTLY:
            return often == constraint.n
        case Template.INIT:
            return bool(trace) and is_activation(constraint, case, trace[0])
        case Template.END:
            return bool(trace) and is_activation(constraint, case, trace[-1])
        case Template.CHOICE:
            return often > 0 or other > 0
        case Template.EXCLUSIVE_CHOICE:
            return (often > 0) != (other > 0)
    raise NotImplementedError(constraint.template)
