"""The usage rulebook: what is expected of whom in which situation, as values and as TOML files."""

from crmusage.rules._book import Rulebook
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons, holds, sort_of
from crmusage.rules._duration import Duration
from crmusage.rules._rule import (
    AppliesTo,
    Cadence,
    Communication,
    Constraint,
    Correlation,
    Review,
    Status,
    UsageRule,
)
from crmusage.rules._template import Template, Verdict

__all__ = [
    "All",
    "AnyOf",
    "AppliesTo",
    "Cadence",
    "Communication",
    "Compare",
    "Condition",
    "Constraint",
    "Correlation",
    "Duration",
    "Not",
    "Op",
    "Review",
    "Rulebook",
    "Status",
    "Template",
    "UsageRule",
    "Verdict",
    "comparisons",
    "holds",
    "sort_of",
]
