"""Scenarios of close dates: what people do with the day by which a deal is expected to close."""

from __future__ import annotations

import attrs

from crmusage.model import Text
from crmusage.testing._habits import Batch, Burst, Habits
from crmusage.testing._scenario import Ground, Plant, Scenario, lasting, turned

VOLUME = 0.03
"""Of the company's opportunities, those of the department. All figures of this file are guessed."""


def _pushing(ground: Ground) -> Plant:
    """Dates are put off five times as often as before."""
    return turned(ground, VOLUME, lambda habits: attrs.evolve(habits, pushes=5 * habits.pushes))


def _long_projects(ground: Ground) -> Plant:
    """A department whose sales take three times as long, with as many changes of dates a month as elsewhere."""

    def long(habits: Habits) -> Habits:
        return attrs.evolve(habits, pace=3 * habits.pace, touches=0.7 * habits.touches, seasonal=False)

    return lasting(ground, VOLUME, long)


def _period_end(ground: Ground) -> Plant:
    """Dates that no longer hold are kept until the last days of the quarter, and put off only then."""

    def holding(habits: Habits) -> Habits:
        return attrs.evolve(habits, held_to_period_end=0.8, pushes=1.3 * habits.pushes)

    return turned(ground, VOLUME, holding)


def _monthly_review(ground: Ground) -> Plant:
    """A department that goes through its dates in the last days of every month."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, reviewed_monthly=0.9))


def _heaping(ground: Ground) -> Plant:
    """Whatever is expected is expected for the last day of its month."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, heaped=0.6))


def _month_end_contracts(ground: Ground) -> Plant:
    """A department whose contracts do begin with the month: deals are closed, and expected, on its last day."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, heaped=0.6, ends_with_month=0.85))


def _overdue(ground: Ground) -> Plant:
    """A department that gives a date at entry, too early a one, and never looks at it again."""
    return lasting(
        ground, VOLUME, lambda habits: attrs.evolve(habits, guess=0.4, pushes=0.0, stale_share=0.08)
    )


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


def _edits(ground: Ground) -> Plant:
    """Amounts of closed deals are changed days later, by hand."""
    return turned(ground, VOLUME, lambda habits: attrs.evolve(habits, edited_after=0.3))


def _invoice_sync(ground: Ground) -> Plant:
    """A department whose accounting writes the invoiced amount back into closed deals."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, synced_after=0.8))


SCENARIOS_OF_DATES = (
    Scenario(
        "close-date-push",
        Text(
            en="One department puts its close dates off again and again.",
            fr="Un service repousse sans cesse ses dates de clôture.",
        ),
        "CU101",
        _pushing,
    ),
    Scenario(
        "long-projects",
        Text(
            en="Look-alike: a department whose sales take three times as long, with longer silences.",
            fr="Faux-semblant : un service aux ventes trois fois plus longues, avec de plus longs silences.",
        ),
        None,
        _long_projects,
    ),
    Scenario(
        "period-end-redating",
        Text(
            en="One department keeps dates that no longer hold until the quarter ends, and puts them off then.",
            fr="Un service garde jusqu'à la fin du trimestre des dates intenables, puis les repousse.",
        ),
        "CU102",
        _period_end,
    ),
    Scenario(
        "monthly-review",
        Text(
            en="Look-alike: a department goes through its dates at the end of every month.",
            fr="Faux-semblant : un service revoit ses dates à la fin de chaque mois.",
        ),
        None,
        _monthly_review,
    ),
    Scenario(
        "date-heaping",
        Text(
            en="One department expects most of its deals on the last day of a month.",
            fr="Un service attend la plupart de ses affaires pour le dernier jour d'un mois.",
        ),
        "CU103",
        _heaping,
    ),
    Scenario(
        "month-end-contracts",
        Text(
            en="Look-alike: a department whose contracts do end with the month, as they were expected to.",
            fr="Faux-semblant : un service dont les contrats se concluent vraiment en fin de mois, comme prévu.",
        ),
        None,
        _month_end_contracts,
    ),
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
    Scenario(
        "post-close-edit",
        Text(
            en="One department changes amounts days after the deals were closed.",
            fr="Un service modifie des montants plusieurs jours après la clôture.",
        ),
        "CU105",
        _edits,
    ),
    Scenario(
        "invoice-sync",
        Text(
            en="Look-alike: accounting writes invoiced amounts back into one department's closed deals.",
            fr="Faux-semblant : la comptabilité reporte les montants facturés dans les affaires closes d'un service.",
        ),
        None,
        _invoice_sync,
    ),
)
