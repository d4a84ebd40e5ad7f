from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator

from crmusage.errors import ContractError
from crmusage.requests import _lapses_of_doer as doer_side
from crmusage.requests import _lapses_of_trigger as trigger_side
from crmusage.requests._clock import Clock
from crmusage.requests._doers import Doer, doers_by_id
from crmusage.requests._kind import RequestKind
from crmusage.requests._lapse import Case, Lapse, not_assessable
from crmusage.requests._obligations import PACE
from crmusage.requests._request import Request
from crmusage.requests._score import Scorer, plain_score
from crmusage.requests._steps import as_of, steps, stretches

_LOOKS: tuple[Callable[[Case], Iterator[Lapse]], ...] = (
    trigger_side.unclear,
    trigger_side.wrong_doer,
    trigger_side.priority,
    doer_side.carried,
    doer_side.unreliable,
    doer_side.not_validated,
    doer_side.undecided,
    doer_side.dates,
    doer_side.undocumented,
)


def review(
    request: Request,
    *,
    kind: RequestKind | None = None,
    at: dt.datetime | None = None,
    doers: Iterable[Doer] = (),
    scorer: Scorer = plain_score,
    clock: Clock | None = None,
    recorded: Collection[str] | None = None,
) -> tuple[Lapse, ...]:
    """What trigger, transmitter and doer owed this request and did not do as they should, in that order.

    Args:
        request: made by commands or folded from the events of a source; events after `at` do not count.
        kind: its coding standard. Without it, facts, urgency and skills are not looked at.
        at: the instant to look from; None: that of the last event.
        doers: who could be asked, for the check of who was.
        scorer: says how clear a text is; the usual one looks for facts, length and set phrases.
        clock: whose working time; None: Monday to Friday, nine to five, UTC.
        recorded: the events and columns that the source records (`accepted`, `until`, `text` …); None: all. What
            takes something else is not judged: `not_assessable` tells which lapses those are.

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
    case = Case(
        seen,
        kind,
        at or seen.events[-1].at,
        steps(seen),
        stretches(seen),
        doers_by_id(doers),
        scorer,
        pace,
        clock or Clock(),
        None if recorded is None else frozenset(recorded),
    )
    blind = () if recorded is None else not_assessable(recorded)
    return tuple(lapse for look in _LOOKS for lapse in look(case) if lapse.code not in blind)
