from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._clock import Clock
from crmusage.requests._doers import Doer, check_routing, doers_by_id
from crmusage.requests._event import RequestEvent
from crmusage.requests._kind import Fact, RequestKind
from crmusage.requests._obligations import PACE, due
from crmusage.requests._request import Request
from crmusage.requests._score import CLEAR_FROM, Score, Scorer, plain_score
from crmusage.requests._state import OWED, Command, Duty, Side, State
from crmusage.requests._steps import Step, Stretch, as_of, steps, stretches
from crmusage.rules import Duration

_FOLLOW_UP = frozenset({Duty.FOLLOW_UP, Duty.RESUME})
_VALIDATES = frozenset({Command.DECIDE_NOW, Command.DEFER, Command.START, Command.FULFIL})
"""What takes a doer who has said to be the right one. Declining does not: it may follow on a question."""


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
class _Case:
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

    def lapse(
        self, code: str, en: str, fr: str, events: Iterable[RequestEvent], score: Score | None = None
    ) -> Lapse:
        return Lapse(_SIDE_OF[code], code, Text(en, fr), tuple(events), score)

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


def review(
    request: Request,
    *,
    kind: RequestKind | None = None,
    at: dt.datetime | None = None,
    doers: Iterable[Doer] = (),
    scorer: Scorer = plain_score,
    clock: Clock | None = None,
) -> tuple[Lapse, ...]:
    """What trigger, transmitter and doer owed this request and did not do as they should, in that order.

    Args:
        request: made by commands or folded from the events of a source; events after `at` do not count.
        kind: its coding standard. Without it, facts, urgency and skills are not looked at.
        at: the instant to look from; None: that of the last event.
        doers: who could be asked, for the check of who was.
        scorer: says how clear a text is; the usual one looks for facts, length and set phrases.
        clock: whose working time; None: Monday to Friday, nine to five, UTC.

    Raises:
        ContractError: when `at` has no zone, the request is of another kind, or a doer is there twice.
    """
    if at is not None and at.tzinfo is None:
        raise ContractError(f"at is an instant with its zone, not {at!r}")
    if kind is not None and request.kind is not None and kind.id != request.kind:
        raise ContractError(
            f"request {request.id!r} is a {request.kind!r}: it cannot be held against {kind.id!r}"
        )
    seen = as_of(request, at)
    if not seen.events:
        return ()
    pace = {**PACE, **(kind.pace_for(seen) if kind is not None else {})}
    case = _Case(
        seen,
        kind,
        at or seen.events[-1].at,
        steps(seen),
        stretches(seen),
        doers_by_id(doers),
        scorer,
        pace,
        clock or Clock(),
    )
    return tuple(lapse for look in _LOOKS for lapse in look(case))


# --- the trigger


def _unclear(case: _Case) -> Iterator[Lapse]:
    asked = case.done(Command.ASK_CLARIFICATION)
    sent = case.done(Command.SUBMIT)[:1]
    needed: Sequence[Fact] = case.kind.fact if case.kind is not None else ()
    score = case.score(sent[0].event.text, sent[0].event.facts, needed) if sent else None
    poor = score is not None and (score.value < CLEAR_FROM or bool(score.missing))
    if not (poor or asked):
        return
    en, fr = [], []
    if score is not None and poor:
        lost = [reason for reason in score.reasons if reason.points < reason.out_of]
        en += [reason.text.en for reason in lost]
        fr += [reason.text.fr for reason in lost]
    if asked:
        n = len(asked)
        en.append(f"The doer asked back {'once' if n == 1 else f'{n} times'}.")
        fr.append(f"Le faiseur a demandé des précisions {n} fois.")
    yield case.lapse(
        "unclear",
        f"The request is not clear. {' '.join(en)}",
        f"La demande n'est pas claire. {' '.join(fr)}",
        [step.event for step in (*sent, *asked)],
        score,
    )


