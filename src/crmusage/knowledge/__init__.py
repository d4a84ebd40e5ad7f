"""What is known of the tool and who owns it: erosion, refreshers, ownership, and the close of a period.

Names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmusage.knowledge._close import (
        Close,
        Control,
        ControlKind,
        ControlResult,
        Signature,
        close,
        controls_of,
    )
    from crmusage.knowledge._close_compare import Comparison, Line, compare, overdue
    from crmusage.knowledge._close_files import load_close, save_close
    from crmusage.knowledge._close_run import ALL, Judged, results_of, unusable
    from crmusage.knowledge._close_telling import CloseTeller, closes_as_json, needs_attention, tell_closes
    from crmusage.knowledge._effects import Effect, If, effects
    from crmusage.knowledge._erosion import (
        CHAMPION_KNOWS,
        FORGETTING_A_YEAR,
        GROWTH_A_YEAR,
        RELAY_KEEPS,
        RELEASE_KNOWN,
        TRAINING_KEEPS,
        TURNOVER_A_YEAR,
        Departure,
        Erosion,
        Refresher,
        Release,
        curve,
        handed_on,
    )
    from crmusage.knowledge._files import PlanFile, load_plan
    from crmusage.knowledge._fit import Fit, Reading, fit
    from crmusage.knowledge._outlook import Outlook, Teller, outlook
    from crmusage.knowledge._ownership import (
        Concern,
        KeyTask,
        Ownership,
        Said,
        concerns,
        if_sponsor_leaves,
        orphans,
    )
    from crmusage.knowledge._plan import Group, Happening, Programme, Schedule, Session, Strand, Topic, plan
    from crmusage.knowledge._readings import Gathered, gather, trained_by
    from crmusage.knowledge._simulate import Spread, simulate
    from crmusage.knowledge._words import Worry

_HOME = {
    "ALL": "_close_run",
    "CHAMPION_KNOWS": "_erosion",
    "FORGETTING_A_YEAR": "_erosion",
    "GROWTH_A_YEAR": "_erosion",
    "RELAY_KEEPS": "_erosion",
    "RELEASE_KNOWN": "_erosion",
    "TRAINING_KEEPS": "_erosion",
    "TURNOVER_A_YEAR": "_erosion",
    "Close": "_close",
    "CloseTeller": "_close_telling",
    "Comparison": "_close_compare",
    "Concern": "_ownership",
    "Control": "_close",
    "ControlKind": "_close",
    "ControlResult": "_close",
    "Departure": "_erosion",
    "Effect": "_effects",
    "Erosion": "_erosion",
    "Fit": "_fit",
    "Gathered": "_readings",
    "Group": "_plan",
    "Happening": "_plan",
    "If": "_effects",
    "Judged": "_close_run",
    "KeyTask": "_ownership",
    "Line": "_close_compare",
    "Outlook": "_outlook",
    "Ownership": "_ownership",
    "PlanFile": "_files",
    "Programme": "_plan",
    "Reading": "_fit",
    "Refresher": "_erosion",
    "Release": "_erosion",
    "Said": "_ownership",
    "Schedule": "_plan",
    "Session": "_plan",
    "Signature": "_close",
    "Spread": "_simulate",
    "Strand": "_plan",
    "Teller": "_outlook",
    "Topic": "_plan",
    "Worry": "_words",
    "close": "_close",
    "closes_as_json": "_close_telling",
    "compare": "_close_compare",
    "concerns": "_ownership",
    "controls_of": "_close",
    "curve": "_erosion",
    "effects": "_effects",
    "fit": "_fit",
    "gather": "_readings",
    "handed_on": "_erosion",
    "if_sponsor_leaves": "_ownership",
    "load_close": "_close_files",
    "load_plan": "_files",
    "needs_attention": "_close_telling",
    "orphans": "_ownership",
    "outlook": "_outlook",
    "overdue": "_close_compare",
    "plan": "_plan",
    "results_of": "_close_run",
    "save_close": "_close_files",
    "simulate": "_simulate",
    "tell_closes": "_close_telling",
    "trained_by": "_readings",
    "unusable": "_close_run",
}

__all__ = [
    "ALL",
    "CHAMPION_KNOWS",
    "FORGETTING_A_YEAR",
    "GROWTH_A_YEAR",
    "RELAY_KEEPS",
    "RELEASE_KNOWN",
    "TRAINING_KEEPS",
    "TURNOVER_A_YEAR",
    "Close",
    "CloseTeller",
    "Comparison",
    "Concern",
    "Control",
    "ControlKind",
    "ControlResult",
    "Departure",
    "Effect",
    "Erosion",
    "Fit",
    "Gathered",
    "Group",
    "Happening",
    "If",
    "Judged",
    "KeyTask",
    "Line",
    "Outlook",
    "Ownership",
    "PlanFile",
    "Programme",
    "Reading",
    "Refresher",
    "Release",
    "Said",
    "Schedule",
    "Session",
    "Signature",
    "Spread",
    "Strand",
    "Teller",
    "Topic",
    "Worry",
    "close",
    "closes_as_json",
    "compare",
    "concerns",
    "controls_of",
    "curve",
    "effects",
    "fit",
    "gather",
    "handed_on",
    "if_sponsor_leaves",
    "load_close",
    "load_plan",
    "needs_attention",
    "orphans",
    "outlook",
    "overdue",
    "plan",
    "results_of",
    "save_close",
    "simulate",
    "tell_closes",
    "trained_by",
    "unusable",
]


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return [*__all__]
