"""How and when opportunities come into the CRM."""

from crmusage.detectors.creation._late_creation import LateCreation

__all__ = ["LateCreation"]
