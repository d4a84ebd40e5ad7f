"""With whom a request lay, and for how long: whether somebody was there who could do it."""

from __future__ import annotations

import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors.requests._hands import HELD, WORK
from crmusage.history import NEVER, History, Work

LONGEST = 3
"""Working days for which a request may lie before somebody who can do it has it. Guessed."""

_BY_CHOICE = ("waiting", "deferred", "clarification_asked")
_ACTS = (*(step for step in HELD if step != "delivered"), *WORK, "refused", "returned", "closed")
_DAY = 86_400_000_000


def received(part: History) -> Int64:
    """When each case came to its doer: delivered, else submitted, else created."""
    index = part.index
    found = index.created.copy()
    for activity in ("submitted", "delivered"):
        at = guard.positions(part, activity).astype(np.int64)[::-1]
        found[index.case[at]] = index.at[at]
    return found


def misfits(part: History) -> tuple[Int64, list[str | None]]:
    """The positions at which somebody said by hand that a request is not his, and the skill that he lacks, if so."""
    at = guard.positions(part, "refused", "rerouted").astype(np.int64)
    at = at[guard.of_events(part, at) == guard.KEPT]
    refused = (part.events["activity"].gather(at) == "refused").to_numpy().astype(bool)
    none: list[str | None] = [None] * len(at)
    reason, skill = (
        part.events[name].gather(at).cast(str).to_list() if name in part.events.columns else none
        for name in ("reason", "skill")
    )
    said = np.array([one in ("role", "responsibility", "skill") for one in reason], dtype=bool)
    use = np.flatnonzero(refused | said)
    lacking = [(skill[k] or "?") if reason[k] == "skill" else None for k in use.tolist()]
    return at[use], lacking


def unkept(part: History, begun: Int64) -> tuple[Bool, Bool, Bool]:
    """Which cases lay too long with nobody, which with somebody who had left; and which can be judged at all.

    From its arrival on, a case is with its owner, and from each step that somebody takes by hand with that person,
    until the next step or hand-over.
    """
    index = part.index
    n = index.n_cases
    every = np.arange(n)
    acts = guard.positions(part, *_ACTS).astype(np.int64)
    acts = acts[guard.of_events(part, acts) == guard.KEPT]
    hands = guard.positions(part, "owner_changed", "rerouted").astype(np.int64)
    at = np.concatenate([acts, hands])
    at = at[index.at[at] >= begun[index.case[at]]]
    acted = np.isin(at, acts)
    over = np.minimum(index.closed, index.as_of)
    case = np.concatenate([every, index.case[at], every])
    when = np.concatenate([begun, index.at[at], np.maximum(over, begun)])
    sort = np.concatenate([np.zeros(n), np.ones(len(at)), np.full(n, 2)])
    place = np.concatenate([np.full(n, -1), at, np.full(n, -1)])
    by_hand = np.concatenate([np.zeros(n, dtype=bool), acted, np.zeros(n, dtype=bool)])
    order = np.lexsort((place, sort, when, case))
    case, when, sort, place, by_hand = (one[order] for one in (case, when, sort, place, by_hand))
    begins = np.flatnonzero(sort[:-1] < 2) if n else np.zeros(0, dtype=np.int64)
    whose, since, until = case[begins].astype(np.int64), when[begins], when[begins + 1]
    by_hand, place = by_hand[begins], place[begins]
    keeper = np.where(by_hand, part.who.actor[place], _owner(part, whose, since))
    chosen = np.isin(place, guard.positions(part, *_BY_CHOICE)) & (place >= 0)
    nobody, left = (np.zeros(n, dtype=bool) for _ in range(2))
    ends = _ends(part)[keeper]
    late = _too_late(part, since) < until
    nobody[whose[late & (keeper < 0) & ~by_hand & ~chosen]] = True
    gone = np.maximum(since, ends)
    left[whose[(ends != NEVER) & (gone < until) & (_too_late(part, gone) < until)]] = True
    # One that has not been there for long, and is still open, may yet be left lying.
    known: Bool = (index.closed != NEVER) | (_too_late(part, begun) < index.as_of)
    return nobody, left, known


def _owner(part: History, case: Int64, instant: Int64) -> Int64:
    """The person who owns each case at an instant (a place in `who.persons`); -1: nobody, a queue or a team."""
    kind = part.cases["owner_kind"]
    shared = kind.is_in(["queue", "team"]).fill_null(False).to_numpy().astype(bool)
    owner = part.who.ownership.at(case, instant).astype(np.int64)
    # The kind is told of the last owner only.
    last = owner == part.who.owner[case]
    return np.where(shared[case] & last, -1, owner)


def _ends(part: History) -> Int64:
    """The instant at which each person has left, one more for nobody; NEVER: is there."""
    known = part.people.select("person_id", "ends_on").drop_nulls()
    table = dict(zip(known["person_id"].to_list(), known["ends_on"].to_physical().to_list(), strict=True))
    days = [table.get(person) for person in part.who.persons]
    return np.array([NEVER if day is None else (day + 1) * _DAY for day in days] + [NEVER], dtype=np.int64)


def _too_late(part: History, since: Int64) -> Int64:
    """The end of the last working day for which a request may lie from an instant on; NEVER: there is no such day."""
    found = np.full(len(since), NEVER, dtype=np.int64)
    real = np.flatnonzero(since != NEVER)
    if len(real):
        work = Work(part.work_calendar, None, None, since[real])
        day, there = work.day_away(since[real], LONGEST)
        found[real] = np.where(there, work.clock.start_of(day + 1), NEVER)
    return found
