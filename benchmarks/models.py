"""Declare models on the log that they were written for: the same verdicts as Declare4Py, line by line?

    pip install -e '.[all]' pm4py Declare4Py
    CRMUSAGE_REAL_LOGS=path/to/logs python benchmarks/models.py

Each constraint of each model is judged by both on the Sepsis log, every case taken as ended (Declare4Py knows nothing
else): which cases are broken, and the numbers of activations, fulfilments and violations where those are not the cases
themselves. A difference is shown with the shortest case that has it. pm4py and Declare4Py are needed here only.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from agreement import CASE_COUNTS, all_ended

from crmusage.conformance import judge, unseen
from crmusage.errors import BookError
from crmusage.history import History
from crmusage.rules import Template, UsageRule, Verdict, read_decl

OF_CASES = CASE_COUNTS | {Template.INIT, Template.END, Template.CHOICE, Template.EXCLUSIVE_CHOICE}
"""Judged once a case: Declare4Py counts events for some of them, so the cases are compared."""
Counts = list[tuple[int, int, int]]
"""Activations, fulfilments and violations of each case."""


def lines_of(file: Path) -> tuple[list[str], list[str]]:
    """What a model declares, and its constraints."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    constraints = [line for line in lines if "[" in line.partition("|")[0] and not line.startswith("bind")]
    return [line for line in lines if line not in constraints], constraints


def ours(history: History, rule: UsageRule) -> Counts:
    judged = judge(history, rule.expect[0], zone=rule.zone)
    found = np.zeros((history.cases.height, 3), dtype=np.int64)
    np.add.at(found[:, 0], judged.case, 1)
    np.add.at(found[:, 1], judged.case, judged.verdict == Verdict.FULFILLED)
    np.add.at(found[:, 2], judged.case, judged.verdict == Verdict.VIOLATED)
    return [tuple(row) for row in found.tolist()]


def theirs(event_log: object, order: list[int], model: str) -> tuple[Counts, list[bool]]:
    from Declare4Py.ProcessMiningTasks.ConformanceChecking.MPDeclareAnalyzer import MPDeclareAnalyzer
    from Declare4Py.ProcessModels.DeclareModel import DeclareModel

    declared = DeclareModel().parse_from_string(model)
    browser = MPDeclareAnalyzer(log=event_log, declare_model=declared, consider_vacuity=True).run()
    names = ("num_activations", "num_fulfillments", "num_violations")
    columns = [browser.get_metric(name, constr_id=0) for name in names]
    counts: Counts = [(0, 0, 0)] * len(order)
    kept = [True] * len(order)
    for place, state, *row in zip(order, browser.get_metric("state", constr_id=0), *columns, strict=True):
        counts[place] = tuple(int(n or 0) for n in row)
        kept[place] = bool(state)
    return counts, kept


def read_log(file: Path) -> tuple[History, object, list[int]]:
    """The log as a history, as Declare4Py's, and the place in the first of each case of the second."""
    import pm4py
    from Declare4Py.D4PyEventLog import D4PyEventLog

    history = all_ended(History.read(file))
    log = pm4py.convert_to_event_log(pm4py.read_xes(str(file)))
    place = {case: k for k, case in enumerate(history.cases["case_id"].to_list())}
    event_log = D4PyEventLog(case_name="case:concept:name")
    event_log.log, event_log.log_length = log, len(log)
    event_log.timestamp_key, event_log.activity_key = "time:timestamp", "concept:name"
    return history, event_log, [place[trace.attributes["concept:name"]] for trace in log]


def shortest(history: History, cases: list[int], columns: list[str]) -> str:
    index = history.index
    case = min(cases, key=lambda k: (index.offsets[k + 1] - index.offsets[k], k))
    rows = history.events.slice(index.offsets[case], index.offsets[case + 1] - index.offsets[case])
    there = [name for name in columns if name in rows.columns]
    return "\n".join(
        f"      {row['at']:%m-%d %H:%M:%S} {row['activity']} "
        + " ".join(f"{name}={row[name]}" for name in there if row[name] is not None)
        for row in rows.iter_rows(named=True)
    )


def of_truths() -> None:
    """The shortest trace that shows how the two read `A.x is true`: `a` with x, then `b`."""
    import pandas as pd
    import pm4py
    from Declare4Py.D4PyEventLog import D4PyEventLog

    model = "activity a\nbind a: x\nactivity b\nx: true, false\nChain Response[a, b] |A.x is true | |\n"
    print("\nChain Response[a, b] |A.x is true | |   on one case, `a` then `b`: activations")
    for value in (True, "true"):
        at = pd.to_datetime(["2026-03-01T09:00Z", "2026-03-01T10:00Z"])
        frame = pd.DataFrame(
            {"case:concept:name": "1", "concept:name": ["a", "b"], "time:timestamp": at, "x": value}
        )
        event_log = D4PyEventLog(case_name="case:concept:name")
        event_log.log, event_log.log_length = pm4py.convert_to_event_log(frame), 1
        event_log.timestamp_key, event_log.activity_key = "time:timestamp", "concept:name"
        history = all_ended(
            History.from_log(frame, case="case:concept:name", activity="concept:name", at="time:timestamp")
        )
        with tempfile.TemporaryDirectory() as scratch:
            alone = Path(scratch) / "model.decl"
            alone.write_text(model, encoding="utf-8")
            (rule,) = read_decl(alone)
        judgeable = not unseen(history, rule)
        mine = ours(history, rule)[0][0] if judgeable else "not judged (a text compared with a truth)"
        print(f"  x is {value!r}: here {mine}, Declare4Py {theirs(event_log, [0], model)[0][0][0]}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", default=os.environ.get("CRMUSAGE_REAL_LOGS"))
    args = parser.parse_args()
    if args.logs is None:
        sys.exit("say where the published logs are: --logs FOLDER, or CRMUSAGE_REAL_LOGS")
    warnings.simplefilter("ignore")
    folder = Path(args.logs) / "declare"
    history, event_log, order = read_log(folder / "sepsis.xes.gz")
    table: Counter[tuple[str, str]] = Counter()
    for file in sorted((folder / "models").glob("*.decl")):
        head, constraints = lines_of(file)
        for line in constraints:
            model = "\n".join([*head, line]) + "\n"
            try:
                with tempfile.TemporaryDirectory() as scratch:
                    alone = Path(scratch) / "model.decl"
                    alone.write_text(model, encoding="utf-8")
                    (rule,) = read_decl(alone)
            except BookError as error:
                table[file.name, "refused here"] += 1
                print(f"{file.name}: {line}\n  refused here: {error}")
                continue
            mine = ours(history, rule)
            try:
                other, kept = theirs(event_log, order, model)
            except Exception as error:  # noqa: BLE001 — a peer's crash is a result here
                table[file.name, "not read there"] += 1
                print(f"{file.name}: {line}\n  Declare4Py: {type(error).__name__}: {error}")
                continue
            constraint = rule.expect[0]
            if constraint.template in OF_CASES:
                wrong = [k for k, row in enumerate(mine) if (row[2] > 0) is kept[k]]
            else:
                wrong = [k for k, row in enumerate(mine) if row != other[k]]
            table[file.name, "other" if wrong else "same"] += 1
            if wrong:
                total = (
                    tuple(int(n) for n in np.sum(mine, axis=0)),
                    tuple(int(n) for n in np.sum(other, axis=0)),
                )
                print(
                    f"{file.name}: {line[:110]}\n  here {total[0]}, there {total[1]}; {len(wrong)} cases, the shortest:"
                )
                print(shortest(history, wrong, sorted({"unit", *constraint.attributes})))
    of_truths()
    print()
    words = ("same", "other", "refused here", "not read there")
    print("| model | constraints | " + " | ".join(words) + " |")
    print("| --- |" + " ---: |" * (len(words) + 1))
    for name in sorted({name for name, _ in table}):
        row = [table[name, word] for word in words]
        print(f"| {name} | {sum(row)} | " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
