"""Random cases, sent to a monitor one event at a time, and what it says laid out as the oracle's verdicts are."""

from __future__ import annotations

import random

from crmusage.model import Text
from crmusage.rules import Constraint, Rulebook, UsageRule
from crmusage.rules._monitor import LiveVerdict, Monitor

from .oracle import Case

EVERYTHING = ("fulfilled", "violated", "tied")
Verdicts = dict[int | None, str]


def book_of(*constraints: Constraint) -> Rulebook:
    return Rulebook([UsageRule("r", Text("a situation", "une situation"), expect=constraints)])


def rows_of(log: list[Case]) -> list[dict[str, object]]:
    """The events of cases, in order of time; equal instants in the order that the cases list them."""
    rows = [
        {"case_id": f"c{k}", "activity": e.activity, "at": e.at, "seq": e.seq, "name": e.name, **e.attributes}
        for k, case in enumerate(log)
        for e in case.events
    ]
    return sorted(rows, key=lambda row: row["at"])


def shuffled(rows: list[dict[str, object]], seed: int) -> list[dict[str, object]]:
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    return rows


class Listener:
    """A monitor and everything that it has said, as it stands."""

    def __init__(self, log: list[Case], *constraints: Constraint, **options: object) -> None:
        self.log = log
        self.monitor = Monitor(book_of(*constraints), report=EVERYTHING, carry=("name",), **options)
        self.said: dict[tuple[str, int, int | None], str] = {}

    def open_all(self) -> None:
        for k, case in enumerate(self.log):
            self.hear(self.monitor.open_case(f"c{k}", case.created, **case.attributes))

    def close_all(self) -> None:
        for k, case in enumerate(self.log):
            if case.closed is not None:
                self.hear(self.monitor.close_case(f"c{k}", case.closed))

    def hear(self, verdicts: object) -> None:
        for verdict in verdicts:
            key = (verdict.case_id, verdict.expect, name_of(verdict))
            said = self.said.pop(key, None)
            was = None if verdict.was is None else verdict.was.name.lower()
            assert said == was, f"{verdict} corrects {was}, and what was said is {said}"
            word = verdict.verdict.name.lower()
            if word != "pending":
                self.said[key] = word

    def all(self) -> list[list[Verdicts]]:
        """By expectation and case: what has been said, and what is not settled yet."""
        found = dict(self.said)
        for case_id in self.monitor.open_cases:
            for verdict in self.monitor.pending(case_id):
                key = (case_id, verdict.expect, name_of(verdict))
                assert key not in found, f"{verdict} was settled and is not"
                found[key] = verdict.verdict.name.lower()
        n = len(next(iter(self.monitor._rules)).expect)
        laid: list[list[Verdicts]] = [[{} for _ in self.log] for _ in range(n)]
        for (case_id, expect, name), word in found.items():
            laid[expect][int(case_id[1:])][name] = word
        return laid


def name_of(verdict: LiveVerdict) -> int | None:
    if verdict.activity is None:
        return None
    name = verdict.attributes["name"]
    return -1 - name if verdict.mirrored else name
