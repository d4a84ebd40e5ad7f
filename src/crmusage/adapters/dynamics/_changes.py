"""What was changed: the audit log, or the versions of rows, as one table with a line for each change of a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table
from crmusage.adapters.dynamics._dialects import APPENDED
from crmusage.adapters.dynamics._entities import LOOKUPS
from crmusage.adapters.dynamics._options import Action
from crmusage.adapters.dynamics._rows import INSTANT, ids
from crmusage.adapters.dynamics._versions import between
from crmusage.model import Text

SCHEMA: dict[str, pl.DataType] = {
    " row": pl.UInt32(),
    "audit": pl.String(),
    "at": INSTANT,
    "actor": pl.String(),
    "caller": pl.String(),
    "action": pl.Int64(),
    "operation": pl.Int64(),
    "entity": pl.String(),
    "record": pl.String(),
    "transaction": pl.String(),
}
"""One row of the audit log."""

VALUES: dict[str, pl.DataType] = {"field": pl.String(), "old": pl.String(), "new": pl.String()}

_POINTER = r"^[a-z0-9_]+,([0-9a-fA-F]{8}-[0-9a-fA-F-]{27})$"
"""How `changedata` writes a lookup: the table and the id."""

_SIDE = re.compile(r"(?:audit_detail_)?(old|new)_value_(.+)")
_SHOWN = (
    "_microsoft_dynamics_crm_lookuplogicalname",
    "display_v1_formatted_value",
    "crm_associatednavigationproperty",
)


_CHANGEDATA = pl.Struct(
    {
        "changedAttributes": pl.List(
            pl.Struct({"logicalName": pl.String, "oldValue": pl.String, "newValue": pl.String})
        )
    }
)

DETAILS = Text(
    en="annotation of an audited value; the value itself is read",
    fr="annotation d'une valeur auditée ; la valeur elle-même est lue",
)
MASK = Text(
    en="numbers of columns; the documentation says not to use them",
    fr="numéros de colonnes ; la documentation dit de ne pas s'en servir",
)


@attrs.frozen(eq=False)
class Changes:
    """What the source tells of changes."""

    rows: pl.DataFrame
    """Every row of the audit log that has a time, as in SCHEMA."""
    values: pl.DataFrame
    """Every change of a value, with the row that it stands in."""
    audited: bool
    """There was an audit log."""
    versioned: frozenset[str] = frozenset()
    """Tables whose versions were compared."""


def changes(job: Job) -> Changes:
    """All changes that the audit log tells, and for tables that it says nothing of, those between versions of a row."""
    rows, values = _audited(job)
    told = set(rows["entity"].unique().to_list())
    parts = [values]
    versioned = set()
    # Only where nothing is ever written over are all versions there.
    appended = job.dialect.name == APPENDED
    for name in _COMPARED:
        table = job.table(name)
        if table.has_versions and appended and name not in told:
            versioned.add(name)
            parts.append(
                between(table).select(
                    pl.lit(None, dtype=pl.UInt32).alias(" row"),
                    pl.lit(None, dtype=pl.String).alias("audit"),
                    "at",
                    "actor",
                    pl.lit(None, dtype=pl.String).alias("caller"),
                    pl.lit(Action.UPDATE, dtype=pl.Int64).alias("action"),
                    pl.lit(Action.UPDATE, dtype=pl.Int64).alias("operation"),
                    pl.lit(name).alias("entity"),
                    "record",
                    pl.lit(None, dtype=pl.String).alias("transaction"),
                    *VALUES,
                )
            )
    return Changes(rows, pl.concat(parts), job.table("audit").came, frozenset(versioned))


_COMPARED = ("opportunity", "incident", "quote", "opportunitysalesprocess", "systemuser")


def _audited(job: Job) -> tuple[pl.DataFrame, pl.DataFrame]:
    audit = job.table("audit")
    audit.ignore(["attributemask"], MASK)
    rows = (
        pl.DataFrame(
            {
                "audit": audit.id("auditid", to="events.audit"),
                "at": audit.time("createdon", to=("events.at", "sessions.at", "coverage.seen_from")),
                "actor": ids(audit.id("userid", to="events.actor")),
                "caller": ids(audit.id("callinguserid", to="events.origin")),
                "action": audit.whole("action", to=("events.activity", "events.origin")),
                "operation": audit.whole("operation", to="events.activity"),
                "entity": audit.text("objecttypecode", to="events.case_id").str.to_lowercase(),
                "record": ids(audit.id("objectid", to=("events.case_id", "sessions.person_id"))),
                # Often nothing but zeros: then it does not tell which changes belong together.
                "transaction": ids(audit.id("transactionid", to="events.origin")),
            },
            schema={name: dtype for name, dtype in SCHEMA.items() if name != " row"},
        )
        .with_row_index(" row")
        .cast({" row": pl.UInt32})
    )
    # What the row itself does not say, the type beside the id does.
    audit.ignore([name for name in audit.frame.columns if name.endswith("_type")], DETAILS)
    # Of a row that the retention period took away only its id is left.
    timeless = rows["at"].is_null()
    job.aside(
        "audit",
        "no time (details without their AuditRecord do not tell who and when)",
        int((timeless & ~audit.gone()).sum()),
    )
    nested = _nested(audit)
    packed = _packed(audit, job)
    values = (
        pl.concat([nested, packed]).unique()
        if nested.height and packed.height
        else pl.concat([nested, packed])
    )
    values = values.filter(pl.col("old").fill_null("") != pl.col("new").fill_null(""))
    rows = rows.filter(~timeless)
    joined = rows.join(values, on=" row", how="inner").select(*SCHEMA, *VALUES)
    return rows.select(*SCHEMA), joined


def _nested(audit: Table) -> pl.DataFrame:
    """OldValue and NewValue, opened into columns; a column that is missing on one side was empty there."""
    sides: dict[str, dict[str, pl.Series]] = {}
    annotations, told = [], set(audit.frame.columns)
    for name in audit.frame.columns:
        match = _SIDE.fullmatch(name)
        if match is None:
            if name.startswith("audit_detail_"):
                annotations.append(name)
            continue
        side, field = match.groups()
        if field.endswith(_SHOWN) or field == "odata_type":
            annotations.append(name)
            continue
        if field.endswith("_value") and (
            f"{name}{_SHOWN[0]}" in told or field.removesuffix("_value") in LOOKUPS
        ):
            field = field.removesuffix("_value")
        sides.setdefault(field, {})[side] = audit.text(name, to=f"events.{side}")
    audit.ignore(annotations, DETAILS)
    frames = []
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, audit.height)
    for field, side in sides.items():
        both = pl.DataFrame({"old": side.get("old", empty), "new": side.get("new", empty)}).with_row_index(
            " row"
        )
        both = both.filter(pl.col("old").is_not_null() | pl.col("new").is_not_null())
        if field in LOOKUPS:
            both = both.with_columns(pl.col("old", "new").str.to_lowercase())
        frames.append(both.select(" row", pl.lit(field).alias("field"), "old", "new"))
    return pl.concat([_nothing(), *frames])


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={" row": pl.UInt32, **VALUES})


def _packed(audit: Table, job: Job) -> pl.DataFrame:
    """`changedata`: one JSON text a row. Texts that are none are counted, not guessed at."""
    if not audit.has("changedata"):
        return _nothing()
    texts = audit.text("changedata", to=("events.field", "events.old", "events.new"))
    held = (
        pl.DataFrame({"text": texts})
        .with_row_index(" row")
        .filter(pl.col("text").is_not_null() & (pl.col("text").str.strip_chars() != ""))
    )
    try:
        opened = held.with_columns(
            pl.col("text").str.json_decode(_CHANGEDATA).struct.field("changedAttributes")
        )
    except pl.exceptions.PolarsError:
        # Seldom: one text that is no JSON, or a value that is no text, spoils the whole column for the fast reader.
        opened, bad = _patiently(held)
        job.aside(
            "audit",
            "changedata is no JSON of changed attributes",
            bad.height,
            bad["text"].str.slice(0, 80).to_list(),
            kept=True,
        )
    found = opened.explode("changedAttributes").filter(pl.col("changedAttributes").is_not_null())
    part = pl.col("changedAttributes").struct.field
    return found.select(
        " row",
        part("logicalName").str.to_lowercase().alias("field"),
        _unpointed(part("oldValue")).alias("old"),
        _unpointed(part("newValue")).alias("new"),
    ).filter(pl.col("field").is_not_null())


def _unpointed(value: pl.Expr) -> pl.Expr:
    # Most values point to nothing: a look for the comma is cheaper than the pattern.
    pointed = pl.when(value.str.contains(",", literal=True)).then(value).str.extract(_POINTER)
    return pl.coalesce(pointed.str.to_lowercase(), value)


def _patiently(held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = [_attributes(text) for text in held["text"].to_list()]
    bad = pl.Series([one is None for one in found], dtype=pl.Boolean)
    inner = pl.List(pl.Struct({"logicalName": pl.String, "oldValue": pl.String, "newValue": pl.String}))
    opened = held.select(" row", pl.Series("changedAttributes", [one or [] for one in found], dtype=inner))
    return opened, held.filter(bad)


def _attributes(text: str) -> list[dict[str, str | None]] | None:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = held.get("changedAttributes") if isinstance(held, dict) else None
    if not isinstance(listed, list):
        return None
    return [
        {name: _written(one.get(name)) for name in ("logicalName", "oldValue", "newValue")}
        for one in listed
        if isinstance(one, dict)
    ]


def _written(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    # Half a pair of surrogates is a letter to JSON and to nobody else.
    return text.encode("utf-8", "replace").decode("utf-8")


def of(values: pl.DataFrame, entity: str, fields: Iterable[str]) -> pl.DataFrame:
    """The changes of some columns of a table."""
    return values.filter((pl.col("entity") == entity) & pl.col("field").is_in(list(fields)))
