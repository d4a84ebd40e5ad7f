"""A company that answers requests, and what can be planted in one of its desks. All figures are guessed."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from crmusage.model import Text
from crmusage.testing._planted import PlantedCompany, Planting, having, planting
from crmusage.testing._requests_company import (
    LEFT,
    PERSONS,
    START,
    TEAMS,
    LivedRequest,
    RequestHabits,
    own_habits,
)

MONTHS = 12
_INSTANT = pl.Datetime("us", "UTC")


_ALL: tuple[Planting[RequestHabits], ...] = (
    Planting(
        "no-requests-planted",
        Text("Nothing planted: desks differ as desks do.", "Rien de particulier : les services diffèrent."),
        None,
        having(),
    ),
    Planting(
        "ping-pong",
        Text(
            "The second line hands one desk's requests back untouched.",
            "Le second niveau renvoie à un service ses demandes sans y toucher.",
        ),
        "CU402",
        having(idle=0.65, straight_back=0.95),
    ),
    Planting(
        "answered-and-given-back",
        Text(
            "Look-alike: the second line works on one desk's requests and gives them back with the answer.",
            "Faux-semblant : le second niveau traite les demandes d'un service et les lui rend avec la "
            "réponse.",
        ),
        None,
        having(served_back=0.95),
    ),
    Planting(
        "push-to-front",
        Text(
            "One desk hands on what the others answer themselves.",
            "Un service transmet ce que les autres traitent eux-mêmes.",
        ),
        "CU410",
        having(handed_on=0.75),
    ),
    Planting(
        "router",
        Text(
            "Look-alike: a program routes most requests of one desk to the second line.",
            "Faux-semblant : un automate aiguille la plupart des demandes d'un service vers le second "
            "niveau.",
        ),
        None,
        having(handed_on=0.8, router=True),
    ),
    Planting(
        "waiting-abuse",
        Text(
            "One desk stops the clock of a request just before it falls due.",
            "Un service arrête le chronomètre juste avant l'échéance.",
        ),
        "CU407",
        having(at_the_limit=0.35),
    ),
    Planting(
        "last-minute",
        Text(
            "Look-alike: a desk that does all its work just before requests fall due.",
            "Faux-semblant : un service qui fait tout son travail juste avant l'échéance.",
        ),
        None,
        having(last_minute=0.8),
    ),
    Planting(
        "undecided",
        Text(
            "One desk leaves a third of its requests without any decision.",
            "Un service laisse un tiers de ses demandes sans aucune décision.",
        ),
        "CU404",
        having(undecided=0.35),
    ),
    Planting(
        "askers-who-never-answer",
        Text(
            "Look-alike: a desk whose askers do not answer its questions, so that nothing can be decided.",
            "Faux-semblant : un service dont les demandeurs ne répondent pas aux questions, si bien que "
            "rien ne peut "
            "être décidé.",
        ),
        None,
        having(asked=0.45, never_clarified=0.8),
    ),
    Planting(
        "deferred-without-date",
        Text(
            "One desk puts requests off without saying until when.",
            "Un service reporte des demandes sans dire jusqu'à quand.",
        ),
        "CU405",
        having(deferred=0.4, undated=0.6),
    ),
    Planting(
        "follow-up-as-task",
        Text(
            "Look-alike: a desk that plans a task for each request that it puts off.",
            "Faux-semblant : un service qui planifie une tâche pour chaque demande reportée.",
        ),
        None,
        having(deferred=0.4, follow_up_as_task=True),
    ),
    Planting(
        "undocumented-fulfilment",
        Text(
            "One desk writes nothing on half of what it has done.",
            "Un service n'écrit rien sur la moitié de ce qu'il a fait.",
        ),
        "CU406",
        having(undocumented=0.5),
    ),
    Planting(
        "noted-at-closing",
        Text(
            "Look-alike: a desk that writes what it did when it closes the request.",
            "Faux-semblant : un service qui écrit ce qu'il a fait en clôturant la demande.",
        ),
        None,
        having(noted_at_closing=True),
    ),
    Planting(
        "priority-inflation",
        Text(
            "One desk asks for nearly everything as urgent, and nobody heeds it any more.",
            "Un service demande presque tout en urgence, et plus personne n'en tient compte.",
        ),
        "CU401",
        having(urgent=0.75, inflated=True),
    ),
    Planting(
        "real-emergencies",
        Text(
            "Look-alike: a desk with many real emergencies, which are answered first.",
            "Faux-semblant : un service qui a beaucoup de vraies urgences, traitées d'abord.",
        ),
        None,
        having(urgent=0.6),
    ),
    Planting(
        "unclear-request",
        Text(
            "One desk asks so vaguely that half of its requests come back with a question.",
            "Un service demande si vaguement que la moitié de ses demandes reviennent avec une question.",
        ),
        "CU408",
        having(vague=0.45),
    ),
    Planting(
        "careful-desk",
        Text(
            "Look-alike: a desk that asks everybody back before it begins.",
            "Faux-semblant : un service qui interroge tous les demandeurs avant de commencer.",
        ),
        None,
        having(asked=0.7),
    ),
    Planting(
        "no-right-doer",
        Text(
            "One desk leaves requests in a queue that nobody watches, or with people who have left.",
            "Un service laisse des demandes dans une file que personne ne suit, ou chez des partants.",
        ),
        "CU403",
        having(untaken=0.25, of_leavers=0.15),
    ),
    Planting(
        "wrong-desk",
        Text(
            "One desk is sent what it has neither the charge nor the skill for.",
            "Un service reçoit ce qui n'est ni de son ressort ni de sa compétence.",
        ),
        "CU403",
        having(misdirected=0.4, unskilled=0.6),
    ),
    Planting(
        "shared-queue",
        Text(
            "Look-alike: a desk whose requests belong to a queue, from which they are taken at once.",
            "Faux-semblant : un service dont les demandes arrivent dans une file, aussitôt prises en charge.",
        ),
        None,
        having(shared_queue=True),
    ),
    Planting(
        "reactive-mode",
        Text(
            "One desk does what has come first, whatever its priority, and puts nothing off.",
            "Un service traite ce qui arrive dans l'ordre, sans regarder la priorité ni rien reporter.",
        ),
        "CU409",
        having(begun_by_priority=False, deferred=0.0),
    ),
    Planting(
        "nothing-put-off",
        Text(
            "Look-alike: a desk that puts nothing off, but does what matters most first.",
            "Faux-semblant : un service qui ne reporte rien, mais traite d'abord ce qui compte le plus.",
        ),
        None,
        having(deferred=0.0),
    ),
    Planting(
        "slow-transmitter",
        Text(
            "The tool of one desk delivers its requests days late, or loses them.",
            "L'outil d'un service lui remet ses demandes avec des jours de retard, ou les perd.",
        ),
        "CU411",
        having(slow=0.3, lost=0.06),
    ),
    Planting(
        "asked-at-night",
        Text(
            "Look-alike: a desk whose askers send their requests in the evening; they arrive in the morning.",
            "Faux-semblant : un service sollicité le soir, dont les demandes arrivent le lendemain matin.",
        ),
        None,
        having(asked_at_night=0.8),
    ),
)

REQUEST_SCENARIOS: Mapping[str, Planting[RequestHabits]] = MappingProxyType({one.name: one for one in _ALL})
"""All scenarios of requests by name."""


def simulate_requests(
    scenario: str = "no-requests-planted", *, seed: int = 0, desks: int = 16, requests: int = 3_000
) -> PlantedCompany:
    """A year of requests in a company of desks and a second line, with one scenario planted in one desk.

    The same arguments give the same tables.

    Raises:
        SimulationError: when the scenario is unknown.
    """
    planted = planting(scenario, REQUEST_SCENARIOS)
    names = [f"Desk {number + 1:02}" for number in range(desks)]
    chosen = int(np.random.default_rng([seed, zlib.crc32(scenario.encode())]).integers(desks))
    size = np.random.default_rng([seed, 1]).lognormal(0, 0.3, desks)
    # The planted desk is a middle one, so that what is found is not a matter of its size.
    size[chosen] = float(np.median(size))
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    end = START + MONTHS * dt.timedelta(days=30)
    streams = [np.random.default_rng([seed, 2, number]) for number in range(desks)]
    asides = [np.random.default_rng([seed, 3, number]) for number in range(desks)]
    habits = {name: own_habits(*both) for name, *both in zip(names, streams, asides, strict=True)}
    habits[names[chosen]] = planted.habits(habits[names[chosen]])
    for number, (name, rng, aside) in enumerate(zip(names, streams, asides, strict=True)):
        for turn in range(round(requests * size[number] / size.sum())):
            LivedRequest(name, turn, habits, rng, aside, end).live(cases, events)
    sides = [*names, *TEAMS]
    people = [
        {
            "person_id": f"{side}.{who}",
            "unit": side,
            "is_human": True,
            "ends_on": LEFT if who == "left" else None,
        }
        for side in sides
        for who in (*range(PERSONS), "left")
    ]
    lines = [
        {"entity": "unit", "field": "line", "raw": side, "order": 2 if side in TEAMS else 1} for side in sides
    ]
    tables = {
        "cases": pl.DataFrame(
            cases, schema_overrides={"closed_at": _INSTANT, "outcome": pl.String, "owner": pl.String}
        ),
        "events": pl.DataFrame(events, infer_schema_length=None),
        "people": pl.DataFrame(people, schema_overrides={"ends_on": pl.Date}),
        "vocabulary": pl.DataFrame(lines),
    }
    return PlantedCompany(tables, scenario, planted.code, names[chosen], end)
