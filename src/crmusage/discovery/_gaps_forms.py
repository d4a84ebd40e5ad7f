"""The forms that situations take: how each is seen in cases, which rules speak of it, and what a rule could ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

import attrs
import numpy as np

from crmusage.discovery._gaps_lookup import (
    Bools,
    by_people,
    has,
    last_before,
    last_upto,
    positions,
    raised,
    seen_from,
)
from crmusage.history import BEFORE_LEAVE, NEVER, History
from crmusage.model import CLOSING
from crmusage.rules import Compare, Constraint, Duration, Op, Template

ENDS = ("closed", "lost", "won")
"""What ends a case. What is fulfilled often waits for its closing, and is a situation of its own."""

AT_ONCE = 3_600_000_000
"""Microseconds. What comes within an hour of a closing belongs to it: fields are filled in, programs run. Guessed."""

_FORWARD = {Template.RESPONSE, Template.ALTERNATE_RESPONSE, Template.CHAIN_RESPONSE}
_BACKWARD = {Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE}
_BOTH = {Template.SUCCESSION, Template.ALTERNATE_SUCCESSION, Template.CHAIN_SUCCESSION}
_BESIDE = {Template.RESPONDED_EXISTENCE, Template.CO_EXISTENCE}
_NEVER_AFTER = {Template.NOT_SUCCESSION, Template.NOT_CHAIN_SUCCESSION}
_NEVER_BESIDE = {Template.NOT_CO_EXISTENCE, Template.EXCLUSIVE_CHOICE}
_ALTERNATE = {
    Template.ALTERNATE_RESPONSE,
    Template.ALTERNATE_PRECEDENCE,
    Template.ALTERNATE_SUCCESSION,
}


class Form(Protocol):
    """What a situation looks like."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Activities of which the history must be able to show at least one of each group."""
        ...

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Tables and columns that must have a value somewhere."""
        ...

    def find(self, history: History) -> tuple[Bools, Bools]:
        """Which cases could show it, and which of them do: two masks, one entry a case."""
        ...

    def spoken_of(self, constraint: Constraint) -> bool:
        """Whether an expectation says what holds in it."""
        ...

    def expectation(self, seen: frozenset[str]) -> Constraint | None:
        """What a first draft of a rule could ask, in the activities that the history shows; None: only people know."""
        ...


@attrs.frozen
class After:
    """`then` comes after `first`, and nothing in between makes it right again."""

    first: tuple[str, ...]
    then: tuple[str, ...]
    unless: tuple[str, ...] = ()
    alone: bool = False
    """What comes after says it all: whatever speaks of it speaks of the situation."""
    raised: bool = False
    """Only changes from a lower to a higher priority (1 is the highest) count."""
    draft: Constraint | None = None
    """What to ask for, if not that it never happens."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Both sides. That a case has ended its own closing time tells as well."""
        return (self.then,) if self.first == ENDS else (self.first, self.then)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """What tells a raise from a change."""
        return (("events", "old"), ("events", "new")) if self.raised else ()

    def find(self, history: History) -> tuple[Bools, Bools]:
        """By the events of each case, and its closing time."""
        index = history.index
        could, does = has(history, self.first), np.zeros(index.n_cases, dtype=bool)
        at = by_people(history, self.then)
        if self.raised:
            at = at[raised(history, at)]
        before = last_before(history, self.first, at)
        met = (before >= 0) & (before > last_before(history, self.unless, at))
        if set(self.first) <= set(CLOSING):
            met &= index.at[at] - AT_ONCE > np.append(index.at, 0)[before]
        if self.first == ENDS:
            # A case that ended for good did so at its closing time, whatever its events say.
            could |= index.closed != NEVER
            met |= index.at[at] - AT_ONCE > index.closed[index.case[at]]
        does[index.case[at[met]]] = True
        return could, does & could

    def spoken_of(self, constraint: Constraint) -> bool:
        """Never the one after the other, always, only so, or nothing at all after the first."""
        c, template = constraint, constraint.template
        if self.alone and _any(self.then, (*c.activities, *c.targets)):
            return True
        if template is Template.END:
            return _any(self.first, c.activities)
        forward = _any(self.first, c.activities) and _any(self.then, c.targets)
        back = _any(self.then, c.activities) and _any(self.first, c.targets)
        if template in _NEVER_BESIDE | {Template.CO_EXISTENCE}:
            return forward or back
        if template in _BACKWARD:
            return back
        return forward and template in _NEVER_AFTER | _FORWARD | _BOTH | {Template.RESPONDED_EXISTENCE}

    def expectation(self, seen: frozenset[str]) -> Constraint:
        """That it does not happen, unless the catalogue knows better."""
        if self.draft is not None:
            return narrowed(self.draft, seen)
        return Constraint(Template.NOT_SUCCESSION, _of(self.first, seen), _of(self.then, seen))


