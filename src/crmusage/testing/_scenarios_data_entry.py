"""A company that fills in its records, and what can be planted in one of its units. All figures are guessed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from crmusage.model import Text
from crmusage.testing._planted import PlantedCompany, Planting, having, planting
from crmusage.testing._records import END, INTEGRATION, REQUIRED, START, RecordHabits, records_of

PERSONS = 8


_ALL: tuple[Planting[RecordHabits], ...] = (
    Planting(
        "no-entries-planted",
        Text("Nothing planted: units differ as units do.", "Rien de particulier : les unités diffèrent."),
        None,
        having(),
    ),
    Planting(
        "dummy-values",
        Text(
            "One unit types N/A, x or ??? into what has become mandatory.",
            "Une unité tape N/A, x ou ??? dans ce qui est devenu obligatoire.",
        ),
        "CU301",
        having(fake_required=0.45),
    ),
    Planting(
        "same-text",
        Text(
            "One unit types the same next step into every record.",
            "Une unité tape la même prochaine étape dans chaque fiche.",
        ),
        "CU301",
        having(formula=0.6),
    ),
    Planting(
        "connector-nulls",
        Text(
            "Look-alike: a connector writes null into one unit's empty fields.",
            "Faux-semblant : un connecteur écrit null dans les champs vides d'une unité.",
        ),
        None,
        having(nulls_written=0.9),
    ),
    Planting(
        "one-rival",
        Text(
            "Look-alike: a unit that nearly always meets the same rival.",
            "Faux-semblant : une unité qui rencontre presque toujours le même concurrent.",
        ),
        None,
        having(one_rival=0.8),
    ),
    Planting(
        "untouched-default",
        Text(
            "One unit leaves most picklists as the form proposes them.",
            "Une unité laisse la plupart des listes sur la valeur proposée.",
        ),
        "CU302",
        having(default_left=0.75),
    ),
    Planting(
        "one-market",
        Text(
            "Look-alike: a unit that serves the market that the form proposes.",
            "Faux-semblant : une unité tournée vers le marché que propose le formulaire.",
        ),
        None,
        having(one_market=0.95),
    ),
    Planting(
        "mandatory-field-fatigue",
        Text(
            "In one unit each new mandatory field makes all of them worse.",
            "Dans une unité, chaque nouveau champ obligatoire dégrade tous les autres.",
        ),
        "CU303",
        having(fatigue=0.12),
    ),
    Planting(
        "bad-new-field",
        Text(
            "Look-alike: a unit that fakes the newest mandatory field, and no other more than before.",
            "Faux-semblant : une unité qui remplit mal le dernier champ obligatoire, et aucun autre plus qu'avant.",
        ),
        "CU301",
        having(fake_newest=0.8),
    ),
    Planting(
        "free-text-as-structure",
        Text(
            "One unit keeps budgets and telephone numbers in its notes and leaves the fields empty.",
            "Une unité garde budgets et téléphones dans ses notes et laisse les champs vides.",
        ),
        "CU311",
        having(in_notes=0.5),
    ),
    Planting(
        "pasted-mails",
        Text(
            "Look-alike: a unit that pastes mails with their signatures, and fills in the fields.",
            "Faux-semblant : une unité qui colle des courriels avec leur signature, et remplit les champs.",
        ),
        None,
        having(pasted=0.9),
    ),
    Planting(
        "local-copy",
        Text(
            "One unit works in a file, imports it each quarter and enters lists long afterwards.",
            "Une unité travaille dans un fichier, l'importe chaque trimestre et saisit des listes après coup.",
        ),
        "CU312",
        having(from_file=0.5),
    ),
    Planting(
        "migration",
        Text(
            "Look-alike: a unit that imported its old records once.",
            "Faux-semblant : une unité qui a importé une fois ses anciennes fiches.",
        ),
        None,
        having(migrated=0.5),
    ),
    Planting(
        "nightly-sync",
        Text(
            "Look-alike: a program that writes into one unit's records every night.",
            "Faux-semblant : un automate qui écrit chaque nuit dans les fiches d'une unité.",
        ),
        None,
        having(synced=0.9),
    ),
    Planting(
        "evening-entries",
        Text(
            "Look-alike: a unit on the road, which enters its visits in the evening.",
            "Faux-semblant : une unité sur la route, qui saisit ses visites le soir.",
        ),
        None,
        having(evenings=0.9),
    ),
)

RECORD_SCENARIOS: Mapping[str, Planting[RecordHabits]] = MappingProxyType({one.name: one for one in _ALL})
"""All scenarios of data entry by name."""


def simulate_records(
    scenario: str = "no-entries-planted", *, seed: int = 0, units: int = 24, records: int = 6_000
) -> PlantedCompany:
    """Two years of records in a company of units, with one scenario planted in one unit.

    The same arguments give the same tables.

    Raises:
        SimulationError: when the scenario is unknown.
    """
    planted = planting(scenario, RECORD_SCENARIOS)
    names = [f"Branch {number + 1:02}" for number in range(units)]
    chosen = int(np.random.default_rng([seed, zlib.crc32(scenario.encode())]).integers(units))
    size = np.random.default_rng([seed, 1]).lognormal(0, 0.3, units)
    # The planted unit is a middle one, so that what is found is not a matter of its size.
    size[chosen] = float(np.median(size))
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        rng = np.random.default_rng([seed, 2, number])
        habits = RecordHabits.near(rng)
        habits = planted.habits(habits) if number == chosen else habits
        records_of(name, round(records * size[number] / size.sum()), PERSONS, habits, rng, cases, events)
    people = [
        {"person_id": f"{name}.{k}", "unit": name, "is_human": True} for name in names for k in range(PERSONS)
    ]
    people.append({"person_id": INTEGRATION, "unit": None, "is_human": False})
    tables = {
        "cases": pl.DataFrame(cases, infer_schema_length=None),
        "events": pl.DataFrame(events, infer_schema_length=None),
        "people": pl.DataFrame(people),
        "vocabulary": pl.DataFrame(
            [
                {"entity": "opportunity", "field": field, "raw": raw, "is_default": place == 0}
                for field, values in RecordHabits.PICKLISTS.items()
                for place, raw in enumerate(values)
            ]
        ),
        "coverage": pl.DataFrame(
            [
                {"entity": "opportunity", "field": field, "required_from": (START + day).date().isoformat()}
                for field, day in REQUIRED.items()
            ]
        ),
    }
    return PlantedCompany(tables, scenario, planted.code, names[chosen], END)
