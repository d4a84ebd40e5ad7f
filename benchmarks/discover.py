"""How often discovery finds what was planted, what else it tells, and how fast it counts.

    python benchmarks/discover.py --seeds 20
    python benchmarks/discover.py --grid --seeds 2
    python benchmarks/discover.py --speed [--peer PYTHON_WITH_PM4PY]

Every seed is another company of 40 departments over two years with 50,000 opportunities, the planted unit with 1 % of
them. A find is true when it is of a unit in which something was planted; finds in look-alikes are counted apart, with
their natures: an honest way of working may be found, but it is not to be called parasitic.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import attrs

PLANTED = "late-creation"
SCENARIOS = (PLANTED, "none", "fast-honest", "bulk-import", "seasonal-peak")


@attrs.frozen
class Job:
    scenario: str
    seed: int
    opportunities: int
    volume: float
    strength: float | None = None


@attrs.frozen
class Run:
    job: Job
    in_planted: Counter[str]
    """Natures of the usages told of the planted unit."""
    in_look_alike: Counter[str]
    elsewhere: Counter[str]
    seconds: float
    screen: tuple[bool, int]
    """What a plain screen of |z| > 3 on the same counts names: whether the planted unit, and how many others."""


def run(job: Job) -> Run:
    from crmusage.discovery import discover
    from crmusage.testing import _scenarios, simulate

    warnings.simplefilter("ignore")
    _scenarios.LATE_VOLUME = job.volume
    if job.strength is not None:
        _scenarios.LATE_SHARE = job.strength
    simulation = simulate(job.scenario, seed=job.seed, opportunities=job.opportunities)
    history = simulation.history()
    began = time.process_time()
    found = discover(history)
    seconds = time.process_time() - began
    planted = {one.unit for one in simulation.truth.planted}
    alike = {one.unit for one in simulation.truth.look_alikes}
    natures: dict[str, Counter[str]] = {"planted": Counter(), "alike": Counter(), "else": Counter()}
    for usage in found:
        where = "planted" if usage.group.unit in planted else "alike" if usage.group.unit in alike else "else"
        natures[where][usage.nature.value] += 1
    named = screened(history)
    others = len(named - planted - alike)
    return Run(
        job, natures["planted"], natures["alike"], natures["else"], seconds, (bool(named & planted), others)
    )


def screened(history: object) -> set[str | None]:
    """Units with any share more than three standard deviations from the mean of the units, as dashboards do it."""
    import numpy as np

    from crmusage.discovery._log import log_of
    from crmusage.discovery._sweep import sweep

    log = log_of(history, ("unit",))
    swept = sweep(log)
    named: set[str | None] = set()
    pairs = zip((*swept.kept, *swept.case_kept), (*swept.decided, *swept.case_decided), strict=True)
    for kept, decided in pairs:
        k, n = (table.sum(axis=1).reshape(len(log.groups), -1).astype(float) for table in (kept, decided))
        k, n = k[:, (n >= 30).sum(axis=0) >= 6], n[:, (n >= 30).sum(axis=0) >= 6]
        share = np.where(n >= 30, k / np.maximum(n, 1), np.nan)
        spread = np.nanstd(share, axis=0)
        z = (share - np.nanmean(share, axis=0)) / np.where(spread > 1e-9, spread, np.inf)
        named |= {log.groups[g].unit for g in np.flatnonzero((np.abs(z) > 3).any(axis=1))}
    return named


def told(natures: Counter[str]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(natures.items())) or "nothing"


def recall(jobs: list[Job]) -> None:
    with get_context("spawn").Pool(min(os.cpu_count() or 1, 2)) as pool:
        runs = list(pool.imap_unordered(run, jobs))
    print(
        "| scenario | strength | volume | companies | found | called parasitic | usages told of it | elsewhere "
        "| \\|z\\| > 3 names it | and others | seconds |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    false = true = 0
    for scenario, strength, volume in sorted(
        {(r.job.scenario, r.job.strength or 0.95, r.job.volume) for r in runs}
    ):
        some = [
            r
            for r in runs
            if (r.job.scenario, r.job.strength or 0.95, r.job.volume) == (scenario, strength, volume)
        ]
        there = sum((r.in_planted + r.in_look_alike for r in some), Counter())
        hits = sum(bool(r.in_planted or r.in_look_alike) for r in some)
        bad = sum(bool((r.in_planted + r.in_look_alike)["parasitic"]) for r in some)
        other = sum((r.elsewhere for r in some), Counter())
        true += sum(sum(r.in_planted.values()) + sum(r.in_look_alike.values()) for r in some)
        false += sum(other.values())
        seconds = sum(r.seconds for r in some) / len(some)
        print(
            f"| {scenario} | {strength:.2f} | {volume:.1%} | {len(some)} | {hits} | {bad} | {told(there)} | {told(other)} "
            f"| {sum(r.screen[0] for r in some)} | {sum(r.screen[1] for r in some) / len(some):.0f} | {seconds:.1f} |"
        )
    rates = [
        sum(r.elsewhere.values()) / max(sum((r.in_planted + r.in_look_alike + r.elsewhere).values()), 1)
        for r in runs
    ]
    print(f"\nrealised false discovery rate (mean over companies): {sum(rates) / len(rates):.1%}")
    print(f"of all usages told, in units where nothing was planted: {false} of {false + true}")


PEER = """
import resource, sys, time
import pandas as pd, pm4py
frame = pd.read_parquet(sys.argv[1])
frame = pm4py.format_dataframe(frame, case_id="case", activity_key="activity", timestamp_key="at")
began, cpu = time.perf_counter(), time.process_time()
model = pm4py.discover_declare(frame)
print(time.process_time() - cpu, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def speed(peer: str | None, events: int, peer_events: int) -> None:
    import resource

    import numpy as np
    import polars as pl

    from crmusage.discovery._log import log_of
    from crmusage.discovery._pattern import PAIRS
    from crmusage.discovery._sweep import sweep
    from crmusage.history import History

    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 20, round(events / 12))
    n = int(lengths.sum())
    case = np.repeat(np.arange(len(lengths)), lengths)
    at = rng.integers(0, 700 * 86_400, n) * 1_000_000
    frame = pl.DataFrame(
        {
            "case": case,
            "activity": np.array([f"activity {k:02}" for k in range(25)])[
                np.minimum(rng.geometric(0.12, n) - 1, 24)
            ],
            "at": at[np.lexsort((at, case))],
            "unit": np.array([f"unit {k}" for k in range(6)])[case % 6],
        }
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")), pl.col("case").cast(pl.String).str.zfill(8))
    history = History.from_log(frame, case="case", activity="activity", at="at", unit="unit", ordered=True)
    seven = tuple(p for p in PAIRS if p.within is None and not p.is_negative)
    assert len(seven) == 7
    assert len(history.index.activities) == 25
    log = log_of(history, ("unit",))
    timed = []
    for _ in range(5):
        began, cpu = time.perf_counter(), time.process_time()
        sweep(log, seven, ())
        timed.append((time.process_time() - cpu, time.perf_counter() - began))
    mine, wall = min(timed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:,} events, 25 activities, 6 units: seven templates, all pairs, all units")
    print(
        f"crmusage  {mine:.2f} s of processor ({wall:.2f} s by the clock), {peak:,.0f} MB for the whole process"
    )
    if peer is None:
        return
    fewer = frame.filter(
        pl.col("case").is_in(frame["case"].unique().sort().head(round(peer_events / 12)).implode())
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        fewer.select("case", "activity", "at").write_parquet(path)
        done = subprocess.run([peer, "-c", PEER, str(path)], capture_output=True, text=True, check=True)
    cpu, clock, megabytes = (float(x) for x in done.stdout.split()[-3:])
    print(f"pm4py     {cpu:.1f} s ({clock:.1f} s) on {fewer.height:,} events, {megabytes:,.0f} MB, no units")
    per_event = (cpu / fewer.height) / (mine / n)
    print(f"crmusage is {per_event:,.0f} times faster an event")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--opportunities", type=int, default=50_000)
    parser.add_argument("--volumes", type=float, nargs="*", default=[0.01])
    parser.add_argument("--strengths", type=float, nargs="*", default=[0.95])
    parser.add_argument("--scenarios", nargs="*", default=SCENARIOS)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--grid", action="store_true", help="scenario by size, strength and months")
    parser.add_argument("--peer", help="a Python that has pm4py")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--peer-events", type=int, default=100_000)
    asked = parser.parse_args()
    if asked.speed:
        speed(asked.peer, asked.events, asked.peer_events)
    if asked.grid:
        from _discovery_grid import grid

        grid(range(asked.first, asked.first + (asked.seeds or 1)), asked.opportunities)
    elif asked.seeds:
        seeds = range(asked.first, asked.first + asked.seeds)
        wanted = [
            Job(scenario, seed, asked.opportunities, volume, strength if scenario == PLANTED else None)
            for scenario in asked.scenarios
            for seed in seeds
            for volume in (asked.volumes if scenario == PLANTED else asked.volumes[:1])
            for strength in (asked.strengths if scenario == PLANTED else asked.strengths[:1])
        ]
        recall(wanted)
    if not (asked.speed or asked.seeds or asked.grid):
        parser.print_help()
        sys.exit(2)
