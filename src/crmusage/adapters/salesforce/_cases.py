"""Cases, which are requests here: how they stand, and what was done with them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from crmusage.adapters._core import Job, Table, Watch, changes, in_turn, seq
from crmusage.adapters.salesforce._common import (
    MISLEADING,
    NOT_FOR_PEOPLE,
    overridden,
    put_created,
    put_touched,
)
from crmusage.adapters.salesforce._field_history import Parent, put_field_history, rows_of
from crmusage.adapters.salesforce._money import Money
from crmusage.adapters.salesforce._people import People, owner_kind
from crmusage.adapters.salesforce._stages import Ends, endings, turns, with_known
from crmusage.model import Text

KIND = "request"

OUTSIDERS = Text(
    en="tells a person outside the company",
    fr="concerne une personne extérieure à l'entreprise",
)
_CONTACT = (
    "ContactEmail",
    "ContactFax",
    "ContactMobile",
    "ContactPhone",
    "SuppliedEmail",
    "SuppliedName",
    "SuppliedPhone",
)

RANKS: Mapping[str, int] = {"High": 1, "Medium": 2, "Normal": 2, "Low": 3}
"""Salesforce's own three. Others have no place here until the mapping gives them one."""

STATUSES: Mapping[str, str] = {
    "Accepted": "accepted",
    "Assigned": "accepted",
    "Working": "started",
    "In Progress": "started",
    "On Hold": "waiting",
    "Pending": "waiting",
    "Waiting": "waiting",
    "Waiting on Customer": "clarification_asked",
    "Waiting for Customer": "clarification_asked",
    "Rejected": "refused",
    "Declined": "refused",
    "Deferred": "deferred",
    "Returned": "returned",
}
"""What a change to a status means, by names that are often used; the mapping knows the owner's."""

HELD = ("waiting", "clarification_asked", "deferred")
"""Meanings from which work is taken up again."""

ENDED: Mapping[str | None, str] = {
    "fulfilled": "fulfilled",
    "won": "fulfilled",
    "lost": "closed",
    "declined": "closed",
    "cancelled": "closed",
    None: "closed",
}
"""The event that ends a case, by its outcome."""

PARENT = Parent("Case", {"Priority": ("priority_changed", "priority"), "Status": ("stage_changed", "stage")})


def put_cases(job: Job, people: People, ends: Ends, money: Money) -> None:
    """Put cases and the events of their history."""
    table = job.table("Case")
    rows = rows_of(job, PARENT)
    states = _exported_states(job, people)
    if rows is not None:
        put_field_history(job, rows, PARENT, people, but=frozenset({"Status"}))
        states = _states(rows, people)
    elif states is None and table.came and table.has_versions:
        states = _versions(table, people)
    meanings = job.mapping.meaning("Case", "Status", STATUSES)
    if states is not None:
        created = pl.DataFrame({"case_id": table.id("Id"), "created": table.time("CreatedDate")}).drop_nulls()
        states = with_known(states, created.unique() if table.came else None)
        _put_statuses(job, states, ends, people, meanings)
    if table.came:
        _put(job, table, people, ends, money, states)


