from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs
import numpy as np

from crmusage.testing._clock import Bools, Clock, Floats, Ints
from crmusage.testing._habits import Habits
from crmusage.testing._names import REGIONS, branches

ALWAYS = 10**6
"""The day on which those leave who stay: after every simulated one."""

COMPANY, DEALS, SCENARIOS = 0, 1, 2
"""Streams of chance. Each department draws from its own: what is planted in one leaves the others alone."""

MANAGER, ACCOUNT_MANAGER, INSIDE_SALES = 0, 1, 2
PROFILES = ("manager", "account-manager", "inside-sales")

# All of these are guessed: what a company of branches looks like to somebody who has seen a few.
FEWEST_REPS, MOST_REPS, MIDDLE_REPS = 5, 40, 11
TURNOVER = 0.16
"""Reps who leave in a year."""
WIN_RATE, WIN_RATE_SPREAD = 0.25, 0.35
"""The middle department, and the standard deviation between departments on the log-odds scale."""
PACE, PACE_SPREAD = 54.0, 0.30
"""Days. With inside sales, repeat orders and deals not yet decided, wins come out at about 45."""
MIDDLE_AMOUNT, AMOUNT_SPREAD = 18_000.0, 0.40
SEASON = (1.05, 1.0, 1.08, 0.98, 0.93, 1.05, 0.85, 0.55, 1.12, 1.1, 1.1, 0.9)
"""New deals by calendar month: a calm August, a busy autumn."""
WEEKDAY = (1.05, 1.1, 1.0, 1.05, 0.8, 0.0, 0.0)


@attrs.frozen(eq=False)
class People:
    """The persons of a department, one array a column; days are counted from the first simulated one."""

    unit: Ints
    profile: Ints
    starts: Ints
    ends: Ints
    """`ALWAYS` for who is still there."""
    weight: Floats
    """The share of new deals that comes to somebody; nothing to managers."""
    win_effect: Floats
    pace_effect: Floats
    absence: Ints
    """Leaves: rows of (person, first day, day of return)."""

    @property
    def stayers(self) -> Ints:
        """Who sells and is there from the first day to the last: deals of leavers are handed to them."""
        return np.flatnonzero((self.profile != MANAGER) & (self.starts <= 0) & (self.ends == ALWAYS))

    def away(self, days: int) -> Bools:
        """Who is on leave, or not (or no longer) with the company, on which day: persons by days."""
        steps = np.zeros((len(self.unit), days + 1), dtype=np.int32)
        person, first, back = self.absence.T
        np.add.at(steps, (person, np.clip(first, 0, days)), 1)
        np.add.at(steps, (person, np.clip(back, 0, days)), -1)
        return (np.cumsum(steps, axis=1)[:, :days] > 0) | ~self.employed(days)

    def employed(self, days: int) -> Bools:
        """Who is with the company on which day, persons by days."""
        day = np.arange(days)
        return (self.starts[:, None] <= day) & (day < self.ends[:, None])


@attrs.frozen(eq=False)
class Department:
    """A branch: its people, how it works, and how many deals it would enter if nothing were planted."""

    index: int
    name: str
    region: str
    clock: Clock
    people: People
    """Numbered from `first_person` in the company; its manager is the first."""
    first_person: int
    reps: int
    """On the first day, without the manager."""
    habits: Habits
    trend: float
    """The growth of its new deals, a year."""
    deals: int


@attrs.frozen(eq=False)
class Company:
    """Everything that is there before the first deal."""

    seed: int
    start: dt.date
    days: int
    departments: tuple[Department, ...]

    @property
    def opportunities(self) -> int:
        """The deals of all departments if nothing were planted."""
        return sum(department.deals for department in self.departments)

    @property
    def end(self) -> dt.date:
        """The first day that is not simulated."""
        return self.start + dt.timedelta(days=self.days)

    def date(self, day: int) -> dt.date:
        """The date of a day's number."""
        return self.start + dt.timedelta(days=day)

    def intensity(self, trend: float) -> Floats:
        """How many new deals are to be expected on each day, by season, weekday and growth; in proportion."""
        dates = [self.date(day) for day in range(self.days)]
        season = np.array([SEASON[date.month - 1] * WEEKDAY[date.weekday()] for date in dates])
        return season * np.exp(trend * np.arange(self.days) / 365)

    def months(self) -> Ints:
        """The calendar month (1 to 12) of each day."""
        return np.array([self.date(day).month for day in range(self.days)])


