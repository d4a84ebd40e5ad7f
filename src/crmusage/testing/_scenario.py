"""What a scenario is: what can be planted in a company."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from crmusage.errors import CrmUsageError
from crmusage.model import Text
from crmusage.testing._company import Company, Department
from crmusage.testing._habits import Batch, Habits


class SimulationError(CrmUsageError, ValueError):
    """What was asked of the simulator is unknown to it or cannot be."""


@attrs.frozen
class Plant:
    """What a scenario does: the deals of one department, handled otherwise."""

    department: Department
    batches: tuple[Batch, ...]
    """All its deals."""
    since: int = 0
    """The day from which it is so."""


@attrs.frozen
class Ground:
    """Where a scenario is planted: the company, the departments that no other has taken, and chance."""

    company: Company
    free: tuple[Department, ...]
    rng: np.random.Generator

    def choose(self, share: float, fewest_reps: int = 0) -> Department:
        """One of the five free departments whose natural share of the deals is nearest to `share`."""
        large_enough = [d for d in self.free if d.reps >= fewest_reps]
        # In a company of few departments there may be none of that size: then the largest there is.
        candidates = large_enough or [max(self.free, key=lambda d: d.reps)]
        wanted = share * self.company.opportunities
        nearest = sorted(candidates, key=lambda d: (abs(np.log((d.deals + 1) / (wanted + 1))), d.index))[:5]
        return nearest[int(self.rng.integers(len(nearest)))]

    def deals(self, share: float) -> int:
        """So many deals are this share of the company's."""
        return round(share * self.company.opportunities)


@attrs.frozen
class Scenario:
    """Something that can be planted in a company."""

    name: str
    text: Text
    """One line."""
    code: str | None
    """The detector that is to find it; None: none is, it is a look-alike or nothing at all."""
    plant: Callable[[Ground], Plant] | None
    """None: nothing is planted."""


LATEST_ONSET = 14
"""Months: a usage that began later than so long after the first day (of 24 months; in proportion otherwise) has left
too few traces to be planted."""


def turned(ground: Ground, share: float, habits: Callable[[Habits], Habits], *, always: float = 0.2) -> Plant:
    """A department of so much of the company's deals whose habits turned into others on some day.

    With the chance `always` they have been so from the first day; the deals entered before that day are as before.
    """
    department = ground.choose(share=share, fewest_reps=8)
    company, rng = ground.company, ground.rng
    months = LATEST_ONSET / 24
    since = 0 if rng.random() < always else int(company.days * months * rng.uniform(1 / LATEST_ONSET, 1))
    deals = ground.deals(share)
    before = round(deals * since / company.days)
    return Plant(
        department,
        (
            Batch(before, department.habits, until=since),
            Batch(deals - before, habits(department.habits), since=since, shows=True),
        ),
        since,
    )


def lasting(ground: Ground, share: float, habits: Callable[[Habits], Habits]) -> Plant:
    """A department of so much of the company's deals that has always had other habits."""
    department = ground.choose(share=share, fewest_reps=8)
    return Plant(department, (Batch(ground.deals(share), habits(department.habits), shows=True),))
