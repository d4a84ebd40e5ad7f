"""Who people are, who has which case when, and who is away: looked up once, as small integers."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.history._index import NEVER, Index, Int32, Int64, encode

Ints = npt.NDArray[np.integer[Any]]
OWNER_CHANGED = "owner_changed"


@attrs.frozen(eq=False)
class Traits:
    """A column of `people` as codes into `labels`; -1: not known."""

    of_persons: Int32
    of_cases: Int32
    """Of each case's owner."""
    of_events: Int32
    """Of who acted, or where that is not known, of the owner of the event's case."""
    labels: tuple[str, ...]


class Lookup:
    """Pairs (group, value), ascending, to be found by halving."""

    def __init__(self, group: Ints, value: Int64) -> None:
        """Take the pairs."""
        self._values, rank = np.unique(value, return_inverse=True)
        self._stride = len(self._values) + 1
        self._key = group.astype(np.int64) * self._stride + rank

    def upto(self, group: Ints, value: Int64) -> npt.NDArray[np.intp]:
        """How many pairs are not above each of these."""
        rank = np.searchsorted(self._values, value, side="right")
        return np.searchsorted(self._key, group.astype(np.int64) * self._stride + rank)


@attrs.frozen(eq=False, slots=False)
class Ownership:
    """Who has each case from when on; case c's stretches stand from `offsets[c]` up to `offsets[c + 1]`."""

    offsets: Int64
    since: Int64
    """The opposite of NEVER for the first stretch of a case."""
    owner: Int32
    """A person's code (`Who.persons`); -1: not known."""

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.case, self.since)

    @cached_property
    def case(self) -> Int64:
        """The case of each stretch."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def until(self) -> Int64:
        """Up to when each stretch lasts, not included; NEVER: to the end."""
        ends = np.append(self.since[1:], NEVER)
        ends[self.offsets[1:] - 1] = NEVER
        return ends

    def place(self, case: Ints, instant: Int64) -> Int64:
        """In which stretches cases are at instants, what happens at that very instant included."""
        if len(self.owner) == len(self.offsets) - 1:
            return case.astype(np.int64)
        return self._lookup.upto(case, instant).astype(np.int64) - 1

    def at(self, case: Ints, instant: Int64) -> Int32:
        """Who has cases at instants, what happens at that very instant included."""
        return self.owner[self.place(case, instant)]


@attrs.frozen(eq=False, slots=False)
class Leaves:
    """When persons are away: stretches that lie apart, person p's from `offsets[p]` up to `offsets[p + 1]`."""

    offsets: Int64
    starts: Int64
    ends: Int64
    """Not included."""

    @cached_property
    def person(self) -> Int64:
        """Whose each stretch is."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def _begun(self) -> Lookup:
        return Lookup(self.person, self.starts)

    def away(self, person: Ints, instant: Int64) -> Int64:
        """For how long persons have been away by instants, all in all, in microseconds; codes below 0: never."""
        if not len(self.starts):
            return np.zeros(len(person), dtype=np.int64)
        length = self.ends - self.starts
        before = np.cumsum(length) - length
        k = self._begun.upto(person, instant) - 1
        at = np.maximum(k, 0)
        begun = (k >= 0) & (self.person[at] == person)
        of_person = before[at] - before[np.minimum(self.offsets[self.person[at]], len(before) - 1)]
        return np.where(begun, of_person + np.minimum(instant, self.ends[at]) - self.starts[at], 0)


class Who:
    """The persons of a history, in text order, and what is known of them by their place in it."""

    def __init__(
        self,
        people: pl.DataFrame,
        absences: pl.DataFrame,
        cases: pl.DataFrame,
        events: pl.DataFrame,
        index: Index,
    ) -> None:
        """Take the tables that name persons."""
        self._people, self._absences, self._index = people, absences, index
        self._changes = events.filter(pl.col("activity") == OWNER_CHANGED).select("old", "new")
        named = (people["person_id"], absences["person_id"], cases["owner"], events["actor"])
        changed = (self._changes["old"], self._changes["new"])
        labels = pl.concat([series.unique() for series in (*named, *changed)]).drop_nulls().unique().sort()
        self.persons: tuple[str, ...] = tuple(labels.to_list())
        self.owner = encode(cases["owner"], self.persons)[0]
        """Of each case, as its row tells; -1: none."""
        self.actor = encode(events["actor"], self.persons)[0]
        """Of each event; -1: not known."""
        self._traits: dict[str, Traits] = {}

    def traits(self, name: str) -> Traits:
        """A column of texts of `people`."""
        if name not in self._traits:
            codes, labels = encode(self._people[name])
            of_persons = np.full(len(self.persons) + 1, -1, dtype=np.int32)
            of_persons[encode(self._people["person_id"], self.persons)[0]] = codes
            # Whoever is not known has the code -1, and so the last place.
            of_persons[-1] = -1
            of_cases, of_actors = of_persons[self.owner], of_persons[self.actor]
            of_events = np.where(of_actors >= 0, of_actors, of_cases[self._index.case])
            self._traits[name] = Traits(of_persons, of_cases, of_events, labels)
        return self._traits[name]

    def usual(self, name: str) -> tuple[Int32, tuple[str, ...]]:
        """What most people of each unit of the index have in a column of `people`, as codes into labels.

        Of equally many, the first in text order; -1: nothing is known. One code more, for no unit, is -1.
        """
        known = self._people.select("unit", name).drop_nulls().group_by("unit", name).len()
        first = known.sort(["unit", "len", name], descending=[False, True, False])
        usual = dict(first.unique("unit", keep="first", maintain_order=True).select("unit", name).iter_rows())
        labels = tuple(sorted(set(usual.values())))
        codes = [labels.index(usual[unit]) if unit in usual else -1 for unit in self._index.units]
        return np.array([*codes, -1], dtype=np.int32), labels

    @cached_property
    def ownership(self) -> Ownership:
        """Who has which case when: the owners that owner_changed events tell, and after the last, the case's own."""
        index = self._index
        n_cases = index.n_cases
        if OWNER_CHANGED not in index.activities:
            return Ownership(np.arange(n_cases + 1), np.full(n_cases, -NEVER), self.owner)
        positions = index.positions(OWNER_CHANGED)
        old, new = (encode(self._changes[name], self.persons)[0] for name in ("old", "new"))
        if index.tie_start is not None:
            positions, old, new = _untied(positions, index.tie_start[positions], old, new)
        case = index.case[positions]
        counts = np.bincount(case, minlength=n_cases) + 1
        offsets = np.concatenate([[0], np.cumsum(counts)])
        since = np.full(offsets[-1], -NEVER)
        owner = np.full(offsets[-1], -1, dtype=np.int32)
        # The k-th change of all ends the stretch before it and begins the next one.
        before = np.arange(len(case)) + case
        since[before + 1] = index.at[positions]
        owner[before + 1] = new
        owner[before] = np.where(old >= 0, old, owner[before])
        last = offsets[1:] - 1
        owner[last] = np.where(owner[last] >= 0, owner[last], self.owner)
        return Ownership(offsets, since, owner)

    @cached_property
    def leaves(self) -> Leaves:
        """The absences of each person; those that overlap or touch are one."""
        rows = self._absences.select("person_id", "starts_at", "ends_at").drop_nulls()
        person = encode(rows["person_id"], self.persons)[0].tolist()
        starts, ends = (rows[name].to_physical().to_list() for name in ("starts_at", "ends_at"))
        merged: list[list[int]] = []
        for who, start, end in sorted(zip(person, starts, ends, strict=True)):
            if end <= start:
                continue
            if merged and merged[-1][0] == who and start <= merged[-1][2]:
                merged[-1][2] = max(merged[-1][2], end)
            else:
                merged.append([who, start, end])
        table = np.array(merged, dtype=np.int64).reshape(-1, 3)
        counts = np.bincount(table[:, 0], minlength=len(self.persons))
        return Leaves(np.concatenate([[0], np.cumsum(counts)]), table[:, 1].copy(), table[:, 2].copy())


def _untied(positions: Int32, run: Int32, old: Int32, new: Int32) -> tuple[Int32, Int32, Int32]:
    """Changes at one instant in no known order as one: from the owner nobody gave to the one nobody took over from."""
    first = np.flatnonzero(np.diff(run, prepend=-1))
    if len(first) == len(run):
        return positions, old, new
    from_, to = old[first].copy(), new[first].copy()
    for k, (begin, end) in enumerate(itertools.pairwise([*first, len(run)])):
        if end - begin > 1:
            olds, news = set(old[begin:end].tolist()), set(new[begin:end].tolist())
            # Where that is not one person, the first in text order: no row order decides.
            from_[k] = min(olds - news, default=min(olds))
            to[k] = min(news - olds, default=min(news))
    return positions[first], from_, to
