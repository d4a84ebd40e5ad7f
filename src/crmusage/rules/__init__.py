"""The usage rulebook: what is expected of whom in which situation, as values and as TOML files.

Names are loaded when they are first used: who only makes rules pays for nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmusage.rules._announce import announcements
    from crmusage.rules._audience import audience
    from crmusage.rules._book import Rulebook
    from crmusage.rules._cadence import cadence_zone, due_instants, present, window_before
    from crmusage.rules._calendar import DayOff, Span, WorkCalendar
    from crmusage.rules._change import Change, Move
    from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons, holds, sort_of
    from crmusage.rules._coverage import Coverage, coverage
    from crmusage.rules._decl import read_decl, write_decl
    from crmusage.rules._diff import Difference, diff
    from crmusage.rules._diff_expected import in_words
    from crmusage.rules._due import Due, Task, due, next_review
    from crmusage.rules._duration import Duration
    from crmusage.rules._gap import Answer, GapReport, triage
    from crmusage.rules._gap_files import load_gap_reports, save_gap_reports
    from crmusage.rules._lint import LintFinding, Step, lint
    from crmusage.rules._monitor import LateEventError, LiveVerdict, Monitor, State
    from crmusage.rules._moves import AsRule
    from crmusage.rules._notice import Letter, Notice, Why, letters
    from crmusage.rules._phrases import phrase
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
    from crmusage.rules._schema import schema
    from crmusage.rules._situation import Situation
    from crmusage.rules._starter import starter
    from crmusage.rules._template import Template, Verdict
    from crmusage.rules._window import bounds
    from crmusage.rules._zone import Zone, zone_of

_HOME = {
    "All": "_condition",
    "Answer": "_gap",
    "AnyOf": "_condition",
    "AppliesTo": "_rule",
    "AsRule": "_moves",
    "Cadence": "_rule",
    "Change": "_change",
    "Communication": "_rule",
    "Compare": "_condition",
    "Condition": "_condition",
    "Constraint": "_rule",
    "Correlation": "_rule",
    "Coverage": "_coverage",
    "DayOff": "_calendar",
    "Difference": "_diff",
    "Due": "_due",
    "Duration": "_duration",
    "GapReport": "_gap",
    "LateEventError": "_monitor",
    "Letter": "_notice",
    "LintFinding": "_lint",
    "LiveVerdict": "_monitor",
    "Monitor": "_monitor",
    "Move": "_change",
    "Not": "_condition",
    "Notice": "_notice",
    "Op": "_condition",
    "Review": "_rule",
    "Rulebook": "_book",
    "Situation": "_situation",
    "Span": "_calendar",
    "State": "_monitor",
    "Status": "_rule",
    "Step": "_lint",
    "Task": "_due",
    "Template": "_template",
    "UsageRule": "_rule",
    "Verdict": "_template",
    "Why": "_notice",
    "WorkCalendar": "_calendar",
    "Zone": "_zone",
    "announcements": "_announce",
    "audience": "_audience",
    "bounds": "_window",
    "cadence_zone": "_cadence",
    "comparisons": "_condition",
    "coverage": "_coverage",
    "diff": "_diff",
    "due": "_due",
    "due_instants": "_cadence",
    "holds": "_condition",
    "in_words": "_diff_expected",
    "letters": "_notice",
    "lint": "_lint",
    "load_gap_reports": "_gap_files",
    "next_review": "_due",
    "phrase": "_phrases",
    "present": "_cadence",
    "read_decl": "_decl",
    "save_gap_reports": "_gap_files",
    "schema": "_schema",
    "sort_of": "_condition",
    "starter": "_starter",
    "triage": "_gap",
    "window_before": "_cadence",
    "write_decl": "_decl",
    "zone_of": "_zone",
}

__all__ = [
    "All",
    "Answer",
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
    "Coverage",
    "DayOff",
    "Difference",
    "Due",
    "Duration",
    "GapReport",
    "LateEventError",
    "Letter",
    "LintFinding",
    "LiveVerdict",
    "Monitor",
    "Move",
    "Not",
    "Notice",
    "Op",
    "Review",
    "Rulebook",
    "Situation",
    "Span",
    "State",
    "Status",
    "Step",
    "Task",
    "Template",
    "UsageRule",
    "Verdict",
    "Why",
    "WorkCalendar",
    "Zone",
    "announcements",
    "audience",
    "bounds",
    "cadence_zone",
    "comparisons",
    "coverage",
    "diff",
    "due",
    "due_instants",
    "holds",
    "in_words",
    "letters",
    "lint",
    "load_gap_reports",
    "next_review",
    "phrase",
    "present",
    "read_decl",
    "save_gap_reports",
    "schema",
    "sort_of",
    "starter",
    "triage",
    "window_before",
    "write_decl",
    "zone_of",
]


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return [*__all__]
