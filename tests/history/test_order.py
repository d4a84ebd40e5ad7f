from __future__ import annotations

import datetime as dt
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.history import History, _index, _order
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


@given(seed=st.integers(0, 2**32), stretch=st.integers(1, 7))
def test_where_the_stretches_that_are_looked_at_begin_makes_no_difference(seed: int, stretch: int) -> None:
    chance = random.Random(seed)
    rows = [
        (
            f"c{chance.randrange(3)}",
            chance.choice("ab"),
            dt.datetime(2026, chance.randint(1, 4), 1, tzinfo=dt.UTC),
        )
        for _ in range(chance.randrange(12))
    ]
    # Nearly in order, so that what is not may stand at any edge.
    rows.sort(key=lambda row: (row[0], row[2]))
    if len(rows) > 1 and chance.random() < 0.7:
        k = chance.randrange(len(rows) - 1)
        rows[k], rows[k + 1] = rows[k + 1], rows[k]
    given_rows = pl.DataFrame(
        rows,
        schema={"case_id": pl.String, "activity": pl.String, "at": pl.Datetime("us", "UTC")},
        orient="row",
    ).with_columns(seq=pl.lit(None, dtype=pl.Int64))
    micros = given_rows["at"].to_physical().to_numpy()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_order, "STRETCH", stretch)
        patched.setattr(_index, "STRETCH", stretch)
        found = _order.in_order(given_rows)
        index = History.from_records(
            cases=[case(case_id="c0", created_at="2026-01-01T00:00:00Z")],
            events=[
                event(case_id="c0", at="2026-01-01T00:00:00Z"),
                event(case_id="c0", at="2026-05-01T00:00:00Z"),
            ],
        ).index
        cells = index.cells(np.zeros(len(rows), dtype=np.int32), micros)

    assert found.equals(given_rows.sort("case_id", "at", "activity"))
    assert index.cell_names(cells)[1].tolist() == [(at.year - 1970) * 12 + at.month - 1 for *_, at in rows]


@pytest.mark.parametrize("told", [(None, None, ""), (None, "", None), ("", None, None)])
def test_where_seq_is_there_and_empty_the_rows_order_counts_as_where_it_is_not(told):
    rows = [event("a", new=value) for value in told]
    without = History.from_records(events=rows, ordered=True)
    empty = History.from_records(events=[{**row, "seq": None} for row in rows], ordered=True)
    assert empty.events.equals(without.events)
    assert empty.events["new"].to_list() == list(told)
    assert empty.events["seq"].to_list() == [0, 1, 2]


def test_where_seq_tells_a_part_the_rows_order_tells_nothing():
    rows = [event("a", new=value, seq=seq) for value, seq in [("x", None), ("w", None), ("v", 1)]]
    one, other = (History.from_records(events=some, ordered=True) for some in (rows, rows[::-1]))
    assert one.events.equals(other.events)
    assert one.events["new"].to_list() == ["v", "w", "x"]
