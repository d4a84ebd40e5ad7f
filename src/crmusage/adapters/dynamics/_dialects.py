"""How pipelines write the tables of Dataverse, and by what each is recognised."""

from __future__ import annotations

import re

from crmusage.adapters._core import Dialect
from crmusage.adapters._core._crm import Tables
from crmusage.model import Text

APPENDED = "synapse-append"
"""The dialect in which every version of a row is kept."""

_SINK = "SinkModifiedOn"
_GONE = ("IsDelete", "isDelete", "IsDeleted", "isDeleted")

_LOOKUP = re.compile(r"_[a-z0-9_]+_value")
_LOGICAL = frozenset(
    {
        "statecode",
        "statuscode",
        "createdon",
        "modifiedon",
        "objecttypecode",
        "systemuserid",
        "transactioncurrencyid",
    }
)


def _columns(tables: Tables) -> set[str]:
    return {column for frame in tables.values() for column in frame.columns}


def _synapse(tables: Tables) -> bool:
    return _SINK in _columns(tables)


def _appended(tables: Tables) -> bool:
    """Rows of what is deleted, or several rows of one record: nothing is ever written over."""
    return any(
        _SINK in frame.columns
        and (
            any(name in frame.columns for name in _GONE)
            or ("Id" in frame.columns and bool(frame["Id"].drop_nulls().is_duplicated().any()))
        )
        for frame in tables.values()
    )


def _singer(tables: Tables) -> bool:
    return any(column in {"statecode_label", "statuscode_label"} for column in _columns(tables))


def _web_api(tables: Tables) -> bool:
    names = _columns(tables)
    return any("@" in name or _LOOKUP.fullmatch(name) for name in names) or bool(
        {one.lower() for one in names} & _LOGICAL
    )


DIALECTS = (
    Dialect(
        "fivetran",
        Text(en="Fivetran", fr="Fivetran"),
        marks=(r"_fivetran_.*",),
        own=(r"renamed_attributename",),
        zone="UTC",
        synced=("_fivetran_synced",),
        deleted=("_fivetran_deleted",),
        includes_deleted=True,
    ),
    Dialect(
        "airbyte",
        Text(en="Airbyte, source Microsoft Dataverse", fr="Airbyte, source Microsoft Dataverse"),
        marks=(r"_airbyte_.*", r"_ab_.*"),
        own=(r"@odata\..*",),
        zone="UTC",
        synced=("_airbyte_extracted_at", "_airbyte_emitted_at"),
        deleted=("_ab_cdc_deleted_at",),
        # The row of a deletion has no such stamp, and nothing but its id: the state before it is kept beside it.
        valid=("_ab_cdc_updated_at", " "),
        includes_deleted=True,
        notes=(
            Text(
                en="Airbyte stamps what was deleted with the clock of the machine that it ran on, without a "
                "zone, and writes the same stamp into modifiedon: that something was deleted is read, when "
                "it was is not.",
                fr="Airbyte date les suppressions à l'horloge de la machine où il tourne, sans fuseau, et "
                "écrit cette date aussi dans modifiedon : la suppression est lue, sa date ne l'est pas.",
            ),
        ),
    ),
    Dialect(
        APPENDED,
        Text(en="Synapse Link, append only", fr="Synapse Link, ajout seul"),
        fits=_appended,
        own=("SinkCreatedOn",),
        zone="UTC",
        deleted=_GONE,
        valid=(_SINK, " "),
        includes_deleted=True,
    ),
    Dialect(
        "synapse",
        Text(en="Synapse Link, in place", fr="Synapse Link, mise à jour sur place"),
        fits=_synapse,
        own=("SinkCreatedOn",),
        zone="UTC",
        synced=(_SINK,),
        deleted=_GONE,
        includes_deleted=False,
        notes=(
            Text(
                en="Synapse Link writes over its rows: how things stand is known, how they came to it is "
                "not, unless the audit table comes as well.",
                fr="Synapse Link écrase ses lignes : l'état est connu, mais pas comment on y est arrivé, "
                "sauf si la table d'audit est fournie.",
            ),
        ),
    ),
    Dialect(
        "singer",
        Text(en="Singer, tap-dynamics-crm", fr="Singer, tap-dynamics-crm"),
        marks=(r"_sdc_.*",),
        fits=_singer,
        zone="UTC",
        synced=("_sdc_batched_at", "_sdc_received_at"),
        deleted=("_sdc_deleted_at",),
        includes_deleted=False,
    ),
    Dialect(
        "webapi",
        Text(
            en="Web API, also by the Python client for Dataverse",
            fr="Web API, y compris par le client Python de Dataverse",
        ),
        fits=_web_api,
        own=(r"@odata\..*", r"@Microsoft\..*", r".*@Microsoft\.Dynamics\.CRM\.associatednavigationproperty"),
        zone="UTC",
        includes_deleted=False,
    ),
)
"""Dataverse itself writes every time in UTC; a time without a zone is one that a tool stripped of its Z on the way."""

NAMES = {"sdk": "webapi", "web api": "webapi", "dataverse": "webapi"}
"""Other names by which a dialect may be asked for."""
