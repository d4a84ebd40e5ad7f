from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.requests import Clock, Criterion, Queued, compare_orders, next_request
from crmusage.rules import DayOff, WorkCalendar

from .life import DAY, HOUR, MONDAY, accepted, closed, sent


def queued(name: str, hours: float = 1, **more: object) -> Queued:
    return Queued(name, **{"arrived_at": MONDAY, "effort": hours * HOUR, "priority_rank": 2, **more})


def chosen(*queue: Queued, **more: object) -> tuple[str, str]:
    choice = next_request(queue, MONDAY, **more)
    assert choice is not None
    return choice.request.id, choice.decided_by


def test_a_higher_priority_goes_first_and_none_at_all_last():
    assert chosen(queued("a"), queued("b", priority_rank=1)) == ("b", "priority")
    assert chosen(queued("a", priority_rank=None), queued("b", priority_rank=9)) == ("b", "priority")


@pytest.mark.parametrize(
    ("first", "by"),
    [
        (queued("z", due_at=MONDAY + DAY), "due"),
        (queued("z", promised=True, due_at=MONDAY + 2 * DAY), "promise"),
        (queued("z", 0.5, due_at=MONDAY + 2 * DAY), "effort"),
        (queued("z", arrived_at=MONDAY - DAY, due_at=MONDAY + 2 * DAY), "age"),
    ],
)
def test_equal_priorities_are_told_apart_by_the_declared_criteria(first, by):
    other = queued("a", due_at=MONDAY + 2 * DAY)
    assert chosen(other, first) == ("z", by)
    choice = next_request([other, first], MONDAY)
    assert choice is not None
    assert choice.text.en.startswith("z before a: same priority;")
    assert choice.text.en != choice.text.fr


def test_the_criteria_count_in_the_order_in_which_they_are_declared():
    short, due = queued("short", 0.5), queued("due", 3, due_at=MONDAY + DAY)
    assert chosen(short, due) == ("due", "due")
    assert chosen(short, due, criteria=["effort", "due"]) == ("short", "effort")


def test_when_nothing_tells_them_apart_it_is_said():
    choice = next_request([queued("b"), queued("a")], MONDAY)
    assert choice is not None
    assert (choice.request.id, choice.decided_by) == ("a", "id")
    assert "nothing declared tells them apart" in choice.text.en


def test_what_an_hour_late_costs_is_declared_or_goes_by_the_priority():
    costs = [queued("a", priority_rank=rank).weight for rank in (1, 2, 3, None)]
    assert costs == [4, 2, 1, 1]
    assert queued("a", cost_of_delay=0.5).weight == 0.5


def test_an_empty_queue_has_no_next_and_a_single_request_needs_no_reason():
    assert next_request([], MONDAY) is None
    assert next_request([queued("a", arrived_at=MONDAY + HOUR)], MONDAY) is None
    assert chosen(queued("a")) == ("a", "only")


def test_capacity_is_the_doers_working_time():
    holiday = Clock(WorkCalendar(days_off=[DayOff(dt.date(2026, 3, 3))]))
    queue = [queued("a", 6, due_at=MONDAY + 9 * HOUR), queued("b", 4, due_at=MONDAY + DAY + 8 * HOUR)]
    at_work, away = next_request(queue, MONDAY), next_request(queue, MONDAY, clock=holiday)
    assert at_work is not None
    assert away is not None
    assert [(p.id, p.starts_at, p.ends_at) for p in at_work.plan] == [
        ("a", MONDAY, MONDAY + 6 * HOUR),
        ("b", MONDAY + 6 * HOUR, MONDAY + DAY + 2 * HOUR),
    ]
    assert (at_work.misses, away.misses) == ((), ("b",))
    assert away.plan[1].ends_at == MONDAY + 2 * DAY + 2 * HOUR


def test_what_will_be_late_anyway_is_said():
    choice = next_request([queued("a", 6, due_at=MONDAY + HOUR)], MONDAY)
    assert choice is not None
    assert "late even so" in choice.text.en
    assert choice.misses == ("a",)


def test_work_asked_for_at_night_begins_in_the_morning():
    choice = next_request([queued("a", arrived_at=MONDAY - 3 * HOUR)], MONDAY - 3 * HOUR)
    assert choice is not None
    assert (choice.plan[0].starts_at, choice.plan[0].ends_at) == (MONDAY, MONDAY + HOUR)


