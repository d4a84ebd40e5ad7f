"""Who gains and who pays: what each capability and each required field gives and takes, in minutes a week."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

import attrs

from crmusage.adoptability import _words
from crmusage.model import Text


class Return(enum.StrEnum):
    """The two ways in which a CRM pays: the second lives off the first."""

    PERFORMANCE = "performance"
    """People do their work better with it."""
    DATA = "data"
    """Data are collected, to decide by."""


class Kind(enum.StrEnum):
    """What a feature is."""

    CAPABILITY = "capability"
    FIELD = "field"
    """Something that has to be filled in."""


@attrs.frozen
class Group:
    """People who have the same to gain and to pay."""

    id: str
    name: Text
    people: int = 1
    users: bool = False
    """Whether they are the ones who work with the tool and feed it (else they live off what it holds)."""


@attrs.frozen
class Irritant:
    """Something that annoys people in their daily work, as they report it."""

    id: str
    name: Text
    group: str
    minutes: float
    """What it costs each of them in a week."""


@attrs.frozen
class Feature:
    """A capability or a required field, with whom it serves and what it costs."""

    id: str
    name: Text
    kind: Kind
    serves: Return
    gains: Mapping[str, float] = attrs.field(factory=dict, hash=False)
    """Minutes a week for each person of a group; what it relieves comes on top."""
    costs: Mapping[str, float] = attrs.field(factory=dict, hash=False)
    """Minutes a week for each person of a group."""
    relieves: tuple[str, ...] = ()
    """Irritants."""
    in_place: bool = False


@attrs.frozen
class Account:
    """What one group gains and pays, in minutes a week for all of it."""

    group: Group
    gains: float
    costs: float

    @property
    def net(self) -> float:
        """What is left."""
        return round(self.gains - self.costs, 6)  # 0.1 + 0.2 - 0.3 is nothing to gain


@attrs.frozen
class Planned:
    """A place in the backlog."""

    feature: Feature
    accounts: tuple[Account, ...]
    """What it adds for each group, with irritants that nothing before it has relieved."""
    users_after: float
    """How the users' account stands once it is there, in minutes a week."""
    reason: Text


@attrs.frozen
class Balance:
    """The groups, what annoys them, and the features that are there or planned."""

    groups: tuple[Group, ...]
    irritants: tuple[Irritant, ...]
    features: tuple[Feature, ...]

    @property
    def today(self) -> tuple[Account, ...]:
        """What each group gains and pays with what is in place."""
        return self._accounts([one for one in self.features if one.in_place], frozenset())

    @property
    def users_today(self) -> float:
        """The account of all users together, in minutes a week."""
        return _users(self.today)

    @property
    def conflicts(self) -> tuple[tuple[Feature, Text], ...]:
        """Features for which some pay, net, and others gain; in the words of the conflict of interest."""
        found = []
        for feature in self.features:
            accounts = self._accounts([feature], frozenset())
            pay = [one.group.name for one in accounts if one.net < 0]
            gain = [one.group.name for one in accounts if one.net > 0]
            if pay and gain:
                found.append((feature, _words.conflict(feature.name, pay, gain)))
        return tuple(found)

    @property
    def conflict(self) -> Text | None:
        """That what is in place serves others at the users' cost, in all; None: it does not."""
        others = sum(one.net for one in self.today if not one.group.users)
        return _words.conflict_of_whole(-self.users_today, others) if self.users_today < 0 < others else None

    @property
    def burdens(self) -> tuple[tuple[Feature, Text], ...]:
        """What is in place and takes more time than anybody gains by it, the heaviest first."""
        found = []
        for feature in self.features:
            accounts = self._accounts([feature], frozenset())
            gains, costs = sum(one.gains for one in accounts), sum(one.costs for one in accounts)
            if feature.in_place and costs > gains:
                found.append((gains - costs, feature, _words.burden(feature.name, costs, gains)))
        return tuple((feature, text) for _, feature, text in sorted(found, key=lambda one: one[0]))

    @property
    def unrelieved(self) -> tuple[Irritant, ...]:
        """What annoys people and no feature relieves, in place or planned."""
        relieved = {id_ for feature in self.features for id_ in feature.relieves}
        return tuple(one for one in self.irritants if one.id not in relieved)

    def returns(self) -> dict[Return, tuple[Feature, ...]]:
        """The features in place by the return that they serve."""
        return {
            each: tuple(one for one in self.features if one.in_place and one.serves is each)
            for each in Return
        }

    def backlog(self) -> tuple[Planned, ...]:
        """What is planned, ordered so that users gain first.

        At each place stands the best of what is left: first what leaves users with more time than it takes, the most
        first; then what costs them nothing, the most use to others first; last what they pay for others, the least
        first. Each irritant counts once, for the first feature that relieves it.
        """
        left = [one for one in self.features if not one.in_place]
        relieved = frozenset(id_ for one in self.features if one.in_place for id_ in one.relieves)
        users, found = self.users_today, []
        while left:
            rated = [(one, self._accounts([one], relieved)) for one in left]
            feature, accounts = min(rated, key=lambda pair: _rank(*pair))
            left.remove(feature)
            relieved |= set(feature.relieves)
            own, others = _users(accounts), sum(one.net for one in accounts if not one.group.users)
            users += own
            found.append(Planned(feature, accounts, users, _words.placed(own, others, users)))
        return tuple(found)

    def _accounts(self, features: Sequence[Feature], relieved: frozenset[str]) -> tuple[Account, ...]:
        # An irritant is relieved once, however many features relieve it.
        ids = {id_ for one in features for id_ in one.relieves} - relieved
        accounts = []
        for group in self.groups:
            relief = sum(one.minutes for one in self.irritants if one.id in ids and one.group == group.id)
            gains = relief + sum(one.gains.get(group.id, 0) for one in features)
            costs = sum(one.costs.get(group.id, 0) for one in features)
            accounts.append(Account(group, gains * group.people, costs * group.people))
        return tuple(accounts)


def _users(accounts: Sequence[Account]) -> float:
    return sum(one.net for one in accounts if one.group.users)


def _rank(feature: Feature, accounts: Sequence[Account]) -> tuple[int, float, float, str]:
    users = _users(accounts)
    others = sum(one.net for one in accounts) - users
    tier = 0 if users > 0 else 1 if users == 0 else 2
    return tier, -users, -others, feature.id
