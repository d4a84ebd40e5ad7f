"""The assessment of a programme: what the sheets say of it, together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from crmusage.errors import CrmUsageError
from crmusage.maturity import _words
from crmusage.maturity._agreement import agreement
from crmusage.maturity._balance import (
    Inconsistency,
    Readiness,
    Risk,
    inconsistencies,
    readiness,
    risks,
)
from crmusage.maturity._catalogue import Catalogue, Stage, catalogue
from crmusage.maturity._levels import Level, levels, rank
from crmusage.maturity._plan import Step, plan
from crmusage.maturity._sheet import RANKS, Answer, Observation, Sheet, Standing, standing
from crmusage.model import Measure, Text, Undefined


@attrs.frozen
class Assessment:
    """Where a programme stands, and what follows from it."""

    roles: tuple[str, ...]
    """Whose answers these are."""
    dates: tuple[dt.date | None, ...]
    """The days of their answers; nothing else in here depends on any date."""
    levels: tuple[Level, ...]
    """By dimension."""
    standings: tuple[Standing, ...]
    """By practice, with every reply."""
    wheels: tuple[Standing, ...]
    """By training wheel."""
    agreement: Measure | Undefined
    inconsistencies: tuple[Inconsistency, ...]
    risks: tuple[Risk, ...]
    readiness: tuple[Readiness, ...]
    plan: tuple[Step, ...]
    observations: tuple[Observation, ...] = ()
    """What a history shows, beside the answers."""

    @property
    def reached(self) -> Stage | None:
        """The stage of the programme: that of its lowest dimension. None: not even childhood."""
        low = min(rank(level.reached) for level in self.levels)
        return Stage(low) if low else None

    @property
    def certain(self) -> bool:
        """Whether nothing that is unknown could lift the programme further."""
        return min(rank(level.at_most) for level in self.levels) == rank(self.reached)

    @property
    def unbacked(self) -> tuple[Standing, ...]:
        """What is said to be in place with no evidence noted by anybody."""
        return tuple(one for one in self.standings if one.in_place and not one.notes)

    @property
    def contradictions(self) -> tuple[tuple[Observation, Text], ...]:
        """Where answers and evidence say different things, and in which words."""
        answers = {one.practice.id: one.answer for one in (*self.standings, *self.wheels)}
        found = []
        for seen in self.observations:
            answer = answers[seen.practice]
            # "Partly" leaves room for either.
            if (answer, seen.holds) in {(Answer.YES, False), (Answer.NO, True)}:
                found.append((seen, _words.contradicted(answer.value, seen.text)))
        return tuple(found)

    def to_text(self, lang: str = "en", width: int = 100) -> str:
        """The assessment for people, as plain text.

        Raises:
            ValueError: for a language other than "en" and "fr".
        """
        from crmusage.maturity._telling import told

        return told(self, lang, width)

    def to_json(self) -> str:
        """The assessment as JSON, in both languages."""
        from crmusage.maturity._json import as_json

        return as_json(self)


def assess(
    sheets: Iterable[Sheet],
    *,
    observations: Iterable[Observation] = (),
    practices: Catalogue | None = None,
) -> Assessment:
    """Hold the sheets of one or more assessors against the catalogue.

    A stage needs all its practices, the lowest gate counts, nothing is averaged: of several answers the lowest
    counts, unknown is not no, and "partly" is not in place.

    Raises:
        CrmUsageError: when there is no sheet, or a reply or an observation is about no practice of the catalogue.
    """
    asked = catalogue() if practices is None else practices
    given, seen = tuple(sheets), tuple(observations)
    _check(asked, given, seen)
    standings = tuple(standing(one, given) for one in asked.practices)
    wheels = tuple(standing(one, given) for one in asked.wheels)
    found = levels(standings)
    ratings = [[RANKS.get(reply.answer) for _, reply in one.given] for one in (*standings, *wheels)]
    return Assessment(
        roles=tuple(sheet.role for sheet in given),
        dates=tuple(sheet.on for sheet in given),
        levels=found,
        standings=standings,
        wheels=wheels,
        agreement=agreement(ratings, len(RANKS)),
        inconsistencies=inconsistencies(found),
        risks=risks(found, wheels),
        readiness=readiness(found),
        plan=plan(found, wheels),
        observations=seen,
    )


def _check(asked: Catalogue, sheets: tuple[Sheet, ...], seen: tuple[Observation, ...]) -> None:
    if not sheets:
        raise CrmUsageError("there is nothing to assess: give at least one sheet of answers")
    ids = {one.id for one in asked.items}
    for sheet in sheets:
        unknown = sorted(sheet.replies.keys() - ids)
        if unknown:
            raise CrmUsageError(f"the sheet of {sheet.role} answers what is not asked: {', '.join(unknown)}")
    for one in seen:
        if one.practice not in ids:
            raise CrmUsageError(
                f"an observation is about {one.practice!r}, which is no practice that is asked about"
            )
