"""What a history shows of a criterion, to be held beside the answers."""

from __future__ import annotations

import enum

import attrs

from crmusage.adoptability._survey import Criterion
from crmusage.model import Measure, Text, Undefined


class Verdict(enum.StrEnum):
    """What answers or a figure say of a criterion."""

    GOOD = "good"
    POOR = "poor"
    OPEN = "open"
    """Too close to call, or nothing to call it by."""


class Better(enum.StrEnum):
    """Which way a figure is good."""

    HIGH = "high"
    LOW = "low"


@attrs.frozen
class Indicator:
    """A figure that speaks for or against a criterion: share of entries made on a telephone, uptime, …"""

    criterion: Criterion
    measure: Measure | Undefined
    better: Better
    level: float
    """From where (in the figure's unit) it is good; up to the caller, as no law gives it."""
    text: Text
    """What it is: `entries made on a telephone`."""

    @property
    def verdict(self) -> Verdict:
        """Good or poor if the whole interval lies on one side of the level; without an interval, the value."""
        measure = self.measure
        if isinstance(measure, Undefined):
            return Verdict.OPEN
        low = measure.value if measure.low is None else measure.low
        high = measure.value if measure.high is None else measure.high
        if low >= self.level:
            return Verdict.GOOD if self.better is Better.HIGH else Verdict.POOR
        if high < self.level:
            return Verdict.POOR if self.better is Better.HIGH else Verdict.GOOD
        return Verdict.OPEN
