"""The life of a request gone through again, step by step."""

from __future__ import annotations

import datetime as dt

import attrs

from crmusage.requests._event import RequestEvent
from crmusage.requests._life import changed, command_of
from crmusage.requests._request import Request
from crmusage.requests._state import Command, State


@attrs.frozen
class Step:
    """One event, the command behind it (None: it changes nothing), and the request before and after, without events."""

    before: Request
    command: Command | None
    event: RequestEvent
    after: Request


@attrs.frozen
class Stretch:
    """A time during which a request stood in one state. `end` None: it still does."""

    state: State
    start: dt.datetime
    end: dt.datetime | None
    step: Step
    """The step that began it."""
    next: Step | None
    """The step that ended it."""


def steps(request: Request) -> list[Step]:
    """The events of a request with what each made of it."""
    found: list[Step] = []
    now = Request(request.id)
    for event in request.events:
        command = command_of(event)
        then = now if command is None else attrs.evolve(now, **changed(now, command, event))
        found.append(Step(now, command, event, then))
        now = then
    return found


def stretches(request: Request) -> list[Stretch]:
    """The times between the steps that mean something, in order."""
    acts = [step for step in steps(request) if step.command is not None]
    ends: list[Step | None] = [*acts[1:], None]
    return [
        Stretch(step.after.state, step.event.at, None if after is None else after.event.at, step, after)
        for step, after in zip(acts, ends, strict=False)
    ]


def as_of(request: Request, at: dt.datetime | None) -> Request:
    """The request as it stood at an instant; None, or after its last event: as it is."""
    if at is None or not request.events or at >= request.events[-1].at:
        return request
    seen = [step for step in steps(request) if step.event.at <= at]
    then = seen[-1].after if seen else Request(request.id)
    return attrs.evolve(then, events=request.events[: len(seen)])
