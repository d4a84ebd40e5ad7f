"""By activity, what an event does: which streams it goes into, and what it may settle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

import attrs

from crmusage.rules._monitor._case import Case, Row
from crmusage.rules._monitor._compiled import Stream
from crmusage.rules._monitor._side import Kind, Side
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

    feeds: tuple[int, ...]
    """The streams that it goes into whatever it is like."""
    steps: tuple[Step, ...]
    """What is done then, in order."""
    streams: tuple[Stream, ...]
    """All streams that it may go into."""
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
    mine = [stream for stream in streams if activity in stream.activities]
    early: dict[int, list[Step]] = {stream.number: [] for stream in mine}
    hooks: list[Hook] = []
    late: list[Step] = []
    for side, does in zip(sides, steps, strict=True):
        if side.kind is Kind.CHOICE and activity in side.activities & side.targets and does.start:
            # One question, whichever streams the event has come into.
            hooks.append((side, ANY, does.start))
            late.append(does.start)
            continue
        for number, step in ((side.starts, does.start), (side.aims, does.meet)):
            if number not in early or step is None:
                continue
            hooks.append((side, number, step))
            if side.activities.isdisjoint(side.targets):
                early[number].append(step)
            else:
                # It looks into both streams, so both must have the event.
                late.append(_if_in(number, step))
    feeds = tuple(stream.number for stream in mine if stream.test is None)
    first = [
        _conditional(stream.test, stream.number, tuple(early[stream.number]))
        for stream in mine
        if stream.test is not None
    ]
    plain = [step for number in feeds for step in early[number]]
    return Way(feeds, (*first, *plain, *late), tuple(mine), tuple(hooks), closes)


def _conditional(test: Test, number: int, steps: tuple[Step, ...]) -> Step:
    if len(steps) == 1:
        (only,) = steps

        def feed_and_step(case: Case, row: Row) -> None:
            if test(row, case):
                rows = case.seen[number]
                if rows is None:
                    case.seen[number] = [row]
                else:
                    rows.append(row)
                only(case, row)

        return feed_and_step

    def feed(case: Case, row: Row) -> None:
        if test(row, case):
            rows = case.seen[number]
            if rows is None:
                case.seen[number] = [row]
            else:
                rows.append(row)
            for step in steps:
                step(case, row)

    return feed


def _if_in(number: int, step: Step) -> Step:
    def late(case: Case, row: Row) -> None:
        rows = case.seen[number]
        if rows is not None and rows[-1] is row:
            step(case, row)

    return late


class Ties:
    """Which sides may ask in which order events of one instant stand."""

    def __init__(self, sides: Sequence[Side], names: Collection[str], *, tells_fulfilled: bool) -> None:
        """`names` are the activities that any rule names."""
        self._names = names
        self._sides = [side for side in sides if tells_fulfilled or not _only_hopes(side)]
        self._known: dict[tuple[str, ...], tuple[Side, ...]] = {}

    def caring(self, activity: str, others: Sequence[Row]) -> tuple[Side, ...]:
        """The sides to which it may matter how an event stands to others of its instant, or they to each other."""
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
