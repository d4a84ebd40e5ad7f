"""A company that answers requests, and what can be planted in one of its desks. All figures are guessed."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs
import numpy as np
import polars as pl

from crmusage.history import History
from crmusage.model import Text
from crmusage.testing._scenario import SimulationError

START = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
MONTHS = 12
TEAMS = ("network", "billing", "contracts", "quality", "logistics")
"""The second line: a request that a desk cannot answer goes to one of these."""
PERSONS = 7
WORK_DONE = "set right as agreed with the customer, see request"
_DAY = dt.timedelta(days=1)
_INSTANT = pl.Datetime("us", "UTC")


@attrs.frozen
class RequestHabits:
    """How a desk and its askers work; shares from 0 to 1."""

    handed_on: float = 0.35
    """Of the requests: to the second line."""
    idle: float = 0.10
    """Of those: the second line hands them on without having done anything."""
    straight_back: float = 0.25
    """Of those: to whom they came from; the others go to another team."""
    served_back: float = 0.2
    """Of what the second line worked on: given back to the desk with its answer."""
    router: bool = False
    """A program hands on, not a person."""
    waits: float = 0.25
    """Of the requests: the clock is stopped for a while."""
    at_the_limit: float = 0.0
    """Of the requests: the clock is stopped just before they fall due."""
    last_minute: float = 0.0
    """Of the requests: all work on them is done just before they fall due."""
    undecided: float = 0.05
    """Of the requests: nobody decides."""
    asked: float = 0.12
    """Of the requests: the desk asks for details."""
    never_clarified: float = 0.05
    """Of those: nobody answers, so that nobody can decide."""
    deferred: float = 0.2
    """Of the decided: put off."""
    undated: float = 0.08
    """Of those: without a date."""
    undocumented: float = 0.08
    """Of the fulfilled: nothing is written on what was done."""
    noted_at_closing: bool = False
    """What was done is written when the request is closed, not as a step of its own."""
    follow_up_as_task: bool = False
    """The date of what is put off is written as a task, not into the deferral itself."""
    urgent: float = 0.15
    """Of the requests that its own people ask for: the highest of three priorities."""
    inflated: bool = False
    """Those priorities have nothing to do with how soon they are answered."""
    vague: float = 0.0
    """Of the requests that its own people ask for: they must be asked for details."""


@attrs.frozen
class RequestScenario:
    """Something that can be planted in a desk."""

    name: str
    text: Text
    code: str | None
    """The detector that is to find it; None: a look-alike, or nothing."""
    habits: Callable[[RequestHabits], RequestHabits]


@attrs.frozen(eq=False)
class RequestSimulation:
    """The CRM of a company that answers requests, and where something is planted in it."""

    tables: Mapping[str, pl.DataFrame]
    """In the contract's columns: cases, events, people, vocabulary."""
    scenario: str
    code: str | None
    unit: str
    """The desk whose habits are other ones."""
    as_of: dt.datetime

    def history(self) -> History:
        """The tables as a history, as of the last day."""
        frames: dict[str, Any] = dict(self.tables)
        return History.from_frames(as_of=self.as_of, **frames)


def _as_usual(habits: RequestHabits) -> RequestHabits:
    return habits


def _having(**habits: Any) -> Callable[[RequestHabits], RequestHabits]:
    return lambda usual: attrs.evolve(usual, **habits)


