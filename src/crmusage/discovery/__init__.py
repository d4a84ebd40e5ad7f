"""Unwritten usages: what one group of people does that its peers don't, since when, and what it is worth."""

try:
    import numpy  # noqa: F401, ICN001 - is it installed?
    import scipy  # noqa: F401 - is it installed?
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.discovery", "analysis") from error

from crmusage.discovery._discover import Discovery, discover, discovered
from crmusage.discovery._gaps import gaps, speaks, tally_situations
from crmusage.discovery._gaps_catalogue import CATALOGUE, Pattern
from crmusage.discovery._gaps_value import Gap, Gaps
from crmusage.discovery._group import Group
from crmusage.discovery._log import Log, log_of, persons, regrouped
from crmusage.discovery._usage import Nature, UnwrittenUsage
from crmusage.discovery._ways import Ways, ways, ways_of
from crmusage.discovery._weigh import Between, Phase, Series

__all__ = [
    "CATALOGUE",
    "Between",
    "Discovery",
    "Gap",
    "Gaps",
    "Group",
    "Log",
    "Nature",
    "Pattern",
    "Phase",
    "Series",
    "UnwrittenUsage",
    "Ways",
    "discover",
    "discovered",
    "gaps",
    "log_of",
    "persons",
    "regrouped",
    "speaks",
    "tally_situations",
    "ways",
    "ways_of",
]
