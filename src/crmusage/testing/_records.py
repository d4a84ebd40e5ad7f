"""How a unit fills in its records: its habits, and the rows that it leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

START = dt.datetime(2024, 1, 8, tzinfo=dt.UTC)
DAYS = 720
END = START + dt.timedelta(days=DAYS)
INTEGRATION = "svc-sync"
_DAY = dt.timedelta(days=1)

REQUIRED: Mapping[str, dt.timedelta] = {
    "decision_maker": dt.timedelta(0),
    "competitor": 180 * _DAY,
    "next_step": 360 * _DAY,
    "need": 540 * _DAY,
}
"""Mandatory fields, and from when on."""

_FAKES = ("N/A", "x", "?", "tbd", "à définir", "-", "néant", "XXX")
_FIRST = (
    "Anna",
    "Luc",
    "Mia",
    "Tom",
    "Eva",
    "Paul",
    "Zoé",
    "Max",
    "Ines",
    "Karl",
    "Lea",
    "Noël",
    "Rosa",
    "Igor",
)
_LAST = (
    "Roux",
    "Berg",
    "Lang",
    "Petit",
    "Moreau",
    "Weiss",
    "Duval",
    "King",
    "Costa",
    "Nagy",
    "Lund",
    "Bauer",
)
_RIVALS = ("Norda", "Kelvo", "Sitec", "Alpin & Co", "Trevix", "Omnia", "Baltik", "no rival met")
_DO = (
    "send the offer",
    "call on delivery",
    "visit the site",
    "show the sample",
    "agree the terms",
    "meet the buyer",
)
_WHEN = (
    "after the fair",
    "once the budget is",
    "with the engineer",
    "before the summer",
    "when plans are out",
)
_NEEDS = (
    "a spare line",
    "short changeovers",
    "less scrap",
    "a second shift",
    "one supplier less",
    "quiet machines",
)
_FORMULA = "follow up with customer"


@attrs.frozen
class RecordHabits:
    """How a unit fills in its records; shares from 0 to 1."""

    PICKLISTS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "industry": ("Manufacturing", "Food", "Health", "Public", "Trade"),
        "source": ("Web", "Fair", "Partner", "Call", "Referral"),
        "interest": ("Medium", "Low", "High"),
    }
    """Fields with a few values; the form proposes the first of each."""

    fake: float = 0.03
    """Of all values of the free fields."""
    fake_required: float = 0.0
    """Of the values of the fields that became mandatory later."""
    fake_newest: float = 0.0
    """Of the values of the field that became mandatory last."""
    fatigue: float = 0.0
    """For each mandatory field beyond the first, of all of them."""
    formula: float = 0.0
    """Of the next steps: the same one."""
    nulls_written: float = 0.0
    """Of the empty fields: a connector writes its word for nothing."""
    one_rival: float = 0.0
    """Of the competitors."""
    default_left: float = 0.12
    """Of the records: whoever makes one leaves each picklist alone, most often."""
    one_market: float = 0.0
    """Of the customers: they belong to the industry that the form proposes."""
    in_notes: float = 0.05
    """Of the records: the budget and the telephone number stand in the notes, and their fields are empty."""
    pasted: float = 0.2
    """Of the records: a mail is pasted, with all that stands in it."""
    from_file: float = 0.0
    """Of the changes: kept in a file, imported at the end of the quarter or entered from it."""
    migrated: float = 0.0
    """Of the records of the first quarter: imported on one day."""
    synced: float = 0.0
    """Of the records: a program writes into them at night."""
    evenings: float = 0.3
    """Of the calls: entered in the evening of the day."""

    @classmethod
    def near(cls, rng: np.random.Generator) -> RecordHabits:
        """A unit's own: each as much apart from the usual as units are."""
        usual = cls()
        names = ("fake", "default_left", "in_notes", "pasted", "evenings")
        drawn: dict[str, Any] = {
            name: float(np.clip(getattr(usual, name) * rng.lognormal(0, 0.25), 0, 0.95)) for name in names
        }
        return attrs.evolve(usual, **drawn)