_ALL = (
    RequestScenario(
        "no-requests-planted",
        Text("Nothing planted: desks differ as desks do.", "Rien de particulier : les services diffèrent."),
        None,
        _as_usual,
    ),
    RequestScenario(
        "ping-pong",
        Text(
            "The second line hands one desk's requests back untouched.",
            "Le second niveau renvoie à un service ses demandes sans y toucher.",
        ),
        "CU402",
        _having(idle=0.65, straight_back=0.95),
    ),
    RequestScenario(
        "answered-and-given-back",
        Text(
            "Look-alike: the second line works on one desk's requests and gives them back with the answer.",
            "Faux-semblant : le second niveau traite les demandes d'un service et les lui rend avec la "
            "réponse.",
        ),
        None,
        _having(served_back=0.95),
    ),
    RequestScenario(
        "push-to-front",
        Text(
            "One desk hands on what the others answer themselves.",
            "Un service transmet ce que les autres traitent eux-mêmes.",
        ),
        "CU410",
        _having(handed_on=0.75),
    ),
    RequestScenario(
        "router",
        Text(
            "Look-alike: a program routes most requests of one desk to the second line.",
            "Faux-semblant : un automate aiguille la plupart des demandes d'un service vers le second "
            "niveau.",
        ),
        None,
        _having(handed_on=0.8, router=True),
    ),
    RequestScenario(
        "waiting-abuse",
        Text(
            "One desk stops the clock of a request just before it falls due.",
            "Un service arrête le chronomètre juste avant l'échéance.",
        ),
        "CU407",
        _having(at_the_limit=0.35),
    ),
    RequestScenario(
        "last-minute",
        Text(
            "Look-alike: a desk that does all its work just before requests fall due.",
            "Faux-semblant : un service qui fait tout son travail juste avant l'échéance.",
        ),
        None,
        _having(last_minute=0.8),
    ),
    RequestScenario(
        "undecided",
        Text(
            "One desk leaves a third of its requests without any decision.",
            "Un service laisse un tiers de ses demandes sans aucune décision.",
        ),
        "CU404",
        _having(undecided=0.35),
    ),
    RequestScenario(
        "askers-who-never-answer",
        Text(
            "Look-alike: a desk whose askers do not answer its questions, so that nothing can be decided.",
            "Faux-semblant : un service dont les demandeurs ne répondent pas aux questions, si bien que "
            "rien ne peut "
            "être décidé.",
        ),
        None,
        _having(asked=0.45, never_clarified=0.8),
    ),
    RequestScenario(
        "deferred-without-date",
        Text(
            "One desk puts requests off without saying until when.",
            "Un service reporte des demandes sans dire jusqu'à quand.",
        ),
        "CU405",
        _having(deferred=0.4, undated=0.6),
    ),
    RequestScenario(
        "follow-up-as-task",
        Text(
            "Look-alike: a desk that plans a task for each request that it puts off.",
            "Faux-semblant : un service qui planifie une tâche pour chaque demande reportée.",
        ),
        None,
        _having(deferred=0.4, follow_up_as_task=True),
    ),
    RequestScenario(
        "undocumented-fulfilment",
        Text(
            "One desk writes nothing on half of what it has done.",
            "Un service n'écrit rien sur la moitié de ce qu'il a fait.",
        ),
        "CU406",
        _having(undocumented=0.5),
    ),
    RequestScenario(
        "noted-at-closing",
        Text(
            "Look-alike: a desk that writes what it did when it closes the request.",
            "Faux-semblant : un service qui écrit ce qu'il a fait en clôturant la demande.",
        ),
        None,
        _having(noted_at_closing=True),
    ),
    RequestScenario(
        "priority-inflation",
        Text(
            "One desk asks for nearly everything as urgent, and nobody heeds it any more.",
            "Un service demande presque tout en urgence, et plus personne n'en tient compte.",
        ),
        "CU401",
        _having(urgent=0.75, inflated=True),
    ),
    RequestScenario(
        "real-emergencies",
        Text(
            "Look-alike: a desk with many real emergencies, which are answered first.",
            "Faux-semblant : un service qui a beaucoup de vraies urgences, traitées d'abord.",
        ),
        None,
        _having(urgent=0.6),
    ),
    RequestScenario(
        "unclear-request",
        Text(
            "One desk asks so vaguely that half of its requests come back with a question.",
            "Un service demande si vaguement que la moitié de ses demandes reviennent avec une question.",
        ),
        "CU408",
        _having(vague=0.45),
    ),
    RequestScenario(
        "careful-desk",
        Text(
            "Look-alike: a desk that asks everybody back before it begins.",
            "Faux-semblant : un service qui interroge tous les demandeurs avant de commencer.",
        ),
        None,
        _having(asked=0.7),
    ),
)

