"""What codes are called: by the organisation where it says so, else by Microsoft."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from crmusage.adapters._core import Job
from crmusage.adapters.dynamics._options import OPTIONS

_LABELS = {"entity": pl.String, "field": pl.String, "code": pl.Int64, "label": pl.String, "order": pl.Int64}

_LEADING = re.compile(r"^\s*(\d+)")
"""The number before a step's name, as in `2-Develop`."""

ENGLISH = 1033
"""The language whose labels are taken where a table of labels has several; else the lowest of their numbers."""


class Vocabulary:
    """Labels by table, column and code, and the order of stages."""

    def __init__(self, job: Job) -> None:
        """Read the tables of labels that came."""
        self._job = job
        self._labels: dict[tuple[str, str], dict[str, str]] = {
            (entity, field): {str(code): label for code, label in options.items()}
            for entity, fields in OPTIONS.items()
            for field, options in fields.items()
        }
        self._orders: dict[tuple[str, str], dict[str, int]] = {
            (entity, field): {str(code): place for place, code in enumerate(options)}
            for entity, fields in OPTIONS.items()
            for field, options in fields.items()
        }
        told = pl.concat([pl.DataFrame(schema=_LABELS), *_string_map(job), *_metadata(job)])
        for (entity, field), rows in told.group_by("entity", "field", maintain_order=True):
            key = (str(entity), str(field))
            codes = rows["code"].cast(pl.String).to_list()
            self._labels.setdefault(key, {}).update(zip(codes, rows["label"].to_list(), strict=True))
            order = rows["order"].to_list()
            if any(place is not None for place in order):
                self._orders[key] = {
                    code: place for code, place in zip(codes, order, strict=True) if place is not None
                }
        self._own: dict[tuple[str, str], list[str]] = {}

    def label(self, entity: str, field: str, raw: pl.Series) -> pl.Series:
        """Codes as their labels; what has none stays as it is."""
        labels = self._labels.get((entity, field))
        if not labels:
            return raw
        return raw.replace(list(labels), list(labels.values()))

    def order(self, entity: str, field: str, values: Iterable[str]) -> None:
        """The values of a column in their order."""
        self._own[entity, field] = list(dict.fromkeys(values))

    def put(self, stage_field: str | None, steps: Iterable[str]) -> None:
        """Put the rows: the stages as cases have them, and every label of a table that came."""
        rows: list[dict[str, object]] = []
        if ("opportunity", "stage") not in self._own and stage_field is not None:
            self._own["opportunity", "stage"] = self._in_order(stage_field, steps)
        for (entity, field), values in self._own.items():
            rows += [
                {"entity": entity, "field": field, "raw": value, "order": place}
                for place, value in enumerate(values, 1)
            ]
        for (entity, field), labels in sorted(self._labels.items()):
            if not self._job.tables.get(entity) or not self._job.table(entity).came:
                continue
            order = self._orders.get((entity, field), {})
            rows += [
                {"entity": entity, "field": field, "raw": code, "label": label, "order": order.get(code)}
                for code, label in labels.items()
            ]
        if rows:
            schema = {
                "entity": pl.String,
                "field": pl.String,
                "raw": pl.String,
                "label": pl.String,
                "order": pl.Int64,
            }
            self._job.put("vocabulary", pl.DataFrame(rows, schema=schema))

    def _in_order(self, field: str, steps: Iterable[str]) -> list[str]:
        labels = self._labels.get(("opportunity", field), {})
        order = self._orders.get(("opportunity", field), {})
        place = {label: order.get(code, len(order)) for code, label in labels.items()}

        def where(step: str) -> tuple[int, int, str]:
            number = _LEADING.match(step)
            return place.get(step, len(place)), int(number[1][:9]) if number else 10**9, step

        return sorted({*steps, *place}, key=where)


def _string_map(job: Job) -> list[pl.DataFrame]:
    """Fivetran renames the column where a connector's letters differ; the rename is what the rows are called by."""
    table = job.table("stringmap")
    if not table.came:
        return []
    renamed = table.text("renamed_attributename") if table.has("renamed_attributename") else None
    attribute = table.text("attributename", to="vocabulary.field")
    frame = pl.DataFrame(
        {
            "entity": table.text("objecttypecode", to="vocabulary.entity").str.to_lowercase(),
            "field": (
                attribute if renamed is None else pl.select(pl.coalesce(renamed, attribute)).to_series()
            ).str.to_lowercase(),
            "code": table.whole("attributevalue", to="vocabulary.raw"),
            "label": table.text("value", to="vocabulary.label"),
            "order": table.whole("displayorder", to="vocabulary.order"),
            "language": table.whole("langid", to="vocabulary.label"),
            "gone": table.gone(),
        }
    )
    return [_spoken(frame.filter(~pl.col("gone")))]


def _metadata(job: Job) -> list[pl.DataFrame]:
    """The tables of labels that Synapse Link writes beside the data."""
    shapes = (
        ("OptionsetMetadata", "optionsetname", "option"),
        ("GlobalOptionsetMetadata", "optionsetname", "option"),
        ("StateMetadata", None, "state"),
        ("StatusMetadata", None, "status"),
    )
    found = []
    for name, column, code in shapes:
        table = job.table(name)
        if not table.came:
            continue
        constant = "statecode" if name == "StateMetadata" else "statuscode"
        fields = (
            table.text(column, to="vocabulary.field").str.to_lowercase()
            if column
            else pl.Series([constant], dtype=pl.String).new_from_index(0, table.height)
        )
        frame = pl.DataFrame(
            {
                "entity": table.text("entityname", to="vocabulary.entity").str.to_lowercase(),
                "field": fields,
                "code": table.whole(code, to="vocabulary.raw"),
                "label": table.text("localizedlabel", to="vocabulary.label"),
                "order": pl.Series([None], dtype=pl.Int64).new_from_index(0, table.height),
                "language": table.whole("localizedlabellanguagecode", to="vocabulary.label"),
            }
        )
        found.append(_spoken(frame))
    return found


def _spoken(frame: pl.DataFrame) -> pl.DataFrame:
    """One label a code: the English one, else that of the language with the lowest number."""
    frame = frame.drop_nulls(["entity", "field", "code", "label"])
    frame = frame.with_columns(foreign=(pl.col("language").fill_null(ENGLISH) != ENGLISH))
    frame = frame.sort("entity", "field", "foreign", "language", "code", "label", nulls_last=False)
    return frame.unique(["entity", "field", "code"], keep="first", maintain_order=True).select(list(_LABELS))
