"""How small and how weak a usage can be, and how young, and still be found: planted truth on a grid.

Each company has 40 departments and 50,000 opportunities in two years. In five of its departments another usage is planted,
all five with the same share of the company's volume, in the same share of the department's cases and for the same number of
months. A find is true when it is of one of those departments; whatever is told of another is false.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from multiprocessing import get_context

import attrs
import numpy as np
from dateutil.relativedelta import relativedelta

SCENARIOS = (
    "late-creation",
    "overdue-open",
    "sandbagging",
    "happy-ears",
    "meeting-eve-logging",
)
"""The scenarios of the simulator that are a rule on what follows what, kept by most cases that show them. What shows in
how often something is done, in amounts, values or days of the calendar (dates put off again and again, heaping, skipped
stages …) is for the detectors of those."""
SIZES = (0.0025, 0.005, 0.01, 0.02, 0.05)
STRENGTHS = (0.25, 0.5, 0.75, 1.0)
MONTHS = (3, 6, 12, 24)
COMPARED = frozenset(product(SIZES, (1.0,), (6, 24)))
"""The cells in which the other methods are asked, too: they take longer."""
OURS = "crmusage.discover"
OF_ALL = 24
START = dt.date(2024, 10, 1)


@attrs.frozen
class Cell:
    seed: int
    size: float
    strength: float
    months: int
    opportunities: int
    compared: bool


@attrs.frozen
class Result:
    cell: Cell
    planted: dict[str, str]
    """The department of each scenario."""
    told: dict[str, tuple[str, ...]]
    """By method, the department of each usage told (several of one department are several)."""
    seconds: float


def run(cell: Cell) -> Result:
    from crmusage.discovery import discover

    warnings.simplefilter("ignore")
    history, planted = company(cell)
    began = time.process_time()
    told = {OURS: tuple(usage.group.unit or "" for usage in discover(history))}
    seconds = time.process_time() - began
    if cell.compared:
        from baselines import BASELINES

        large = {unit for unit, persons in history.unit_sizes().items() if persons >= 5}
        for name, look in BASELINES.items():
            try:
                told[name] = tuple(unit for unit in look(history) if unit in large)
            except SystemExit as missing:
                print(f"{name}: {missing}", file=sys.stderr)
    return Result(cell, planted, told, seconds)


def company(cell: Cell):
    """The history of a company with all scenarios planted as the cell says, and where."""
    from crmusage.history import History
    from crmusage.testing._company import found
    from crmusage.testing._habits import Batch
    from crmusage.testing._scenario import Ground
    from crmusage.testing._scenarios import chosen
    from crmusage.testing._simulator import _part
    from crmusage.testing._tables import tables

    days = (START + relativedelta(months=OF_ALL) - START).days
    firm = found(cell.seed, 40, days, cell.opportunities, START)
    rng = np.random.default_rng([cell.seed, 99])
    batches = {d.index: (Batch(d.deals, d.habits),) for d in firm.departments}
    planted: dict[str, str] = {}
    for scenario in chosen(SCENARIOS):
        free = tuple(d for d in firm.departments if d.name not in planted.values())
        department = Ground(firm, free, rng).choose(share=cell.size, fewest_reps=8)
        plant = scenario.plant(Ground(firm, (department,), rng))
        (habits,) = {id(batch.habits): batch.habits for batch in plant.batches if batch.shows}.values()
        since = round(days * (1 - cell.months / OF_ALL))
        deals = round(cell.size * cell.opportunities)
        before = round(deals * since / days)
        shown = round(cell.strength * (deals - before))
        parts = (
            Batch(before, department.habits, until=since),
            Batch(deals - before - shown, department.habits, since=since),
            Batch(shown, habits, since=since, shows=True),
        )
        batches[department.index] = tuple(batch for batch in parts if batch.deals)
        planted[scenario.name] = department.name
    parts = [_part(firm, d, batches[d.index])[0] for d in firm.departments]
    as_of = dt.datetime.combine(firm.end, dt.time(), dt.UTC)
    return History.from_frames(as_of=as_of, **tables(firm, parts)), planted


def grid(seeds: Iterable[int], opportunities: int, sizes: Sequence[float] = SIZES) -> None:
    cells = [
        Cell(seed, size, strength, months, opportunities, (size, strength, months) in COMPARED)
        for seed, size, strength, months in product(seeds, sizes, STRENGTHS, MONTHS)
    ]
    results = []
    with get_context("spawn").Pool(2) as pool:
        for result in pool.imap_unordered(run, sorted(cells, key=lambda cell: not cell.compared)):
            results.append(result)
            print(f"{len(results)} of {len(cells)}", end="\r", file=sys.stderr, flush=True)
    print(by_cell(results, sizes))
    print()
    if any(one.cell.compared for one in results):
        print(by_method(results))
        print()
    print(summary(results))


def by_cell(results: Sequence[Result], sizes: Sequence[float]) -> str:
    """Of the companies, in how many percent the usage was found: after 3 / 6 / 12 / 24 months in each cell."""
    hits: dict[tuple[object, ...], list[bool]] = defaultdict(list)
    for one in results:
        cell = one.cell
        for scenario, unit in one.planted.items():
            hits[scenario, cell.strength, cell.size, cell.months].append(unit in one.told[OURS])
    lines = [
        "| usage | in so many of the cases | "
        + " | ".join(f"{size:.2%} of the volume" for size in sizes)
        + " |",
        "| --- | --- |" + " --- |" * len(sizes),
    ]
    for scenario, strength in product((*SCENARIOS, "all of them"), STRENGTHS):
        cells = []
        for size in sizes:
            shares = []
            for months in MONTHS:
                named = SCENARIOS if scenario == "all of them" else (scenario,)
                some = [hit for name in named for hit in hits[name, strength, size, months]]
                shares.append(f"{100 * sum(some) / len(some):.0f}")
            cells.append(" / ".join(shares))
        lines.append(f"| {scenario} | {strength:.0%} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def by_method(results: Sequence[Result]) -> str:
    """What each method finds and names for nothing, in the cells in which all were asked."""
    some = [one for one in results if one.cell.compared]
    methods = dict.fromkeys(name for one in some for name in one.told)
    sizes = sorted({one.cell.size for one in some})
    lines = [
        "| method | "
        + " | ".join(f"recall at {size:.2%}" for size in sizes)
        + " | others named, a company | of what is named, false |",
        "| --- |" + " --- |" * (len(sizes) + 2),
    ]
    for method in methods:
        asked = [one for one in some if method in one.told]
        recalls = []
        for size in sizes:
            hits = [
                unit in one.told[method]
                for one in asked
                if one.cell.size == size
                for unit in one.planted.values()
            ]
            recalls.append(f"{sum(hits) / len(hits):.0%}")
        wrong = [len(set(one.told[method]) - set(one.planted.values())) for one in asked]
        named = [len(set(one.told[method])) for one in asked]
        false = np.mean([w / max(n, 1) for w, n in zip(wrong, named, strict=True)])
        name = method.replace("|", "\\|")
        lines.append(f"| {name} | " + " | ".join(recalls) + f" | {np.mean(wrong):.1f} | {false:.0%} |")
    return "\n".join(lines)


def summary(results: Sequence[Result]) -> str:
    from crmusage.model import wilson

    rates, wrong, told = [], 0, 0
    for one in results:
        usages = one.told[OURS]
        false = sum(unit not in one.planted.values() for unit in usages)
        rates.append(false / max(len(usages), 1))
        wrong, told = wrong + false, told + len(usages)
    lines = [
        f"{len(results)} companies, {np.mean([one.seconds for one in results]):.1f} s of processor each.",
        f"Realised false discovery rate (mean over companies): {np.mean(rates):.1%}.",
        f"Of {told} usages told {wrong} were of departments in which nothing was planted.",
    ]
    for strength in (1.0, 0.75):
        for months in (24, 12):
            hits = [
                unit in one.told[OURS]
                for one in results
                if (one.cell.size, one.cell.strength, one.cell.months) == (0.01, strength, months)
                for unit in one.planted.values()
            ]
            if hits:
                low, high = wilson(sum(hits), len(hits))
                lines.append(
                    f"Recall at 1 % of the volume, in {strength:.0%} of the cases, for {months} months: "
                    f"{sum(hits)} of {len(hits)} (95 % interval {low:.0%} to {high:.0%})."
                )
    return "\n".join(lines)
