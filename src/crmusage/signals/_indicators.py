"""What a history shows of the five criteria of adoptability, to be held beside what people answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from crmusage.adoptability import BY_PRODUCT as MOSTLY_CAUGHT
from crmusage.adoptability import Better, Criterion, Indicator
from crmusage.history import History
from crmusage.model import Measure, Text, Undefined, Wording
from crmusage.signals._controls import worked
from crmusage.signals._outcomes import users_against_others
from crmusage.signals._shares import share_of_persons
from crmusage.signals._use import WEEK, Acts, Bool, codes, instants, use

MOBILE_FROM = 0.2
"""A fifth of the sessions on something that fits a pocket: people on the road can get at it. Guessed."""
UPTIME_FROM = 0.99
"""Down for less than half an hour of a working week. Guessed."""
FAST = 3.0
"""Seconds within which a page is there before attention wanders; guessed, between the 1 s that keeps a train of
thought and the 10 s that lose it (Nielsen 1993)."""
FAST_FROM = 0.9
"""Nine in ten sessions. Guessed."""
LEADING_FROM = 0.75
"""Managers who use it in three weeks of four. Guessed."""
QUARTER, YEAR = 13, 52
"""Weeks looked at."""

_MOBILE = ("mobile", "phone", "android", "ios", "ipad", "tablet")
_CAUGHT = ("api", "automation")
_TYPED = "ui"


def indicators(
    history: History, done: Acts, caught: Measure | Undefined, managers: Measure | Undefined, least: int
) -> tuple[Indicator, ...]:
    """Each figure with the criterion that it speaks for; what the source cannot show is undefined, with the reason.

    Args:
        history: what happened.
        done: who was at work in the tool when.
        caught: of `by_product`.
        managers: of `leading`.
        least: fewer persons than this are not told of.
    """
    return (
        _indicator(
            Criterion.COMPATIBILITY,
            caught,
            MOSTLY_CAUGHT,
            Text(
                "entries caught as work is done, not typed in",
                "données captées au fil du travail, non saisies",
            ),
        ),
        _indicator(
            Criterion.ACCESSIBILITY,
            _mobile(history, done, least),
            MOBILE_FROM,
            Text("sessions on a telephone or a tablet", "sessions sur téléphone ou tablette"),
        ),
        _indicator(
            Criterion.AVAILABILITY,
            _uptime(history),
            UPTIME_FROM,
            Text("working time without an outage", "temps de travail sans panne"),
        ),
        _indicator(
            Criterion.AVAILABILITY,
            _fast(history, done, least),
            FAST_FROM,
            Text(
                f"sessions answered within {FAST:g} seconds",
                f"sessions où la réponse vient en {FAST:g} secondes",
            ),
        ),
        _indicator(
            Criterion.REASSURANCE,
            managers,
            LEADING_FROM,
            Text(
                "weeks in which managers use it themselves", "semaines où les managers s'en servent eux-mêmes"
            ),
        ),
        _indicator(
            Criterion.ADVANTAGE,
            users_against_others(history, use(history, done, YEAR), least),
            0.0,
            Text(
                "share won by those who use it most weeks, less that of the others of their units",
                "taux de succès de ceux qui s'en servent presque chaque semaine, moins celui des autres de leur unité",
            ),
        ),
    )


def by_product(history: History) -> Measure | Undefined:
    """Of entries whose origin is known, those that were caught by an interface or an automation; no imports.

    Entries of one case come together: the interval takes each case for one lot.
    """
    origin = history.events["origin"]
    caught: Bool = origin.is_in(_CAUGHT).fill_null(False).to_numpy()
    either: Bool = caught | (origin == _TYPED).fill_null(False).to_numpy()
    since = history.index.as_of - YEAR * WEEK
    either = either & (history.index.at >= since)
    if not either.any():
        return Undefined(
            "by_product",
            Text(
                "no entry says whether it was typed in (events.origin)",
                "rien n'indique si les données ont été saisies à la main (events.origin)",
            ),
        )
    n_cases = history.index.n_cases
    n = np.bincount(history.index.case[either & caught], minlength=n_cases)
    d = np.bincount(history.index.case[either], minlength=n_cases)
    return share_of_persons("by_product", n, d, 2)


def leading(history: History, done: Acts, least: int) -> Measure | Undefined:
    """Weeks of the last quarter in which managers used the tool, of those in which they were here.

    From sessions alone: whoever runs a meeting from the tool reads, and leaves no entry.
    """
    name = "managers_use"
    if not done.sessions:
        return Undefined(
            name,
            Text(
                "no sessions: who reads without entering leaves no trace (sessions)",
                "aucune session enregistrée : consulter sans saisir ne laisse pas de trace (sessions)",
            ),
        )
    bosses = set(history.people["manager"].drop_nulls().to_list())
    if not bosses:
        return Undefined(
            name,
            Text(
                "nobody is named as a manager (people.manager)",
                "personne n'est désigné comme manager (people.manager)",
            ),
        )
    weeks = use(history, done, QUARTER)
    manages: Bool = np.array([person in bosses for person in weeks.persons], dtype=bool)
    return share_of_persons(name, weeks.weeks_used[manages], weeks.weeks_here[manages], least)


def _mobile(history: History, done: Acts, least: int) -> Measure | Undefined:
    name = "mobile"
    clients = history.sessions["client"].to_list()
    if not any(clients):
        return Undefined(
            name,
            Text(
                "no session says what it was on (sessions.client)",
                "aucune session n'indique l'appareil utilisé (sessions.client)",
            ),
        )
    on_mobile = [any(word in (client or "").casefold() for word in _MOBILE) for client in clients]
    return _of_sessions(history, done, name, on_mobile, [client is not None for client in clients], least)


def _fast(history: History, done: Acts, least: int) -> Measure | Undefined:
    name = "fast"
    if "latency" not in history.sessions.columns:
        return Undefined(
            name,
            Text(
                "no session says how long it kept people waiting (sessions.latency, in seconds)",
                "aucune session n'indique le temps d'attente (sessions.latency, en secondes)",
            ),
        )
    seconds: list[float | None] = []
    for one in history.sessions["latency"].to_list():
        try:
            seconds.append(None if one is None else float(one))
        except ValueError:
            return Undefined(
                name,
                Text(
                    f"sessions.latency is not in seconds: '{one}'",
                    f"sessions.latency n'est pas en secondes : « {one} »",
                ),
            )
    fast = [one is not None and one <= FAST for one in seconds]
    return _of_sessions(history, done, name, fast, [one is not None for one in seconds], least)


def _of_sessions(
    history: History, done: Acts, name: str, good: list[bool], known: list[bool], least: int
) -> Measure | Undefined:
    person = codes(history.sessions["person_id"], done.persons)
    recent = (instants(history.sessions["at"]) >= history.index.as_of - QUARTER * WEEK) & (person >= 0)
    counted = recent & np.array(known, dtype=bool)
    n = np.bincount(person[counted & np.array(good, dtype=bool)], minlength=len(done.persons))
    d = np.bincount(person[counted], minlength=len(done.persons))
    return share_of_persons(name, n, d, least)


def _uptime(history: History) -> Measure | Undefined:
    name = "uptime"
    outages = history.calendar.filter(history.calendar["kind"] == "outage").drop_nulls(
        ["starts_at", "ends_at"]
    )
    if not outages.height:
        return Undefined(
            name,
            Text(
                "the calendar has no outages (rows of kind outage)",
                "le calendrier ne mentionne aucune panne (lignes de type outage)",
            ),
        )
    until = history.index.as_of
    since = max(until - YEAR * WEEK, until if history.began is None else history.began)
    down, whole = worked(history, since, until, instants(outages["starts_at"]), instants(outages["ends_at"]))
    if not whole:
        return Undefined(name, Text("there was no working time", "il n'y a pas eu de temps de travail"))
    return Measure(name, 1 - down / whole, whole - down, whole)


def _indicator(criterion: Criterion, measure: Measure | Undefined, level: float, what: Text) -> Indicator:
    return Indicator(criterion, measure, Better.HIGH, level, told(what, measure))


def told(what: Text, measure: Measure | Undefined) -> Text:
    """`entries caught as work is done: 12%`, or what it would be where there is no figure."""
    if isinstance(measure, Undefined):
        return what
    value: Callable[[str], Any] = lambda lang: Wording(lang).value(measure.value, measure.unit)  # noqa: E731
    return Text(f"{what.en}: {value('en')}", f"{what.fr} : {value('fr')}")
