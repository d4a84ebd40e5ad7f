"""Where a request can stand, what may be done there, and who owes what: the life of a request as tables."""

from __future__ import annotations

import enum

from crmusage.model import Text


class Side(enum.StrEnum):
    """Who asks, what carries the request, who acts."""

    TRIGGER = "trigger"
    TRANSMITTER = "transmitter"
    DOER = "doer"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _SIDES[self]


_SIDES = {
    Side.TRIGGER: Text("trigger", "déclencheur"),
    Side.TRANSMITTER: Text("transmitter", "transmetteur"),
    Side.DOER: Text("doer", "faiseur"),
}


class State(enum.StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DECIDED = "decided"
    DEFERRED = "deferred"
    DECLINED = "declined"
    STARTED = "started"
    WAITING = "waiting"
    FULFILLED = "fulfilled"
    DOCUMENTED = "documented"
    RETURNED = "returned"
    CLOSED = "closed"

    @property
    def text(self) -> Text:
        """The state as a sentence about the request."""
        return _STATES[self]


class Command(enum.StrEnum):
    """What can be done to a request: the names of its methods."""

    SUBMIT = "submit"
    DELIVER = "deliver"
    ASK_CLARIFICATION = "ask_clarification"
    CLARIFY = "clarify"
    ACCEPT = "accept"
    REFUSE = "refuse"
    REROUTE = "reroute"
    DECIDE_NOW = "decide_now"
    DEFER = "defer"
    DECLINE = "decline"
    START = "start"
    WAIT = "wait"
    RESUME = "resume"
    FULFIL = "fulfil"
    DOCUMENT = "document"
    RETURN = "return_"
    CLOSE = "close"
    REOPEN = "reopen"

    @property
    def activity(self) -> str:
        """What the event that it makes is called (a meaning of the data contract)."""
        return _ACTIVITIES[self]


class Duty(enum.StrEnum):
    """What somebody owes."""

    DELIVER = "deliver"
    VALIDATE = "validate"
    CLARIFY = "clarify"
    REROUTE = "reroute"
    DECIDE = "decide"
    START = "start"
    FOLLOW_UP = "follow_up"
    RESUME = "resume"
    FULFIL = "fulfil"
    DOCUMENT = "document"
    RETURN = "return"
    CONFIRM = "confirm"

    @property
    def side(self) -> Side:
        """Who owes it."""
        if self is Duty.DELIVER:
            return Side.TRANSMITTER
        return Side.TRIGGER if self in _OF_TRIGGER else Side.DOER

    @property
    def text(self) -> Text:
        """What is owed, to be read after "must"."""
        return _DUTIES[self]


_OF_TRIGGER = frozenset({Duty.CLARIFY, Duty.REROUTE, Duty.CONFIRM})

OWED = {
    State.SUBMITTED: Duty.DELIVER,
    State.DELIVERED: Duty.VALIDATE,
    State.UNCLEAR: Duty.CLARIFY,
    State.REFUSED: Duty.REROUTE,
    State.ACCEPTED: Duty.DECIDE,
    State.DECIDED: Duty.START,
    State.DEFERRED: Duty.FOLLOW_UP,
    State.STARTED: Duty.FULFIL,
    State.WAITING: Duty.RESUME,
    State.FULFILLED: Duty.DOCUMENT,
    State.DOCUMENTED: Duty.RETURN,
    State.DECLINED: Duty.RETURN,
    State.RETURNED: Duty.CONFIRM,
}
"""What is owed first in each state. Every state between asking and closing has its duty: none is a resting place."""

_C = Command
_HANDS = (_C.REROUTE, _C.CLOSE)
MAY: dict[State, tuple[Command, ...]] = {
    State.DRAFT: (_C.SUBMIT,),
    State.SUBMITTED: (_C.DELIVER, *_HANDS),
    State.DELIVERED: (_C.ACCEPT, _C.REFUSE, _C.ASK_CLARIFICATION, *_HANDS),
    State.UNCLEAR: (_C.CLARIFY, _C.DECLINE, _C.CLOSE),
    State.REFUSED: _HANDS,
    State.ACCEPTED: (_C.DECIDE_NOW, _C.DEFER, _C.DECLINE, _C.ASK_CLARIFICATION, *_HANDS),
    State.DECIDED: (_C.START, _C.DEFER, _C.DECLINE, _C.ASK_CLARIFICATION, *_HANDS),
    State.DEFERRED: (_C.START, _C.DECIDE_NOW, _C.DEFER, _C.DECLINE, _C.ASK_CLARIFICATION, *_HANDS),
    State.STARTED: (
        *(_C.DOCUMENT, _C.FULFIL, _C.WAIT),
        *(_C.DEFER, _C.DECLINE, _C.ASK_CLARIFICATION, *_HANDS),
    ),
    State.WAITING: (_C.RESUME, _C.DECLINE, *_HANDS),
    State.FULFILLED: (_C.DOCUMENT,),
    State.DOCUMENTED: (_C.RETURN,),
    State.DECLINED: (_C.RETURN,),
    State.RETURNED: (_C.CLOSE, _C.REOPEN),
    State.CLOSED: (_C.REOPEN,),
}
"""What may be done in each state. Closing before the answer is back is a withdrawal, which only the trigger may do."""

LEADS_TO = {
    _C.SUBMIT: State.SUBMITTED,
    _C.DELIVER: State.DELIVERED,
    _C.ASK_CLARIFICATION: State.UNCLEAR,
    _C.ACCEPT: State.ACCEPTED,
    _C.REFUSE: State.REFUSED,
    _C.REROUTE: State.SUBMITTED,
    _C.DECIDE_NOW: State.DECIDED,
    _C.DEFER: State.DEFERRED,
    _C.DECLINE: State.DECLINED,
    _C.START: State.STARTED,
    _C.WAIT: State.WAITING,
    _C.RESUME: State.STARTED,
    _C.FULFIL: State.FULFILLED,
    _C.DOCUMENT: State.DOCUMENTED,
    _C.RETURN: State.RETURNED,
    _C.CLOSE: State.CLOSED,
}
"""Where each command leads, on the straight way; clarifying and reopening lead back to where the request was."""

DECLINED = "declined"
"""What a `decided` event says of a request that will not be satisfied."""

_ACTIVITIES = {
    _C.SUBMIT: "submitted",
    _C.DELIVER: "delivered",
    _C.ASK_CLARIFICATION: "clarification_asked",
    _C.CLARIFY: "clarified",
    _C.ACCEPT: "accepted",
    _C.REFUSE: "refused",
    _C.REROUTE: "rerouted",
    _C.DECIDE_NOW: "decided",
    _C.DEFER: "deferred",
    _C.DECLINE: "decided",
    _C.START: "started",
    _C.WAIT: "waiting",
    _C.RESUME: "resumed",
    _C.FULFIL: "fulfilled",
    _C.DOCUMENT: "documented",
    _C.RETURN: "returned",
    _C.CLOSE: "closed",
    _C.REOPEN: "reopened",
}
COMMANDS = {activity: command for command, activity in _ACTIVITIES.items() if command is not _C.DECLINE}
"""The command behind an activity; a `decided` that declines is told apart by its decision."""

_STATES = {
    State.DRAFT: Text("it has not been sent", "elle n'a pas été envoyée"),
    State.SUBMITTED: Text("it is on its way to the doer", "elle est en route vers le faiseur"),
    State.DELIVERED: Text(
        "the doer has it and has not said whether it is theirs",
        "le faiseur l'a reçue et n'a pas dit si elle était de son ressort",
    ),
    State.UNCLEAR: Text(
        "a question to the trigger is unanswered", "une question au déclencheur est restée sans réponse"
    ),
    State.REFUSED: Text(
        "the doer is not the right one, and it has to go to another",
        "ce n'est pas le bon faiseur : elle doit être confiée à un autre",
    ),
    State.ACCEPTED: Text(
        "the doer has taken it on and decided nothing", "le faiseur l'a prise en charge sans rien décider"
    ),
    State.DECIDED: Text(
        "it is to be done now, and has not been begun",
        "il est décidé de la traiter maintenant, rien n'est commencé",
    ),
    State.DEFERRED: Text("it is put off to a date", "elle est reportée à une date fixée"),
    State.DECLINED: Text(
        "it will not be done, and the trigger has not been told",
        "il est décidé de ne pas y donner suite, le déclencheur n'est pas prévenu",
    ),
    State.STARTED: Text("it is being worked on", "elle est en cours de traitement"),
    State.WAITING: Text("work waits for somebody else", "le traitement attend quelqu'un d'autre"),
    State.FULFILLED: Text(
        "it is done, and not written down what was done", "elle est satisfaite, mais rien n'est consigné"
    ),
    State.DOCUMENTED: Text(
        "it is done and written down, and the trigger has not been told",
        "elle est satisfaite et documentée, le déclencheur n'est pas prévenu",
    ),
    State.RETURNED: Text(
        "the trigger has the answer and has not said whether it will do",
        "le déclencheur a la réponse et n'a pas dit si elle lui convient",
    ),
    State.CLOSED: Text("it is closed", "elle est close"),
}

_DUTIES = {
    Duty.DELIVER: Text("bring the request to the doer", "acheminer la demande jusqu'au faiseur"),
    Duty.VALIDATE: Text(
        "say whether they are the right doer, or ask what is unclear",
        "dire s'il est le bon faiseur, ou demander ce qui n'est pas clair",
    ),
    Duty.CLARIFY: Text("answer the doer's question", "répondre à la question du faiseur"),
    Duty.REROUTE: Text("send the request to another doer", "adresser la demande à un autre faiseur"),
    Duty.DECIDE: Text(
        "decide: now, later with a date, or not at all",
        "décider : maintenant, plus tard à une date fixée, ou pas du tout",
    ),
    Duty.START: Text("begin what was decided", "commencer ce qui a été décidé"),
    Duty.FOLLOW_UP: Text("take it up again on its date", "la reprendre à la date fixée"),
    Duty.RESUME: Text("ask what it waits for and go on", "relancer, puis reprendre le traitement"),
    Duty.FULFIL: Text("satisfy the request", "satisfaire la demande"),
    Duty.DOCUMENT: Text("write down what was done", "consigner ce qui a été fait"),
    Duty.RETURN: Text("tell the trigger the outcome", "rendre compte au déclencheur"),
    Duty.CONFIRM: Text("confirm the answer or reopen", "confirmer la réponse ou rouvrir la demande"),
}
