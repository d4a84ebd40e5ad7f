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


def _held_low(ground: Ground) -> Plant:
    """Most deals stay in the first stage until they are nearly won."""
    return turned(ground, VOLUME, lambda habits: attrs.evolve(habits, held_low=0.6))


def _hoped_for(ground: Ground) -> Plant:
    """Most deals that will be lost are moved on to the last stage all the same."""
    return turned(ground, VOLUME, lambda habits: attrs.evolve(habits, hoped_for=0.6))


def _strong_sellers(ground: Ground) -> Plant:
    """A department that wins twice as many deals as others, stage by stage as they do."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, win_rate=0.55))


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
    Scenario(
        "sandbagging",
        Text(
            en="One department keeps deals in the first stage until they are nearly won.",
            fr="Un service garde ses affaires à la première étape jusqu'à les avoir presque gagnées.",
        ),
        "CU113",
        _held_low,
    ),
    Scenario(
        "happy-ears",
        Text(
            en="One department moves deals on to the last stage that it will lose.",
            fr="Un service fait avancer jusqu'à la dernière étape des affaires qu'il va perdre.",
        ),
        "CU114",
        _hoped_for,
    ),
    Scenario(
        "strong-sellers",
        Text(
            en="Look-alike: a department that wins twice as many deals as others.",
            fr="Faux-semblant : un service qui gagne deux fois plus d'affaires que les autres.",
        ),
        None,
        _strong_sellers,
    ),
)
