"""Changes of single fields, as Salesforce's history tables and their archive tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table, snake
from crmusage.adapters.salesforce._people import People

FROM_LEAD = "opportunityCreatedFromLead"
PSEUDO = frozenset(
    {"created", FROM_LEAD, "locked", "unlocked", "ownerAssignment", "ownerAccepted", "ownerEscalated"}
)
"""Values of Field that name no field. Those of ownership come with a row of the owner's change."""

OWNER = "owner"
OWNERS = frozenset({"Owner", "OwnerId"})

_SHORT_ID = r"^(?:005|00G)[A-Za-z0-9]{12}$"
_USER_ID = r"^(005|00G)[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$"


@attrs.frozen
class Parent:
    """What a history table tells of."""

    entity: str
    """The table of the records."""
    activities: Mapping[str, tuple[str, str]]
    """For each tracked field, what its change is, and what events call the field."""


def rows_of(job: Job, parent: Parent) -> pl.DataFrame | None:
    """All rows of the histories of one entity, from wherever they came; None: no such table came.

    Columns: case_id, at, login, field, type, old, new, id.
    """
    name = "CaseHistory" if parent.entity == "Case" else f"{parent.entity}FieldHistory"
    found = [
        plain_rows(job.table(name), (f"{parent.entity}Id", "ParentId"))
        if job.table(name).has("Field")
        else None,
        _archived(job.table("FieldHistoryArchive"), parent.entity),
        _generic(job.table("EntityHistory"), parent.entity),
    ]
    frames = [frame for frame in found if frame is not None]
    if not frames:
        return None
    whole = pl.concat(frames)
    # The archive and the table itself overlap by some months.
    return whole.unique(["case_id", "at", "login", "field", "old", "new", "id"]) if len(frames) > 1 else whole


def plain_rows(table: Table, parents: Iterable[str]) -> pl.DataFrame | None:
    """The rows of one history table, as `rows_of` gives them."""
    if not table.came:
        return None
    gone = table.flag("IsDeleted", "events").fill_null(False) | table.gone()
    parent = pl.Series("parent", [None], dtype=pl.String).new_from_index(0, table.height)
    for name in parents:
        told = table.id(name, "events.case_id")
        parent = parent.zip_with(parent.is_not_null(), told)
    frame = pl.DataFrame(
        {
            "case_id": parent,
            "at": table.time("CreatedDate", "events.at"),
            "login": table.id("CreatedById", "events.actor"),
            "field": table.text("Field", ("events.field", "events.activity")),
            "type": table.text("DataType", "events.field"),
            "old": table.text("OldValue", "events.old"),
            "new": table.text("NewValue", "events.new"),
            "id": table.id("Id", "events.seq"),
        }
    )
    return frame.filter(~gone) if gone.any() else frame


def _archived(table: Table, entity: str) -> pl.DataFrame | None:
    if not table.came:
        return None
    kind = table.text("FieldHistoryType", "events.case_id")
    if table.has("FieldNameAfterArchival"):
        table.text("FieldNameAfterArchival", "events.field")
    part = table.only((kind == entity).fill_null(False))
    return plain_rows(part, ("ParentId",))


def _generic(table: Table, entity: str) -> pl.DataFrame | None:
    """The Data Export service's one table for the histories of many objects, a column for each type of value."""
    if not table.came:
        return None
    kind = table.text("ParentSobjectType", "events.case_id")
    sides = {}
    for side in ("Old", "New"):
        value = pl.Series("value", [None], dtype=pl.String).new_from_index(0, table.height)
        for part in ("String", "Number", "Date", "LastName", "FirstName"):
            told = table.text(f"{side}val{part}", f"events.{side.lower()}")
            told = told.zip_with(
                told != "", pl.Series("none", [None], dtype=pl.String).new_from_index(0, len(told))
            )
            value = value.zip_with(value.is_not_null(), told)
        sides[side.lower()] = value
    frame = pl.DataFrame(
        {
            "case_id": table.id("ParentId", "events.case_id"),
            "at": table.time("CreatedDate", "events.at"),
            "login": table.id("CreatedById", "events.actor"),
            "field": table.text("FieldName", ("events.field", "events.activity")),
            "type": table.text("DataType", "events.field"),
            **sides,
            "id": table.id("Id", "events.seq"),
        }
    )
    gone = table.flag("IsDeleted", "events").fill_null(False) | table.gone()
    return frame.filter((kind == entity).fill_null(False) & ~gone)


