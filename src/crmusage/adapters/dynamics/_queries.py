"""What to ask Dataverse for, ready to paste: Web API addresses with their headers, and FetchXML."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from xml.sax.saxutils import quoteattr

import attrs

from crmusage.adapters import _core
from crmusage.adapters.dynamics._directory import TEAM
from crmusage.adapters.dynamics._entities import ENTITIES, Dataverse
from crmusage.adapters.dynamics._options import (
    ACCESS_OFF,
    ACCESS_ON,
    AUDIT_OFF,
    AUDIT_ON,
    LOG_DELETED,
    Action,
)
from crmusage.adapters.dynamics._query_words import CAVEATS, DETAILS, RECORD_HISTORY, WHY, WHY_CUSTOM
from crmusage.errors import ContractError
from crmusage.model import Text

VERSIONS = ("9.0", "9.1", "9.2")
"""Versions of the Web API whose addresses are known. They differ in nothing that is asked here."""

PAGE = 5000
"""Rows a page: the most that Dataverse gives at once for standard tables."""

Form = Literal["odata", "fetchxml"]

AUDITED = ("opportunity", "incident", "quote", "opportunitysalesprocess", "systemuser")
"""Tables whose changes are asked for."""

_EVENTS = tuple(
    sorted(
        {*AUDIT_ON, *AUDIT_OFF, ACCESS_ON, ACCESS_OFF, LOG_DELETED, Action.WEB_ACCESS, Action.SERVICE_ACCESS}
    )
)


def _frozen(value: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(value))


@attrs.frozen
class Query(_core.Query):
    """One question to Dataverse: an address below `https://<organisation>/api/data/`, or FetchXML."""

    headers: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    """The headers that belong to an address."""


def queries(
    api: str = "9.2",
    *,
    since: dt.datetime | None = None,
    custom: _core.Mapping | None = None,
    form: Form = "odata",
) -> tuple[Query, ...]:
    """The questions that bring what a history needs, and nothing else.

    Args:
        api: the version of the Web API, "9.2".
        since: only what was changed from this instant on; tables of people and settings always come as a whole.
        custom: the mapping that is given to `read`: the columns and tables that it names are asked for as well.
        form: "odata" or "fetchxml".

    Raises:
        ContractError: for a version that is not known, a name that is none, or an instant without a zone.
    """
    version = api.removeprefix("v")
    if version not in VERSIONS:
        raise ContractError(
            f"version {api!r} of the Web API is not known here; there are {', '.join(VERSIONS)}"
        )
    if form not in {"odata", "fetchxml"}:
        raise ContractError(f"a query is odata or fetchxml, not {form!r}")
    if since is not None and since.tzinfo is None:
        raise ContractError(f"since is an instant with a zone, not {since!r}")
    added = _named(custom or _core.Mapping())
    entities = [
        attrs.evolve(one, columns=tuple(dict.fromkeys((*one.columns, *added.get(one.name, ())))))
        for one in ENTITIES.values()
        if one.set_name
    ]
    entities += [
        Dataverse(
            table, id=f"{table}id", set_name=f"{table}s", columns=(f"{table}id", "modifiedon", *columns)
        )
        for table, columns in added.items()
        if table not in ENTITIES
    ]
    write = _odata if form == "odata" else _fetchxml
    asked = [
        Query(
            name=one.name,
            text=write(one, version, since if one.name not in WHOLE else None),
            why=WHY.get(one.name, WHY_CUSTOM),
            caveats=CAVEATS.get(one.name, ()),
            headers=_HEADERS if form == "odata" else {},
        )
        for one in entities
        # Rules of calendars are only to be had with their calendars.
        if form == "odata" or one.name != "calendarrule"
    ]
    return (*asked, *_details(version))


HOLIDAYS = 2
"""`calendar.type` of a holiday schedule. From memory."""

WHOLE = frozenset(
    {"systemuser", "team", "teammembership", "businessunit", "queue", "transactioncurrency", "organization",
     "calendarrule", "stringmap", "processstage"}
)  # fmt: skip
"""Tables that are small, or whose old rows are needed as much as the new ones."""

_HEADERS = {
    "Accept": "application/json",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "Prefer": f'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname",odata.maxpagesize={PAGE}',
}
"""Of the annotations only the one that tells whom a lookup points to: the formatted values are written for the eyes of
the user who asks, in that user's language and zone."""