def found(seed: int, departments: int, days: int, opportunities: int, start: dt.date) -> Company:
    """The company that a seed stands for."""
    drafts = []
    first_person = 0
    for index, (name, region) in enumerate(branches(departments)):
        rng = np.random.default_rng([seed, COMPANY, index])
        reps = int(np.clip(round(rng.lognormal(np.log(MIDDLE_REPS), 0.5)), FEWEST_REPS, MOST_REPS))
        people = _people(rng, index, reps, start, days)
        draft = Department(
            index=index,
            name=name,
            region=region,
            clock=Clock.of(start, days, REGIONS[region]),
            people=people,
            first_person=first_person,
            reps=reps,
            habits=_habits(rng),
            trend=float(rng.normal(0.05, 0.08)),
            deals=0,
        )
        drafts.append((draft, reps * rng.lognormal(0.0, 0.25)))
        first_person += len(people.unit)
    deals = _apportion([weight for _, weight in drafts], opportunities)
    settled = (attrs.evolve(draft, deals=n) for (draft, _), n in zip(drafts, deals, strict=True))
    return Company(seed, start, days, tuple(settled))


def _habits(rng: np.random.Generator) -> Habits:
    odds = np.log(WIN_RATE / (1 - WIN_RATE)) + rng.normal(0, WIN_RATE_SPREAD)
    return Habits(
        win_rate=float(1 / (1 + np.exp(-odds))),
        pace=float(PACE * rng.lognormal(0, PACE_SPREAD)),
        amount=float(MIDDLE_AMOUNT * rng.lognormal(0, AMOUNT_SPREAD)),
        quick_share=float(rng.uniform(0.02, 0.06)),
        missed=float(rng.uniform(0.02, 0.08)),
        touches=float(2.0 * rng.lognormal(0, 0.2)),
        pushes=float(0.55 * rng.lognormal(0, 0.25)),
        api_share=float(rng.uniform(0, 0.04)),
        delay=float(rng.lognormal(0, 0.3)),
    )


def _people(rng: np.random.Generator, unit: int, reps: int, start: dt.date, days: int) -> People:
    years = days / 365
    leaves = rng.random(reps) < 1 - np.exp(-TURNOVER * years)
    leaves[:2] = False  # somebody is left to hand the deals to
    ends = np.where(leaves, rng.integers(min(20, days), days + 1, reps), ALWAYS)
    since = -60 - (rng.exponential(4.0, reps) * 365).astype(np.int64)
    replaced = ends[leaves & (rng.random(reps) < 0.8)]
    starts = np.concatenate(
        [
            replaced + rng.integers(-10, 75, len(replaced)),
            rng.integers(1, days + 1, rng.poisson(0.05 * reps * years)),
        ]
    )
    starts = np.sort(starts[(starts > 0) & (starts < days)])
    new = len(starts)
    count = 1 + reps + new
    profile = np.where(rng.random(count) < 0.7, ACCOUNT_MANAGER, INSIDE_SALES)
    profile[0] = MANAGER
    weight = rng.lognormal(0, 0.4, count)
    weight[0] = 0.0
    return People(
        unit=np.full(count, unit),
        profile=profile,
        starts=np.concatenate([[-400 - int(rng.exponential(1500))], since, starts]),
        ends=np.concatenate([[ALWAYS], ends, np.full(new, ALWAYS)]),
        weight=weight,
        win_effect=rng.normal(0, 0.25, count),
        pace_effect=rng.normal(0, 0.15, count),
        absence=_absences(rng, count, start, days),
    )


def _absences(rng: np.random.Generator, count: int, start: dt.date, days: int) -> Ints:
    # Day of the year, width of the choice, shortest and longest, chance: a summer leave, one about the turn
    # of the year, a spring week, a few days of illness.
    leaves = ((183, 45, 12, 24, 0.95), (350, 8, 5, 14, 0.7), (95, 70, 5, 10, 0.6), (5, 330, 2, 6, 0.5))
    rows = []
    for year in range(start.year, start.year + days // 365 + 2):
        for after, width, shortest, longest, chance in leaves:
            first = (dt.date(year, 1, 1) - start).days + after + rng.integers(0, width, count)
            back = first + rng.integers(shortest, longest, count)
            taken = (rng.random(count) < chance) & (first >= 0) & (back <= days)
            rows.append(np.stack([np.arange(count), first, back], axis=1)[taken])
    return np.concatenate(rows)


def _apportion(weights: Sequence[float], total: int) -> list[int]:
    """Whole numbers in proportion to weights that add up to `total` (largest remainders)."""
    shares = np.asarray(weights) * (total / sum(weights))
    whole = np.floor(shares).astype(np.int64)
    whole[np.argsort(whole - shares, kind="stable")[: total - int(whole.sum())]] += 1
    return [int(n) for n in whole]
