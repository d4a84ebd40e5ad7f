"""What the discussion under a record tells: fields that were tracked, mails, and activities that were done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crmusage.adapters._core import Job, as_text
from crmusage.adapters.odoo._cells import ids, names
from crmusage.adapters.odoo._people import USER, People, named
from crmusage.model import Text

INSTANT = pl.Datetime("us", "UTC")
CASES: Mapping[str, str] = {"crm.lead": "crm.stage", "helpdesk.ticket": "helpdesk.stage"}
"""Models whose records are cases, and the model of their stages."""

FIELDS: Mapping[str, tuple[str, str]] = {
    "stage_id": ("stage_changed", "stage"),
    "expected_revenue": ("amount_changed", "amount"),
    "date_deadline": ("close_date_changed", "close_date"),
    "user_id": ("owner_changed", "owner"),
    "priority": ("priority_changed", "priority"),
}
"""What a change of a tracked field is, and what events call the field; others are `updated`."""

LABELS: Mapping[str, str] = {
    "Stage": "stage_id", "Expected Revenue": "expected_revenue", "Expected Closing": "date_deadline",
    "Salesperson": "user_id", "Assigned to": "user_id", "Priority": "priority", "Active": "active",
    "Sales Team": "team_id", "Probability": "probability",
}  # fmt: skip
"""Odoo's English words for tracked fields, where ir.model.fields did not come."""

ACTIVITIES: Mapping[str, str] = {"Call": "call", "Email": "email", "Meeting": "meeting"}
"""Types of activities that Odoo brings along; others that were done are `task_done`."""

FREE_TEXT = Text(
    en="free text, in which people write of persons", fr="texte libre, où il est question de personnes"
)

TRACKED: dict[str, Any] = {
    "case_id": pl.String, "model": pl.String, "at": INSTANT, "actor": pl.String, "raw": pl.String, "field": pl.String,
    "activity": pl.String, "old": pl.String, "new": pl.String, "seq": pl.Int64,
}  # fmt: skip


def put_messages(job: Job, people: People) -> pl.DataFrame:
    """Put what messages tell; returns the changes of tracked fields, with the columns of TRACKED."""
    messages = job.table("mail.message")
    done = messages.id("mail_activity_type_id", "events.activity")
    frame = pl.DataFrame(
        {
            "message": messages.id("id", "events.seq"),
            "model": messages.text("model", "events.case_id"),
            "record": messages.id("res_id", "events.case_id"),
            "at": messages.time("date", "events.at"),
            "recorded_at": messages.time("create_date", "events.recorded_at"),
            "type": messages.text("message_type", "events.activity"),
            "done": done,
            "done_named": named(
                job, "mail.activity.type", done, names(messages, "mail_activity_type_id"), "events.activity"
            ),
            "internal": messages.flag("is_internal", "events.activity").fill_null(False),
            "actor": people.author(messages.id("author_id", "events.actor")),
        }
    )
    messages.ignore(("body", "subject", "email_from", "record_name"), FREE_TEXT)
    of_cases = pl.col("model").is_in(list(CASES))
    job.aside("mail.message", "of no lead and no ticket", frame.filter(~of_cases.fill_null(False)).height)
    frame = frame.filter(of_cases.fill_null(False)).with_columns(
        case_id=pl.concat_str("model", pl.lit(","), "record")
    )
    words = job.mapping.meaning("mail.message", "mail_activity_type_id", ACTIVITIES)
    said = pl.coalesce(
        *(
            pl.col(name).replace_strict(words, default=None, return_dtype=pl.String)
            for name in ("done", "done_named")
        ),
        pl.lit("task_done"),
    )
    mailed = (pl.col("type") == "email") | ((pl.col("type") == "comment") & ~pl.col("internal"))
    touches = frame.with_columns(
        activity=pl.when(pl.col("done").is_not_null()).then(said).when(mailed).then(pl.lit("email"))
    ).drop_nulls("activity")
    actor = touches["actor"]
    job.put(
        "events",
        touches.select("case_id", "activity", "at", "actor", "recorded_at").with_columns(
            people.unit(actor).alias("unit")
        ),
    )
    return _tracked(job, people, frame)


