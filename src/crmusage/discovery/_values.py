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
NEARLY_ALWAYS = 0.95
"""A group, or a person, has one value when so many of the events have it."""
NEARLY_EVERYBODY = 0.8
"""Where so many of the people never change a value it is theirs, not the case's. Guessed."""
FEWEST_OF_GROUP = 30
"""Events of a group, or of a person, that say which value they have."""
_EVENTS = frozenset(
    (
        "case_id",
        "activity",
        "activity_raw",
        "concept:name",
        "lifecycle:transition",
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
"""Columns that are no choice of a way to work: ids, instants, outcomes, where somebody is; and of event logs those that
say which activity it is."""


@attrs.frozen(eq=False)
class Attribute:
    """One attribute: of each event a place in `labels`; -1: no value."""

    name: str
    """As rules name it: `case.` before an attribute of cases."""
    labels: tuple[Any, ...]
    """Empty where it has more than `MOST_VALUES`: then it is kept only so that parts of a history agree on that."""
    codes: Int16

    @property
    def of_case(self) -> bool:
        """Whether it is the case's, and so asked of its entry only."""
        return self.name.startswith(CASE)

    def tells_place(self, group: npt.NDArray[np.int32], n_groups: int) -> bool:
        """Whether it says where people are rather than how they work: most groups have one value, each its own."""
        always = self._always(group, n_groups)
        own = always[always >= 0]
        if len(own) < 2 or 2 * len(own) < len(always):
            return False
        return bool(2 * np.bincount(own).max() <= len(own))

    def tells_who(self, person: npt.NDArray[np.int64], n_persons: int) -> bool:
        """Whether it says who somebody is, such as their desk or their product: people do not change it.

        `person`: of each event a place among `n_persons`; -1: not known. What nearly everybody has always in one way,
        each theirs, nobody chooses from case to case; a team in which all have the same is then no team with a usage.
        """
        always = self._always(person, n_persons)
        own = always[always >= 0]
        return len(own) >= 2 and len(own) >= NEARLY_EVERYBODY * len(always) and len(np.unique(own)) > 1

    def _always(self, who: npt.NDArray[Any], n: int) -> npt.NDArray[np.int64]:
        """Of each with enough events the one value that they have, as its place; -1: they have several."""
        use = (who >= 0) & (self.codes >= 0)
        cell = who[use].astype(np.int64) * len(self.labels) + self.codes[use]
        counts = np.bincount(cell, minlength=n * len(self.labels)).reshape(n, len(self.labels))
        counts = counts[counts.sum(axis=1) >= FEWEST_OF_GROUP]
        if not len(counts):
            return np.zeros(0, dtype=np.int64)
        one = counts.max(axis=1) >= NEARLY_ALWAYS * counts.sum(axis=1)
        return np.where(one, counts.argmax(axis=1), -1)

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
        n = len(series) if case is None else len(case)
        known = series.drop_nulls().unique()
        if len(known) > MOST_VALUES:
            yield _no_choice(prefix + name, n)
            continue
        labels = tuple(sorted(known.to_list(), key=lambda value: (str(type(value)), value)))
        codes = np.full(len(series), -1, dtype=np.int16)
        for place, label in enumerate(labels):
            codes[(series == label).fill_null(False).to_numpy().astype(bool)] = place
        yield Attribute(prefix + name, labels, codes if case is None else codes[case])


def _no_choice(name: str, n: int) -> Attribute:
    return Attribute(name, (), np.broadcast_to(np.int16(-1), n))


def merged(one: tuple[Attribute, ...], n: int, other: tuple[Attribute, ...], m: int) -> tuple[Attribute, ...]:
    """The attributes of two parts with `n` and `m` events; what one lacks has no value there."""
    sides = [{a.name: a for a in part} for part in (one, other)]
    found = []
    for name in sorted({*sides[0], *sides[1]}):
        if any(name in side and not side[name].labels for side in sides):
            found.append(_no_choice(name, n + m))
            continue
        pair = [
            side.get(name, Attribute(name, (), np.full(size, -1, dtype=np.int16)))
            for side, size in zip(sides, (n, m), strict=True)
        ]
        union = {label for a in pair for label in a.labels}
        if len(union) > MOST_VALUES:
            found.append(_no_choice(name, n + m))
            continue
        labels = tuple(sorted(union, key=lambda value: (str(type(value)), value)))
        codes = np.concatenate([a.relabelled(labels).codes for a in pair])
        found.append(Attribute(name, labels, codes))
    return tuple(found)
