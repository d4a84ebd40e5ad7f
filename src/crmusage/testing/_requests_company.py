"""How the desks of a company answer requests: their habits, and one request from its submission to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

START = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
TEAMS = ("network", "billing", "contracts", "quality", "logistics")
"""The second line: a request that a desk cannot answer goes to one of these."""
PERSONS = 7
LEFT = dt.date(2024, 11, 30)
"""The last day of somebody of each desk, to whom requests are still given."""
SKILLS = ("contract law", "export papers", "network measurement")
CHANNELS = ("portal", "e-mail", "telephone")
WORK_DONE = "set right as agreed with the customer, see request"
_DAY = dt.timedelta(days=1)
# Of two streams of chance the second one, `aside`, came later: what draws from it leaves the first as it was.


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
    begun_by_priority: bool = True
    """Higher priorities are taken up sooner; else what has come first."""
    untaken: float = 0.04
    """Of the requests: they lie in a queue for days before somebody takes them."""
    of_leavers: float = 0.01
    """Of the requests: they are given to somebody who has left, and lie until another one takes them."""
    misdirected: float = 0.05
    """Of the requests: refused by whoever got them, for they are not his to do."""
    unskilled: float = 0.3
    """Of those: for want of a skill."""
    shared_queue: bool = False
    """All requests belong to a queue, from which everybody takes the next one."""
    slow: float = 0.03
    """Of the requests: the tool delivers them a day late or so."""
    lost: float = 0.004
    """Of the requests: they never arrive."""
    asked_at_night: float = 0.05
    """Of the requests: sent in after work, and delivered in the morning."""


def own_habits(rng: np.random.Generator, aside: np.random.Generator) -> RequestHabits:
    """A desk's own: each as much apart from the usual as desks are."""

    def near(share: float, rng: np.random.Generator = rng) -> float:
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
    drawn |= {name: near(getattr(usual, name), aside) for name in ("untaken", "misdirected", "slow")}
    return attrs.evolve(usual, **drawn)


class LivedRequest:
    """One request from its submission to its end: written into the rows of the tables as it goes."""

    def __init__(
        self,
        desk: str,
        turn: int,
        habits: Mapping[str, RequestHabits],
        rng: np.random.Generator,
        aside: np.random.Generator,
        end: dt.datetime,
    ) -> None:
        self.case_id = f"{desk}-{turn:05}"
        self.desk, self.habits, self.end = desk, habits[desk], end
        self.rng, self.aside = rng, aside
        self.asker = list(habits)[int(rng.integers(len(habits)))]
        self.asking = habits[self.asker]
        self.holder = desk
        self.created = START + float(rng.random()) * (end - START)
        self.now = self.created
        self.allowed = float(rng.uniform(4, 12)) * _DAY
        self.rank = self._rank()
        self.channel = CHANNELS[int(aside.integers(len(CHANNELS)))]
        self.owner: str | None = f"{desk}.{int(aside.integers(PERSONS))}"
        self.owner_kind = "user"
        self.rows: list[dict[str, Any]] = []

    def live(self, cases: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
        """Add its rows."""
        closed = self._steps()
        if self._aside(self.habits.lost):
            # What never arrived is known by whoever sent it only.
            self.rows, closed = self.rows[:1], None
        cases.append(
            {
                "case_id": self.case_id,
                "kind": "request",
                "created_at": self.created,
                "created_by": f"{self.asker}.{int(self.rng.integers(PERSONS))}",
                "closed_at": closed if closed is not None and closed <= self.end else None,
                "outcome": "fulfilled" if closed is not None and closed <= self.end else None,
                "unit": self.desk,
                "owner": self.owner,
                "owner_kind": self.owner_kind,
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
        self._arrive()
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
        arrived = self.now
        self._lie_about()
        if self._aside(habits.misdirected):
            self._refuse()
        self._step("accepted", hours=2 * heeded**2)
        if self._chance(habits.handed_on):
            self._hand_on()
        self._decide()
        if habits.begun_by_priority:
            self._step("started", hours=1.5 * heeded**3)
        else:
            # One after the other, each as long after its arrival as the next.
            self.now = max(self.now, arrived + 2 * _DAY)
            self._step("started", hours=1)
        self._wait()
        self._step("fulfilled", hours=24)
        told = None if self._chance(habits.undocumented) else f"{WORK_DONE} {self.case_id}"
        if told is not None and not habits.noted_at_closing:
            self._step("documented", hours=1, text=told)
        self._step("closed", hours=4, text=told if habits.noted_at_closing else None)
        return self.now

    def _arrive(self) -> None:
        """Sent in, and delivered."""
        evening = self.now.replace(hour=20, minute=int(self.aside.integers(60)))
        at_night = self._aside(self.habits.asked_at_night) and evening + _DAY < self.end
        if at_night:
            self.created = self.now = evening
        self._step("submitted", unit=self.asker, channel=self.channel)
        late = 24 + float(self.aside.exponential(24)) if self._aside(self.habits.slow) else 0.0
        self.now += (11.0 if at_night else late) * _DAY / 24
        self._step("delivered", hours=0.2)

    def _lie_about(self) -> None:
        """Some lie in a queue, or with somebody who has left, until another one takes them."""
        untaken, of_leaver = self._aside(self.habits.untaken), self._aside(self.habits.of_leavers)
        if untaken or self.habits.shared_queue:
            self.owner, self.owner_kind = None, "queue"
        elif of_leaver:
            self.owner = f"{self.desk}.left"
        if untaken or of_leaver:
            self.now += float(self.aside.uniform(5, 9)) * _DAY

    def _refuse(self) -> None:
        """Whoever got it says that it is not his to do; then another one takes it."""
        self.now += float(self.aside.exponential(3)) * _DAY / 24
        unskilled = self._aside(self.habits.unskilled)
        skill = SKILLS[int(self.aside.integers(len(SKILLS)))] if unskilled else None
        by = f"{self.desk}.{int(self.aside.integers(PERSONS))}"
        self._record("refused", by, self.desk, reason="skill" if unskilled else "responsibility", skill=skill)

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
        self._record(activity, f"{side}.{int(self.rng.integers(PERSONS))}", side, **more)

    def _record(self, activity: str, actor: str, side: str, **more: Any) -> None:
        row: dict[str, Any] = dict.fromkeys(("field", "old", "new", "text", "reason", "skill", "channel"))
        row |= {"case_id": self.case_id, "activity": activity, "at": self.now, "unit": side, "origin": "ui"}
        self.rows.append(row | {"actor": actor} | more)

    def _chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def _aside(self, share: float) -> bool:
        return bool(self.aside.random() < share)