def _wrong_doer(case: _Case) -> Iterator[Lapse]:
    away = [
        step
        for step in case.done(Command.REFUSE, Command.REROUTE)
        if step.command is Command.REFUSE or step.event.reason is not None
    ]
    sent = case.done(Command.SUBMIT)[:1]
    doer = case.doers.get(sent[0].event.doer or "") if sent else None
    if away:
        why = [step.event.skill or (step.event.reason.value if step.event.reason else None) for step in away]
        named = ", ".join(dict.fromkeys(w for w in why if w))
        en, fr = f" ({named})" if named else "", f" ({_in_french(named)})" if named else ""
        n = len(away)
        yield case.lapse(
            "wrong-doer",
            f"It went to somebody who was not the right doer, {'once' if n == 1 else f'{n} times'}{en}.",
            f"Elle est allée {n} fois à quelqu'un qui n'était pas le bon faiseur{fr}.",
            [step.event for step in away],
        )
    elif doer is not None and case.kind is not None:
        routing = check_routing(sent[0].after, case.kind, doer)
        if not routing.fits:
            yield case.lapse("wrong-doer", routing.text.en, routing.text.fr, [sent[0].event])


def _priority(case: _Case) -> Iterator[Lapse]:
    for step in case.done(Command.SUBMIT)[:1]:
        rank, kind = step.event.priority_rank, case.kind
        if rank is None:
            if kind is None or kind.priorities:
                yield case.lapse(
                    "imprecise-priority",
                    "It does not say how urgent it is.",
                    "Elle ne dit pas quelle est sa priorité.",
                    [step.event],
                )
        elif kind is not None and rank not in kind.priorities:
            ranks = ", ".join(map(str, kind.priorities))
            yield case.lapse(
                "imprecise-priority",
                f"Priority {rank} does not exist for this kind of request ({ranks}).",
                f"La priorité {rank} n'existe pas pour ce type de demande ({ranks}).",
                [step.event],
            )
        elif kind is not None and kind.emergency is not None and rank in kind.urgent:
            yield from _claim(case, step)


def _claim(case: _Case, step: Step) -> Iterator[Lapse]:
    assert case.kind is not None and case.kind.emergency is not None  # noqa: PT018, S101 - looked at by the caller
    emergency = case.kind.emergency
    real = emergency.holds_for(step.after)
    if real is None:
        facts = ", ".join(emergency.facts)
        yield case.lapse(
            "imprecise-priority",
            f"It is said to be urgent, without what an emergency is judged by ({facts}).",
            f"Elle est dite urgente, sans ce qui permet d'en juger ({facts}).",
            [step.event],
        )
    elif not real:
        yield case.lapse(
            "inflated-priority",
            f"It is said to be urgent and is no emergency: {emergency.text.en}",
            f"Elle est dite urgente sans être une urgence : {emergency.text.fr}",
            [step.event],
        )


# --- the transmitter


def _carried(case: _Case) -> Iterator[Lapse]:
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


def _unreliable(case: _Case) -> Iterator[Lapse]:
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


def _not_validated(case: _Case) -> Iterator[Lapse]:
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


def _undecided(case: _Case) -> Iterator[Lapse]:
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state is State.ACCEPTED else None
        if by is not None:
            yield case.lapse(
                "undecided",
                f"By {Wording('en').instant(by)} nothing was decided: neither now, nor later, nor not at all.",
                f"Au {Wording('fr').instant(by)}, rien n'était décidé : ni maintenant, ni plus tard, ni jamais.",
                [stretch.step.event, *_ending(stretch)],
            )


def _dates(case: _Case) -> Iterator[Lapse]:
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


def _undocumented(case: _Case) -> Iterator[Lapse]:
    for stretch in case.stretches:
        by = case.overrun(stretch) if stretch.state is State.FULFILLED else None
        if by is not None:
            yield case.lapse(
                "undocumented",
                f"By {Wording('en').instant(by)} it was not written down what was done.",
                f"Au {Wording('fr').instant(by)}, ce qui a été fait n'était pas consigné.",
                [stretch.step.event, *_ending(stretch)],
            )
    for step in case.done(Command.RETURN, Command.CLOSE):
        settled = step.after.outcome in {"fulfilled", "declined"}
        if settled and not (step.after.answer or "").strip():
            yield case.lapse(
                "undocumented",
                "It was answered without a word on what was done or why not.",
                "Elle a reçu sa réponse sans un mot sur ce qui a été fait, ou pourquoi rien ne l'a été.",
                [step.event],
            )
            break
    for step in case.done(Command.DOCUMENT):
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


def _in_french(named: str) -> str:
    return (
        named.replace("role", "rôle")
        .replace("responsibility", "responsabilité")
        .replace("skill", "compétence")
    )


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

_LOOKS: tuple[Callable[[_Case], Iterator[Lapse]], ...] = (
    _unclear,
    _wrong_doer,
    _priority,
    _carried,
    _unreliable,
    _not_validated,
    _undecided,
    _dates,
    _undocumented,
)