@attrs.frozen
class Without:
    """`then` happens, and no `first` has come before it in the case."""

    then: tuple[str, ...]
    first: tuple[str, ...]

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Both sides: what a source never records is always missing."""
        return self.then, self.first

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """None."""
        return ()

    def find(self, history: History) -> tuple[Bools, Bools]:
        """By the first `then` of each case."""
        index = history.index
        could, does = has(history, self.then), np.zeros(index.n_cases, dtype=bool)
        # What was recorded before the source began to tell is not missing.
        could &= index.created >= seen_from(history, self.first)
        at = by_people(history, self.then)
        # Of two at one instant, either may have been first: then it is not said to be missing.
        through = np.append(index.tie_end, 0)[at] - 1 if index.tie_end is not None else at
        earlier = last_upto(history, self.first, through.astype(np.int32))
        does[index.case[at[earlier < 0]]] = True
        return could, does & could

    def spoken_of(self, constraint: Constraint) -> bool:
        """That the one needs the other."""
        c, template = constraint, constraint.template
        if template in _BACKWARD | {Template.RESPONDED_EXISTENCE}:
            return _any(self.then, c.activities) and _any(self.first, c.targets)
        if template in _BOTH:
            return _any(self.first, c.activities) and _any(self.then, c.targets)
        names = (*c.activities, *c.targets)
        return template is Template.CO_EXISTENCE and _any(self.then, names) and _any(self.first, names)

    def expectation(self, seen: frozenset[str]) -> Constraint:
        """That it does not go without."""
        return Constraint(Template.PRECEDENCE, _of(self.then, seen), _of(self.first, seen))


@attrs.frozen
class Again:
    """`what` comes once more before anything of `unless` has come in between; `times` in all."""

    what: tuple[str, ...]
    unless: tuple[str, ...] = ()
    times: int = 2
    other: str | None = None
    """An attribute of events that must be another one than the time before."""
    settled: tuple[str, str] | None = None
    """What it leads to, and what then must follow: a rule for that speaks of it too."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """What comes again."""
        return (self.what,)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """What tells the one from the other."""
        return () if self.other is None else (("events", self.other),)

    def find(self, history: History) -> tuple[Bools, Bools]:
        """By neighbours, or by number."""
        index = history.index
        at = by_people(history, self.what)
        if self.times > 2:
            return has(history, self.what), np.bincount(index.case[at], minlength=index.n_cases) >= self.times
        does = np.zeros(index.n_cases, dtype=bool)
        before = last_before(history, self.what, at)
        met = (before >= 0) & (before > last_before(history, self.unless, at))
        if self.other is not None and len(at):
            codes = history.attributes.codes(self.other)
            one, two = codes[np.maximum(before, 0)], codes[at]
            met &= (one >= 0) & (two >= 0) & (one != two)
        does[index.case[at[met]]] = True
        return has(history, self.what), does

    def spoken_of(self, constraint: Constraint) -> bool:
        """How often, or what must lie in between."""
        c, template = constraint, constraint.template
        if template.counts:
            return _any(self.what, c.activities) and (template is not Template.EXISTENCE)
        if template in _ALTERNATE and _any(self.what, c.activities):
            return True
        if self.settled is not None and template in _FORWARD | _BOTH:
            led, follows = self.settled
            if led in c.activities and follows in c.targets:
                return True
        return _any(self.what, c.activities) and _any(self.what, c.targets)

    def expectation(self, seen: frozenset[str]) -> Constraint:
        """That something lies in between, or that it does not come so often."""
        between = tuple(name for name in self.unless if name in seen)
        if between:
            return Constraint(Template.ALTERNATE_RESPONSE, _of(self.what, seen), between)
        return Constraint(Template.ABSENCE, _of(self.what, seen), n=self.times)


@attrs.frozen
class Happens:
    """`what` happens at all."""

    what: tuple[str, ...]

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """What happens."""
        return (self.what,)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """None."""
        return ()

    def find(self, history: History) -> tuple[Bools, Bools]:
        """Of all cases."""
        does = np.zeros(history.index.n_cases, dtype=bool)
        does[history.index.case[by_people(history, self.what)]] = True
        return np.ones(history.index.n_cases, dtype=bool), does

    def spoken_of(self, constraint: Constraint) -> bool:
        """Whatever names it."""
        return _any(self.what, (*constraint.activities, *constraint.targets))

    def expectation(self, seen: frozenset[str]) -> Constraint | None:  # noqa: ARG002 - the protocol's
        """Nobody can guess what it asks for."""
        return None


@attrs.frozen
class OnEve:
    """`what` gives a case to somebody who has no working day left before a leave."""

    what: tuple[str, ...]

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """What gives a case to somebody."""
        return (self.what,)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Leaves."""
        return (("absences", "starts_at"),)

    def find(self, history: History) -> tuple[Bools, Bools]:
        """By the owner's leaves."""
        index = history.index
        does = np.zeros(index.n_cases, dtype=bool)
        at = by_people(history, self.what)
        eve = history.attributes.events_where(Compare(BEFORE_LEAVE, Op.LE, 0), at)
        does[index.case[at[eve]]] = True
        return has(history, self.what), does

    def spoken_of(self, constraint: Constraint) -> bool:
        """Whatever asks for the days before a leave."""
        return BEFORE_LEAVE in constraint.attributes

    def expectation(self, seen: frozenset[str]) -> Constraint:
        """That it is handed on within a working day."""
        return Constraint(
            Template.RESPONSE,
            _of(self.what, seen),
            _of(("owner_changed", "rerouted"), seen)
            if seen & {"owner_changed", "rerouted"}
            else "owner_changed",
            where=Compare(BEFORE_LEAVE, Op.LE, 0),
            within=Duration(working_days=1),
        )


