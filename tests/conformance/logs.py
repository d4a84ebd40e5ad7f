"""Small random cases for the property tests, and the histories made of them."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
from hypothesis import strategies as st

from crmusage.history import History
from crmusage.rules import AnyOf, Compare, Constraint, Correlation, Duration, Not, Op, Template

from .oracle import DAY, Case, Event

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ACTIVITIES = ("a", "b", "c")


def instant(at: int, epoch: dt.datetime = EPOCH) -> dt.datetime:
    return epoch + dt.timedelta(microseconds=at)


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    most_events: int = 6,
    ties: bool = True,
    open_cases: bool = True,
    step: int = DAY // 2,
    steps: int = 8,
    persons: tuple[str, ...] = (),
) -> tuple[list[Case], int]:
    """A few cases and the instant that they are seen from.

    Things happen on one of a few `steps` on a short axis, so instants coincide often. `persons`: who may own cases
    and act, or nobody.
    """
    found = []
    latest = 0
    for _ in range(draw(st.integers(0, 4))):
        n = draw(st.integers(0, most_events))
        times = draw(st.lists(st.integers(0, steps), min_size=n, max_size=n, unique=not ties))
        with_seq = draw(st.sampled_from(["none", "some", "all"])) if ties else "none"
        events = []
        for name, time in enumerate(times):
            seq = (
                draw(st.integers(0, 2))
                if with_seq == "all" or (with_seq == "some" and draw(st.booleans()))
                else None
            )
            events.append(
                Event(
                    name,
                    draw(st.sampled_from(ACTIVITIES)),
                    time * step,
                    {
                        "x": draw(st.sampled_from([None, 1, 2])),
                        "y": draw(st.sampled_from([None, "red", "blue"])),
                        "z": draw(st.sampled_from([None, "red", "blue", "green"])),
                        "w": draw(st.sampled_from([None, "in", "out"])),
                        **({"actor": draw(st.sampled_from([None, *persons]))} if persons else {}),
                    },
                    seq,
                )
            )
        last = max(times, default=0) * step
        closed = None if open_cases and draw(st.booleans()) else last + draw(st.integers(0, 1)) * step
        created = min(
            draw(st.integers(0, 3)) * step, *(e.at for e in events), closed if closed is not None else last
        )
        if draw(st.booleans()):
            created = min(created + step, closed if closed is not None else last)
        latest = max(latest, last, created, closed or 0)
        found.append(
            Case(
                created=created,
                closed=closed,
                events=tuple(events),
                attributes={
                    "x": draw(st.sampled_from([None, 1, 2])),
                    "size": draw(st.sampled_from([None, 5, 50])),
                    **({"owner": draw(st.sampled_from([None, *persons]))} if persons else {}),
                },
            )
        )
    return found, latest + draw(st.sampled_from([0, DAY // 2, 2 * DAY, 40 * DAY]))


def conditions() -> st.SearchStrategy[object]:
    """Conditions that hold for x = 1, which the continuations of open cases rely on."""
    return st.sampled_from(
        [
            None,
            Compare("x", Op.EQ, 1),
            Compare("x", Op.LE, 1),
            Compare("x", Op.IN, (1, 7)),
            Not(Compare("x", Op.GT, 1)),
            AnyOf((Compare("x", Op.LT, 2), Compare("y", Op.MATCHES, "r.*"))),
        ]
    )


@st.composite
def constraints(draw: st.DrawFn, template: Template) -> Constraint:
    """A constraint of one template, with whatever it may have."""
    kwargs: dict[str, object] = {"where": draw(conditions())}
    activity = draw(st.sampled_from(("a", "b", ("a", "b"))))
    if template.counts:
        kwargs["n"] = draw(st.integers(1, 2))
    if not template.is_unary:
        # An exclusive choice between an activity and itself is none.
        others = ("a", "b", ("a", "c"), ("b", "c")) if template is not Template.EXCLUSIVE_CHOICE else ("c",)
        kwargs["target"] = draw(st.sampled_from(others))
        kwargs["target_where"] = draw(conditions())
        if not template.is_of_case:
            kwargs["correlate"] = Correlation(
                same=draw(st.sampled_from([(), ("y",), ("case_id",), ("y", "case_id")])),
                different=draw(st.sampled_from([(), ("z",), ("z", "w")])),
            )
    if template not in {Template.INIT, Template.END}:
        kwargs["within"] = draw(
            st.sampled_from([None, Duration(days=1), Duration(hours=36), Duration(seconds=0)])
        )
        kwargs["after"] = draw(st.sampled_from([None, None, Duration(hours=12)]))
    return Constraint(template, activity, **kwargs)


def history_of(
    log: list[Case], as_of: int, *, shuffle: int | None = None, epoch: dt.datetime = EPOCH, **tables: object
) -> History:
    """The same cases as a history; `shuffle` seeds another order of the rows. `tables` go with them."""
    cases = [
        {
            "case_id": f"c{k}",
            "kind": "opportunity",
            "created_at": instant(case.created, epoch),
            "closed_at": None if case.closed is None else instant(case.closed, epoch),
            "unit": f"u{k % 2}",
            **case.attributes,
        }
        for k, case in enumerate(log)
    ]
    events = [
        {
            "case_id": f"c{k}",
            "activity": event.activity,
            "at": instant(event.at, epoch),
            "seq": event.seq,
            "unit": "u0" if event.name % 3 == 0 else None,
            "name": event.name,
            **event.attributes,
        }
        for k, case in enumerate(log)
        for event in case.events
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(cases)
        random.Random(shuffle).shuffle(events)
    frames = {
        "cases": pl.DataFrame(cases, schema=CASES),
        "events": pl.DataFrame(events, schema=EVENTS),
    }
    history = History.from_frames(**frames, **tables, as_of=instant(as_of, epoch))
    assert history.set_aside == ()
    return history


INSTANT = pl.Datetime("us", "UTC")
CASES = {
    "case_id": pl.String, "kind": pl.String, "created_at": INSTANT, "closed_at": INSTANT, "unit": pl.String,
    "x": pl.Int64, "size": pl.Int64, "owner": pl.String,
}  # fmt: skip
EVENTS = {
    "case_id": pl.String, "activity": pl.String, "at": INSTANT, "seq": pl.Int64, "unit": pl.String, "name": pl.Int64,
    "x": pl.Int64, "y": pl.String, "z": pl.String, "w": pl.String,
    "actor": pl.String,
}  # fmt: skip
