"""Two expectations compared where letters do not reach: those with a time window or a correlation.

What a trace of letters cannot show is seen in the terms themselves: the same pairs of events, a shorter window, a
stricter template.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from crmusage.rules._automata import FITS, JUDGED, NEGATIVE, PARTS, TARGET
from crmusage.rules._duration import Duration
from crmusage.rules._rule import Constraint, UsageRule
from crmusage.rules._scene import Expectation, Setting
from crmusage.rules._template import Template

T = Template

_STRICTER: dict[T, frozenset[T]] = {
    T.RESPONDED_EXISTENCE: frozenset(
        {
            *(T.RESPONSE, T.ALTERNATE_RESPONSE, T.CHAIN_RESPONSE),
            *(T.PRECEDENCE, T.ALTERNATE_PRECEDENCE, T.CHAIN_PRECEDENCE),
        }
    ),
    T.RESPONSE: frozenset({T.ALTERNATE_RESPONSE, T.CHAIN_RESPONSE}),
    T.ALTERNATE_RESPONSE: frozenset({T.CHAIN_RESPONSE}),
    T.PRECEDENCE: frozenset({T.ALTERNATE_PRECEDENCE, T.CHAIN_PRECEDENCE}),
    T.ALTERNATE_PRECEDENCE: frozenset({T.CHAIN_PRECEDENCE}),
    T.NOT_SUCCESSION: frozenset({T.NOT_CO_EXISTENCE}),
    T.NOT_CHAIN_SUCCESSION: frozenset({T.NOT_CO_EXISTENCE, T.NOT_SUCCESSION}),
}
"""Which templates ask at least as much of the same activations and targets."""
_FORBIDS: dict[T, tuple[T, T]] = {
    T.NOT_SUCCESSION: (T.RESPONSE, T.PRECEDENCE),
    T.NOT_CHAIN_SUCCESSION: (T.CHAIN_RESPONSE, T.CHAIN_PRECEDENCE),
    T.NOT_CO_EXISTENCE: (T.RESPONDED_EXISTENCE, T.RESPONDED_EXISTENCE),
}
"""What each denies to its activations, and what to its targets."""
_ALTERNATE = frozenset({T.ALTERNATE_RESPONSE, T.ALTERNATE_PRECEDENCE})


@attrs.frozen
class _Side:
    """The events of a scene whose symbol, for one of its expectations, has one of these bits (and all of `also`)."""

    place: int
    bits: int
    also: int = 0

    def has(self, symbols: Sequence[int]) -> bool:
        symbol = symbols[self.place]
        return bool(symbol & self.bits) and symbol & self.also == self.also


@attrs.frozen
class _Part:
    """One direction of a template between two activities."""

    kind: T
    fits: _Side
    activation: _Side
    target: _Side


def _parts(item: Expectation, place: int) -> list[_Part]:
    found = []
    for kind, swapped in PARTS[item.constraint.template]:
        one, other = (TARGET, FITS) if swapped else (FITS, TARGET)
        found.append(_Part(kind, _Side(place, one), _Side(place, one, JUDGED), _Side(place, other)))
    return found


@attrs.frozen
class Pair:
    """Two expectations, whose places in the scene are 0 and 1."""

    first: Expectation
    second: Expectation
    settings: Sequence[Setting]

    @property
    def swapped(self) -> Pair:
        """The same two the other way round."""
        settings = [
            attrs.evolve(
                setting,
                in_force=setting.in_force[::-1],
                letters=tuple(
                    attrs.evolve(letter, symbols=letter.symbols[::-1]) for letter in setting.letters
                ),
            )
            for setting in self.settings
        ]
        return Pair(self.second, self.first, settings)

    def follows(self) -> bool:
        """Whether whatever keeps the first certainly keeps the second."""
        one, two = self.first, self.second
        if any(setting.in_force[1] and not setting.in_force[0] for setting in self.settings):
            return False
        if one.constraint == two.constraint and one.judged == two.judged and one.rule.zone == two.rule.zone:
            return True
        if one.constraint.template.is_of_case or two.constraint.template.is_of_case:
            return bool(claims := _claims(two, 1)) and all(
                any(self._claim_follows(mine, theirs) for mine in _claims(one, 0)) for theirs in claims
            )
        return all(
            any(self._part_follows(mine, theirs) for mine in _parts(one, 0)) for theirs in _parts(two, 1)
        )

    def denies(self) -> bool:
        """Whether the second forbids what every activation of the first needs, in the cases that both are about."""
        one, two = self.first.constraint, self.second.constraint
        if two.template not in _FORBIDS or one.template.is_of_case or one.template in NEGATIVE:
            return False
        if not _asks_more(self.first, self.second):
            return False
        ahead, back = _FORBIDS[two.template]
        # By the clock or the working calendar, one event can be in the other's window and not the other way round.
        by_stopwatch = _is_by_stopwatch(self.first) and _is_by_stopwatch(self.second)
        return all(
            any(
                (
                    mine.kind in _at_least(ahead)
                    and self._inside(mine.activation, theirs.activation)
                    and self._inside(mine.target, theirs.target)
                )
                or (
                    by_stopwatch
                    and mine.kind in _at_least(back)
                    and self._inside(mine.activation, theirs.target)
                    and self._inside(mine.target, theirs.activation)
                )
                for theirs in _parts(self.second, 1)
            )
            for mine in _parts(self.first, 0)
        )

    def _part_follows(self, mine: _Part, theirs: _Part) -> bool:
        if mine.kind not in _at_least(theirs.kind) or not self._inside(theirs.activation, mine.activation):
            return False
        if mine.kind in NEGATIVE:
            return _asks_more(self.second, self.first) and self._inside(theirs.target, mine.target)
        if not _asks_more(self.first, self.second) or not self._inside(mine.target, theirs.target):
            return False
        # What may not come between activation and target there, may not come between here.
        blocked = theirs.kind in _ALTERNATE and mine.kind in _ALTERNATE
        return not blocked or self._inside(theirs.fits, mine.fits)

    def _claim_follows(self, mine: _Claim, theirs: _Claim) -> bool:
        if mine.at_least != theirs.at_least:
            return False
        if mine.at_least:
            return (
                mine.n >= theirs.n
                and self._inside(mine.events, theirs.events)
                and _asks_more(self.first, self.second)
            )
        return (
            mine.n <= theirs.n
            and self._inside(theirs.events, mine.events)
            and _asks_more(self.second, self.first)
        )

    def _inside(self, narrow: _Side, wide: _Side) -> bool:
        """Whether every event of one side is of the other, in the cases that both are about."""
        return all(
            wide.has(letter.symbols)
            for setting in self.settings
            if all(setting.in_force)
            for letter in setting.letters
            if narrow.has(letter.symbols)
        )


@attrs.frozen
class _Claim:
    """At least, or fewer than, `n` events of a side in the window."""

    at_least: bool
    n: int
    events: _Side


def _claims(item: Expectation, place: int) -> list[_Claim]:
    n = item.constraint.n or 1
    fits = _Side(place, FITS)
    match item.constraint.template:
        case T.EXISTENCE:
            return [_Claim(True, n, fits)]
        case T.ABSENCE:
            return [_Claim(False, n, fits)]
        case T.EXACTLY:
            return [_Claim(True, n, fits), _Claim(False, n + 1, fits)]
        case T.CHOICE:
            return [_Claim(True, 1, _Side(place, FITS | TARGET))]
        case _:
            return []


def _at_least(template: T) -> frozenset[T]:
    return _STRICTER.get(template, frozenset()) | {template}


def _asks_more(one: Expectation, two: Expectation) -> bool:
    """Whether the window of one certainly lies inside the other's, and its correlation asks no less."""
    mine, theirs = one.constraint, two.constraint
    if not _same(mine) >= _same(theirs) or not set(mine.correlate.different) >= set(
        theirs.correlate.different
    ):
        return False
    late = theirs.within is None or (
        mine.within is not None and _at_most(mine.within, theirs.within, one.rule, two.rule)
    )
    early = (
        theirs.after is None
        or theirs.after.is_nothing
        or (mine.after is not None and _at_most(theirs.after, mine.after, two.rule, one.rule))
    )
    # With a window, what happened before the case was created does not count.
    counted = mine.template.is_of_case and _is_windowed(theirs) and not _is_windowed(mine)
    return late and early and not counted


