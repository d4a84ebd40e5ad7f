"""What the transmitter and the doer owed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmusage.model import Wording
from crmusage.requests._event import RequestEvent
from crmusage.requests._kind import Fact
from crmusage.requests._lapse import Case, Lapse
from crmusage.requests._score import CLEAR_FROM
from crmusage.requests._state import Command, State
from crmusage.requests._steps import Stretch

_VALIDATES = frozenset({Command.DECIDE_NOW, Command.DEFER, Command.START, Command.FULFIL})
"""What takes a doer who has said to be the right one. Declining does not: it may follow on a question."""


# --- the transmitter


def carried(case: Case) -> Iterator[Lapse]:
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state is State.SUBMITTED else None
        if by is None:
            continue
        en, fr = Wording("en").instant(by), Wording("fr").instant(by)
        if stretch.next is not None and stretch.next.command is Command.DELIVER:
            yield case.lapse(
                "late",
                f"It reached the doer after {en}, by when it was due there.",
                f"Elle est parvenue au faiseur après l'échéance ({fr}).",
                [stretch.step.event, stretch.next.event],
            )
        elif stretch.next is None or not stretch.next.after.delivered:
            ended = [] if stretch.next is None else [stretch.next.event]
            yield case.lapse(
                "lost",
                f"It never reached the doer, where it was due by {en}.",
                f"Elle n'est jamais parvenue au faiseur, qui devait l'avoir avant le {fr}.",
                [stretch.step.event, *ended],
            )


def unreliable(case: Case) -> Iterator[Lapse]:
    for step in case.done(Command.DELIVER):
        sent_to, came_to = step.before.doer, step.event.doer
        if sent_to is not None and came_to is not None and sent_to != came_to:
            en, fr = (
                f"It was for {sent_to} and came to {came_to}.",
                f"Destinée à {sent_to}, arrivée chez {came_to}.",
            )
        elif step.before.state is State.DRAFT:
            en, fr = "It arrived without having been sent.", "Elle est arrivée sans avoir été envoyée."
        elif step.before.delivered:
            en, fr = (
                "It was delivered again to who already had it.",
                "Elle a été remise à nouveau à qui l'avait déjà.",
            )
        else:
            continue
        yield case.lapse("unreliable", en, fr, [step.event])


# --- the doer


def not_validated(case: Case) -> Iterator[Lapse]:
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state is State.DELIVERED else None
        if by is not None:
            yield case.lapse(
                "not-validated",
                f"By {Wording('en').instant(by)} nobody had said whether they were the right doer.",
                f"Au {Wording('fr').instant(by)}, personne n'avait dit être le bon faiseur.",
                [stretch.step.event, *_ending(stretch)],
            )
    unvalidated = [step for step in case.steps if step.command in _VALIDATES and not step.before.validated]
    if unvalidated:
        yield case.lapse(
            "not-validated",
            "It was dealt with before anybody had said to be the right doer.",
            "Elle a été traitée sans que personne n'ait dit être le bon faiseur.",
            [unvalidated[0].event],
        )


def undecided(case: Case) -> Iterator[Lapse]:
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state is State.ACCEPTED else None
        if by is not None:
            yield case.lapse(
                "undecided",
                f"By {Wording('en').instant(by)} nobody had decided to do it now, later or not at all.",
                f"Au {Wording('fr').instant(by)}, personne n'avait décidé : maintenant, plus tard ou pas du tout.",
                [stretch.step.event, *_ending(stretch)],
            )


def dates(case: Case) -> Iterator[Lapse]:
    for step in case.done(Command.DEFER, Command.WAIT):
        if step.event.until is None:
            yield case.lapse(
                "deferred-without-date",
                "It was put off without a date in the calendar: nothing was decided.",
                "Elle a été reportée sans date au calendrier : rien n'a été décidé.",
                [step.event],
            )
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state in {State.DEFERRED, State.WAITING} else None
        if by is not None:
            yield case.lapse(
                "follow-up-missed",
                f"Its date in the calendar ({Wording('en').instant(by)} at the latest) went by.",
                f"Sa date au calendrier ({Wording('fr').instant(by)} au plus tard) est passée sans suite.",
                [stretch.step.event, *_ending(stretch)],
            )


def undocumented(case: Case) -> Iterator[Lapse]:
    silent = [
        step
        for step in case.done(Command.RETURN, Command.CLOSE)
        if step.after.outcome in {"fulfilled", "declined"} and not (step.after.answer or "").strip()
    ]
    if silent:
        yield case.lapse(
            "undocumented",
            "It was answered without a word on what was done or why not.",
            "Elle a reçu sa réponse sans un mot sur ce qui a été fait, ou pourquoi rien ne l'a été.",
            [silent[0].event],
        )
    for stretch in case.stretches if not silent else ():
        by = case.overrun(stretch) if stretch.state is State.FULFILLED else None
        if by is not None:
            yield case.lapse(
                "undocumented",
                f"By {Wording('en').instant(by)} it was not written down what was done.",
                f"Au {Wording('fr').instant(by)}, ce qui a été fait n'était pas consigné.",
                [stretch.step.event, *_ending(stretch)],
            )
    # Notes on the way lead up to the last one, which is what stays.
    for step in case.done(Command.DOCUMENT)[-1:] if case.sees("text") else ():
        needed: Sequence[Fact] = case.kind.documentation if case.kind is not None else ()
        score = case.score(step.event.text, step.event.facts, needed)
        if score.value < CLEAR_FROM or score.missing:
            lost = [reason.text for reason in score.reasons if reason.points < reason.out_of]
            yield case.lapse(
                "undocumented",
                f"What was done is not written down clearly. {' '.join(text.en for text in lost)}",
                f"Ce qui a été fait n'est pas consigné clairement. {' '.join(text.fr for text in lost)}",
                [step.event],
                score,
            )


def _ending(stretch: Stretch) -> list[RequestEvent]:
    return [] if stretch.next is None else [stretch.next.event]
