"""What happens to a deal between its creation and its end, one kind of act a function."""

from __future__ import annotations

import numpy as np

from crmusage.testing._clock import SECOND, Floats, Ints
from crmusage.testing._deals import INTEGRATION, LOST, NOBODY, WON, stages_reached
from crmusage.testing._habits import Habits
from crmusage.testing._sheet import (
    AMOUNT,
    AMOUNT_CHANGED,
    AUTOMATION,
    CALL,
    CLOSE_DATE,
    CLOSE_DATE_CHANGED,
    EMAIL,
    MEETING,
    NEGOTIATION,
    QUOTE_ACCEPTED,
    QUOTE_DECLINED,
    QUOTE_SENT,
    STAGE,
    STAGE_CHANGED,
    STAGE_LOST,
    STAGE_WON,
    UI,
    UPDATED,
    Sheet,
)

# How often, how many and how long: all guessed.
TIED_CLOSINGS = 0.35
"""Closings that change the stage at the very same instant; the others a few seconds before."""
TIED_QUOTES = 0.3
"""Alternative quotes that are sent at the very same instant."""
TIED_EDITS = 0.4
"""Changes of the amount that are saved together with a change of the close date."""
DECLINED = 0.45
"""Lost deals whose quote is marked as declined."""
MOST_UPDATES = 8
"""Deals that drag on are not brought up to date for ever."""
MOST_PUSHES = 4


def stages(sheet: Sheet, habits: Habits, rng: np.random.Generator, *, closed: Ints) -> tuple[Floats, Ints]:
    """The way through the stages.

    Returns the working time at which each stage is reached (deals by four stages, infinite where it is not),
    and the stage of each deal on the last day.
    """
    deals = sheet.deals
    n = len(deals)
    first = habits.first_stage
    reach = stages_reached(deals, habits, rng)
    nobody = np.zeros(n, dtype=bool)
    hoped = (deals.ending == LOST) & (rng.random(n) < habits.hoped_for) if habits.hoped_for else nobody
    held = (deals.ending == WON) & (rng.random(n) < habits.held_low) if habits.held_low else nobody
    reach = np.where(hoped, NEGOTIATION, reach)
    life = deals.ended - deals.entered
    at = np.full((n, NEGOTIATION + 1), np.inf)
    at[:, : first + 1] = deals.entered[:, None]
    stage = np.full(n, first)
    skipping = (rng.random(n) < habits.missed) & (reach - first >= 2)
    skipped = np.where(skipping, first + 1 + rng.integers(0, np.maximum(reach - first - 1, 1)), -1)
    jumping = rng.random(n) < habits.stage_jumps if habits.stage_jumps else nobody
    origin = AUTOMATION if habits.stages_by_tool else UI
    for following in range(first + 1, NEGOTIATION + 1):
        share = (0.12, 0.38, 0.72)[following - 1] + rng.uniform(-0.1, 0.1, n)
        share = np.where(held, 0.85 + 0.04 * following, np.where(hoped, 0.8 * share, share))
        which = np.flatnonzero(reach >= following)
        at[which, following] = (deals.entered + share * life)[which]
        which = which[(skipped[which] != following) & ~(jumping[which] & (following < reach[which]))]
        when = sheet.instant(at[which, following])
        sheet.add(STAGE_CHANGED, which, when, origin=origin, field=STAGE, old=stage[which], new=following)
        stage[which[when < sheet.horizon]] = following
    which = np.flatnonzero(closed < sheet.horizon)
    last = np.where(deals.ending == WON, STAGE_WON, STAGE_LOST)[which]
    seconds = np.where(rng.random(len(which)) < TIED_CLOSINGS, 0, rng.integers(1, 4, len(which)))
    sheet.add(STAGE_CHANGED, which, closed[which] - seconds * SECOND, field=STAGE, old=stage[which], new=last)
    stage[which] = last
    return at, stage


