"""Requests: who asks (trigger), what carries (transmitter), who acts (doer). Deciding is not fulfilling.

Names are loaded when they are first used: a server that only runs requests through pays for nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmusage.requests._access import (
        AccessFinding,
        AccessVerdict,
        need_to_know,
    )
    from crmusage.requests._bank import (
        SIMILAR,
        SUPPORT,
        Candidate,
        KnowledgeBank,
        knowledge_bank,
    )
    from crmusage.requests._checklist import (
        XrmArea,
        XrmItem,
        xrm_checklist,
    )
    from crmusage.requests._clock import (
        Clock,
    )
    from crmusage.requests._codes import (
        Code,
        CodeForm,
        CodeReport,
        CodeRow,
        CodeTrend,
        code_conformance,
        load_codes,
        postal_patterns,
    )
    from crmusage.requests._copies import (
        BULK,
        EXPORTS,
        MASS,
        CopySign,
        LocalCopies,
        LocalCopy,
        local_copies,
    )
    from crmusage.requests._doers import (
        Doer,
        Routing,
        TrainingNeed,
        TrainingNeeds,
        check_routing,
        right_doers,
        training_needs,
    )
    from crmusage.requests._event import (
        Misfit,
        RequestEvent,
    )
    from crmusage.requests._kind import (
        Emergency,
        Fact,
        RequestKind,
    )
    from crmusage.requests._kind_files import (
        load_kinds,
    )
    from crmusage.requests._lapse import (
        Lapse,
        not_assessable,
    )
    from crmusage.requests._matrix import (
        CELLS,
        WINDOW,
        Interaction,
        Matrix,
        MatrixRow,
        Placed,
        Sameness,
        Whereabouts,
        interactions_of,
        matrix,
        place,
    )
    from crmusage.requests._obligations import (
        PACE,
        Obligation,
        obligations,
    )
    from crmusage.requests._orders import (
        SWITCHING,
        Finished,
        OrderComparison,
        OrderCost,
        compare_orders,
    )
    from crmusage.requests._pack import (
        REQUEST_DISCIPLINE,
        rule_pack,
    )
    from crmusage.requests._queue import (
        CRITERIA,
        Choice,
        Criterion,
        Planned,
        Queued,
        next_request,
    )
    from crmusage.requests._request import (
        CommandRefusedError,
        Request,
        StreamFault,
    )
    from crmusage.requests._review import (
        review,
    )
    from crmusage.requests._score import (
        CLEAR_FROM,
        Reason,
        Score,
        Scorer,
        plain_score,
    )
    from crmusage.requests._state import (
        Command,
        Duty,
        Side,
        State,
    )
    from crmusage.requests._units import (
        MIN_GROUP,
    )

_HOME = {
    "BULK": "_copies",
    "CELLS": "_matrix",
    "CLEAR_FROM": "_score",
    "CRITERIA": "_queue",
    "EXPORTS": "_copies",
    "MASS": "_copies",
    "MIN_GROUP": "_units",
    "PACE": "_obligations",
    "REQUEST_DISCIPLINE": "_pack",
    "SIMILAR": "_bank",
    "SUPPORT": "_bank",
    "SWITCHING": "_orders",
    "WINDOW": "_matrix",
    "AccessFinding": "_access",
    "AccessVerdict": "_access",
    "Candidate": "_bank",
    "Choice": "_queue",
    "Clock": "_clock",
    "Code": "_codes",
    "CodeForm": "_codes",
    "CodeReport": "_codes",
    "CodeRow": "_codes",
    "CodeTrend": "_codes",
    "Command": "_state",
    "CommandRefusedError": "_request",
    "CopySign": "_copies",
    "Criterion": "_queue",
    "Doer": "_doers",
    "Duty": "_state",
    "Emergency": "_kind",
    "Fact": "_kind",
    "Finished": "_orders",
    "Interaction": "_matrix",
    "KnowledgeBank": "_bank",
    "Lapse": "_lapse",
    "LocalCopies": "_copies",
    "LocalCopy": "_copies",
    "Matrix": "_matrix",
    "MatrixRow": "_matrix",
    "Misfit": "_event",
    "Obligation": "_obligations",
    "OrderComparison": "_orders",
    "OrderCost": "_orders",
    "Placed": "_matrix",
    "Planned": "_queue",
    "Queued": "_queue",
    "Reason": "_score",
    "Request": "_request",
    "RequestEvent": "_event",
    "RequestKind": "_kind",
    "Routing": "_doers",
    "Sameness": "_matrix",
    "Score": "_score",
    "Scorer": "_score",
    "Side": "_state",
    "State": "_state",
    "StreamFault": "_request",
    "TrainingNeed": "_doers",
    "TrainingNeeds": "_doers",
    "Whereabouts": "_matrix",
    "XrmArea": "_checklist",
    "XrmItem": "_checklist",
    "check_routing": "_doers",
    "code_conformance": "_codes",
    "compare_orders": "_orders",
    "interactions_of": "_matrix",
    "knowledge_bank": "_bank",
    "load_codes": "_codes",
    "load_kinds": "_kind_files",
    "local_copies": "_copies",
    "matrix": "_matrix",
    "need_to_know": "_access",
    "next_request": "_queue",
    "not_assessable": "_lapse",
    "obligations": "_obligations",
    "place": "_matrix",
    "plain_score": "_score",
    "postal_patterns": "_codes",
    "review": "_review",
    "right_doers": "_doers",
    "rule_pack": "_pack",
    "training_needs": "_doers",
    "xrm_checklist": "_checklist",
}

__all__ = [
    "BULK",
    "CELLS",
    "CLEAR_FROM",
    "CRITERIA",
    "EXPORTS",
    "MASS",
    "MIN_GROUP",
    "PACE",
    "REQUEST_DISCIPLINE",
    "SIMILAR",
    "SUPPORT",
    "SWITCHING",
    "WINDOW",
    "AccessFinding",
    "AccessVerdict",
    "Candidate",
    "Choice",
    "Clock",
    "Code",
    "CodeForm",
    "CodeReport",
    "CodeRow",
    "CodeTrend",
    "Command",
    "CommandRefusedError",
    "CopySign",
    "Criterion",
    "Doer",
    "Duty",
    "Emergency",
    "Fact",
    "Finished",
    "Interaction",
    "KnowledgeBank",
    "Lapse",
    "LocalCopies",
    "LocalCopy",
    "Matrix",
    "MatrixRow",
    "Misfit",
    "Obligation",
    "OrderComparison",
    "OrderCost",
    "Placed",
    "Planned",
    "Queued",
    "Reason",
    "Request",
    "RequestEvent",
    "RequestKind",
    "Routing",
    "Sameness",
    "Score",
    "Scorer",
    "Side",
    "State",
    "StreamFault",
    "TrainingNeed",
    "TrainingNeeds",
    "Whereabouts",
    "XrmArea",
    "XrmItem",
    "check_routing",
    "code_conformance",
    "compare_orders",
    "interactions_of",
    "knowledge_bank",
    "load_codes",
    "load_kinds",
    "local_copies",
    "matrix",
    "need_to_know",
    "next_request",
    "not_assessable",
    "obligations",
    "place",
    "plain_score",
    "postal_patterns",
    "review",
    "right_doers",
    "rule_pack",
    "training_needs",
    "xrm_checklist",
]


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return [*__all__]
