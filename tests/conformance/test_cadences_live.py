"""What is due again and again, told one event at a time: the monitor says what the columns say."""

from __future__ import annotations

import datetime as dt
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import judge_rule
from crmusage.rules import Duration, Monitor, Rulebook, Verdict

from . import cadence_oracle
from .cadence_oracle import event
from .oracle import Case
from .test_cadences import PEOPLE, SEEDS, World, cadence_of, rule_of, time


@given(seed=SEEDS, zone=st.sampled_from([None, None, "person", "unit", "Europe/Paris"]))
def test_a_monitor_says_of_cadences_what_the_columns_say(seed: int, zone: str | None) -> None:
    random = Random(seed)
    world, cadence = World.of(random), cadence_of(random)
    log = [handed_on(case) for case in world.log]
    world = attrs.evolve(world, log=[final for _, final in log])
    rule = rule_of(cadence, zone=zone)
    history = world.history()
    judged = judge_rule(history, rule)[0]
    monitor = Monitor(
        Rulebook([rule]),
        people={row["person_id"]: row for row in PEOPLE},
        absences=[
            {"person_id": who, "starts_at": instant(world, a), "ends_at": instant(world, b)}
            for who, a, b in world.absences
        ],
        report=("fulfilled", "violated"),
        linger=Duration(days=1000),
    )
    said: dict[tuple[str, dt.datetime | None], str] = {}

    def hear(verdicts) -> None:
        for one in verdicts:
            was = said.pop((one.case_id, one.deadline), None)
            assert was == (None if one.was is None else one.was.name)
            if one.verdict is not Verdict.PENDING:
                said[one.case_id, one.deadline] = one.verdict.name

    steps = []
    for k, (first_owner, case) in enumerate(log):
        steps.append((case.created, "open", k, first_owner))
        steps += [(e.at, "event", k, e) for e in case.events if e.at <= world.as_of]
        if case.closed is not None and case.closed <= world.as_of:
            steps.append((case.closed, "shut", k, None))
        steps.append((time(random), "tick", k, None))
    in_order = random.random() < 0.5
    steps.sort(key=lambda step: step[0] if in_order else step[1] == "shut")
    if not in_order:
        random.shuffle(steps)
        steps.sort(key=lambda step: {"open": 0, "shut": 2}.get(step[1], 1))
    for at, what, k, more in steps:
        if what == "open":
            hear(
                monitor.open_case(
                    f"c{k:02}", instant(world, at), owner=more, unit=f"u{k % 2}", kind="opportunity"
                )
            )
        elif what == "event":
            row = {
                "case_id": f"c{k:02}",
                "activity": more.activity,
                "at": instant(world, at),
                **more.attributes,
            }
            hear(monitor.observe(row))
        elif what == "shut":
            hear(monitor.close_case(f"c{k:02}", instant(world, at)))
        elif at <= world.as_of:
            hear(monitor.advance(instant(world, at)))
    # A deadline has passed when the clock stands after it.
    hear(monitor.advance(instant(world, world.as_of) + cadence_oracle.US))
    due = [dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + int(at) * cadence_oracle.US for at in judged.deadline]
    assert said == {
        (f"c{case:02}", at): Verdict(int(verdict)).name
        for case, at, verdict in zip(judged.case, due, judged.verdict, strict=True)
    }


def instant(world: World, at: int) -> dt.datetime:
    return world.epoch + at * cadence_oracle.US


def handed_on(case: Case) -> tuple[str | None, Case]:
    """Who had the case at first, and the case with every change told as it happened."""
    changes = sorted((e for e in case.events if e.activity == "owner_changed"), key=lambda e: e.at)
    owners = ["p", *("nqxp"[k % 4] for k in range(len(changes)))]
    told = [
        event(e.name, e.activity, e.at, old=old, new=new)
        for e, old, new in zip(changes, owners, owners[1:], strict=False)
    ]
    others = [e for e in case.events if e.activity != "owner_changed"]
    attributes = {**case.attributes, "owner": owners[-1]}
    return owners[0], attrs.evolve(case, events=(*others, *told), attributes=attributes)
