from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.discovery._group import Group, Grouping, grouped
from crmusage.discovery._values import Attribute, attributes_of, merged
from crmusage.history import NEVER, History

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

GOOD = ("won", "fulfilled")
BAD = ("lost", "declined", "cancelled")
"""Outcomes that are wished for, and those that are not."""
ANSWERS = ("quote_accepted", "quote_declined")
"""What the customer does: whether and when it comes is a result, and no way of working."""

MACHINES = ("import", "merge", "cascade", "automation")
"""Origins of what nobody did by hand."""
COPIES = MACHINES[:3]
"""Those of them that make a case which began elsewhere."""

BLOCK = 1_000_000
"""Events looked at in one go, in whole cases: it bounds the memory. About 300 MB in a trial."""

OF_EVENTS = ("activity", "at", "group", "person", "why_not")
OF_CASES = (
    *("case_ids", "case_group", "creator", "case_why_not", "created", "closed", "outcome"),
    *("amount", "kind"),
)
"""The arrays of a log, one entry an event and one a case; offsets and ties apart."""


@attrs.frozen(eq=False)
class Log:
    """What discovery reads of a history: plain arrays, N events in C cases, G groups.

    Cases stand in the order of their ids, events by case, instant and `seq`, as in the index of a history.
    """

    case_ids: npt.NDArray[Any]
    """C ids, as texts."""
    offsets: Int64
    """C + 1 positions."""
    activities: tuple[str, ...]
    activity: Int32
    at: Int64
    tie_start: Int32 | None
    tie_end: Int32 | None
    groups: tuple[Group, ...]
    group: Int32
    """Of each event: to whom it counts; -1: nobody."""
    person: Int64
    """A number for who acted, or else has the case; 0: not known. It leaves no result."""
    why_not: Int8
    """Why an event says nothing of how people work, as a place in `REASONS`; -1: it does."""
    case_group: Int32
    creator: Int64
    """A number for who entered each case; 0: not known."""
    case_why_not: Int8
    created: Int64
    closed: Int64
    outcome: Int8
    """1: as wished, 0: not, -1: open or not told."""
    amount: Floats
    """NaN: none."""
    kind: npt.NDArray[Any]
    as_of: int
    attributes: tuple[Attribute, ...] = ()
    """What may be asked of values, one code an event."""

    @property
    def n_events(self) -> int:
        """N."""
        return len(self.at)

    @property
    def n_cases(self) -> int:
        """C."""
        return len(self.created)

    @property
    def case(self) -> Int32:
        """The case of each event."""
        return np.repeat(np.arange(self.n_cases, dtype=np.int32), np.diff(self.offsets))

    def cases(self, first: int, stop: int) -> Log:
        """The cases from `first` up to, not including, `stop`."""
        begin, end = int(self.offsets[first]), int(self.offsets[stop])
        changed: dict[str, Any] = {name: getattr(self, name)[begin:end] for name in OF_EVENTS}
        changed |= {name: getattr(self, name)[first:stop] for name in OF_CASES}
        if self.tie_start is not None and self.tie_end is not None:
            changed |= {name: getattr(self, name)[begin:end] - begin for name in ("tie_start", "tie_end")}
        changed["attributes"] = tuple(
            attrs.evolve(one, codes=one.codes[begin:end]) for one in self.attributes
        )
        return attrs.evolve(self, offsets=self.offsets[first : stop + 1] - begin, **changed)

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[int, Log]]:
        """Parts of whole cases with about `size` events each, and the number of the first case of each."""
        if self.n_events <= size:
            yield 0, self
            return
        first = 0
        while first < self.n_cases:
            stop = int(np.searchsorted(self.offsets, self.offsets[first] + size, side="right")) - 1
            stop = min(max(stop, first + 1), self.n_cases)
            yield first, self.cases(first, stop)
            first = stop

    def merge(self, other: Log) -> Log:
        """Both parts as one, whatever their order: cases stand in the order of their ids.

        Raises:
            ValueError: when both hold a case of one id.
        """
        activities = tuple(sorted({*self.activities, *other.activities}))
        groups = tuple(sorted({*self.groups, *other.groups}))
        parts = [one.coded(activities, groups) for one in (self, other)]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in (*OF_EVENTS, *OF_CASES)
        }
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        if any(part.tie_start is not None for part in parts):
            shifts = (0, self.n_events)
            alone = [np.arange(part.n_events, dtype=np.int32) for part in parts]
            for name, more in (("tie_start", 0), ("tie_end", 1)):
                columns = [
                    alone[k] + more if getattr(part, name) is None else getattr(part, name)
                    for k, part in enumerate(parts)
                ]
                joined[name] = np.concatenate([c + s for c, s in zip(columns, shifts, strict=True)]).astype(
                    np.int32
                )
        whole = attrs.evolve(
            self,
            offsets=offsets,
            activities=activities,
            groups=groups,
            as_of=max(self.as_of, other.as_of),
            attributes=merged(self.attributes, self.n_events, other.attributes, other.n_events),
            **joined,
        )
        order = np.argsort(whole.case_ids.astype(str), kind="stable")
        ids = whole.case_ids[order]
        if (ids[1:] == ids[:-1]).any():
            raise ValueError("a case is in both parts: parts hold whole cases, each one once")
        return whole.take(order)

    def take(self, cases: npt.NDArray[np.int64]) -> Log:
        """Some of the cases, in the order given."""
        lengths = np.diff(self.offsets)[cases]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.offsets[cases] - offsets[:-1], lengths)
        at = np.arange(int(offsets[-1])) + shift
        changed: dict[str, Any] = {name: getattr(self, name)[at] for name in OF_EVENTS}
        changed |= {name: getattr(self, name)[cases] for name in OF_CASES}
        if self.tie_start is not None and self.tie_end is not None:
            for name in ("tie_start", "tie_end"):
                changed[name] = (getattr(self, name)[at] - shift).astype(np.int32)
        chosen = tuple(attrs.evolve(one, codes=one.codes[at]) for one in self.attributes)
        return attrs.evolve(self, offsets=offsets, attributes=chosen, **changed)

    def coded(self, activities: tuple[str, ...], groups: tuple[Group, ...]) -> Log:
        """The same with places in longer lists."""
        of_activity = np.array([activities.index(name) for name in self.activities], dtype=np.int32)
        of_group = np.array([*(groups.index(group) for group in self.groups), -1], dtype=np.int32)
        return attrs.evolve(
            self,
            activity=of_activity[self.activity] if len(of_activity) else self.activity,
            group=of_group[self.group],
            case_group=of_group[self.case_group],
        )


