from __future__ import annotations

import attrs
import numpy as np

from crmusage.testing._clock import WORKING_DAYS_A_DAY, Bools, Floats, Ints
from crmusage.testing._company import ACCOUNT_MANAGER, ALWAYS, Company, Department
from crmusage.testing._habits import Batch, Habits

WON, LOST, ASLEEP = 0, 1, 2
"""How a deal is planned to end."""

NOBODY = -1
INTEGRATION = -2
"""The website's integration user, who belongs to no department."""

SHORTEST = 2e-4
"""The shortest life of a deal, in working days: at least five seconds at any hour of the day."""
QUARTER_PULL, YEAR_END_PULL, AUGUST_DELAY = 0.15, 0.35, 0.45
"""Of the closings that could be: pulled before the end of a quarter or a year, put off until September."""
PULLED_FROM, PULLED_FROM_YEAR_END = 12, 25
"""From how many days after that end."""
UNHURRIED = 14.0
"""Deals that are decided within so many days keep no season. All of these are guessed."""


@attrs.frozen(eq=False)
class Deals:
    """Planned lives, one array a column, beyond the end of the simulation too; times are working times."""

    entered: Floats
    ended: Floats
    """When it is decided, or when a deal that falls asleep was last touched."""
    ending: Ints
    owner: Ints
    """Numbers of persons within the department, as everywhere here."""
    heir: Ints
    """Who gets the deal when its owner leaves; `NOBODY`: the owner stays to its end."""
    entered_by: Ints
    yes: Floats
    """The customer's yes where it is dated before the deal was entered, else NaN."""
    amount: Floats
    account: Ints

    def __len__(self) -> int:
        return len(self.entered)

    @property
    def length(self) -> Floats:
        """Calendar days from creation to the end, about."""
        return (self.ended - self.entered) / WORKING_DAYS_A_DAY


def draw(company: Company, department: Department, batch: Batch, rng: np.random.Generator) -> Deals:
    """The deals of a batch."""
    habits, people, clock = batch.habits, department.people, department.clock
    n = batch.deals
    day = _days(company, department, batch, rng)
    entered = clock.begins(day) + rng.random(n)
    if batch.burst is not None:
        # A minute is between 1/490 and 1/1260 of a working day, by the hour.
        entered = clock.begins(day) + 0.2 + np.sort(rng.random(n)) * batch.burst.minutes / 490
    owner = _owners(department, clock.day(entered), company.days, rng)
    inside = people.profile[owner] != ACCOUNT_MANAGER
    size = rng.normal(0, 0.9, n)
    amount = habits.amount * np.exp(size) * np.where(inside, 0.6, 1.0)

    odds = (
        np.log(habits.win_rate / (1 - habits.win_rate))
        + people.win_effect[owner]
        - 0.15 * size
        + inside * 0.1
    )
    won = rng.random(n) < 1 / (1 + np.exp(-odds))
    asleep = rng.random(n) < habits.stale_share
    ending = np.where(asleep, ASLEEP, np.where(won, WON, LOST))
    length = (
        habits.pace
        * np.exp(rng.normal(0, habits.spread, n) + people.pace_effect[owner] + 0.12 * size)
        * np.where(inside, 0.8, 1.0)
        * np.where(ending == WON, 1.0, habits.lost_delay)
    )
    quick = (ending == WON) & (rng.random(n) < habits.quick_share)
    length = np.where(quick, rng.uniform(0.05, 3.0, n), np.minimum(length, habits.longest))
    if batch.burst is not None:
        length = rng.uniform(0.0003, 0.003, n)
    ended = entered + np.maximum(length * WORKING_DAYS_A_DAY, SHORTEST)
    if habits.seasonal:
        ended = _in_season(
            company, department, rng, entered=entered, ended=ended, movable=~quick & (length > UNHURRIED)
        )

    if habits.ends_with_month:
        last = clock.end_of(clock.day(ended), months=1)
        waits = (rng.random(n) < habits.ends_with_month) & (clock.begins(last) > entered)
        ended = np.where(waits, clock.begins(last) + rng.random(n), ended)

    before = np.where(quick, habits.accepted_before_quick, habits.accepted_before)
    yes = np.where(
        (ending == WON) & (rng.random(n) < before),
        entered - np.minimum(rng.lognormal(-0.4, 0.9, n), 8.0),
        np.nan,
    )
    stayers = people.stayers
    leaves = (people.ends[owner] <= clock.day(ended)) | ((ending == ASLEEP) & (people.ends[owner] != ALWAYS))
    return Deals(
        entered=entered,
        ended=ended,
        ending=ending,
        owner=owner,
        heir=np.where(leaves, stayers[rng.integers(0, len(stayers), n)], NOBODY),
        entered_by=_entered_by(company, department, batch, owner, rng),
        yes=yes,
        amount=np.maximum(np.round(amount, -1), 100.0),
        account=rng.integers(0, max(1, int(0.6 * department.deals)), n),
    )


