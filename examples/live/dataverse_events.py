"""What webhooks of Dataverse post (a RemoteExecutionContext) as events for a monitor."""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

KINDS = {"opportunity": ("opportunity", "created"), "incident": ("request", "submitted")}
CHANGES = {
    "stepname": ("stage_changed", "stage"),
    "estimatedvalue": ("amount_changed", "amount"),
    "estimatedclosedate": ("close_date_changed", "close_date"),
    "ownerid": ("owner_changed", "owner"),
    "prioritycode": ("priority_changed", "priority"),
}
STATES = {
    "opportunity": {0: "reopened", 1: "won", 2: "lost"},
    "incident": {0: "reopened", 1: "fulfilled", 2: "closed"},
}
STATUSES = {
    "opportunity": {2: "waiting"},
    "incident": {2: "waiting", 3: "clarification_asked", 4: "started"},
}
"""What a status reason means, within a state. Those of your own go here."""
LEFT = {"waiting": "resumed", "clarification_asked": "clarified"}
STAMPS = {"modifiedon", "modifiedby", "modifiedonbehalfby", "statecode", "statuscode"}
DATE = re.compile(r"/Date\((-?\d+)(?:([+-])(\d\d)(\d\d))?\)/")


def is_ours(headers: Mapping[str, str], secret: str) -> bool:
    """Whether a request has the header with which you registered the webhook (the option HttpHeader)."""
    return hmac.compare_digest(headers.get("x-crmusage-key", "").encode(), secret.encode())


def events_of(context: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events that one request tells of, in order.

    Register the step for Create, Update and Delete, after the operation, with a pre-image of the columns of
    `CHANGES`, statecode and statuscode: else a value that was written again looks like a change.
    """
    entity, case = context["PrimaryEntityName"], context["PrimaryEntityId"]
    if entity not in KINDS:
        return
    target = next((one["value"] for one in context["InputParameters"] or () if one["key"] == "Target"), None)
    now = attributes(target)
    at = now.get("modifiedon") or now.get("createdon") or value_of(context["OperationCreatedOn"])
    event = {"case_id": case, "at": at, "actor": context["InitiatingUserId"]}
    message = context["MessageName"]
    if message == "Delete":
        yield event | {"activity": "deleted"}
    elif not now:  # above 256 KB the values are taken out, and a header says so
        yield event | {"activity": "not seen"}
    elif message == "Create":
        known = {CHANGES[name][1]: now[name] for name in CHANGES if now.get(name) is not None}
        kind, begins = KINDS[entity]
        known |= {"kind": kind, "created_by": context["InitiatingUserId"]}
        yield event | {"activity": begins, "case": known, "seq": 0}
    elif message == "Update":
        images = context["PreEntityImages"] or ()
        before = attributes(images[0]["value"]) if images else None
        for place, change in enumerate(changes_of(entity, before, now)):  # at one instant, in this order
            yield event | change | {"seq": place}


def changes_of(
    entity: str, image: Mapping[str, Any] | None, now: Mapping[str, Any]
) -> list[dict[str, str | None]]:
    before = image or {}  # an image leaves out what was empty
    changed = [name for name, value in now.items() if image is None or before.get(name) != value]
    told = [
        {
            "activity": CHANGES[name][0],
            "field": CHANGES[name][1],
            "old": text(before.get(name)),
            "new": text(now[name]),
        }
        for name in CHANGES
        if name in changed
    ]
    # That it is open says something only of what was not.
    if "statecode" in changed and (now["statecode"] != 0 or image is not None):
        told.append({"activity": STATES[entity].get(now["statecode"], "updated")})
    elif "statuscode" in changed:
        entered = STATUSES[entity].get(now["statuscode"])
        left = LEFT.get(STATUSES[entity].get(before.get("statuscode"), ""))
        told.append({"activity": entered or left or "updated", "field": "status"})
    if not told and set(changed) - STAMPS - {f"{entity}id"}:
        told.append({"activity": "updated"})
    return told


def attributes(entity: Mapping[str, Any] | None) -> dict[str, Any]:
    """Columns and their plain values."""
    if not isinstance(entity, Mapping):
        return {}
    return {one["key"]: value_of(one["value"]) for one in entity.get("Attributes", ())}


def value_of(value: Any) -> Any:
    """An option's code, an amount, an id, an instant: without what Dataverse wraps it in."""
    if isinstance(value, Mapping):
        return value["Value"] if "Value" in value else value.get("Id")
    if isinstance(value, str) and (date := DATE.fullmatch(value)):
        millis, sign, hours, minutes = date.groups()
        # By Microsoft's own example the milliseconds are ahead by the offset that stands behind them.
        offset = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        at = dt.datetime.fromtimestamp(int(millis) / 1000, dt.UTC)
        return at - offset if sign == "-" else at + offset
    return value


def text(value: Any) -> str | None:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    whole = isinstance(value, float) and value.is_integer()
    return None if value is None else str(int(value) if whole else value)
