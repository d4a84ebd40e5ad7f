"""What is asked once a case: existence, absence, exactly, init, end and the choices (see `_kernels`)."""

from __future__ import annotations

import numpy as np

from crmusage.conformance._kernels import Int8, Judged, spread
from crmusage.conformance._search import Bool, Int32, Int64, Occurrences
from crmusage.conformance._window import Window
from crmusage.history import NEVER, Index
from crmusage.rules import Template, Verdict

F, V, P = Verdict.FULFILLED, Verdict.VIOLATED, Verdict.PENDING


def count(
    index: Index, events: Occurrences, window: Window, template: Template, n: int, *, reasons: bool = True
) -> Judged:
    """existence, absence and exactly: how often it happened, once a case; a window runs from the case's creation."""
    of, at = events.case, events.at
    last = None
    if window.is_set:
        first, last = window.forward(index.created, None)
        inside = (events.instant >= first[of]) & (events.instant <= last[of])
        of, at = of[inside], at[inside]
    often = np.bincount(of, minlength=index.n_cases)
    enough = often >= n
    over: Bool = index.closed != NEVER
    if last is not None:
        over |= (last < index.as_of) | (last < first)
    if template is Template.EXISTENCE:
        verdict = _settled(enough, over)
    elif template is Template.ABSENCE:
        verdict = _settled(~enough & over, enough)
    else:
        verdict = _settled((often == n) & over, (often > n) | over)
    if not reasons:
        return _of_cases(index, verdict, None, None)
    nth = n + 1 if template is Template.EXACTLY else n
    by = np.full(index.n_cases, -1, dtype=np.int32)
    reached = often >= nth
    by[reached] = at[(np.cumsum(often) - often)[reached] + nth - 1]
    return _of_cases(index, verdict, by, last)


def _settled(fulfilled: Bool, violated: Bool) -> Int8:
    """Fulfilled before violated before pending."""
    return np.where(fulfilled, np.int8(F), np.where(violated, np.int8(V), np.int8(P)))


def _of_cases(index: Index, verdict: Int8, by: Int32 | None, last: Int64 | None) -> Judged:
    n = index.n_cases
    deadline = None
    if by is not None:
        end = index.closed if last is None else np.minimum(index.closed, last)
        # Settled before its end: a window that is empty, which no instant decides.
        deadline = np.where((by >= 0) | ((verdict != P) & (end > index.as_of)), NEVER, end)
    return Judged(
        case=np.arange(n, dtype=np.int32),
        at=np.full(n, -1, dtype=np.int32),
        cell=index.case_cell,
        verdict=verdict,
        decided_by=by,
        deadline=deadline,
    )


def edge(index: Index, events: Occurrences, template: Template, *, reasons: bool = True) -> Judged:
    """What a case begins or ends with (init and end). A case without events keeps neither."""
    closed: Bool = index.closed != NEVER
    some = index.offsets[:-1] < index.offsets[1:]
    cases = np.flatnonzero(some)
    first = template is Template.INIT
    position = index.offsets[:-1][cases] if first else index.offsets[1:][cases] - np.int32(1)
    fits = events.mask[position]
    may_hit, may_miss = np.zeros(index.n_cases, dtype=bool), ~some
    may_hit[cases], may_miss[cases] = fits, ~fits
    if index.tie_start is not None and index.tie_end is not None:
        # Each of the events at that instant can be the one at the edge.
        start, stop = index.tie_start[position], index.tie_end[position]
        tied = np.flatnonzero(stop - start > 1)
        which, beside = spread(cases[tied], start[tied], stop[tied])
        fits = events.mask[beside]
        may_hit[which[fits]] = True
        may_miss[which[~fits]] = True
    # What began is settled with the first event; what ends, when the case is closed.
    settled = some | closed if first else closed
    verdict = np.where(settled, _settled(may_hit, may_miss), np.int8(P))
    verdict[settled & may_hit & may_miss] = Verdict.TIED
    if not reasons:
        return _of_cases(index, verdict, None, None)
    by = np.full(index.n_cases, -1, dtype=np.int32)
    by[cases] = position
    by[~settled | (verdict == Verdict.TIED)] = -1
    return _of_cases(index, verdict, by, None)


def choice(
    index: Index,
    one: Occurrences,
    other: Occurrences,
    window: Window,
    *,
    exclusive: bool,
    reasons: bool = True,
) -> Judged:
    """At least one of two happened; exclusive: and not both."""
    over: Bool = index.closed != NEVER
    last = None
    if window.is_set:
        begin, last = window.forward(index.created, None)
        over |= (last < index.as_of) | (last < begin)
        sides = [
            Occurrences(index, side.activities, side.at[inside])
            for side in (one, other)
            for inside in [(side.instant >= begin[side.case]) & (side.instant <= last[side.case])]
        ]
    else:
        sides = [one, other]
    firsts = [side.edge(last=False) for side in sides]
    has, has_other = (first < index.n_events for first in firsts)
    some, both = has | has_other, has & has_other
    verdict = _settled(some & ~both & over, both | over) if exclusive else _settled(some, over)
    if not reasons:
        return _of_cases(index, verdict, None, None)
    by = np.where(both, np.maximum(*firsts), -1) if exclusive else np.where(some, np.minimum(*firsts), -1)
    return _of_cases(index, verdict, by.astype(np.int32), last)
