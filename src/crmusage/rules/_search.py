"""The search for a trace that decides a question about expectations."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence

import attrs

from crmusage.rules._automata import Automaton, TooLargeError
from crmusage.rules._scene import Letter, Setting

MOST_VISITED = 20_000
"""States that one search looks at (guessed: a second or two)."""


@attrs.frozen
class Trace:
    """What was found: a case of some setting with these events."""

    setting: Setting
    letters: tuple[Letter, ...]

    def of(self, place: int) -> list[int]:
        """The trace as the expectation at a place of the scene reads it."""
        return [letter.symbols[place] for letter in self.letters]


@attrs.define
class Budget:
    """States that a number of searches may still look at together."""

    left: int = MOST_VISITED

    def spend(self, states: int) -> None:
        """Take what a search looked at.

        Raises:
            TooLargeError: when nothing is left.
        """
        self.left -= states
        if self.left < 0:
            raise TooLargeError("there is too much to look at")


Wanted = Sequence[tuple[int, Automaton]]
"""Which expectation of the scene is to read a trace that which automaton accepts."""


def find(
    settings: Iterable[Setting],
    wanted: Wanted,
    in_force: Iterable[int],
    *,
    shortest: bool = False,
    sure: bool = False,
    budget: Budget | None = None,
) -> Trace | None:
    """A trace that all wanted automata accept, in a case that `in_force` are about; None: there is none.

    An expectation that is not in force for a case accepts everything.

    Args:
        settings: where to look.
        wanted: the automata, each with the place of its expectation.
        in_force: places of expectations.
        shortest: the shortest trace there is, not just any.
        sure: only among events and cases that certainly can be.
        budget: shared with other searches; None: one of its own.

    Raises:
        TooLargeError: when it is not settled after a bounded search.
    """
    needed = list(in_force)
    best: Trace | None = None
    unsettled: TooLargeError | None = None
    for setting in settings:
        if not all(setting.in_force[place] for place in needed) or (sure and not setting.sure):
            continue
        there = [(place, automaton) for place, automaton in wanted if setting.in_force[place]]
        letters = [letter for letter in setting.letters if letter.sure or not sure]
        try:
            found = _search(letters, there, budget or Budget(), shortest=shortest)
        except TooLargeError as error:
            unsettled = error
            continue
        if found is not None and (best is None or len(found) < len(best.letters)):
            best = Trace(setting, found)
            if not shortest:
                break
    if best is None and unsettled is not None:
        raise unsettled
    return best


def shortest(settings: Iterable[Setting], wanted: Wanted, in_force: Iterable[int]) -> Trace | None:
    """The shortest trace that `find` finds among what certainly can be; None: none that is found in time."""
    try:
        return find(settings, wanted, in_force, shortest=True, sure=True)
    except TooLargeError:
        return None


def _search(
    letters: Sequence[Letter], wanted: Wanted, budget: Budget, *, shortest: bool
) -> tuple[Letter, ...] | None:
    automata = [automaton for _, automaton in wanted]
    moves: dict[tuple[int, ...], Letter] = {}
    for letter in letters:
        moves.setdefault(tuple(letter.symbols[place] for place, _ in wanted), letter)
    tables = [automaton.table for automaton in automata]
    start = (0,) * len(automata)

    def missing(states: tuple[int, ...]) -> int:
        return sum(not automaton.accepting[state] for automaton, state in zip(automata, states, strict=True))

    if not all(automaton.live[0] for automaton in automata):
        return None
    if not missing(start):
        return ()
    came: dict[tuple[int, ...], tuple[tuple[int, ...], Letter]] = {}
    seen = {start}
    tick = itertools.count()
    queue = [(0, 0, next(tick), start)]
    while queue:
        _, length, _, states = heapq.heappop(queue)
        budget.spend(1)
        for symbols, letter in moves.items():
            after = tuple(
                table[state][symbol] for table, state, symbol in zip(tables, states, symbols, strict=True)
            )
            if after in seen:
                continue
            seen.add(after)
            if not all(automaton.live[state] for automaton, state in zip(automata, after, strict=True)):
                continue
            came[after] = (states, letter)
            if not (left := missing(after)):
                return _path(after, came)
            # Nearest to the start first, or nearest to the end (which tends to get there at once).
            heapq.heappush(queue, (0 if shortest else left, length + 1, next(tick), after))
        if len(seen) > MOST_VISITED:
            raise TooLargeError("there is too much to look at")
    return None


def _path(
    states: tuple[int, ...], came: dict[tuple[int, ...], tuple[tuple[int, ...], Letter]]
) -> tuple[Letter, ...]:
    letters = []
    while states in came:
        states, letter = came[states]
        letters.append(letter)
    return tuple(reversed(letters))
