"""What changes mean: values of columns and actions of the log, as events of cases."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import polars as pl

from crmusage.adapters._core import Job
from crmusage.adapters.dynamics._changes import Changes, of
from crmusage.adapters.dynamics._directory import Directory
from crmusage.adapters.dynamics._money import Amounts
from crmusage.adapters.dynamics._options import (
    INCIDENT_HOLDS,
    INCIDENT_PRIORITY,
    OPPORTUNITY_HOLDS,
    Action,
    Hold,
)
from crmusage.adapters.dynamics._rows import INSTANT
from crmusage.adapters.dynamics._stages import Stages, stage_changes
from crmusage.adapters.dynamics._vocabulary import Vocabulary

EVENT: dict[str, pl.DataType] = {
    "case_id": pl.String(),
    "activity": pl.String(),
    "at": INSTANT,
    "actor": pl.String(),
    "recorded_at": INSTANT,
    "origin": pl.String(),
    "field": pl.String(),
    "old": pl.String(),
    "new": pl.String(),
    "quote_id": pl.String(),
}
"""An event before ids of users become persons."""

DERIVED = frozenset(
    {
        "modifiedon", "modifiedby", "modifiedonbehalfby", "versionnumber", "exchangerate", "owninguser",
        "owningteam", "owningbusinessunit", "owneridtype", "traversedpath", "processid", "stageid",
        "stepid", "timezoneruleversionnumber", "utcconversiontimezonecode", "lastonholdtime",
        "onholdtime", "totalamount", "totallineitemamount", "totalamountlessfreight",
        "totaldiscountamount", "totaltax", "totallineitemdiscountamount", "actualclosedate",
        "actualvalue", "resolvebyslastatus", "firstresponseslastatus", "slainvokedid", "createdon",
        "createdby",
    }
)  # fmt: skip
"""Columns that Dataverse writes itself when another one changes: the other one's event tells it."""

FREE_TEXTS = frozenset(
    {
        "name", "title", "description", "currentsituation", "customerneed", "customerpainpoints", "proposedsolution",
        "qualificationcomments", "quotecomments", "emailaddress", "ticketnumber",
    }
)  # fmt: skip
"""Columns in which somebody writes what they like, names of customers and persons too: only that they were changed is
told."""

STATES: Mapping[str, Mapping[str, str]] = {
    "opportunity": {"1": "won", "2": "lost", "0": "reopened"},
    "incident": {"1": "fulfilled", "2": "closed", "0": "reopened"},
}
"""What a new statecode means."""

ACTIONS: Mapping[str, Mapping[int, str]] = {
    "opportunity": {Action.WIN: "won", Action.LOSE: "lost", Action.REOPEN: "reopened"},
    "incident": {
        Action.CLOSE: "fulfilled",
        Action.RESOLVE: "fulfilled",
        Action.CANCEL: "closed",
        Action.REOPEN: "reopened",
        Action.ADD_TO_QUEUE: "rerouted",
    },
}
"""What an action of the log means by itself."""

SAME = pl.duration(seconds=60)
"""Two tellings of one closing (the closing activity, the log, the state) stand no further apart. Guessed."""


def empty() -> pl.DataFrame:
    """No events."""
    return pl.DataFrame(schema=EVENT)


def events(*frames: pl.DataFrame) -> pl.DataFrame:
    """Events of several sources as one frame, with all columns."""
    whole = [
        frame.select(_column(frame, name, dtype) for name, dtype in EVENT.items())
        for frame in frames
        if frame.height
    ]
    return pl.concat([empty(), *whole])


def _column(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)


@attrs.frozen(eq=False)
class Log:
    """The changes with their origins."""

    rows: pl.DataFrame
    values: pl.DataFrame


def log(changed: Changes, origin: pl.DataFrame) -> Log:
    """Rows and values with a column origin; first entries of a record are no changes of it."""
    later = pl.col("operation").fill_null(Action.UPDATE) != Action.CREATE
    rows, values = (
        frame.join(origin, on=" row", how="left").with_columns(pl.col("origin").fill_null("unknown"))
        for frame in (changed.rows, changed.values)
    )
    return Log(rows.filter(later), values.filter(later))


