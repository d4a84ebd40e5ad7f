"""Refreshers: which topic, which group, which month, so that what is known stays above a floor at least cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from crmusage.knowledge._erosion import Departure, Erosion, Event, Refresher, Release, curve, in_month
from crmusage.model import MIN_GROUP, Text
from crmusage.rules._field import FieldError, is_whole

HORIZON = 36
"""Months planned ahead: the source's shorter term."""
FLOOR = 0.5
"""Share of a topic that is to stay known. Guessed; a company sets its own."""


def _is_positive(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 < value < float("inf"):
        raise FieldError(attribute.name, f"{attribute.name} is more than 0, not {value!r}")


def _is_count(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not is_whole(value):
        raise FieldError(attribute.name, f"{attribute.name} is a whole number from 1, not {value!r}")


def _below_one(_: object, attribute: attrs.Attribute[float], value: float | None) -> None:
    if value is not None and not 0 <= value < 1:
        raise FieldError(attribute.name, f"{attribute.name} is a share from 0 to less than 1, not {value!r}")


@attrs.frozen
class Topic:
    """Something that people should know how to do, and what a refresher of it costs."""

    id: str
    name: Text
    hours: float = attrs.field(validator=_is_positive)
    """Of each person's time."""
    preparation: float = attrs.field(default=0.0)
    """Hours of whoever teaches, each time."""
    floor: float | None = attrs.field(default=None, validator=_below_one)
    """The share that must stay known; None: that of the programme."""

    @preparation.validator
    def _not_negative(self, _: object, value: float) -> None:
        if not 0 <= value < float("inf"):
            raise FieldError("preparation", f"preparation is 0 hours or more, not {value!r}")


@attrs.frozen
class Group:
    """People who are taught together: a unit, or a profile in it. Never a person."""

    id: str
    people: int = attrs.field(validator=_is_count)
    turnover_a_year: float | None = attrs.field(default=None, validator=_below_one)
    """None: that of the programme."""


@attrs.frozen
class Happening:
    """A release or a departure that is expected, with whom or what it touches."""

    event: Release | Departure
    topic: str | None = None
    """None: all topics."""
    group: str | None = None
    """None: all groups."""

    def touches(self, group: Group, topic: Topic) -> bool:
        """Whether the people and the topic are touched by it."""
        return self.topic in {None, topic.id} and self.group in {None, group.id}


@attrs.frozen
class Programme:
    """What is to stay known by whom. Month 0 is the day on which all were trained."""

    topics: tuple[Topic, ...] = attrs.field(converter=tuple)
    groups: tuple[Group, ...] = attrs.field(converter=tuple)
    erosion: Erosion = attrs.field(factory=Erosion)
    happenings: tuple[Happening, ...] = attrs.field(default=(), converter=tuple)
    months: int = attrs.field(default=HORIZON, validator=_is_count)
    floor: float = attrs.field(default=FLOOR, validator=_below_one)
    min_group: int = attrs.field(default=MIN_GROUP, validator=_is_count)

    def __attrs_post_init__(self) -> None:
        for field, ids in (("topics", [t.id for t in self.topics]), ("groups", [g.id for g in self.groups])):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise FieldError(field, f"{twice[0]!r} is there more than once")
        topics, groups = {one.id for one in self.topics}, {one.id for one in self.groups}
        for one in self.happenings:
            for name, known, kind in ((one.topic, topics, "topic"), (one.group, groups, "group")):
                if name is not None and name not in known:
                    there = ", ".join(sorted(known)) or "none"
                    raise FieldError("happenings", f"there is no {kind} {name!r}; there is {there}")

    @property
    def large_enough(self) -> tuple[Group, ...]:
        """The groups of at least `min_group` people: of others nothing is told."""
        return tuple(one for one in self.groups if one.people >= self.min_group)

    def erosion_in(self, group: Group) -> Erosion:
        """The erosion with the turnover of a group."""
        if group.turnover_a_year is None:
            return self.erosion
        return attrs.evolve(self.erosion, turnover_a_year=group.turnover_a_year)

    def events_in(self, group: Group, topic: Topic) -> tuple[Release | Departure, ...]:
        """What is expected to happen to a topic in a group."""
        return tuple(one.event for one in self.happenings if one.touches(group, topic))


@attrs.frozen
class Session:
    """One refresher: at the end of a month."""

    month: int
    group: Group
    topic: Topic
    before: float
    """Known share without it."""
    after: float
    hours: float
    """Of everybody together, the preparation too."""


@attrs.frozen
class Strand:
    """One topic in one group, month by month from month 0."""

    group: Group
    topic: Topic
    floor: float
    without: tuple[float, ...]
    """Known share without refreshers."""
    known: tuple[float, ...]
    """Known share with those planned; as without them when the floor is out of reach."""
    sessions: tuple[Session, ...]
    out_of_reach: bool = False
    """Even a refresher a month does not hold the floor: a shorter training loses what a longer one might keep."""

    @property
    def hours(self) -> float:
        """Of everybody together."""
        return sum(one.hours for one in self.sessions)

    @property
    def falls_below(self) -> int | None:
        """The first month below the floor when nothing is done; None: it stays above."""
        return next((month for month, share in enumerate(self.without) if share < self.floor), None)


@attrs.frozen
class Schedule:
    """The refreshers of a programme."""

    programme: Programme
    strands: tuple[Strand, ...]
    set_aside: tuple[Group, ...]
    """Groups that are too small to be spoken of."""

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All, by month, then in the order of groups and topics."""
        every = (session for strand in self.strands for session in strand.sessions)
        return tuple(sorted(every, key=lambda one: one.month))

    @property
    def hours(self) -> float:
        """Of everybody together."""
        return sum(strand.hours for strand in self.strands)

    @property
    def out_of_reach(self) -> tuple[Strand, ...]:
        """What no refreshers can hold above the floor."""
        return tuple(strand for strand in self.strands if strand.out_of_reach)

    def average(self, *, refreshed: bool = True) -> tuple[float, ...]:
        """The known share month by month, each group by its people, each topic alike; empty without strands."""
        people = sum(one.group.people for one in self.strands)
        curves = [(one.group.people, one.known if refreshed else one.without) for one in self.strands]
        return tuple(
            sum(weight * known[month] for weight, known in curves) / people
            for month in (range(self.programme.months + 1) if people else ())
        )


def plan(programme: Programme) -> Schedule:
    """The cheapest refreshers that hold the floor at the end of every month, group by group and topic by topic.

    Exact. A session serves one topic in one group, so hours add up and each pair is planned for itself. There, month by
    month, all ways so far are kept but those that cost no less and know no more than another. Everything that
    comes after (a month, a release, a departure, a refresher) is a rising function of the known share, so whatever
    follows a discarded way can follow the better one at no more hours with no less known: no cheapest plan is
    lost. A session costs the same in every month, so at most months + 1 ways are kept at a time. Of equally
    cheap plans it is the one that ends with the most known.
    """
    strands = tuple(
        _strand(programme, group, topic) for group in programme.large_enough for topic in programme.topics
    )
    set_aside = tuple(one for one in programme.groups if one.people < programme.min_group)
    return Schedule(programme, strands, set_aside)


@attrs.frozen
class _Way:
    known: float
    months: tuple[int, ...]


def _strand(programme: Programme, group: Group, topic: Topic) -> Strand:
    erosion, events = programme.erosion_in(group), programme.events_in(group, topic)
    floor = programme.floor if topic.floor is None else topic.floor
    without = curve(erosion, programme.months, events)
    best = _cheapest(erosion, events, programme.months, floor)
    if best is None:
        return Strand(group, topic, floor, without, without, (), out_of_reach=True)
    refreshers: tuple[Event, ...] = tuple(Refresher(month) for month in best)
    known = curve(erosion, programme.months, (*events, *refreshers))
    hours = topic.hours * group.people + topic.preparation
    sessions = []
    for month in best:
        earlier = (one for one in refreshers if one.month < month)
        before = curve(erosion, month, (*events, *earlier))[-1]
        sessions.append(Session(month, group, topic, before, known[month], hours))
    return Strand(group, topic, floor, without, known, tuple(sessions))


def _cheapest(erosion: Erosion, events: Iterable[Event], months: int, floor: float) -> tuple[int, ...] | None:
    """The months of the fewest refreshers that hold the floor from month 1 on; None: none do."""
    events = tuple(events)
    ways = [_Way(erosion.training_keeps, ())]
    for month in range(1, months + 1):
        happening = tuple(in_month(events, month))
        ways = list(_undominated(_onward(erosion, ways, happening, month, floor)))
    return ways[0].months if ways else None


def _onward(
    erosion: Erosion, ways: Iterable[_Way], happening: tuple[Event, ...], month: int, floor: float
) -> Iterator[_Way]:
    lesson = Refresher(month)
    for way in ways:
        share = erosion.next(way.known)
        for event in happening:
            share = event.after(share, erosion)
        taught = lesson.after(share, erosion)
        if share >= floor:
            yield _Way(share, way.months)
        if taught >= floor:
            yield _Way(taught, (*way.months, month))


def _undominated(ways: Iterable[_Way]) -> Iterator[_Way]:
    """Those with the fewest refreshers first, each with more known than all before it."""
    most = -1.0
    for way in sorted(ways, key=lambda one: (len(one.months), -one.known, one.months)):
        if way.known > most:
            most = way.known
            yield way
