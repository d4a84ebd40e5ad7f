from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._clock import Clock
from crmusage.requests._request import Request
from crmusage.requests._state import State
from crmusage.requests._steps import stretches

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
_UNRANKED = 10**6
"""A request that says no priority comes after all that say one."""
_WEIGHTS = {1: 4.0, 2: 2.0}
"""What an hour late costs against an hour of the lowest priority. Guessed: each rank twice the next."""


_WORK = frozenset(
    {State.DELIVERED, State.ACCEPTED, State.DECIDED, State.DEFERRED, State.STARTED, State.WAITING}
)
"""States in which there is work for the doer. A question that is not answered is none."""


class Criterion(enum.StrEnum):
    """What tells requests of equal priority apart."""

    DUE = "due"
    """What is due earlier goes first; what is never due last."""
    PROMISE = "promise"
    """What was promised to a customer goes first."""
    EFFORT = "effort"
    """What takes less work goes first."""
    AGE = "age"
    """What has been there longer goes first."""


CRITERIA = (Criterion.DUE, Criterion.PROMISE, Criterion.EFFORT, Criterion.AGE)


@attrs.frozen
class Queued:
    """A request in a doer's queue."""

    id: str
    arrived_at: dt.datetime
    effort: dt.timedelta
    """The work that it takes, in working time."""
    priority_rank: int | None = None
    """1 is the highest."""
    due_at: dt.datetime | None = None
    promised: bool = False
    """Whether the date was promised to a customer."""
    cost_of_delay: float | None = None
    """What an hour late costs, in whatever unit all of the queue is in; None: by the priority."""

    def __attrs_post_init__(self) -> None:
        for name in ("arrived_at", "due_at"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise ContractError(f"{self.id!r}: {name} is a datetime with a zone, not {value!r}")
        if self.effort <= dt.timedelta():
            raise ContractError(f"{self.id!r}: the effort is some working time, not {self.effort}")

    @property
    def weight(self) -> float:
        """What an hour late costs."""
        if self.cost_of_delay is not None:
            return self.cost_of_delay
        return _WEIGHTS.get(self.priority_rank or _UNRANKED, 1.0)

    @classmethod
    def of(cls, request: Request, effort: dt.timedelta, *, promised: bool = False) -> Queued:
        """A request that has reached its doer, as of its last event; put off, it is there again from its date.

        Raises:
            ContractError: when there is nothing that the doer could do about it now.
        """
        if request.state not in _WORK:
            what = f"it waits in no queue: {request.state.text.en} ({request.state})"
            raise ContractError(f"request {request.id!r}: {what}")
        reached = [stretch.start for stretch in stretches(request) if stretch.state is State.DELIVERED]
        arrived = request.until or (reached[-1] if reached else request.events[0].at)
        return cls(request.id, arrived, effort, request.priority_rank, request.due_at, promised)


@attrs.frozen
class Planned:
    """When a request is worked on if nothing else comes in."""

    id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    due_at: dt.datetime | None

    @property
    def late(self) -> bool:
        """Whether it will miss its date."""
        return self.due_at is not None and self.ends_at > self.due_at


@attrs.frozen
class Choice:
    """Which request is next, and why."""

    request: Queued
    decided_by: str
    """only, priority, a `Criterion`, or id: nothing told them apart."""
    text: Text
    plan: tuple[Planned, ...]
    """The whole queue in this order: one at a time, in the doer's working time."""

    @property
    def misses(self) -> tuple[str, ...]:
        """Requests that will miss their date even so: there is more to do than time for it."""
        return tuple(planned.id for planned in self.plan if planned.late)


def next_request(
    queue: Iterable[Queued],
    at: dt.datetime,
    *,
    clock: Clock | None = None,
    criteria: Sequence[Criterion | str] = CRITERIA,
) -> Choice | None:
    """Which request of a doer's queue is next, and why; None: nothing is there yet.

    Priority goes first; among equal priorities the criteria do, in their order; what they leave equal is taken by
    id, and the text says that nothing told them apart.

    Args:
        queue: what the doer has; what arrives after `at` does not count.
        at: now, with its zone.
        clock: the doer's working time, leaves taken out as holidays; None: Monday to Friday, nine to five, UTC.
        criteria: what counts among equals, most important first.

    Raises:
        ContractError: when an id is there twice, a criterion is none, or the calendar has no working time left.
    """
    clock, order = clock or Clock(), declared(criteria)
    there = sorted((q for q in _once(queue) if q.arrived_at <= at), key=lambda q: rank(q, order))
    if not there:
        return None
    plan: list[Planned] = []
    done = dt.timedelta()
    for queued in there:
        starts = _instant(clock, at, done, queued.id)
        done += queued.effort
        plan.append(Planned(queued.id, starts, _instant(clock, at, done, queued.id), queued.due_at))
    by = _decided_by(there, order)
    return Choice(there[0], by, _told(there, by, plan), tuple(plan))


def declared(criteria: Sequence[Criterion | str]) -> tuple[Criterion, ...]:
    """The criteria, by name or not.

    Raises:
        ContractError: when one is none.
    """
    for criterion in criteria:
        if criterion not in set(Criterion):
            raise ContractError(f"{criterion!r} is no criterion: they are {', '.join(Criterion)}")
    return tuple(Criterion(criterion) for criterion in criteria)


def rank(queued: Queued, criteria: Sequence[Criterion]) -> tuple[object, ...]:
    """What a queue is sorted by."""
    first = queued.priority_rank if queued.priority_rank is not None else _UNRANKED
    return (first, *(_value(queued, criterion) for criterion in criteria), queued.id)


def _value(queued: Queued, criterion: Criterion) -> object:
    match criterion:
        case Criterion.DUE:
            return _NEVER if queued.due_at is None else queued.due_at
        case Criterion.PROMISE:
            return not queued.promised
        case Criterion.EFFORT:
            return queued.effort
        case Criterion.AGE:
            return queued.arrived_at


def _once(queue: Iterable[Queued]) -> list[Queued]:
    found = {}
    for queued in queue:
        if queued.id in found:
            raise ContractError(f"{queued.id!r} is in the queue more than once: give each request once")
        found[queued.id] = queued
    return list(found.values())


def _instant(clock: Clock, at: dt.datetime, work: dt.timedelta, what: str) -> dt.datetime:
    # Work begins when there is some to do it in: a microsecond of it tells when that is.
    found = clock.after(at, max(work, dt.timedelta(microseconds=1)))
    if found is None:
        raise ContractError(
            f"the calendar has no working time left for {what!r}: give one that goes on longer"
        )
    return found if work else found - dt.timedelta(microseconds=1)


def _decided_by(there: Sequence[Queued], criteria: Sequence[Criterion]) -> str:
    if len(there) == 1:
        return "only"
    first, second = there[0], there[1]
    if first.priority_rank != second.priority_rank:
        return "priority"
    for criterion in criteria:
        if _value(first, criterion) != _value(second, criterion):
            return criterion.value
    return "id"


def _told(there: Sequence[Queued], by: str, plan: Sequence[Planned]) -> Text:
    en, fr = (_why(there, by, Wording(lang)) for lang in ("en", "fr"))
    if plan[0].late and plan[0].due_at is not None:
        en += (
            f" It will be late even so: ready {_at(plan[0].ends_at, 'en')}, due {_at(plan[0].due_at, 'en')}."
        )
        fr += (
            f" Elle sera tout de même en retard : prête le {_at(plan[0].ends_at, 'fr')}, "
            f"attendue le {_at(plan[0].due_at, 'fr')}."
        )
    return Text(en, fr)


def _why(there: Sequence[Queued], by: str, words: Wording) -> str:
    first = there[0]
    if by == "only":
        return words.pick(f"{first.id} is all there is.", f"{first.id} est la seule demande en file.")
    second = there[1]
    head = words.pick(f"{first.id} before {second.id}:", f"{first.id} avant {second.id} :")
    if by == "priority":
        ranks = (
            words.pick("none", "aucune") if q.priority_rank is None else str(q.priority_rank)
            for q in (first, second)
        )
        one, other = ranks
        return f"{head} {words.pick(f'priority {one} against {other}', f'priorité {one} contre {other}')}."
    same = words.pick("same priority;", "même priorité ;")
    if by == "id":
        return f"{head} {same} " + words.pick(
            "nothing declared tells them apart, so it goes by their ids. Declare what should.",
            "aucun critère déclaré ne les départage, l'ordre est celui des numéros. Déclarez-en un de plus.",
        )
    return f"{head} {same} {_because(first, second, Criterion(by), words)}."


def _because(first: Queued, second: Queued, by: Criterion, words: Wording) -> str:
    lang = words.lang
    match by:
        case Criterion.DUE:
            one, other = (
                words.pick("no date", "aucune date") if q.due_at is None else _at(q.due_at, lang)
                for q in (first, second)
            )
            return words.pick(f"due {one} against {other}", f"attendue le {one}, l'autre : {other}")
        case Criterion.PROMISE:
            return words.pick("it was promised to a customer", "elle a été promise à un client")
        case Criterion.EFFORT:
            one, other = (words.value(q.effort / dt.timedelta(hours=1), "hours") for q in (first, second))
            return words.pick(f"it takes {one} against {other}", f"elle demande {one} contre {other}")
        case Criterion.AGE:
            one, other = (_at(q.arrived_at, lang) for q in (first, second))
            return words.pick(f"here since {one} against {other}", f"arrivée le {one}, l'autre le {other}")


def _at(at: dt.datetime, lang: str) -> str:
    return Wording(lang).instant(at)
