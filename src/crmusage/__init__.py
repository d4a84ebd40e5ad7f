"""How a CRM is really used: unwritten usages held against the written rules, and what they do to the figures.

    import crmusage as cu

    history = cu.History.read("export/")
    report = cu.verify(history, cu.Rulebook.load("usages/"))

The rules are pure Python and come with every install; what reads histories comes with `crmusage[analysis]`.
Names are loaded when they are first used, so `import crmusage` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from crmusage._version import __version__

if TYPE_CHECKING:
    from crmusage.conformance import effect, witnesses
    from crmusage.discovery import discover, gaps
    from crmusage.errors import (
        BookError,
        ContractError,
        CrmUsageError,
        CrmUsageWarning,
        MissingExtraError,
        RuleError,
        SourceError,
    )
    from crmusage.history import History, LogMapping
    from crmusage.model import Finding, Measure, Period, Text, Undefined
    from crmusage.report import Report
    from crmusage.rules import (
        Change,
        Constraint,
        Duration,
        Monitor,
        Rulebook,
        Situation,
        Status,
        Template,
        UsageRule,
        diff,
    )
    from crmusage.signals import observe, rows_in
    from crmusage.verification import verify

_HOME = {
    "BookError": "errors",
    "Change": "rules",
    "Constraint": "rules",
    "ContractError": "errors",
    "CrmUsageError": "errors",
    "CrmUsageWarning": "errors",
    "Duration": "rules",
    "Finding": "model",
    "History": "history",
    "LogMapping": "history",
    "Measure": "model",
    "MissingExtraError": "errors",
    "Monitor": "rules",
    "Period": "model",
    "Report": "report",
    "RuleError": "errors",
    "Rulebook": "rules",
    "Situation": "rules",
    "SourceError": "errors",
    "Status": "rules",
    "Template": "rules",
    "Text": "model",
    "Undefined": "model",
    "UsageRule": "rules",
    "diff": "rules",
    "discover": "discovery",
    "effect": "conformance",
    "gaps": "discovery",
    "observe": "signals",
    "rows_in": "signals",
    "verify": "verification",
    "witnesses": "conformance",
}

__all__ = [
    "BookError",
    "Change",
    "Constraint",
    "ContractError",
    "CrmUsageError",
    "CrmUsageWarning",
    "Duration",
    "Finding",
    "History",
    "LogMapping",
    "Measure",
    "MissingExtraError",
    "Monitor",
    "Period",
    "Report",
    "RuleError",
    "Rulebook",
    "Situation",
    "SourceError",
    "Status",
    "Template",
    "Text",
    "Undefined",
    "UsageRule",
    "__version__",
    "diff",
    "discover",
    "effect",
    "gaps",
    "observe",
    "rows_in",
    "verify",
    "witnesses",
]


def __getattr__(name: str) -> object:
    room = _HOME.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{room}"), name)
    except ModuleNotFoundError as error:
        if error.name not in {"numpy", "polars", "scipy"}:
            raise
        from crmusage.errors import MissingExtraError

        raise MissingExtraError(f"crmusage.{name}", "analysis") from error


def __dir__() -> list[str]:
    return [*__all__]
