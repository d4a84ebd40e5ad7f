"""How often the interval of `effect` holds what was truly done, and how often an effect is told where there is none.

    python benchmarks/effect.py --seeds 500

Every seed is another company in which a rule is changed in some units on a known day; what that does to how often
the rule is kept, to the win rate and to durations is known exactly. A 95 % interval should hold the truth in 95 % of
the companies, and an effect be told in at most 5 % of those without one. Units have ups and downs of their own that
last for more than a month, differ in size, and their people differ, so that cases are far from independent.
"""

from __future__ import annotations

import argparse
import math
import os
import time
import warnings
from collections.abc import Iterable, Mapping
from multiprocessing import get_context
from typing import Any

import attrs

from crmusage.conformance import Shift, effect
from crmusage.testing import simulate_intervention

SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "no effect, 6 of 20 units": {"kept": 0.0, "won": 0.0, "cycle": 0.0},
    "12 points, 6 of 20 units": {"kept": 0.12, "won": 0.06, "cycle": -0.15},
    "12 points, 1 of 20 units": {"kept": 0.12, "won": 0.06, "cycle": -0.15, "changed": 1},
    "12 points, 2 of 7 units": {"kept": 0.12, "won": 0.06, "cycle": -0.15, "units": 7, "changed": 2},
    "no effect, 1 of 6 units": {"kept": 0.0, "units": 6, "changed": 1, "cases": 250},
    "12 points, very unequal, restless": {
        "kept": 0.12,
        "won": 0.06,
        "cycle": -0.15,
        "uneven": 1.1,
        "shock": 0.1,
    },
    "no effect, already moving apart": {"kept": 0.0, "drift": 0.03, "shock": 0.03},
}
FIGURES = ("kept", "win_rate", "cycle")
MIN_PERSONS = 1


@attrs.frozen
class Run:
    scenario: str
    held: Mapping[str, bool]
    """Whether the interval of a figure holds the truth; figures that could not be assessed are left out."""
    told: bool | None
    """Whether an effect on `kept` is told: its interval leaves nothing (0) out, and no moving apart was seen before."""
    width: float | None
    """Of the interval of `kept`, from the estimate to its end."""
    apart: bool | None
    """Whether the units were seen to move apart before."""


def run(job: tuple[str, int]) -> Run:
    scenario, seed = job
    warnings.simplefilter("ignore")
    made = simulate_intervention(seed, **SCENARIOS[scenario])
    found = effect(made.history(), made.rule, made.changed_on, made.units, min_group=MIN_PERSONS)
    truth = {"kept": made.kept, "win_rate": made.won, "cycle": math.expm1(made.cycle)}
    shifts = {
        one.figure: one
        for one in (found.kept, *found.outcomes)
        if isinstance(one, Shift) and one.low is not None and one.high is not None
    }
    kept = shifts.get("kept")
    return Run(
        scenario,
        {name: one.low <= truth[name] <= one.high for name, one in shifts.items()},
        kept.tells if kept else None,
        (kept.high - kept.low) / 2 if kept else None,
        kept.trend.apart if kept and kept.trend else None,
    )


def percent(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{100 * sum(listed) / len(listed):.1f} %" if listed else "—"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=500, help="companies a scenario")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    wanted = parser.parse_args()
    began = time.perf_counter()
    jobs = [(name, seed) for name in SCENARIOS for seed in range(wanted.first, wanted.first + wanted.seeds)]
    with get_context("spawn").Pool(wanted.processes) as pool:
        runs = pool.map(run, jobs, chunksize=20)
    print(
        "| company | runs | truth held: kept | win rate | duration | ± points | effect told | seen moving apart before |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in SCENARIOS:
        mine = [one for one in runs if one.scenario == name]
        held = [percent(one.held[figure] for one in mine if figure in one.held) for figure in FIGURES]
        widths = sorted(one.width for one in mine if one.width is not None)
        width = f"{100 * widths[len(widths) // 2]:.0f}" if widths else "—"
        told = percent(one.told for one in mine if one.told is not None)
        apart = percent(one.apart for one in mine if one.apart is not None)
        print(f"| {name} | {len(mine)} | {' | '.join(held)} | {width} | {told} | {apart} |")
    unseen = sum("kept" not in one.held for one in runs)
    print(f"\n{len(runs)} companies in {time.perf_counter() - began:.0f} s, {unseen} not assessable.")


if __name__ == "__main__":
    main()