def _days(company: Company, department: Department, batch: Batch, rng: np.random.Generator) -> Ints:
    if batch.burst is not None:
        return np.full(batch.deals, batch.burst.day)
    weight = company.intensity(department.trend) * department.clock.is_open(np.arange(company.days))
    day = np.arange(company.days)
    weight[(day < batch.since) | (day >= batch.until)] = 0.0
    if batch.months is not None:
        weight[~np.isin(company.months(), sorted(batch.months))] = 0.0
    if not weight.any():  # no working day in so short a time: then any
        weight = department.clock.is_open(day).astype(np.float64)
    chance = np.cumsum(weight) / weight.sum()
    return np.minimum(np.searchsorted(chance, rng.random(batch.deals), side="right"), company.days - 1)


def _owners(department: Department, day: Ints, days: int, rng: np.random.Generator) -> Ints:
    # By chance among who is there that day, in proportion to their weights.
    people = department.people
    day = np.clip(day, 0, days - 1)
    # If all are on leave, whoever is employed; so small a weight changes nothing else.
    present = ~people.away(days) + 1e-9 * people.employed(days)
    sums = np.cumsum(people.weight[:, None] * present, axis=0)
    pick = rng.random(len(day)) * sums[-1, day]
    owner = np.zeros(len(day), dtype=np.int64)
    for row in sums[:-1]:
        owner += pick >= row[day]
    return owner


def _entered_by(
    company: Company, department: Department, batch: Batch, owner: Ints, rng: np.random.Generator
) -> Ints:
    stayers = department.people.stayers
    if batch.burst is not None:
        day = department.clock.day(department.clock.begins(np.array([batch.burst.day])))
        present = stayers[~department.people.away(company.days)[stayers, day]]
        someone = present if len(present) else stayers
        return np.full(len(owner), someone[int(rng.integers(len(someone)))])
    api = rng.random(len(owner)) < batch.habits.api_share
    colleague = rng.random(len(owner)) < 0.05
    by = np.where(colleague, stayers[rng.integers(0, len(stayers), len(owner))], owner)
    return np.where(api, INTEGRATION, by)


def _in_season(
    company: Company,
    department: Department,
    rng: np.random.Generator,
    *,
    entered: Floats,
    ended: Floats,
    movable: Bools,
) -> Floats:
    # Both move a closing by a few weeks at most, and never before half of the deal's life.
    clock = department.clock
    n = len(ended)
    day = clock.day(ended)
    date = np.datetime64(company.start, "D") + day
    month = date.astype("datetime64[M]").astype(np.int64)
    quarter = month - month % 3
    past = (date - quarter.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    year_end = quarter % 12 == 0
    near = past < np.where(year_end, PULLED_FROM_YEAR_END, PULLED_FROM)
    back = np.where(year_end, rng.integers(7, 20, n), rng.integers(1, 8, n))
    pulled = clock.begins(day - past - back) + rng.random(n)
    pull = movable & near & (rng.random(n) < np.where(year_end, YEAR_END_PULL, QUARTER_PULL))
    wait = movable & (month % 12 == 7) & (rng.random(n) < AUGUST_DELAY)
    delayed = ended + rng.uniform(10, 25, n) * WORKING_DAYS_A_DAY
    return np.where(pull & (pulled > (entered + ended) / 2), pulled, np.where(wait, delayed, ended))


def stages_reached(deals: Deals, habits: Habits, rng: np.random.Generator) -> Ints:
    """How far each deal comes, 0 (qualification) to 3 (negotiation), before it ends."""
    u = rng.random(len(deals))
    ways = np.array([[0.0, 0.02, 0.15], [0.22, 0.50, 0.80], [0.30, 0.65, 0.90]])[deals.ending]
    reached: Ints = (u[:, None] >= ways).sum(axis=1)
    return np.maximum(reached, habits.first_stage)
