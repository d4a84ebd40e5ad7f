"""The scenarios: what can be planted in a company. One function and one entry each; families in their own files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs
import numpy as np

from crmusage.model import Text
from crmusage.testing._habits import Batch, Burst
from crmusage.testing._scenario import Ground, Plant, Scenario, SimulationError
from crmusage.testing._scenarios_dates import SCENARIOS_OF_DATES
from crmusage.testing._scenarios_logging import SCENARIOS_OF_LOGGING
from crmusage.testing._scenarios_pipeline import SCENARIOS_OF_THE_PIPELINE
from crmusage.testing._scenarios_workarounds import SCENARIOS_OF_WORKAROUNDS

LATE_VOLUME = 0.02
"""Of the company's opportunities, those of the department."""
LATE_SHARE = 0.95
"""Deals entered late, of all that are entered since the usage began."""
LATE_WIN_RATE = 0.99
"""The source's own figure."""
LATEST_ONSET = 14
"""Months: it began at the latest so long after the first day (of 24 months; in proportion otherwise)."""


def _late_creation(ground: Ground) -> Plant:
    """The reps of one department enter a deal once the customer has said yes.

    What would be lost is never entered, so from then on the department enters only as many as it wins.
    """
    company, rng = ground.company, ground.rng
    department = ground.choose(share=LATE_VOLUME, fewest_reps=8)
    always = rng.random() < 0.2
    since = 0 if always else int(company.days * LATEST_ONSET / 24 * rng.uniform(1 / LATEST_ONSET, 1))
    honest = department.habits
    late = attrs.evolve(
        honest,
        win_rate=LATE_WIN_RATE,
        pace=1.5,
        spread=0.8,
        longest=7.0,
        quick_share=0.0,
        lost_delay=1.0,
        stale_share=0.0,
        seasonal=False,
        first_stage=3,
        accepted_before=1 / 3,
        quotes=0.5,
        first_call=0.1,
        touches=1.0,
        amount_changes=0.05,
        pushes=0.0,
    )
    deals = ground.deals(LATE_VOLUME)
    before = since / company.days
    after = (1 - before) * honest.win_rate
    since_then = round(deals * after / (before + after))
    entered_late = round(LATE_SHARE * since_then)
    return Plant(
        department,
        (
            Batch(deals - since_then, honest, until=since),
            Batch(since_then - entered_late, honest, since=since),
            Batch(entered_late, late, since=since, shows=True),
        ),
        since,
    )


def _fast_honest(ground: Ground) -> Plant:
    """A small department that sells within days, wins 60 % and loses as fast as it wins."""
    department = ground.choose(share=0.01)
    fast = attrs.evolve(
        department.habits, win_rate=0.6, pace=5.0, spread=0.7, lost_delay=1.0, stale_share=0.01
    )
    return Plant(department, (Batch(ground.deals(0.01), fast, shows=True),))


def _bulk_import(ground: Ground) -> Plant:
    """A department that enters some hundred old deals, long decided, within minutes."""
    company, rng = ground.company, ground.rng
    department = ground.choose(share=0.02)
    old = attrs.evolve(
        department.habits, win_rate=float(rng.uniform(0.4, 0.9)), stale_share=0.0, seasonal=False
    )
    burst = Burst(
        day=int(rng.integers(company.days // 10, company.days - company.days // 10)),
        minutes=float(rng.uniform(4, 15)),
        # Half of the sources say that it was an import. The other half do not know.
        origin="import" if rng.random() < 0.5 else ("unknown", None)[int(rng.integers(2))],
    )
    imported = Batch(ground.deals(float(rng.uniform(0.015, 0.04))), old, burst=burst, shows=True)
    return Plant(department, (Batch(department.deals, department.habits), imported))


def _seasonal_peak(ground: Ground) -> Plant:
    """A department with four times as many deals in two campaign months a year, decided within days."""
    company, rng = ground.company, ground.rng
    department = ground.choose(share=0.02)
    first = int(rng.integers(12))
    months = frozenset({first + 1, (first + 1) % 12 + 1})
    share = float(np.isin(company.months(), sorted(months)).mean())
    campaign = attrs.evolve(
        department.habits, win_rate=0.5, pace=4.0, spread=0.7, lost_delay=1.0, stale_share=0.01, pushes=0.1
    )
    return Plant(
        department,
        (
            Batch(department.deals, department.habits),
            Batch(round(3 * share * department.deals), campaign, months=months, shows=True),
        ),
    )


_ALL = (
    Scenario(
        "none",
        Text(
            en="Nothing planted: departments differ as departments do.",
            fr="Rien de particulier : les services diffèrent comme partout ailleurs.",
        ),
        None,
        None,
    ),
    Scenario(
        "late-creation",
        Text(
            en="One department enters its opportunities only once the customer has said yes.",
            fr="Un service ne crée ses opportunités qu'une fois l'accord du client obtenu.",
        ),
        "CU112",
        _late_creation,
    ),
    Scenario(
        "fast-honest",
        Text(
            en="Look-alike: a small department that really sells within days, and wins 60 %.",
            fr="Faux-semblant : un petit service qui vend vraiment en quelques jours, avec 60 % de succès.",
        ),
        None,
        _fast_honest,
    ),
    Scenario(
        "bulk-import",
        Text(
            en="Look-alike: a department imports some hundred old deals within minutes.",
            fr="Faux-semblant : un service importe en quelques minutes des centaines d'affaires anciennes.",
        ),
        None,
        _bulk_import,
    ),
    Scenario(
        "seasonal-peak",
        Text(
            en="Look-alike: a department whose yearly campaign brings deals that are quickly decided.",
            fr="Faux-semblant : un service dont la campagne annuelle apporte des affaires vite décidées.",
        ),
        None,
        _seasonal_peak,
    ),
    *SCENARIOS_OF_DATES,
    *SCENARIOS_OF_THE_PIPELINE,
    *SCENARIOS_OF_LOGGING,
    *SCENARIOS_OF_WORKAROUNDS,
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ALL})
"""All scenarios by name."""


def chosen(names: str | Iterable[str]) -> tuple[Scenario, ...]:
    """The scenarios of these names.

    Raises:
        SimulationError: when one is unknown or there twice.
    """
    wanted = (names,) if isinstance(names, str) else tuple(names)
    for name in wanted:
        if name not in SCENARIOS:
            raise SimulationError(f"there is no scenario {name!r}: the scenarios are {', '.join(SCENARIOS)}")
        if wanted.count(name) > 1:
            raise SimulationError(f"the scenario {name!r} is there twice: a simulation plants each once")
    return tuple(SCENARIOS[name] for name in wanted)
