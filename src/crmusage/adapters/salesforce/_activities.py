"""Calls, mails, meetings, due dates and quotes: what people did about a record."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Job, Table
from crmusage.adapters.salesforce._common import FREE_TEXT, NOT_FOR_PEOPLE, OF_THE_READER
from crmusage.adapters.salesforce._people import People
from crmusage.model import Text

REMINDERS = Text(
    en="plans a reminder or a series; what took place has rows of its own",
    fr="planifie un rappel ou une série ; ce qui a eu lieu a ses propres lignes",
)
_SERIES = (
    "IsReminderSet",
    "IsRecurrence2",
    "IsRecurrence2Exception",
    "IsRecurrence2Exclusion",
    "Recurrence2PatternStartDate",
    "Recurrence2PatternText",
    "Recurrence2PatternTimeZone",
    "Recurrence2PatternVersion",
    "RecurrenceDayOfMonth",
    "RecurrenceDayOfWeekMask",
    "RecurrenceEndDateOnly",
    "RecurrenceInstance",
    "RecurrenceInterval",
    "RecurrenceMonthOfYear",
    "RecurrenceRegeneratedType",
    "RecurrenceStartDateOnly",
    "RecurrenceStartDateTime",
    "RecurrenceTimeZoneSidKey",
    "RecurrenceType",
    "ReminderDateTime",
)
ARCHIVED_AFTER = dt.timedelta(days=365)
"""Salesforce archives activities of this age: a query that does not ask for all rows leaves them out."""

SENT, ACCEPTED, DECLINED = "quote_sent", "quote_accepted", "quote_declined"
QUOTES = {
    "Presented": SENT,
    "Sent": SENT,
    "Accepted": ACCEPTED,
    "Denied": DECLINED,
    "Declined": DECLINED,
}
"""What the status of a quote says of the customer. Rejected is the approver's no, not the customer's."""


def put_activities(job: Job, people: People) -> None:
    """Put tasks and calendar entries that stand on an opportunity or a case."""
    _tasks(job, people)
    _meetings(job, people)


def _common(table: Table) -> dict[str, pl.Series]:
    for fields, reason in (
        (("Description", "Subject", "Location"), FREE_TEXT),
        (_SERIES, REMINDERS),
        (("LastViewedDate", "LastReferencedDate"), OF_THE_READER),
        (("SystemModstamp", "WhatCount", "WhoCount", "LastModifiedDate", "LastModifiedById"), NOT_FOR_PEOPLE),
    ):
        table.ignore(fields, reason)
    return {
        "case_id": table.id("WhatId", "events.case_id"),
        "created": table.time("CreatedDate", ("events.at", "events.recorded_at")),
        "owner": table.id("OwnerId", "events.actor"),
        "creator": table.id("CreatedById", "events.actor"),
        "gone": table.flag("IsDeleted", "events").fill_null(False) | table.gone(),
        "series": table.flag("IsRecurrence", "events").fill_null(False),
        "due": table.day("ActivityDate", ("events.at", "events.new")),
        "activity_id": table.id("Id", "events.activity_id"),
    }


def _tasks(job: Job, people: People) -> None:
    whole = job.table("Task")
    if not whole.came:
        return
    table = whole.only(whole.current())
    frame = pl.DataFrame(
        {
            **_common(table),
            "done": table.time("CompletedDateTime", "events.at"),
            "closed": table.flag("IsClosed", "events.activity"),
            "status": table.text("Status", "events.activity"),
            "subtype": table.text("TaskSubtype", "events.activity"),
            "type": table.text("Type", "events.activity"),
            "call": table.text("CallType", "events.activity"),
        }
    )
    attributes = table.kept("events", but=(*frame.columns, "activity"))
    frame = frame.hstack(list(attributes.values()))
    kind = pl.coalesce(pl.when(pl.col("subtype") != "Task").then("subtype"), "type").str.to_lowercase()
    activity = (
        pl.when(pl.col("call").is_not_null() | kind.str.contains("call"))
        .then(pl.lit("call"))
        .when(kind.str.contains("mail"))
        .then(pl.lit("email"))
        .when(kind.str.contains("meeting"))
        .then(pl.lit("meeting"))
        .otherwise(pl.lit("task_done"))
    )
    closed = pl.coalesce("closed", pl.col("status") == "Completed", pl.lit(False))
    frame = _on_cases(job, frame.with_columns(closed=closed), "Task")
    # A task that is logged when it is done was completed when it was entered.
    done = frame.filter("closed").with_columns(at=pl.coalesce("done", "created"), activity=activity)
    due = frame.filter(pl.col("due").is_not_null()).with_columns(
        at=pl.col("created"),
        activity=pl.lit("task_due"),
        new=pl.col("due").cast(pl.String),
        field=pl.lit("due"),
    )
    _put(job, done, people, attributes)
    _put(job, due.with_columns(owner="creator"), people, attributes)


def _meetings(job: Job, people: People) -> None:
    whole = job.table("Event")
    if not whole.came:
        return
    table = whole.only(whole.current())
    begins = table.time("StartDateTime", "events.at")
    told = table.time("ActivityDateTime", "events.at")
    child = table.flag("IsChild", "events").fill_null(False)
    frame = pl.DataFrame(
        {
            **_common(table),
            "begins": begins.zip_with(begins.is_not_null(), told),
            "subtype": table.text("EventSubtype", "events.activity"),
            "type": table.text("Type", "events.activity"),
        }
    )
    attributes = table.kept("events", but=(*frame.columns, "activity"))
    frame = frame.hstack(list(attributes.values()))
    if child.any():
        job.note(
            f"{int(child.sum())} calendar entries are copies for those who were invited: each meeting counts once.",
            f"{int(child.sum())} événements d'agenda sont des copies pour les invités : chaque rendez-vous compte une "
            "fois.",
        )
    frame = _on_cases(job, frame.filter(~child), "Event")
    day = pl.col("due").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    call = pl.coalesce("type", "subtype").str.to_lowercase().str.contains("call").fill_null(False)
    frame = frame.with_columns(
        at=pl.coalesce("begins", day),
        activity=pl.when(call).then(pl.lit("call")).otherwise(pl.lit("meeting")),
    )
    seen = seen_to(job)
    if seen is not None:
        ahead = frame.filter(pl.col("at") > seen)
        job.aside("events", "planned for later", ahead.height, ahead["activity_id"].drop_nulls().to_list())
        frame = frame.filter(~(pl.col("at") > seen).fill_null(False))
    _put(job, frame, people, attributes)


def _on_cases(job: Job, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Activities that stand on a case and took place, or are to; the others are counted."""
    known = job.rows("cases")
    ids = pl.Series("case_id", [], dtype=pl.String) if known is None else known["case_id"]
    gone = frame.filter("gone").height
    series = frame.filter(pl.col("series") & ~pl.col("gone")).height
    rest = frame.filter(~pl.col("gone") & ~pl.col("series"))
    on = rest["case_id"].is_in(ids.implode()).fill_null(False)
    off = int((~on).sum())
    for count, en, fr in (
        (gone, "were deleted", "ont été supprimées"),
        (
            series,
            "stand for a series, whose parts have rows of their own",
            "représentent une série, dont chaque partie a sa ligne",
        ),
        (
            off,
            "stand on no opportunity or case that came",
            "ne portent sur aucune opportunité ni requête fournie",
        ),
    ):
        if count:
            job.note(f"{name}: {count} activities {en}.", f"{name} : {count} activités {fr}.")
    return rest.filter(on)