def _put(
    job: Job, table: Table, people: People, ends: Ends, money: Money, states: pl.DataFrame | None
) -> None:
    now = table.only(table.current())
    case = now.id("Id", ("cases.case_id", "events.case_id"))
    created = now.time("CreatedDate", ("cases.created_at", "events.at"))
    creator = people.person(now.id("CreatedById", ("cases.created_by", "events.actor")), created)
    owner = people.person(now.id("OwnerId", ("cases.owner", "cases.owner_kind")))
    status = now.text("Status", ("cases.stage", "events.new"))
    is_closed = now.flag("IsClosed", ("cases.outcome", "cases.closed_at"))
    over = is_closed.zip_with(is_closed.is_not_null(), ends.closed(status))
    merged = now.id("MasterRecordId", ("cases.outcome", "cases.merged_into"))
    closed_at = now.time("ClosedDate", "cases.closed_at")
    frame = pl.DataFrame({"case_id": case, "closed_at": closed_at, "created": created})
    if states is not None:
        read = endings(states, ends, value="stage").rename({"closed_at": "read"})
        frame = frame.join(read, on="case_id", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("closed_at", "read").alias("closed_at"))
    frame = frame.with_columns(over=over, outcome=ends.outcome(status), merged=merged.is_not_null())
    backdated = int((frame["over"] & (frame["closed_at"] < frame["created"])).fill_null(False).sum())
    if backdated:
        job.note(
            f"Cases closed before they were entered ({backdated}), as it happens when old ones are loaded, are taken "
            "as closed when they were entered.",
            f"Les requêtes closes avant leur saisie ({backdated}), comme lors d'une reprise de données, sont "
            "considérées comme closes à leur saisie.",
        )
    columns = {
        "case_id": case,
        "kind": pl.Series("kind", [KIND]).new_from_index(0, now.height),
        "created_at": created,
        "created_by": creator,
        "closed_at": frame.select(
            pl.when("over").then(
                pl.when(pl.col("closed_at").is_not_null()).then(pl.max_horizontal("closed_at", "created"))
            )
        ).to_series(),
        "outcome": frame.select(
            pl.when(pl.col("over") & pl.col("merged")).then(pl.lit("cancelled")).when("over").then("outcome")
        ).to_series(),
        "owner": owner,
        "owner_kind": owner_kind(owner, people),
        "unit": people.unit_of_owner(owner),
        "priority_rank": _ranks(job, now),
        "priority": now.text("Priority", ("cases.priority_rank", "cases.priority")),
        "due_at": now.time("SlaExitDate", "cases.due_at"),
        "stage": status,
        "parent_id": now.id("ParentId", "cases.parent_id"),
        "account_id": money.accounts.of(now.id("AccountId", "cases.account_id")),
        "merged_into": merged,
        "channel": now.text("Origin", "cases.channel"),
        "is_deleted": now.flag("IsDeleted", "cases.is_deleted").fill_null(False) | now.gone(),
    }
    columns |= overridden(job, now, "Case")
    put_created(job, case, created, creator, people, activity="submitted")
    put_touched(
        job,
        pl.DataFrame(
            {
                "case_id": case,
                "at": now.time("LastModifiedDate", "events.at"),
                "login": now.id("LastModifiedById", "events.actor"),
                "created": created,
            }
        ),
        people,
    )
    for fields, reason in MISLEADING.items():
        now.ignore(fields, reason)
    now.ignore(_CONTACT, OUTSIDERS)
    job.put("cases", {**columns, **now.kept("cases", but=columns)})


def _ranks(job: Job, table: Table) -> pl.Series:
    ranks = job.mapping.rank("Case", "Priority", RANKS)
    priority = table.text("Priority", "cases.priority_rank")
    rank = priority.replace_strict(list(ranks), list(ranks.values()), default=None, return_dtype=pl.Int64)
    strange = sorted(priority.filter(rank.is_null() & priority.is_not_null()).unique().to_list())
    if strange:
        job.note(
            f"Priorities of cases that have no rank: {', '.join(strange[:10])}; give it in the mapping, "
            "under ranks.Case.Priority.",
            f"Priorités de requêtes sans rang : {', '.join(strange[:10])} ; indiquez-le dans la correspondance, sous "
            "ranks.Case.Priority.",
        )
    return rank.alias("priority_rank")


