"""How fast rules are judged, next to pm4py and Declare4Py, in one run on one machine.

    pip install -e '.[all]' pm4py Declare4Py pyarrow
    python benchmarks/peers.py                     # 1 M events; Declare4Py takes a minute or so

A synthetic log of 20 activities, 6 teams and 3 % tied instants. Twenty mixed rules: once plain, in the templates that
all three know; once with conditions and time windows on every second rule, which pm4py cannot express. Loaded: from each
one's own form of the log in memory to verdicts. Whole way: from a CSV file to verdicts. The best of several runs (of the
peers: of two). pm4py and Declare4Py are needed here only.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from crmusage.conformance import judge, tally
from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import Compare, Constraint, Duration, Op, Template, UsageRule, Verdict

ACTIVITIES = [f"activity {k:02}" for k in range(20)]
SHARED = (
    Template.RESPONSE, Template.PRECEDENCE, Template.ALTERNATE_RESPONSE, Template.ALTERNATE_PRECEDENCE,
    Template.CHAIN_RESPONSE, Template.CHAIN_PRECEDENCE, Template.RESPONDED_EXISTENCE, Template.EXISTENCE,
    Template.ABSENCE, Template.INIT,
)  # fmt: skip
PM4PY = {
    Template.RESPONSE: "response", Template.PRECEDENCE: "precedence", Template.ALTERNATE_RESPONSE: "altresponse",
    Template.ALTERNATE_PRECEDENCE: "altprecedence", Template.CHAIN_RESPONSE: "chainresponse",
    Template.CHAIN_PRECEDENCE: "chainprecedence", Template.RESPONDED_EXISTENCE: "responded_existence",
    Template.EXISTENCE: "existence", Template.ABSENCE: "absence", Template.INIT: "init",
}  # fmt: skip
BACKWARD = {Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE}


def log(events: int) -> pl.DataFrame:
    """About 12 events a case over two months, in the order of cases and time."""
    rng = np.random.default_rng(7)
    case = np.sort(rng.integers(0, max(events // 12, 1), events))
    at = 1_700_000_000_000_000 + rng.integers(0, 60 * 86_400, events) * 1_000_000
    tied = np.flatnonzero(rng.random(events) < 0.03)[1:]
    at[tied] = at[tied - 1]
    frame = pl.DataFrame(
        {
            "case_id": pl.Series(case).cast(pl.String),
            "activity": pl.Series(ACTIVITIES).gather(rng.integers(0, 20, events)),
            "at": pl.Series(at).cast(pl.Datetime("us", "UTC")),
            "unit": pl.Series([f"team {k}" for k in range(6)]).gather(case % 6),
            "amount": np.round(rng.random(events) * 1000, 2),
        }
    )
    # A place in the sequence settles ties, so that all readers read the same order.
    return frame.sort("case_id", "at", maintain_order=True).with_columns(
        seq=pl.int_range(pl.len()).over("case_id")
    )


def rules(*, conditions: bool) -> list[UsageRule]:
    made = []
    for k in range(20):
        template = SHARED[k % 10]
        target = None if template.is_unary else ACTIVITIES[(7 * k + 3) % 20]
        more = {}
        if conditions and k % 2 == 0 and not template.is_unary:
            more = {"where": Compare("amount", Op.GE, 500), "within": Duration(days=5)}
        constraint = Constraint(template, ACTIVITIES[k], target=target, **more)
        made.append(UsageRule(f"rule-{k:02}", Text("a situation", "une situation"), expect=(constraint,)))
    return made


def best(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def pm4py_model(book: list[UsageRule]) -> dict[str, dict[object, dict[str, float]]]:
    model: dict[str, dict[object, dict[str, float]]] = {}
    for rule in book:
        constraint = rule.expect[0]
        key: object = constraint.activity
        if constraint.target is not None:
            pair = (constraint.activity, constraint.target)
            key = pair[::-1] if constraint.template in BACKWARD else pair
        model.setdefault(PM4PY[constraint.template], {})[key] = {"support": 1, "confidence": 1.0}
    return model


def declare4py_text(book: list[UsageRule]) -> str:
    lines = [f"activity {name}" for name in ACTIVITIES] + [f"bind {name}: amount" for name in ACTIVITIES]
    lines.append("amount: float between 0.0 and 1000.0")
    for rule in book:
        constraint = rule.expect[0]
        name = constraint.template.replace("_", " ").title()
        if constraint.template.counts:
            name += str(constraint.n)
        if constraint.target is None:
            lines.append(f"{name}[{constraint.activity}] | |")
            continue
        pair = [constraint.activity, constraint.target]
        if constraint.template in BACKWARD:
            pair.reverse()
        where = "A.amount >= 500" if constraint.where is not None else ""
        window = "0,5,d" if constraint.within is not None else ""
        lines.append(f"{name}[{pair[0]}, {pair[1]}] |{where} | |{window}")
    return "\n".join(lines) + "\n"


def as_pm4py(frame: pl.DataFrame) -> object:
    return frame.select(
        pl.col("case_id").alias("case:concept:name"),
        pl.col("activity").alias("concept:name"),
        pl.col("at").alias("time:timestamp"),
        pl.col("amount"),
    ).to_pandas()


def broken_cases(history: History, book: list[UsageRule]) -> int:
    found = [judge(history, rule.expect[0], reasons=False) for rule in book]
    return sum(len(np.unique(one.case[one.verdict == Verdict.VIOLATED])) for one in found)


def peak(program: str, *words: str) -> int:
    """The peak memory of a program in a process of its own, in bytes."""
    # VmHWM starts anew with the program; what getrusage tells would include the parent's.
    code = f"{program}\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words], capture_output=True, text=True, check=True
    )
    return int(ran.stdout.split()[-1]) * 1024


def one_case(events: int) -> History:
    """Everything in a single case: the longest that a log of so many events can hold."""
    frame = log(events).with_columns(case_id=pl.lit("1")).drop("seq").sort("at", maintain_order=True)
    return History.from_frames(events=frame.with_columns(seq=pl.int_range(pl.len())))


def growth(largest: int, runs: int) -> list[tuple[int, float, float]]:
    """Events of the one case, seconds for 20 rules, and the same for each n log n of the smallest."""
    found = []
    for events in (largest // 16, largest // 4, largest):
        history = one_case(events)
        book = rules(conditions=True)
        tally(history, book)
        seconds = best(lambda: tally(history, book), runs)  # noqa: B023 — called at once
        found.append((events, seconds, seconds / (events * np.log2(events))))
    return [(events, seconds, unit / found[0][2]) for events, seconds, unit in found]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-declare4py", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    import pm4py

    frame = log(args.events)
    plain, conditions = rules(conditions=False), rules(conditions=True)
    history = History.from_frames(events=frame)
    tally(history, conditions)  # builds the index
    ours = {
        "plain": best(lambda: tally(history, plain), args.runs),
        "conditions": best(lambda: tally(history, conditions), args.runs),
    }
    pandas = as_pm4py(frame)
    model = pm4py_model(plain)
    theirs = best(lambda: pm4py.conformance_declare(pandas, model), 2)
    said = sum(len(case["deviations"]) for case in pm4py.conformance_declare(pandas, model))
    rows = [
        ("20 rules, loaded", "crmusage", ours["plain"], 1.0),
        ("20 rules, loaded", f"pm4py {pm4py.__version__}", theirs, theirs / ours["plain"]),
    ]
    print(f"broken (case, rule) pairs: crmusage {broken_cases(history, plain):,}, pm4py {said:,}")
    if not args.no_declare4py:
        from Declare4Py.D4PyEventLog import D4PyEventLog
        from Declare4Py.ProcessMiningTasks.ConformanceChecking.MPDeclareAnalyzer import MPDeclareAnalyzer
        from Declare4Py.ProcessModels.DeclareModel import DeclareModel

        event_log = D4PyEventLog(case_name="case:concept:name")
        event_log.log = pm4py.convert_to_event_log(pandas)
        event_log.log_length = len(event_log.log)
        event_log.timestamp_key, event_log.activity_key = "time:timestamp", "concept:name"
        for name, book in (("plain", plain), ("conditions", conditions)):
            declared = DeclareModel().parse_from_string(declare4py_text(book))
            work = MPDeclareAnalyzer(log=event_log, declare_model=declared, consider_vacuity=True)
            start = time.perf_counter()
            browser = work.run()
            seconds = time.perf_counter() - start
            broken = sum(
                sum(state == 0 for state in browser.get_metric("state", constr_id=k))
                for k in range(len(book))
            )
            print(f"  {name}: crmusage {broken_cases(history, book):,}, Declare4Py {broken:,}")
            title = "20 rules, loaded" if name == "plain" else "20 rules, half with conditions and windows"
            if name == "conditions":
                rows.append((title, "crmusage", ours[name], 1.0))
            rows.append((title, "Declare4Py 2.2", seconds, seconds / ours[name]))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.csv"
        frame.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ")
        columns = frame.estimated_size()

        def whole() -> object:
            return tally(History.read(file), plain)

        def whole_pm4py() -> object:
            import pandas as pd

            read = pd.read_csv(file).rename(
                columns={"case_id": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}
            )
            read["case:concept:name"] = read["case:concept:name"].astype(str)
            read["time:timestamp"] = pd.to_datetime(read["time:timestamp"])
            return pm4py.conformance_declare(read, model)

        mine, other = best(whole, 3), best(whole_pm4py, 2)
        rows += [("CSV to tallies", "crmusage", mine, 1.0), ("CSV to verdicts", "pm4py", other, other / mine)]
        here = str(Path(__file__).parent)
        start = (
            f"import sys; sys.path.insert(0, {here!r}); import peers; from crmusage.history import History\n"
        )
        parquet = str(Path(folder) / "events.parquet")
        frame.write_parquet(parquet)
        empty = peak(start + "import polars as pl; h = pl.read_parquet(sys.argv[1])", parquet)
        used = peak(
            start + "from crmusage.conformance import tally\n"
            "tally(History.read(sys.argv[1]), peers.rules(conditions=True))",
            parquet,
        )
    print()
    print("| work | by | seconds | times as long as crmusage |")
    print("| --- | --- | ---: | ---: |")
    for work_, who, seconds, ratio in rows:
        print(f"| {work_} | {who} | {seconds:.3f} | {ratio:.1f} |")
    print()
    print(
        "| events in one case | seconds for 20 rules, half with conditions and windows | for each n log n |"
    )
    print("| ---: | ---: | ---: |")
    for events, seconds, unit in growth(args.events, args.runs):
        print(f"| {events:,} | {seconds:.3f} | {unit:.2f} |")
    print()
    print(
        f"{args.events:,} events; the file's columns take {columns / args.events:.0f} bytes an event in memory."
    )
    print(
        f"Peak memory from a Parquet file to 20 tallies: {(used - empty) / args.events:.0f} bytes an event over reading it."
    )


if __name__ == "__main__":
    main()
