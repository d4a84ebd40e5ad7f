"""What opportunities and cases have in common: fields that mislead, and the events that every record has."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Job, Table, read_as
from crmusage.adapters.salesforce._people import People
from crmusage.history import columns_of
from crmusage.model import Text

DUE_NOT_DONE = Text(
    en="the day on which the latest activity is due, not when anybody did anything",
    fr="échéance de la dernière activité, et non le moment où quelqu'un a agi",
)
OF_THE_READER = Text(
    en="when the user whose login reads the data looked at it, here the pipeline's",
    fr="dernière consultation par le compte qui lit les données, ici celui du connecteur",
)
FREE_TEXT = Text(
    en="free text, in which people write of persons",
    fr="texte libre, où il est question de personnes",
)
NOT_FOR_PEOPLE = Text(
    en="works out from others, and changes without anybody doing anything",
    fr="valeur calculée, qui change sans que personne n'agisse",
)
MISLEADING = {
    ("LastActivityDate",): DUE_NOT_DONE,
    ("LastViewedDate", "LastReferencedDate"): OF_THE_READER,
    ("Description", "Comments"): FREE_TEXT,
    (
        "SystemModstamp",
        "AgeInDays",
        "LastStageChangeInDays",
        "LastActivityInDays",
        "HasOpenActivity",
        "HasOverdueTask",
    ): NOT_FOR_PEOPLE,
}
"""Fields that every history is better without, and why."""


def overridden(job: Job, table: Table, entity: str) -> dict[str, pl.Series]:
    """Columns of cases that the mapping takes from other fields than the usual ones."""
    return {
        column: read_as(table, field, "cases", column)
        if column in columns_of("cases")
        else table.text(field, f"cases.{column}")
        for column, field in job.mapping.fields.get(entity, {}).items()
    }


def put_created(
    job: Job, case: pl.Series, created: pl.Series, creator: pl.Series, people: People, *, activity: str
) -> None:
    """Put the event that begins each case; its place is before all that its history tells."""
    job.put(
        "events",
        pl.DataFrame(
            {"case_id": case, "at": created, "actor": creator, "unit": people.unit_of(creator)}
        ).select("case_id", "at", "actor", "unit", activity=pl.lit(activity), seq=pl.lit(0, dtype=pl.Int64)),
    )


SAME_MOMENT = dt.timedelta(seconds=5)
"""A record is stamped so soon after the row of its history that tells of the same saving. Guessed."""


def put_touched(job: Job, updated: pl.DataFrame, people: People) -> None:
    """Put the last change of each record, unless an event of its history at that moment tells it already."""
    rows = updated.filter(pl.col("at").is_not_null() & (pl.col("at") > pl.col("created")))
    known = job.rows("events")
    if known is not None and rows.height:
        told = (
            known.lazy()
            .select("case_id", "at")
            .join(rows.lazy().select("case_id", stamp="at"), on="case_id")
            .filter((pl.col("at") - pl.col("stamp")).abs() <= SAME_MOMENT)
            .select("case_id", at="stamp")
            .collect()
        )
        rows = rows.join(told, on=["case_id", "at"], how="anti")
    actor = people.person(rows["login"], rows["at"])
    rows = rows.select("case_id", "at").with_columns(
        actor.alias("actor"), people.unit_of(actor).alias("unit"), pl.lit("updated").alias("activity")
    )
    job.put("events", rows)
