"""What to ask Salesforce for, in SOQL that is ready to paste, and what its answers leave out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from crmusage.adapters._core import Mapping, Query
from crmusage.adapters.salesforce._asked import ASKED, DELETED, PERMISSIONS, Asked
from crmusage.errors import ContractError
from crmusage.model import Text

FIRST, WITH_PREVIOUS, WITH_STAGE_CHANGE = 30.0, 50.0, 52.0
"""Versions of the API: the first that is asked here, and those from which on rows of the history tell the value before
and opportunities when their stage changed last."""

_API = re.compile(r"v?(\d{2,3})(?:\.0)?")
_NAME = re.compile(r"[A-Za-z]\w*(?:__c|__r\.\w+)?")

_MANY_CURRENCIES = ("CurrencyType", "DatedConversionRate")


def queries(
    api: str = "60.0",
    *,
    since: dt.datetime | None = None,
    custom: Mapping | None = None,
    currencies: bool = False,
) -> tuple[Query, ...]:
    """The queries that bring what a history needs, and nothing else.

    Args:
        api: the version of the API, "60.0".
        since: only what changed from this instant on; lists and calendars always come as a whole.
        custom: a mapping: its fields and objects are asked for as well.
        currencies: the org has several currencies: amounts come with theirs, and the rates are asked for.

    Raises:
        ContractError: for a version that is not known here, an instant without a zone, or a name that is none.
    """
    version = _version(api)
    if since is not None and since.tzinfo is None:
        raise ContractError(f"since is an instant with its zone, not {since!r}")
    mapping = custom or Mapping()
    found = [
        _query(one, version, since, mapping, currencies)
        for one in ASKED
        if currencies or one.name not in _MANY_CURRENCIES
    ]
    return (*found, *(_of_object(name, mapping, since) for name in mapping.objects))


def _version(api: str) -> float:
    read = _API.fullmatch(str(api).strip())
    if read is None or float(read[1]) < FIRST:
        raise ContractError(
            f"{api!r} is no version of the API that is known here; give one from {FIRST:.1f} on"
        )
    return float(read[1])


def _query(
    one: Asked, version: float, since: dt.datetime | None, mapping: Mapping, currencies: bool
) -> Query:
    fields = one.fields.split(", ")
    if one.name == "OpportunityHistory" and version >= WITH_PREVIOUS:
        fields += ["PrevAmount", "PrevCloseDate"]
    if one.name == "Opportunity" and version >= WITH_STAGE_CHANGE:
        fields.append("LastStageChangeDate")
    if one.money and currencies:
        fields.append("CurrencyIsoCode")
    fields += _checked(mapping.fields.get(one.name, {}).values())
    for words in (mapping.meanings, mapping.outcomes, mapping.ranks):
        fields += _checked(words.get(one.name, {}))
    if one.name == "User":
        fields += _checked(name for name in (mapping.unit, mapping.identity) if name)
    return Query(one.name, _soql(one.name, fields, one.where, since, one.since), one.why, one.caveats)


def _of_object(name: str, mapping: Mapping, since: dt.datetime | None) -> Query:
    (checked,) = _checked([name])
    custom = mapping.objects[name]
    fields = ["Id", "IsDeleted", "SystemModstamp", *_checked(custom.columns.values())]
    why = Text(f"custom object {name}", f"objet personnalisé {name}")
    return Query(name, _soql(checked, fields, None, since, "SystemModstamp"), why, (DELETED, PERMISSIONS))


def _checked(names: Iterable[str]) -> list[str]:
    found = list(names)
    for name in found:
        if not _NAME.fullmatch(name):
            raise ContractError(f"{name!r} is no name of a field or object of Salesforce")
    return found


def _soql(
    table: str, fields: Iterable[str], where: str | None, since: dt.datetime | None, by: str | None
) -> str:
    conditions = [] if where is None else [where]
    if since is not None and by is not None:
        conditions.append(f"{by} >= {since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
    # Names were checked, and the rest are words of ours: nothing of it is data.
    text = f"SELECT {', '.join(dict.fromkeys(fields))} FROM {table}"  # noqa: S608
    return text + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
