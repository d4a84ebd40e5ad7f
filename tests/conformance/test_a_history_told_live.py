"""The example rulebooks: a monitor that is told a history as it happened counts what the columns count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import unseen
from crmusage.history import BEFORE_LEAVE, History
from crmusage.model import Text
from crmusage.rules import Constraint, Rulebook, Template, UsageRule
from crmusage.testing import simulate

from .logs import cases
from .replay import by_columns, by_monitor, made_up
from .test_windows_follow_clocks import DURATIONS, HOUR, worlds

EXAMPLES = Path(__file__).parents[2] / "examples"
LOGS = {
    "helpdesk_italy/helpdesk.xes.gz": "help_desk",
    "bpic2012/bpic2012.xes.gz": "loans",
    "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz": "problems",
    "bpic2013_problems/hk_BPIC13_open_problems.xes.gz": "problems",
}


def rules_of(example: str) -> list[UsageRule]:
    """What a monitor can judge: days before a leave are known to who has all the tables at once."""
    folder = EXAMPLES / "usages" if example == "usages" else EXAMPLES / example / "usages"
    return [
        rule
        for rule in Rulebook.load(folder)
        if not any(BEFORE_LEAVE in constraint.attributes for constraint in rule.expect)
    ]


@pytest.mark.parametrize("example", ["help_desk", "loans", "problems", "usages"])
def test_on_made_up_cases(example: str) -> None:
    rules = rules_of(example)
    history = made_up(rules, seed=1)

    found = by_monitor(history, rules)

    assert sum(len(rule.expect) for rule in rules) == len(found)
    assert found == by_columns(history, rules)


def test_on_a_simulated_company() -> None:
    rules = rules_of("usages")
    history = History.from_frames(**simulate("late-creation", seed=3, opportunities=150).tables)

    found = by_monitor(history, rules)

    assert found
    assert found == by_columns(history, rules)


@pytest.mark.parametrize(("log", "example"), LOGS.items())
def test_on_a_real_log(log: str, example: str, real_logs: Path) -> None:
    history = History.read(real_logs / log, mapping=EXAMPLES / example / "log.toml")
    rules = [rule for rule in rules_of(example) if not unseen(history, rule)]

    assert by_monitor(history, rules) == by_columns(history, rules)


@st.composite
def windowed(draw: st.DrawFn, zone: str | None, number: int) -> UsageRule:
    template = draw(st.sampled_from(sorted(set(Template) - {Template.INIT, Template.END})))
    targets = "b" if template is Template.EXCLUSIVE_CHOICE else "ab"
    constraint = Constraint(
        template,
        "a",
        target=None if template.is_unary else draw(st.sampled_from(targets)),
        within=draw(st.none() | DURATIONS),
        after=draw(st.none() | st.none() | DURATIONS),
    )
    return UsageRule(f"r{number}", Text("a situation", "une situation"), zone=zone, expect=(constraint,))


@given(data=st.data())
def test_with_windows_by_the_clocks_and_calendars_of_people(data) -> None:
    world = data.draw(worlds())
    log, as_of = data.draw(cases(most_events=5, step=5 * HOUR, steps=14, persons=("p", "n", "q", "x", "?")))
    rules = [data.draw(windowed(world.zone, number)) for number in range(6)]
    history = world.history(log, as_of)

    assert by_monitor(history, rules) == by_columns(history, rules)
