"""How often the detectors of logging and of workarounds find what was planted, whom they accuse besides, and what others would.

    python benchmarks/workarounds.py --seeds 5
    python benchmarks/workarounds.py --seeds 5 --baselines            # needs scikit-learn; a minute or two more a scenario
    python benchmarks/workarounds.py --seeds 20 --scenario odd-hours --opportunities 50000

Every seed is another company of 40 departments over two years in which one scenario is planted: a usage that one of these detectors is
to find (CU201 to CU203, CU701 to CU708), or a look-alike that none is to. All of them judge every company, at their nominal share of
false findings (5 %, the patterns of workarounds 1 %). `found` is the planted unit by the planted detector; `also named by`
are other detectors that named it, since what is planted can show in several figures; `accused` are other units, and in look-alikes
any unit. The baselines name units without saying for what: for them `found` is the planted unit, and `accused` are all others.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import Counter
from multiprocessing import get_context

import attrs
from baselines import BASELINES

from crmusage.detectors import BUILT_IN, Context, examine
from crmusage.testing import SCENARIOS, simulate
from crmusage.testing._scenarios_logging import SCENARIOS_OF_LOGGING
from crmusage.testing._scenarios_workarounds import SCENARIOS_OF_WORKAROUNDS

FAMILIES = ("CU2", "CU7")
LOOK_ALIKES = (
    "none",
    "late-creation",
    "fast-honest",
    "bulk-import",
    "seasonal-peak",
    "long-projects",
    "legacy-import",
)
"""Of other families, beside those of these: what could fool them."""


@attrs.frozen
class Run:
    scenario: str
    code: str | None
    found: bool
    also: tuple[str, ...]
    accused: tuple[str, ...]
    """Codes, one for each finding about another unit."""
    baselines: tuple[tuple[str, bool, int], ...]
    """What it is called, whether it names the planted unit, and how many others."""


def run(job: tuple[str, int, int, bool]) -> Run:
    scenario, seed, opportunities, baselines = job
    warnings.simplefilter("ignore")
    simulation = simulate(scenario, seed=seed, opportunities=opportunities)
    history = simulation.history()
    planted = simulation.truth.planted[0] if simulation.truth.planted else None
    code = planted.code if planted is not None and planted.code.startswith(FAMILIES) else None
    # What another family is to find is a thing of its own here: whoever names that unit accuses nobody wrongly.
    unit = planted.unit if planted is not None else None
    context = Context(as_of=history.as_of, unit_sizes=history.unit_sizes(), units=history.index.units)
    found, also, accused = False, [], []
    for detector in BUILT_IN:
        if not detector.code.startswith(FAMILIES):
            continue
        for finding in examine(detector, history, context).findings:
            if finding.scope.unit != unit:
                accused.append(detector.code)
            elif detector.code == code:
                found = True
            else:
                also.append(detector.code)
    named = [
        (name, unit in units, len(set(units) - {unit}))
        for name, units in ((name, baseline(history)) for name, baseline in BASELINES.items() if baselines)
    ]
    return Run(scenario, code, found, tuple(also), tuple(accused), tuple(named))


def main() -> None:
    own = [one.name for one in (*SCENARIOS_OF_LOGGING, *SCENARIOS_OF_WORKAROUNDS)]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--opportunities", type=int, default=20_000)
    parser.add_argument(
        "--scenario", action="append", choices=sorted(SCENARIOS), help="all of them if none is given"
    )
    parser.add_argument(
        "--baselines", action="store_true", help="what the baselines name in the same companies"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    wishes = parser.parse_args()
    scenarios = wishes.scenario or [*own, *LOOK_ALIKES]
    jobs = [
        (name, seed, wishes.opportunities, wishes.baselines)
        for name in scenarios
        for seed in range(wishes.first, wishes.first + wishes.seeds)
    ]
    with get_context("spawn").Pool(wishes.processes) as pool:
        runs = list(pool.imap(run, jobs))
    print(
        f"{wishes.opportunities:,} opportunities, {wishes.seeds} companies of 40 departments for each scenario"
    )
    print()
    print("| scenario | detector | found | also named by | others accused |")
    print("| --- | --- | --- | --- | --- |")
    for name in scenarios:
        of = [one for one in runs if one.scenario == name]
        found = f"{sum(one.found for one in of)} of {len(of)}" if of[0].code else ""
        print(
            f"| {name} | {of[0].code or 'none is to'} | {found} | {_counted([one.also for one in of])} "
            f"| {_counted([one.accused for one in of]) or '0'} |"
        )
    right = sum(one.found for one in runs) + sum(len(one.also) for one in runs)
    wrong = sum(len(one.accused) for one in runs)
    print()
    print(
        f"false findings: {wrong} of {right + wrong}, in {sum(bool(one.accused) for one in runs)} of {len(runs)}"
    )
    if wishes.baselines:
        _compare(runs)


def _compare(runs: list[Run]) -> None:
    to_find = [one for one in runs if one.code is not None]
    print()
    print("| who looks | planted units named | other units named in a company, on average |")
    print("| --- | --- | --- |")
    hits = sum(one.found for one in to_find)
    accused = sum(len(one.accused) for one in runs) / len(runs)
    print(f"| crmusage | {hits} of {len(to_find)} | {accused:.2f} |")
    for place, name in enumerate(BASELINES):
        hits = sum(one.baselines[place][1] for one in to_find)
        accused = sum(one.baselines[place][2] for one in runs) / len(runs)
        print(f"| {name} | {hits} of {len(to_find)} | {accused:.2f} |")


def _counted(codes: list[tuple[str, ...]]) -> str:
    counted = Counter(code for some in codes for code in some)
    return ", ".join(f"{code} {n}" for code, n in sorted(counted.items()))


if __name__ == "__main__":
    main()
