"""Written rules and how they are kept."""

from crmusage.detectors.written._rule_not_kept import RuleNotKept

__all__ = ["RuleNotKept"]
