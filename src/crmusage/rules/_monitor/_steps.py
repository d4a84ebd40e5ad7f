"""What an event can settle that comes after all others of its case: the short cuts to what `_judge` would find.

A side says a verdict when it has just become final, which is when the newest event is what decides it. So an event
need only be held against what it can decide; for most sides that is the nearest event of a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._judge import F, Found, V, activations, judge
from crmusage.rules._monitor._side import Kind, Side
from crmusage.rules._template import Template

Step = Callable[[Case, Row], None]
Close = Callable[[Case, int], None]
Tell = Callable[[Side, Case, Row | None, Found], None]
Arm = Callable[[Side, Case, Row | None, int], None]


@attrs.frozen(eq=False)
class Steps:
    """The short cuts of one side; None: nothing to do."""

    start: Step | None = None
    """When an activation has come."""
    meet: Step | None = None
    """When something that it looks for has come."""
    close: Close | None = None
    """When the case ends, which it has not yet."""


class Voice:
    """Where sides say what they found: verdicts, and the instants that settle the rest by passing."""

    def __init__(self, tell: Tell, arm: Arm, clock: Callable[[], int], *, tells_fulfilled: bool) -> None:
        """`tell` passes on a final verdict; `arm` takes a deadline."""
        self.tell, self.arm, self.clock, self.tells_fulfilled = tell, arm, clock, tells_fulfilled

    def tells(self, verdict: Any) -> bool:
        """Whether it is worth finding a verdict at once."""
        return verdict is not F or self.tells_fulfilled


def steps_of(side: Side, voice: Voice) -> Steps:
    """The short cuts of a side."""
    return _MAKERS[side.kind](side, voice)


# --- forward


def _looks_ahead(side: Side, voice: Voice) -> Steps:
    start = _waits(side, voice)
    meet = _met(side, voice) if voice.tells(side.hit) else None
    close = _closes(side, voice)
    if side.kind is Kind.BOTH_WAYS:
        start = _found_or_waits(side, voice, start)
    if side.is_plain and side.miss is V:
        close = _closes_plainly(side, voice)
    return Steps(start, meet, close)


def _waits(side: Side, voice: Voice) -> Step | None:
    """An activation begins to wait."""
    reach, arm, tell, able = side.reach, voice.arm, voice.tell, side.able
    if not reach.is_elapsed or reach.after > reach.within:
        return _starts_somehow(side, voice)
    within = reach.within if reach.has_end and voice.tells(side.miss) else NEVER
    if able is None:
        return None if within == NEVER else lambda case, row: arm(side, case, row, row[2] + within)

    def start(case: Case, row: Row) -> None:
        if not able(row, case):
            tell(side, case, row, (side.miss, row, NEVER, True))
        elif within != NEVER:
            arm(side, case, row, row[2] + within)

    return start


def _starts_somehow(side: Side, voice: Voice) -> Step:
    tell, arm, clock = voice.tell, voice.arm, voice.clock

    def start(case: Case, row: Row) -> None:
        found = judge(side, case, row, clock())
        if found[3]:
            tell(side, case, row, found)
        elif found[2] != NEVER:
            arm(side, case, row, found[2])

    return start


def _found_or_waits(side: Side, voice: Voice, wait: Step | None) -> Step | None:
    """What looks both ways: a target came before, or else it waits."""
    if not side.is_plain:
        return _starts_somehow(side, voice)
    tell, aims, within, hit = voice.tell, side.aims, side.reach.within, side.hit
    tells = voice.tells(hit)
    if wait is None and not tells:
        return None

    def start(case: Case, row: Row) -> None:
        targets = case.seen[aims]
        if targets is not None and row[2] - targets[-1][2] <= within:
            if tells:
                tell(side, case, row, (hit, targets[-1], NEVER, True))
        elif wait is not None:
            wait(case, row)

    return start


def _met(side: Side, voice: Voice) -> Step:
    """A target has come: settle the activations that it is the first one for."""
    starts, aims, hit, reach, tell, clock = (
        side.starts,
        side.aims,
        side.hit,
        side.reach,
        voice.tell,
        voice.clock,
    )
    within = reach.within if reach.is_elapsed else NEVER
    both_ways = side.kind is Kind.BOTH_WAYS

    def meet_plainly(case: Case, row: Row) -> None:
        waiting = case.seen[starts]
        if waiting is None:
            return
        targets: Any = case.seen[aims]
        before = targets[-2][2] if len(targets) > 1 else FAR_PAST
        if both_ways and before != FAR_PAST and within == NEVER:
            return
        met = []
        for one in reversed(waiting):
            at = one[2]
            if at <= before:
                if at == before and not both_ways:
                    # The two stood side by side: it may have been waiting still.
                    meet_somehow(case, row)
                    return
                break
            if row[2] - at > within:
                break
            if not (both_ways and before != FAR_PAST and at - before <= within):
                met.append(one)
        for one in reversed(met):
            tell(side, case, one, (hit, row, NEVER, True))

    def meet_somehow(case: Case, row: Row) -> None:
        now = clock()
        met = []
        for one in reversed(case.seen[starts] or ()):
            if row[2] - one[2] > within:
                break
            found = judge(side, case, one, now)
            if found[1] is row and found[3] and one is not row:
                met.append((one, found))
        for one, found in reversed(met):
            tell(side, case, one, found)

    return meet_plainly if side.is_plain else meet_somehow


def _closes(side: Side, voice: Voice) -> Close:
    """All that still waits is settled by the end of the case."""
    tell, clock, reach, ask = voice.tell, voice.clock, side.reach, side.ask
    is_elapsed = reach.is_elapsed
    within = reach.within if is_elapsed else NEVER
    quiet = not voice.tells(side.miss)

    def close(case: Case, end: int) -> None:
        if quiet and case.ties is None:
            return
        now = clock()
        since = now - within if within != NEVER else None
        found = []
        for row in activations(side, case, since):
            # What the end decides no event has decided, nor a deadline before (`since` leaves those out).
            one = ask(side, case, row, now, end)
            if one[1] is None and (is_elapsed or not ask(side, case, row, now, NEVER)[3]):
                found.append((row, one))
        for row, one in reversed(found):
            tell(side, case, row, one)

    return close


def _closes_plainly(side: Side, voice: Voice) -> Close:
    """The same where the nearest target tells all: from the newest activation back, next to the targets."""
    starts, aims, tell, clock, somehow = side.starts, side.aims, voice.tell, voice.clock, _closes(side, voice)
    within, has_end, both_ways = side.reach.within, side.reach.has_end, side.kind is Kind.BOTH_WAYS

    def close(case: Case, end: int) -> None:
        waiting: Any = case.seen[starts]
        targets: Any = case.seen[aims] or ()
        k = len(targets)
        oldest = clock() - within if has_end else FAR_PAST
        missed = []
        for row in reversed(waiting):
            at = row[2]
            while k and targets[k - 1][2] > at:
                k -= 1
            if at < oldest or (not has_end and k < len(targets)):
                break
            if k and targets[k - 1][2] == at:
                somehow(case, end)
                return
            if k < len(targets) and targets[k][2] - at <= within:
                continue
            if both_ways and k and at - targets[k - 1][2] <= within:
                continue
            missed.append(row)
        for row in reversed(missed):
            tell(side, case, row, (V, None, min(end, row[2] + within) if has_end else end, True))

    return close


# --- back


def _looks_back(side: Side, voice: Voice) -> Steps:
    if not side.is_plain:
        return Steps(_starts_somehow(side, voice))
    aims, within, tell, tells = side.aims, side.reach.within, voice.tell, voice.tells_fulfilled

    def start(case: Case, row: Row) -> None:
        targets = case.seen[aims]
        if targets is None or row[2] - targets[-1][2] > within:
            tell(side, case, row, (V, row, NEVER, True))
        elif tells:
            tell(side, case, row, (F, targets[-1], NEVER, True))

    return Steps(start)


def _looks_back_alternate(side: Side, voice: Voice) -> Steps:
    somehow = _starts_somehow(side, voice)
    if not side.is_plain:
        return Steps(somehow)
    starts, aims, within, tell, tells = (
        side.starts,
        side.aims,
        side.reach.within,
        voice.tell,
        voice.tells_fulfilled,
    )

    def start(case: Case, row: Row) -> None:
        targets: Any = case.seen[aims]
        others: Any = case.seen[starts]
        target = None if targets is None else targets[-1]
        before = others[-2] if len(others) > 1 else None
        if target is None or row[2] - target[2] > within or (before is not None and before[2] > target[2]):
            tell(side, case, row, (V, before or row, NEVER, True))
        elif before is not None and before[2] == target[2]:
            somehow(case, row)
        elif tells:
            tell(side, case, row, (F, target, NEVER, True))

    return Steps(start)


# --- between two activations, and next to one


def _looks_ahead_alternate(side: Side, voice: Voice) -> Steps:
    starts, aims, tell, clock = side.starts, side.aims, voice.tell, voice.clock
    wait, is_plain, tells = _waits(side, voice), side.is_plain, voice.tells_fulfilled
    within, has_end, somehow = side.reach.within, side.reach.has_end, _closes(side, voice)

    def settle(case: Case, row: Row, rows: Sequence[Row], k: int) -> None:
        """Those of the run that ends at a place, if the newest event decides them."""
        run = case.run(rows[k]) if k >= 0 else ()
        for one in run:
            if one is not row and _is_in(rows, k, one):
                found = judge(side, case, one, clock())
                if found[1] is row and found[3]:
                    tell(side, case, one, found)

    def start(case: Case, row: Row) -> None:
        rows: Any = case.seen[starts]
        if len(rows) > 1:
            at = rows[-2][2]
            targets = case.seen[aims]
            last = FAR_PAST if targets is None else targets[-1][2]
            if not is_plain or last == at or (case.ties is not None and at in case.ties):
                settle(case, row, rows, len(rows) - 2)
            elif last < at and row[2] - at <= within:
                tell(side, case, rows[-2], (V, row, NEVER, True))
        if wait is not None:
            wait(case, row)

    def meet(case: Case, row: Row) -> None:
        rows = case.seen[starts]
        # Without ties, a target can only fulfil; and an activation that is one has had its turn.
        if rows is not None and rows[-1] is not row and (tells or case.ties is not None):
            settle(case, row, rows, len(rows) - 1)

    def close(case: Case, end: int) -> None:
        rows: Any = case.seen[starts]
        at = rows[-1][2]
        targets = case.seen[aims]
        last = FAR_PAST if targets is None else targets[-1][2]
        if has_end or not is_plain or last == at or (case.ties is not None and at in case.ties):
            somehow(case, end)
        elif last < at:
            tell(side, case, rows[-1], (V, None, end, True))

    return Steps(start, meet, close)


def _is_in(rows: Sequence[Row], k: int, row: Row) -> bool:
    while k >= 0 and rows[k][2] == row[2]:
        if rows[k] is row:
            return True
        k -= 1
    return False


def _looks_next(side: Side, voice: Voice) -> Steps:
    starts, somehow, wait = side.starts, _closes(side, voice), _waits(side, voice)
    able, never = side.able, side.reach.after > side.reach.within or not side.reach.is_elapsed

    def start(case: Case, row: Row) -> None:
        if wait is not None:
            wait(case, row)
        if able is None and not never:
            case.watch = [*case.watch, (side, row)] if case.watch else [(side, row)]
        elif not judge(side, case, row, voice.clock())[3]:
            case.watch = [*(case.watch or ()), (side, row)]

    def close(case: Case, end: int) -> None:
        # What came after an activation has settled it, unless it came too late for that.
        if side.may_expire or case.seen[starts][-1][2] == case.at:  # type: ignore[index]
            somehow(case, end)

    return Steps(start, None, close)


# --- what is asked once a case


def _counts(side: Side, voice: Voice) -> Steps:
    tell, clock, starts, place, reach = voice.tell, voice.clock, side.starts, side.place, side.reach
    template, n = side.constraint.template, side.constraint.n or 1
    verdict = F if template is Template.EXISTENCE else V
    enough = n + 1 if template is Template.EXACTLY else n
    somehow = _decides(side, voice)
    start: Step | None = somehow
    after, within = reach.after, reach.within
    if reach.is_elapsed:

        def start_plainly(case: Case, row: Row) -> None:
            rows: Any = case.seen[starts]
            if len(rows) == enough or (len(rows) > enough and rows[0][2] < case.created + after):
                somehow(case, row)

        start = start_plainly
        if not voice.tells(verdict):
            start = None

    def close(case: Case, end: int) -> None:
        rows = case.seen[starts]
        if template is Template.EXISTENCE and reach.is_elapsed and place not in case.unasked:
            created = case.created
            if rows is None or len(rows) < n:
                if clock() <= created + within and after <= within:
                    last = end if within == NEVER else min(end, created + within)
                    tell(side, case, None, (V, None, last, True))
                return
            if created + after <= rows[0][2] and rows[n - 1][2] - created <= within:
                return
        _close_case(side, case, end, clock(), tell)

    if template is Template.ABSENCE and not voice.tells_fulfilled:
        return Steps(start)
    return Steps(start, None, close)


def _chooses(side: Side, voice: Voice) -> Steps:
    decides = _decides(side, voice)
    return Steps(decides, decides, lambda case, end: _close_case(side, case, end, voice.clock(), voice.tell))


def _decides(side: Side, voice: Voice) -> Step:
    """The newest event may decide what is asked of the case."""
    tell, clock, place = voice.tell, voice.clock, side.place

    def start(case: Case, row: Row) -> None:
        if place not in case.unasked:
            found = judge(side, case, None, clock())
            if found[3] and found[1] is row:
                tell(side, case, None, found)

    return start


def _close_case(side: Side, case: Case, end: int, clock: int, tell: Tell) -> None:
    if side.place in case.unasked or judge(side, case, None, clock)[3]:
        return
    case.closed = end
    tell(side, case, None, judge(side, case, None, clock))
    case.closed = NEVER


def _begins_or_ends(side: Side, voice: Voice) -> Steps:
    is_first = side.kind is Kind.INIT

    def close(case: Case, end: int) -> None:
        # What a case begins with is looked at when it does, not event by event.
        if not (is_first and case.rows):
            _close_case(side, case, end, voice.clock(), voice.tell)

    return Steps(None, None, close)


_MAKERS: dict[Kind, Callable[[Side, Voice], Steps]] = {
    Kind.COUNT: _counts,
    Kind.INIT: _begins_or_ends,
    Kind.END: _begins_or_ends,
    Kind.CHOICE: _chooses,
    Kind.AHEAD: _looks_ahead,
    Kind.BACK: _looks_back,
    Kind.BOTH_WAYS: _looks_ahead,
    Kind.AHEAD_ALTERNATE: _looks_ahead_alternate,
    Kind.BACK_ALTERNATE: _looks_back_alternate,
    Kind.NEXT: _looks_next,
    Kind.PREVIOUS: lambda side, voice: Steps(_starts_somehow(side, voice)),
}
