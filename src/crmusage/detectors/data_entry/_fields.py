"""The fields that people fill in, which of their values mean nothing, and since when a field is required."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

import attrs
import numpy as np

from crmusage.detectors._changes import UNKNOWN, days
from crmusage.detectors._deals import Bool
from crmusage.history import History

OF_THE_CONTRACT = frozenset(
    {
        "case_id", "kind", "created_at", "created_by", "closed_at", "outcome", "owner", "owner_kind", "unit",
        "currency", "priority_rank", "due_at", "close_date", "stage", "parent_id", "account_id", "is_deleted",
    }
)  # fmt: skip
"""Columns of cases that say what became of a case, and are not typed in as its description. `amount` is."""

_ONE_LETTER = re.compile(r"(x|z|\.|-|_|\*|\?)\1*|(\w)\2{3,}")
_MARKS = " \t\n.,;:!-_*/()[]'\"«»"


@attrs.frozen
class Placeholders:
    """Values that mean nothing; those that people type, and those that connectors write."""

    typed: frozenset[str]
    written: frozenset[str]
    numbers: frozenset[float]
    amounts: frozenset[float]

    def is_typed(self, value: str) -> bool:
        """Whether a text stands for nothing: in the list, one letter over and over, or nothing but marks."""
        text = value.strip().casefold()
        bare = text.strip(_MARKS)
        return not bare or text in self.typed or bare in self.typed or bool(_ONE_LETTER.fullmatch(bare))

    def is_written(self, value: str) -> bool:
        """Whether a connector wrote it."""
        return value.strip().casefold() in self.written


@cache
def placeholders() -> Placeholders:
    """The lists that come with crmusage, English and French."""
    told = tomllib.loads(resources.files(__package__).joinpath("placeholders.toml").read_text("utf-8"))
    return Placeholders(
        frozenset({*told["en"], *told["fr"]}),
        frozenset(told["connectors"]),
        frozenset(map(float, told["numbers"])),
        frozenset(map(float, told["amounts"])),
    )


@attrs.frozen(eq=False)
class Field:
    """A field of all cases, one entry a case."""

    name: str
    filled: Bool
    """Somebody typed something; what a connector wrote for nothing is nothing."""
    fake: Bool
    """What is there means nothing."""
    written: Bool
    """A connector wrote something for nothing."""
    texts: Any
    """The values of a field of texts; None: it is one of numbers."""


def fields(part: History) -> list[Field]:
    """The fields of a part that people fill in: the columns of cases beside the contract's, and the amount."""
    offered = _offered(part)
    found = []
    for name in sorted(set(part.cases.columns) - OF_THE_CONTRACT):
        series = part.cases[name]
        sort = str(series.dtype)
        if sort == "String":
            found.append(_of_texts(name, series, offered.get(name, frozenset())))
        elif sort.startswith(("Int", "Float")):
            found.append(_of_numbers(name, series))
    return found


def _of_texts(name: str, series: Any, offered: frozenset[str]) -> Field:
    known = placeholders()
    distinct = series.drop_nulls().unique().sort()
    values = distinct.to_list()
    rank = series.rank("dense").fill_null(0).to_numpy().astype(np.int64)

    def those(test: Any) -> Bool:
        table = np.array([False, *(one not in offered and test(one) for one in values)], dtype=bool)
        found: Bool = table[rank]
        return found

    written = those(known.is_written)
    empty = those(lambda one: not one.strip())
    filled = (rank > 0) & ~written & ~empty
    return Field(name, filled, those(known.is_typed) & filled, written, series)


def _of_numbers(name: str, series: Any) -> Field:
    known = placeholders()
    dull = known.numbers | known.amounts if name == "amount" else known.numbers
    values = series.cast(float).fill_null(np.nan).to_numpy()
    filled = ~np.isnan(values)
    return Field(name, filled, np.isin(values, sorted(dull)), np.zeros(len(values), dtype=bool), None)


def _offered(part: History) -> dict[str, frozenset[str]]:
    """By field, the values that its picklist offers."""
    found: dict[str, set[str]] = {}
    for row in part.vocabulary.select("field", "raw", "label").to_dicts():
        if row["field"] is not None:
            found.setdefault(row["field"], set()).update(
                x for x in (row["raw"], row["label"]) if x is not None
            )
    return {name: frozenset(values) for name, values in found.items()}


def defaults(part: History) -> dict[str, frozenset[str]]:
    """By field that is no column of the contract, the values that its picklist proposes."""
    found: dict[str, set[str]] = {}
    rows = part.vocabulary.select("field", "raw", "label", "is_default").to_dicts()
    for row in rows:
        name = row["field"]
        if row["is_default"] and name in part.cases.columns and name not in OF_THE_CONTRACT:
            found.setdefault(name, set()).update(x for x in (row["raw"], row["label"]) if x is not None)
    return {name: frozenset(found[name]) for name in sorted(found)}


def required_since(part: History) -> dict[str, int]:
    """By field, the day (since 1970) from which it must be filled in: the column `required_from` of `coverage`."""
    if "required_from" not in part.coverage.columns:
        return {}
    told = part.coverage.select("field", "required_from")
    day = days(told["required_from"].cast(str)).tolist()
    found: dict[str, int] = {}
    for name, one in zip(told["field"].to_list(), day, strict=True):
        if name is not None and one != UNKNOWN:
            found[name] = min(one, found.get(name, one))
    return found
