"""When cases ended: the closing activities, the audit log, and where neither came, the day that the record keeps."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table
from crmusage.adapters.dynamics._directory import NOT_OF_CASES
from crmusage.adapters.dynamics._events import Log, once, state_events
from crmusage.adapters.dynamics._options import MERGED, OPPORTUNITY_OUTCOMES
from crmusage.adapters.dynamics._rows import INSTANT, ids, latest
from crmusage.history import typed

_TELLING = pl.Schema(
    {
        "case_id": pl.String(),
        "activity": pl.String(),
        "at": INSTANT,
        "actor": pl.String(),
        "origin": pl.String(),
        "rank": pl.Int32(),
        "recorded_at": INSTANT,
    }
)


@attrs.frozen(eq=False)
class Closings:
    """Closings and reopenings of one table of cases, and when those that are closed were."""

    events: pl.DataFrame
    closed: pl.DataFrame
    """Columns case_id, closed_at."""

    def of(self, case: pl.Series, state: pl.Series) -> pl.Series:
        """When each case was closed; missing for those that are open."""
        found = case.to_frame("case_id").join(self.closed, on="case_id", how="left", maintain_order="left")[
            "closed_at"
        ]
        shut = state.is_not_null() & (state != 0)
        return found.zip_with(
            shut.fill_null(False), pl.Series([None], dtype=INSTANT).new_from_index(0, len(found))
        )


CANCELLED = 2
"""The statecode of a closing activity that was taken back."""

CLOSINGS = ("won", "lost", "fulfilled", "closed")


def opportunity_closings(job: Job, table: Table, case: pl.Series, told: Log) -> Closings:
    """How opportunities ended."""
    state = table.whole("statecode", to=("cases.outcome", "cases.closed_at"))
    status = table.whole("statuscode", to="cases.status")
    close = latest(job.table("opportunityclose"))
    frame = pl.DataFrame(
        {
            "case_id": ids(close.id("opportunityid", to="events.case_id")),
            # What is entered as the day of closing may be any day; the activity itself is made on closing.
            "at": pl.select(
                pl.coalesce(close.time("createdon", to="events.at"), close.time("actualend", to="events.at"))
            ).to_series(),
            "actor": ids(close.id("createdby", to="events.actor")),
            "status": close.whole("opportunitystatuscode", to="events.activity"),
            "gone": close.gone(),
        }
    )
    close.ignore(close.frame.columns, NOT_OF_CASES)
    now = (
        pl.DataFrame({"case_id": case, "now": status, "state": state})
        .drop_nulls("case_id")
        .unique("case_id", keep="first")
    )
    frame = frame.filter(~pl.col("gone")).drop_nulls(["case_id", "at"]).join(now, on="case_id", how="left")
    same = pl.col("status").is_null() | (pl.col("status") == pl.col("now"))
    by_state = pl.col("state").replace_strict(
        dict(OPPORTUNITY_OUTCOMES), default=None, return_dtype=pl.String
    )
    of_status = (
        pl.when(pl.col("status") == WON)
        .then(pl.lit("won"))
        .when(pl.col("status").is_in(LOST))
        .then(pl.lit("lost"))
    )
    frame = frame.with_columns(
        activity=pl.coalesce(of_status, pl.when(same).then(by_state), pl.lit("closed")),
        origin=pl.lit("unknown"),
        rank=pl.lit(0),
        recorded_at=pl.lit(None, dtype=INSTANT),
    )
    day = table.day("actualclosedate", to="cases.closed_at")
    words = {1: "won", 2: "lost"}
    return _settled(job, "opportunity", table, case, state, [frame.select(list(_TELLING))], told, words, day)


WON = 3
"""The statuscode of an opportunity that was won, as Microsoft ships it."""
LOST = (4, 5)
"""Those of one that was lost."""


def incident_closings(job: Job, table: Table, case: pl.Series, told: Log) -> Closings:
    """How requests ended."""
    state = table.whole("statecode", to=("cases.outcome", "cases.closed_at"))
    status = table.whole("statuscode", to="cases.status")
    solved = latest(job.table("incidentresolution"))
    frame = pl.DataFrame(
        {
            "case_id": ids(solved.id("incidentid", to="events.case_id")),
            "at": pl.select(
                pl.coalesce(
                    solved.time("createdon", to="events.at"), solved.time("actualend", to="events.at")
                )
            ).to_series(),
            "actor": ids(solved.id("createdby", to="events.actor")),
            "gone": solved.gone(),
            "state": solved.whole("statecode", to="events.activity"),
            "modified": solved.time("modifiedon", to="events.at"),
            "by": ids(solved.id("modifiedby", to="events.actor")),
        }
    )
    solved.ignore(solved.frame.columns, NOT_OF_CASES)
    frame = frame.filter(~pl.col("gone")).drop_nulls(["case_id", "at"])
    # Whoever opens a request again cancels its resolution; that it was resolved is true all the same. From memory.
    again = frame.filter((pl.col("state") == CANCELLED) & (pl.col("modified") > pl.col("at"))).select(
        "case_id",
        at="modified",
        actor="by",
        activity=pl.lit("reopened"),
        origin=pl.lit("unknown"),
        rank=pl.lit(0),
        recorded_at=pl.lit(None, dtype=INSTANT),
    )
    frame = frame.with_columns(
        activity=pl.lit("fulfilled"),
        origin=pl.lit("unknown"),
        rank=pl.lit(0),
        recorded_at=pl.lit(None, dtype=INSTANT),
    )
    words = {1: "fulfilled", 2: "closed"}
    found = _settled(
        job,
        "incident",
        table,
        case,
        state,
        [one.select(list(_TELLING)) for one in (frame, again)],
        told,
        words,
        None,
    )
    merged = case.filter((status == MERGED).fill_null(False))
    if not len(merged):
        return found
    job.note(
        f"Requests that were merged into others: {len(merged)}. They go on there (merged_into); nobody "
        "cancelled them.",
        f"Demandes fusionnées dans d'autres : {len(merged)}. Elles s'y poursuivent (merged_into) ; personne "
        "ne les a annulées.",
    )
    by_merge = pl.col("case_id").is_in(merged.implode()) & (pl.col("activity") == "closed")
    return attrs.evolve(
        found,
        events=found.events.with_columns(
            pl.when(by_merge).then(pl.lit("merge")).otherwise("origin").alias("origin")
        ),
    )


def _settled(
    job: Job,
    entity: str,
    table: Table,
    case: pl.Series,
    state: pl.Series,
    tellings: list[pl.DataFrame],
    told: Log,
    words: dict[int, str],
    day: pl.Series | None,
) -> Closings:
    from_log = state_events(entity, told).with_columns(recorded_at=pl.lit(None, dtype=INSTANT))
    known = once(pl.concat([one.select(list(_TELLING)).cast(_TELLING) for one in (*tellings, from_log)]))
    now = (
        pl.DataFrame(
            {
                "case_id": case,
                "state": state,
                "modified": table.time("modifiedon", to="cases.closed_at"),
                "by": ids(table.id("modifiedby", to="events.actor")),
                "created": table.time("createdon"),
                "day": pl.Series([None], dtype=pl.Date).new_from_index(0, table.height)
                if day is None
                else day,
            }
        )
        .drop_nulls("case_id")
        .unique("case_id", keep="first", maintain_order=True)
    )
    ended = (
        known.filter(pl.col("activity").is_in(CLOSINGS))
        .group_by("case_id")
        .agg(pl.col("at").max().alias("ended"))
    )
    now = now.join(ended, on="case_id", how="left")
    # The day is known, not the hour: the end of that day, but not after the record was last touched.
    untold = now.filter((pl.col("state") > 0) & pl.col("ended").is_null() & pl.col("day").is_not_null())
    if untold.height:
        midnight = typed(untold["day"].cast(pl.String), "time", zone=job.zone or "UTC").values
        end = pl.min_horizontal(pl.lit(midnight) + pl.duration(days=1) - pl.duration(seconds=1), "modified")
        dated = (
            untold.with_columns(at=pl.max_horizontal(end, "created"))
            .select(
                "case_id",
                pl.col("state").replace_strict(words, default=None, return_dtype=pl.String).alias("activity"),
                "at",
                actor=pl.lit(None, dtype=pl.String),
                origin=pl.lit("unknown"),
                rank=pl.lit(3),
                recorded_at=pl.lit(None, dtype=INSTANT),
            )
            .drop_nulls(["activity", "at"])
        )
        known = pl.concat([known, dated.cast(_TELLING)])
        job.note(
            f"{entity}: closings of which only the day is known: {dated.height}. They count as at the end of "
            "that day.",
            f"{entity} : clôtures dont seul le jour est connu : {dated.height}. Elles comptent à la fin de "
            "ce jour.",
        )
    known = pl.concat([known, _reopened(job, entity, now, known)])
    lost = now.filter((pl.col("state") > 0) & ~pl.col("case_id").is_in(known["case_id"].implode())).height
    if lost:
        job.note(
            f"{entity}: closed records of which nothing tells when they were closed: {lost}.",
            f"{entity} : fiches closes dont rien n'indique la date de clôture : {lost}.",
        )
    last = (
        known.filter(pl.col("activity").is_in(CLOSINGS))
        .group_by("case_id")
        .agg(pl.col("at").max().alias("closed_at"))
    )
    return Closings(known.drop("rank"), last)


def _reopened(job: Job, entity: str, now: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Records that are open after a closing, though nothing tells of a reopening: at the latest when last changed."""
    last = known.sort("case_id", "at", "activity").unique("case_id", keep="last", maintain_order=True)
    shut = last.filter(pl.col("activity").is_in(CLOSINGS)).select("case_id", closing="at")
    again = now.filter(pl.col("state") == 0).join(shut, on="case_id")
    if again.height:
        job.note(
            f"{entity}: records that are open again, and nothing tells since when: {again.height}. Their "
            "last change is taken.",
            f"{entity} : fiches rouvertes sans que rien ne dise depuis quand : {again.height}. Leur dernière "
            "modification est retenue.",
        )
    return again.select(
        "case_id",
        activity=pl.lit("reopened"),
        at=pl.max_horizontal("modified", "closing"),
        actor=pl.lit(None, dtype=pl.String),
        origin=pl.lit("unknown"),
        rank=pl.lit(3),
        recorded_at=pl.lit(None, dtype=INSTANT),
    ).cast(_TELLING)
