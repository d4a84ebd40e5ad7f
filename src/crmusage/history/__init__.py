"""What happened, as columns. Polars is named in here and in no other room of the analysis."""

try:
    import numpy  # noqa: F401, ICN001 - is it installed?
    import polars  # noqa: F401, ICN001 - is it installed?
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.history", "analysis") from error

from crmusage.history._attributes import CASE, Attributes
from crmusage.history._came import Kind, as_attribute, as_it_came, typed
from crmusage.history._clock import Clock, Work
from crmusage.history._column import Cells
from crmusage.history._contract import columns_of
from crmusage.history._counts import Counts
from crmusage.history._frame import frame
from crmusage.history._history import History
from crmusage.history._index import NEVER, Index, edge, months_of
from crmusage.history._leaves import BEFORE_LEAVE
from crmusage.history._mapping import LogMapping
from crmusage.history._people import Leaves, Lookup, Ownership, Traits, Who
from crmusage.history._safe import write_safe
from crmusage.history._table import Instants, Labels, table
from crmusage.history._values import acknowledgements_of, people_of, read_acknowledgements, read_people
from crmusage.model import SetAside

__all__ = [
    "BEFORE_LEAVE",
    "CASE",
    "NEVER",
    "Attributes",
    "Cells",
    "Clock",
    "Counts",
    "History",
    "Index",
    "Instants",
    "Kind",
    "Labels",
    "Leaves",
    "LogMapping",
    "Lookup",
    "Ownership",
    "SetAside",
    "Traits",
    "Who",
    "Work",
    "acknowledgements_of",
    "as_attribute",
    "as_it_came",
    "columns_of",
    "edge",
    "frame",
    "months_of",
    "people_of",
    "read_acknowledgements",
    "read_people",
    "table",
    "typed",
    "write_safe",
]
