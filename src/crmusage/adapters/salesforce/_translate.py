"""Salesforce's tables as a history: the whole way, in the order in which one thing needs the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from crmusage.adapters._core import Job, put_objects
from crmusage.adapters.salesforce._activities import ARCHIVED_AFTER, put_activities, put_quotes, seen_to
from crmusage.adapters.salesforce._calendar import put_calendar, put_vocabulary
from crmusage.adapters.salesforce._cases import PARENT as CASES
from crmusage.adapters.salesforce._cases import put_cases
from crmusage.adapters.salesforce._field_history import Parent, plain_rows, put_field_history, rows_of
from crmusage.adapters.salesforce._money import Money
from crmusage.adapters.salesforce._opportunities import put_opportunities
from crmusage.adapters.salesforce._people import People, read_people
from crmusage.adapters.salesforce._stages import of_cases, of_opportunities

PARENT = Parent(
    "Opportunity",
    {
        "StageName": ("stage_changed", "stage"),
        "Amount": ("amount_changed", "amount"),
        "CloseDate": ("close_date_changed", "close_date"),
    },
)


def translate(job: Job) -> None:
    """Put all that the tables tell into the tables of the contract."""
    people = read_people(job)
    opportunities, cases = job.table("Opportunity"), job.table("Case")
    ends = of_opportunities(job, opportunities)
    money = Money(job, opportunities)
    rows = rows_of(job, PARENT)
    history = job.table("OpportunityHistory").came
    versions = not history and opportunities.came and opportunities.has_versions
    if rows is not None:
        told = frozenset(PARENT.activities) if history or versions else frozenset()
        owners = frozenset({"Owner", "OwnerId"}) if versions else frozenset()
        # Before the opportunities: the last change of a record is told once, by its history if that has it.
        put_field_history(job, rows, PARENT, people, but=told | owners)
    states = put_opportunities(job, people, ends, money)
    put_cases(job, people, of_cases(job, cases), money)
    put_objects(job)
    _put_custom_histories(job, people)
    put_activities(job, people)
    put_quotes(job, people)
    _put_origins(job, people, money)
    put_vocabulary(job)
    seen = (seen_from(job), seen_to(job))
    put_calendar(job, seen)
    _cover_changes(job, {"Opportunity": rows, "Case": rows_of(job, CASES)})
    _cover(job, seen, with_stages=states is not None or (rows is not None and _tracks(rows, "StageName")))


def _cover_changes(job: Job, histories: Mapping[str, pl.DataFrame | None]) -> None:
    """From when on changes of owner and priority are seen: the histories of fields forget."""
    starts = {}
    for entity, rows in histories.items():
        first = None if rows is None else rows["at"].min()
        if job.table(entity).came and isinstance(first, dt.datetime):
            starts[entity] = first
    if starts:
        job.cover("events", "owner_changed", seen_from=max(starts.values()))
    if "Case" in starts:
        job.cover("events", "priority_changed", seen_from=starts["Case"])


def _put_custom_histories(job: Job, people: People) -> None:
    """Changes of the tracked fields of custom objects that are cases."""
    for name, custom in job.mapping.objects.items():
        history = f"{name.removesuffix('__c')}__History"
        if custom.kind is None or history not in job.tables:
            continue
        rows = plain_rows(job.table(history), ("ParentId",))
        if rows is not None:
            activities = {
                custom.columns[one]: what for one, what in OF_COLUMNS.items() if one in custom.columns
            }
            put_field_history(job, rows, Parent(name, activities), people)


OF_COLUMNS = {
    "stage": ("stage_changed", "stage"),
    "amount": ("amount_changed", "amount"),
    "close_date": ("close_date_changed", "close_date"),
    "priority_rank": ("priority_changed", "priority"),
}
"""What a change of the field behind a column of cases is, and what events call the field."""


def _put_origins(job: Job, people: People, money: Money) -> None:
    """Say of events what can be told of where they came from: a process, a program, a merge of accounts."""
    events = job.rows("events")
    if events is None or not {"actor", "field"} <= set(events.columns):
        return
    actor, of_account = pl.col("actor"), pl.col("field").is_in(["account", "account_id"])
    told = [
        pl.when(actor.is_in(list(people.processes))).then(pl.lit("automation")),
        pl.when(actor.is_in(list(people.programs))).then(pl.lit("api")),
    ]
    if money.accounts.merged.height and "old" in events.columns:
        pair = pl.struct("old", "new")
        merged = money.accounts.merged.to_struct("pair").implode()
        told.insert(0, pl.when(of_account & pair.is_in(merged)).then(pl.lit("merge")))
    if people.processes or people.programs or len(told) > len(("process", "program")):
        job.replace("events", events.with_columns(pl.coalesce(*told).alias("origin")))


def _tracks(rows: pl.DataFrame, field: str) -> bool:
    return bool((rows["field"] == field).any())


def seen_from(job: Job) -> dt.datetime | None:
    """From when on anything is told of."""
    made = job.rows("cases")
    first = None if made is None else made["created_at"].min()
    return first if isinstance(first, dt.datetime) else None


def _cover(job: Job, seen: tuple[dt.datetime | None, dt.datetime | None], *, with_stages: bool) -> None:
    """What came and what did not."""
    first, last = seen
    deleted = job.dialect.includes_deleted
    partial = sorted(job.partial)
    for name in ("Opportunity", "Case"):
        table = job.table(name)
        if table.came and table.has("IsDeleted") and table.flag("IsDeleted").fill_null(False).any():
            deleted = True
    job.cover(
        "cases",
        seen_from=first,
        seen_to=last,
        # Whether the login sees all records, the records do not tell.
        complete=False if {"Opportunity", "Case"} & job.partial else None,
        includes_deleted=deleted,
    )
    history = job.table("OpportunityHistory").came
    if job.table("Opportunity").came and not with_stages:
        for field in ("stage", "amount", "close_date"):
            job.cover("events", field, complete=False)
    elif history:
        for activity in ("stage_changed", "amount_changed", "close_date_changed", "won", "lost"):
            job.cover("events", activity, seen_from=first, seen_to=last)
    for activity, entity in (("call", "Task"), ("email", "Task"), ("meeting", "Event")):
        if not job.table(entity).came:
            job.cover("events", activity, complete=False)
        else:
            job.cover("events", activity, seen_from=_not_archived(job, entity, last), seen_to=last)
    for name, table in job.tables.items():
        if not table.came and name not in {"EntityHistory", "FieldHistoryArchive", "FieldHistory"}:
            job.cover(name, complete=False)
    tracked = job.table("FieldHistory")
    if tracked.came:
        entities = tracked.text("TableEnumOrId", "coverage.entity").to_list()
        fields = tracked.text("FieldEnumOrId", "coverage.field").to_list()
        for entity, field in sorted(
            {(one, what) for one, what in zip(entities, fields, strict=True) if one and what}
        ):
            if entity in {"Opportunity", "Case"}:
                history_of = "CaseHistory" if entity == "Case" else "OpportunityFieldHistory"
                job.cover(history_of, field, complete=True)
    for name in partial:
        job.cover(name, complete=False)
        job.note(
            f"{name}: the answer says that there is more of it than came; fetch all its pages.",
            f"{name} : la réponse annonce d'autres lignes que celles fournies ; récupérez toutes ses pages.",
        )


def _not_archived(job: Job, entity: str, last: dt.datetime | None) -> dt.datetime | None:
    """From when on activities are seen: archived ones come only to those who ask for all rows."""
    table = job.table(entity)
    archived = table.flag("IsArchived", "coverage.seen_from").fill_null(False).any()
    if archived or last is None:
        return None
    job.note(
        f"{entity}: no archived row came. Salesforce archives activities after a year and tells of them only to those "
        "who ask for all rows: what is older is not seen.",
        f"{entity} : aucune ligne archivée. Salesforce archive les activités au bout d'un an et ne les montre qu'à qui "
        "demande toutes les lignes : les plus anciennes ne sont pas visibles.",
    )
    return last - ARCHIVED_AFTER
