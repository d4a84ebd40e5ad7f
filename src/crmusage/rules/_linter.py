"""Expectations held against each other, one by one and two by two."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import attrs

from crmusage.model import Text
from crmusage.rules import _lint_words as words
from crmusage.rules._automata import Automaton, TooLargeError, activation, lower, upper
from crmusage.rules._compared import Pair, is_impossible
from crmusage.rules._letters import MixedSortsError
from crmusage.rules._lint import LintFinding
from crmusage.rules._lint_words import example, sentences, steps
from crmusage.rules._rule import UsageRule
from crmusage.rules._scene import Expectation, expectations, scene
from crmusage.rules._search import Trace, find, shortest
from crmusage.rules._template import Template


def findings(rules: Iterable[UsageRule]) -> Iterator[LintFinding]:
    """Everything that can be said of some rules."""
    linter = Linter(expectations(rules))
    yield from linter.singles()
    yield from linter.pairs()
    if len(linter.sound) > 2:
        from crmusage.rules._lint_groups import groups

        yield from groups(linter)


def finding(code: str, items: list[Expectation], text: Text, trace: Trace | None = None) -> LintFinding:
    """A finding on some expectations."""
    return LintFinding(
        code,
        tuple(dict.fromkeys(item.rule.id for item in items)),
        tuple((item.rule.id, item.position) for item in items),
        text,
        None if trace is None else steps(trace),
    )


@attrs.define(eq=False)
class Linter:
    """The expectations of a book, and what is known of them so far."""

    items: list[Expectation]
    sound: list[Expectation] = attrs.field(init=False, factory=list)
    """Those that nothing is wrong with by themselves."""
    blocked: set[Expectation] = attrs.field(init=False, factory=set)
    """Those that contradict another, or are never activated because of one."""
    implied: set[Expectation] = attrs.field(init=False, factory=set)
    """Those that follow from another."""
    unlike: set[Expectation] = attrs.field(init=False, factory=set)
    """Those that compare an attribute with another sort of value than some other rule does."""
    _upper: dict[Expectation, Automaton] = attrs.field(init=False, factory=dict)
    _lower: dict[Expectation, Automaton] = attrs.field(init=False, factory=dict)

    def upper(self, item: Expectation) -> Automaton:
        """Accepts every trace that can keep it."""
        return self._upper[item]

    def lower(self, item: Expectation) -> Automaton:
        """Accepts only traces that keep it."""
        return self._lower[item]

    # --- one by one

    def singles(self) -> Iterator[LintFinding]:
        """What is wrong with an expectation by itself."""
        for item in self.items:
            try:
                found = self._single(item)
            except MixedSortsError as error:
                found = finding("RL105", [item], words.unlike([item], error))
            except TooLargeError:
                found = finding("RL901", [item], words.unsettled([item]))
            if found is None:
                self.sound.append(item)
            else:
                yield found

    def _single(self, item: Expectation) -> LintFinding | None:
        impossible = is_impossible(item)
        above = self._upper[item] = upper(item.constraint, impossible=impossible)
        below = self._lower[item] = lower(item.constraint, impossible=impossible)
        active = activation(item.constraint.template)
        settings = scene([item])
        trace = None
        if find(settings, [(0, active)], [0]) is None:
            code = "RL102"
        elif find(settings, [(0, above)], [0]) is None:
            code = "RL101"
        elif find(settings, [(0, above), (0, active)], [0]) is None:
            code = "RL103"
            trace = shortest(settings, [(0, active)], [0])
        elif find(settings, [(0, below.complement)], [0]) is None:
            code = "RL104"
        else:
            return None
        return finding(
            code, [item], sentences(words.of_one(code, item), example(trace, breaks=[item])), trace
        )

    # --- two by two

    def pairs(self) -> Iterator[LintFinding]:
        """What is wrong with two expectations together."""
        for first, second in itertools.combinations(self.sound, 2):
            if not meet(first, second):
                continue
            both = [first, second]
            try:
                yield from self._pair(first, second)
            except MixedSortsError as error:
                self.unlike |= {first, second}
                yield finding("RL105", both, words.unlike(both, error))
            except TooLargeError:
                yield finding("RL901", both, words.unsettled(both))

    def _pair(self, first: Expectation, second: Expectation) -> Iterator[LintFinding]:
        settings = scene([first, second])
        if not any(all(setting.in_force) for setting in settings):
            return
        both = Pair(first, second, settings)
        if find(settings, [(0, self.upper(first)), (1, self.upper(second))], [0, 1]) is None:
            self.blocked |= {first, second}
            yield self._contradiction(both)
            return
        ways = (both, both.swapped)
        blocked = [way for way in ways if self._is_blocked(way)]
        if blocked:
            self.blocked |= {way.first for way in blocked}
            yield from self._blocked(blocked)
            return
        following = [way for way in ways if self._follows(way)]
        if following:
            self.implied.add(following[0].second)
            yield self._consequence(following)

    def _is_blocked(self, way: Pair) -> bool:
        """Whether the first can never be activated without breaking one of the two."""
        if way.first.constraint.template.is_of_case:
            return False
        active = activation(way.first.constraint.template)
        wanted = [(0, active), (0, self.upper(way.first)), (1, self.upper(way.second))]
        return find(way.settings, wanted, [0, 1]) is None or way.denies()

    def _follows(self, way: Pair) -> bool:
        """Whether the second follows from the first."""
        wanted = [(0, self.upper(way.first)), (1, self.lower(way.second).complement)]
        return find(way.settings, wanted, [1]) is None or way.follows()

    def _contradiction(self, both: Pair) -> LintFinding:
        shown, traces = [], []
        for way in (both, both.swapped):
            trace = shortest(way.settings, [(0, self.upper(way.first))], [0, 1])
            shown.append(example(trace, keeps=[way.first], breaks=[way.second]))
            traces.append(trace)
        text = sentences(words.never_both(both.first, both.second), *shown)
        return finding("RL201", [both.first, both.second], text, _shortest(traces))

    def _blocked(self, ways: list[Pair]) -> Iterator[LintFinding]:
        rest = []
        for way in ways:
            active = [(0, activation(way.first.constraint.template))]
            if find(way.settings, [*active, (1, self.upper(way.second))], [0, 1]) is not None:
                rest.append(way)
                continue
            trace = shortest(way.settings, active, [0, 1])
            text = sentences(words.forbidden(way.first, way.second), example(trace, breaks=[way.second]))
            yield finding("RL203", [way.first, way.second], text, trace)
        if not rest:
            return
        shown, traces = [], []
        for way in rest:
            wanted = [(0, activation(way.first.constraint.template)), (0, self.upper(way.first))]
            trace = shortest(way.settings, wanted, [0, 1])
            shown.append(example(trace, keeps=[way.first], breaks=[way.second]))
            traces.append(trace)
        first, second = rest[0].first, rest[0].second
        what = words.not_once_activated(first, second, either=len(rest) > 1)
        yield finding("RL202", [first, second], sentences(what, *shown), _shortest(traces))

    def _consequence(self, ways: list[Pair]) -> LintFinding:
        way = ways[0]
        first, second = way.first, way.second
        if len(ways) > 1:
            return finding("RL302", [first, second], words.the_same(first, second))
        wanted = [(0, self.upper(first).complement), (1, self.upper(second))]
        trace = shortest(way.settings, wanted, [0, 1])
        text = sentences(words.follows(second, first), example(trace, keeps=[second], breaks=[first]))
        return finding("RL301", [second, first], text, trace)


def meet(first: Expectation, second: Expectation) -> bool:
    """Whether two expectations can have anything to do with each other.

    Without a common activity, a case that keeps one and a case that keeps the other can be put one after the other;
    but only one event can be the first, and one the last.
    """
    one, two = first.constraint, second.constraint
    if one.template is two.template and one.template in {Template.INIT, Template.END}:
        return True
    return not {*one.activities, *one.targets}.isdisjoint((*two.activities, *two.targets))


def _shortest(traces: list[Trace | None]) -> Trace | None:
    there = [trace for trace in traces if trace is not None]
    return min(there, key=lambda trace: len(trace.letters), default=None)
