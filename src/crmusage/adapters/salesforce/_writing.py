"""What was found, as tasks or rows of an object of one's own: inserted once, updated ever after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from crmusage.adapters._core import Record, Told, plain, told_finding, told_notice
from crmusage.errors import ContractError
from crmusage.model import Finding, Severity
from crmusage.rules import Notice

SUBJECT, DESCRIPTION, TEXT = 255, 32_000, 255
"""Characters that Task.Subject, Task.Description and a text field take."""

MOST = 200
"""Records that one request of sObject Collections takes."""

FIRST_API = 46.0
"""The version of the API from which on sObject Collections upsert."""

KEY = "Crmusage_Key__c"
"""The field for the external id, unless another is named: a text of 32 characters or more, unique, an external id."""

_PRIORITY = {Severity.HIGH: "High", Severity.MEDIUM: "Normal", Severity.LOW: "Low"}
_ID = re.compile(r"(?:005|00G)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_NAME = re.compile(r"[A-Za-z]\w*")
_OF_A_ROW = ("code", "name", "unit", "subject", "body", "severity", "due")


@attrs.frozen
class Upsert:
    """One request to Salesforce: insert what is new, update what is there."""

    path: str
    """Below the org's own address."""
    body: str
    """JSON."""
    method: str = "PATCH"
    content_type: str = "application/json"


def tasks(
    told: Iterable[Finding | Notice], *, lang: str = "en", owners: Mapping[str, str] | None = None
) -> tuple[Record, ...]:
    """Findings and notices as tasks, each with an id of its own that is the same in every run.

    The status of a task is not written: one that was completed stays so. A finding names no person; a notice is for
    the one person whom it is for.

    Args:
        told: findings of a report, notices of `announcements`.
        lang: "en" or "fr".
        owners: for units, the id of the user or queue who is to see their findings; others go to whoever writes.

    Raises:
        ContractError: when an owner, or whom a notice is for, is no id of a user (a pseudonym, for one).
    """
    found = [_task(one, lang, owners or {}) for one in told]
    return tuple({record.external_id: record for record in found}.values())


def records(
    told: Iterable[Finding | Notice], *, table: str, columns: Mapping[str, str], lang: str = "en"
) -> tuple[Record, ...]:
    """Findings and notices as rows of an object of one's own.

    Args:
        told: findings and notices.
        table: the object, as `Usage_Finding__c`.
        columns: for each of code, name, unit, subject, body, severity and due the field that takes it; those that are
            not named are left out.
        lang: "en" or "fr".

    Raises:
        ContractError: for a name that is none, or a part of a row that does not exist here.
    """
    for name in (table, *columns.values()):
        _checked(name)
    for name in columns:
        if name not in _OF_A_ROW:
            raise ContractError(f"a row tells {', '.join(_OF_A_ROW)}, and nothing called {name!r}")
    found = []
    for one in told:
        said = _said(one, lang)
        fields = _fields(one, said)
        row = {columns[name]: fields[name] for name in _OF_A_ROW if name in columns}
        found.append(Record(table, said.external_id, row))
    return tuple({record.external_id: record for record in found}.values())


def upserts(rows: Sequence[Record], *, api: str = "60.0", key: str = KEY) -> tuple[Upsert, ...]:
    """Records as requests of sObject Collections, two hundred of one object each; the same ones every time.

    One record that fails does not stop the others.

    Args:
        rows: what `tasks` and `records` give.
        api: the version of the API, 46.0 or later.
        key: the field that holds the external id, an external id field of each object.

    Raises:
        ContractError: for a version that cannot do it, or a name that is none.
    """
    version = api.removeprefix("v")
    try:
        known = float(version) >= FIRST_API
    except ValueError:
        known = False
    if not known:
        raise ContractError(
            f"version {api!r} of the API does not upsert collections; give one from {FIRST_API} on"
        )
    _checked(key)
    found = []
    for table in dict.fromkeys(row.table for row in rows):
        some = [row for row in rows if row.table == table]
        for first in range(0, len(some), MOST):
            held = [_body(row, key) for row in some[first : first + MOST]]
            body = json.dumps({"allOrNone": False, "records": held}, ensure_ascii=False)
            found.append(
                Upsert(f"/services/data/v{version}/composite/sobjects/{_checked(table)}/{key}", body)
            )
    return tuple(found)


def _body(row: Record, key: str) -> dict[str, Any]:
    return {"attributes": {"type": row.table}, key: row.external_id, **row.fields}


def _said(one: Finding | Notice, lang: str) -> Told:
    return told_finding(one, lang) if isinstance(one, Finding) else told_notice(one, lang)


def _fields(one: Finding | Notice, said: Told) -> dict[str, Any]:
    if isinstance(one, Finding):
        unit = one.scope.unit
        own: tuple[str | None, ...] = (one.code, one.name, unit, str(one.severity))
    else:
        own = (one.rule, str(one.why), None, None)
    code, name, unit, severity = (None if part is None else plain(part, TEXT) for part in own)
    return {
        "code": code,
        "name": name,
        "unit": unit,
        "subject": plain(said.subject, SUBJECT),
        "body": plain(said.body, DESCRIPTION, lines=True),
        "severity": severity,
        "due": None if said.due is None else said.due.isoformat(),
    }


def _task(one: Finding | Notice, lang: str, owners: Mapping[str, str]) -> Record:
    said = _said(one, lang)
    fields: dict[str, Any] = {
        "Subject": plain(said.subject, SUBJECT),
        "Description": plain(said.body, DESCRIPTION, lines=True),
        "Priority": _PRIORITY[one.severity] if isinstance(one, Finding) else "Normal",
    }
    if said.due is not None:
        fields["ActivityDate"] = said.due.isoformat()
    owner = said.to if isinstance(one, Notice) else owners.get(one.scope.unit or "")
    if owner is not None:
        fields["OwnerId"] = _owner(owner)
    return Record("Task", said.external_id, fields)


def _owner(text: str) -> str:
    # Who took over a login is called by it and a number.
    login = text.partition("/")[0]
    if not _ID.fullmatch(login):
        raise ContractError(
            f"{text!r} is no id of a user or queue of Salesforce (005… or 00G…); a pseudonym cannot be written back"
        )
    return login


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ContractError(f"{name!r} is no name of an object or field of Salesforce")
    return name
