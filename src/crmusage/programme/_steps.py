"""What comes next: the first steps of every part, in one order."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from crmusage.adoptability import Criterion, Verdict, advice_on
from crmusage.maturity import Verb
from crmusage.model import Severity, Text, Wording
from crmusage.programme import _words

if TYPE_CHECKING:
    from crmusage.programme._overview import Overview

OF_EACH = 2
"""Steps that one part puts on the page; the rest is in its own command. Guessed: a page of more is a list to file."""


class Part(enum.StrEnum):
    """Where a step comes from, in the order in which the page tells them."""

    USAGES = "usages"
    ADOPTABILITY = "adoptability"
    MATURITY = "maturity"
    KNOWLEDGE = "knowledge"
    OWNERSHIP = "ownership"
    CLOSE = "close"

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _words.PARTS[self.value]


class Turn(enum.IntEnum):
    """In which turn a step comes."""

    FIND_OUT = 1
    """What is unknown or in dispute may change everything after it."""
    STOP = 2
    """What works against the people who use the tool, or bends the figures."""
    GIVE = 3
    """What users gain by."""
    CARRY = 4
    """Who carries the programme."""
    GROW = 5
    """What brings all dimensions level, then up."""
    KEEP = 6
    """What keeps it alive: refreshers, the monthly close."""

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _words.TURNS[self.name]


@attrs.frozen
class Step:
    """One thing to do, and why."""

    turn: Turn
    part: Part
    what: Text
    why: Text
    shown_by: Text | None = None
    """What would show that it is done."""


def steps(one: Overview) -> tuple[Step, ...]:
    """The next steps of a programme, at most two of a part in each turn, in the order of `Turn`.

    First what to find out, as it may change the rest. Then what to stop: use under pressure, usages that bend the
    figures. Then what users gain by, before anything more is asked of them. Then who carries the programme; then the
    steps of the plan of maturity; last what keeps it alive.
    """
    every = [*_usages(one), *_adoptability(one), *_maturity(one), *_knowledge(one), *_closes(one)]
    kept: list[Step] = []
    for step in sorted(every, key=lambda step: step.turn):
        alike = [other for other in kept if (other.turn, other.part) == (step.turn, step.part)]
        if len(alike) < OF_EACH:
            kept.append(step)
    return tuple(kept)


def _usages(one: Overview) -> Iterator[Step]:
    talked_to: set[str] = set()
    for finding in one.harmful:
        unit = finding.scope.unit
        # One talk with a unit is about all that was found there.
        if finding.severity is Severity.LOW or unit in talked_to:
            continue
        if unit is not None:
            talked_to.add(unit)
        first = next(iter(finding.proposals), None)
        what = _words.look_into(finding) if first is None else first.text
        yield Step(Turn.STOP, Part.USAGES, what, finding.text)


def _adoptability(one: Overview) -> Iterator[Step]:
    coercion = None if one.observed is None else one.observed.coercion
    if coercion is not None and (coercion.verdict is Verdict.POOR or coercion.units):
        yield Step(Turn.STOP, Part.ADOPTABILITY, _words.LET_GO, coercion.text)
    if one.scores is not None:
        for _, text in one.scores.disagreements:
            yield Step(Turn.FIND_OUT, Part.ADOPTABILITY, _words.ASK_PEOPLE, text)
    if one.balance is not None:
        if one.balance.conflict is not None and one.balance.burdens:
            feature, text = one.balance.burdens[0]
            yield Step(Turn.GIVE, Part.ADOPTABILITY, _words.cut_down(feature.name), text)
        for planned in one.balance.backlog():
            if any(account.net > 0 for account in planned.accounts if account.group.users):
                yield Step(Turn.GIVE, Part.ADOPTABILITY, _words.bring(planned.feature.name), planned.reason)
    weakest = None if one.scores is None else one.scores.weakest
    if weakest is not None and weakest.verdict is Verdict.POOR:
        yield Step(Turn.GIVE, Part.ADOPTABILITY, advice_on(weakest.criterion), _weakest(weakest.criterion))


def _weakest(criterion: Criterion) -> Text:
    name = criterion.text
    return Text(
        f"The weakest criterion of adoptability is {name.en}.",
        f"Le critère d'adoptabilité le plus faible est : {name.fr}.",
    )


def _maturity(one: Overview) -> Iterator[Step]:
    if one.maturity is None:
        return
    asked = {each.practice.id: each.practice.text for each in (*one.maturity.standings, *one.maturity.wheels)}
    for seen, text in one.maturity.contradictions:
        yield Step(Turn.FIND_OUT, Part.MATURITY, _words.look_together(asked[seen.practice]), text)
    for step in one.maturity.plan:
        turn = Turn.GROW if step.works or step.verb is Verb.TAKE_OFF else Turn.FIND_OUT
        practice = step.practice
        yield Step(
            turn, Part.MATURITY, _words.planned(step.verb, practice.text), step.reason, practice.shown_by
        )


def _knowledge(one: Overview) -> Iterator[Step]:
    for orphaned in () if one.observed is None else one.observed.orphans:
        yield Step(Turn.CARRY, Part.OWNERSHIP, _words.orphaned(orphaned), orphaned.text)
    if one.knowledge is None:
        return
    for concern in one.knowledge.concerns:
        yield Step(Turn.CARRY, Part.OWNERSHIP, concern.step, concern.text)
    for session in one.knowledge.schedule.sessions:
        yield Step(Turn.KEEP, Part.KNOWLEDGE, _words.refresh(session), _words.falls(session))
    for strand in one.knowledge.schedule.out_of_reach:
        yield Step(
            Turn.KEEP,
            Part.KNOWLEDGE,
            _words.TRAIN_BETTER,
            _words.out_of_reach(strand.topic.name, strand.group.id),
        )


def _closes(one: Overview) -> Iterator[Step]:
    for month in one.late:
        yield Step(Turn.KEEP, Part.CLOSE, _words.close_month(month), _words.NOT_CLOSED)
    if one.disturbed and not one.late:
        w = one.closes[-1].period
        yield Step(
            Turn.KEEP,
            Part.CLOSE,
            _words.look_at_close(Text(Wording("en").period(w), Wording("fr").period(w))),
            _words.DISTURBED,
        )
    if not one.closes and one.findings is not None:
        yield Step(Turn.KEEP, Part.CLOSE, _words.FIRST_CLOSE, _words.NO_CLOSE)
