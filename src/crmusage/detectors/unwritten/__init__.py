"""Usages that are written nowhere."""

from crmusage.detectors.unwritten._unwritten_rule import UnwrittenRule
from crmusage.detectors.unwritten._usage_multiplicity import UsageMultiplicity

__all__ = ["UnwrittenRule", "UsageMultiplicity"]
