"""What three or more expectations do together that no two of them do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmusage.rules import _lint_words as words
from crmusage.rules._automata import Automaton, TooLargeError, activation
from crmusage.rules._letters import MixedSortsError
from crmusage.rules._lint import LintFinding
from crmusage.rules._lint_words import example, sentences
from crmusage.rules._linter import Linter, finding, meet
from crmusage.rules._scene import Expectation, Setting, scene
from crmusage.rules._search import Budget, Trace, Wanted, find, shortest
from crmusage.rules._template import Template

MOST_TOGETHER = 20_000
"""States looked at for one group of rules that have to do with each other (guessed: a few seconds)."""


def groups(linter: Linter) -> Iterator[LintFinding]:
    """Contradictions, forbidden activations and consequences of several; what pairs already said is left out.

    Expectations that contradict another one are left out too: they would make everything follow.
    """
    sound = [item for item in linter.sound if item not in linter.blocked | linter.unlike]
    for members in _connected(sound):
        if len(members) > 2:
            yield from _Group(linter, members).findings()


def _connected(items: Sequence[Expectation]) -> list[list[Expectation]]:
    """The items in groups that have nothing to do with each other."""
    found: list[list[Expectation]] = []
    for item in items:
        near = [group for group in found if any(meet(item, other) for other in group)]
        found = [group for group in found if group not in near]
        found.append([*(other for group in near for other in group), item])
    if any({Template.INIT, Template.END} <= {item.constraint.template for item in group} for group in found):
        # Between a first and a last event of one group, those of the others must find room.
        found = [[item for group in found for item in group]]
    return [sorted(group, key=items.index) for group in found]


class _Group:
    def __init__(self, linter: Linter, members: list[Expectation]) -> None:
        self.linter = linter
        self.members = members
        self.budget = Budget(MOST_TOGETHER)
        self.told: set[frozenset[Expectation]] = set()
        self.is_settled = True

    def findings(self) -> Iterator[LintFinding]:
        try:
            self.settings = scene(self.members)
        except (TooLargeError, MixedSortsError):
            self.is_settled = False
        else:
            yield from self._contradictions()
            yield from self._consequences()
        if not self.is_settled:
            yield finding("RL901", self.members, words.unsettled_together(self.members))

    # --- what cannot be kept together

    def _contradictions(self) -> Iterator[LintFinding]:
        for setting in self.settings:
            here = [place for place, force in enumerate(setting.in_force) if force]
            if len(here) < 3:
                continue
            kept = self._wanted(here)
            first = self._find([setting], kept)
            if first is None:
                yield from self._contradiction(here, setting, None)
                continue
            pool = [first] if isinstance(first, Trace) else []
            for place in here:
                active = activation(self.members[place].constraint.template)
                if any(active.accepts(trace.of(place)) for trace in pool):
                    continue
                trace = self._find([setting], [*kept, (place, active)])
                if trace is None:
                    yield from self._contradiction(here, setting, place)
                elif isinstance(trace, Trace):
                    pool.append(trace)

    def _contradiction(
        self, here: list[int], setting: Setting, activated: int | None
    ) -> Iterator[LintFinding]:
        """The fewest of the expectations that already do it, if they do it in every case that they are about."""
        extra: list[tuple[int, Automaton]] = []
        first: list[int] = []
        if activated is not None:
            active = activation(self.members[activated].constraint.template)
            extra = [*self._wanted([activated]), (activated, active)]
            first = [activated]
        others = self._fewest([place for place in here if place not in first], [setting], extra)
        items = [self.members[place] for place in first + others]
        if len(items) < 3 or frozenset(items) in self.told:
            return
        own = scene(items)
        wanted = [(place, self.linter.upper(item)) for place, item in enumerate(items)]
        if activated is not None:
            wanted.append((0, active))
        if self._find(own, wanted, range(len(items))) is not None:
            return
        self.told.add(frozenset(items))
        # Whatever keeps all but the last breaks the last.
        most = [*wanted[: len(items) - 1], *wanted[len(items) :]]
        trace = shortest(own, most, range(len(items)))
        shown = example(trace, keeps=items[:-1], breaks=items[-1:])
        if activated is None:
            self.linter.blocked |= set(items)
            yield finding("RL204", items, sentences(words.never_all(items), shown), trace)
        else:
            self.linter.blocked.add(items[0])
            yield finding("RL205", items, sentences(words.not_with(items[0], items[1:]), shown), trace)

    # --- what follows from the rest

    def _consequences(self) -> Iterator[LintFinding]:
        there = [place for place, item in enumerate(self.members) if item not in self.linter.blocked]
        for place in list(there):
            item = self.members[place]
            if item in self.linter.implied:
                continue
            others = [other for other in there if other != place]
            broken = [(place, self.linter.lower(item).complement)]
            if self._find(self.settings, [*self._wanted(others), *broken], [place]) is not None:
                continue
            fewest = self._fewest(others, self.settings, broken, [place])
            for found in self._consequence(item, [self.members[other] for other in fewest]):
                # What follows from the others is no reason for one of them to follow in turn.
                there.remove(place)
                yield found

    def _consequence(self, item: Expectation, reasons: list[Expectation]) -> Iterator[LintFinding]:
        if len(reasons) < 2:
            return
        own = scene([item, *reasons])
        above = [(place + 1, self.linter.upper(reason)) for place, reason in enumerate(reasons)]
        if self._find(own, [(0, self.linter.lower(item).complement), *above], [0]) is not None:
            return
        most = [(0, self.linter.upper(item).complement), *above[:-1]]
        trace = shortest(own, most, range(len(reasons) + 1))
        shown = example(trace, keeps=reasons[:-1], breaks=[item, reasons[-1]])
        text = sentences(words.follows_from_all(item, reasons), shown)
        yield finding("RL303", [item, *reasons], text, trace)

    # --- the searches

    def _wanted(self, places: Sequence[int]) -> list[tuple[int, Automaton]]:
        return [(place, self.linter.upper(self.members[place])) for place in places]

    def _find(
        self, settings: Sequence[Setting], wanted: Wanted, in_force: Sequence[int] = ()
    ) -> Trace | TooLargeError | None:
        """A trace, or None: there certainly is none. What is too large is remembered, and nothing is said of it."""
        try:
            return find(settings, wanted, in_force, budget=self.budget)
        except TooLargeError as error:
            self.is_settled = False
            return error

    def _fewest(
        self, places: Sequence[int], settings: Sequence[Setting], extra: Wanted, in_force: Sequence[int] = ()
    ) -> list[int]:
        """As few of the expectations as still leave no trace."""
        fewest = list(places)
        for place in places:
            fewer = [other for other in fewest if other != place]
            if self._find(settings, [*self._wanted(fewer), *extra], in_force) is None:
                fewest = fewer
        return fewest
