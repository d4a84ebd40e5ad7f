"""How often what is planted in a company's knowledge is found, and what is told besides.

    python benchmarks/knowledge_detectors.py --seeds 10
    python benchmarks/knowledge_detectors.py --seeds 20 --first 100 --scenario forgotten

Every seed is another company of 16 branches over two years with some 9,000 opportunities, one written rule and one thing planted:
in a branch, or in the whole company. All detectors of knowledge and ownership judge each of them at their nominal 5 % of false
findings. `found` is the planted branch (or the company) by the planted detector; `besides` are findings of any of these
detectors that tell something else, and in look-alikes whatever is told. A rule whose owner has left goes with the scenario
`orphans` and counts on neither side.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections import Counter
from multiprocessing import get_context

import attrs

from crmusage.detectors import BUILT_IN, Context, ReadsRules, examine
from crmusage.testing._scenarios_knowledge import KNOWLEDGE_SCENARIOS, simulate_knowledge

CODES = ("CU601", "CU602", "CU604", "CU605", "CU606")


@attrs.frozen
class Run:
    scenario: str
    code: str | None
    found: bool
    besides: tuple[str, ...]
    """Codes of findings about something else."""
    judged: Counter[tuple[str, str]]
    """By code and outcome, the assessments."""
    seconds: float


def run(job: tuple[str, int]) -> Run:
    scenario, seed = job
    warnings.simplefilter("ignore")
    simulation = simulate_knowledge(scenario, seed=seed)
    history = simulation.history()
    context = Context(as_of=history.as_of, unit_sizes=history.unit_sizes(), units=history.index.units)
    found, besides, judged = False, [], Counter[tuple[str, str]]()
    start = time.perf_counter()
    for detector in BUILT_IN:
        if detector.code not in CODES:
            continue
        bound = detector.with_rules(simulation.book) if isinstance(detector, ReadsRules) else detector
        judgement = examine(bound, history, context)
        judged.update((one.code, str(one.outcome)) for one in judgement.assessments)
        for finding in judgement.findings:
            if finding.code == simulation.code and finding.scope.unit == simulation.unit:
                found = True
            elif finding.measure.name != "rules_without_owner":
                besides.append(finding.code)
    return Run(scenario, simulation.code, found, tuple(besides), judged, time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--scenario", action="append", choices=sorted(KNOWLEDGE_SCENARIOS))
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    wishes = parser.parse_args()
    scenarios = wishes.scenario or list(KNOWLEDGE_SCENARIOS)
    jobs = [(name, wishes.first + seed) for name in scenarios for seed in range(wishes.seeds)]
    with get_context("spawn").Pool(wishes.processes) as pool:
        runs = list(pool.imap(run, jobs))
    print("| scenario | detector | found | told besides |")
    print("| --- | --- | --- | --- |")
    for name in scenarios:
        of = [one for one in runs if one.scenario == name]
        besides = Counter(code for one in of for code in one.besides)
        told = ", ".join(f"{code} {n}" for code, n in sorted(besides.items())) or "0"
        code = of[0].code
        found = f"{sum(one.found for one in of)}/{len(of)}" if code else "look-alike"
        print(f"| {name} | {code or '–'} | {found} | {told} |")
    planted = [one for one in runs if one.code is not None]
    false = sum(len(one.besides) for one in runs)
    hits = sum(one.found for one in planted)
    print()
    print(
        f"found {hits} of {len(planted)}; findings besides: {false} in {len(runs)} companies "
        f"({false / max(false + hits, 1):.1%} of all findings); {sum(one.seconds for one in runs) / len(runs):.2f} s "
        "a company for the five detectors"
    )


if __name__ == "__main__":
    main()
