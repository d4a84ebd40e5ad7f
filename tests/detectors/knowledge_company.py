"""Simulated companies whose people come, forget and leave, each made once."""

from __future__ import annotations

from functools import cache
from typing import Any

from crmusage.detectors import Judgement, ReadsRules
from crmusage.history import History
from crmusage.rules import Rulebook
from crmusage.testing._scenarios_knowledge import KnowledgeSimulation, simulate_knowledge

from .company import judged


@cache
def simulated(scenario: str, seed: int = 1) -> KnowledgeSimulation:
    """Eight branches with some 350 opportunities each."""
    return simulate_knowledge(scenario, seed=seed, branches=8, opportunities=2_800)


@cache
def history(scenario: str, seed: int = 1) -> History:
    return simulated(scenario, seed).history()


def held(detector: Any, scenario: str, seed: int = 1, **wishes: Any) -> Judgement:
    """What a detector concludes of a company with its rulebook."""
    bound = with_book(detector, simulated(scenario, seed).book)
    return judged(bound, history(scenario, seed), **wishes)


def with_book(detector: Any, book: Rulebook) -> Any:
    return detector.with_rules(book) if isinstance(detector, ReadsRules) else detector