REASONS = ("deleted", *MACHINES, "machine", "burst", "young")
"""Why a case or an event is left out."""


def log_of(history: History, by: tuple[str, ...], grouping: Grouping | None = None) -> Log:
    """What discovery reads of a history, its people grouped by some traits."""
    index, cases, who = history.index, history.cases, history.who
    grouping = grouped(history, by) if grouping is None else grouping
    person = np.array([*(_number(one) for one in who.persons), 0], dtype=np.int64)
    acted = np.where(who.actor >= 0, who.actor, who.owner[index.case])
    machine = np.zeros(len(who.persons) + 1, dtype=bool)
    place = {one: code for code, one in enumerate(who.persons)}
    for one, human in history.people.select("person_id", "is_human").iter_rows():
        machine[place[one]] = human is False
    why_not = np.full(index.n_events, -1, dtype=np.int8)
    why_not[machine[who.actor] & (who.actor >= 0)] = REASONS.index("machine")
    origin = history.events["origin"]
    for word in MACHINES:
        why_not[_is(origin, word)] = REASONS.index(word)
    # A copied case was not worked on here, nor one that nobody ever touched. What a web form or a connector entered is
    # worked on like any other: only its entry is nobody's.
    case_why_not = np.full(index.n_cases, -1, dtype=np.int8)
    creator = np.zeros(index.n_cases, dtype=np.int64)
    some = np.flatnonzero(np.diff(index.offsets) > 0)
    first = index.offsets[some]
    by_hand = np.bincount(index.case[why_not < 0], minlength=index.n_cases)[some] > 0
    copied = np.isin(why_not[first], [REASONS.index(word) for word in COPIES])
    case_why_not[some] = np.where(copied | ~by_hand, why_not[first], -1)
    creator[some] = np.where(who.actor[first] >= 0, person[who.actor[first]], 0)
    named = cases["created_by"]
    known = ~named.is_null().to_numpy()
    creator[known] = [_number(one) for one in named.drop_nulls().to_list()]
    case_why_not[_is_true(cases["is_deleted"])] = REASONS.index("deleted")
    outcome = np.full(index.n_cases, -1, dtype=np.int8)
    for value, words in ((1, GOOD), (0, BAD)):
        for word in words:
            outcome[_is(cases["outcome"], word) & (index.closed != NEVER)] = value
    return Log(
        case_ids=np.array(cases["case_id"].to_list(), dtype=object),
        offsets=index.offsets.astype(np.int64),
        activities=index.activities,
        activity=index.activity,
        at=index.at,
        tie_start=index.tie_start,
        tie_end=index.tie_end,
        groups=grouping.groups,
        group=grouping.of_events,
        person=person[acted],
        why_not=why_not,
        case_group=grouping.of_cases,
        creator=creator,
        case_why_not=case_why_not,
        created=index.created,
        closed=index.closed,
        outcome=outcome,
        amount=cases["amount"].fill_null(float("nan")).to_numpy().astype(np.float64),
        kind=np.array(cases["kind"].to_list(), dtype=object),
        as_of=index.as_of,
        attributes=attributes_of(history),
    )


def regrouped(log: Log, history: History, by: tuple[str, ...]) -> Log:
    """The log of a history with its people grouped by other traits."""
    grouping = grouped(history, by)
    return attrs.evolve(log, groups=grouping.groups, group=grouping.of_events, case_group=grouping.of_cases)


def persons(log: Log) -> dict[Group, int]:
    """How many persons acted in each group, programs apart: for groups of which nobody keeps a list."""
    use = (log.group >= 0) & (log.person != 0) & ~np.isin(log.why_not, [REASONS.index("machine")])
    numbers, person = np.unique(log.person[use], return_inverse=True)
    pair = np.unique(log.group[use].astype(np.int64) * max(len(numbers), 1) + person)
    count = np.bincount(pair // max(len(numbers), 1), minlength=len(log.groups))
    return {group: int(n) for group, n in zip(log.groups, count, strict=True)}


def _is(series: Any, word: str) -> Bool:
    found: Bool = (series == word).fill_null(False).to_numpy().astype(bool)
    return found


def _is_true(series: Any) -> Bool:
    found: Bool = series.fill_null(False).to_numpy().astype(bool)
    return found


def _number(text: str) -> int:
    """A number for an id, the same in every part and every run, and never 0."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True) or 1
