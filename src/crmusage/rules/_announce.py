"""Who is to be told of which rule now: who has not read it, not as it stands, or too long ago."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from crmusage.model import Acknowledgement, Person
from crmusage.rules._announce_words import reason, request
from crmusage.rules._audience import TOLD, Readings, audience, checked, day
from crmusage.rules._book import Rulebook
from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._change import Change, Move
from crmusage.rules._notice import Notice, Why
from crmusage.rules._rule import RENEWALS, Status, UsageRule
from crmusage.rules._window import NEVER, point
from crmusage.rules._zone import DAY

_EPOCH = dt.date(1970, 1, 1)


@attrs.frozen
class Owed:
    """That a person is to be told of a rule: why, and since when (None: not known)."""

    person: Person
    why: Why
    since: dt.date | None
    read: tuple[int, dt.date] | None = None
    """The latest version that was read, and when."""


def announcements(
    book: Rulebook,
    people: Iterable[Person],
    acknowledgements: Iterable[Acknowledgement],
    on: dt.date,
    *,
    calendar: WorkCalendar | None = None,
) -> tuple[Notice, ...]:
    """What is to be told to whom on a day, for the host to send: one notice a rule and person.

    Rules in force, and usages that are forbidden, are told to their audience (`communication.audience`, else whom
    they apply to): to newcomers, to who has read no version or an older one, and again to who has read it longer
    ago than `renew_every`. Of a rule that was retired, who knew it is told. Who has not begun or has left is told
    nothing, and integrations never are. Everybody has as long to read as `newcomers_within` gives newcomers.

    Args:
        book: the rules.
        people: each once.
        acknowledgements: who has read which version when. Later ones than `on`, and those of versions that the
            book's rule has not come to, tell nothing.
        on: the day.
        calendar: the working time, where `newcomers_within` is counted in it.

    Returns:
        The notices by person and rule. They are for the person alone; `coverage` is what others may see.

    Raises:
        ContractError: when a person is there more than once.
    """
    on = day(on)
    everybody = checked(people)
    readings = Readings.until(acknowledgements, on)
    told: list[Notice] = []
    for rule in book:
        # Most people are told the same for the same reason: in a large company, words are what takes time.
        alike: dict[object, Notice] = {}
        for one in owed(rule, audience(rule, everybody, on), readings, on):
            case = (one.why, one.since, one.read, one.person.region)
            if case not in alike:
                alike[case] = _notice(rule, one, on, calendar)
            told.append(attrs.evolve(alike[case], to=one.person.id))
    return tuple(sorted(told, key=lambda notice: (notice.to, notice.rule)))


def owed(rule: UsageRule, people: Iterable[Person], readings: Readings, on: dt.date) -> list[Owed]:
    """Who of the people that should know a rule is to be told of it."""
    if rule.status is not Status.RETIRED and rule.status not in TOLD:
        return []
    found = []
    for person in people:
        read = {
            version: when
            for version, when in readings.of.get((rule.id, person.id), {}).items()
            if version <= rule.version
        }
        one = _why(rule, person, read, readings, on)
        if one is not None:
            found.append(one)
    return found


def _why(
    rule: UsageRule, person: Person, read: dict[int, dt.date], readings: Readings, on: dt.date
) -> Owed | None:
    latest = max(read, default=None)
    if rule.status is Status.RETIRED:
        if latest is None or latest == rule.version:
            return None
        return Owed(person, Why.RETIRED, _day_of(_latest(rule)), (latest, read[latest]))
    if latest is None:
        since = told_since(rule, readings)
        if person.starts_on is not None and since is not None and person.starts_on > since:
            return Owed(person, Why.NEWCOMER, person.starts_on)
        return Owed(person, Why.NEW, since)
    if latest < rule.version:
        following = next((change for change in rule.history if change.version > latest), None)
        return Owed(person, Why.AMENDED, _day_of(following), (latest, read[latest]))
    again = renewal(rule, read[latest])
    if again is not None and again <= on:
        return Owed(person, Why.RENEWAL, again, (latest, read[latest]))
    return None


def told_since(rule: UsageRule, readings: Readings) -> dt.date | None:
    """Since when people are to know a rule, whatever its version: since it was put in force, or else first read."""
    put = next((change for change in rule.history if change.verb in {Move.ADOPT, Move.FORBID}), None)
    return readings.first.get(rule.id) if put is None else _day_of(put)


def renewal(rule: UsageRule, read: dt.date) -> dt.date | None:
    """When a rule read on a day is to be read again, by the calendar (31 January and a month: 28 February)."""
    every = rule.communication.renew_every if rule.communication is not None else None
    if every is None:
        return None
    from dateutil.relativedelta import relativedelta

    years, months, weeks, days = (every.get(name, 0) for name in RENEWALS)
    return read + relativedelta(years=years, months=months, weeks=weeks, days=days)


def _latest(rule: UsageRule) -> Change | None:
    """The change that made the rule's version; None: the file does not tell."""
    return next((change for change in rule.history if change.version == rule.version), None)


def _day_of(change: Change | None) -> dt.date | None:
    return None if change is None else change.at.astimezone(dt.UTC).date()


def _notice(rule: UsageRule, owed: Owed, on: dt.date, calendar: WorkCalendar | None) -> Notice:
    due = _due(rule, owed, calendar)
    return Notice(
        rule=rule.id,
        version=rule.version,
        to=owed.person.id,
        why=owed.why,
        title=rule.situation,
        reason=reason(rule, owed.why, owed.since, owed.read, on),
        guidance=None if owed.why is Why.RETIRED else rule.guidance,
        request=request(rule, owed.why, due if due is not None and due >= on else None),
        since=owed.since,
        due=due,
    )


def _due(rule: UsageRule, owed: Owed, calendar: WorkCalendar | None) -> dt.date | None:
    """As long after one should know it as newcomers have to read."""
    within = rule.communication.newcomers_within if rule.communication is not None else None
    if within is None or owed.since is None:
        return None
    # Days are counted here, and the clocks of no place can move them.
    start = (owed.since - _EPOCH).days * DAY
    last = point(within, start, 1, "UTC", owed.person.region, calendar, outer=True)
    return None if last == NEVER else _EPOCH + dt.timedelta(days=last // DAY)
