"""What is to be done about the rules themselves, so that people can go on relying on them."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping

import attrs

from crmusage.model import Acknowledgement, Person, Text
from crmusage.rules import _due_words as words
from crmusage.rules._announce import told_since
from crmusage.rules._audience import TOLD, Readings, audience, checked, day
from crmusage.rules._book import Rulebook
from crmusage.rules._cadence import due_instants
from crmusage.rules._gap import GapReport
from crmusage.rules._lint import lint
from crmusage.rules._rule import Cadence, Status, UsageRule
from crmusage.rules._zone import DAY

LOOKED_AFTER = frozenset({Status.ACTIVE, Status.DRAFT, Status.FORBIDDEN})
"""What somebody decided on, or has to."""
TOLD_AGAIN = 12
"""Months after which a rule that nobody read since is told again, whatever it says itself (guessed: a year brings
enough newcomers and enough forgetting)."""
_UNKEEPABLE = ("RL101", "RL103", "RL2")
"""Findings of lint that leave people no way to keep the rules; the others are about rules that add nothing."""
_EPOCH = dt.date(1970, 1, 1)
_FROM_THE_DAY = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")
"""Parts of a recurrence that say the day; without them it is the day that it is counted from."""


class Task(enum.StrEnum):
    """What is to be done, in the order in which it matters."""

    CONTRADICTION = "contradiction"
    OWNER_LEFT = "owner_left"
    OWNER_UNKNOWN = "owner_unknown"
    NO_OWNER = "no_owner"
    REVIEW = "review"
    NO_DATE = "no_date"
    NOBODY_TO_TELL = "nobody_to_tell"
    NEVER_TOLD = "never_told"
    NOT_TOLD_AGAIN = "not_told_again"
    OPEN_GAP = "open_gap"
    DEAD = "dead"
    TRAINING_WHEELS = "training_wheels"


@attrs.frozen
class Due:
    """One thing to be done about rules."""

    task: Task
    about: tuple[str, ...]
    """Ids of rules; of a gap report for `open_gap`."""
    text: Text
    """What is wrong, and what to do."""
    day: dt.date | None = None
    """By when it was or is to be done, or since when it has been so; None: no day can be told."""

    @property
    def title(self) -> Text:
        """What it is, in a few words."""
        return words.TITLES[self.task]


def due(
    book: Rulebook,
    on: dt.date,
    *,
    people: Iterable[Person] | None = None,
    acknowledgements: Iterable[Acknowledgement] | None = None,
    gaps: Iterable[GapReport] = (),
    dead: Mapping[str, Text] | None = None,
    training_wheels: Mapping[str, Text] | None = None,
    ahead: int = 0,
) -> tuple[Due, ...]:
    """What is to be done about the rules of a book on a day.

    Rules that cannot be kept together; rules whose owner has left, is unknown, or was never named; reviews, as their
    recurrence counts from the last change; rules that nobody read, or nobody in the last year; open gap reports; and
    what a history says of rules, if it is given. What is not given is not looked at: no owner is unknown while
    nobody says who works here.

    Args:
        book: the rules; retired and merely observed ones are left alone.
        on: the day.
        people: who works here. An owner is a person, or a unit or a profile of people.
        acknowledgements: who has read what.
        gaps: what people met and no rule speaks of.
        dead: rules that nothing activates any more, each with what was seen.
        training_wheels: rules that everybody keeps and that change nothing any more, each with what was seen.
        ahead: look so many days ahead for reviews.

    Returns:
        By task, in the order of `Task`, then by day and rule.

    Raises:
        ContractError: when a person is there more than once.
    """
    on = day(on)
    kept = [rule for rule in book if rule.status in LOOKED_AFTER]
    found = list(_contradictions(book))
    for rule in kept:
        found.extend(_reviews(rule, on, on + dt.timedelta(days=ahead)))
    everybody = None if people is None else checked(people)
    for rule in kept:
        found.extend(_owners(rule, everybody, on))
    readings = None if acknowledgements is None else Readings.until(acknowledgements, on)
    for rule in kept:
        if rule.status in TOLD:
            found.extend(_tellings(rule, everybody, readings, on))
    found.extend(
        Due(Task.OPEN_GAP, (report.id,), words.open_gap(report), report.on)
        for report in gaps
        if report.is_open and report.on <= on
    )
    for task, seen in ((Task.DEAD, dead), (Task.TRAINING_WHEELS, training_wheels)):
        found.extend(Due(task, (rule.id,), seen[rule.id]) for rule in kept if seen and rule.id in seen)
    order = list(Task)
    return tuple(sorted(found, key=lambda one: (order.index(one.task), one.day or dt.date.max, one.about)))


def next_review(rule: UsageRule, until: dt.date) -> dt.date | None:
    """The first day after the last change of a rule on which its review is due.

    None: it has none up to and including `until`, or nobody knows when it was changed. A monthly or yearly review that
    does not say its day is never later than the 28th, which every month has.
    """
    if rule.review is None or not rule.history:
        return None
    last = rule.history[-1].at.astimezone(dt.UTC).date()
    parts = dict(part.split("=", 1) for part in rule.review.rrule.split(";"))
    start = last
    if parts["FREQ"] in {"MONTHLY", "YEARLY"} and not any(name in parts for name in _FROM_THE_DAY):
        start = last.replace(day=min(last.day, 28))
    # A day from its midnight to the next.
    midnight = (start - _EPOCH).days * DAY
    end = ((until - _EPOCH).days + 1) * DAY - 1
    for instant in due_instants(Cadence(rule.review.rrule, "review", starts_on=start), midnight, until=end):
        found = _EPOCH + dt.timedelta(days=instant // DAY)
        if found > last:
            return found
    return None


def _contradictions(book: Rulebook) -> Iterator[Due]:
    for finding in lint(book):
        if finding.code.startswith(_UNKEEPABLE):
            yield Due(Task.CONTRADICTION, finding.rules, finding.text)


def _reviews(rule: UsageRule, on: dt.date, until: dt.date) -> Iterator[Due]:
    if rule.review is None:
        return
    if not rule.history:
        yield Due(Task.NO_DATE, (rule.id,), words.no_date())
        return
    when = next_review(rule, until)
    if when is not None:
        yield Due(Task.REVIEW, (rule.id,), words.review(rule, when, on), when)


def _owners(rule: UsageRule, people: tuple[Person, ...] | None, on: dt.date) -> Iterator[Due]:
    owner = rule.owner
    if owner is None:
        yield Due(Task.NO_OWNER, (rule.id,), words.no_owner())
    elif people is not None:
        # A person, or whoever is in a unit or has a profile of that name.
        meant = [one for one in people if owner in (one.id, one.unit, one.profile)]
        if not meant:
            yield Due(Task.OWNER_UNKNOWN, (rule.id,), words.owner_unknown(owner))
        elif all(one.has_left(on) for one in meant):
            left = max(one.ends_on for one in meant if one.ends_on is not None)
            yield Due(Task.OWNER_LEFT, (rule.id,), words.owner_left(owner, left), left)


def _tellings(
    rule: UsageRule, people: tuple[Person, ...] | None, readings: Readings | None, on: dt.date
) -> Iterator[Due]:
    if people is not None and not audience(rule, people, on):
        yield Due(Task.NOBODY_TO_TELL, (rule.id,), words.nobody_to_tell(rule))
        return
    if readings is None:
        return
    last = readings.last.get(rule.id)
    if last is None:
        since = told_since(rule, readings)
        if since is None or since <= on:
            yield Due(Task.NEVER_TOLD, (rule.id,), words.never_told(since), since)
        return
    from dateutil.relativedelta import relativedelta

    again = last + relativedelta(months=TOLD_AGAIN)
    if again <= on:
        yield Due(Task.NOT_TOLD_AGAIN, (rule.id,), words.not_told_again(last), again)