def _tracked(job: Job, people: People, messages: pl.DataFrame) -> pl.DataFrame:
    values = job.table("mail.tracking.value")
    if not values.came or not job.table("mail.message").came:
        return pl.DataFrame(schema=TRACKED)
    number = values.whole("id", "events.seq")
    sides = {
        side: {
            kind: values.text(f"{side}_value_{kind}", f"events.{side}") for kind in ("integer", "char", "text")
        }
        | {
            "number": pl.DataFrame(
                [values.number(f"{side}_value_{kind}", f"events.{side}").alias(kind) for kind in ("float", "monetary")]
            ).select(pl.coalesce("float", "monetary").alias("number")).to_series(),
            "time": values.time(f"{side}_value_datetime", f"events.{side}"),
        }
        for side in ("old", "new")
    }  # fmt: skip
    frame = pl.DataFrame(
        {
            "message": values.id("mail_message_id", "events.case_id"),
            "seq": number,
            "raw": _field(job),
            **{
                f"{side} {kind}": as_text(one) if kind == "number" else one
                for side, kinds in sides.items()
                for kind, one in kinds.items()
            },
        }
    ).join(messages, on="message")
    lookups, days = (
        pl.col("raw").is_in(["stage_id", "user_id", "team_id", "active"]),
        pl.col("raw") == "date_deadline",
    )
    told = [
        pl.when(pl.col("raw") == "user_id")
        .then(
            pl.concat_str(
                pl.lit(f"{USER},"), pl.when(pl.col(f"{side} integer") != "0").then(f"{side} integer")
            )
        )
        .when(lookups)
        .then(f"{side} integer")
        .when(days)
        .then(pl.col(f"{side} time").dt.date().cast(pl.String))
        .when(pl.col("raw").is_in(["expected_revenue", "probability"]))
        .then(f"{side} number")
        .otherwise(pl.coalesce(f"{side} char", f"{side} text"))
        .alias(side)
        for side in ("old", "new")
    ]
    frame = frame.with_columns(told)
    for model, of_stages in CASES.items():
        here = (pl.col("raw") == "stage_id") & (pl.col("model") == model)
        spoken = [
            named(job, of_stages, frame[side], frame[f"{side} char"]).alias(f"{side} stage")
            for side in ("old", "new")
        ]
        frame = frame.with_columns(spoken).with_columns(
            pl.when(here).then(f"{side} stage").otherwise(side).alias(side) for side in ("old", "new")
        )
    activities = {raw: activity for raw, (activity, _) in FIELDS.items()}
    fields = {raw: field for raw, (_, field) in FIELDS.items()}
    found = frame.with_columns(
        activity=pl.col("raw").replace_strict(activities, default="updated", return_dtype=pl.String),
        field=pl.col("raw").replace(fields),
    ).select(list(TRACKED))
    told_so = found.filter(pl.col("raw") != "active").drop("raw", "model")
    job.put("events", told_so.with_columns(people.unit(told_so["actor"]).alias("unit")))
    return found


def _field(job: Job) -> pl.Series:
    """The tracked field of each value: by its id, by its own name in older versions, else by its English label."""
    values, known = job.table("mail.tracking.value"), job.table("ir.model.fields")
    table = pl.DataFrame({"id": known.id("id"), "name": known.text("name", "events.field")}).drop_nulls()
    table = table.unique("id", keep="last", maintain_order=True)
    field = values.id("field_id", "events.field")
    label = names(values, "field_id").str.replace(r"\s*\([a-z._]+\)$", "")
    by_label = label.replace_strict(dict(LABELS), default=None, return_dtype=pl.String)
    found = (
        pl.DataFrame(
            {
                "by_id": field.replace_strict(
                    table["id"], table["name"], default=None, return_dtype=pl.String
                ),
                "old": values.text("field", "events.field"),
                "by_label": by_label,
            }
        )
        .select(raw=pl.coalesce("by_id", "old", "by_label"))
        .to_series()
    )
    unknown = found.null_count()
    if unknown:
        job.note(
            f"{unknown} tracked changes do not tell of which field they are: deliver ir.model.fields.",
            f"{unknown} changements suivis n'indiquent pas leur champ : fournissez ir.model.fields.",
        )
    return found.fill_null("unknown field")


def put_meetings(job: Job, people: People) -> None:
    """Put meetings of the calendar that stand on a lead or a ticket."""
    table = job.table("calendar.event")
    if not table.came:
        return
    deal = ids("crm.lead", table.id("opportunity_id", "events.case_id"))
    model, record = table.text("res_model", "events.case_id"), table.id("res_id", "events.case_id")
    frame = pl.DataFrame(
        {
            "deal": deal,
            "model": model,
            "record": record,
            "at": table.time("start", "events.at"),
            "recorded_at": table.time("create_date", "events.recorded_at"),
            "actor": ids(USER, table.id("user_id", "events.actor")),
            "active": table.flag("active", "events").fill_null(True),
        }
    )
    table.ignore(("name", "description", "location"), FREE_TEXT)
    by_model = pl.when(pl.col("model").is_in(list(CASES))).then(pl.concat_str("model", pl.lit(","), "record"))
    frame = frame.with_columns(case_id=pl.coalesce("deal", by_model)).filter("active")
    job.aside("calendar.event", "of no lead and no ticket", frame["case_id"].null_count())
    frame = frame.drop_nulls("case_id").select(
        "case_id", "at", "actor", "recorded_at", activity=pl.lit("meeting")
    )
    job.put("events", frame.with_columns(people.unit(frame["actor"]).alias("unit")))
