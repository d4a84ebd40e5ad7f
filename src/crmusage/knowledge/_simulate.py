"""The same erosion, person by person and capability by capability: how far one company may be from the mean."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

import attrs

from crmusage.knowledge._erosion import Departure, Erosion, Event, Refresher, Release, in_month

NEVER = 1 << 60


@attrs.frozen
class Spread:
    """Known shares month by month, from month 0, over many simulated companies."""

    mean: tuple[float, ...]
    low: tuple[float, ...]
    """2.5 % of the companies know less."""
    high: tuple[float, ...]
    """2.5 % of the companies know more."""


def simulate(
    erosion: Erosion,
    months: int,
    *,
    people: int,
    events: Iterable[Event] = (),
    capabilities: int = 50,
    runs: int = 200,
    seed: int = 0,
) -> Spread:
    """Monte Carlo over persons: chance alone, with the rates taken as known.

    Each person knows or does not know each of `capabilities` things. Who leaves, what they forget and what a relay
    leaves is drawn; the colleague who tells a newcomer is drawn from those there before anybody left. Growth
    comes in whole capabilities, so take enough of them (50 are right to about a hundredth).

    Raises:
        ValueError: for no people, capabilities or runs, or negative months.
    """
    if people < 1 or capabilities < 1 or runs < 1 or months < 0:
        raise ValueError("people, capabilities and runs are 1 or more, months 0 or more")
    rng, happening = random.Random(seed), tuple(events)  # noqa: S311 — a simulation, and one that can be repeated
    drawn = [_Company(erosion, people, capabilities, months, rng).run(happening) for _ in range(runs)]
    by_month = [sorted(shares) for shares in zip(*drawn, strict=True)]
    return Spread(
        tuple(math.fsum(shares) / runs for shares in by_month),
        tuple(_quantile(shares, 0.025) for shares in by_month),
        tuple(_quantile(shares, 0.975) for shares in by_month),
    )


def _quantile(ordered: list[float], level: float) -> float:
    place = level * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class _Company:
    """One run. A person is a list: for each capability the month from which it is unknown (0: it always was)."""

    def __init__(
        self, erosion: Erosion, people: int, capabilities: int, months: int, rng: random.Random
    ) -> None:
        self.e, self.months, self.rng = erosion, months, rng
        self.size = float(capabilities)
        self.stays = math.log1p(-erosion.forgetting) if erosion.forgetting else 0.0
        # Known pairs are counted by what comes and goes in each month: most months, most people stand still.
        self.change = [0] * (months + 1)
        self.people = [self._taught([0] * capabilities, erosion.training_keeps, 0) for _ in range(people)]

    def run(self, events: tuple[Event, ...]) -> list[float]:
        """The known share at each month."""
        pairs = [self._pairs()]
        turnover = self.e.turnover
        for month in range(1, self.months + 1):
            self._replace(month, turnover)
            self._grow(self.size * (1 + self.e.growth), month)
            for event in in_month(events, month):
                self._happens(event, month)
            pairs.append(self._pairs())
        known, shares = 0, []
        for change, among in zip(self.change, pairs, strict=True):
            known += change
            shares.append(known / among)
        return shares

    def _pairs(self) -> int:
        return len(self.people) * len(self.people[0])

    def _happens(self, event: Event, month: int) -> None:
        match event:
            case Release():
                self._grow(self.size * (1 + event.adds), month)
            case Departure():
                self._replace(month, event.share_leaving, told=event.handed_over)
            case Refresher():
                for one in self.people:
                    self._taught(one, self.e.training_keeps, month)

    def _learn(self, month: int) -> int:
        """The month in which what is learnt now is forgotten."""
        until = NEVER
        if self.stays:
            until = month + 1 + int(math.log(1 - self.rng.random()) / self.stays)
        self._count(month, until, 1)
        return until

    def _count(self, month: int, until: int, n: int) -> None:
        self.change[month] += n
        if until <= self.months:
            self.change[until] -= n

    def _taught(self, person: list[int], keeps: float, month: int) -> list[int]:
        for place, until in enumerate(person):
            if until <= month and self.rng.random() < keeps:
                person[place] = self._learn(month)
        return person

    def _replace(self, month: int, leaving: float, *, told: bool = True) -> None:
        before = list(self.people)
        for place, leaver in enumerate(before):
            if self.rng.random() < leaving:
                for until in leaver:
                    if until > month:
                        self._count(month, until, -1)
                self.people[place] = self._newcomer(before, month) if told else [0] * len(leaver)

    def _newcomer(self, before: list[list[int]], month: int) -> list[int]:
        e, rng = self.e, self.rng
        if rng.random() < e.champion_tells:
            chance = e.relay_keeps * e.champion_knows
            return [self._learn(month) if rng.random() < chance else 0 for _ in before[0]]
        relay = rng.choice(before)
        return [self._learn(month) if u > month and rng.random() < e.relay_keeps else 0 for u in relay]

    def _grow(self, size: float, month: int) -> None:
        self.size = size
        new = math.floor(size + 1e-9) - len(self.people[0])
        for person in self.people:
            person += [
                self._learn(month) if self.rng.random() < self.e.release_known else 0 for _ in range(new)
            ]