REQUEST_SCENARIOS: Mapping[str, RequestScenario] = MappingProxyType({one.name: one for one in _ALL})
"""All scenarios of requests by name."""


def simulate_requests(
    scenario: str = "no-requests-planted", *, seed: int = 0, desks: int = 16, requests: int = 3_000
) -> RequestSimulation:
    """A year of requests in a company of desks and a second line, with one scenario planted in one desk.

    The same arguments give the same tables.

    Raises:
        SimulationError: when the scenario is unknown.
    """
    if scenario not in REQUEST_SCENARIOS:
        known = ", ".join(REQUEST_SCENARIOS)
        raise SimulationError(f"there is no scenario of requests {scenario!r}: there are {known}")
    planted = REQUEST_SCENARIOS[scenario]
    names = [f"Desk {number + 1:02}" for number in range(desks)]
    chosen = int(np.random.default_rng([seed, zlib.crc32(scenario.encode())]).integers(desks))
    size = np.random.default_rng([seed, 1]).lognormal(0, 0.3, desks)
    # The planted desk is a middle one, so that what is found is not a matter of its size.
    size[chosen] = float(np.median(size))
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    end = START + MONTHS * 30 * _DAY
    streams = [np.random.default_rng([seed, 2, number]) for number in range(desks)]
    habits = {name: _own(rng) for name, rng in zip(names, streams, strict=True)}
    habits[names[chosen]] = planted.habits(habits[names[chosen]])
    for number, (name, rng) in enumerate(zip(names, streams, strict=True)):
        for turn in range(round(requests * size[number] / size.sum())):
            _Request(name, turn, habits, rng, end).live(cases, events)
    sides = [*names, *TEAMS]
    people = [
        {"person_id": f"{side}.{k}", "unit": side, "is_human": True} for side in sides for k in range(PERSONS)
    ]
    lines = [
        {"entity": "unit", "field": "line", "raw": side, "order": 2 if side in TEAMS else 1} for side in sides
    ]
    tables = {
        "cases": pl.DataFrame(cases, schema_overrides={"closed_at": _INSTANT, "outcome": pl.String}),
        "events": pl.DataFrame(events, infer_schema_length=None),
        "people": pl.DataFrame(people),
        "vocabulary": pl.DataFrame(lines),
    }
    return RequestSimulation(tables, scenario, planted.code, names[chosen], end)


def _own(rng: np.random.Generator) -> RequestHabits:
    """A desk's own: each as much apart from the usual as desks are."""

    def near(share: float) -> float:
        return float(np.clip(share * rng.lognormal(0, 0.15), 0, 0.95))

    usual = RequestHabits()
    named = (
        "handed_on",
        "idle",
        "straight_back",
        "waits",
        "undecided",
        "asked",
        "deferred",
        "undated",
        "urgent",
    )
    drawn: dict[str, Any] = {name: near(getattr(usual, name)) for name in named}
    return attrs.evolve(usual, **drawn)


