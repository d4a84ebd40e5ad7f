"""Which values of a picklist end a record, and how, as the CRM itself tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import polars as pl

from crmusage.adapters._core import FIRST, Job, Table

USUAL_STAGES: Mapping[str, str | None] = {"Closed Won": "won", "Closed Lost": "lost"}
"""What Salesforce delivers, until an administrator says otherwise."""

USUAL_ENDS: Mapping[str, str | None] = {
    "Closed": None,
    "Resolved": "fulfilled",
    "Solved": "fulfilled",
    "Completed": "fulfilled",
    "Rejected": "declined",
    "Declined": "declined",
    "Cancelled": "cancelled",
    "Canceled": "cancelled",
    "Duplicate": "cancelled",
    "Merged": "cancelled",
}
"""How a case ended, by names of statuses that are often used. What "Closed" came to it does not say."""


@attrs.frozen(eq=False)
class Ends:
    """The values that end a record, and the outcome of each (missing: ended, nobody says how)."""

    outcomes: Mapping[str, str | None]

    def closed(self, value: pl.Series) -> pl.Series:
        """Which values end a record."""
        return value.is_in(list(self.outcomes)).fill_null(False)

    def outcome(self, value: pl.Series) -> pl.Series:
        """The outcome that each value gives."""
        told = {name: outcome for name, outcome in self.outcomes.items() if outcome is not None}
        return value.replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)


def of_opportunities(job: Job, opportunities: Table) -> Ends:
    """The stages that end an opportunity: the mapping's word, else the picklist's, else the records'."""
    outcomes: dict[str, str | None] = dict(USUAL_STAGES)
    stage = opportunities.text("StageName", ("cases.stage", "events.new"))
    closed = opportunities.flag("IsClosed", ("cases.outcome", "cases.closed_at"))
    won = opportunities.flag("IsWon", "cases.outcome")
    told = pl.DataFrame({"stage": stage, "closed": closed, "won": won}).drop_nulls("stage")
    _learn(outcomes, told, job, "Opportunity.StageName")
    picklist = job.table("OpportunityStage")
    if picklist.came:
        told = pl.DataFrame(
            {
                "stage": picklist.text("MasterLabel", "vocabulary.raw"),
                "closed": picklist.flag("IsClosed", "cases.outcome"),
                "won": picklist.flag("IsWon", "cases.outcome"),
            }
        )
        _learn(outcomes, told.drop_nulls("stage"), job, "OpportunityStage")
    return Ends({**outcomes, **job.mapping.outcomes.get("Opportunity", {}).get("StageName", {})})


def _learn(outcomes: dict[str, str | None], told: pl.DataFrame, job: Job, where: str) -> None:
    """Take what rows tell of their stage; a stage that ends some records and not others counts by most of them."""
    known = told.filter(pl.col("closed").is_not_null() | pl.col("won").is_not_null())
    sums = known.group_by("stage").agg(
        n=pl.len(),
        closed=(pl.col("closed").fill_null(False) | pl.col("won").fill_null(False)).sum(),
        won=pl.col("won").fill_null(False).sum(),
    )
    torn = []
    for row in sums.sort("stage").to_dicts():
        if 0 < row["closed"] < row["n"]:
            torn.append(row["stage"])
        if row["closed"] * 2 > row["n"]:
            outcomes[row["stage"]] = "won" if row["won"] * 2 > row["closed"] else "lost"
        else:
            outcomes.pop(row["stage"], None)
    if torn:
        named = ", ".join(torn)
        job.note(
            f"{where}: records of one stage are closed and open at once ({named}); what most of them are counts for "
            "their past.",
            f"{where} : des enregistrements d'une même étape sont à la fois clos et ouverts ({named}) ; pour leur "
            "passé, la majorité l'emporte.",
        )


