"""Does the fit of the decay recover what simulated companies were made with, and how often does its interval hold it?"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator

from crmusage.knowledge import Fit, Reading, fit

SHAPES = {
    "120 people, every quarter of two years": (120, (3, 6, 9, 12, 15, 18, 21, 24)),
    "120 people, asked at 3 and 24 months": (120, (3, 24)),
    "60 people over three years": (60, (2, 8, 14, 20, 28, 36)),
    "30 people over two years": (30, (4, 12, 24)),
}


def readings(
    rng: random.Random,
    start: float,
    forgotten: float,
    people: int,
    moments: tuple[int, ...],
    copying: float = 0.0,
) -> Iterator[Reading]:
    """A company: people keep or forget month by month, and are asked once each. Some know just what their team does."""
    stays = (1 - forgotten) ** (1 / 12)
    teams: dict[tuple[int, int], bool] = {}
    for person in range(people):
        months = moments[person % len(moments)]
        knows = rng.random() < start
        for _ in range(months):
            knows = knows and rng.random() < stays
        team = (months, person // (5 * len(moments)))
        teams.setdefault(team, knows)
        yield Reading(months, int(teams[team] if rng.random() < copying else knows))


def held(measure: object, truth: float) -> bool:
    return measure.low - 1e-9 <= truth <= measure.high + 1e-9


def row(name: str, seeds: int, truth: tuple[float, float], shape: tuple, copying: float = 0.0) -> str:
    start, forgotten = truth
    hits, told, values, widths = [0, 0, 0], 0, [], []
    for seed in range(seeds):
        found = fit(readings(random.Random(seed), start, forgotten, *shape, copying))
        if not isinstance(found, Fit):
            continue
        told += 1
        wanted = start * (1 - forgotten) ** (found.horizon / 12)
        for place, ok in enumerate(
            (held(found.start, start), held(found.forgotten_a_year, forgotten), held(found.known, wanted))
        ):
            hits[place] += ok
        values.append(found.forgotten_a_year.value)
        widths.append(found.forgotten_a_year.high - found.forgotten_a_year.low)
    if not told:
        return f"| {name} | {start:.0%}, {forgotten:.0%} | 0.0 % | — | — | — | — | — |"
    shares = " | ".join(f"{n / told:.1%}".replace("%", " %") for n in hits)
    middle, width = sorted(values)[told // 2], math.fsum(widths) / told
    return (
        f"| {name} | {start:.0%}, {forgotten:.0%} | {100 * told / seeds:.1f} % | {shares} | "
        f"{100 * middle:.0f} % | {100 * width:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    print(
        "| company | truth: left by training, forgotten a year | fit told | held: start | forgotten a year | known at the end | forgotten, middle of the fits | width, points |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for name, shape in SHAPES.items():
        print(row(name, seeds, (0.8, 0.3), shape))
    first = SHAPES["120 people, every quarter of two years"]
    print(row("120 people, slow", seeds, (0.8, 0.1), first))
    print(row("120 people, fast", seeds, (0.9, 0.7), first))
    print(row("120 people, half of them copy their team", seeds, (0.8, 0.3), first, 0.5))


if __name__ == "__main__":
    main()
