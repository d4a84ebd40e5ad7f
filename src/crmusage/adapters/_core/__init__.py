"""What all adapters share. No CRM is named in here."""

from crmusage.adapters._core._cells import instants
from crmusage.adapters._core._changes import FIRST, ROW, Watch, as_text, changes, in_turn, seq
from crmusage.adapters._core._crm import Dialect, Entity
from crmusage.adapters._core._delivery import Crm, Delivery, read
from crmusage.adapters._core._job import Job
from crmusage.adapters._core._logins import Logins
from crmusage.adapters._core._mapping import CustomObject, Mapping
from crmusage.adapters._core._money import Rates
from crmusage.adapters._core._names import folded, snake
from crmusage.adapters._core._objects import put_objects, read_as
from crmusage.adapters._core._query import Query
from crmusage.adapters._core._records import (
    Record,
    Told,
    finding_id,
    notice_id,
    plain,
    stable_id,
    told_finding,
    told_notice,
)
from crmusage.adapters._core._table import ColumnUse, Table

__all__ = [
    "FIRST",
    "ROW",
    "ColumnUse",
    "Crm",
    "CustomObject",
    "Delivery",
    "Dialect",
    "Entity",
    "Job",
    "Logins",
    "Mapping",
    "Query",
    "Rates",
    "Record",
    "Table",
    "Told",
    "Watch",
    "as_text",
    "changes",
    "finding_id",
    "folded",
    "in_turn",
    "instants",
    "notice_id",
    "plain",
    "put_objects",
    "read",
    "read_as",
    "seq",
    "snake",
    "stable_id",
    "told_finding",
    "told_notice",
]