def _is_windowed(constraint: Constraint) -> bool:
    return constraint.within is not None or constraint.after is not None


def _same(constraint: Constraint) -> set[str]:
    return set(constraint.correlate.same) - {"case_id"}


def _is_by_stopwatch(item: Expectation) -> bool:
    """Whether its window is so much time, whatever clocks and calendars say."""
    bounds = (item.constraint.after, item.constraint.within)
    return all(
        bound is None or not (bound.is_working or (bound.whole_days and item.rule.zone is not None))
        for bound in bounds
    )


def _at_most(
    one: Duration, two: Duration, of: UsageRule, other: UsageRule, *, strictly: bool = False
) -> bool:
    """Whether one certainly is no longer (strictly: shorter) than the other, wherever the clocks stand."""
    if one == two and of.zone == other.zone:
        return not strictly
    if one.is_working or two.is_working:
        return False
    if any(d.whole_days for d in (one, two)) and not (of.zone is other.zone is None):
        # A day by the clock has 23 to 25 hours.
        return False
    return one.microseconds < two.microseconds if strictly else one.microseconds <= two.microseconds


def is_impossible(item: Expectation) -> bool:
    """Whether no two events can be its activation and target, or no instant can be in its window."""
    constraint, correlate = item.constraint, item.constraint.correlate
    of_pairs = not constraint.template.is_of_case
    if of_pairs and ("case_id" in correlate.different or set(correlate.same) & set(correlate.different)):
        return True
    if constraint.after is None or constraint.within is None or constraint.template in {T.INIT, T.END}:
        return False
    return _at_most(constraint.within, constraint.after, item.rule, item.rule, strictly=True)
