"""Hypothesis strategies: small event logs at random, with all that makes reading them hard.

Needs hypothesis, which nothing else of crmusage needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

try:
    from hypothesis import strategies as st
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.testing.strategies", "dev") from error

from crmusage.history import History

__all__ = ["ACTIVITIES", "FIRST", "STEP", "UNITS", "histories", "logs", "tables"]

ACTIVITIES = ("a", "b", "c")
UNITS = ("north", "south")

FIRST = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
"""The first instant of the grid that all events and cases stand on."""
STEP = dt.timedelta(hours=1)
"""From one instant of the grid to the next: a window of some hours decides among them."""


@st.composite
def logs(
    draw: st.DrawFn,
    *,
    activities: Sequence[str] = ACTIVITIES,
    units: Sequence[str] = UNITS,
    cases: int = 6,
    events: int = 8,
    instants: int = 6,
    seq: bool = True,
    attributes: bool = True,
) -> list[dict[str, Any]]:
    """Rows of events: up to `cases` cases of up to `events` events, on a grid of `instants` instants.

    The fewer instants, the more ties. A row has case_id, activity, at and unit (often None: that of the case
    is meant). With `seq`, some logs number all the events of a case, some only a part of them, some none.
    With `attributes`, `amount` (a float), `key` (a text) and `flag` (a truth), each missing at times.
    The rows of a case stand in no order.
    """
    row: dict[str, st.SearchStrategy[Any]] = {
        "activity": st.sampled_from(activities),
        "at": _instant(instants),
        "unit": st.sampled_from((None, *units)),
    }
    if attributes:
        row["amount"] = st.sampled_from((None, 0.0, 5.0, 10.0))
        row["key"] = st.sampled_from((None, "x", "y"))
        row["flag"] = st.sampled_from((None, False, True))
    numbered = draw(st.sampled_from(("none", "all", "some"))) if seq else "none"
    log = []
    for number in range(draw(st.integers(0, cases))):
        happened = draw(st.lists(st.fixed_dictionaries(row), max_size=events))
        order = range(len(happened))
        places = draw(st.permutations(order)) if numbered != "none" else order
        for place, event in zip(places, happened, strict=True):
            told = numbered == "all" or (numbered == "some" and draw(st.booleans()))
            log.append({"case_id": f"c{number}", **event, "seq": place if told else None})
    return log


@st.composite
def tables(
    draw: st.DrawFn,
    *,
    activities: Sequence[str] = ACTIVITIES,
    units: Sequence[str] = UNITS,
    cases: int = 6,
    events: int = 8,
    instants: int = 6,
    seq: bool = True,
    attributes: bool = True,
) -> dict[str, list[dict[str, Any]]]:
    """Rows of `cases` and `events`, as `from_records` of a history takes them (if there are any).

    The events are those of `logs`. Each of their cases has a row, and there may be cases without any event. A
    case has a unit or none, is open or closed (at its creation or later), and has a `size` (an attribute).
    """
    log = draw(
        logs(
            activities=activities,
            units=units,
            cases=cases,
            events=events,
            instants=instants,
            seq=seq,
            attributes=attributes,
        )
    )
    ids = {event["case_id"] for event in log}
    silent = draw(st.integers(0, max(cases - len(ids), 0)))
    ids |= {f"silent{number}" for number in range(silent)}
    rows = []
    for case_id in sorted(ids):
        created, later = draw(_instant(instants)), draw(st.integers(0, instants))
        outcome = draw(st.sampled_from((None, "won", "lost")))
        rows.append(
            {
                "case_id": case_id,
                "kind": "opportunity",
                "created_at": created,
                "closed_at": None if outcome is None else created + later * STEP,
                "outcome": outcome,
                "unit": draw(st.sampled_from((None, *units))),
                "size": draw(st.sampled_from((None, 1, 2))),
            }
        )
    return {"cases": rows, "events": log}


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    activities: Sequence[str] = ACTIVITIES,
    units: Sequence[str] = UNITS,
    cases: int = 6,
    events: int = 8,
    instants: int = 6,
    seq: bool = True,
    attributes: bool = True,
) -> History:
    """Histories of such `tables`, looked at when all is over or a little, or a day, after that.

    Nothing is set aside: the rows keep the contract.
    """
    rows = draw(
        tables(
            activities=activities,
            units=units,
            cases=cases,
            events=events,
            instants=instants,
            seq=seq,
            attributes=attributes,
        )
    )
    # The latest closing is `instants` steps after the latest creation.
    over = FIRST + 2 * instants * STEP
    as_of = over + draw(st.sampled_from((0, 2, 24))) * STEP
    # As frames with their types, because there may be no row to guess them from.
    return History.from_frames(
        as_of=as_of,
        cases=pl.DataFrame(rows["cases"], schema=_CASES),
        events=pl.DataFrame(rows["events"], schema=_EVENTS | (_ATTRIBUTES if attributes else {})),
    )


_INSTANT = pl.Datetime("us", "UTC")
_CASES: dict[str, Any] = {
    "case_id": pl.String, "kind": pl.String, "created_at": _INSTANT, "closed_at": _INSTANT,
    "outcome": pl.String, "unit": pl.String, "size": pl.Int64,
}  # fmt: skip
_EVENTS: dict[str, Any] = {
    "case_id": pl.String, "activity": pl.String, "at": _INSTANT, "unit": pl.String, "seq": pl.Int64,
}  # fmt: skip
_ATTRIBUTES: dict[str, Any] = {"amount": pl.Float64, "key": pl.String, "flag": pl.Boolean}


def _instant(instants: int) -> st.SearchStrategy[dt.datetime]:
    return st.integers(0, instants - 1).map(lambda place: FIRST + place * STEP)
