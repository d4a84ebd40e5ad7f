"""Branches of a company whose people come, learn a rule, forget it and leave. All figures are guessed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import polars as pl

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 731
MONTHS = 24
NEW = 180
"""Days for which somebody is new."""
WAVE = 365
"""The day about which many leave a branch at once."""
RELEASE = 420
"""The day of a release."""
RULE = "call-within-two-days"
DAY = dt.timedelta(days=1)
_INSTANT = pl.Datetime("us", "UTC")
_STAYS = 10**6


@attrs.frozen
class KnowledgeHabits:
    """How people know and use the tool; shares from 0 to 1."""

    kept: float = 0.86
    """How often the rule is kept: an opportunity that comes in is called within two days."""
    when_new: float = 1.0
    """Times that, in somebody's first half year."""
    forgotten: float = 0.0
    """Of that, in a year without reading the rule again."""
    many_leave: float = 0.0
    """Of a branch's people, within two months."""
    after_leaving: float = 1.0
    """How often the rule is kept then, times the usual."""
    release: bool = False
    """The calendar has one."""
    after_release: float = 1.0
    in_summer: float = 1.0
    """Times the usual, in July and August."""
    slips: float = 0.0
    """Of that, in a year, whoever it is."""
    own_way: float = 0.08
    """Of the opportunities that are not called in time: a message is sent."""
    message: float = 0.08
    """The same, of those that are."""
    handed_over: float = 0.97
    """Of the open opportunities of who leaves."""
    leave_at_the_end: float = 0.0
    """Of a branch's people, in the last three weeks, with nothing handed over yet."""
    same_login: bool = False
    """Who has left goes on under the same login: the date is that of a contract, not of a departure."""
    all_new: bool = False
    """A branch that opened in the last year, with newcomers only."""
    leaders_use: float = 0.85
    """Weeks in which a manager opens the tool."""
    leaders_away: float = 0.0
    """Weeks for which managers are on leave."""
    new_leaders: bool = False
    """Managers have been there for a few weeks only."""