def quotes(
    sheet: Sheet, habits: Habits, rng: np.random.Generator, *, proposal: Floats, created: Ints
) -> None:
    """Quotes sent, accepted and declined.

    Of two alternatives the one not chosen is declined within two working days. `proposal` is the working
    time at which a deal comes so far (infinite: it does not).
    """
    deals = sheet.deals
    n = len(deals)
    early = np.flatnonzero(~np.isnan(deals.yes))
    when = sheet.instant(deals.yes[early])
    late = (created[early] - when) / (60 * SECOND) + rng.uniform(1, 30, len(early))
    sheet.add(QUOTE_ACCEPTED, early, when, minutes_late=late, quote=1, alternative=0)

    which = np.flatnonzero(np.isfinite(proposal) & np.isnan(deals.yes) & (rng.random(n) < habits.quotes))
    m = len(which)
    ended, ending = deals.ended[which], deals.ending[which]
    sent = proposal[which] + np.minimum(rng.exponential(0.5, m), 0.2 * (ended - proposal[which]))
    two = rng.random(m) < habits.alternatives
    second = sent + np.where(rng.random(m) < TIED_QUOTES, 0.0, 0.05) * (ended - sent)
    sheet.add(QUOTE_SENT, which, sheet.instant(sent), quote=1, alternative=two)
    sheet.add(QUOTE_SENT, which[two], sheet.instant(second[two]), quote=2, alternative=1)

    chosen = np.where(two & (rng.random(m) < 0.5), 2, 1)
    room = 0.9 * (ended - second)
    answered = ended - np.minimum(rng.lognormal(-0.7, 1.0, m), room)
    yes = (ending == WON) & (rng.random(m) >= habits.missed)
    no = (ending == LOST) & (rng.random(m) < DECLINED)
    answer = sheet.instant(answered)
    minutes_late = rng.lognormal(3.0, 1.0, m)
    sheet.add(
        QUOTE_ACCEPTED,
        which[yes],
        answer[yes],
        minutes_late=minutes_late[yes],
        quote=chosen[yes],
        alternative=two[yes],
    )
    sheet.add(
        QUOTE_DECLINED,
        which[no],
        answer[no],
        minutes_late=minutes_late[no],
        quote=chosen[no],
        alternative=two[no],
    )
    broken = rng.random(m) < habits.missed
    never = broken & (rng.random(m) < 0.5)
    declined = answered + np.where(broken, rng.uniform(2.5, 8.0, m), rng.uniform(0.05, 1.9, m))
    other = yes & two & ~never
    sheet.add(
        QUOTE_DECLINED, which[other], sheet.instant(declined[other]), quote=3 - chosen[other], alternative=1
    )


def touches(sheet: Sheet, habits: Habits, rng: np.random.Generator) -> None:
    """A first call within days, and more calls, mails and meetings the longer it takes."""
    deals = sheet.deals
    n = len(deals)
    life = deals.ended - deals.entered
    called = np.flatnonzero(rng.random(n) < habits.first_call * (1 - habits.missed))
    first = deals.entered + np.minimum(rng.exponential(0.8, n), 0.5 * life)
    sheet.add(
        CALL,
        called,
        sheet.instant(first[called]),
        minutes_late=_minutes_late(habits, len(called), rng),
        optional=True,
    )
    count = rng.poisson(habits.touches * np.clip((deals.length / 45) ** 0.4, 0.25, 2.5))
    which = np.repeat(np.arange(n), count)
    m = len(which)
    w = deals.entered[which] + rng.random(m) * life[which]
    kind = np.array([CALL, EMAIL, MEETING])[np.searchsorted([0.4, 0.8], rng.random(m))]
    # Some mails are written in the evening, but none after the deal was closed.
    evening = (kind == EMAIL) & (rng.random(m) < 0.06) & (w < deals.ended[which] - 1)
    at = sheet.instant(w) + np.where(evening, rng.integers(1, 5 * 3600, m), 0) * SECOND
    late = np.where(kind == EMAIL, rng.uniform(0, 3, m), _minutes_late(habits, m, rng))
    # Now and then the manager (the first of the department) comes along.
    actor = np.where((kind == MEETING) & (rng.random(m) < 0.1), 0, -1)
    sheet.add(kind, which, at, minutes_late=late, actor=actor, optional=True)


def _minutes_late(habits: Habits, n: int, rng: np.random.Generator) -> Floats:
    return np.minimum(habits.delay * rng.lognormal(np.log(40), 1.3, n), 15 * 24 * 60)