class _Request:
    """One request from its submission to its end: written into the rows of the tables as it goes."""

    def __init__(
        self,
        desk: str,
        turn: int,
        habits: Mapping[str, RequestHabits],
        rng: np.random.Generator,
        end: dt.datetime,
    ) -> None:
        self.case_id = f"{desk}-{turn:05}"
        self.desk, self.habits, self.rng, self.end = desk, habits[desk], rng, end
        self.asker = list(habits)[int(rng.integers(len(habits)))]
        self.asking = habits[self.asker]
        self.holder = desk
        self.created = START + float(rng.random()) * (end - START)
        self.now = self.created
        self.allowed = float(rng.uniform(4, 12)) * _DAY
        self.rank = self._rank()
        self.rows: list[dict[str, Any]] = []

    def live(self, cases: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
        """Add its rows."""
        closed = self._steps()
        cases.append(
            {
                "case_id": self.case_id,
                "kind": "request",
                "created_at": self.created,
                "created_by": f"{self.asker}.{int(self.rng.integers(PERSONS))}",
                "closed_at": closed if closed is not None and closed <= self.end else None,
                "outcome": "fulfilled" if closed is not None and closed <= self.end else None,
                "unit": self.desk,
                "priority_rank": self.rank,
                "due_at": self.created + self.allowed,
            }
        )
        events += [row for row in self.rows if row["at"] <= self.end]

    def _rank(self) -> int:
        draw = float(self.rng.random())
        return 1 if draw < self.asking.urgent else 2 if draw < 0.7 else 3

    def _steps(self) -> dt.datetime | None:
        habits = self.habits
        self._step("submitted", unit=self.asker)
        self._step("delivered", hours=0.2)
        if self._chance(habits.last_minute):
            self.now = max(self.now, self.created + 0.93 * self.allowed)
        if self._chance(habits.asked) or self._chance(self.asking.vague):
            self._step("clarification_asked", hours=6)
            if self._chance(habits.never_clarified):
                return None
            self._step("clarified", hours=20, unit=self.asker)
        if self._chance(habits.undecided):
            return None
        heeded = int(self.rng.integers(1, 4)) if self.asking.inflated else self.rank
        self._step("accepted", hours=2 * heeded**2)
        if self._chance(habits.handed_on):
            self._hand_on()
        self._decide()
        self._step("started", hours=8)
        self._wait()
        self._step("fulfilled", hours=24)
        told = None if self._chance(habits.undocumented) else f"{WORK_DONE} {self.case_id}"
        if told is not None and not habits.noted_at_closing:
            self._step("documented", hours=1, text=told)
        self._step("closed", hours=4, text=told if habits.noted_at_closing else None)
        return self.now

    def _hand_on(self) -> None:
        """To the second line, and perhaps to others after it."""
        team = TEAMS[int(self.rng.integers(len(TEAMS)))]
        self._reroute(team)
        if not self._chance(self.habits.idle):
            if self._chance(self.habits.served_back):
                self._step("started", hours=20)
                self._step("documented", hours=10)
                self._reroute(self.desk)
            return
        self.now += float(self.rng.uniform(3, 40)) * _DAY / 24
        others = [one for one in TEAMS if one != team]
        back = self._chance(self.habits.straight_back)
        self._reroute(self.desk if back else others[int(self.rng.integers(len(others)))])
        if back:
            self._reroute(others[int(self.rng.integers(len(others)))])

    def _reroute(self, to: str) -> None:
        origin = "automation" if self.habits.router else "ui"
        self._step("rerouted", hours=3, field="owner", old=self.holder, new=to, origin=origin)
        self.holder = to

    def _decide(self) -> None:
        if not self._chance(self.habits.deferred):
            self._step("decided", hours=5, new="now")
            return
        until = None if self._chance(self.habits.undated) else self.now + float(self.rng.uniform(2, 8)) * _DAY
        told = None if until is None else until.isoformat()
        as_task = self.habits.follow_up_as_task
        self._step("deferred", hours=5, new=None if as_task else told)
        if as_task and told is not None:
            self._step("task_due", hours=0.1, new=told)
        self.now = until or self.now + 12 * _DAY

    def _wait(self) -> None:
        limit = self.created + self.allowed * float(self.rng.uniform(0.92, 0.995))
        if self._chance(self.habits.at_the_limit) and limit > self.now:
            self.now = limit
            self._step("waiting", hours=0)
            self._step("resumed", hours=48)
        elif self._chance(self.habits.waits):
            self._step("waiting", hours=12)
            self._step("resumed", hours=30)

    def _step(self, activity: str, *, hours: float = 0.0, unit: str | None = None, **more: Any) -> None:
        self.now += float(self.rng.exponential(hours)) * _DAY / 24
        side = unit or self.holder
        row: dict[str, Any] = dict.fromkeys(("field", "old", "new", "text"))
        row |= {"case_id": self.case_id, "activity": activity, "at": self.now, "unit": side, "origin": "ui"}
        row |= {"actor": f"{side}.{int(self.rng.integers(PERSONS))}", **more}
        self.rows.append(row)

    def _chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)
