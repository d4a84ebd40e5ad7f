"""What an event can settle that comes after all others of its case: the short cuts to what `_judge` would find.

A side says a verdict when it has just become final, which is when the newest event is what decides it. So an event
need only be held against what waits, and for most sides that is enough to know what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._judge import F, Found, V, judge
from crmusage.rules._monitor._notes import counts, too_few
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
    """When the case ends, which it has not yet, and something waits."""
    follow: Step | None = None
    """When whatever comes next has come."""
    lasts: tuple[int, ...] = ()
    """The streams of which the last event is asked for."""


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


# --- what waits


def _waits(side: Side, voice: Voice) -> Step:
    """An activation begins to wait."""
    reach, number, arm, tell, able = side.reach, side.number, voice.arm, voice.tell, side.able
    if not reach.is_elapsed or reach.after > reach.within:
        return _starts_somehow(side, voice)
    within = reach.within if reach.has_end and voice.tells(side.miss) else NEVER

    def wait(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if waits is None:
            case.waits[number] = [row]
        else:
            waits.append(row)
        if within != NEVER:
            arm(side, case, row, row[2] + within)

    def wait_if_able(case: Case, row: Row) -> None:
        if able is None or able(row, case):
            wait(case, row)
        else:
            tell(side, case, row, (side.miss, row, NEVER, True))

    return wait if able is None else wait_if_able


def _starts_somehow(side: Side, voice: Voice) -> Step:
    tell, arm, clock, number = voice.tell, voice.arm, voice.clock, side.number

    def start(case: Case, row: Row) -> None:
        found = judge(side, case, row, clock())
        if found[3]:
            tell(side, case, row, found)
            return
        waits = case.waits[number]
        if waits is None:
            case.waits[number] = [row]
        else:
            waits.append(row)
        if found[2] != NEVER:
            arm(side, case, row, found[2])

    return start


def _settles(side: Side, voice: Voice) -> Step:
    """The newest event is held against what waits: all within reach of it, or where only the nearest activations can
    be settled by it, those.
    """
    tell, clock, number = voice.tell, voice.clock, side.number
    within = side.reach.within if side.reach.is_elapsed else NEVER
    only_nearest = side.kind in {Kind.NEXT, Kind.AHEAD_ALTERNATE}

    def settle(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if not waits:
            return
        now, since = clock(), waits[-1][2] if only_nearest else row[2] - within
        told = []
        k = len(waits)
        while k and waits[k - 1][2] >= since:
            k -= 1
            found = judge(side, case, waits[k], now)
            if found[3]:
                one = waits.pop(k)
                if found[1] is row:
                    told.append((one, found))
        for one, found in reversed(told):
            tell(side, case, one, found)

    return settle


def _closes(side: Side, voice: Voice) -> Close:
    """All that still waits is settled by the end of the case."""
    tell, clock, ask, number, miss = voice.tell, voice.clock, side.ask, side.number, side.miss
    is_elapsed, within = side.reach.is_elapsed, side.reach.within if side.reach.has_end else NEVER
    quiet = not voice.tells(miss)

    def close(case: Case, end: int) -> None:
        ties = case.ties
        if quiet and not ties:
            return
        for row in case.waits[number]:
            if row[2] in ties or not is_elapsed:
                # What the end decides no event has decided, nor the clock before.
                found = ask(side, case, row, clock(), end)
                if found[1] is None and (is_elapsed or not ask(side, case, row, clock(), NEVER)[3]):
                    tell(side, case, row, found)
            elif not quiet:
                until = end if within == NEVER else min(end, row[2] + within)
                tell(side, case, row, (miss, None, until, True))

    return close


# --- forward


def _looks_ahead(side: Side, voice: Voice) -> Steps:
    start, close = _waits(side, voice), _closes(side, voice)
    meet = _meets(side, voice) if side.is_near else _settles(side, voice)
    if side.kind is Kind.AHEAD:
        return Steps(start, meet, close)
    if not side.is_plain:
        return Steps(_starts_somehow(side, voice), meet, close)
    return Steps(_found_or_waits(side, voice, start), meet, close, lasts=(side.aims.number,))


def _found_or_waits(side: Side, voice: Voice, wait: Step) -> Step:
    """What looks both ways: a target came before, or else it waits."""
    tell, aims, within, hit = voice.tell, side.aims.number, side.reach.within, side.hit
    tells = voice.tells(hit)

    def start(case: Case, row: Row) -> None:
        target = case.last[aims]
        if target is None or row[2] - target[2] > within:
            wait(case, row)
        elif tells:
            tell(side, case, row, (hit, target, NEVER, True))

    return start


def _meets(side: Side, voice: Voice) -> Step:
    """A target has come: settle the activations that it is the first one for."""
    tell, number, hit, within, link = voice.tell, side.number, side.hit, side.reach.within, side.link
    tells, both_ways, somehow = voice.tells(hit), side.kind is Kind.BOTH_WAYS, _settles(side, voice)

    def meet(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if not waits:
            return
        at = row[2]
        if waits[-1][2] == at and not both_ways:
            # The two stand side by side.
            somehow(case, row)
            return
        k = len(waits)
        while k and at - waits[k - 1][2] <= within:
            k -= 1
        met: list[Row] = []
        left: list[Row] = []
        for one in waits[k:]:
            (met if link is None or link(one, row, case) else left).append(one)
        waits[k:] = left
        if tells:
            for one in met:
                tell(side, case, one, (hit, row, NEVER, True))

    return meet


# --- back


def _looks_back(side: Side, voice: Voice) -> Steps:
    if not side.is_plain:
        return Steps(_starts_somehow(side, voice))
    aims, within, tell, tells = side.aims.number, side.reach.within, voice.tell, voice.tells_fulfilled

    def start(case: Case, row: Row) -> None:
        target = case.last[aims]
        if target is None or row[2] - target[2] > within:
            tell(side, case, row, (V, row, NEVER, True))
        elif tells:
            tell(side, case, row, (F, target, NEVER, True))

    return Steps(start, lasts=(aims,))


def _looks_back_alternate(side: Side, voice: Voice) -> Steps:
    somehow = _starts_somehow(side, voice)
    if not side.is_plain:
        return Steps(somehow)
    starts, aims, within = side.starts.number, side.aims.number, side.reach.within
    tell, tells = voice.tell, voice.tells_fulfilled

    def start(case: Case, row: Row) -> None:
        target, before = case.last[aims], case.last[starts]
        if target is None or row[2] - target[2] > within or (before is not None and before[2] > target[2]):
            tell(side, case, row, (V, before or row, NEVER, True))
        elif before is not None and before[2] == target[2]:
            somehow(case, row)
        elif tells:
            tell(side, case, row, (F, target, NEVER, True))

    return Steps(start, lasts=(starts, aims))


# --- between two activations, and next to one


def _looks_ahead_alternate(side: Side, voice: Voice) -> Steps:
    tell, number, within, tells = voice.tell, side.number, side.reach.within, voice.tells_fulfilled
    wait, settle, is_plain = _waits(side, voice), _settles(side, voice), side.is_plain

    def start(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if waits:
            if not is_plain or waits[-1][2] in case.ties:
                settle(case, row)
            elif row[2] - waits[-1][2] <= within:
                tell(side, case, waits.pop(), (V, row, NEVER, True))
        wait(case, row)

    def meet(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if waits:
            if not is_plain or waits[-1][2] in case.ties:
                settle(case, row)
            elif row[2] - waits[-1][2] <= within:
                one = waits.pop()
                if tells:
                    tell(side, case, one, (F, row, NEVER, True))

    return Steps(start, meet, _closes(side, voice))


def _looks_next(side: Side, voice: Voice) -> Steps:
    tell, number, wait, settle = voice.tell, side.number, _waits(side, voice), _settles(side, voice)
    is_elapsed, within = side.reach.is_elapsed, side.reach.within

    def start(case: Case, row: Row) -> None:
        wait(case, row)
        waits = case.waits[number]
        if waits and waits[-1] is row:
            case.watch = watching if case.watch is None else (*case.watch, follow)

    def follow(case: Case, row: Row) -> None:
        waits = case.waits[number]
        if not waits:
            return
        if waits[-1][2] in case.ties or not is_elapsed:
            settle(case, row)
        elif waits[-1] is case.rows[-2] and row[2] - waits[-1][2] <= within:
            # Where it comes too late, the clock tells.
            one = waits.pop()
            tell(side, case, one, (side.hit if side.fits(one, row, case) else side.miss, row, NEVER, True))

    watching = (follow,)
    return Steps(start, None, _closes(side, voice), follow)


def _looks_before(side: Side, voice: Voice) -> Steps:
    tell, somehow, fits = voice.tell, _starts_somehow(side, voice), side.fits

    def start(case: Case, row: Row) -> None:
        before = case.rows[-2] if len(case.rows) > 1 else None
        if before is None:
            tell(side, case, row, (V, row, NEVER, True))
        elif before[2] in case.ties:
            somehow(case, row)
        else:
            tell(side, case, row, (F if fits(row, before, case) else V, before, NEVER, True))

    return Steps(start)


# --- what is asked once a case


def _counts(side: Side, voice: Voice) -> Steps:
    if not counts(side):
        decides = _decides(side, voice)
        return Steps(decides, None, _closes_case(side, voice))
    tell, number, reach = voice.tell, side.number, side.reach
    verdict = F if side.constraint.template is Template.EXISTENCE else V
    after, within = (FAR_PAST, NEVER) if reach.is_boundless else (reach.after, reach.within)

    def start(case: Case, row: Row) -> None:
        left = case.waits[number]
        if left and after <= row[2] - case.created <= within:
            case.waits[number] = left - 1
            if left == 1:
                tell(side, case, None, (verdict, row, NEVER, True))

    def close(case: Case, end: int) -> None:
        until = end if within == NEVER else min(end, case.created + within)
        tell(side, case, None, (too_few(side, case.waits[number]), None, until, True))

    is_quiet = side.constraint.template is Template.ABSENCE and not voice.tells_fulfilled
    return Steps(start, None, None if is_quiet else close)


def _chooses(side: Side, voice: Voice) -> Steps:
    decides = _decides(side, voice)
    return Steps(decides, decides, _closes_case(side, voice))


def _decides(side: Side, voice: Voice) -> Step:
    """The newest event may decide what is asked of the case."""
    tell, clock, place = voice.tell, voice.clock, side.place

    def start(case: Case, row: Row) -> None:
        if place not in case.unasked:
            found = judge(side, case, None, clock())
            if found[3] and found[1] is row:
                tell(side, case, None, found)

    return start


def _closes_case(side: Side, voice: Voice) -> Close:
    tell, clock = voice.tell, voice.clock

    def close(case: Case, end: int) -> None:
        now = clock()
        if not judge(side, case, None, now)[3]:
            tell(side, case, None, side.ask(side, case, None, now, end))

    return close


def _begins_or_ends(side: Side, voice: Voice) -> Steps:
    return Steps(None, None, _closes_case(side, voice))


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
    Kind.PREVIOUS: _looks_before,
}
