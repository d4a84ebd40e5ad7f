"""The usage rulebook: what is expected of whom in which situation, as values and as TOML files."""

from crmusage.rules._book import Rulebook
from crmusage.rules._cadence import cadence_zone, due_instants, present, window_before
from crmusage.rules._calendar import DayOff, Span, WorkCalendar
from crmusage.rules._change import Change, Move
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons, holds, sort_of
from crmusage.rules._decl import read_decl, write_decl
from crmusage.rules._diff import Difference, diff
from crmusage.rules._duration import Duration
from crmusage.rules._lint import LintFinding, Step, lint
from crmusage.rules._moves import AsRule
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
from crmusage.rules._situation import Situation
from crmusage.rules._template import Template, Verdict
from crmusage.rules._window import bounds
from crmusage.rules._zone import Zone, zone_of

__all__ = [
    "All",
    "AnyOf",
    "AppliesTo",
    "AsRule",
    "Cadence",
    "Change",
    "Communication",
    "Compare",
    "Condition",
    "Constraint",
    "Correlation",
    "DayOff",
    "Difference",
    "Duration",
    "LintFinding",
    "Move",
    "Not",
    "Op",
    "Review",
    "Rulebook",
    "Situation",
    "Span",
    "Status",
    "Step",
    "Template",
    "UsageRule",
    "Verdict",
    "WorkCalendar",
    "Zone",
    "bounds",
    "cadence_zone",
    "comparisons",
    "diff",
    "due_instants",
    "holds",
    "lint",
    "present",
    "read_decl",
    "sort_of",
    "window_before",
    "write_decl",
    "zone_of",
]
