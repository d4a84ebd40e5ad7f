"""How many events a second the Monitor takes in, and what it keeps in memory.

    python benchmarks/monitor.py                        # 1 M events
    python benchmarks/monitor.py --floor                # next to the same rules written out by hand
    python benchmarks/monitor.py --events 10_000_000 --flat     # memory stays flat while cases close

A CRM's log is made up on the way: 20 activities, cases of about 15 events, 2,000 of them open at a time, 3 % of the
events at the instant of the one before. 20 rules, one or two of each template, half of them with conditions and windows.
Where pm4py is installed (it is no dependency of anything here), its streaming DECLARE conformance runs on the same
events in the same run, with the same templates and activities but without conditions, windows and correlation, which it
does not know. Times are processor time, so that what else runs on the machine counts less.
"""

from __future__ import annotations

import argparse
import logging
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from _monitor_floor import Floor

from crmusage.model import Text
from crmusage.rules import (
    Compare,
    Constraint,
    Correlation,
    Duration,
    Monitor,
    Op,
    Rulebook,
    Template,
    UsageRule,
)

ACTIVITIES = (
    "created", "updated", "stage_changed", "amount_changed", "close_date_changed", "owner_changed",
    "priority_changed", "call", "email", "meeting", "task_due", "quote_sent", "quote_accepted", "quote_declined",
    "submitted", "accepted", "waiting", "resumed", "documented",
)  # fmt: skip
CLOSING = ("won",)
OPEN_AT_ONCE = 2_000
CHUNK = 50_000
"""Events made, and taken in, at once."""
STEP = 30_000_000
"""Microseconds from event to event of all cases; of one case they are about 17 hours apart."""
TIED = 0.03
LARGE = Compare("amount", Op.GE, 10_000)
BY_PHONE = Compare("channel", Op.EQ, "phone")


def rules() -> Rulebook:
    """Ten plain ones, ten with conditions, windows or correlation."""
    plain = [
        Constraint("response", "quote_sent", target="quote_accepted"),
        Constraint("precedence", "quote_accepted", target="quote_sent"),
        Constraint("alternate_response", "waiting", target="resumed"),
        Constraint("chain_response", "submitted", target="accepted"),
        Constraint("not_co_existence", "quote_declined", target="documented"),
        Constraint("responded_existence", "meeting", target="call"),
        Constraint("existence", "updated", n=1),
        Constraint("absence", "owner_changed", n=3),
        Constraint("init", "created"),
        Constraint("succession", "submitted", target="documented"),
    ]
    rich = [
        Constraint("response", "quote_sent", target="call", where=LARGE, within=Duration(days=2)),
        Constraint("response", "email", target="updated", where=BY_PHONE, within=Duration(hours=36)),
        Constraint("precedence", "close_date_changed", target="call", within=Duration(days=7)),
        Constraint("precedence", "amount_changed", target="meeting", where=LARGE),
        Constraint("alternate_precedence", "quote_accepted", target="quote_sent", within=Duration(days=30)),
        Constraint("chain_precedence", "resumed", target="waiting", target_where=BY_PHONE),
        Constraint("not_succession", "quote_accepted", target="amount_changed", within=Duration(days=5)),
        Constraint(
            "response", "quote_sent", target="quote_declined", correlate=Correlation(same=("quote_id",)),
            within=Duration(days=20),
        ),
        Constraint("existence", "call", n=2, where=LARGE, within=Duration(days=10)),
        Constraint("responded_existence", "task_due", target="email", where=LARGE, within=Duration(days=3)),
    ]  # fmt: skip
    situation = Text("made up", "inventée")
    return Rulebook([UsageRule(f"r{k:02}", situation, expect=(c,)) for k, c in enumerate([*plain, *rich])])


EPISODES = (
    ("updated",), ("stage_changed",), ("stage_changed",), ("priority_changed",), ("owner_changed",), ("call",),
    ("call", "meeting"), ("call", "close_date_changed"), ("email", "updated"), ("meeting", "amount_changed"),
    ("quote_sent", "call", "quote_accepted"), ("quote_sent", "call", "quote_declined"), ("task_due", "email", "updated"),
    ("submitted", "accepted", "documented"), ("waiting", "resumed"), ("waiting", "call", "resumed"),
)  # fmt: skip
"""What people do in a row when they keep the rules."""
SLIPS = 0.05
"""How often something is left out or done too early."""


