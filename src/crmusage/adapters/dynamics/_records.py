"""What was found, as rows of Dataverse: upserts that insert once and update ever after."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from crmusage.adapters._core import Record, Told, plain, stable_id, told_finding, told_notice
from crmusage.adapters.dynamics._entities import ENTITIES
from crmusage.adapters.dynamics._options import TASK_PRIORITY
from crmusage.errors import ContractError
from crmusage.model import Finding, Severity
from crmusage.rules import Notice

SUBJECT, DESCRIPTION = 200, 2000
"""Characters that task.subject and task.description take, as Microsoft ships them."""

MOST = 1000
"""Requests that one batch takes."""

_RANK = {Severity.HIGH: 1, Severity.MEDIUM: 2, Severity.LOW: 3}
_PRIORITY = {rank: code for code, rank in TASK_PRIORITY.items()}

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@attrs.frozen
class Upsert:
    """One request to Dataverse: a batch that inserts what is new and updates what is there."""

    path: str
    """Below the organisation's own address."""
    body: str
    """The parts of the batch; lines end as HTTP has it."""
    content_type: str
    """With the boundary of the parts."""
    method: str = "POST"

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that belong to it: one row that fails does not stop the others."""
        return {
            "Content-Type": self.content_type,
            "OData-MaxVersion": "4.0",
            "OData-Version": "4.0",
            "Prefer": "odata.continue-on-error",
        }


def tasks(
    told: Iterable[Finding | Notice], *, lang: str = "en", owners: Mapping[str, str] | None = None
) -> tuple[Record, ...]:
    """Findings and notices as tasks, each with an id of its own that is the same in every run.

    A task that was completed stays so: its state is not written. A finding names no person; a notice is for one.

    Args:
        told: findings of a report, notices of `announcements`.
        lang: "en" or "fr".
        owners: for units, the id of the user who is to see their findings; others go to whoever writes.

    Raises:
        ContractError: when an owner, or whom a notice is for, is no id of Dataverse (a pseudonym, for one).
    """
    found = [_task(one, lang, owners or {}) for one in told]
    return tuple({record.external_id: record for record in found}.values())


def records(
    told: Iterable[Finding | Notice], *, table: str, columns: Mapping[str, str], lang: str = "en"
) -> tuple[Record, ...]:
    """Findings and notices as rows of a table of one's own, to be written by an alternate key.

    Args:
        told: findings and notices.
        table: its logical name, as `new_usagefinding`.
        columns: for each of code, name, unit, subject, body, severity and due the column that takes it; those that
            are not named are left out.
        lang: "en" or "fr".

    Raises:
        ContractError: for a name that is none, or one of a column that does not exist here.
    """
    for name in (table, *columns.values()):
        _checked(name)
    for name in columns:
        if name not in _TOLD:
            raise ContractError(f"a row tells {', '.join(_TOLD)}, and nothing called {name!r}")
    found = []
    for one in told:
        said = _said(one, lang)
        fields = _fields(one, said)
        found.append(
            Record(
                table, said.external_id, {columns[name]: fields[name] for name in _TOLD if name in columns}
            )
        )
    return tuple({record.external_id: record for record in found}.values())


_TOLD = ("code", "name", "unit", "subject", "body", "severity", "due")


def _fields(one: Finding | Notice, said: Told) -> dict[str, Any]:
    if isinstance(one, Finding):
        own = {"code": one.code, "name": one.name, "unit": one.scope.unit, "severity": str(one.severity)}
    else:
        own = {"code": one.rule, "name": str(one.why), "unit": None, "severity": None}
    return own | {
        "subject": plain(said.subject, SUBJECT),
        "body": plain(said.body, DESCRIPTION, lines=True),
        "due": None if said.due is None else said.due.isoformat(),
    }


def _said(one: Finding | Notice, lang: str) -> Told:
    return told_finding(one, lang) if isinstance(one, Finding) else told_notice(one, lang)


def _task(one: Finding | Notice, lang: str, owners: Mapping[str, str]) -> Record:
    said = _said(one, lang)
    fields: dict[str, Any] = {
        "subject": plain(said.subject, SUBJECT),
        "description": plain(said.body, DESCRIPTION, lines=True),
        "prioritycode": _PRIORITY[_RANK[one.severity] if isinstance(one, Finding) else 2],
    }
    if said.due is not None:
        # Noon in UTC is that day almost everywhere.
        fields["scheduledend"] = f"{said.due.isoformat()}T12:00:00Z"
    owner = said.to if isinstance(one, Notice) else owners.get(one.scope.unit or "")
    if owner is not None:
        fields["ownerid@odata.bind"] = f"/systemusers({_guid(owner)})"
    return Record("task", said.external_id, fields)


def _guid(text: str) -> str:
    try:
        # Who took over an account is called by it and a number.
        return str(uuid.UUID(text.partition("/")[0]))
    except ValueError:
        raise ContractError(
            f"{text!r} is no id of a user of Dataverse; give the systemuserid (a pseudonym cannot be written "
            "back)"
        ) from None


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ContractError(f"{name!r} is no logical name of a table or column (small letters, digits and _)")
    return name


def upserts(
    rows: Sequence[Record],
    *,
    api: str = "9.2",
    keys: Mapping[str, str] | None = None,
    sets: Mapping[str, str] | None = None,
) -> tuple[Upsert, ...]:
    """Records as batches of at most a thousand; the same records make the same batches.

    Args:
        rows: what `tasks` and `records` give.
        api: the version of the Web API.
        keys: for tables written by an alternate key, the column that is it; others are written by their GUID, which is
            the row's external id.
        sets: for tables of one's own, what addresses call them; by default the name and an s.

    Raises:
        ContractError: for a name that is none.
    """
    parts = [rows[first : first + MOST] for first in range(0, len(rows), MOST)]
    return tuple(_batch(part, api.removeprefix("v"), keys or {}, sets or {}) for part in parts)


def _batch(rows: Sequence[Record], api: str, keys: Mapping[str, str], sets: Mapping[str, str]) -> Upsert:
    boundary = f"batch_{stable_id(*(one.external_id for one in rows))}"
    lines = [line for row in rows for line in _request(row, boundary, api, keys, sets)]
    body = "\r\n".join([*lines, f"--{boundary}--", ""])
    return Upsert(f"/api/data/v{api}/$batch", body, f'multipart/mixed; boundary="{boundary}"')


def _request(
    row: Record, boundary: str, api: str, keys: Mapping[str, str], sets: Mapping[str, str]
) -> Iterator[str]:
    known = ENTITIES.get(row.table)
    where = _checked(sets.get(row.table) or (known.set_name if known is not None else f"{row.table}s"))
    column = keys.get(row.table)
    key = f"{_checked(column)}='{row.external_id}'" if column is not None else str(uuid.UUID(row.external_id))
    yield from (f"--{boundary}", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "")
    # Without If-Match and If-None-Match a PATCH inserts what is not there and updates what is.
    yield from (
        f"PATCH /api/data/v{api}/{where}({key}) HTTP/1.1",
        "Content-Type: application/json; type=entry",
        "",
    )
    yield from (json.dumps(dict(row.fields), ensure_ascii=True, sort_keys=True), "")
