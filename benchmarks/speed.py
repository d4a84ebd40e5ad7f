"""How long the way from a file to a report takes, as ratios to what Polars needs to read and sort the same file.

    pip install -e '.[all]'
    python benchmarks/speed.py                 # 10 k, 100 k and 1 M events, CSV and Parquet

A simulated company of each size is written to a temporary folder. Each figure is the best of several runs in one
process; the ratios are what can be compared between machines.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from crmusage import History, Rulebook, Text, verify
from crmusage.conformance import tally
from crmusage.rules import Compare, Constraint, Duration, Op, UsageRule
from crmusage.testing import simulate

EVENTS_A_CASE = 12.4
TEMPLATES = (
    "response", "precedence", "chain_response", "chain_precedence", "alternate_response", "alternate_precedence",
    "succession", "responded_existence", "co_existence", "not_co_existence",
)  # fmt: skip
NAMES = (
    "created",
    "stage_changed",
    "call",
    "email",
    "meeting",
    "quote_sent",
    "quote_accepted",
    "won",
    "lost",
    "updated",
)


def twenty_rules() -> list[UsageRule]:
    """Every second one with a condition and a window."""
    rules = []
    for k in range(20):
        more = {} if k % 2 else {"where": Compare("case.amount", Op.GE, 10_000), "within": Duration(days=30)}
        constraint = Constraint(TEMPLATES[k % 10], NAMES[k % 10], target=NAMES[(3 * k + 1) % 10], **more)
        rules.append(UsageRule(f"rule-{k}", Text("a situation", "une situation"), expect=(constraint,)))
    return rules


def best(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def read_and_sort(folder: Path, form: str) -> pl.DataFrame:
    file = folder / f"events.{form}"
    frame = pl.read_parquet(file) if form == "parquet" else pl.read_csv(file)
    return frame.sort("case_id", "at")


def fresh(history: History) -> History:
    """The same history without its index."""
    import attrs

    return attrs.evolve(history)


def measure(events: int, form: str, runs: int) -> Iterator[tuple[str, float]]:
    rules = twenty_rules()
    book = Rulebook(rules)
    with tempfile.TemporaryDirectory() as name, contextlib.suppress(BrokenPipeError):
        folder = Path(name)
        simulate("late-creation", seed=1, opportunities=round(events / EVENTS_A_CASE)).write(
            folder, format=form
        )
        yield "Polars reads and sorts the events", best(lambda: read_and_sort(folder, form), runs)
        history = History.read(folder)
        yield "load (all tables, checked)", best(lambda: History.read(folder), runs)
        yield "index", best(lambda: fresh(history).index, runs)
        tally(history, rules)
        yield "20 rules", best(lambda: tally(history, rules), runs)
        yield (
            "check: load, 20 rules, every detector, text",
            best(lambda: str(verify(History.read(folder), book)), runs),
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"Polars {pl.__version__}, Python {sys.version.split()[0]}; best of {args.runs}\n")
    print("| events | file | step | seconds | ratio to Polars |")
    print("| ---: | --- | --- | ---: | ---: |")
    for events in args.events:
        for form in ("csv", "parquet"):
            base = None
            for step, seconds in measure(events, form, args.runs):
                base = base or seconds
                print(f"| {events:,} | {form} | {step} | {seconds:.4f} | {seconds / base:.2f} |", flush=True)


if __name__ == "__main__":
    main()
