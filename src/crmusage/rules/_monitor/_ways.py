"""By activity, what an event does: which streams it goes into, and what it may settle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

import attrs

from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._monitor._side import Kind, Side, Stream
from crmusage.rules._monitor._steps import Step, Steps
from crmusage.rules._monitor._tests import Test
from crmusage.rules._template import Verdict

Hook = tuple[Side, int, Step]
"""What a side does when an event has come into a stream of its own."""
ANY = -1
"""Whatever the stream."""


@attrs.frozen(eq=False)
class Way:
    """What an event of an activity does to its case."""

    streams: tuple[Stream, ...]
    """The streams that it may go into."""
    steps: tuple[Step, ...]
    """What is done then, in order."""
    lasts: tuple[int, ...]
    """The streams whose last event it is from then on, whatever it is like."""
    hooks: tuple[Hook, ...]
    """What `steps` come to, one by one, for events that share their instant."""
    closes: bool
    """Whether it ends its case."""


def way_of(
    activity: str,
    streams: Sequence[Stream],
    sides: Sequence[Side],
    steps: Sequence[Steps],
    *,
    closes: bool,
) -> Way:
    """The way of the events of an activity."""
    mine = tuple(stream for stream in streams if activity in stream.activities)
    does: dict[int, list[Step]] = {stream.number: [] for stream in mine}
    hooks: list[Hook] = []
    of_any: list[Step] = []
    asked: set[int] = set()
    for side, one in zip(sides, steps, strict=True):
        asked.update(one.lasts)
        if side.kind is Kind.CHOICE and activity in side.activities & side.targets and one.start:
            # One question, whichever streams the event has come into.
            hooks.append((side, ANY, one.start))
            of_any.append(one.start)
            continue
        for number, step in ((side.starts.number, one.start), (side.aims.number, one.meet)):
            if number in does and step is not None:
                hooks.append((side, number, step))
                does[number].append(step)
    found = [
        _conditional(
            stream.test, tuple(does[stream.number]), stream.number if stream.number in asked else None
        )
        for stream in mine
        if stream.test is not None
    ]
    plain = [stream.number for stream in mine if stream.test is None]
    found += [step for number in plain for step in does[number]]
    lasts = tuple(number for number in plain if number in asked)
    return Way(mine, (*found, *of_any), lasts, tuple(hooks), closes)


def _conditional(test: Test, steps: tuple[Step, ...], last: int | None) -> Step:
    if len(steps) == 1 and last is None:
        (only,) = steps

        def step_if(case: Case, row: Row) -> None:
            if test(row, case):
                only(case, row)

        return step_if

    def steps_if(case: Case, row: Row) -> None:
        if test(row, case):
            for step in steps:
                step(case, row)
            if last is not None:
                case.last[last] = row

    return steps_if


def feed(case: Case, row: Row, streams: Iterable[Stream]) -> None:
    """Keep up to date those streams of a case that have been asked for."""
    for stream in streams:
        known = None if case.seen is None else case.seen.get(stream.number)
        if known is not None and (stream.test is None or stream.test(row, case)):
            known.append(row)


def feed_beside(case: Case, row: Row, streams: Iterable[Stream]) -> None:
    """The same with a row that shares its instant with others, and goes into these streams."""
    for stream in streams:
        known = None if case.seen is None else case.seen.get(stream.number)
        if known is not None:
            k = len(known)
            while k and known[k - 1][2] == row[2]:
                k -= 1
            known[k:] = sorted((*known[k:], row), key=case.run_number)


class Ties:
    """Which sides may ask in which order events of one instant stand."""

    def __init__(self, sides: Sequence[Side], names: Collection[str], *, tells_fulfilled: bool) -> None:
        """`names` are the activities that any rule names."""
        self._names = names
        self._sides = [side for side in sides if tells_fulfilled or not _only_hopes(side)]
        self._known: dict[tuple[str, ...], tuple[Side, ...]] = {}

    def caring(self, activity: str, others: Sequence[Row]) -> tuple[Side, ...]:
        """The sides to which it may matter how an event stands to others of its instant, or they to each other."""
        found = self._known.get((activity, others[0][1])) if len(others) == 1 else None
        if found is not None:
            return found
        # Not to grow with whatever activities there are: those that no rule names are one.
        key = tuple(name if name in self._names else "" for name in (activity, *(one[1] for one in others)))
        if len(others) > 1:
            key = tuple(sorted(key))
        found = self._known.get(key)
        if found is None:
            pairs = {tuple(sorted(pair)) for pair in combinations(key, 2)}
            found = tuple(side for side in self._sides if any(side.cares(*pair) for pair in pairs))
            if len(key) <= _MOST:
                self._known[key] = found
        return found


_MOST = 4
"""So many events of one instant are common enough to remember what depends on them (guessed)."""


def _only_hopes(side: Side) -> bool:
    # What looks for something ahead can only be fulfilled by it; a tie is said when the time for it is over.
    return side.kind in {Kind.AHEAD, Kind.BOTH_WAYS} and side.hit is Verdict.FULFILLED