def records_of(
    unit: str,
    n: int,
    persons: int,
    habits: RecordHabits,
    rng: np.random.Generator,
    cases: list[dict[str, Any]],
    events: list[dict[str, Any]],
) -> None:
    """Write the records of a unit, and what was done to them, into the rows of the tables."""
    for turn in range(n):
        created = START + float(rng.random()) * (DAYS - 40) * _DAY
        owner = f"{unit}.{int(rng.integers(persons))}"
        case_id = f"{unit}-{turn:05}"
        migrated = created < START + 90 * _DAY and rng.random() < habits.migrated
        values = _values(habits, rng, created)
        ended = created + float(rng.uniform(15, 60)) * _DAY
        closed = ended if ended < END else None
        cases.append(
            {
                "case_id": case_id,
                "kind": "opportunity",
                "created_at": created,
                "created_by": owner,
                "owner": owner,
                "unit": unit,
                "closed_at": closed,
                "outcome": None if closed is None else "won" if rng.random() < 0.3 else "lost",
                **values,
            }
        )
        row = {"case_id": case_id, "unit": unit, "actor": owner, "origin": "ui", "field": None}
        moved = START + 91 * _DAY + float(rng.uniform(0, 2)) / 24 * _DAY
        entry = {"origin": "import", "recorded_at": moved} if migrated else {"recorded_at": created}
        events.append(row | {"activity": "created", "at": created} | entry)
        events += [one for one in _changes(row, habits, rng, created, ended) if one["recorded_at"] <= END]


def _values(habits: RecordHabits, rng: np.random.Generator, created: dt.datetime) -> dict[str, Any]:
    def one(of: tuple[str, ...]) -> str:
        return of[int(rng.integers(len(of)))]

    values: dict[str, Any] = {
        "decision_maker": f"{one(_FIRST)} {one(_LAST)}",
        "competitor": _RIVALS[0] if rng.random() < habits.one_rival else one(_RIVALS),
        "next_step": f"{one(_DO)} {one(_WHEN)}, {one(_FIRST)}",
        "need": one(_NEEDS),
        "contact_mail": f"{one(_FIRST).lower()}@example.com",
    }
    asked = [name for name, day in REQUIRED.items() if created >= START + day]
    for name in REQUIRED:
        fake = habits.fake + habits.fatigue * (len(asked) - 1) * (name in asked)
        fake += habits.fake_required * (name in asked and name != "decision_maker")
        fake += habits.fake_newest * (name in asked and name == "need")
        if name not in asked and rng.random() < 0.5:
            values[name] = None
        elif rng.random() < fake:
            values[name] = one(_FAKES)
        elif name == "next_step" and rng.random() < habits.formula:
            values[name] = _FORMULA
    for name in ("contact_mail", *REQUIRED):
        empty = values[name] is None or (name == "contact_mail" and rng.random() < 0.3)
        if empty:
            values[name] = "null" if rng.random() < habits.nulls_written else None
    lazy = rng.random() < habits.default_left
    for name, offered in RecordHabits.PICKLISTS.items():
        left = lazy and rng.random() < 0.9
        values[name] = offered[0] if left else one(offered)
    if rng.random() < habits.one_market:
        values["industry"] = RecordHabits.PICKLISTS["industry"][0]
    budget = int(rng.integers(10, 900)) * 500
    phone = f"+33 {int(rng.integers(1, 10))} 42 {int(rng.integers(10, 99))} 18 07"
    in_notes, pasted = rng.random() < habits.in_notes, rng.random() < habits.pasted
    told = f"the customer spoke of {budget} € and can be reached under {phone}"
    values["notes"] = told if in_notes or pasted else f"wants {one(_NEEDS)} and has seen the line at the fair"
    values["amount"] = None if in_notes else float(budget)
    values["contact_phone"] = None if in_notes else phone
    return values


def _changes(
    row: dict[str, Any],
    habits: RecordHabits,
    rng: np.random.Generator,
    created: dt.datetime,
    ended: dt.datetime,
) -> list[dict[str, Any]]:
    """Calls and updates of a record until it is closed."""
    made = []
    for _ in range(int(rng.integers(2, 6))):
        at = created + float(rng.random()) * (ended - created)
        activity = "call" if rng.random() < 0.5 else "updated"
        recorded = at + float(rng.exponential(0.5)) / 24 * _DAY
        if activity == "call" and rng.random() < habits.evenings:
            recorded = max(at, at.replace(hour=19, minute=int(rng.integers(60))))
        origin = "ui"
        if rng.random() < habits.from_file:
            quarter = (at - START) // (90 * _DAY) + 1
            recorded = START + quarter * 90 * _DAY + (17 + float(rng.random())) / 24 * _DAY
            origin = "import" if rng.random() < 0.5 else "ui"
            at = recorded if origin == "import" else at
        made.append(row | {"activity": activity, "at": at, "origin": origin, "recorded_at": recorded})
    if rng.random() < 0.3:
        at = created + 0.3 * (ended - created)
        field = ("industry", "source", "interest")[int(rng.integers(3))]
        made.append(row | {"activity": "updated", "at": at, "recorded_at": at, "field": field})
    if rng.random() < habits.synced:
        at = (created + _DAY).replace(hour=2)
        by_night = {"at": at, "recorded_at": at + 2 * _DAY, "actor": INTEGRATION, "origin": "import"}
        made += [row | {"activity": "updated"} | by_night] * 3
    return made
