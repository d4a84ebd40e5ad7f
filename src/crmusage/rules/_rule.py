from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping

import attrs

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.rules._change import Change
from crmusage.rules._condition import Condition, comparisons
from crmusage.rules._duration import Duration
from crmusage.rules._field import FieldError, is_whole
from crmusage.rules._schedule import check_rrule, check_zone, hangs_on_start
from crmusage.rules._situation import Situation, check_id
from crmusage.rules._template import Template

AUDIENCES = ("unit", "profile", "region")
ZONES = ("person", "unit")
"""What a rule may say of a time zone besides its name."""
RENEWALS = ("years", "months", "weeks", "days")


def _names(value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        raise RuleError(f"names come as a list, [{value!r}], even a single one")
    return tuple(value)


def _named_names(value: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: _names(names) for name, names in value.items()}


def _one_of(value: str | Iterable[str]) -> str | tuple[str, ...]:
    """Several names once each; a single one is just a name."""
    if isinstance(value, str):
        return value
    names = tuple(dict.fromkeys(value))
    return names[0] if len(names) == 1 else names


def _named(field: str, value: str | tuple[str, ...]) -> None:
    if not value or not all(_as_tuple(value)):
        raise FieldError(field, f"{field} is empty" if not value else f"{field} has an empty name")


def _as_tuple(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _constraints(value: Iterable[Constraint]) -> tuple[Constraint, ...]:
    return tuple(value)


def _situation(value: Text) -> Situation:
    return value if isinstance(value, Situation) else Situation(value.en, value.fr)


def _plain_text(value: Text | None) -> Text | None:
    return Text(value.en, value.fr) if isinstance(value, Situation) else value


def _changes(value: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(value)


class Status(enum.StrEnum):
    """Where a rule stands: `active` ones are written and in force, `observed` ones found in what is done."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"
    OBSERVED = "observed"
    FORBIDDEN = "forbidden"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return Text(self.value, _STATUS[self])


_STATUS = {
    Status.DRAFT: "brouillon",
    Status.ACTIVE: "en vigueur",
    Status.RETIRED: "retirée",
    Status.OBSERVED: "observée",
    Status.FORBIDDEN: "interdite",
}


@attrs.frozen
class Correlation:
    """The attributes that activation and target have in common (`same`), and that tell them apart.

    They are always of one case; a missing value is neither the same as nor different from anything.
    """

    same: tuple[str, ...] = attrs.field(default=(), converter=_names)
    different: tuple[str, ...] = attrs.field(default=(), converter=_names)


@attrs.frozen
class Constraint:
    """One expectation in DECLARE's terms.

    `activity` is the activation and `target` the other side, also where DECLARE writes them the other way
    round: "no B before an A", precedence(A, B), is `activity="B", target="A"`.
    """

    template: Template = attrs.field(converter=Template)
    activity: str | tuple[str, ...] = attrs.field(converter=_one_of)
    """One activity, or several of which each one is an activation (DECLARE's branching)."""
    target: str | tuple[str, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_one_of)
    )
    """One activity, or several any of which will do."""
    n: int | None = None
    where: Condition | None = None
    """On the activation."""
    target_where: Condition | None = None
    correlate: Correlation = Correlation()
    within: Duration | None = None
    """At the latest so long from the activation (forward or back, as the template looks)."""
    after: Duration | None = None
    """At the earliest so long from the activation."""

    def __attrs_post_init__(self) -> None:
        _named("activity", self.activity)
        if self.template.is_unary:
            for name in ("target", "target_where"):
                if getattr(self, name) is not None:
                    raise FieldError(name, f"{self.template} speaks of one activity: it takes no {name}")
            if self.correlate != Correlation():
                what = f"{self.template} speaks of one activity: it takes no correlate"
                raise FieldError("correlate", what)
        elif not self.target:
            raise FieldError("target", f"{self.template} needs a target")
        else:
            _named("target", self.target)
        if self.template.counts:
            if self.n is None:
                object.__setattr__(self, "n", 1)
            elif not is_whole(self.n):
                raise FieldError("n", f"n is a whole number from 1, not {self.n!r}")
        elif self.n is not None:
            raise FieldError("n", f"{self.template} takes no n (existence, absence and exactly do)")

    @property
    def activities(self) -> tuple[str, ...]:
        """The activity as a tuple, whether one or several."""
        return _as_tuple(self.activity)

    @property
    def targets(self) -> tuple[str, ...]:
        """The target as a tuple: empty, one or several."""
        return _as_tuple(self.target)

    @property
    def attributes(self) -> frozenset[str]:
        """Every attribute that it names."""
        named = {c.attribute for side in (self.where, self.target_where) for c in comparisons(side)}
        return frozenset(named | {*self.correlate.same, *self.correlate.different})

    def __str__(self) -> str:
        """`response(quote_accepted, quote_declined) within 2 working days`: activation first."""
        sides = [" | ".join(names) for names in (self.activities, self.targets) if names]
        inner = [*sides, *([str(self.n)] if self.n else [])]
        text = f"{self.template}({', '.join(inner)})"
        if self.after is not None:
            text += f" after {self.after}"
        if self.within is not None:
            text += f" within {self.within}"
        return text


@attrs.frozen
class Cadence:
    """Something due again and again: by each instant of `rrule` (RFC 5545), each open case had `needs`."""

    rrule: str
    needs: str | tuple[str, ...] = attrs.field(converter=_one_of)
    """One activity, or several any of which will do."""
    since: Duration | None = None
    """How far back it counts; None: since the due instant before."""
    zone: str | None = None
    """As a rule's zone; None: the rule's, and if that has none, the owner's own."""
    starts_on: dt.date | None = None
    """RFC 5545's DTSTART: the day from whose midnight the recurrence is counted. Needed where that makes a
    difference: every second Monday is another one a week later."""

    def __attrs_post_init__(self) -> None:
        check_rrule(self.rrule)
        _named("needs", self.needs)
        if isinstance(self.starts_on, dt.datetime):
            raise FieldError("starts_on", "starts_on is a day, such as 2026-01-05, without a time")
        part = hangs_on_start(self.rrule)
        if self.starts_on is None and part is not None:
            raise FieldError("starts_on", f"{part} is counted from a first day: say starts_on = 2026-01-05")
        if self.since is not None and self.since.is_nothing and self.since.working_days is None:
            raise FieldError("since", "since has no length: nothing could happen in it")
        if self.zone is not None and self.zone not in ZONES:
            check_zone(self.zone)

    @property
    def activities(self) -> tuple[str, ...]:
        """What will do, as a tuple, whether one or several."""
        return _as_tuple(self.needs)

    def __str__(self) -> str:
        """`cadence: updated, FREQ=WEEKLY;BYDAY=MO;BYHOUR=12, within 12 hours before`."""
        window = "since the time before" if self.since is None else f"within {self.since} before"
        return f"cadence: {' | '.join(self.activities)}, {self.rrule}, {window}"


@attrs.frozen
class AppliesTo:
    """Whom and what a rule is for; all of it must fit. Empty: everybody, every case of the rule's kind."""

    unit: tuple[str, ...] = attrs.field(default=(), converter=_names)
    profile: tuple[str, ...] = attrs.field(default=(), converter=_names)
    region: tuple[str, ...] = attrs.field(default=(), converter=_names)
    where: Condition | None = None
    """On the case."""


@attrs.frozen
class Review:
    """When the rule is looked at again."""

    rrule: str

    def __attrs_post_init__(self) -> None:
        check_rrule(self.rrule)


@attrs.frozen
class Communication:
    """Who is told of the rule, and how often."""

    audience: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_named_names, hash=False)
    """By profile, unit or region."""
    newcomers_within: Duration | None = None
    renew_every: Mapping[str, int] | None = attrs.field(default=None, hash=False)
    """A whole number of years, months, weeks or days (calendar ones, unlike a Duration's), added up."""

    def __attrs_post_init__(self) -> None:
        for name in self.audience:
            if name not in AUDIENCES:
                raise FieldError("audience", f"an audience is named by {', '.join(AUDIENCES)}, not {name!r}")
        if self.renew_every is None:
            return
        if not self.renew_every:
            raise FieldError("renew_every", f"renew_every takes at least one of {', '.join(RENEWALS)}")
        for name, count in self.renew_every.items():
            if name not in RENEWALS:
                raise FieldError("renew_every", f"renew_every takes {', '.join(RENEWALS)}, not {name!r}")
            if not is_whole(count):
                raise FieldError("renew_every", f"{name} is a whole number from 1, not {count!r}")


@attrs.frozen
class UsageRule:
    """A usage as a rule, written (`active`) or not (`observed`): what is expected in a situation, of whom."""

    id: str
    situation: Situation = attrs.field(converter=_situation)
    """A Text will do."""
    version: int = 1
    """Rises when people must be told again: when whether the rule holds, when, for whom or what it says changes."""
    status: Status = attrs.field(default=Status.ACTIVE, converter=Status)
    kind: str | None = None
    """The kind of cases; None: every kind."""
    owner: str | None = None
    guidance: Text | None = attrs.field(default=None, converter=_plain_text)
    applies_to: AppliesTo = AppliesTo()
    zone: str | None = None
    """Whose clock days are read from: an IANA name; `person`: that of who acted, else of the case's owner; `unit`:
    that of most people of the unit. None: no clock, a day is 24 hours (and working time is read in UTC)."""
    expect: tuple[Constraint, ...] = attrs.field(default=(), converter=_constraints)
    cadence: Cadence | None = None
    review: Review | None = None
    communication: Communication | None = None
    cites: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Where the rule comes from: texts, decisions, audits."""
    history: tuple[Change, ...] = attrs.field(default=(), converter=_changes)
    """What was done with it, the oldest first; what was done by hand, in the file, may be missing."""
    source: str | None = attrs.field(default=None, eq=False, repr=False)
    """The text of the file that it came from, so that saving it keeps the comments."""

    def __attrs_post_init__(self) -> None:
        check_id(self.id)
        if not is_whole(self.version):
            raise FieldError("version", f"version is a whole number from 1, not {self.version!r}")
        if self.zone is not None and self.zone not in ZONES:
            check_zone(self.zone)
        versions = [change.version for change in self.history]
        if versions != sorted(versions):
            raise FieldError("history", f"the versions in history rise, unlike {versions}")
        if versions and versions[-1] > self.version:
            what = f"history tells of version {versions[-1]}, the rule itself is version {self.version}"
            raise FieldError("history", what)

    @property
    def since(self) -> dt.datetime | None:
        """Since when it is as it is, in its present version; None: its history does not say."""
        return next((change.at for change in self.history if change.version == self.version), None)

    def expectation(self, position: int) -> Constraint | Cadence:
        """What a tally's position stands for: an expectation, or after the last one the cadence.

        Raises:
            IndexError: when the rule has no such position.
        """
        if self.cadence is not None and position == len(self.expect):
            return self.cadence
        return self.expect[position]
