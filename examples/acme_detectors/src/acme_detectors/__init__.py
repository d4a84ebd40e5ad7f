"""Detectors of ACME's own."""

from acme_detectors._round_amounts import RoundAmounts

__all__ = ["RoundAmounts"]
