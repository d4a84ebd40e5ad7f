"""Scenarios of logging: when things are written down, and by whom."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from crmusage.model import Text
from crmusage.testing._clock import DAY, SECOND, Bools, Ints
from crmusage.testing._habits import Habits
from crmusage.testing._life import Lived
from crmusage.testing._scenario import Ground, Plant, Scenario, lasting, turned
from crmusage.testing._sheet import (
    AMOUNT_CHANGED,
    CALL,
    CLOSE_DATE_CHANGED,
    EMAIL,
    MEETING,
    STAGE_CHANGED,
    UPDATED,
    Events,
)

VOLUME = 0.03
"""Of the company's opportunities, those of the department. All figures of this file are guessed."""
TOUCHES = (CALL, EMAIL, MEETING)
UPKEEP = (UPDATED, STAGE_CHANGED, AMOUNT_CHANGED, CLOSE_DATE_CHANGED)

_HOUR, _WEEK, _FORTNIGHT = 3600 * SECOND, 7 * DAY, 14 * DAY
_NOON, _THURSDAY = 12, 3
_IN_FOUR_HOURS = _WEEK // (4 * _HOUR)


def _of(events: Events, *activities: int) -> Bools:
    return np.isin(events.activity, activities)


def _monday(instant: Ints) -> Ints:
    """The midnight (UTC) of the Monday of each instant's week."""
    day = instant // DAY
    return (day - (day + _THURSDAY) % 7) * DAY


def _next_meeting(instant: Ints) -> Ints:
    """The Monday noon (UTC) after each instant, when the sales meeting is."""
    noon = _monday(instant) + _NOON * _HOUR
    return np.where(instant < noon, noon, noon + _WEEK)


def _in_order(instant: Ints) -> Ints:
    """An instant of the four hours before the next meeting: what came first in the week stays first."""
    meeting = _next_meeting(instant)
    return meeting - ((meeting - instant) // _IN_FOUR_HOURS // SECOND + 1) * SECOND


def _moved(lived: Lived, which: Bools, to: Ints) -> Bools:
    """Those that can wait until then: the deal is not closed by that time, and the last day has not come."""
    events, cases = lived.events, lived.cases
    end = np.minimum(cases.closed, lived.department.clock.midnight(np.array([lived.company.days]))[0])
    later: Bools = (to < end[events.deal]) & (to > events.at)
    return which & later


def _weeks(lived: Lived, share: float, rng: np.random.Generator) -> Bools:
    """Of each deal's weeks this share, as one truth an event: who waits for Monday waits with all of it."""
    events = lived.events
    key = events.deal * 10_000 + _next_meeting(events.at) // _WEEK
    weeks, place = np.unique(key, return_inverse=True)
    return np.asarray(rng.random(len(weeks)) < share)[place]


def _for_the_meeting(share: float) -> Callable[[Lived, np.random.Generator], Events]:
    """What happened in a week is entered on Monday morning, in this share of the weeks."""

    def afterwards(lived: Lived, rng: np.random.Generator) -> Events:
        events = lived.events
        waits, eve = _weeks(lived, share, rng), _in_order(events.at)
        changes = _moved(lived, waits & _of(events, *UPKEEP), eve)
        at = np.where(changes, eve, events.at)
        entered = _moved(lived, waits & _of(events, *TOUCHES), eve)
        recorded = np.where(entered, eve, np.maximum(events.recorded, at))
        return attrs.evolve(events, at=at, recorded=np.where(changes, at, recorded))

    return afterwards


def _calls_on_mondays(lived: Lived, rng: np.random.Generator) -> Events:
    """Customers are called on Monday mornings, and that is entered at once."""
    events = lived.events
    eve = _in_order(events.at)
    called = _moved(lived, _weeks(lived, 0.85, rng) & _of(events, *TOUCHES), eve)
    at = np.where(called, eve, events.at)
    late = np.minimum(events.recorded - events.at, _HOUR)
    return attrs.evolve(events, at=at, recorded=np.where(called, at + late, events.recorded))


def _in_batches(lived: Lived, rng: np.random.Generator) -> Events:
    """Every second Wednesday evening the calls of a fortnight are entered, one every two minutes."""
    events = lived.events
    # 1970 began on a Thursday: six days on, it was a Wednesday.
    turned_at = (events.at - 6 * DAY) // _FORTNIGHT
    sitting = (turned_at + 1) * _FORTNIGHT + 6 * DAY + 16 * _HOUR
    waits = _of(events, *TOUCHES) & (rng.random(len(events.at)) < 0.7)
    order = np.lexsort((events.at, sitting, events.actor))
    key = events.actor[order] * 100_000 + turned_at[order]
    first = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1]) if len(key) else np.zeros(0, dtype=int)
    turn = np.zeros(len(key), dtype=np.int64)
    turn[order] = np.arange(len(key)) - np.repeat(first, np.diff(np.append(first, len(key))))
    end = lived.department.clock.midnight(np.array([lived.company.days]))[0]
    recorded = sitting + turn * 120 * SECOND
    late = waits & (recorded < end)
    return attrs.evolve(events, recorded=np.where(late, recorded, events.recorded))


