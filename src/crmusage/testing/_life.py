from __future__ import annotations

import attrs
import numpy as np

from crmusage.testing import _acts as acts
from crmusage.testing._clock import SECOND, Ints
from crmusage.testing._company import Company, Department
from crmusage.testing._deals import ASLEEP, NOBODY, WON, Deals
from crmusage.testing._habits import Batch
from crmusage.testing._sheet import (
    API,
    CLOSED_LOST,
    CLOSED_WON,
    CREATED,
    NEVER,
    ORIGINS,
    OWNER,
    OWNER_CHANGED,
    PROPOSAL,
    STAGE_LOST,
    STAGE_WON,
    UI,
    Events,
    Sheet,
)

AT_ONCE = 1e-6
"""Of a working day: first thing in the morning, not last thing the evening before."""


@attrs.frozen(eq=False)
class Cases:
    """What the CRM says of each deal on the last day, one array a column."""

    created: Ints
    closed: Ints
    """NEVER: it is still open."""
    won: Ints
    created_by: Ints
    owner: Ints
    stage: Ints
    amount: Ints
    close_date: Ints
    """A day from the first simulated one."""
    account: Ints


@attrs.frozen(eq=False)
class Lived:
    """What happened to the deals of a batch, before anything that a scenario changes in it."""

    company: Company
    department: Department
    cases: Cases
    events: Events
    """The creations first; persons as numbered in the department."""


def live(
    company: Company, department: Department, batch: Batch, deals: Deals, rng: np.random.Generator
) -> tuple[Cases, Events]:
    """What happened to the deals of a batch until the last day; persons as numbered in the department."""
    habits, clock = batch.habits, department.clock
    n = len(deals)
    sheet = Sheet(company, department, deals)
    horizon = sheet.horizon

    # A website knows no working hours.
    early = np.where(deals.entered_by < 0, rng.integers(0, 12 * 3600, n), 0) * SECOND
    created = np.maximum(clock.instant(deals.entered) - early, clock.midnight(np.array([0])))
    closed = np.where(deals.ending == ASLEEP, NEVER, clock.instant(deals.ended))
    closed = np.where(closed < horizon, closed, NEVER)
    closing = np.flatnonzero(closed < horizon)
    ends = np.where(deals.ending == WON, CLOSED_WON, CLOSED_LOST)[closing]

    leaving = np.minimum(department.people.ends[deals.owner], company.days)
    handed = clock.instant(clock.begins(leaving) + AT_ONCE)
    handed = np.where((deals.heir != NOBODY) & (handed > created) & (handed < closed), handed, NEVER)

    if batch.burst is not None:
        origin = ORIGINS.index(batch.burst.origin)
        # The created events come first: `created_by` below relies on it.
        sheet.add(CREATED, np.arange(n), created, actor=deals.entered_by, origin=origin)
        sheet.add(ends, closing, closed[closing], actor=deals.entered_by[closing], origin=origin)
        ended = np.where(deals.ending == WON, STAGE_WON, STAGE_LOST)
        stage = np.where(deals.ending == ASLEEP, habits.first_stage, ended)
        amount = deals.amount.astype(np.int64)
        close_date = clock.day(deals.entered) - rng.integers(60, 1500, n)
    else:
        sheet.add(
            CREATED,
            np.arange(n),
            created,
            actor=deals.entered_by,
            origin=np.where(deals.entered_by < 0, API, UI),
        )
        reached, stage = acts.stages(sheet, habits, rng, closed=closed)
        acts.quotes(sheet, habits, rng, proposal=reached[:, PROPOSAL], created=created)
        acts.touches(sheet, habits, rng)
        amount, edited = acts.amounts(sheet, habits, rng)
        expected = acts.close_dates(sheet, habits, rng, edited=edited)
        close_date = np.where(closed < horizon, clock.day(deals.ended), expected)
        acts.updates(sheet, habits, rng)
        sheet.add(ends, closing, closed[closing])
        amount = acts.after_closing(sheet, habits, rng, closed=closed, amount=amount)

    moved = np.flatnonzero(handed < horizon)
    sheet.add(
        OWNER_CHANGED,
        moved,
        handed[moved],
        actor=0,
        field=OWNER,
        old=deals.owner[moved],
        new=deals.heir[moved],
    )
    events = sheet.finish(handed)
    cases = Cases(
        created=created,
        closed=closed,
        won=deals.ending == WON,
        created_by=events.actor[:n],
        owner=np.where(handed < horizon, deals.heir, deals.owner),
        stage=stage,
        amount=amount,
        close_date=close_date,
        account=deals.account,
    )
    if habits.afterwards is not None:
        events = habits.afterwards(Lived(company, department, cases, events), rng)
    return cases, events
