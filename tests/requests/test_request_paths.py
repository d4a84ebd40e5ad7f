"""Not some sequences of commands but all: every situation that a request can get into, found by trying everything."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import pytest

from crmusage.requests import Command, CommandRefusedError, Request, Side, State, obligations

from .life import MONDAY
from .test_request_machine import call

Situation = tuple[object, ...]


def situation(request: Request) -> Situation:
    """All that what may be done, and what is owed, depends on; times and words left out."""
    return (
        *(request.state, request.asked_in, request.delivered, request.validated, request.outcome),
        *(request.answer is None, request.until is None),
    )


def following(request: Request) -> Iterator[tuple[Command, Request]]:
    for command in Command:
        try:
            yield command, call(request, command, MONDAY, by="ann")
        except CommandRefusedError:
            continue


@pytest.fixture(scope="module")
def reached() -> dict[Situation, Request]:
    found = {situation(Request("R-1")): Request("R-1")}
    ahead = deque(found.values())
    while ahead:
        for _, after in following(ahead.popleft()):
            if situation(after) not in found:
                found[situation(after)] = after
                ahead.append(after)
    return found


def test_every_state_can_be_reached_and_the_situations_are_finitely_many(reached):
    assert {request.state for request in reached.values()} == set(State)
    assert len(reached) < 500


def test_in_every_situation_somebody_known_owes_something_until_it_is_closed(reached):
    for request in reached.values():
        owed = obligations(request, MONDAY)
        assert bool(owed) == request.is_open, request.state
        assert all(o.who for o in owed if o.side is not Side.TRANSMITTER)
        assert (request.until is not None) == (
            State.DEFERRED in {request.state, request.asked_in} or request.state is State.WAITING
        )


def test_nothing_is_closed_that_is_neither_answered_nor_withdrawn(reached):
    for request in reached.values():
        for command, after in following(request):
            if command is Command.CLOSE and request.state is not State.RETURNED:
                assert after.outcome == "cancelled"
            elif command is Command.CLOSE:
                assert after.outcome in {"fulfilled", "declined"}
                assert after.answer is not None


def test_from_every_situation_there_is_a_way_to_an_answer(reached):
    answered = {
        key
        for key, request in reached.items()
        if request.state is State.CLOSED and request.answer is not None
    }
    leads = {key: {situation(after) for _, after in following(request)} for key, request in reached.items()}
    while True:
        more = {key for key, nexts in leads.items() if key not in answered and nexts & answered}
        if not more:
            break
        answered |= more
    assert answered == set(reached)