def changes_of_cases(
    job: Job,
    entity: str,
    told: Log,
    words: Vocabulary,
    *,
    stages: Stages | None = None,
    money: Amounts | None = None,
    money_of: pl.Series | None = None,
) -> pl.DataFrame:
    """Events of changed values of one table of cases, besides closings and reopenings."""
    values = told.values.filter(pl.col("entity") == entity)
    if not values.height and (stages is None or not told.values.height):
        return empty()
    changed = Changes(told.rows, told.values, audited=True)
    moved = values.filter(pl.col("field") == "statecode").select(" row", "record", "at").unique()
    parts = [_statuses(job, entity, values, moved, words)]
    used = {"statecode", "statuscode"}
    parts.append(_named(of(values, entity, ["ownerid"]), "owner_changed", "owner"))
    used.add("ownerid")
    if stages is not None:
        parts.append(_named(stage_changes(stages, changed, words), "stage_changed", "stage"))
        used |= {stages.source, "stageid", "stepname", "salesstage"}
    if entity == "opportunity":
        due = job.mapping.field(entity, "close_date", "estimatedclosedate").lower()
        dates = of(values, entity, [due]).with_columns(as_day(pl.col("old")), as_day(pl.col("new")))
        parts.append(
            _named(
                dates.filter(pl.col("old").fill_null("") != pl.col("new").fill_null("")),
                "close_date_changed",
                "close_date",
            )
        )
        used.add(due)
        field, priced = _prices(job, values, money, money_of)
        parts.append(_named(priced, "amount_changed", "amount"))
        used |= {field, "estimatedvalue", "estimatedvalue_base"}
    else:
        usual = {str(code): rank for code, rank in INCIDENT_PRIORITY.items()}
        ranks = {raw: str(rank) for raw, rank in job.mapping.rank(entity, "prioritycode", usual).items()}
        ranked = of(values, entity, ["prioritycode"]).with_columns(pl.col("old", "new").replace(ranks))
        parts.append(_named(ranked, "priority_changed", "priority"))
        used.add("prioritycode")
    left = values.filter(~pl.col("field").is_in(sorted(used)))
    by_itself = pl.col("field").is_in(sorted(DERIVED)) | pl.col("field").str.ends_with("_base")
    own = left.filter(by_itself).height
    if own:
        job.note(
            f"{entity}: changes of columns that Dataverse keeps itself, which are no events of their own: "
            f"{own}.",
            f"{entity} : changements de colonnes que Dataverse tient lui-même, qui ne comptent pas comme "
            f"événements : {own}.",
        )
    free = pl.col("field").is_in(sorted(FREE_TEXTS))
    rest = left.filter(~by_itself).with_columns(
        pl.when(~free).then("old").alias("old"), pl.when(~free).then("new").alias("new")
    )
    parts.append(
        rest.select(
            pl.col("record").alias("case_id"),
            pl.lit("updated").alias("activity"),
            "at",
            "actor",
            "origin",
            "field",
            "old",
            "new",
        )
    )
    return events(*parts)


def _named(values: pl.DataFrame, activity: str, field: str) -> pl.DataFrame:
    return values.select(
        pl.col("record").alias("case_id"),
        pl.lit(activity).alias("activity"),
        "at",
        "actor",
        "origin",
        pl.lit(field).alias("field"),
        "old",
        "new",
    )


def as_day(text: pl.Expr) -> pl.Expr:
    """A date as the log writes it (ISO, or month/day/year), as ISO; what is neither stays as it is."""
    iso = text.str.extract(r"^\s*(\d{4}-\d{2}-\d{2})")
    us = (
        text.str.extract(r"^\s*(\d{1,2}/\d{1,2}/\d{4})").str.to_date("%m/%d/%Y", strict=False).cast(pl.String)
    )
    return pl.coalesce(iso, us, text).name.keep()


def _prices(
    job: Job, values: pl.DataFrame, money: Amounts | None, case: pl.Series | None
) -> tuple[str, pl.DataFrame]:
    """Changes of the amount, in the currency of the amounts; what only its twin in the base currency tells counts
    where the amount itself is not logged.
    """
    field = job.mapping.field("opportunity", "amount", "estimatedvalue").lower()
    entered = of(values, "opportunity", [field])
    based = of(values, "opportunity", [f"{field}_base"])
    if not entered.height:
        return field, based
    if money is None or case is None:
        return field, entered
    factors = (
        pl.DataFrame({"record": case, "factor": money.factor})
        .drop_nulls("record")
        .unique("record", keep="first")
    )
    joined = entered.join(factors, on="record", how="left").with_columns(
        [_priced(name) for name in ("old", "new")]
    )
    return field, joined.drop("factor")


def _priced(name: str) -> pl.Expr:
    number = (pl.col(name).cast(pl.Float64, strict=False) * pl.col("factor").fill_null(1.0)).round(2)
    whole = number.cast(pl.Int64, strict=False)
    plain = pl.when(whole == number).then(whole.cast(pl.String)).otherwise(number.cast(pl.String))
    return pl.coalesce(plain, name).alias(name)


