from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.testing._clock import DAY, SECOND, Bools, Floats, Ints, epoch_day
from crmusage.testing._company import Company, Department
from crmusage.testing._deals import NOBODY, Deals

ACTIVITIES = (
    "created", "updated", "stage_changed", "amount_changed", "close_date_changed", "owner_changed",
    "call", "email", "meeting", "quote_sent", "quote_accepted", "quote_declined", "won", "lost",
)  # fmt: skip
(
    CREATED, UPDATED, STAGE_CHANGED, AMOUNT_CHANGED, CLOSE_DATE_CHANGED, OWNER_CHANGED,
    CALL, EMAIL, MEETING, QUOTE_SENT, QUOTE_ACCEPTED, QUOTE_DECLINED, CLOSED_WON, CLOSED_LOST,
) = range(len(ACTIVITIES))  # fmt: skip

STAGES = ("qualification", "discovery", "proposal", "negotiation", "closed won", "closed lost")
PROPOSAL, NEGOTIATION, STAGE_WON, STAGE_LOST = 2, 3, 4, 5

ORIGINS = ("ui", "api", "import", "unknown", None, "automation")
UI, API, AUTOMATION = 0, 1, 5

NO_FIELD, STAGE, AMOUNT, CLOSE_DATE, OWNER = range(5)
FIELDS = (None, "stage", "amount", "close_date", "owner")

NEVER = int(np.iinfo(np.int64).max)

Column = npt.NDArray[Any]


@attrs.frozen(eq=False)
class Events:
    """What happened, one array a column.

    `old` and `new` are codes by `field`: a stage, euros, a day, a person.
    """

    deal: Column
    activity: Column
    at: Column
    recorded: Column
    actor: Column
    origin: Column
    field: Column
    old: Column
    new: Column
    quote: Column
    """1 or 2; 0: the event is of no quote."""
    alternative: Column
    """Whether the quote is one of two; -1: the event is of no quote."""

    def take(self, keep: Bools | Ints) -> Events:
        """Some of them, by truth or by place."""
        return Events(**{name: getattr(self, name)[keep] for name in _TYPES})

    @classmethod
    def joined(cls, parts: list[Events]) -> Events:
        """All of them, one part after the other."""
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _TYPES})


_TYPES: dict[str, type[np.generic]] = {
    "deal": np.int64, "activity": np.int8, "at": np.int64, "recorded": np.int64, "actor": np.int64,
    "origin": np.int8, "field": np.int8, "old": np.int64, "new": np.int64, "quote": np.int8,
    "alternative": np.int8,
}  # fmt: skip


class Sheet:
    """Collects what happens to the deals of one batch; persons are numbered within the department."""

    def __init__(self, company: Company, department: Department, deals: Deals) -> None:
        """Begin with an empty sheet for `deals`."""
        self.deals = deals
        self.clock = department.clock
        self.horizon = epoch_day(company.end) * DAY
        """The end of the last day, UTC: what is planned for later never happens."""
        self._days = company.days
        self._people = department.people
        self._parts: list[Events] = []
        self._optional: list[Bools] = []

    def instant(self, w: Floats) -> Ints:
        """The instants of working times."""
        return self.clock.instant(w)

    def add(
        self,
        activity: int | Ints,
        deal: Ints,
        at: Ints,
        *,
        minutes_late: Floats | float = 0.0,
        actor: Ints | int = NOBODY,
        origin: int | Ints = UI,
        field: int = NO_FIELD,
        old: Ints | int = 0,
        new: Ints | int = 0,
        quote: Ints | int = 0,
        alternative: Bools | int = -1,
        optional: bool = False,
    ) -> None:
        """One event for each of `deal`, the places of deals (one may be there more than once).

        `minutes_late`: recorded so long after it happened. `actor` NOBODY: whoever owns the deal then.
        `optional`: left undone when the actor is on leave.
        """
        recorded = at + (np.asarray(minutes_late) * 60).astype(np.int64) * SECOND
        values: tuple[Any, ...] = (
            deal, activity, at, recorded, actor, origin, field, old, new, quote, alternative,
        )  # fmt: skip
        columns = {}
        for (name, dtype), value in zip(_TYPES.items(), values, strict=True):
            columns[name] = np.empty(len(deal), dtype=dtype)
            columns[name][...] = value
        self._parts.append(Events(**columns))
        self._optional.append(np.full(len(deal), optional))

    def finish(self, handed: Ints) -> Events:
        """The events before the horizon, each with who did it: the owner of that time, or who stood in."""
        events = Events.joined(self._parts)
        optional = np.concatenate(self._optional)
        deals, people = self.deals, self._people
        owner = np.where(events.at < handed[events.deal], deals.owner[events.deal], deals.heir[events.deal])
        actor = np.where(events.actor == NOBODY, owner, events.actor)

        away = people.away(self._days)
        day = np.clip(self.clock.day_of(events.at), 0, self._days - 1)
        absent = (actor >= 0) & away[actor, day]
        stand_in = people.stayers[events.deal % len(people.stayers)]
        # Where the colleague is on leave as well, the manager (the first of the department) does it.
        stand_in = np.where(away[stand_in, day], 0, stand_in)
        finished = attrs.evolve(
            events,
            actor=np.where(absent, stand_in, actor),
            recorded=np.clip(events.recorded, events.at, self.horizon - SECOND),
        )
        return finished.take((events.at < self.horizon) & ~(optional & absent))
