"""Where an opportunity stands: the business process flow, else a column of its own."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job, Table
from crmusage.adapters.dynamics._changes import Changes, of
from crmusage.adapters.dynamics._directory import NOT_OF_CASES
from crmusage.adapters.dynamics._rows import ids, latest
from crmusage.adapters.dynamics._vocabulary import Vocabulary
from crmusage.model import Text

FLOW = "opportunitysalesprocess"

OTHER_STAGE = Text(
    en="another column tells the stage",
    fr="une autre colonne indique l'étape",
)


@attrs.frozen(eq=False)
class Stages:
    """Where the stage of an opportunity is told."""

    source: str
    """`opportunitysalesprocess`, or the column of the opportunity."""
    now: pl.DataFrame
    """Of a flow: columns case, stage, since, before (the stage it came from)."""
    names: dict[str, str]
    """Of a flow: what its stages are called, by their ids."""
    flows: dict[str, str]
    """Of a flow: the opportunity of each of its rows."""


def stages(job: Job, opportunities: Table, words: Vocabulary) -> Stages:
    """Decide where the stage is told: what the mapping names, the flow, stepname, salesstage, stageid."""
    flow = latest(job.table(FLOW))
    names = _names(job)
    chosen = job.mapping.fields.get("opportunity", {}).get("stage")
    now, flows = _flow(flow, names)
    if chosen is not None:
        return Stages(chosen, now.clear(), names, {})
    if now.height:
        words.order("opportunity", "stage", _order(flow, names))
        return Stages(FLOW, now, names, flows)
    for column in ("stepname", "salesstage", "stageid"):
        if opportunities.has(column) and opportunities.text(column).is_not_null().any():
            return Stages(column, now, names, {})
    return Stages("salesstage", now, names, {})


def stage_now(found: Stages, opportunities: Table, case: pl.Series, words: Vocabulary) -> pl.Series:
    """The stage of each opportunity as it stands."""
    if found.source == FLOW:
        return case.replace_strict(
            found.now["case"], found.now["stage"], default=None, return_dtype=pl.String
        )
    return spoken(found, opportunities.text(found.source, to="cases.stage"), words)


def spoken(found: Stages, raw: pl.Series, words: Vocabulary) -> pl.Series:
    """What stages are called in one word for all rows: names for ids, labels for codes."""
    if found.source in {FLOW, "stageid"}:
        plain = ids(raw)
        return (
            plain.replace_strict(found.names, default=plain, return_dtype=pl.String) if found.names else plain
        )
    return words.label("opportunity", found.source, raw)


def stage_changes(found: Stages, changed: Changes, words: Vocabulary) -> pl.DataFrame:
    """Changes of the stage, with the opportunity as their record."""
    if found.source != FLOW:
        told = of(changed.values, "opportunity", [found.source])
    else:
        told = of(changed.values, FLOW, ["activestageid"])
        record = (
            told["record"].replace_strict(found.flows, default=None, return_dtype=pl.String)
            if found.flows
            else told["record"].clear()
        )
        told = told.with_columns(record=record).filter(pl.col("record").is_not_null())
    return told.with_columns(
        pl.lit("stage").alias("field"),
        spoken(found, told["old"], words).alias("old"),
        spoken(found, told["new"], words).alias("new"),
    )


def _names(job: Job) -> dict[str, str]:
    table = latest(job.table("processstage"))
    frame = pl.DataFrame(
        {
            "id": ids(table.id("processstageid", to="cases.stage")),
            "name": table.text("stagename", to="cases.stage").str.strip_chars(),
        }
    ).drop_nulls()
    table.ignore(table.frame.columns, NOT_OF_CASES)
    return dict(frame.sort("id", "name").unique("id", keep="first", maintain_order=True).iter_rows())


_NOW = {"case": pl.String(), "stage": pl.String(), "since": pl.Datetime("us", "UTC"), "before": pl.String()}


def _flow(flow: Table, names: dict[str, str]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Where each opportunity stands in its flow: in the one that is active, else in the one begun last."""
    if not flow.came:
        return pl.DataFrame(schema=_NOW), {}
    path = flow.text("traversedpath", to="vocabulary.order")
    frame = pl.DataFrame(
        {
            "flow": ids(flow.id("businessprocessflowinstanceid", to="events.case_id")),
            "case": ids(flow.id("opportunityid", to="cases.case_id")),
            "stage": ids(flow.id("activestageid", to="cases.stage")),
            "since": flow.time("activestagestartedon", to="events.at"),
            "state": flow.whole("statecode", to="cases.stage").fill_null(0),
            "before": ids(path.str.split(",").list.get(-2, null_on_oob=True)),
            "gone": flow.gone(),
        }
    )
    flow.ignore(flow.frame.columns, NOT_OF_CASES)
    frame = frame.filter(pl.col("case").is_not_null() & pl.col("stage").is_not_null() & ~pl.col("gone"))
    flows = dict(frame.drop_nulls("flow").select("flow", "case").iter_rows())
    if names:
        frame = frame.with_columns(pl.col("stage", "before").replace(names))
    frame = frame.sort(
        "case", "state", "since", "flow", descending=[False, True, False, False], nulls_last=False
    )
    return frame.unique("case", keep="last", maintain_order=True).select(
        "case", "stage", "since", "before"
    ), flows


def _order(flow: Table, names: dict[str, str]) -> list[str]:
    """Stages by where they stand on the paths that were gone."""
    path = (
        pl.DataFrame({"path": flow.text("traversedpath").str.split(",")})
        .with_row_index(" row")
        .explode("path")
    )
    path = path.with_columns(place=pl.int_range(pl.len()).over(" row"), stage=ids(path["path"])).drop_nulls(
        "stage"
    )
    if names:
        path = path.with_columns(pl.col("stage").replace(names))
    # A stage that was gone back to stands at its first place.
    first = path.group_by(" row", "stage").agg(pl.col("place").min())
    return first.group_by("stage").agg(pl.col("place").mean()).sort("place", "stage")["stage"].to_list()