def _put(job: Job, frame: pl.DataFrame, people: People, attributes: dict[str, pl.Series]) -> None:
    if not frame.height:
        return
    owner = pl.when(pl.col("owner").str.starts_with("00G").fill_null(False)).then(None).otherwise("owner")
    login = frame.select(pl.coalesce(owner, "creator").alias("login")).to_series()
    actor = people.person(login, frame["at"])
    job.put(
        "events",
        frame.select(
            "case_id",
            "activity",
            "at",
            pl.col("created").alias("recorded_at"),
            *(name for name in ("field", "new") if name in frame.columns),
            "activity_id",
            *attributes,
        ).with_columns(actor.alias("actor"), people.unit_of(actor).alias("unit")),
    )


def put_quotes(job: Job, people: People) -> None:
    """Put what quotes say of the customer's answer, at the last change of each state that came."""
    table = job.table("Quote")
    if not table.came:
        return
    status = table.text("Status", "events.activity")
    meanings = job.mapping.meaning("Quote", "Status", QUOTES)
    changed = table.time("LastModifiedDate", "events.at")
    since = table.valid_from()
    created = table.time("CreatedDate", ("events.at", "events.recorded_at"))
    at = since.zip_with(since.is_not_null(), changed.zip_with(changed.is_not_null(), created))
    frame = pl.DataFrame(
        {
            "case_id": table.id("OpportunityId", "events.case_id"),
            "at": at,
            "created": created,
            "quote_id": table.id("Id", "events.quote_id"),
            "login": table.id("LastModifiedById", "events.actor"),
            "creator": table.id("CreatedById", "events.actor"),
            "gone": table.flag("IsDeleted", "events").fill_null(False) | table.gone(),
            "activity": status.replace_strict(
                list(meanings), list(meanings.values()), default=None, return_dtype=pl.String
            ),
            "new": status,
        }
    )
    for fields, reason in (
        (("Description",), FREE_TEXT),
        (("LastViewedDate", "LastReferencedDate"), OF_THE_READER),
        (("SystemModstamp",), NOT_FOR_PEOPLE),
    ):
        table.ignore(fields, reason)
    attributes = table.kept("events", but=(*frame.columns, "activity"))
    frame = frame.hstack(list(attributes.values())).filter(~pl.col("gone"))
    told = frame.filter(pl.col("activity").is_not_null())
    if table.has_versions:
        # A state that only another field of the quote changed tells its status once.
        told = told.sort("quote_id", "at", "new").filter(
            pl.col("quote_id").ne_missing(pl.col("quote_id").shift(1))
            | pl.col("new").ne_missing(pl.col("new").shift(1))
        )
    if told.height and not table.has_versions:
        job.note(
            "A quote tells its present status, and when it was last changed: the customer's answer may be older than "
            "its event, where somebody edited the quote since.",
            "Un devis donne son statut actuel et la date de sa dernière modification : la réponse du client peut être "
            "antérieure à son événement si quelqu'un a modifié le devis depuis.",
        )
    actor = people.person(told["login"], told["at"])
    told = told.with_columns(
        actor.alias("actor"), people.unit_of(actor).alias("unit"), field=pl.lit("quote_status")
    )
    job.put(
        "events",
        told.select("case_id", "activity", "at", "actor", "unit", "field", "new", "quote_id", *attributes),
    )


def seen_to(job: Job) -> dt.datetime | None:
    """Up to when the source was read: the last change of anything that came."""
    latest: dt.datetime | None = None
    for table in job.tables.values():
        synced = table.synced_to()
        if synced is not None and (latest is None or synced > latest):
            latest = synced
        for field in ("SystemModstamp", "LastModifiedDate", "LoginTime", "CreatedDate"):
            if table.came and table.has(field):
                found = table.time(field, "coverage.seen_to").max()
                if isinstance(found, dt.datetime) and (latest is None or found > latest):
                    latest = found
                break
    return latest
