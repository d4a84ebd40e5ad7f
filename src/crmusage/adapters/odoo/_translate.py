"""Odoo's tables as a history: leads, tickets, who has them, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crmusage.adapters._core import Job, Table, put_objects
from crmusage.adapters.odoo._cells import ids, names, opened
from crmusage.adapters.odoo._messages import CASES, FREE_TEXT, put_meetings, put_messages
from crmusage.adapters.odoo._people import USER, People, named, read_people
from crmusage.model import Text

RANKS: Mapping[str, int] = {"3": 1, "2": 2, "1": 3, "0": 4}
"""Odoo shows the priority as stars: three are the most urgent, and a history ranks from 1 down."""

OUTSIDERS = Text(
    en="tells a person outside the company", fr="concerne une personne extérieure à l'entreprise"
)
COMPUTED = Text(
    en="Odoo works it out again and again, without anybody doing anything",
    fr="valeur recalculée par Odoo sans que personne n'agisse",
)
_LEFT_OUT: Mapping[tuple[str, ...], Text] = {
    ("name", "description", "referred"): FREE_TEXT,
    (
        "contact_name",
        "email_from",
        "phone",
        "mobile",
        "function",
        "street",
        "street2",
        "zip",
        "city",
        "website",
        "partner_name",
        "partner_email",
        "partner_phone",
    ): OUTSIDERS,
    (
        "write_date",
        "write_uid",
        "automated_probability",
        "prorated_revenue",
        "day_open",
        "day_close",
    ): COMPUTED,
}


def translate(job: Job) -> None:
    """Put all that the tables tell into the tables of the contract."""
    opened(job)
    people = read_people(job)
    tracked = put_messages(job, people)
    put_meetings(job, people)
    _put_leads(job, people, tracked)
    _put_tickets(job, people, tracked)
    put_objects(job)
    _put_stages(job)
    _cover(job)


def _shared(job: Job, table: Table, model: str, people: People) -> dict[str, pl.Series]:
    owner = ids(USER, table.id("user_id", "cases.owner"))
    team = "crm.team" if model == "crm.lead" else "helpdesk.team"
    creator = ids(USER, table.id("create_uid", ("cases.created_by", "events.actor")))
    stage = named(
        job, CASES[model], table.id("stage_id", ("cases.stage", "cases.outcome")), names(table, "stage_id")
    )
    unit = named(job, team, table.id("team_id", "cases.unit"), names(table, "team_id"), "cases.unit")
    priority = table.text("priority", "cases.priority_rank")
    ranks = job.mapping.rank(model, "priority", RANKS)
    for fields, reason in _LEFT_OUT.items():
        table.ignore(fields, reason)
    case = ids(model, table.id("id", ("cases.case_id", "events.case_id")))
    created = table.time("create_date", ("cases.created_at", "events.at"))
    activity = "created" if model == "crm.lead" else "submitted"
    job.put(
        "events",
        pl.DataFrame(
            {"case_id": case, "at": created, "actor": creator, "unit": people.unit(creator)}
        ).with_columns(activity=pl.lit(activity), seq=pl.lit(0, dtype=pl.Int64)),
    )
    return {
        "case_id": case,
        "created_at": created,
        "created_by": creator,
        "owner": owner,
        "owner_kind": pl.select(
            pl.when(owner.is_not_null()).then(pl.lit("user")).alias("owner_kind")
        ).to_series(),
        "unit": pl.DataFrame({"team": unit, "own": people.unit(owner)})
        .select(pl.coalesce("team", "own").alias("unit"))
        .to_series(),
        "stage": stage.alias("stage"),
        "priority_rank": priority.replace_strict(ranks, default=None, return_dtype=pl.Int64).alias(
            "priority_rank"
        ),
        "account_id": ids("res.partner", table.id("partner_id", "cases.account_id")),
    }


def _put_leads(job: Job, people: People, tracked: pl.DataFrame) -> None:
    table = job.table("crm.lead")
    if not table.came:
        return
    columns = _shared(job, table, "crm.lead", people)
    stages = job.table("crm.stage")
    known = pl.DataFrame(
        {
            "stage": stages.id("id"),
            "name": stages.text("name"),
            "won": stages.flag("is_won", ("cases.outcome", "events.activity")),
        }
    )
    is_won = table.id("stage_id").is_in(known.filter("won")["stage"].implode())
    status = table.text("won_status", "cases.outcome")
    archived = ~table.flag("active", ("cases.outcome", "cases.is_deleted")).fill_null(True)
    hopeless = (table.number("probability", "cases.outcome") == 0) | table.id("lost_reason_id").is_not_null()
    won = status.eq("won").fill_null(False) | (is_won.fill_null(False) & ~archived)
    lost = ~won & (status.eq("lost").fill_null(False) | (archived & hopeless.fill_null(False)))
    ended = _endings(tracked.filter(pl.col("model") == "crm.lead"), known.filter("won")["name"].drop_nulls())
    last = ended.filter(pl.col("activity") != "reopened").group_by("case_id").agg(pl.col("at").max())
    own = table.time("date_closed", "cases.closed_at")
    read = columns["case_id"].replace_strict(
        last["case_id"], last["at"], default=None, return_dtype=own.dtype
    )
    closed_at = read.zip_with(read.is_not_null(), own)
    kind = table.text("type", "cases.kind").fill_null("opportunity")
    job.put("events", ended.with_columns(people.unit(ended["actor"]).alias("unit")))
    if table.has("active") and not archived.any() and table.height:
        job.note(
            "No archived lead came, and lost ones are archived: ask with active_test off, or none was ever lost.",
            "Aucune piste archivée n'a été fournie, or les opportunités perdues le sont : interrogez avec "
            "active_test à faux, à moins qu'aucune n'ait été perdue.",
        )
        job.cover("events", "lost", complete=False)
    more = {
        "kind": kind.alias("kind"),
        "closed_at": closed_at.set(~(won | lost), None).alias("closed_at"),
        "outcome": pl.select(
            pl.when(won).then(pl.lit("won")).when(lost).then(pl.lit("lost")).alias("outcome")
        ).to_series(),
        "amount": table.number("expected_revenue", "cases.amount"),
        "currency": _currency(job, table),
        "close_date": table.day("date_deadline", "cases.close_date"),
        # What is archived and not lost was put away.
        "is_deleted": (archived & ~lost).alias("is_deleted") | table.gone(),
    }
    named_so = {name: one.alias(name) for name, one in (columns | more).items()}
    job.put("cases", {**named_so, **table.kept("cases", but=named_so)})


def _currency(job: Job, table: Table) -> pl.Series:
    """The company's currency, in which Odoo keeps what is expected of every lead."""
    code = table.id("company_currency", "cases.currency")
    found = named(job, "res.currency", code, names(table, "company_currency"), "cases.currency")
    several = sorted(found.drop_nulls().unique().to_list())
    if len(several) > 1:
        job.note(
            f"Amounts are in the currencies of several companies ({', '.join(several)}) and are not added up: look at "
            "one company at a time.",
            f"Les montants sont dans les devises de plusieurs sociétés ({', '.join(several)}) et ne s'additionnent pas "
            ": analysez une société à la fois.",
        )
    return found


