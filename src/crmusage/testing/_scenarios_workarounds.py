"""Scenarios of workarounds: what people do to get past their tool, one pattern a scenario."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from crmusage.model import Text
from crmusage.testing._clock import DAY, SECOND, Bools
from crmusage.testing._habits import Batch, Habits
from crmusage.testing._life import Lived
from crmusage.testing._scenario import Ground, Plant, Scenario, lasting, turned
from crmusage.testing._sheet import (
    AMOUNT_CHANGED,
    CALL,
    CLOSED_LOST,
    CLOSED_WON,
    CREATED,
    QUOTE_SENT,
    STAGE_CHANGED,
    UPDATED,
    Events,
)

VOLUME = 0.03
"""Of the company's opportunities, those of the department. All figures of this file are guessed."""

_HOUR, _MINUTE = 3600 * SECOND, 60 * SECOND

Afterwards = Callable[[Lived, np.random.Generator], Events]


def _some_deals(lived: Lived, share: float, rng: np.random.Generator) -> Bools:
    """Of the deals this share, as one truth an event."""
    return np.asarray(rng.random(len(lived.cases.created)) < share)[lived.events.deal]


def _at(events: Events, which: Bools, at: np.ndarray) -> Events:
    """Some events moved to other instants, entered as late after them as before."""
    moved = np.where(which, at, events.at)
    return attrs.evolve(events, at=moved, recorded=events.recorded + moved - events.at)


def _over_and_over(lived: Lived, rng: np.random.Generator) -> Events:
    """In a third of the deals whose amount changes it is changed a dozen times more, some hours apart."""
    events = lived.events
    again = np.flatnonzero(_some_deals(lived, 1 / 3, rng) & (events.activity == AMOUNT_CHANGED))
    again = again[np.unique(events.deal[again], return_index=True)[1]]
    extra = events.take(np.repeat(again, 12))
    later = np.tile(np.arange(1, 13), len(again)) * 3 * _HOUR + rng.integers(0, 3600, len(extra.at)) * SECOND
    extra = _at(extra, np.ones(len(extra.at), dtype=bool), extra.at + later)
    return Events.joined([events, _in_time(lived, extra)])


def _in_time(lived: Lived, events: Events) -> Events:
    """Those before the deal is closed, and before the last day ends."""
    end = np.minimum(lived.cases.closed, lived.department.clock.midnight(np.array([lived.company.days]))[0])
    return events.take(events.recorded < end[events.deal])


def _entered_twice(lived: Lived, rng: np.random.Generator) -> Events:
    """A third of the calls are entered once more some minutes later."""
    return _once_more(lived, rng, 2 * _MINUTE, 20 * _MINUTE)


def _saved_twice(lived: Lived, rng: np.random.Generator) -> Events:
    """A telephone system leaves a third of the calls twice, at the very same instant."""
    return _once_more(lived, rng, 0, 1)


def _once_more(lived: Lived, rng: np.random.Generator, least: int, most: int) -> Events:
    events = lived.events
    extra = events.take((events.activity == CALL) & (rng.random(len(events.at)) < 1 / 3))
    later = rng.integers(least, most, len(extra.at)) // SECOND * SECOND
    extra = _at(extra, np.ones(len(extra.at), dtype=bool), extra.at + later)
    return Events.joined([events, _in_time(lived, extra)])


def _by_the_manager(lived: Lived, rng: np.random.Generator) -> Events:
    """The manager makes four changes of an amount in ten."""
    events = lived.events
    given = (events.activity == AMOUNT_CHANGED) & (events.actor >= 0) & (rng.random(len(events.at)) < 0.4)
    return attrs.evolve(events, actor=np.where(given, 0, events.actor))


def _by_everybody(lived: Lived, rng: np.random.Generator) -> Events:
    """In a fifth of the deals every act is somebody else's."""
    events, stayers = lived.events, lived.department.people.stayers
    given = _some_deals(lived, 0.2, rng) & (events.actor >= 0) & (events.activity != CREATED)
    anybody = stayers[rng.integers(0, len(stayers), len(events.at))]
    return attrs.evolve(events, actor=np.where(given, anybody, events.actor))


def _at_night(lived: Lived, rng: np.random.Generator) -> Events:
    """A quarter of the updates and changes of amounts are made between eleven at night and two."""
    events, clock = lived.events, lived.department.clock
    which = np.isin(events.activity, (UPDATED, AMOUNT_CHANGED)) & (rng.random(len(events.at)) < 0.5)
    midnight = clock.midnight(clock.day_of(events.at) + 1)
    night = midnight + rng.integers(-3600, 7200, len(events.at)) * SECOND
    end = np.minimum(lived.cases.closed, clock.midnight(np.array([lived.company.days - 1]))[0])
    return _at(events, which & (night < end[events.deal]), night)


def _late_shift(lived: Lived, rng: np.random.Generator) -> Events:
    """A department that works from two in the afternoon to ten at night."""
    del rng
    events, cases = lived.events, lived.cases
    last = np.minimum(cases.closed, lived.department.clock.midnight(np.array([lived.company.days]))[0])
    within = ~np.isin(events.activity, (CREATED, CLOSED_WON, CLOSED_LOST))
    later = events.at + 5 * _HOUR
    return _at(events, within & (later < last[events.deal]), later)


