"""What the source could see, and since when: nothing seen and nothing there are two things."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Job
from crmusage.adapters.dynamics._changes import Changes
from crmusage.adapters.dynamics._options import ACCESS_OFF, ACCESS_ON, LOG_DELETED, Action
from crmusage.adapters.dynamics._stages import FLOW, Stages

_ORGANISATION_ON, _ORGANISATION_OFF = 107, 110
_TABLE_ON, _TABLE_OFF = 105, 108

_BY_LOG = ("amount_changed", "close_date_changed", "owner_changed", "priority_changed", "updated")
"""What only the log, or versions, tell."""

_BY_TABLE = {
    "opportunity": ("created",),
    "incident": ("submitted",),
    "phonecall": ("call",),
    "email": ("email",),
    "appointment": ("meeting",),
    "task": ("task_due",),
    "quote": ("quote_accepted", "quote_declined", "quote_sent"),
}
"""Activities that a table of its own tells."""


def put_coverage(job: Job, changed: Changes, stages: Stages | None) -> None:
    """Say of every table, and of every sort of event, what could be seen."""
    whole = {name: table.came and name not in job.partial for name, table in job.tables.items()}
    seen_to = _last(changed.rows)
    deleted = job.dialect.includes_deleted
    cases = [name for name in ("opportunity", "incident") if job.table(name).came]
    for name in cases:
        job.cover("cases", complete=whole[name], includes_deleted=deleted)
    for name, activities in _BY_TABLE.items():
        there = whole[name] or (
            whole.get("activitypointer", False) and name in {"phonecall", "email", "appointment", "task"}
        )
        wanted = bool(cases) and (
            name not in {"opportunity", "incident", "quote"} or name in cases or "opportunity" in cases
        )
        for activity in activities if wanted and (there or name not in {"opportunity", "incident"}) else ():
            # That a quote was sent is told by the log only.
            seen = there and (activity != "quote_sent" or _is_logged(changed, "quote"))
            job.cover("events", activity, complete=seen)
    told = bool(changed.audited or changed.versioned)
    if cases and not told:
        job.cover("events", complete=False)
        job.note(
            "Neither the audit log nor versions of the rows came: what was changed, by whom and when, is not "
            "known.",
            "Ni le journal d'audit ni les versions des lignes n'ont été fournis : on ne sait pas ce qui a "
            "été changé, par qui et quand.",
        )
    since, until = _logged(job, changed)
    if told:
        complete = "audit" not in job.partial and until is None
        seen_to = until or seen_to
        for activity in _BY_LOG:
            job.cover("events", activity, seen_from=since, seen_to=seen_to, complete=complete)
    if "opportunity" in cases:
        _cover_stages(job, changed, stages, since, seen_to, stopped=until is not None)
    for name in cases:
        closing = {"opportunity": "opportunityclose", "incident": "incidentresolution"}[name]
        if not told and not whole[closing]:
            job.cover("cases", "closed_at", complete=False)
    job.cover(
        "sessions",
        complete=_has(changed.rows, [Action.WEB_ACCESS, Action.SERVICE_ACCESS, ACCESS_ON])
        and not _has(changed.rows, [ACCESS_OFF]),
    )
    for name, table in job.tables.items():
        job.cover(name, complete=whole[name], includes_deleted=deleted if table.came else None)


def _cover_stages(
    job: Job,
    changed: Changes,
    stages: Stages | None,
    since: dt.datetime | None,
    seen_to: dt.datetime | None,
    *,
    stopped: bool,
) -> None:
    """Without the log of the flow's own table only the last step of each opportunity is known."""
    if stages is None:
        return
    entity = FLOW if stages.source == FLOW else "opportunity"
    told = entity in changed.versioned or bool(
        changed.values.filter(
            (pl.col("entity") == entity)
            & (pl.col("field") == ("activestageid" if entity == FLOW else stages.source))
        ).height
    )
    job.cover(
        "events",
        "stage",
        seen_from=since,
        seen_to=seen_to,
        complete=told and not stopped and "audit" not in job.partial,
    )
    if not told:
        job.note(
            "No change of a stage is logged: where opportunities stand is known, not how they came there.",
            "Aucun changement d'étape n'est journalisé : on sait où en sont les opportunités, pas comment "
            "elles y sont arrivées.",
        )


def _is_logged(changed: Changes, entity: str) -> bool:
    return entity in changed.versioned or bool((changed.rows["entity"] == entity).any())


def _has(rows: pl.DataFrame, actions: list[int]) -> bool:
    return bool(rows["action"].is_in(actions).any())


def _last(rows: pl.DataFrame) -> dt.datetime | None:
    found = rows["at"].max()
    return found if isinstance(found, dt.datetime) else None


def _logged(job: Job, changed: Changes) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Since when changes of cases are logged without a break, and, where that was stopped, up to when.

    The last start of auditing, or the first change that is there.
    """
    of_cases = pl.col("entity").is_in(["opportunity", "incident"])
    rows = changed.rows.filter(of_cases | pl.col("action").is_in([_ORGANISATION_ON, _ORGANISATION_OFF]))
    start = rows.filter(pl.col("action").is_in([_TABLE_ON, _ORGANISATION_ON]))["at"].max()
    stops = rows.filter(pl.col("action").is_in([_TABLE_OFF, _ORGANISATION_OFF]))
    stop = stops["at"].max()
    if stops.height:
        job.note(
            f"Times that auditing was stopped: {stops.height}. What was changed until it was started again "
            "is not known.",
            f"Arrêts de l'audit : {stops.height}. Ce qui a changé jusqu'à sa reprise n'est pas connu.",
        )
    if _has(changed.rows, [LOG_DELETED]):
        job.note(
            "A part of the audit log was deleted: what is missing before its first row may have happened.",
            "Une partie du journal d'audit a été supprimée : ce qui manque avant sa première ligne a pu avoir "
            "lieu.",
        )
    first = start if isinstance(start, dt.datetime) else changed.values["at"].min()
    since = first if isinstance(first, dt.datetime) else None
    stopped = isinstance(stop, dt.datetime) and not (isinstance(start, dt.datetime) and start > stop)
    return since, stop if stopped and isinstance(stop, dt.datetime) else None
