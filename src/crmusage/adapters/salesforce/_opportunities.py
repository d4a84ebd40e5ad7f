"""Opportunities: how they stand now, and what their history says of how they came there."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table, Watch, changes, in_turn, seq
from crmusage.adapters.salesforce._common import (
    MISLEADING,
    NOT_FOR_PEOPLE,
    overridden,
    put_created,
    put_touched,
)
from crmusage.adapters.salesforce._money import Money
from crmusage.adapters.salesforce._people import People, owner_kind
from crmusage.adapters.salesforce._stages import Ends, endings, turns, with_known

KIND = "opportunity"

ACTIVITY_OF = {
    "won": "won",
    "fulfilled": "won",
    "lost": "lost",
    "declined": "lost",
    "cancelled": "lost",
    None: "closed",
}

WATCHED = (
    Watch("stage", "stage_changed"),
    Watch("amount", "amount_changed"),
    Watch("close_date", "close_date_changed"),
)


@attrs.frozen(eq=False)
class States:
    """Successive states of opportunities in turn, with columns case_id, at, actor and what is watched."""

    ordered: pl.DataFrame
    carry: list[str] = attrs.field(factory=list)


def put_opportunities(job: Job, people: People, ends: Ends, money: Money) -> States | None:
    """Put opportunities and the events of their history; the states that the closing times were read from."""
    table = job.table("Opportunity")
    states = _history(job, people) or _versions(job, people)
    if states is not None:
        created = pl.DataFrame({"case_id": table.id("Id"), "created": table.time("CreatedDate")}).drop_nulls()
        known = with_known(states.ordered, created.unique() if table.came else None)
        states = attrs.evolve(states, ordered=known)
    if states is not None:
        _put_changes(job, states, ends, people, money)
    if table.came:
        _put_cases(job, table, people, ends, money, states)
    elif states is not None:
        _put_from_states(job, states, ends, people)
    return states


def _put_cases(
    job: Job, table: Table, people: People, ends: Ends, money: Money, states: States | None
) -> None:
    now = table.only(table.current())
    case = now.id("Id", ("cases.case_id", "events.case_id"))
    created = now.time("CreatedDate", ("cases.created_at", "events.at"))
    owner = people.person(now.id("OwnerId", ("cases.owner", "cases.owner_kind")))
    creator = people.person(now.id("CreatedById", ("cases.created_by", "events.actor")), created)
    stage = now.text("StageName", ("cases.stage", "events.new"))
    is_closed = now.flag("IsClosed", ("cases.outcome", "cases.closed_at"))
    is_won = now.flag("IsWon", "cases.outcome")
    told = pl.DataFrame({"stage": stage, "closed": is_closed, "won": is_won, "outcome": ends.outcome(stage)})
    outcome = told.select(
        pl.when(pl.col("won"))
        .then(pl.lit("won"))
        .when(pl.col("closed"))
        .then(
            pl.when(pl.col("outcome").eq("won"))
            .then(pl.lit("lost"))
            .otherwise(pl.coalesce("outcome", pl.lit("lost")))
        )
        .when(pl.col("closed").is_null())
        .then("outcome")
        .alias("outcome")
    ).to_series()
    closed_at = _closed_at(now, case, created, outcome, states, ends)
    columns = {
        "case_id": case,
        "kind": pl.Series("kind", [KIND]).new_from_index(0, now.height),
        "created_at": created,
        "created_by": creator,
        "closed_at": closed_at,
        "outcome": outcome,
        "owner": owner,
        "owner_kind": owner_kind(owner, people),
        "unit": people.unit_of_owner(owner),
        "close_date": now.day("CloseDate", ("cases.close_date", "events.new")),
        "stage": stage,
        "account_id": money.accounts.of(now.id("AccountId", "cases.account_id")),
        "is_deleted": now.flag("IsDeleted", "cases.is_deleted").fill_null(False) | now.gone(),
        **money.columns(now),
    }
    columns |= overridden(job, now, "Opportunity")
    updated = pl.DataFrame(
        {
            "case_id": case,
            "at": now.time("LastModifiedDate", "events.at"),
            "login": now.id("LastModifiedById", "events.actor"),
            "created": created,
        }
    )
    put_created(job, case, created, creator, people, activity="created")
    put_touched(job, updated, people)
    for fields, reason in MISLEADING.items():
        now.ignore(fields, reason)
    now.ignore(("LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId"), NOT_FOR_PEOPLE)
    job.put("cases", {**columns, **now.kept("cases", but=columns)})


def _closed_at(
    now: Table, case: pl.Series, created: pl.Series, outcome: pl.Series, states: States | None, ends: Ends
) -> pl.Series:
    """The first closing row of the history; without one the last change of stage, and never the close date."""
    changed = now.time("LastStageChangeDate", "cases.closed_at")
    rows = pl.DataFrame({"case_id": case, "created": created, "outcome": outcome, "changed": changed})
    if states is not None:
        rows = rows.join(
            endings(states.ordered, ends, value="stage"), on="case_id", how="left", maintain_order="left"
        )
    else:
        rows = rows.with_columns(closed_at=pl.lit(None, dtype=pl.Datetime("us", "UTC")))
    return rows.select(
        pl.when(pl.col("outcome").is_not_null())
        # A history that was copied from elsewhere may say that a deal was closed before it was there.
        .then(
            pl.max_horizontal(
                pl.coalesce("closed_at", "changed"),
                pl.when(pl.coalesce("closed_at", "changed").is_not_null()).then("created"),
            )
        )
        .alias("closed_at")
    ).to_series()


def _history(job: Job, people: People) -> States | None:
    table = job.table("OpportunityHistory")
    if not table.came:
        return None
    at = table.time("CreatedDate", "events.at")
    frame = pl.DataFrame(
        {
            "case_id": table.id("OpportunityId", "events.case_id"),
            "at": at,
            "id": table.id("Id", "events.seq"),
            "actor": people.person(table.id("CreatedById", "events.actor"), at),
            "stage": table.text("StageName", ("events.old", "events.new")),
            "amount": table.number("Amount", ("events.old", "events.new")),
            "close_date": table.day("CloseDate", ("events.old", "events.new")),
            "probability": table.number("Probability", "events.probability"),
            "forecast_category": table.text("ForecastCategory", "events.forecast_category"),
            "gone": table.flag("IsDeleted", "events").fill_null(False) | table.gone(),
        }
    )
    # The first row that came of a case tells by itself what it was before, if earlier rows are not there.
    before = {
        "stage": table.text("FromOpportunityStageName", "events.old"),
        "amount": table.number("PrevAmount", "events.old"),
        "close_date": table.day("PrevCloseDate", "events.old"),
    }
    frame = frame.with_columns(
        value.alias(f"{name} before") for name, value in before.items() if value.null_count() < len(value)
    )
    table.ignore(
        (
            "ExpectedRevenue",
            "FromForecastCategory",
            "PrevForecastUpdate",
            "PrevOpportunityStageUpdate",
            "ValidThroughDate",
        ),
        NOT_FOR_PEOPLE,
    )
    table.ignore(("SystemModstamp", "CreatedDateForInsert", "CurrencyIsoCode"), NOT_FOR_PEOPLE)
    if frame["gone"].any():
        frame = frame.filter(~pl.col("gone"))
    carry = [
        name
        for name in ("actor", "probability", "forecast_category")
        if frame[name].null_count() < frame.height
    ]
    frame = frame.drop("gone").drop(
        name for name in ("probability", "forecast_category") if name not in carry
    )
    return States(in_turn(frame, ["id"]), carry)


def _versions(job: Job, people: People) -> States | None:
    """The states that a connector kept, where Salesforce's own history did not come."""
    table = job.table("Opportunity")
    if not table.came or not table.has_versions:
        return None
    since = table.valid_from()
    frame = pl.DataFrame(
        {
            "case_id": table.id("Id"),
            "at": since,
            "actor": people.person(table.id("LastModifiedById", "events.actor"), since),
            "stage": table.text("StageName"),
            "amount": table.number("Amount"),
            "close_date": table.day("CloseDate"),
            "owner": people.person(table.id("OwnerId", ("events.old", "events.new")), since),
        }
    ).filter(pl.col("at").is_not_null())
    job.note(
        "Changes of opportunities are read off the states that the connector kept: of several changes between two "
        "of its runs only the last is seen.",
        "Les changements des opportunités sont déduits des états conservés par le connecteur : de plusieurs "
        "changements entre deux passages, seul le dernier est visible.",
    )
    return States(in_turn(frame), ["actor"])


