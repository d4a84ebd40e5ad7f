"""Detectors: one pattern a file, grouped by family. They tally a history and judge the sums."""

from crmusage.detectors._base import Context, Detector, Judgement, Needs, examine
from crmusage.detectors.aggregate import HiddenByAggregate
from crmusage.detectors.creation import LateCreation
from crmusage.detectors.written import RuleNotKept

BUILT_IN: tuple[Detector, ...] = (
    RuleNotKept(),
    LateCreation(),
    HiddenByAggregate(),
)
"""Every detector that comes with crmusage, by code."""

__all__ = [
    "BUILT_IN",
    "Context",
    "Detector",
    "HiddenByAggregate",
    "Judgement",
    "LateCreation",
    "Needs",
    "RuleNotKept",
    "examine",
]
