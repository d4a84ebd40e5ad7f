"""Scenarios of stages and of the pipeline: how deals go through it, and how long they are kept there."""

from __future__ import annotations

import attrs

from crmusage.model import Text
from crmusage.testing._scenario import Ground, Plant, Scenario, lasting, turned

VOLUME = 0.03
"""Of the company's opportunities, those of the department. All figures of this file are guessed."""


def _skipping(ground: Ground) -> Plant:
    """Half of the deals go from the first stage straight to the last that they reach."""
    return turned(ground, VOLUME, lambda habits: attrs.evolve(habits, stage_jumps=0.5))


def _quote_tool(ground: Ground) -> Plant:
    """A department whose quoting tool moves the stages: nobody skips anything by hand."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, stage_jumps=0.8, stages_by_tool=True))


def _asleep(ground: Ground) -> Plant:
    """A department that never closes what it no longer works on."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, stale_share=0.25))


SCENARIOS_OF_THE_PIPELINE = (
    Scenario(
        "stage-skipping",
        Text(
            en="In one department half of the deals jump over stages.",
            fr="Dans un service, la moitié des affaires sautent des étapes.",
        ),
        "CU111",
        _skipping,
    ),
    Scenario(
        "quote-tool",
        Text(
            en="Look-alike: a quoting tool moves one department's deals over stages.",
            fr="Faux-semblant : un outil de devis fait sauter des étapes aux affaires d'un service.",
        ),
        None,
        _quote_tool,
    ),
    Scenario(
        "stale-pipeline",
        Text(
            en="One department never closes the opportunities that it no longer works on.",
            fr="Un service ne clôt jamais les opportunités qu'il ne travaille plus.",
        ),
        "CU121",
        _asleep,
    ),
)