def _put_changes(job: Job, states: States, ends: Ends, people: People, money: Money) -> None:
    ordered, carry = states.ordered, states.carry
    watched = [*WATCHED, *([Watch("owner", "owner_changed")] if "owner" in ordered.columns else [])]
    found = [changes(ordered, watched, carry=carry)]
    found.extend(
        _first_change(ordered, watch, carry, place)
        for place, watch in enumerate(WATCHED)
        if f"{watch.column} before" in ordered.columns
    )
    found.append(_quiet(ordered, watched, carry))
    found.append(
        turns(
            ordered,
            ends,
            value="stage",
            activity_of=ACTIVITY_OF,
            seqs=seq(pl.col(" row"), len(watched)),
            carry=carry,
        )
    )
    events = pl.concat(found, how="diagonal")
    events = money.of_events(events)
    if "actor" in events.columns:
        events = events.with_columns(people.unit_of(events["actor"]).alias("unit"))
    job.put("events", events)


def _first_change(ordered: pl.DataFrame, watch: Watch, carry: list[str], place: int) -> pl.DataFrame:
    """What the first row that came of a case says it was before; a created one was nothing before."""
    before = pl.col(f"{watch.column} before")
    rows = ordered.filter(pl.col(" first") & before.is_not_null() & before.ne_missing(pl.col(watch.column)))
    rows = rows.with_columns(pl.col(watch.column).shift(0).alias("now"))
    pairs = pl.concat(
        [
            rows.select("case_id", "at", *carry, pl.col(" row"), before.alias(watch.column)).with_columns(
                pl.lit(True).alias(" first"), pl.int_range(pl.len()).alias("pair"), pl.lit(0).alias("side")
            ),
            rows.select("case_id", "at", *carry, pl.col(" row"), pl.col(watch.column)).with_columns(
                pl.lit(False).alias(" first"), pl.int_range(pl.len()).alias("pair"), pl.lit(1).alias("side")
            ),
        ]
    ).sort("pair", "side")
    return changes(pairs, [watch], carry=carry, first=place)


