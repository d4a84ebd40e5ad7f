"""How often each detector finds what was planted, and whom it accuses besides.

    python benchmarks/detectors.py --seeds 5
    python benchmarks/detectors.py --seeds 20 --scenario stage-skipping --opportunities 50000
    python benchmarks/detectors.py --seeds 5 --requests
    python benchmarks/detectors.py --seeds 5 --data-entry

Every seed is another company of 40 departments over two years in which one scenario is planted. Each scenario is judged by
all built-in detectors of its family (the planted code's first two digits) at their nominal 5 % of false findings. `found` is
the planted unit by the planted detector; `accused` are other units in findings, and in look-alikes any unit; the rate of false
findings is their part of all findings over all companies. Scenarios of requests are companies of 16 desks and a second line, with
some 6,000 requests in a year; those of data entry are companies of 24 units with some 6,000 records in two years.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections import Counter
from multiprocessing import get_context

import attrs

from crmusage.detectors import BUILT_IN, Context, examine
from crmusage.testing import SCENARIOS, simulate
from crmusage.testing._scenarios_data_entry import RECORD_SCENARIOS, simulate_records
from crmusage.testing._scenarios_requests import REQUEST_SCENARIOS, simulate_requests

FAMILY, FAMILY_OF_RECORDS, FAMILY_OF_REQUESTS = "CU1", "CU3", "CU4"
RECORDS, REQUESTS = 6_000, 6_000


@attrs.frozen
class Run:
    scenario: str
    seed: int
    code: str | None
    found: bool
    """The planted unit, by the detector that is to find it."""
    assessable: bool
    """The planted unit had enough to be judged by it."""
    besides: tuple[tuple[str, str], ...]
    """(code, unit) of findings that name another unit, or anything in a look-alike."""
    also: tuple[str, ...]
    """Codes that named the planted unit too: what is planted can show in several figures."""
    seconds: float


def run(job: tuple[str, int, int]) -> Run:
    scenario, seed, opportunities = job
    warnings.simplefilter("ignore")
    unit: str | None
    code: str | None
    if scenario in REQUEST_SCENARIOS:
        family, requests = FAMILY_OF_REQUESTS, simulate_requests(scenario, seed=seed, requests=REQUESTS)
        history, code = requests.history(), requests.code
        unit = requests.unit if code else None
    elif scenario in RECORD_SCENARIOS:
        family, records = FAMILY_OF_RECORDS, simulate_records(scenario, seed=seed, records=RECORDS)
        history, code = records.history(), records.code
        unit = records.unit if code else None
    else:
        family, simulation = FAMILY, simulate(scenario, seed=seed, opportunities=opportunities)
        history = simulation.history()
        planted = simulation.truth.planted[0] if simulation.truth.planted else None
        unit, code = (planted.unit, planted.code) if planted else (None, None)
    context = Context(as_of=history.as_of, unit_sizes=history.unit_sizes(), units=history.index.units)
    found, assessable, besides, also = False, False, [], []
    start = time.perf_counter()
    for detector in BUILT_IN:
        if not detector.code.startswith(family):
            continue
        judgement = examine(detector, history, context)
        named = [str(finding.scope.unit) for finding in judgement.findings]
        if detector.code == code:
            found = unit in named
            assessable = any(
                one.scope.unit == unit and one.outcome != "not_assessable" for one in judgement.assessments
            )
        elif unit in named:
            also.append(detector.code)
        besides += [(detector.code, name) for name in named if name != unit]
    return Run(
        scenario, seed, code, found, assessable, tuple(besides), tuple(also), time.perf_counter() - start
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--opportunities", type=int, default=20_000)
    parser.add_argument(
        "--scenario",
        action="append",
        choices=sorted([*SCENARIOS, *REQUEST_SCENARIOS, *RECORD_SCENARIOS]),
        help="all of them if none is given",
    )
    parser.add_argument("--requests", action="store_true", help="the scenarios of requests, and only those")
    parser.add_argument(
        "--data-entry", action="store_true", help="the scenarios of data entry, and only those"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    wishes = parser.parse_args()
    scenarios = wishes.scenario or [
        name
        for name, scenario in SCENARIOS.items()
        if scenario.code is None or scenario.code.startswith(FAMILY)
    ]
    if wishes.requests:
        scenarios = list(REQUEST_SCENARIOS)
    if wishes.data_entry:
        scenarios = list(RECORD_SCENARIOS)
    jobs = [
        (name, seed, wishes.opportunities)
        for name in scenarios
        for seed in range(wishes.first, wishes.first + wishes.seeds)
    ]
    with get_context("spawn").Pool(wishes.processes) as pool:
        runs = list(pool.imap(run, jobs))
    of_what, units = f"{wishes.opportunities:,} opportunities", 40
    if wishes.requests:
        of_what, units = f"{REQUESTS:,} requests", 16
    if wishes.data_entry:
        of_what, units = f"{RECORDS:,} records", 24
    print(f"{of_what}, {wishes.seeds} companies of {units} units for each scenario")
    print()
    print("| scenario | detector | found | could be judged | also named by | other units accused |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in scenarios:
        of = [one for one in runs if one.scenario == name]
        code = of[0].code
        besides = Counter(code_ for one in of for code_, _ in one.besides)
        also = Counter(code_ for one in of for code_ in one.also)
        print(
            f"| {name} | {code or 'none is to'} "
            f"| {f'{sum(one.found for one in of)} of {len(of)}' if code else ''} "
            f"| {sum(one.assessable for one in of) if code else ''} "
            f"| {', '.join(f'{c} {n}' for c, n in sorted(also.items()))} "
            f"| {', '.join(f'{c} {n}' for c, n in sorted(besides.items())) or '0'} |"
        )
    right = sum(one.found for one in runs) + sum(len(one.also) for one in runs)
    wrong = sum(len(one.besides) for one in runs)
    of_companies = sum(bool(one.besides) for one in runs)
    print()
    print(f"false findings: {wrong} of {right + wrong}, in {of_companies} of {len(runs)} companies")
    print(f"seconds for the family on one company: {sum(one.seconds for one in runs) / len(runs):.1f}")


if __name__ == "__main__":
    main()
