"""Values that a group always gives: low-cardinality attributes of events, and of cases as they are entered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.history import CASE, History

Int16 = npt.NDArray[np.int16]

MOST_VALUES = 12
"""An attribute of more values is no choice between a few. Guessed."""
MOST_ATTRIBUTES = 24
"""Attributes that are tried, in the order of their names; guessed to be more than a CRM's forms have of that sort."""
NEARLY_ALWAYS = 0.95
"""A group has one value when so many of its events have it."""
FEWEST_OF_GROUP = 30
"""Events of a group that say which value it has."""
_EVENTS = frozenset(
    (
        "case_id",
        "activity",
        "activity_raw",
        "at",
        "seq",
        "actor",
        "unit",
        "recorded_at",
        "origin",
        "field",
        "old",
        "new",
    )
)
_CASES = frozenset(
    (
        *(
            "case_id",
            "kind",
            "created_at",
            "created_by",
            "closed_at",
            "outcome",
            "owner",
            "unit",
            "amount",
            "currency",
        ),
        *("due_at", "close_date", "stage", "parent_id", "account_id", "is_deleted"),
    )
)
"""Columns of the contract that are no choice of a way to work: ids, instants, outcomes, where somebody is."""


@attrs.frozen(eq=False)
class Attribute:
    """One attribute: of each event a place in `labels`; -1: no value."""

    name: str
    """As rules name it: `case.` before an attribute of cases."""
    labels: tuple[Any, ...]
    codes: Int16

    @property
    def of_case(self) -> bool:
        """Whether it is the case's, and so asked of its entry only."""
        return self.name.startswith(CASE)

    def tells_place(self, group: npt.NDArray[np.int32], n_groups: int) -> bool:
        """Whether it says where people are rather than how they work: most groups have one value, each its own."""
        use = (group >= 0) & (self.codes >= 0)
        cell = group[use].astype(np.int64) * len(self.labels) + self.codes[use]
        counts = np.bincount(cell, minlength=n_groups * len(self.labels)).reshape(n_groups, len(self.labels))
        counts = counts[counts.sum(axis=1) >= FEWEST_OF_GROUP]
        own = counts[counts.max(axis=1, initial=0) >= NEARLY_ALWAYS * counts.sum(axis=1)]
        if len(own) < 2 or 2 * len(own) < len(counts):
            return False
        return bool(2 * np.bincount(own.argmax(axis=1)).max() <= len(own))

    def relabelled(self, labels: tuple[Any, ...]) -> Attribute:
        """The same with places in a longer list."""
        place = np.array([*(labels.index(label) for label in self.labels), -1], dtype=np.int16)
        return Attribute(self.name, labels, place[self.codes])


def attributes_of(history: History) -> tuple[Attribute, ...]:
    """The attributes of a history that have a few values."""
    found = list(_of_table(history.events, _EVENTS, "", None))
    found += _of_table(history.cases, _CASES, CASE, history.index.case)
    return tuple(sorted(found, key=lambda one: one.name))


def _of_table(frame: Any, own: frozenset[str], prefix: str, case: Any) -> Iterator[Attribute]:
    for name in frame.columns:
        series = frame[name]
        if (
            name in own
            or series.null_count() == len(series)
            or series.dtype.is_float()
            or series.dtype.is_temporal()
        ):
            continue
        known = series.drop_nulls().unique()
        if len(known) > MOST_VALUES:
            continue
        labels = tuple(sorted(known.to_list(), key=lambda value: (str(type(value)), value)))
        codes = np.full(len(series), -1, dtype=np.int16)
        for place, label in enumerate(labels):
            codes[(series == label).fill_null(False).to_numpy().astype(bool)] = place
        yield Attribute(prefix + name, labels, codes if case is None else codes[case])


def merged(one: tuple[Attribute, ...], n: int, other: tuple[Attribute, ...], m: int) -> tuple[Attribute, ...]:
    """The attributes of two parts with `n` and `m` events; what one lacks has no value there."""
    sides = [{a.name: a for a in part} for part in (one, other)]
    found = []
    for name in sorted({*sides[0], *sides[1]}):
        pair = [
            side.get(name, Attribute(name, (), np.full(size, -1, dtype=np.int16)))
            for side, size in zip(sides, (n, m), strict=True)
        ]
        union = {label for a in pair for label in a.labels}
        labels = tuple(sorted(union, key=lambda value: (str(type(value)), value)))
        codes = np.concatenate([a.relabelled(labels).codes for a in pair])
        found.append(Attribute(name, labels, codes))
    return tuple(found)
