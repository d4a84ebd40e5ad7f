"""Each template as a small deterministic automaton, read from its formula on finite traces.

An automaton reads, for each event of a case, three bits: whether the event fits the activation's side of the
constraint (activity and condition), whether it fits the target's side, and whether it is done by somebody whom the
rule is about. Conditions stay outside: whoever makes the letters decides them.

What time windows and correlations ask cannot be read from letters. So a constraint has two automata: `upper` accepts
at least every trace that can keep it, `lower` accepts only traces that keep it whatever the times and values. They
are the same where there is no window and no correlation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from crmusage.errors import RuleError
from crmusage.rules._rule import Constraint
from crmusage.rules._template import Template

FITS, TARGET, JUDGED = 1, 2, 4
"""The bits of a symbol: fits the activation's side, fits the target's, is by somebody whom the rule is about."""
SYMBOLS = range(8)

MOST_STATES = 2_000
"""More states than this come only of an `n` in the thousands (guessed: no rule counts so far)."""

State = Any
Step = Callable[[State, bool, bool, bool], State]


class TooLargeError(RuleError):
    """What is asked would take too long to find out for certain."""


@attrs.frozen
class Automaton:
    """States are numbered from the start, 0; `table[state][symbol]` is the next one."""

    table: tuple[tuple[int, ...], ...]
    accepting: tuple[bool, ...]
    live: tuple[bool, ...] = attrs.field(init=False, eq=False, repr=False)
    """Whether an accepting state can still be reached."""

    def __attrs_post_init__(self) -> None:
        live = list(self.accepting)
        changed = True
        while changed:
            changed = False
            for state in reversed(range(len(live))):
                if not live[state] and any(live[after] for after in self.table[state]):
                    live[state] = changed = True
        object.__setattr__(self, "live", tuple(live))

    @property
    def complement(self) -> Automaton:
        """Accepts exactly what this one does not."""
        return Automaton(self.table, tuple(not accepted for accepted in self.accepting))

    def accepts(self, symbols: Sequence[int]) -> bool:
        """Whether the trace of these symbols is accepted."""
        state = 0
        for symbol in symbols:
            state = self.table[state][symbol]
        return self.accepting[state]


def upper(constraint: Constraint, *, impossible: bool = False) -> Automaton:
    """Accepts every trace that can keep the constraint, at the best of times.

    Args:
        constraint: what is to be kept.
        impossible: no two events can ever be activation and target (a window that ends before it begins, …).

    Raises:
        TooLargeError: when it counts too far.
    """
    template, n = constraint.template, constraint.n or 1
    if template.is_of_case:
        if not is_restricted(constraint):
            return _made(template, n)
        loose = _LOOSE.get(template, template)
        nothing = template in {
            Template.EXISTENCE,
            Template.EXACTLY,
            Template.CHOICE,
            Template.EXCLUSIVE_CHOICE,
        }
        return NONE if impossible and nothing else ALL if loose is None else _made(loose, n)
    if template in NEGATIVE:
        return ALL if impossible or is_restricted(constraint) else _made(template, 1)
    return _idle(template) if impossible else _made(template, 1)


def lower(constraint: Constraint, *, impossible: bool = False) -> Automaton:
    """Accepts only traces that keep the constraint whatever the times of their events.

    Raises:
        TooLargeError: when it counts too far.
    """
    template, n = constraint.template, constraint.n or 1
    if template in NEGATIVE:
        return ALL if impossible else _made(template, n)
    if not is_restricted(constraint) and not impossible:
        return _made(template, n)
    return NONE if template.is_of_case else _idle(template)


def activation(template: Template) -> Automaton:
    """Accepts the traces in which the constraint is activated."""
    return ALL if template.is_of_case else _idle(template).complement


def is_restricted(constraint: Constraint) -> bool:
    """Whether a window or a correlation is asked, which letters do not show."""
    if constraint.template in {Template.INIT, Template.END}:
        return False
    within, after, correlate = constraint.within, constraint.after, constraint.correlate
    if constraint.template.is_of_case:
        # Any window leaves out what happened before the case was created.
        return within is not None or after is not None
    return (
        within is not None
        or (after is not None and not after.is_nothing)
        or bool(set(correlate.same) - {"case_id"} or correlate.different)
    )


NEGATIVE = frozenset(
    {Template.ABSENCE, Template.NOT_CO_EXISTENCE, Template.NOT_SUCCESSION, Template.NOT_CHAIN_SUCCESSION}
)
"""They forbid; a window makes them weaker, where it makes the others stronger."""
_LOOSE: dict[Template, Template | None] = {
    Template.ABSENCE: None,
    Template.EXACTLY: Template.EXISTENCE,
    Template.EXCLUSIVE_CHOICE: Template.CHOICE,
}
"""What is left of it when events may lie outside its window; None: nothing is asked any more."""


def _response(waiting: State, fits: bool, target: bool, judged: bool) -> State:
    return (fits and judged) or (waiting and not target)


def _not_succession(seen: State, fits: bool, target: bool, judged: bool) -> State:
    if seen == "broken" or (seen and target):
        return "broken"
    return seen or (fits and judged)


def _precedence(seen: State, fits: bool, target: bool, judged: bool) -> State:
    if seen == "broken" or (fits and judged and not seen):
        return "broken"
    return seen or target


def _responded_existence(state: State, fits: bool, target: bool, judged: bool) -> State:
    # How many targets, whether an activation needs one, whether an activation is itself a target and needs another.
    targets, needs, needs_two = state
    activated = fits and judged
    return (
        min(targets + target, 2),
        needs or (activated and not target),
        needs_two or (activated and target),
    )


def _not_responded_existence(state: State, fits: bool, target: bool, judged: bool) -> State:
    if state == "broken":
        return state
    activated, met = state
    if (fits and judged and met) or (target and activated):
        return "broken"
    return activated or (fits and judged), met or target


def _alternate_response(waiting: State, fits: bool, target: bool, judged: bool) -> State:
    if waiting == "broken" or (waiting and fits and not target):
        return "broken"
    return (fits and judged) or (waiting and not target)


def _alternate_precedence(ready: State, fits: bool, target: bool, judged: bool) -> State:
    if ready == "broken" or (fits and judged and not ready):
        return "broken"
    return target or (ready and not fits)


def _chain_response(waiting: State, fits: bool, target: bool, judged: bool) -> State:
    return "broken" if waiting == "broken" or (waiting and not target) else fits and judged


def _not_chain_succession(after: State, fits: bool, target: bool, judged: bool) -> State:
    return "broken" if after == "broken" or (after and target) else fits and judged


def _chain_precedence(ready: State, fits: bool, target: bool, judged: bool) -> State:
    return "broken" if ready == "broken" or (fits and judged and not ready) else target


_ONE_SIDED: dict[Template, tuple[Step, State, Callable[[State], bool]]] = {
    Template.RESPONSE: (_response, False, lambda waiting: not waiting),
    Template.NOT_SUCCESSION: (_not_succession, False, lambda seen: seen != "broken"),
    Template.PRECEDENCE: (_precedence, False, lambda seen: seen != "broken"),
    Template.RESPONDED_EXISTENCE: (
        _responded_existence,
        (0, False, False),
        lambda state: state[0] >= (2 if state[2] else 1 if state[1] else 0),
    ),
    Template.NOT_CO_EXISTENCE: (_not_responded_existence, (False, False), lambda state: state != "broken"),
    Template.ALTERNATE_RESPONSE: (_alternate_response, False, lambda waiting: waiting is False),
    Template.ALTERNATE_PRECEDENCE: (_alternate_precedence, False, lambda ready: ready != "broken"),
    Template.CHAIN_RESPONSE: (_chain_response, False, lambda waiting: waiting is False),
    Template.NOT_CHAIN_SUCCESSION: (_not_chain_succession, False, lambda after: after != "broken"),
    Template.CHAIN_PRECEDENCE: (_chain_precedence, False, lambda ready: ready != "broken"),
}
PARTS: dict[Template, tuple[tuple[Template, bool], ...]] = {
    Template.SUCCESSION: ((Template.RESPONSE, False), (Template.PRECEDENCE, True)),
    Template.ALTERNATE_SUCCESSION: (
        (Template.ALTERNATE_RESPONSE, False),
        (Template.ALTERNATE_PRECEDENCE, True),
    ),
    Template.CHAIN_SUCCESSION: ((Template.CHAIN_RESPONSE, False), (Template.CHAIN_PRECEDENCE, True)),
    Template.CO_EXISTENCE: ((Template.RESPONDED_EXISTENCE, False), (Template.RESPONDED_EXISTENCE, True)),
    Template.NOT_CO_EXISTENCE: ((Template.NOT_CO_EXISTENCE, False), (Template.NOT_CO_EXISTENCE, True)),
    **{
        template: ((template, False),) for template in _ONE_SIDED if template is not Template.NOT_CO_EXISTENCE
    },
}
"""What a template between two activities asks of each activation, one side at a time; True: with the sides swapped."""


@functools.cache
def _made(template: Template, n: int) -> Automaton:
    if n + 2 > MOST_STATES:
        raise TooLargeError(f"{template} counts to {n}")
    match template:
        case Template.EXISTENCE:
            return _compiled(lambda k, a, _t, _j: min(k + a, n), 0, lambda k: k == n)
        case Template.ABSENCE:
            return _compiled(lambda k, a, _t, _j: min(k + a, n), 0, lambda k: k != n)
        case Template.EXACTLY:
            return _compiled(lambda k, a, _t, _j: min(k + a, n + 1), 0, lambda k: k == n)
        case Template.INIT:
            return _compiled(lambda first, a, _t, _j: a if first is None else first, None, bool)
        case Template.END:
            return _compiled(lambda _s, a, _t, _j: a, False, bool)
        case Template.CHOICE:
            return _compiled(lambda seen, a, t, _j: seen or a or t, False, bool)
        case Template.EXCLUSIVE_CHOICE:
            return _compiled(
                lambda seen, a, t, _j: (seen[0] or a, seen[1] or t),
                (False, False),
                lambda seen: seen[0] != seen[1],
            )
    parts = PARTS[template]
    steps = [(*_ONE_SIDED[part], swapped) for part, swapped in parts]

    def step(state: State, fits: bool, target: bool, judged: bool) -> State:
        return tuple(
            go(part, target, fits, judged) if swapped else go(part, fits, target, judged)
            for part, (go, _, _, swapped) in zip(state, steps, strict=True)
        )

    def accepts(state: State) -> bool:
        return all(ends(part) for part, (_, _, ends, _) in zip(state, steps, strict=True))

    return _compiled(step, tuple(start for _, start, _, _ in steps), accepts)


@functools.cache
def _idle(template: Template) -> Automaton:
    """Accepts the traces without any activation."""
    two_sided = any(swapped for _, swapped in PARTS[template])
    return _compiled(lambda idle, a, t, j: idle and not (j and (a or (two_sided and t))), True, bool)


def _compiled(step: Step, start: State, accepts: Callable[[State], bool]) -> Automaton:
    places: dict[State, int] = {start: 0}
    states = [start]
    table: list[tuple[int, ...]] = []
    for state in states:
        row = []
        for symbol in SYMBOLS:
            after = step(state, bool(symbol & FITS), bool(symbol & TARGET), bool(symbol & JUDGED))
            if after not in places:
                places[after] = len(states)
                states.append(after)
            row.append(places[after])
        table.append(tuple(row))
    return Automaton(tuple(table), tuple(accepts(state) for state in states))


ALL = Automaton(((0,) * len(SYMBOLS),), (True,))
NONE = ALL.complement
