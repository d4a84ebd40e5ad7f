"""Detectors, each in a file of its own in the folder of its family. They tally a history and judge the sums."""

from crmusage.detectors._base import Context, Detector, Judgement, Needs, ReadsRules, examine
from crmusage.detectors._catalogue import built_in
from crmusage.detectors.aggregate import HiddenByAggregate
from crmusage.detectors.creation import LateCreation
from crmusage.detectors.written import DeadRule, DeadRules, RuleNotKept, dead_rules

BUILT_IN: tuple[Detector, ...] = built_in(__name__, __path__)
"""Every detector that comes with crmusage, by code."""

__all__ = [
    "BUILT_IN",
    "Context",
    "DeadRule",
    "DeadRules",
    "Detector",
    "HiddenByAggregate",
    "Judgement",
    "LateCreation",
    "Needs",
    "ReadsRules",
    "RuleNotKept",
    "dead_rules",
    "examine",
]