def script(draw: random.Random) -> list[str]:
    """The activities of one case."""
    wanted = draw.randrange(8, 23)
    activities = ["created", "call", "updated"]
    while len(activities) < wanted - 1:
        activities.extend(draw.choice(EPISODES))
    for k in range(len(activities) - 2, 0, -1):
        slip = draw.random()
        if slip < SLIPS / 2:
            del activities[k]
        elif slip < SLIPS:
            activities[k], activities[k + 1] = activities[k + 1], activities[k]
    return [*activities, "won"]


def log(n: int, seed: int = 1, tied: float = TIED) -> Iterator[list[tuple[str, str, int, dict[str, object]]]]:
    """`n` events in the order of time, a chunk at a time; so many of them at the instant of the one before."""
    draw = random.Random(seed)
    scripts = [script(draw)[::-1] for _ in range(4096)]
    places = [draw.randrange(OPEN_AT_ONCE) for _ in range(1_000_003)]
    attributes = [
        {
            "amount": draw.randrange(100, 20_000),
            "channel": draw.choice(("phone", "mail")),
            "quote_id": draw.randrange(3),
        }
        for _ in range(4096)
    ]
    left: list[list[str]] = [[] for _ in range(OPEN_AT_ONCE)]
    names = [""] * OPEN_AT_ONCE
    at, place, begun = 1_700_000_000_000_000, 0, 0
    chunk = []
    for k in range(n):
        if not left[place] or draw.random() > tied:
            place = places[k % 1_000_003]
            at += STEP
        if not left[place]:
            left[place] = scripts[begun & 4095].copy()
            names[place] = f"case-{begun}"
            begun += 1
        chunk.append((names[place], left[place].pop(), at, attributes[k & 4095]))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def measure(n: int, *, one_by_one: bool = False, **options: object) -> dict[str, object]:
    """Events a second (processor time) and memory, for one way of using it."""
    monitor = Monitor(rules(), closing=CLOSING, **options)
    spent, said, peaks = 0.0, 0, []
    for chunk in log(n):
        if one_by_one:
            events = [{"case_id": c, "activity": a, "at": at, **more} for c, a, at, more in chunk]
            start = time.process_time()
            for event in events:
                said += len(monitor.observe(event))
        else:
            start = time.process_time()
            said += len(monitor.observe_many(chunk))
        said += len(monitor.advance(chunk[-1][2]))
        spent += time.process_time() - start
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    return {
        "events": n,
        "per_second": n / spent,
        "said": said,
        "open": len(monitor.open_cases),
        "peak_first": peaks[len(peaks) // 10],
        "peak": peaks[-1],
    }


PM4PY = {
    Template.RESPONSE: "response", Template.PRECEDENCE: "precedence", Template.ALTERNATE_RESPONSE: "altresponse",
    Template.ALTERNATE_PRECEDENCE: "altprecedence", Template.CHAIN_RESPONSE: "chainresponse",
    Template.CHAIN_PRECEDENCE: "chainprecedence", Template.RESPONDED_EXISTENCE: "responded_existence",
    Template.EXISTENCE: "existence", Template.ABSENCE: "absence", Template.INIT: "init",
    Template.SUCCESSION: "succession", Template.NOT_SUCCESSION: "nonsuccession",
    Template.NOT_CO_EXISTENCE: "noncoexistence",
}  # fmt: skip
BACKWARD = {Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE}


def peer(n: int) -> float | None:
    """pm4py's streaming conformance: events a second; None: it is not installed."""
    try:
        from pm4py.streaming.algo.conformance.declare.variants.automata import DeclareStreamingConformance
    except ImportError:
        return None
    model: dict[str, dict[object, dict[str, float]]] = {}
    for rule in rules():
        constraint = rule.expect[0]
        key = (*constraint.activities, *constraint.targets)
        if constraint.template in BACKWARD:
            key = key[::-1]
        names = model.setdefault(PM4PY[constraint.template], {})
        if key in names:
            # It takes a pair once for each template; another pair gives it as much to do.
            key = ("stage_changed", *key[1:])
        names[key] = {"support": 1, "confidence": 1.0}
    logging.disable(logging.ERROR)
    checker = DeclareStreamingConformance(model)
    assert sum(map(len, model.values())) == len(rules())
    spent = 0.0
    for chunk in log(n):
        events = [{"case:concept:name": c, "concept:name": a, "time:timestamp": at} for c, a, at, _ in chunk]
        start = time.process_time()
        for event in events:
            checker.receive(event)
        spent += time.process_time() - start
    return n / spent


def floor(n: int, repeat: int) -> None:
    """The Monitor next to the same rules written out by hand, on a log without ties; both must say the same."""

    def by_monitor() -> Callable[[list[tuple[str, str, int, dict[str, object]]]], list[str]]:
        monitor = Monitor(rules(), closing=CLOSING)

        def take(chunk: list[tuple[str, str, int, dict[str, object]]]) -> list[str]:
            said = monitor.observe_many(chunk), monitor.advance(chunk[-1][2])
            took.append(time.process_time())
            return [one.rule for some in said for one in some]

        return take

    def by_hand() -> Callable[[list[tuple[str, str, int, dict[str, object]]]], list[str]]:
        loop = Floor()

        def take(chunk: list[tuple[str, str, int, dict[str, object]]]) -> list[str]:
            loop.take(chunk)
            loop.advance(chunk[-1][2])
            took.append(time.process_time())
            told = [f"r{one[0]:02}" for one in loop.said]
            loop.said.clear()
            return told

        return take

    took: list[float] = []
    found: dict[str, tuple[float, Counter[str]]] = {}
    print(f"{n:,} events without ties, 20 rules; Python {sys.version.split()[0]}\n")
    print("| loop | events/s | verdicts |\n|---|---:|---:|")
    for name, begin in {"the Monitor": by_monitor, "written out by hand": by_hand}.items():
        best = float("inf")
        for _ in range(repeat):
            take, spent, said = begin(), 0.0, Counter()
            for chunk in log(n, tied=0.0):
                start = time.process_time()
                said.update(take(chunk))
                spent += took[-1] - start
            best = min(best, spent)
        found[name] = best, said
        print(f"| {name} | {n / best:,.0f} | {said.total():,} |")
    (ours, said), (bare, told) = found.values()
    assert said == told, "the loop that is written out says something else"
    print(f"\nThe Monitor takes {ours / bare:.1f} times as long, and both say the same of every rule.")


def flat(n: int) -> None:
    """What the process takes in memory, after each tenth of the events."""
    monitor, seen = Monitor(rules(), closing=CLOSING), 0
    for chunk in log(n):
        monitor.observe_many(chunk)
        monitor.advance(chunk[-1][2])
        seen += len(chunk)
        if seen % (n // 10) < CHUNK:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(f"{seen:>12,} events: {pages * resource.getpagesize() / 2**20:,.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=1, help="runs of each way; the best counts")
    parser.add_argument(
        "--flat", action="store_true", help="only what it takes in memory, by tenths of the events"
    )
    parser.add_argument(
        "--floor", action="store_true", help="only next to the same rules written out by hand"
    )
    arguments = parser.parse_args()
    n = arguments.events
    if arguments.floor:
        floor(n, arguments.repeat)
        return
    if arguments.flat:
        flat(n)
        return
    ways = {
        "observe_many, late events placed": {},
        "observe_many, late events refused": {"late": "refuse"},
        "observe_many, order of arrival is the order": {"ordered": True},
        "observe_many, every verdict reported": {"report": ("fulfilled", "violated", "tied")},
        "observe, one mapping at a time": {"one_by_one": True},
    }
    print(f"{n:,} events, 20 rules, {OPEN_AT_ONCE:,} cases open at a time; Python {sys.version.split()[0]}\n")
    print("| way | events/s | verdicts reported | open at the end | peak MB, first tenth | peak MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for way, options in ways.items():
        found = max(
            (measure(n, **options) for _ in range(arguments.repeat)), key=lambda one: one["per_second"]
        )
        print(
            f"| {way} | {found['per_second']:,.0f} | {found['said']:,} | {found['open']:,} "
            f"| {found['peak_first']:,} | {found['peak']:,} |"
        )
    theirs = peer(n // 10)
    if theirs is not None:
        print(f"| pm4py's streaming DECLARE, 20 plain rules | {theirs:,.0f} | | | | |")


if __name__ == "__main__":
    main()
