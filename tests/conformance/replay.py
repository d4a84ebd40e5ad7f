"""A history told to a monitor as it happened, and what the monitor makes of it, counted as tallies are."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from crmusage.conformance import tally
from crmusage.history import History
from crmusage.rules import Duration, Monitor, Op, Rulebook, Status, UsageRule, comparisons

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
VERDICTS = ("fulfilled", "violated", "pending", "tied")
Sums = dict[tuple[str, int], dict[str, int]]


def by_columns(history: History, rules: list[UsageRule]) -> Sums:
    counts = tally(history, rules).by("rule", "expect")
    rows = [
        ((row["rule"], row["expect"]), {verdict: row[verdict] for verdict in VERDICTS})
        for row in counts.rows()
    ]
    return {key: sums for key, sums in rows if any(sums.values())}


def by_monitor(history: History, rules: Iterable[UsageRule], **options: object) -> Sums:
    """What a monitor has said of a history at its end, and what still waits."""
    book = Rulebook([attrs.evolve(rule, status=Status.ACTIVE) for rule in rules])
    people = {row["person_id"]: row for row in history.people.iter_rows(named=True)}
    monitor = Monitor(
        book,
        people=people,
        calendar=history.work_calendar,
        report=("fulfilled", "violated", "tied"),
        linger=Duration(days=100_000),
        **options,
    )
    counts: Counter[tuple[str, int, str]] = Counter()

    def hear(verdicts: Iterable[object]) -> None:
        for one in verdicts:
            if one.was is not None:
                counts[one.rule, one.expect, one.was.name.lower()] -= 1
            if one.verdict.name != "PENDING" or one.was is None:
                counts[one.rule, one.expect, one.verdict.name.lower()] += 1

    for _, what, row in steps(history):
        if what == "open":
            head = {name: value for name, value in row.items() if name not in {"case_id", "created_at"}}
            hear(monitor.open_case(row["case_id"], row["created_at"], **head))
        elif what == "event":
            hear(monitor.observe(row))
        else:
            hear(monitor.close_case(row["case_id"], row["closed_at"]))
    hear(monitor.advance(history.as_of))
    for case_id in monitor.open_cases:
        hear(monitor.pending(case_id))
    sums: Sums = {}
    for (rule, expect, verdict), count in counts.items():
        sums.setdefault((rule, expect), dict.fromkeys(VERDICTS, 0))[verdict] = count
    return {key: found for key, found in sums.items() if any(found.values())}


def steps(history: History) -> Iterator[tuple[dt.datetime, str, dict[str, object]]]:
    """What happened in order: at one instant cases begin first, and end last."""
    found = [(row["created_at"], 0, "open", row) for row in history.cases.iter_rows(named=True)]
    found += [(row["at"], 1, "event", row) for row in history.events.iter_rows(named=True)]
    ends = [row for row in history.cases.iter_rows(named=True) if row["closed_at"] is not None]
    found += [(row["closed_at"], 2, "close", row) for row in ends]
    found.sort(key=lambda step: step[:2])
    for at, _, what, row in found:
        yield at, what, row


def made_up(rules: list[UsageRule], seed: int, cases: int = 60) -> History:
    """Cases in which what the rules name happens in any order, often at one instant."""
    draw = random.Random(seed)
    expected = [constraint for rule in rules for constraint in rule.expect]
    names = sorted({name for one in expected for name in (*one.activities, *one.targets)})
    values = compared(rules)
    kinds = sorted({rule.kind or "case" for rule in rules})
    tables: dict[str, list[dict[str, object]]] = {"cases": [], "events": []}
    for k in range(cases):
        at = created = START + dt.timedelta(hours=draw.randint(0, 500))
        for _ in range(draw.randint(0, 9)):
            at += dt.timedelta(hours=draw.choice([0, 0, 1, 5, 24, 100, 400]))
            about = {name: draw.choice([None, *some]) for name, some in values.items()}
            activity = draw.choice([*names, "something else"])
            tables["events"].append({"case_id": f"c{k}", "activity": activity, "at": at, **about})
        closed = None if draw.random() < 0.3 else at + dt.timedelta(hours=draw.choice([0, 1, 50]))
        of_case = {name: draw.choice([None, *some]) for name, some in compared(rules, of="case.").items()}
        row = {"case_id": f"c{k}", "kind": draw.choice(kinds), "created_at": created, "closed_at": closed}
        tables["cases"].append({**row, **of_case})
    return History.from_records(**tables, as_of=START + dt.timedelta(days=60))


def compared(rules: list[UsageRule], of: str = "") -> dict[str, list[object]]:
    """By attribute, a few values that the rules tell apart."""
    found: dict[str, list[object]] = {}
    for rule in rules:
        for constraint in rule.expect:
            for name in (*constraint.correlate.same, *constraint.correlate.different):
                if name != "case_id" and not of:
                    found.setdefault(name, []).extend(["one", "other"])
            for condition in (constraint.where, constraint.target_where):
                for one in comparisons(condition):
                    if one.attribute.startswith("case.") == bool(of) and one.op is not Op.IS_NULL:
                        some = one.value if isinstance(one.value, tuple) else (one.value,)
                        found.setdefault(one.attribute.removeprefix("case."), []).extend(some)
    return found
