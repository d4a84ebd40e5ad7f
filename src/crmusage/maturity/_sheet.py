"""The answers of one assessor, and all of theirs to one question."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

import attrs

from crmusage.maturity._catalogue import Practice
from crmusage.model import Measure, Text, Undefined


class Answer(enum.StrEnum):
    """What an assessor says of a practice."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> Answer | None:
        """French words are read as well."""
        return next((answer for answer, word in IN_FRENCH.items() if word == value), None)


IN_FRENCH = {
    Answer.YES: "oui",
    Answer.PARTLY: "en partie",
    Answer.NO: "non",
    Answer.UNKNOWN: "inconnu",
}
"""The answers as a French sheet may write them."""

RANKS = {Answer.NO: 0, Answer.PARTLY: 1, Answer.YES: 2}
"""The answers that say something, from the least to the most."""


@attrs.frozen
class Reply:
    """One answer, with what it rests on."""

    answer: Answer
    note: str | None = None
    """The evidence, in the assessor's words."""
    since: dt.date | None = None
    """Since when it is so. Shown, never reckoned with: no stage has an age."""


UNANSWERED = Reply(Answer.UNKNOWN)


@attrs.frozen
class Sheet:
    """What one assessor answers."""

    role: str
    """Whose eyes it was seen with: `sales director`. A role, not a name."""
    replies: Mapping[str, Reply] = attrs.field(factory=dict, hash=False)
    """By the id of the practice; what is not there is unknown."""
    on: dt.date | None = None
    """The day of the answers. Shown, never reckoned with."""


@attrs.frozen
class Observation:
    """What a history shows of a practice. It stands beside the answers and never changes them."""

    practice: str
    """The id."""
    holds: bool | None
    """Whether it shows the practice at work; None: it cannot tell."""
    measure: Measure | Undefined
    text: Text


@attrs.frozen
class Standing:
    """How one practice stands in the eyes of all assessors."""

    practice: Practice
    given: tuple[tuple[str, Reply], ...]
    """The replies by role, in the order of the sheets."""

    @property
    def known(self) -> tuple[Answer, ...]:
        """The answers that say something."""
        return tuple(reply.answer for _, reply in self.given if reply.answer is not Answer.UNKNOWN)

    @property
    def answer(self) -> Answer:
        """The answer that counts is the one that asks for something to be done; nobody is outvoted.

        Of a practice that is the lowest of those who know, of a training wheel the highest.
        """
        pick = max if self.practice.wheel else min
        return pick(self.known, key=RANKS.__getitem__, default=Answer.UNKNOWN)

    @property
    def disputed(self) -> bool:
        """Whether some say that it is in place and others that it is not, or not quite."""
        return Answer.YES in self.known and set(self.known) != {Answer.YES}

    @property
    def in_place(self) -> bool:
        """Whether all who know say yes, and somebody knows."""
        return self.answer is Answer.YES

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """The evidence that was noted, by role."""
        return tuple((role, reply.note) for role, reply in self.given if reply.note)


def standing(practice: Practice, sheets: tuple[Sheet, ...]) -> Standing:
    """How a practice stands in the sheets."""
    return Standing(
        practice, tuple((sheet.role, sheet.replies.get(practice.id, UNANSWERED)) for sheet in sheets)
    )
