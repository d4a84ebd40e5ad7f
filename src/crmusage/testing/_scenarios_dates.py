"""Scenarios of close dates: what people do with the day by which a deal is expected to close."""

from __future__ import annotations

import attrs

from crmusage.model import Text
from crmusage.testing._habits import Batch, Burst
from crmusage.testing._scenario import Ground, Plant, Scenario

VOLUME = 0.03
"""Of the company's opportunities, those of the department. All figures of this file are guessed."""


def _overdue(ground: Ground) -> Plant:
    """A department that gives a date at entry, too early a one, and never looks at it again."""
    department = ground.choose(share=VOLUME, fewest_reps=8)
    careless = attrs.evolve(department.habits, guess=0.5, pushes=0.0, stale_share=0.08)
    return Plant(department, (Batch(ground.deals(VOLUME), careless, shows=True),))


def _legacy_import(ground: Ground) -> Plant:
    """A department that loads some hundred old open deals, with dates long past, into the CRM within minutes."""
    company, rng = ground.company, ground.rng
    department = ground.choose(share=VOLUME)
    old = attrs.evolve(department.habits, stale_share=1.0, seasonal=False)
    burst = Burst(
        day=int(rng.integers(company.days // 2, company.days - company.days // 10)),
        minutes=float(rng.uniform(4, 15)),
        # Half of the sources say that it was an import. The other half do not know.
        origin="import" if rng.random() < 0.5 else ("unknown", None)[int(rng.integers(2))],
    )
    loaded = Batch(ground.deals(float(rng.uniform(0.01, 0.03))), old, burst=burst, shows=True)
    return Plant(department, (Batch(department.deals, department.habits), loaded))


SCENARIOS_OF_DATES = (
    Scenario(
        "overdue-open",
        Text(
            en="One department gives its opportunities a close date and lets it pass.",
            fr="Un service donne une date de clôture à ses opportunités, puis la laisse passer.",
        ),
        "CU104",
        _overdue,
    ),
    Scenario(
        "legacy-import",
        Text(
            en="Look-alike: a department loads old open deals, their dates long past, within minutes.",
            fr="Faux-semblant : un service charge en quelques minutes d'anciennes affaires ouvertes, aux dates "
            "dépassées depuis longtemps.",
        ),
        None,
        _legacy_import,
    ),
)
