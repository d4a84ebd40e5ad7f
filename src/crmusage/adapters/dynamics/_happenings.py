"""What was done about cases: quotes, calls, messages, meetings, tasks, queues; and who used the CRM."""

from __future__ import annotations

import polars as pl

from crmusage.adapters._core import Job, Table
from crmusage.adapters.dynamics._changes import Changes
from crmusage.adapters.dynamics._directory import NOT_OF_CASES, Directory
from crmusage.adapters.dynamics._entities import ACTIVITIES
from crmusage.adapters.dynamics._events import Log, empty, events
from crmusage.adapters.dynamics._options import CLIENTS
from crmusage.adapters.dynamics._rows import ids, latest
from crmusage.history import typed
from crmusage.model import Text

DONE = 1
"""The statecode of an activity that is completed."""
SCHEDULED = 3
CANCELLED = 2
UNSENT = (1, 8)
"""Status codes of messages that nobody received: drafts and failures."""

TWICE = Text(
    en="every activity stands in its own table once more",
    fr="chaque activité figure aussi dans sa propre table",
)

_MEANINGS = {"phonecall": "call", "email": "email", "appointment": "meeting"}
_TYPES = {"4210": "phonecall", "4202": "email", "4201": "appointment", "4212": "task"}
"""Numbers of tables, which older tools write for `activitytypecode`."""


def quote_events(job: Job, told: Log) -> pl.DataFrame:
    """Quotes sent, accepted and declined, by the log, else by how they stand and when they were closed."""
    table = latest(job.table("quote"))
    if not table.came:
        return empty()
    quotes = pl.DataFrame(
        {
            "quote_id": ids(table.id("quoteid", to="events.quote_id")),
            "case_id": ids(table.id("opportunityid", to="events.case_id")),
            "state": table.whole("statecode", to="events.activity"),
            "status": table.whole("statuscode", to="events.activity"),
            "modified": table.time("modifiedon", to="events.at"),
            "created": table.time("createdon", to="events.at"),
            "by": ids(table.id("modifiedby", to="events.actor")),
            "day": table.day("closedon", to="events.at"),
            "gone": table.gone(),
        }
    )
    close = latest(job.table("quoteclose"))
    closed = pl.DataFrame(
        {
            "quote_id": ids(close.id("quoteid", to="events.quote_id")),
            "at": close.time("createdon", to="events.at"),
            "actor": ids(close.id("createdby", to="events.actor")),
        }
    ).drop_nulls(["quote_id", "at"])
    for one in (table, close):
        one.ignore(one.frame.columns, NOT_OF_CASES)
    loose = quotes.filter(pl.col("case_id").is_null() & ~pl.col("gone")).height
    job.aside("quote", "no opportunity", loose)
    quotes = (
        quotes.filter(~pl.col("gone")).drop_nulls(["quote_id", "case_id"]).unique("quote_id", keep="first")
    )
    logged = _quotes_logged(told).join(quotes.select("quote_id", "case_id"), on="quote_id")
    closed = closed.sort("at", "actor").unique("quote_id", keep="last", maintain_order=True)
    ended = quotes.with_columns(activity=_ended(pl.col("state"), pl.col("status"))).drop_nulls("activity")
    ended = ended.join(
        logged.select("quote_id", "activity").unique(), on=["quote_id", "activity"], how="anti"
    )
    ended = ended.join(closed, on="quote_id", how="left")
    midnight = typed(ended["day"].cast(pl.String), "time", zone=job.zone or "UTC").values
    by_day = pl.max_horizontal(
        pl.min_horizontal(pl.lit(midnight) + pl.duration(days=1) - pl.duration(seconds=1), "modified"),
        "created",
    )
    ended = ended.with_columns(
        at=pl.coalesce("at", pl.when(pl.col("day").is_not_null()).then(by_day), "modified")
    )
    # An active quote cannot be edited: it was last changed when it was activated.
    sent = quotes.filter(pl.col("state") == 1).join(
        logged.filter(pl.col("activity") == "quote_sent").select("quote_id").unique(),
        on="quote_id",
        how="anti",
    )
    return events(
        logged,
        ended.select("case_id", "quote_id", "activity", "at", "actor").drop_nulls("at"),
        sent.select(
            "case_id",
            "quote_id",
            pl.lit("quote_sent").alias("activity"),
            pl.col("modified").alias("at"),
            pl.col("by").alias("actor"),
        ).drop_nulls("at"),
    )


def _ended(state: pl.Expr, status: pl.Expr) -> pl.Expr:
    """A revised or cancelled quote is no customer's no."""
    return (
        pl.when(state == 2)
        .then(pl.lit("quote_accepted"))
        .when((state == 3) & (status == 5))
        .then(pl.lit("quote_declined"))
        .when((state == 3) & (status == 7))
        .then(pl.lit("quote_revised"))
        .when(state == 3)
        .then(pl.lit("quote_cancelled"))
    )


def _quotes_logged(told: Log) -> pl.DataFrame:
    values = told.values.filter(pl.col("entity") == "quote")
    states = values.filter(pl.col("field") == "statecode")
    reasons = values.filter(pl.col("field") == "statuscode").select(" row", "record", "at", status="new")
    joined = states.join(reasons, on=[" row", "record", "at"], how="left", nulls_equal=True)
    state, status = pl.col("new").cast(pl.Int64, strict=False), pl.col("status").cast(pl.Int64, strict=False)
    return (
        joined.select(
            pl.col("record").alias("quote_id"),
            pl.when(state == 1).then(pl.lit("quote_sent")).otherwise(_ended(state, status)).alias("activity"),
            "at",
            "actor",
            "origin",
        )
        .drop_nulls("activity")
        .unique()
    )