def _calls_imported(lived: Lived, rng: np.random.Generator) -> Events:
    """The calls of eight months come out of a telephone system at one go, in the name of one person."""
    events, clock = lived.events, lived.department.clock
    half = lived.company.days // 2
    day = int(rng.integers(half, max(lived.company.days - 20, half + 1)))
    begins = clock.instant(clock.begins(np.array([day])) + 0.3)[0]
    old = _of(events, *TOUCHES) & (events.at < begins) & (events.at > begins - 240 * DAY)
    spread = np.sort(rng.integers(0, 600, len(events.at))) * SECOND
    someone = lived.department.people.stayers[0]
    return attrs.evolve(
        events,
        recorded=np.where(old, begins + spread, events.recorded),
        actor=np.where(old, someone, events.actor),
    )


def _by_one(lived: Lived, rng: np.random.Generator) -> Events:
    """Most of what is to be kept up in the records is entered by one colleague."""
    events = lived.events
    given = _of(events, *UPKEEP) & (events.actor >= 0) & (rng.random(len(events.at)) < 0.6)
    return attrs.evolve(events, actor=np.where(given, lived.department.people.stayers[0], events.actor))


def _by_anybody(lived: Lived, rng: np.random.Generator) -> Events:
    """Whoever picks up the telephone brings the record up to date: the team has its customers together."""
    events, stayers = lived.events, lived.department.people.stayers
    given = _of(events, *UPKEEP) & (events.actor >= 0) & (rng.random(len(events.at)) < 0.7)
    anybody = stayers[rng.integers(0, len(stayers), len(events.at))]
    return attrs.evolve(events, actor=np.where(given, anybody, events.actor))


def _having(afterwards: Callable[[Lived, np.random.Generator], Events]) -> Callable[[Habits], Habits]:
    return lambda habits: attrs.evolve(habits, afterwards=afterwards)


def _eves(ground: Ground) -> Plant:
    return turned(ground, VOLUME, _having(_for_the_meeting(0.75)))


def _monday_calls(ground: Ground) -> Plant:
    return lasting(ground, VOLUME, _having(_calls_on_mondays))


def _batches(ground: Ground) -> Plant:
    return turned(ground, VOLUME, _having(_in_batches))


def _imported_calls(ground: Ground) -> Plant:
    return lasting(ground, VOLUME, _having(_calls_imported))


def _proxies(ground: Ground) -> Plant:
    return turned(ground, VOLUME, _having(_by_one))


def _pooled(ground: Ground) -> Plant:
    return lasting(ground, VOLUME, _having(_by_anybody))


SCENARIOS_OF_LOGGING = (
    Scenario(
        "meeting-eve-logging",
        Text(
            en="One department enters the week's work on the morning of the Monday meeting.",
            fr="Un service saisit le travail de la semaine le matin de la réunion du lundi.",
        ),
        "CU201",
        _eves,
    ),
    Scenario(
        "monday-calls",
        Text(
            en="Look-alike: a department that calls its customers on Monday mornings, and enters that at once.",
            fr="Faux-semblant : un service qui appelle ses clients le lundi matin et le saisit aussitôt.",
        ),
        None,
        _monday_calls,
    ),
    Scenario(
        "batch-logging",
        Text(
            en="One department enters its calls and meetings once a fortnight, in one sitting.",
            fr="Un service saisit ses appels et ses rendez-vous une fois par quinzaine, d'une traite.",
        ),
        "CU202",
        _batches,
    ),
    Scenario(
        "imported-calls",
        Text(
            en="Look-alike: the calls of eight months come out of one department's telephone system at one go.",
            fr="Faux-semblant : huit mois d'appels repris d'un coup de la téléphonie d'un service.",
        ),
        None,
        _imported_calls,
    ),
    Scenario(
        "proxy-entry",
        Text(
            en="In one department a colleague keeps the others' records for them.",
            fr="Dans un service, un collègue tient les fiches des autres à leur place.",
        ),
        "CU203",
        _proxies,
    ),
    Scenario(
        "shared-customers",
        Text(
            en="Look-alike: a department that has its customers together; everybody keeps everybody's records.",
            fr="Faux-semblant : un service qui suit ses clients en commun ; chacun met à jour les fiches de tous.",
        ),
        None,
        _pooled,
    ),
)
