"""Usages that are written nowhere."""

from crmusage.detectors.unwritten._unwritten_rule import UnwrittenRule

__all__ = ["UnwrittenRule"]