def activity_events(job: Job) -> pl.DataFrame:
    """Calls, messages and meetings that took place, and tasks with the day they are due."""
    came = [name for name in ACTIVITIES if job.table(name).came]
    found = [_activities(job, latest(job.table(name)), name) for name in came]
    pointers = latest(job.table("activitypointer"))
    if pointers.came:
        kind = (
            pointers.text("activitytypecode", to="events.activity")
            .str.strip_chars()
            .str.to_lowercase()
            .replace(_TYPES)
        )
        found += [
            _activities(job, pointers.only((kind == name).fill_null(False)), name)
            for name in ACTIVITIES
            if name not in came
        ]
        pointers.ignore(pointers.frame.columns, TWICE if came else NOT_OF_CASES)
    return pl.concat([empty(), *found])


def _activities(job: Job, table: Table, name: str) -> pl.DataFrame:
    def time(field: str) -> pl.Series:
        return table.time(field, to="events.at")

    frame = pl.DataFrame(
        {
            "case_id": ids(table.id("regardingobjectid", to="events.case_id")),
            "about": table.text("regardingobjectid_type", to="events.case_id").str.to_lowercase(),
            "state": table.whole("statecode", to="events.activity"),
            "status": table.whole("statuscode", to="events.activity"),
            "ended": time("actualend"),
            "starts": time("scheduledstart"),
            "due": table.time("scheduledend", to=("events.at", "events.new")),
            "sent": time("senton"),
            "created": time("createdon"),
            "modified": time("modifiedon"),
            "owner": ids(table.id("ownerid", to="events.actor")),
            "by": ids(table.id("createdby", to="events.actor")),
            "outgoing": table.flag("directioncode", to="events.actor"),
            "gone": table.gone(),
        }
    )
    if table.entity.name == name:
        table.ignore(table.frame.columns, NOT_OF_CASES)
    alive = frame.filter(~pl.col("gone"))
    loose = alive.filter(pl.col("case_id").is_null()).height
    elsewhere = ~pl.col("about").is_in(["opportunity", "incident", "3", "112"])
    other = alive.filter(pl.col("case_id").is_not_null() & elsewhere.fill_null(False)).height
    job.aside(name, "about nothing, so of no case", loose)
    job.aside(name, "about something that is no case", other)
    alive = alive.filter(pl.col("case_id").is_not_null() & ~elsewhere.fill_null(False))
    if name == "task":
        planned = alive.filter(pl.col("due").is_not_null() & (pl.col("state").fill_null(0) != CANCELLED))
        job.aside(name, "without a day on which it is due", alive.height - planned.height)
        return events(
            planned.select(
                "case_id",
                pl.lit("task_due").alias("activity"),
                pl.col("created").alias("at"),
                pl.col("by").alias("actor"),
                pl.lit("due_at").alias("field"),
                pl.col("due").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("new"),
            ).drop_nulls("at")
        )
    held = pl.col("state") == DONE
    if name == "email":
        held &= ~pl.col("status").is_in(UNSENT).fill_null(False)
        at = pl.coalesce("sent", "ended", "created")
    elif name == "appointment":
        # Few people close a meeting that took place: one that is only planned counts once its time is past.
        seen = alive["modified"].max()
        held |= (pl.col("state").is_in([0, SCHEDULED]) & (pl.col("due") <= pl.lit(seen))).fill_null(False)
        at = pl.coalesce("starts", "ended", "created")
    else:
        at = pl.coalesce("ended", "created")
    took_place = alive.filter(held.fill_null(False))
    job.aside(
        name, "planned, cancelled or not sent, so it did not take place", alive.height - took_place.height
    )
    return events(
        took_place.select(
            "case_id",
            pl.lit(_MEANINGS[name]).alias("activity"),
            at.alias("at"),
            # What came in was a customer's doing.
            pl.when(pl.col("outgoing").fill_null(True)).then(pl.coalesce("owner", "by")).alias("actor"),
            pl.col("created").alias("recorded_at"),
        ).drop_nulls("at")
    )


def queue_events(job: Job) -> pl.DataFrame:
    """Requests that were put into a queue."""
    table = latest(job.table("queueitem"))
    if not table.came:
        return empty()
    frame = pl.DataFrame(
        {
            "case_id": ids(table.id("objectid", to="events.case_id")),
            "about": table.text("objectid_type", to="events.case_id").str.to_lowercase(),
            "at": table.time("enteredon", to="events.at"),
            "new": ids(table.id("queueid", to="events.new")),
            "actor": ids(table.id("createdby", to="events.actor")),
            "gone": table.gone(),
        }
    )
    table.ignore(table.frame.columns, NOT_OF_CASES)
    elsewhere = (~pl.col("about").is_in(["incident", "112"])).fill_null(False)
    job.aside("queueitem", "about something that is no request", frame.filter(elsewhere).height)
    kept = frame.filter(~elsewhere & ~pl.col("gone")).drop_nulls(["case_id", "at"])
    return events(
        kept.select(
            "case_id",
            pl.lit("rerouted").alias("activity"),
            "at",
            "actor",
            pl.lit("queue").alias("field"),
            "new",
        )
    )


def put_sessions(job: Job, people: Directory, changed: Changes) -> None:
    """Logins, where the access of users is audited."""
    access = changed.rows.filter(pl.col("action").is_in(list(CLIENTS)))
    if not access.height:
        return
    user = pl.select(pl.coalesce(access["record"], access["actor"])).to_series()
    frame = pl.DataFrame(
        {
            "person_id": people.person(user, access["at"]),
            "at": access["at"],
            "client": access["action"].replace_strict(dict(CLIENTS), return_dtype=pl.String),
        }
    )
    job.put("sessions", frame.drop_nulls("person_id").unique())
