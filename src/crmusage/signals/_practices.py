"""What a history and its report show of practices of maturity, to be held beside the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from crmusage.history import History, acknowledgements_of, people_of
from crmusage.knowledge import Judged, unusable
from crmusage.maturity import Observation
from crmusage.metrics import contrast, share
from crmusage.model import Measure, Outcome, Period, RuleTally, Text, Undefined, Wording
from crmusage.rules import Rulebook, Status, Task, due
from crmusage.signals._indicators import LEADING_FROM
from crmusage.signals._shares import share_of_persons

MANY_BAD = 0.02
"""One row in fifty that cannot be used: nobody can be looking. Guessed."""
FEW_BAD = 0.002
"""One in five hundred. Guessed."""
KEPT_WITH_CARE = 0.9
"""Rules kept nine times in ten. Guessed."""
KEPT_WITHOUT = 0.6
"""Rules kept less often than this are not asked for. Guessed."""
SLACKER = 0.05
"""Points by which rules may be kept less often than a quarter before. Guessed."""
NEWCOMER = 365
"""Days for which somebody counts as new."""
TOLD_WITHIN = 60
"""Days within which a newcomer should have read a rule; guessed: a month's grace after the starter rulebook's."""
TOLD_FROM, UNTOLD_BELOW = 0.8, 0.5
"""Shares of newcomers. Guessed."""
_DATA = "CU3"
"""Detectors of data that are not what they seem have codes that begin so."""
_DEAD = "CU603"
_NONE_JUDGED = Text("no written rule was judged", "aucune règle écrite n'a été évaluée")
_UNOWNED = (Task.OWNER_LEFT, Task.OWNER_UNKNOWN, Task.NO_OWNER, Task.REVIEW, Task.NO_DATE)


def observations(
    history: History,
    book: Rulebook | None,
    report: Judged | None,
    leading: Measure | Undefined,
    least: int,
) -> tuple[Observation, ...]:
    """What can be seen of the practices that a history can show; each either way, or open with the reason."""
    return (
        _leaders(leading),
        _knowledge_kept(history, least),
        _data_checked(history, report),
        _care(history, report),
        _obsolete(book, report),
        _loop(history, book),
    )


def _leaders(measure: Measure | Undefined) -> Observation:
    return _observed(
        "leaders-lead",
        measure,
        _verdict(measure, LEADING_FROM, LEADING_FROM),
        Text("weeks in which managers use it themselves", "semaines où les managers s'en servent eux-mêmes"),
    )


def _knowledge_kept(history: History, least: int) -> Observation:
    name, on = "newcomers_told", history.as_of.date()
    day = dt.timedelta(days=1)
    new = {
        one.id: one.starts_on
        for one in people_of(history)
        if one.starts_on is not None
        and one.is_human is not False
        and one.is_here(on)
        and TOLD_WITHIN * day <= on - one.starts_on <= NEWCOMER * day
    }
    measure: Measure | Undefined
    if not history.acknowledgements.height:
        measure = Undefined(
            name,
            Text(
                "nobody is recorded to have read a rule (acknowledgements)",
                "aucune prise de connaissance d'une règle n'est enregistrée (acknowledgements)",
            ),
        )
    else:
        told = {
            one.person
            for one in acknowledgements_of(history)
            if one.person in new and one.day <= new[one.person] + TOLD_WITHIN * day
        }
        measure = share_of_persons(name, [one in told for one in new], [1.0] * len(new), least)
    return _observed(
        "knowledge-kept",
        measure,
        _verdict(measure, TOLD_FROM, UNTOLD_BELOW),
        Text(
            f"newcomers of the last year who read a rule within {TOLD_WITHIN} days",
            f"nouveaux de l'année ayant lu une règle dans les {TOLD_WITHIN} jours",
        ),
    )


def _data_checked(history: History, report: Judged | None) -> Observation:
    aside = unusable(history.set_aside)
    lost = sum(one.count for one in aside)
    tables = (history.cases, history.events, history.people, history.sessions, history.acknowledgements)
    rows = sum(table.height for table in tables) + sum(one.count for one in history.set_aside if not one.kept)
    measure = share(min(lost, rows), rows, name="unusable")
    what = Text(
        "rows with something that cannot be used (checks would have found them)",
        "lignes contenant une donnée inutilisable (un contrôle les aurait repérées)",
    )
    found = sorted({one.code for one in report.findings if one.code.startswith(_DATA)}) if report else []
    looked = report is not None and any(
        one.code.startswith(_DATA) and one.outcome is not Outcome.NOT_ASSESSABLE for one in report.assessments
    )
    if found:
        codes = ", ".join(found)
        what = Text(
            f"values that are not what they seem ({codes}); {what.en}",
            f"valeurs trompeuses ({codes}) ; {what.fr}",
        )
    holds: bool | None = None
    if found or (isinstance(measure, Measure) and (measure.low or 0) > MANY_BAD):
        holds = False
    elif looked and isinstance(measure, Measure) and (measure.high or 0) < FEW_BAD:
        holds = True
    return _observed("data-checked", measure, holds, what)


def _care(history: History, report: Judged | None) -> Observation:
    name = "kept"
    what = Text(
        "written rules kept in the last three full months",
        "règles écrites respectées les trois derniers mois pleins",
    )
    rows = (
        () if report is None else [one for one in report.rules if one.unit is None and one.period is not None]
    )
    months = _months_before(history.as_of, 6)
    now, before = _sum(rows, months[:3]), _sum(rows, months[3:])
    measure = share(now[0], now[1], name=name) if now[1] else Undefined(name, _NONE_JUDGED)
    holds: bool | None = None
    if isinstance(measure, Measure) and measure.low is not None and measure.high is not None:
        fallen = contrast(*now, *before)
        slack = not isinstance(fallen, Undefined) and fallen.high < -SLACKER
        if slack and not isinstance(fallen, Undefined):
            points = (
                Wording("en").spread(-fallen.difference, "share"),
                Wording("fr").spread(-fallen.difference, "share"),
            )
            what = Text(
                f"{what.en}, {points[0]} fewer than in the three before",
                f"{what.fr}, {points[1]} de moins que les trois d'avant",
            )
        if slack or measure.high < KEPT_WITHOUT:
            holds = False
        elif measure.low >= KEPT_WITH_CARE and now[1]:
            holds = True
    return _observed("care-asked-for", measure, holds, what)


def _obsolete(book: Rulebook | None, report: Judged | None) -> Observation:
    name = "dead_rules"
    what = Text(
        "written rules that do nothing any more and are still in force",
        "règles écrites sans effet et toujours en vigueur",
    )
    ended = [] if report is None else [one for one in report.assessments if one.code == _DEAD]
    seen = [one for one in ended if one.outcome is not Outcome.NOT_ASSESSABLE]
    judged = set() if report is None else {one.rule for one in report.rules}
    if report is None or not seen or not judged:
        return _observed("obsolete-dropped", Undefined(name, _NONE_JUDGED), None, what)
    dead = {one.rule for one in report.findings if one.code == _DEAD and one.rule}
    measure = Measure(name, len(dead), len(dead), len(judged | dead), unit="count")
    # That nothing is dead now shows only together with what was taken out of force that anything is ever dropped.
    retired = book is not None and any(rule.status is Status.RETIRED for rule in book)
    return _observed("obsolete-dropped", measure, False if dead else True if retired else None, what)


def _loop(history: History, book: Rulebook | None) -> Observation:
    name = "unowned"
    what = Text(
        "written rules without an owner who is here, or with a review overdue",
        "règles écrites sans responsable présent, ou dont la révision est en retard",
    )
    active = [] if book is None else [rule.id for rule in book.active]
    if book is None or not active:
        none = Text("there is no written rule in force", "aucune règle écrite n'est en vigueur")
        return _observed("loop-closed", Undefined(name, none), None, what)
    people = people_of(history) if history.people.height else None
    late = {
        rule
        for one in due(book, history.as_of.date(), people=people)
        if one.task in _UNOWNED
        for rule in one.about
    }
    n = len(late.intersection(active))
    return _observed("loop-closed", Measure(name, n, n, len(active), unit="count"), not n, what)


def _observed(practice: str, measure: Measure | Undefined, holds: bool | None, what: Text) -> Observation:
    if isinstance(measure, Undefined):
        reason = measure.reason
        text = Text(f"{what.en}: not known ({reason.en})", f"{what.fr} : non connu ({reason.fr})")
        return Observation(practice, None, measure, text)
    en, fr = (_value(measure, Wording(lang)) for lang in ("en", "fr"))
    return Observation(practice, holds, measure, Text(f"{what.en}: {en}", f"{what.fr} : {fr}"))


def _value(measure: Measure, w: Wording) -> str:
    value = w.value(measure.value, measure.unit)
    if measure.unit == "count" and measure.denominator is not None:
        return w.pick(
            f"{value} of {w.number(measure.denominator)}", f"{value} sur {w.number(measure.denominator)}"
        )
    if measure.low is None or measure.high is None:
        return value
    ends = w.interval(measure.low, measure.high, measure.unit)
    return w.pick(f"{value} (95% interval {ends})", f"{value} (intervalle à 95 % : {ends})")


def _verdict(measure: Measure | Undefined, enough: float, little: float) -> bool | None:
    if isinstance(measure, Undefined) or measure.low is None or measure.high is None:
        return None
    return True if measure.low >= enough else False if measure.high < little else None


def _sum(rows: Iterable[RuleTally], months: Sequence[Period]) -> tuple[int, int]:
    picked = [one for one in rows if one.period in months]
    return sum(one.fulfilled for one in picked), sum(one.judged for one in picked)


def _months_before(as_of: dt.datetime, n: int) -> list[Period]:
    """The last full months, the latest first."""
    first = (as_of + dt.timedelta(days=1)).date().replace(day=1)
    months = []
    for _ in range(n):
        first = (first - dt.timedelta(days=1)).replace(day=1)
        months.append(Period.month(first.year, first.month))
    return months
