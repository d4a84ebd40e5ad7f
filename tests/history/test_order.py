from __future__ import annotations

import random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmusage.history import History
from tests.history.rows import aside, case, day, event

TABLES = (
    "cases",
    "events",
    "people",
    "absences",
    "sessions",
    "acknowledgements",
    "vocabulary",
    "calendar",
    "coverage",
)

events = st.lists(
    st.builds(
        event,
        case_id=st.sampled_from(["a", "b", "c", None]),
        activity=st.sampled_from(["created", "updated", "won", "lost", "reopened"]),
        at=st.sampled_from([*(day(n).isoformat() for n in (1, 2, 3)), "garbage"]),
        seq=st.sampled_from([None, 1, 2]),
        actor=st.sampled_from([None, "ann", "bob"]),
        unit=st.sampled_from([None, "n", "s"]),
        size=st.sampled_from([None, 1.5, 2.0]),
    ),
    max_size=12,
)
cases = st.lists(
    st.builds(
        case,
        case_id=st.sampled_from(["a", "b", "c", "d"]),
        closed_at=st.sampled_from([None, day(0), day(4)]),
        outcome=st.sampled_from([None, "won", "odd"]),
    ),
    max_size=6,
)
people = st.lists(
    st.builds(lambda p, u: {"person_id": p, "unit": u}, st.sampled_from("xyz"), st.sampled_from([None, "n"])),
    max_size=5,
)


def same(one, other):
    assert one.as_of == other.as_of
    assert one.set_aside == other.set_aside
    for name in TABLES:
        assert getattr(one, name).equals(getattr(other, name)), name


@given(events, cases, people, st.booleans(), st.randoms())
def test_the_same_rows_in_any_order_are_the_same_history(events, cases, people, derived, rng):
    def made(shuffled):
        tables = {"events": [*events, event("z", at=day(2).isoformat())], "people": people} | (
            {} if derived else {"cases": [*cases, case("y")]}
        )
        if shuffled:
            tables = {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}
        return History.from_frames(
            **{name: pl.DataFrame(rows, schema=_schema(name), strict=False) for name, rows in tables.items()}
        )

    same(made(False), made(True))


def _schema(name):
    return {
        "events": dict.fromkeys(("case_id", "activity"), pl.String)
        | {"at": pl.String, "seq": pl.Int64, "actor": pl.String, "unit": pl.String, "size": pl.Float64},
        "cases": {
            "case_id": pl.String,
            "kind": pl.String,
            "created_at": pl.Datetime("us", "UTC"),
            "closed_at": pl.Datetime("us", "UTC"),
            "outcome": pl.String,
        },
        "people": {"person_id": pl.String, "unit": pl.String},
    }[name]


def test_events_stand_by_case_and_time_and_seq_with_missing_seq_last():
    rows = [
        event("b"),
        event("a", at=day(3)),
        event("a", "x", seq=None),
        event("a", "y", seq=2),
        event("a", "z", seq=1),
    ]
    history = History.from_records(events=rows)
    assert history.events.select("case_id", "activity").rows() == [
        ("a", "z"),
        ("a", "y"),
        ("a", "x"),
        ("a", "updated"),
        ("b", "updated"),
    ]


def test_where_order_means_something_its_positions_become_seq():
    rows = [event("a", "x"), event("b", "p"), event("a", "w"), event("b", "o"), event("a", "v")]
    history = History.from_records(events=rows, ordered=True)
    assert history.events.select("case_id", "seq", "activity").rows() == [
        ("a", 0, "x"),
        ("a", 1, "w"),
        ("a", 2, "v"),
        ("b", 0, "p"),
        ("b", 1, "o"),
    ]


def test_a_seq_of_ones_own_goes_before_the_order_of_rows():
    rows = [event("a", "x", seq=2), event("a", "w", seq=1)]
    assert History.from_records(events=rows, ordered=True).events["activity"].to_list() == ["w", "x"]


def test_time_goes_before_the_order_of_rows():
    rows = [event("a", "x", at=day(5)), event("a", "w", at=day(2))]
    assert History.from_records(events=rows, ordered=True).events["activity"].to_list() == ["w", "x"]


def test_a_great_many_ties_are_settled_the_same_way_every_time():
    rows = [event(f"c{n % 7}", f"act{n % 11}", at=day(1 + n % 3)) for n in range(500)]
    first = History.from_records(events=rows)
    random.Random(3).shuffle(rows)
    same(first, History.from_records(events=rows))
    assert aside(first) == {}
