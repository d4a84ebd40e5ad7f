"""A simulated company as any CRM would hold it: records as they stand, what was changed in them, what was done."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import polars as pl

Row = dict[str, Any]
Carried = Mapping[str, pl.DataFrame]

TOUCHES = ("call", "email", "meeting")
QUOTES = ("quote_sent", "quote_accepted", "quote_declined")
CLOSINGS = ("won", "lost")
WATCHED = {
    "stage_changed": "stage",
    "amount_changed": "amount",
    "close_date_changed": "close_date",
    "owner_changed": "owner",
}

EVENT = ("case_id", "activity", "at", "actor", "unit", "recorded_at", "old", "new", "quote_id")
CASE = (
    "case_id", "kind", "created_at", "created_by", "closed_at", "outcome", "owner", "owner_kind", "unit", "amount",
    "currency", "close_date", "stage", "account_id",
)  # fmt: skip


@attrs.frozen
class Save:
    """One saving of a record: by whom, when, and each field that changed with its old and new value."""

    at: dt.datetime
    actor: str
    fields: Mapping[str, tuple[Any, Any]]


@attrs.frozen(eq=False)
class Deal:
    """An opportunity: how it stands, how it began, and what was saved since."""

    now: Row
    first: Row
    """Values of stage, amount, close_date and owner when it was entered."""
    saves: tuple[Save, ...]

    def versions(self) -> list[tuple[Row, Save]]:
        """Its values after each saving, the entering first."""
        values = dict(self.first)
        found = [(dict(values), Save(self.now["created_at"], self.now["created_by"], {}))]
        for save in self.saves:
            values |= {field: new for field, (_, new) in save.fields.items()}
            found.append((dict(values), save))
        return found


@attrs.frozen(eq=False)
class Company:
    """What a CRM holds of a company."""

    deals: tuple[Deal, ...]
    touches: tuple[Row, ...]
    """Calls, mails and meetings, as rows of events."""
    quotes: Mapping[str, tuple[Row, ...]]
    """By id of the quote, what became of it, in turn."""
    people: tuple[Row, ...]
    units: tuple[str, ...]
    stages: tuple[str, ...]
    as_of: dt.datetime
    carried: Carried
    """Cases, events and people, with the ids of the simulation."""


NOTE = "note"
"""The field in which an update is written that the simulation does not specify."""


def company(tables: Mapping[str, pl.DataFrame], as_of: dt.datetime) -> Company:
    """Make the records of a simulation's tables; a closing, its change of stage and of date are one saving."""
    cases, people = tables["cases"], tables["people"]
    events = _with_close_dates(_closed_at_once(tables["events"]), cases)
    by_case: dict[str, list[Row]] = defaultdict(list)
    quotes: dict[str, list[Row]] = defaultdict(list)
    touches = []
    for row in events.sort("case_id", "at", "activity").iter_rows(named=True):
        if row["activity"] in TOUCHES:
            touches.append(row)
        elif row["activity"] in QUOTES:
            quotes[row["quote_id"]].append(row)
        elif row["activity"] in (*WATCHED, "updated"):
            by_case[row["case_id"]].append(row)
    deals = tuple(_deal(row, by_case[row["case_id"]]) for row in cases.iter_rows(named=True))
    carried = {
        "cases": cases.select(CASE),
        "events": events.select(
            pl.when(pl.col("activity").is_in(TOUCHES)).then(name).alias(name)
            if name == "recorded_at"
            else name
            for name in EVENT
        ),
        "people": people,
    }
    return Company(
        deals,
        tuple(touches),
        {quote: tuple(rows) for quote, rows in quotes.items()},
        tuple(people.iter_rows(named=True)),
        tuple(people["unit"].drop_nulls().unique().sort().to_list()),
        tuple(tables["vocabulary"].filter(pl.col("field") == "stage").sort("order")["raw"].to_list()),
        as_of,
        carried,
    )


def _closed_at_once(events: pl.DataFrame) -> pl.DataFrame:
    """A CRM closes by changing the stage: what the simulation tells in two seconds happens in one there."""
    closing = events.filter(pl.col("activity").is_in(CLOSINGS)).select("case_id", closing="at")
    to_end = (pl.col("activity") == "stage_changed") & pl.col("new").str.starts_with("closed")
    joined = events.join(closing, on="case_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.when(to_end).then(pl.coalesce("closing", "at")).otherwise("at").alias("at")
    ).drop("closing")


def _with_close_dates(events: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Whoever closes a deal has the close date of that day; where another one was expected, that is a change."""
    moved = events.filter(pl.col("activity") == "close_date_changed").sort("at")
    last = moved.unique("case_id", keep="last").select("case_id", expected="new")
    stands = cases.select("case_id", stands=pl.col("close_date").cast(pl.String))
    closing = events.filter((pl.col("activity") == "stage_changed") & pl.col("new").str.starts_with("closed"))
    other = closing.join(last, on="case_id").join(stands, on="case_id")
    other = other.filter(pl.col("expected") != pl.col("stands")).with_columns(
        activity=pl.lit("close_date_changed"), field=pl.lit("close_date"), old="expected", new="stands"
    )
    return pl.concat([events, other.select(events.columns)])


def _value(activity: str, text: str | None) -> Any:
    if text is None or activity in {"stage_changed", "owner_changed"}:
        return text
    return float(text) if activity == "amount_changed" else dt.date.fromisoformat(text)


def _deal(now: Row, rows: list[Row]) -> Deal:
    first = {field: now[field] for field in WATCHED.values()}
    seen: set[str] = set()
    at_once: dict[tuple[dt.datetime, str], dict[str, tuple[Any, Any]]] = {}
    for place, row in enumerate(rows):
        field = WATCHED.get(row["activity"], NOTE)
        old, new = (_value(row["activity"], row[side]) for side in ("old", "new"))
        if field == NOTE:
            old, new = (f"as of call {place}" if place else None), f"as of call {place + 1}"
        elif field not in seen:
            first[field] = old
            seen.add(field)
        at_once.setdefault((row["at"], row["actor"]), {})[field] = (old, new)
    saves = tuple(Save(at, actor, fields) for (at, actor), fields in at_once.items())
    return Deal(now, first, saves)


def renamed(carried: Carried, ids: Callable[[str, str | None], str | None]) -> Carried:
    """The tables with the ids of another system; `ids` gives one for a sort (case, person, account, quote)."""
    sorts = {
        "case_id": "case", "created_by": "person", "owner": "person", "account_id": "account", "actor": "person",
        "quote_id": "quote", "person_id": "person", "manager": "person",
    }  # fmt: skip

    def new(frame: pl.DataFrame, name: str, sort: str) -> pl.Series:
        known = frame[name].drop_nulls().unique().to_list()
        return frame[name].replace(known, [ids(sort, one) for one in known])

    def in_new(table: str, frame: pl.DataFrame) -> pl.DataFrame:
        whole = frame.with_columns(
            new(frame, name, sort).alias(name) for name, sort in sorts.items() if name in frame.columns
        )
        if table != "events":
            return whole
        of_owner = pl.col("activity") == "owner_changed"
        owners = whole.with_columns(pl.when(of_owner).then(side).alias(side) for side in ("old", "new"))
        named = [new(owners, side, "person").alias(f"{side} owner") for side in ("old", "new")]
        return whole.with_columns(named).select(
            pl.when(of_owner).then(f"{name} owner").otherwise(name).alias(name)
            if name in {"old", "new"}
            else name
            for name in whole.columns
        )

    return {table: in_new(table, frame) for table, frame in carried.items()}