def _quiet(ordered: pl.DataFrame, watched: list[Watch], carry: list[str]) -> pl.DataFrame:
    """Rows in which nothing that is watched changed: something else did, the probability for one."""
    alike = pl.all_horizontal(pl.col(one.column).eq_missing(pl.col(one.column).shift(1)) for one in watched)
    return ordered.filter(~pl.col(" first") & alike).select(
        "case_id", "at", pl.lit("updated").alias("activity"), seq(pl.col(" row"), 0).alias("seq"), *carry
    )


def _put_from_states(job: Job, states: States, ends: Ends, people: People) -> None:
    """Cases of which only the history came: they begin with its first row and stand as its last one says."""
    ordered = states.ordered.filter(pl.col("case_id").is_not_null())
    ended = endings(ordered, ends, value="stage")
    first = ordered.unique("case_id", keep="first", maintain_order=True)
    last = ordered.unique("case_id", keep="last", maintain_order=True)
    cases = (
        first.select("case_id", created_at="at", created_by="actor")
        .join(
            last.select("case_id", "stage", "amount", "close_date"),
            on="case_id",
            how="left",
            maintain_order="left",
        )
        .join(ended, on="case_id", how="left", maintain_order="left")
    )
    over = ends.closed(cases["stage"])
    cases = cases.with_columns(
        pl.lit(KIND).alias("kind"),
        ends.outcome(cases["stage"]).alias("outcome"),
        people.unit_of(cases["created_by"]).alias("unit"),
    ).with_columns(pl.when(over).then("outcome").alias("outcome"))
    job.put("cases", cases)
    job.note(
        "The table Opportunity did not come: each opportunity begins with the first row of its history and stands as "
        "the last one says; whose it is, nobody knows.",
        "La table Opportunity n'a pas été fournie : chaque opportunité commence à la première ligne de son "
        "historique et se trouve dans l'état de la dernière ; son propriétaire reste inconnu.",
    )
