"""This month's close beside last month's, and the months that nobody closed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

import attrs

from crmusage.knowledge._close import Close, Control, ControlResult
from crmusage.model import Outcome, Period, wilson

CLOSE_WITHIN = 10
"""Days after the end of a month within which it is to be closed and signed. Guessed: accounting takes about as long."""


@attrs.frozen
class Line:
    """One thing found, before and now; None: it was not found then."""

    control: Control
    what: str
    before: float | None
    now: float | None
    by_chance: bool = False
    """Both are counts out of a number, and the difference of their shares is within its 95 % interval."""


@attrs.frozen
class Comparison:
    """What changed from one close to the next. What could not be seen on either side is compared with nothing."""

    before: Close
    now: Close
    new: tuple[Line, ...]
    gone: tuple[Line, ...]
    worse: tuple[Line, ...]
    better: tuple[Line, ...]
    alike: tuple[Line, ...]
    """What differs by no more than chance would have it."""
    dropped: tuple[Control, ...]
    """On the list before, and not now: somebody took it off, or forgot it."""
    added: tuple[Control, ...]
    unseen: tuple[Control, ...]
    """Could be assessed before, and now cannot, or was forgotten."""
    chained: bool
    """Whether the close now holds the seal of the one before: neither was changed since."""

    @property
    def quiet(self) -> bool:
        """Nothing new, nothing worse, no control lost, the chain whole."""
        return self.chained and not (self.new or self.worse or self.dropped or self.unseen)


def compare(before: Close, now: Close) -> Comparison:
    """Compare two closes."""
    lines: dict[str, list[Line]] = {"new": [], "gone": [], "worse": [], "better": [], "alike": []}
    unseen = []
    for control in sorted(before.results.keys() & now.results.keys()):
        then, here = before.results[control], now.results[control]
        if not _saw(then):
            continue
        if not _saw(here):
            unseen.append(control)
            continue
        old, current = _found(then), _found(here)
        for what in sorted(old.keys() | current.keys()):
            line = Line(control, what, old.get(what), current.get(what), _by_chance(then, here, what))
            side = _side(line)
            if side is not None:
                lines[side].append(line)
    return Comparison(
        before,
        now,
        new=tuple(lines["new"]),
        gone=tuple(lines["gone"]),
        worse=tuple(lines["worse"]),
        better=tuple(lines["better"]),
        alike=tuple(lines["alike"]),
        dropped=tuple(sorted(before.results.keys() - now.results.keys())),
        added=tuple(sorted(now.results.keys() - before.results.keys())),
        unseen=tuple(unseen),
        chained=now.previous == before.seal,
    )


def overdue(closes: Iterable[Close], on: dt.date, *, within: int = CLOSE_WITHIN) -> tuple[Period, ...]:
    """The months, from the first one closed, that should be closed and signed by a day and are not.

    Args:
        closes: of calendar months; others close no month.
        on: the day.
        within: days after its end that a month may take.
    """
    every = list(closes)
    signed = {one.period for one in every if one.signature is not None and one.signature.on <= on}
    if not every:
        return ()
    found = []
    start = min(one.period.start for one in every)
    month = Period.month(start.year, start.month)
    while month.end + dt.timedelta(days=within) <= on:
        if month not in signed:
            found.append(month)
        month = Period.month(month.end.year, month.end.month)
    return tuple(found)


def _saw(result: ControlResult | None) -> bool:
    return result is not None and result.outcome is not Outcome.NOT_ASSESSABLE


def _found(result: ControlResult | None) -> dict[str, float]:
    return {} if result is None else dict(result.found)


def _by_chance(then: ControlResult | None, here: ControlResult | None, what: str) -> bool:
    """By the hybrid score interval of a difference of two shares (Newcombe 1998, method 10)."""
    if then is None or here is None or not (what in then.out_of and what in here.out_of):
        return False
    old, new = (one.found.get(what, 0) / one.out_of[what] for one in (then, here))
    (old_low, old_high), (low, high) = (
        wilson(one.found.get(what, 0), one.out_of[what]) for one in (then, here)
    )
    return (
        new - old - math.hypot(new - low, old_high - old)
        <= 0
        <= new - old + math.hypot(high - new, old - old_low)
    )


def _side(line: Line) -> str | None:
    if line.by_chance and line.before != line.now:
        return "alike"
    if line.before is None or line.now is None:
        return "new" if line.before is None else "gone"
    if line.now == line.before:
        return None
    return "worse" if line.now > line.before else "better"
