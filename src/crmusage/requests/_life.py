"""What an event makes of a request, without asking whether it was its turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crmusage.requests._event import RequestEvent
from crmusage.requests._state import COMMANDS, DECLINED, LEADS_TO, Command, State

if TYPE_CHECKING:
    from crmusage.requests._request import Request

Changes = dict[str, Any]

UNDECIDED = frozenset(
    {State.DRAFT, State.SUBMITTED, State.DELIVERED, State.UNCLEAR, State.REFUSED, State.ACCEPTED}
)
"""States in which nothing is decided."""


def command_of(event: RequestEvent) -> Command | None:
    """The command that makes such an event; None: none does."""
    if event.activity == "decided" and event.decision == DECLINED:
        return Command.DECLINE
    return COMMANDS.get(event.activity)


def changed(request: Request, command: Command, event: RequestEvent) -> Changes:
    """What the event changes of the request, its events left out: who goes through many adds them at the end."""
    changes: Changes = {"state": LEADS_TO.get(command, request.state)}
    special = _SPECIAL.get(command)
    return changes if special is None else changes | special(request, event)


def _submit(request: Request, event: RequestEvent) -> Changes:
    return {
        "id": request.id or event.case_id,
        "kind": event.kind,
        "trigger": event.actor,
        "doer": event.doer,
        "text": event.text,
        "facts": dict(event.facts),
        "priority_rank": event.priority_rank,
        "due_at": event.due_at,
    }


def _deliver(request: Request, event: RequestEvent) -> Changes:
    return {"doer": request.doer or event.doer, "delivered": True, "validated": False}


def _ask(request: Request, _: RequestEvent) -> Changes:
    # A second question before the first is answered leads back to where the first one came from.
    return {} if request.state is State.UNCLEAR else {"asked_in": request.state}


def _clarify(request: Request, event: RequestEvent) -> Changes:
    back = request.asked_in if request.state is State.UNCLEAR else None
    return {"state": back or request.state, "asked_in": None, "facts": {**request.facts, **event.facts}}


def _accept(request: Request, event: RequestEvent) -> Changes:
    return {"doer": request.doer or event.actor, "delivered": True, "validated": True}


def _reroute(request: Request, event: RequestEvent) -> Changes:
    doer = event.doer or request.doer
    fresh: Changes = {"delivered": False, "validated": False, "until": None, "asked_in": None}
    return {"doer": doer, "answer": None, "answer_facts": {}, **fresh}


def _defer(request: Request, event: RequestEvent) -> Changes:
    if event.until is not None:
        return {"until": event.until}
    # Put off to no date: nothing has been decided, whatever the tool's status says.
    return {"state": request.state if request.state in UNDECIDED else State.ACCEPTED, "until": None}


def _work(_: Request, __: RequestEvent) -> Changes:
    return {"until": None, "asked_in": None}


def _wait(_: Request, event: RequestEvent) -> Changes:
    return {"until": event.until}


def _decline(_: Request, event: RequestEvent) -> Changes:
    return {"outcome": "declined", "until": None, "asked_in": None, "answer": event.text}


def _fulfil(request: Request, _: RequestEvent) -> Changes:
    state = State.FULFILLED if request.answer is None else State.DOCUMENTED
    return {"state": state, "outcome": "fulfilled", "until": None, "asked_in": None}


def _document(request: Request, event: RequestEvent) -> Changes:
    # Written down while the work goes on, it changes nothing else.
    state = State.DOCUMENTED if request.state is State.FULFILLED else request.state
    return {"state": state, "answer": event.text, "answer_facts": dict(event.facts)}


def _close(request: Request, _: RequestEvent) -> Changes:
    return {"outcome": request.outcome or "cancelled", "until": None, "asked_in": None}


def _reopen(request: Request, _: RequestEvent) -> Changes:
    back = State.ACCEPTED if request.validated else State.DELIVERED if request.delivered else State.SUBMITTED
    return {"state": back, "outcome": None, "answer": None, "answer_facts": {}, "until": None}


_SPECIAL: dict[Command, Callable[[Request, RequestEvent], Changes]] = {
    Command.SUBMIT: _submit,
    Command.DELIVER: _deliver,
    Command.ASK_CLARIFICATION: _ask,
    Command.CLARIFY: _clarify,
    Command.ACCEPT: _accept,
    Command.REROUTE: _reroute,
    Command.DECIDE_NOW: _work,
    Command.DEFER: _defer,
    Command.DECLINE: _decline,
    Command.START: _work,
    Command.WAIT: _wait,
    Command.RESUME: _work,
    Command.FULFIL: _fulfil,
    Command.DOCUMENT: _document,
    Command.CLOSE: _close,
    Command.REOPEN: _reopen,
}
