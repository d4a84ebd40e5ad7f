"""Simulated companies that answer requests, each made once."""

from __future__ import annotations

from functools import cache

from crmusage.testing._planted import PlantedCompany
from crmusage.testing._scenarios_requests import simulate_requests


@cache
def simulated(scenario: str, seed: int = 1) -> PlantedCompany:
    """Seven desks with some 120 requests each."""
    return simulate_requests(scenario, seed=seed, desks=7, requests=850)
