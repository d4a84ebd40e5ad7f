"""The example rulebooks on the published logs: every figure is the oracle's, which reads the frames row by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from crmusage.conformance import tally, unseen
from crmusage.history import History
from crmusage.rules import Rulebook, UsageRule

from ..conformance import oracle

EXAMPLES = Path(__file__).parents[2] / "examples"
LOGS = {
    "helpdesk_italy/helpdesk.xes.gz": "help_desk",
    "bpic2012/bpic2012.xes.gz": "loans",
    "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz": "problems",
    "bpic2013_problems/hk_BPIC13_open_problems.xes.gz": "problems",
}


def micros(value) -> int:
    return round(value.timestamp() * 1_000_000)


def cases_of(history: History) -> list[oracle.Case]:
    events = defaultdict(list)
    for name, row in enumerate(history.events.iter_rows(named=True)):
        events[row["case_id"]].append(oracle.Event(name, row["activity"], micros(row["at"]), row, row["seq"]))
    return [
        oracle.Case(
            created=micros(row["created_at"]),
            closed=None if row["closed_at"] is None else micros(row["closed_at"]),
            events=tuple(events[row["case_id"]]),
            attributes=row,
        )
        for row in history.cases.iter_rows(named=True)
    ]


def by_oracle(rule: UsageRule, cases: list[oracle.Case], as_of: int) -> Counter[str]:
    (constraint,) = rule.expect
    found: Counter[str] = Counter()
    for case in cases:
        # A case without any of the activities has no activation, and nothing to read through.
        names = {constraint.activity, constraint.target}
        if not constraint.template.is_of_case and not any(event.activity in names for event in case.events):
            found["vacuous_cases"] += 1
            continue
        verdicts = oracle.verdicts(constraint, case, as_of)
        found.update(verdicts.values())
        found["activations"] += len(verdicts)
        found["vacuous_cases"] += not verdicts
    return found


@pytest.mark.parametrize(("log", "example"), LOGS.items())
def test_at_least_ten_rules_count_what_the_oracle_counts(log: str, example: str, real_logs: Path) -> None:
    history = History.read(real_logs / log, mapping=EXAMPLES / example / "log.toml")
    rules = [rule for rule in Rulebook.load(EXAMPLES / example / "usages") if not unseen(history, rule)]
    assert len(rules) >= 10
    counts = {row["rule"]: row for row in tally(history, rules).by("rule").rows()}
    cases, as_of = cases_of(history), micros(history.as_of)
    for rule in rules:
        wanted = by_oracle(rule, cases, as_of)
        for name in ("activations", "fulfilled", "violated", "pending", "tied", "vacuous_cases"):
            assert counts[rule.id][name] == wanted[name], (rule.id, name)
