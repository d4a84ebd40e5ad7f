"""The gaps of the example rulebook on a published log: counted once more, trace by trace, and read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

from crmusage.detectors import dead_rules
from crmusage.discovery import gaps
from crmusage.history import History
from crmusage.rules import Rulebook

EXAMPLE = Path(__file__).parents[2] / "examples" / "help_desk"
WORK = {"accepted", "waiting"}
"""Of what counts as work, the log knows these two."""


def test_the_rulebook_forgets_hand_overs_upgrades_and_tickets_that_come_back(real_logs: Path) -> None:
    history = History.read(real_logs / "helpdesk_italy/helpdesk.xes.gz", mapping=EXAMPLE / "log.toml")
    traces = defaultdict(list)
    for row in history.events.iter_rows(named=True):
        traces[row["case_id"]].append(row)
    wanted: dict[str, set[str]] = defaultdict(set)
    for case, events in traces.items():
        taker, settled = None, None
        for event in events:
            if event["activity"] == "accepted":
                if taker is not None and event["actor"] != taker:
                    wanted["taken-over"].add(case)
                taker = event["actor"]
            if (
                settled is not None
                and event["activity"] in WORK
                and event["at"] - settled > dt.timedelta(hours=1)
            ):
                wanted["worked-on-after-settling"].add(case)
            if event["activity"] == "fulfilled":
                settled = event["at"]
            if event["activity"] == "Require upgrade":
                wanted["own.require-upgrade"].add(case)
    book = Rulebook.load(EXAMPLE / "usages")
    found = gaps(history, book)
    assert {gap.situation.id: gap.cases for gap in found} == {name: len(ids) for name, ids in wanted.items()}
    for gap in found:
        assert set(gap.examples) <= wanted[str(gap.situation.id)]
    proposed = book
    for gap in found:
        proposed = proposed.propose(gap, who="service-desk", why="met in the log")
    assert not gaps(history, proposed).found


def test_no_rule_is_dead_and_one_is_never_broken(real_logs: Path) -> None:
    history = History.read(real_logs / "helpdesk_italy/helpdesk.xes.gz", mapping=EXAMPLE / "log.toml")
    idle = dead_rules(history, Rulebook.load(EXAMPLE / "usages"))
    assert (dict(idle.dead), dict(idle.training_wheels), dict(idle.unknown)) == ({}, {}, {})
    assert set(idle.unbroken) == {"closed-means-resolved"}
