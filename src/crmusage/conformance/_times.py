"""What rules that look at clocks and calendars need of a history, and what is taken for granted where it is silent."""

from __future__ import annotations

from collections.abc import Iterator

from crmusage.errors import RuleError
from crmusage.history import BEFORE_LEAVE, History
from crmusage.model import Text
from crmusage.rules import Duration, UsageRule, cadence_zone, zone_of


def unknown_times(history: History, rule: UsageRule) -> Iterator[Text]:
    """Why the clocks and calendars that a rule asks for are not known."""
    if BEFORE_LEAVE in _attributes(rule) and not len(history.who.leaves.starts):
        yield Text(
            en=f"{BEFORE_LEAVE} is counted from absences, and this history has none",
            fr=f"{BEFORE_LEAVE} se calcule à partir des absences, et cet historique n'en contient aucune",
        )
    by_people = {"person", "unit"}
    wanted = rule.zone in by_people and any(_has_clock(duration) for duration in _windows(rule))
    if rule.cadence is not None:
        wanted = wanted or (rule.cadence.zone or rule.zone) in by_people
    zones = history.who.traits("time_zone").labels
    if wanted and not zones:
        yield Text(
            en="the rule is by the clocks of people, and people.time_zone is empty: fill it, or name one zone"
            ' in the rule (zone = "Europe/Paris")',
            fr="la règle suit l'heure locale des personnes, et people.time_zone est vide : remplissez cette"
            ' colonne, ou nommez un fuseau dans la règle (zone = "Europe/Paris")',
        )
    if wanted or _is_by_owner(rule):
        wrong = ", ".join(repr(zone) for zone in zones if not _is_zone(zone))
        if wrong:
            yield Text(
                en=f"people.time_zone holds what is no time zone: {wrong} (they are named like Europe/Paris)",
                fr=f"people.time_zone contient ce qui n'est pas un fuseau horaire : {wrong} (un fuseau se"
                " nomme comme Europe/Paris)",
            )


def assumed(history: History, rule: UsageRule) -> tuple[Text, ...]:
    """What is taken for granted when a rule is judged, as the history does not say; the reader should know."""
    return tuple(dict.fromkeys(_assumed(history, rule)))


def _assumed(history: History, rule: UsageRule) -> Iterator[Text]:
    windows = _windows(rule)
    works = any(duration.is_working for duration in windows)
    since = rule.cadence.since if rule.cadence is not None else None
    leave = BEFORE_LEAVE in _attributes(rule)
    if works or leave or (since is not None and since.is_working):
        yield from _working_time(history)
    if works and rule.zone is None:
        yield Text(
            en=f"The rule {rule.id} names no time zone: its working time is read in UTC.",
            fr=f"La règle {rule.id} ne nomme aucun fuseau horaire : son temps de travail est lu en UTC.",
        )
    clocks = rule.zone == "person" and any(_has_clock(duration) for duration in windows)
    if (leave or clocks or _is_by_owner(rule)) and not _all_zones_known(history):
        yield Text(
            en="Where the time zone of a person is not known, it is taken to be UTC.",
            fr="Lorsque le fuseau horaire d'une personne est inconnu, l'heure UTC est retenue.",
        )


def _working_time(history: History) -> Iterator[Text]:
    calendar = history.work_calendar
    if not calendar.holidays and not calendar.working_hours:
        yield Text(
            en="The calendar table has no holiday and no working hours: working time is counted from Monday to"
            " Friday, nine to five.",
            fr="La table calendar ne contient ni jour férié ni horaires de travail : le temps de travail est"
            " compté du lundi au vendredi, de 9 h à 17 h.",
        )
    if calendar.working_hours and max(span.end for span in calendar.working_hours) < history.index.as_of:
        yield Text(
            en="The calendar's working hours end before the history does: nothing is worked after that, and"
            " what is due later stays open.",
            fr="Les horaires de travail du calendrier s'arrêtent avant la fin de l'historique : rien n'est"
            " travaillé au-delà, et ce qui est dû plus tard reste en suspens.",
        )


def _windows(rule: UsageRule) -> list[Duration]:
    named = [duration for constraint in rule.expect for duration in (constraint.after, constraint.within)]
    return [duration for duration in named if duration is not None]


def _has_clock(duration: Duration) -> bool:
    return duration.is_working or duration.whole_days > 0


def _attributes(rule: UsageRule) -> set[str]:
    return {name for constraint in rule.expect for name in constraint.attributes}


def _is_by_owner(rule: UsageRule) -> bool:
    return rule.cadence is not None and cadence_zone(rule) == "person"


def _all_zones_known(history: History) -> bool:
    zones = history.people["time_zone"]
    return len(zones) > 0 and zones.null_count() == 0


def _is_zone(name: str) -> bool:
    try:
        zone_of(name)
    except RuleError:
        return False
    return True
