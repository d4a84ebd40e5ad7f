"""A request from the events of a source that keeps to no rules, with everything that does not add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from crmusage.errors import CrmUsageError
from crmusage.model import MEANINGS, Text
from crmusage.requests._event import RequestEvent
from crmusage.requests._life import changed, command_of
from crmusage.requests._request import Request, StreamFault
from crmusage.requests._state import LEADS_TO, MAY, Command, State

_FIELDS = tuple(field.name for field in attrs.fields(RequestEvent) if field.name != "facts")
_TIMES = ("at", "until", "due_at")
_TEXTS = ("actor", "doer", "text", "decision", "skill", "kind", "unit")


def fold(events: Iterable[RequestEvent | Mapping[str, Any]]) -> Request:
    """As `Request.fold`."""
    faults: list[StreamFault] = []
    read: list[tuple[int, RequestEvent]] = []
    for position, given in enumerate(events):
        event = _read(given, position, faults)
        if event is not None:
            read.append((position, event))
    if not read:
        text = Text("There is no event that could be read.", "Aucun événement lisible.")
        return Request("", faults=(*faults, StreamFault(0, "empty", text)))
    in_order = sorted(read, key=_order)
    if in_order != read:
        moved = next(p for (p, _), (q, _) in zip(read, in_order, strict=True) if p != q)
        text = Text(
            "The events did not come in the order of their times; they were put into it.",
            "Les événements n'arrivaient pas dans l'ordre de leurs dates ; ils y ont été remis.",
        )
        faults.append(StreamFault(moved, "out-of-order", text))
    request = Request(in_order[0][1].case_id)
    lived: list[RequestEvent] = []
    for position, event in in_order:
        taken = _taken(request, event, position, faults)
        if taken is not None:
            request, event_as_taken = taken
            lived.append(event_as_taken)
    faults.sort(key=lambda fault: fault.position)
    return attrs.evolve(request, events=tuple(lived), faults=tuple(faults))


def _order(item: tuple[int, RequestEvent]) -> tuple[dt.datetime, int]:
    # Without a number, events of one instant stay as they came: the sort keeps their order.
    return item[1].at, item[1].seq or 0


def _read(given: object, position: int, faults: list[StreamFault]) -> RequestEvent | None:
    if isinstance(given, RequestEvent):
        return given
    try:
        return _event(given)
    except (CrmUsageError, TypeError, ValueError) as error:
        text = Text(f"The event cannot be read: {error}", f"L'événement est illisible : {error}")
        faults.append(StreamFault(position, "unreadable", text))
        return None


def _event(given: object) -> RequestEvent:
    if not isinstance(given, Mapping):
        raise TypeError(f"an event is a RequestEvent or a mapping, not {type(given).__name__}")
    for name in ("case_id", "activity"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise TypeError(f"{name} is a text, not {given.get(name)!r}")
    for name in _TEXTS:
        if not isinstance(given.get(name), str | None):
            raise TypeError(f"{name} is a text, not {given[name]!r}")
    for name in ("priority_rank", "seq"):
        value = given.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise TypeError(f"{name} is a whole number, not {value!r}")
    facts = given.get("facts") or {}
    if not isinstance(facts, Mapping):
        raise TypeError(f"facts are a mapping, not {facts!r}")
    own = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    own |= {name: dt.datetime.fromisoformat(own[name]) for name in _TIMES if isinstance(own.get(name), str)}
    if "at" not in own:
        raise TypeError("at is missing: when it happened, a datetime with a zone")
    rest = {str(name): value for name, value in given.items() if name not in {*_FIELDS, "facts"}}
    return RequestEvent(**own, facts={**rest, **facts})


def _taken(
    request: Request, event: RequestEvent, position: int, faults: list[StreamFault]
) -> tuple[Request, RequestEvent] | None:
    if event.case_id != request.id:
        text = Text(
            f"It belongs to {event.case_id}, not to {request.id}: left out.",
            f"Il appartient à {event.case_id} et non à {request.id} : laissé de côté.",
        )
        faults.append(StreamFault(position, "other-request", text))
        return None
    command = command_of(event)
    if command is None:
        if event.activity not in MEANINGS:
            text = Text(
                f"A request does not know what {event.activity!r} means: it changes nothing.",
                f"Une demande ne connaît pas « {event.activity} » : rien ne change.",
            )
            faults.append(StreamFault(position, "unknown-activity", text))
        return request, event
    if command not in MAY[request.state]:
        faults.append(StreamFault(position, "out-of-turn", _out_of_turn(request.state, event)))
    elif command is Command.CLOSE and request.state is not State.RETURNED and not _by_trigger(request, event):
        faults.append(StreamFault(position, "out-of-turn", _closed_early(request.state)))
    if LEADS_TO.get(command) in {State.DEFERRED, State.WAITING} and (
        event.until is None or event.until <= event.at
    ):
        event = attrs.evolve(event, until=None)
        text = Text(
            f"{event.activity} without a date to come: nothing stands in the calendar.",
            f"« {event.activity} » sans date à venir : rien ne figure au calendrier.",
        )
        faults.append(StreamFault(position, "without-date", text))
    return attrs.evolve(request, **changed(request, command, event)), event


def _by_trigger(request: Request, event: RequestEvent) -> bool:
    return event.actor is not None and event.actor == request.trigger


def _out_of_turn(state: State, event: RequestEvent) -> Text:
    wanted = ", ".join(dict.fromkeys(command.activity for command in MAY[state]))
    return Text(
        f"{event.activity} came while {state.text.en} ({state}); what could come was {wanted}.",
        f"« {event.activity} » alors que : {state.text.fr} ({state}) ; on attendait {wanted}.",
    )


def _closed_early(state: State) -> Text:
    return Text(
        f"It was closed while {state.text.en} ({state}), and not by who had asked.",
        f"Elle a été close alors que : {state.text.fr} ({state}), et pas par le déclencheur.",
    )