def of_cases(job: Job, cases: Table) -> Ends:
    """The statuses that end a case: the mapping's word, else the picklist's, else the records'."""
    outcomes: dict[str, str | None] = dict(USUAL_ENDS)
    status = cases.text("Status", ("cases.stage", "events.new"))
    closed = cases.flag("IsClosed", ("cases.outcome", "cases.closed_at"))
    told = [pl.DataFrame({"status": status, "closed": closed})]
    picklist = job.table("CaseStatus")
    if picklist.came:
        told.append(
            pl.DataFrame(
                {
                    "status": picklist.text("MasterLabel", "vocabulary.raw"),
                    "closed": picklist.flag("IsClosed", "cases.outcome"),
                }
            )
        )
    for frame in told:
        for name, n, ended in (
            frame.drop_nulls().group_by("status").agg(pl.len(), pl.col("closed").sum()).iter_rows()
        ):
            if ended * 2 > n:
                outcomes.setdefault(name, None)
            else:
                outcomes.pop(name, None)
    return Ends({**outcomes, **job.mapping.outcomes.get("Case", {}).get("Status", {})})


KNOWN = " known"
"""Whether a state began when its row says; of the first row that came of a record, only its creation tells that."""

AT_ONCE = dt.timedelta(minutes=1)
"""A first state so soon after the creation is the one in which the record was entered. Guessed."""


def with_known(ordered: pl.DataFrame, created: pl.DataFrame | None) -> pl.DataFrame:
    """States in turn with the column ` known`; `created` has the columns case_id and created, None: nobody knows."""
    if created is None:
        return ordered.with_columns(pl.lit(True).alias(KNOWN))
    first = ordered.filter(FIRST).select("case_id", "at").unique("case_id")
    late = first.join(created.unique("case_id", keep="none"), on="case_id").filter(
        (pl.col("at") - pl.col("created")).abs() > AT_ONCE
    )
    seen_late = pl.col(FIRST) & pl.col("case_id").is_in(late["case_id"].implode()).fill_null(False)
    return ordered.with_columns((~seen_late).alias(KNOWN))


def endings(ordered: pl.DataFrame, ends: Ends, *, value: str) -> pl.DataFrame:
    """When each case ended for the last time, read off its states in turn: columns case_id, closed_at.

    The first row of the last stretch in which it is ended counts: later rows tell edits of what is over. A case
    whose last row is open has none, nor one that was over already when it was first seen.
    """
    closed = ends.closed(ordered[value])
    frame = ordered.select("case_id", "at", FIRST, KNOWN).with_columns(closed.alias("closed"))
    begins = pl.col("closed") & pl.col(KNOWN) & (pl.col(FIRST) | ~pl.col("closed").shift(1).fill_null(False))
    last = (
        frame.filter(pl.col("case_id").is_not_null())
        .group_by("case_id")
        .agg(pl.col("closed").last().alias("over"))
    )
    starts = frame.filter(begins).unique("case_id", keep="last", maintain_order=True)
    return starts.join(last.filter("over"), on="case_id", how="semi").select("case_id", closed_at="at")


def turns(
    ordered: pl.DataFrame,
    ends: Ends,
    *,
    value: str,
    activity_of: Mapping[str | None, str],
    seqs: pl.Expr,
    carry: list[str],
) -> pl.DataFrame:
    """Events for records that end, end otherwise or begin anew; `activity_of` names the event of each outcome."""
    closed, outcome = ends.closed(ordered[value]), ends.outcome(ordered[value])
    frame = ordered.with_columns(closed=closed, outcome=outcome)
    new = pl.col(FIRST)
    before = pl.when(new).then(False).otherwise(pl.col("closed").shift(1).fill_null(False))
    other = pl.col("outcome").ne_missing(pl.col("outcome").shift(1))
    ended = pl.col("closed") & (~before | (other & ~new))
    reopened = ~pl.col("closed") & before
    names = pl.col("outcome").replace_strict(
        [one for one in activity_of if one is not None],
        [name for one, name in activity_of.items() if one is not None],
        return_dtype=pl.String,
    )
    names = names.fill_null(activity_of[None])
    return (
        frame.filter((ended & pl.col(KNOWN)) | reopened)
        .with_columns(activity=pl.when("closed").then(names).otherwise(pl.lit("reopened")))
        .select("case_id", "at", "activity", seqs.alias("seq"), *carry)
    )
