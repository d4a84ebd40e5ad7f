"""What a review looks at, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import attrs

from crmusage.model import Text
from crmusage.requests._clock import Clock
from crmusage.requests._doers import Doer
from crmusage.requests._event import RequestEvent
from crmusage.requests._kind import RequestKind
from crmusage.requests._obligations import due
from crmusage.requests._request import Request
from crmusage.requests._score import Score, Scorer
from crmusage.requests._state import OWED, Command, Duty, Side
from crmusage.requests._steps import Step, Stretch
from crmusage.rules import Duration

_FOLLOW_UP = frozenset({Duty.FOLLOW_UP, Duty.RESUME})

_SIDE_OF = {
    "unclear": Side.TRIGGER,
    "wrong-doer": Side.TRIGGER,
    "imprecise-priority": Side.TRIGGER,
    "inflated-priority": Side.TRIGGER,
    "late": Side.TRANSMITTER,
    "lost": Side.TRANSMITTER,
    "unreliable": Side.TRANSMITTER,
    "not-validated": Side.DOER,
    "undecided": Side.DOER,
    "deferred-without-date": Side.DOER,
    "follow-up-missed": Side.DOER,
    "undocumented": Side.DOER,
}


NEEDED: Mapping[str, tuple[str, ...]] = {
    "imprecise-priority": ("priority_rank",),
    "inflated-priority": ("priority_rank",),
    "late": ("submitted", "delivered"),
    "lost": ("submitted", "delivered"),
    "unreliable": ("delivered",),
    "not-validated": ("accepted",),
    "undecided": ("accepted", "decided"),
    "deferred-without-date": ("until",),
    "follow-up-missed": ("until",),
    "undocumented": ("documented",),
}
"""What a source has to record for a lapse to be seen: events, and columns of events."""


@attrs.frozen
class Lapse:
    """Something that a side owed and did not do as it should."""

    side: Side
    code: str
    """trigger: unclear, wrong-doer, imprecise-priority, inflated-priority; transmitter: late, lost, unreliable; doer:
    not-validated, undecided, deferred-without-date, follow-up-missed, undocumented."""
    text: Text
    events: tuple[RequestEvent, ...]
    """The events behind it, in order."""
    score: Score | None = None
    """Of the text, where it is about one."""


@attrs.frozen
class Case:
    """What a review looks at."""

    request: Request
    kind: RequestKind | None
    at: dt.datetime
    steps: list[Step]
    stretches: list[Stretch]
    doers: dict[str, Doer]
    score: Scorer
    pace: dict[Duty, Duration]
    clock: Clock
    recorded: frozenset[str] | None

    def lapse(
        self, code: str, en: str, fr: str, events: Iterable[RequestEvent], score: Score | None = None
    ) -> Lapse:
        return Lapse(_SIDE_OF[code], code, Text(en, fr), tuple(events), score)

    def sees(self, name: str) -> bool:
        """Whether the source records something."""
        return self.recorded is None or name in self.recorded

    def done(self, *commands: Command) -> list[Step]:
        return [step for step in self.steps if step.command in commands]

    def overrun(self, stretch: Stretch) -> dt.datetime | None:
        """By when a stretch should have ended, if it did not end by then."""
        duty = OWED.get(stretch.state)
        if duty is None:
            return None
        by = due(duty, stretch.start, stretch.step.after, self.pace, self.clock)
        if by is not None and duty in _FOLLOW_UP and duty in self.pace:
            by = self.clock.deadline(by, self.pace[duty])
        return by if by is not None and (stretch.end or self.at) > by else None


def not_assessable(recorded: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The lapses that a source cannot show, each with what it does not record. Not seen is not the same as not there.

    Args:
        recorded: the events and columns of events that it does record, such as `accepted` and `until`.
    """
    missing = {code: tuple(name for name in names if name not in recorded) for code, names in NEEDED.items()}
    return {code: names for code, names in missing.items() if names}