def put_field_history(
    job: Job, rows: pl.DataFrame, parent: Parent, people: People, *, but: frozenset[str] = frozenset()
) -> None:
    """Put the changes of fields as events; those of fields in `but` are told by another table."""
    pseudo = rows["field"].is_in(list(PSEUDO)).fill_null(False)
    told = rows.filter(~pseudo & ~rows["field"].is_in(list(but)).fill_null(False))
    is_owner = told["field"].is_in(list(OWNERS)).fill_null(False)
    owners = _one_each(job, told.filter(is_owner))
    rest = told.filter(~is_owner)
    fields = dict(parent.activities)
    names = {
        field: fields[field][1] if field in fields else snake(field)
        for field in rest["field"].drop_nulls().unique()
    }
    activities = {field: activity for field, (activity, _) in fields.items()}
    rest = rest.with_columns(
        activity=pl.col("field").replace_strict(
            list(activities), list(activities.values()), default="updated", return_dtype=pl.String
        ),
        field=pl.col("field").replace(list(names), list(names.values())),
    )
    owners = owners.with_columns(activity=pl.lit("owner_changed"), field=pl.lit(OWNER))
    events = pl.concat([rest, owners], how="diagonal").select(
        "case_id", "activity", "at", "login", "field", "old", "new"
    )
    for side in ("old", "new"):
        person = people.person(events[side], events["at"])
        events = events.with_columns(
            pl.when(pl.col("field") == OWNER).then(person).otherwise(side).alias(side)
        )
    actor = people.person(events["login"], events["at"])
    job.put(
        "events",
        events.drop("login").with_columns(actor.alias("actor"), people.unit_of(actor).alias("unit")),
    )


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def full_ids(ids: pl.Series) -> pl.Series:
    """Ids of 15 signs with the three that make them 18, which tell the capitals where a system mixes them up."""
    seen = ids.drop_nulls().unique()
    short: list[str] = seen.filter(seen.str.contains(_SHORT_ID)).to_list()
    return ids.replace(short, [one + _capitals(one) for one in short]) if short else ids


def _capitals(short: str) -> str:
    parts = (short[place : place + 5] for place in (0, 5, 10))
    return "".join(
        _LETTERS[sum(1 << place for place, sign in enumerate(part) if sign.isupper())] for part in parts
    )


def _one_each(job: Job, owners: pl.DataFrame) -> pl.DataFrame:
    """One row for each change of owner: it comes as two, of which one has ids and the other names."""
    has_id = pl.col("new").str.contains(_USER_ID).fill_null(False) | pl.col("old").str.contains(
        _USER_ID
    ).fill_null(False)
    of_ids = owners.filter(has_id | (pl.col("type") == "EntityId").fill_null(False))
    names = owners.join(of_ids, on=["case_id", "at", "login"], how="anti", nulls_equal=True)
    twins = owners.height - of_ids.height - names.height
    if twins:
        job.note(
            f"{twins} changes of owner came twice, by id and by name: each counts once.",
            f"{twins} changements de propriétaire figuraient deux fois, par identifiant et par nom : chacun compte une "
            "fois.",
        )
    if names.height:
        names = _by_name(job, names)
    return pl.concat([of_ids.with_columns(full_ids(of_ids[side]) for side in ("old", "new")), names])


def _by_name(job: Job, names: pl.DataFrame) -> pl.DataFrame:
    """Owners told by their names only: by their ids, where one user alone has the name."""
    users = job.table("User")
    pairs = pl.DataFrame({"name": users.text("Name"), "id": users.id("Id")}).drop_nulls().unique()
    single = pairs.filter(~pairs["name"].is_duplicated())
    known = single["name"].implode()
    lost = names.filter(
        (pl.col("new").is_not_null() & ~pl.col("new").is_in(known))
        | (pl.col("old").is_not_null() & ~pl.col("old").is_in(known))
    ).height
    if lost:
        job.note(
            f"{lost} changes of owner tell only a name that no single user has: the name stands for the person.",
            f"{lost} changements de propriétaire n'indiquent qu'un nom que ne porte aucun utilisateur unique : le nom "
            "tient lieu de personne.",
        )
    return names.with_columns(pl.col(side).replace(single["name"], single["id"]) for side in ("old", "new"))
