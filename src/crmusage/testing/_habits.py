from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import numpy as np

if TYPE_CHECKING:
    from crmusage.testing._life import Lived
    from crmusage.testing._sheet import Events

EVER = 10**6
"""A day after every simulated one."""


@attrs.frozen
class Habits:
    """How a department works. Shares run from 0 to 1, durations are calendar days.

    The values below are guessed, so that a department comes out with about a dozen events a deal.
    """

    win_rate: float
    """Of the deals that are decided."""
    pace: float
    """The middle time from creation to closing."""
    amount: float
    """The middle deal, in euros."""
    spread: float = 0.75
    """Standard deviation of the logarithm of that time."""
    longest: float = 900.0
    quick_share: float = 0.04
    """Of its wins: repeat orders, closed within three days of being entered."""
    lost_delay: float = 1.15
    """How much longer a loss takes than a win."""
    stale_share: float = 0.03
    """Never decided: they fall asleep and stay open."""
    seasonal: bool = True
    """Closings are pulled before the end of a quarter and put off in August."""
    first_stage: int = 0
    """The stage in which its deals are entered."""
    accepted_before: float = 0.0
    """Of its wins: the customer's yes is dated before the deal was created."""
    accepted_before_quick: float = 0.25
    """The same, of repeat orders: a customer orders by mail, and the deal is entered afterwards."""
    quotes: float = 0.92
    """Of the deals that come as far as a proposal: a quote is sent."""
    alternatives: float = 0.08
    """Of the quotes: a second one goes with it."""
    first_call: float = 0.8
    """Called within days of being created."""
    touches: float = 2.0
    """Calls, mails and meetings of a deal of 45 days."""
    amount_changes: float = 0.35
    guess: float = 1.0
    """The first expected close date, as a multiple of the usual time to closing."""
    pushes: float = 0.55
    """Changes of the close date in a deal of 45 days."""
    heaped: float = 0.0
    """Of the expected close dates: put on the last day of their month."""
    ends_with_month: float = 0.0
    """Of the closings: they wait for the last working day of their month."""
    held_to_period_end: float = 0.0
    """Of the changes of close dates: kept back until the last days of a quarter."""
    reviewed_monthly: float = 0.0
    """The same, until the last days of a month."""
    edited_after: float = 0.0
    """Of the closed deals: their amount is changed some days later."""
    synced_after: float = 0.0
    """The same, by a program that writes back what was invoiced."""
    stage_jumps: float = 0.0
    """Of the deals: from the first stage straight to the last that they reach."""
    stages_by_tool: bool = False
    """A quoting tool moves the stages, not a person."""
    held_low: float = 0.0
    """Of the wins: kept in the first stage until they are nearly won."""
    hoped_for: float = 0.0
    """Of the losses: moved on to the last stage."""
    missed: float = 0.05
    """How often a written rule is not kept: an update forgotten, a stage skipped, no first call."""
    api_share: float = 0.02
    """Entered by the website through an integration user."""
    delay: float = 1.0
    """How late calls and meetings are recorded, as a multiple of the usual 40 minutes."""
    afterwards: Callable[[Lived, np.random.Generator], Events] | None = None
    """What is done otherwise than all the above, told as the events that it leaves."""


@attrs.frozen
class Burst:
    """Old deals entered at one go: all of them on one day within some minutes, by one person."""

    day: int
    minutes: float
    origin: str | None
    """What their events say of where they came from; None: nothing."""


@attrs.frozen
class Batch:
    """Deals of one department that are handled in one way: all that a scenario has to write down."""

    deals: int
    """How many are entered."""
    habits: Habits
    since: int = 0
    until: int = EVER
    """Days from the first one, `until` not included."""
    months: frozenset[int] | None = None
    """Only in these calendar months (1 to 12)."""
    burst: Burst | None = None
    shows: bool = False
    """They show the usage that the scenario plants."""
