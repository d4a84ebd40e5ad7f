"""Opportunities and requests, as they stand."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table, read_as
from crmusage.adapters.dynamics._changes import Changes
from crmusage.adapters.dynamics._closings import Closings, incident_closings, opportunity_closings
from crmusage.adapters.dynamics._directory import Directory
from crmusage.adapters.dynamics._entities import CASES
from crmusage.adapters.dynamics._events import EVENT, FREE_TEXTS, Log, changes_of_cases, empty, events
from crmusage.adapters.dynamics._money import Amounts, Currencies, amounts
from crmusage.adapters.dynamics._options import (
    INCIDENT_OUTCOMES,
    INCIDENT_PRIORITY,
    INVERTED,
    OPPORTUNITY_OUTCOMES,
    Action,
)
from crmusage.adapters.dynamics._rows import ids, latest
from crmusage.adapters.dynamics._stages import Stages, stage_now, stages
from crmusage.adapters.dynamics._vocabulary import Vocabulary
from crmusage.history import columns_of
from crmusage.model import Text

FREE_TEXT = Text(
    en="free text, which may name customers; what happened is told elsewhere",
    fr="texte libre, qui peut nommer des clients ; ce qui s'est passé est dit ailleurs",
)
LOCALISED = Text(
    en="the display text of a value, in the language and zone of who asked; the value itself is read",
    fr="texte affiché d'une valeur, dans la langue et le fuseau du demandeur ; la valeur elle-même est lue",
)
OTHER_STAGE = Text(en="another column tells the stage", fr="une autre colonne indique l'étape")
OF_THE_OWNER = Text(
    en="another column tells whose it is and who did it",
    fr="une autre colonne dit à qui il est et qui l'a fait",
)

TOLD_RIGHT: Mapping[str, str] = {
    "pursuitdecision": "pursuit_decided",
    "evaluatefit": "fit_evaluated",
    "resolvefeedback": "feedback_resolved",
}
"""What attributes are called that say Yes where Dataverse stores 0."""


@attrs.frozen(eq=False)
class CasesRead:
    """What a table of cases came to."""

    happened: pl.DataFrame
    """Events, as in EVENT."""
    stages: Stages | None = None
    steps: tuple[str, ...] = ()
    """Stages that occur."""


def put_opportunities(
    job: Job, people: Directory, known: Currencies, told: Log, changed: Changes, words: Vocabulary
) -> CasesRead:
    """Put the opportunities, and tell what happened to them."""
    table = latest(job.table("opportunity"))
    if not table.came and not (changed.rows["entity"] == "opportunity").any():
        return CasesRead(empty())
    case = ids(table.id("opportunityid", to="cases.case_id"))
    state = table.whole("statecode", to="cases.outcome")
    found = stages(job, table, words)
    now = stage_now(found, table, case, words)
    money = _money(job, table, state, known)
    closings = opportunity_closings(job, table, case, told)
    outcome = _outcome(job, "opportunity", table, state, OPPORTUNITY_OUTCOMES)
    columns = {
        **_shared(job, "opportunity", table, case, people, closings, state, outcome),
        "stage": now,
        "amount": money.amount,
        "currency": money.currency,
        "close_date": table.day(
            job.mapping.field("opportunity", "close_date", "estimatedclosedate"), to="cases.close_date"
        ),
        "status": words.label("opportunity", "statuscode", table.text("statuscode")),
    }
    if money.entered is not None and money.entered_in is not None:
        columns["amount_entered"] = money.entered
        columns["currency_entered"] = money.entered_in
    for field in sorted(INVERTED):
        if table.has(field):
            columns[TOLD_RIGHT[field]] = ~table.flag(field, to=f"cases.{TOLD_RIGHT[field]}")
    if any(table.has(field) for field in INVERTED):
        job.note(
            "Dataverse stores 0 for Yes in pursuitdecision, evaluatefit and resolvefeedback, and 0 is their "
            "default: an opportunity that nobody touched reads as decided. They are kept turned round, by "
            "other names.",
            "Dataverse enregistre 0 pour Oui dans pursuitdecision, evaluatefit et resolvefeedback, et 0 est "
            "leur valeur par défaut : une opportunité que personne n'a touchée passe pour décidée. Ils sont "
            "gardés à l'endroit, sous d'autres noms.",
        )
    table.ignore(FREE_TEXTS, FREE_TEXT)
    table.ignore(
        [one for one in ("stepname", "salesstage", "stageid", "stepid") if one != found.source], OTHER_STAGE
    )
    _put(job, table, case, columns)
    happened = events(
        _created("opportunity", table, case),
        closings.events,
        changes_of_cases(job, "opportunity", told, words, stages=found, money=money, money_of=case),
        _flow_events(found, told),
    )
    _put_deleted(job, "opportunity", case, changed, people)
    steps = {*now.drop_nulls().to_list()}
    moved = happened.filter(pl.col("activity") == "stage_changed")
    steps |= {*moved["old"].drop_nulls().to_list(), *moved["new"].drop_nulls().to_list()}
    return CasesRead(happened, found, tuple(sorted(steps)))


def put_incidents(job: Job, people: Directory, told: Log, changed: Changes, words: Vocabulary) -> CasesRead:
    """Put the requests, and tell what happened to them."""
    table = latest(job.table("incident"))
    if not table.came and not (changed.rows["entity"] == "incident").any():
        return CasesRead(empty())
    case = ids(table.id("incidentid", to="cases.case_id"))
    state = table.whole("statecode", to="cases.outcome")
    closings = incident_closings(job, table, case, told)
    outcome = _outcome(job, "incident", table, state, INCIDENT_OUTCOMES)
    usual = {str(code): rank for code, rank in INCIDENT_PRIORITY.items()}
    ranks = job.mapping.rank("incident", "prioritycode", usual)
    priority = table.text("prioritycode", to="cases.priority_rank")
    spoken = words.label("incident", "prioritycode", priority)
    rank = pl.select(
        pl.coalesce(
            priority.replace_strict(ranks, default=None, return_dtype=pl.Int64),
            spoken.replace_strict(ranks, default=None, return_dtype=pl.Int64),
        )
    ).to_series()
    strange = sorted(priority.filter(rank.is_null() & priority.is_not_null()).unique().to_list())
    if strange:
        job.note(
            f"Values of prioritycode that have no rank: {', '.join(strange[:10])}; give it in the mapping, under "
            "ranks.incident.prioritycode.",
            f"Valeurs de prioritycode sans rang : {', '.join(strange[:10])} ; indiquez-le dans la correspondance, sous "
            "ranks.incident.prioritycode.",
        )
    columns = {
        **_shared(job, "incident", table, case, people, closings, state, outcome),
        "priority_rank": rank,
        "due_at": table.time(job.mapping.field("incident", "due_at", "resolveby"), to="cases.due_at"),
        "parent_id": ids(table.id("parentcaseid", to="cases.parent_id")),
        "merged_into": ids(table.id("masterid", to="cases.merged_into")),
        "stage": words.label(
            "incident",
            "servicestage",
            table.text(job.mapping.field("incident", "stage", "servicestage"), to="cases.stage"),
        ),
        "status": words.label("incident", "statuscode", table.text("statuscode")),
    }
    for field, name in (("caseorigincode", "channel"), ("casetypecode", "case_type")):
        if table.has(field):
            columns[name] = words.label("incident", field, table.text(field, to=f"cases.{name}"))
    table.ignore(FREE_TEXTS, FREE_TEXT)
    _put(job, table, case, columns)
    _put_deleted(job, "incident", case, changed, people)
    happened = events(
        _created("incident", table, case),
        closings.events,
        changes_of_cases(job, "incident", told, words),
    )
    return CasesRead(happened)


def _outcome(
    job: Job, entity: str, table: Table, state: pl.Series, usual: Mapping[int, str | None]
) -> pl.Series:
    """By the state; what the owner of the CRM says of a status reason goes before it."""
    found = state.replace_strict(dict(usual), default=None, return_dtype=pl.String)
    own = job.mapping.outcome(entity, "statuscode", {})
    if not own:
        return found
    said = table.text("statuscode", to="cases.outcome").replace_strict(
        own, default=None, return_dtype=pl.String
    )
    return pl.select(pl.coalesce(pl.when(pl.lit(state) > 0).then(said), found)).to_series()


def _money(job: Job, table: Table, state: pl.Series, known: Currencies) -> Amounts:
    """What was earned for what was won, what is hoped for else."""
    field = job.mapping.field("opportunity", "amount", "estimatedvalue")
    won = (state == 1).fill_null(False)

    def side(suffix: str) -> pl.Series:
        hoped = table.number(f"{field}{suffix}", to="cases.amount")
        earned = table.number(f"actualvalue{suffix}", to="cases.amount")
        use = won & earned.is_not_null() & (field == "estimatedvalue")
        return earned.zip_with(use, hoped)

    return amounts(job, table, side(""), side("_base"), known, "opportunity")


def _shared(
    job: Job,
    entity: str,
    table: Table,
    case: pl.Series,
    people: Directory,
    closings: Closings,
    state: pl.Series,
    outcome: pl.Series,
) -> dict[str, pl.Series]:
    owner = ids(table.id("ownerid", to="cases.owner"))
    kind = people.kind(owner, table.text("ownerid_type", to="cases.owner_kind"))
    unit_id = ids(table.id("owningbusinessunit", to="cases.unit"))
    # A unit of the owner's that the mapping names goes before the record's business unit.
    unit = people.unit_name(unit_id)
    if job.mapping.unit is not None:
        unit = pl.select(pl.coalesce(people.unit(owner), unit)).to_series()
    else:
        unit = pl.select(pl.coalesce(unit, people.unit(owner))).to_series()
    columns = {
        "case_id": case,
        "kind": pl.Series([CASES[entity]]).new_from_index(0, table.height),
        "created_at": table.time("createdon", to=("cases.created_at", "events.at")),
        "created_by": people.person(
            ids(table.id("createdby", to=("cases.created_by", "events.actor"))), table.time("createdon")
        ),
        "closed_at": closings.of(case, state),
        "outcome": outcome,
        "owner": people.person(owner),
        "owner_kind": kind,
        "unit": unit,
        "account_id": ids(table.id("customerid", to="cases.account_id")),
        "is_deleted": table.gone(),
    }
    for column, field in job.mapping.fields.get(entity, {}).items():
        known = columns_of("cases")
        if column in known and column not in {"stage", "amount", "close_date", "due_at"}:
            columns[column] = read_as(table, field, "cases", column)
        elif column not in known:
            columns[column] = table.text(field, to=f"cases.{column}")
    table.ignore(
        [
            "ownerid_type",
            "owningteam",
            "createdonbehalfby",
            "modifiedonbehalfby",
            "owninguser",
            "owningteam_type",
            "owninguser_type",
            "owningbusinessunit_type",
        ],
        OF_THE_OWNER,
    )
    return columns


def _put(job: Job, table: Table, case: pl.Series, columns: dict[str, pl.Series]) -> None:
    """Put cases; what nobody claimed follows as attributes."""
    if not table.came:
        return
    job.aside(table.entity.name, "no id", int(case.is_null().sum()))
    named = {name: values.alias(name) for name, values in columns.items()}
    every = {**named, **table.kept("cases", but=named)}
    job.put("cases", pl.DataFrame(list(every.values())).filter(case.is_not_null()))


def _created(entity: str, table: Table, case: pl.Series) -> pl.DataFrame:
    """How each record came to be. What was migrated was entered when it came over, not when it says it was made."""
    migrated = table.time("overriddencreatedon", to=("events.recorded_at", "events.origin"))
    number = table.whole("importsequencenumber", to="events.origin")
    imported = migrated.is_not_null() | number.is_not_null()
    by = ids(table.id("createdby"))
    first = "created" if entity == "opportunity" else "submitted"
    frame = pl.DataFrame(
        {
            "case_id": case,
            "at": table.time("createdon"),
            "actor": by,
            "recorded_at": migrated,
            "imported": imported,
        }
    )
    return frame.select(
        "case_id",
        # Nobody submitted what was imported.
        pl.when("imported").then(pl.lit("created")).otherwise(pl.lit(first)).alias("activity"),
        "at",
        "actor",
        "recorded_at",
        pl.when("imported").then(pl.lit("import")).otherwise(pl.lit("unknown")).alias("origin"),
    ).drop_nulls(["case_id", "at"])


def _flow_events(found: Stages, told: Log) -> pl.DataFrame:
    """Of a flow without a log the step to the stage in which it is: the only one that has a time."""
    if told.values.filter(pl.col("entity") == found.source).height or not found.now.height:
        return pl.DataFrame(schema=EVENT)
    return found.now.filter(pl.col("before").is_not_null() & pl.col("since").is_not_null()).select(
        pl.col("case").alias("case_id"),
        pl.lit("stage_changed").alias("activity"),
        pl.col("since").alias("at"),
        pl.lit("stage").alias("field"),
        pl.col("before").alias("old"),
        pl.col("stage").alias("new"),
    )


def _put_deleted(job: Job, entity: str, case: pl.Series, changed: Changes, people: Directory) -> None:
    """Cases of which only the log tells that they were made and deleted."""
    rows = changed.rows.filter((pl.col("entity") == entity) & pl.col("record").is_not_null())
    gone = rows.filter(pl.col("operation") == Action.DELETE).select("record").unique()
    made = (
        rows.filter(pl.col("operation") == Action.CREATE)
        .sort("at")
        .unique("record", keep="first", maintain_order=True)
    )
    lost = made.join(gone, on="record").filter(~pl.col("record").is_in(case.drop_nulls().implode()))
    if lost.height:
        job.put(
            "cases",
            lost.select(
                pl.col("record").alias("case_id"),
                pl.lit(CASES[entity]).alias("kind"),
                pl.col("at").alias("created_at"),
                people.person(lost["actor"], lost["at"]).alias("created_by"),
                pl.lit(True).alias("is_deleted"),
            ),
        )