def test_a_request_comes_into_a_queue_when_it_has_reached_its_doer():
    request = accepted(due_at=MONDAY + 3 * DAY)
    one = Queued.of(request, 2 * HOUR, promised=True)
    assert (one.arrived_at, one.due_at, one.priority_rank, one.promised) == (
        MONDAY,
        MONDAY + 3 * DAY,
        2,
        True,
    )
    assert Queued.of(request.defer(MONDAY + HOUR, MONDAY + DAY), HOUR).arrived_at == MONDAY + DAY
    waiting = request.decide_now(MONDAY + HOUR).start(MONDAY + HOUR).wait(MONDAY + HOUR, MONDAY + 2 * DAY)
    assert Queued.of(waiting, HOUR).arrived_at == MONDAY + 2 * DAY
    for nowhere in (sent(), closed(), request.ask_clarification(MONDAY + HOUR, "Which?")):
        with pytest.raises(ContractError, match="waits in no queue"):
            Queued.of(nowhere, HOUR)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: queued("a", 0), "the effort is some working time"),
        (lambda: queued("a", due_at=MONDAY.replace(tzinfo=None)), "due_at is a datetime with a zone"),
        (lambda: next_request([queued("a"), queued("a")], MONDAY), "more than once"),
        (lambda: compare_orders([queued("a"), queued("a")]), "more than once"),
        (lambda: compare_orders([]), "empty queue"),
        (
            lambda: next_request([queued("a")], MONDAY, criteria=["mood"]),
            "no criterion: they are due, promise",
        ),
        (lambda: compare_orders([queued("a")], switching=-HOUR), "switching costs"),
    ],
)
def test_what_makes_no_sense_is_refused(call, why):
    with pytest.raises(ContractError, match=why):
        call()


def test_a_calendar_without_work_left_is_refused():
    day = {"kind": "working_hours", "starts_at": MONDAY, "ends_at": MONDAY + HOUR}
    with pytest.raises(ContractError, match="no working time left"):
        next_request([queued("a", 2)], MONDAY, clock=Clock(WorkCalendar.from_rows([day])))


def test_taking_everything_as_it_comes_costs_interruptions_and_dates():
    queue = [
        queued("long", 4, due_at=MONDAY + 5 * HOUR),
        queued("new", 2, arrived_at=MONDAY + HOUR, due_at=MONDAY + 2 * DAY),
        queued("newer", 1, arrived_at=MONDAY + 2 * HOUR, due_at=MONDAY + 2 * DAY),
    ]
    found = compare_orders(queue, switching=HOUR / 2)
    # As they come: one hour of `long`, one of `new`, `newer` till 3, `new` till 4.5 and `long` till 8, its date being 5.
    assert [(f.id, f.at / HOUR, f.tardiness / HOUR) for f in found.reactive.finished] == [
        ("newer", 3, 0), ("new", 4.5, 0), ("long", 8, 3),
    ]  # fmt: skip
    assert (found.reactive.interruptions, found.reactive.late) == (2, 1)
    assert (found.reactive.switching, found.reactive.lateness) == (HOUR, 3 * HOUR)
    assert found.reactive.weighted_tardiness == 6
    assert [(f.id, f.at / HOUR) for f in found.decided.finished] == [("long", 4), ("newer", 5), ("new", 7)]
    assert (found.decided.late, found.decided.interruptions, found.decided.lateness) == (0, 0, 0 * HOUR)
    assert (
        "Taken as they came: 1 of 3 late, 3 hours in all (weighted: 6.0), interruptions: 2"
        in found.text.en.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "cost less" not in found.text.en


def test_where_taking_them_as_they_come_costs_less_it_is_said():
    queue = [queued("long", 7), queued("short", 1, arrived_at=MONDAY + HOUR, due_at=MONDAY + 2 * HOUR)]
    found = compare_orders(queue)
    assert found.decided.late > found.reactive.late
    assert "cost less" in found.text.en


HOURS = st.integers(1, 6)
QUEUES = st.lists(
    st.builds(
        lambda arrive, effort, due, rank: (arrive, effort, due, rank), st.integers(0, 20), HOURS, st.integers(1, 40),
        st.sampled_from([1, 2, 3]),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


@given(QUEUES)
def test_no_work_is_lost_and_nothing_ends_before_it_could(parts):
    queue = [
        queued(f"r{i}", e, arrived_at=MONDAY + a * HOUR, due_at=MONDAY + (a + d) * HOUR, priority_rank=r)
        for i, (a, e, d, r) in enumerate(parts)
    ]
    found, again = compare_orders(queue), compare_orders(queue[::-1])
    assert found == again
    clock, first = Clock(), min(q.arrived_at for q in queue)
    for cost in (found.reactive, found.decided):
        assert {f.id for f in cost.finished} == {q.id for q in queue}
        for q in queue:
            (end,) = [f.at for f in cost.finished if f.id == q.id]
            assert end >= clock.worked(first, q.arrived_at) + q.effort
    assert max(f.at for f in found.reactive.finished) <= (
        max(f.at for f in found.decided.finished) + found.reactive.switching
    )


@given(st.lists(st.tuples(HOURS, st.integers(1, 30)), min_size=1, max_size=5))
def test_with_all_there_earliest_due_first_has_the_least_worst_lateness(parts):
    # Jackson's rule (1955), held against every other order.
    queue = [queued(f"r{i}", e, due_at=MONDAY + d * HOUR) for i, (e, d) in enumerate(parts)]
    clock = Clock()
    due = {q.id: clock.worked(MONDAY, q.due_at) for q in queue if q.due_at}

    def worst(order: tuple[Queued, ...]) -> dt.timedelta:
        at, found = dt.timedelta(), []
        for q in order:
            at += q.effort
            found.append(at - due[q.id])
        return max(found)

    decided = compare_orders(queue, criteria=[Criterion.DUE]).decided
    by_id = {q.id: q for q in queue}
    assert worst(tuple(by_id[f.id] for f in decided.finished)) == min(map(worst, permutations(queue)))
