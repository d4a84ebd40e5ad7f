"""How often late creation is found where it was planted, and anything at all where nothing was.

    python benchmarks/late_creation.py --seeds 200

Every seed is another company of 40 departments over two years. The last tables plant the usage in a department of
another size, and mix it with entries made in time, to see where it can no longer be told.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from multiprocessing import get_context

import attrs

from crmusage.testing import SCENARIOS, simulate

PLANTED = "late-creation"


@attrs.frozen
class Run:
    scenario: str
    seed: int
    opportunities: int
    planted: str | None
    named: tuple[str | None, ...]
    """The units in findings of CU112."""
    reported: tuple[str, ...]
    """The codes of all findings."""
    share: float
    decided: int
    """Cases that show the usage."""
    days_off: int | None
    """Of the onset, where one was told."""


def run(job: tuple[str, int, int]) -> Run:
    from crmusage.verification import verify

    scenario, seed, opportunities = job
    simulation = simulate(scenario, seed=seed, opportunities=opportunities)
    report = verify(simulation.history())
    truth = simulation.truth.planted[0] if simulation.truth.planted else None
    late = [finding for finding in report.findings if finding.code == "CU112"]
    onset = next((f.onset.value for f in late if truth and f.scope.unit == truth.unit and f.onset), None)
    return Run(
        scenario=scenario,
        seed=seed,
        opportunities=opportunities,
        planted=truth.unit if truth else None,
        named=tuple(finding.scope.unit for finding in late),
        reported=tuple(finding.code for finding in report.findings),
        share=truth.share_of_volume if truth else 0.0,
        decided=truth.cases if truth else 0,
        days_off=(onset - truth.since).days if truth and onset else None,
    )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "—"


def by_scenario(runs: list[Run]) -> None:
    print(
        "| scenario | runs | planted one named by CU112 | another named by CU112 | anything reported | of what code |"
    )
    print("|---|---|---|---|---|---|")
    for scenario in SCENARIOS:
        mine = [run for run in runs if run.scenario == scenario]
        if not mine:
            continue
        hit = sum(run.planted is not None and run.planted in run.named for run in mine)
        other = sum(any(name != run.planted for name in run.named) for run in mine)
        anything = sum(bool(run.reported) for run in mine)
        codes = Counter(code for run in mine for code in set(run.reported))
        told = ", ".join(f"{code} in {n}" for code, n in sorted(codes.items())) or "—"
        shown = percent(hit, len(mine)) if scenario == PLANTED else "—"
        print(
            f"| {scenario} | {len(mine)} | {shown} | {percent(other, len(mine))} | {percent(anything, len(mine))} | {told} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--opportunities", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--scenario", action="append", help="only these")
    parser.add_argument(
        "--verbose", action="store_true", help="one line for each run that did not end as it should"
    )
    wanted = parser.parse_args()
    seeds = range(wanted.first, wanted.first + wanted.seeds)
    jobs = [(name, seed, wanted.opportunities) for name in wanted.scenario or SCENARIOS for seed in seeds]
    with get_context("spawn").Pool(wanted.processes) as pool:
        runs = pool.map(run, jobs, chunksize=4)
    by_scenario(runs)
    if wanted.verbose:
        for one in runs:
            right = one.planted in one.named if one.planted else not one.reported
            if not right or any(name != one.planted for name in one.named):
                print(one)
    late = sorted(run.days_off for run in runs if run.days_off is not None)
    if late:
        middle = late[len(late) // 2]
        within = sum(abs(days) <= 31 for days in late)
        print(
            f"\nOnset: {len(late)} told, {middle} days off in the middle, {percent(within, len(late))} within a month."
        )


if __name__ == "__main__":
    main()
