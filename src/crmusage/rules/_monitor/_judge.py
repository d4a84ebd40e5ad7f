"""What becomes of an activation, as far as a case and the clock tell: the meaning of every template, in one place.

Each function looks for what settles one activation and stops there. Whatever a monitor says is a change in what
they find; so nothing has to be remembered but the events.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row, Run, at_of
from crmusage.rules._monitor._side import Kind, Side, Stream
from crmusage.rules._template import Template, Verdict

F, V, P, T = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING, Verdict.TIED
Found = tuple[Verdict, Row | None, int, bool]
"""The verdict; the event that decided it; the instant that did by passing (of what waits: that will); whether it is
for good, so long as nothing comes late."""
Judge = Callable[[Side, Case, Any, int, int], Found]
"""From a side, a case, the activation (None: the case), the clock, and the end of the case (NEVER: it is open)."""


def stream(case: Case, of: Stream) -> Sequence[Row]:
    """The events of a stream in a case, which keeps them up to date from now on: most are never asked for."""
    if case.seen is None:
        case.seen = {}
    rows = case.seen.get(of.number)
    if rows is None:
        rows = case.seen[of.number] = [row for row in case.rows if of.takes(row, case)]
    return rows


def judge(side: Side, case: Case, row: Row | None, clock: int) -> Found:
    """What has become of an activation."""
    found: Found = side.ask(side, case, row, clock, case.closed)
    return found


def if_ended(side: Side, case: Case, row: Row | None, clock: int, end: int) -> Found:
    """What becomes of it if the case ends."""
    found: Found = side.ask(side, case, row, clock, end)
    return found


def activations(side: Side, case: Case, since: int | None = None) -> Iterator[Row | None]:
    """The activations of a side in a case, from an instant on, the newest first."""
    if side.is_of_case:
        if side.place not in case.unasked:
            yield None
        return
    for row in reversed(stream(case, side.starts)):
        if since is not None and row[2] < since:
            return
        yield row


def _without(side: Side, row: Row, window: tuple[int, int], clock: int, closed: int, case: Case) -> Found:
    """Nothing was found: it is too late for it, or it is not yet."""
    first, last = window
    if first > last or (side.able is not None and not side.able(row, case)):
        # It never had a chance, which was known at once.
        return side.miss, row, NEVER, True
    if closed != NEVER or last < clock:
        return side.miss, None, min(closed, last), True
    return P, None, last, False


def _ahead(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:
    window = side.reach.ahead(row, case)
    found, beside = _next_target(side, case, row, window)
    if found is not None:
        return side.hit, found, NEVER, True
    without = _without(side, row, window, clock, closed, case)
    return without if beside is None else (T, None, without[2], without[3])


def _next_target(side: Side, case: Case, row: Row, window: tuple[int, int]) -> tuple[Row | None, Row | None]:
    """The nearest target after an activation, and one in no known order with it."""
    first, last = window
    beside = None
    targets, link = stream(case, side.aims), side.link
    for k in range(bisect_left(targets, max(row[2], first), key=at_of), len(targets)):
        target = targets[k]
        if target[2] > last:
            break
        if target is row:
            continue
        order = target[2] - row[2] or case.order(row, target)
        if order >= 0 and (link is None or link(row, target, case)):
            if order:
                return target, beside
            beside = target
    return None, beside


def _previous_target(
    side: Side, case: Case, row: Row, window: tuple[int, int]
) -> tuple[Row | None, Row | None]:
    """The nearest target before an activation, and one in no known order with it."""
    first, last = window
    beside = None
    targets, link = stream(case, side.aims), side.link
    for k in range(bisect_right(targets, min(row[2], last), key=at_of) - 1, -1, -1):
        target = targets[k]
        if target[2] < first:
            break
        if target is row:
            continue
        order = target[2] - row[2] or case.order(row, target)
        if order <= 0 and (link is None or link(row, target, case)):
            if order:
                return target, beside
            beside = target
    return None, beside


def _back(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:  # noqa: ARG001
    found, beside = _previous_target(side, case, row, side.reach.back(row, case))
    if found is not None:
        return F, found, NEVER, True
    return (V, row, NEVER, True) if beside is None else (T, row, NEVER, True)


def _both_ways(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:
    before, beside = _previous_target(side, case, row, side.reach.back(row, case))
    found = before or beside
    if found is None:
        window = side.reach.ahead(row, case)
        found = _next_target(side, case, row, window)[0]
        if found is None:
            return _without(side, row, window, clock, closed, case)
    return side.hit, found, NEVER, True


def _outcome(may_hit: bool, may_miss: bool) -> Verdict:
    return T if may_hit and may_miss else F if may_hit else V


def _among(side: Side, case: Case, row: Row, run: Run) -> tuple[bool, bool]:
    """Whether in a run there may be a target before any other activation, and another activation before any target."""
    others = [other for other in run if other is not row]
    fits = [side.fits(row, other, case) for other in others]
    blocks = (other for other, fit in zip(others, fits, strict=True) if not fit)
    return any(fits), any(side.starts.takes(other, case) for other in blocks)


def _ahead_alternate(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:
    window = side.reach.ahead(row, case)
    if window[0] > window[1] or (side.able is not None and not side.able(row, case)):
        return V, row, NEVER, True
    own = case.run(row)
    may_hit, may_miss = _among(side, case, row, own) if len(own) > 1 else (False, False)
    if may_hit and may_miss:
        return T, row, NEVER, True
    target, _ = _next_target(side, case, row, window)
    starts = stream(case, side.starts)
    k = bisect_left(starts, row[2], key=at_of)
    while k < len(starts) and (starts[k] is row or case.order(row, starts[k]) <= 0):
        k += 1
    again = starts[k] if k < len(starts) else None
    if target is not None and (again is None or case.order(again, target) <= 0):
        # No activation comes before the target, unless it stands in the same run.
        hit, miss = _among(side, case, row, case.run(target))
        return _outcome(may_hit or hit, may_miss or miss), target, NEVER, True
    if again is not None and again[2] <= window[1]:
        return _outcome(may_hit, True), again, NEVER, True
    without = _without(side, row, window, clock, closed, case)
    if without[3]:
        return _outcome(may_hit, True), without[1], without[2], True
    return (T, None, without[2], False) if may_hit or may_miss else without


def _back_alternate(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:  # noqa: ARG001
    own = case.run(row)
    may_hit, may_miss = _among(side, case, row, own) if len(own) > 1 else (False, False)
    target, _ = _previous_target(side, case, row, side.reach.back(row, case))
    starts = stream(case, side.starts)
    k = bisect_right(starts, row[2], key=at_of) - 1
    while k >= 0 and (starts[k] is row or case.order(row, starts[k]) >= 0):
        k -= 1
    before = starts[k] if k >= 0 else None
    by = row
    if target is not None and (before is None or case.order(before, target) >= 0):
        hit, miss = _among(side, case, row, case.run(target))
        may_hit, may_miss, by = may_hit or hit, may_miss or miss, target
    else:
        may_miss, by = True, row if before is None else before
    return _outcome(may_hit, may_miss), by, NEVER, True


def _next(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:
    window = side.reach.ahead(row, case)
    run = case.run_after(row)
    if run and run[0][2] > window[1]:
        # The time for it is over before it: the clock tells.
        run = ()
    beside = [side.fits(row, other, case) for other in case.run(row) if other is not row]
    if any(beside) and not all(beside):
        return T, row, NEVER, True
    fits = [*beside, *(side.fits(row, other, case) for other in run)]
    may_hit, may_miss = any(fits), not all(fits)
    if run:
        return _said(side, may_hit, may_miss), run[0], NEVER, True
    without = _without(side, row, window, clock, closed, case)
    if without[3]:
        return _said(side, may_hit, True), without[1], without[2], True
    return (T, None, without[2], False) if may_hit or may_miss else without


def _said(side: Side, may_hit: bool, may_miss: bool) -> Verdict:
    return T if may_hit and may_miss else side.hit if may_hit else side.miss


def _previous(side: Side, case: Case, row: Row, clock: int, closed: int) -> Found:  # noqa: ARG001
    run = case.run_before(row)
    fits = [side.fits(row, other, case) for other in (*case.run(row), *run) if other is not row]
    verdict = _outcome(any(fits), not run or not all(fits))
    return verdict, run[-1] if run else row, NEVER, True


# --- what is asked once a case


def case_window(side: Side, case: Case) -> tuple[int, int] | None:
    """The first and the last instant that count in a case; None: all do."""
    if side.reach.is_boundless:
        return None
    return side.reach.ahead((case.id, "", case.created, {}), case)


def _inside(rows: Sequence[Row], window: tuple[int, int] | None) -> range:
    """The places of the rows in a window."""
    if window is None:
        return range(len(rows))
    first, last = window
    return range(bisect_left(rows, first, key=at_of), bisect_right(rows, last, key=at_of))


def counted(side: Side, case: Case) -> range:
    """The places, in its stream, of the events that a side has counted."""
    return _inside(stream(case, side.starts), case_window(side, case))


def _settled(
    window: tuple[int, int] | None, clock: int, closed: int, verdict: Verdict, by: Row | None
) -> Found:
    """By an event, by time, or not yet; `verdict` is what time would make of it."""
    if by is not None:
        return verdict, by, NEVER, True
    first, last = window or (0, NEVER)
    if closed != NEVER or last < clock:
        return verdict, None, min(closed, last), True
    return (verdict, None, NEVER, True) if first > last else (P, None, last, False)


def _count(side: Side, case: Case, _: None, clock: int, closed: int) -> Found:
    window, template = case_window(side, case), side.constraint.template
    rows = stream(case, side.starts)
    places = counted(side, case)
    by = rows[places[side.enough - 1]] if len(places) >= side.enough else None
    if template is Template.EXISTENCE:
        verdict = V if by is None else F
    elif template is Template.ABSENCE:
        verdict = F if by is None else V
    else:
        verdict = F if len(places) == side.enough - 1 else V
    return _settled(window, clock, closed, verdict, by)


def _choice(side: Side, case: Case, _: None, clock: int, closed: int) -> Found:
    window = case_window(side, case)
    both = (stream(case, side.starts), stream(case, side.aims))
    firsts = [rows[places[0]] for rows in both if (places := _inside(rows, window))]
    if side.constraint.template is Template.CHOICE:
        nearest = min(firsts, key=at_of, default=None)
        return _settled(window, clock, closed, F if firsts else V, nearest)
    by = max(firsts, key=at_of) if len(firsts) > 1 else None
    return _settled(window, clock, closed, F if len(firsts) == 1 else V, by)


def _edge(side: Side, case: Case, run: Run) -> tuple[Verdict, Row | None]:
    hits = [side.starts.takes(row, case) for row in run]
    return _outcome(any(hits), not all(hits) or not hits), run[0] if run else None


def _init(side: Side, case: Case, _: None, clock: int, closed: int) -> Found:  # noqa: ARG001
    verdict, by = _edge(side, case, case.run(case.rows[0]) if case.rows else ())
    if by is None and closed == NEVER:
        return P, None, NEVER, False
    return verdict, by, NEVER if by is not None else closed, True


def _end(side: Side, case: Case, _: None, clock: int, closed: int) -> Found:  # noqa: ARG001
    if closed == NEVER:
        return P, None, NEVER, False
    verdict, by = _edge(side, case, case.run(case.rows[-1]) if case.rows else ())
    return verdict, by, NEVER if by is not None else closed, True


JUDGES: dict[Kind, Judge] = {
    Kind.COUNT: _count,
    Kind.INIT: _init,
    Kind.END: _end,
    Kind.CHOICE: _choice,
    Kind.AHEAD: _ahead,
    Kind.BACK: _back,
    Kind.BOTH_WAYS: _both_ways,
    Kind.AHEAD_ALTERNATE: _ahead_alternate,
    Kind.BACK_ALTERNATE: _back_alternate,
    Kind.NEXT: _next,
    Kind.PREVIOUS: _previous,
}


def affected(side: Side, case: Case) -> tuple[int, Iterable[Row | None]]:
    """What an event at the last instant of a case may bear upon, the newest first; and the earliest instant that is
    in question: what waits since before it is not touched.
    """
    at = case.at
    if side.is_of_case:
        return FAR_PAST, activations(side, case)
    if side.kind is Kind.AHEAD_ALTERNATE:
        starts = stream(case, side.starts)
        k = bisect_left(starts, at, key=at_of)
        since = starts[k - 1][2] if k else at
        return since, activations(side, case, since)
    newest = [row for row in case.newest() if side.starts.takes(row, case)]
    if side.looks_back:
        return at, newest[::-1]
    if side.kind is Kind.NEXT:
        k = bisect_left(case.rows, at, key=at_of)
        since = case.rows[k - 1][2] if k else at
        return since, activations(side, case, since)
    # What waits no longer has had its answer from an event before; and what waits for the clock only is out of reach.
    since = at - side.reach.within if side.reach.is_elapsed else FAR_PAST
    waits = takewhile(lambda row: row[2] >= since, reversed(case.waits[side.number] or ()))
    return since, [*reversed(newest), *(row for row in waits if row[2] < at)]
