"""Written rules and how they are kept."""

from crmusage.detectors.written._dead_rule import DeadRule, DeadRules, dead_rules
from crmusage.detectors.written._rule_not_kept import RuleNotKept

__all__ = ["DeadRule", "DeadRules", "RuleNotKept", "dead_rules"]
