from __future__ import annotations

import datetime as dt

import attrs

from crmusage.adoptability import Coercion, Indicator
from crmusage.knowledge import Concern, Reading
from crmusage.maturity import Observation


@attrs.frozen
class Observed:
    """What a history shows of a programme. It stands beside the answers and changes none of them."""

    as_of: dt.datetime
    """Up to when."""
    indicators: tuple[Indicator, ...] = ()
    """Of the criteria of adoptability."""
    coercion: Coercion | None = None
    """Whether people use the tool of themselves."""
    observations: tuple[Observation, ...] = ()
    """Of practices of maturity."""
    orphans: tuple[Concern, ...] = ()
    """Written rules that nobody looks after."""
    readings: tuple[Reading, ...] = ()
    """How many still keep a rule, by months since they read it: they join those of the plan of refreshers."""