@attrs.frozen
class Lasts:
    """After `what` nothing of `ends` comes for so long, or before what was due."""

    what: tuple[str, ...]
    ends: tuple[str, ...]
    limit: dt.timedelta | None = None
    """None: up to the instant that the case was due."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """What begins, and what ends it."""
        return self.what, self.ends

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """When it was due, if that is asked for."""
        return () if self.limit is not None else (("cases", "due_at"),)

    def find(self, history: History) -> tuple[Bools, Bools]:
        """By the next end, the case's closing, and the look at the history."""
        index = history.index
        could, does = has(history, self.what), np.zeros(index.n_cases, dtype=bool)
        at = positions(history, self.what)
        case = index.case[at]
        if self.limit is not None:
            until = index.at[at] + self.limit // dt.timedelta(microseconds=1)
        else:
            due = history.cases["due_at"]
            known = due.is_not_null().to_numpy()
            could &= known
            until = np.where(known, due.to_physical().fill_null(0).to_numpy(), NEVER)[case]
        ends = positions(history, self.ends)
        k = np.searchsorted(ends, at, side="right")
        there = k < len(ends)
        following = np.append(ends, 0)[np.minimum(k, len(ends))]
        there &= index.case[np.minimum(following, max(index.n_events - 1, 0))] == case if len(at) else there
        ended = np.where(there, np.append(index.at, NEVER)[following], NEVER)
        ended = np.minimum(ended, index.closed[case])
        met = (index.at[at] <= until) & (ended > until) & (until < index.as_of)
        does[case[met]] = True
        return could, does & could

    def spoken_of(self, constraint: Constraint) -> bool:
        """Whatever says by when it is to end, or looks at what is due."""
        c = constraint
        timed = c.within is not None or "due_at" in {name.removeprefix("case.") for name in c.attributes}
        return timed and c.template in _FORWARD | _BOTH | _BESIDE and _any(self.what, c.activities)

    def expectation(self, seen: frozenset[str]) -> Constraint:
        """That it ends in time; what is due differs from case to case, so a draft asks for a month."""
        days = 30 if self.limit is None else self.limit.days
        return Constraint(
            Template.RESPONSE, _of(self.what, seen), _of(self.ends, seen), within=Duration(days=days)
        )


# --- names


def _any(wanted: Iterable[str], names: Iterable[str]) -> bool:
    return not set(wanted).isdisjoint(names)


def _of(names: tuple[str, ...], seen: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in seen) or names


def narrowed(constraint: Constraint, seen: frozenset[str]) -> Constraint:
    """The same with only the activities that the history shows."""
    targets = _of(constraint.targets, seen) if constraint.targets else None
    return attrs.evolve(constraint, activity=_of(constraint.activities, seen), target=targets)
