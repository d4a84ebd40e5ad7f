"""Change events of Salesforce (Change Data Capture, by the Pub/Sub API) as events for a monitor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KINDS = {"Opportunity": ("opportunity", "created"), "Case": ("request", "submitted")}
CHANGES = {
    "StageName": ("stage_changed", "stage"),
    "Status": ("stage_changed", "stage"),
    "Amount": ("amount_changed", "amount"),
    "CloseDate": ("close_date_changed", "close_date"),
    "OwnerId": ("owner_changed", "owner"),
    "Priority": ("priority_changed", "priority"),
}
MEANS = {
    ("StageName", "Closed Won"): "won",
    ("StageName", "Closed Lost"): "lost",
    ("Status", "Working"): "started",
    ("Status", "On Hold"): "waiting",
    ("Status", "Closed"): "closed",
}
"""What reaching a stage or a status means. Put your own words here: change events do not tell."""
STAMPS = {"LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastStageChangeDate"}


def events_of(message: Mapping[str, Any], schema: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The events that one change event tells of, in order.

    Args:
        message: a change event, decoded from Avro or as JSON.
        schema: the names of the fields of its Avro schema, in order, if it came by the Pub/Sub API: there
            `changedFields` is a map of bits and not a list of names.
    """
    header = message["ChangeEventHeader"]
    change = header["changeType"]
    if header["entityName"] not in KINDS:
        return
    at = dt.datetime.fromtimestamp(header["commitTimestamp"] / 1000, dt.UTC)
    said = {"at": at, "actor": header["commitUser"]}
    if change == "GAP_OVERFLOW":  # more than 100,000 changes at once: of which records, it does not say
        yield {"case_id": None, "activity": "not seen", **said}
        return
    for case in header["recordIds"]:  # one change of many records in one second is one event
        if change.startswith("GAP_"):
            yield {"case_id": case, "activity": "not seen", **said}
        elif change == "DELETE":
            yield {"case_id": case, "activity": "deleted", **said}
        elif change == "UNDELETE":  # what it was before is not told
            yield {"case_id": case, "activity": "not seen", **said}
        else:
            yield from changes_of(message, case, said, schema)


def changes_of(
    message: Mapping[str, Any], case: str, said: Mapping[str, Any], schema: Sequence[str]
) -> Iterator[dict[str, Any]]:
    header = message["ChangeEventHeader"]
    event = {"case_id": case, **said}
    if header["changeType"] == "CREATE":
        kind, begins = KINDS[header["entityName"]]
        changed = [name for name in CHANGES if message.get(name) is not None]
        known = {CHANGES[name][1]: message[name] for name in changed}
        yield event | {"activity": begins, "case": {"kind": kind, "created_by": said["actor"], **known}}
    else:
        nulled = header.get("nulledFields") or ()
        names = (*names_of(header["changedFields"], schema), *names_of(nulled, schema))
        changed = [name for name in CHANGES if name in names]
        for name in changed:
            usual, field = CHANGES[name]
            means = MEANS.get((name, message.get(name))) if name == "Status" else None
            yield event | {"activity": means or usual, "field": field, "new": text(name, message.get(name))}
        if not changed and set(names) - STAMPS:
            yield event | {"activity": "updated"}
    if "StageName" in changed and (end := MEANS.get(("StageName", message["StageName"]))):
        yield event | {"activity": end}


def names_of(changed: Sequence[str], schema: Sequence[str]) -> list[str]:
    """The names of changed fields; bit n of a map of bits is field n of the schema. Parts of addresses and names are
    left out: `4-0x10`.

    Raises:
        ValueError: for a map of bits without a schema.
    """
    found: list[str] = []
    for one in changed:
        if one.startswith("0x"):
            if not schema:
                raise ValueError(f"{one} is a map of bits: give the names of the schema's fields to read it")
            bits = int(one, 16)
            found += [name for place, name in enumerate(schema) if bits >> place & 1]
        elif "-0x" not in one:
            found.append(one)
    return found


def text(name: str, value: Any) -> str | None:
    """A value as a history has it. Avro tells days in milliseconds."""
    if value is None:
        return None
    if name == "CloseDate" and isinstance(value, int):
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC).date().isoformat()
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)