def _odata(entity: Dataverse, version: str, since: dt.datetime | None) -> str:
    if entity.name == "calendarrule":
        rules = ",".join(name for name in entity.columns if name not in entity.lookups)
        return (
            f"v{version}/calendars?$select=calendarid,name&$filter=type eq {HOLIDAYS}"
            f"&$expand=calendar_calendar_rules($select={rules})"
        )
    columns = ",".join(f"_{name}_value" if name in entity.lookups else name for name in entity.columns)
    conditions = []
    if entity.name == "audit":
        columns += ",changedata"
        tables = " or ".join(f"objecttypecode eq '{name}'" for name in AUDITED)
        actions = " or ".join(f"action eq {action}" for action in _EVENTS)
        conditions.append(f"({tables} or {actions})")
        stamp = "createdon"
    else:
        stamp = "modifiedon"
        if entity.name == "stringmap":
            tables = " or ".join(f"objecttypecode eq '{name}'" for name in AUDITED)
            conditions.append(f"({tables})")
    if since is not None:
        conditions.append(f"{stamp} ge {_instant(since)}")
    asked = f"$select={columns}" + (f"&$filter={' and '.join(conditions)}" if conditions else "")
    order = f"{stamp},{entity.id}" if stamp in entity.columns else entity.id
    return f"v{version}/{entity.set_name}?{asked}&$orderby={order}"


def _fetchxml(entity: Dataverse, version: str, since: dt.datetime | None) -> str:  # noqa: ARG001 - FetchXML has one version
    lines = [
        f'<fetch version="1.0" mapping="logical" count="{PAGE}" page="1">',
        f"  <entity name={quoteattr(entity.name)}>",
    ]
    lines += [f"    <attribute name={quoteattr(name)} />" for name in entity.columns]
    stamp = "createdon" if entity.name == "audit" else "modifiedon"
    tables = "".join(f"<value>{name}</value>" for name in AUDITED)
    of_tables = f'<condition attribute="objecttypecode" operator="in">{tables}</condition>'
    conditions = []
    if entity.name == "audit":
        lines.append('    <attribute name="changedata" />')
        actions = "".join(f"<value>{action}</value>" for action in _EVENTS)
        of_actions = f'<condition attribute="action" operator="in">{actions}</condition>'
        conditions += ['<filter type="or">', f"  {of_tables}", f"  {of_actions}", "</filter>"]
    if entity.name == "stringmap":
        conditions.append(of_tables)
    if since is not None:
        conditions.append(f'<condition attribute="{stamp}" operator="ge" value="{_instant(since)}" />')
    if conditions:
        lines += ["    <filter>", *(f"      {one}" for one in conditions), "    </filter>"]
    lines += [f'    <order attribute="{entity.id}" />', "  </entity>", "</fetch>"]
    return "\n".join(lines)


def _details(version: str) -> tuple[Query, ...]:
    paging = '{"PageNumber":1,"Count":%d,"ReturnTotalRecordCount":false}' % PAGE  # noqa: UP031 - braces of JSON
    return (
        Query(
            name="audit",
            text=f"v{version}/audits(<auditid>)/Microsoft.Dynamics.CRM.RetrieveAuditDetails",
            why=Text(
                en="The old and new values of one audit row, where changedata is not to be had; put them "
                "beside the row, as AuditDetail.",
                fr="Les anciennes et nouvelles valeurs d'une ligne d'audit, si changedata n'est pas "
                "disponible ; à joindre à la ligne, sous AuditDetail.",
            ),
            caveats=(DETAILS,),
            headers=_HEADERS,
        ),
        Query(
            name="audit",
            text=f"v{version}/RetrieveRecordChangeHistory(Target=@target,PagingInfo=@paging)?"
            f"@target={{'@odata.id':'opportunities(<opportunityid>)'}}&@paging={paging}",
            why=Text(
                en="All changes of one record, for a check of a few.",
                fr="Tous les changements d'une fiche, pour en vérifier quelques-unes.",
            ),
            caveats=(RECORD_HISTORY, DETAILS),
            headers=_HEADERS,
        ),
    )


def _named(mapping: _core.Mapping) -> dict[str, tuple[str, ...]]:
    """The columns that a mapping names, by table."""
    found: dict[str, set[str]] = {table: set() for table in mapping.objects}
    for table, fields in mapping.fields.items():
        found.setdefault(table, set()).update(fields.values())
    for table, custom in mapping.objects.items():
        found[table].update(custom.columns.values())
    for words in (mapping.meanings, mapping.outcomes, mapping.ranks):
        for table, told in words.items():
            found.setdefault(table, set()).update(told)
    for name in mapping.wall_clocks:
        table, _, field = name.partition(".")
        found.setdefault(table, set()).add(field)
    people = {one for one in (mapping.unit, mapping.identity) if one is not None}
    found.setdefault("systemuser", set()).update(people - {TEAM})
    return {_name(table): tuple(sorted(map(_name, columns))) for table, columns in sorted(found.items())}


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(name: str) -> str:
    """A logical name, so that nothing else gets into an address."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(f"{name!r} is no logical name of a table or column (small letters, digits and _)")
    return name
