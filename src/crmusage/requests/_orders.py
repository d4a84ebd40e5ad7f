"""What it costs to take each request as it comes, against deciding which is next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._clock import Clock
from crmusage.requests._queue import CRITERIA, Criterion, Queued, declared, rank

SWITCHING = dt.timedelta(minutes=15)
"""Work lost each time something is interrupted and taken up again: guessed; measure your own."""
_HOUR = dt.timedelta(hours=1)
_NONE = dt.timedelta()


@attrs.frozen
class Finished:
    """When a request was done, and how far that was beyond its date."""

    id: str
    at: dt.timedelta
    """Working time since the first request arrived."""
    tardiness: dt.timedelta
    """Working time beyond its date; nothing where it was in time or had none."""


@attrs.frozen
class OrderCost:
    """What one way of working through a queue comes to. All times are working time."""

    finished: tuple[Finished, ...]
    """In the order in which they were done."""
    lateness: dt.timedelta
    """The tardiness of all requests together."""
    late: int
    """Requests done after their date."""
    weighted_tardiness: float
    """Hours beyond the date, each times what an hour costs."""
    mean_wait: dt.timedelta
    """From arrival to done, on average."""
    interruptions: int
    switching: dt.timedelta
    """Work spent on taking up again what was interrupted."""


@attrs.frozen
class OrderComparison:
    """The same queue worked through in two ways."""

    reactive: OrderCost
    """Each request begun when it comes in, and what was being done put aside."""
    decided: OrderCost
    """One after the other to its end; next is what priority and criteria say."""
    text: Text


def compare_orders(
    queue: Iterable[Queued],
    *,
    clock: Clock | None = None,
    criteria: Sequence[Criterion | str] = CRITERIA,
    switching: dt.timedelta = SWITCHING,
) -> OrderComparison:
    """Work a queue through twice, in working time: each request as it comes, and in a decided order.

    Nothing is random. The decided order knows no more than the reactive one: of what has arrived by then, it takes
    what priority and criteria put first, and finishes it. It is a comparison, not a schedule: one doer, efforts as
    they were given, nothing waits for others.

    Args:
        queue: requests with when they arrive, what work they take and when they are due.
        clock: the doer's working time; None: Monday to Friday, nine to five, UTC.
        criteria: as `next_request`.
        switching: work lost at each interruption.

    Raises:
        ContractError: when there is nothing to compare, an id is there twice, a criterion is none, or `switching` is
            less than nothing.
    """
    clock, order = clock or Clock(), declared(criteria)
    requests = sorted(queue, key=lambda queued: (queued.arrived_at, queued.id))
    if not requests:
        raise ContractError("an empty queue has no order: give some requests")
    if switching < _NONE:
        raise ContractError(f"switching costs some working time or none, not {switching}")
    start = requests[0].arrived_at
    arrivals = {queued.id: clock.worked(start, queued.arrived_at) for queued in requests}
    if len(arrivals) < len(requests):
        raise ContractError("an id is in the queue more than once: give each request once")

    def cost(way: _Way) -> OrderCost:
        return _cost(requests, arrivals, lambda due: clock.worked(start, due), way, switching)

    reactive = cost(_reactive(requests, arrivals, switching))
    decided = cost(_decided(requests, arrivals, order))
    return OrderComparison(reactive, decided, _told(reactive, decided))


_Way = tuple[list[tuple[str, dt.timedelta]], int]
"""Ids with the working time at which each was done, and the interruptions."""


def _reactive(requests: Sequence[Queued], arrivals: dict[str, dt.timedelta], switching: dt.timedelta) -> _Way:
    done: list[tuple[str, dt.timedelta]] = []
    open_: list[tuple[str, dt.timedelta, bool]] = []
    """What is under way: id, work left, whether it was begun. The last is the one in hand."""
    now, interruptions = _NONE, 0
    for position, queued in enumerate(requests):
        arrival = arrivals[queued.id]
        now = _work(open_, now, arrival, done)
        if open_ and open_[-1][2]:
            name, left, _ = open_.pop()
            open_.append((name, left + switching, False))
            interruptions += 1
        open_.append((queued.id, queued.effort, False))
        if position == len(requests) - 1:
            _work(open_, now, None, done)
    return done, interruptions


def _work(
    open_: list[tuple[str, dt.timedelta, bool]],
    now: dt.timedelta,
    until: dt.timedelta | None,
    done: list[tuple[str, dt.timedelta]],
) -> dt.timedelta:
    while open_ and (until is None or now < until):
        name, left, _ = open_.pop()
        if until is not None and now + left > until:
            open_.append((name, left - (until - now), True))
            return until
        now += left
        done.append((name, now))
    return now if until is None else max(now, until)


def _decided(
    requests: Sequence[Queued], arrivals: dict[str, dt.timedelta], criteria: Sequence[Criterion]
) -> _Way:
    done: list[tuple[str, dt.timedelta]] = []
    left = list(requests)
    now = _NONE
    while left:
        now = max(now, min(arrivals[queued.id] for queued in left))
        there = [queued for queued in left if arrivals[queued.id] <= now]
        chosen = min(there, key=lambda queued: rank(queued, criteria))
        left.remove(chosen)
        now += chosen.effort
        done.append((chosen.id, now))
    return done, 0


def _cost(
    requests: Sequence[Queued],
    arrivals: dict[str, dt.timedelta],
    offset: Callable[[dt.datetime], dt.timedelta],
    way: _Way,
    switching: dt.timedelta,
) -> OrderCost:
    by_id = {queued.id: queued for queued in requests}
    done, interruptions = way
    finished = []
    for name, at in done:
        due = by_id[name].due_at
        beyond = _NONE if due is None else max(_NONE, at - offset(due))
        finished.append(Finished(name, at, beyond))
    return OrderCost(
        tuple(finished),
        sum((item.tardiness for item in finished), _NONE),
        sum(item.tardiness > _NONE for item in finished),
        sum(item.tardiness / _HOUR * by_id[item.id].weight for item in finished),
        sum((item.at - arrivals[item.id] for item in finished), _NONE) / len(finished),
        interruptions,
        interruptions * switching,
    )


def _told(reactive: OrderCost, decided: OrderCost) -> Text:
    en, fr = (_in_words(reactive, decided, Wording(lang)) for lang in ("en", "fr"))
    return Text(en, fr)


def _in_words(reactive: OrderCost, decided: OrderCost, w: Wording) -> str:
    late = [w.value(cost.lateness / _HOUR, "hours") for cost in (reactive, decided)]
    costs = [w.number(cost.weighted_tardiness, 1) for cost in (reactive, decided)]
    n = len(reactive.finished)
    lost = w.value(reactive.switching / _HOUR, "hours")
    told = w.pick(
        f"Taken as they came: {reactive.late} of {n} late, {late[0]} in all (weighted: {costs[0]}), "
        f"interruptions: {reactive.interruptions}, costing {lost}. "
        f"In a decided order: {decided.late} late, {late[1]} (weighted: {costs[1]}).",
        f"Au fil de l'eau : {reactive.late} en retard sur {n}, {late[0]} au total (pondéré : {costs[0]}), "
        f"interruptions : {reactive.interruptions}, soit {lost} de perdu. "
        f"Dans un ordre décidé : {decided.late} en retard, {late[1]} (pondéré : {costs[1]}).",
    )
    if reactive.weighted_tardiness < decided.weighted_tardiness:
        told += w.pick(
            " Here, taking them as they came cost less.", " Ici, le fil de l'eau coûte moins cher."
        )
    return told
