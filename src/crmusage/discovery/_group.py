from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.errors import CrmUsageError
from crmusage.history import History
from crmusage.model import Text

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

TRAITS = ("unit", "profile", "region", "tenure")
"""What people can be grouped by. A single person is no group."""

_DAY = 86_400_000_000
COHORTS = (
    ("newcomer", 182 * _DAY, Text("newcomers (first six months)", "arrivants (six premiers mois)")),
    ("settled", 730 * _DAY, Text("six months to two years in post", "en poste depuis six mois à deux ans")),
    ("senior", None, Text("more than two years in post", "en poste depuis plus de deux ans")),
)
"""Tenure by name, its upper end in microseconds, and how people call it. The ends are guessed: half a year to learn
the job, two years to have seen every season of it twice."""


@attrs.frozen(order=True)
class Group:
    """Whose usage it is: people who have a unit, a profile, a region or a tenure in common, or several of them."""

    unit: str | None = None
    profile: str | None = None
    region: str | None = None
    tenure: str | None = None
    """newcomer, settled or senior."""

    @property
    def traits(self) -> dict[str, str]:
        """What they have in common, by name."""
        return {name: value for name in TRAITS if (value := getattr(self, name)) is not None}

    def into(self, lang: str) -> str:
        """The group as people call it, `lang` "en" or "fr"."""
        tenures = {name: said.into(lang) for name, _, said in COHORTS}
        named = [tenures.get(v, v) if n == "tenure" else v for n, v in self.traits.items()]
        return ", ".join(named) or Text("everybody", "tout le monde").into(lang)

    def __str__(self) -> str:
        """`Grand Ouest, account-manager`."""
        return self.into("en")


@attrs.frozen(eq=False)
class Grouping:
    """To which group each event and each case belongs, as places in `groups`; -1: to none."""

    groups: tuple[Group, ...]
    of_events: Int32
    of_cases: Int32


def checked(by: str | Iterable[str]) -> tuple[str, ...]:
    """The traits to group by, once each, in the order of `TRAITS`.

    Raises:
        CrmUsageError: for anything else than those.
    """
    named = (by,) if isinstance(by, str) else tuple(by)
    wrong = [name for name in named if name not in TRAITS]
    if wrong or not named:
        raise CrmUsageError(
            f"usages are looked for by {', '.join(TRAITS)} or several of them, not by {wrong or named!r}: "
            "a single person is never looked at"
        )
    return tuple(name for name in TRAITS if name in named)


def grouped(history: History, by: tuple[str, ...]) -> Grouping:
    """Sort events by who acted and cases by who has them."""
    events, cases, groups = _trait(history, by[0])
    combined: list[tuple[str, ...]] = [(label,) for label in groups]
    for name in by[1:]:
        more_events, more_cases, labels = _trait(history, name)
        events, cases = (
            np.where((one < 0) | (other < 0), -1, one * len(labels) + other)
            for one, other in ((events, more_events), (cases, more_cases))
        )
        combined = [(*one, other) for one in combined for other in labels]
        used = np.unique(np.concatenate([events, cases]))
        used = used[used >= 0]
        place = np.full(len(combined) + 1, -1, dtype=np.int32)
        place[used] = np.arange(len(used))
        events, cases = place[events], place[cases]
        combined = [combined[k] for k in used]
    found = tuple(Group(**dict(zip(by, labels, strict=True))) for labels in combined)
    return Grouping(found, events.astype(np.int32), cases.astype(np.int32))


def _trait(history: History, name: str) -> tuple[Any, Any, tuple[str, ...]]:
    index = history.index
    if name == "unit":
        return index.unit, index.case_unit, index.units
    if name == "tenure":
        return _tenure(history)
    traits = history.who.traits(name)
    return traits.of_events, traits.of_cases, traits.labels


def _tenure(history: History) -> tuple[Int32, Int32, tuple[str, ...]]:
    who, index = history.who, history.index
    place = {person: code for code, person in enumerate(who.persons)}
    began = np.full(len(who.persons) + 1, np.iinfo(np.int64).min)
    for person, day in history.people.select("person_id", "starts_on").drop_nulls().iter_rows():
        began[place[person]] = np.datetime64(day, "us").astype(np.int64)
    person = np.where(who.actor >= 0, who.actor, who.owner[index.case])
    ends = [end for _, end, _ in COHORTS if end is not None]

    def cohort(of: Int32, at: Int64) -> Int32:
        since = began[of]
        known = since != np.iinfo(np.int64).min
        age = at - np.where(known, since, 0)
        return np.where(known, np.searchsorted(ends, age, side="right"), -1).astype(np.int32)

    return cohort(person, index.at), cohort(who.owner, index.created), tuple(name for name, _, _ in COHORTS)


def sizes(history: History, by: tuple[str, ...], grouping: Grouping) -> dict[Group, int]:
    """How many persons each group has: as the table of people tells, else who acted or had cases in it."""
    if by == ("unit",):
        counted = history.unit_sizes()
        return {group: counted[group.unit] for group in grouping.groups if group.unit in counted}
    who, n = history.who, len(grouping.groups)
    machine = np.zeros(len(who.persons) + 1, dtype=bool)
    place = {person: code for code, person in enumerate(who.persons)}
    for person, human in history.people.select("person_id", "is_human").iter_rows():
        machine[place[person]] = human is False
    pairs = [(grouping.of_events, who.actor), (grouping.of_cases, who.owner)]
    seen = np.concatenate(
        [
            np.unique(group[use].astype(np.int64) * len(machine) + person[use])
            for group, person in pairs
            for use in [(group >= 0) & (person >= 0) & ~machine[person]]
        ]
    )
    count = np.bincount(np.unique(seen) // len(machine), minlength=n)
    return {group: int(count[k]) for k, group in enumerate(grouping.groups)}
