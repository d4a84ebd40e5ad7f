"""What the trigger owed: a clear request, to the right doer, of a priority that means something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmusage.requests._doers import check_routing
from crmusage.requests._kind import Fact
from crmusage.requests._lapse import Case, Lapse
from crmusage.requests._score import CLEAR_FROM
from crmusage.requests._state import Command
from crmusage.requests._steps import Step


def unclear(case: Case) -> Iterator[Lapse]:
    asked = case.done(Command.ASK_CLARIFICATION)
    sent = case.done(Command.SUBMIT)[:1]
    needed: Sequence[Fact] = case.kind.fact if case.kind is not None else ()
    told = bool(sent) and case.sees("text")
    score = case.score(sent[0].event.text, sent[0].event.facts, needed) if told else None
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
        fr.append(f"Le faiseur a demandé des précisions {'une' if n == 1 else n} fois.")
    yield case.lapse(
        "unclear",
        f"The request is not clear. {' '.join(en)}",
        f"La demande n'est pas claire. {' '.join(fr)}",
        [step.event for step in (*sent, *asked)],
        score,
    )


def wrong_doer(case: Case) -> Iterator[Lapse]:
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
            f"Elle est allée {'une' if n == 1 else n} fois à quelqu'un qui n'était pas le bon faiseur{fr}.",
            [step.event for step in away],
        )
    elif doer is not None and case.kind is not None:
        routing = check_routing(sent[0].after, case.kind, doer)
        if not routing.fits:
            yield case.lapse("wrong-doer", routing.text.en, routing.text.fr, [sent[0].event])


def priority(case: Case) -> Iterator[Lapse]:
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


def _claim(case: Case, step: Step) -> Iterator[Lapse]:
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


def _in_french(named: str) -> str:
    return (
        named.replace("role", "rôle")
        .replace("responsibility", "responsabilité")
        .replace("skill", "compétence")
    )
