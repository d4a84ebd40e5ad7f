"""A simulated company, written as Dataverse would have it in the ways of connectors, is the same company again."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl
import pytest

from crmusage.adapters import dynamics
from crmusage.history import History
from crmusage.testing import simulate

COLUMNS = {
    "stage": "stepname",
    "amount": "estimatedvalue",
    "close_date": "estimatedclosedate",
    "owner": "ownerid",
}
STATES = {"won": ("1", "3"), "lost": ("2", "5"), "reopened": ("0", "1")}
QUOTES = {"quote_sent": ("1", "2"), "quote_accepted": ("2", "4"), "quote_declined": ("3", "5")}
ACTIVITIES = {"call": "phonecall", "email": "email", "meeting": "appointment"}
TOLD = ("case_id", "activity", "at", "actor", "unit", "old", "new", "quote_id")
CASES = ("case_id", "kind", "created_at", "created_by", "closed_at", "outcome", "owner", "owner_kind", "unit", "amount",
         "currency", "close_date", "stage", "account_id")  # fmt: skip

Row = dict[str, Any]


@functools.cache
def company() -> History:
    return simulate("late-creation", seed=3, departments=4, months=9, opportunities=300).history()


def stamp(name: str) -> pl.Expr:
    return pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def logged(events: pl.DataFrame) -> Iterator[Row]:
    """The rows of the audit log of a company."""
    for place, event in enumerate(events.sort("case_id", "at", "activity").to_dicts()):
        table, record, attributes = "opportunity", event["case_id"], None
        if event["field"] in COLUMNS:
            attributes = [(COLUMNS[event["field"]], event["old"], event["new"])]
        elif event["activity"] in STATES:
            state, status = STATES[event["activity"]]
            attributes = [("statecode", "0" if state != "0" else "2", state), ("statuscode", "1", status)]
        elif event["activity"] in QUOTES:
            state, status = QUOTES[event["activity"]]
            table, record = "quote", event["quote_id"]
            attributes = [("statecode", "0" if state == "1" else "1", state), ("statuscode", "3", status)]
        elif event["activity"] == "updated":
            attributes = [("new_notes", event["old"] or str(place), event["new"])]
        if attributes is not None:
            packed = [
                {"logicalName": name, "oldValue": old, "newValue": new} for name, old, new in attributes
            ]
            yield {
                "auditid": f"e{place}", "createdon": event["stamp"], "action": 2, "operation": 2, "objecttypecode": table,
                "objectid": record, "userid": event["actor"], "changedata": json.dumps({"changedAttributes": packed}),
            }  # fmt: skip


@functools.cache
def tables() -> Mapping[str, pl.DataFrame]:
    made = company()
    cases = made.cases.select(
        opportunityid="case_id",
        statecode=pl.col("outcome").replace_strict({"won": 1, "lost": 2}, default=0, return_dtype=pl.Int64),
        statuscode=pl.col("outcome").replace_strict({"won": 3, "lost": 5}, default=1, return_dtype=pl.Int64),
        stepname="stage", estimatedvalue="amount", estimatedclosedate=pl.col("close_date").cast(pl.String), ownerid="owner",
        owningbusinessunit="unit", customerid="account_id", transactioncurrencyid=pl.lit("euro"), createdon=stamp("created_at"),
        createdby="created_by", modifiedon=stamp("created_at"),
    )  # fmt: skip
    events = made.events.with_columns(stamp=stamp("at"), entered=stamp("recorded_at"))
    quotes = (
        events.filter(pl.col("quote_id").is_not_null())
        .sort("at")
        .unique("quote_id", keep="last", maintain_order=True)
    )
    written = {
        "opportunity": cases,
        "audit": pl.from_dicts(list(logged(events)), infer_schema_length=None),
        "quote": quotes.select(
            quoteid="quote_id", opportunityid="case_id", modifiedon="stamp", createdon="stamp",
            statecode=pl.col("activity").replace_strict({name: int(state) for name, (state, _) in QUOTES.items()}, return_dtype=pl.Int64),
            statuscode=pl.col("activity").replace_strict({name: int(status) for name, (_, status) in QUOTES.items()}, return_dtype=pl.Int64),
        ),
        "systemuser": made.people.select(
            systemuserid="person_id", businessunitid="unit", title="profile", parentsystemuserid="manager",
            accessmode=pl.when("is_human").then(0).otherwise(4),
        ),
        "businessunit": made.people.select("unit").drop_nulls().unique().select(businessunitid="unit", name="unit"),
        "transactioncurrency": pl.DataFrame({"transactioncurrencyid": ["euro"], "isocurrencycode": ["EUR"], "exchangerate": [1.0]}),
    }  # fmt: skip
    for activity, table in ACTIVITIES.items():
        when = "scheduledstart" if table == "appointment" else "actualend"
        rows = events.filter(pl.col("activity") == activity).with_row_index("number")
        written[table] = rows.select(
            pl.format("{}{}", pl.lit(table), "number").alias("activityid"), pl.col("case_id").alias("regardingobjectid"),
            pl.lit(1).alias("statecode"), pl.lit(3 if table == "email" else 2).alias("statuscode"), pl.col("actor").alias("ownerid"),
            pl.col("stamp").alias(when), pl.col("entered").alias("createdon"),
        )  # fmt: skip
    return written


LOOKUPS = frozenset(
    {"ownerid", "createdby", "owningbusinessunit", "transactioncurrencyid", "customerid", "regardingobjectid", "businessunitid",
     "parentsystemuserid", "objectid", "userid", "opportunityid"}
)  # fmt: skip


def web_api(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename(
        {one: f"_{one}_value" for one in frame.columns[1:] if one in LOOKUPS and one != frame.columns[0]}
    )


def fivetran(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        _fivetran_synced=pl.lit("2030-01-01T00:00:00Z"), _fivetran_deleted=pl.lit(False)
    )


def synapse(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    lake = frame.select(pl.col(frame.columns[0]).alias("Id"), pl.all()).with_columns(
        SinkModifiedOn=pl.lit("2030-01-01T00:00:00")
    )
    return lake.select(pl.all().cast(pl.String))


WRITERS: dict[str, Callable[[str, pl.DataFrame], pl.DataFrame]] = {
    "webapi": web_api,
    "fivetran": fivetran,
    "synapse": synapse,
}


@pytest.mark.parametrize("dialect", list(WRITERS))
def test_a_simulated_company_comes_back_from_each_dialect_as_it_was(dialect: str) -> None:
    read = dynamics.read({name: WRITERS[dialect](name, frame) for name, frame in tables().items()})
    assert read.dialect.name == dialect
    made, whole = read.history(as_of=company().as_of), company()
    lower = [pl.col(name).str.to_lowercase() for name in ("case_id", "account_id")]
    wanted = whole.cases.with_columns(lower).select(CASES).sort("case_id")
    units = pl.col("unit").str.to_lowercase()
    assert made.cases.select(CASES).with_columns(units).sort("case_id").equals(wanted.with_columns(units))
    # What columns of one's own held before and after is told as the log has it; the simulator says nothing of it.
    plain = [pl.when(pl.col("activity") != "updated").then(name).alias(name) for name in ("old", "new")]
    told = whole.events.with_columns(pl.col("case_id", "quote_id").str.to_lowercase())
    told, back = (one.with_columns(*plain, units).select(TOLD).sort(pl.all()) for one in (told, made.events))
    assert back.equals(told)
    assert not [entry for entry in made.set_aside if not entry.kept]
