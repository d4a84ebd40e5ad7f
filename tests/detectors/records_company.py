"""Simulated companies that fill in records, each made once."""

from __future__ import annotations

from functools import cache

from crmusage.testing._planted import PlantedCompany
from crmusage.testing._scenarios_data_entry import simulate_records


@cache
def simulated(scenario: str, seed: int = 2) -> PlantedCompany:
    """Nine units with some 150 records each."""
    return simulate_records(scenario, seed=seed, units=9, records=1_350)
