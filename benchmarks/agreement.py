"""Do two peers say the same on the published logs? A table, and a line for each difference.

    pip install -e '.[all]' pm4py Declare4Py
    CRMUSAGE_REAL_LOGS=path/to/logs python benchmarks/agreement.py

For each log, every template that the peers know is asked for every ordered pair of the five most frequent activities
(pm4py: the cases that break it; Declare4Py: activations, fulfilments and violations as well). Every case is taken
as ended, since the peers know nothing else. pm4py and Declare4Py are needed here only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np
import polars as pl

from crmusage.conformance import judge
from crmusage.history import History
from crmusage.rules import Constraint, Template, Verdict

EXAMPLES = Path(__file__).parents[1] / "examples"
LOGS = {
    "help desk": ("helpdesk_italy/helpdesk.xes.gz", "help_desk"),
    "BPI 2012": ("bpic2012/bpic2012.xes.gz", "loans"),
    "BPI 2013 problems (closed)": ("bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz", "problems"),
}

# Our template, the peer's word, whether the peer writes the pair the other way round.
PM4PY = {
    Template.EXISTENCE: "existence",
    Template.ABSENCE: "absence",
    Template.EXACTLY: "exactly_one",
    Template.INIT: "init",
    Template.RESPONDED_EXISTENCE: "responded_existence",
    Template.CO_EXISTENCE: "coexistence",
    Template.RESPONSE: "response",
    Template.ALTERNATE_RESPONSE: "altresponse",
    Template.CHAIN_RESPONSE: "chainresponse",
    Template.PRECEDENCE: "precedence",
    Template.ALTERNATE_PRECEDENCE: "altprecedence",
    Template.CHAIN_PRECEDENCE: "chainprecedence",
    Template.SUCCESSION: "succession",
    Template.ALTERNATE_SUCCESSION: "altsuccession",
    Template.CHAIN_SUCCESSION: "chainsuccession",
    Template.NOT_CO_EXISTENCE: "noncoexistence",
    Template.NOT_SUCCESSION: "nonsuccession",
    Template.NOT_CHAIN_SUCCESSION: "nonchainsuccession",
}
DECLARE4PY = {
    Template.EXISTENCE: "Existence",
    Template.ABSENCE: "Absence",
    Template.EXACTLY: "Exactly",
    Template.INIT: "Init",
    Template.END: "End",
    Template.RESPONDED_EXISTENCE: "Responded Existence",
    Template.RESPONSE: "Response",
    Template.ALTERNATE_RESPONSE: "Alternate Response",
    Template.CHAIN_RESPONSE: "Chain Response",
    Template.PRECEDENCE: "Precedence",
    Template.ALTERNATE_PRECEDENCE: "Alternate Precedence",
    Template.CHAIN_PRECEDENCE: "Chain Precedence",
    Template.CHOICE: "Choice",
    Template.EXCLUSIVE_CHOICE: "Exclusive Choice",
}
BACKWARD = {Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE}
CASE_COUNTS = {Template.EXISTENCE, Template.ABSENCE, Template.EXACTLY}


def all_ended(history: History) -> History:
    """The same history with every open case taken as ended at its last event."""
    last = history.events.group_by("case_id").agg(pl.col("at").max().alias("last"))
    cases = history.cases.join(last, on="case_id", how="left", maintain_order="left")
    cases = cases.with_columns(closed_at=pl.coalesce("closed_at", "last", "created_at")).drop("last")
    return attrs.evolve(history, cases=cases)


def constraints(history: History, templates: Iterator[Template]) -> Iterator[Constraint]:
    often = (
        history.events["activity"]
        .value_counts(sort=True)
        .sort(["count", "activity"], descending=[True, False])
    )
    names = often["activity"].to_list()[:5]
    for template in templates:
        if template.is_unary:
            for name in names:
                yield Constraint(template, name)
        else:
            for one, other in itertools.permutations(names, 2):
                yield Constraint(template, one, target=other)


def ours(history: History, constraint: Constraint) -> tuple[set[int], dict[str, int]]:
    judged = judge(history, constraint)
    broken = judged.verdict == Verdict.VIOLATED
    counts = {
        "activations": len(judged),
        "fulfilled": int((judged.verdict == Verdict.FULFILLED).sum()),
        "violated": int(broken.sum()),
    }
    return set(np.unique(judged.case[broken]).tolist()), counts


def as_pandas(history: History) -> object:
    frame = history.events.select(
        pl.col("case_id").alias("case:concept:name"),
        pl.col("activity").alias("concept:name"),
        pl.col("at").alias("time:timestamp"),
    )
    return frame.to_pandas()


def pm4py_broken(log: object, constraint: Constraint, order: list[str]) -> set[int]:
    import pm4py

    if constraint.template.is_unary:
        key: object = constraint.activity
    elif constraint.template in BACKWARD:
        key = (constraint.target, constraint.activity)
    else:
        key = (constraint.activity, constraint.target)
    model = {PM4PY[constraint.template]: {key: {"support": 1, "confidence": 1.0}}}
    result = pm4py.conformance_declare(log, model)
    place = {case: k for k, case in enumerate(order)}
    return {place[case] for case, found in zip(CASE_ORDER, result, strict=True) if found["deviations"]}


CASE_ORDER: list[str] = []


def declare4py_results(
    history: History, asked: list[Constraint]
) -> list[tuple[set[int], dict[str, int]] | str]:
    import pm4py
    from Declare4Py.D4PyEventLog import D4PyEventLog
    from Declare4Py.ProcessMiningTasks.ConformanceChecking.MPDeclareAnalyzer import MPDeclareAnalyzer
    from Declare4Py.ProcessModels.DeclareModel import DeclareModel

    log = pm4py.convert_to_event_log(as_pandas(history))
    place = {case: k for k, case in enumerate(history.cases["case_id"].to_list())}
    order = [place[trace.attributes["concept:name"]] for trace in log]
    event_log = D4PyEventLog(case_name="case:concept:name")
    event_log.log = log
    event_log.log_length = len(log)
    event_log.timestamp_key = "time:timestamp"
    event_log.activity_key = "concept:name"
    found: list[tuple[set[int], dict[str, int]] | str] = []
    for constraint in asked:
        sides = (
            [constraint.activity] if constraint.target is None else [constraint.activity, constraint.target]
        )
        if constraint.template in BACKWARD:
            sides.reverse()
        name = DECLARE4PY[constraint.template] + (
            str(constraint.n) if constraint.template in CASE_COUNTS else ""
        )
        bars = "| |" if constraint.template.is_unary else "| | |"
        text = "\n".join(f"activity {side}" for side in sides) + f"\n{name}[{', '.join(sides)}] {bars}\n"
        try:
            model = DeclareModel().parse_from_string(text)
            browser = MPDeclareAnalyzer(log=event_log, declare_model=model, consider_vacuity=True).run()
            broken = {
                k
                for k, state in zip(order, browser.get_metric("state", constr_id=0), strict=True)
                if not state
            }
            counts = {
                "activations": sum(n or 0 for n in browser.get_metric("num_activations", constr_id=0)),
                "fulfilled": sum(n or 0 for n in browser.get_metric("num_fulfillments", constr_id=0)),
                "violated": sum(n or 0 for n in browser.get_metric("num_violations", constr_id=0)),
            }
        except Exception as error:  # noqa: BLE001 — a peer's crash is a result here
            found.append(f"{type(error).__name__}: {error}")
            continue
        found.append((broken, counts))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--logs", default=os.environ.get("CRMUSAGE_REAL_LOGS"), help="the folder of published logs"
    )
    args = parser.parse_args()
    if args.logs is None:
        sys.exit("say where the published logs are: --logs FOLDER, or CRMUSAGE_REAL_LOGS")
    warnings.simplefilter("ignore")
    print("| log | peer | template | asked | same | other |")
    print("| --- | --- | --- | ---: | ---: | ---: |")
    differences = []
    for title, (file, example) in LOGS.items():
        history = all_ended(History.read(Path(args.logs) / file, mapping=EXAMPLES / example / "log.toml"))
        order = history.cases["case_id"].to_list()
        frame = as_pandas(history)
        CASE_ORDER[:] = list(dict.fromkeys(frame["case:concept:name"]))  # type: ignore[index]
        for template in PM4PY:
            same = asked = 0
            for constraint in constraints(history, iter([template])):
                asked += 1
                mine = ours(history, constraint)[0]
                theirs = pm4py_broken(frame, constraint, order)
                same += mine == theirs
                if mine != theirs:
                    differences.append(
                        (title, "pm4py", str(constraint), f"{len(mine)} cases, pm4py {len(theirs)}")
                    )
            print(f"| {title} | pm4py | {template} | {asked} | {same} | {asked - same} |", flush=True)
        for template in DECLARE4PY:
            batch = list(constraints(history, iter([template])))
            same = 0
            for constraint, theirs in zip(batch, declare4py_results(history, batch), strict=True):
                mine = ours(history, constraint)
                alike = theirs == mine or (
                    not isinstance(theirs, str)
                    and constraint.template.is_of_case
                    # A case is an activation to us, an occurrence of the activity to them: the cases are compared.
                    and theirs[0] == mine[0]
                )
                same += alike
                if not alike:
                    said = theirs if isinstance(theirs, str) else f"{len(theirs[0])} cases, {theirs[1]}"
                    differences.append(
                        (title, "Declare4Py", str(constraint), f"{len(mine[0])} cases, {mine[1]}; {said}")
                    )
            print(
                f"| {title} | Declare4Py | {template} | {len(batch)} | {same} | {len(batch) - same} |",
                flush=True,
            )
    print(f"\n{len(differences)} differences")
    for title, peer, constraint, what in differences:
        print(f"- {title}, {peer}, {constraint}: {what}")


if __name__ == "__main__":
    main()
