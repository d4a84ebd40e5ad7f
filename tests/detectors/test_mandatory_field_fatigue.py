from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from crmusage.detectors.data_entry._dose import Dose
from crmusage.detectors.data_entry._mandatory_field_fatigue import MandatoryFieldFatigue
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, START, judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals
from .records_company import simulated

CU303 = MandatoryFieldFatigue()
REQUIRED = [
    {
        "entity": "opportunity",
        "field": name,
        "required_from": (START + dt.timedelta(days=day)).date().isoformat(),
    }
    for name, day in (("contact", 0), ("rival", 180), ("need", 360))
]


def shown() -> History:
    """A history in which it finds something."""
    return company(lambda dose, i: i % 4 < dose - 1)


def test_it_names_the_unit_that_tires() -> None:
    simulation = simulated("mandatory-field-fatigue", 1)
    found = only(judged(CU303, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "By the number of mandatory fields: 1: " in found.text.en
    assert "Selon le nombre de champs obligatoires" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-entries-planted", "bad-new-field"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU303, simulated(scenario).history()))


def company(fake: Any, of_others: Any = lambda dose, i: False, *, coverage: Any = REQUIRED) -> History:  # noqa: ARG005
    """Ten teams and one more; `fake` says of a number of mandatory fields and a turn whether x is typed."""

    def filled(case: Record, place: int, how: Any) -> Record:
        dose = 1 + sum((case["created_at"] - START).days >= day for day in (180, 360))
        return case | {
            "contact": "x" if how(dose, place) else "Karl Roux",
            "rival": "Norda",
            "need": "less scrap",
        }

    cases = [filled(case, i, of_others) for team in TEAMS for i, case in enumerate(deals(team, 130, every=5))]
    cases += [filled(case, i, fake) for i, case in enumerate(deals(FAR, 130, every=5))]
    return History.from_records(as_of=END, cases=cases, coverage=coverage)


def test_what_rises_in_every_unit_is_the_form_and_is_told_of_the_company() -> None:
    tires = lambda dose, i: i % 4 < dose - 1  # noqa: E731 - said twice
    found = only(judged(CU303, company(tires, tires)))
    assert found.scope.unit is None
    assert found.text.en.startswith("In the whole company: ")
    assert of_unit(judged(CU303, company(tires, tires)), FAR).outcome is Outcome.CLEAR


@pytest.mark.parametrize(
    "fake",
    [
        lambda dose, i: i % 3 == 0,  # as careless as ever  # noqa: ARG005
        lambda dose, i: dose == 2 and i % 2,  # only for a while
        lambda dose, i: i % 20 == 0 and dose > 1,  # hardly ever
    ],
)
def test_it_stays_silent(fake: Any) -> None:
    assert silent(judged(CU303, company(fake)))


def test_two_numbers_of_mandatory_fields_are_too_few() -> None:
    ended = of_unit(judged(CU303, company(lambda dose, i: dose > 1, coverage=REQUIRED[:2])), FAR)  # noqa: ARG005
    assert ended.outcome is Outcome.NOT_ASSESSABLE


def test_the_trend_is_mantels() -> None:
    rng = np.random.default_rng(3)
    doses = np.repeat([1, 2, 3, 5], [40, 50, 60, 45])
    fake = rng.random(len(doses)) < 0.05 * doses
    rows = [
        {"field": "f", "dose": int(d), "n": int((doses == d).sum()), "fake": int(fake[doses == d].sum())}
        for d in np.unique(doses)
    ]
    # Of one layer it is the correlation times the root of n - 1.
    expected = stats.pearsonr(doses, fake).statistic * np.sqrt(len(doses) - 1)
    assert Dose.of(rows).trend == pytest.approx(expected)