def _states(rows: pl.DataFrame, people: People) -> pl.DataFrame:
    """The statuses that a history of fields tells; what a case was before the first change is its first state."""
    changed = rows.filter(pl.col("field") == "Status")
    after = changed.select("case_id", "at", "id", "login", stage="new")
    first = changed.sort("case_id", "at", "id", "old", nulls_last=True).unique(
        "case_id", keep="first", maintain_order=True
    )
    # It held before its first change, from nobody knows when: a moment before stands for that.
    before = first.select(
        "case_id", pl.col("at") - pl.duration(microseconds=1), pl.lit("").alias("id"), "login", stage="old"
    )
    frame = pl.concat([before, after])
    actor = people.person(frame["login"], frame["at"])
    return in_turn(frame.drop("login").with_columns(actor.alias("actor")), ["id"])


def _exported_states(job: Job, people: People) -> pl.DataFrame | None:
    """The Data Export service's CaseHistory: rows of states, not of changes."""
    table = job.table("CaseHistory")
    if not table.came or table.has("Field") or not table.has("Status"):
        return None
    table.ignore(("PreviousUpdate",), NOT_FOR_PEOPLE)
    at = table.time("LastModifiedDate", "events.at")
    owner = people.person(table.id("OwnerId", ("events.old", "events.new")), at)
    gone = table.flag("IsDeleted", "events").fill_null(False) | table.gone()
    frame = pl.DataFrame(
        {
            "case_id": table.id("CaseId", "events.case_id"),
            "at": at,
            "id": table.id("Id", "events.seq"),
            "stage": table.text("Status", ("events.old", "events.new")),
            "owner": owner,
            "actor": people.person(table.id("LastModifiedById", "events.actor"), at),
        }
    ).filter(~gone)
    return in_turn(frame, ["id"])


def _versions(table: Table, people: People) -> pl.DataFrame:
    since = table.valid_from()
    frame = pl.DataFrame(
        {
            "case_id": table.id("Id"),
            "at": since,
            "stage": table.text("Status"),
            "owner": people.person(table.id("OwnerId", ("events.old", "events.new")), since),
            "actor": people.person(table.id("LastModifiedById", "events.actor"), since),
        }
    ).filter(pl.col("at").is_not_null())
    return in_turn(frame)


def _put_statuses(
    job: Job, states: pl.DataFrame, ends: Ends, people: People, meanings: Mapping[str, str]
) -> None:
    """Changes of status by what they mean: ended, reopened, held, taken up again, or only changed."""
    ended = turns(
        states,
        ends,
        value="stage",
        activity_of=ENDED,
        seqs=seq(pl.col(" row"), 1),
        carry=["actor", "stage"],
    ).rename({"stage": "new"})
    closed = ends.closed(states["stage"])
    meaning = states["stage"].replace_strict(
        list(meanings), list(meanings.values()), default=None, return_dtype=pl.String
    )
    frame = states.with_columns(closed=closed, meaning=meaning)
    before = pl.col("meaning").shift(1)
    changed = ~pl.col(" first") & pl.col("stage").ne_missing(pl.col("stage").shift(1))
    was_closed = pl.col("closed").shift(1).fill_null(False)
    moved = (
        frame.with_columns(
            old=pl.col("stage").shift(1),
            activity=pl.when(pl.col("meaning").is_not_null())
            .then("meaning")
            .when(before.is_in(list(HELD)).fill_null(False))
            .then(pl.lit("resumed"))
            .otherwise(pl.lit("stage_changed")),
        )
        .filter(changed & ~pl.col("closed") & ~was_closed)
        .select("case_id", "at", "activity", seq(pl.col(" row"), 0).alias("seq"), "old", "actor", new="stage")
    )
    events = [moved, ended]
    if "owner" in states.columns:
        owners = changes(states, [Watch("owner", "owner_changed")], carry=["actor"])
        events.append(owners.with_columns(seq=pl.col("seq") + 1))
    found = pl.concat(events, how="diagonal").with_columns(
        field=pl.when(pl.col("activity") == "owner_changed").then(pl.lit("owner")).otherwise(pl.lit("stage"))
    )
    job.put("events", found.with_columns(people.unit_of(found["actor"]).alias("unit")))
