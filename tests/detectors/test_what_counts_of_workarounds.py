"""Which values the patterns of workarounds are judged by, one doubt at a time."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crmusage.detectors.workarounds._odd_hours import OddHours
from crmusage.detectors.workarounds._pattern import laid
from crmusage.detectors.workarounds._rushed_case import RushedCase
from crmusage.detectors.workarounds._rushed_step import RushedStep
from crmusage.detectors.workarounds._values import medians
from crmusage.history import History

from .company import END
from .life import FAR, Record, deals, event

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
CASE = deals(FAR, 1)[0]
NOON = (CASE["created_at"] + 5 * DAY).replace(hour=12, minute=0)


def done(activity: str, after: dt.timedelta, **more: Any) -> Record:
    return event(CASE, activity, 0, at=NOON + after, **more)


def tally(detector: Any, rows: list[Record], case: Record = CASE) -> list[dict[str, Any]]:
    """The cells of what people did by hand."""
    crew = [{"person_id": CASE["owner"], "unit": FAR, "time_zone": "UTC"}]
    made = History.from_records(as_of=END, cases=[case], events=rows, people=crew)
    return [row for row in detector.tally(made).cells.rows() if row["reason"] is None]


@pytest.mark.parametrize(
    ("values", "n", "middle"),
    [([1, 3], [1, 1], 1), ([1, 3], [1, 2], 3), ([5], [4], 5), ([1, 2, 9], [1, 1, 1], 2), ([1, 9], [2, 2], 1)],
)
def test_the_middle_of_an_even_number_of_values_is_the_lower_one(
    values: list[int], n: list[int], middle: int
) -> None:
    group = np.zeros(len(values), dtype=np.int64)
    found = medians(group, np.array(values), np.array(n))
    assert [part.tolist() for part in found] == [[0], [middle], [sum(n)]]


def test_what_happens_in_the_crm_has_the_hour_at_which_it_happens() -> None:
    rows = [
        done("updated", 0 * HOUR, recorded_at=NOON + 15 * HOUR),
        done("call", HOUR, recorded_at=NOON + 15 * HOUR),
    ]
    # Half an hour a slot: noon is the 24th, three in the morning the sixth.
    assert sorted(row["of"] for row in tally(OddHours(), rows)) == ["06", "24"]


@pytest.mark.parametrize("machine", [0, 1])
def test_a_step_is_one_of_people_where_both_its_ends_are(machine: int) -> None:
    rows = [done("call", 0 * HOUR), done("email", HOUR)]
    assert [row["of"] for row in tally(RushedStep(), rows)] == ["call > email"]
    rows[machine]["origin"] = "automation"
    assert tally(RushedStep(), rows) == []


def test_only_what_a_case_shows_on_its_first_day_may_have_been_loaded_with_it() -> None:
    soon = [done("call", -5 * DAY + HOUR), done("email", -5 * DAY + 2 * HOUR)]
    late = [done("call", 0 * HOUR), done("email", HOUR)]
    assert [row["who"] != 0 for row in tally(RushedStep(), soon)] == [True]
    assert [row["who"] != 0 for row in tally(RushedStep(), late)] == [False]


def test_a_case_that_was_closed_after_the_look_is_open_still() -> None:
    rows = [done("call", 0 * HOUR)]
    ended = [row["n"] for row in tally(RushedCase(), rows)]
    assert ended == [1]
    assert tally(RushedCase(), rows, CASE | {"closed_at": None, "outcome": None}) == []


def test_cases_that_were_entered_in_a_burst_are_no_examples() -> None:
    none = np.zeros(0, dtype=np.int64)
    shown = {(FAR, ""): ((-9, "typed", 3, 7, 100), (-8, "loaded", 3, 7, 200))}
    table: Any = SimpleNamespace(
        units=(FAR,),
        months=np.arange(3, 4),
        **dict.fromkeys(("unit", "month", "of", "value", "person", "n"), none),
        left_out={},
        examples=shown,
        bursts=frozenset({(7, 200)}),
    )
    grid = laid(table, "", none, none.astype(bool), lambda *_: True)
    assert dict(grid.examples) == {(FAR, 3): ("typed",)}
