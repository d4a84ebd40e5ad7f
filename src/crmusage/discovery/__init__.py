"""Unwritten usages: what one group of people does that its peers don't, since when, and what it is worth."""

try:
    import numpy  # noqa: F401, ICN001
    import polars  # noqa: F401, ICN001
    import scipy  # noqa: F401
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.discovery", "analysis") from error

from crmusage.discovery._discover import Discovery, discover
from crmusage.discovery._gaps import Gap, Gaps, gaps, speaks, tally_situations
from crmusage.discovery._gaps_catalogue import CATALOGUE, Pattern
from crmusage.discovery._group import Group
from crmusage.discovery._usage import Nature, UnwrittenUsage
from crmusage.discovery._weigh import Between, Phase, Series

__all__ = [
    "CATALOGUE",
    "Between",
    "Discovery",
    "Gap",
    "Gaps",
    "Group",
    "Nature",
    "Pattern",
    "Phase",
    "Series",
    "UnwrittenUsage",
    "discover",
    "gaps",
    "speaks",
    "tally_situations",
]