@attrs.frozen
class Rows:
    """The tables, row by row."""

    cases: list[dict[str, Any]] = attrs.field(factory=list)
    events: list[dict[str, Any]] = attrs.field(factory=list)
    people: list[dict[str, Any]] = attrs.field(factory=list)
    absences: list[dict[str, Any]] = attrs.field(factory=list)
    sessions: list[dict[str, Any]] = attrs.field(factory=list)
    acknowledgements: list[dict[str, Any]] = attrs.field(factory=list)
    calendar: list[dict[str, Any]] = attrs.field(factory=list)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Those that have rows."""
        schemas: dict[str, dict[str, Any]] = {
            "cases": {"created_at": _INSTANT, "closed_at": _INSTANT, "outcome": pl.String},
            "events": {"at": _INSTANT, "field": pl.String, "old": pl.String, "new": pl.String},
            "people": {"manager": pl.String, "starts_on": pl.Date, "ends_on": pl.Date},
        }
        frames = {}
        for field in attrs.fields(Rows):
            rows = getattr(self, field.name)
            if rows:
                made = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=schemas.get(field.name))
                frames[field.name] = made
        return frames


class Branch:
    """One branch over two years, written into the rows of the tables as it goes."""

    def __init__(self, name: str, habits: KnowledgeHabits, rng: np.random.Generator, rows: Rows) -> None:
        """Take what it works by, and where it leaves its traces."""
        self.name, self.habits, self.rng, self.rows = name, habits, rng, rows
        self.level = float(rng.normal(0, 0.2))
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.skill: list[float] = []
        self.read: list[list[int]] = []
        self.opened = DAYS - 330 if habits.all_new else -_STAYS

    def live(self, opportunities: int) -> None:
        """Two years of it, with so many opportunities."""
        self._staff()
        self._leaders()
        for turn in range(opportunities):
            self._opportunity(turn)

    def _person(self, begun: int, ended: int = _STAYS) -> None:
        self.begun.append(max(begun, self.opened))
        self.ended.append(ended)
        self.skill.append(float(self.rng.normal(0, 0.35)))
        first = max(self.begun[-1], int(self.rng.integers(-200, 90)))
        days = [first]
        while self.rng.random() < 0.55 and days[-1] < DAYS:
            days.append(days[-1] + int(self.rng.integers(120, 500)))
        self.read.append(days)

    def _staff(self) -> None:
        rng, habits = self.rng, self.habits
        size = int(rng.integers(8, 14))
        for place in range(size):
            begun = -int(rng.exponential(900)) - 200
            leaves = place >= 3 and rng.random() < 0.28
            ended = int(rng.integers(30, DAYS - 40)) if leaves else _STAYS
            self._person(begun, ended)
            if leaves and rng.random() < 0.85:
                self._person(ended + int(rng.integers(0, 40)))
        here = [
            k for k, (b, e) in enumerate(zip(self.begun, self.ended, strict=True)) if b < 0 and e == _STAYS
        ]
        for k in here[: round(habits.many_leave * size)]:
            self.ended[k] = WAVE + int(rng.integers(0, 45))
            if not habits.same_login:
                self._person(self.ended[k] + int(rng.integers(5, 40)))
        for k in here[: round(habits.leave_at_the_end * size)]:
            self.ended[k] = DAYS - 1 - int(rng.integers(1, 20))
        for _ in range(int(rng.integers(1, 4))):
            self._person(int(rng.integers(20, DAYS - 60)))

    def _id(self, person: int) -> str:
        return f"{self.name.replace(' ', '').lower()}.p{person:02}"

    def _leaders(self) -> None:
        rng, habits = self.rng, self.habits
        chief = f"{self.name.replace(' ', '').lower()}.chief"
        taken = DAYS - 30 if habits.new_leaders else -900
        self._row_of(chief, None, max(taken, self.opened), _STAYS)
        for person, (begun, ended) in enumerate(zip(self.begun, self.ended, strict=True)):
            self._row_of(self._id(person), chief, begun, ended)
            self._sessions(self._id(person), begun, min(ended, DAYS), 0.93, ())
            for day in self.read[person]:
                if day < min(ended, DAYS):
                    at = START + day * DAY + dt.timedelta(hours=8)
                    self.rows.acknowledgements.append(
                        {"rule_id": RULE, "version": 1, "person_id": self._id(person), "at": at}
                    )
        away: list[int] = []
        if habits.leaders_away:
            away = sorted(
                rng.choice(DAYS // 28, round(habits.leaders_away * DAYS / 28), replace=False).tolist()
            )
        for block in away:
            first = START + block * 28 * DAY
            row = {"person_id": chief, "starts_at": first, "ends_at": first + 28 * DAY}
            self.rows.absences.append(row)
        self._sessions(chief, taken, DAYS, habits.leaders_use * float(rng.uniform(0.85, 1.1)), away)

    def _row_of(self, person: str, manager: str | None, begun: int, ended: int) -> None:
        self.rows.people.append(
            {
                "person_id": person,
                "unit": self.name,
                "profile": "manager" if manager is None else "seller",
                "manager": manager,
                "starts_on": (START + max(begun, -20 * 365) * DAY).date(),
                "ends_on": (START + ended * DAY).date() if ended < DAYS else None,
                "is_human": True,
            }
        )

    def _sessions(self, person: str, begun: int, ended: int, use: float, away: Any) -> None:
        weeks = [week for week in range(max(begun, 0) // 7, ended // 7) if week // 4 not in away]
        # In a week of use once early and, half of the time, once late.
        early, late = self.rng.random((2, len(weeks)))
        for week, one, other in zip(weeks, early.tolist(), late.tolist(), strict=True):
            if one < use:
                self._session(person, 7 * week + 2 * other)
                if other < 0.5:
                    self._session(person, 7 * week + 3 + one)

    def _session(self, person: str, day: float) -> None:
        self.rows.sessions.append({"person_id": person, "at": _at(day)})

    def _chance(self, person: int, day: float) -> float:
        habits, date = self.habits, START + day * DAY
        odds = habits.kept / (1 - habits.kept) * np.exp(self.level + self.skill[person])
        chance: float = float(odds / (1 + odds))
        if day - self.begun[person] < NEW:
            chance *= habits.when_new
        since = [day - read for read in self.read[person] if read <= day]
        chance *= (1 - habits.forgotten) ** (min(since, default=400.0) / 365)
        chance *= (1 - habits.slips) ** (day / 365)
        if habits.many_leave and day > WAVE + 20:
            chance *= habits.after_leaving
        if habits.release and day > RELEASE:
            chance *= habits.after_release
        return float(chance * (habits.in_summer if date.month in {7, 8} else 1.0))

    def _opportunity(self, turn: int) -> None:
        rng, habits = self.rng, self.habits
        begun, ended = np.array(self.begun), np.array(self.ended)
        day = float(rng.uniform(max(self.opened + 1, 0), DAYS))
        here = np.flatnonzero((begun <= day) & (day < ended - 1))
        if not len(here):
            return
        owner = int(here[int(rng.integers(len(here)))])
        case_id = f"{self.name.replace(' ', '')}-{turn:05}"
        closing = day + 4 + float(rng.lognormal(np.log(40), 0.7))
        steps: list[tuple[float, str]] = [(day, "created")]
        kept = rng.random() < self._chance(owner, day)
        if kept:
            steps.append((day + float(rng.uniform(0.05, 1.7)), "call"))
        elif rng.random() < 0.25:
            steps.append((day + float(rng.uniform(3, 15)), "call"))
        if rng.random() < (habits.message if kept else habits.own_way):
            steps.append((day + float(rng.uniform(0.05, 2.5)), "message"))
        if rng.random() < 0.6:
            steps.append((day + float(rng.uniform(2, 0.8 * (closing - day))), "quote_sent"))
        outcome = "won" if rng.random() < 0.3 else "lost"
        steps.append((closing, outcome))
        keeper, until = owner, int(ended[owner])
        stays = habits.same_login and until == ended[owner]
        if closing > until and until < DAYS and not stays:
            others = np.flatnonzero((begun <= until) & (ended > until + 60))
            recent = until > DAYS - 30
            if len(others) and not recent and rng.random() < habits.handed_over:
                keeper = int(others[int(rng.integers(len(others)))])
                self._event(case_id, "owner_changed", until - 0.3, owner, old=owner, new=keeper)
            else:
                steps = [step for step in steps if step[0] <= until]
                closing = _STAYS
        for at, activity in steps:
            self._event(case_id, activity, at, owner if at <= until or stays else keeper)
        over = closing < DAYS
        self.rows.cases.append(
            {
                "case_id": case_id,
                "kind": "opportunity",
                "created_at": _at(day),
                "created_by": self._id(owner),
                "closed_at": _at(closing) if over else None,
                "outcome": outcome if over else None,
                "owner": self._id(keeper),
                "unit": self.name,
            }
        )

    def _event(
        self,
        case_id: str,
        activity: str,
        day: float,
        actor: int,
        *,
        old: int | None = None,
        new: int | None = None,
    ) -> None:
        if day >= DAYS:
            return
        self.rows.events.append(
            {
                "case_id": case_id,
                "activity": activity,
                "at": _at(day),
                "actor": self._id(actor),
                "unit": self.name,
                "origin": "ui",
                "field": None if new is None else "owner",
                "old": None if old is None else self._id(old),
                "new": None if new is None else self._id(new),
            }
        )


def _at(day: float) -> dt.datetime:
    return START + dt.timedelta(seconds=round(day * 86_400))
