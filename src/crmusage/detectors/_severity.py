from __future__ import annotations

from collections.abc import Iterable

from crmusage.detectors._company import relative
from crmusage.model import Distortion, Severity

SERIOUS = 0.05
"""A company figure that is off by so much of itself is a serious matter: a forecast within 5 % is called
good."""
MODERATE = 0.02
"""Guessed: less than this is lost in rounding when figures are shown to a board."""


def severity_of(bent: Iterable[Distortion]) -> Severity:
    """How much a finding matters, by what it does to the company's figures."""
    worst = max((relative(one) for one in bent), default=0.0)
    return Severity.HIGH if worst >= SERIOUS else Severity.MEDIUM if worst >= MODERATE else Severity.LOW
