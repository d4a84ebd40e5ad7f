"""The whole translation, in its order."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Crm, Job, folded, put_objects, snake
from crmusage.adapters.dynamics._calendar import put_calendar
from crmusage.adapters.dynamics._cases import LOCALISED, put_incidents, put_opportunities
from crmusage.adapters.dynamics._changes import changes
from crmusage.adapters.dynamics._coverage import put_coverage
from crmusage.adapters.dynamics._dialects import DIALECTS
from crmusage.adapters.dynamics._directory import directory
from crmusage.adapters.dynamics._entities import ENTITIES
from crmusage.adapters.dynamics._events import events, log, put_events
from crmusage.adapters.dynamics._happenings import activity_events, put_sessions, queue_events, quote_events
from crmusage.adapters.dynamics._money import currencies
from crmusage.adapters.dynamics._origins import origins
from crmusage.adapters.dynamics._vocabulary import Vocabulary
from crmusage.history import typed
from crmusage.model import Text

POINTED = Text(
    en="the table that a lookup points to, which its column tells",
    fr="la table vers laquelle pointe une recherche, que sa colonne indique déjà",
)

_SHOWN = "display_v1_formatted_value"
_POINTS = ("crm_lookuplogicalname", "_entitytype")


def translate(job: Job) -> None:
    """Make the contract's tables of those of Dataverse."""
    for table in job.tables.values():
        columns = table.frame.columns
        labels = [one for one in columns if one.endswith("_label") and one.removesuffix("_label") in columns]
        table.ignore([*labels, *(one for one in columns if one.endswith(_SHOWN))], LOCALISED)
        pointed = {f"{one}_type" for one in columns}
        table.ignore([one for one in columns if one in pointed or one.endswith(_POINTS)], POINTED)
    _put_on_wall(job)
    changed = changes(job)
    people = directory(job, changed)
    told = log(changed, origins(changed.rows, people))
    words = Vocabulary(job)
    known = currencies(job)
    deals = put_opportunities(job, people, known, told, changed, words)
    requests = put_incidents(job, people, told, changed, words)
    happened = events(
        deals.happened, requests.happened, quote_events(job, told), activity_events(job), queue_events(job)
    )
    put_events(job, people, happened)
    put_sessions(job, people, changed)
    put_objects(job)
    words.put(None if deals.stages is None else deals.stages.source, deals.steps)
    put_calendar(job, _edge(happened, first=True), _edge(happened, first=False))
    put_coverage(job, changed, deals.stages)


_ZONE = r"\s*(?:[Zz]|[+-]\d{2}:?\d{2})\s*$"


def _put_on_wall(job: Job) -> None:
    """Columns that Dataverse calls independent of zones: they come with a Z and are no time in UTC."""
    for name in job.mapping.wall_clocks:
        entity, _, field = name.partition(".")
        table = job.tables.get(entity)
        if table is None or not table.has(field):
            continue
        column = table.entity.by_fold.get(folded(field)) or snake(field)
        series = table.frame[column]
        if isinstance(series.dtype, pl.Datetime):
            series = series.dt.replace_time_zone(None)
        elif series.dtype == pl.String:
            series = series.str.replace(_ZONE, "")
        cells = typed(series, "time", zone=job.zone or "UTC", where=name)
        table.frame = table.frame.with_columns(cells.values.alias(column))
        for what, mask in cells.bad.items():
            job.aside(entity, f"{what} {field}", int(mask.sum()), kept=True)


def _edge(frame: pl.DataFrame, *, first: bool) -> dt.datetime | None:
    found = frame["at"].min() if first else frame["at"].max()
    return found if isinstance(found, dt.datetime) else None


DYNAMICS = Crm(
    "Dynamics 365",
    tuple(ENTITIES.values()),
    DIALECTS,
    translate,
    strip=("dbo.", "dbo_", "crm_", "dynamics_", "dataverse_", "_data"),
    rows_of=("value",),
    more=("@odata.nextLink",),
)
"""Dynamics 365, as the tables of Dataverse hold it."""