def updates(sheet: Sheet, habits: Habits, rng: np.random.Generator) -> None:
    """Every second Monday morning each open deal is brought up to date, if it is not forgotten."""
    deals, clock = sheet.deals, sheet.clock
    entered = clock.day(deals.entered)
    monday = entered - (entered + clock.start.weekday()) % 7
    count = np.minimum((clock.day(deals.ended) - monday) // 14, MOST_UPDATES)
    which = np.repeat(np.arange(len(deals)), count)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + 1
    w = clock.begins(monday[which] + 14 * turn) + rng.uniform(0, 0.35, len(which))
    done = (w < deals.ended[which]) & (w > deals.entered[which]) & (rng.random(len(which)) >= habits.missed)
    sheet.add(UPDATED, which[done], sheet.instant(w[done]), optional=True)


def amounts(sheet: Sheet, habits: Habits, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Changes of the amount: none, one, seldom two.

    Returns the amount on the last day, and the working time of the first change (NaN: none).
    """
    deals = sheet.deals
    n = len(deals)
    amount = deals.amount.astype(np.int64)
    life = deals.ended - deals.entered
    u = rng.random(n)
    first = np.full(n, np.nan)
    for turn, share in enumerate((habits.amount_changes, habits.amount_changes * 0.15)):
        which = np.flatnonzero(u < share)
        w = deals.entered + (0.3 + 0.33 * turn + rng.uniform(0, 0.3, n)) * life
        factor = rng.lognormal(-0.02, 0.2, n)
        new = np.maximum(np.round(amount * factor, -1).astype(np.int64), 100)
        new += np.where(new == amount, 10, 0)
        when = sheet.instant(w[which])
        sheet.add(AMOUNT_CHANGED, which, when, field=AMOUNT, old=amount[which], new=new[which])
        in_time = which[when < sheet.horizon]
        amount[in_time] = new[in_time]
        if turn == 0:
            first[which] = w[which]
    return amount, first


def close_dates(sheet: Sheet, habits: Habits, rng: np.random.Generator, *, edited: Floats) -> Ints:
    """Pushes of the expected close date, some saved together with a change of the amount (`edited`).

    Returns the expected day on the last day.
    """
    deals = sheet.deals
    n = len(deals)
    guess = np.maximum(habits.guess * habits.pace * rng.lognormal(0, 0.3, n), 1).astype(np.int64)
    day = _heaped(sheet, habits, rng, sheet.clock.day(deals.entered) + guess)
    count = np.minimum(rng.poisson(habits.pushes * deals.length / 45), MOST_PUSHES)
    together = ~np.isnan(edited) & (rng.random(n) < TIED_EDITS)
    for turn in range(MOST_PUSHES):
        share = (turn + rng.random(n)) / np.maximum(count, 1)
        w = deals.entered + share * (deals.ended - deals.entered)
        if turn == 0:
            w = np.where(together & (count == 1), edited, w)
        w = _held(sheet, habits, rng, w)
        which = np.flatnonzero(count > turn)
        new = _heaped(sheet, habits, rng, day + rng.integers(7, 46, n))
        when = sheet.instant(w[which])
        sheet.add(CLOSE_DATE_CHANGED, which, when, field=CLOSE_DATE, old=day[which], new=new[which])
        in_time = which[when < sheet.horizon]
        day[in_time] = new[in_time]
    return day


def _heaped(sheet: Sheet, habits: Habits, rng: np.random.Generator, day: Ints) -> Ints:
    """Expected days, some of them put on the last of their month."""
    if not habits.heaped:
        return day
    return np.where(rng.random(len(day)) < habits.heaped, sheet.clock.end_of(day, months=1), day)


def _held(sheet: Sheet, habits: Habits, rng: np.random.Generator, w: Floats) -> Floats:
    """When dates are changed, some of them kept back until the last days of the quarter, or the month."""
    deals, clock = sheet.deals, sheet.clock
    for share, months in ((habits.held_to_period_end, 3), (habits.reviewed_monthly, 1)):
        if share:
            end = clock.end_of(clock.day(w), months=months)
            later = clock.begins(end - rng.integers(0, 5, len(w))) + rng.random(len(w))
            # What is decided before the day comes is not put off at all; it stays where it was.
            moved = (rng.random(len(w)) < share) & (later > deals.entered) & (later < deals.ended)
            w = np.where(moved, later, w)
    return w


def after_closing(
    sheet: Sheet, habits: Habits, rng: np.random.Generator, *, closed: Ints, amount: Ints
) -> Ints:
    """Amounts that are changed once the deal is closed; returns the amounts on the last day."""
    deals = sheet.deals
    for share, by_hand in ((habits.edited_after, True), (habits.synced_after, False)):
        if not share:
            continue
        n = len(deals)
        chosen = np.flatnonzero((closed < sheet.horizon) & (rng.random(n) < share))
        when = sheet.instant(deals.ended[chosen] + rng.uniform(2.0, 15.0, len(chosen)))
        new = np.maximum(
            np.round(amount[chosen] * rng.lognormal(0.05, 0.1, len(chosen)), -1).astype(np.int64), 100
        )
        new += np.where(new == amount[chosen], 10, 0)
        sheet.add(
            AMOUNT_CHANGED,
            chosen,
            when,
            actor=NOBODY if by_hand else INTEGRATION,
            origin=UI if by_hand else AUTOMATION,
            field=AMOUNT,
            old=amount[chosen],
            new=new,
        )
        in_time = when < sheet.horizon
        amount = amount.copy()
        amount[chosen[in_time]] = new[in_time]
    return amount