def _endings(tracked: pl.DataFrame, won: pl.Series) -> pl.DataFrame:
    """Won, lost and reopened, as changes of the stage and of the archive tell them."""
    into = pl.col("new").is_in(won.implode()).fill_null(False)
    out_of = pl.col("old").is_in(won.implode()).fill_null(False)
    of_stage, of_active = pl.col("raw") == "stage_id", pl.col("raw") == "active"
    activity = (
        pl.when(of_stage & into & ~out_of)
        .then(pl.lit("won"))
        .when(of_stage & out_of & ~into)
        .then(pl.lit("reopened"))
        .when(of_active & (pl.col("new") == "0"))
        .then(pl.lit("lost"))
        .when(of_active & (pl.col("new") == "1"))
        .then(pl.lit("reopened"))
    )
    return (
        tracked.with_columns(activity=activity, seq=pl.col("seq") + 1)
        .drop_nulls("activity")
        .select("case_id", "activity", "at", "actor", "seq")
    )


def _put_tickets(job: Job, people: People, tracked: pl.DataFrame) -> None:
    table = job.table("helpdesk.ticket")
    if not table.came:
        return
    columns = _shared(job, table, "helpdesk.ticket", people)
    stages = job.table("helpdesk.stage")
    shut = (
        stages.text("name")
        .filter(stages.flag("fold", ("cases.outcome", "events.activity")).fill_null(False))
        .drop_nulls()
    )
    changed = tracked.filter((pl.col("model") == "helpdesk.ticket") & (pl.col("raw") == "stage_id"))
    into, out_of = (pl.col(side).is_in(shut.implode()).fill_null(False) for side in ("new", "old"))
    ended = (
        changed.with_columns(
            activity=pl.when(into & ~out_of)
            .then(pl.lit("closed"))
            .when(out_of & ~into)
            .then(pl.lit("reopened")),
            seq=pl.col("seq") + 1,
        )
        .drop_nulls("activity")
        .select("case_id", "activity", "at", "actor", "seq")
    )
    job.put("events", ended.with_columns(people.unit(ended["actor"]).alias("unit")))
    closed_at = table.time("close_date", "cases.closed_at")
    more = {
        "kind": pl.Series("kind", ["request"]).new_from_index(0, table.height),
        "closed_at": closed_at,
        "due_at": table.time("sla_deadline", "cases.due_at"),
        "is_deleted": ~table.flag("active", "cases.is_deleted").fill_null(True) | table.gone(),
    }
    named_so = {name: one.alias(name) for name, one in (columns | more).items()}
    job.put("cases", {**named_so, **table.kept("cases", but=named_so)})


def _put_stages(job: Job) -> None:
    for model, entity in (("crm.stage", "opportunity"), ("helpdesk.stage", "request")):
        table = job.table(model)
        if not table.came:
            continue
        frame = pl.DataFrame(
            {
                "raw": table.text("name", ("vocabulary.raw", "vocabulary.label")),
                "order": table.whole("sequence", "vocabulary.order"),
            }
        ).drop_nulls("raw")
        frame = frame.sort("raw", "order").unique("raw", keep="first", maintain_order=True)
        job.put(
            "vocabulary",
            frame.with_columns(entity=pl.lit(entity), field=pl.lit("stage"), label=pl.col("raw")),
        )


def _cover(job: Job) -> None:
    """What came and what did not."""
    for name, table in job.tables.items():
        if not table.came or name in job.partial:
            job.cover(name, complete=False)
    if not (job.table("mail.message").came and job.table("mail.tracking.value").came):
        job.cover("events", complete=False)
        job.note(
            "Without mail.message and mail.tracking.value only how records stand is known, not how they came there.",
            "Sans mail.message ni mail.tracking.value, on connaît l'état des fiches, mais pas comment elles y sont "
            "arrivées.",
        )
    if not job.table("calendar.event").came:
        job.cover("events", "meeting", complete=False)