def _offered_at_once(lived: Lived, rng: np.random.Generator) -> Events:
    """In a quarter of the deals the offer is noted minutes after the deal was entered."""
    events, created = lived.events, lived.cases.created
    which = _some_deals(lived, 0.25, rng) & (events.activity == QUOTE_SENT)
    soon = created[events.deal] + rng.integers(2 * 60, 20 * 60, len(events.at)) * SECOND
    return _at(events, which, np.minimum(soon, events.at))


def _clicked_through(lived: Lived, rng: np.random.Generator) -> Events:
    """In a third of the deals the stages are moved one after the other in one go, when the last of them is reached."""
    events = lived.events
    which = _some_deals(lived, 1 / 3, rng) & (events.activity == STAGE_CHANGED)
    which &= events.at < lived.cases.closed[events.deal] - DAY
    last = np.zeros(len(lived.cases.created), dtype=np.int64)
    np.maximum.at(last, events.deal[which], events.at[which])
    # What is old code + 1 is one step on: they keep their order, some seconds apart.
    return _at(events, which, last[events.deal] + 70 * SECOND * events.new)


def _having(afterwards: Afterwards) -> Callable[[Habits], Habits]:
    return lambda habits: attrs.evolve(habits, afterwards=afterwards)


def _begun(afterwards: Afterwards) -> Callable[[Ground], Plant]:
    return lambda ground: turned(ground, VOLUME, _having(afterwards))


def _always(afterwards: Afterwards) -> Callable[[Ground], Plant]:
    return lambda ground: lasting(ground, VOLUME, _having(afterwards))


def _rushed(ground: Ground) -> Plant:
    """Every seventh deal is entered and closed within minutes."""
    department = ground.choose(share=VOLUME, fewest_reps=8)
    deals = ground.deals(VOLUME)
    minutes = attrs.evolve(
        department.habits,
        pace=0.006,
        spread=0.4,
        lost_delay=1.0,
        quick_share=0.0,
        stale_share=0.0,
        seasonal=False,
    )
    quick = round(deals / 7)
    return Plant(department, (Batch(deals - quick, department.habits), Batch(quick, minutes, shows=True)))


def _needs_much(ground: Ground) -> Plant:
    """A department of large customers: three times as many calls and meetings in every deal."""
    return lasting(ground, VOLUME, lambda habits: attrs.evolve(habits, touches=3 * habits.touches))


SCENARIOS_OF_WORKAROUNDS = (
    Scenario(
        "frequent-activity",
        Text(
            en="In one department the amount of many deals is changed a dozen times over.",
            fr="Dans un service, le montant de bien des affaires est changé une douzaine de fois.",
        ),
        "CU701",
        _begun(_over_and_over),
    ),
    Scenario(
        "large-customers",
        Text(
            en="Look-alike: a department whose deals all need three times as many calls and meetings.",
            fr="Faux-semblant : un service dont toutes les affaires exigent trois fois plus d'appels et de visites.",
        ),
        None,
        _needs_much,
    ),
    Scenario(
        "repeated-activity",
        Text(
            en="One department enters a third of its calls a second time, some minutes later.",
            fr="Un service saisit un tiers de ses appels une seconde fois, quelques minutes plus tard.",
        ),
        "CU702",
        _begun(_entered_twice),
    ),
    Scenario(
        "saved-twice",
        Text(
            en="Look-alike: one department's telephone system leaves calls twice, at the same instant.",
            fr="Faux-semblant : la téléphonie d'un service enregistre des appels deux fois, au même instant.",
        ),
        None,
        _always(_saved_twice),
    ),
    Scenario(
        "rare-role",
        Text(
            en="In one department the manager sets the amounts.",
            fr="Dans un service, c'est le manager qui fixe les montants.",
        ),
        "CU703",
        _begun(_by_the_manager),
    ),
    Scenario(
        "many-hands",
        Text(
            en="In one department a fifth of the deals go from hand to hand.",
            fr="Dans un service, un cinquième des affaires passe de main en main.",
        ),
        "CU704",
        _begun(_by_everybody),
    ),
    Scenario(
        "odd-hours",
        Text(
            en="One department brings many of its deals up to date around midnight.",
            fr="Un service met à jour beaucoup de ses affaires vers minuit.",
        ),
        "CU705",
        _begun(_at_night),
    ),
    Scenario(
        "late-shift",
        Text(
            en="Look-alike: a department that works in the afternoon and in the evening.",
            fr="Faux-semblant : un service qui travaille l'après-midi et le soir.",
        ),
        None,
        _always(_late_shift),
    ),
    Scenario(
        "early-step",
        Text(
            en="In one department a quarter of the offers are noted minutes after the deal was entered.",
            fr="Dans un service, un quart des offres est noté quelques minutes après la création de l'affaire.",
        ),
        "CU706",
        _begun(_offered_at_once),
    ),
    Scenario(
        "rushed-step",
        Text(
            en="In one department a third of the deals have their stages clicked through in one go.",
            fr="Dans un service, les étapes d'un tiers des affaires sont cochées d'une traite.",
        ),
        "CU707",
        _begun(_clicked_through),
    ),
    Scenario(
        "rushed-case",
        Text(
            en="In one department every seventh deal is entered and closed within minutes.",
            fr="Dans un service, une affaire sur sept est créée et close en quelques minutes.",
        ),
        "CU708",
        _rushed,
    ),
)