def _statuses(
    job: Job, entity: str, values: pl.DataFrame, moved: pl.DataFrame, words: Vocabulary
) -> pl.DataFrame:
    """Status reasons within a state: what entering or leaving one means; with the state, the state's event tells it."""
    found = values.filter(pl.col("field") == "statuscode")
    found = found.join(moved, on=[" row", "record", "at"], how="anti", nulls_equal=True)
    holds: dict[str, Hold] = {
        str(code): hold
        for code, hold in (INCIDENT_HOLDS if entity == "incident" else OPPORTUNITY_HOLDS).items()
    }
    label = {
        name: words.label(entity, "statuscode", found[name]).alias(f"{name}_label") for name in ("old", "new")
    }
    found = found.with_columns(label.values())
    usual = {code: hold.entered for code, hold in holds.items()}
    meanings = job.mapping.meaning(entity, "statuscode", usual)
    entered = pl.coalesce(
        pl.col("new").replace_strict(meanings, default=None, return_dtype=pl.String),
        pl.col("new_label").replace_strict(meanings, default=None, return_dtype=pl.String),
    )
    lefts = {
        code: hold.left
        for code, hold in holds.items()
        if hold.left is not None and meanings.get(code) == hold.entered
    }
    # A status that the owner says is a waiting or a question is left as those are.
    after = {"waiting": "resumed", "clarification_asked": "clarified"}
    lefts |= {raw: after[meaning] for raw, meaning in meanings.items() if meaning in after}
    left = pl.coalesce(
        pl.col("old").replace_strict(lefts, default=None, return_dtype=pl.String),
        pl.col("old_label").replace_strict(lefts, default=None, return_dtype=pl.String),
    )
    return found.select(
        pl.col("record").alias("case_id"),
        pl.coalesce(entered, left, pl.lit("updated")).alias("activity"),
        "at",
        "actor",
        "origin",
        pl.lit("status").alias("field"),
        pl.col("old_label").alias("old"),
        pl.col("new_label").alias("new"),
    )


def state_events(entity: str, told: Log) -> pl.DataFrame:
    """Closings and reopenings as the log tells them, by the new state and by the action, with their rank."""
    values = told.values.filter((pl.col("entity") == entity) & (pl.col("field") == "statecode"))
    reopens = (pl.col("new") != "0") | (pl.col("old").is_not_null() & (pl.col("old") != "0"))
    by_state = values.filter(reopens).select(
        pl.col("record").alias("case_id"),
        pl.col("new").replace_strict(STATES[entity], default=None, return_dtype=pl.String).alias("activity"),
        "at", "actor", "origin", pl.lit(1).alias("rank"),
    )  # fmt: skip
    rows = told.rows.filter(pl.col("entity") == entity)
    by_action = rows.select(
        pl.col("record").alias("case_id"),
        pl.col("action").replace_strict(ACTIONS[entity], default=None, return_dtype=pl.String).alias("activity"),
        "at", "actor", "origin", pl.lit(2).alias("rank"),
    )  # fmt: skip
    return pl.concat([by_state, by_action]).drop_nulls(["activity", "case_id"])


def once(tellings: pl.DataFrame) -> pl.DataFrame:
    """Each closing once, by the witness of the lowest rank, however many tell it."""
    order = tellings.sort("case_id", "activity", "at", "rank", "actor", nulls_last=True)
    follows = (pl.col("at") - pl.col("at").shift(1).over("case_id", "activity")) <= SAME
    grouped = order.with_columns(part=(~follows.fill_null(False)).cum_sum().over("case_id", "activity"))
    grouped = grouped.sort("case_id", "activity", "part", "rank", "at", "actor", nulls_last=True)
    return grouped.unique(["case_id", "activity", "part"], keep="first", maintain_order=True).drop("part")


def put_events(job: Job, people: Directory, frame: pl.DataFrame) -> None:
    """Put events, with persons for users and the units of those who acted."""
    if not frame.height:
        return
    frame = _without_persons(job, people, frame)
    owners = frame["activity"] == "owner_changed"
    old, new = (
        pl.select(
            pl.when(owners).then(people.person(frame[name], frame["at"])).otherwise(frame[name]).alias(name)
        ).to_series()
        for name in ("old", "new")
    )
    told = frame["origin"].fill_null("unknown")
    by_program = people.is_machine(frame["actor"]) & (told == "unknown")
    origin = told.zip_with(~by_program, pl.Series(["api"]).new_from_index(0, frame.height))
    columns = frame.with_columns(
        people.person(frame["actor"], frame["at"]).alias("actor"),
        people.unit(frame["actor"]).alias("unit"),
        origin.alias("origin"),
        old,
        new,
    )
    job.put("events", columns)


def _without_persons(job: Job, people: Directory, frame: pl.DataFrame) -> pl.DataFrame:
    """A column of one's own may hold users; a pseudonym would not reach them there."""
    users = people.kinds.filter(pl.col("kind") == "user")["id"].implode()
    named = (pl.col("activity") == "updated") & (
        pl.col("old").is_in(users) | pl.col("new").is_in(users)
    ).fill_null(False)
    count = frame.filter(named).height
    if not count:
        return frame
    job.note(
        f"Changes of columns that hold users: {count}. That they were changed is told, to whom is not.",
        f"Changements de colonnes qui désignent des utilisateurs : {count}. Le changement est gardé, pas les "
        "personnes.",
    )
    return frame.with_columns(pl.when(~named).then(name).alias(name) for name in ("old", "new"))
