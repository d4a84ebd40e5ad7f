"""The live reading at the end of each trace says what the batch reading and the formula say."""

from __future__ import annotations

import json
from unittest import mock

import attrs
from hypothesis import given
from hypothesis import strategies as st

from crmusage.rules import Constraint, Duration, Template
from crmusage.rules._monitor import LiveVerdict, Monitor, _engine

from . import oracle
from .live import Listener, Verdicts, book_of, rows_of, shuffled
from .logs import cases, constraints, history_of
from .test_kernels_agree_with_the_oracle import by_activation


@st.composite
def several(draw: st.DrawFn, most: int = 6) -> list[Constraint]:
    """Constraints of a few templates, so that one log serves them all."""
    templates = draw(st.lists(st.sampled_from(list(Template)), min_size=1, max_size=most))
    return [draw(constraints(template)) for template in templates]


def batch(log: list[oracle.Case], as_of: int, asked: list[Constraint]) -> list[list[Verdicts]]:
    history = history_of(log, as_of)
    return [by_activation(history, one, of_first_side(log, one)) for one in asked]


def of_first_side(log: list[oracle.Case], constraint: Constraint) -> int:
    if constraint.template.is_of_case:
        return len(log)
    return sum(oracle.is_activation(constraint, case, e) for case in log for e in case.events)


def formula(log: list[oracle.Case], as_of: int, asked: list[Constraint]) -> list[list[Verdicts]]:
    return [[oracle.verdicts(one, case, as_of) for case in log] for one in asked]


@given(data=st.data())
def test_the_monitor_says_what_the_columns_and_the_formula_say(data) -> None:
    log, as_of = data.draw(cases(most_events=5))
    asked = data.draw(several(3))
    late = data.draw(st.sampled_from(["place", "refuse"]))
    live = Listener(log, *asked, late=late)
    live.open_all()
    # Ties come in any order; and a case may be a long one, whose streams are kept from the first tie on.
    with mock.patch.object(_engine, "_SHORT", data.draw(st.sampled_from([0, 32]))):
        for row in sorted(shuffled(rows_of(log), data.draw(st.integers(0, 99))), key=lambda row: row["at"]):
            live.hear(live.monitor.observe(row))
    live.close_all()
    live.hear(live.monitor.advance(as_of))
    said = live.all()
    assert said == batch(log, as_of, asked)
    assert said == formula(log, as_of, asked)


@given(data=st.data())
def test_events_that_come_late_are_judged_as_if_they_had_come_in_order(data) -> None:
    log, as_of = data.draw(cases(most_events=5))
    asked = data.draw(several())
    live = Listener(log, *asked, linger=Duration(days=1000))
    early = data.draw(st.booleans())
    if early:
        live.open_all()
    ticks = data.draw(st.lists(st.integers(0, as_of), max_size=3))
    steps = shuffled(rows_of(log) + [{"tick": tick} for tick in ticks], data.draw(st.integers(0, 99)))
    closing = data.draw(st.integers(0, len(steps))) if early else len(steps)
    for place, step in enumerate(steps):
        if place == closing:
            live.close_all()
        if "tick" in step:
            live.hear(live.monitor.advance(step["tick"]))
        else:
            live.hear(live.monitor.observe(step))
    if not early:
        live.open_all()
    if closing >= len(steps):
        live.close_all()
    live.hear(live.monitor.advance(as_of))
    assert live.all() == batch(log, as_of, asked)


@given(data=st.data())
def test_what_is_said_is_right_after_every_event(data) -> None:
    drawn, _ = data.draw(cases(most_events=4))
    log = [attrs.evolve(case, created=0, closed=None) for case in drawn[:2]]
    asked = data.draw(several())
    live = Listener(log, *asked)
    live.open_all()
    rows = rows_of(log)
    short = data.draw(st.sampled_from([0, 32]))
    for n, row in enumerate(rows, 1):
        with mock.patch.object(_engine, "_SHORT", short):
            live.hear(live.monitor.observe(row))
        live.hear(live.monitor.advance(row["at"]))
        so_far = {(one["case_id"], one["name"]) for one in rows[:n]}
        cut = [
            attrs.evolve(case, events=tuple(e for e in case.events if (f"c{k}", e.name) in so_far))
            for k, case in enumerate(log)
        ]
        assert live.all() == batch(cut, row["at"], asked)


@given(data=st.data())
def test_a_monitor_that_is_taken_up_again_says_what_it_would_have_said(data) -> None:
    log, as_of = data.draw(cases(most_events=5))
    asked = data.draw(several())
    ordered = data.draw(st.booleans())
    options = {"linger": Duration(days=data.draw(st.sampled_from([0, 2]))), "ordered": ordered}
    live = Listener(log, *asked, **options)
    opened = data.draw(st.booleans())
    if opened:
        live.open_all()
    ticks = data.draw(st.lists(st.integers(0, as_of), max_size=3))
    steps = shuffled(rows_of(log) + [{"tick": tick} for tick in ticks], data.draw(st.integers(0, 99)))
    again = None
    restart = data.draw(st.integers(0, len(steps)))
    for place, step in enumerate(steps):
        if place == restart:
            if opened:
                live.close_all()
            again = Monitor.restore(book_of(*asked), json.loads(json.dumps(live.monitor.snapshot())))
            assert again.snapshot() == live.monitor.snapshot()
        monitors = [live.monitor] if again is None else [live.monitor, again]
        said = [one.advance(step["tick"]) if "tick" in step else one.observe(step) for one in monitors]
        assert sorted(map(told, said[0])) == sorted(map(told, said[-1]))
    if again is not None:
        assert sorted(map(told, live.monitor.advance(as_of))) == sorted(map(told, again.advance(as_of)))
        assert again.snapshot() == live.monitor.snapshot()


def told(verdict: LiveVerdict) -> list[str]:
    names = (
        "case_id",
        "rule",
        "expect",
        "mirrored",
        "verdict",
        "was",
        "at",
        "decided_by",
        "decided_at",
        "deadline",
    )
    return [repr(getattr(verdict, name)) for name in (*names, "attributes")]
