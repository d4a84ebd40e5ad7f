"""How often late creation is found where it was planted, and anything at all where nothing was.

    python benchmarks/late_creation.py --seeds 200
    python benchmarks/late_creation.py --seeds 0 --grid 40

Every seed is another company of 40 departments over two years, judged by `verify` with all built-in
detectors. The second command plants the usage in a department of another size, and mixes it with deals that are
entered in time, to see where it can no longer be told.
"""

from __future__ import annotations

import argparse
import itertools
import os
import warnings
from collections import Counter
from collections.abc import Iterable
from multiprocessing import get_context

import attrs

from crmusage.model import Outcome
from crmusage.testing import SCENARIOS, simulate

PLANTED = "late-creation"
VOLUMES = (0.005, 0.01, 0.02, 0.03)
STRENGTHS = (0.95, 0.85, 0.75, 0.6)


@attrs.frozen
class Job:
    scenario: str
    seed: int
    opportunities: int
    volume: float | None = None
    strength: float | None = None


@attrs.frozen
class Run:
    job: Job
    planted: str | None
    named: tuple[str | None, ...]
    """The units in findings of CU112."""
    reported: tuple[str, ...]
    """The codes of all findings."""
    told: str
    """How CU112 ended for the planted unit."""
    cases: int
    """That show the usage."""
    days_off: int | None
    """Of the onset, where one was told."""
    within: bool | None
    """Whether the true day is in its interval."""

    @property
    def hit(self) -> bool:
        return self.planted is not None and self.planted in self.named

    @property
    def other(self) -> bool:
        return any(name != self.planted for name in self.named)


def run(job: Job) -> Run:
    from crmusage.testing import _scenarios
    from crmusage.verification import verify

    warnings.simplefilter("ignore")
    if job.volume is not None:
        _scenarios.LATE_VOLUME = job.volume
    if job.strength is not None:
        _scenarios.LATE_SHARE = job.strength
    simulation = simulate(job.scenario, seed=job.seed, opportunities=job.opportunities)
    report = verify(simulation.history())
    truth = simulation.truth.planted[0] if simulation.truth.planted else None
    unit = truth.unit if truth else None
    late = [finding for finding in report.findings if finding.code == "CU112"]
    onset = next((one.onset for one in late if truth and one.scope.unit == unit), None)
    ended = [one for one in report.assessments if one.code == "CU112" and one.scope.unit == unit]
    dated = onset if onset is not None and onset.value is not None else None
    return Run(
        job=job,
        planted=unit,
        named=tuple(finding.scope.unit for finding in late),
        reported=tuple(finding.code for finding in report.findings),
        told=str(ended[0].outcome) if ended else "",
        cases=truth.cases if truth else 0,
        days_off=(dated.value - truth.since).days if truth and dated and dated.value else None,
        within=dated.low <= truth.since <= dated.high
        if truth and dated and dated.low and dated.high
        else None,
    )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "—"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    names = list(head)
    print(f"| {' | '.join(names)} |")
    print(f"|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |")


def by_scenario(runs: list[Run]) -> None:
    rows = []
    for scenario in SCENARIOS:
        mine = [one for one in runs if one.job.scenario == scenario]
        if not mine:
            continue
        codes = Counter(code for one in mine for code in set(one.reported))
        rows.append(
            (
                scenario,
                len(mine),
                percent(sum(one.hit for one in mine), len(mine)) if scenario == PLANTED else "—",
                percent(sum(one.other for one in mine), len(mine)),
                percent(sum(bool(one.reported) for one in mine), len(mine)),
                ", ".join(f"{code} in {n}" for code, n in sorted(codes.items())) or "—",
            )
        )
    table(
        ("scenario", "runs", "CU112 names the planted", "names another", "anything reported", "which"), rows
    )
    off = sorted(abs(one.days_off) for one in runs if one.days_off is not None)
    if off:
        held = sum(one.within is True for one in runs)
        print(
            f"\nOnset: dated in {len(off)} runs, {off[len(off) // 2]} days off in the middle, "
            f"{percent(sum(days <= 31 for days in off), len(off))} within a month; "
            f"the 95 % interval holds the true day in {percent(held, len(off))}."
        )


def by_size_and_strength(runs: list[Run]) -> None:
    rows = []
    for volume, strength in itertools.product(VOLUMES, STRENGTHS):
        mine = [one for one in runs if (one.job.volume, one.job.strength) == (volume, strength)]
        shown = sorted(one.cases for one in mine)
        rows.append(
            (
                f"{100 * volume:g} %",
                f"{100 * strength:g} %",
                shown[len(shown) // 2],
                percent(sum(one.hit for one in mine), len(mine)),
                percent(sum(one.told == Outcome.NOT_ASSESSABLE for one in mine), len(mine)),
                percent(sum(one.other for one in mine), len(mine)),
            )
        )
    table(
        ("volume", "entered late", "such deals", "CU112 names it", "not assessable", "names another"),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=200, help="companies a scenario")
    parser.add_argument("--grid", type=int, default=0, help="companies a size and strength")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--opportunities", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--scenario", action="append", help="only this one; may be given again")
    parser.add_argument("--verbose", action="store_true", help="a line for each run that ended otherwise")
    wanted = parser.parse_args()
    seeds = range(wanted.first, wanted.first + wanted.seeds)
    jobs = [Job(name, seed, wanted.opportunities) for name in wanted.scenario or SCENARIOS for seed in seeds]
    grid = [
        Job(PLANTED, seed, wanted.opportunities, volume, strength)
        for volume, strength in itertools.product(VOLUMES, STRENGTHS)
        for seed in range(wanted.first, wanted.first + wanted.grid)
    ]
    # One run a task: what a job changes in the simulator is set by each for itself.
    with get_context("spawn").Pool(wanted.processes) as pool:
        runs = pool.map(run, jobs, chunksize=4)
        varied = pool.map(run, grid, chunksize=4)
    if runs:
        by_scenario(runs)
    if varied:
        print()
        by_size_and_strength(varied)
    if wanted.verbose:
        for one in (*runs, *varied):
            if one.other or (not one.hit if one.planted else one.reported):
                print(one)


if __name__ == "__main__":
    main()
